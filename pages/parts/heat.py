"""The heat table: regions by pillars or by one pillar's indicators, the score as colour, the value in its unit."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from pages.parts.beside import Beside
from pages.parts.charts import grade_colours, palette
from pages.parts.filters import Choice
from pages.parts.formats import cycle_words, points, quantity
from pages.parts.i18n import t
from pages.parts.rows import rows_of
from pages.parts.shell import Screen
from pages.parts.tables import table, title, twin
from pages.parts.url import link

HATCHED = "repeating-linear-gradient(45deg,rgba(128,140,155,.28) 0 4px,transparent 4px 8px)"


def heat(screen: Screen, choice: Choice, codes: list[str], order: str) -> None:
    """The shown regions by these nodes, sorted by one of them; a number opens its explanation."""
    rows = rows_of(screen, choice, *codes).filter(pl.col("region").is_in(choice.shown))
    beside = Beside(screen, choice)
    what = {"cycle": cycle_words(choice.cycle), "against": beside.head}
    words = t("{cycle}，得分 0–100；小字为指标值和{against}；点数字看来历", **what)
    title(_lowest(screen, rows.filter(pl.col("code").is_in(codes[1:]))), words)
    _key(screen)
    by_place = {(row["region"], row["code"]): row for row in rows.iter_rows(named=True)}
    regions = rows.filter(pl.col("code") == order).sort("score", "region", descending=[True, False], nulls_last=True)
    lines = [
        [link(name, "region", region=region), *(_cell(screen, beside, by_place[region, code]) for code in codes)]
        for region, name in regions.select("region", "name").iter_rows()
    ]
    own = [region in choice.regions for region in regions["region"]]
    kind = "heat even" if len(codes) < 8 else "heat"
    st.html(table([t("地区"), *(screen.name(code) for code in codes)], lines, own, kind=kind))
    names = pl.col("code").replace_strict({code: screen.name(code) for code in codes})
    twin(
        screen,
        rows.select(
            pl.col("name").alias(t("地区")),
            names.alias(t("名称")),
            pl.col("score").alias(t("得分")),
            pl.col("value").alias(t("指标值")),
        ),
        "heat",
    )


def _lowest(screen: Screen, rows: pl.DataFrame) -> str:
    """Where a score is lowest."""
    for row in rows.drop_nulls("score").sort("score", "region").head(1).iter_rows(named=True):
        words = {"region": row["name"], "name": screen.name(row["code"]), "score": points(row["score"])}
        return t("最低的是{region}的{name}（{score} 分）", **words)
    return t("没有得分")


def _cell(screen: Screen, beside: Beside, row: dict[str, Any]) -> str:
    item = screen.definitions.indicators.get(row["code"])
    lines = [link(points(row["score"]), "explain", region=row["region"], code=row["code"])]
    if item is not None:
        lines.append(f"<small>{escape(quantity(row['value'], item.unit))}</small>")
    words = beside.words(row)[0]
    lines += [f'<small class="q-by">{escape(words)}</small>'] if words else []
    fill, ink = shade(screen, row["score"])
    return f'<td style="background:{fill};color:{ink}">{"".join(lines)}</td>'


def shade(screen: Screen, score: float | None) -> tuple[str, str]:
    """Fill and ink of a score: the colour of the grade that it would have, hatched where there is none.

    Where grades are given by quota, blue above the middle and orange below.
    """
    if score is None:
        return HATCHED, "inherit"
    colours, grades = palette(), screen.definitions.grades
    by_grade = grade_colours(screen.definitions, colours)
    found = next((grade for grade in grades if grade.at_least is not None and score >= grade.at_least), None)
    if found is not None:
        return by_grade[found.code]
    if grades and grades[-1].at_least is None and grades[0].at_least is not None:
        return by_grade[grades[-1].code]
    strength = min(abs(score - 50.0) / 50.0, 1.0) * 0.5
    return f"{colours.better if score >= 50.0 else colours.worse}{round(strength * 255):02x}", "inherit"


def _key(screen: Screen) -> None:
    """What the colours stand for, best first."""
    colours = grade_colours(screen.definitions, palette())
    cells = "".join(
        f'<span style="background:{colours[grade.code][0]};color:{colours[grade.code][1]}">'
        f"{escape(screen.grades()[grade.code])} {'' if grade.at_least is None else f'≥ {grade.at_least:g}'}</span>"
        for grade in screen.definitions.grades
        if grade.top is None and grade.top_share is None
    )
    if not cells:
        pair = ((t("高于 50 分"), shade(screen, 85.0)[0]), (t("低于 50 分"), shade(screen, 15.0)[0]))
        cells = "".join(f'<span style="background:{fill}">{escape(words)}</span>' for words, fill in pair)
    none = f'<span style="background:{HATCHED}">{escape(t("无得分"))}</span>'
    st.html(f'<div class="q-key">{cells}{none}</div>')
