"""Convergence: whether those who started lower grew faster, and whether the spread shrank, each with its interval."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import log, sqrt
from typing import Any

import numpy as np

from metrics.frames import Matrix

LEVEL = 0.95
LEAST = 4
REASONS: dict[str, tuple[str, str]] = {
    "one_cycle": ("只有一个周期有值", "only one cycle has values"),
    "too_few": (f"起止两期都有值的地区不足 {LEAST} 个", f"fewer than {LEAST} regions have both values"),
    "not_positive": ("有零或负值，不能取对数", "there are values of 0 or below, which have no logarithm"),
    "no_spread": ("起点全都相同", "all start from the same value"),
}


@dataclass(frozen=True)
class Converged:
    """β- and σ-convergence of `n` regions; `reason` says why the numbers are None.

    `slope` (and `intercept`) of the yearly growth rate on ln of the starting value, with the ends of its 95 % interval
    and `r2`; `speed` a year (β), with its ends, and `half_life` in years, None where the distance does not shrink;
    `sd_ratio`: the last standard deviation of ln by the first, with the ends of its 95 % interval.
    """

    n: int
    reason: str = ""
    intercept: float | None = None
    slope: float | None = None
    slope_low: float | None = None
    slope_high: float | None = None
    r2: float | None = None
    speed: float | None = None
    speed_low: float | None = None
    speed_high: float | None = None
    half_life: float | None = None
    sd_ratio: float | None = None
    sd_ratio_low: float | None = None
    sd_ratio_high: float | None = None


NUMBERS = tuple(field.name for field in fields(Converged) if field.name not in ("n", "reason"))


def converged(start: Matrix, end: Matrix, years: float) -> Converged:
    """What the first and the last values (n), NaN where there is none, that many years apart, say of convergence.

    β: Barro & Sala-i-Martin (1992), J. Political Economy 100, (1/T)·ln(y_T/y_0) = a + b·ln y_0 + u by least squares,
    with b = −(1 − e^(−βT))/T. The interval of b is Student's with n − 2 degrees of freedom; it takes the regions as
    one draw of what could have happened.
    """
    both = np.isfinite(start) & np.isfinite(end)
    first, last = start[both], end[both]
    reason = _refused(first, last, years)
    if reason:
        return Converged(len(first), reason)
    x, y = np.log(first), np.log(last)
    slope, error, r2 = _fitted(x, (y - x) / years)
    reach = _quantile(len(x) - 2) * error
    low, high = slope - reach, slope + reach
    speed = _speed(slope, years)
    half = log(2.0) / speed if speed is not None and speed > 0.0 else None
    # The steeper the slope, the faster the convergence: the ends change places.
    speeds = (speed, _speed(high, years), _speed(low, years))
    intercept = float((y - x).mean()) / years - slope * float(x.mean())
    return Converged(len(x), "", intercept, slope, low, high, r2, *speeds, half, *_sd_ratio(x, y))


def _refused(first: Matrix, last: Matrix, years: float) -> str:
    if years <= 0.0:
        return "one_cycle"
    if len(first) < LEAST:
        return "too_few"
    if (first <= 0.0).any() or (last <= 0.0).any():
        return "not_positive"
    logs = np.log(first)
    return "no_spread" if np.ptp(logs) <= 1e-12 * max(1.0, float(np.abs(logs).max())) else ""


def _fitted(x: Matrix, y: Matrix) -> tuple[float, float, float | None]:
    """Slope, its standard error and R² (None where y is constant) of the line by least squares."""
    apart, up = x - x.mean(), y - y.mean()
    square = float(apart @ apart)
    slope = float(apart @ up) / square
    rest, total = float(((up - slope * apart) ** 2).sum()), float(up @ up)
    r2 = 1.0 - rest / total if total > 1e-24 * max(1.0, float(y @ y)) else None
    return slope, sqrt(rest / (len(x) - 2) / square), r2


def _quantile(freedom: int) -> float:
    """The t with P(|T| ≤ t) = `LEVEL`, of Student's distribution with so many degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1.0 + LEVEL) / 2.0))


def _speed(slope: float, years: float) -> float | None:
    """β of the slope −(1 − e^(−βT))/T; None where the slope is beyond −1/T: those behind would have overtaken."""
    left = 1.0 + slope * years
    return -log(left) / years if left > 0.0 else None


def _sd_ratio(x: Matrix, y: Matrix) -> tuple[float, float, float]:
    """sd(y)/sd(x) of values of the same regions, with the ends of its interval.

    Pitman (1939) and Morgan (1939), Biometrika 31: x − y/λ and x + y/λ are uncorrelated exactly when λ is the ratio,
    which Student's t tests; solved for λ it gives λ² = ratio²·(K ± √(K² − 1)), K = 1 + 2(1 − r²)·t²/(n − 2).
    """
    before, after = float(x.std()), float(y.std())
    ratio = after / before
    if ratio <= 1e-12:
        # Nothing is left of the spread: all have come to the same value.
        return 0.0, 0.0, 0.0
    r = float(((x - x.mean()) * (y - y.mean())).mean()) / (before * after)
    k = 1.0 + 2.0 * max(0.0, 1.0 - r * r) * _quantile(len(x) - 2) ** 2 / (len(x) - 2)
    factor = k + sqrt(k * k - 1.0)
    return ratio, ratio / sqrt(factor), ratio * sqrt(factor)


def verdict(row: Mapping[str, Any]) -> str:
    """What the numbers of `Converged` let one say: `together`, `apart`, `unclear` (the interval holds 1), `unknown`.

    Of the spread, not of the slope: those behind grow faster also where mere chance brings extremes back to the
    middle (Quah 1993, Scandinavian J. of Economics 95), so that a negative slope alone is no sign.
    """
    low, high = row["sd_ratio_low"], row["sd_ratio_high"]
    if low is None or high is None:
        return "unknown"
    return "together" if high < 1.0 else "apart" if low > 1.0 else "unclear"
