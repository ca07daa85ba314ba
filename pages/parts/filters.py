"""Filters: area, cycle, comparison and regions, in one row at the top of every page."""

from dataclasses import dataclass
from html import escape

import polars as pl
import streamlit as st

from data.exports import standing_of
from metrics.states import state_words
from pages.parts.formats import cycle_words, nearly
from pages.parts.i18n import language, t
from pages.parts.others import note
from pages.parts.shell import Screen, awaited, usual_cycle
from pages.parts.url import arrive, leave

AGAINST = ("last", "peers", "target")


@dataclass(frozen=True)
class Choice:
    """What is looked at: an area ('' is all), its compared regions, a cycle, what to compare with, some regions."""

    area: str
    area_name: str
    members: tuple[str, ...]
    cycle: str
    against: str
    regions: tuple[str, ...]

    @property
    def shown(self) -> tuple[str, ...]:
        """The chosen regions, or all of the area where none is chosen."""
        return self.regions or self.members


def choose(screen: Screen, *, comparing: bool = True, picking: bool = True) -> Choice:
    """Draws the row and gives what is chosen; the choice stands in the URL and follows from page to page.

    The row is the same on every page; what a page makes no use of (`comparing` with what, `picking` regions) is off.
    """
    drawer = st.session_state.get("drawer", False)
    with st.container(key="drawer_button"):
        st.toggle(t("筛选"), key="drawer", persist_state="session")
        told = st.empty()
    with st.container(key="filters_open" if drawer else "filters"):
        first, second, third, fourth = st.columns([2, 1.3, 2.4, 3.5], vertical_alignment="bottom")
        area, names = _area(screen, first)
        members = _members(screen, area)
        cycle = _cycle(screen, second)
        against = _against(third, off=not comparing)
        regions = _regions(screen, fourth, members, off=not picking)
    chosen = t("、").join(screen.names()[region] for region in regions) or t("全部")
    told.html(f'<p class="q-sub">{escape(f"{names[area]} · {cycle} · {chosen}")}</p>')
    _provisional(screen, cycle)
    _version(screen, cycle)
    _awaited(screen)
    note(screen)
    return Choice(area, names[area], members, cycle, against, regions)


def _provisional(screen: Screen, cycle: str) -> None:
    """Says where a cycle is not public yet, and of an open one also that it may change and how far its facts are
    verified."""
    part, published = screen.settled.get(cycle, 1.0), screen.editions.revisions.publications.get(cycle)
    words = ""
    if published is not None and not screen.editions.revisions.is_public(cycle):
        told = state_words(*standing_of(screen.store, cycle), language())
        words = t("{cycle}{state}；此前请勿外传、引用", cycle=cycle_words(cycle), state=told)
    elif published is None:
        words = t("{cycle}未公布，得分、名次、等级仍可能变动", cycle=cycle_words(cycle))
        words += t("；数据尚未全部核定（已核定 {share}）", share=nearly(part)) if part < 1.0 else ""
    if words:
        st.html(f'<p class="q-draft">{escape(words)}</p>')


def _awaited(screen: Screen) -> None:
    """Of a newer cycle than any in sight, which whoever looks will see from its release on: when that is."""
    known = screen.editions.revisions
    last = known.place(screen.periods[-1])
    for cycle, words in awaited(screen.store, known).items():
        if known.place(cycle) > last:
            st.html(f'<p class="q-sub">{escape(words)}</p>')


def _version(screen: Screen, cycle: str) -> None:
    """Which version of the definitions the cycle is scored with, where there is more than the file."""
    found = screen.editions
    own, place = found.of[cycle].revision, screen.periods.index(cycle)
    if not own.number:
        return
    words = t("按指标定义第 {number} 版评分", number=own.number)
    if (published := found.revisions.publications.get(cycle)) is not None:
        public, edition = found.revisions.is_public(cycle), published.edition
        told = t("，已公布（结果第 {number} 版）", number=edition)
        words += told if public else t("，已定稿（结果第 {number} 版）", number=edition)
    before = found.of[screen.periods[place - 1]].revision if place else own
    if before.number != own.number:
        words += t("；上期按第 {number} 版，与上期的差别含定义的改变", number=before.number)
    st.html(f'<p class="q-sub">{escape(words)}</p>')


def _area(screen: Screen, place: object) -> tuple[str, dict[str, str]]:
    counted = screen.areas.group_by("area", f"name_{language()}").len().sort(["len", "area"], descending=[True, False])
    every = t("全部地区") if screen.card.whole else t("看得到的地区")
    names = {**dict(counted.select("area", f"name_{language()}").iter_rows()), "all": every}
    options = list(names)
    arrive("area", options)
    with place:  # type: ignore[attr-defined]
        found = st.selectbox(
            t("区域范围"),
            options,
            key="area",
            format_func=names.__getitem__,
            placeholder=t("请选择"),
            persist_state="session",
        )
    leave("area", found, default=options[0])
    return found, names


def _members(screen: Screen, area: str) -> tuple[str, ...]:
    regions = screen.card.regions.filter("compared")["code"].to_list()
    if area == "all":
        return tuple(regions)
    named = set(screen.areas.filter(pl.col("area") == area)["region"])
    above = screen.card.rows.regions.ancestors
    return tuple(code for code in regions if {code, *above(code)} & named)


def _cycle(screen: Screen, place: object) -> str:
    options, usual = list(reversed(screen.periods)), usual_cycle(screen)
    arrive("cycle", options)
    if "cycle" not in st.session_state:
        st.session_state["cycle"] = usual
    with place:  # type: ignore[attr-defined]
        found = st.selectbox(t("评估周期"), options, key="cycle", placeholder=t("请选择"), persist_state="session")
    leave("cycle", found, default=usual)
    return found


def _against(place: object, *, off: bool) -> str:
    words = {"last": t("上期"), "peers": t("可比组"), "target": t("目标")}
    arrive("against", AGAINST)
    if "against" not in st.session_state:
        st.session_state["against"] = "last"
    with place:  # type: ignore[attr-defined]
        found = st.segmented_control(
            t("比较对象"),
            AGAINST,
            key="against",
            format_func=words.__getitem__,
            required=True,
            disabled=off,
            persist_state="session",
        )
    leave("against", found or "last", default="last")
    return found or "last"


def _regions(screen: Screen, place: object, members: tuple[str, ...], *, off: bool) -> tuple[str, ...]:
    names = screen.names()
    arrive("regions", members, several=True)
    with place:  # type: ignore[attr-defined]
        found = st.multiselect(
            t("突出显示的地区"),
            members,
            key="regions",
            format_func=names.__getitem__,
            placeholder=t("全部"),
            disabled=off,
            persist_state="session",
        )
    leave("regions", found)
    return tuple(found)
