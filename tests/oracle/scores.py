"""Missing values, outliers and frames: an indicator's values → its scores, one region and cycle at a time."""

from collections.abc import Callable, Mapping
from statistics import fmean, median
from typing import Any

from tests.oracle.normalisers import OWN_SCALE, RELATIVE, fraction
from tests.oracle.outliers import Treatment, winsorised
from tests.oracle.world import At, World

Column = Mapping[At, float | None]


class Indicator:
    """One indicator of one world: its values, the treated ones and the scores."""

    def __init__(self, world: World, code: str, values: Column) -> None:
        self.world = world
        self.item = world.definitions.indicators[code]
        self.method = world.definitions.normaliser(code)
        self.missing = world.definitions.missing(code)
        self.values = values
        self.filled = {at: self._filled(at) for at in world.rows}
        self.treated = dict(self.filled)
        if world.definitions.outliers(code).method == "winsorise":
            self.treated = self._winsorised(world.definitions.outliers(code))
        self.scores = {at: None if x is None else self._score(at, x) for at, x in self.treated.items()}

    def _filled(self, at: At) -> float | None:
        if self.values[at] is not None or not self.world.in_force(self.item.valid, at[0]):
            return self.values[at]
        return MISSING[self.missing.method](self, at)

    def _winsorised(self, method: Any) -> dict[At, float | None]:
        """The filled values, each after the treatment that its frame has found."""
        found: dict[tuple[float, ...], Treatment] = {}
        treated: dict[At, float | None] = {}
        for at, value in self.filled.items():
            frame = tuple(self._within(self.filled, at))
            found[frame] = found.get(frame) or winsorised(frame, method)
            treated[at] = None if value is None else found[frame](value)
        return treated

    def of_group(self, at: At, attribute: str | None) -> list[float]:
        """The values that the compared regions of the same cycle and group have."""
        found = [self.values[at[0], region] for region in self.world.group(at[1], attribute)]
        return [value for value in found if value is not None]

    def history(self, region: str) -> list[tuple[int, float]]:
        """The cycles in which a region has a value, the earliest first."""
        found = [(cycle, self.values[cycle, region]) for cycle in self.world.cycles]
        return [(cycle, value) for cycle, value in found if value is not None]

    def frame(self, at: At) -> list[float]:
        """The treated values against which a row is measured."""
        return self._within(self.treated, at)

    def _within(self, column: Column, at: At) -> list[float]:
        cycles = {"cycle": [at[0]], "all": self.world.cycles}.get(self.method.frame)
        if cycles is None:
            cycles = [self.world.calendar.named(self.method.frame)]
        group = self.world.group(at[1], self.item.peers)
        found = [column.get((cycle, region)) for cycle in cycles for region in group]
        return [value for value in found if value is not None]

    def other_peers(self, at: At) -> list[float]:
        """The treated values of the other compared regions of the group in the same cycle."""
        group = [region for region in self.world.group(at[1], self.item.peers) if region != at[1]]
        found = [self.treated[at[0], region] for region in group]
        return [value for value in found if value is not None]

    def reference(self, at: At) -> float | None:
        """The reference region's value in the cycle of the frame."""
        fixed = self.method.frame not in ("cycle", "all")
        cycle = self.world.calendar.named(self.method.frame) if fixed else at[0]
        return self.treated.get((cycle, self.method.reference))

    def _score(self, at: At, x: float) -> float | None:
        """Lower is better: all signs are turned, and the rest is as if higher were."""
        if self.method.method in OWN_SCALE:
            return OWN_SCALE[self.method.method](self, at, x)
        if self.method.method == "fraction_of_max":
            return self.ranged(fraction(self, at, x))
        sign = -1.0 if self.item.better == "lower" else 1.0
        unit = RELATIVE[self.method.method](self, at, sign * x, [sign * value for value in self.frame(at)], sign)
        if unit is None or self.method.method in ("zscore", "rank", "borda"):
            return unit
        return self.ranged(unit)

    def ranged(self, unit: float | None) -> float | None:
        """From a scale of 0 to 1 to the range of scores."""
        low, high = self.method.range
        return None if unit is None else low + unit * (high - low)


def _linear(of: Indicator, at: At) -> float | None:
    known = of.history(at[1])
    before = [point for point in known if point[0] < at[0]]
    after = [point for point in known if point[0] > at[0]]
    if not before or not after:
        return None
    (left, low), (right, high) = before[-1], after[0]
    return low + (high - low) * (at[0] - left) / (right - left)


def _latest(of: Indicator, at: At) -> float | None:
    earlier = [point for point in of.history(at[1]) if point[0] < at[0]]
    if not earlier or (of.missing.max_cycles is not None and at[0] - earlier[-1][0] > of.missing.max_cycles):
        return None
    return earlier[-1][1]


def _statistic(
    function: Callable[[list[float]], float], *, by: bool = False
) -> Callable[[Indicator, At], float | None]:
    def of(indicator: Indicator, at: At) -> float | None:
        values = indicator.of_group(at, indicator.missing.by if by else None)
        return function(values) if values else None

    return of


MISSING: dict[str, Callable[[Indicator, At], float | None]] = {
    "none": lambda of, at: None,
    "mean": _statistic(fmean),
    "median": _statistic(median),
    "group_mean": _statistic(fmean, by=True),
    "group_median": _statistic(median, by=True),
    "latest": _latest,
    "linear": _linear,
    "constant": lambda of, at: of.missing.value,
}
