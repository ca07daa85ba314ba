"""Ranges: the figures of certainty: ranks with their intervals and tiers, and what moves them with its intervals."""

from math import ceil
from typing import Any

import polars as pl

from pages.parts.charts import Figure, Palette, Trace, axis, bold, drawn, framed, names_axis, palette, ticks, width_of
from pages.parts.formats import NONE, outward, share
from pages.parts.i18n import t

LINE = 30


def intervals(rows: pl.DataFrame, ranked: int, chosen: tuple[str, ...]) -> Figure:
    """Ranks with their intervals, 1 at the left; rows in order: region, name, tier, rank, rank_p05, rank_p95, maybe
    best and worst. Tiers are bands across, each named at its right end."""
    colours = palette()
    lines = list(rows.iter_rows(named=True))
    traces: list[Trace] = []
    if "best" in rows.columns:
        traces += [_line(row, place, "best", "worst", colours.text, 2) for place, row in enumerate(lines)]
    for place, row in enumerate(lines):
        traces.append(_line(row, place, "rank_p05", "rank_p95", _colour(row, chosen, colours), 9))
    traces.append(_dots(lines, chosen, colours))
    height = LINE * len(lines) + 70
    tiers = _tiers(lines)
    step = max(1, ceil(ranked / 12))
    return drawn(
        traces,
        **framed(height, colours, top=8, right=width_of([_tier_name(tier) for tier, *_ in tiers]) + 4, bottom=46),
        xaxis=axis(
            colours,
            range=[0.5, ranked + 0.5],
            tickvals=[1, *range(1 + step, ranked + 1, step)],
            title={"text": t("名次（左优右劣）"), "font": {"size": 13, "color": colours.soft}},
        ),
        yaxis={
            **names_axis(colours),
            "range": [len(lines) - 0.5, -0.5],
            "tickvals": list(range(len(lines))),
            "ticktext": [f"{row['name']}  {bold(_place(row))}" for row in lines],
        },
        shapes=[_band(place, low, high, colours) for place, (_, low, high) in enumerate(tiers)],
        annotations=[_band_name(tier, low, high, colours) for tier, low, high in tiers],
    )


def _place(row: dict[str, Any]) -> str:
    return NONE if row["rank"] is None else str(row["rank"])


def _colour(row: dict[str, Any], chosen: tuple[str, ...], colours: Palette) -> str:
    return colours.accent if row["region"] in chosen else colours.grey


def _line(row: dict[str, Any], place: int, start: str, end: str, colour: str, width: int) -> Trace:
    """A stretch of ranks; one that is a single place is still to be seen."""
    low, high = row[start], row[end]
    ends = [None, None] if low is None else [low - 0.12, high + 0.12]
    line = {"type": "scatter", "x": ends, "y": [place, place], "mode": "lines", "hoverinfo": "skip"}
    return {**line, "line": {"color": colour, "width": width}, "cliponaxis": False}


def _dots(lines: list[dict[str, Any]], chosen: tuple[str, ...], colours: Palette) -> Trace:
    return {
        "type": "scatter",
        "x": [row["rank"] for row in lines],
        "y": list(range(len(lines))),
        "mode": "markers",
        "customdata": [row["region"] for row in lines],
        "marker": {
            "symbol": ["diamond" if row["region"] in chosen else "circle" for row in lines],
            "size": 13,
            "color": [colours.accent if row["region"] in chosen else colours.text for row in lines],
            "line": {"color": colours.page, "width": 2},
        },
        "hoverinfo": "text",
        "hovertext": [_hover(row) for row in lines],
        "cliponaxis": False,
    }


def _hover(row: dict[str, Any]) -> str:
    low, high = outward(row["rank_p05"], row["rank_p95"])
    words = t("{name}：第 {place}，区间 {low}–{high}，居首的概率 {top}", name=row["name"], place=_place(row),
              low=low, high=high, top=share(row["top_probability"]))  # fmt: skip
    if row.get("best") is not None:
        words += t("，最好 {best}、最差 {worst}", best=row["best"], worst=row["worst"])
    return words


def _tiers(lines: list[dict[str, Any]]) -> list[tuple[int, int, int]]:
    """Each tier with its first and last line."""
    found: list[tuple[int, int, int]] = []
    for place, row in enumerate(lines):
        if found and found[-1][0] == row["tier"]:
            found[-1] = (row["tier"], found[-1][1], place)
        else:
            found.append((row["tier"], place, place))
    return found


def _tier_name(tier: int) -> str:
    return t("第 {tier} 档", tier=tier)


def _band(place: int, low: int, high: int, colours: Palette) -> dict[str, Any]:
    at = {"x0": 0, "x1": 1, "xref": "paper", "y0": low - 0.5, "y1": high + 0.5}
    fill = {"fillcolor": colours.better, "opacity": 0.13 if place % 2 == 0 else 0.04}
    return {"type": "rect", **at, **fill, "line": {"width": 0}, "layer": "below"}


def _band_name(tier: int, low: int, high: int, colours: Palette) -> dict[str, Any]:
    return {
        **{"x": 1, "xref": "paper", "xanchor": "left", "xshift": 8, "y": (low + high) / 2, "showarrow": False},
        **{"text": _tier_name(tier), "font": {"size": 14, "color": colours.better}},
    }


def indices(rows: pl.DataFrame) -> Figure:
    """Total indices as bars with their intervals, first ones as marks; rows: words, first, total, total_low/_high."""
    colours = palette()
    ordered = rows.sort("total", "words", nulls_last=False)
    names = ordered["words"].to_list()
    total = ordered["total"].to_list()
    ends = ordered.select("total", "total_low", "total_high").rows()
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": total,
        "marker": {"color": colours.grey},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [high - value for value, _, high in ends],
            "arrayminus": [value - low for value, low, _ in ends],
            "color": colours.text,
            "thickness": 1.5,
            "width": 5,
        },
        "hoverinfo": "text",
        "hovertext": [_index_words(row) for row in ordered.iter_rows(named=True)],
    }
    firsts = {
        "type": "scatter",
        "y": names,
        "x": ordered["first"].to_list(),
        "mode": "markers",
        "marker": {
            "symbol": "diamond",
            "size": 11,
            "color": colours.accent,
            "line": {"color": colours.page, "width": 1},
        },
        "hoverinfo": "skip",
        "cliponaxis": False,
    }
    top = max([1.0, *(high for *_, high in ends)])
    return drawn(
        [bars, firsts],
        **framed(34 * len(names) + 40, colours, right=14),
        xaxis=axis(
            colours, range=[-0.04, top + 0.02], tickvals=ticks(0.0, top), zeroline=True, zerolinecolor=colours.soft
        ),
        yaxis=names_axis(colours),
        bargap=0.4,
    )


def _index_words(row: dict[str, Any]) -> str:
    return t("{name}：总效应 {total}（{low} 至 {high}），主效应 {first}", name=row["words"], total=share(row["total"]),
              low=share(row["total_low"]), high=share(row["total_high"]), first=share(row["first"]))  # fmt: skip
