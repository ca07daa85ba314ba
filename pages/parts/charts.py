"""Charts: the only module that knows plotly. Better is blue, worse orange, the chosen accent, all else grey."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from metrics.definitions import Definitions
from pages.parts.formats import axis_number
from pages.parts.i18n import t

Figure = go.Figure
Trace = dict[str, Any]

# A second cue beside colour: each chosen region has its own mark, on the figure and before its name.
SHAPES = (
    *(("circle", "●"), ("square", "■"), ("diamond", "◆"), ("star", "★")),
    *(("cross", "✚"), ("x", "✖"), ("triangle-up", "▲"), ("triangle-down", "▼")),
)
# What figures put between text: it is made markup where a figure is drawn, and nothing else that is written there is.
BOLD, PLAIN, BREAK, COLOUR, COLOURED, AS_BEFORE = "\ue000\ue001\ue002\ue003\ue004\ue005"
MARKUP = str.maketrans({
    **{"&": "&amp;", "<": "&lt;", ">": "&gt;", BOLD: "<b>", PLAIN: "</b>", BREAK: "<br>"},
    **{COLOUR: '<span style="color:', COLOURED: '">', AS_BEFORE: "</span>"},
})  # fmt: skip
# Where plotly reads markup: what is written, what is told under the pointer, and names on an axis.
WRITTEN = ("text", "hovertext", "ticktext", "label", "x", "y")
# The height in pixels that a name at the end of a line needs.
LINE = 17.0


@dataclass(frozen=True)
class Palette:
    """One theme's colours; `grades` from best to worst, `ink` what is written on them."""

    better: str
    worse: str
    grey: str
    accent: str
    text: str
    soft: str
    grid: str
    page: str
    grades: tuple[str, ...]
    ink: tuple[str, ...]


LIGHT = Palette(
    *("#1a68ad", "#a84606", "#8f99a5", "#5b3a9e", "#1d232b", "#545d69", "rgba(128,140,155,.25)", "#ffffff"),
    grades=("#1a68ad", "#8dbde3", "#dfe3e8", "#eeb27f", "#b8500d"),
    ink=("#ffffff", "#10202f", "#1d232b", "#2b1600", "#ffffff"),
)
DARK = Palette(
    *("#7db8ee", "#f0a060", "#7d8792", "#b9a0f5", "#e8ebef", "#b3bcc7", "rgba(128,140,155,.3)", "#14181d"),
    grades=("#7db8ee", "#33618c", "#3b444e", "#8a4f1f", "#f0a060"),
    ink=("#0c1721", "#ffffff", "#e8ebef", "#ffffff", "#221100"),
)


def palette() -> Palette:
    """The colours of the theme that the person has chosen."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def config(name: str) -> dict[str, Any]:
    """The chart's own menu, in Chinese on a Chinese page (plotly brings English only), and its picture's name."""
    words = {
        "Download plot as a PNG": t("下载图片（PNG）"),
        "Download plot as a png": t("下载图片（PNG）"),
        "Taking snapshot - this may take a few seconds": t("正在生成图片"),
        "Snapshot succeeded": t("图片已生成"),
    }
    return {
        "displaylogo": False,
        "locale": "zh-CN",
        "locales": {"zh-CN": {"dictionary": words, "format": {}}},
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"filename": name, "format": "png", "scale": 2},
        "scrollZoom": False,
    }


def drawn(traces: Sequence[Trace], **layout: Any) -> Figure:
    """A figure made in one go, in which every name from data is text: plotly would make a link of `<a href=…>`.

    (It takes ten times as long to add traces and to update a layout.)
    """
    return Figure(data=[_as_text(trace) for trace in traces], layout=_as_text(layout))


def _as_text(part: Any) -> Any:
    """A figure's part with the texts in it that plotly reads as markup made plain."""
    if isinstance(part, dict):
        return {key: _plain(value) if key in WRITTEN else _as_text(value) for key, value in part.items()}
    return [_as_text(each) for each in part] if isinstance(part, list) else part


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(MARKUP)
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def bold(words: object) -> str:
    """Words in bold, for a figure."""
    return f"{BOLD}{words}{PLAIN}"


def coloured(words: str, colour: str) -> str:
    """Words in a colour, for a figure."""
    return f"{COLOUR}{colour}{COLOURED}{words}{AS_BEFORE}"


def grade_colours(definitions: Definitions, colours: Palette) -> dict[str, tuple[str, str]]:
    """Fill and ink of each grade, spread from best to worst."""
    codes = [grade.code for grade in definitions.grades]
    places = {1: (0,), 2: (0, 4), 3: (0, 2, 4), 4: (0, 1, 2, 4)}.get(len(codes), (0, 1, 2, 3, 4))
    return {
        code: (colours.grades[place], colours.ink[place])
        for code, place in zip(codes, (*places, *(4,) * len(codes)), strict=False)
    }


def shape(place: int) -> tuple[str, str]:
    """The mark of the region chosen at this place: its name in plotly, and as a character."""
    return SHAPES[place % len(SHAPES)]


def framed(height: int, colours: Palette, *, top: int = 10, right: int = 10, bottom: int = 24) -> dict[str, Any]:
    """What all figures have in common; the page's colour behind them, so that a downloaded picture can be read."""
    return {
        "height": height,
        "margin": {"l": 0, "r": right, "t": top, "b": bottom},
        "paper_bgcolor": colours.page,
        "plot_bgcolor": colours.page,
        "font": {"size": 14, "color": colours.text},
        "hoverlabel": {"bgcolor": colours.page, "font": {"color": colours.text, "size": 14}},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": colours.soft, "activecolor": colours.accent},
        "showlegend": False,
    }


def axis(colours: Palette, **own: Any) -> dict[str, Any]:
    """An axis that can be read and not be dragged."""
    ticks = {"color": colours.soft, "size": 13}
    return {"gridcolor": colours.grid, "zeroline": False, "fixedrange": True, "tickangle": 0, "tickfont": ticks, **own}


def names_axis(colours: Palette) -> dict[str, Any]:
    """An axis of regions or nodes by name, none of them cut."""
    font = {"color": colours.text, "size": 14}
    return axis(colours, ticksuffix=" ", tickfont=font, automargin=True, showgrid=False)


def value_axis(colours: Palette, low: float, high: float) -> dict[str, Any]:
    """An axis of values with its ticks in words: plotly would write 250k for 25 万."""
    found = ticks(low, high)
    return axis(colours, range=[low, high], tickvals=found, ticktext=[axis_number(value) for value in found])


def axis_of_scores(colours: Palette, span: tuple[float, float]) -> dict[str, Any]:
    """An axis of scores, the same on all small figures of a row."""
    return axis(colours, range=list(span), tickvals=ticks(*span))


def cycles_axis(colours: Palette, periods: Sequence[str]) -> dict[str, Any]:
    """An axis of cycles by place (plotly would read 2020 as a number); no more names than even a phone has room for."""
    room = max(2, 210 // (8 * max(map(len, periods), default=4) + 10))
    every = ceil(len(periods) / room)
    shown = [place for place in range(len(periods)) if (len(periods) - 1 - place) % every == 0]
    return axis(
        colours,
        tickvals=shown,
        ticktext=[periods[place] for place in shown],
        range=[-0.3, len(periods) - 0.8],
        showgrid=False,
    )


def places(cycles: pl.Series, periods: list[str]) -> list[int]:
    """Where the cycles stand on such an axis."""
    return [periods.index(cycle) for cycle in cycles]


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """About so many round numbers (1, 2 or 5 times a power of ten apart) between two others."""
    if high <= low:
        return [low]
    rough = (high - low) / count
    power = 10.0 ** floor(log10(rough))
    step = next(power * size for size in (1, 2, 5, 10) if power * size >= rough * (1 - 1e-9))
    return [round(step * place, 12) for place in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def around(values: Sequence[float], *, share: float = 0.08) -> tuple[float, float]:
    """A range that holds the values with room at both ends."""
    low, high = min(values), max(values)
    room = (high - low) * share or abs(high) * share or 1.0
    return low - room, high + room


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """The places moved as little as possible until none is nearer to another than `gap`; their order stays."""
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    groups: list[tuple[float, int]] = []
    for index in order:
        middle, count = wanted[index], 1
        while groups and middle - groups[-1][0] < gap * (groups[-1][1] + count) / 2:
            other, size = groups.pop()
            middle, count = (other * size + middle * count) / (size + count), size + count
        groups.append((middle, count))
    moved = [middle + gap * (place - (count - 1) / 2) for middle, count in groups for place in range(count)]
    return [place for _, place in sorted(zip(order, moved, strict=True))]


def end_names(
    ends: Sequence[tuple[float, float, str, str]], span: tuple[float, float], pixels: float
) -> list[dict[str, Any]]:
    """Names beside the ends of lines (x, y, name, colour), moved apart where lines end close together."""
    gap = LINE * (span[1] - span[0]) / pixels
    heights = spread([y for _, y, *_ in ends], gap)
    return [
        {
            "x": x,
            "y": height,
            "text": name,
            "showarrow": False,
            "xanchor": "left",
            "xshift": 8,
            "font": {"color": colour, "size": 13},
        }
        for (x, _, name, colour), height in zip(ends, heights, strict=True)
    ]


def width_of(names: Sequence[str]) -> int:
    """About how many pixels the longest of the names needs."""
    widths = [sum(14.0 if character > "\u2e80" else 7.6 for character in name) for name in names]
    return int(max(widths, default=0.0)) + 16


def scores_span(scores: pl.Series) -> tuple[float, float]:
    """The part of 0–100 (bonuses reach beyond) in which these scores lie, in whole twenties, with a little room."""
    known = scores.drop_nulls()
    low, high = (known.min(), known.max()) if len(known) else (0.0, 100.0)
    return 20.0 * floor(float(low) / 20.0) - 2.0, max(100.0, float(high)) + 3.0  # type: ignore[arg-type]
