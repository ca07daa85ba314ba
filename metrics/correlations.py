"""Correlations: how the scores of an index's indicators and pillars move together, pair by pair."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import polars as pl

from metrics.association import LEAST, associations
from metrics.sample import CONSTANT, FEW, Sample

_COEFFICIENTS = ("pearson", "pearson_p", "spearman", "spearman_p", "kendall", "kendall_p")
_REASON = pl.when(pl.col("n") < LEAST).then(pl.lit(FEW)).when(pl.col("constant") > 0.0).then(pl.lit(CONSTANT))


def correlations(sample: Sample) -> pl.DataFrame:
    """Every pair of codes of the tree that says something about it, on scores, so that a plus means: both good or bad.

    Columns: code, other, kind, n (regions that have both), pearson, pearson_p, spearman, spearman_p, kendall,
    kendall_p (as in `association.Association`), reason (`few`, `constant`, or empty), in the tree's order. `kind`:
    `siblings` (one parent: inside a pillar, or pillars side by side), `across` (indicators of different pillars),
    `above` (`other` is a node over `code`, the composite among them).
    """
    place = {row.code: at for at, row in enumerate(sample.tree)}
    named = list(_named(sample))
    found = associations(np.column_stack([sample.column("score", code) for code in place]))
    at = np.array([(place[code], place[other]) for code, other, _ in named], dtype=int).reshape(-1, 2).T
    numbers = {name: getattr(found, name)[at[0], at[1]] for name in ("n", "constant", *_COEFFICIENTS)}
    names = pl.DataFrame(named, schema=dict.fromkeys(("code", "other", "kind"), pl.String), orient="row")
    return names.with_columns(
        pl.Series("n", numbers["n"]).cast(pl.Int64),
        *(pl.Series(name, numbers[name]).fill_nan(None) for name in ("constant", *_COEFFICIENTS)),
    ).select("code", "other", "kind", "n", *_COEFFICIENTS, reason=_REASON.otherwise(pl.lit("")))


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
