"""Facts of a mapped file as a whole: those of regions that had gone, and those of years that are not complete."""

from collections import Counter
from datetime import date

import polars as pl

from data.mapping_file import Complete
from data.naming import Known
from metrics.periods import PeriodError, parse


def followed(facts: pl.DataFrame, known: Known) -> tuple[pl.DataFrame, int]:
    """Facts of a region that had gone when their period ended belong to the one that follows it; how many those are."""
    pairs = facts.select("region", "period").unique().filter(pl.col("region").is_in(list(known.successors)))
    moved = [
        (region, period, known.successors[region][1])
        for region, period in pairs.iter_rows()
        if (end := _last_day(period, known)) is not None and end.isoformat() > known.successors[region][0]
    ]
    table = pl.DataFrame(moved, schema={"region": pl.String, "period": pl.String, "after": pl.String}, orient="row")
    joined = facts.join(table, on=["region", "period"], how="left", maintain_order="left")
    count = joined["after"].len() - joined["after"].null_count()
    return joined.with_columns(region=pl.coalesce("after", "region")).drop("after"), count


def _last_day(period: str | None, known: Known) -> date | None:
    try:
        return parse(period or "", fiscal_year_starts=known.fiscal_year_starts).last
    except PeriodError:
        return None


def complete(rule: Complete | None, facts: pl.DataFrame, left_out: Counter[str]) -> pl.DataFrame:
    """Without the months of those years of which a region or site has not all (`Complete`)."""
    if rule is None:
        return facts
    month = pl.col("period").str.extract(r"^[0-9]{4}-([0-9]{2})$").cast(pl.Int64)
    year = pl.col("period").str.slice(0, 4).cast(pl.Int64) - (month < rule.year_starts).cast(pl.Int64)
    have = pl.col("period").n_unique().over("region", "site", year)
    kept = facts.filter(month.is_null() | (have >= rule.months))
    left_out[f"complete {rule.months}"] += facts["row"].n_unique() - kept["row"].n_unique()
    return kept
