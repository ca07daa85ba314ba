"""Over sites: what sites report becomes their region's value, and children's values their parent's, on any engine."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from metrics.over_time import SERIES, by_name
from metrics.sums import Grid, in_parts, of_products, sums, with_totals

# Numbers that differ by more than that part of the larger one are not the same.
SAME = 1e-9


def over_sites(series: nw.LazyFrame[Any], rules: nw.LazyFrame[Any], *, grid: Grid) -> nw.LazyFrame[Any]:
    """Each region's own value: sites combined where there are any, else what the region reports itself.

    Columns: region, variable, cycle, value, and the flags; region and sites that disagree are `differs_from_parts`.
    `grid` as in `over_time`, of the series' values.
    """
    key = ["region", "variable", "cycle"]
    of_site = ~nw.col("site").is_null()
    region = series.filter(~of_site).select(
        *key, nw.col("value").alias("own"), nw.col("partial_period"), nw.col("mixed_periods")
    )
    parts = series.filter(of_site).join(rules, on="variable")
    sites = combine(weighted(parts, [*SERIES]), key, grid=grid, extra=("partial_period", "mixed_periods"))
    both = region.join(sites, on=key, how="full", suffix="_sites")
    has_sites = ~nw.col("part_missing").is_null()
    value = nw.col("value")
    either = {
        name: nw.when(has_sites).then(nw.col(f"{name}_sites")).otherwise(nw.col(name))
        for name in ("partial_period", "mixed_periods")
    }
    return both.select(
        *(nw.coalesce(name, f"{name}_sites").alias(name) for name in key),
        nw.when(has_sites).then(value).otherwise(nw.col("own")).alias("value"),
        *(flag.alias(name) for name, flag in either.items()),
        nw.when(has_sites).then(nw.col("part_missing")).otherwise(nw.lit(False)).alias("partial_sites"),
        nw.when(has_sites).then(_differs(nw.col("own"), value)).otherwise(nw.lit(False)).alias("differs_from_parts"),
        nw.when(has_sites).then(nw.col("zero_division")).otherwise(nw.lit(False)).alias("zero_division"),
    )


def _differs(own: nw.Expr, parts: nw.Expr) -> nw.Expr:
    larger = nw.max_horizontal(own.abs(), parts.abs())
    return ((own - parts).abs() > larger * SAME).fill_null(value=False)


def weighted(parts: nw.LazyFrame[Any], key: Sequence[str]) -> nw.LazyFrame[Any]:
    """The parts that are combined, with the `weight` that `{mean_by: variable}` names: its value there and then.

    A weight need not be combined itself (`over_sites: none`).
    """
    on = [name for name in key if name != "variable"]
    weighted = parts.filter(nw.col("over_sites") == "mean_by")
    weights = parts.select(*on, nw.col("variable").alias("mean_by"), nw.col("value").alias("weight"))
    # Only what is weighed looks for its weight, and only among weights.
    asked = weighted.group_by("mean_by").agg(nw.len().alias("rows"))
    weights = weights.join(asked, on="mean_by", how="semi")
    others = parts.filter((nw.col("over_sites") != "none") & (nw.col("over_sites") != "mean_by"))
    others = others.with_columns(weight=nw.when(nw.lit(False)).then(nw.col("value")))
    found = weighted.join(weights, on=[*on, "mean_by"], how="left")
    columns = others.collect_schema().names()
    return nw.concat([others.select(columns), found.select(columns)], how="vertical")


def combine(
    parts: nw.LazyFrame[Any], key: Sequence[str], *, grid: Grid, extra: Sequence[str] = ()
) -> nw.LazyFrame[Any]:
    """Parts (sites, or children) combined by each variable's `over_sites`.

    `parts`: key columns, value (0 already where absent means that), weight, over_sites, partial. Gives key, value,
    `part_missing` (a part without a value where that is refused), `zero_division` (weights that sum to 0) and the
    Boolean columns `extra`, any of them. `grid`: of the values, among which the weights are.
    """
    by_weight = nw.col("over_sites") == "mean_by"
    usable = parts.with_columns(value=nw.when(~by_weight | ~nw.col("weight").is_null()).then(nw.col("value")))
    weight = nw.when(~nw.col("value").is_null()).then(nw.col("weight"))
    weighed = usable.with_columns(weight=weight, product=nw.col("value") * weight)
    terms = {"value": grid, "weight": grid, "product": of_products(grid)}
    grouped = (
        in_parts(weighed, terms)
        .group_by([*key])
        .agg(
            nw.col("over_sites").any_value(),
            nw.col("partial").any_value(),
            nw.len().alias("parts"),
            nw.col("value").count().alias("count"),
            *(part for name in terms for part in sums(name, terms[name])),
            nw.col("value").min().alias("min"),
            nw.col("value").max().alias("max"),
            *(nw.col(name).max() for name in extra),
        )
    )
    grouped = with_totals(grouped, dict(zip(_TOTALS, terms.items(), strict=True)))
    count = nw.col("count")
    grouped = grouped.with_columns(mean=nw.when(count > 0).then(nw.col("sum") / nw.when(count > 0).then(count)))
    missing = nw.col("count") < nw.col("parts")
    complete = (nw.col("count") > 0) & (~missing | nw.col("partial"))
    no_weight = complete & (nw.col("over_sites") == "mean_by") & (nw.col("weights") == 0.0)
    reduced: dict[str, nw.Expr] = {name: nw.when(complete).then(nw.col(name)) for name in ("sum", "mean", "min", "max")}
    reduced["mean_by"] = nw.when(complete & ~no_weight).then(
        nw.col("products") / nw.when(nw.col("weights") != 0.0).then(nw.col("weights"))
    )
    return grouped.select(
        *key,
        by_name("over_sites", reduced).alias("value"),
        (missing & ~nw.col("partial")).alias("part_missing"),
        no_weight.alias("zero_division"),
        *extra,
    )


_TOTALS = ("sum", "weights", "products")
