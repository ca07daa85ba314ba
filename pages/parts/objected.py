"""Objected: objections to a published cycle and what is to be put right, each followed until it is closed."""

from datetime import date
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from data.clock import now
from data.objections import OUTCOMES, Outcome, answer, object_to, objections, set_all_days
from data.persons import is_same
from data.revisions import Publication, revisions_of
from data.stage_checks import days, last_day
from data.stages import asking, place
from data.store import Store
from metrics.definitions import Definitions
from pages.parts.adjusted_evidence import box, on_disk, proofs
from pages.parts.formats import cycle_words
from pages.parts.i18n import language, t
from pages.parts.objected_rectified import rectified
from pages.parts.review_acts import (
    AGAINST,
    DONE,
    OPEN,
    RAISED,
    act,
    act_on,
    allowed,
    behalf,
    by,
    called_of,
    definitions_of,
    entry,
    field,
    note,
    one_of,
    organisers,
    reason,
    region_names,
    seen_before,
    signer,
    state,
    wide,
)
from pages.parts.tables import table, title

MARKS = {"": OPEN, "upheld": DONE, "partly": DONE, "rejected": AGAINST}


def objected(store: Store, cycle: str) -> None:
    """Objections with the days that are left, the forms to put one in and to answer; then rectifications."""
    names, known = region_names(store), revisions_of(store)
    if not known.is_public(cycle):
        title(t("{cycle}还没有公开，不受理异议", cycle=cycle_words(cycle)), t("异议期和整改从公开之日算起"))
        return
    found, published = objections(store, cycle), known.publications[cycle]
    _lead(store, cycle, published, found)
    if found.height:
        definitions = definitions_of(store, cycle)
        heads = [t("地区"), t("状态"), t("针对"), t("异议"), t("答复期限"), t("提出人"), t("答复")]
        rows = list(found.iter_rows(named=True))
        st.html(table(heads, [_line(row, names, definitions) for row in rows], kind="words stacked"))
        proofs(store, cycle, "objections", rows, names)
    if place(asking(store), cycle)[1] in ("published", "objections"):
        _answering(store, cycle, found, names)
        if now()[:10] <= _ends(store, published):
            _objecting(store, cycle, names)
    rectified(store, cycle, names)
    if store.access.throughout("run"):
        _days(store)


def _ends(store: Store, published: Publication) -> str:
    """The last day to object."""
    return last_day(published.day, days(asking(store), "objection_days"))


def _lead(store: Store, cycle: str, published: Publication, found: pl.DataFrame) -> None:
    """How many are answered of how many; until when one may object."""
    ends = _ends(store, published)
    left = (date.fromisoformat(ends) - date.fromisoformat(now()[:10])).days
    told = (t("异议期还剩 {days} 天", days=left) if left > 0 else t("今天是异议期最后一天") if left == 0
            else t("异议期已结束"))  # fmt: skip
    answered, late = found.filter(pl.col("outcome") != "").height, found.filter("overdue").height
    words = (t("{cycle}有 {count} 个异议，{answered} 个已答复", cycle=cycle_words(cycle), count=found.height,
               answered=answered) if found.height else t("{cycle}没有异议", cycle=cycle_words(cycle)))  # fmt: skip
    words += t("，{late} 个逾期未答复", late=late) if late else ""
    title(words + t("；") + told, t("第 {edition} 版 {day} 公开，异议截至 {ends}（含当日，UTC）", day=published.day,
                                   edition=published.edition, ends=ends))  # fmt: skip


def _days(store: Store) -> None:
    """For whoever moves every evaluation on: how many days there are for what."""
    called = {"objection_days": t("提出异议"), "answer_days": t("答复异议"), "rectification_days": t("完成整改")}
    set_to = {name: days(asking(store), name) for name in called}
    seen = seen_before("days", set_to)
    # What was typed into a field that showed other days is no change of these: each number has its own field.
    typed = {name: st.session_state.get(_field(name, count), count) for name, count in seen.items()}
    with st.expander(t("期限是多少天"), key="days"), st.form(field("days", "form"), border=False):
        note(t("各周期都按这里的天数；已经提出的异议、已经要求的整改，期限不变。"))
        for place_of, (name, words) in zip(st.columns(len(called)), called.items(), strict=True):
            place_of.number_input(words, 1, 366, set_to[name], key=_field(name, set_to[name]))
        if st.form_submit_button(t("改期限")):
            act("days", lambda: _set(store, typed, seen))


def _field(name: str, count: int) -> str:
    return field("days", f"{name} {count}")


def _set(store: Store, typed: dict[str, int], seen: dict[str, int]) -> str:
    changed = {name: count for name, count in typed.items() if count != seen[name]}
    set_all_days(store, changed, person=signer(store), seen=seen)
    return t("已改 {count} 个期限。", count=len(changed))


def _line(row: dict[str, Any], names: dict[str, str], definitions: Definitions) -> list[str]:
    code = row["code"]
    about = definitions.name_of(code, language()) if code in definitions.codes else code or t("整个结果")
    told = t("{person}：{answer}", person=row["answered_by"], answer=row["answer"]) if row["outcome"] else ""
    return [
        entry(row["id"], names.get(row["region"], row["region"])),
        _state(row),
        escape(t("第 {edition} 版：{about}", edition=row["edition"], about=about)),
        wide(row["text"]),
        escape(row["due"]),
        by(row["person"], row["made"]),
        wide(told),
    ]


def _state(row: dict[str, Any]) -> str:
    if row["overdue"]:
        return state(RAISED, t("逾期未答复"), late=True)
    return state(MARKS[row["outcome"]], OUTCOMES[row["outcome"]][language() != "zh"])


def _objecting(store: Store, cycle: str, names: dict[str, str]) -> None:
    """For whoever speaks for a region."""
    regions = allowed(store, "object", cycle, list(names))
    if not regions:
        return
    form, definitions = "objection", definitions_of(store, cycle)
    called = {code: definitions.name_of(code, language()) for code in definitions.codes}
    title(t("提出异议"), t("为本地区提出；由另一人在期限内答复，成立的另出新版"))
    with st.form(field(form, "form")):
        behalf(store, names.get(regions[0], regions[0]) if len(regions) == 1 else t("所选的地区"))
        left, right = st.columns([1, 2])
        region = one_of(left, t("地区"), regions, field(form, "region"), lambda code: names.get(code, code))
        code = right.selectbox(t("针对（可不选）"), list(called), index=None, key=field(form, "code"),
                               placeholder=t("整个结果"), format_func=called.__getitem__)  # fmt: skip
        text, files = reason(form, t("异议和理由"), t("写清楚哪个数不对、依据什么")), box(form)
        if st.form_submit_button(t("提出异议"), type="primary"):
            said = (code or "", text, files)
            act_on(form, region, t("请先选地区。"), lambda: _object(store, cycle, region, *said, names))


def _object(
    store: Store, cycle: str, region: str, code: str, text: str, files: list[Any], names: dict[str, str]
) -> str:
    with on_disk(files) as paths:
        number = object_to(store, cycle, region, text, person=signer(store), code=code, evidence=paths)
    name = names.get(region, region)
    return t("已为{region}提出异议，第 {number} 号，等待答复。", region=name, number=number)


def _answering(store: Store, cycle: str, found: pl.DataFrame, names: dict[str, str]) -> None:
    """For whoever moves the evaluation on: what is not answered, but for their own."""
    rows = found.filter(pl.col("outcome") == "").sort("due", "id").iter_rows(named=True)
    waiting = {row["id"]: row for row in rows if not is_same(signer(store), row["person"])}
    may = set(allowed(store, "run", cycle, [row["region"] for row in waiting.values()]))
    waiting = {number: row for number, row in waiting.items() if row["region"] in may}
    if not waiting:
        return
    title(t("待答复 {count} 个", count=len(waiting)))
    called = {number: called_of(row, names) for number, row in waiting.items()}
    form = "answer"
    outcomes = {code: words[language() != "zh"] for code, words in OUTCOMES.items() if code}
    with st.form(field(form, "form")):
        behalf(store, organisers())
        number = one_of(st, t("异议"), list(called), field(form, "number"), called.__getitem__)
        outcome = st.radio(t("结论"), list(outcomes), index=None, key=field(form, "outcome"), horizontal=True,
                           format_func=outcomes.__getitem__)  # fmt: skip
        text = reason(form, t("答复和理由"))
        if st.form_submit_button(t("答复"), type="primary"):
            chosen = None if number is None else outcome
            act_on(form, chosen, t("请先选异议和结论。"), lambda: _answer(store, number, chosen, text, outcomes))


def _answer(store: Store, number: int, outcome: Outcome, text: str, outcomes: dict[str, str]) -> str:
    answer(store, number, outcome, text, person=signer(store))
    return t("已答复第 {number} 号异议：{outcome}。", number=number, outcome=outcomes[outcome])
