"""Corrections: what a batch changed in the facts that hold, and what became of the scores."""

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from data.editions import Edition, scored
from data.revisions import revisions_of
from data.shown import facts_shown, scores_shown, whole_of
from data.store import Store
from metrics.facts import KEY
from metrics.problems import InputError, Problem
from metrics.scorecard import Scorecard

# One moment before and one after a batch came in; what it took the place of went in the same transaction.
_MOMENTS = """
    SELECT min(id) - 1 AS before, max(id) AS after FROM events
    WHERE (batch = $batch AND event = 'received') OR (other = $batch AND event = 'superseded')
"""
# Of two moments the facts of those series and periods that the batch, or what it took the place of, reports.
_TOUCHED = """
    SELECT {names}, value, batch FROM facts_at($moment) AS held SEMI JOIN (
        SELECT region, site, period, variable FROM facts
        WHERE batch = $batch OR batch IN (SELECT batch FROM events WHERE other = $batch)
    ) AS touched ON held.region = touched.region AND held.variable = touched.variable
        AND held.period = touched.period AND held.site IS NOT DISTINCT FROM touched.site
"""

_TAKEN_OVER = """
    SELECT 1 FROM overridden WHERE since IN (SELECT id FROM events WHERE batch = $batch AND event = 'received') LIMIT 1
"""


@dataclass(frozen=True)
class Correction:
    """What a batch did.

    `facts`: region, site, period, variable, before, after (the values; null: not reported), batch_before, what (new,
    changed, same, gone); a row for all that it, or the batch it took the place of, reports. `scores`: period, region,
    score_before, score, rank_before, rank, grade_before, grade of the composites that came out otherwise, by the
    definitions in force; published cycles keep their own.
    """

    facts: pl.DataFrame
    scores: pl.DataFrame

    def counts(self) -> dict[str, int]:
        """How many facts are new, changed, the same, gone."""
        found = dict(self.facts.group_by("what").len().iter_rows())
        return {what: found.get(what, 0) for what in ("new", "changed", "same", "gone")}


def correction(store: Store, batch: int) -> Correction:
    """What the batch changed when it came in, by all facts and as far as the store's person may see it.

    Raises InputError where there is no such batch, or they see nothing of it.
    """
    whole = whole_of(store)
    before, after = whole.query(_MOMENTS, batch=batch).row(0)
    if store.query(_MOMENTS, batch=batch)["after"][0] is None:
        raise unknown_batch(store, batch)
    facts, scores = _facts(whole, batch, before, after), _scores(whole, before, after)
    return Correction(facts_shown(store, facts, after), scores_shown(store, scores))


def unknown_batch(store: Store, batch: int) -> InputError:
    """What is raised for a batch that is not there."""
    last = int(store.query("SELECT coalesce(max(id), 0) AS id FROM batches")["id"][0])
    return InputError([Problem("unknown_batch", facts={"batch": batch, "last": last})])


def has_taken_over(store: Store, batch: int) -> bool:
    """Whether facts held where the batch reports when it came in."""
    return not store.query(_TAKEN_OVER, batch=batch).is_empty()


def facts_changed(store: Store, batch: int) -> pl.DataFrame:
    """`Correction.facts` alone, without any score."""
    before, after = store.query(_MOMENTS, batch=batch).row(0)
    return _facts(store, batch, before, after)


def _facts(store: Store, batch: int, before: int, after: int) -> pl.DataFrame:
    sql = _TOUCHED.format(names=", ".join(KEY))
    return compared(*(store.query(sql, batch=batch, moment=moment) for moment in (before, after)))


def compared(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Facts of two moments (their key and value, of the old ones the batch too) as `Correction.facts` tells them."""
    there = old.select(*KEY, before="value", batch_before="batch", there=pl.lit(value=True))
    here = new.select(*KEY, after="value", here=pl.lit(value=True))
    both = there.join(here, on=KEY, how="full", coalesce=True, nulls_equal=True)
    what = (
        pl.when(pl.col("there").is_null()).then(pl.lit("new"))
        .when(pl.col("here").is_null()).then(pl.lit("gone"))
        .when(pl.col("before").eq_missing(pl.col("after"))).then(pl.lit("same"))
        .otherwise(pl.lit("changed"))
    )  # fmt: skip
    return both.select(*KEY, "before", "after", "batch_before", what.alias("what")).sort(KEY, nulls_last=False)


def _scores(store: Store, before: int, after: int) -> pl.DataFrame:
    known = revisions_of(store)
    final = [cycle for cycle, found in known.publications.items() if found.event < after]
    old, new = (scored(store, Edition(known.latest, moment), known) for moment in (before, after))
    return moved(old, new, final)


def moved(before: Scorecard, after: Scorecard, final: Collection[str]) -> pl.DataFrame:
    """The composites that come out otherwise, but for those of final cycles, as `Correction.scores` tells them."""
    shown, key = ("score", "rank", "grade"), ["period", "region"]
    asked = (pl.col("level") == "composite") & ~pl.col("period").is_in(list(final))
    old, new = (card.frame.filter(asked).select(*key, *shown) for card in (before, after))
    both = new.join(old, on=key, how="full", suffix="_before", coalesce=True)
    other = pl.any_horizontal(~pl.col(name).eq_missing(pl.col(f"{name}_before")) for name in shown)
    return both.filter(other).select(*key, *(part for name in shown for part in (f"{name}_before", name))).sort(key)
