"""Versions: every text that was proposed, what it changes, what was decided, and which one each cycle is scored by."""

from collections.abc import Callable
from html import escape

import streamlit as st

from data.drafts import may_write
from data.exports import standing_of
from data.persons import is_own
from data.proposals import approve, send_back, withdraw
from data.revisions import STATES, Revision, Revisions
from data.store import Store
from metrics.problems import InputError
from metrics.states import state_words
from pages.parts import impact
from pages.parts.compared import changes
from pages.parts.desk import blank, lay
from pages.parts.i18n import language, t
from pages.parts.moments import moment
from pages.parts.screen import early
from pages.parts.shell import open_screen
from pages.parts.tables import bullets, facts_line, table, title
from pages.parts.words import told
from pages.parts.workbench import who


def versions(store: Store, known: Revisions) -> None:
    """The cycles with their versions, all versions, and one of them with what can be done about it."""
    number = st.session_state.pop("submitted", None)
    if number is not None:
        st.success(t("第 {number} 版已提交，待另一人批准。", number=number))
    person = who(store, known)
    _cycles(store, known)
    if known.latest.number == 0:
        st.info(t("还没有提交过版本：现在按定义文件评分。提交第一个版本后，由数据库保存每一版。"))
        return
    _table(known)
    options = [one.number for one in reversed(known.all)]
    waiting = next((one.number for one in reversed(known.all) if one.state == "submitted"), options[0])
    chosen = st.selectbox(
        t("查看哪一版"), options, index=options.index(waiting), format_func=_named, placeholder=t("请选择")
    )
    _one(store, known, known[chosen], person)


def _named(number: int) -> str:
    return t("第 {number} 版", number=number)


def _state(one: Revision) -> str:
    return STATES[one.state][language() != "zh"]


def _cycles(store: Store, known: Revisions) -> None:
    title(t("各周期按哪一版评分"), t("已公布的周期不再改变"))
    rows = []
    for cycle in reversed(open_screen(store).periods):
        state, final = state_words(*standing_of(store, cycle), language()), known.publications.get(cycle)
        if final:
            state = t("{state}（{person}，{made}）", state=state, person=final.person, made=final.made[:10])
        number = known.of(cycle).number
        rows.append([escape(cycle), escape(_named(number) if number else t("定义文件")), escape(state)])
    st.html(table([t("周期"), t("版本"), t("状态")], rows, kind="words"))


def _table(known: Revisions) -> None:
    title(t("所有版本"), t("只增不改；摘要是文本的 SHA-256"))
    rows = [
        [
            escape(_named(one.number)), escape(_state(one)), escape(one.from_cycle or t("最初")),
            escape(one.author or "—"), _at(one.made), escape(_why(one) or "—"), escape(one.decided_by or "—"),
            _at(one.decided), f"<code>{one.digest[:8]}</code>",
        ]
        for one in reversed(known.all)
    ]  # fmt: skip
    heads = [t("版本"), t("状态"), t("自"), t("提交人"), t("提交于"), t("理由"), t("决定人"), t("决定于"), t("摘要")]
    st.html(table(heads, rows, kind="words"))


def _at(made: str) -> str:
    return f'<span style="white-space:nowrap">{escape(moment(made))}</span>' if made else "—"


def _why(one: Revision) -> str:
    return one.reason if one.based_on is not None else t("取自指标定义文件")


def _one(store: Store, known: Revisions, one: Revision, person: str) -> None:
    facts_line([(t("状态"), _state(one)), (t("自"), one.from_cycle or t("最初")), (t("提交人"), one.author or "—"),
                (t("理由"), _why(one) or "—"), (t("答复"), one.answer or "—")])  # fmt: skip
    if one.based_on is not None:
        base = known[one.based_on]
        changes(base.text, one.text, base.definitions, one.definitions)
        may = one.state == "submitted" and bool(early(store))
        if may and st.toggle(t("看它会影响谁"), key=f"impact {one.number}"):
            impact.show(store, one.definitions, one.from_cycle)
    with st.expander(t("全文"), key="whole text", on_change="rerun") as whole:
        if whole.open:
            st.code(one.text, language="yaml", line_numbers=True, height=480)
    left, middle, right = st.columns(3)
    left.download_button(
        t("下载这一版的文本"), one.text.encode(), f"indicators-v{one.number}.yaml", on_click="ignore"
    )
    new = may_write(store.access) and one.text != known.latest.text
    if new and middle.button(t("以这一版为新草稿")):
        lay(blank(store, known, person, one)).save()
        st.query_params["part"] = "edit"
        st.rerun()
    if one.state == "submitted":
        with right.popover(t("作出决定"), width="stretch"):
            _decide(store, one, person)


def _decide(store: Store, one: Revision, person: str) -> None:
    """Approval or return by another person, withdrawal by the author."""
    if not person:
        st.info(t("先在上面写上姓名。"))
        return
    reason = st.text_input(t("答复"), key=f"answer {one.number}")
    if is_own(store.access, one.author, person=person):
        st.caption(t("您是提交人：可以撤回，批准须由另一人作出。"))
        _button(t("撤回"), lambda: withdraw(store, one.number, person=person, reason=reason))
        return
    _button(
        t("批准，自 {cycle} 起施行", cycle=one.from_cycle),
        lambda: approve(store, one.number, person=person, reason=reason),
    )
    _button(t("退回"), lambda: send_back(store, one.number, person=person, reason=reason))


def _button(words: str, done: Callable[[], None]) -> None:
    if not st.button(words, width="stretch"):
        return
    try:
        done()
    except InputError as error:
        bullets([escape(told(problem)) for problem in error.problems])
        return
    st.rerun()
