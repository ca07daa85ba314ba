"""Rungs: scores as they are and as they are needed, a bar each with an arrow between."""

from collections.abc import Sequence

import polars as pl

from pages.parts.charts import Figure, axis, drawn, framed, names_axis, palette, width_of
from pages.parts.formats import full


def moves(rows: pl.DataFrame, texts: Sequence[str]) -> Figure:
    """A bar a row from the score to the one needed, and its text; rows: name, score, score_needed, the first on top."""
    colours = palette()
    ordered = rows.reverse()
    names = ordered["name"].to_list()
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
        "mode": "markers+text",
        "y": names,
        "x": ordered["score_needed"].to_list(),
        "marker": {"size": 14, "color": colours.better, "symbol": "triangle-right"},
        "text": [f"  {text}" for text in reversed(texts)],
        "textposition": "middle right",
        "textfont": {"size": 13, "color": colours.text},
        "cliponaxis": False,
        "hovertext": [full(score) for score in ordered["score_needed"]],
        "hoverinfo": "text",
    }
    return drawn(
        [rise, now, needed],
        **framed(34 * ordered.height + 40, colours, right=width_of(texts)),
        xaxis=axis(colours, range=[-2, 104], tickvals=[0, 20, 40, 60, 80, 100]),
        yaxis=names_axis(colours),
    )
