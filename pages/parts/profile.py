"""One region's figures: headline, pillars against peers, strengths and weaknesses, what is missing, every indicator."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from metrics.flags import label
from pages.parts.charts import against_peers
from pages.parts.filters import Choice
from pages.parts.formats import movement, points, quantity, rank, share, signed
from pages.parts.headlines import sparkline
from pages.parts.i18n import language, t
from pages.parts.rows import rules_of
from pages.parts.shell import Screen
from pages.parts.tables import chart, table, title, twin
from pages.parts.url import link


def _rows(screen: Screen, choice: Choice, region: str) -> pl.DataFrame:
    card = screen.card
    found = card.frame.filter(pl.col("region") == region, pl.col("period") == choice.cycle)
    peers = card.peers.filter(pl.col("period") == choice.cycle)
    groups = {code: item.peers for code, item in screen.definitions.indicators.items()}
    attributes = card.regions.filter(pl.col("code") == region).row(0, named=True)
    own = [attributes[groups[code]] if groups.get(code) else None for code in found["code"]]
    return (
        found.with_columns(pl.Series("group", own, dtype=pl.String))
        .join(card.changes, on=["period", "region", "code"], how="left", maintain_order="left")
        .join(peers, on=["period", "code", "group"], how="left", nulls_equal=True, maintain_order="left")
    )


def head(screen: Screen, choice: Choice, region: str) -> None:
    """The grade, rank and coverage in a sentence, with the rules that were applied."""
    root = _rows(screen, choice, region).row(0, named=True)
    name = screen.names()[region]
    if root["score"] is None:
        st.html(
            f'<p class="q-lead">{escape(t("{name} {cycle} 没有综合得分", name=name, cycle=choice.cycle))}{t("：")}'
            f"{escape(t('数据覆盖率 {share}', share=share(root['coverage'])))}</p>"
        )
        return
    grades = {grade.code: grade.name.text(language()) for grade in screen.definitions.grades}
    parts = [t("{name} {cycle} 综合得分 {score}", name=name, cycle=choice.cycle, score=points(root["score"]))]
    if root["score_change"] is not None:
        parts.append(t("较上期 {change}", change=signed(root["score_change"])))
    if root["rank"] is not None:
        parts.append(t("排名 {rank}", rank=rank(root["rank"], root["n"])))
    if root["grade"]:
        parts.append(t("等级{grade}", grade=grades[root["grade"]]))
    if root["coverage"] < 1.0 - 1e-9:
        parts.append(t("覆盖率 {share}", share=share(root["coverage"])))
    parts += rules_of(screen, root["flags"])
    why = link(t("看来历"), "explain", region=region, code=root["code"])
    st.html(f'<p class="q-lead">{escape(t("，").join(parts))}{t("。")}{why}</p>')


def pillars(screen: Screen, choice: Choice, region: str) -> None:
    """The pillars' scores against the peers' band."""
    rows = _rows(screen, choice, region).filter(pl.col("level") == "pillar").drop_nulls("score")
    if rows.is_empty():
        return
    named = rows.with_columns(name=pl.col("code").replace_strict({code: screen.name(code) for code in rows["code"]}))
    gaps = named.with_columns(gap=pl.col("score") - pl.col("score_median")).sort("gap")
    finding = t("强在{best}，弱在{worst}", best=gaps["name"][-1], worst=gaps["name"][0])
    title(finding, t("维度得分，{cycle}；灰带为可比组最低至最高，竖线为中位数", cycle=choice.cycle))
    chart(against_peers(named), "pillars", finding)
    twin(
        named.select(
            pl.col("name").alias(t("名称")),
            pl.col("score").alias(t("得分")),
            pl.col("score_min").alias(t("最低")),
            pl.col("score_median").alias(t("中位数")),
            pl.col("score_max").alias(t("最高")),
        ),
        "pillars",
    )


def strengths(screen: Screen, choice: Choice, region: str) -> None:
    """The three indicators furthest above the peers' median, and the three furthest below, with whom to learn from."""
    rows = _rows(screen, choice, region).filter(pl.col("level") == "indicator").drop_nulls(["score", "score_median"])
    gaps = rows.with_columns(gap=pl.col("score") - pl.col("score_median")).sort("gap", "code", descending=[True, False])
    places = st.columns(2)
    strong, weak = gaps.filter(pl.col("gap") > 0).head(3), gaps.filter(pl.col("gap") < 0).tail(3).reverse()
    for place, words, part, learn in ((places[0], t("强项"), strong, False), (places[1], t("弱项"), weak, True)):
        with place:
            title(words, t("得分高于（低于）可比组中位数最多的指标"))
            shown = [_strength(screen, choice, row, learn) for row in part.iter_rows(named=True)]
            st.html('<ul class="q-list">' + "".join(f"<li>{line}</li>" for line in shown or [t("无")]) + "</ul>")


def _strength(screen: Screen, choice: Choice, row: dict[str, Any], learn: bool) -> str:
    unit = screen.definitions.unit_of(row["code"])
    words = link(screen.name(row["code"]), "indicator", code=row["code"])
    words += f" {escape(quantity(row['value'], unit))}{t('，')}"
    words += escape(t("{score} 分（中位数 {median}）", score=points(row["score"]), median=points(row["score_median"])))
    if learn:
        frame = screen.card.frame
        best = frame.filter(
            pl.col("code") == row["code"], pl.col("period") == choice.cycle, pl.col("region").is_in(choice.members)
        ).sort("score", "region", descending=[True, False], nulls_last=True)["region"][0]
        words += escape(t("；可学{name}", name=screen.names()[best]))
    return words


def missing(screen: Screen, choice: Choice, region: str) -> None:
    """The indicators without a value, and why."""
    rows = _rows(screen, choice, region).filter(pl.col("level") == "indicator", pl.col("value").is_null())
    if rows.is_empty():
        return
    title(t("{count} 项指标没有数值", count=rows.height), t("缺项不按零计，也不补；“不适用”的不影响覆盖率"))
    lines = [
        link(screen.name(row["code"]), "explain", region=region, code=row["code"])
        + escape(
            t("：") + ("；".join(label(flag, language()) for flag in row["flags"].split(";") if flag) or t("未报"))
        )
        for row in rows.iter_rows(named=True)
    ]
    st.html('<ul class="q-list">' + "".join(f"<li>{line}</li>" for line in lines) + "</ul>")


def indicators(screen: Screen, choice: Choice, region: str) -> None:
    """Every node: value, score, rank, change and course."""
    title(t("全部指标"), t("点得分看来历"))
    courses = {
        code: part["score"].to_list()
        for (code,), part in screen.card.frame.filter(pl.col("region") == region)
        .partition_by("code", as_dict=True)
        .items()
    }
    depth = {row.code: row.depth for row in screen.definitions.nodes()}
    lines = []
    for row in _rows(screen, choice, region).iter_rows(named=True):
        item = screen.definitions.indicators.get(row["code"])
        indent = "&emsp;" * depth[row["code"]]
        name = screen.name(row["code"])
        shown = link(name, "indicator", code=row["code"]) if item else f"<b>{escape(name)}</b>"
        moved = movement(row, item.unit, item.better)[0] if item else signed(row["score_change"])
        line = f'<span style="display:inline-block;width:90px;height:22px">{sparkline(courses[row["code"]])}</span>'
        lines.append(
            [
                indent + shown,
                escape(quantity(row["value"], item.unit)) if item else "",
                link(points(row["score"]), "explain", region=region, code=row["code"]),
                escape(rank(row["rank"], row["n"])),
                escape(moved),
                line,
            ]
        )
    st.html(table([t("名称"), t("指标值"), t("得分"), t("排名"), t("较上期"), t("得分走势")], lines))
