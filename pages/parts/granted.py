"""Granted: who holds rights, in a sentence and as a table with filters."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from html import escape

import streamlit as st

from data.clock import now
from data.rights import ROLE_NAMES, ROLES, Grant
from data.store import Store
from pages.parts.headlines import sentence
from pages.parts.i18n import language, t
from pages.parts.pickers import drawer, pick_any, pick_short
from pages.parts.review_acts import AGAINST, DONE, OPEN, RAISED, by, note, state
from pages.parts.tables import table, title

# So many days before its end a grant is told of.
SOON = 30
_NAMED = 3


def places_of(store: Store) -> dict[str, str]:
    """What every area and region is called, by code, the areas first."""
    name = f"name_{language()}"
    areas = store.query(f"SELECT area, {name} FROM areas ORDER BY area").iter_rows()
    regions = store.query(f"SELECT code, {name} FROM regions ORDER BY code").iter_rows()
    return {**{code: t("{name}（区域）", name=told) for code, told in areas}, **dict(regions)}


def role_words(role: str) -> str:
    """What a role is called."""
    return ROLE_NAMES[role][language() != "zh"]


def place_words(one: Grant, places: Mapping[str, str]) -> str:
    """Where a grant is good."""
    return places.get(one.region, one.region) if one.region else t("全部地区")


def cycle_list(one: Grant) -> str:
    """The cycles in which a grant is good."""
    return t("、").join(one.cycles) if one.cycles else t("全部周期")


def days_words(one: Grant) -> str:
    """From when until when."""
    return t("{since} 至 {until}", since=one.since, until=one.until) if one.until else t("{since} 起", since=one.since)


def state_of(one: Grant, day: str) -> str:
    """A key of `_states` for a day."""
    if one.revoked:
        return "revoked"
    if one.since > day:
        return "later"
    return "holds" if one.holds(day) else "ended"


def _states() -> dict[str, tuple[str, str]]:
    return {
        "holds": (DONE, t("生效中")), "later": (OPEN, t("未开始")), "ended": ("–", t("已到期")),
        "revoked": (AGAINST, t("已撤销")),
    }  # fmt: skip


def today() -> str:
    """The day by which grants hold."""
    return now()[:10]


def lead(every: Sequence[Grant], *, here: bool) -> None:
    """How many hold rights, who administers, what ends soon; without an administrator where one is made: `here` by
    whoever holds the store's file, else by a command."""
    holding = [one for one in every if one.holds(today())]
    if not holding:
        words = t("现在没有人持有权利；第一位系统管理员在服务器上用命令授权：python -m data grant")
        told = t("现在没有人持有权利；启用统一登录以前，先在这里给第一位系统管理员授权")
        sentence([escape(told if here else words)])
        return
    people = {one.person for one in holding}
    admins = sorted({one.person for one in holding if one.role == "administrator"})
    parts = [t("{people} 人持有 {count} 项有效授权", people=len(people), count=len(holding))]
    if admins:
        more = t("等 {count} 人", count=len(admins)) if admins[_NAMED:] else ""
        parts.append(t("系统管理员：{names}", names=t("、").join(admins[:_NAMED]) + more))
    else:
        words = t("没有系统管理员，授权只能在服务器上用命令做")
        parts.append(t("没有系统管理员，启用统一登录以前要在这里授权一位") if here else words)
    soon = sorted(one.until for one in holding if _ends_soon(one))
    if soon:
        parts.append(t("{count} 项在 {days} 天内到期，最早 {day}", count=len(soon), days=SOON, day=soon[0]))
    sentence(list(map(escape, parts)))


def _ends_soon(one: Grant) -> bool:
    return bool(one.until) and one.until <= (date.fromisoformat(today()) + timedelta(days=SOON)).isoformat()


def listed(every: Sequence[Grant], places: Mapping[str, str]) -> None:
    """The grants, the newest first, as they are filtered."""
    if not every:
        return
    states = _states()
    found = _filtered(every, places)
    title(t("授权 {count} 项", count=len(found)), t("给了就不再改，只能撤销；日子按 UTC 算；最新的在前"))
    if not found:
        note(t("没有符合的授权，请放宽上面的条件。"))
        return
    heads = [t("谁"), t("角色"), t("授权范围"), t("未公布的结果"), t("起止"), t("状态"), t("谁给的"), t("理由")]
    st.html(table(heads, [_line(one, places, states) for one in found], kind="words stacked"))


def _filtered(every: Sequence[Grant], places: Mapping[str, str]) -> list[Grant]:
    with drawer():
        first, second, third, fourth = st.columns([1.6, 1.2, 1.4, 2.2], vertical_alignment="bottom")
        with first:
            person = pick_any(t("谁"), "holder", {one: one for one in sorted({one.person for one in every})})
        with second:
            role = pick_any(t("角色"), "role", {one: role_words(one) for one in ROLES})
        with third:
            region = pick_any(t("授权范围"), "granted", {one.region or "*": place_words(one, places) for one in every})
        with fourth:
            names = {"now": t("生效中和未开始"), "past": t("到期和撤销"), "all": t("全部")}
            which = pick_short(t("状态"), "state", names, "now")
    wanted = {"now": ("holds", "later"), "past": ("ended", "revoked"), "all": tuple(_states())}[which]
    return [
        one for one in reversed(every)
        if person in ("", one.person) and role in ("", one.role) and region in ("", one.region or "*")
        and state_of(one, today()) in wanted
    ]  # fmt: skip


def _line(one: Grant, places: Mapping[str, str], states: Mapping[str, tuple[str, str]]) -> list[str]:
    at = state_of(one, today())
    told = state(*states[at])
    if at == "holds" and _ends_soon(one):
        told = state(RAISED, t("快到期"), late=True)
    early = "see_provisional" in one.actions
    number = escape(t("第 {number} 号", number=one.number))
    place = escape(place_words(one, places))
    return [
        f'<td style="white-space:nowrap">{escape(one.person)}<small>{number}</small></td>',
        escape(role_words(one.role)), place + f"<small>{escape(cycle_list(one))}</small>",
        escape(t("可看") if early else "—"), escape(days_words(one)), told, by(one.giver, one.made),
        f'<td style="white-space:normal;min-width:9rem">{escape(one.reason)}</td>',
    ]  # fmt: skip
