"""Strips: every region's value of one indicator in every cycle, the limits as lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pages.parts.charts import (
    Figure,
    Palette,
    Trace,
    cycles_axis,
    drawn,
    end_names,
    framed,
    palette,
    places,
    shape,
    value_axis,
    width_of,
)  # fmt: skip
from pages.parts.formats import full, number

_TOP, _BOTTOM, HEIGHT = 12, 24, 360


@dataclass(frozen=True)
class Limit:
    """A line across the strip: what it is called, where it lies, and which of the palette's colours it has."""

    name: str
    value: float
    tone: str


def strip(
    rows: pl.DataFrame,
    medians: pl.DataFrame,
    chosen: Sequence[str],
    *,
    limits: Sequence[Limit],
    span: tuple[float, float],
    unit: str,
    height: int = HEIGHT,
) -> Figure:
    """Dots by cycle, the chosen regions as named lines, the group's medians as dashes, the limits by name.

    rows: region, name, period, value; medians: period, median; `span` the values to be shown.
    """
    colours = palette()
    periods = rows["period"].unique().sort().to_list()
    others = rows.filter(~pl.col("region").is_in(list(chosen))).drop_nulls("value")
    traces = [_others(others, periods, unit, colours), _medians(medians.drop_nulls("median"), periods, unit, colours)]
    ends = []
    for place, region in enumerate(chosen):
        part = rows.filter(pl.col("region") == region).sort("period")
        if part.is_empty():
            continue
        traces.append(_own(part, periods, shape(place)[0], unit, colours))
        last = part.drop_nulls("value").tail(1)
        ends += [
            (periods.index(row["period"]), row["value"], f"{shape(place)[1]} {row['name']}", colours.accent)
            for row in last.iter_rows(named=True)
        ]
    ends += [_limit_name(limit, len(periods) - 0.8, colours) for limit in limits]
    return drawn(
        traces,
        **framed(height, colours, top=_TOP, bottom=_BOTTOM, right=width_of([name for *_, name, _ in ends])),
        xaxis=cycles_axis(colours, periods),
        yaxis=value_axis(colours, *span),
        shapes=[_limit(limit, colours) for limit in limits],
        annotations=end_names(ends, span, height - _TOP - _BOTTOM),
    )


def _others(part: pl.DataFrame, periods: list[str], unit: str, colours: Palette) -> Trace:
    size = 8 if len(periods) < 9 else 6
    marker = {"size": size, "color": colours.grey, "opacity": 0.65}
    return {**_values(part, periods, unit), "mode": "markers", "marker": marker}


def _own(part: pl.DataFrame, periods: list[str], symbol: str, unit: str, colours: Palette) -> Trace:
    size = 10 if len(periods) < 9 else 7
    return {
        **_values(part, periods, unit),
        "mode": "lines+markers",
        "line": {"color": colours.accent, "width": 2},
        "marker": {"size": size, "symbol": symbol, "color": colours.accent},
        "cliponaxis": False,
    }


def _values(part: pl.DataFrame, periods: list[str], unit: str) -> Trace:
    """Where a trace runs, and what it says under the pointer."""
    rows = part.select("name", "period", "value").rows()
    return {
        "type": "scatter",
        "x": places(part["period"], periods),
        "y": part["value"].to_list(),
        "customdata": part["region"].to_list(),
        "hoverinfo": "text",
        "hovertext": [f"{name} {period}: {full(value, unit)}" for name, period, value in rows],
    }


def _medians(part: pl.DataFrame, periods: list[str], unit: str, colours: Palette) -> Trace:
    # Narrow enough that those of neighbouring cycles stay apart.
    size = max(8, min(26, 220 // max(len(periods), 1)))
    return {
        "type": "scatter",
        "x": places(part["period"], periods),
        "y": part["median"].to_list(),
        "mode": "markers",
        "marker": {"symbol": "line-ew-open", "size": size, "color": colours.text, "line": {"width": 2}},
        "hoverinfo": "text",
        "hovertext": [f"{period}: {full(value, unit)}" for period, value in part.select("period", "median").rows()],
    }


def _limit(limit: Limit, colours: Palette) -> dict[str, Any]:
    place = {"x0": 0, "x1": 1, "xref": "paper", "y0": limit.value, "y1": limit.value}
    line = {"color": getattr(colours, limit.tone), "dash": "dash", "width": 1.4}
    return {"type": "line", **place, "line": line, "layer": "below"}


def _limit_name(limit: Limit, x: float, colours: Palette) -> tuple[float, float, str, str]:
    """The limit's name and number at the end of its line, among the regions' names."""
    return x, limit.value, f"{limit.name} {number(limit.value)}", getattr(colours, limit.tone)
