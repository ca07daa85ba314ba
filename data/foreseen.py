"""Foreseen: what a file's facts would change in those that hold, and in the scores, before anything is stored."""

import polars as pl

from data.batches import GONE
from data.editions import Edition, known_to, scored
from data.revisions import revisions_of
from data.rolled import named, own
from data.store import Store
from metrics.facts import KEY
from metrics.rollup import Own, calendar_of, cycles_of, own_values
from metrics.scorecard import Given, score_given

SHOWN = ("score", "rank", "grade")
# What holds of some regions and periods, without one batch.
_HELD = f"""
    SELECT region, site, period, variable, value, batch FROM facts
    WHERE batch NOT IN ({GONE}) AND batch <> $gone
        AND region IN (SELECT unnest($regions)) AND period IN (SELECT unnest($periods))
    QUALIFY row_number() OVER (PARTITION BY region, site, period, variable ORDER BY batch DESC) = 1
"""
_OF_BATCH = "SELECT DISTINCT region, period FROM facts WHERE batch = $batch"
# The number of no batch.
NONE = -1


def foreseen_facts(store: Store, facts: pl.DataFrame, *, replaces: int | None = None) -> pl.DataFrame:
    """What becomes of the facts that hold when these (accepted ones) come in: region, site, period, variable, before,
    after, batch_before, what (new, changed, same, gone), as `data.corrections` tells it afterwards.

    Of a batch that they replace nothing holds any more; what it had gone before comes to hold again.
    """
    regions, periods = _touched(store, facts, replaces)
    bound = {"regions": regions, "periods": periods}
    held = store.query(_HELD, gone=NONE, **bound)
    under = store.query(_HELD, gone=NONE if replaces is None else replaces, **bound)
    now = held.select(*KEY, before="value", batch_before="batch", there=pl.lit(value=True))
    then = _over(under.select(*KEY, "value"), facts).select(*KEY, after="value", here=pl.lit(value=True))
    both = now.join(then, on=KEY, how="full", coalesce=True, nulls_equal=True)
    theirs = held.filter(pl.col("batch") == (NONE if replaces is None else replaces))
    mine = pl.concat([facts.select(KEY), theirs.select(KEY)]).unique()
    both = both.join(mine, on=KEY, how="semi", nulls_equal=True)
    what = (
        pl.when(pl.col("there").is_null()).then(pl.lit("new"))
        .when(pl.col("here").is_null()).then(pl.lit("gone"))
        .when(pl.col("before").eq_missing(pl.col("after"))).then(pl.lit("same"))
        .otherwise(pl.lit("changed"))
    )  # fmt: skip
    return both.select(*KEY, "before", "after", "batch_before", what.alias("what")).sort(KEY, nulls_last=False)


def foreseen_scores(store: Store, facts: pl.DataFrame, *, replaces: int | None = None) -> pl.DataFrame:
    """The composites that would come out otherwise, by the definitions in force: period, region, score_before, score,
    rank_before, rank, grade_before, grade. Published cycles keep their own. Raises InputError where nothing can be
    scored."""
    store = store.held()
    known = revisions_of(store)
    definitions = known.latest.definitions
    regions, periods = _touched(store, facts, replaces)
    under = store.query(_HELD, gone=NONE if replaces is None else replaces, regions=regions, periods=periods)
    then = known_to(definitions, known, _over(under.select(*KEY, "value"), facts))
    after = score_given(
        definitions, Given(_own(store, then, regions, periods), lambda: then), regions=store.regions()
    )
    before = scored(store, Edition(known.latest, None), known)
    key, composites = ["period", "region"], pl.col("level") == "composite"
    open_ = ~pl.col("period").is_in(list(known.publications))
    old, new = (card.frame.filter(composites, open_).select(*key, *SHOWN) for card in (before, after))
    both = new.join(old, on=key, how="left", suffix="_before")
    moved = pl.any_horizontal(~pl.col(name).eq_missing(pl.col(f"{name}_before")) for name in SHOWN)
    return both.filter(moved).select(*key, *(part for name in SHOWN for part in (f"{name}_before", name))).sort(key)


def _touched(store: Store, facts: pl.DataFrame, replaces: int | None) -> tuple[list[str], list[str]]:
    """The regions and all periods of the cycles that the facts, or the batch that they replace, are of."""
    pairs = facts.select("region", "period").unique()
    if replaces is not None:
        pairs = pl.concat([pairs, store.query(_OF_BATCH, batch=replaces)])
    calendar = cycles_of(revisions_of(store).latest.definitions)
    every = pl.concat([pairs["period"], store.query("SELECT DISTINCT period FROM facts")["period"]]).unique()
    placed = calendar_of(every, calendar)
    mine = placed.filter(pl.col("period").is_in(pairs["period"].unique().to_list()))["cycle"].unique()
    beside = placed.filter(pl.col("cycle").is_in(mine.to_list()))["period"]
    periods = pl.concat([beside, pairs["period"]]).unique().sort()
    return pairs["region"].unique().sort().to_list(), periods.to_list()


def _over(held: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Facts in the place of those that hold."""
    fresh = facts.select(*KEY, "value")
    return pl.concat([held.join(fresh.select(KEY), on=KEY, how="anti", nulls_equal=True), fresh])


def _own(store: Store, then: pl.DataFrame, regions: list[str], periods: list[str]) -> Own:
    """What all facts would come to by region and cycle: of what is touched anew, of the rest as it is kept."""
    definitions, event = revisions_of(store).latest.definitions, store.newest_event()
    now = own(store.query, definitions, event, named(store.query, event))
    cycles = calendar_of(pl.Series(periods, dtype=pl.String), cycles_of(definitions))["cycle"].unique()
    fresh = own_values(definitions, then)
    touched = pl.col("region").is_in(regions) & pl.col("cycle").is_in(cycles.to_list())
    values = pl.concat([now.values.filter(~touched), fresh.values.select(now.values.columns)])
    return Own(
        values, tuple(sorted({*now.cycles, *fresh.cycles})), tuple(sorted({*now.named, *fresh.named}))
    )
