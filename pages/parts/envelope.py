"""Envelope: what the efficiency check found, in a sentence, bars, a scatter and tables."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from metrics.efficiency import Efficiency
from pages.parts.checkup import named
from pages.parts.differing import APART, differing
from pages.parts.filters import Choice
from pages.parts.formats import NONE, cycle_words, number, points, quantity, signed
from pages.parts.frontier import beside_composite, efficiencies
from pages.parts.headlines import sentence
from pages.parts.i18n import language, t
from pages.parts.shell import Screen
from pages.parts.tables import bullets, show, source, table, title, twin
from pages.parts.url import link

MODELS = {"ccr": "CCR", "bcc": "BCC"}


def _rows(screen: Screen, found: Efficiency) -> pl.DataFrame:
    names = pl.col("region").replace_strict(screen.names(), return_dtype=pl.String)
    return found.regions.with_columns(name=names, theta=pl.col(found.model))


def _returns(code: str | None) -> str:
    return {"increasing": t("递增（偏小）"), "constant": t("不变（适中）"), "decreasing": t("递减（偏大）")}.get(
        code or "", NONE
    )


def _status(code: str | None) -> str:
    words = {"efficient": t("有效"), "weak": t("弱有效（仍有松弛）"), "inefficient": t("非有效")}
    return words.get(code or "", NONE)


def lead(screen: Screen, choice: Choice, found: Efficiency) -> None:
    """How many are efficient, who differs most from the composite, and what was compared."""
    if found.regions.is_empty():
        sentence([escape(t("{cycle}{area}没有可以核对的地区", cycle=cycle_words(choice.cycle), area=choice.area_name))])
        return
    rows = _rows(screen, found)
    best = rows.filter(pl.col("status") == "efficient")
    words = t(
        "{cycle}{area} {n} 个地区中 {count} 个有效（θ = 1）",
        area=choice.area_name, cycle=cycle_words(choice.cycle), n=rows.height, count=best.height,
    )  # fmt: skip
    sentence([escape(words), *_differing(rows)])
    inputs, outputs = (t("、").join(map(screen.name, codes)) for codes in (found.inputs, found.outputs))
    about = t(
        "数据包络分析（DEA）：投入 {inputs}，产出 {outputs}；按{model}排名。只看投入产出之比，与综合得分互相印证",
        inputs=inputs, outputs=outputs,
        model=t("规模报酬不变（CCR）") if found.model == "ccr" else t("规模报酬可变（BCC）"),
    )  # fmt: skip
    st.html(f'<p class="q-sub">{escape(about)}</p>')


def _differing(rows: pl.DataFrame) -> list[str]:
    """The region whose two ranks lie farthest apart."""
    far = rows.drop_nulls("places").sort(pl.col("places").abs(), "region", descending=[True, False]).head(1)
    parts = []
    for row in far.filter(pl.col("places") != 0).iter_rows(named=True):
        words = t("综合第 {composite}、效率第 {rank}，相差最远", composite=row["composite_rank"], rank=row["rank"])
        parts.append(link(row["name"], "region", region=row["region"]) + escape(words))
    return parts or [escape(t("两种排名一致"))]


def problems(screen: Screen, found: Efficiency) -> None:
    """What makes the result doubtful, and who was left out."""
    if found.problems:
        bullets([escape(named(screen, problem).message(language())) for problem in found.problems])


def bars(screen: Screen, choice: Choice, found: Efficiency) -> None:
    """θ of both models, region by region."""
    rows = _rows(screen, found)
    least = rows.sort("theta", "region", nulls_last=True).row(0, named=True)
    title(
        t("效率最低：{name} {theta}", name=least["name"], theta=number(least["theta"])),
        t("θ：条为规模报酬不变（CCR），点为规模报酬可变（BCC）；1 为有效，两者之差出于规模"),
    )
    spoken = t("；").join(
        f"{row['name']} CCR {number(row['ccr'])} BCC {number(row['bcc'])}" for row in rows.iter_rows(named=True)
    )
    show(screen, efficiencies(rows, choice.regions), "efficiency", alt=spoken)
    twin(screen, _table(rows), "efficiency")


def _table(rows: pl.DataFrame) -> pl.DataFrame:
    returns = {code: _returns(code) for code in rows["returns"].drop_nulls().unique()}
    status = {code: _status(code) for code in rows["status"].drop_nulls().unique()}
    return rows.select(
        pl.col("name").alias(t("地区")),
        pl.col("rank").alias(t("效率名次")),
        pl.col("composite_rank").alias(t("综合名次")),
        pl.col("score").alias(t("综合得分")),
        pl.col("ccr").alias("θ CCR"),
        pl.col("bcc").alias("θ BCC"),
        pl.col("scale").alias(t("规模效率")),
        pl.col("returns").replace_strict(returns, default=None, return_dtype=pl.String).alias(t("规模报酬")),
        pl.col("status").replace_strict(status, default=None, return_dtype=pl.String).alias(t("状态")),
    )


def against_composite(screen: Screen, choice: Choice, found: Efficiency) -> None:
    """The composite beside θ: who is good by one and not by the other."""
    rows = _rows(screen, found).drop_nulls(["score", "theta"])
    if rows.is_empty():
        title(t("没有综合得分可比"))
        return
    apart = rows.filter(pl.col("places").abs() >= APART)
    title(
        t("{count} 个地区两种名次相差 3 位及以上", count=apart.height) if apart.height else t("两种名次相差不到 3 位"),
        t("横轴综合得分，纵轴效率 θ（{model}）；写名字的是相差 3 位及以上的和所选的地区", model=MODELS[found.model]),
    )
    written = {*apart["region"], *choice.regions}
    spoken = t("；").join(
        t("{name}综合 {score}，θ {theta}", name=row["name"], score=points(row["score"]), theta=number(row["theta"]))
        for row in rows.iter_rows(named=True)
    )
    show(screen, beside_composite(rows, written, choice.regions), "composite-efficiency", alt=spoken)
    source(screen)
    differing(screen, choice, found)


def peers(screen: Screen, choice: Choice, found: Efficiency) -> None:
    """Where the two ranks differ and why: who each region is measured against, and what it could spare."""
    rows = _rows(screen, found)
    title(_model_for_others(screen, found), t("参照地区后的数是权重 λ：这些地区按权重合起来，产出不少，投入更省"))
    names = screen.names()
    told = found.peers.filter(pl.col("model") == found.model)
    lines = [
        [
            link(row["name"], "region", region=row["region"]),
            str(row["rank"] or NONE),
            str(row["composite_rank"] or NONE),
            number(row["ccr"]),
            number(row["bcc"]),
            escape(_returns(row["returns"])),
            escape(_status(row["status"])),
            _peers_of(row, told, names),
        ]
        for row in rows.iter_rows(named=True)
    ]
    heads = [t("地区"), t("效率名次"), t("综合名次"), "CCR", "BCC", t("规模报酬"), t("状态"), t("参照地区")]
    st.html(table(heads, lines, [row in choice.regions for row in rows["region"]], kind="words"))


def _peers_of(row: dict[str, Any], told: pl.DataFrame, names: dict[str, str]) -> str:
    own = told.filter(pl.col("region") == row["region"], pl.col("peer") != row["region"])
    found = [f"{escape(names[peer])} {_weight(weight)}" for peer, weight in own.select("peer", "weight").iter_rows()]
    return escape(t("、")).join(found) or NONE


def _weight(value: float) -> str:
    return "&lt; 0.01" if value < 0.01 else f"{value:.2f}"


def _model_for_others(screen: Screen, found: Efficiency) -> str:
    """Who is the peer of most others."""
    told = found.peers.filter(pl.col("model") == found.model, pl.col("peer") != pl.col("region"))
    counted = told.group_by("peer").len().sort("len", "peer", descending=[True, False]).head(1)
    for peer, count in counted.iter_rows():
        return t("{name}是 {count} 个地区的参照", name=screen.names()[peer], count=count)
    return t("没有地区要看别人")


def projections(screen: Screen, choice: Choice, found: Efficiency) -> None:
    """What each region has, and what its peers would make of it: input by input, output by output."""
    rows = found.measures.filter(pl.col("model") == found.model)
    shown = rows.filter(pl.col("region").is_in(choice.shown))
    most = rows.filter(pl.col("role") == "input").sort("change", "region", "code").head(1)
    words = [
        t("{name}的{measure}可省得最多：{change}", name=screen.names()[row["region"]], measure=screen.name(row["code"]),
          change=f"{signed(row['change'] * 100, 0)} %")
        for row in most.filter(pl.col("change") < -0.005).iter_rows(named=True)
    ]  # fmt: skip
    title(words[0] if words else t("没有可省的投入"), t("现值 → 参照值（变动），松弛为同比例改进之外还有的余量"))
    codes = [*found.inputs, *found.outputs]
    by_place = {(row["region"], row["code"]): row for row in shown.iter_rows(named=True)}
    regions = [region for region in found.regions["region"] if (region, codes[0]) in by_place]
    lines = [
        [link(screen.names()[region], "region", region=region), *(_change(by_place[region, code]) for code in codes)]
        for region in regions
    ]
    st.html(table([t("地区"), *map(screen.name, codes)], lines, kind="heat"))
    twin(screen, _measures(screen, found), "projections")


def _change(row: dict[str, Any]) -> str:
    change = f"{signed(row['change'] * 100, 1)} %" if abs(row["change"]) > 5e-4 else "="
    slack = t("松弛 {slack}", slack=quantity(row["slack"], row["unit"])) if row["slack"] > 0.0 else ""
    return (
        f"{escape(quantity(row['value'], row['unit']))} → {escape(quantity(row['target'], row['unit']))}"
        f"<small>{escape(change)} {escape(slack)}</small>"
    )


def _measures(screen: Screen, found: Efficiency) -> pl.DataFrame:
    codes = {code: screen.name(code) for code in (*found.inputs, *found.outputs)}
    return found.measures.select(
        pl.col("region").replace_strict(screen.names(), return_dtype=pl.String).alias(t("地区")),
        pl.col("model").replace_strict(MODELS, return_dtype=pl.String).alias(t("模型")),
        pl.col("code").replace_strict(codes, return_dtype=pl.String).alias(t("名称")),
        pl.col("role")
        .replace_strict({"input": t("投入"), "output": t("产出")}, return_dtype=pl.String)
        .alias(t("类别")),
        pl.col("unit").alias(t("计量单位")),
        pl.col("value").alias(t("现值")),
        pl.col("target").alias(t("参照值")),
        pl.col("slack").alias(t("松弛")),
        pl.col("change").alias(t("变动")),
    )
