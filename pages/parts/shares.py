"""Shares: the parts of a whole as bars."""

from math import ceil
from textwrap import wrap

import polars as pl

from pages.parts.charts import BREAK, Figure, axis, drawn, framed, names_axis, palette, width_of
from pages.parts.formats import signed

# Pixels beside bars that are left for names before they are broken into lines.
_NAME = 150


def share_bars(rows: pl.DataFrame) -> Figure:
    """Shares of a whole as bars from the largest down; rows: name, share; what is below 0 is hatched."""
    colours, ordered = palette(), rows.reverse()
    shares = [100.0 * share for share in ordered["share"]]
    names = [_broken(name) for name in ordered["name"]]
    line = 12 + 17 * min(max(name.count(BREAK) + 1 for name in names), 2)
    bars = {
        "type": "bar",
        "y": names,
        "x": shares,
        "orientation": "h",
        "marker": {
            "color": colours.grey,
            "pattern": {"shape": ["/" if share < 0.0 else "" for share in shares], "size": 6},
        },
        "text": ["" if share < 0.0 else _per_cent(share) for share in shares],
        "textposition": "outside",
        "textfont": {"size": 13, "color": colours.text},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    low, high = min([0.0, *shares]), max([0.0, *shares])
    return drawn(
        [bars],
        **framed(max(120, line * ordered.height + 40), colours, right=60),
        xaxis=axis(colours, range=[low * 1.3, high * 1.05 or 1.0], ticksuffix=" %", nticks=5),
        yaxis=names_axis(colours),
        bargap=1.0 - 18.0 / line,
        # To the right of the axis: on its left stand the names.
        annotations=[
            {"x": 0, "y": name, "text": _per_cent(share), "showarrow": False, "xanchor": "left", "xshift": 4}
            for name, share in zip(names, shares, strict=True)
            if share < 0.0
        ],
    )


def _per_cent(share: float) -> str:
    return f"{signed(share).lstrip('+')} %"


def _broken(name: str) -> str:
    """A name in lines that leave a narrow screen room for the bars."""
    if width_of([name]) <= _NAME:
        return name
    if " " in name:
        return BREAK.join(wrap(name, 24))
    size = ceil(len(name) / ceil(len(name) / 9))
    return BREAK.join(name[at : at + size] for at in range(0, len(name), size))
