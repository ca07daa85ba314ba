"""What is missing: the share of what is due that has been reported, by region and period or cycle."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from metrics.completeness import together
from pages.parts.due import due
from pages.parts.filters import Choice
from pages.parts.formats import cycle_words, nearly
from pages.parts.headlines import sentence
from pages.parts.heat import HATCHED
from pages.parts.i18n import t
from pages.parts.pickers import pick_short
from pages.parts.shell import Screen
from pages.parts.tables import table, title, twin
from pages.parts.url import link


def gaps(screen: Screen, choice: Choice) -> None:
    """The cycle's periods with what is late; or the sentence and the heat table of all cycles."""
    view = pick_short(t("完整性"), "by", {"periods": t("本周期各期间"), "cycles": t("各周期")}, "periods")
    if view == "periods":
        due(screen, choice)
    else:
        _cycles(screen, choice)


def _cycles(screen: Screen, choice: Choice) -> None:
    members = pl.col("region").is_in(choice.members)
    _lead(screen, choice, screen.by_period.filter(members, pl.col("cycle") == choice.cycle))
    rows = screen.by_cycle.filter(members)
    periods = rows["period"].unique(maintain_order=True).to_list()
    what = t("每格为原始变量中有可用数值的份额；不全的合计不算")
    title(_finding(screen, rows), what + t("；✓ 为报齐，斜线为缺，指向格子可看缺哪些"))
    st.html(table([t("地区"), *periods, t("合计")], _lines(screen, choice, rows, periods), kind="heat small"))
    names = pl.col("region").replace_strict(screen.names())
    words = pl.Series([_named(screen, codes) for codes in rows["missing"]], dtype=pl.String)
    twin(
        screen,
        rows.select(
            names.alias(t("地区")),
            pl.col("period").alias(t("期间")),
            pl.col("due").alias(t("应报")),
            pl.col("reported").alias(t("已报")),
            pl.col("absent").alias(t("缺")),
            words.alias(t("缺哪些")),
        ),
        "completeness",
    )


def _lead(screen: Screen, choice: Choice, now: pl.DataFrame) -> None:
    """How much is due and missing in the cycle, and where most."""
    cycle, count = cycle_words(choice.cycle), len(choice.members)
    if now.is_empty():
        sentence([escape(t("{cycle}{area}还没有报数", cycle=cycle, area=choice.area_name))])
        return
    whole = together(now, "cycle").row(0, named=True)
    words = t("{cycle}{area}（{count} 个地区）应报 {due} 项，", cycle=cycle, area=choice.area_name, count=count,
              due=f"{whole['due']:,}")  # fmt: skip
    if not whole["due"]:
        sentence([escape(t("{cycle}还没有到期的应报项", cycle=cycle))])
        return
    if not whole["absent"]:
        sentence([escape(words + t("没有缺项"))])
        return
    worst = together(now, "region").sort("absent", "region", descending=[True, False]).row(0, named=True)
    most = link(screen.names()[worst["region"]], "region", region=worst["region"])
    missing = t("缺 {absent} 项（已报 {share}）", absent=f"{whole['absent']:,}", share=nearly(whole["share"]))
    sentence([escape(words + missing), most + escape(t("缺 {absent} 项，最多", absent=f"{worst['absent']:,}"))])


def _finding(screen: Screen, rows: pl.DataFrame) -> str:
    """How many regions lack anything in what the table shows."""
    lacking = together(rows, "region").filter(pl.col("absent") > 0).height if rows.height else 0
    return t("{count} 个地区有缺项", count=lacking) if lacking else t("各地区都报齐了")


def _lines(screen: Screen, choice: Choice, rows: pl.DataFrame, periods: list[str]) -> list[list[str]]:
    """A line a region, those with the most missing first."""
    cells = {(row["region"], row["period"]): row for row in rows.iter_rows(named=True)}
    totals = {row["region"]: row for row in together(rows, "region").iter_rows(named=True)}
    worst = sorted(choice.members, key=lambda region: (totals[region]["share"] if region in totals else -1.0, region))
    return [
        [
            link(screen.names()[region], "region", region=region),
            *(_cell(screen, cells.get((region, period))) for period in periods),
            _cell(screen, totals.get(region)),
        ]
        for region in worst
    ]


def _cell(screen: Screen, row: dict[str, Any] | None) -> str:
    """The share, full ones quiet, those with gaps hatched with how many are missing; nothing reported: a word."""
    if row is None:
        return f'<td style="background:{HATCHED}">{escape(t("未报"))}</td>'
    if not row["absent"]:
        return '<td class="full" title="100 %">✓</td>'
    told = escape(_named(screen, row["missing"])) if "missing" in row else ""
    few = escape(t("缺 {absent}", absent=row["absent"]))
    return (
        f'<td class="gap" style="background:{HATCHED}" title="{told}">{nearly(row["share"])}<small>{few}</small></td>'
    )


def _named(screen: Screen, codes: str) -> str:
    return t("、").join(screen.name(code) for code in codes.split(";") if code)
