"""Agreement between judges: how far those who rated in a cycle's cross-review agree, and what that means."""

from html import escape
from math import isnan

import streamlit as st

from data.rated import NO_ALPHA, NO_ORDER, Agreement, agreement
from data.saying import Pair
from data.store import Store
from pages.parts.i18n import language, t
from pages.parts.review_acts import wide
from pages.parts.tables import table, title

# Schmidt (1997), Decision Sciences 28, 763-774; Krippendorff (2004), Content Analysis, 241-243.
STRONG, MODERATE = 0.7, 0.5
RELIABLE, TENTATIVE = 0.8, 0.667


def agreed_how_far(store: Store, cycle: str) -> None:
    """Both measures with what they rest on and what they say, or why there is none."""
    found = agreement(store, cycle)
    if not found.judges:
        title(t("尚无评分，无法评价一致性"))
        return
    title(_finding(found), t("{judges} 个会审方评了 {things} 项", judges=len(found.judges),
                             things=found.things))  # fmt: skip
    rows = [
        [escape(t("肯德尔 W（排序是否一致）")), _shown(found.w), wide(_orders(found))],
        [escape(t("克里彭多夫 α（分数是否一致）")), _shown(found.alpha), wide(_ratings(found))],
    ]
    st.html(table([t("一致性"), t("数值"), t("说明")], rows, kind="words"))


def _shown(value: float) -> str:
    return "—" if isnan(value) else f"{value:.2f}"


def _finding(found: Agreement) -> str:
    if not isnan(found.alpha):
        return _level(found.alpha, RELIABLE, TENTATIVE)
    return t("评分还不能互相比较") if isnan(found.w) else _level(found.w, STRONG, MODERATE)


def _level(value: float, high: float, fair: float) -> str:
    return t("各方评分一致") if value >= high else t("各方评分大体一致") if value >= fair else t("各方评分不一致")


def _orders(found: Agreement) -> str:
    """Kendall's W: in each region of what all who rated it did; the median is told."""
    if found.missing:
        return _none(NO_ORDER[found.missing])
    meaning = (t("次序很一致") if found.w >= STRONG else t("次序有些一致") if found.w >= MODERATE
               else t("次序不大一致"))  # fmt: skip
    return t("各方都评过的各项，逐个地区算，取 {regions} 个地区的中位数：{meaning}（0 为毫不一致，1 为完全一致）。",
             regions=found.regions, meaning=meaning)  # fmt: skip


def _ratings(found: Agreement) -> str:
    """Krippendorff's alpha: of what two or more rated."""
    if len(found.judges) < 2:
        return t("只有一个会审方评了分，没有可比的。")
    if isnan(found.alpha):
        return _none(NO_ALPHA)
    meaning = (t("可以依据") if found.alpha >= RELIABLE else t("只宜作初步判断") if found.alpha >= TENTATIVE
               else t("分歧较大，不宜依据"))  # fmt: skip
    return t("两个以上会审方评过的各项：{meaning}（1 为完全一致，0 相当于随机，低于 0 更差）。", meaning=meaning)


def _none(why: Pair) -> str:
    """Why there is no number, as a sentence."""
    words = why[language() != "zh"]
    return words[:1].upper() + words[1:] + t("。")
