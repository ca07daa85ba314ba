"""Contributions: how many points of a node's score come from each part of the tree below it; they add up to it."""

from collections.abc import Callable, Iterable, Mapping
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.aggregate import Compared, aggregated, majorities
from metrics.frames import Matrix
from metrics.methods import aggregate_name
from metrics.models import Node
from metrics.scorecard import Scorecard
from metrics.tree import code_of, cube

Vector = npt.NDArray[np.float64]
# Up to this many children all their coalitions are valued; above it, those that so many orders pass through.
ALL_COALITIONS, ORDERS = 10, 500


def contributions(card: Scorecard, region: str, period: str) -> pl.DataFrame:
    """What every node and indicator of the tree gives to its parent and to the composite, in points of score.

    Columns: period, region, code, parent, level, depth, score, weight, `to_parent`, `to_root` (null without a score),
    `how` (linear, logarithmic or shapley: the way in which the parent's mean was taken apart). The children's
    `to_parent` add up to their parent's mean, the indicators' `to_root` to the composite before rules; a last row of
    the level `rules`, without code, holds what these add or take, so that the whole adds up to the composite. A mean
    of 0 that gives points all the same passes them on by weight. Raises InputError for a region or period that is not
    there.
    """
    at = card.row_of(region, period)
    cells, (root, *below) = card.wide.row(at, named=True), card.definitions.nodes()
    taken = {code: shares_of(card, node, at) for code, node in card.definitions.tree_nodes.items()}
    mean = cells[f"mean {root.code}"]
    to_root: dict[str, float | None] = {root.code: mean, **taken[root.code][1]}
    for code in card.definitions.tree_nodes:
        if code != root.code:
            to_root |= _passed_on(taken[code][1], to_root[code], cells, code)
    rows: list[tuple[Any, ...]] = [(root.code, None, root.level, 0, cells[f"score {root.code}"], 1.0, mean, mean, "")]
    for row in below:
        code, (how, parts) = row.code, taken[str(row.parent)]
        own, weight = cells[f"score {code}"], cells[f"weight {code}"]
        rows.append((code, row.parent, row.level, row.depth, own, weight, parts[code], to_root[code], how))
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    return pl.concat([frame, _rules(card, region, period, mean)]).select(
        pl.lit(period).alias("period"), pl.lit(region).alias("region"), pl.all()
    )


_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("code", "parent", "level"), pl.String),
    "depth": pl.Int64,
    **dict.fromkeys(("score", "weight", "to_parent", "to_root"), pl.Float64),
    "how": pl.String,
}


def passed_on(parts: Matrix, above: Matrix, mean: Matrix, weights: Matrix) -> Matrix:
    """The children's points of the root (…, k), NaN for none: their `parts` (…, k) of a node's `mean` (…), as shares of
    what the node gives to the root, `above` (…).

    No part is a share of nothing: what a mean of 0 gives all the same goes by weight (…, k).
    """
    by_weight = np.where(np.isnan(parts), 0.0, weights)
    nothing = mean == 0.0
    whole = np.where(nothing, by_weight.sum(axis=-1), mean)[..., None]
    shares = np.where(np.isnan(parts), np.nan, np.where(nothing[..., None], by_weight, parts))
    return above[..., None] * np.divide(shares, whole, out=np.full_like(shares, np.nan), where=whole != 0.0)


def _passed_on(
    parts: Mapping[str, float | None], above: float | None, cells: Mapping[str, Any], node: str
) -> dict[str, float | None]:
    """`passed_on` of one row's node."""
    weights = [cells[f"weight {code}"] or 0.0 for code in parts]
    of = (np.array(numbers, dtype=float) for numbers in (list(parts.values()), above, cells[f"mean {node}"], weights))
    return _told(parts, passed_on(*of))


def _told(codes: Iterable[str], points: Vector) -> dict[str, float | None]:
    return {code: None if np.isnan(one) else float(one) for code, one in zip(codes, points, strict=True)}


def _rules(card: Scorecard, region: str, period: str, mean: float | None) -> pl.DataFrame:
    root = card.composite_of(region, period)
    added = root["score"] - mean if root["score"] is not None and mean is not None else None
    row = (None, root["code"], "rules", 1, None, None, added, added, "")
    return pl.DataFrame([row], schema=_SCHEMA, orient="row")


def shares_of(card: Scorecard, node: Node, at: int) -> tuple[str, dict[str, float | None]]:
    """How one row's mean of a node was taken apart, and each child's points of it (null without a score)."""
    codes = [code_of(child) for child in node.children]
    count = len(card.rows.regions.frame)
    cycle, region = divmod(at, count)
    scores = cube(card.wide, "score", codes, card.rows)[cycle]
    weights = np.array([card.wide[f"weight {code}"][at] or 0.0 for code in codes])
    floor = card.definitions.floor_of(node)
    raised = scores if floor is None else np.maximum(scores, floor)
    compared = card.rows.regions.frame["compared"].to_numpy()
    if not card.whole and aggregate_name(card.definitions.aggregate_of(node)) == "copeland":
        # Majorities over regions that are out of sight.
        return "", dict.fromkeys(codes)
    how, parts = taken_apart(raised, weights, card.definitions.aggregate_of(node), region=region, compared=compared)
    return how, _told(codes, parts)


def taken_apart(scores: Matrix, weights: Vector, method: Any, *, region: int, compared: Compared) -> tuple[str, Vector]:
    """The points that each of k children gives to one region's mean, and how: linear, logarithmic or shapley.

    `scores` (n regions, k children), raised to any floor. An arithmetic mean is the sum of its weighted scores; a
    geometric one of scores ≥ 1 is shared out in proportion to weight·ln score, the terms of its logarithm; any other
    by Shapley's value (Shapley 1953) of the game whose coalitions are the mean of the children that are in.
    """
    own, name = scores[region], aggregate_name(method)
    counted = ~np.isnan(own) & (weights > 0.0)
    shares = np.where(counted, weights, 0.0)
    if not counted.any():
        return "", np.full(len(own), np.nan)
    shares = shares / shares.sum()
    if name == "arithmetic":
        return "linear", np.where(counted, shares * own, np.nan)
    if name == "geometric" and (own[counted] >= 1.0).all():
        logs = shares * np.log(np.where(counted, own, 1.0))
        total = logs.sum()
        return "logarithmic", np.where(counted, np.exp(total) * (logs / total if total > 0.0 else shares), np.nan)
    players, others = np.flatnonzero(counted), scores[compared]

    def worth(coalitions: npt.NDArray[np.bool_]) -> Vector:
        sets = np.zeros((len(coalitions), len(weights)))
        sets[:, players] = np.where(coalitions, weights[players], 0.0)
        found = majorities(own[None], others, sets) if name == "copeland" else alone(sets)
        return np.where(coalitions.any(axis=1), found[:, 0], 0.0)

    def alone(sets: Matrix) -> Matrix:
        return aggregated(own[None], sets, method, compared=np.array([True]))

    parts = np.full(len(own), np.nan)
    parts[players] = _shapley(len(players), worth)
    return "shapley", parts


def _shapley(count: int, worth: Callable[[npt.NDArray[np.bool_]], Vector]) -> Vector:
    """Each player's mean marginal worth over the orders in which players could come in: over all up to a number,
    over a fixed sample of orders and their reverses above it. Either way the parts add up to the worth of all."""
    if count > ALL_COALITIONS:
        drawn = np.array([np.random.default_rng(seed).permutation(count) for seed in range(ORDERS)])
        return _over_orders(np.concatenate([drawn, drawn[:, ::-1]]), worth)
    coalitions = (np.arange(2**count)[:, None] >> np.arange(count)) & 1 == 1
    values, sizes = worth(coalitions), coalitions.sum(axis=1)
    chance = np.array([factorial(size) * factorial(max(count - size - 1, 0)) / factorial(count) for size in sizes])
    parts = np.zeros(count)
    for player in range(count):
        without = np.flatnonzero(~coalitions[:, player])
        parts[player] = (chance[without] * (values[without + 2**player] - values[without])).sum()
    return parts


def _over_orders(orders: npt.NDArray[np.intp], worth: Callable[[npt.NDArray[np.bool_]], Vector]) -> Vector:
    parts = np.zeros(orders.shape[1])
    inside = np.zeros(orders.shape, dtype=bool)
    before = np.zeros(len(orders))
    everyone = np.arange(len(orders))
    for player in orders.T:
        inside[everyone, player] = True
        after = worth(inside)
        np.add.at(parts, player, after - before)
        before = after
    return parts / len(orders)
