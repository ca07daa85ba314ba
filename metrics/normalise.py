"""Normalisation: one vector function per name of contract §4, value → score; better is always higher in a score.

Formulas follow the OECD/JRC Handbook on Constructing Composite Indicators (2008), step 5, and the contract's table.
Each function takes the treated value, its frame, the method's parameters and the direction, and gives an expression
over `Rows.frame`: null where there is no value or where the frame decides nothing.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, cast

import polars as pl

from metrics.frames import Frame
from metrics.rounding import apart

Score = Callable[[pl.Expr, Frame, Any, bool], pl.Expr]


def _ratio(top: pl.Expr, bottom: pl.Expr) -> pl.Expr:
    """top / bottom, null where bottom is 0."""
    return pl.when(bottom != 0.0).then(top / bottom)


def _ranged(unit: pl.Expr, method: Any) -> pl.Expr:
    low, high = method.range
    return unit * float(high - low) + float(low)


def _unit(x: pl.Expr, frame: Frame, higher: bool) -> pl.Expr:
    """From 0 for the worst to 1 for the best of the frame; null where these are the same."""
    low, high = frame.min(x), frame.max(x)
    return _ratio(x - low if higher else high - x, apart(high, low))


def minmax(x: pl.Expr, frame: Frame, method: Any, higher: bool) -> pl.Expr:
    """(x − min)/(max − min) or (max − x)/(max − min), to `range`; Handbook §5.3 (Min-Max)."""
    unit = _unit(x, frame, higher)
    return _ranged(unit.clip(0.0, 1.0) if method.clip else unit, method)


def goalposts(x: pl.Expr, frame: Frame, method: Any, higher: bool) -> pl.Expr:
    """(x − worst)/(best − worst), to `range`; with `log`, of the logarithms; UNDP HDI technical notes."""
    worst, best = pl.lit(method.worst), pl.lit(method.best)
    if method.log:
        x, worst, best = pl.when(x > 0.0).then(x.log()), worst.log(), best.log()
    unit = (x - worst) / (best - worst)
    return _ranged(unit.clip(0.0, 1.0) if method.clip else unit, method)


def zscore(x: pl.Expr, frame: Frame, method: Any, higher: bool) -> pl.Expr:
    """(x − mean)/sd, sd with n − 1, scaled to `sd` and moved to `mean`; Handbook §5.2 (standardisation)."""
    # Of the unit scale, which has the same z-scores: squares of very large or small deviations are no numbers.
    unit = _unit(x, frame, higher)
    return (unit - frame.mean(unit)) / frame.sd(unit) * float(method.sd) + float(method.mean)


def rank(x: pl.Expr, frame: Frame, method: Any, higher: bool) -> pl.Expr:
    """Rank in the frame, the worst is 1; Handbook §1.5 (ranking)."""
    return frame.rank(x if higher else -x)


def borda(x: pl.Expr, frame: Frame, method: Any, higher: bool) -> pl.Expr:
    """Borda count: how many of the frame are worse."""
    return rank(x, frame, method, higher) - 1.0


def percentile_rank(x: pl.Expr, frame: Frame, method: Any, higher: bool) -> pl.Expr:
    """(rank − 1)/(n − 1), to `range`; null for a frame of one."""
    # A value beyond those of a frame that it is not in is the best, no better.
    return _ranged(_ratio(borda(x, frame, method, higher), frame.count(x) - 1.0).clip(upper_bound=1.0), method)


def _ahead(goal: pl.Expr, start: pl.Expr) -> pl.Expr:
    """goal − start; null where the goal is not ahead of the worst: measured from there, the best would score least."""
    way = apart(goal, start)
    return pl.when(way > 0.0).then(way)


def distance_to_target(x: pl.Expr, frame: Frame, method: Any, higher: bool) -> pl.Expr:
    """(x − min)/(target − min) or (max − x)/(max − target), to `range`; Handbook §5.4 (distance to a reference)."""
    y, target = (x, method.target) if higher else (-x, -method.target)
    start = frame.min(y)
    unit = (y - start) / _ahead(pl.lit(target), start)
    return _ranged(unit.clip(upper_bound=1.0) if method.clip else unit, method)


def distance_to_reference(x: pl.Expr, frame: Frame, method: Any, higher: bool) -> pl.Expr:
    """1 − (ref − x)/(ref − min) or its mirror image, to `range`; `reference` is a region's value in the same cycle."""
    y = x if higher else -x
    reference = _reference(y, frame, method)
    unit = 1.0 - (reference - y) / _ahead(reference, frame.min(y))
    return _ranged(unit.clip(upper_bound=1.0) if method.clip else unit, method)


def _reference(y: pl.Expr, frame: Frame, method: Any) -> pl.Expr:
    own = pl.when(pl.col("region") == method.reference).then(y)
    if frame.cycle is None:
        return own.max().over("cycle")
    return pl.when(pl.col("cycle") == frame.cycle).then(own).max()


def fraction_of_max(x: pl.Expr, frame: Frame, method: Any, higher: bool) -> pl.Expr:
    """x/max or min/x, to `range`; null where what divides is not above 0, since a fraction of it orders nothing."""
    part, whole = (x, frame.max(x)) if higher else (frame.min(x), x)
    return _ranged(pl.when(whole > 0.0).then(part / whole).clip(upper_bound=1.0), method)


def piecewise(x: pl.Expr, frame: Frame, method: Any, higher: bool) -> pl.Expr:
    """Linear between `points` [value, score], flat outside them."""
    return through(x, method.points)


def through(x: pl.Expr, points: Sequence[tuple[float, float]]) -> pl.Expr:
    """The line through points sorted by value, flat outside."""
    line: Any = pl.when(x <= points[0][0]).then(pl.lit(points[0][1]))
    for (left, low), (right, high) in pairwise(points):
        line = line.when(x <= right).then(low + (high - low) * ((x - left) / (right - left)))
    return cast(pl.Expr, line.when(x.is_not_null()).then(pl.lit(points[-1][1])))


def steps(x: pl.Expr, frame: Frame, method: Any, higher: bool) -> pl.Expr:
    """The score of the first step with x, or x/relative, ≤ up_to; else `above`."""
    y = x
    if method.relative_to in ("peers_mean", "peers_median"):
        statistic = method.relative_to.removeprefix("peers_")
        others = x.map_batches(
            lambda column: frame.rows.others(column, frame.peers, statistic), return_dtype=pl.Float64
        )
        y = _ratio(x, others)
    elif method.relative_to == "previous":
        y = _ratio(x, x.map_batches(lambda column: frame.rows.shifted(column, 1), return_dtype=pl.Float64))
    (up_to, score), *others_steps = method.steps
    found: Any = pl.when(_reaches(y, up_to)).then(pl.lit(float(score)))
    for up_to, score in others_steps:
        found = found.when(_reaches(y, up_to)).then(pl.lit(float(score)))
    return cast(pl.Expr, found.when(y.is_not_null()).then(pl.lit(float(method.above))))


def _reaches(y: pl.Expr, up_to: float) -> pl.Expr:
    return apart(y, pl.lit(float(up_to))) <= 0.0


def limits(x: pl.Expr, frame: Frame, method: Any, higher: bool) -> pl.Expr:
    """约束值, 基准值, 引导值 by role (GB/T and DB practice): linear through their scores; worse than binding is 0."""
    named = zip((method.binding, method.current, method.leading), method.scores, strict=True)
    over = apart(x, pl.lit(float(method.binding)))
    worse = over < 0.0 if higher else over > 0.0
    return pl.when(worse).then(pl.lit(0.0)).otherwise(through(x, sorted(named)))


def band(x: pl.Expr, frame: Frame, method: Any, higher: bool) -> pl.Expr:
    """The top of `range` inside `best`, linear to its bottom at `worst`, the bottom outside."""
    (worst_low, worst_high), (low, high), (bottom, top) = method.worst, method.best, method.range
    rising = bottom + (top - bottom) * ((x - worst_low) / (low - worst_low))
    falling = bottom + (top - bottom) * ((worst_high - x) / (worst_high - high))
    outside = pl.when((x < worst_low) | (x > worst_high)).then(pl.lit(bottom))
    return outside.when(x < low).then(rising).when(x > high).then(falling).when(x.is_not_null()).then(pl.lit(top))


METHODS: dict[str, Score] = {
    "minmax": minmax,
    "goalposts": goalposts,
    "zscore": zscore,
    "rank": rank,
    "borda": borda,
    "percentile_rank": percentile_rank,
    "distance_to_target": distance_to_target,
    "distance_to_reference": distance_to_reference,
    "fraction_of_max": fraction_of_max,
    "piecewise": piecewise,
    "steps": steps,
    "limits": limits,
    "band": band,
}

# Why a value has no score by a method although its frame holds values.
_REASONS: dict[str, str] = {
    "minmax": "constant",
    "zscore": "constant",
    "distance_to_target": "goal_not_ahead",
    "distance_to_reference": "goal_not_ahead",
    "percentile_rank": "single_region",
    "fraction_of_max": "not_positive",
}
# The same of methods without a frame.
_FRAMELESS: dict[str, str] = {"goalposts": "undefined", "steps": "no_comparison"}


def normalised(x: pl.Expr, frame: Frame, method: Any, better: Any) -> pl.Expr:
    """The score of one indicator by the method its definition names."""
    return METHODS[method.method](x, frame, method, better != "lower")


def unscored(x: pl.Expr, frame: Frame, method: Any) -> pl.Expr:
    """The flag that says why a value has no finite score by the method (String, for rows without one)."""
    if method.method in _FRAMELESS:
        return pl.lit(_FRAMELESS[method.method])
    found: Any = pl.when(frame.count(x) == 0).then(pl.lit("empty_frame"))
    if method.method == "distance_to_reference":
        found = found.when(_reference(x, frame, method).is_null()).then(pl.lit("no_comparison"))
    return cast(pl.Expr, found.otherwise(pl.lit(_REASONS.get(method.method))))


def score_one(method: Any, better: Any, x: float) -> float | None:
    """The score of a single value by a method that needs no frame (goalposts, piecewise, steps, limits, band)."""
    frame: Any = None
    scored = METHODS[method.method](pl.col("x"), frame, method, better != "lower")
    found: float | None = pl.DataFrame({"x": [float(x)]}).select(scored.alias("score"))["score"][0]
    return found
