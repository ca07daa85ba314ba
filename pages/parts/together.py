"""The regions of an area together, as the page of integration asks for them: each answer once a run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl
import streamlit as st

from metrics import apart, convergence, coupling, flows, integration, spread
from metrics.report import together as told
from metrics.scorecard import Scorecard
from pages.parts.filters import Choice
from pages.parts.i18n import language, t
from pages.parts.pickers import pick
from pages.parts.shell import Screen

# Attributes that say where a region stands on the grid or since when, and nothing about what it is like.
_NO_GROUPS = {"code", "name_zh", "name_en", "name_short", "compared", "tile_row", "tile_column"}
_NO_GROUPS |= {"valid_from", "valid_to", "successor", "areas"}

_PEOPLE = ("person", "人", "万人")
_ALIKE = "alike"


@dataclass(frozen=True)
class Together:
    """What is chosen on the page, and what the scorecard says about the members together."""

    screen: Screen
    choice: Choice
    code: str
    groups: str | Mapping[str, str] | None = None
    weight: str | None = None

    @property
    def name(self) -> str:
        """What is compared."""
        return self.screen.name(self.code)

    @property
    def weighed(self) -> str:
        """What is compared, and by what the regions are weighed where they are."""
        if self.weight is None:
            return self.name
        return t("{name}（按{weight}加权）", name=self.name, weight=self.screen.name(self.weight))

    @property
    def unit(self) -> str:
        """The unit of what is compared; `1` for a score."""
        return self.screen.definitions.unit_of(self.code) or "1"

    @cached_property
    def dispersion(self) -> pl.DataFrame:
        """`integration.dispersion` of the code, all measures and cycles."""
        card, members = self.screen.card, self.choice.members
        return integration.dispersion(card, members, codes=[self.code], weight=self.weight, groups=self.groups)

    @cached_property
    def spread(self) -> pl.DataFrame:
        """A column a measure, a row a cycle."""
        return self.dispersion.pivot("measure", index="period", values="value")

    def at(self, measure: str, period: str) -> dict[str, Any]:
        """One measure of one cycle."""
        found = self.dispersion.filter(pl.col("measure") == measure, pl.col("period") == period)
        return found.row(0, named=True)

    def alike(self, one: str, other: str) -> bool:
        """Whether the same members have a value in two cycles, so that their spreads can be compared."""
        card = self.screen.card
        cells = integration.measured_cells(card, self.choice.members, [self.code])[0]
        had, has = (~pl.Series(cells[card.periods.index(period)]).is_nan() for period in (one, other))
        return had.equals(has) and self.at("cv", one)["n"] == self.at("cv", other)["n"]

    @cached_property
    def convergence(self) -> dict[str, Any]:
        """`integration.convergence` of the code up to the chosen cycle."""
        card, choice = self.screen.card, self.choice
        found = integration.convergence(card, choice.members, codes=[self.code], last=choice.cycle, weight=self.weight)
        return found.row(0, named=True)

    @cached_property
    def growth(self) -> pl.DataFrame:
        """The members behind the slope, with their names."""
        card, choice = self.screen.card, self.choice
        rows = integration.starts(card, choice.members, self.code, last=choice.cycle)
        return rows.drop_nulls("growth").with_columns(name=pl.col("region").replace_strict(self.screen.names()))

    @property
    def verdict(self) -> str:
        """`convergence.verdict` of the row."""
        return convergence.verdict(self.convergence)

    @cached_property
    def coupled(self) -> pl.DataFrame:
        """`coupling.coupling` of the members in every cycle."""
        found = coupled_of(self.screen.card, self.screen.snapshot, self.screen.definitions.digest)
        return found.filter(pl.col("region").is_in(self.choice.members))

    @cached_property
    def coupled_area(self) -> pl.DataFrame:
        """`coupling.coupling_of` the members."""
        return coupling.coupling_of(self.coupled, self.choice.members)

    @cached_property
    def apart(self) -> pl.DataFrame:
        """`apart.held_apart` in the chosen cycle, the largest share first."""
        found = apart.held_apart(self.screen.card, self.choice.members, periods=[self.choice.cycle])
        return found.sort("share", "code", descending=[True, False], nulls_last=True)

    @cached_property
    def flows(self) -> pl.DataFrame:
        """`flows.flows` between the members."""
        screen = self.screen
        return flows_of(screen.card, self.choice.members, screen.snapshot, screen.definitions.digest)


@st.cache_resource(max_entries=4, show_spinner=False)
def coupled_of(_card: Scorecard, snapshot: str, digest: str) -> pl.DataFrame:
    """`coupling.coupling`, once for all sessions."""
    return coupling.coupling(_card)


@st.cache_resource(max_entries=16, show_spinner=False)
def flows_of(_card: Scorecard, members: tuple[str, ...], snapshot: str, digest: str) -> pl.DataFrame:
    """`flows.flows`, once for all sessions."""
    return flows.flows(_card, members)


REASONS = {**coupling.REASONS, **apart.REASONS, **spread.REASONS, **convergence.REASONS}


def reason_words(reason: str, kind: Mapping[str, tuple[str, str]] = REASONS) -> str:
    """Why there is no number, in words."""
    return told.reason_words(reason, kind, language())


def in_words(column: str, words: Callable[[str], str], codes: Iterable[str]) -> pl.Expr:
    """A column of codes in words; made here and now, since polars' own threads do not know the session's language."""
    return pl.col(column).replace_strict({code: words(code) for code in codes}, default=pl.col(column))


def cannot_say(reason: str) -> str:
    """That nothing can be said about convergence, and why; `reason` as `Converged` gives it."""
    return told.cannot_say(reason, language())


def band_words(code: str) -> str:
    """What a band of coordination is called."""
    return told.band_words(code, language())


def pick_weight(screen: Screen) -> str | None:
    """By how many people the regions are weighed, None where each counts the same; asked where anybody is counted."""
    counted = [
        code
        for code, variable in screen.definitions.variables.items()
        if variable.unit in _PEOPLE and screen.card.known[code].value.drop_nulls().len()
    ]
    names = {_ALIKE: t("各地区一样重"), **{code: screen.name(code) for code in counted}}
    found = pick(t("权重"), "weight", names, _ALIKE, short=True)
    return None if found == _ALIKE else found


def pick_groups(screen: Screen, choice: Choice, code: str) -> str | dict[str, str] | None:
    """Groups of the members: parents, areas or an attribute; None where none divides those that have a value."""
    own = pl.col("value") if code in screen.definitions.indicators else pl.col("score")
    known = screen.card.frame.filter(pl.col("code") == code, pl.col("region").is_in(choice.members), own.is_not_null())
    inside = known["region"].unique().to_list()
    found = {key: groups for key, groups in _groupings(screen).items() if _divides(groups, inside)}
    if not found:
        return None
    names = {key: _grouping_words(key) for key in found}
    return found[pick(t("分组"), "groups", names, next(iter(found)), short=True)]


def _groupings(screen: Screen) -> dict[str, dict[str, str]]:
    frame = screen.card.regions
    attributes = [name for name in frame.columns if name not in _NO_GROUPS]
    found = {
        name: {code: str(group) for code, group in frame.select("code", name).iter_rows() if group is not None}
        for name in attributes
    }
    return {**found, "areas": integration.partition(screen.areas)}


def _divides(groups: Mapping[str, str], members: Sequence[str]) -> bool:
    """Whether there are at least two groups, and fewer than members."""
    return 1 < len({groups.get(region) for region in members}) < len(members)


def _grouping_words(key: str) -> str:
    named = {
        **{"parent": t("上级地区"), "areas": t("区域"), "level": t("级别")},
        **{"climate_zone": t("气候区"), "size_class": t("规模")},
    }
    return named.get(key, key)
