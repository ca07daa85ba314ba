"""The shelf: the drafts that do not lie on this window's desk, a person's own first."""

import streamlit as st

from data.drafts import Draft, Drafts
from data.persons import is_own
from data.revisions import Revisions
from data.store import Store
from metrics.problems import InputError
from pages.parts.compared import side_by_side
from pages.parts.desk import Desk, lay, open_draft
from pages.parts.i18n import t
from pages.parts.moments import moment
from pages.parts.words import literal, told

# More drafts than these push the editor out of sight.
FEW = 3


def shelf(store: Store, known: Revisions, desk: Desk) -> None:
    """The person's other drafts, then what others, or windows without a name, are writing; none is overwritten."""
    if desk.opened:
        st.caption(t("已打开 {saved} 保存的草稿。", saved=moment(desk.opened)))
    others = [draft for draft in Drafts(store).all() if draft.window != desk.window and draft != desk.draft]
    own = [draft for draft in others if is_own(store.access, draft.person, person=desk.person)]
    if own:
        with st.expander(t("我的其他草稿：{count} 份", count=len(own)), expanded=len(own) <= FEW):
            for draft in own:
                _draft(store, known, desk, draft, own=True)
    if rest := [draft for draft in others if draft not in own]:
        with st.expander(t("其他草稿：{count} 份", count=len(rest))):
            for draft in rest:
                _draft(store, known, desk, draft, own=False)


def _draft(store: Store, known: Revisions, desk: Desk, draft: Draft, *, own: bool) -> None:
    """One draft, to be looked into or gone on with; its author can delete it."""
    name = draft.person or t("未署名")
    number = t("第 {number} 版", number=draft.based_on) if draft.based_on else t("定义文件")
    said_of = t("{name}，{saved} 保存，基于：{version}", name=literal(name), saved=moment(draft.saved), version=number)
    slot = f"{draft.person} {draft.window}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(said_of)
        if st.button(t("在本窗口继续"), key=f"open {slot}"):
            lay(open_draft(store, known, desk.person, draft))
            st.rerun()
        compared = st.toggle(t("比较"), key=f"compare {slot}")
        if own:
            with st.popover(t("删除"), key=f"delete {slot}"):
                st.write(t("删除的草稿找不回来。"))
                if st.button(t("删除这份草稿"), key=f"deleted {slot}", type="primary"):
                    _delete(store, draft)
    if compared:
        side_by_side(draft.text, desk.text, name, t("本窗口"))


def _delete(store: Store, draft: Draft) -> None:
    try:
        Drafts(store).remove(draft)
    except InputError as error:
        st.error(literal(told(error.problems[0])))
        return
    st.rerun()
