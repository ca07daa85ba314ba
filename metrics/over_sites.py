"""Over sites: what sites report becomes their region's value, and children's values their parent's, on any engine."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from metrics.over_time import SERIES, by_name
from metrics.sums import Grid, in_parts, of_products, sums, total

# Numbers that differ by more than that part of the larger one are not the same.
SAME = 1e-9


def over_sites(
    series: nw.LazyFrame[Any], rules: nw.LazyFrame[Any], *, grid: Grid, weighs: bool = True
) -> nw.LazyFrame[Any]:
    """Each region's own value: sites combined where there are any, else what the region reports itself.

    Columns: region, variable, cycle, value, and the flags; region and sites that disagree are `differs_from_parts`.
    `grid` as in `over_time`, of the series' values; `weighs` as in `combine`.
    """
    key, flags = ["region", "variable", "cycle"], ["partial_period", "mixed_periods"]
    of_site = ~nw.col("site").is_null()
    region = series.filter(~of_site).select(*key, nw.col("value").alias("own"), *flags)
    parts = series.filter(of_site).join(rules, on="variable")
    sites = combine(parts, SERIES, key, grid=grid, weighs=weighs, extra=flags)
    both = region.join(sites, on=key, how="full", suffix="_sites")
    has_sites = ~nw.col("part_missing").is_null()
    value = nw.col("value")
    either = {name: nw.when(has_sites).then(nw.col(f"{name}_sites")).otherwise(nw.col(name)) for name in flags}
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


def combine(
    parts: nw.LazyFrame[Any],
    key: Sequence[str],
    into: Sequence[str],
    *,
    grid: Grid,
    weighs: bool = True,
    extra: Sequence[str] = (),
) -> nw.LazyFrame[Any]:
    """Parts (sites, or children) of a key combined into those of a coarser one by each variable's `over_sites`.

    `parts`: `key` and `into`, value (0 already where absent means that), over_sites, mean_by, partial. Gives `into`,
    value, `part_missing` (a part without a value where that is refused), `zero_division` (weights that sum to 0) and
    the Boolean columns `extra`, any of them. `grid`: of the values; `weighs`: whether a variable is weighed by another.
    """
    terms = {"value": grid} | ({"weight": grid, "product": of_products(grid)} if weighs else {})
    parts = _weighted(parts, key) if weighs else parts.filter(nw.col("over_sites") != "none")
    grouped = (
        in_parts(parts, terms)
        .group_by([*into])
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
    grouped = grouped.with_columns(**{f"{name} sum": total(name, terms[name]) for name in terms})
    value, count = nw.col("value sum"), nw.col("count")
    missing = count < nw.col("parts")
    complete = (count > 0) & (~missing | nw.col("partial"))
    found = {"sum": value, "mean": value / nw.when(count > 0).then(count), "min": nw.col("min"), "max": nw.col("max")}
    no_weight = nw.lit(False)
    if weighs:
        weights = nw.col("weight sum")
        found["mean_by"] = nw.col("product sum") / nw.when(weights != 0.0).then(weights)
        no_weight = complete & (nw.col("over_sites") == "mean_by") & (weights == 0.0)
    return grouped.select(
        *into,
        nw.when(complete).then(by_name("over_sites", found)).alias("value"),
        (missing & ~nw.col("partial")).alias("part_missing"),
        no_weight.alias("zero_division"),
        *extra,
    )


def _weighted(parts: nw.LazyFrame[Any], key: Sequence[str]) -> nw.LazyFrame[Any]:
    """The parts that are combined, with the `weight` that `{mean_by: variable}` names, its value there and then, and
    the `product` of both. What is weighed has both or neither.

    A weight need not be combined itself (`over_sites: none`).
    """
    on = [name for name in key if name != "variable"]
    weighed = parts.filter(nw.col("over_sites") == "mean_by")
    weights = parts.select(*on, nw.col("variable").alias("mean_by"), nw.col("value").alias("weight"))
    # Only what is weighed looks for its weight, and only among weights.
    asked = weighed.group_by("mean_by").agg(nw.len().alias("rows"))
    weights = weights.join(asked, on="mean_by", how="semi")
    value, weight = nw.col("value"), nw.col("weight")
    both = ~value.is_null() & ~weight.is_null()
    found = weighed.join(weights, on=[*on, "mean_by"], how="left").with_columns(
        value=nw.when(both).then(value), weight=nw.when(both).then(weight), product=value * weight
    )
    others = parts.filter((nw.col("over_sites") != "none") & (nw.col("over_sites") != "mean_by"))
    nothing = nw.when(nw.lit(False)).then(value)
    others = others.with_columns(weight=nothing, product=nothing)
    columns = others.collect_schema().names()
    return nw.concat([others.select(columns), found.select(columns)], how="vertical")
