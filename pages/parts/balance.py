"""Balance on screen: the pillars' coupling coordination over its bands, and what holds the regions apart."""

import polars as pl
import streamlit as st

from metrics.apart import RULES
from metrics.coupling import BANDS
from pages.parts.closeness import coupled_line
from pages.parts.formats import cycle_words, number, share
from pages.parts.i18n import t
from pages.parts.shares import share_bars
from pages.parts.tables import show, title, twin
from pages.parts.together import REASONS, Together, band_words, in_words, reason_words

# So many indicators are drawn; all of them are in the table.
MOST = 12


def coupled(found: Together) -> None:
    """Coupling coordination by year over its bands, with the members' range."""
    rows = found.coupled_area
    if rows["coordination"].null_count() == rows.height:
        title(t("没有耦合协调度"), reason_words(rows["reason"][-1]))
        return
    now = rows.filter(pl.col("period") == found.choice.cycle).row(0, named=True)
    finding = t("{count} / {n} 个地区最弱的维度是{name}", count=now["lowest_in"], n=now["n"],
                name=found.screen.name(now["lowest"])) if now["lowest"] else t("各维度的耦合协调度")  # fmt: skip
    what = t("耦合协调度 D = √(C·T)，线为各地区平均，带为最低至最高；等级按十分位；D 主要反映发展水平，C 通常接近 1")
    held = found.coupled.filter(pl.col("period") == found.choice.cycle)["held"].sum()
    if held:
        what += t("；有 {count} 项维度得分在 1–100 之外，按界限计", count=held)
    title(finding, what)
    spoken = t("；").join(
        f"{row['period']} {number(row['coordination'])} {band_words(row['band'] or '')}"
        for row in rows.iter_rows(named=True)
    )
    show(found.screen, coupled_line(rows, found.choice.cycle), "coupling", alt=spoken)
    twin(found.screen, _coupling_table(found), "coupling")


def _coupling_table(found: Together) -> pl.DataFrame:
    screen = found.screen
    return found.coupled.select(
        pl.col("period").alias(t("评估周期")),
        pl.col("region").replace_strict(screen.names()).alias(t("地区")),
        pl.col("coupling").alias(t("耦合度 C")),
        pl.col("development").alias(t("发展度 T")),
        pl.col("coordination").alias(t("耦合协调度 D")),
        in_words("band", band_words, [code for code, *_ in BANDS]).alias(t("等级")),
        in_words("lowest", screen.name, found.coupled["lowest"].drop_nulls().unique()).alias(t("最弱维度")),
        in_words("reason", reason_words, REASONS).alias(t("说明")),
    )


def held_apart(found: Together) -> None:
    """Pillars, and the indicators that come first, by their share of the variance of the composite."""
    rows = found.apart.filter(pl.col("level") != "composite")
    if rows["share"].null_count() == rows.height:
        title(t("说不出是什么拉开了差距"), reason_words(rows["reason"][0]))
        return
    named = rows.with_columns(name=in_words("code", lambda code: _part(found, code), rows["code"].unique()))
    # A share of 0 of the rules is that of an index without any.
    rules = (pl.col("level") == "rules") & (pl.col("share").abs() > 1e-9)
    pillars = named.filter((pl.col("level") == "pillar") | rules)
    indicators = named.filter(((pl.col("level") == "indicator") & (pl.col("share").abs() > 1e-9)) | rules)
    root = found.screen.definitions.index.code
    finding = t("拉开差距最多的是{name}", name=named.filter(pl.col("level") == "indicator")["name"][0])
    what = t("各部分占{name}方差的份额，{cycle}，合计 100 %；低于 0 的（斜纹）使各地区更接近",
             name=found.screen.name(root), cycle=cycle_words(found.choice.cycle).strip())  # fmt: skip
    title(finding, what + (t("；含加分与扣分") if named.filter(rules).height else ""))
    left, right = st.columns([1, 1.5], gap="medium")
    for place, part, key in ((left, pillars, "apart_pillars"), (right, indicators.head(MOST), "apart_indicators")):
        if part.height:
            with place:
                spoken = t("；").join(f"{name} {share(of)}" for name, of in part.select("name", "share").iter_rows())
                show(found.screen, share_bars(part), key, alt=spoken)
    shown = named.select(
        pl.col("name").alias(t("名称")), pl.col("level").replace_strict(_levels(), default="").alias(t("级别")),
        pl.col("share").alias(t("占方差的份额")),
    )  # fmt: skip
    twin(found.screen, shown, "apart")


def _part(found: Together, code: str) -> str:
    return t("加分与扣分") if code == RULES else found.screen.name(code)


def _levels() -> dict[str, str]:
    return {"pillar": t("维度"), "indicator": t("指标"), "rules": t("规则")}
