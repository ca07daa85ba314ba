"""The comparison's figures: a heat table of regions by nodes, and their courses."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from pages.parts.charts import lines
from pages.parts.filters import Choice
from pages.parts.formats import movement, points, quantity, signed
from pages.parts.i18n import t
from pages.parts.rows import rows_of
from pages.parts.shell import Screen
from pages.parts.tables import chart, table, title, twin
from pages.parts.url import arrive, leave, link


def heat(screen: Screen, choice: Choice) -> None:
    """Regions by pillars, or by one pillar's indicators: the score as colour, the value in its unit beneath."""
    root = screen.definitions.index.code
    inner = [row.code for row in screen.definitions.nodes() if row.level != "indicator"]
    left, right = st.columns(2)
    with left:
        node = _picked(t("维度"), "node", inner, {code: screen.name(code) for code in inner})
    codes = [row.code for row in screen.definitions.nodes() if row.parent == node]
    with right:
        order = _picked(t("排序"), "sort", [node, *codes], {code: screen.name(code) for code in [node, *codes]})
    rows = rows_of(screen, choice, node, *codes).filter(pl.col("region").is_in(choice.shown))
    spread = rows.filter(pl.col("code").is_in(codes)).group_by("code", maintain_order=True).agg(
        pl.col("score").min().alias("low"), pl.col("score").max().alias("high")
    ).drop_nulls().sort(pl.col("high") - pl.col("low"), descending=True)  # fmt: skip
    finding = screen.name(node)
    if spread.height:
        widest = spread.row(0, named=True)
        finding = t(
            "差距最大的是{name}：{low} 至 {high} 分",
            name=screen.name(widest["code"]), low=points(widest["low"]), high=points(widest["high"]),
        )  # fmt: skip
    title(finding, t("得分（0–100，蓝高橙低），{cycle}；点数字看来历", cycle=choice.cycle))
    by_place = {(row["region"], row["code"]): row for row in rows.iter_rows(named=True)}
    beside = _beside(screen, choice)
    regions = rows.filter(pl.col("code") == order).sort("score", "region", descending=[True, False], nulls_last=True)
    lines_ = [
        [
            link(name, "region", region=region),
            *(_cell(screen, by_place[region, code], beside, choice) for code in [node, *codes]),
        ]
        for region, name in regions.select("region", "name").iter_rows()
    ]
    own = [region in choice.regions for region in regions["region"]]
    st.html(table([t("地区"), *(screen.name(code) for code in [node, *codes])], lines_, own))
    named = rows.with_columns(pl.col("code").replace_strict({code: screen.name(code) for code in [node, *codes]}))
    twin(
        named.select(
            pl.col("name").alias(t("地区")),
            pl.col("code").alias(t("名称")),
            pl.col("score").alias(t("得分")),
            pl.col("value").alias(t("指标值")),
        ),
        f"heat-{root}",
    )


def _picked(label: str, key: str, options: list[str], names: dict[str, str]) -> str:
    arrive(key, options)
    if key not in st.session_state:
        st.session_state[key] = options[0]
    found = st.selectbox(label, options, key=key, format_func=names.__getitem__, persist_state="session")
    leave(key, found, default=options[0])
    return str(found)


def _beside(screen: Screen, choice: Choice) -> dict[tuple[str, str], dict[str, Any]]:
    distances = screen.card.distances.filter(pl.col("period") == choice.cycle)
    return {(row["region"], row["code"]): row for row in distances.iter_rows(named=True)}


def _cell(screen: Screen, row: dict[str, Any], beside: dict[tuple[str, str], dict[str, Any]], choice: Choice) -> str:
    place, item = (row["region"], row["code"]), screen.definitions.indicators.get(row["code"])
    shown = link(points(row["score"]), "explain", region=row["region"], code=row["code"])
    below = ""
    if item is not None:
        words = {
            "last": lambda: movement(row, item.unit, item.better)[0],
            "peers": lambda: _gap(beside[place]["peer_gap"], t("较可比组")),
            "target": lambda: _gap(beside[place]["target_gap"], t("较目标")),
        }[choice.against]()
        below = f"<small>{escape(quantity(row['value'], item.unit))}</small><small>{escape(words)}</small>"
    elif row["score_change"] is not None and choice.against == "last":
        below = f"<small>{escape(signed(row['score_change']))}</small>"
    return f'<td style="background:{shade(row["score"])}">{shown}{below}</td>'


def _gap(share: float | None, words: str) -> str:
    return "" if share is None else f"{words} {signed(share * 100, 0)} %"


def shade(score: float | None) -> str:
    """Blue above the middle, orange below, hatched where there is no score."""
    if score is None:
        return "repeating-linear-gradient(45deg,rgba(128,140,155,.25) 0 4px,transparent 4px 8px)"
    strength = min(abs(score - 50.0) / 50.0, 1.0) * 0.5
    return f"rgba(26,104,173,{strength:.2f})" if score >= 50.0 else f"rgba(199,91,18,{strength:.2f})"


def courses(screen: Screen, choice: Choice) -> None:
    """The composite and the pillars over the cycles, one small picture each."""
    tree = screen.definitions.nodes()
    codes = [row.code for row in tree if row.level != "indicator"][:6]
    title(t("各维度走势"), t("得分，各周期；突出显示的地区有名，其余为灰线"))
    best = rows_of(screen, choice, codes[0]).sort("rank", nulls_last=True)["region"].head(1)
    named = choice.regions or tuple(best)
    for row in (codes[:3], codes[3:]):
        for place, code in zip(st.columns(3), row, strict=False):
            with place:
                st.html(f'<p class="q-sub">{escape(screen.name(code))}</p>')
                rows = rows_of(screen, choice, code, every_cycle=True).sort("region", "period")
                chart(lines(rows, named, 190), f"course-{code}", t("{name}各周期得分", name=screen.name(code)))
