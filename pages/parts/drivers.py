"""Drivers: which uncertain choice moves the ranks, and which indicator does when it is left out."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from metrics.report.sentences import places_moved
from metrics.robustness import leave_one_out, sensitivity
from metrics.scorecard import Scorecard
from pages.parts.certainty import Certainty
from pages.parts.formats import NONE, cycle_words, number, share
from pages.parts.i18n import language, t
from pages.parts.pickers import pick
from pages.parts.ranges import indices
from pages.parts.tables import show, table, title, twin
from pages.parts.url import link

SHIFT = "shift"
SHOWN = 10


@st.cache_resource(max_entries=16, show_spinner=False)
def _driven(_card: Scorecard, period: str, snapshot: str, digest: str) -> pl.DataFrame:
    return sensitivity(_card, period)


@st.cache_resource(max_entries=4, show_spinner=False)
def _without(_card: Scorecard, snapshot: str, digest: str) -> pl.DataFrame:
    return leave_one_out(_card)


def drivers(found: Certainty) -> None:
    """Sobol indices of all ranks together, or of one region's."""
    screen, cycle = found.screen, found.choice.cycle
    with st.spinner(t("正在分析哪项选择影响名次…")):
        rows = _driven(screen.card, cycle, screen.snapshot, screen.definitions.digest)
    if rows.is_empty():
        title(t("没有不确定的选择"), t("定义文件的 robustness 中没有可供抽取的内容。"))
        return
    names = {SHIFT: t("全部名次")}
    names |= {region: found.screen.names()[region] for region in found.rows["region"] if region in set(rows["output"])}
    output = pick(t("谁的名次"), "output", names, SHIFT, short=True)
    here = rows.filter(pl.col("output") == output)
    words = [_words(found, row) for row in here.iter_rows(named=True)]
    here = here.with_columns(words=pl.Series(words, dtype=pl.String))
    known = here.drop_nulls("total").sort("total", descending=True)
    if known.is_empty():
        title(t("{name}：名次不随任何选择变动", name=names[output]), t("在所有抽样中都一样。"))
        return
    finding = t("影响名次最大的是{what}", what=known["words"][0])
    title(
        finding,
        t(
            "占名次变动方差的份额，{cycle}；条为总效应（含交互）及其 95 % 区间，菱形为主效应",
            cycle=cycle_words(cycle).strip(),
        ),
    )
    spoken = t("；").join(f"{words} {share(total)}" for words, total in known.select("words", "total").iter_rows())
    show(screen, indices(known), "drivers", alt=f"{finding}{t('。')}{spoken}")
    shown = known.select(
        pl.col("words").alias(t("选择")), pl.col("first").alias(t("主效应")), pl.col("total").alias(t("总效应")),
        pl.col("total_low").alias(t("总效应下限")), pl.col("total_high").alias(t("总效应上限")),
    )  # fmt: skip
    twin(screen, shown, "drivers")


def _words(found: Certainty, row: dict[str, Any]) -> str:
    named = {
        "normalise": t("归一化"), "aggregate": t("汇总方法"), "missing": t("缺失值处理"), "frame": t("基准框"),
        "drop_one": t("去掉一个指标"),
    }  # fmt: skip
    if row["input"] in named:
        return named[row["input"]]
    return t("“{name}”内的权重", name=found.screen.name(row["code"]))


def left_out(found: Certainty) -> None:
    """The indicators without which ranks move most."""
    screen, cycle = found.screen, found.choice.cycle
    rows = _without(screen.card, screen.snapshot, screen.definitions.digest).filter(pl.col("period") == cycle)
    ordered = rows.drop_nulls("mean_shift").sort("mean_shift", "max_shift", "code", descending=[True, True, False])
    if ordered.is_empty():
        title(t("去掉任何一个指标都没有名次"), t("只有一个指标，或无人有名次。"))
        return
    still = ordered.filter(pl.col("max_shift") == 0.0).height
    title(
        t("去掉“{name}”名次变动最大", name=screen.name(ordered["code"][0])),
        t(
            "逐个去掉指标，其余不变，{cycle}；{still} 个指标去掉后名次不变",
            cycle=cycle_words(cycle).strip(),
            still=still,
        ),
    )
    heads = [t("去掉的指标"), t("平均变动"), t("最大变动"), t("变动最大的地区")]
    lines = [
        [
            link(screen.name(row["code"]), "indicator", code=row["code"]),
            escape(number(row["mean_shift"])),
            f"{row['max_shift']:.0f}",
            _mover(found, row),
        ]
        for row in ordered.head(SHOWN).iter_rows(named=True)
    ]
    st.html(table(heads, lines))
    names = screen.names()
    shown = ordered.select(
        pl.col("code").replace_strict({code: screen.name(code) for code in ordered["code"]}).alias(heads[0]),
        pl.col("mean_shift").alias(heads[1]),
        pl.col("max_shift").alias(heads[2]),
        pl.col("region").replace_strict(names).alias(heads[3]),
        pl.col("region_shift").alias(t("升降位次")),
    )
    twin(screen, shown, "left_out")


def _mover(found: Certainty, row: dict[str, Any]) -> str:
    places = row["region_shift"]
    if not places:
        return NONE
    words = places_moved(places, language())
    return f"{found.name(row['region'])} {escape(words)}"
