"""Weighing: the weights that were given beside those that decide."""

import polars as pl

from metrics.diagnostics import Diagnosis
from pages.parts.charts import Figure, axis, drawn, framed, names_axis, palette, ticks, width_of
from pages.parts.checkup import reason_words
from pages.parts.formats import NONE, share
from pages.parts.i18n import t
from pages.parts.shell import Screen
from pages.parts.tables import show, title, twin


def weighing(screen: Screen, found: Diagnosis, node: str) -> None:
    """Bars of the node's children: their weight in the composite, and their part of its variance."""
    names = {row.code: screen.name(row.code) for row in screen.definitions.nodes()}
    rows = found.importance.filter(pl.col("parent") == node, pl.col("nominal").is_not_null()).with_columns(
        name=pl.col("code").replace_strict(names, return_dtype=pl.String)
    )
    if rows.is_empty():
        title(t("本周期没有生效的下级"))
        return
    title(_finding(rows), t("占综合得分的份额：上灰条为名义权重，下蓝条为有效权重（占规则之前综合得分方差的份额）"))
    spoken = t("；").join(
        t("{name}名义 {nominal}，有效 {effective}", name=row["name"], nominal=share(row["nominal"]),
          effective=share(row["effective"]))
        for row in rows.iter_rows(named=True)
    )  # fmt: skip
    show(screen, bars(rows), "weights", alt=spoken)
    twin(screen, _table(rows), "weights")


def _finding(rows: pl.DataFrame) -> str:
    """The child whose effective weight is farthest from its nominal one."""
    known = rows.drop_nulls("effective")
    if known.is_empty():
        return t("说不出有效权重：{reason}", reason=reason_words(rows["reason"][0]))
    far = known.sort((pl.col("effective") - pl.col("nominal")).abs(), descending=True).row(0, named=True)
    return t("有效权重离名义权重最远：{name}（名义 {nominal}，有效 {effective}）", name=far["name"],
             nominal=share(far["nominal"]), effective=share(far["effective"]))  # fmt: skip


def bars(rows: pl.DataFrame) -> Figure:
    """Two bars a row, the first row on top; rows: name, nominal, effective."""
    colours, ordered = palette(), rows.reverse()
    reach = [*ordered["nominal"].drop_nulls(), *ordered["effective"].drop_nulls(), 0.0]
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "y": ordered["name"].to_list(),
            "x": ordered[column].to_list(),
            "marker": {"color": fill},
            "text": [share(value) for value in ordered[column]],
            "textposition": "outside",
            "textfont": {"size": 13, "color": colours.text},
            "cliponaxis": False,
            "hoverinfo": "skip",
        }
        for column, fill in (("effective", colours.better), ("nominal", colours.grey))
    ]
    low, top = 1.3 * min(reach), 1.05 * max(reach)
    return drawn(
        traces,
        **framed(max(140, 46 * ordered.height + 40), colours, right=width_of(["00 %"])),
        xaxis=axis(colours, range=[low, top], tickvals=ticks(low, top, 3), tickformat=".0%", tickangle=0),
        yaxis=names_axis(colours),
        barmode="group",
        bargap=0.3,
    )


def _table(rows: pl.DataFrame) -> pl.DataFrame:
    reasons = {reason: reason_words(reason) or NONE for reason in rows["reason"].unique()}
    return rows.select(
        pl.col("name").alias(t("名称")),
        pl.col("n").alias(t("地区数")),
        pl.col("share").alias(t("同级中的权重")),
        pl.col("nominal").alias(t("名义权重")),
        pl.col("effective").alias(t("有效权重")),
        pl.col("main_effect").alias(t("单独解释力 R²")),
        pl.col("balanced").alias(t("平衡权重（使影响等于设定）")),
        pl.col("reason").replace_strict(reasons, return_dtype=pl.String).alias(t("说明")),
    )
