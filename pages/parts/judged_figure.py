"""The figure of what judges say: a line a child, a dot a judge, all together as a mark across."""

from collections.abc import Sequence
from textwrap import wrap

from metrics.consultation import Consensus
from pages.parts.charts import BREAK, Figure, Palette, Trace, axis, bold, drawn, framed, names_axis, palette, ticks
from pages.parts.formats import share

# Characters of a name on one line, so that a narrow screen has room for the dots.
_WIDE, _NARROW = 20, 9
_LINE = 46


def dots_of(names: Sequence[str], found: Consensus, chosen: str | None) -> Figure:
    """The children from the heaviest down; grey dots, the chosen judge's as a diamond in the accent."""
    colours = palette()
    order = sorted(range(len(names)), key=lambda child: found.weights[child])
    others = [place for place, by in enumerate(found.by) if by != chosen]
    traces = [_spans(order, found, colours), *(_judge(order, found, place, names, colours) for place in others)]
    traces.append(_together(order, found, names, colours))
    if chosen is not None:
        traces.append(_judge(order, found, found.by.index(chosen), names, colours, own=True))
    top = 1.06 * max(max(weights) for weights in found.each)
    return drawn(
        traces,
        **framed(_LINE * len(names) + 34, colours, right=14),
        xaxis=axis(colours, range=[-0.02 * top, top], tickvals=ticks(0.0, top, 4), tickformat=".0%"),
        yaxis={
            **names_axis(colours),
            "range": [-0.6, len(names) - 0.4],
            "tickvals": list(range(len(names))),
            "ticktext": [f"{_broken(names[child])}  {bold(share(found.weights[child]))}" for child in order],
        },
    )


def _broken(name: str) -> str:
    if " " in name:
        return BREAK.join(wrap(name, _WIDE))
    return BREAK.join(name[at : at + _NARROW] for at in range(0, len(name), _NARROW))


def _spans(order: Sequence[int], found: Consensus, colours: Palette) -> Trace:
    """From the least to the most that a judge gives."""
    x: list[float | None] = []
    y: list[float | None] = []
    for place, child in enumerate(order):
        x += [*found.span(child), None]
        y += [place, place, None]
    line = {"color": colours.grey, "width": 2}
    return {"type": "scatter", "x": x, "y": y, "mode": "lines", "line": line, "hoverinfo": "skip"}


def _judge(
    order: Sequence[int], found: Consensus, judge: int, names: Sequence[str], colours: Palette, *, own: bool = False
) -> Trace:
    weights = found.each[judge]
    marker = {
        **{"symbol": "diamond" if own else "circle", "size": 14 if own else 11},
        **{"color": colours.accent if own else colours.grey, "line": {"color": colours.page, "width": 1}},
    }
    return {
        **{"type": "scatter", "x": [weights[child] for child in order], "y": list(range(len(order)))},
        **{"mode": "markers", "marker": marker, "cliponaxis": False, "hoverinfo": "text"},
        "hovertext": [f"{found.by[judge]} {names[child]} {share(weights[child])}" for child in order],
    }


def _together(order: Sequence[int], found: Consensus, names: Sequence[str], colours: Palette) -> Trace:
    marker = {"symbol": "line-ns-open", "size": 24, "color": colours.text, "line": {"width": 3}}
    return {
        **{"type": "scatter", "x": [found.weights[child] for child in order], "y": list(range(len(order)))},
        **{"mode": "markers", "marker": marker, "cliponaxis": False, "hoverinfo": "text"},
        "hovertext": [f"{names[child]} {share(found.weights[child])}" for child in order],
    }
