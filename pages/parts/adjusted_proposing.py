"""Proposing: points for a region with a reason and evidence, and beforehand what they would do."""

import streamlit as st

from data.adjusting import propose
from data.reviews import drawn, speaks_for
from data.stages import STAGES, asking
from data.store import Store
from pages.parts.adjusted_effect import effect
from pages.parts.adjusted_evidence import box, on_disk
from pages.parts.formats import signed
from pages.parts.i18n import language, t
from pages.parts.review_acts import (
    act_on,
    allowed,
    behalf,
    field,
    note,
    one_of,
    organisers,
    reason,
    signer,
    whole_card,
)
from pages.parts.tables import title
from pages.parts.words import literal

_FORM = "adjust"


def proposing(store: Store, cycle: str, stage: str, names: dict[str, str], nodes: dict[str, str]) -> None:
    """The form, for whoever may propose now: in cross-review the reviewers, later whoever moves the evaluation on."""
    regions = _regions(store, cycle, stage)
    if not regions:
        note(_not_now(store, cycle, stage))
        return
    title(t("提出调整"), t("只写针对什么、加减几分、为什么；事实有误请更正数据，不用调整"))
    left, middle, right = st.columns([1.4, 2, 1])
    region = one_of(left, t("地区"), regions, field(_FORM, "region"), lambda code: names.get(code, code))
    node = one_of(middle, t("针对"), list(nodes), field(_FORM, "node"), nodes.__getitem__)
    given = right.number_input(
        t("分数（扣分为负）"), -100.0, 100.0, -1.0, 0.5, format="%.2f", key=field(_FORM, "points")
    )
    chosen = None if region is None else node
    if given and chosen:
        words = t("同意以后：") + effect(store, cycle, region, node, given)
        st.markdown(literal(words))
    with st.form(field(_FORM, "form")):
        behalf(store, _whom(store, cycle, stage, region, names))
        why, files = reason(_FORM), box(_FORM)
        if st.form_submit_button(t("提出"), type="primary"):
            act_on(_FORM, chosen, t("请先选地区和针对什么。"),
                   lambda: _propose(store, cycle, region, node, given, why, files, names))  # fmt: skip


def _not_now(store: Store, cycle: str, stage: str) -> str:
    """Why nobody proposes here now, and who does when."""
    if stage == "cross_review" and not drawn(store, cycle):
        return t("交叉会审期间，由抽到的会审方对会审的地区提出调整；现在还没有抽签。")
    if stage == "cross_review":
        words = t("交叉会审期间，由会审人员对自己抽到的地区提出调整；您没有可以提出的地区。")
        return words + t("评估人员从“{stage}”阶段起提出。", stage=getattr(STAGES["third_party"], language()))
    if store.access.may("run", cycle=cycle):
        return t("这个周期还没有看得到的得分，所以不能提出调整。")
    return t("现在由评估人员提出和决定调整；上报的由领导决定。")


def _whom(store: Store, cycle: str, stage: str, region: str | None, names: dict[str, str]) -> str:
    """In cross-review the reviewers for whom one speaks."""
    if stage != "cross_review":
        return organisers()
    if region is None:
        return t("所选地区的会审方")
    found = speaks_for(store, asking(store), cycle, region, signer(store))
    return t("会审方{names}", names=t("、").join(names.get(code, code) for code in found))


def _regions(store: Store, cycle: str, stage: str) -> list[str]:
    """Those that the person may propose for now."""
    if stage == "cross_review":
        return allowed(store, "cross_review", cycle, sorted({reviewed for _, reviewed in drawn(store, cycle)}))
    card = whole_card(store, cycle)
    compared = [] if card is None else card.regions.filter("compared")["code"].to_list()
    return allowed(store, "run", cycle, compared)


def _propose(
    store: Store, cycle: str, region: str, node: str, given: float, why: str, files: list[object],
    names: dict[str, str],
) -> str:  # fmt: skip
    with on_disk(files) as paths:
        number = propose(store, cycle, region, node, given, reason=why, person=signer(store), evidence=paths)
    return t("已提出第 {number} 号调整：{region} {points} 分，佐证 {count} 件；由另一人决定。", number=number,
             region=names.get(region, region), points=signed(given), count=len(files))  # fmt: skip
