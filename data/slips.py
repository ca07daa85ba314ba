"""Slips of units: numbers a power of ten off, told by the year before, else by what stands beside them."""

import polars as pl

from data.seen import Sight, cells_of

# A slip of units is a power of ten that people confuse: kWh and MWh, 元 and 万元, 元 and 亿元.
SLIPS = (1e3, 1e4, 1e8)
# How far from a slip's exact ratio a value still is one: it may have grown meanwhile, and more beside others.
NEAR, WIDE = 1.5, 3.0
# Of more than so many months, or regions, one can be told from the others.
FEW = 3
_TOLD = ("fact", "row", "variable", "value", "then", "before", "times")


def unit_slip(sight: Sight) -> pl.DataFrame:
    """A value that is a thousand, ten thousand or a hundred million times the year before's, or that part of it; where
    there is no year before, ten thousand or a hundred million times that of other periods, or of other regions."""
    found = pl.concat([slips_of_a_year(sight), _among_periods(sight), _among_regions(sight)])
    return found.unique("fact", keep="first", maintain_order=True).drop("fact")


def slips_of_a_year(sight: Sight) -> pl.DataFrame:
    """Those of them that are told by the year before."""
    return _hits(sight.moved, SLIPS, NEAR)


def _hits(both: pl.DataFrame, slips: tuple[float, ...], near: float) -> pl.DataFrame:
    return _far(both, slips, near).select(_TOLD)


def _far(both: pl.DataFrame, slips: tuple[float, ...], near: float) -> pl.DataFrame:
    """Those whose `ratio` is that of a slip, with the slip's size (`times`)."""
    steps = [power for size in slips for power in (size, 1 / size)]
    hit = pl.coalesce(pl.when((pl.col("ratio") / size).is_between(1 / near, near)).then(pl.lit(size)) for size in steps)
    return both.with_columns(times=hit).filter(pl.col("times").is_not_null())


def _among_periods(sight: Sight) -> pl.DataFrame:
    """Against the middle of the same series in the file's other periods of the same kind."""
    of_series, value, far = ["region", "site", "variable"], pl.col("value"), SLIPS[1] / WIDE
    made = sight.first.select(of_series).hash_rows().alias("series")
    ends = sight.first.lazy().select(made, value).group_by("series").agg(low=value.min(), high=value.max())
    # Few series hold numbers that are so far apart, and only these are looked at; numbers made of them tell enough.
    wide = ends.filter(pl.col("high") > pl.col("low") * far).collect()["series"]
    first = sight.first.filter(made.is_in(wide.implode()))
    key = [*of_series, "kind"]
    series = first.with_columns(kind=pl.col("period").str.replace_all("[0-9]", "0"))
    middle = series.group_by(key).agg(value.quantile(0.5, "lower").alias("before"), pl.len())
    some = series.join(middle.filter(pl.col("len") > FEW), on=key, nulls_equal=True, maintain_order="left")
    of = some.filter(value == pl.col("before")).unique(key, keep="first").select(*key, then="period")
    both = some.join(of, on=key, nulls_equal=True, maintain_order="left")
    return _hits(both.with_columns(ratio=value / pl.col("before")), SLIPS[1:], WIDE)


def _among_regions(sight: Sight) -> pl.DataFrame:
    """What a region's numbers come to in a cycle against the middle of all regions, by how large the region is: by how
    its other variables stand to the middle."""
    value, near = pl.col("value"), ["period", "variable"]
    own = sight.own.filter(value > 0)
    middle = own.group_by(near).agg(value.quantile(0.5, "lower").alias("before"), pl.len().alias("regions"))
    of = own.join(middle.filter(pl.col("regions") > FEW), on=near).with_columns(ratio=value / pl.col("before"))
    named = of.filter(pl.col("ratio") == 1).unique(near, keep="first").select(*near, then="region")
    size = pl.when(pl.len() > FEW).then(pl.col("ratio").median()).otherwise(1.0).over("period", "region")
    found = _far(of.with_columns(ratio=pl.col("ratio") / size).join(named, on=near), SLIPS[1:], WIDE)
    # Few are so far off, and only of these a row is looked for.
    first = sight.first.filter(pl.col("variable").is_in(found["variable"].unique().to_list()))
    facts = first.join(found, on=["region", "variable"], how="semi")
    rows = found.join(sight.first_in_cycles(cells_of(facts)), on=["period", "region", "variable"])
    told = facts.group_by("row", "region", "variable").agg(pl.col("fact").min())
    return rows.join(told, on=["row", "region", "variable"]).select(_TOLD)
