"""Courses: the values of one indicator at which a region's score may turn or jump, and how far there is to go."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from metrics.methods import (
    FIXED,
    Band,
    DistanceToReference,
    DistanceToTarget,
    Goalposts,
    Limits,
    Method,
    Piecewise,
    Steps,
)
from metrics.models import Between
from metrics.scorecard import Scorecard
from metrics.shadows import reported_values, shadow_scores
from metrics.syntax import Number, codes_of, parts_of

# Scores that jump from one value to the next.
STEPWISE = frozenset(("steps", "rank", "borda", "percentile_rank"))
BY_RANK = STEPWISE - {"steps"}
# Into how many pieces a curved score (a logarithm, a quotient, a treated value) is cut.
PIECES = 48
# Of a value: how far beyond it a score is looked at that jumps there. Ties of ranks reach to 1e-9 of the spread.
_JUST_BEYOND, _BEYOND_TIES = 1e-9, 1e-8


@dataclass(frozen=True)
class Course:
    """One indicator of one region and cycle, in reported values (where there is none, in the one that stands in)."""

    card: Scorecard
    region: str
    period: str
    code: str

    @property
    def method(self) -> Method:
        """The indicator's normaliser."""
        return self.card.definitions.normaliser(self.code)

    @property
    def better(self) -> Any:
        """What the definition says is better."""
        return self.card.definitions.indicators[self.code].better

    @cached_property
    def _at(self) -> int:
        return self.card.row_of(self.region, self.period)

    @cached_property
    def _values(self) -> pl.Series:
        return reported_values(self.card, self.code)

    @cached_property
    def now(self) -> float:
        """The present value."""
        return float(self._values[self._at])

    @cached_property
    def _group(self) -> pl.DataFrame:
        """The values (`x`) of the compared regions of the region's peer group, by row (`at`) and cycle."""
        peers = self.card.definitions.indicators[self.code].peers
        rows = self.card.rows.frame.select("cycle", "compared", group=peers or pl.lit(None, pl.String), x=self._values)
        own = rows["group"][self._at]
        return rows.with_row_index("at").filter("compared", pl.col("group").eq_missing(own)).drop_nulls("x")

    @cached_property
    def peers(self) -> pl.Series:
        """The values of the peer group in the cycle, the region's own among them where it is compared."""
        return self._group.filter(pl.col("cycle") == self.card.rows.frame["cycle"][self._at])["x"]

    @cached_property
    def spread(self) -> float:
        """The standard deviation of the peers' values; without one, the present value."""
        found = self.peers.std()
        return float(found) if isinstance(found, float) and found > 0.0 else abs(self.now) or 1.0

    def around(self, values: list[float]) -> list[float]:
        """The values and those just below and above each, where a score that jumps has jumped."""
        return [value + sign * self.beyond(value) for value in values for sign in (-1.0, 0.0, 1.0)]

    def beyond(self, value: float) -> float:
        """How far from a value one that is just beyond it lies."""
        if self.method.method not in BY_RANK:
            return _JUST_BEYOND * (abs(value) or self.spread)
        known = [self.now, *self.peers.to_list()]
        return _BEYOND_TIES * (max(map(abs, known)) or 1.0)

    @property
    def curved(self) -> bool:
        """Whether the score does not run in lines, or jump, between its known turns alone."""
        definitions, method = self.card.definitions, self.method.method
        treated = definitions.outliers(self.code).method != "none"
        # What stands in for others' values moves along, and with it the frame.
        imputed = definitions.missing(self.code).method not in ("none", "constant") and method not in FIXED
        quotient = method == "fraction_of_max" and self.better == "lower"
        # Ranks among more than the cycle's values jump at more of them than are looked at.
        pooled = method in BY_RANK and self.method.frame != "cycle"
        logarithm = bool(getattr(self.method, "log", False))
        return treated or imputed or quotient or pooled or logarithm or method == "zscore"

    def scores(self, values: list[float]) -> list[float | None]:
        """The score of each value (`shadows.shadow_scores`)."""
        return shadow_scores(self.card, self.region, self.period, self.code, values)

    def turns(self, end: float) -> list[float]:
        """The values between the present one and an end at which the score's course may turn or jump, in order."""
        found = [end, *self._numbers(), *self._frame()]
        if self.method.method in BY_RANK:
            found += self.peers.to_list()
        if isinstance(self.method, Limits | Steps) or self.method.method in BY_RANK:
            found = self.around(found)
        if self.curved:
            found += self.peers.to_list()
            even = np.geomspace if min(self.now, end) > 0.0 else np.linspace
            found += even(self.now, end, PIECES).tolist()
        return [value for value in found if min(self.now, end) <= value <= max(self.now, end)]

    def ends(self, *, worse: bool) -> list[float]:
        """How far the value may go: to the best peer's or into the band; or, getting worse, to the worst there is.

        The worst is what a peer has, the definition names or a rule asks about. Getting worse leads out of a band on
        both sides.
        """
        known = [self.now, *self.peers.to_list()]
        if getattr(self.method, "log", False) or self.method.method == "fraction_of_max":
            known = [value for value in known if value > 0.0]
        if not worse:
            return [self._best(known)]
        known += [*self._numbers(), *self.asked()]
        if not isinstance(self.better, Between):
            return [min(known) if self.better == "higher" else max(known)]
        low, high = self._band()
        return [*([min(known)] if self.now <= high else []), *([max(known)] if self.now >= low else [])]

    def _best(self, known: list[float]) -> float:
        if isinstance(self.better, Between):
            low, high = self._band()
            return min(max(self.now, low), high)
        return max(known) if self.better == "higher" else min(known)

    def _band(self) -> tuple[float, float]:
        return self.method.best if isinstance(self.method, Band) else self.better.between

    def asked(self) -> list[float]:
        """The numbers in those rules that ask about this indicator, and the values just beyond them."""
        trees = [rule.when.tree for rule in self.card.definitions.rules]
        about = [tree for tree in trees if any(code.name == self.code for code in codes_of(tree))]
        return self.around([part.value for tree in about for part in parts_of(tree) if isinstance(part, Number)])

    def _numbers(self) -> list[float]:
        """The values that the method names, in the indicator's unit."""
        method = self.method
        if isinstance(method, Goalposts):
            return [method.worst, method.best]
        if isinstance(method, Limits):
            return [method.binding, method.current, method.leading]
        if isinstance(method, Piecewise):
            return [value for value, _ in method.points]
        if isinstance(method, Steps):
            relative = self._relative(method)
            return [] if relative is None else [up_to * relative for up_to, _ in method.steps]
        if isinstance(method, DistanceToTarget):
            return [method.target]
        return [*method.worst, *method.best] if isinstance(method, Band) else []

    def _frame(self) -> Iterable[float]:
        """Where the frame's own ends begin to move along, and what is measured against: a reference's value."""
        frame, rows = self.method.frame, self.card.rows
        others = self._group.filter(pl.col("at") != self._at)
        if frame != "all":
            cycle = rows.frame["cycle"][self._at] if frame == "cycle" else rows.calendar.named(frame)
            others = others.filter(pl.col("cycle") == cycle)
        ends = [others["x"].min(), others["x"].max()]
        if isinstance(self.method, DistanceToReference):
            of_reference = rows.frame.with_columns(x=self._values).filter(pl.col("region") == self.method.reference)
            ends += of_reference["x"].to_list()
        return [float(end) for end in ends if end is not None]  # type: ignore[arg-type]

    def _relative(self, method: Steps) -> float | None:
        rows = self.card.rows
        if method.relative_to == "none":
            return 1.0
        if method.relative_to == "previous":
            earlier: float | None = rows.shifted(self._values, 1)[self._at]
            return earlier
        statistic = method.relative_to.removeprefix("peers_")
        others: float | None = rows.others(self._values, self.card.definitions.indicators[self.code].peers, statistic)[
            self._at
        ]
        return others
