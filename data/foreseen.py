"""Foreseen: what a file's facts would change in those that hold, and in the scores, before anything is stored."""

import polars as pl

from data.agreed import agreed
from data.corrections import compared, moved
from data.editions import Edition, scored
from data.overlay import Overlay
from data.revisions import revisions_of
from data.store import Store
from metrics.adjustments import adjusted
from metrics.facts import KEY
from metrics.scorecard import Given, score_given


def foreseen_facts(store: Store, facts: pl.DataFrame, *, replaces: int | None = None) -> pl.DataFrame:
    """What becomes of the facts that hold when these (accepted ones) come in, as `data.corrections` tells it
    afterwards.

    Of a batch that they replace nothing holds any more; what it had gone before comes to hold again.
    """
    over = Overlay(store, revisions_of(store).widest, facts, replaces)
    theirs = over.held.filter(pl.col("batch") == (-1 if replaces is None else replaces))
    mine = pl.concat([facts.select(KEY), theirs.select(KEY)]).unique()
    return compared(over.held, over.then).join(mine, on=KEY, how="semi", nulls_equal=True, maintain_order="left")


def foreseen_scores(store: Store, facts: pl.DataFrame, *, replaces: int | None = None) -> pl.DataFrame:
    """The composites that would come out otherwise, by the definitions in force, as `data.corrections` tells it
    afterwards. Published cycles keep their own. Raises InputError where nothing can be scored."""
    store = store.held()
    known = revisions_of(store)
    over = Overlay(store, adjusted(known.latest.definitions, agreed(store)), facts, replaces)
    after = score_given(over.definitions, Given(over.own, lambda: over.then), regions=store.regions())
    return moved(scored(store, Edition(known.latest, None), known), after, list(known.publications))
