"""What a draft would do to the cycles of a store, each against the version that it is scored with now."""

from dataclasses import dataclass

import polars as pl

from data.editions import Editions, known_to
from metrics.adjustments import adjusted, adjustments_of
from metrics.definitions import Definitions
from metrics.impact import Impact, between, rescored
from metrics.problems import InputError, Problem
from metrics.rollup import cycles_of
from metrics.scorecard import Scorecard


@dataclass(frozen=True)
class Prospect:
    """The editions of a store, and the scorecard that a draft makes of all facts there are."""

    editions: Editions
    card: Scorecard

    def held(self, begins: str = "") -> list[str]:
        """The cycles, the earliest first, that the draft would hold for, were it in force from one on ('': from the
        beginning): published ones are never among them."""
        known = self.editions.revisions
        cycles = {*self.editions.cards, *self.card.periods} - set(known.publications)
        late = [cycle for cycle in cycles if not begins or known.place(cycle) >= known.place(begins)]
        return sorted(late, key=known.place)

    def impacts(self, begins: str = "") -> list[Impact]:
        """An impact for each version that scores cycles of `held` now, on these; at least one.

        A cycle that only the draft gives facts to has nothing before.
        """
        now = {cycle: self.editions.cards.get(cycle, self.editions.latest) for cycle in self.held(begins)}
        cards = {id(card): card for card in now.values()} or {0: self.editions.latest}
        return [
            between(card, self.card, [cycle for cycle, own in now.items() if own is card]) for card in cards.values()
        ]

    @property
    def everywhere(self) -> Impact:
        """The impact on every cycle there is, against the version approved last: for a draft of cycles to come."""
        return between(self.editions.latest, self.card)


def prospect(
    found: Editions, after: Definitions, *, facts: pl.DataFrame, regions: pl.DataFrame | None
) -> Prospect:
    """What the definitions of a draft make of all facts and regions of a store, whose editions are known.

    Raises InputError for another calendar than the store's, and as `metrics.scorecard.score` does.
    """
    latest = found.latest.definitions
    if cycles_of(after) != cycles_of(latest):
        raise InputError([Problem("calendar_changed", facts={"kind": latest.cycle})])
    after = adjusted(after, adjustments_of(found.latest.definitions))
    return Prospect(found, rescored(found.latest, after, known_to(after, found.revisions, facts), regions))
