"""The shell of every page: who may see it, what it draws from, and what stops it, in words."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

import streamlit as st

from data.exports import standing_of
from data.revisions import Revisions, revisions_of
from data.store import Store
from metrics.problems import InputError, Problem, reason_of
from metrics.states import state_words
from pages.parts import journalled_views
from pages.parts.charts import palette
from pages.parts.formats import cycle_words
from pages.parts.i18n import language, settle, t
from pages.parts.screen import Screen as Screen
from pages.parts.screen import area_of as area_of
from pages.parts.screen import open_screen as open_screen
from pages.parts.screen import over_cycles as over_cycles
from pages.parts.screen import public_of, screens_of, seen_by
from pages.parts.screen import usual_cycle as usual_cycle
from pages.parts.screen import whole_of as whole_of
from pages.parts.signin import door, rules, store_of_page
from pages.parts.unready import unready
from pages.parts.url import asked, link
from pages.parts.words import told

STYLE, ENGLISH = (Path(__file__).parent / f"{name}.css" for name in ("style", "english"))


def require(right: str = "see", *, everywhere: bool = False) -> Screen:
    """The screen of a page, or a page that says what is missing and what to do; begins every page that shows scores.

    `everywhere`: the page sets all regions beside one another, and is for those only who see all of them.
    """
    store = begin(right, "see_provisional")
    try:
        with st.spinner(t("正在计算评分…")):
            screen = load(store)
    except (InputError, OSError) as error:
        _stop_awaiting(store, error)
        stop_with(error)
    if not screen.card.periods:
        stop(t("还没有数据"), t("数据库里没有事实。请到“数据”页导入一个文件。"), ("facts", t("去导入数据")))
    badge(screen.label)
    if everywhere and not screen.card.whole:
        journalled_views.asked_in_vain(store, cycles=(), regions=(), public=(), nothing=True)
        words = t(
            "这一页把全部参评地区放在一起比较，只给看得到全部地区的人（如评估人员、领导）；您的授权只到其中一部分。"
        )
        stop(t("没有权限"), words, ("region", t("看自己地区的结果")))
    return screen


def awaited(store: Store, known: Revisions) -> dict[str, str]:
    """Of each cycle under embargo that whoever looks will see from its release on: when that is, in words."""
    return {
        cycle: f"{cycle_words(cycle)}{t('：')}{state_words(*standing_of(store, cycle), language())}"
        for cycle in known.publications
        if not known.is_public(cycle) and store.access.may("see", cycle=cycle)
    }


def _stop_awaiting(store: Store, error: Exception) -> None:
    """Where nothing is seen but results that have their moment: the page that says from when they are."""
    codes = {problem.code for problem in error.problems} if isinstance(error, InputError) else set()
    if codes & {"nothing_seen", "nothing_public"} and (found := awaited(store, revisions_of(store))):
        words = t("；").join(found.values()) + t("。")
        stop(t("还没有公布的结果"), words, ("process", t("看评估到了哪一步")))


def load(store: Store) -> Screen:
    """What the store's pages show of the cycle that is looked at, made once for all sessions.

    Raises InputError or OSError where it cannot be.
    """
    snapshot, in_force = store.snapshot(), revisions_of(store).latest.digest
    with st.spinner(t("正在计算评分…")):
        loaded = screens_of(str(store.path), snapshot, in_force)
    whole = loaded[""].editions
    public = public_of(whole)
    screens = seen_by(journalled_views.witnessed(store, tuple(whole.cards), public), loaded)
    cycles = [cycle for cycle in screens if cycle]
    every, own = (set(one[""].card.regions["code"]) for one in (loaded, screens))
    hidden = set(whole.cards).difference(cycles)
    journalled_views.asked_in_vain(store, cycles=hidden, regions=every - own, public=public, nothing=not cycles)
    if not cycles and store.parts is not None:
        raise InputError([Problem("nothing_seen" if public else "nothing_public")])
    return screens[asked("cycle", cycles, usual_cycle(screens[""])) if cycles else ""]


def begin(*rights: str) -> Store:
    """The style, and the store as whoever is at the window may see and change it; begins every page.

    A page that says what to do where nobody has signed in, where they have none of these rights (none named: any will
    do), and where the app listens to other machines without sign-in.
    """
    settle()
    st.html(STYLE)
    if language() == "en":
        st.html(ENGLISH)
    colours = palette()
    own = (
        f":root{{--better:{colours.better};--worse:{colours.worse};--accent:{colours.accent};--q-page:{colours.page}}}"
    )
    # Streamlit writes these in English only.
    own += f'[data-testid=stFileUploaderDropzone] button p::after{{content:"{t("选择文件")}"}}'
    own += f'[data-testid=stFileUploaderDropzoneInstructions]::after{{content:"{t("或拖到这里，不超过 200 MB")}"}}'
    own += f'[role=listbox]>[role=option]:not([data-rac])>span::after{{content:"{t("没有符合的")}"}}'
    for kind, word in (("year", t("年")), ("month", t("月")), ("day", t("日"))):
        own += f'[data-testid=stDateInput] [data-type={kind}][data-placeholder]::after{{content:"{word}"}}'
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
            stop(*(unready(store, rights) or (t("没有权限"), error.problems[0].message(language()))))
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
    if "nothing_public" in codes:
        stop(t("还没有公布的结果"), problems[0].message(language()), ("process", t("看评估到了哪一步")))
    if codes & {"two_sign_ins", "gateway_unset", "hours_unset", "not_the_gateway", "unguarded", "open_to_others"}:
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
