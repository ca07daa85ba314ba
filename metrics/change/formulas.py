"""Values between two points: a formula with a region's own numbers of one side, factors and others of another."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from metrics.change.coalitions import Vector
from metrics.change.points import Point
from metrics.definitions import Definitions, formulas_of
from metrics.formula import Formula
from metrics.regions import Regions
from metrics.syntax import Call, Code, Tree, parts_of, rewritten, walk
from metrics.values import Cells, Rows, compute, functions

_OTHERS, _HISTORY = frozenset(("peers_mean", "peers_median")), frozenset(("previous", "at", "change"))


@dataclass(frozen=True, eq=False)
class Mixture:
    """Where the numbers of a formula are from: the region's own, the factors, and the other regions' means.

    What a formula takes from another cycle is the region's own, whatever it is made of.
    """

    own: Point
    factors: Point
    others: Point

    def value(self, code: str) -> Vector:
        """An indicator's (or derived variable's) value, a region each; NaN where there is none."""
        values = self._cells(code).value.cast(pl.Float64).to_numpy() * self._definitions.conversion(code)
        there = _taken(self.own, self.own.card.known[code].value).value.is_not_null().to_numpy()
        found: Vector = np.where(np.isfinite(values) & there, values, np.nan)
        return found

    @property
    def _definitions(self) -> Definitions:
        return self.own.card.definitions

    @cached_property
    def _rows(self) -> Rows:
        regions = pl.DataFrame({"code": self.own.regions}, schema={"code": pl.String}).with_columns(
            compared=pl.lit(True)
        )
        return Rows(self.own.card.rows.cycles[:1], Regions(regions), self.own.card.rows.calendar)

    def _cells(self, code: str) -> Cells:
        formula = _formulas(self._definitions)[code]
        peers = getattr(self._definitions.indicators.get(code), "peers", None)
        read: dict[str, Cells] = {}

        def named(part: Tree) -> Tree | None:
            """What is read elsewhere gets a name of its own, which no code can have."""
            if not isinstance(part, Call) or part.name not in _OTHERS | _HISTORY:
                return None
            point = self.others if part.name in _OTHERS else self.own
            name = f"{len(read)} {part.name}"
            read[name] = _taken(point, compute(part, point.card.known, point.card.rows, peers=peers).value)
            return Code(name)

        tree = rewritten(formula.tree, named)
        found = walk(tree, code=lambda name: read.get(name) or self._code(name), functions=functions(self._rows, peers))
        return found if isinstance(found, Cells) else Cells(pl.repeat(float(found), len(self.own.regions), eager=True))

    def _code(self, code: str) -> Cells:
        if code in self._definitions.factors:
            return _taken(self.factors, self.factors.card.known[code].value)
        if code in _formulas(self._definitions) and (
            factors_in(self._definitions, code) or looks_at_others(self._definitions, code)
        ):
            return Cells(pl.Series(self.value(code)).fill_nan(None))
        return _taken(self.own, self.own.card.known[code].value)


def _taken(point: Point, column: pl.Series) -> Cells:
    return Cells(pl.Series(point.of_cycle(column.cast(pl.Float64).to_numpy())).fill_nan(None))


def _formulas(definitions: Definitions) -> dict[str, Formula]:
    return formulas_of(definitions.variables, definitions.indicators)


def _here(tree: Tree) -> Tree:
    """The tree without what is read elsewhere."""
    elsewhere = _OTHERS | _HISTORY
    return rewritten(tree, lambda part: Code("") if isinstance(part, Call) and part.name in elsewhere else None)


def factors_in(definitions: Definitions, code: str) -> frozenset[str]:
    """The factors that a formula rests on, in the cycle itself."""
    formula = _formulas(definitions).get(code)
    if formula is None:
        return frozenset((code,)) & definitions.factors.keys()
    names = {part.name for part in parts_of(_here(formula.tree)) if isinstance(part, Code)}
    return frozenset().union(*(factors_in(definitions, name) for name in names))


def looks_at_others(definitions: Definitions, code: str) -> bool:
    """Whether a formula reads the mean or median of other regions, in the cycle itself."""
    formula = _formulas(definitions).get(code)
    if formula is None:
        return False
    own = any(isinstance(part, Call) and part.name in _OTHERS for part in parts_of(formula.tree))
    names = {part.name for part in parts_of(_here(formula.tree)) if isinstance(part, Code)}
    return own or any(looks_at_others(definitions, name) for name in names)
