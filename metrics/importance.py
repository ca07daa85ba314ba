"""Importance: how much each indicator and pillar moves the composite, beside the weight that it was given.

A weight says how much a score counts in the mean, not how much it decides: that depends on how far the scores lie
apart and on what moves with them. Paruolo, Saisana & Saltelli (2013), Ratings and rankings: voodoo or science?,
Journal of the Royal Statistical Society A 176(3), 609–634.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from metrics.association import LEAST
from metrics.frames import Matrix
from metrics.methods import aggregate_name
from metrics.models import Leaf, Node
from metrics.sample import CONSTANT, FEW, NOT_LINEAR, Sample, Vector, is_constant
from metrics.tree import code_of

# A composite is the sum of its leaves' parts but for rounding.
_ROUNDING = 1e-9
_SCHEMA = {
    **dict.fromkeys(("code", "parent", "level"), pl.String),
    "n": pl.Int64,
    **dict.fromkeys(("share", "nominal", "effective", "main_effect", "balanced"), pl.Float64),
    "reason": pl.String,
}


def importance(sample: Sample, pairs: pl.DataFrame) -> pl.DataFrame:
    """One row a code of the tree, in its order; `pairs` as `correlations` gives them.

    Columns: code, parent, level, n (regions), share (the weight among siblings in the cycle), nominal (the product of
    the shares down to it: its weight in the composite), effective (its part of the composite's variance, see
    `effective_weights`; null with a `reason`: `few`, `constant`, or `not_linear` where the composite is no weighted
    sum), main_effect, balanced (see `balanced_weights`).

    main_effect is the first-order measure S = V(E(y|x))/V(y) of Paruolo et al. (2013), taken as the linear R², which is
    Pearson's r²: among some 13 regions a smoother would fit noise (where there is nothing to find, one with f degrees
    of freedom has an R² of about f/(n − 1), a line of 1/(n − 1)), and scores enter a weighted mean linearly.
    """
    parts, reason = effective_weights(sample)
    below = _below(sample.definitions.index)
    effect = {
        code: None if r is None else r * r
        for code, r in pairs.filter(kind="above", other=sample.root).select("code", "pearson").iter_rows()
    }
    balanced = {code: one for node in below for code, one in _balanced_of(sample, node).items()}
    nominal = _nominal(sample)
    rows = [
        {
            "code": row.code,
            "parent": row.parent,
            "level": row.level,
            "n": int((~np.isnan(sample.column("score", row.code))).sum()),
            "share": sample.weight(row.code),
            "nominal": nominal[row.code],
            "effective": _sum([parts.get(leaf) for leaf in _leaves_of(sample, row.code)]),
            "main_effect": effect.get(row.code),
            "balanced": balanced.get(row.code),
            "reason": reason,
        }
        for row in sample.tree
    ]
    return pl.DataFrame(rows, schema=_SCHEMA)


def _sum(parts: list[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return float(sum(known)) if known else None


def _below(node: Node) -> list[Node]:
    return [node, *(inner for child in node.children if isinstance(child, Node) for inner in _below(child))]


def _leaves_of(sample: Sample, code: str) -> list[str]:
    node = sample.definitions.tree_nodes.get(code)
    if node is None:
        return [code]
    return [child.indicator for inner in _below(node) for child in inner.children if isinstance(child, Leaf)]


def _nominal(sample: Sample) -> dict[str, float | None]:
    """Each code's weight in the composite; null where it, or a node above it, does not count."""
    found: dict[str, float | None] = {}
    for row in sample.tree:
        above = 1.0 if row.parent is None else found[row.parent]
        own = sample.weight(row.code)
        found[row.code] = None if above is None or own is None else above * own
    return found


def effective_weights(sample: Sample) -> tuple[dict[str, float], str]:
    """Each leaf's part of the composite's variance, and why there is none: `few`, `constant`, `not_linear`, or empty.

    cov(w·(s − s̄), y) / var(y), w the leaf's weight in the region's own composite (absent siblings' weights are spread
    over those that are there), s its score, y the composite before the rules, over the regions that have one. Where
    nothing is missing the parts add up to 1: y = Σ w·s, so var(y) = Σ cov(w·s, y) (the covariance decomposition of
    Shorrocks, 1982, Econometrica 50). Where scores are missing, what is left to 1 is due to whose weights were spread
    and not to any score.
    """
    y = sample.column("score", sample.root)
    here = ~np.isnan(y)
    if here.sum() < LEAST:
        return {}, FEW
    leaves = dict(_leaf_weights(sample, sample.definitions.index, np.ones(len(y))))
    scores = {code: np.nan_to_num(sample.column("score", code)) for code in leaves}
    rebuilt = sum((leaves[code] * scores[code] for code in leaves), np.zeros(len(y)))
    if not _arithmetic(sample) or (np.abs(rebuilt - y)[here] > _ROUNDING * np.maximum(1.0, np.abs(y[here]))).any():
        return {}, NOT_LINEAR
    if is_constant(y[here]):
        return {}, CONSTANT
    deviation = y[here] - y[here].mean()
    variance = float(deviation @ deviation)
    return {code: _part(leaves[code][here], scores[code][here], deviation) / variance for code in leaves}, ""


def _part(weight: Vector, score: Vector, deviation: Vector) -> float:
    counted = weight > 0.0
    if not counted.any():
        return 0.0
    return float((weight * (score - score[counted].mean())) @ deviation)


def _arithmetic(sample: Sample) -> bool:
    nodes = _below(sample.definitions.index)
    return all(aggregate_name(sample.definitions.aggregate_of(node)) == "arithmetic" for node in nodes)


def _leaf_weights(sample: Sample, node: Node, share: Vector) -> Iterator[tuple[str, Vector]]:
    """Each leaf below with its weight in every region's composite; 0 where it, or a node above it, has no score."""
    codes = [code_of(child) for child in node.children]
    given = np.array([sample.weight(code) or 0.0 for code in codes])
    counted = np.where(np.isnan(sample.children(node)), 0.0, given)
    total = counted.sum(axis=1, keepdims=True)
    shares = share[:, None] * np.divide(counted, total, out=np.zeros_like(counted), where=total > 0.0)
    for child, code, own in zip(node.children, codes, shares.T, strict=True):
        if isinstance(child, Node):
            yield from _leaf_weights(sample, child, own)
        else:
            yield code, own


def _balanced_of(sample: Sample, node: Node) -> dict[str, float]:
    """The balanced weights of a node's children, by code; none where they cannot be told."""
    scores = sample.children(node)
    shares: list[Any] = [sample.weight(code_of(child)) for child in node.children]
    floor = sample.definitions.floor_of(node)
    complete = scores[~np.isnan(scores).any(axis=1)]
    if aggregate_name(sample.definitions.aggregate_of(node)) != "arithmetic" or None in shares or len(shares) < 2:
        return {}
    # One region has no covariance; with no more of them than children it is singular, which has no such weights.
    if len(complete) < 2 or (floor is not None and (complete < floor).any()):
        return {}
    found = balanced_weights(np.cov(complete, rowvar=False), np.array(shares))
    return {} if found is None else dict(zip(map(code_of, node.children), map(float, found), strict=True))


def balanced_weights(covariance: Matrix, wanted: Vector) -> Vector | None:
    """The weights, adding up to 1, with which each part of a weighted sum has the wanted share of its variance.

    w_i·(Σw)_i / w'Σw = b_i with all w > 0: there is exactly one such w, the minimum of ½·w'Σw − Σ b_i·ln w_i up to
    scale (Maillard, Roncalli & Teïletche, 2010, Journal of Portfolio Management 36(4)), found by cyclical coordinate
    descent (Griveau-Billion, Richard & Roncalli, 2013). None where Σ is singular: copies of one another have no such
    weights that could be told apart.
    """
    scale = np.sqrt(np.diag(covariance))
    if not (scale > 0.0).all():
        return None
    unit = covariance / np.outer(scale, scale)
    if np.linalg.eigvalsh(unit)[0] < 1e-8:
        return None
    w = np.sqrt(wanted)
    for _ in range(10_000):
        before = w.copy()
        for i in range(len(w)):
            others = unit[i] @ w - w[i]
            w[i] = (-others + np.sqrt(others * others + 4.0 * wanted[i])) / 2.0
        if np.abs(w - before).max() <= 1e-13 * w.max():
            break
    else:
        return None
    return np.asarray((w / scale) / (w / scale).sum())
