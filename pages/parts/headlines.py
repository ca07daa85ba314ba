"""Headlines: one sentence made from the numbers, and at most four of them as cards."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from metrics.compare import toward
from metrics.report.sentences import joined, leading, on_last_cycle, over_both, rank_moved
from pages.parts.beside import Beside
from pages.parts.filters import Choice
from pages.parts.formats import (
    arrow,
    cycle_words,
    full,
    gap_words,
    movement,
    number,
    points,
    polarity,
    rank,
    signed,
    unit,
)
from pages.parts.i18n import language, t
from pages.parts.rows import of_region, rows_of, rules_met
from pages.parts.shell import Screen, area_of
from pages.parts.sparks import sparkline
from pages.parts.url import address, link

# So many regions are named.
_NAMED = 3


def sentence(parts: list[str]) -> None:
    """The page's first sentence; the parts are HTML already."""
    st.html(f'<p class="q-lead">{t("；").join(parts)}{t("。")}</p>')


def lead(screen: Screen, choice: Choice) -> None:
    """The sentence: the area's composite, its change, who leads, who rose and who fell most, who is over a limit or has
    points off."""
    area = _area(screen, choice)
    root = area.filter(pl.col("code") == screen.definitions.index.code, pl.col("period") == choice.cycle)
    if root.is_empty() or root["score"][0] is None:
        sentence([escape(t("{cycle}没有综合得分", cycle=cycle_words(choice.cycle)))])
        return
    told = {"cycle": cycle_words(choice.cycle), "score": points(root["score"][0])}
    name, words = choice.area_name, t("{cycle}{area}综合得分平均 {score}", area=choice.area_name, **told)
    if len(choice.members) == 1:
        name = screen.names()[choice.members[0]]
        words = t("{name} {cycle}综合得分 {score}", name=name, **told)
    first = joined(list(filter(None, (words, on_last_cycle(root.row(0, named=True), language())))), language())
    # The name as one piece, as the links to regions are.
    whole = escape(first).replace(escape(name), f'<span class="q-name">{escape(name)}</span>', 1)
    sentence([whole, *_who(screen, choice)])


def _who(screen: Screen, choice: Choice) -> list[str]:
    """Who leads, who rose and who fell most, who met a veto or a gate, who has points off: each with a link to the
    region."""
    ranked = rows_of(screen, choice, screen.definitions.index.code).filter(pl.col("rank").is_not_null())
    parts = []
    first = ranked.filter(pl.col("rank") == pl.col("rank").min()).sort("region")
    if not screen.card.whole:
        # Among some of the regions nobody leads.
        best = ranked.sort("rank", "region").head(3).iter_rows(named=True)
        parts += [t("{region}排名 {rank}", region=_region(row), rank=rank(row["rank"], row["ranked"])) for row in best]
    elif first.height:
        # What stands around the names is words and a number, and the names are HTML already.
        parts.append(leading([_region(row) for row in first.iter_rows(named=True)], first["score"][0], language()))
    # Of two who moved by as many places the one whose score went further the same way.
    ends = [
        ranked.filter(pl.col("rank_change") * way > 0)
        .sort(pl.col("rank_change") * way, pl.col("score_change") * way, "region", descending=[True, True, False])
        .head(1)
        for way in (1, -1)
    ]
    gap = "" if language() == "zh" else " "
    for row in pl.concat(ends).iter_rows(named=True):
        parts.append(f"{_region(row)}{gap}{escape(rank_moved(row, language()))}")
    return parts + _ruled(rules_met(screen, choice))


def _ruled(met: list[dict[str, Any]]) -> list[str]:
    """Who met a veto or a gate, and who has points off."""
    stopped = [row for row in met if row["kind"] in ("veto", "gate")]
    gated = {row["region"] for row in met if row["kind"] == "gate"}
    # Whom a gate leaves without a score nothing is taken off.
    penalised = [row for row in met if row["kind"] == "penalty" and row["region"] not in gated]
    parts = []
    if _regions(stopped) == 1:
        rules = escape(t("、").join(row["words"] for row in stopped))
        parts.append(t("{region}{rule}", region=_region(stopped[0]), rule=rules))
    elif stopped and _regions(stopped) <= _NAMED:
        parts.append(t("{regions}触发否决或门槛", regions=_several(stopped)))
    elif stopped:
        named, count = _several(stopped), _regions(stopped)
        parts.append(t("{regions}等 {count} 个地区触发否决或门槛", regions=named, count=count))
    if _regions(penalised) == 1:
        taken = full(sum(row["points"] for row in penalised))
        parts.append(t("{region}扣 {points} 分", region=_region(penalised[0]), points=taken))
    elif penalised and _regions(penalised) <= _NAMED:
        parts.append(t("{regions}被扣分", regions=_several(penalised)))
    elif penalised:
        parts.append(t("{regions}等 {count} 个地区被扣分", regions=_several(penalised), count=_regions(penalised)))
    return parts


def _regions(rows: list[dict[str, Any]]) -> int:
    return len({row["region"] for row in rows})


def _several(rows: list[dict[str, Any]]) -> str:
    """The first regions, each once."""
    every = {row["region"]: row for row in rows}
    return t("、").join(_region(row) for row in list(every.values())[:_NAMED])


def _region(row: dict[str, Any]) -> str:
    return link(row["name"], "region", region=row["region"])


def _area(screen: Screen, choice: Choice) -> pl.DataFrame:
    return area_of(screen, choice.members)


def cards(screen: Screen, choice: Choice) -> None:
    """The area's composite and the heaviest indicator of each of the first three pillars, with change and course."""
    area = toward(_area(screen, choice), screen.definitions)
    found = "".join(_area_card(screen, choice, area, code) for code in headline_codes(screen, choice))
    st.html(f'<div class="q-cards">{found}</div>')


def _area_card(screen: Screen, choice: Choice, area: pl.DataFrame, code: str) -> str:
    course = area.filter(pl.col("code") == code)
    row = course.filter(pl.col("period") == choice.cycle).row(0, named=True)
    item = screen.definitions.indicators.get(code)
    if item is None:
        change = row["score_change"]
        told, found = _moved(change, "" if change is None else signed(change), polarity(change, "higher"))
        moved = over_both(told, row, language()), found
        return _card(screen.name(code), points(row["score"]), t("分"), moved, course["score"].to_list())
    if choice.against == "target":
        words, found = gap_words(row["target_gap"], item.better)
        moved = (t("较目标 {change}", change=words) if words else t("没有设目标"), found)
    else:
        moved = _moved(row["value_change"], *movement(row, item.unit, item.better))
    return _card(screen.name(code), number(row["value"]), unit(item.unit), moved, course["value"].to_list())


def region_cards(screen: Screen, choice: Choice, region: str, sure: str = "") -> None:
    """The same four for one region, with its rank in each; `sure` is the composite's rank's interval."""
    rows, beside = of_region(screen, region), Beside(screen, choice)
    found = ""
    for code in headline_codes(screen, choice):
        course = rows.filter(pl.col("code") == code)
        row = course.filter(pl.col("period") == choice.cycle).row(0, named=True)
        item = screen.definitions.indicators.get(code)
        moved = beside.told(row)
        placed = t("第 {rank}", rank=rank(row["rank"], row["ranked"])) if row["rank"] is not None else ""
        placed += f" {sure}" if item is None and placed and sure else ""
        head, course_of = screen.name(code), course["score" if item is None else "value"].to_list()
        shown = (points(row["score"]), t("分")) if item is None else (number(row["value"]), unit(item.unit))
        way = address("explain", region=region, code=code)
        found += _card(head, *shown, moved, course_of, placed, way)
    st.html(f'<div class="q-cards">{found}</div>')


def headline_codes(screen: Screen, choice: Choice) -> list[str]:
    """The composite, and the heaviest indicator of each of the first three pillars that the area has a value of."""
    tree, now = screen.definitions.nodes(), pl.col("period") == choice.cycle
    known = set(_area(screen, choice).filter(now).drop_nulls("value")["code"])
    root = screen.definitions.index.code
    heaviest = []
    for pillar in [row.code for row in tree if row.parent == root and row.level == "pillar"]:
        leaves = [row for row in tree if row.parent == pillar and row.code in known]
        heaviest += [max(leaves, key=lambda row: row.weight_share or 0.0).code] if leaves else []
    return [root, *heaviest[:3]]


def _moved(change: float | None, words: str, found: str) -> tuple[str, str]:
    return (t("较上期 {change}", change=f"{arrow(change)} {words}") if words else t("没有可比的上期数"), found)


def _card(
    head: str,
    value: str,
    name: str,
    moved: tuple[str, str],
    course: list[float | None],
    placed: str = "",
    way: str = "",
) -> str:
    """A headline number; with a `way` the number is a link to it."""
    small = f'<span class="r">{escape(placed)}</span>' if placed else ""
    shown = f'<a href="{escape(way)}">{escape(value)}</a>' if way else escape(value)
    return (
        f'<div class="q-card"><div class="k">{escape(head)}</div>'
        f'<div class="v">{shown} <small>{escape(name)}</small>{small}</div>'
        f'<div class="d {moved[1]}">{escape(moved[0])}</div>{sparkline(course)}</div>'
    )
