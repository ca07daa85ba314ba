"""Foreseen: what a file's facts would change in those that hold, and in the scores, before anything is stored."""

import polars as pl

from data.agreed import agreed
from data.corrections import compared, moved
from data.editions import Edition, scored
from data.overlay import Overlay
from data.revisions import revisions_of
from data.shown import facts_shown, scores_shown, whole_of
from data.store import Store
from metrics.adjustments import adjusted
from metrics.facts import KEY
from metrics.scorecard import Given, score_given


def foreseen_facts(store: Store, facts: pl.DataFrame, *, replaces: int | None = None) -> pl.DataFrame:
    """What becomes of the facts that hold when these (accepted ones) come in, as `data.corrections` tells it
    afterwards; of what holds now no more than the store's person may see.

    Of a batch that they replace nothing holds any more; what it had gone before comes to hold again.
    """
    over = Overlay(whole_of(store), revisions_of(store).widest, facts, replaces)
    theirs = over.held.filter(pl.col("batch") == (-1 if replaces is None else replaces))
    mine = pl.concat([facts.select(KEY), theirs.select(KEY)]).unique()
    every = compared(over.held, over.then).join(mine, on=KEY, how="semi", nulls_equal=True, maintain_order="left")
    # What is new is the file's own.
    fresh = every.filter(pl.col("what") == "new")
    return pl.concat([fresh, facts_shown(store, every.filter(pl.col("what") != "new"))]).sort(KEY, nulls_last=False)


def foreseen_scores(store: Store, facts: pl.DataFrame, *, replaces: int | None = None) -> pl.DataFrame:
    """The composites that would come out otherwise, by the definitions in force, as `data.corrections` tells it
    afterwards: by all facts, of regions that the store's person may see. Published cycles keep their own.

    Raises InputError where nothing can be scored.
    """
    whole = whole_of(store).held()
    known = revisions_of(whole)
    over = Overlay(whole, adjusted(known.latest.definitions, agreed(whole)), facts, replaces)
    after = score_given(over.definitions, Given(over.own, lambda: over.then), regions=whole.regions())
    before = scored(whole, Edition(known.latest, None), known)
    return scores_shown(store, moved(before, after, list(known.publications)))
