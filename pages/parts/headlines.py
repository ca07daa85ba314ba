"""Headlines: one sentence made from the numbers, and at most four of them as cards."""

from html import escape
from urllib.parse import quote

import polars as pl
import streamlit as st

from pages.parts.filters import Choice
from pages.parts.formats import arrow, movement, number, points, signed, unit
from pages.parts.i18n import t
from pages.parts.rows import rows_of, rules_met
from pages.parts.shell import Screen, area_of
from pages.parts.url import link


def lead(screen: Screen, choice: Choice) -> None:
    """The sentence: the area's composite, its change, who leads, who moved most, who is over a limit."""
    area = _area(screen, choice)
    root = area.filter(pl.col("code") == screen.definitions.index.code, pl.col("period") == choice.cycle)
    if root.is_empty() or root["score"][0] is None:
        st.html(f'<p class="q-lead">{escape(t("{cycle} 年没有可公布的综合得分。", cycle=choice.cycle))}</p>')
        return
    ranked = rows_of(screen, choice, screen.definitions.index.code).filter(pl.col("rank").is_not_null())
    now = t(
        "{cycle} {area}综合得分平均 {score}", cycle=choice.cycle, area=choice.area_name, score=points(root["score"][0])
    )
    change = root["score_change"][0]
    parts = [escape(now) + (escape(t("，较上期 {change}", change=signed(change))) if change is not None else "")]
    best = ranked.sort("rank").head(1)
    if best.height:
        name, region = best["name"][0], best["region"][0]
        parts.append(link(name, "region", region=region) + escape(t("居首（{score}）", score=points(best["score"][0]))))
    moved = ranked.drop_nulls("rank_change").sort("rank_change", "region", descending=[True, False]).head(1)
    if moved.height and moved["rank_change"][0] > 0:
        parts.append(
            link(moved["name"][0], "region", region=moved["region"][0])
            + escape(t("升 {places} 位", places=moved["rank_change"][0]))
        )
    vetoed = [row for row in rules_met(screen, choice) if row["kind"] in ("veto", "gate")]
    if vetoed:
        who = "、".join(link(row["name"], "region", region=row["region"]) for row in vetoed[:3])
        parts.append(who + escape(t("触发否决或门槛")))
    st.html(f'<p class="q-lead">{t("；").join(parts)}{t("。")}</p>')


def _area(screen: Screen, choice: Choice) -> pl.DataFrame:
    return area_of(screen.card, choice.members, screen.snapshot, screen.definitions.digest)


def cards(screen: Screen, choice: Choice) -> None:
    """The composite and the heaviest indicator of each of the first three pillars, with change and course."""
    area = _area(screen, choice)
    found = "".join(_card(screen, area.filter(pl.col("code") == code), code, choice.cycle) for code in _codes(screen))
    st.html(f'<div class="q-cards">{found}</div>')


def _codes(screen: Screen) -> list[str]:
    tree = screen.definitions.nodes()
    pillars = [row.code for row in tree if row.parent == screen.definitions.index.code][:3]
    heaviest = []
    for pillar in pillars:
        leaves = [row for row in tree if row.parent == pillar and row.level == "indicator"]
        heaviest += [max(leaves, key=lambda row: row.weight_share or 0.0).code] if leaves else []
    return [screen.definitions.index.code, *heaviest]


def _card(screen: Screen, course: pl.DataFrame, code: str, cycle: str) -> str:
    row = course.filter(pl.col("period") == cycle).row(0, named=True)
    item = screen.definitions.indicators.get(code)
    if item is None:
        value, name = points(row["score"]), t("分")
        words = signed(row["score_change"]) if row["score_change"] is not None else ""
        found = "" if not row["score_change"] else "better" if row["score_change"] > 0 else "worse"
        change, values = row["score_change"], course["score"]
    else:
        value, name = number(row["value"]), unit(item.unit)
        words, found = movement(row, item.unit, item.better)
        change, values = row["value_change"], course["value"]
    moved = t("较上期 {change}", change=f"{arrow(change)} {words}") if words else t("上期无可比数")
    return (
        f'<div class="q-card"><div class="k">{escape(screen.name(code))}</div>'
        f'<div class="v">{escape(value)} <small>{escape(name)}</small></div>'
        f'<div class="d {found}">{escape(moved)}</div>{sparkline(values.to_list())}</div>'
    )


def sparkline(values: list[float | None]) -> str:
    """A small line of the values; the last one marked, gaps where there is none."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, spread = min(known), (max(known) - min(known)) or 1.0
    step = 96 / max(len(values) - 1, 1)
    at = [
        (2 + index * step, 22 - 18 * (value - low) / spread) for index, value in enumerate(values) if value is not None
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 26" preserveAspectRatio="none">'
        f'<polyline points="{path}" fill="none" stroke="#7d8792" stroke-width="2" '
        'vector-effect="non-scaling-stroke"/></svg>'
    )
    # Streamlit's HTML keeps pictures but no SVG elements.
    return f'<img class="q-spark" alt="" src="data:image/svg+xml,{quote(drawn)}">'
