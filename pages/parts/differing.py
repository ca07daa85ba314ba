"""Differing: whose rank by efficiency is not that by composite, and why."""

from html import escape
from typing import Any

import polars as pl

from metrics.efficiency import Efficiency
from pages.parts.filters import Choice
from pages.parts.formats import points, signed
from pages.parts.i18n import t
from pages.parts.rows import rows_of
from pages.parts.shell import Screen
from pages.parts.tables import bullets
from pages.parts.url import link

# From so many places on two ranks are said to differ; so many regions are told.
APART, MOST = 3, 6


def differing(screen: Screen, choice: Choice, found: Efficiency) -> None:
    """For each region whose ranks lie apart: the pillar or the input that makes the difference."""
    apart = found.regions.filter(pl.col("places").abs() >= APART)
    far = apart.sort(pl.col("places").abs(), "region", descending=[True, False]).head(MOST)
    bullets([_why(screen, choice, found, row) for row in far.iter_rows(named=True)])


def _why(screen: Screen, choice: Choice, found: Efficiency, row: dict[str, Any]) -> str:
    name = link(screen.names()[row["region"]], "region", region=row["region"])
    ranks = t("效率第 {rank}、综合第 {composite}", rank=row["rank"], composite=row["composite_rank"])
    told = (
        _pillar(screen, choice, row)
        if row["places"] > 0
        else [*_input(screen, found, row), *_best(screen, choice, row)]
    )
    return f"{name}{escape(t('：'))}{escape(t('；').join([ranks, *told]))}"


def _pillars(screen: Screen, choice: Choice, region: str) -> pl.DataFrame:
    root = screen.definitions.index.code
    codes = [line.code for line in screen.definitions.nodes() if line.parent == root]
    return rows_of(screen, choice, *codes).filter(pl.col("region") == region).drop_nulls("score_gap")


def _pillar(screen: Screen, choice: Choice, row: dict[str, Any]) -> list[str]:
    """What keeps the composite of an efficient region down."""
    worst = _pillars(screen, choice, row["region"]).sort("score_gap", "code").head(1)
    return [
        t(
            "投入产出合算，但{pillar}比可比组中位数低 {gap} 分",
            pillar=screen.name(one["code"]),
            gap=points(abs(one["score_gap"])),
        )
        for one in worst.filter(pl.col("score_gap") < 0.0).iter_rows(named=True)
    ]


def _best(screen: Screen, choice: Choice, row: dict[str, Any]) -> list[str]:
    """What holds the composite of an inefficient region up."""
    best = _pillars(screen, choice, row["region"]).sort("score_gap", "code", descending=[True, False]).head(1)
    return [
        t(
            "综合得分主要由{pillar}拉高，比可比组中位数高 {gap} 分",
            pillar=screen.name(one["code"]),
            gap=points(one["score_gap"]),
        )
        for one in best.filter(pl.col("score_gap") > 0.0).iter_rows(named=True)
    ]


def _input(screen: Screen, found: Efficiency, row: dict[str, Any]) -> list[str]:
    """What an inefficient region could change most."""
    own = found.measures.filter(pl.col("region") == row["region"], pl.col("model") == found.model)
    most = own.sort(pl.col("change").abs(), "code", descending=[True, False]).head(1)
    return [
        t(
            "按参照地区，{measure}应变动 {change}",
            measure=screen.name(one["code"]),
            change=f"{signed(one['change'] * 100)} %",
        )
        for one in most.filter(pl.col("change").abs() > 5e-4).iter_rows(named=True)
    ]
