"""The scale that scores are drawn on: from 0 to the best score, or the data's own where the method has no best one."""

import polars as pl

from metrics.definitions import Definitions
from metrics.methods import best_score


def score_scale(file: Definitions, rows: pl.DataFrame) -> tuple[float, float]:
    """A scale that holds the rows' scores and those of their groups."""
    known = [value for name in ("score", "score_min", "score_max") for value in rows[name].drop_nulls()]
    best = [best_score(file.normaliser(code)) for code in file.indicators]
    # Copeland counts regions, whatever its children are measured by.
    counted = "copeland" in map(file.aggregate_of, file.tree_nodes.values())
    if known and (counted or None in best):
        return min(known), max(known)
    return min([0.0, *known]), max([0.0, *filter(None, best), *known])
