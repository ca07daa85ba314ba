"""The way from one scorecard to another in steps of one kind each, over all orders in which these could come.

Kinds are players: each part in which the definition files differ, the facts, the cycle. Every set of them that has
changed already is a corner, scored by the engine from a mixture of both sides; an edge between two corners changes one
kind alone. A kind's points are the mean of its edges over all orders in which each corner has a score (Shapley 1953):
they add up, do not depend on an order of the kinds, and turn their sign with the direction. Of more than `ALL` kinds
that need scoring only the order of the method and its reverse are taken, of which all but the independence hold too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from metrics.change.files import Files
from metrics.change.points import Point
from metrics.definitions import Definitions
from metrics.periods import PeriodError
from metrics.problems import InputError
from metrics.regions import regions_of
from metrics.scorecard import Given, Scorecard, given, roll_up_rows, score_values
from metrics.values import Cells, Rows, evaluate

FACTS, PERIOD = "facts", "period"
ALL = 5
# What the roll-up of facts depends on.
_ROLLED = frozenset({FACTS, "formula", "cycle", "compare", "definitions"})
_KEY = ("region", "site", "period", "variable")
_Rolled = tuple[Rows, Mapping[str, Cells], Given]


@dataclass(frozen=True, eq=False)
class Ways:
    """Two scorecards, each in a cycle of its own, and the corners between them; a corner is a set of bits of `kinds`.

    `regions` are those that are asked for.
    """

    before: Scorecard
    after: Scorecard
    periods: tuple[str, str]
    regions: tuple[str, ...]
    _cards: dict[int, Scorecard | None] = field(default_factory=dict)
    _rolled: dict[frozenset[str], _Rolled] = field(default_factory=dict)

    @cached_property
    def files(self) -> Files:
        """The definition files of both sides."""
        return Files(self.before.definitions, self.after.definitions)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """What differs: parts of the definitions, the facts, the cycle; in the order of the method."""
        facts = (FACTS,) * (not same_facts(self.before, self.after))
        return (*facts, *self.files.parts, *((PERIOD,) * (self.periods[0] != self.periods[1])))

    def point(self, corner: int) -> Point | None:
        """The scorecard and cycle of a corner; None where such definitions do not hold together."""
        later = {kind for bit, kind in enumerate(self.kinds) if corner >> bit & 1}
        period = self.periods[PERIOD in later]
        scored = corner & ~self._bits({PERIOD})
        if scored not in self._cards:
            self._cards[scored] = self._card(later - {PERIOD})
        card = self._cards[scored]
        return None if card is None else Point(card, period, self.regions)

    def _bits(self, kinds: set[str]) -> int:
        return sum(1 << bit for bit, kind in enumerate(self.kinds) if kind in kinds)

    def _card(self, later: set[str]) -> Scorecard | None:
        whole = {kind for kind in self.kinds if kind != PERIOD}
        if later in (set(), whole):
            return self.after if later and later == whole else self.before
        definitions = self.files.mixed(later - {FACTS})
        try:
            return None if definitions is None else self._scored(definitions, later)
        except (InputError, PeriodError):
            return None

    def _scored(self, definitions: Definitions, later: set[str]) -> Scorecard:
        """The facts of one side by a mixture of both files; rolled up once for all that roll them up alike."""
        side = self.after if FACTS in later else self.before
        alike, raw = frozenset(later & _ROLLED), set(definitions.raw)
        if alike not in self._rolled:
            self._rolled[alike] = self._there(alike, raw) or self._anew(definitions, side, raw)
        rows, variables, found = self._rolled[alike]
        known = evaluate(definitions, rows, variables)
        return Scorecard(*score_values(definitions, rows, known), definitions, rows, known, found)

    def _there(self, alike: frozenset[str], raw: set[str]) -> _Rolled | None:
        """What a side has rolled up already, where it did so from the same variables in the same way."""
        for card, own in ((self.before, frozenset[str]()), (self.after, _ROLLED & set(self.kinds))):
            if alike == own and raw == set(card.definitions.raw):
                return card.rows, {code: card.known[code] for code in raw}, card.given
        return None

    def _anew(self, definitions: Definitions, side: Scorecard, raw: set[str]) -> _Rolled:
        found = given(definitions, side.facts.filter(pl.col("variable").is_in(raw)))
        regions = side.regions.drop("compared")
        return *roll_up_rows(definitions, found.own, regions_of(regions, named=(), compare=definitions.compare)), found

    @cached_property
    def corners(self) -> Sequence[int]:
        """The corners that are taken: all, or those of the order of the method and of its reverse."""
        count = len(self.kinds)
        if count - (PERIOD in self.kinds) <= ALL:
            return range(1 << count)
        first = [(1 << size) - 1 for size in range(count + 1)]
        last = (1 << count) - 1
        return sorted({*first, *(last & ~corner for corner in first)})


def same_facts(before: Scorecard, after: Scorecard) -> bool:
    """Whether two scorecards were made from the same numbers of the same regions."""
    if before is after or (before.given is after.given and before.regions is after.regions):
        return True
    regions = [card.regions.drop("compared") for card in (before, after)]
    if not regions[0].equals(regions[1]) or before.facts.height != after.facts.height:
        return False
    facts = [card.facts.select(*_KEY, "value") for card in (before, after)]
    if before.facts is after.facts or facts[0].equals(facts[1]):
        # To sort millions of them takes long, and mostly they are the same frame, or come in the same order.
        return True
    return facts[0].sort(_KEY, nulls_last=False).equals(facts[1].sort(_KEY, nulls_last=False))
