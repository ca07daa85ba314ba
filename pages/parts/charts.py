"""Charts: the only place that knows plotly. Better is blue, worse orange, the chosen accent, all else grey."""

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from metrics.definitions import Definitions
from pages.parts.formats import arrow, points, signed
from pages.parts.i18n import language, t

# The chart's own menu in Chinese; plotly brings English only.
_MENU = {
    "Download plot as a PNG": "下载图片（PNG）",
    "Download plot as a png": "下载图片（PNG）",
    "Taking snapshot - this may take a few seconds": "正在生成图片",
    "Snapshot succeeded": "图片已生成",
}
CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "locale": "zh-CN",
    "locales": {"zh-CN": {"dictionary": _MENU, "format": {}}},
    "modeBarButtons": [["toImage"]],
    "scrollZoom": False,
}


@dataclass(frozen=True)
class Palette:
    """One theme's colours; `grades` from best to worst."""

    better: str
    worse: str
    grey: str
    accent: str
    text: str
    grid: str
    grades: tuple[str, ...]
    ink: tuple[str, ...]


LIGHT = Palette(
    *("#1a68ad", "#b04a08", "#9aa3ad", "#5b3a9e", "#1d232b", "rgba(128,140,155,.25)"),
    grades=("#1a68ad", "#8dbde3", "#dfe3e8", "#eeb27f", "#c75b12"),
    ink=("#ffffff", "#10202f", "#1d232b", "#2b1600", "#ffffff"),
)
DARK = Palette(
    *("#7db8ee", "#f0a060", "#7d8792", "#b9a0f5", "#e8ebef", "rgba(128,140,155,.3)"),
    grades=("#7db8ee", "#33618c", "#3b444e", "#8a4f1f", "#f0a060"),
    ink=("#0c1721", "#ffffff", "#e8ebef", "#ffffff", "#221100"),
)


def palette() -> Palette:
    """The colours of the theme that the person has chosen."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def grade_colours(definitions: Definitions, colours: Palette) -> dict[str, tuple[str, str]]:
    """Fill and ink of each grade, spread from best to worst."""
    codes = [grade.code for grade in definitions.grades]
    places = {1: (0,), 2: (0, 4), 3: (0, 2, 4), 4: (0, 1, 2, 4)}.get(len(codes), (0, 1, 2, 3, 4))
    return {
        code: (colours.grades[place], colours.ink[place])
        for code, place in zip(codes, (*places, *(4,) * len(codes)), strict=False)
    }


def ranked(rows: pl.DataFrame, definitions: Definitions, chosen: tuple[str, ...]) -> go.Figure:
    """Bars from best to worst with grade bands behind; rows: region, name, score, score_change, coverage."""
    colours = palette()
    ordered = rows.sort("score", descending=False, nulls_last=False)
    figure = go.Figure()
    thresholds = [grade for grade in definitions.grades if grade.at_least is not None]
    top = max([100.0, *ordered["score"].drop_nulls()])
    uppers = [top, *(grade.at_least for grade in thresholds)]
    for place, (grade, upper) in enumerate(zip(thresholds, uppers, strict=False)):
        fill = grade_colours(definitions, colours)[grade.code][0]
        figure.add_vrect(x0=grade.at_least, x1=upper, fillcolor=fill, opacity=0.16, line_width=0, layer="below")
        figure.add_annotation(
            x=(grade.at_least + upper) / 2,
            y=1,
            yref="paper",
            yanchor="bottom",
            showarrow=False,
            text=grade.name.text(language()),
            font={"size": 12},
            yshift=16 * (place % 2),
        )
    figure.add_bar(
        y=ordered["name"].to_list(),
        x=ordered["score"].to_list(),
        orientation="h",
        customdata=ordered["region"].to_list(),
        marker={"color": [colours.accent if region in chosen else colours.grey for region in ordered["region"]]},
        text=[_bar_text(row) for row in ordered.iter_rows(named=True)],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x}<extra></extra>",
    )
    figure.update_layout(
        **_layout(max(220, 31 * ordered.height + 60), colours, top=42, right=125),
        xaxis={
            "range": [0, top],
            "tickvals": [0, *(grade.at_least for grade in thresholds)],
            "gridcolor": colours.grid,
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis={"fixedrange": True, "ticksuffix": " "},
        bargap=0.32,
    )
    return figure


def _bar_text(row: dict[str, Any]) -> str:
    if row["score"] is None:
        return t("无得分")
    change = row["score_change"]
    moved = f" {arrow(change)}{signed(change)}" if change and abs(change) >= 0.05 else ""
    covered = f" ({row['coverage']:.0%})" if row["coverage"] < 1.0 - 1e-9 else ""
    return f"<b>{points(row['score'])}</b>{moved}{covered}"


def _layout(height: int, colours: Palette, *, top: int = 10, right: int = 10) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 0, "r": right, "t": top, "b": 24},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 14, "color": colours.text},
        "showlegend": False,
        "separators": ".,",
    }


def _places(cycles: pl.Series, periods: list[str]) -> list[int]:
    return [periods.index(cycle) for cycle in cycles]


def _cycles(periods: list[str]) -> dict[str, Any]:
    """An axis of cycles by place: plotly would read 2020 as a number."""
    return {
        "tickvals": list(range(len(periods))),
        "ticktext": periods,
        "range": [-0.3, len(periods) - 0.8],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }


def lines(rows: pl.DataFrame, chosen: tuple[str, ...], height: int = 260) -> go.Figure:
    """Scores over the cycles, a line a region, the chosen ones named."""
    colours = palette()
    figure = go.Figure()
    periods = rows["period"].unique().sort().to_list()
    parts = rows.partition_by("region", maintain_order=True)
    for part in sorted(parts, key=lambda part: part["region"][0] in chosen):
        own = part["region"][0] in chosen
        colour = colours.accent if own else colours.grey
        figure.add_scatter(
            x=_places(part["period"], periods),
            y=part["score"].to_list(),
            mode="lines+markers" if own else "lines",
            line={"color": colour, "width": 3 if own else 1},
            opacity=1.0 if own else 0.55,
            customdata=part["region"].to_list(),
            text=part["period"].to_list(),
            hovertemplate=f"{part['name'][0]} %{{text}}: %{{y:.1f}}<extra></extra>",
        )
        if own and part["score"][-1] is not None:
            figure.add_annotation(
                x=len(periods) - 1,
                y=part["score"][-1],
                text=part["name"][0],
                showarrow=False,
                xanchor="left",
                xshift=6,
                font={"color": colour},
            )
    figure.update_layout(
        **_layout(height, colours, right=80),
        xaxis=_cycles(periods),
        yaxis={"gridcolor": colours.grid, "fixedrange": True, "zeroline": False},
    )
    return figure


def against_peers(rows: pl.DataFrame) -> go.Figure:
    """A dot a row on the peers' band from lowest to highest; rows: name, score, score_min, score_median, score_max."""
    colours = palette()
    ordered = rows.reverse()
    names = ordered["name"].to_list()
    figure = go.Figure()
    for row in ordered.iter_rows(named=True):
        figure.add_scatter(
            x=[row["score_min"], row["score_max"]],
            y=[row["name"]] * 2,
            mode="lines",
            hoverinfo="skip",
            line={"color": colours.grey, "width": 12},
            opacity=0.4,
        )
    figure.add_scatter(
        x=ordered["score_median"].to_list(),
        y=names,
        mode="markers",
        hoverinfo="skip",
        marker={"symbol": "line-ns-open", "size": 16, "color": colours.text, "line": {"width": 2}},
    )
    figure.add_scatter(
        x=ordered["score"].to_list(),
        y=names,
        mode="markers+text",
        textposition="top center",
        text=[points(score) for score in ordered["score"]],
        marker={"size": 14, "color": colours.accent},
        hovertemplate="%{y}: %{x}<extra></extra>",
    )
    figure.update_layout(
        **_layout(60 * rows.height + 40, colours, top=24, right=20),
        xaxis={"range": [-2, 104], "gridcolor": colours.grid, "zeroline": False, "fixedrange": True},
        yaxis={"fixedrange": True, "ticksuffix": " "},
    )
    return figure


def strip(rows: pl.DataFrame, chosen: tuple[str, ...], limits: dict[str, float]) -> go.Figure:
    """Every region's value in every cycle, the chosen ones as named lines, limits dashed."""
    colours = palette()
    periods = rows["period"].unique().sort().to_list()
    others = rows.filter(~pl.col("region").is_in(chosen)).drop_nulls("value")
    figure = go.Figure()
    figure.add_scatter(
        x=_places(others["period"], periods),
        y=others["value"].to_list(),
        mode="markers",
        text=others["name"].to_list(),
        customdata=others["region"].to_list(),
        marker={"size": 9, "color": colours.grey, "opacity": 0.6},
        hovertemplate="%{text} %{y}<extra></extra>",
    )
    for region in chosen:
        part = rows.filter(pl.col("region") == region).sort("period")
        known = part.drop_nulls("value")
        figure.add_scatter(
            x=_places(part["period"], periods),
            y=part["value"].to_list(),
            mode="lines+markers",
            customdata=part["region"].to_list(),
            line={"color": colours.accent, "width": 2},
            marker={"size": 9},
            text=part["period"].to_list(),
            hovertemplate=f"{part['name'][0]} %{{text}}: %{{y}}<extra></extra>",
        )
        if known.height:
            figure.add_annotation(
                x=periods.index(known["period"][-1]),
                y=known["value"][-1],
                text=known["name"][-1],
                showarrow=False,
                xanchor="left",
                xshift=8,
                font={"color": colours.accent},
            )
    for name, value in limits.items():
        figure.add_hline(
            y=value,
            line={"color": colours.worse, "dash": "dash", "width": 1},
            annotation_text=f"{name} {value:g}",
            annotation_position="top left",
        )
    figure.update_layout(
        **_layout(340, colours, right=80),
        xaxis=_cycles(periods),
        yaxis={"gridcolor": colours.grid, "fixedrange": True, "zeroline": False},
    )
    return figure
