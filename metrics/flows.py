"""Flows: what regions report of their exchange with each other, pair by pair.

A fact is about a pair where its variable belongs to the domain of synergy, adds up over sites (`over_sites: sum`), and
its `site` is the code of another region: the counterpart takes the place of the institution, and the region's own
number is the sum over its counterparts as it is the sum over its institutions.
"""

from collections.abc import Sequence

import narwhals as nw
import polars as pl

from metrics.definitions import Definitions
from metrics.integration import members_of
from metrics.over_time import over_time
from metrics.rollup import calendar_of, cycles_of, rules_of
from metrics.scorecard import Scorecard
from metrics.sums import grid_in


def pair_variables(definitions: Definitions) -> tuple[str, ...]:
    """The variables that may be reported by counterpart."""
    return tuple(
        code
        for code, variable in definitions.variables.items()
        if variable.formula is None and variable.domain == "synergy" and variable.over_sites == "sum"
    )


def flows(card: Scorecard, members: Sequence[str] | None = None) -> pl.DataFrame:
    """What each member reports of each other member, by cycle: period, variable, region, counterpart, value.

    Over time the facts of a pair are rolled up as the variable says; null where that cannot be. Sorted; empty where
    nothing is reported by counterpart.
    """
    inside = members_of(card, members)
    of_pairs = card.facts.filter(
        pl.col("variable").is_in(pair_variables(card.definitions)),
        pl.col("region").is_in(inside),
        pl.col("site").is_in(inside),
        pl.col("region") != pl.col("site"),
    )
    cycles = cycles_of(card.definitions)
    calendar, rules = calendar_of(of_pairs["period"].unique(), cycles), rules_of(card.definitions)
    names = pl.DataFrame({"cycle": list(card.rows.cycles), "period": list(card.periods)})
    given = [nw.from_native(frame.lazy()) for frame in (of_pairs, calendar, rules)]
    series: pl.DataFrame = over_time(*given, grid=grid_in(of_pairs, "value")).to_native().collect()
    return (
        series.join(names.cast({"cycle": pl.Int64, "period": pl.String}), on="cycle")
        .select("period", "variable", "region", counterpart="site", value="value")
        .sort("period", "variable", "region", "counterpart")
    )


def exchanged(pairs: pl.DataFrame) -> pl.DataFrame:
    """Each variable's flows in each cycle as numbers: period, variable, total, pairs (reported), active (above 0),
    largest, region and counterpart of the largest (the first of several; null where none is above 0)."""
    known = pairs.drop_nulls("value")
    ordered = known.sort("value", "region", "counterpart", descending=[True, False, False])
    found = ordered.group_by("period", "variable", maintain_order=True).agg(
        pl.col("value").sum().alias("total"),
        pl.len().cast(pl.Int64).alias("pairs"),
        (pl.col("value") > 0.0).sum().cast(pl.Int64).alias("active"),
        pl.col("value", "region", "counterpart").first().name.suffix("_first"),
    )
    some = pl.col("value_first") > 0.0
    return found.select(
        *("period", "variable", "total", "pairs", "active"),
        pl.when(some).then("value_first").alias("largest"),
        pl.when(some).then("region_first").alias("region"),
        pl.when(some).then("counterpart_first").alias("counterpart"),
    ).sort("period", "variable")
