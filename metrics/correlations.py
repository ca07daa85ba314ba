"""Correlations: how the scores of an index's indicators and pillars move together, pair by pair."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import combinations

import numpy as np
import polars as pl

from metrics.frames import tied_ranks
from metrics.sample import CONSTANT, FEW, LEAST, Sample, Vector, is_constant, number

_SCHEMA = {
    **dict.fromkeys(("code", "other", "kind"), pl.String),
    "n": pl.Int64,
    **dict.fromkeys(("pearson", "pearson_p", "spearman", "spearman_p", "kendall", "kendall_p"), pl.Float64),
    "reason": pl.String,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """The three coefficients of n pairs of numbers, each with the two-sided p of no correlation, or why there are none.

    `reason`: `few` (less than three regions have both), `constant` (one of the two does not differ), else empty.
    """

    n: int
    pearson: float | None = None
    pearson_p: float | None = None
    spearman: float | None = None
    spearman_p: float | None = None
    kendall: float | None = None
    kendall_p: float | None = None
    reason: str = ""


def pair(x: Vector, y: Vector) -> Pair:
    """Pearson's r, Spearman's ρ (r of mean ranks) and Kendall's τ-b of the places where both have a value.

    p of r and ρ by Student's t with n − 2 degrees of freedom, as the regularised incomplete beta function of 1 − r²;
    that of τ-b exactly for few pairs without ties, else by the normal approximation (scipy). Kendall (1945) for ties,
    which are those of contract §4: values closer than 1e-9 of the spread.
    """
    from scipy.stats import kendalltau, rankdata

    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both], y[both]
    if len(x) < LEAST:
        return Pair(len(x), reason=FEW)
    if is_constant(x) or is_constant(y):
        return Pair(len(x), reason=CONSTANT)
    levels = tied_ranks(np.stack([x, y]))
    r, rho = pearson(x, y), pearson(*rankdata(levels, axis=1))
    tau = kendalltau(*levels)
    by_ranks = (rho, _chance(rho, len(x)), number(tau.statistic), number(tau.pvalue))
    return Pair(len(x), r, _chance(r, len(x)), *by_ranks)


def pearson(x: Vector, y: Vector) -> float:
    """Σ(x − x̄)(y − ȳ) / √(Σ(x − x̄)²·Σ(y − ȳ)²), of numbers that differ; inside −1..1 whatever rounding does."""
    # On a scale from 0 to 1, so that squares of very large or small deviations are numbers.
    x, y = (x - x.min()) / np.ptp(x), (y - y.min()) / np.ptp(y)
    x, y = x - x.mean(), y - y.mean()
    return float(np.clip((x @ y) / np.sqrt((x @ x) * (y @ y)), -1.0, 1.0))


def _chance(r: float, n: int) -> float:
    from scipy.special import betainc

    return float(betainc((n - 2) / 2.0, 0.5, 1.0 - r * r))


def correlations(sample: Sample) -> pl.DataFrame:
    """Every pair of codes of the tree that says something about it, on scores, so that a plus means: both good or bad.

    Columns: code, other, kind, n, pearson, pearson_p, spearman, spearman_p, kendall, kendall_p, reason, as in `Pair`;
    in the tree's order. `kind`: `siblings` (one parent: inside a pillar, or pillars side by side), `across`
    (indicators of different pillars), `above` (`other` is a node over `code`, the composite among them).
    """
    scores = {row.code: sample.column("score", row.code) for row in sample.tree}
    rows = [
        {"code": code, "other": other, "kind": kind, **asdict(pair(scores[code], scores[other]))}
        for code, other, kind in _named(sample)
    ]
    return pl.DataFrame(rows, schema=_SCHEMA)


def _named(sample: Sample) -> Iterator[tuple[str, str, str]]:
    """Which pairs there are, and of what kind."""
    parents = {row.code: row.parent for row in sample.tree}
    indicators = {row.code for row in sample.tree if row.level == "indicator"}
    for one, two in combinations(parents, 2):
        if parents[one] == parents[two]:
            yield one, two, "siblings"
        elif one in indicators and two in indicators:
            yield one, two, "across"
        elif one in _above(two, parents):
            yield two, one, "above"


def _above(code: str, parents: dict[str, str | None]) -> list[str]:
    parent = parents[code]
    return [] if parent is None else [parent, *_above(parent, parents)]
