"""Weights: how much each child of a node counts, before the missing are left out (contract §4).

Every function gives k numbers of which only the proportions matter. Those that are computed from scores take them
from the compared regions that have all k scores in the named cycle, so that they stay the same afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from metrics.frames import Matrix
from metrics.judgement import combined, eigenvector

Vector = npt.NDArray[np.float64]
# Scores, or their correlations, that are nearer than this share are the same but for rounding.
ROUNDING = 1e-12
# Components whose variances are nearer than this are no order.
_ALIKE = 1e-9
Weigh = Callable[["Siblings", Any], Vector]


@dataclass(frozen=True)
class Siblings:
    """The children of a node: their declared weights, and their scores (n regions, k children) in a named cycle."""

    declared: Vector
    scores: Callable[[str], Matrix]


def declared(siblings: Siblings, method: Any) -> Vector:
    """What the definitions say."""
    return siblings.declared


def equal(siblings: Siblings, method: Any) -> Vector:
    """The same for every child; Handbook §1.6 (equal weighting)."""
    return np.ones_like(siblings.declared)


def entropy(siblings: Siblings, method: Any) -> Vector:
    """1 + Σ p·ln p / ln n with p = s/Σs and 0·ln 0 = 0 (熵权法); Shannon (1948), Zeleny (1982). NaN below 0."""
    scores = siblings.scores(method.cycle)
    totals = scores.sum(axis=0)
    if len(scores) < 2 or (scores < 0.0).any() or (totals == 0.0).any():
        return np.full(scores.shape[1], np.nan)
    shares = scores / totals
    surprise = np.where(shares > 0.0, shares * np.log(np.where(shares > 0.0, shares, 1.0)), 0.0)
    # A constant child tells nothing apart; what rounding leaves of its weight is none.
    return np.where(_constant(scores), 0.0, 1.0 + surprise.sum(axis=0) / np.log(len(scores)))


def critic(siblings: Siblings, method: Any) -> Vector:
    """sd·Σ(1 − r) of scores rescaled to 0..1; Diakoulaki, Mavrotas & Papayannakis (1995)."""
    scores = siblings.scores(method.cycle)
    if len(scores) < 2:
        return np.full(scores.shape[1], np.nan)
    constant = _constant(scores)
    unit = np.where(constant, 0.0, scores - scores.min(axis=0)) / np.where(constant, 1.0, np.ptp(scores, axis=0))
    return np.asarray(unit.std(axis=0, ddof=1) * (1.0 - correlations(scores)).sum(axis=0))


def pca(siblings: Siblings, method: Any) -> Vector:
    """The absolute loadings of the first principal component of the correlations; Handbook §6.1."""
    return np.abs(loadings(siblings.scores(method.cycle)))


def loadings(scores: Matrix) -> Vector:
    """The first component's loadings, signed so that their sum is not below 0; a constant child has none.

    NaN for fewer than 2 regions, and where no component is the first, as when nothing varies with anything.
    """
    found = np.full(scores.shape[1], np.nan)
    if len(scores) < 2:
        return found
    varying = ~_constant(scores)
    values, vectors = np.linalg.eigh(correlations(scores[:, varying]))
    if len(values) == 0 or (len(values) > 1 and values[-1] - values[-2] < _ALIKE * len(values)):
        return found
    found[:] = 0.0
    found[varying] = np.where(np.abs(vectors[:, -1]) > _ALIKE, vectors[:, -1], 0.0)
    # Where they cancel out, the first child stands on the positive side, not whichever the last digits choose.
    lead = found.sum() if abs(found.sum()) > _ALIKE else found[np.flatnonzero(found)[0]]
    return found if lead > 0.0 else -found


def correlations(scores: Matrix) -> Matrix:
    """Pearson's r of every two children, 0 with a constant one and 1 with itself."""
    constant = _constant(scores)
    centred = np.where(constant, 0.0, scores - scores.mean(axis=0))
    lengths = np.where(constant, 1.0, np.sqrt((centred**2).sum(axis=0)))
    found = (centred / lengths).T @ (centred / lengths)
    # What runs alike but for rounding runs alike: no weight comes of the difference.
    found = np.where(np.abs(found) > 1.0 - ROUNDING, np.sign(found), found)
    np.fill_diagonal(found, 1.0)
    return found


def _constant(scores: Matrix) -> npt.NDArray[np.bool_]:
    return np.asarray(np.ptp(scores, axis=0) <= ROUNDING * np.abs(scores).max(axis=0))


def ahp(siblings: Siblings, method: Any) -> Vector:
    """The principal eigenvector of the judges' matrices, combined by geometric mean; Saaty (1980)."""
    return np.array(eigenvector(combined([judge.matrix for judge in method.judges]))[0])


def budget(siblings: Siblings, method: Any) -> Vector:
    """The mean of the judges' shares; Handbook §6.5 (budget allocation)."""
    shares = np.array([judge.shares for judge in method.judges])
    return np.asarray((shares / shares.sum(axis=1, keepdims=True)).mean(axis=0))


def combine(siblings: Siblings, method: Any) -> Vector:
    """Several methods' weights, each as shares of 1, by their `share` in the whole (组合赋权, linear). NaN of any."""
    parts = [(part.share, METHODS[part.of.method](siblings, part.of)) for part in method.parts]
    return np.asarray(sum(share * _shares(weights) for share, weights in parts))


def _shares(weights: Vector) -> Vector:
    total = weights.sum()
    return weights / total if total > 0.0 else np.full_like(weights, np.nan)


METHODS: dict[str, Weigh] = {
    "declared": declared,
    "equal": equal,
    "entropy": entropy,
    "critic": critic,
    "pca": pca,
    "ahp": ahp,
    "budget": budget,
    "combine": combine,
}
