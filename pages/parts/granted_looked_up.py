"""Looked up: what one person may see and do today, and what each role may."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from data.grants import access_of
from data.rights import ACTIONS, ROLES, Access, Grant, Person
from data.store import Store
from pages.parts.granted import cycle_list, place_words, role_words
from pages.parts.i18n import language, t
from pages.parts.pickers import pick_any
from pages.parts.review_acts import DONE, note
from pages.parts.tables import table, title


def looked_up(store: Store, every: Sequence[Grant], places: Mapping[str, str]) -> None:
    """One person of those who were ever granted anything."""
    if not every:
        return
    title(t("这个人能看什么、做什么"), t("按今天有效的授权；会审人员的，按抽签"))
    with st.columns(2)[0]:
        people = sorted({one.person for one in every})
        person = pick_any(t("查询对象"), "of", {one: one for one in people}, t("请选择"))
    if not person:
        return
    access = access_of(store, Person(person, person, "oidc"))
    if not access.grants:
        note(t("{person} 今天什么也不能看、不能做：授权都已到期、撤销、未开始，或还没有抽签。", person=person))
        return
    rows = [
        [escape(words[language() != "zh"]), *_of(access, action, places)] for action, words in ACTIONS.items() if action
    ]
    st.html(table([t("做什么"), t("可以"), t("在哪里")], rows, kind="words"))


def _of(access: Access, action: str, places: Mapping[str, str]) -> list[str]:
    """Whether somebody may, and where and in which cycles."""
    where = [
        t("{place}（{cycles}）", place=place_words(one, places), cycles=cycle_list(one))
        for one in access.grants
        if action in one.actions
    ]
    told = t("；").join(dict.fromkeys(where))
    return [_mark(bool(where)), f'<td style="white-space:normal;min-width:11rem">{escape(told) or "—"}</td>']


def _mark(allowed: bool) -> str:
    return f"{DONE} {escape(t('可以'))}" if allowed else "—"


def roles() -> None:
    """Every role by every action."""
    with st.expander(t("各角色能做什么"), key="roles"):
        at = int(language() != "zh")
        rows = [
            [escape(words[at]), *(_mark(action in allowed) for allowed in ROLES.values())]
            for action, words in ACTIONS.items()
            if action
        ]
        st.html(table([t("做什么"), *map(role_words, ROLES)], rows, kind="words"))
        note(t("都只在授权写明的地区、周期和日子里。会审人员能看、能审的地区由抽签决定。"))
