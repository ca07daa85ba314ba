"""Courses: scores over the cycles, the chosen regions as named lines before all others."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from pages.parts.charts import (
    Figure,
    Palette,
    axis_of_scores,
    cycles_axis,
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
    rows: pl.DataFrame, chosen: tuple[str, ...], *, height: int = 260, span: tuple[float, float], terse: bool = False
) -> Figure:
    """Scores over the cycles, a line a region; rows: region, name, period, score; `span` the scores to be shown.

    `terse`: only the chosen regions' marks at the ends of their lines, their names being said elsewhere.
    """
    colours = palette()
    periods = rows["period"].unique().sort().to_list()
    parts = {part["region"][0]: part.sort("period") for part in rows.partition_by("region")}
    figure = Figure()
    for region in sorted(parts.keys() - set(chosen)):
        _other(figure, parts[region], periods, colours)
    ends = []
    for place, region in enumerate(region for region in chosen if region in parts):
        _own(figure, parts[region], periods, shape(place)[0], colours)
        last = parts[region].drop_nulls("score").tail(1)
        ends += [
            (
                periods.index(row["period"]),
                row["score"],
                shape(place)[1] if terse else f"{shape(place)[1]} {row['name']}",
            )
            for row in last.iter_rows(named=True)
        ]
    return _finished(figure, periods, ends, height, span, colours)


def _other(figure: Figure, part: pl.DataFrame, periods: list[str], colours: Palette) -> None:
    figure.add_scatter(
        x=places(part["period"], periods),
        y=part["score"].to_list(),
        mode="lines",
        line={"color": colours.grey, "width": 1.2},
        opacity=0.6,
        customdata=part["region"].to_list(),
        **_hover(part),
    )


def _own(figure: Figure, part: pl.DataFrame, periods: list[str], symbol: str, colours: Palette) -> None:
    figure.add_scatter(
        x=places(part["period"], periods),
        y=part["score"].to_list(),
        mode="lines+markers",
        line={"color": colours.accent, "width": 2.5},
        marker={"symbol": symbol, "size": 9, "color": colours.accent},
        cliponaxis=False,
        customdata=part["region"].to_list(),
        **_hover(part),
    )


def _hover(part: pl.DataFrame) -> dict[str, Any]:
    rows = part.select("name", "period", "score").iter_rows()
    return {"hoverinfo": "text", "hovertext": [f"{name} {period}: {full(score)}" for name, period, score in rows]}


def band(rows: pl.DataFrame, name: str, *, height: int = 190, span: tuple[float, float]) -> Figure:
    """One region's scores before its group's range and median; rows: period, region, name, score, score_min, …."""
    colours = palette()
    ordered = rows.sort("period")
    periods = ordered["period"].to_list()
    known = ordered.drop_nulls("score_min")
    at = places(known["period"], periods)
    figure = Figure()
    figure.add_scatter(
        x=[*at, *reversed(at)],
        y=[*known["score_max"], *known["score_min"].reverse()],
        fill="toself",
        fillcolor=colours.grey,
        opacity=0.28,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=at,
        y=known["score_median"].to_list(),
        mode="lines",
        line={"color": colours.soft, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )
    _own(figure, ordered, periods, shape(0)[0], colours)
    last = ordered.drop_nulls("score").tail(1)
    ends = [(periods.index(row["period"]), row["score"], name) for row in last.iter_rows(named=True)]
    return _finished(figure, periods, ends, height, span, colours)


def _finished(
    figure: Figure,
    periods: list[str],
    ends: Sequence[tuple[float, float, str]],
    height: int,
    span: tuple[float, float],
    colours: Palette,
) -> Figure:
    right = width_of([name for _, _, name in ends]) if ends else 10
    figure.update_layout(
        **framed(height, colours, top=_TOP, right=right, bottom=_BOTTOM),
        xaxis=cycles_axis(colours, periods),
        yaxis=axis_of_scores(colours, span),
        annotations=end_names(ends, colours, span, height - _TOP - _BOTTOM),
    )
    return figure
