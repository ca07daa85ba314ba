"""The overview's figures: ranking, tile grid, who needs attention, the area's course."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from metrics.report.sentences import rank_moved
from pages.parts.bars import ranked
from pages.parts.beside import Beside
from pages.parts.certainty import beside_ranks
from pages.parts.charts import grade_colours, palette, scores_span
from pages.parts.courses import lines
from pages.parts.filters import Choice
from pages.parts.formats import between, cycle_words, points, rank, share, signed
from pages.parts.i18n import language, t
from pages.parts.others import middle
from pages.parts.rows import rows_of, rules_met, spotlight
from pages.parts.shell import Screen
from pages.parts.tables import bullets, show, title, twin
from pages.parts.url import link

# Fewer regions make no map.
FEWEST_TILES = 4


def ranking(screen: Screen, choice: Choice) -> None:
    """Ranked bars over grade bands, with change and coverage."""
    rows = beside_ranks(screen, rows_of(screen, choice, screen.definitions.index.code))
    scored = rows.drop_nulls("score").sort("score", "region", descending=[True, False])
    if scored.is_empty():
        title(t("本周期没有综合得分"), t("各地区覆盖率不足，或尚未报数。"))
        return
    first, last = scored.row(0, named=True), scored.row(-1, named=True)
    finding = t(
        "{first} {high} 分最高，{last} {low} 分最低",
        first=first["name"], high=points(first["score"]), last=last["name"], low=points(last["score"]),
    )  # fmt: skip
    if scored.height == 1:
        finding = t("{name} {score} 分", name=first["name"], score=points(first["score"]))
    beside = Beside(screen, choice)
    against = t("较{middle}", middle=middle(screen)) if beside.moved == "score_gap" else t("较上期")
    words = t("综合得分（0–100），{cycle}；▲▼ 为{against}，括号内为覆盖率", cycle=cycle_words(choice.cycle).strip(),
              against=against)  # fmt: skip
    words += t("；底色为等级") if screen.definitions.grades else ""
    title(finding, words + _sure(screen, rows))
    spoken = t("；").join(f"{row['name']} {points(row['score'])}" for row in scored.iter_rows(named=True))
    figure = ranked(rows, screen.definitions, choice.regions, beside.moved)
    show(screen, figure, "ranking", alt=f"{finding}{t('。')}{spoken}")
    twin(screen, _ranking_table(screen, rows), "ranking")


def _sure(screen: Screen, rows: pl.DataFrame) -> str:
    """What stands beside the names and on the bars, where the trials were made."""
    if "rank_p05" not in rows.columns:
        return ""
    spread = screen.definitions.robustness.in_force.weights
    words = t("；条内为名次及其区间")
    return words if spread is None else words + t("，须线为权重 ±{spread} 时的得分", spread=share(spread.spread))


def _ranking_table(screen: Screen, rows: pl.DataFrame) -> pl.DataFrame:
    interval = [pl.struct("rank_p05", "rank_p95").map_elements(between, pl.String).alias(t("名次区间"))]
    return rows.sort("rank", "region", nulls_last=True).select(
        pl.col("rank").alias(t("排名")),
        *(interval if "rank_p05" in rows.columns else []),
        pl.col("name").alias(t("地区")),
        pl.col("score").alias(t("得分")),
        pl.col("score_change").alias(t("得分变化")),
        pl.col("rank_change").alias(t("名次变化")),
        pl.col("grade").replace(screen.grades()).alias(t("等级")),
        pl.col("coverage").alias(t("覆盖率")),
    )


def tiled(screen: Screen) -> bool:
    """Whether the regions have places on a grid, and are enough to be seen as one."""
    enough = screen.card.whole or len(screen.card.regions) >= FEWEST_TILES
    return enough and {"tile_row", "tile_column"} <= set(screen.card.regions.columns)


def tiles(screen: Screen, choice: Choice) -> None:
    """The schematic grid coloured by grade."""
    places = screen.card.regions.select(
        pl.col("code").alias("region"), pl.col("tile_row", "tile_column").cast(pl.Int64, strict=False)
    )
    rows = rows_of(screen, choice, screen.definitions.index.code).join(places, on="region").drop_nulls("tile_row")
    if rows.is_empty():
        return
    title(_graded(screen, rows), t("等级，{cycle}；示意方格，非地图", cycle=cycle_words(choice.cycle)))
    first = rows.select(pl.col("tile_row", "tile_column").min()).row(0)
    columns = rows.select(pl.col("tile_column").max() - pl.col("tile_column").min() + 1).item()
    cells = "".join(_tile(screen, row, first) for row in rows.iter_rows(named=True))
    st.html(f'<div class="q-tiles" style="grid-template-columns:repeat({columns},1fr)">{cells}</div>')


def _graded(screen: Screen, rows: pl.DataFrame) -> str:
    """How many regions have each grade, the best first."""
    counts = dict(rows.drop_nulls("grade").group_by("grade").len().iter_rows())
    found = [f"{name} {counts[code]}" for code, name in screen.grades().items() if code in counts]
    return t("、").join(found) or t("尚无等级")


def _tile(screen: Screen, row: dict[str, Any], first: tuple[int, int]) -> str:
    fill, ink = grade_colours(screen.definitions, palette()).get(row["grade"], ("transparent", "inherit"))
    edge = "" if row["grade"] else "border:1px dashed currentColor;"
    line, column = row["tile_row"] - first[0] + 1, row["tile_column"] - first[1] + 1
    style = f"grid-row:{line};grid-column:{column};background:{fill};color:{ink};{edge}"
    words = escape(screen.grades().get(row["grade"], t("无等级")))
    return (
        f'<div class="q-tile" style="{style}">{link(row["name"], "region", region=row["region"])}'
        f"<b>{points(row['score'])}</b><span>{words}</span></div>"
    )


def limits(screen: Screen, choice: Choice) -> None:
    """Who is over a limit or has points off; nothing where there are no rules."""
    if not screen.definitions.rules:
        return
    met = [
        f"{link(row['name'], 'region', region=row['region'])}{t('：')}{escape(row['words'])}"
        for row in rules_met(screen, choice)
        if row["kind"] != "bonus"
    ]
    title(t("{count} 项超限或扣分", count=len(met)), t("一票否决、门槛与扣分规则"))
    bullets(met or [escape(t("没有地区触发规则。"))])


def incomplete(screen: Screen, choice: Choice) -> None:
    """Whose facts are missing."""
    rows = rows_of(screen, choice, screen.definitions.index.code)
    late = rows.filter(pl.col("coverage") < 1.0 - 1e-9).sort("coverage", "region")
    lines = [
        f"{link(row['name'], 'region', region=row['region'])} {share(row['coverage'])}"
        for row in late.head(5).iter_rows(named=True)
    ]
    if late.height > len(lines):
        lines.append(link(t("全部见“对比”页的空格"), "compare"))
    title(t("{count} 个地区数据不全", count=late.height), t("覆盖率低于 100 %；本周期不适用的指标不算缺项"))
    bullets(lines or [escape(t("各地区数据齐全。"))])


def moves(screen: Screen, choice: Choice) -> None:
    """Who moved most, up and down."""
    every = beside_ranks(screen, rows_of(screen, choice, screen.definitions.index.code))
    if every["rank_change"].is_null().all():
        title(t("没有上期可比"), t("名次变动要有看得到的上期得分。"))
        return
    rows = every.filter(pl.col("rank_change").abs() > 0)
    ordered = rows.sort("rank_change", "region", descending=[True, False])
    ends = pl.concat([ordered.head(2), ordered.tail(2)]).unique("region", maintain_order=True)
    title(t("{count} 个地区名次变动", count=rows.height), t("较上期，升降最多的"))
    lines = [_move(row) for row in ends.iter_rows(named=True)] or [escape(t("名次没有变动。"))]
    rest, still = rows.height - ends.height, every.filter(pl.col("rank_change") == 0).height
    lines += [escape(t("其余 {count} 个地区升降较小", count=rest))] if rest else []
    lines += [escape(t("{count} 个地区名次持平", count=still))] if rows.height and still else []
    bullets(lines)


def _move(row: dict[str, Any]) -> str:
    places = row["rank_change"]
    words = rank_moved(row, language())
    found = "better" if places > 0 else "worse"
    moved = f'<span class="{found}">{"▲" if places > 0 else "▼"} {escape(words)}</span>'
    placed = f"{rank(row['rank'], row['n'])} {between(row)}"
    return f"{link(row['name'], 'region', region=row['region'])} {moved}{t('，')}{escape(placed)}"


def trend(screen: Screen, choice: Choice) -> None:
    """Every region's composite over the cycles; the chosen ones (or the best, the last, the most improved) named."""
    root = screen.definitions.index.code
    rows = rows_of(screen, choice, root, every_cycle=True)
    now = rows.filter(pl.col("period") == choice.cycle).drop_nulls("score")
    if now.is_empty():
        return
    if rows.drop_nulls("score")["period"].n_unique() < 2:
        title(t("还没有走势"), t("走势要有两个周期的得分；看得到的只有 {cycle}", cycle=cycle_words(choice.cycle)))
        return
    # As bars do: what is no tenth of a point is no progress.
    risen = now.filter(pl.col("score_change") >= 0.05).sort("score_change", "region", descending=[True, False]).head(1)
    named = choice.regions or tuple(dict.fromkeys([*spotlight(screen, choice), *risen["region"]]))
    finding = t("综合得分走势")
    for row in risen.iter_rows(named=True):
        finding = t("{name}进步最大（{change} 分）", name=row["name"], change=signed(row["score_change"]))
    title(finding, t("综合得分，各周期；灰线为其余地区"))
    figure = lines(rows, named, height=300, span=scores_span(rows["score"]))
    show(screen, figure, "trend", alt=finding)
    twin(screen, courses_table(rows), "trend")


def courses_table(rows: pl.DataFrame) -> pl.DataFrame:
    """Scores by region and cycle, for a table under a course."""
    wide = rows.sort("region", "period").pivot(on="period", index="name", values="score")
    return wide.rename({"name": t("地区")})
