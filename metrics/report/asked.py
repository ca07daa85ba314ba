"""What a report asks of a scorecard and of the series that it stands in; what reports share is made once."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from metrics import series
from metrics.cut import Cut, Sure
from metrics.manual.words import Words
from metrics.problems import InputError
from metrics.report.acted import Before, before_vetoes
from metrics.report.sentences import middle
from metrics.robustness import Robustness, analyse
from metrics.same import Same
from metrics.scorecard import Scorecard
from metrics.series import Cards
from metrics.shown import cycle_words, pick

if TYPE_CHECKING:
    from metrics.export.occasion import Occasion

Row = Mapping[str, Any]
# Trials × rows that are drawn for a report: about five seconds, once for all reports of a scorecard.
MOST_DRAWN = 3_000_000


@dataclass(frozen=True)
class Shared:
    """What all reports of a scorecard share, whichever region they are of; `cards`: who scored each cycle."""

    card: Scorecard
    cards: Cards
    _wholes: dict[tuple[tuple[str, ...], str], pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def upto(self, period: str) -> list[str]:
        """The cycles up to and with one."""
        cycles = list(self.cards)
        return cycles[: cycles.index(period) + 1]

    def whole(self, members: tuple[str, ...], period: str) -> pl.DataFrame:
        """Some regions as one, in every cycle up to and with one: `areas.area`."""
        if (members, period) not in self._wholes:
            cards = {cycle: self.cards[cycle] for cycle in self.upto(period)}
            self._wholes[members, period] = series.area(cards, members)
        return self._wholes[members, period]

    @cached_property
    def rows(self) -> pl.DataFrame:
        """Every cycle's rows, from its own scorecard, with what changed and what stands beside them."""
        return series.told(self.cards)

    @cached_property
    def drawn(self) -> Robustness | Sure | None:
        """The uncertainty analysis; None where it cannot be drawn, or only in a long time."""
        if isinstance(self.card, Cut):
            return self.card.sure()
        if self.card.definitions.robustness.trials * self.card.rows.frame.height > MOST_DRAWN:
            return None
        try:
            return analyse(self.card)
        except InputError:
            return None

    @cached_property
    def before(self) -> Before:
        """The grades before vetoes: `acted.before_vetoes`."""
        return before_vetoes(self.card)


# The reports of one scorecard are made one after the other.
@lru_cache(maxsize=2)
def _shared(card: Same, cards: Same) -> Shared:
    own: Scorecard = card.thing
    return Shared(own, dict.fromkeys(own.periods, own) if cards.thing is None else dict(cards.thing))


@dataclass(frozen=True)
class Asked:
    """One report: the cycle that it is of, its language, what it must say about where it comes from."""

    shared: Shared
    period: str
    lang: str
    notice: str
    occasion: "Occasion"

    @property
    def card(self) -> Scorecard:
        """The scorecard that the cycle is taken from."""
        return self.shared.card

    @property
    def tells_every_cycle(self) -> bool:
        """Whether every cycle that the card scores up to this one may be told; of a public report some are not."""
        upto = self.card.periods[: self.card.periods.index(self.period) + 1]
        return all(cycle in self.shared.cards for cycle in upto)

    @cached_property
    def words(self) -> Words:
        """The words of the definitions."""
        return Words(self.card.definitions, self.lang)

    @cached_property
    def cycle(self) -> str:
        """The cycle as it stands in a sentence."""
        return cycle_words(self.period, self.lang)

    @cached_property
    def names(self) -> dict[str, str]:
        """The regions' names by code; with the code where several are called alike."""
        named = self.card.regions.select("code", f"name_{self.lang}").iter_rows()
        names = {code: self.words.line(str(name or code)) for code, name in named}
        alike = Counter(names.values())
        return {
            code: name if alike[name] == 1 else pick(self.lang, f"{name}（{code}）", f"{name} ({code})")
            for code, name in names.items()
        }

    @cached_property
    def grades(self) -> dict[str, str]:
        """The grades' names by code, the best first."""
        return {grade.code: self.words.line(grade.name.text(self.lang)) for grade in self.card.definitions.grades}

    @property
    def rules(self) -> str:
        """The heading under which rules that acted are told."""
        return self.words.pick("否决、门槛、加分与扣分", "Vetoes, gates and points")

    @cached_property
    def ranks(self) -> dict[str, Row]:
        """Each region's rank over the trials in this cycle, with its tier; empty without trials."""
        if self.shared.drawn is None:
            return {}
        here = self.shared.drawn.standing.filter(pl.col("period") == self.period)
        return {row["region"]: row for row in here.iter_rows(named=True)}

    @property
    def middle(self) -> str:
        """What regions are compared with."""
        return middle(self.card, self.lang)

    @property
    def before(self) -> str:
        """The cycle scored before this one; empty where it is the first."""
        return next(iter(self.shared.upto(self.period)[-2:-1]), "")

    @property
    def redefined(self) -> str:
        """That the cycle before was scored by other definitions, so that changes hold theirs; '' where it was not."""
        if not self.before or self.shared.cards[self.before].definitions.digest == self.card.definitions.digest:
            return ""
        return self.words.pick(
            "上期按另一版指标定义评分，差别含定义的改变", "scored by other definitions then, so the change holds theirs"
        )

    @property
    def root(self) -> str:
        """The composite's code."""
        return self.card.definitions.index.code

    def rows(self, *, every_cycle: bool = False) -> pl.DataFrame:
        """The rows of the cycle, or of all up to it."""
        known = self.shared.upto(self.period) if every_cycle else [self.period]
        return self.shared.rows.filter(pl.col("period").is_in(known))


def ask(
    card: Scorecard, period: str, *, lang: str, notice: str, series: Cards | None, occasion: "Occasion | None"
) -> Asked:
    """A report's questions. Raises InputError for a cycle that the scorecard does not have."""
    # The formats import the reports: at the top this would go round in a ring.
    from metrics.export.occasion import Occasion

    card.require_period(period)
    # A series that does not know the cycle tells nothing about it.
    known = series if series is not None and period in series else None
    return Asked(_shared(Same(card), Same(known)), period, lang, notice, occasion or Occasion())
