"""Courses: scores over the cycles, the chosen regions as named lines before all others."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from pages.parts.charts import (
    Figure,
    Palette,
    Trace,
    axis_of_scores,
    cycles_axis,
    drawn,
    end_names,
    framed,
    palette,
    places,
    shape,
    width_of,
)  # fmt: skip
from pages.parts.formats import full

_TOP, _BOTTOM = 10, 24


def lines(
    rows: pl.DataFrame,
    chosen: tuple[str, ...],
    *,
    height: int = 260,
    span: tuple[float, float],
    terse: bool = False,
) -> Figure:
    """Scores over the cycles, a line a region; rows: region, name, period, score; `span` the scores to be shown.

    `terse`: only the chosen regions' marks at the ends of their lines, their names being said elsewhere.
    """
    colours = palette()
    periods = rows["period"].unique().sort().to_list()
    parts = {part["region"][0]: part.sort("period") for part in rows.partition_by("region")}
    traces = _others(rows.filter(~pl.col("region").is_in(list(chosen))), periods, colours)
    ends = []
    for place, region in enumerate(region for region in chosen if region in parts):
        traces.append(_own(parts[region], periods, shape(place)[0], colours))
        last = parts[region].drop_nulls("score").tail(1)
        ends += [
            (
                periods.index(period),
                score,
                shape(place)[1] if terse else f"{shape(place)[1]} {name}",
                colours.accent,
            )
            for period, score, name in last.select("period", "score", "name").rows()
        ]
    return _finished(traces, periods, ends, height, span, colours)


def _others(rows: pl.DataFrame, periods: list[str], colours: Palette) -> list[Trace]:
    """All other regions as one trace with gaps between them, which is much faster than one each."""
    gap = pl.DataFrame({"period": [periods[-1]]}, schema={"period": pl.String})
    known = rows.select("region", "name", "period", "score").sort("region", "period")
    parts = [pl.concat([part, gap], how="diagonal") for part in known.partition_by("region")]
    if not parts:
        return []
    line = {"color": colours.grey, "width": 1.2}
    return [{**_course(pl.concat(parts), periods), "mode": "lines", "line": line, "opacity": 0.6}]


def _own(part: pl.DataFrame, periods: list[str], symbol: str, colours: Palette) -> Trace:
    size = 9 if len(periods) < 9 else 6
    return {
        **_course(part, periods),
        "mode": "lines+markers",
        "line": {"color": colours.accent, "width": 2.5},
        "marker": {"symbol": symbol, "size": size, "color": colours.accent},
        "cliponaxis": False,
    }


def _course(part: pl.DataFrame, periods: list[str]) -> Trace:
    """Where a trace runs, and what it says under the pointer."""
    rows = part.select("name", "period", "score").rows()
    return {
        "type": "scatter",
        "x": places(part["period"], periods),
        "y": part["score"].to_list(),
        "customdata": part["region"].to_list(),
        "hoverinfo": "text",
        "hovertext": [f"{name or ''} {period}: {full(score)}" for name, period, score in rows],
    }


def band(rows: pl.DataFrame, name: str, *, height: int = 190, span: tuple[float, float]) -> Figure:
    """One region's scores before its group's range and median; rows: period, region, name, score, score_min, …."""
    colours = palette()
    ordered = rows.sort("period")
    periods = ordered["period"].to_list()
    known = ordered.drop_nulls("score_min")
    at = places(known["period"], periods)
    group: Trace = {
        "type": "scatter",
        "x": [*at, *reversed(at)],
        "y": [*known["score_max"], *known["score_min"].reverse()],
        "fill": "toself",
        "fillcolor": colours.grey,
        "opacity": 0.28,
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
    }
    median: Trace = {
        "type": "scatter",
        "x": at,
        "y": known["score_median"].to_list(),
        "mode": "lines",
        "line": {"color": colours.soft, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }
    last = ordered.drop_nulls("score").tail(1)
    ends = [
        (periods.index(period), score, name, colours.accent) for period, score in last.select("period", "score").rows()
    ]
    return _finished(
        [group, median, _own(ordered, periods, shape(0)[0], colours)], periods, ends, height, span, colours
    )


def _finished(
    traces: list[Trace],
    periods: list[str],
    ends: Sequence[tuple[float, float, str, str]],
    height: int,
    span: tuple[float, float],
    colours: Palette,
) -> Figure:
    right = width_of([name for *_, name, _ in ends]) if ends else 10
    layout: dict[str, Any] = framed(height, colours, top=_TOP, right=right, bottom=_BOTTOM)
    return drawn(
        traces,
        **layout,
        xaxis=cycles_axis(colours, periods),
        yaxis=axis_of_scores(colours, span),
        annotations=end_names(ends, span, height - _TOP - _BOTTOM),
    )
