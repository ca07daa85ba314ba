"""Coupling coordination: how far the pillars of a region are developed, and how evenly (耦合协调度).

The variant: C = n·(ΠU)^{1/n}/ΣU, T = Σα·U, D = √(C·T), as Wang, Kong, Ren, Zhi & Dai (2021, 王淑佳等《国内耦合协调度
模型的误区及修正》, 自然资源学报 36(3): 793–810) write the traditional model without the slips in circulation: C is the
geometric mean over the arithmetic one, so that it is 1 exactly when all pillars are even, whatever n. Bands by tenths
of D after Liao (1999, 廖重斌, 热带地理 19(2): 171–177). As they say too, C lies near 1 unless a pillar is close to 0:
D tells mostly of the level T, and less of the balance.
"""

from typing import Any

import numpy as np
import polars as pl

from metrics.definitions import Definitions
from metrics.frames import Matrix
from metrics.methods import aggregate_name, best_score
from metrics.scorecard import Scorecard
from metrics.tree import code_of, cube

# The least U: one point of 100, the floor under which the contract lets no geometric mean go. A 0 would make D 0
# whatever the other pillars do, and a smaller number would let its choice decide D.
LEAST = 0.01
_ROUNDING = 1e-9
BANDS: tuple[tuple[str, str, str], ...] = (
    ("extreme_imbalance", "极度失调", "extreme imbalance"),
    ("severe_imbalance", "严重失调", "severe imbalance"),
    ("moderate_imbalance", "中度失调", "moderate imbalance"),
    ("mild_imbalance", "轻度失调", "mild imbalance"),
    ("near_imbalance", "濒临失调", "on the verge of imbalance"),
    ("bare_coordination", "勉强协调", "bare coordination"),
    ("primary_coordination", "初级协调", "primary coordination"),
    ("intermediate_coordination", "中级协调", "intermediate coordination"),
    ("good_coordination", "良好协调", "good coordination"),
    ("high_coordination", "优质协调", "high-quality coordination"),
)
REASONS: dict[str, tuple[str, str]] = {
    "one_pillar": ("不足两个维度", "there are fewer than two pillars"),
    "other_scale": ("得分不在 0–100 的尺度上", "the scores are not on the scale of 0–100"),
    "missing_pillar": ("有维度没有得分", "a pillar has no score"),
    "no_region": ("没有地区有耦合协调度", "no region has a degree of coordination"),
}


def coordination(u: Matrix, weights: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """C, T and D (…) of U (…, n) in (0, 1] and the pillars' weights (…, n), which need not sum to 1."""
    shares = weights / weights.sum(axis=-1, keepdims=True)
    # As the ratio of two means, so that neither a product of many nor of small U is lost.
    c = np.minimum(np.exp(np.log(u).mean(axis=-1)) / u.mean(axis=-1), 1.0)
    t = (shares * u).sum(axis=-1)
    return c, t, np.sqrt(c * t)


def band(d: float) -> int:
    """The place in `BANDS` of a D in 0..1: its tenths, where 0.1 begins the second and 1 belongs to the last."""
    return min(int(d * 10.0 + _ROUNDING), len(BANDS) - 1)


def coupling(card: Scorecard) -> pl.DataFrame:
    """C, T and D of every region and cycle, from the scores of the root's children: U = score / 100, inside 0.01..1.

    Columns: period, region, coupling (C), development (T), coordination (D), band (a code of `BANDS`), lowest (the
    pillar with the lowest U, the first of several), lowest_u, held (pillars held inside 0.01..1), reason. Null, with
    a reason, where a pillar that counts in the cycle has no score: fewer pillars would be another measure.
    """
    root, rows = card.definitions.index, card.rows
    codes = [code_of(child) for child in root.children]
    scores, weights = cube(card.wide, "score", codes, rows), np.nan_to_num(cube(card.wide, "weight", codes, rows))
    refused = _refused(card.definitions, len(codes))
    u = np.clip(scores / 100.0, LEAST, 1.0)
    counts = weights > 0.0
    missing = (np.isnan(u) & counts).any(axis=-1)
    why = np.where(counts.sum(axis=-1) < 2, "one_pillar", np.where(missing, "missing_pillar", ""))
    why = np.full(why.shape, refused) if refused else why
    numbers = _per_cycle(u, weights, why == "")
    held = ((u != scores / 100.0) & counts & ~np.isnan(u)).sum(axis=-1)
    shown = np.where(counts & ~np.isnan(u), u, np.inf)
    lowest = np.where(why == "", shown.argmin(axis=-1), -1).ravel()
    columns = {name: pl.Series(name, cells.ravel(), nan_to_null=True) for name, cells in numbers.items()}
    places = [None if d is None else BANDS[band(d)][0] for d in columns["coordination"]]
    return rows.frame.select("period", "region").with_columns(
        *columns.values(),
        pl.Series("band", places, dtype=pl.String),
        pl.Series("lowest", [codes[place] if place >= 0 else None for place in lowest], dtype=pl.String),
        pl.Series("lowest_u", np.where(why == "", shown.min(axis=-1), np.nan).ravel(), nan_to_null=True),
        pl.Series("held", held.ravel()).cast(pl.Int64),
        pl.Series("reason", why.ravel(), dtype=pl.String),
    )


def _per_cycle(u: Matrix, weights: Matrix, usable: Any) -> dict[str, Matrix]:
    """C, T, D by cycle and region; which pillars count may change from cycle to cycle."""
    found = {name: np.full(usable.shape, np.nan) for name in ("coupling", "development", "coordination")}
    for cycle in range(len(u)):
        rows = usable[cycle]
        if rows.any():
            counts = weights[cycle, np.argmax(rows)] > 0.0
            parts = coordination(u[cycle][rows][:, counts], weights[cycle][rows][:, counts])
            for name, cells in zip(found, parts, strict=True):
                found[name][cycle, rows] = cells
    return found


def _refused(definitions: Definitions, children: int) -> str:
    """Why no region can have a degree of coordination under these definitions; '' where it can."""
    if children < 2:
        return "one_pillar"
    methods = [
        definitions.normaliser(row.code) for row in definitions.nodes() if row.parent and row.level == "indicator"
    ]
    scaled = any(best_score(method) != 100.0 for method in methods)
    ranked = any(
        aggregate_name(definitions.aggregate_of(node)) == "copeland" for node in definitions.tree_nodes.values()
    )
    return "other_scale" if scaled or ranked else ""


def coupling_of(regions: pl.DataFrame, members: tuple[str, ...]) -> pl.DataFrame:
    """The members together, by cycle, of what `coupling` gives: the plain mean of their degrees and its range.

    Columns: period, coordination, low, high, coupling, development, band (of the mean), lowest (the pillar that is
    lowest in most members, the first code of several), lowest_in (in how many), n, missing, reason.
    """
    inside = regions.filter(pl.col("region").is_in(list(members)))
    d = pl.col("coordination")
    found = inside.group_by("period", maintain_order=True).agg(
        d.mean(), d.min().alias("low"), d.max().alias("high"), pl.col("coupling", "development").mean(),
        d.count().cast(pl.Int64).alias("n"), d.null_count().cast(pl.Int64).alias("missing"),
        pl.col("reason").filter(pl.col("reason") != "").first().alias("why"),
    )  # fmt: skip
    dragging = (
        inside.drop_nulls("lowest").group_by("period", "lowest").agg(pl.len().cast(pl.Int64).alias("lowest_in"))
        .sort("period", "lowest_in", "lowest", descending=[False, True, False])
        .group_by("period", maintain_order=True).first()
    )  # fmt: skip
    bands = [None if value is None else BANDS[band(value)][0] for value in found["coordination"]]
    none = pl.when(pl.col("n") == 0).then(pl.coalesce("why", pl.lit("no_region"))).otherwise(pl.lit(""))
    return (
        found.with_columns(pl.Series("band", bands, dtype=pl.String), none.alias("reason")).drop("why")
        .join(dragging, on="period", how="left", maintain_order="left")
        .select("period", "coordination", "low", "high", "coupling", "development", "band", "lowest", "lowest_in",
                "n", "missing", "reason")
        .sort("period")
    )  # fmt: skip
