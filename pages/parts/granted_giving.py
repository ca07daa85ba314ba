"""Giving: a role for somebody, said beforehand in a sentence; and a grant taken back, with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from html import escape

import streamlit as st

from data.grants import give, identity, reaches, revoke
from data.revisions import revisions_of
from data.rights import ACTIONS, ROLES, Grant
from data.store import Store
from metrics.problems import InputError
from pages.parts.granted import cycle_list, days_words, place_words, role_words, state_of, today
from pages.parts.i18n import language, t
from pages.parts.review_acts import act, field, reason, signer
from pages.parts.shell import open_screen
from pages.parts.tables import title
from pages.parts.workbench import who

_GIVE, _REVOKE = "grant", "revoke"


def giving(store: Store, places: Mapping[str, str]) -> None:
    """The form: to whom, which role, where, in which cycles and until when, and what will come of it."""
    title(t("新的授权"), t("不能给自己授权，也不能超出自己管的地区和周期；每一项都记入日志"))
    if store.access.person.way == "local":
        with st.columns(2)[0]:
            who(store, revisions_of(store))
    drafted = _drafted(store, places)
    why = reason(_GIVE)
    given = replace(drafted, giver=signer(store), reason=why)
    if given.person and given.role:
        words = t("将要：") + _promise(store, given, places)
        st.html(f'<p class="q-small">{escape(words)}</p>')
    if st.button(t("授予"), type="primary", key="give", disabled=not (given.person and given.role)):
        act(_GIVE, lambda: _given(store, given, places))


def _drafted(store: Store, places: Mapping[str, str]) -> Grant:
    left, middle, right = st.columns([1.5, 1.2, 1.3])
    person = left.text_input(
        t("授权给谁"), key=field(_GIVE, "person"), placeholder=t("登录时用的邮箱或账号"), max_chars=200,
        help=t("就是统一登录认出的那一个：邮箱或用户名；有几家登录时写成“提供方/账号”。大小写、全角半角不计。"),
    )  # fmt: skip
    role = middle.selectbox(
        t("角色"), list(ROLES), None, key=field(_GIVE, "role"), format_func=role_words, placeholder=t("请选择")
    )
    region = right.selectbox(
        t("地区或区域"), list(places), None, key=field(_GIVE, "region"), format_func=places.__getitem__,
        placeholder=t("全部地区"), help=t("连同其下所有地区；区域连同其成员。"),
    )  # fmt: skip
    if role:
        st.html(f'<p class="q-sub">{role_words(role)}{t("：")}{_may(role)}</p>')
    return _lasting(store, Grant(0, identity(person or ""), role or "", region or ""))


def _lasting(store: Store, one: Grant) -> Grant:
    """In which cycles, from when until when, and whether results are seen early."""
    left, middle, third, fourth = st.columns([1.5, 1, 1, 1.5], vertical_alignment="bottom")
    cycles = left.multiselect(
        t("评估周期"), _cycles(store), key=field(_GIVE, "cycles"), placeholder=t("全部周期")
    )
    since = middle.date_input(t("自"), datetime.now(UTC).date(), key=field(_GIVE, "since"), format="YYYY-MM-DD")
    until = third.date_input(t("至（可不填）"), None, key=field(_GIVE, "until"), format="YYYY-MM-DD")
    actions = ROLES.get(one.role, frozenset())
    # Beside a role that sees results, and these not before they are public.
    offered = "see" in actions and "see_provisional" not in actions
    early = offered and fourth.checkbox(t("可看未公布的结果"), key=field(_GIVE, "early"))
    days = {"since": _day(since), "until": _day(until), "provisional": bool(early)}
    return replace(one, cycles=tuple(sorted(cycles)), **days)


def _day(day: object) -> str:
    return day.isoformat() if isinstance(day, date) else ""


def _cycles(store: Store) -> list[str]:
    try:
        return list(reversed(open_screen(store).periods))
    except (InputError, OSError):
        return []


def _may(role: str) -> str:
    """In a sentence, what a role may do."""
    at = int(language() != "zh")
    told = t("、").join(words[at] for action, words in ACTIONS.items() if action in ROLES[role])
    more = {
        "reviewer": t("只看、只审抽签抽到的地区"),
        "administrator": t("不看数据和结果"),
    }.get(role, "")
    return t("可以{actions}", actions=told) + (t("；") + more if more else "") + t("。")


def _promise(store: Store, one: Grant, places: Mapping[str, str]) -> str:
    """What a grant gives, in a sentence."""
    below = len(reaches(store).get(one.region, ())) if one.region else 0
    where = place_words(one, places)
    if below > 1:
        where = t("{place}（连同其下共 {count} 个地区）", place=where, count=below)
    results = (
        t("可看未公布的结果") if "see_provisional" in one.actions
        else t("只看已公布的结果") if "see" in one.actions else t("不看结果")
    )  # fmt: skip
    return t(
        "{person}：{role}，{days}，管{where}、{cycles}，{early}。",
        person=one.person, days=days_words(one), role=role_words(one.role), where=where,
        cycles=cycle_list(one), early=results,
    )  # fmt: skip


def _given(store: Store, one: Grant, places: Mapping[str, str]) -> str:
    number = give(store, one)
    return t("已授权，第 {number} 号：", number=number) + _promise(store, one, places)


def revoking(store: Store, every: Sequence[Grant], places: Mapping[str, str]) -> None:
    """One that holds, or is to hold, ends now."""
    standing = {one.number: one for one in reversed(every) if state_of(one, today()) in ("holds", "later")}
    if not standing:
        return
    title(t("撤销授权"), t("立即生效，留在记录里；要换地区、角色或期限，就撤销后重新授权"))

    def named(number: int) -> str:
        one = standing[number]
        words = {"number": number, "person": one.person, "role": role_words(one.role)}
        return t("第 {number} 号 {person}：{role}，{place}", **words, place=place_words(one, places))

    chosen = st.selectbox(
        t("撤销哪一项"), list(standing), None, key=field(_REVOKE, "number"), format_func=named, placeholder=t("请选择")
    )
    if chosen is None:
        return
    why = reason(_REVOKE)
    words = {"person": standing[chosen].person, "role": role_words(standing[chosen].role)}
    if st.button(t("撤销 {person} 的{role}", **words), key="revoke"):
        act(_REVOKE, lambda: _revoked(store, chosen, why, words))


def _revoked(store: Store, number: int, why: str, words: Mapping[str, str]) -> str:
    revoke(store, number, person=signer(store), reason=why)
    return t("已撤销第 {number} 号：{person} 不再是{role}。", number=number, **words)
