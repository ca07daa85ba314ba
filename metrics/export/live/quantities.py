"""Quantities: what was reported, factors, and every formula of the definitions, in the order in which they rest on
one another."""

from collections.abc import Sequence

from metrics.export.live.formulas import Piece, condition, literal, outcome
from metrics.export.live.grid import FIRST_ROW, Cell, Held, Line, Row, called, fits, spans
from metrics.export.live.words import HELD, SECTIONS, word
from metrics.export.live.world import World
from metrics.periods import PeriodError
from metrics.syntax import ROW, Call, Code, Number, Period, Tree, rewritten, without_change
from metrics.values import compute
from metrics.written import written

# Stands for what no cycle of the scorecard holds; no code has a blank in it.
_NOWHERE = Code(" ")


def given(world: World) -> None:
    """The lines that hold what was reported in the cycle, and the factors in force."""
    if any(variable.absent == "zero" for variable in world.card.definitions.variables.values()):
        world.calculation.add(Line("head", word(SECTIONS, "zero", world.lang)))
    definitions, lang = world.card.definitions, world.lang
    parts = (("raw", definitions.raw, "raw"), ("factors", tuple(definitions.factors), "factor"))
    for section, codes, step in parts:
        if codes:
            world.given.add(Line("head", word(SECTIONS, section, lang)))
        for code in codes:
            values = world.values(world.known[code].value)
            world.input(code, world.cycle, world.step(step), values)


def formula_line(world: World, code: str, step: str) -> Row:
    """The line of a derived variable or an indicator: its formula, in the declared unit."""
    item = world.card.definitions.indicators.get(code) or world.card.definitions.variables[code]
    assert item.formula is not None  # only codes with formulas have a line of it
    values, unit = world.values(world.known[code].value), item.unit
    valid = item.valid
    if valid is not None and not valid.holds(world.card.rows.calendar.last(world.cycle)):
        texts = ['""'] * len(values)
    else:
        peers = getattr(item, "peers", None)
        times = world.card.definitions.conversion(code)
        texts = outcomes(world, code, item.formula.tree, peers=peers, times=times)
    return kept(world, step, code, texts, values, unit=unit, told=item.formula.text)


def kept(
    world: World, step: str, code: str, texts: Sequence[str], values: Sequence[Cell], *, of: Row | None = None,
    **more: str,
) -> Row:  # fmt: skip
    """The line as formulas, or as the numbers that it came to where one is more than a spreadsheet holds: each as long
    as there is a number in the line that it is `of`."""
    if all(map(fits, texts)):
        return world.line(step, code, texts, values, **more)
    world.stays(code, "too_long")
    return world.line(step, code, () if of is None else held_by(world, of, values), values, **more)


def held_by(world: World, row: Row, values: Sequence[Cell]) -> list[str]:
    """The numbers as scored, each as long as there is a number in the line that it rests on."""
    tests = [f"ISNUMBER({row.at(at)})" for at in range(len(values))]
    return held(world, values, tests, world.calculation.lines[row.number - FIRST_ROW].values)


def held(world: World, values: Sequence[Cell], tests: Sequence[str], before: Sequence[Cell]) -> list[str]:
    """The numbers as scored, each as long as its test holds; what was not there `before` has none, and is told so."""
    later = word(HELD, "later", world.lang)
    return [
        Held(f'IF({test},{literal(float(value))},"")')
        if value is not None
        else f'IF({test},"{later}","")'
        if was is None
        else '""'
        for value, test, was in zip(values, tests, before, strict=True)
    ]


def outcomes(world: World, code: str, tree: Tree, *, peers: str | None = None, times: float = 1.0) -> list[str]:
    """A code's formula for each region."""
    found = _Compiler(world, code, peers)
    ready = found.placed(without_change(tree), world.cycle)
    return [outcome(ready, found.codes(column), times=times) for column in range(len(world.columns))]


def conditions(world: World, code: str, tree: Tree) -> list[str]:
    """Whether a rule's condition holds, for each region."""
    if isinstance(tree, Call) and tree.name == ROW:
        return [str(int(bool(met))) for met in world.values(compute(tree, {}, world.card.rows).value)]
    found = _Compiler(world, code, None)
    ready = found.placed(without_change(tree), world.cycle)
    return [condition(ready, found.codes(column)) for column in range(len(world.columns))]


class _Compiler:
    """Puts cells in the place of codes: of the cycle that is meant, or of the other regions of the group."""

    def __init__(self, world: World, owner: str, peers: str | None) -> None:
        self.world, self.owner, self.peers = world, owner, peers
        self.others: list[tuple[str, Row]] = []

    def placed(self, tree: Tree, cycle: int) -> Tree:
        """The tree with every code by its name and cycle, and peers' statistics by number."""
        if cycle not in self.world.card.rows.cycles:
            return _NOWHERE

        def change(part: Tree) -> Tree | None:
            if isinstance(part, Code):
                return Code(f"{part.name} {cycle}")
            if not isinstance(part, Call):
                return None
            if part.name in ("previous", "at"):
                return self.placed(part.args[0], self._cycle(part, cycle))
            if part.name in ("peers_mean", "peers_median"):
                self.others.append((part.name, self._row(part.args[0], cycle)))
                return Code(f" {len(self.others) - 1}")
            return None

        return rewritten(tree, change)

    def _cycle(self, part: Call, cycle: int) -> int:
        where = part.args[1] if len(part.args) > 1 else Number(1.0)
        if isinstance(where, Number):
            return cycle - int(where.value)
        assert isinstance(where, Period)  # at(x, 2020)
        try:
            return self.world.card.rows.calendar.named(where.text)
        except PeriodError:
            return min(self.world.card.rows.cycles) - 1

    def _row(self, tree: Tree, cycle: int) -> Row:
        """Where all regions' values of a piece stand; a line of its own where it is no code."""
        world = self.world
        if isinstance(tree, Code):
            return self._spot(tree.name, cycle)
        inner = _Compiler(world, self.owner, self.peers)
        ready = inner.placed(tree, cycle)
        texts = [outcome(ready, inner.codes(column)) for column in range(len(world.columns))]
        values = world.values(compute(tree, world.known, world.card.rows, peers=self.peers).value, cycle)
        return kept(world, "helper", self.owner, texts, values, name=written(tree))

    def _spot(self, code: str, cycle: int) -> Row:
        return self.world.spots[code, cycle] if cycle == self.world.cycle else self.world.earlier(code, cycle)

    def codes(self, column: int) -> "_Codes":
        """Codes of the placed tree as cells of a region."""
        return _Codes(self, column)


class _Codes:
    def __init__(self, of: _Compiler, column: int) -> None:
        self.of, self.column = of, column

    def __call__(self, name: str) -> Piece:
        code, _, number = name.partition(" ")
        if not number:
            return Piece("NA()")
        world = self.of.world
        if not code:
            statistic, row = self.of.others[int(number)]
            among = [at for at in world.group(self.of.peers, self.column) if at != self.column]
            return Piece(others(statistic, row, among, world))
        row = self.of._spot(code, int(number))
        cell = seen(row, self.column, world)
        return Piece(cell, needs=(cell,))


def others(statistic: str, row: Row, among: Sequence[int], world: World) -> str:
    """The mean or median of other regions' cells."""
    before = "" if row.title == world.calculation.title else f"'{row.title}'!"
    ranges = [f"{before}{part}" for part in spans(row, among)]
    return called({"peers_mean": "AVERAGE", "peers_median": "MEDIAN"}[statistic], ranges)


def seen(row: Row, column: int, world: World) -> str:
    """A region's cell as the calculation sees it."""
    return row.at(column) if row.title == world.calculation.title else row.afar(column)
