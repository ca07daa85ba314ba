"""The impact's figure: what each region's score would gain or lose, a bar from nothing."""

import polars as pl

from pages.parts.charts import BREAK, Figure, axis, drawn, framed, names_axis, palette, ticks
from pages.parts.formats import arrow, axis_number, full, signed

# Pixels of a region's line; room at the right for what is written there, so that on a phone it meets no name.
LINE, ROOM = 31, 84


def shifts(rows: pl.DataFrame) -> Figure:
    """A bar a row, the first on top; rows: region, name, score_before, score_after, change."""
    colours = palette()
    ordered = rows.reverse()
    names, changes = ordered["name"].to_list(), ordered["change"].to_list()
    shades = [colours.better if change > 0.0 else colours.worse for change in changes]
    told = ordered.select("name", "score_before", "score_after", "change").iter_rows()
    bars = {
        **{"type": "bar", "orientation": "h", "y": names, "x": changes, "marker": {"color": shades}},
        "customdata": ordered["region"].to_list(),
        "hovertext": [f"{name} {full(old)} → {full(new)}{BREAK}{full(change)}" for name, old, new, change in told],
        "hoverinfo": "text",
    }
    low, high = min(0.0, *changes), max(0.0, *changes)
    found = ticks(low, high)
    labels = [
        {
            **{"xref": "paper", "x": 1, "xanchor": "left", "xshift": 8, "y": name, "showarrow": False},
            **{"text": f"{arrow(change)} {signed(change, 2)}", "font": {"size": 14, "color": shade}},
        }
        for name, change, shade in zip(names, changes, shades, strict=True)
    ]
    return drawn(
        [bars],
        **framed(LINE * ordered.height + 40, colours, right=ROOM),
        xaxis=axis(
            colours,
            range=[low, high],
            tickvals=found,
            ticktext=[axis_number(value) for value in found],
            zeroline=True,
            zerolinecolor=colours.soft,
        ),
        yaxis=names_axis(colours),
        bargap=0.34,
        annotations=labels,
    )
