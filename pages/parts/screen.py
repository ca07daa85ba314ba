"""The screens: what pages draw from, loaded once for all sessions, and of that what one person may see."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

import polars as pl
import streamlit as st

from data.editions import Edition, Editions, editions
from data.revisions import revisions_of
from data.store import Store
from metrics import completeness, series
from metrics.cut import only
from metrics.definitions import Definitions
from metrics.scorecard import Scorecard
from pages.parts import in_sight
from pages.parts.i18n import language, t


@dataclass(frozen=True)
class Screen:
    """What a page draws from: the chosen cycle's scorecard, areas with members, label.

    `event` is what its facts are as of (None: now); `editions` knows what every other cycle is scored with; `snapshot`
    names the store's state, the facts used, and which part of the regions is seen where that is not all of them;
    `loaded` and `cycle` are where the screen of all regions is kept.
    """

    store: Store
    editions: Editions
    card: Scorecard
    event: int | None
    areas: pl.DataFrame
    snapshot: str
    label: str
    loaded: tuple[str, str, str] = ("", "", "")
    cycle: str = ""

    @property
    def periods(self) -> tuple[str, ...]:
        """The cycles scored, the earliest first."""
        return tuple(self.editions.cards)

    @property
    def definitions(self) -> Definitions:
        """The definitions in force."""
        return self.card.definitions

    def name(self, code: str) -> str:
        """What a node, indicator or variable is called."""
        return self.definitions.name_of(code, language())

    def names(self) -> dict[str, str]:
        """The regions' names by code."""
        return dict(self.card.regions.select("code", f"name_{language()}").iter_rows())

    def grades(self) -> dict[str, str]:
        """The grades' names by code, from best to worst."""
        return {grade.code: grade.name.text(language()) for grade in self.definitions.grades}

    @property
    def title(self) -> str:
        """What the definitions are called."""
        return self.definitions.title.text(language())

    @property
    def notice(self) -> str:
        """What every figure and file of a demonstration says; empty elsewhere."""
        return t("示例数据") if self.label == "demo" else ""

    @cached_property
    def rows(self) -> pl.DataFrame:
        """Every cycle's rows, from its own scorecard, with the changes and with what stands beside them."""
        cards, in_force = self.editions.cards, self.editions.revisions.latest.digest
        whole = _rows(cards, tuple(cards), self.snapshot, in_force)
        return whole.join(self.card.regions.select(region="code"), on="region", how="semi", maintain_order="left")

    @cached_property
    def facts(self) -> pl.DataFrame:
        """The facts with their batches, read when they are first asked for."""
        return self.store.facts(as_of=self.event)

    @cached_property
    def by_period(self) -> pl.DataFrame:
        """What has been reported in each period: `metrics.completeness.by_period`."""
        if not self.card.whole:
            # What is due is found among all regions.
            own = pl.col("region").is_in(self.card.regions["code"].to_list())
            return whole_of(self).by_period.filter(own, pl.col("cycle").is_in(self.periods))
        return completeness.by_period(self.card.facts, self.card.rows, self.definitions)

    @cached_property
    def settled(self) -> dict[str, float]:
        """The share of each cycle's facts that are verified."""
        counted = completeness.settled(self.card.facts if self.card.whole else self.facts, self.card.rows)
        return dict(counted.select("cycle", "share").iter_rows())

    @cached_property
    def by_cycle(self) -> pl.DataFrame:
        """What has been reported in each cycle: `metrics.completeness.by_cycle`."""
        return completeness.by_cycle(self.card.variables, self.definitions)


def seen_by(store: Store, screens: Mapping[str, Screen]) -> dict[str, Screen]:
    """The screens of the cycles of which the store's person may see any results, each as far as they may see it.

    Results rest on everybody's facts, so they are the same for whoever may see them; of other regions a screen holds
    nothing. Under '' is the one of the definitions in force, or the last that is seen.
    """
    whole = screens[""].editions
    seen = in_sight.seen_of(store.access, whole, public_of(whole))
    part = in_sight.digest_of(seen)
    cards = {
        cycle: in_sight.card_of(cycle, whole, seen, one.snapshot, partial(_trialled, one.loaded, cycle))
        for cycle, one in screens.items()
        if cycle in seen
    }
    told = replace(whole, of={cycle: whole.of[cycle] for cycle in seen}, cards=cards)
    if part:
        told = replace(told, latest=next(reversed(cards.values())))
    found = {cycle: _part(replace(screens[cycle], store=store, editions=told), card, cycle, part)
             for cycle, card in cards.items()}  # fmt: skip
    return {"": found[next(reversed(found))] if part else replace(screens[""], store=store, editions=told), **found}


def _part(screen: Screen, card: Scorecard, cycle: str, part: str) -> Screen:
    """A screen with what is seen of its scorecard."""
    # What is kept for all sessions is kept apart for those who see as much.
    name = f"{screen.snapshot}/{part}" if part else screen.snapshot
    areas = screen.areas if card.whole else in_sight.areas_of(screen.areas, screen.card, card)
    return replace(screen, card=card, areas=areas, snapshot=name, cycle=cycle)


def _trialled(loaded: tuple[str, str, str], cycle: str) -> tuple[Scorecard, str]:
    """The scorecard of all regions, and what its trials are kept under; asked for only when ranks are."""
    screen = screens_of(*loaded)[cycle]
    return screen.card, screen.snapshot


def whole_of(screen: Screen) -> Screen:
    """The screen with all regions, for what is found of one region and rests on the others too; only that region's
    may be shown."""
    return screen if screen.card.whole else screens_of(*screen.loaded)[screen.cycle]


def over_cycles(screen: Screen) -> Screen:
    """A screen of all regions for what sets cycles beside one another: of its scorecard those of which all are seen."""
    card = only(screen.card, [cycle for cycle, own in screen.editions.cards.items() if own.whole])
    name = screen.snapshot if card is screen.card else f"{screen.snapshot}/{' '.join(card.periods)}"
    return replace(screen, card=card, snapshot=name)


def public_of(whole: Editions) -> set[str]:
    """The cycles that are everybody's by now."""
    return set(filter(whole.revisions.is_public, whole.revisions.publications))


def open_screen(store: Store) -> Screen:
    """What the definitions approved last make of all facts there are. Raises as `load` does."""
    return screens_of(str(store.path), store.snapshot(), revisions_of(store).latest.digest)[""]


def early(store: Store) -> list[str]:
    """The cycles of which whoever is at the window sees all regions before they are public."""
    screen = open_screen(store)
    every = set(screen.card.regions["code"])
    seen = {cycle: store.access.seen(cycle, published=False) for cycle in screen.periods}
    return [cycle for cycle, regions in seen.items() if regions is None or regions >= every]


def usual_cycle(screen: Screen) -> str:
    """The cycle that is shown where none is asked for: the last one in which somebody has a composite."""
    rows = screen.rows.filter(pl.col("level") == "composite", pl.col("score").is_not_null())
    return str(rows["period"].max() or next(reversed(screen.periods), ""))


@st.cache_resource(max_entries=4, show_spinner=False)
def screens_of(db: str, snapshot: str, in_force: str) -> dict[str, Screen]:
    """The screen of each cycle, those of one edition share theirs; under '' the one of the latest definitions."""
    store = Store(db)
    found, areas, label = editions(store), store.areas(), store.settings().get("label", "")

    def screen(edition: Edition | None, card: Scorecard) -> Screen:
        event, decision = (None, None) if edition is None else (edition.event, edition.decision)
        # What is made of a card is kept under this and the definitions' digest, which does not know adjustments.
        name = snapshot if event is decision is None else f"{snapshot}/{event}/{decision}"
        return Screen(store, found, card, event, areas, name, label, (db, snapshot, in_force))

    of = {edition: screen(edition, found.cards[cycle]) for cycle, edition in found.of.items()}
    latest = next((one for one in of.values() if one.card is found.latest), None) or screen(None, found.latest)
    return {"": latest, **{cycle: of[edition] for cycle, edition in found.of.items()}}


@st.cache_resource(max_entries=4, show_spinner=False)
def _rows(_cards: series.Cards, cycles: tuple[str, ...], snapshot: str, in_force: str) -> pl.DataFrame:
    return series.told(_cards)


@st.cache_resource(max_entries=16, show_spinner=False)
def _area(
    _cards: series.Cards, cycles: tuple[str, ...], members: tuple[str, ...], snapshot: str, in_force: str
) -> pl.DataFrame:
    return series.area(_cards, members)


def area_of(screen: Screen, members: tuple[str, ...]) -> pl.DataFrame:
    """`metrics.areas.area` of every cycle, once for all sessions."""
    cards, in_force = screen.editions.cards, screen.editions.revisions.latest.digest
    with st.spinner(t("正在计算评分…")):
        return _area(cards, tuple(cards), members, screen.snapshot, in_force)
