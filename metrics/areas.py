"""Areas: some regions taken together, as if they were one."""

from collections.abc import Collection

import polars as pl

from metrics.compare import changes
from metrics.long import joined_flags
from metrics.regions import regions_of
from metrics.scorecard import Scorecard, roll_up_rows
from metrics.values import evaluate

# No regions file can hold this code: a control character is no text there.
_WHOLE = "\u0000area"


def area(card: Scorecard, members: Collection[str]) -> pl.DataFrame:
    """The members together, by cycle and node, and what changed on the previous cycle.

    Columns: period, code, value (of the members' variables rolled up, never a mean of their indicators), flags (what is
    to be known about it), score (the unweighted mean of the compared members' scores; of the members' own where none
    of them is compared), n (how many of them have one), value_change, value_change_rate, score_change as in
    `compare.changes`.
    """
    return moved(together(card, members), card)


def together(card: Scorecard, members: Collection[str]) -> pl.DataFrame:
    """The first six columns of `area`."""
    regions = card.regions.drop("compared")
    inside = [code for code in regions["code"] if {code, *card.rows.regions.ancestors(code)} & set(members)]
    above = pl.when(pl.col("parent").is_in(inside)).then("parent").otherwise(pl.lit(_WHOLE))
    own = regions.filter(pl.col("code").is_in(inside)).with_columns(above.alias("parent"))
    compared = card.regions.filter(pl.col("compared"), pl.col("code").is_in(inside))["code"].to_list()
    # Where nobody is of the level that is compared, the whole stands for it.
    level = {} if compared or card.definitions.compare == "leaves" else {"level": [card.definitions.compare]}
    whole = pl.concat([own, pl.DataFrame({"code": [_WHOLE], **level})], how="diagonal")
    rows, variables = roll_up_rows(
        card.definitions,
        card.given.own.of(inside),
        regions_of(whole, named=(), compare=card.definitions.compare),
    )
    known = evaluate(card.definitions, rows, variables)
    at = rows.frame["region"] == _WHOLE
    periods = rows.frame.filter(at).select("period")
    values = pl.concat(
        pl.DataFrame({flag: cells.filter(at) for flag, cells in known[code].flags.items()} | periods.to_dict()).select(
            "period", joined_flags({flag: pl.col(flag) for flag in known[code].flags}),
            code=pl.lit(code), value=known[code].value.filter(at),
        )
        for code in card.definitions.indicators
    )  # fmt: skip
    scored = card.frame.filter(pl.col("region").is_in(compared or list(members)))
    means = scored.group_by("period", "code", maintain_order=True).agg(
        pl.col("score").mean(), pl.col("score").count().cast(pl.Int64).alias("n")
    )
    found = means.join(values, on=["period", "code"], how="left", maintain_order="left")
    return found.select("period", "code", "value", pl.col("flags").fill_null(""), "score", "n")


def moved(found: pl.DataFrame, card: Scorecard) -> pl.DataFrame:
    """What `together` gives, with what changed on the previous cycle of the scorecard's calendar."""
    named = found.with_columns(region=pl.lit(_WHOLE), rank=pl.lit(None, pl.Int64))
    changed = changes(named, card.rows).drop("region", "rank_change")
    return found.join(changed, on=["period", "code"], how="left", maintain_order="left")
