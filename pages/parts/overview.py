"""The overview's figures: ranking, tile grid, who needs attention, the area's course."""

from html import escape

import polars as pl
import streamlit as st

from pages.parts.charts import grade_colours, lines, palette, ranked
from pages.parts.filters import Choice
from pages.parts.formats import points, rank, share, signed
from pages.parts.i18n import language, t
from pages.parts.rows import rows_of, rules_met
from pages.parts.shell import Screen
from pages.parts.tables import chart, title, twin
from pages.parts.url import link

REGION = "pages/view/region.py"


def ranking(screen: Screen, choice: Choice) -> None:
    """Ranked bars over grade bands, with change and coverage."""
    rows = rows_of(screen, choice, screen.definitions.index.code)
    scored = rows.drop_nulls("score").sort("score", descending=True)
    if scored.is_empty():
        title(t("本周期没有综合得分"), t("各地区覆盖率不足，或尚未报数。"))
        return
    first, last = scored.row(0, named=True), scored.row(-1, named=True)
    finding = t(
        "{first} {high} 分最高，{last} {low} 分最低",
        first=first["name"], high=points(first["score"]), last=last["name"], low=points(last["score"]),
    )  # fmt: skip
    title(finding, t("综合得分（0–100），{cycle}；底色为等级，▲▼ 为较上期，括号内为覆盖率", cycle=choice.cycle))
    spoken = "；".join(f"{row['name']} {points(row['score'])}" for row in scored.iter_rows(named=True))
    chart(ranked(rows, screen.definitions, choice.regions), "ranking", f"{finding}。{spoken}", REGION)
    grades = {grade.code: grade.name.text(language()) for grade in screen.definitions.grades}
    twin(
        rows.sort("rank", nulls_last=True).select(
            pl.col("rank").alias(t("排名")),
            pl.col("name").alias(t("地区")),
            pl.col("score").alias(t("得分")),
            pl.col("score_change").alias(t("得分变化")),
            pl.col("rank_change").alias(t("名次变化")),
            pl.col("grade").replace(grades).alias(t("等级")),
            pl.col("coverage").alias(t("覆盖率")),
        ),
        "ranking",
    )


def tiles(screen: Screen, choice: Choice) -> None:
    """The schematic grid coloured by grade; nothing where the regions have no tile."""
    frame = screen.card.regions
    if not {"tile_row", "tile_column"} <= set(frame.columns):
        return
    places = frame.select(
        pl.col("code").alias("region"), pl.col("tile_row", "tile_column").cast(pl.Int64, strict=False)
    )
    rows = rows_of(screen, choice, screen.definitions.index.code).join(places, on="region").drop_nulls("tile_row")
    if rows.is_empty():
        return
    colours, root = grade_colours(screen.definitions, palette()), screen.definitions.index.code
    names = {grade.code: grade.name.text(language()) for grade in screen.definitions.grades}
    left, above = rows["tile_column"].min(), rows["tile_row"].min()
    cells = "".join(
        _tile(row, colours, names, int(row["tile_row"]) - int(above) + 1, int(row["tile_column"]) - int(left) + 1)  # type: ignore[call-overload]
        for row in rows.iter_rows(named=True)
    )
    counted = rows.filter(pl.col("code") == root)["grade"].drop_nulls()
    best = next((grade.code for grade in screen.definitions.grades if grade.code in counted), "")
    found = (
        t("{count} 个地区为{grade}", count=(counted == best).sum(), grade=names.get(best, "—"))
        if best
        else t("尚无等级")
    )
    title(found, t("等级，{cycle}；示意方格，非地图", cycle=choice.cycle))
    columns = int(rows["tile_column"].max()) - int(left) + 1  # type: ignore[arg-type]
    st.html(f'<div class="q-tiles" style="grid-template-columns:repeat({columns},1fr)">{cells}</div>')


def _tile(row: dict, colours: dict, names: dict, line: int, column: int) -> str:  # type: ignore[type-arg]
    fill, ink = colours.get(row["grade"], ("transparent", "inherit"))
    edge = "" if row["grade"] else "border:1px dashed currentColor;"
    style = f"grid-row:{line};grid-column:{column};background:{fill};color:{ink};{edge}"
    words = escape(names.get(row["grade"], t("无等级")))
    return (
        f'<div class="q-tile" style="{style}">{link(row["name"], "region", region=row["region"])}'
        f"<b>{points(row['score'])}</b><span>{words}</span></div>"
    )


def attention(screen: Screen, choice: Choice) -> None:
    """Who is over a limit, whose facts are missing, and who moved most."""
    rows = rows_of(screen, choice, screen.definitions.index.code)
    met = [
        f"{link(row['name'], 'region', region=row['region'])}{t('：')}{escape(row['words'])}"
        for row in rules_met(screen, choice)
        if row["kind"] != "bonus"
    ]
    late = rows.filter(pl.col("coverage") < 1.0 - 1e-9).sort("coverage", "region")
    incomplete = [
        f"{link(row['name'], 'region', region=row['region'])} {share(row['coverage'])}"
        for row in late.head(5).iter_rows(named=True)
    ]
    moved = rows.filter(pl.col("rank_change").abs() > 0).sort("rank_change", "region", descending=[True, False])
    ends = pl.concat([moved.head(2), moved.tail(2)]).unique("region", maintain_order=True)
    moves = [_move(row, rows["rank"].max()) for row in ends.iter_rows(named=True)]
    first, second, third = st.columns(3, gap="medium")
    with first:
        title(t("{count} 项超限或扣分", count=len(met)), t("一票否决、门槛与扣分规则"))
        _list(met or [escape(t("没有地区触发规则。"))])
    with second:
        title(t("{count} 个地区数据不全", count=late.height), t("覆盖率低于 100 %，含本周期不适用以外的缺项"))
        _list(incomplete or [escape(t("各地区数据齐全。"))])
    with third:
        title(t("名次变动"), t("较上期，最多的在前"))
        _list(moves or [escape(t("名次没有变动。"))])


def _move(row: dict, count: object) -> str:  # type: ignore[type-arg]
    places = row["rank_change"]
    words = t("升 {places} 位", places=places) if places > 0 else t("降 {places} 位", places=-places)
    placed = rank(row["rank"], int(count))  # type: ignore[call-overload]
    return f"{link(row['name'], 'region', region=row['region'])} {escape(words)}{t('，')}{placed}"


def _list(lines: list[str]) -> None:
    st.html('<ul class="q-list">' + "".join(f"<li>{line}</li>" for line in lines) + "</ul>")


def trend(screen: Screen, choice: Choice) -> None:
    """Every region's composite over the cycles, the chosen ones (or the best and the last) named."""
    root = screen.definitions.index.code
    rows = rows_of(screen, choice, root, every_cycle=True).sort("region", "period")
    now = rows.filter(pl.col("period") == choice.cycle).drop_nulls("score").sort("score")
    if now.is_empty():
        return
    moves = now.drop_nulls("score_change").sort("score_change", descending=True)
    named = choice.regions or tuple(pl.concat([now.head(1), now.tail(1), moves.head(1)])["region"])
    if moves.height:
        finding = t("{name} 进步最大（{change} 分）", name=moves["name"][0], change=signed(moves["score_change"][0]))
    else:
        finding = t("综合得分走势")
    title(finding, t("综合得分，各周期；灰线为其余地区"))
    chart(lines(rows, named), "trend", finding, REGION)
    twin(rows.pivot(on="period", index="name", values="score").rename({"name": t("地区")}), "trend")
