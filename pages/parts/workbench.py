"""The workbench: the text in the editor, the form beside it, and what the change would do, while it is typed."""

from contextlib import suppress
from datetime import UTC, datetime
from html import escape

import polars as pl
import streamlit as st
from streamlit.errors import StreamlitAPIException

from data.drafts import Drafts
from data.proposals import submit
from data.revisions import Revision, Revisions, digest_of
from data.store import Store
from metrics.advice_facts import against_facts
from metrics.definitions import Definitions
from metrics.differences import merged
from metrics.problems import InputError, Problem
from metrics.reader import Reading, read
from metrics.rollup import cycles_of
from metrics.scorecard import Scorecard
from pages.parts import impact
from pages.parts.compared import changes, said
from pages.parts.desk import Desk, blank, desk_of, in_use, lay
from pages.parts.editor import editor
from pages.parts.form import form
from pages.parts.i18n import language, t
from pages.parts.linked import linked, settle
from pages.parts.measures import found
from pages.parts.pickers import pick_short
from pages.parts.shelf import shelf
from pages.parts.shell import open_screen
from pages.parts.signin import still
from pages.parts.tables import bullets
from pages.parts.words import literal, told

HEIGHT = 620
FORM = "indicator form"


def workbench(store: Store, known: Revisions) -> None:
    """Who is writing and from which cycle it shall hold; then the text, the form, and what becomes of it."""
    before = in_use()
    if before is not None:
        # What was typed belongs to whoever was at the window, whatever was clicked since.
        with suppress(InputError):
            before.take()
    left, right = st.columns([1.3, 1], vertical_alignment="bottom")
    with left:
        person = who(store, known)
    desk = desk_of(store, known, person)
    with right:
        cycle = _cycle(store, known)
    shelf(store, known, desk)
    _overtaken(known, desk)
    _bench(store, known, desk, cycle)


def who(store: Store, known: Revisions) -> str:
    """Who signs at this window: whoever is signed in, by their id; on this machine itself persons say so themselves."""
    person = store.access.person
    if person.is_signed_in:
        shown = person.id if person.name == person.id else t("{name}（{id}）", name=person.name, id=person.id)
        st.text_input(t("我是"), shown, disabled=True, key=f"signed in {shown}", help=t("登录的人；不能用别的名字签。"))
        return person.id
    names = {one.author for one in known.all} | {one.decided_by for one in known.all}
    names |= {draft.person for draft in Drafts(store).all()} | {st.session_state.get("person") or ""}
    chosen = st.selectbox(
        t("我是"), sorted(names - {""}), index=None, key="person", accept_new_options=True,
        placeholder=t("选择或输入姓名"), persist_state="session",
        help=t("本机模式没有登录，姓名由本人填写；提交与批准须是两个人。"),
    )  # fmt: skip
    return (chosen or "").strip()


def _cycle(store: Store, known: Revisions) -> str:
    """The cycle from which the text shall be in force: no published one."""
    options = open_cycles(store, known)
    words = t("自哪个周期起施行")
    return str(st.selectbox(words, options, key="begins", placeholder=t("请选择"), persist_state="session"))


def open_cycles(store: Store, known: Revisions) -> list[str]:
    """The cycles after the last published one that have facts, the latest first, and the next one."""
    calendar = cycles_of(known.latest.definitions)
    periods = [calendar.named(period) for period in open_screen(store).periods]
    final = max((known.place(cycle) for cycle in known.publications), default=-1)
    if not periods:
        periods = [calendar.ordinal(datetime.now(UTC).date())]
    last = max(*periods, final)
    begun = sorted((period for period in periods if period > final), reverse=True)
    return [calendar.name(period) for period in (*begun, last + 1)]


def _overtaken(known: Revisions, desk: Desk) -> None:
    """A version approved since is shown, and taken in without losing a line of either."""
    latest = known.latest
    desk.keep_up(latest)
    if desk.base == latest.text:
        return
    approved = {"number": latest.number, "author": literal(latest.author)}
    st.warning(
        t("在您修改期间，第 {number} 版（{author}）已经批准，改了：", **approved) if latest.author
        else t("在您修改期间，定义文件改过了，改了：")
    )  # fmt: skip
    bullets([escape(one) for one in said(desk.began, latest.definitions)])
    if st.button(t("并入我的草稿"), type="primary"):
        _take_in(desk, latest)
        st.rerun()


def _take_in(desk: Desk, latest: Revision) -> None:
    """The version that is in force into the draft, of which a copy is kept as it was."""
    text, conflicts = merged(desk.base, desk.text, latest.text)
    if desk.draft is not None:
        # Of two that are saved in one second a window's own is the last: it sorts behind a blank.
        Drafts(desk.store).save(desk.as_draft(f" {desk.window} {digest_of(desk.base)[:8]}"))
    desk.follow(latest, text)
    lines = t("、").join(str(conflict.line) for conflict in conflicts)
    st.session_state["merged"] = (
        t("已并入。两人都改了的地方在第 {lines} 行，用注释标出，请逐处选定。", lines=lines)
        if conflicts else t("已并入，没有冲突。原来的草稿也留着。")
    )  # fmt: skip


@st.fragment
def _bench(store: Store, known: Revisions, desk: Desk, cycle: str) -> None:
    still(store)
    if "merged" in st.session_state:
        st.success(st.session_state.pop("merged"))
    try:
        desk.take()
    except InputError as error:
        st.error(told(error.problems[0]))
    reading = read(desk.text.encode(), path="indicators.yaml", today=datetime.now(UTC).date())
    desk.good = reading.definitions or desk.good
    card = _scored(store, reading.definitions)
    problems = (*reading.problems, *(against_facts(reading, card) if card is not None else ()))
    left, right = st.columns([1.5, 1], gap="medium")
    with left:
        names = {code: desk.good.name_of(code, language()) for code in desk.good.codes}
        editor(desk.text, serial=desk.serial, problems=problems, codes=names, key=desk.key, base=desk.base,
               shown=linked(desk.key, FORM), height=HEIGHT, label=t("定义文本"))  # fmt: skip
    with right, st.container(height=HEIGHT + 40, border=False):
        scored = _shares(card) if card is not None and card.periods else {}
        written = form(desk.text, desk.good, problems, key=FORM, scored=scored)
        settle(FORM)
    if written is not None:
        # A text that cannot be saved is told in the next run, which tries again.
        with suppress(InputError):
            desk.replace(written)
        _again()
    _below(store, known, desk, reading, problems, cycle)


def _again() -> None:
    """The bench once more, and the whole page where that is what runs."""
    try:
        st.rerun(scope="fragment")
    except StreamlitAPIException:
        st.rerun()


def _scored(store: Store, definitions: Definitions | None) -> Scorecard | None:
    """What the text makes of the facts at hand."""
    try:
        return None if definitions is None else impact.looked_up(store, definitions).card
    except InputError:
        # Facts that cannot be scored are told where scores are shown.
        return None


def _shares(card: Scorecard) -> dict[str, float]:
    """The share of each code among its siblings in the last cycle."""
    last = card.frame.filter(pl.col("period") == card.periods[-1], pl.col("weight").is_not_null())
    return dict(last.select("code", "weight").unique("code").iter_rows())


def _below(
    store: Store, known: Revisions, desk: Desk, reading: Reading, problems: tuple[Problem, ...], cycle: str
) -> None:
    names = {
        "problems": t("问题（{count}）", count=len(problems)),
        "changes": t("改了什么"),
        "impact": t("会影响谁"),
        "submit": t("提交"),
    }
    part = pick_short(t("核对"), "check", names, "problems")
    if part == "problems":
        found(problems, desk.text)
        st.download_button(t("下载修改后的文本"), desk.text.encode(), "indicators.yaml", on_click="ignore")
    elif reading.definitions is None:
        st.warning(t("文本还有错误，改正之后才能看改动和影响，或者提交。"))
    elif part == "changes":
        changes(desk.base, desk.text, desk.began, reading.definitions)
    elif part == "impact":
        impact.show(store, reading.definitions, cycle)
    else:
        _submit(store, known, desk, reading.definitions, cycle)


def _submit(store: Store, known: Revisions, desk: Desk, after: Definitions, cycle: str) -> None:
    """The text to another person for approval, with the reason."""
    bullets([escape(one) for one in said(desk.began, after)])
    reason = st.text_input(t("为什么改"), key="reason", placeholder=t("日后查阅的人只看得到这句话"))
    wanting = [
        words for missing, words in (
            (not desk.person, t("先在上面写上姓名。")),
            (not desk.changed, t("文本没有改动。")),
            (desk.base != known.latest.text, t("先并入已批准的新版本。")),
        ) if missing
    ]  # fmt: skip
    bullets([escape(one) for one in st.session_state.pop("refused", wanting)])
    if desk.base != known.latest.text and st.button(t("并入我的草稿"), key="take in below"):
        _take_in(desk, known.latest)
        st.rerun()
    if st.button(t("提交，自 {cycle} 起施行", cycle=cycle), type="primary", disabled=bool(wanting)):
        try:
            signed = {"author": desk.person, "reason": reason, "from_cycle": cycle}
            number = submit(store, desk.text, based_on=desk.based_on, digest=digest_of(desk.base), **signed)
        except InputError as error:
            refused = [told(problem) for problem in error.problems]
            if error.problems[0].code in ("overtaken", "overtaken_file"):
                # The whole page has to know what is in force by now.
                st.session_state["refused"] = refused
                st.rerun()
            bullets([escape(one) for one in refused])
            return
        desk.forget(desk.draft)
        lay(blank(store, known, desk.person))
        st.session_state["submitted"] = number
        st.query_params["part"] = "versions"
        st.rerun()
