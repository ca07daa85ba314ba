"""What can be asked of a scorecard by comparing its rows: with last cycle, with peers."""

from collections.abc import Sequence

import polars as pl

from metrics.definitions import Definitions
from metrics.methods import DistanceToTarget, Goalposts, Limits
from metrics.values import Rows


def changes(frame: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """Each row against the same region's previous cycle.

    Columns: period, region, code, value_change (in the indicator's unit), value_change_rate (a share of the earlier
    value; null where that is 0), score_change (points), rank_change (places moved up). Null without such a cycle.
    """
    key = ["region", "code"]
    now = frame.select("period", *key, "value", "score", "rank")
    both = now.join(later(now, rows), on=["period", *key], how="left", suffix="_before", maintain_order="left")
    value, before = pl.col("value"), pl.col("value_before")
    return both.select(
        "period",
        *key,
        (value - before).alias("value_change"),
        pl.when(before != 0.0).then((value - before) / before.abs()).alias("value_change_rate"),
        (pl.col("score") - pl.col("score_before")).alias("score_change"),
        (pl.col("rank_before") - pl.col("rank")).alias("rank_change"),
    )


def later(frame: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """Rows with the name of the cycle after theirs in the place of their own."""
    calendar = rows.calendar
    # Of a series, whose cycles are each of another scorecard, no one of these need have all.
    following = {name: calendar.name(calendar.named(name) + 1) for name in frame["period"].unique()}
    return frame.with_columns(pl.col("period").replace_strict(following, return_dtype=pl.String))


def distances(frame: pl.DataFrame, rows: Rows, definitions: Definitions) -> pl.DataFrame:
    """How far each indicator's value is from its peers and from its target, as shares of these.

    Columns: period, region, code, peer_mean, peer_gap ((treated − peer_mean) / |peer_mean|), target, target_gap.
    The peers are the compared regions of the group, the region itself among them; `target` is what `target_of` gives.
    Null where there is none, or where it is 0.
    """
    goal = {code: target_of(definitions, code) for code in definitions.indicators}
    groups = {code: item.peers for code, item in definitions.indicators.items()}
    indicators = frame.filter(pl.col("level") == "indicator")
    blocks = []
    for attribute in sorted(set(groups.values()), key=str):
        codes = [code for code, name in groups.items() if name == attribute]
        group = pl.lit(None, pl.String) if attribute is None else pl.col(attribute)
        of_region = rows.regions.frame.select(pl.col("code").alias("region"), group.alias("group"))
        blocks.append(indicators.filter(pl.col("code").is_in(codes)).join(of_region, on="region"))
    mean = peers(frame, rows, definitions).select("period", "code", "group", pl.col("mean").alias("peer_mean"))
    joined = pl.concat(blocks).join(mean, on=["period", "code", "group"], how="left", nulls_equal=True)
    wanted = pl.col("code").replace_strict(goal, return_dtype=pl.Float64)
    return joined.select(
        *("period", "region", "code", "peer_mean"),
        _gap(pl.col("peer_mean")).alias("peer_gap"),
        wanted.alias("target"),
        _gap(wanted).alias("target_gap"),
    ).sort("period", "region", "code")


def _gap(to: pl.Expr) -> pl.Expr:
    return pl.when(to != 0.0).then((pl.col("treated") - to) / to.abs())


def target_of(definitions: Definitions, code: str) -> float | None:
    """The value an indicator should reach: target, best goalpost or current limit (基准值); None where none is set."""
    method = definitions.normaliser(code)
    if isinstance(method, Goalposts):
        return method.best
    if isinstance(method, Limits):
        return method.current
    return method.target if isinstance(method, DistanceToTarget) else None


_X, _SCORE = pl.col("treated"), pl.col("score")
_TOLD = (
    _SCORE.count().cast(pl.Int64).alias("n"),
    _X.mean().alias("mean"),
    _X.median().alias("median"),
    _X.min().alias("min"),
    _X.max().alias("max"),
    _SCORE.mean().alias("score_mean"),
    _SCORE.median().alias("score_median"),
    _SCORE.min().alias("score_min"),
    _SCORE.max().alias("score_max"),
)


def peers(
    frame: pl.DataFrame, rows: Rows, definitions: Definitions, *, told: Sequence[pl.Expr] = _TOLD
) -> pl.DataFrame:
    """What the compared regions of each group have in each cycle, the region itself among them.

    Columns: period, code, group (the value of the indicator's `peers` attribute; null: all), and what is told of
    them: n (values), mean, median, min, max (of `treated`), and score_mean, score_median, score_min, score_max.
    """
    regions = rows.regions.frame
    compared = frame.join(regions.filter("compared").rename({"code": "region"}), on="region", how="semi")
    grouping = {code: item.peers for code, item in definitions.indicators.items() if item.peers is not None}
    blocks = [_grouped(compared.filter(~pl.col("code").is_in(list(grouping))), None, regions, told)]
    for attribute in sorted(set(grouping.values())):
        codes = [code for code, name in grouping.items() if name == attribute]
        blocks.append(_grouped(compared.filter(pl.col("code").is_in(codes)), attribute, regions, told))
    return pl.concat(blocks).sort("period", "code", "group")


def _grouped(
    rows: pl.DataFrame, attribute: str | None, regions: pl.DataFrame, told: Sequence[pl.Expr]
) -> pl.DataFrame:
    group = pl.lit(None, pl.String) if attribute is None else pl.col(attribute)
    named = (
        rows
        if attribute is None
        else rows.join(regions.select(pl.col("code").alias("region"), attribute), on="region", how="left")
    )
    return named.group_by("period", "code", group.alias("group"), maintain_order=True).agg(told)


def beside(frame: pl.DataFrame, rows: Rows, definitions: Definitions) -> pl.DataFrame:
    """Each row of the scorecard with what its own group has.

    Columns: period, region, code, those of `peers`, score_gap (points above the group's median), best (the group's
    region with the highest score, the first code of several; of an indicator among those with a value of their own),
    best_value, and ranked: how many have a rank, which counts over all groups.
    """
    attributes = {code: item.peers for code, item in definitions.indicators.items() if item.peers is not None}
    regions = rows.regions.frame.rename({"code": "region"})
    groups = regions.unpivot(sorted(set(attributes.values())), index="region", variable_name="of", value_name="group")
    of = pl.col("code").replace_strict(attributes, default=None, return_dtype=pl.String)
    key = ["period", "code", "group"]
    grouped = frame.select("period", "region", "code", "level", "value", "score", of=of).join(
        groups.select("region", "of", pl.col("group").cast(pl.String)), on=["region", "of"], how="left"
    )
    compared = grouped.join(regions.filter("compared"), on="region", how="semi").drop_nulls("score")
    # A number that stands in for a missing one is nobody's achievement.
    own = compared.filter((pl.col("level") != "indicator") | pl.col("value").is_not_null())
    best = own.sort("score", "region", descending=[True, False]).group_by(key, maintain_order=True).first()
    ranked = frame.group_by("period", "code").agg(pl.col("rank").count().cast(pl.Int64).alias("ranked"))
    return (
        grouped.join(peers(frame, rows, definitions), on=key, how="left", nulls_equal=True)
        .join(ranked, on=["period", "code"], how="left")
        .join(best.select(*key, best="region", best_value="value"), on=key, how="left", nulls_equal=True)
        .with_columns(score_gap=pl.col("score") - pl.col("score_median"))
        .drop("level", "value", "score", "of")
        .sort("period", "region", "code")
    )


def reached(distances: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """How many of the targets each region has reached: period, region, targets (with a value beside them), reached.

    `distances` as the function of that name gives them; an indicator that is best in a band has no target here.
    """
    way = {"higher": 1.0, "lower": -1.0}
    signs = {code: way.get(str(item.better)) for code, item in definitions.indicators.items()}
    sign = pl.col("code").replace_strict(signs, return_dtype=pl.Float64)
    measured = distances.with_columns(past=pl.col("target_gap") * sign).drop_nulls("past")
    return (
        measured.group_by("period", "region")
        .agg(pl.len().cast(pl.Int64).alias("targets"), (pl.col("past") >= 0.0).sum().cast(pl.Int64).alias("reached"))
        .sort("period", "region")
    )


def toward(values: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """Rows with a `code` and a `value` (of an area, say) with target and target_gap as in `distances` beside them."""
    goal = {code: target_of(definitions, code) for code in definitions.indicators}
    wanted = pl.col("code").replace_strict(goal, default=None, return_dtype=pl.Float64)
    gap = pl.when(wanted != 0.0).then((pl.col("value") - wanted) / wanted.abs())
    return values.with_columns(target=wanted, target_gap=gap)


def spans(frame: pl.DataFrame) -> pl.DataFrame:
    """How far the rows lie apart in score: code, low, high, gap (high − low), lowest, highest (regions); widest first.

    A code with fewer than two scores has no row.
    """
    ordered = frame.drop_nulls("score").sort("score", "region", descending=[False, True])
    found = ordered.group_by("code", maintain_order=True).agg(
        pl.len().alias("n"),
        low=pl.col("score").first(),
        high=pl.col("score").last(),
        lowest=pl.col("region").first(),
        highest=pl.col("region").last(),
    )
    apart = found.filter(pl.col("n") > 1).with_columns(gap=pl.col("high") - pl.col("low"))
    return apart.select("code", "low", "high", "gap", "lowest", "highest").sort("gap", "code", descending=[True, False])
