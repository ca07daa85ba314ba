"""Leave-one-out: what the ranks would be without each indicator."""

import numpy as np
import polars as pl

from metrics.frames import Matrix
from metrics.robustness.draws import nominal_inputs
from metrics.robustness.intervals import ranks_of
from metrics.robustness.trials import trials_of
from metrics.scorecard import Scorecard

SCHEMA = {
    **dict.fromkeys(("period", "code"), pl.String),
    **dict.fromkeys(("mean_shift", "max_shift"), pl.Float64),
    "region": pl.String,
    "region_shift": pl.Int64,
}


def leave_one_out(card: Scorecard) -> pl.DataFrame:
    """Per cycle and indicator of the tree: how far the ranks move without it, everything else as declared.

    Columns: period, code, mean_shift and max_shift (places, absolute, over the regions ranked with and without it),
    region (who moves most; the first of several) and region_shift (places it moves up without the indicator). Null
    where nobody has a rank without it. Computed weights stay what they are; points and gates act. Sorted by period,
    then the tree's order. Handbook §7.1 (inclusion and exclusion of indicators).
    """
    inputs = nominal_inputs(card.definitions)
    model = trials_of(card, inputs)
    draws = inputs.declared([None, *inputs.leaves])
    count = int(model.compared.sum())
    ranks = np.zeros((len(card.rows.cycles), len(draws), count))
    for places, composite in model.composites(draws):
        ranks[:, places] = ranks_of(composite, model)
    ranks[ranks == 0] = np.nan
    up = ranks[:, :1] - ranks[:, 1:]
    codes = card.regions.filter("compared")["code"].to_list()
    rows = [
        (period, code, *_moved(moves, codes))
        for period, table in zip(card.periods, up, strict=True)
        for code, moves in zip(inputs.leaves, table, strict=True)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _moved(moves: Matrix, codes: list[str]) -> tuple[float | None, float | None, str | None, int | None]:
    """The mean and the greatest absolute move, whose it is, and which way; None where nobody has both ranks."""
    if np.isnan(moves).all():
        return None, None, None, None
    sizes = np.abs(moves)
    most = int(np.nanargmax(sizes))
    return float(np.nanmean(sizes)), float(sizes[most]), codes[most], int(moves[most])
