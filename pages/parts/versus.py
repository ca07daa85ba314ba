"""Versus: with what probability one region is above another, and whether a better score is a real improvement."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from pages.parts.certainty import Certainty
from pages.parts.charts import palette
from pages.parts.formats import NONE, cycle_words, share, signed
from pages.parts.i18n import t
from pages.parts.tables import bullets, table, title, twin

# A matrix of more regions than this cannot be read; the chosen ones, or the first, are shown.
MOST = 24
SURE = 0.9


def versus(found: Certainty) -> None:
    """The matrix of P(row above column), in the order of the picture."""
    wanted = found.choice.regions if len(found.choice.regions) > 1 else found.choice.members
    rows = found.rows.filter(pl.col("region").is_in(wanted)).head(MOST)
    regions = rows["region"].to_list()
    pairs = found.result.pairs.filter(
        pl.col("period") == found.choice.cycle,
        pl.col("region_a").is_in(regions),
        pl.col("region_b").is_in(regions),
    )
    chance = {(a, b): value for a, b, value in pairs.select("region_a", "region_b", "probability").iter_rows()}
    order = {region: place for place, region in enumerate(regions)}
    open_ = pairs.filter(
        pl.col("probability") < SURE,
        pl.col("region_a").replace_strict(order) < pl.col("region_b").replace_strict(order),
    )
    subtitle = t("行地区得分高于列地区的概率（%），{cycle}；蓝为多半居前，橙为多半居后",
                 cycle=cycle_words(found.choice.cycle).strip())  # fmt: skip
    title(t("{count} 对地区分不出先后", count=open_.height), subtitle)
    names = found.screen.names()
    lines = [
        [f"<td style='white-space:nowrap'>{found.name(a)}</td>", *(_cell(a, b, chance) for b in regions)]
        for a in regions
    ]
    own = [region in found.choice.regions for region in regions]
    st.html(table([t("地区"), *(names[b] for b in regions)], lines, own, kind="heat small"))
    shown = pairs.select(
        pl.col("region_a").replace_strict(names).alias(t("地区 A")),
        pl.col("region_b").replace_strict(names).alias(t("地区 B")),
        pl.col("probability").alias(t("A 高于 B 的概率")),
    )
    twin(found.screen, shown, "versus")


def _cell(one: str, other: str, chance: dict[tuple[str, str], float | None]) -> str:
    if one == other:
        return '<td style="background:rgba(128,140,155,.14)"></td>'
    value = chance.get((one, other))
    if value is None:
        return f"<td>{NONE}</td>"
    colours = palette()
    strength = round(abs(value - 0.5) * 2 * 110)
    fill = f"{colours.better if value >= 0.5 else colours.worse}{strength:02x}"
    weight = ";font-weight:700" if value >= SURE else ""
    return f'<td style="background:{fill}{weight}">{escape(share(value, 0).removesuffix(" %"))}</td>'


def improved(found: Certainty) -> None:
    """Who has truly improved on the previous cycle, who has fallen back, and of whom it cannot be said."""
    known = found.rows.drop_nulls("improved").sort("improved", "region", descending=[True, False])
    if known.is_empty():
        title(t("没有上期可比"), t("得分与上期比较须有两个相邻周期。"))
        return
    changes = found.screen.card.changes.filter(
        pl.col("period") == found.choice.cycle, pl.col("code") == found.screen.definitions.index.code
    )
    rows = known.join(changes.select("region", "score_change"), on="region", how="left", maintain_order="left")
    better = rows.filter(pl.col("improved") >= SURE)
    worse = rows.filter(pl.col("improved") <= 1.0 - SURE)
    told = t("同一次抽样（同样的权重和方法）里本期得分高于上期的概率；至少 90 % 才算确有进步")
    if _is_redefined(found):
        told += t("；上期也按本期的指标定义重算，所以与别页按当时定义的变化不同")
    title(t("{better} 个地区确有进步，{worse} 个确有退步", better=better.height, worse=worse.height), told)
    bullets([_improvement(found, row) for row in rows.iter_rows(named=True)])


def _is_redefined(found: Certainty) -> bool:
    """Whether the cycle before was scored with another version of the definitions."""
    every, place = found.screen.editions.of, found.screen.periods.index(found.choice.cycle)
    own, before = (every[cycle].revision.number for cycle in (found.choice.cycle, found.screen.periods[place - 1]))
    return own != before


def _improvement(found: Certainty, row: dict[str, Any]) -> str:
    words = escape(t("得分 {change}", change=signed(row["score_change"])))
    chance = escape(share(row["improved"]))
    return f'{found.name(row["region"])} {chance} <span class="{_polarity(row["improved"])}">{words}</span>'


def _polarity(chance: float) -> str:
    return "better" if chance >= SURE else "worse" if chance <= 1.0 - SURE else ""
