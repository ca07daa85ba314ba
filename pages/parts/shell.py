"""The shell of every page: what it shows is loaded once for all sessions, and what stops it is said in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from pathlib import Path

import polars as pl
import streamlit as st

from data.clock import now
from data.editions import Edition, Editions, editions
from data.revisions import revisions_of
from data.store import Store
from metrics import completeness, series
from metrics.definitions import Definitions
from metrics.problems import InputError, Problem, reason_of
from metrics.scorecard import Scorecard
from pages.parts import journalled_views
from pages.parts.charts import palette
from pages.parts.i18n import language, settle, t
from pages.parts.signin import door, rules, store_of_page
from pages.parts.url import asked, link
from pages.parts.words import told

STYLE = Path(__file__).parent / "style.css"


@dataclass(frozen=True)
class Screen:
    """What a page draws from: the chosen cycle's scorecard, areas with members, label.

    `event` is what its facts are as of (None: now); `editions` knows what every other cycle is scored with; `snapshot`
    names the store's state and the facts used.
    """

    store: Store
    editions: Editions
    card: Scorecard
    event: int | None
    areas: pl.DataFrame
    snapshot: str
    label: str

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
        return completeness.by_period(self.card.facts, self.card.rows, self.definitions)

    @cached_property
    def settled(self) -> dict[str, float]:
        """The share of each cycle's facts that are verified."""
        counted = completeness.settled(self.card.facts, self.card.rows)
        return dict(counted.select("cycle", "share").iter_rows())

    @cached_property
    def by_cycle(self) -> pl.DataFrame:
        """What has been reported in each cycle: `metrics.completeness.by_cycle`."""
        return completeness.by_cycle(self.card.variables, self.definitions)


def require(right: str = "see") -> Screen:
    """The screen of a page, or a page that says what is missing and what to do; begins every page that shows scores."""
    store = begin(right, "see_provisional")
    try:
        screen = load(store)
    except (InputError, OSError) as error:
        stop_with(error)
    if not screen.card.periods:
        stop(t("还没有数据"), t("数据库里没有事实。请到“数据”页导入一个文件。"), ("facts", t("去导入数据")))
    badge(screen.label)
    return screen


def load(store: Store) -> Screen:
    """What the store's pages show of the cycle that is looked at, made once for all sessions.

    Raises InputError or OSError where it cannot be.
    """
    snapshot, in_force = store.snapshot(), revisions_of(store).latest.digest
    with st.spinner(t("正在计算评分…")):
        loaded = _loaded(str(store.path), snapshot, in_force)
    whole = loaded[""].editions
    public = public_of(whole)
    screens = seen_by(journalled_views.witnessed(store, tuple(whole.cards), public), loaded)
    cycles = [cycle for cycle in screens if cycle]
    every, own = (set(one[""].card.regions["code"]) for one in (loaded, screens))
    hidden = set(whole.cards).difference(cycles)
    journalled_views.asked_in_vain(store, cycles=hidden, regions=every - own, public=public, nothing=not cycles)
    if not cycles and store.parts is not None:
        raise InputError([Problem("nothing_seen")])
    return screens[asked("cycle", cycles, usual_cycle(screens[""])) if cycles else ""]


def seen_by(store: Store, screens: Mapping[str, Screen]) -> dict[str, Screen]:
    """The screens of the cycles whose results the store's person may see, each with the store as they see it.

    Results rest on everybody's facts, so they are the same for whoever may see them.
    """
    found, whole = dict[str, Screen](), screens[""].editions
    public = public_of(whole)
    seen = [cycle for cycle in whole.cards if store.access.seen(cycle, published=cycle in public) is None]
    told = replace(
        whole, of={cycle: whole.of[cycle] for cycle in seen}, cards={cycle: whole.cards[cycle] for cycle in seen}
    )
    for cycle, screen in screens.items():
        if not cycle or cycle in seen:
            found[cycle] = replace(screen, store=store, editions=told)
    return found


def public_of(whole: Editions) -> set[str]:
    """The cycles that are everybody's by now."""
    return {cycle for cycle, one in whole.revisions.publications.items() if one.released(now())}


def open_screen(store: Store) -> Screen:
    """What the definitions approved last make of all facts there are. Raises as `load` does."""
    return _loaded(str(store.path), store.snapshot(), revisions_of(store).latest.digest)[""]


def usual_cycle(screen: Screen) -> str:
    """The cycle that is shown where none is asked for: the last one in which somebody has a composite."""
    rows = screen.rows.filter(pl.col("level") == "composite", pl.col("score").is_not_null())
    return str(rows["period"].max() or next(reversed(screen.periods), ""))


@st.cache_resource(max_entries=4, show_spinner=False)
def _loaded(db: str, snapshot: str, in_force: str) -> dict[str, Screen]:
    """The screen of each cycle, those of one edition share theirs; under '' the one of the latest definitions."""
    store = Store(db)
    found, areas, label = editions(store), store.areas(), store.settings().get("label", "")

    def screen(edition: Edition | None, card: Scorecard) -> Screen:
        event = None if edition is None else edition.event
        name = snapshot if event is None else f"{snapshot}/{event}"
        return Screen(store, found, card, event, areas, name, label)

    of = {edition: screen(edition, found.cards[cycle]) for cycle, edition in found.of.items()}
    latest = next((one for one in of.values() if one.card is found.latest), None) or screen(None, found.latest)
    return {"": latest, **{cycle: of[edition] for cycle, edition in found.of.items()}}


@st.cache_resource(max_entries=4, show_spinner=False)
def _rows(_cards: series.Cards, cycles: tuple[str, ...], snapshot: str, in_force: str) -> pl.DataFrame:
    key = ["period", "region", "code"]
    told = series.frame(_cards)
    for more in (series.changes(_cards), series.beside(_cards)):
        told = told.join(more, on=key, how="left", maintain_order="left")
    return told


@st.cache_resource(max_entries=16, show_spinner=False)
def _area(
    _cards: series.Cards, cycles: tuple[str, ...], members: tuple[str, ...], snapshot: str, in_force: str
) -> pl.DataFrame:
    return series.area(_cards, members)


def area_of(screen: Screen, members: tuple[str, ...]) -> pl.DataFrame:
    """`metrics.areas.area` of every cycle, once for all sessions."""
    cards, in_force = screen.editions.cards, screen.editions.revisions.latest.digest
    return _area(cards, tuple(cards), members, screen.snapshot, in_force)


def begin(*rights: str) -> Store:
    """The style, and the store as whoever is at the window may see and change it; begins every page.

    A page that says what to do where nobody has signed in, where they have none of these rights (none named: any will
    do), and where the app listens to other machines without sign-in.
    """
    settle()
    st.html(STYLE)
    colours = palette()
    own = (
        f":root{{--better:{colours.better};--worse:{colours.worse};--accent:{colours.accent};--q-page:{colours.page}}}"
    )
    # Streamlit writes these in English only.
    own += f'[data-testid=stFileUploaderDropzone] button p::after{{content:"{t("选择文件")}"}}'
    own += f'[data-testid=stFileUploaderDropzoneInstructions]::after{{content:"{t("或拖到这里，不超过 200 MB")}"}}'
    own += f'[role=listbox]>[role=option]:not([data-rac])>span::after{{content:"{t("没有符合的")}"}}'
    st.html(f"<style>{own}</style>")
    try:
        # Without an address the server listens to everyone.
        rules()
        store = store_of_page()
    except (InputError, OSError) as error:
        stop_with(error)
    if store is None:
        door()
        raise AssertionError("nothing is drawn after a door")
    if rights and not any(store.access.may(right) for right in rights):
        try:
            journalled_views.require(store, rights[0])
        except InputError as error:
            stop(t("没有权限"), error.problems[0].message(language()))
    return store


def badge(label: str) -> None:
    """示例数据 on every page of the demonstration."""
    if label == "demo":
        words = t("示例数据：地区、机构、数字均为虚构")
        st.html(f'<div class="q-badge">{escape(words)}</div>')


def stop(title: str, words: str, way: tuple[str, str] | None = None, problems: Iterable[Problem] = ()) -> None:
    """A page that says what is missing, why, and the one thing to do; nothing is drawn after it."""
    lines = "".join(f"<li>{escape(told(problem))}</li>" for problem in problems)
    go = f"<p>{link(way[1], way[0])}</p>" if way else ""
    st.html(f'<div class="q-stop"><h2>{escape(title)}</h2><p>{escape(words)}</p><ul>{lines}</ul>{go}</div>')
    st.stop()


def stop_with(error: Exception) -> None:
    """The page for an input that cannot be used: no store, broken definitions, facts that do not fit."""
    error = _underlying(error)
    problems = error.problems if isinstance(error, InputError) else ()
    codes = {problem.code for problem in problems}
    if "no_store" in codes:
        stop(t("没有数据库"), problems[0].message(language()) + t("之后刷新本页。"))
    if "nothing_seen" in codes:
        stop(t("没有看得到的结果"), problems[0].message(language()))
    if codes & {"two_sign_ins", "gateway_unset", "not_the_gateway", "unguarded", "open_to_others"}:
        stop(t("拒绝服务"), problems[0].message(language()))
    if "journal_shut" in codes:
        stop(t("现在看不了"), problems[0].message(language()))
    if any(code.startswith("store_") for code in codes):
        stop(t("数据库现在不能用"), problems[0].message(language()) + t("之后刷新本页。"))
    if not problems:
        stop(t("无法读取"), unread(error))
    words = t("下面的问题须先改正。定义文件可在“指标体系”页核对。")
    stop(t("现在无法计算评分"), words, ("definitions", t("去核对定义")), problems)


def _underlying(error: Exception) -> Exception:
    """The system's refusal to read a file, where that is all there is."""
    return error.__cause__ if isinstance(error.__cause__, OSError) else error


def unread(error: Exception) -> str:
    """Which file cannot be read, why, and what to do."""
    if not isinstance(error, OSError):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return t(
            "没有文件 {file}。请把它放回原处，或用 python -m data init 重新建立数据库，之后刷新本页。",
            file=error.filename,
        )
    return t(
        "文件 {file} 无法读取（{reason}）。请检查它的权限，之后刷新本页。", file=error.filename, reason=reason_of(error)
    )


def hint(error: Exception) -> None:
    """The same problem where the page can still be of use: said, and the page goes on."""
    error = _underlying(error)
    problems = error.problems if isinstance(error, InputError) else ()
    lines = "".join(f"<li>{escape(told(problem))}</li>" for problem in problems[:20])
    words = escape(t("现在无法计算评分") if problems else unread(error))
    st.html(f'<div class="q-stop"><h2>{words}</h2><ul>{lines}</ul></div>')
