"""Republished: later editions of a published cycle, each for a reason, with what changed; the older ones stay."""

from typing import NamedTuple

import polars as pl

from data.agreed import agreed_in, last_decision
from data.editions import Edition, edition_of, scored
from data.persons import require, signed_by
from data.proposals import enter_edition
from data.revisions import Publication, editions_of, revisions_in, revisions_of
from data.stage_checks import Asked, compared, missing_for, moved_since
from data.stages import asking, refused, require_all, require_stage
from data.store import Store
from data.unseen import require_state
from metrics.change import corrected, ledgers, outcomes
from metrics.problems import InputError
from metrics.scorecard import Scorecard


def publish_again(store: Store, cycle: str, *, person: str, reason: str, seen: str | None = None) -> int:
    """The next edition of a published cycle, with the facts and the agreed adjustments of now; gives its number.

    Its definitions stay. It is public at once, or when the edition that it follows will be. By whoever may approve
    results and sees them; raises InputError without a reason, for a cycle that is not published or is closed, where
    nothing that it rests on has changed, while a warning has no reason or an adjustment is open, and where the store is
    not in the state that was `seen`.
    """
    require("person", person)
    require("reason", reason)
    file = store.definitions_path()
    with store.transaction(f"publish {cycle} again", "conclude", reason=reason) as writer:
        ask = writer.found
        for right in ("conclude", "see_provisional"):
            require_all(store, ask, right, cycle)
        person = signed_by(store, person)
        require_state(ask, cycle, seen)
        known = revisions_in(lambda sql: ask(sql, {}), file)
        before = known.publications.get(cycle)
        if before is None:
            raise refused("cycle_unpublished", cycle=cycle)
        require_stage(ask, cycle, "published", "objections")
        asked = Asked(ask, known, cycle)
        if missing := missing_for(asked, "approval"):
            raise InputError(missing)
        _require_new(asked, before)
        return enter_edition(writer, known, cycle, person=person, reason=reason, release=before.release)


def _require_new(asked: Asked, before: Publication) -> None:
    """Raises InputError where all that an edition rests on is what it was: facts of the cycle and of earlier ones, the
    adjustments that are agreed on, the editions of earlier cycles that its notice compares to."""
    is_same = (
        not moved_since(asked, before.event)
        and agreed_in(asked.ask, asked.cycle) == agreed_in(asked.ask, asked.cycle, before.adjusted)
        and compared(asked) == compared(asked, before.made)
    )
    if is_same:
        raise refused("edition_same", cycle=asked.cycle, edition=before.edition)


def edition_card(store: Store, cycle: str, number: int) -> Scorecard:
    """The scorecard of an edition of a cycle, as it was published. Raises InputError where there is none."""
    store = store.held()
    found = {one.edition: one for one in editions_of(store, cycle)}
    if number not in found:
        raise refused("no_such_edition", cycle=cycle, edition=number, last=len(found))
    known = revisions_of(store)
    newest = store.newest_event(), last_decision(store)
    return scored(store, edition_of(known, found[number], newest), known)


class Changes(NamedTuple):
    """What differs between two editions: `metrics.change.ledgers`, whose terms add up to the change of each composite,
    `outcomes`, and `corrected`, the numbers that the cycle was given otherwise."""

    terms: pl.DataFrame
    outcomes: pl.DataFrame
    corrected: pl.DataFrame


def edition_changes(store: Store, cycle: str, number: int) -> Changes:
    """What an edition changed against the one before.

    Raises InputError for the first edition, and where there is no such one.
    """
    if number == 1:
        raise refused("first_edition", cycle=cycle)
    return _between(edition_card(store, cycle, number - 1), edition_card(store, cycle, number), cycle)


def _between(before: Scorecard, after: Scorecard, cycle: str) -> Changes:
    periods = {"period_before": cycle, "period_after": cycle}
    moved = ledgers(before, after, **periods), outcomes(before, after, **periods)
    return Changes(*moved, corrected(before, after, cycle))


def upcoming_changes(store: Store, cycle: str) -> Changes:
    """What the next edition would change if it were published now: as `edition_changes` tells.

    Raises InputError for a cycle that is not published, and where nothing has changed.
    """
    store = store.held()
    known = revisions_of(store)
    published = known.publications.get(cycle)
    if published is None:
        raise refused("cycle_unpublished", cycle=cycle)
    _require_new(Asked(asking(store), known, cycle), published)
    before = edition_card(store, cycle, published.edition)
    after = scored(store, Edition(known[published.revision], None), known)
    return _between(before, after, cycle)
