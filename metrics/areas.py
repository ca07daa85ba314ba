"""Areas: some regions taken together, as if they were one."""

from collections.abc import Collection

import polars as pl

from metrics.compare import changes, later
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
    of them is compared), n (how many of them have one), value_change, value_change_rate as in `compare.changes`,
    score_change (the mean of that of the regions with a score in both cycles: who came or left changes no score),
    n_both (how many these are where others have a score in one of the cycles only, else null).
    """
    return moved(together(card, members), scored(card, members), card)


def together(card: Scorecard, members: Collection[str]) -> pl.DataFrame:
    """The first six columns of `area`."""
    regions = card.regions.drop("compared")
    inside = _inside(card, members)
    above = pl.when(pl.col("parent").is_in(inside)).then("parent").otherwise(pl.lit(_WHOLE))
    parts = regions.filter(pl.col("code").is_in(inside)).with_columns(above.alias("parent"))
    compared = _compared(card, inside)
    # Where nobody is of the level that is compared, the whole stands for it.
    level = {} if compared or card.definitions.compare == "leaves" else {"level": [card.definitions.compare]}
    whole = pl.concat([parts, pl.DataFrame({"code": [_WHOLE], **level})], how="diagonal")
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
    own = scored(card, members)
    means = own.group_by("period", "code", maintain_order=True).agg(
        pl.col("score").mean(), pl.col("score").count().cast(pl.Int64).alias("n")
    )
    found = means.join(values, on=["period", "code"], how="left", maintain_order="left")
    return found.select("period", "code", "value", pl.col("flags").fill_null(""), "score", "n")


def scored(card: Scorecard, members: Collection[str]) -> pl.DataFrame:
    """The rows whose scores an area's are the mean of."""
    return card.frame.filter(pl.col("region").is_in(_compared(card, _inside(card, members)) or list(members)))


def _inside(card: Scorecard, members: Collection[str]) -> list[str]:
    """The members and all below them."""
    return [code for code in card.regions["code"] if {code, *card.rows.regions.ancestors(code)} & set(members)]


def _compared(card: Scorecard, inside: Collection[str]) -> list[str]:
    return card.regions.filter(pl.col("compared"), pl.col("code").is_in(inside))["code"].to_list()


def moved(found: pl.DataFrame, own: pl.DataFrame, card: Scorecard) -> pl.DataFrame:
    """What `together` gives, with what changed on the previous cycle of the scorecard's calendar; `own`: the rows that
    `scored` gives."""
    key = ["period", "code"]
    whole = found.with_columns(region=pl.lit(_WHOLE), rank=pl.lit(None, pl.Int64))
    changed = changes(whole, card.rows).select(*key, "value_change", "value_change_rate")
    both = changes(own, card.rows).group_by(key).agg(
        pl.col("score_change").mean(), pl.col("score_change").count().cast(pl.Int64).alias("n_both")
    )  # fmt: skip
    before = later(found.select(*key, n_before="n"), card.rows)
    for more in (changed, both, before):
        found = found.join(more, on=key, how="left", maintain_order="left")
    others = pl.max_horizontal("n", "n_before") > pl.col("n_both")
    return found.with_columns(n_both=pl.when(others, pl.col("n_both") > 0).then("n_both")).drop("n_before")
