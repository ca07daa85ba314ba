"""Integration in words: whether the area grows together, how coordinated it is, what holds it apart; four numbers."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from metrics.convergence import REASONS as NO_SLOPE
from metrics.integration import moving_share
from metrics.report import together as told_of
from metrics.spread import REASONS as NO_SPREAD
from pages.parts.formats import NONE, cycle_words, number, points, share, signed
from pages.parts.headlines import sentence
from pages.parts.i18n import language, t
from pages.parts.sparks import sparkline
from pages.parts.together import Together, band_words, reason_words
from pages.parts.url import link


def lead(found: Together) -> None:
    """Whether the area grows together, how coordinated it is, and what holds it apart; below it what that rests on."""
    if len(found.choice.members) < 2:
        sentence([escape(t("{area}只有一个地区，无从谈离散和趋同", area=found.choice.area_name))])
        return
    sentence([*_spread_words(found), *_coupling_words(found), *_apart_words(found)])
    st.html(f'<p class="q-sub">{escape(_rests_on(found))}</p>')


def _spread_words(found: Together) -> list[str]:
    """The spread then and now, and what its interval lets one say; how far apart they are alone where that is all."""
    row, now, lang = found.convergence, found.at("cv", found.choice.cycle), language()
    names = {"name": found.weighed, "area": found.choice.area_name, "cycle": cycle_words(found.choice.cycle)}
    told = [told_of.spread_words(now, row, **names, lang=lang)]
    return [escape(words) for words in (*told, *([] if now["value"] is None else [_verdict_words(found)]))]


def _verdict_words(found: Together) -> str:
    words = told_of.verdict_words(found.convergence, language())
    if found.weight is None or found.verdict == "unknown":
        return words
    return t("不加权时{verdict}", verdict=words)


def _coupling_words(found: Together) -> list[str]:
    row = found.coupled_area.filter(pl.col("period") == found.choice.cycle).row(0, named=True)
    return [escape(words)] if (words := told_of.coupling_words(row, language())) else []


def _apart_words(found: Together) -> list[str]:
    """The pillar and the indicator with the largest shares of the variance of the composite."""
    known = found.apart.drop_nulls("share").filter(pl.col("share") > 0.0)
    first = {level: known.filter(pl.col("level") == level).head(1) for level in ("pillar", "indicator")}
    told = []
    for row in first["pillar"].iter_rows(named=True):
        told.append(escape(told_of.apart_words("pillar", found.screen.name(row["code"]), row["share"], language())))
    for row in first["indicator"].iter_rows(named=True):
        name = link(found.screen.name(row["code"]), "indicator", code=row["code"])
        # What stands around the name is words and a number, and the name is HTML already.
        told.append(told_of.apart_words("indicator", name, row["share"], language()))
    return told


def _rests_on(found: Together) -> str:
    """What the sentence rests on, so that nobody reads more out of it."""
    row = found.convergence
    parts = [t("变异系数为总体标准差与均值之比；区间把各地区看作一次观测，近似服从对数正态，只说这几年，不作预测")]
    if row["first"] is not None and len(found.choice.members) > row["spread_n"]:
        parts.append(t("{count} 个地区缺起止值，未计入", count=len(found.choice.members) - row["spread_n"]))
    moving = moving_share(found.screen.definitions, found.code)
    if moving > 0.0 and found.code not in found.screen.definitions.indicators:
        parts.append(t("权重的 {share} 按各周期内的相对位置计分，跨周期比较宜看指标值", share=share(moving)))
    first, last = row["covered_first"], row["covered_last"]
    if first is not None and abs(first - last) > 0.005:
        parts.append(
            t("平均覆盖率期初 {first}、期末 {last}，两期依据的指标不尽相同", first=share(first), last=share(last))
        )
    return t("；").join(parts) + t("。")


def cards(found: Together) -> None:
    """Four numbers of the chosen cycle, each with what it was at the start."""
    row, cycle = found.convergence, found.choice.cycle
    then = row["first"]
    coupled = {line["period"]: line for line in found.coupled_area.iter_rows(named=True)}
    speed = (t("{speed} / 年", speed=_rate(row["speed"])), _speed_words(row)) if row["speed"] is not None else (
        NONE, reason_words(row["reason"], NO_SLOPE))  # fmt: skip
    made = [
        _card(t("变异系数"), *_measure(found, "cv", then), found.spread["cv"].to_list()),
        _card(t("基尼系数"), *_measure(found, "gini", then), found.spread["gini"].to_list()),
        _card(t("耦合协调度"), number(coupled[cycle]["coordination"]), _coupled_card(coupled[cycle]),
              found.coupled_area["coordination"].to_list()),
        _card(t("追赶速度（β）"), *speed, []),
    ]  # fmt: skip
    st.html(f'<div class="q-cards">{"".join(made)}</div>')


def _measure(found: Together, name: str, then: str | None) -> tuple[str, str]:
    """The measure now, and what it was or why there is none."""
    row = found.at(name, found.choice.cycle)
    if row["value"] is None:
        return NONE, reason_words(row["reason"], NO_SPREAD)
    before = None if then is None else found.at(name, then)["value"]
    if then is None or before is None:
        return number(row["value"]), ""
    words = t("{cycle} {value}", cycle=cycle_words(then).strip(), value=number(before))
    return number(row["value"]), words if found.alike(then, found.choice.cycle) else t(
        "{words}（地区不尽相同）", words=words
    )


def _coupled_card(row: dict[str, Any]) -> str:
    if row["coordination"] is None:
        return reason_words(row["reason"])
    return t(
        "{band}，各地区 {low}–{high}", band=band_words(row["band"]), low=number(row["low"]), high=number(row["high"])
    )


def _rate(value: float | None, none: str = NONE) -> str:
    """A yearly rate in per cent."""
    return none if value is None else f"{signed(value * 100).lstrip('+')} %"


def _speed_words(row: dict[str, Any]) -> str:
    """The interval of the speed, and the half-life."""
    ends = t("95 % 区间 {low} 至 {high}", low=_rate(row["speed_low"]), high=_rate(row["speed_high"], t("无上限")))
    if row["half_life"] is None:
        return ends
    return ends + t("，差距减半约 {years} 年", years=points(row["half_life"]))


def _card(head: str, value: str, words: str, course: list[float | None]) -> str:
    return (
        f'<div class="q-card"><div class="k">{escape(head)}</div><div class="v">{escape(value)}</div>'
        f'<div class="d">{escape(words)}</div>{sparkline(course)}</div>'
    )
