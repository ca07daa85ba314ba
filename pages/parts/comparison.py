"""The comparison's figures: dots on the peers' range, courses, and who has reached which target."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from metrics.compare import reached, spans, target_of
from pages.parts.bars import counted
from pages.parts.charts import scores_span, shape, width_of
from pages.parts.courses import lines
from pages.parts.dots import Line, positions
from pages.parts.filters import Choice
from pages.parts.formats import cycle_words, points, quantity, signed, unit
from pages.parts.headlines import sentence
from pages.parts.i18n import t
from pages.parts.others import band, ends, middle
from pages.parts.overview import courses_table
from pages.parts.rows import rows_of, spotlight
from pages.parts.shell import Screen, area_of
from pages.parts.tables import show, title, twin
from pages.parts.url import link

# So many indicators are shown where no pillar is chosen: those in which the regions lie furthest apart.
WIDEST = 8


def _spans(screen: Screen, choice: Choice, codes: list[str]) -> pl.DataFrame:
    """How far apart the shown regions lie in each of these."""
    shown = pl.col("region").is_in(choice.shown), pl.col("code").is_in(codes)
    return spans(rows_of(screen, choice).filter(*shown))


def lead(screen: Screen, choice: Choice, node: str, codes: list[str]) -> None:
    """The sentence that names the largest differences, of a pillar and of an indicator: of all, or below `node`."""
    levels = {row.code: row.level for row in screen.definitions.nodes()}
    codes = list(levels) if node == screen.definitions.index.code else codes[1:]
    widest = {}
    for level in ("pillar", "indicator"):
        found = _spans(screen, choice, [code for code in codes if levels[code] == level]).head(1)
        widest[level] = [_apart(screen, choice, row) for row in found.iter_rows(named=True)]
    # What stands in the braces is HTML already.
    parts = [t("维度中差距最大的是{apart}", apart=apart) for apart in widest["pillar"]]
    parts += [t("指标中差距最大的是{apart}", apart=apart) for apart in widest["indicator"]]
    cycle = escape(t("{cycle}，{area}", cycle=cycle_words(choice.cycle).strip(), area=choice.area_name) + t("："))
    parts = parts or [escape(t("只有一个地区有得分，无从比较"))]
    sentence([cycle + parts[0], *parts[1:]])


def _apart(screen: Screen, choice: Choice, row: dict[str, Any]) -> str:
    names, code = screen.names(), row["code"]
    item = screen.definitions.indicators.get(code)
    values = dict(rows_of(screen, choice, code).select("region", "value").iter_rows())
    ends = [
        link(names[region], "region", region=region)
        + " "
        + escape(t("{score} 分", score=points(score)) if item is None else quantity(values[region], item.unit))
        for region, score in ((row["highest"], row["high"]), (row["lowest"], row["low"]))
    ]
    name = escape(screen.name(code)) if item is None else link(screen.name(code), "indicator", code=code)
    return name + escape(t("：")) + escape(t("，")).join(ends)


def dots(screen: Screen, choice: Choice, node: str) -> None:
    """Each indicator in its own unit: the chosen regions on the range of their group, the target beside it."""
    tree, root = screen.definitions.nodes(), screen.definitions.index.code
    inside = [row.code for row in tree if row.level == "indicator" and (node == root or row.parent == node)]
    ordered = _spans(screen, choice, inside)["code"].to_list()
    shown = ordered[:WIDEST] if node == root else [*ordered, *(code for code in inside if code not in ordered)]
    named = spotlight(screen, choice)
    rows = rows_of(screen, choice, *shown).filter(pl.col("region").is_in(named)).partition_by("code", as_dict=True)
    found = [line for code in shown if (line := _line(screen, rows[(code,)], code, named)) is not None]
    if not found:
        return
    title(
        t("{name}相差最大", name=screen.name(ordered[0])) if ordered else t("各指标"),
        t("{cycle}各指标值，计量单位见名称后；灰带为{band}，竖线为{middle}，点线为目标；越靠右越好",
          cycle=cycle_words(choice.cycle), band=band(screen), middle=middle(screen)),
    )  # fmt: skip
    _key(screen, named)
    spoken = t("；").join(
        f"{line.name} " + t("、").join(f"{name} {quantity(value, line.unit)}" for _, name, value in line.own)
        for line in found
    )
    show(screen, positions(found), "dots", alt=spoken)
    twin(screen, _dots_table(found, ends(screen)), "dots")


def _key(screen: Screen, named: tuple[str, ...]) -> None:
    """Which mark stands for which region."""
    key = "　".join(f"{shape(place)[1]} {screen.names()[region]}" for place, region in enumerate(named))
    st.html(f'<p class="q-sub q-own">{escape(key)}</p>')


def _line(screen: Screen, rows: pl.DataFrame, code: str, named: tuple[str, ...]) -> Line | None:
    """One indicator's line; the range is that of the chosen regions' groups. None where nobody has a value."""
    known = rows.drop_nulls("min")
    if known["value"].is_null().all():
        return None
    low, high = known.select(pl.col("min").min(), pl.col("max").max()).row(0)
    medians = tuple(known["median"].unique().sort())
    item = screen.definitions.indicators[code]
    wanted = target_of(screen.definitions, code)
    names, values = screen.names(), dict(rows.select("region", "value").iter_rows())
    own = tuple((region, names[region], values.get(region)) for region in named)
    words = unit(item.unit)
    name = f"{screen.name(code)} ({words})" if words else screen.name(code)
    return Line(name, item.unit, low, medians, high, wanted, item.better == "lower", own)


def _dots_table(found: list[Line], heads: tuple[str, str, str]) -> pl.DataFrame:
    rows = [
        {
            t("指标"): line.name,
            **{name: value for _, name, value in line.own},
            heads[0]: line.low,
            heads[1]: line.medians[0] if len(line.medians) == 1 else None,
            heads[2]: line.high,
            t("目标"): line.target,
        }
        for line in found
    ]
    return pl.DataFrame(rows, schema={name: pl.Float64 if place else pl.String for place, name in enumerate(rows[0])})


def courses(screen: Screen, choice: Choice) -> None:
    """The composite and the pillars over the cycles, one small picture each, all on one axis."""
    codes = [row.code for row in screen.definitions.nodes() if row.level != "indicator"][:6]
    named = spotlight(screen, choice)
    every = rows_of(screen, choice, *codes, every_cycle=True)
    if every.drop_nulls("score")["period"].n_unique() < 2:
        return
    title(_moved_most(screen, choice, codes[1:]), t("得分，各周期；突出显示的地区有名，其余为灰线"))
    span = scores_span(every["score"])
    terse = width_of([screen.names()[region] for region in named]) > 100
    if terse:
        _key(screen, named)
    for row in (codes[:3], codes[3:]):
        for place, code in zip(st.columns(3), row, strict=False):
            with place:
                st.html(f'<p class="q-small">{escape(screen.name(code))}</p>')
                rows = every.filter(pl.col("code") == code)
                alt = t("{name}各周期得分", name=screen.name(code))
                show(screen, lines(rows, named, height=190, span=span, terse=terse), f"course-{code}", alt=alt)
    names = pl.col("code").replace_strict({code: screen.name(code) for code in codes})
    wide = [courses_table(every.filter(pl.col("code") == code)).with_columns(code=pl.lit(code)) for code in codes]
    table = pl.concat(wide, how="diagonal").select(names.alias(t("名称")), pl.exclude("code"))
    twin(screen, table, "courses")


def _moved_most(screen: Screen, choice: Choice, codes: list[str]) -> str:
    """Which pillar of the area moved most on the previous cycle."""
    area = area_of(screen, choice.members)
    now = area.filter(pl.col("period") == choice.cycle, pl.col("code").is_in(codes)).drop_nulls("score_change")
    if now.is_empty():
        return t("各维度走势")
    row = now.sort(pl.col("score_change").abs(), descending=True).row(0, named=True)
    words = {"name": screen.name(row["code"]), "change": signed(row["score_change"])}
    return t("较上期变化最大的维度是{name}（平均 {change} 分）", **words)


def targets(screen: Screen, choice: Choice) -> None:
    """How many of the targets each region has reached."""
    counts = reached(screen.card.distances, screen.definitions).filter(pl.col("period") == choice.cycle)
    names = screen.names()
    rows = pl.DataFrame({"region": choice.shown}).join(counts, on="region", how="left").with_columns(
        name=pl.col("region").replace_strict(names)
    ).sort("reached", "region", descending=[True, False], nulls_last=True)  # fmt: skip
    known = rows.drop_nulls("reached")
    if known.is_empty():
        return
    best = known.row(0, named=True)
    most = {key: best[key] for key in ("name", "reached", "targets")}
    title(
        t("达到目标最多的是{name}：{reached} / {targets} 项", **most),
        t("{cycle}有目标值（目标、基准值或目标区间的优端）的指标中，已达到的项数", cycle=cycle_words(choice.cycle)),
    )  # fmt: skip
    spoken = t("；").join(f"{name} {count}" for name, count in known.select("name", "reached").iter_rows())
    show(screen, counted(rows, choice.regions), "targets", alt=spoken)
    twin(
        screen,
        rows.select(
            pl.col("name").alias(t("地区")),
            pl.col("reached").alias(t("已达到")),
            pl.col("targets").alias(t("有目标的指标")),
        ),
        "targets",
    )
