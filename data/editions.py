"""Editions: each cycle scored with the version in force for it, published ones on the facts of that day."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from data.agreed import agreed, last_decision
from data.revisions import Publication, Revision, Revisions, revisions_of
from data.rolled import named, own
from data.store import Store
from metrics import series
from metrics.adjustments import adjusted
from metrics.definitions import Definitions
from metrics.problems import InputError, Problem
from metrics.rollup import calendar_of, cycles_of
from metrics.scorecard import Given, Scorecard, accept, given, score_given


@dataclass(frozen=True)
class Edition:
    """What some cycles are scored with: a version, the facts as of an event and the adjustments as of a decision (None:
    as they are now)."""

    revision: Revision
    event: int | None
    decision: int | None = None

    def facts(self, store: Store) -> pl.DataFrame:
        """The store's facts as this edition knows them."""
        return store.facts(as_of=self.event)


@dataclass(frozen=True)
class Editions:
    """The edition and the scorecard of each cycle, the earliest first; `latest` is the one that is open.

    Cycles of one edition share their scorecard.
    """

    revisions: Revisions
    of: Mapping[str, Edition]
    cards: Mapping[str, Scorecard]
    latest: Scorecard

    def card(self, period: str) -> Scorecard:
        """The scorecard that a cycle's scores are taken from. Raises InputError where there is no such cycle."""
        if period not in self.cards:
            self.latest.require_period(period)
            raise InputError([Problem("cycle_without_facts", facts={"cycle": period})])
        return self.cards[period]

    @property
    def last(self) -> Scorecard:
        """The last cycle's scorecard."""
        return next(reversed(list(self.cards.values())), self.latest)

    def public(self, cycle: str, moment: str) -> dict[str, Scorecard]:
        """The scorecards of a cycle and of those before it that are everybody's at a moment."""
        known, place = self.revisions.publications, self.revisions.place
        return {
            one: card
            for one, card in self.cards.items()
            if one == cycle or (place(one) < place(cycle) and one in known and known[one].released(moment))
        }

    def beside(self, card: Scorecard) -> list[str]:
        """The cycles whose scores are taken from a scorecard."""
        return [period for period, own in self.cards.items() if own is card]

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The contract's rows (§5), each cycle's from its own scorecard."""
        return series.frame(self.cards) if self.cards else self.latest.frame


def editions(store: Store) -> Editions:
    """Every cycle of the store scored. Raises InputError for definitions or facts that cannot be."""
    # Somebody may publish between two questions.
    store = store.held()
    known = revisions_of(store)
    newest = store.newest_event(), last_decision(store)
    first = Edition(known.latest, None)
    made = {first: scored(store, first, known)}
    of = {period: _edition(known, period, newest) for period in _cycles(store, known, made[first])}
    for edition in of.values():
        if edition not in made:
            made[edition] = scored(store, edition, known)
    held = {period: edition for period, edition in of.items() if period in made[edition].periods}
    return Editions(known, held, {period: made[edition] for period, edition in held.items()}, made[first])


def _cycles(store: Store, known: Revisions, latest: Scorecard) -> list[str]:
    """Every cycle that any version may score, the earliest first: of the facts that hold, and what is published, which
    stays whatever becomes of its facts."""
    found, calendar = {*latest.periods, *known.publications}, cycles_of(latest.definitions)
    if foreign := _foreign(latest.definitions, known):
        names = named(store.query, store.newest_event()).filter(pl.col("variable").is_in(foreign))
        found |= {calendar.name(at) for at in calendar_of(names["period"].unique(), calendar)["cycle"].unique()}
    return sorted(found, key=known.place)


def _edition(known: Revisions, period: str, newest: tuple[int, int]) -> Edition:
    if period not in known.publications:
        return Edition(known.of(period), None)
    return edition_of(known, known.publications[period], newest)


def edition_of(known: Revisions, published: Publication, newest: tuple[int, int]) -> Edition:
    """What a published cycle was scored with; `newest` are the store's last event and decision."""
    event, decision = (
        None if own == last else own for own, last in zip((published.event, published.adjusted), newest, strict=True)
    )
    return Edition(known[published.revision], event, decision)


def scored(store: Store, edition: Edition, known: Revisions) -> Scorecard:
    """The scorecard of an edition."""
    definitions = adjusted(edition.revision.definitions, agreed(store, edition.decision))
    regions = store.regions()

    def facts() -> pl.DataFrame:
        return accept(definitions, known_to(definitions, known, edition.facts(store)), regions)

    event = store.newest_event() if edition.event is None else edition.event
    names = named(store.query, event)
    if not _are_accepted(definitions, known_to(definitions, known, names), regions):
        # What was accepted once breaks a rule of definitions or regions that were changed since: every row is told.
        return score_given(definitions, given(definitions, facts()), regions=regions)
    return score_given(definitions, Given(own(store.query, definitions, event, names), facts), regions=regions)


def _are_accepted(definitions: Definitions, names: pl.DataFrame, regions: pl.DataFrame | None) -> bool:
    """Whether facts so named can be scored."""
    try:
        accept(definitions, names.with_columns(value=pl.lit(0.0)), regions)
    except InputError:
        return False
    return True


def known_to(definitions: Definitions, known: Revisions, facts: pl.DataFrame) -> pl.DataFrame:
    """The facts without those of variables that only other versions know: they are no matter of these definitions."""
    foreign = _foreign(definitions, known)
    return facts.filter(~pl.col("variable").is_in(foreign)) if foreign else facts


def _foreign(definitions: Definitions, known: Revisions) -> set[str]:
    """The variables that only other versions know."""
    return set(known.widest.raw) - set(definitions.raw)
