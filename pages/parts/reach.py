"""Reach: how far weights would have to be moved for two regions to change places."""

from html import escape
from itertools import pairwise

import polars as pl
import streamlit as st

from metrics.problems import InputError
from metrics.robustness import Swap, smallest_swap
from pages.parts.certainty import Certainty
from pages.parts.formats import number, share
from pages.parts.i18n import language, t
from pages.parts.pickers import pick
from pages.parts.tables import bullets, source, title
from pages.parts.url import link
from pages.parts.versus import SURE

# Changes of less than this share of the composite are not worth a line.
SEEN = 5e-5
LINES = 8


def swap(found: Certainty) -> None:
    """Two regions, and the least change of weights that swaps them."""
    names = {region: found.screen.names()[region] for region in found.rows.drop_nulls("rank").sort("rank")["region"]}
    if len(names) < 2:
        return
    codes = list(names)
    chosen = [region for region in found.choice.regions if region in names]
    usual = chosen[:2] if len(chosen) > 1 else _nearest(found, codes)
    left, right = st.columns(2)
    with left:
        one = pick(t("地区 A"), "one", names, usual[0])
    with right:
        other = pick(t("地区 B"), "other", names, usual[1])
    try:
        result = smallest_swap(found.screen.card, found.choice.cycle, (one, other)) if one != other else None
    except InputError as error:
        title(t("求不出调换名次的最小改动"), error.problems[0].message(language()))
        return
    if result is None:
        title(t("请选两个不同的地区"), "")
        return
    if result.change is None:
        title(_why(found, result), t("调换名次的最小权重改动"))
        return
    _told(found, result)


def _nearest(found: Certainty, codes: list[str]) -> list[str]:
    """The best two neighbours in rank whose order is open; the first two where every order is settled."""
    pairs = found.result.pairs.filter(pl.col("period") == found.choice.cycle, pl.col("probability") < SURE)
    open_ = set(pairs.select("region_a", "region_b").rows())
    return next((list(pair) for pair in pairwise(codes) if pair in open_), codes[:2])


def _why(found: Certainty, result: Swap) -> str:
    names = found.screen.names()
    who = {"ahead": names[result.ahead], "behind": names[result.behind]}
    return {
        "unranked": t("{ahead}与{behind}中有一个没有名次", **who),
        "level": t("{ahead}与{behind}得分相同", **who),
        "different_indicators": t("{ahead}与{behind}缺的指标不同，无法由线性规划比较", **who),
        "never": t("无论怎样调整权重，{behind}都不会超过{ahead}", **who),
    }[result.reason]


def _told(found: Certainty, result: Swap) -> None:
    names = found.screen.names()
    words = t("要让{behind}超过{ahead}，至少要挪动 {moved} 分权重（满分 100）", behind=names[result.behind],
              ahead=names[result.ahead], moved=number(result.moved))  # fmt: skip
    told = t("指标权重占综合的份额，改动之和最小的方案")
    if result.spread is not None:
        told += t("；各级权重同时浮动 ±{spread} 也能调换", spread=share(result.spread))
    if result.held:
        held = t("、").join(found.screen.name(code) for code in result.held)
        told += t("；两地在{held}缺的指标不同，其内部权重不动", held=held)
    title(words, told)
    moved = result.weights.filter(pl.col("difference").abs() > SEEN)
    ordered = moved.sort(pl.col("difference").abs(), "code", descending=[True, False])
    lines = [
        f"{_name(found, row['code'])} {_points(row['share'])} → <b>{_points(row['changed'])}</b>"
        for row in ordered.head(LINES).iter_rows(named=True)
    ]
    rest = ordered.height - len(lines)
    bullets([*lines, *([escape(t("另有 {count} 项", count=rest))] if rest > 0 else [])])
    source(found.screen)


def _name(found: Certainty, code: str) -> str:
    if code in found.screen.definitions.indicators:
        return link(found.screen.name(code), "indicator", code=code)
    return escape(found.screen.name(code))


def _points(part: float) -> str:
    """A share of the composite in points of its hundred."""
    return escape(number(part * 100)) if part >= SEEN else "0"
