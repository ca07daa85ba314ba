"""Aggregation: children's scores into one, the missing left out and the rest reweighted (contract §4).

Every function takes `scores` (…, n, k), the k children of n regions with NaN where there is none, and `weights`
(…, t, k), t sets of them, and gives (…, t, n): each region's mean by each set, NaN where there is none. Leading axes
(cycles) go along. `compared` says which of the n regions are ranked; only Copeland asks.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from metrics.frames import Matrix, tie_width
from metrics.methods import aggregate_name

Compared = npt.NDArray[np.bool_]
Mean = Callable[[Matrix, Matrix, Any, Compared], Matrix]
# Weight shares are quotients of sums: equal but for rounding is enough.
ROUNDING = 1e-12
# So many numbers at a time stay in a core's cache.
_PAIRS = 1 << 17


def arithmetic(scores: Matrix, weights: Matrix, method: Any, compared: Compared) -> Matrix:
    """Σ w·s / Σ w; Handbook §6.10 (additive aggregation)."""
    present = ~np.isnan(scores)
    total = weights @ np.swapaxes(present.astype(float), -1, -2)
    summed = weights @ np.swapaxes(np.where(present, scores, 0.0), -1, -2)
    return _divided(summed, total)


def geometric(scores: Matrix, weights: Matrix, method: Any, compared: Compared) -> Matrix:
    """exp(Σ w·ln s / Σ w); NaN where a score is not above 0; Handbook §6.11."""
    usable = _above_zero(scores)
    # Of shares of the greatest score, so that equal scores have exactly that mean.
    top = np.where(np.isnan(usable), -np.inf, usable).max(axis=-1, keepdims=True)
    mean = np.exp(arithmetic(np.log(usable / top), weights, method, compared))
    return np.asarray(mean * np.swapaxes(top, -1, -2))


def harmonic(scores: Matrix, weights: Matrix, method: Any, compared: Compared) -> Matrix:
    """Σ w / Σ (w/s); NaN where a score is not above 0; the power mean of −1."""
    return 1.0 / arithmetic(1.0 / _above_zero(scores), weights, method, compared)


def power(scores: Matrix, weights: Matrix, method: Any, compared: Compared) -> Matrix:
    """(Σ w·s^p / Σ w)^(1/p); NaN where a score is below 0, or is 0 with p below 0; generalised mean."""
    p = float(method.power)
    usable = _above_zero(scores) if p < 0.0 else np.where((scores < 0.0).any(-1, keepdims=True), np.nan, scores)
    usable = np.where(np.any(weights > 0.0, axis=-2, keepdims=True), usable, np.nan)
    # Of shares of the score that leads, the greatest or (p below 0) the least: none overflows, nor do all vanish.
    leading = np.fmin if p < 0.0 else np.fmax
    lead = leading.reduce(usable, axis=-1, keepdims=True)
    scale = np.where(lead > 0.0, lead, 1.0)
    summed = arithmetic((usable / scale) ** p, weights, method, compared)
    found = np.asarray(summed ** (1.0 / p) * np.swapaxes(scale, -1, -2))
    if weights.shape[-2] > 1:
        # In a set without the child that leads all others may have vanished; it has a lead of its own.
        for at in np.flatnonzero((summed == 0.0).any(axis=-1).reshape(-1, weights.shape[-2]).any(axis=0)):
            alone = slice(at, at + 1)
            found[..., alone, :] = power(scores, weights[..., alone, :], method, compared)
    return found


def median(scores: Matrix, weights: Matrix, method: Any, compared: Compared) -> Matrix:
    """The smallest score at which the cumulated weight share reaches ½ (lower weighted median)."""
    present = ~np.isnan(scores)
    order = np.argsort(scores, axis=-1)
    ordered = np.take_along_axis(scores, order, -1)
    found = np.full((*weights.shape[:-1], scores.shape[-2]), np.nan)
    for at in range(weights.shape[-2]):
        counted = np.where(present, weights[..., at, None, :], 0.0)
        reached = np.cumsum(np.take_along_axis(counted, order, -1), axis=-1)
        half = 0.5 * reached[..., -1:] * (1.0 - ROUNDING)
        place = np.argmax((reached >= half) & (reached > 0.0), axis=-1)
        middle = np.take_along_axis(ordered, place[..., None], -1)[..., 0]
        found[..., at, :] = np.where(reached[..., -1] > 0.0, middle, np.nan)
    return found


def minimum(scores: Matrix, weights: Matrix, method: Any, compared: Compared) -> Matrix:
    """The lowest score of a child that counts; no compensation at all."""
    counted = np.where(weights[..., None, :] > 0.0, scores[..., None, :, :], np.nan)
    lowest = np.where(np.isnan(counted), np.inf, counted).min(axis=-1)
    return np.where(np.isfinite(lowest), lowest, np.nan)


def mazziotta_pareto(scores: Matrix, weights: Matrix, method: Any, compared: Compared) -> Matrix:
    """M·(1 ∓ cv²) of the children that count, unweighted, sd with n − 1; one child alone has no spread.

    NaN where M is 0 and the scores are not. Mazziotta & Pareto (2016), On a Generalized Non-compensatory Composite
    Index, Social Indicators Research 127.
    """
    counted = np.where(weights[..., None, :] > 0.0, scores[..., None, :, :], np.nan)
    present = ~np.isnan(counted)
    count = present.sum(axis=-1)
    mean = _divided(np.where(present, counted, 0.0).sum(axis=-1), count)
    deviations = np.where(present, counted - mean[..., None], 0.0)
    variance = np.where(count > 1, (deviations**2).sum(axis=-1) / np.maximum(count - 1, 1), 0.0)
    sign = 1.0 if getattr(method, "penalty", "negative") == "positive" else -1.0
    # A mean that is 0 but for rounding is no divisor.
    greatest = np.where(present, np.abs(counted), 0.0).max(axis=-1)
    divisor = np.where(np.abs(mean) > ROUNDING * greatest, mean, 0.0)
    return np.where(variance > 0.0, mean + sign * _divided(variance, divisor), mean)


def copeland(scores: Matrix, weights: Matrix, method: Any, compared: Compared) -> Matrix:
    """Compared regions beaten minus compared regions lost to, by weighted majority of the children that both have.

    A tie of a child counts for neither side, an exact half is neither; Copeland (1951), Handbook §6.12.
    """
    flat, sets = scores.reshape(-1, *scores.shape[-2:]), weights.reshape(-1, *weights.shape[-2:])
    found = [majorities(part, part[compared], several) for part, several in zip(flat, sets, strict=True)]
    return np.array(found).reshape(*weights.shape[:-1], scores.shape[-2])


def majorities(scores: Matrix, others: Matrix, weights: Matrix) -> Matrix:
    """For regions' scores (n, k), others' (m, k) and sets of weights (t, k): how many of the others each region beats
    less how many beat it (t, n); NaN where no child counts."""
    known = np.where(np.isnan(others), -np.inf, others)
    top = known.max(axis=0, initial=-np.inf)
    width = tie_width(np.where(np.isneginf(known), np.inf, known).min(axis=0, initial=np.inf), top)
    nearly = ROUNDING * weights.sum(axis=-1)[:, None, None]
    found = np.empty((len(weights), len(scores)))
    step = max(1, _PAIRS // max(1, max(weights.shape) * len(others)))
    for start in range(0, len(scores), step):
        apart = scores.T[:, start : start + step, None] - others.T[:, None, :]
        won = (apart > width[:, None, None]).astype(float) - (apart < -width[:, None, None])
        net = np.tensordot(weights, won, axes=1)
        found[:, start : start + step] = np.where(np.abs(net) > nearly, np.sign(net), 0.0).sum(axis=-1)
    counted = (~np.isnan(scores)).astype(float) @ (weights > 0.0).T.astype(float)
    return np.where(counted.T > 0.0, found, np.nan)


def _above_zero(scores: Matrix) -> Matrix:
    """The scores; a region's are all missing where one of them is not above 0, so that its mean is."""
    return np.where((scores <= 0.0).any(axis=-1, keepdims=True), np.nan, scores)


def _divided(top: Matrix, bottom: Matrix) -> Matrix:
    found: Matrix = np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom != 0.0)
    return found


METHODS: dict[str, Mean] = {
    "arithmetic": arithmetic,
    "geometric": geometric,
    "harmonic": harmonic,
    "power": power,
    "median": median,
    "minimum": minimum,
    "copeland": copeland,
    "mazziotta_pareto": mazziotta_pareto,
}


def aggregated(
    scores: Matrix, weights: Matrix, method: Any, *, compared: Compared, floor: float | None = None
) -> Matrix:
    """The mean that a node's definition names, of scores raised to its floor."""
    raised = scores if floor is None else np.maximum(scores, floor)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return METHODS[aggregate_name(method)](raised, weights, method, compared)
