"""Spread: how far apart the values of several regions lie, one number a measure, and the reason where there is none.

Every measure takes `x` (…, n), the values of n regions, and `f` (…, n), their shares of the whole (0 where a region
does not count, else they sum to 1), and gives (…). The regions of an area are all there are and no sample of others,
so that variances are divided by the whole (Williamson 1965) and Gini's coefficient is not corrected for n.
"""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from metrics.frames import Matrix

Measure = Callable[[Matrix, Matrix], Matrix]
Groups = npt.NDArray[np.intp]
# A mean this small beside the values it is made of is 0 but for rounding.
_ZERO = 1e-12
# A Theil index this small is what rounding leaves of 0: nothing to take a share of.
ALIKE = 1e-15


def cv(x: Matrix, f: Matrix) -> Matrix:
    """√(Σ f·(x − x̄)²) / x̄: the coefficient of variation, by shares Williamson's V_w, else his V_uw (1965)."""
    return _sd(x, f) / _mean(x, f)


def sd_log(x: Matrix, f: Matrix) -> Matrix:
    """The standard deviation of ln x: σ of σ-convergence in Barro & Sala-i-Martin (1992), J. Political Economy 100."""
    return _sd(np.log(np.where(f > 0.0, x, 1.0)), f)


def gini(x: Matrix, f: Matrix) -> Matrix:
    """Σᵢ Σⱼ fᵢ·fⱼ·|xᵢ − xⱼ| / 2x̄, from 0 (all alike) to 1 − 1/n (one has all); Gini (1912), Cowell (2011)."""
    order = np.argsort(x, axis=-1, kind="stable")
    ordered, own = np.take_along_axis(x, order, -1), np.take_along_axis(f, order, -1)
    place = 2.0 * np.cumsum(own, axis=-1) - own - 1.0
    return _least_0((own * ordered * place).sum(axis=-1) / _mean(x, f))


def theil(x: Matrix, f: Matrix) -> Matrix:
    """Σ f·(x/x̄)·ln(x/x̄), 0·ln 0 = 0: Theil's T, from 0 (all alike) to ln n (one has all); Theil (1967)."""
    ratio = x / _mean(x, f)[..., None]
    return _least_0((f * ratio * _log(ratio)).sum(axis=-1))


def theil_split(x: Matrix, f: Matrix, groups: Groups) -> tuple[Matrix, Matrix]:
    """Theil's T within groups and between them, which add up to it exactly; `groups` (n) numbers them from 0.

    Within: Σ_g s_g·T_g, between: Σ_g s_g·ln(s_g/f_g), s_g the group's share of the total; Shorrocks (1980),
    Econometrica 48.
    """
    inside = groups[:, None] == np.arange(groups.max(initial=0) + 1)
    ratio = x / _mean(x, f)[..., None]
    heads, totals = f @ inside, (f * ratio) @ inside
    means = np.where(heads > 0.0, totals / np.where(heads > 0.0, heads, 1.0), 0.0)
    own = means[..., groups]
    within = (f * ratio * _log(np.divide(ratio, own, out=np.zeros_like(ratio), where=own > 0.0))).sum(axis=-1)
    return _least_0(within), _least_0((totals * _log(means)).sum(axis=-1))


MEASURES: dict[str, Measure] = {"cv": cv, "sd_log": sd_log, "gini": gini, "theil": theil}
# What a measure cannot be taken of: the reason, and which values of those that count are the cause.
# Below 0 there is no mean to measure a spread by: a rate of change or a gap that may have either sign has no spread
# of this kind, only a standard deviation.
_REFUSED: dict[str, tuple[str, Callable[[Matrix], npt.NDArray[np.bool_]]]] = {
    "sd_log": ("not_positive", lambda x: x <= 0.0),
    "cv": ("negative", lambda x: x < 0.0),
    "gini": ("negative", lambda x: x < 0.0),
    "theil": ("negative", lambda x: x < 0.0),
}
REASONS: Mapping[str, tuple[str, str]] = {
    "too_few": ("有值的地区太少", "too few regions have a value"),
    "mean_zero": ("平均值为零", "the mean is 0"),
    "negative": ("有负值", "there are negative values"),
    "not_positive": ("有零或负值，不能取对数", "there are values of 0 or below, which have no logarithm"),
    "all_alike": ("各地区全都相同", "all regions are alike"),
    "not_finite": ("数值过大，无法计算", "the values are too large to compute with"),
}


def measured(name: str, x: Matrix, f: Matrix) -> tuple[Matrix, npt.NDArray[np.str_]]:
    """A measure of values that may be NaN, with shares that may be any weights: NaN with a reason, else no reason.

    A region counts where it has a value and a weight above 0.
    """
    own, shares, why = counted(name, x, f)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = np.where(why == "", MEASURES[name](own, shares), np.nan)
    return found, np.where((why == "") & ~np.isfinite(found), "not_finite", why)


def then_and_now(x: Matrix, f: Matrix) -> tuple[int, dict[str, float]]:
    """How many have a value and a weight in both of two cycles (2, n), and the spreads of these in each, by name.

    The names are those of `THEN_AND_NOW`; NaN where there is no such measure.
    """
    both = (np.isfinite(x) & np.isfinite(f) & (f > 0.0)).all(axis=0)
    found: dict[str, float] = {}
    for name in ("cv", "sd_log"):
        first, last = measured(name, np.where(both, x, np.nan), f)[0]
        found |= {f"{name}_first": float(first), f"{name}_last": float(last)}
    return int(both.sum()), found


THEN_AND_NOW = ("cv_first", "cv_last", "sd_log_first", "sd_log_last")


def counted(name: str, x: Matrix, f: Matrix) -> tuple[Matrix, Matrix, npt.NDArray[np.str_]]:
    """Values (0 where there is none), shares that sum to 1, and why a measure cannot be taken ('' where it can)."""
    inside = np.isfinite(x) & np.isfinite(f) & (f > 0.0)
    weights = np.where(inside, f, 0.0)
    total = weights.sum(axis=-1, keepdims=True)
    shares = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0.0)
    own = np.where(inside, x, 0.0)
    reason, wrong = _REFUSED.get(name, ("", np.isnan))
    refused = (wrong(own) & inside).any(axis=-1)
    zero = np.abs(_mean(own, shares)) <= _ZERO * np.abs(own).max(axis=-1, initial=0.0)
    why = np.where(refused, reason, np.where(zero & (name != "sd_log"), "mean_zero", ""))
    return own, shares, np.where(inside.sum(axis=-1) < 2, "too_few", why)


def _mean(x: Matrix, f: Matrix) -> Matrix:
    mean: Matrix = (f * x).sum(axis=-1)
    return mean


def _sd(x: Matrix, f: Matrix) -> Matrix:
    sd: Matrix = np.sqrt((f * (x - _mean(x, f)[..., None]) ** 2).sum(axis=-1))
    return sd


def _least_0(found: Matrix) -> Matrix:
    """No measure lies below 0, but for rounding where all are alike."""
    raised: Matrix = np.maximum(found, 0.0)
    return raised


def _log(ratio: Matrix) -> Matrix:
    """ln, and 0 for 0: its product with 0 is 0."""
    return np.log(np.where(ratio > 0.0, ratio, 1.0))
