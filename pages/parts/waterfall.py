"""Waterfall: from last cycle's composite to this one's, by what the change comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from metrics.change import ledger as ledger_of
from metrics.change import named, outcomes
from metrics.scorecard import Scorecard
from pages.parts.charts import Figure, Palette, around, axis, drawn, framed, palette, ticks
from pages.parts.filters import Choice
from pages.parts.formats import arrow, axis_number, cycle_words, full, points, quantity, signed
from pages.parts.i18n import language, t
from pages.parts.shell import Screen
from pages.parts.tables import bullets, facts_line, show, title, twin

# How many contributions have a bar of their own; the rest is one.
MOST = 10
ROW = 46
# A term below this is 0.0 as it is written.
SHOWN = 0.05


@st.cache_resource(max_entries=64, show_spinner=False)
def _ledger(
    _card: Scorecard, region: str, periods: tuple[str, str], lang: str, snapshot: str, digest: str
) -> pl.DataFrame:
    found = ledger_of(_card, _card, region, period_before=periods[0], period_after=periods[1])
    return named(found, _card, _card, lang=lang)


def change(screen: Screen, choice: Choice, region: str) -> None:
    """What the region's change on last cycle comes from; nothing where there is no cycle before it."""
    periods = _periods(screen, choice)
    if periods is None:
        return
    first, last = periods
    outcome = outcomes(screen.card, screen.card, period_before=first, period_after=last, regions=(region,))
    row = outcome.row(0, named=True)
    if row["missing"] is not None:
        cycle = last if row["missing"] == "after" else first
        title(t("较上期的变化"), t("{cycle}没有综合得分，变化无从分解", cycle=cycle_words(cycle)))
        return
    digest = screen.definitions.digest
    terms = _ledger(screen.card, region, periods, language(), screen.snapshot, digest)
    bars = _bars(screen, terms, region, periods)
    finding = _finding(row["change"], bars)
    words = {"first": cycle_words(first), "last": cycle_words(last)}
    told = t("{first} → {last}，分；未注明的是自身表现，各项之和等于变化", **words)
    framed_by_others = t("；基准框变动：其他地区的数值变了，尺子随之变了") if "frame" in terms["kind"] else ""
    title(finding, told + framed_by_others)
    facts_line(_kinds(terms))
    ends = (_End(first, row["score_before"]), _End(last, row["score_after"]))
    spoken = t("；").join(f"{bar.name} {signed(bar.term, 2)}" for bar in bars)
    show(screen, _figure(bars, ends), "waterfall", alt=f"{finding}{t('。')}{spoken}")
    _vetoes(screen, terms, row)
    _twin(screen, terms)


def _periods(screen: Screen, choice: Choice) -> tuple[str, str] | None:
    """The cycle before the chosen one, and that one; None where it is not scored."""
    rows = screen.card.rows
    names = {cycle: rows.calendar.name(cycle) for cycle in rows.cycles}
    before = [names.get(cycle - 1) for cycle, name in names.items() if name == choice.cycle]
    return (before[0], choice.cycle) if before and before[0] is not None else None


@dataclass(frozen=True)
class _End:
    """A cycle and the score in it."""

    period: str
    score: float


@dataclass(frozen=True)
class _Bar:
    """A contribution: its name, its points, and what is told under the pointer."""

    name: str
    term: float
    told: str
    rest: bool = False


def _bars(screen: Screen, terms: pl.DataFrame, region: str, periods: tuple[str, str]) -> list[_Bar]:
    """The largest contributions, gains first, then the rest in one."""
    moved = terms.filter(pl.col("term") != 0.0).sort(
        pl.col("term").abs(), "kind", "code", descending=[True, False, False]
    )
    chosen = moved.head(MOST).filter(pl.col("term").abs() >= SHOWN / 5)
    rest = moved.join(chosen, on=["kind", "code"], how="anti", nulls_equal=True)
    values = {
        (row["code"], row["period"]): row["value"]
        for row in screen.card.frame.filter(pl.col("region") == region, pl.col("period").is_in(periods)).to_dicts()
    }
    bars = [_bar(screen, row, values, periods) for row in chosen.sort("term", descending=True).iter_rows(named=True)]
    if rest.height:
        total = float(rest["term"].sum())
        bars.append(_Bar(t("其余 {count} 项", count=rest.height), total, full(total), rest=True))
    return bars


def _bar(
    screen: Screen, row: dict[str, Any], values: dict[tuple[str, str], float | None], periods: tuple[str, str]
) -> _Bar:
    name = _name(row)
    item = screen.definitions.indicators.get(row["code"])
    told = f"{name} {full(row['term'])}"
    if item is not None:
        steps = [quantity(values.get((row["code"], period)), item.unit) for period in periods]
        told += f"<br>{steps[0]} → {steps[1]}"
    return _Bar(name, row["term"], told)


def _name(row: dict[str, Any]) -> str:
    """An indicator's name; with the kind where that is not its own performance."""
    if row["kind"] == "own":
        return str(row["name"])
    return t("{name}（{kind}）", name=row["name"], kind=row["kind_name"]) if row["name"] else str(row["kind_name"])


def _finding(change: float, bars: Sequence[_Bar]) -> str:
    """The change and its largest gain and loss, in words."""
    own = [bar for bar in bars if abs(bar.term) >= SHOWN and not bar.rest]
    gain = max(own, key=lambda bar: bar.term, default=None)
    loss = min(own, key=lambda bar: bar.term, default=None)
    parts = [t("较上期 {change}", change=signed(change))]
    if gain is not None and gain.term > 0.0:
        parts.append(t("升得最多的是{name}（{term}）", name=gain.name, term=signed(gain.term)))
    if loss is not None and loss.term < 0.0:
        parts.append(t("降得最多的是{name}（{term}）", name=loss.name, term=signed(loss.term)))
    return t("，").join(parts)


def _kinds(terms: pl.DataFrame) -> list[tuple[str, str]]:
    """What each kind comes to."""
    found = terms.group_by("kind_name", maintain_order=True).agg(
        pl.col("term").sum(), pl.col("term").abs().max().alias("top")
    )
    return [(name, signed(term, 2)) for name, term, top in found.iter_rows() if top > 0.0]


def _vetoes(screen: Screen, terms: pl.DataFrame, outcome: dict[str, Any]) -> None:
    """Vetoes that are met in one of the cycles only: a grade and no points."""
    grades = screen.grades()
    before, after = (grades.get(outcome[f"grade_{side}"], "—") for side in ("before", "after"))
    words = t("只改变等级，不改变得分：{before} → {after}", before=before, after=after)
    bullets([escape(f"{name}{t('：')}{words}") for name in terms.filter(pl.col("term") == 0.0)["name"]])


def _twin(screen: Screen, terms: pl.DataFrame) -> None:
    columns = {"kind_name": t("来源类别"), "name": t("名称"), "term": t("贡献（分）")}
    twin(
        screen,
        terms.sort(pl.col("term").abs(), descending=True).select(
            pl.col(old).alias(new) for old, new in columns.items()
        ),
        "waterfall",
    )


def _figure(bars: Sequence[_Bar], ends: tuple[_End, _End]) -> Figure:
    """Floating bars from one score to the other, the first at the top, each under its name."""
    colours = palette()
    starts = [ends[0].score]
    for bar in bars:
        starts.append(starts[-1] + bar.term)
    low, high = around([*starts, ends[1].score], share=0.12)
    places = [-float(place) for place in range(len(bars) + 2)]
    shades = [colours.better if bar.term > 0.0 else colours.worse for bar in bars]
    floating = {
        "type": "bar",
        "orientation": "h",
        "y": places[1:-1],
        "x": [bar.term for bar in bars],
        "base": starts[:-1],
        "width": 0.42,
        "marker": {"color": shades},
        "hovertext": [bar.told for bar in bars],
        "hoverinfo": "text",
    }
    scores = {
        "type": "scatter",
        "mode": "markers",
        "x": [end.score for end in ends],
        "y": [places[0], places[-1]],
        "marker": {"color": colours.accent, "size": 13, "symbol": "diamond"},
        "hovertext": [f"{end.period} {full(end.score)}" for end in ends],
        "hoverinfo": "text",
    }
    found = ticks(low, high)
    return drawn(
        [floating, scores],
        **framed(ROW * len(places) + 34, colours, right=64),
        xaxis=axis(colours, range=[low, high], tickvals=found, ticktext=[axis_number(value) for value in found]),
        yaxis=axis(colours, range=[places[-1] - 0.5, 0.75], showticklabels=False, showgrid=False),
        shapes=[_joint(starts[place], places[place], places[place + 1], colours) for place in range(len(places) - 1)],
        annotations=[
            *_names(bars, ends, places, colours),
            *(_label(starts, place, bar, places[place + 1], colours) for place, bar in enumerate(bars)),
            *(_score(end, place, colours) for end, place in zip(ends, (places[0], places[-1]), strict=True)),
        ],
    )


def _joint(x: float, start: float, end: float, colours: Palette) -> dict[str, Any]:
    """A thin line on which one bar hands over to the next."""
    line = {"color": colours.grey, "width": 1, "dash": "dot"}
    return {"type": "line", "x0": x, "x1": x, "y0": start, "y1": end, "line": line, "layer": "below"}


def _names(
    bars: Sequence[_Bar], ends: tuple[_End, _End], places: Sequence[float], colours: Palette
) -> list[dict[str, Any]]:
    """What each row is, above its bar and from the left edge, so that no name is cut on a phone."""
    names = [cycle_words(ends[0].period).strip(), *(bar.name for bar in bars), cycle_words(ends[1].period).strip()]
    font = {"size": 14, "color": colours.text}
    own = {
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 9,
        "showarrow": False,
        "font": font,
    }
    return [{**own, "y": place, "text": escape(name)} for name, place in zip(names, places, strict=True)]


def _label(starts: Sequence[float], place: int, bar: _Bar, y: float, colours: Palette) -> dict[str, Any]:
    """A bar's points beside its right end."""
    shade = colours.better if bar.term > 0.0 else colours.worse
    text = f"{arrow(bar.term)} {signed(bar.term, 2)}"
    x = max(starts[place], starts[place + 1])
    return _beside(x, y, text, shade)


def _score(end: _End, y: float, colours: Palette) -> dict[str, Any]:
    return _beside(end.score, y, f"<b>{points(end.score)}</b>", colours.accent)


def _beside(x: float, y: float, text: str, shade: str) -> dict[str, Any]:
    font = {"size": 14, "color": shade}
    return {"x": x, "y": y, "text": text, "xanchor": "left", "xshift": 9, "showarrow": False, "font": font}
