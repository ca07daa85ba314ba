"""Missing values: what stands in for an indicator's value where a region has none (contract §4)."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from metrics.values import Rows

Impute = Callable[[pl.Series, Rows, Any], pl.Series]


def none(values: pl.Series, rows: Rows, method: Any) -> pl.Series:
    """Nothing: a missing value stays missing."""
    return values


def _filled(values: pl.Series, rows: Rows, keys: list[str], statistic: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """Gaps filled by a statistic of the compared regions of the same cycle (and group)."""
    frame = rows.frame.with_columns(values.alias("x"))
    known = pl.when("compared").then("x")
    return frame.select(pl.col("x").fill_null(statistic(known).over(keys))).to_series()


def mean(values: pl.Series, rows: Rows, method: Any) -> pl.Series:
    """The cycle's mean; Handbook §3.2 (unconditional mean imputation)."""
    return _filled(values, rows, ["cycle"], pl.Expr.mean)


def median(values: pl.Series, rows: Rows, method: Any) -> pl.Series:
    """The cycle's median."""
    return _filled(values, rows, ["cycle"], pl.Expr.median)


def group_mean(values: pl.Series, rows: Rows, method: Any) -> pl.Series:
    """The mean of the cycle's regions with the same attribute `by`."""
    return _filled(values, rows, ["cycle", method.by], pl.Expr.mean)


def group_median(values: pl.Series, rows: Rows, method: Any) -> pl.Series:
    """The median of the cycle's regions with the same attribute `by`."""
    return _filled(values, rows, ["cycle", method.by], pl.Expr.median)


def latest(values: pl.Series, rows: Rows, method: Any) -> pl.Series:
    """The region's latest earlier value, not older than `max_cycles` cycles where that is given."""
    frame = rows.frame.select("cycle", "region").with_columns(values.alias("x"))
    known = pl.col("x").forward_fill().over("region")
    since = pl.col("cycle") - pl.when(pl.col("x").is_not_null()).then("cycle").forward_fill().over("region")
    limit = method.max_cycles
    recent = known if limit is None else pl.when(since <= limit).then(known)
    return frame.select(recent.alias(values.name)).to_series()


def linear(values: pl.Series, rows: Rows, method: Any) -> pl.Series:
    """On the straight line between the region's two known values around the gap; none outside them."""
    table = values.cast(pl.Float64).to_numpy().reshape(len(rows.cycles), rows.regions.frame.height).copy()
    cycles = np.array(rows.cycles, dtype=float)
    for column in table.T:
        known = ~np.isnan(column)
        if known.any():
            column[~known] = np.interp(cycles[~known], cycles[known], column[known], left=np.nan, right=np.nan)
    return pl.Series(values.name, table.ravel()).fill_nan(None)


def constant(values: pl.Series, rows: Rows, method: Any) -> pl.Series:
    """The number the definition names."""
    return values.fill_null(float(method.value))


METHODS: dict[str, Impute] = {
    "none": none,
    "mean": mean,
    "median": median,
    "group_mean": group_mean,
    "group_median": group_median,
    "latest": latest,
    "linear": linear,
    "constant": constant,
}
