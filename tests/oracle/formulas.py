"""Formulas: every factor, variable and indicator as one cell per cycle and region."""

import math
from collections.abc import Callable, Sequence
from statistics import fmean, median
from typing import Any

from metrics.definitions import formulas_of
from metrics.models import Factor
from metrics.syntax import Call, Code, Number, Tree
from tests.oracle.normalisers import same
from tests.oracle.rollup import RollUp
from tests.oracle.world import At, Cell, World

EMPTY = Cell(None)


class Values:
    """Cells of every code of one world, computed when they are asked for; `extra` are cells that rules may name."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.raw = RollUp(world)
        self.formulas = formulas_of(world.definitions.variables, world.definitions.indicators)
        self.known: dict[tuple[str, At], Cell] = {}
        self.extra: dict[str, dict[At, Cell]] = {}

    def cell(self, code: str, at: At) -> Cell:
        """The cell of a code; empty in a cycle that no fact names."""
        if at[0] not in self.world.cycles:
            return EMPTY
        if code in self.extra:
            return self.extra[code][at]
        if (code, at) not in self.known:
            self.known[code, at] = self._cell(code, at)
        return self.known[code, at]

    def _cell(self, code: str, at: At) -> Cell:
        definitions = self.world.definitions
        if code in definitions.factors:
            return Cell(self._factor(definitions.factors[code], at))
        if code not in self.formulas:
            return self.raw.cell(code, at)
        item = definitions.indicators.get(code) or definitions.variables[code]
        if not self.world.in_force(item.valid, at[0]):
            return Cell(None, frozenset({"not_in_force"}))
        found = self.compute(self.formulas[code].tree, at, getattr(item, "peers", None))
        factor = definitions.conversion(code)
        return found if found.value is None else Cell(found.value * factor, found.flags)

    def _factor(self, factor: Factor, at: At) -> float | None:
        """The last value that began by the cycle's last day: the region's, its parents', the default."""
        begun = [entry for entry in factor.values if entry.start <= self.world.calendar.last_day(at[0])]
        if not begun:
            return None
        newest = max(begun, key=lambda entry: entry.start)
        for region in self.world.upwards(at[1]):
            if region in newest.regions:
                return newest.regions[region]
        return newest.default

    def compute(self, tree: Tree, at: At, peers: str | None = None) -> Cell:
        """A formula's tree in one cycle and region."""
        if isinstance(tree, Number):
            return Cell(tree.value)
        if isinstance(tree, Code):
            return self.cell(tree.name, at)
        assert isinstance(tree, Call)
        if tree.name in _ELSEWHERE:
            return _ELSEWHERE[tree.name](self, tree, at, peers)
        args = [self.compute(argument, at, peers) for argument in tree.args]
        if tree.name in _CHOICES:
            return _CHOICES[tree.name](args)
        return _arithmetic(_ARITHMETIC[tree.name], args)

    def moved(self, tree: Tree, cycle: int, at: At, peers: str | None) -> Cell:
        """The tree in another cycle of the same region."""
        return self.compute(tree, (cycle, at[1]), peers) if cycle in self.world.cycles else EMPTY

    def previous(self, call: Call, at: At, peers: str | None) -> Cell:
        """The value some cycles earlier."""
        back = int(call.args[1].value) if len(call.args) > 1 else 1  # type: ignore[union-attr]
        return self.moved(call.args[0], at[0] - back, at, peers)

    def fixed(self, call: Call, at: At, peers: str | None) -> Cell:
        """The value in a named cycle."""
        cycle = self.world.calendar.named(call.args[1].text)  # type: ignore[union-attr]
        return self.moved(call.args[0], cycle, at, peers)

    def change(self, call: Call, at: At, peers: str | None) -> Cell:
        """x / previous(x) − 1."""
        now, before = self.compute(call.args[0], at, peers), self.moved(call.args[0], at[0] - 1, at, peers)
        return _arithmetic(lambda x, y: x / y - 1.0, [now, before])

    def others(self, call: Call, at: At, peers: str | None, statistic: Callable[[Sequence[float]], float]) -> Cell:
        """A statistic of the compared regions of the group, the region itself left out."""
        group = [code for code in self.world.group(at[1], peers) if code != at[1]]
        values = [self.compute(call.args[0], (at[0], code), peers).value for code in group]
        known = [float(value) for value in values if value is not None]
        return Cell(statistic(known)) if known else EMPTY


_ELSEWHERE: dict[str, Callable[[Values, Call, At, str | None], Cell]] = {
    "previous": Values.previous,
    "at": Values.fixed,
    "change": Values.change,
    "peers_mean": lambda values, call, at, peers: values.others(call, at, peers, fmean),
    "peers_median": lambda values, call, at, peers: values.others(call, at, peers, median),
}


def _flags(args: Sequence[Cell]) -> frozenset[str]:
    return frozenset().union(*(arg.flags for arg in args))


def _arithmetic(function: Callable[..., Any], args: Sequence[Cell]) -> Cell:
    """Null in, null out; what has no finite value is null and says why."""
    flags = _flags(args)
    if any(arg.value is None for arg in args):
        return Cell(None, flags)
    try:
        value = function(*(arg.value for arg in args))
    except ZeroDivisionError:
        return Cell(None, flags | {"zero_division"})
    except OverflowError:
        return Cell(None, flags | {"infinite"})
    except ValueError:
        return Cell(None, flags | {"undefined"})
    if isinstance(value, complex) or math.isnan(value):
        return Cell(None, flags | {"undefined"})
    return Cell(None, flags | {"infinite"}) if math.isinf(value) else Cell(value, flags)


_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "neg": lambda a: -a,
    "abs": abs,
    "sqrt": math.sqrt,
    "ln": math.log,
    "exp": math.exp,
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
    "clip": lambda x, low, high: min(max(x, low), high),
    "<": lambda a, b: a < b and not same(a, b),
    "<=": lambda a, b: a <= b or same(a, b),
    ">": lambda a, b: a > b and not same(a, b),
    ">=": lambda a, b: a >= b or same(a, b),
    "==": lambda a, b: same(a, b),
    "!=": lambda a, b: not same(a, b),
    "not": lambda a: not a,
}


def _coalesce(args: Sequence[Cell]) -> Cell:
    first, second = args
    if first.value is not None:
        return first
    return second if second.value is not None else Cell(None, first.flags | second.flags)


def _where(args: Sequence[Cell]) -> Cell:
    """The branch that is taken, with the flags of the condition; an unknown condition takes none."""
    condition, yes, no = args
    if condition.value is None:
        return Cell(None, condition.flags)
    taken = yes if condition.value else no
    return Cell(taken.value, condition.flags | taken.flags)


def _decided(by: bool) -> Callable[[Sequence[Cell]], Cell]:
    """`and` is decided by a false side, `or` by a true one, whatever the other side is."""

    def of(args: Sequence[Cell]) -> Cell:
        sides = [arg.value for arg in args]
        value = by if by in sides else None if None in sides else not by
        return Cell(value, _flags(args))

    return of


_CHOICES: dict[str, Callable[[Sequence[Cell]], Cell]] = {
    "coalesce": _coalesce,
    "where": _where,
    "present": lambda args: Cell(args[0].value is not None),
    "and": _decided(by=False),
    "or": _decided(by=True),
}
