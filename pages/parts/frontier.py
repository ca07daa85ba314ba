"""Frontier: the figures of the efficiency check."""

from collections.abc import Collection

import polars as pl

from pages.parts.charts import Figure, around, axis, drawn, framed, names_axis, palette, shape, ticks, width_of
from pages.parts.formats import number, points
from pages.parts.i18n import t

# Pixels: the points' room on a phone, from a point to its name's middle, half a name's height and half a point.
_ROOM, _AWAY, _HALF, _POINT = (280.0, 360.0), 16.0, 8.0, 6.0
# Where a name may stand by its point: how far to the right and up, in the half widths and half heights of both.
_SIDES = {"top center": (0, 1), "bottom center": (0, -1), "middle right": (1, 0), "middle left": (-1, 0)}


def efficiencies(rows: pl.DataFrame, chosen: tuple[str, ...]) -> Figure:
    """Bars of θ CCR from a zero baseline, θ BCC as dots, the best on top; rows: region, name, ccr, bcc."""
    colours, ordered = palette(), rows.reverse()
    fills = [colours.accent if region in chosen else colours.grey for region in ordered["region"]]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": ordered["name"].to_list(),
        "x": ordered["ccr"].to_list(),
        "customdata": ordered["region"].to_list(),
        "marker": {"color": fills},
        "text": [number(value) for value in ordered["ccr"]],
        "textposition": "inside",
        "insidetextanchor": "start",
        "constraintext": "none",
        "textfont": {"size": 13, "color": colours.page},
        "hovertext": [f"{name} CCR {number(value)}" for name, value in ordered.select("name", "ccr").iter_rows()],
        "hoverinfo": "text",
    }
    dots = {
        "type": "scatter",
        "mode": "markers",
        "y": ordered["name"].to_list(),
        "x": ordered["bcc"].to_list(),
        "customdata": ordered["region"].to_list(),
        "marker": {"symbol": "diamond", "size": 10, "color": colours.better},
        "hovertext": [f"{name} BCC {number(value)}" for name, value in ordered.select("name", "bcc").iter_rows()],
        "hoverinfo": "text",
        "cliponaxis": False,
    }
    return drawn(
        [bars, dots],
        **framed(max(160, 30 * ordered.height + 40), colours, right=24),
        xaxis=axis(colours, range=[0, 1.02], tickvals=[0, 0.25, 0.5, 0.75, 1]),
        yaxis=names_axis(colours),
        bargap=0.36,
    )


def beside_composite(rows: pl.DataFrame, written: Collection[str], chosen: tuple[str, ...]) -> Figure:
    """Each region by composite and θ; rows: region, name, score, theta; names where they are `written`."""
    colours = palette()
    places = {region: place for place, region in enumerate(chosen)}
    inside = [region in places for region in rows["region"]]
    texts = [name if region in written else "" for region, name in rows.select("region", "name").iter_rows()]
    across, up = around(rows["score"].to_list(), share=0.14), around(rows["theta"].to_list(), share=0.12)
    sides = _sides(rows, written, across, up)
    dots = {
        "type": "scatter",
        "mode": "markers+text",
        "x": rows["score"].to_list(),
        "y": rows["theta"].to_list(),
        "customdata": rows["region"].to_list(),
        "text": texts,
        "textposition": [sides.get(region, "top center") for region in rows["region"]],
        "textfont": {"size": 13, "color": colours.text},
        "marker": {
            "size": [13 if own else 10 for own in inside],
            "color": [colours.accent if own else colours.grey for own in inside],
            "symbol": [shape(places[region])[0] if region in places else "circle" for region in rows["region"]],
        },
        "hovertext": [
            t("{name}综合 {score}，θ {theta}", name=name, score=points(score), theta=number(theta))
            for name, score, theta in rows.select("name", "score", "theta").iter_rows()
        ],
        "hoverinfo": "text",
        "cliponaxis": False,
    }
    return drawn(
        [dots],
        **framed(430, colours, right=16, bottom=58),
        xaxis=axis(colours, range=list(across), tickvals=ticks(*across), title={"text": t("综合得分"), "standoff": 14}),
        yaxis=axis(colours, range=list(up), tickvals=ticks(*up), title={"text": "θ"}, automargin=True),
    )


def _sides(
    rows: pl.DataFrame, written: Collection[str], across: tuple[float, float], up: tuple[float, float]
) -> dict[str, str]:
    """On which side of its point each name stands: from the highest point down, the first where it touches nothing.

    So that of two near each other the higher has its name on top and the lower one below.
    """
    scale = [room / (high - low) for room, (low, high) in zip(_ROOM, (across, up), strict=True)]
    ordered = rows.sort("theta", "score", "region", descending=[True, False, False])
    points = [(x * scale[0], y * scale[1]) for x, y in ordered.select("score", "theta").iter_rows()]
    taken = [(x, y, _POINT, _POINT) for x, y in points]
    found = {}
    for (x, y), (region, name) in zip(points, ordered.select("region", "name").iter_rows(), strict=True):
        if region in written:
            half = width_of([name]) / 2 - _HALF
            boxes = {
                side: (x + right * (half + _AWAY - _HALF), y + above * _AWAY, half, _HALF)
                for side, (right, above) in _SIDES.items()
            }
            found[region] = min(boxes, key=lambda side: sum(_touch(boxes[side], other) for other in taken))
            taken.append(boxes[found[region]])
    return found


def _touch(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether two boxes (middle across, middle up, half the width, half the height) share any place."""
    return abs(one[0] - other[0]) < one[2] + other[2] and abs(one[1] - other[1]) < one[3] + other[3]
