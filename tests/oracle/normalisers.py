"""Normalisers: a value and the frame it is measured against → a score."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import fmean, median, stdev
from typing import TYPE_CHECKING

from tests.oracle.world import At

if TYPE_CHECKING:
    from tests.oracle.scores import Indicator

TIE = 1e-9


def _clipped(unit: float, *, low: float = -math.inf, wanted: bool) -> float:
    return min(max(unit, low), 1.0) if wanted else unit


def same(one: float, other: float) -> bool:
    """Whether nothing but the last digits tells two values apart."""
    return abs(one - other) <= 16.0 * math.ulp(max(abs(one), abs(other))) / 4.0 or one == other


def _ahead(goal: float, frame: Sequence[float]) -> bool:
    """Whether a goal is better than the worst of the frame, so that scores rise towards it."""
    return goal > min(frame) and not same(goal, min(frame))


def _minmax(of: "Indicator", at: At, x: float, frame: list[float], sign: float) -> float | None:
    if not frame or same(min(frame), max(frame)):
        return None
    return _clipped((x - min(frame)) / (max(frame) - min(frame)), low=0.0, wanted=of.method.clip)


def _zscore(of: "Indicator", at: At, x: float, frame: list[float], sign: float) -> float | None:
    if not frame or same(min(frame), max(frame)):
        return None
    return (x - fmean(frame)) / stdev(frame) * of.method.sd + of.method.mean


def _target(of: "Indicator", at: At, x: float, frame: list[float], sign: float) -> float | None:
    if not frame or not _ahead(sign * of.method.target, frame):
        return None
    return _clipped((x - min(frame)) / (sign * of.method.target - min(frame)), wanted=of.method.clip)


def _reference(of: "Indicator", at: At, x: float, frame: list[float], sign: float) -> float | None:
    reference = of.reference(at)
    if not frame or reference is None or not _ahead(sign * reference, frame):
        return None
    reference *= sign
    return _clipped(1.0 - (reference - x) / (reference - min(frame)), wanted=of.method.clip)


def _rank(of: "Indicator", at: At, x: float, frame: list[float], sign: float) -> float | None:
    return float(place_from_worst(x, frame)) if frame else None


def _borda(of: "Indicator", at: At, x: float, frame: list[float], sign: float) -> float | None:
    return place_from_worst(x, frame) - 1.0 if frame else None


def _percentile(of: "Indicator", at: At, x: float, frame: list[float], sign: float) -> float | None:
    return min((place_from_worst(x, frame) - 1.0) / (len(frame) - 1.0), 1.0) if len(frame) > 1 else None


def place_from_worst(x: float, frame: Sequence[float]) -> int:
    """1 + how many of the frame are clearly below x; those tied to x through a chain of ties are not below it."""
    # Where all are equal but for the last digits, the spread is nothing but rounding.
    near = max(TIE * (max(frame) - min(frame)), 16.0 * math.ulp(max(map(abs, frame))))
    bottom = x
    for value in sorted(frame, reverse=True):
        if value < bottom and (bottom - value) < near:
            bottom = value
    return 1 + sum(value < bottom for value in frame)


RELATIVE: dict[str, Callable[["Indicator", At, float, list[float], float], float | None]] = {
    "minmax": _minmax,
    "zscore": _zscore,
    "rank": _rank,
    "borda": _borda,
    "percentile_rank": _percentile,
    "distance_to_target": _target,
    "distance_to_reference": _reference,
}


def fraction(of: "Indicator", at: At, x: float) -> float | None:
    """x/max, or min/x where lower is better."""
    frame = of.frame(at)
    if not frame:
        return None
    top, bottom = (min(frame), x) if of.item.better == "lower" else (x, max(frame))
    return min(top / bottom, 1.0) if bottom > 0.0 else None


def _goalposts(of: "Indicator", at: At, x: float) -> float | None:
    worst, best = of.method.worst, of.method.best
    if of.method.log:
        if x <= 0.0:
            return None
        x, worst, best = math.log(x), math.log(worst), math.log(best)
    return of.ranged(_clipped((x - worst) / (best - worst), low=0.0, wanted=of.method.clip))


def _through(x: float, points: Sequence[tuple[float, float]]) -> float:
    """The line through points in order, flat outside them."""
    if x <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if x <= right:
            return low + (high - low) * (x - left) / (right - left)
    return points[-1][1]


def _steps(of: "Indicator", at: At, x: float) -> float | None:
    relative: float | None = 1.0
    if of.method.relative_to == "previous":
        relative = of.treated.get((at[0] - 1, at[1]))
    elif of.method.relative_to != "none":
        others = of.other_peers(at)
        statistic = fmean if of.method.relative_to == "peers_mean" else median
        relative = statistic(others) if others else None
    if not relative:
        return None
    y = x / relative
    return next((score for up_to, score in of.method.steps if y <= up_to or same(y, up_to)), of.method.above)


def _limits(of: "Indicator", at: At, x: float) -> float:
    method = of.method
    worse = x > method.binding if of.item.better == "lower" else x < method.binding
    points = sorted(zip((method.binding, method.current, method.leading), method.scores, strict=True))
    return 0.0 if worse and not same(x, method.binding) else _through(x, points)


def _band(of: "Indicator", at: At, x: float) -> float:
    (least, most), (low, high), (bottom, top) = of.method.worst, of.method.best, of.method.range
    if x < least or x > most:
        return bottom
    if x < low:
        return bottom + (top - bottom) * (x - least) / (low - least)
    return bottom + (top - bottom) * (most - x) / (most - high) if x > high else top


# These have numbers of their own in the indicator's unit, so that no sign is turned.
OWN_SCALE: dict[str, Callable[["Indicator", At, float], float | None]] = {
    "goalposts": _goalposts,
    "piecewise": lambda of, at, x: _through(x, of.method.points),
    "steps": _steps,
    "limits": _limits,
    "band": _band,
}



def reason(of: "Indicator", at: At) -> str:
    """The flag of a value that could not be scored."""
    method = of.method.method
    if method in ("goalposts", "steps"):
        return "undefined" if method == "goalposts" else "no_comparison"
    if not of.frame(at):
        return "empty_frame"
    if method == "distance_to_reference" and of.reference(at) is None:
        return "no_comparison"
    return _REASONS[method]


_REASONS = {
    "minmax": "constant",
    "zscore": "constant",
    "distance_to_target": "goal_not_ahead",
    "distance_to_reference": "goal_not_ahead",
    "percentile_rank": "single_region",
    "fraction_of_max": "not_positive",
}
