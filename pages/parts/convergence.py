"""Convergence on screen: the spread over the cycles, its split by groups, growth against the start."""

from html import escape

import polars as pl
import streamlit as st

from metrics.spread import REASONS as NO_SPREAD
from pages.parts.closeness import growth, spread_line, theil_parts
from pages.parts.formats import number, share, signed, unit
from pages.parts.i18n import t
from pages.parts.rows import spotlight
from pages.parts.tables import show, title, twin
from pages.parts.together import Together, cannot_say, in_words, reason_words


def courses(found: Together) -> None:
    """The spread over the cycles."""
    rows = found.spread.drop_nulls("cv")
    if rows.height < 2:
        title(t("只有一个周期有离散程度"), t("至少两个周期才有走势。"))
        return
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    finding = t("变异系数：{first} {then}，{last} {now}", first=first["period"], last=last["period"],
                then=number(first["cv"]), now=number(last["cv"]))  # fmt: skip
    n = found.at("cv", last["period"])["n"]
    what = t("{name}，{n} 个地区，标准差与均值之比，越低越接近", name=found.weighed, n=n)
    same = found.alike(first["period"], last["period"])
    title(finding, what if same else t("{words}（地区不尽相同）", words=what))
    spoken = t("；").join(f"{period} {number(value)}" for period, value in rows.select("period", "cv").iter_rows())
    show(found.screen, spread_line(rows.select("period", value="cv"), found.choice.cycle), "spread", alt=spoken)
    twin(found.screen, _measures_table(found), "spread")


def _measures_table(found: Together) -> pl.DataFrame:
    names = {
        "cv": t("变异系数"), "sd_log": t("对数标准差"), "gini": t("基尼系数"), "theil": t("泰尔指数"),
        "theil_within": t("组内"), "theil_between": t("组间"), "between_share": t("组间占比"),
    }  # fmt: skip
    return found.dispersion.select(
        pl.col("period").alias(t("评估周期")),
        pl.col("measure").replace_strict(names).alias(t("名称")),
        pl.col("value").alias(t("数值")),
        pl.col("n").alias(t("有值地区")),
        pl.col("missing").alias(t("缺")),
        in_words("reason", lambda code: reason_words(code, NO_SPREAD), NO_SPREAD).alias(t("说明")),
    )


def groups(found: Together) -> None:
    """Theil's index within and between the chosen groups."""
    if "theil_between" not in found.spread.columns:
        title(t("没有可用的分组"), t("各地区同属一组，或每组只有一个地区；地区表有属性列或上级时才能分解。"))
        return
    rows = found.spread.drop_nulls("theil")
    now = rows.filter(pl.col("period") == found.choice.cycle).drop_nulls("between_share")
    if rows.is_empty():
        title(t("没有泰尔指数"), reason_words(found.at("theil", found.choice.cycle)["reason"], NO_SPREAD))
        return
    finding = t("差距的 {share} 在各组之间", share=share(now["between_share"][0])) if now.height else t("泰尔指数")
    title(finding, t("{name}的泰尔指数：灰为组内，斜纹为组间，柱上为组间占比", name=found.weighed))
    spoken = t("；").join(
        f"{row['period']} {number(row['theil'])} ({share(row['between_share'])})" for row in rows.iter_rows(named=True)
    )
    show(found.screen, theil_parts(rows, found.choice.cycle), "theil", alt=spoken)
    shown = rows.select(
        pl.col("period").alias(t("评估周期")), pl.col("theil").alias(t("泰尔指数")),
        pl.col("theil_within").alias(t("组内")), pl.col("theil_between").alias(t("组间")),
        pl.col("between_share").alias(t("组间占比")),
    )  # fmt: skip
    twin(found.screen, shown, "theil")


def catching_up(found: Together) -> None:
    """Growth against the starting value, with the line and its interval in words."""
    row, rows = found.convergence, found.growth
    if row["slope"] is None:
        title(t("看不出起点低的是否追得快"), cannot_say(row["reason"]))
        return
    says = t("增长快慢与起点高低没有可断定的关系")
    if row["slope_high"] < 0.0 or row["slope_low"] > 0.0:
        says = t("起点低的增长更快") if row["slope"] < 0.0 else t("起点高的增长更快")
    title(says, _axes(found))
    told = t("偶然偏高偏低的会自行回到中间，只凭斜率为负不能说在趋同，须与离散程度一起看。")
    st.html(f'<p class="q-sub">{escape(told)}</p>')
    named = spotlight(found.screen, found.choice)
    spoken = t("；").join(
        f"{name} {signed(100 * speed)} %" for name, speed in rows.select("name", "growth").iter_rows()
    )
    figure = growth(rows, named, (row["intercept"], row["slope"]), found.unit)
    show(found.screen, figure, "growth", alt=f"{says}{t('。')}{spoken}")
    shown = rows.sort("start", "region").select(
        pl.col("name").alias(t("地区")), pl.col("start").alias(row["first"]), pl.col("end").alias(row["last"]),
        pl.col("growth").alias(t("年均增长（对数）")),
    )  # fmt: skip
    twin(found.screen, shown, "growth")


def _axes(found: Together) -> str:
    """What the axes are, and the slope with its interval."""
    row = found.convergence
    axes = t("横轴：{name}，{first}（对数）；纵轴：至 {last} 年均增长", name=_with_unit(found), first=row["first"],
             last=row["last"])  # fmt: skip
    slope = t("斜率 {slope}（95 % 区间 {low} 至 {high}，n = {n}，R² {r2}）", slope=signed(row["slope"], 3),
              low=signed(row["slope_low"], 3), high=signed(row["slope_high"], 3), n=row["n"],
              r2=number(row["r2"]))  # fmt: skip
    return axes + t("；") + slope


def _with_unit(found: Together) -> str:
    words = unit(found.unit)
    return f"{found.name} ({words})" if words else found.name
