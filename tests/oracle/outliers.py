"""Outliers: a frame's values → what becomes of a value measured against it."""

import math
from collections.abc import Callable, Sequence
from typing import Any

# What reaches a bound but for the last digits has reached it.
ROUNDING = 1e-9
Treatment = Callable[[float], float | None]


def winsorised(frame: Sequence[float], method: Any) -> Treatment:
    """Values beyond the bounds become the bounds; where they do not help, all become logarithms.

    With `otherwise: none` the bounds that were reached stay. What would leave no two values apart does not help.
    """
    if not _testable(frame):
        return lambda value: value
    low, high = min(frame), max(frame)
    while not _passes(held := [min(max(value, low), high) for value in frame], method):
        lower, upper = low, high
        if _skew(held) > 0.0:
            upper = max(value for value in held if value < high)
        else:
            lower = min(value for value in held if value > low)
        if lower >= upper or sum(value < lower or value > upper for value in frame) > method.max_points:
            return _logarithm(frame) if method.otherwise == "log" else _held(frame, low, high)
        low, high = lower, upper
    return _held(frame, low, high)


def _held(frame: Sequence[float], low: float, high: float) -> Treatment:
    """A side of which no point was moved has no bound."""
    least = low if low > min(frame) else -math.inf
    most = high if high < max(frame) else math.inf
    return lambda value: min(max(value, least), most)


def _logarithm(frame: Sequence[float]) -> Treatment:
    """ln(x − min + 0.01·(max − min))."""
    low, spread = min(frame), max(frame) - min(frame)

    def of(value: float) -> float | None:
        moved = value - low + 0.01 * spread
        return math.log(moved) if moved > 0.0 else None

    return of


def _testable(values: Sequence[float]) -> bool:
    """Skewness needs three values that are not all the same."""
    return len(values) >= 3 and min(values) < max(values)


def _passes(values: Sequence[float], method: Any) -> bool:
    """By either; fewer than four values have no kurtosis, and pass as there is nothing to tell."""
    if len(values) < 4:
        return True
    return abs(_skew(values)) < method.skew - ROUNDING or _kurtosis(values) < method.kurtosis - ROUNDING


def _moment(values: Sequence[float], order: int) -> float:
    """A central moment on the scale from least to greatest, where no power overflows."""
    low, spread = min(values), max(values) - min(values)
    units = [(value - low) / spread for value in values]
    mean = math.fsum(units) / len(units)
    return math.fsum((unit - mean) ** order for unit in units) / len(units)


def _skew(values: Sequence[float]) -> float:
    """G1 = √(n(n − 1))/(n − 2) · m₃/m₂^(3/2)."""
    n = len(values)
    return math.sqrt(n * (n - 1)) / (n - 2) * _moment(values, 3) / _moment(values, 2) ** 1.5


def _kurtosis(values: Sequence[float]) -> float:
    """G2 = (n − 1)/((n − 2)(n − 3)) · ((n + 1)·(m₄/m₂² − 3) + 6)."""
    n = len(values)
    excess = _moment(values, 4) / _moment(values, 2) ** 2 - 3.0
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6.0)
