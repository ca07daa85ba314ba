"""Outliers: values pulled in before normalisation where a frame is badly skewed (contract §4)."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.frames import Frame

Treat = Callable[[pl.Series, Frame, Any], pl.Series]
Vector = npt.NDArray[np.float64]
# One value apart from three equal ones has a skewness of 2: what reaches a bound but for rounding has reached it.
ROUNDING = 1e-9


def none(values: pl.Series, frame: Frame, method: Any) -> pl.Series:
    """Nothing: values stay as they are."""
    return values


def winsorise(values: pl.Series, frame: Frame, method: Any) -> pl.Series:
    """Each frame's extremes set to the next value until it passes, or its logarithms where too many would move.

    A frame passes with |skew| below `skew` or kurtosis below `kurtosis`; Handbook §5.1, JRC practice.
    Values outside the frame are held to the bounds that it comes to, on the sides where it has any; they have no
    logarithm, and are null, where they lie further below its least value than the formula reaches.
    """
    x = values.cast(pl.Float64).to_numpy()
    treated = x.copy()
    for members, measured in frame.pools():
        known = np.sort(x[members][~np.isnan(x[members])])
        if not passes(known, method):
            treated[measured] = _treated(x[measured], known, method)
    return pl.Series(values.name, treated).fill_nan(None)


def _treated(x: Vector, known: Vector, method: Any) -> Vector:
    """x by what its frame's values, in order, need; with `otherwise: none` the bounds that were reached stay."""
    low, high, passed = _bounds(known, method)
    if passed or method.otherwise == "none":
        return np.clip(x, low, high)
    least, spread = known[0], known[-1] - known[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        moved = x - least + 0.01 * spread
        return np.log(np.where(moved > 0.0, moved, np.nan))


def _bounds(known: Vector, method: Any) -> tuple[float, float, bool]:
    """The lowest and highest value allowed after at most `max_points` have been moved, and whether the rest passes.

    A side of which nothing was moved is open. What would leave no two values apart is no way to pass.
    """
    low, high = 0, len(known) - 1
    while not (passed := passes(held := np.clip(known, known[low], known[high]), method)):
        # What is tied at the extreme moves together, so that the next value is another one.
        if skewness(held) > 0.0:
            low_, high_ = low, int(np.searchsorted(known, known[high])) - 1
        else:
            low_, high_ = int(np.searchsorted(known, known[low], side="right")), high
        if low_ + len(known) - 1 - high_ > method.max_points or known[low_] >= known[high_]:
            break
        low, high = low_, high_
    least = float(known[low]) if low > 0 else -np.inf
    return least, float(known[high]) if high < len(known) - 1 else np.inf, passed


def passes(known: Vector, method: Any) -> bool:
    """Whether values are not so skewed that outliers must be thought of; too few of them always pass."""
    skew, kurtosis = skewness(known), excess_kurtosis(known)
    # NaN compares as false: what cannot be measured is no reason to move a value.
    return not (abs(skew) >= method.skew - ROUNDING and kurtosis >= method.kurtosis - ROUNDING)


def skewness(known: Vector) -> float:
    """G1 = g1·√(n(n−1))/(n−2), g1 = m3/m2^1.5; NaN for fewer than 3 values or none apart; Joanes & Gill (1998)."""
    n, second, third, _ = _moments(known)
    return float(third / second**1.5 * np.sqrt(n * (n - 1)) / (n - 2)) if n > 2 and second > 0.0 else float("nan")


def excess_kurtosis(known: Vector) -> float:
    """G2 = (n−1)/((n−2)(n−3))·((n+1)·g2 + 6), g2 = m4/m2² − 3; NaN for fewer than 4 values; Joanes & Gill (1998)."""
    n, second, _, fourth = _moments(known)
    if n < 4 or not second > 0.0:
        return float("nan")
    return float((n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (fourth / second**2 - 3.0) + 6.0))


def _moments(known: Vector) -> tuple[float, ...]:
    """n and the central moments m2, m3, m4 of the values on a scale from 0 to 1, which has the same shape."""
    # Halved, so that a spread over all of the scale is still a number; the least numbers there are have none then.
    unit = known / 2.0 - known.min(initial=np.inf) / 2.0
    if len(known) == 0 or unit.max() == 0.0:
        return float(len(known)), 0.0, 0.0, 0.0
    deviations = unit / unit.max() - (unit / unit.max()).mean()
    return float(len(known)), *(float((deviations**order).mean()) for order in (2, 3, 4))


METHODS: dict[str, Treat] = {"none": none, "winsorise": winsorise}
