"""Bars: regions ranked by score over the grades' bands, and how many targets each has reached."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from metrics.definitions import Definitions
from metrics.models import Grade
from pages.parts.charts import (
    BREAK,
    DARK,
    Figure,
    Palette,
    axis,
    bold,
    coloured,
    drawn,
    framed,
    grade_colours,
    names_axis,
    palette,
    width_of,
)  # fmt: skip
from pages.parts.formats import NONE, arrow, axis_number, between, full, points, rank, share, signed
from pages.parts.i18n import language, t

# Pixels: right of the bars; a phone for names, bars and that; a line; the bars at the least.
_RIGHT, _PHONE, _LINE, _NARROWEST = 152, 358, 17, 110
# A bar of less than this part of the field is too short for a rank and its interval.
_SHORT = 0.15


def ranked(rows: pl.DataFrame, definitions: Definitions, chosen: tuple[str, ...], moved: str) -> Figure:
    """Bars from best to worst, grade bands behind; rows: region, name, score, coverage and the column `moved`.

    With rank, rank_p05 and the like beside them each bar holds its rank and the rank's interval, and has a whisker.
    """
    colours = palette()
    ordered = rows.sort("score", "region", descending=[False, True], nulls_last=False)
    top = max([100.0, *ordered["score"].drop_nulls()])
    bands = _bands(definitions.grades, top)[::-1]
    room = max(_NARROWEST, _PHONE - _RIGHT - width_of(ordered["name"].to_list()))
    levels = _levels([(grade.name.text(language()), (low + high) / 2) for grade, low, high in bands], room, top)
    bounds = _bounds(bands, room, top)
    below = _LINE * max(text.count(BREAK) for text in bounds["ticktext"])
    texts = [_bar_text(row, row[moved], colours) for row in ordered.iter_rows(named=True)]
    bars = {
        "type": "bar",
        "y": ordered["name"].to_list(),
        "x": ordered["score"].to_list(),
        "orientation": "h",
        "customdata": ordered["region"].to_list(),
        "marker": {"color": [colours.accent if region in chosen else colours.grey for region in ordered["region"]]},
        "hovertext": [_bar_words(row) for row in ordered.iter_rows(named=True)],
        "hoverinfo": "text",
        **({"error_x": _whiskers(ordered, colours)} if "score_p95" in ordered.columns else {}),
        **(_ranks(ordered, top, chosen, colours) if "rank_p05" in ordered.columns else {}),
    }
    written = {
        **{"type": "scatter", "mode": "text", "hoverinfo": "skip", "cliponaxis": False},
        "y": bars["y"],
        # Beside the field, as a column: within it a longer text would run over the bands and their end.
        "x": [top] * ordered.height,
        "text": [f" {text}" for text in texts],
        "textposition": "middle right",
        "textfont": {"size": 14, "color": colours.text},
    }
    return drawn(
        [bars, written],
        **framed(
            max(200, 31 * ordered.height + 68) + below,
            colours,
            top=10 + _LINE * max([-1, *levels]) + _LINE,
            right=_RIGHT,
            bottom=24 + below,
        ),
        xaxis=axis(colours, range=[0, top], **bounds),
        yaxis=names_axis(colours),
        bargap=0.34,
        shapes=[_band(grade, low, high, definitions, colours) for grade, low, high in bands],
        annotations=[_band_name(*band, level, colours) for band, level in zip(bands, levels, strict=True)],
    )


def _whiskers(rows: pl.DataFrame, colours: Palette) -> dict[str, Any]:
    """From the lower to the upper end of each score's interval."""
    up, down = (
        (rows[one] - rows[other]).clip(lower_bound=0.0).to_list()
        for one, other in (("score_p95", "score"), ("score", "score_p05"))
    )
    ink = {"color": colours.text, "thickness": 1.5, "width": 4}
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down, **ink}


def _ranks(rows: pl.DataFrame, top: float, chosen: tuple[str, ...], colours: Palette) -> dict[str, Any]:
    """Each rank with its interval, at the foot of its bar, or beside a bar that is too short to hold it; on a telephone
    there is no room beside the names."""
    on_grey = colours.page if colours is DARK else colours.text
    return {
        "text": [
            "" if rank is None else f" {bold(rank)} {between({'rank_p05': low, 'rank_p95': high})}"
            for rank, low, high in rows.select("rank", "rank_p05", "rank_p95").iter_rows()
        ],
        "textposition": ["outside" if (score or 0.0) < _SHORT * top else "inside" for score in rows["score"]],
        "outsidetextfont": {"size": 13, "color": colours.text},
        "insidetextanchor": "start",
        "textangle": 0,
        "constraintext": "none",
        "insidetextfont": {
            "size": 13,
            "color": [colours.page if region in chosen else on_grey for region in rows["region"]],
        },
    }


def _bar_words(row: dict[str, Any]) -> str:
    words = f"{row['name']} {full(row['score'])}"
    if row.get("rank_p05") is not None and row["rank"] is not None:
        words += t("，排名 {rank}", rank=f"{rank(row['rank'], row['ranked'])} {between(row)}")
    return words


def _bands(grades: Sequence[Grade], top: float) -> list[tuple[Grade, float, float]]:
    """Each grade with the scores it stands for, from the best down; the last one reaches to 0."""
    found: list[tuple[Grade, float, float]] = []
    upper = top
    for grade in grades:
        if grade.top is not None or grade.top_share is not None:
            return []
        lower = grade.at_least if grade.at_least is not None else 0.0
        found.append((grade, lower, upper))
        upper = lower
    return found


def _band(grade: Grade, low: float, high: float, definitions: Definitions, colours: Palette) -> dict[str, Any]:
    fill = grade_colours(definitions, colours)[grade.code][0]
    place = {"x0": low, "x1": high, "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "rect", **place, "fillcolor": fill, "opacity": 0.22, "line": {"width": 0}, "layer": "below"}


def _band_name(grade: Grade, low: float, high: float, level: int, colours: Palette) -> dict[str, Any]:
    """The grade's name over its band, so many lines up."""
    return {
        "x": (low + high) / 2,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "yshift": 2 + _LINE * level,
        "showarrow": False,
        "text": grade.name.text(language()),
        "font": {"size": 13, "color": colours.soft},
    }


def _levels(words: Sequence[tuple[str, float]], room: float, top: float) -> list[int]:
    """On which line each word stands over its place, so that none touches another even on a phone's narrow scale."""
    lines: list[float] = []
    found = []
    for text, place in words:
        middle, half = place * room / top, width_of([text]) / 2 - 6
        level = next((line for line, end in enumerate(lines) if end <= middle - half), len(lines))
        lines[level : level + 1] = [middle + half]
        found.append(level)
    return found


def _bounds(bands: Sequence[tuple[Grade, float, float]], room: float, top: float) -> dict[str, Any]:
    """The ticks: where grades begin, one that would touch another a line below it."""
    found = [0.0, *(low for _, low, _ in bands if low)] if bands else [0.0, 50.0, 100.0]
    words = [axis_number(value) for value in found]
    levels = _levels(list(zip(words, found, strict=True)), room, top)
    return {"tickvals": found, "ticktext": [BREAK * level + text for text, level in zip(words, levels, strict=True)]}


def _bar_text(row: dict[str, Any], change: float | None, colours: Palette) -> str:
    if row["score"] is None:
        return t("无得分")
    moved = ""
    if change is not None and abs(change) >= 0.05:
        colour = colours.better if change > 0 else colours.worse
        moved = " " + coloured(f"{arrow(change)} {signed(change)}", colour)
    covered = f" ({share(row['coverage'])})" if row["coverage"] < 1.0 - 1e-9 else ""
    return bold(points(row["score"])) + moved + covered


def counted(rows: pl.DataFrame, chosen: tuple[str, ...]) -> Figure:
    """Bars of how many targets each region has reached; rows: region, name, targets, reached, best first."""
    colours = palette()
    ordered = rows.reverse()
    top = max([1, *ordered["targets"].drop_nulls()])
    bars = {
        "type": "bar",
        "y": ordered["name"].to_list(),
        "x": ordered["reached"].to_list(),
        "orientation": "h",
        "customdata": ordered["region"].to_list(),
        "marker": {"color": [colours.accent if region in chosen else colours.grey for region in ordered["region"]]},
        "text": [
            NONE if count is None else f"{count} / {of}" for count, of in ordered.select("reached", "targets").rows()
        ],
        "textposition": "outside",
        "textfont": {"size": 14, "color": colours.text},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    return drawn(
        [bars],
        **framed(max(120, 27 * ordered.height + 40), colours, right=width_of(["00 / 00"])),
        xaxis=axis(colours, range=[0, top], tickvals=[0, top]),
        yaxis=names_axis(colours),
        bargap=0.36,
    )
