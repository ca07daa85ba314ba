"""Rectified: what regions have to put right in a cycle: demanded, reported as done, sent back or accepted."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from data.clock import now
from data.persons import is_same
from data.rectifications import STATES, accept, demand, rectifications, report, send_back
from data.stage_checks import days, last_day
from data.stages import asking, place
from data.store import Store
from pages.parts.adjusted_evidence import box, on_disk, proofs
from pages.parts.formats import cycle_words
from pages.parts.i18n import language, t
from pages.parts.review_acts import (
    BACK,
    DONE,
    OPEN,
    RAISED,
    act_on,
    allowed,
    behalf,
    by,
    called_of,
    entry,
    field,
    one_of,
    organisers,
    reason,
    signer,
    state,
    wide,
)
from pages.parts.tables import table, title

MARKS = {"demanded": OPEN, "reported": "◐", "returned": BACK, "accepted": DONE}


def rectified(store: Store, cycle: str, names: dict[str, str]) -> None:
    """How many are closed, each with its day, and the forms: demand, report, accept or send back."""
    found = rectifications(store, cycle)
    closed, late = found.filter(pl.col("state") == "accepted").height, found.filter("overdue").height
    words = (t("{count} 项整改，{closed} 项已办结", count=found.height, closed=closed) if found.height
             else t("{cycle}没有整改事项", cycle=cycle_words(cycle)))  # fmt: skip
    words += t("，{late} 项逾期", late=late) if late else ""
    limit = days(asking(store), "rectification_days")
    title(words, t("要求整改之日起 {days} 天内完成，或另定日期；报告的人不能自己验收", days=limit))
    if found.height:
        heads = [t("地区"), t("状态"), t("期限"), t("整改事项"), t("最近的说明"), t("要求的人")]
        rows = list(found.iter_rows(named=True))
        st.html(table(heads, [_line(row, names) for row in rows], kind="words stacked"))
        proofs(store, cycle, "rectifications", rows, names)
    _reporting(store, cycle, found, names)
    _accepting(store, cycle, found, names)
    if place(asking(store), cycle)[1] in ("published", "objections"):
        _demanding(store, cycle, names, limit)


def _line(row: dict[str, Any], names: dict[str, str]) -> list[str]:
    told = t("{person}：{answer}", person=row["by"], answer=row["told"]) if row["told"] else ""
    return [
        entry(row["id"], names.get(row["region"], row["region"])),
        _state(row),
        escape(row["due"]),
        wide(row["text"]),
        wide(told),
        by(row["person"], row["made"]),
    ]


def _state(row: dict[str, Any]) -> str:
    words = STATES[row["state"]][language() != "zh"]
    if row["overdue"]:
        return state(RAISED, t("逾期，{state}", state=words), late=True)
    return state(MARKS[row["state"]], words)


def _of(store: Store, cycle: str, found: pl.DataFrame, right: str, states: tuple[str, ...], names: dict[str, str]
) -> dict[int, str]:  # fmt: skip
    """What the person may do something about, by number, in words; of reports none of their own."""
    rows = [
        row
        for row in found.filter(pl.col("state").is_in(states)).sort("due", "id").iter_rows(named=True)
        if right == "send" or not is_same(signer(store), row["by"])
    ]
    may = set(allowed(store, right, cycle, [row["region"] for row in rows]))
    return {row["id"]: called_of(row, names) for row in rows if row["region"] in may}



def _choice(form: str, called: dict[int, str]) -> int | None:
    found: int | None = one_of(st, t("整改事项"), list(called), field(form, "number"), called.__getitem__)
    return found


def _reporting(store: Store, cycle: str, found: pl.DataFrame, names: dict[str, str]) -> None:
    """For whoever reports for a region: what it has done."""
    called, form = _of(store, cycle, found, "send", ("demanded", "returned"), names), "rectification report"
    if not called:
        return
    title(t("待整改 {count} 项", count=len(called)), t("做完以后写明做了什么，由另一人验收"))
    with st.form(field(form, "form")):
        whose = found.filter(pl.col("id").is_in(list(called)))["region"].unique()
        behalf(store, names.get(whose[0], whose[0]) if len(whose) == 1 else t("要整改的地区"))
        number, text = _choice(form, called), reason(form, t("做了什么"), t("写清楚做了什么、何时完成"))
        files = box(form)
        if st.form_submit_button(t("报告已完成"), type="primary"):
            act_on(form, number, t("请先选一项整改。"), lambda: _report(store, number, text, files))


def _report(store: Store, number: int, text: str, files: list[Any]) -> str:
    with on_disk(files) as paths:
        report(store, number, text, person=signer(store), evidence=paths)
    return t("第 {number} 项整改已报告完成，等待验收。", number=number)


def _accepting(store: Store, cycle: str, found: pl.DataFrame, names: dict[str, str]) -> None:
    """For whoever moves the evaluation on: what was reported, accepted or sent back."""
    called, form = _of(store, cycle, found, "run", ("reported",), names), "rectification judged"
    if not called:
        return
    title(t("待验收 {count} 项", count=len(called)))
    ways = {"accept": t("验收通过"), "back": t("退回重做")}
    with st.form(field(form, "form")):
        behalf(store, organisers())
        number = _choice(form, called)
        way = st.radio(t("结论"), list(ways), index=None, key=field(form, "way"), horizontal=True,
                       format_func=ways.__getitem__)  # fmt: skip
        text = reason(form)
        if st.form_submit_button(t("给出结论"), type="primary"):
            chosen = None if number is None else way
            act_on(form, chosen, t("请先选整改事项和结论。"), lambda: _judged(store, number, chosen, text))


def _judged(store: Store, number: int, way: str, text: str) -> str:
    (accept if way == "accept" else send_back)(store, number, text, person=signer(store))
    return (t("第 {number} 项整改已办结。", number=number) if way == "accept"
            else t("第 {number} 项整改已退回重做。", number=number))  # fmt: skip


def _demanding(store: Store, cycle: str, names: dict[str, str], limit: int) -> None:
    """For whoever moves the evaluation on: something more to be put right."""
    regions, form = allowed(store, "run", cycle, list(names)), "rectification"
    if not regions:
        return
    with st.expander(t("要求整改"), key="demand"), st.form(field(form, "form"), border=False):
        behalf(store, organisers())
        left, right = st.columns([2, 1])
        region = one_of(left, t("地区"), regions, field(form, "region"), lambda code: names.get(code, code))
        due = right.date_input(t("期限（空着为 {day}）", day=last_day(now(), limit)), None, format="YYYY-MM-DD",
                               key=field(form, "due"))  # fmt: skip
        text = reason(form, t("要整改什么、为什么"))
        if st.form_submit_button(t("要求整改"), type="primary"):
            day = due.isoformat() if due else ""
            act_on(form, region, t("请先选地区。"), lambda: _demand(store, cycle, region, text, day, names))


def _demand(store: Store, cycle: str, region: str, text: str, due: str, names: dict[str, str]) -> str:
    number = demand(store, cycle, region, text, person=signer(store), due=due)
    return t("已要求{region}整改，第 {number} 项。", region=names.get(region, region), number=number)
