"""The waterfall's figure: floating bars from one score to another, each under its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from pages.parts.charts import BREAK, LINE, Figure, Palette, around, axis, bold, drawn, framed, palette, ticks, width_of
from pages.parts.formats import arrow, axis_number, cycle_words, full, points, signed
from pages.parts.i18n import language

# Pixels: a row and its bar, and how wide a name may be.
ROW, THICK, WIDE = 46, 19, 330


@dataclass(frozen=True)
class End:
    """A cycle and the score in it."""

    period: str
    score: float


@dataclass(frozen=True)
class Bar:
    """A contribution: its name, its points, and what is told under the pointer."""

    name: str
    term: float
    told: str
    rest: bool = False


def falling(bars: Sequence[Bar], ends: tuple[End, End]) -> Figure:
    """Floating bars from one score to the other, the first at the top, each under its name."""
    colours = palette()
    starts = [ends[0].score]
    for bar in bars:
        starts.append(starts[-1] + bar.term)
    low, high = around([*starts, ends[1].score], share=0.12)
    names = [_wrapped(name) for name in (_cycle(ends[0]), *(bar.name for bar in bars), _cycle(ends[1]))]
    places = _places(names)
    shades = [colours.better if bar.term > 0.0 else colours.worse for bar in bars]
    floating = {
        "type": "bar",
        "orientation": "h",
        "y": places[1:-1],
        "x": [bar.term for bar in bars],
        "base": starts[:-1],
        "width": THICK,
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
        **framed(int(-places[-1]) + THICK + 34, colours, right=64),
        xaxis=axis(colours, range=[low, high], tickvals=found, ticktext=[axis_number(value) for value in found]),
        yaxis=axis(colours, range=[places[-1] - THICK, 0.0], showticklabels=False, showgrid=False),
        shapes=[_joint(starts[place], places[place], places[place + 1], colours) for place in range(len(places) - 1)],
        annotations=[
            *_names(names, places, colours),
            *(_label(starts, place, bar, places[place + 1], colours) for place, bar in enumerate(bars)),
            *(_score(end, place, colours) for end, place in zip(ends, (places[0], places[-1]), strict=True)),
        ],
    )


def _joint(x: float, start: float, end: float, colours: Palette) -> dict[str, Any]:
    """A thin line on which one bar hands over to the next."""
    line = {"color": colours.grey, "width": 1, "dash": "dot"}
    return {"type": "line", "x0": x, "x1": x, "y0": start, "y1": end, "line": line, "layer": "below"}


def _cycle(end: End) -> str:
    return cycle_words(end.period).strip()


def _wrapped(name: str) -> str:
    """A name in lines that a phone has room for."""
    if width_of([name]) <= WIDE:
        return name
    # Chinese has no blanks to break at, and its characters are twice as wide.
    count = WIDE // 15 if language() == "zh" else WIDE // 7
    return BREAK.join(wrap(name, count))


def _places(names: Sequence[str]) -> list[float]:
    """How far below the top, in pixels, each row's bar stands; a name of several lines takes more room."""
    heights = [ROW + LINE * name.count(BREAK) for name in names]
    return [-float(sum(heights[: place + 1]) - THICK / 2) for place in range(len(names))]


def _names(names: Sequence[str], places: Sequence[float], colours: Palette) -> list[dict[str, Any]]:
    """What each row is, above its bar and from the left edge, so that no name is cut on a phone."""
    font = {"size": 14, "color": colours.text}
    left = {"xref": "paper", "x": 0, "xanchor": "left", "align": "left", "font": font}
    own = {**left, "yanchor": "bottom", "yshift": THICK / 2 - 1, "showarrow": False}
    return [{**own, "y": place, "text": name} for name, place in zip(names, places, strict=True)]


def _label(starts: Sequence[float], place: int, bar: Bar, y: float, colours: Palette) -> dict[str, Any]:
    """A bar's points beside its right end."""
    shade = colours.better if bar.term > 0.0 else colours.worse
    text = f"{arrow(bar.term)} {signed(bar.term, 2)}"
    x = max(starts[place], starts[place + 1])
    return _beside(x, y, text, shade)


def _score(end: End, y: float, colours: Palette) -> dict[str, Any]:
    return _beside(end.score, y, bold(points(end.score)), colours.accent)


def _beside(x: float, y: float, text: str, shade: str) -> dict[str, Any]:
    font = {"size": 14, "color": shade}
    return {"x": x, "y": y, "text": text, "xanchor": "left", "xshift": 9, "showarrow": False, "font": font}
