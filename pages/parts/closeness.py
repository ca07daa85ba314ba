"""Closeness: the figures of an area's integration: spread and its parts, coupling, growth from the start."""

from typing import Any

import polars as pl

from metrics.coupling import BANDS
from pages.parts.charts import (
    Figure,
    Palette,
    Trace,
    around,
    axis,
    cycles_axis,
    drawn,
    framed,
    palette,
    places,
    shape,
    ticks,
    width_of,
)  # fmt: skip
from pages.parts.formats import axis_number, full, number, quantity, share, signed
from pages.parts.i18n import language

# Up to so many cycles every point carries its number.
_WRITTEN = 8
# The shares of the figure's width and height that a name needs.
_ROOM = (0.2, 0.1)


def spread_line(rows: pl.DataFrame, cycle: str, *, height: int = 230) -> Figure:
    """A measure over the cycles from a zero baseline, the chosen cycle marked; rows: period, value (sorted)."""
    colours, periods = palette(), rows["period"].to_list()
    top = max([*rows["value"].drop_nulls(), 1e-9])
    traces: list[Trace] = []
    traces.append(
        dict(
            type="scatter",
            x=places(rows["period"], periods),
            y=rows["value"].to_list(),
            mode="lines+markers+text",
            text=_texts(rows["value"].to_list()),
            textposition="top center",
            textfont={"size": 13, "color": colours.text},
            **_marked(periods, cycle, colours),
            cliponaxis=False,
            **_hover(rows),
        )
    )
    return drawn(
        traces,
        **framed(height, colours, top=24, right=24),
        xaxis={**cycles_axis(colours, periods), "range": [-0.4, len(periods) - 0.6]},
        yaxis=axis(colours, range=[0.0, top * 1.15], tickvals=ticks(0.0, top * 1.15, 4)),
    )


def _marked(periods: list[str], cycle: str, colours: Palette) -> dict[str, Any]:
    """A line on which the chosen cycle stands out."""
    sizes = [13 if period == cycle else 8 for period in periods]
    tones = [colours.accent if period == cycle else colours.soft for period in periods]
    return {"line": {"color": colours.soft, "width": 2.5}, "marker": {"size": sizes, "color": tones}}


def _texts(values: list[float | None]) -> list[str]:
    if len(values) <= _WRITTEN:
        return ["" if value is None else number(value) for value in values]
    return ["" if value is None or 0 < at < len(values) - 1 else number(value) for at, value in enumerate(values)]


def _hover(rows: pl.DataFrame) -> dict[str, Any]:
    return {
        "hoverinfo": "text",
        "hovertext": [f"{period}: {full(x)}" for period, x in rows.select("period", "value").iter_rows()],
    }


def theil_parts(rows: pl.DataFrame, cycle: str, *, height: int = 230) -> Figure:
    """Theil's index over the cycles as stacked bars; rows: period, theil, theil_within, theil_between (sorted)."""
    colours, periods = palette(), rows["period"].to_list()
    traces: list[Trace] = []
    fills = {"theil_within": (colours.grey, ""), "theil_between": (colours.accent, "/")}
    for name, (fill, pattern) in fills.items():
        traces.append(
            {
                "type": "bar",
                "x": places(rows["period"], periods),
                "y": rows[name].to_list(),
                "marker": {"color": fill, "pattern": {"shape": pattern, "size": 6}},
                "hoverinfo": "text",
                "hovertext": [f"{period}: {full(x)}" for period, x in rows.select("period", name).iter_rows()],
            }
        )
    top = max([*rows["theil"].drop_nulls(), 1e-9]) * 1.15
    return drawn(
        traces,
        **framed(height, colours, top=24, right=24),
        xaxis={**cycles_axis(colours, periods), "range": [-0.6, len(periods) - 0.4]},
        yaxis=axis(colours, range=[0.0, top], tickvals=ticks(0.0, top, 4)),
        barmode="stack",
        bargap=0.45,
        annotations=[
            _share_of(row, at, colours)
            for at, row in enumerate(rows.iter_rows(named=True))
            if rows.height <= _WRITTEN or row["period"] == cycle
        ],
    )


def _share_of(row: dict[str, Any], at: int, colours: Palette) -> dict[str, Any]:
    """How much of a bar lies between the groups, written over it."""
    text = share(row["between_share"]) if row["between_share"] is not None else ""
    return {
        **{"x": at, "y": row["theil"] or 0.0, "text": text, "showarrow": False, "yanchor": "bottom"},
        "font": {"size": 13, "color": colours.accent},
    }


def coupled_line(rows: pl.DataFrame, cycle: str, *, height: int = 300) -> Figure:
    """The members' mean degree over the bands, with their range; rows: period, coordination, low, high (sorted)."""
    colours, periods = palette(), rows["period"].to_list()
    known = rows.drop_nulls("coordination")
    at = places(known["period"], periods)
    low, high = min([*known["low"], 1.0]), max([*known["high"], 0.0])
    bottom, top = max(int(low * 10.0 - 0.3), 0) / 10.0, min(int(high * 10.0 + 1.3), 10) / 10.0
    shown = range(round(bottom * 10), round(top * 10))
    traces: list[Trace] = []
    traces.append(
        dict(
            type="scatter",
            **{"x": [*at, *reversed(at)], "y": [*known["high"], *known["low"].reverse()]},
            **{"fill": "toself", "fillcolor": colours.grey, "opacity": 0.35, "mode": "lines", "line": {"width": 0}},
            hoverinfo="skip",
        )
    )
    traces.append(
        dict(
            type="scatter",
            x=at,
            y=known["coordination"].to_list(),
            mode="lines+markers+text",
            text=_texts(known["coordination"].to_list()),
            textposition="top center",
            textfont={"size": 13, "color": colours.text},
            **_marked(known["period"].to_list(), cycle, colours),
            **_hover(known.select("period", value="coordination")),
        )
    )
    # Coordination stands in the title already.
    words = [name[0] if language() == "zh" else name[1].removesuffix(" coordination") for _, *name in BANDS]
    return drawn(
        traces,
        **framed(height, colours, top=10, right=width_of([words[place] for place in shown])),
        xaxis={**cycles_axis(colours, periods), "range": [-0.4, len(periods) - 0.6]},
        yaxis=axis(colours, range=[bottom, top], tickvals=[place / 10 for place in range(shown.start, shown.stop + 1)]),
        annotations=[_band_name(place, words[place], colours) for place in shown],
    )


def _band_name(place: int, words: str, colours: Palette) -> dict[str, Any]:
    return {
        **{"x": 1, "xref": "paper", "y": place / 10 + 0.05, "text": words, "showarrow": False, "xanchor": "left"},
        **{"xshift": 6, "font": {"size": 13, "color": colours.soft}},
    }


def growth(
    rows: pl.DataFrame, chosen: tuple[str, ...], line: tuple[float, float], unit: str, *, height: int = 320
) -> Figure:
    """Yearly growth against the starting value, by logarithm; rows: region, name, start, growth; `line` a and b."""
    colours = palette()
    logs = rows["start"].log()
    low, high = around(logs.to_list())
    traces: list[Trace] = []
    traces.append(
        dict(
            type="scatter",
            x=[low, high],
            y=[100.0 * (line[0] + line[1] * end) for end in (low, high)],
            **{"mode": "lines", "line": {"color": colours.soft, "width": 2, "dash": "dot"}, "hoverinfo": "skip"},
        )
    )
    marks = [shape(chosen.index(region))[0] if region in chosen else "circle" for region in rows["region"]]
    traces.append(
        {
            "type": "scatter",
            "x": logs.to_list(),
            "y": (rows["growth"] * 100.0).to_list(),
            "mode": "markers+text",
            "text": _names(rows, logs, chosen),
            "textposition": "top center",
            "textfont": {"size": 12, "color": colours.text},
            "marker": {
                **{"symbol": marks, "size": 11},
                "color": [colours.accent if region in chosen else colours.grey for region in rows["region"]],
            },
            "customdata": rows["region"].to_list(),
            "cliponaxis": False,
            "hoverinfo": "text",
            "hovertext": [
                f"{name}: {quantity(start, unit)}, {signed(100 * speed, 2)} %"
                for name, start, speed in rows.select("name", "start", "growth").iter_rows()
            ],
        }
    )
    starts = ticks(rows["start"].min(), rows["start"].max(), 4)  # type: ignore[arg-type]
    return drawn(
        traces,
        **framed(height, colours, top=24, right=40, bottom=30),
        xaxis=axis(
            colours,
            range=[low, high],
            tickvals=pl.Series(starts, dtype=pl.Float64).log().to_list(),
            ticktext=[axis_number(value) for value in starts],
        ),
        yaxis=axis(colours, ticksuffix=" %", zeroline=True, zerolinecolor=colours.soft, automargin=True),
    )


def _names(rows: pl.DataFrame, logs: pl.Series, chosen: tuple[str, ...]) -> list[str]:
    """The names that have room: the chosen regions', those at the ends, then all that come near no other name."""
    x, y = (list((column - column.min()) / ((column.max() - column.min()) or 1.0)) for column in (logs, rows["growth"]))
    ends = [end for column in (logs, rows["growth"]) for end in (column.arg_min(), column.arg_max())]
    own = [at for at, region in enumerate(rows["region"]) if region in chosen]
    kept: list[int] = []
    for at in dict.fromkeys([*own, *ends, *range(rows.height)]):
        if at is not None and all(abs(x[at] - x[o]) > _ROOM[0] or abs(y[at] - y[o]) > _ROOM[1] for o in kept):
            kept.append(at)
    return [name if at in kept else "" for at, name in enumerate(rows["name"])]
