"""Rungs: scores as they are and as they are needed, a bar each with an arrow between."""

from collections.abc import Sequence

import polars as pl

from pages.parts.charts import BREAK, Figure, axis, drawn, framed, names_axis, palette
from pages.parts.formats import full


def moves(rows: pl.DataFrame, texts: Sequence[str]) -> Figure:
    """A bar a row from the score to the one needed; rows: name, score, score_needed, the first on top.

    The texts stand under the names, where also a phone has room for them.
    """
    colours = palette()
    ordered = rows.reverse()
    names = [f"{name}{BREAK}{text}" for name, text in zip(ordered["name"], reversed(texts), strict=True)]
    rise = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "base": ordered["score"].to_list(),
        "x": (ordered["score_needed"] - ordered["score"]).to_list(),
        "marker": {"color": colours.better},
        "width": 0.3,
        "hoverinfo": "skip",
    }
    now = {
        "type": "scatter",
        "mode": "markers",
        "y": names,
        "x": ordered["score"].to_list(),
        "marker": {"size": 12, "color": colours.page, "line": {"color": colours.soft, "width": 2}},
        "hovertext": [full(score) for score in ordered["score"]],
        "hoverinfo": "text",
    }
    needed = {
        "type": "scatter",
        "mode": "markers",
        "y": names,
        "x": ordered["score_needed"].to_list(),
        "marker": {"size": 14, "color": colours.better, "symbol": "triangle-right"},
        "hovertext": [full(score) for score in ordered["score_needed"]],
        "hoverinfo": "text",
    }
    return drawn(
        [rise, now, needed],
        **framed(52 * ordered.height + 40, colours),
        xaxis=axis(colours, range=[-4, 106], tickvals=[0, 50, 100]),
        yaxis=names_axis(colours),
    )
