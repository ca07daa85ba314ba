"""Dots: the chosen regions on the range of their group, one line a pillar or an indicator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pages.parts.charts import Figure, Palette, Trace, around, axis, drawn, framed, names_axis, palette, shape
from pages.parts.formats import full, number, points
from pages.parts.i18n import t

# Pixels of one line of the dot plot: its name, its numbers, its range.
LINE_HEIGHT = 92


def against_peers(rows: pl.DataFrame, region: str) -> Figure:
    """Scores as dots on the group's range; rows: name, score, score_min, score_median, score_max; one axis for all."""
    colours = palette()
    ordered = rows.reverse()
    names = ordered["name"].to_list()
    ranges = [
        {
            **{"type": "scatter", "x": ends, "y": [name] * 2, "mode": "lines", "hoverinfo": "skip"},
            **{"line": {"color": colours.grey, "width": 12}, "opacity": 0.4},
        }
        for name, ends in zip(names, ordered.select("score_min", "score_max").rows(), strict=True)
    ]
    medians = {
        "type": "scatter",
        "x": ordered["score_median"].to_list(),
        "y": names,
        "mode": "markers",
        "hoverinfo": "skip",
        "marker": {"symbol": "line-ns-open", "size": 16, "color": colours.text, "line": {"width": 2}},
    }
    own = {
        "type": "scatter",
        "x": ordered["score"].to_list(),
        "y": names,
        "mode": "markers+text",
        "textposition": "top center",
        "text": [points(score) for score in ordered["score"]],
        "textfont": {"color": colours.accent, "size": 14},
        "marker": {"size": 14, "color": colours.accent},
        "cliponaxis": False,
        "hoverinfo": "text",
        "hovertext": [f"{region} {name} {full(score)}" for name, score in zip(names, ordered["score"], strict=True)],
    }
    return drawn(
        [*ranges, medians, own],
        **framed(56 * rows.height + 40, colours, top=24, right=24),
        xaxis=axis(colours, range=[-2, 104], tickvals=[0, 20, 40, 60, 80, 100]),
        yaxis=names_axis(colours),
    )


@dataclass(frozen=True)
class Line:
    """One indicator of the dot plot: its groups' range and medians, its target, the chosen regions' values in order.

    `reverse`: less is better, so that the axis runs the other way and the right end is the better one.
    """

    name: str
    unit: str
    low: float
    medians: tuple[float, ...]
    high: float
    target: float | None
    reverse: bool
    own: tuple[tuple[str, str, float | None], ...]


def positions(lines: Sequence[Line]) -> Figure:
    """The dot plot: every indicator on its own axis in its own unit; `own` holds region, name and value."""
    colours = palette()
    traces: list[Trace] = []
    layout: dict[str, Any] = {}
    annotations: list[dict[str, Any]] = []
    shapes: list[dict[str, Any]] = []
    for place, line in enumerate(lines):
        top = 1.0 - place / len(lines)
        suffix = str(place + 1) if place else ""
        low, high = around(_ends(line), share=0.16)
        layout[f"xaxis{suffix}"] = {
            **{"visible": False, "fixedrange": True, "anchor": f"y{suffix}"},
            "range": [high, low] if line.reverse else [low, high],
        }
        domain = [top - 0.98 / len(lines), top - 0.42 / len(lines)]
        layout[f"yaxis{suffix}"] = {"visible": False, "fixedrange": True, "range": [-1, 1], "domain": domain}
        traces.append(_dots(line, suffix, colours))
        annotations += [*_heading(line, top, colours), *_marks(line, suffix, colours)]
        shapes += _bands(line, suffix, colours)
    framing = framed(LINE_HEIGHT * len(lines) + 12, colours, top=0, bottom=12, right=0)
    return drawn(traces, **framing, **layout, annotations=annotations, shapes=shapes)


def _ends(line: Line) -> list[float]:
    known = [value for *_, value in line.own if value is not None]
    return [line.low, line.high, *known, *([] if line.target is None else [line.target])]


def _dots(line: Line, suffix: str, colours: Palette) -> Trace:
    known = [(place, *own) for place, own in enumerate(line.own) if own[2] is not None]
    return {
        "type": "scatter",
        "x": [value for *_, value in known],
        "y": [0.0] * len(known),
        "xaxis": f"x{suffix}",
        "yaxis": f"y{suffix}",
        "mode": "markers",
        "marker": {
            "symbol": [shape(place)[0] for place, *_ in known],
            **{"size": 14, "color": colours.accent, "line": {"color": colours.page, "width": 1}},
        },
        "customdata": [region for _, region, *_ in known],
        "hoverinfo": "text",
        "hovertext": [f"{name} {full(value, line.unit)}" for _, _, name, value in known],
        "cliponaxis": False,
    }


def _heading(line: Line, top: float, colours: Palette) -> list[dict[str, Any]]:
    """The indicator's name with its unit, and below it the chosen regions' numbers in their order."""
    numbers = "　".join(f"{shape(place)[1]} {number(own[2])}" for place, own in enumerate(line.own[:4]))
    at = {"x": 0, "y": top, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top", "showarrow": False}
    return [
        {**at, "text": line.name, "yshift": -2, "font": {"color": colours.text, "size": 14}},
        {**at, "text": numbers, "yshift": -20, "font": {"color": colours.accent, "size": 13}},
    ]


def _bands(line: Line, suffix: str, colours: Palette) -> list[dict[str, Any]]:
    """The group's range as a grey band with its median, the target as a dotted line through it."""
    on = {"xref": f"x{suffix}", "yref": f"y{suffix}", "layer": "below"}
    band = {"type": "rect", "x0": line.low, "x1": line.high, "y0": -0.26, "y1": 0.26}
    ink = {"color": colours.text, "width": 2}
    found = [
        {**on, **band, "fillcolor": colours.grey, "opacity": 0.4, "line": {"width": 0}},
        *({**on, "type": "line", "x0": at, "x1": at, "y0": -0.45, "y1": 0.45, "line": ink} for at in line.medians),
    ]
    if line.target is not None:
        goal = {"type": "line", "x0": line.target, "x1": line.target, "y0": -0.75, "y1": 0.6}
        found.append({**on, **goal, "line": {"color": colours.better, "width": 2, "dash": "dot"}})
    return found


def _marks(line: Line, suffix: str, colours: Palette) -> list[dict[str, Any]]:
    """The ends of the range beside it, and the target's number below."""
    on = {"xref": f"x{suffix}", "yref": f"y{suffix}", "showarrow": False, "y": 0, "bgcolor": colours.page}
    soft = {"color": colours.soft, "size": 12}
    left, right = (line.high, line.low) if line.reverse else (line.low, line.high)
    found = [
        {**on, "x": left, "text": number(left), "xanchor": "right", "xshift": -9, "font": soft},
        {**on, "x": right, "text": number(right), "xanchor": "left", "xshift": 9, "font": soft},
    ]
    if line.target is not None:
        words, blue = t("目标 {value}", value=number(line.target)), {"color": colours.better, "size": 12}
        found.append({**on, "x": line.target, "y": -0.95, "text": words, "font": blue, "bgcolor": "rgba(0,0,0,0)"})
    return found
