"""Student's t: the distribution and its quantiles for whole degrees of freedom, so that a slope has an interval."""

from math import atan, cos, pi, sin, sqrt

_STEPS = 200


def inside(t: float, freedom: int) -> float:
    """P(|T| ≤ t) with so many degrees of freedom, t ≥ 0; Abramowitz & Stegun (1964), 26.7.3 and 26.7.4."""
    angle = atan(t / sqrt(freedom))
    square, odd = cos(angle) ** 2, freedom % 2
    term = total = cos(angle) if odd else 1.0
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= square * (k - 1) / k
        total += term
    if odd:
        return 2.0 / pi * (angle + (sin(angle) * total if freedom > 1 else 0.0))
    return sin(angle) * total


def quantile(level: float, freedom: int) -> float:
    """The t with P(|T| ≤ t) = level, 0 < level < 1, to the last digits; by halving the interval that holds it."""
    low, high = 0.0, 1.0
    while inside(high, freedom) < level:
        low, high = high, 2.0 * high
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        low, high = (middle, high) if inside(middle, freedom) < level else (low, middle)
    return high
