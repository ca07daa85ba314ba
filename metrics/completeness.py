"""Completeness: what has been reported of what is due, by region and period."""

import polars as pl

from metrics.definitions import Definitions
from metrics.rollup import calendar_of
from metrics.values import Rows

_COLUMNS = ("cycle", "region", "period", "due", "reported", "absent", "share", "missing")


def by_period(facts: pl.DataFrame, rows: Rows, definitions: Definitions) -> pl.DataFrame:
    """What each region has reported in each period, of the series that it reports in that cycle at all.

    A series is one variable of one site (or of the region itself). It is due in every period of its kind for which
    anybody has reported anything; variables whose absence means 0 are never due. Columns: cycle, region, period, due,
    reported, absent (due − reported), share (of the due), missing (codes of variables, sorted, joined by ";"); the
    finest periods first, then by region. A region that has reported nothing of a kind of period has no row there.
    """
    calendar = calendar_of(facts["period"].unique(), rows.calendar).drop("position")
    named = facts.filter(pl.col("variable").is_in(_due(definitions))).join(calendar, on="period")
    kind, series = ["cycle", "precedence", "expected"], ["region", "site", "variable"]
    due = named.select(*kind, *series).unique().join(named.select(*kind, "period").unique(), on=kind)
    known = named.drop_nulls("value").select(*series, "period").unique().with_columns(known=True)
    each = due.join(known, on=[*series, "period"], how="left", nulls_equal=True)
    here = pl.col("known").fill_null(value=False)
    names = {cycle: rows.calendar.name(cycle) for cycle in rows.cycles}
    counted = each.group_by("region", "period", *kind).agg(_counts(here))
    ordered = counted.sort("cycle", "expected", "period", "region", descending=[False, True, False, False])
    return _shares(ordered.with_columns(pl.col("cycle").replace_strict(names, return_dtype=pl.String)))


def by_cycle(variables: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """Of the raw variables in force, how many each region has a value of in each cycle.

    `variables` as `Scorecard.variables`; the columns are those of `by_period`, `period` being the cycle.
    """
    in_force = ~pl.col("flags").str.contains("not_in_force")
    due = variables.filter(pl.col("variable").is_in(_due(definitions)), in_force)
    counted = due.group_by("period", "region").agg(_counts(pl.col("value").is_not_null()))
    return _shares(counted.with_columns(cycle=pl.col("period")).sort("cycle", "region"))


def settled(facts: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """How many of a cycle's facts are verified: cycle, facts, verified, share; sorted by cycle."""
    calendar = calendar_of(facts["period"].unique(), rows.calendar).select("period", ordinal="cycle")
    counted = (
        facts.join(calendar, on="period")
        .group_by("ordinal")
        .agg(
            pl.len().cast(pl.Int64).alias("facts"),
            (pl.col("status") == "verified").sum().cast(pl.Int64).alias("verified"),
        )
    )
    names = {cycle: rows.calendar.name(cycle) for cycle in rows.cycles}
    share = pl.col("verified") / pl.col("facts")
    named = counted.with_columns(cycle=pl.col("ordinal").replace_strict(names, return_dtype=pl.String), share=share)
    return named.sort("ordinal").select("cycle", "facts", "verified", "share")


def together(rows: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Rows of either function taken together: the columns named, due, reported, absent, share; sorted by these."""
    counts = rows.group_by(*by).agg(pl.col("due", "reported").sum())
    return _shares(counts, (*by, *_COLUMNS[3:7])).sort(*by)


def _due(definitions: Definitions) -> list[str]:
    return [code for code, item in definitions.variables.items() if item.formula is None and item.absent != "zero"]


def _counts(here: pl.Expr) -> list[pl.Expr]:
    return [
        pl.len().cast(pl.Int64).alias("due"),
        here.sum().cast(pl.Int64).alias("reported"),
        pl.col("variable").filter(~here).unique().sort().str.join(";").alias("missing"),
    ]


def _shares(counted: pl.DataFrame, columns: tuple[str, ...] = _COLUMNS) -> pl.DataFrame:
    reported, due = pl.col("reported"), pl.col("due")
    return counted.with_columns(absent=due - reported, share=reported / due).select(columns)
