"""Correlated: how a node's children move with it and with each other, as a table of coloured numbers."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from metrics.diagnostics import Diagnosis
from metrics.findings import chance_words
from pages.parts.charts import palette
from pages.parts.checkup import reason_words
from pages.parts.formats import NONE, signed
from pages.parts.i18n import t
from pages.parts.journalled_exports import noted
from pages.parts.shell import Screen
from pages.parts.tables import csv_of, table, title, twin

# From here on a correlation is told from chance with some confidence.
CHANCE = 0.05


def correlated(screen: Screen, found: Diagnosis, node: str, kind: str) -> None:
    """The matrix of the node's children, first with the nodes above them; a plus in blue, a minus in orange."""
    children = [row.code for row in screen.definitions.nodes() if row.parent == node]
    above = list(dict.fromkeys([node, screen.definitions.index.code]))
    pairs = {(row["code"], row["other"]): row for row in found.pairs.iter_rows(named=True)}
    shown = [pairs[key] for key in pairs if key[0] in children and (key[1] in children or key[1] in above)]
    title(_finding(screen, shown, kind), t("{node}的下级，基于得分；蓝为同向、橙为反向，淡色为可能出于偶然（p > 0.05）",
                                           node=screen.name(node)))  # fmt: skip
    lines = [[escape(screen.name(code)), *_line(code, [*above, *children], pairs, kind)] for code in children]
    st.html(table([t("名称"), *(screen.name(code) for code in [*above, *children])], lines, kind="heat"))
    twin(screen, _named(screen, pl.DataFrame(shown, schema=found.pairs.schema)), "correlations")
    name, pairs = "all-correlations.csv", found.pairs
    every = noted(screen.store, name, lambda: csv_of(_named(screen, pairs), screen.notice))
    words = t("下载全部 {count} 对相关（CSV）", count=found.pairs.height)
    st.download_button(words, every, name, "text/csv", on_click="ignore")


def _finding(screen: Screen, shown: list[dict[str, Any]], kind: str) -> str:
    """The pair that is most against each other; where none is, the closest one."""
    beside = [row for row in shown if row["kind"] == "siblings" and row[kind] is not None]
    if not beside:
        return t("没有可以比较的两项")
    lowest, highest = (pick(beside, key=lambda row: row[kind]) for pick in (min, max))
    row, opposed = (lowest, True) if lowest[kind] < 0.0 else (highest, False)
    names = {"one": screen.name(row["code"]), "two": screen.name(row["other"]), "value": coefficient(row[kind])}
    if opposed:
        return t("反向最明显：{one}与{two}（{value}）", **names)
    return t("没有反向的两项；最接近的是{one}与{two}（{value}）", **names)


def _line(code: str, others: list[str], pairs: dict[tuple[str, str], dict[str, Any]], kind: str) -> list[str]:
    return [_cell(pairs.get((code, other)) or pairs.get((other, code)), kind) for other in others]


def _cell(row: dict[str, Any] | None, kind: str) -> str:
    if row is None:
        return "<td>·</td>"
    if row[kind] is None:
        return f'<td title="{escape(reason_words(row["reason"]))}">{NONE}</td>'
    colours = palette()
    strength = abs(row[kind]) * (0.55 if row[f"{kind}_p"] <= CHANCE else 0.18)
    fill = f"{colours.better if row[kind] >= 0.0 else colours.worse}{round(strength * 255):02x}"
    words = t("n = {n}，p {p}", n=row["n"], p=chance_words(row[f"{kind}_p"]))
    return f'<td style="background:{fill}" title="{escape(words)}">{coefficient(row[kind])}</td>'


def coefficient(value: float) -> str:
    """Two decimals with a sign, none for what rounds to nothing."""
    text = signed(value, 2)
    return text if any(digit in text for digit in "123456789") else "0.00"


def _named(screen: Screen, pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs with names and heads in the session's language."""
    names = {row.code: screen.name(row.code) for row in screen.definitions.nodes()}
    kinds = {"siblings": t("同级"), "across": t("跨维度"), "above": t("与上级")}
    reasons = {reason: reason_words(reason) for reason in pairs["reason"].unique()}
    p = t("p 值")
    return pairs.select(
        pl.col("code").replace_strict(names, return_dtype=pl.String).alias(t("名称")),
        pl.col("other").replace_strict(names, return_dtype=pl.String).alias(t("与")),
        pl.col("kind").replace_strict(kinds, return_dtype=pl.String).alias(t("关系")),
        pl.col("n").alias(t("地区数")),
        *(
            column
            for code, head in {"pearson": "Pearson r", "spearman": "Spearman ρ", "kendall": "Kendall τ-b"}.items()
            for column in (pl.col(code).alias(head), pl.col(f"{code}_p").alias(f"{head} {p}"))
        ),
        pl.col("reason").replace_strict(reasons, return_dtype=pl.String).alias(t("说明")),
    )
