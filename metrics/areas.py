"""Areas: some regions taken together, as if they were one."""

from collections.abc import Collection

import polars as pl

from metrics.compare import changes
from metrics.regions import regions_of
from metrics.scorecard import Scorecard, roll_up_rows
from metrics.values import evaluate

# No regions file can hold this code: a control character is no text there.
_WHOLE = "\u0000area"


def area(card: Scorecard, members: Collection[str]) -> pl.DataFrame:
    """The members together, by cycle and node, and what changed on the previous cycle.

    Columns: period, code, value (of the members' variables rolled up, never a mean of their indicators), score (the
    unweighted mean of the compared members' scores), n (how many of them have one), value_change, value_change_rate,
    score_change as in `compare.changes`.
    """
    return moved(together(card, members), card)


def together(card: Scorecard, members: Collection[str]) -> pl.DataFrame:
    """The first five columns of `area`."""
    regions = card.regions.drop("compared")
    inside = [code for code in regions["code"] if {code, *card.rows.regions.ancestors(code)} & set(members)]
    above = pl.when(pl.col("parent").is_in(inside)).then("parent").otherwise(pl.lit(_WHOLE))
    own = regions.filter(pl.col("code").is_in(inside)).with_columns(above.alias("parent"))
    whole = pl.concat([own, pl.DataFrame({"code": [_WHOLE]})], how="diagonal")
    rows, variables = roll_up_rows(
        card.definitions,
        card.given.own.of(inside),
        regions_of(whole, named=(), compare=card.definitions.compare),
    )
    known = evaluate(card.definitions, rows, variables)
    at = rows.frame["region"] == _WHOLE
    values = pl.concat(
        rows.frame.filter(at).select("period").with_columns(code=pl.lit(code), value=known[code].value.filter(at))
        for code in card.definitions.indicators
    )
    compared = card.regions.filter(pl.col("compared"), pl.col("code").is_in(inside))["code"]
    scored = card.frame.filter(pl.col("region").is_in(compared.implode()))
    means = scored.group_by("period", "code", maintain_order=True).agg(
        pl.col("score").mean(), pl.col("score").count().cast(pl.Int64).alias("n")
    )
    found = means.join(values, on=["period", "code"], how="left", maintain_order="left")
    return found.select("period", "code", "value", "score", "n")


def moved(found: pl.DataFrame, card: Scorecard) -> pl.DataFrame:
    """What `together` gives, with what changed on the previous cycle of the scorecard's calendar."""
    named = found.with_columns(region=pl.lit(_WHOLE), rank=pl.lit(None, pl.Int64))
    changed = changes(named, card.rows).drop("region", "rank_change")
    return found.join(changed, on=["period", "code"], how="left", maintain_order="left")
