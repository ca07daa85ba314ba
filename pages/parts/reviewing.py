"""Reviewing: the cross-review of a cycle: who was drawn to review whom, what each says, and what is left to settle."""

from html import escape

import streamlit as st

from data.reviews import SETTLED_IN, VERDICTS, drawn, settle
from data.stages import stage_of
from data.store import Store
from pages.parts.formats import cycle_words
from pages.parts.i18n import language, t
from pages.parts.pickers import pick
from pages.parts.review_acts import (
    act,
    allowed,
    approvers,
    behalf,
    field,
    in_sight,
    note,
    one_of,
    reason,
    region_names,
    seen_before,
    signer,
    wide,
)
from pages.parts.review_agreement import agreed_how_far
from pages.parts.review_drawing import drawing, drawn_how
from pages.parts.review_region import look, write
from pages.parts.review_standing import Standing, lapsed, standings
from pages.parts.tables import table, title


def reviewing(store: Store, cycle: str) -> None:
    """The draw, or the way to it; how each region stands; one of them to look at and speak of; what is escalated."""
    pairs = drawn(store, cycle)
    if not pairs:
        drawing(store, cycle)
        return
    found, names = standings(store, cycle, pairs), region_names(store)
    _lead(store, cycle, found, len({reviewed for _, reviewed in pairs}))
    if found:
        _table(found, names)
        _one(store, cycle, found, names)
        _settling(store, cycle, found, names)
    if in_sight(store, cycle) is None:
        agreed_how_far(store, cycle)
    drawn_how(store, cycle, names)


def _lead(store: Store, cycle: str, found: list[Standing], reviewed: int) -> None:
    """How many are under review, how many still want a verdict, how many wait to be settled."""
    if not found:
        title(t("{cycle}已抽签，没有您看得到的会审地区", cycle=cycle_words(cycle)))
        if store.access.may("conclude", cycle=cycle):
            note(t("要裁定上报的分歧，先要看得到未公布的结果：请系统管理员在授权里加上。"))
        else:
            note(t("会审人员看得到的，是本地区抽到会审的地区；其余由评估人员查看。"))
        return
    escalated = sum(one.state == "escalated" for one in found)
    count = {"open": sum(not one.is_heard for one in found), "escalated": escalated}
    mine = store.access.may("cross_review", cycle=cycle) and in_sight(store, cycle) is not None
    words = (t("您可会审 {all} 个地区", all=len(found)) if mine
             else t("{cycle}抽到 {all} 个地区会审", cycle=cycle_words(cycle), all=len(found)))  # fmt: skip
    words += t("，{open} 个还差结论", open=count["open"]) if count["open"] else t("，有效的结论已经齐全")
    words += t("，{escalated} 个上报待裁定", escalated=count["escalated"]) if count["escalated"] else ""
    outside = reviewed - len(found)
    told = t("每个会审方各给一个结论，都给了才算审完；退回以后再进入交叉会审，要重新给")
    title(words, told + (t("；另有 {count} 个地区不在您的授权之内", count=outside) if outside else ""))
    if before := lapsed(store, cycle):
        note(t("以前的 {count} 个结论已经失效（后来退回过，或数据又有变动），不算数，仍留在记录里。", count=before))


def _table(found: list[Standing], names: dict[str, str]) -> None:
    called = {verdict: words[language() != "zh"] for verdict, words in VERDICTS.items()}
    rows = [
        [
            escape(names.get(one.region, one.region)),
            one.told(),
            escape(t("、").join(names.get(code, code) for code in one.reviewers)),
            wide(*(t("{whom}（{person}）：{verdict}，{reason}", whom=names.get(reviewer, reviewer) or approvers(),
                     person=person, verdict=called[verdict], reason=why)
                   for person, verdict, why, reviewer in one.verdicts)),
        ]
        for one in found
    ]  # fmt: skip
    st.html(table([t("被会审地区"), t("状态"), t("会审方"), t("各方结论")], rows, kind="words stacked"))


def _one(store: Store, cycle: str, found: list[Standing], names: dict[str, str]) -> None:
    """One region: its figures and what was said of it, and the forms for whoever reviews it now."""
    codes = [one.region for one in found]
    usual = next((one.region for one in found if one.state in ("open", "escalated")), codes[0])
    with st.container(key="review one"):
        region = pick(t("看哪个地区"), "region", {code: names.get(code, code) for code in codes}, usual)
        look(store, cycle, region)
        if stage_of(store, cycle) == "cross_review" and allowed(store, "cross_review", cycle, [region]):
            write(store, cycle, region, names.get(region, region))


def _settling(store: Store, cycle: str, found: list[Standing], names: dict[str, str]) -> None:
    """For whoever approves results: what was escalated, one by one."""
    waiting = allowed(store, "conclude", cycle, [one.region for one in found if one.state == "escalated"])
    if not waiting or stage_of(store, cycle) not in SETTLED_IN:
        return
    words = t("会审人上报的分歧，由有审定权的人裁定；裁定以后才能审定，公布以后有更正的才能再公布")
    title(t("待裁定 {count} 个", count=len(waiting)), words)
    said = {one.region: len(one.verdicts) for one in found}
    before = seen_before("review settle", said)
    with st.form(field("review settle", "form")):
        behalf(store, approvers())
        region = one_of(st, t("地区"), waiting, field("review settle", "region"), lambda code: names.get(code, code))
        why = reason("review settle", t("裁定意见"))
        if st.form_submit_button(t("裁定"), type="primary"):
            if region is None:
                st.error(t("请先选地区。"))
            elif before.get(region) != said[region]:
                st.warning(t("在您查看以后又有了新的结论，还没有裁定。请看过再裁定。"))
            else:
                act("review settle", lambda: _settle(store, cycle, region, why, names))


def _settle(store: Store, cycle: str, region: str, why: str, names: dict[str, str]) -> str:
    settle(store, cycle, region, person=signer(store), reason=why)
    return t("已裁定{region}的上报，意见记入流程。", region=names.get(region, region))
