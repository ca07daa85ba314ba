"""Missing values, frames and normalisers: an indicator's values → its scores, one region and cycle at a time."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from statistics import fmean, median, stdev
from typing import Any

from tests.oracle.world import At, World

Column = Mapping[At, float | None]
TIE = 1e-9


class Indicator:
    """One indicator of one world: its values, the treated ones and the scores."""

    def __init__(self, world: World, code: str, values: Column) -> None:
        self.world = world
        self.item = world.definitions.indicators[code]
        self.method = world.definitions.normaliser(code)
        self.missing = world.definitions.missing(code)
        self.values = values
        self.treated = {at: self._treated(at) for at in world.rows}
        self.scores = {at: None if x is None else self._score(at, x) for at, x in self.treated.items()}

    def _treated(self, at: At) -> float | None:
        if self.values[at] is not None or not self.world.in_force(self.item.valid, at[0]):
            return self.values[at]
        return MISSING[self.missing.method](self, at)

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
        cycles = {"cycle": [at[0]], "all": self.world.cycles}.get(self.method.frame)
        if cycles is None:
            cycles = [self.world.calendar.named(self.method.frame)]
        group = self.world.group(at[1], self.item.peers)
        found = [self.treated.get((cycle, region)) for cycle in cycles for region in group]
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
            return self._ranged(_fraction(self, at, x))
        sign = -1.0 if self.item.better == "lower" else 1.0
        unit = RELATIVE[self.method.method](self, at, sign * x, [sign * value for value in self.frame(at)], sign)
        if unit is None or self.method.method in ("zscore", "rank", "borda"):
            return unit
        return self._ranged(unit)

    def _ranged(self, unit: float | None) -> float | None:
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


def _clipped(unit: float, *, low: float = -math.inf, wanted: bool) -> float:
    return min(max(unit, low), 1.0) if wanted else unit


def _minmax(of: Indicator, at: At, x: float, frame: list[float], sign: float) -> float | None:
    if not frame or min(frame) == max(frame):
        return None
    return _clipped((x - min(frame)) / (max(frame) - min(frame)), low=0.0, wanted=of.method.clip)


def _zscore(of: Indicator, at: At, x: float, frame: list[float], sign: float) -> float | None:
    if not frame or min(frame) == max(frame):
        return None
    return (x - fmean(frame)) / stdev(frame) * of.method.sd + of.method.mean


def _target(of: Indicator, at: At, x: float, frame: list[float], sign: float) -> float | None:
    if not frame or sign * of.method.target == min(frame):
        return None
    return _clipped((x - min(frame)) / (sign * of.method.target - min(frame)), wanted=of.method.clip)


def _reference(of: Indicator, at: At, x: float, frame: list[float], sign: float) -> float | None:
    reference = of.reference(at)
    if not frame or reference is None or sign * reference == min(frame):
        return None
    reference *= sign
    return _clipped(1.0 - (reference - x) / (reference - min(frame)), wanted=of.method.clip)


def _rank(of: Indicator, at: At, x: float, frame: list[float], sign: float) -> float | None:
    return float(place_from_worst(x, frame)) if frame else None


def _borda(of: Indicator, at: At, x: float, frame: list[float], sign: float) -> float | None:
    return place_from_worst(x, frame) - 1.0 if frame else None


def _percentile(of: Indicator, at: At, x: float, frame: list[float], sign: float) -> float | None:
    return (place_from_worst(x, frame) - 1.0) / (len(frame) - 1.0) if len(frame) > 1 else None


def place_from_worst(x: float, frame: Sequence[float]) -> int:
    """1 + how many of the frame are clearly below x; those tied to x through a chain of ties are not below it."""
    # Where all are equal but for the last digits, the spread is nothing but rounding.
    near = max(TIE * (max(frame) - min(frame)), 16.0 * math.ulp(max(map(abs, frame))))
    bottom = x
    for value in sorted(frame, reverse=True):
        if value < bottom and (bottom - value) < near:
            bottom = value
    return 1 + sum(value < bottom for value in frame)


RELATIVE: dict[str, Callable[[Indicator, At, float, list[float], float], float | None]] = {
    "minmax": _minmax,
    "zscore": _zscore,
    "rank": _rank,
    "borda": _borda,
    "percentile_rank": _percentile,
    "distance_to_target": _target,
    "distance_to_reference": _reference,
}


def _fraction(of: Indicator, at: At, x: float) -> float | None:
    frame = of.frame(at)
    if not frame:
        return None
    top, bottom = (min(frame), x) if of.item.better == "lower" else (x, max(frame))
    return None if bottom == 0.0 else top / bottom


def _goalposts(of: Indicator, at: At, x: float) -> float | None:
    worst, best = of.method.worst, of.method.best
    if of.method.log:
        if x <= 0.0:
            return None
        x, worst, best = math.log(x), math.log(worst), math.log(best)
    return of._ranged(_clipped((x - worst) / (best - worst), low=0.0, wanted=of.method.clip))


def _through(x: float, points: Sequence[tuple[float, float]]) -> float:
    """The line through points in order, flat outside them."""
    if x <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if x <= right:
            return low + (high - low) * (x - left) / (right - left)
    return points[-1][1]


def _steps(of: Indicator, at: At, x: float) -> float | None:
    relative: float | None = 1.0
    if of.method.relative_to == "previous":
        relative = of.treated.get((at[0] - 1, at[1]))
    elif of.method.relative_to != "none":
        others = of.other_peers(at)
        statistic = fmean if of.method.relative_to == "peers_mean" else median
        relative = statistic(others) if others else None
    if not relative:
        return None
    return next((score for up_to, score in of.method.steps if x / relative <= up_to), of.method.above)


def _limits(of: Indicator, at: At, x: float) -> float:
    method = of.method
    worse = x > method.binding if of.item.better == "lower" else x < method.binding
    points = sorted(zip((method.binding, method.current, method.leading), method.scores, strict=True))
    return 0.0 if worse else _through(x, points)


def _band(of: Indicator, at: At, x: float) -> float:
    (least, most), (low, high), (bottom, top) = of.method.worst, of.method.best, of.method.range
    if x < least or x > most:
        return bottom
    if x < low:
        return bottom + (top - bottom) * (x - least) / (low - least)
    return bottom + (top - bottom) * (most - x) / (most - high) if x > high else top


# These have numbers of their own in the indicator's unit, so that no sign is turned.
OWN_SCALE: dict[str, Callable[[Indicator, At, float], float | None]] = {
    "goalposts": _goalposts,
    "piecewise": lambda of, at, x: _through(x, of.method.points),
    "steps": _steps,
    "limits": _limits,
    "band": _band,
}

# The flag of a value that could not be scored.
REASON: dict[str, Any] = {
    "minmax": "constant",
    "zscore": "constant",
    "distance_to_target": "constant",
    "distance_to_reference": "constant",
    "percentile_rank": "single_region",
    "fraction_of_max": "zero_division",
    "goalposts": "undefined",
    "steps": "no_comparison",
    "rank": "empty_frame",
    "borda": "empty_frame",
}
