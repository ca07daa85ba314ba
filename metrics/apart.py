"""What holds an area apart: how much of the composite's variance between regions comes from each part of the tree."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from metrics.contributions import passed_on, taken_apart
from metrics.frames import Matrix
from metrics.integration import members_of
from metrics.methods import aggregate_name
from metrics.models import Node
from metrics.scorecard import Scorecard
from metrics.tree import code_of, cube

RULES = ""
REASONS: dict[str, tuple[str, str]] = {
    "too_few": ("有综合得分的地区不足两个", "fewer than two regions have a composite"),
    "no_spread": ("综合得分全都相同", "all composites are the same"),
}
_SAME = 1e-12


def held_apart(
    card: Scorecard, members: Sequence[str] | None = None, *, periods: Sequence[str] | None = None
) -> pl.DataFrame:
    """Each node's and indicator's share of the variance of the members' composites, cycle by cycle.

    Columns: period, code (`RULES` for what bonuses and penalties add), parent, level, share, n (members with a
    composite), reason (a key of `REASONS` where share is null). The share is Cov(c, Y) / Var(Y), c the points that
    the part gives to the composite Y: since the points of the children of a node add up to the node's, and those of
    all indicators and the rules to Y, so do the shares, to 1; for factor sources of inequality this is the natural
    rule of Shorrocks (1982), Econometrica 50. Where a mean is not arithmetic the points are those that
    `contributions.taken_apart` gives. A share below 0 belongs to a part that brings the regions together.
    """
    inside, rows = members_of(card, members), card.definitions.nodes()
    wanted = list(card.periods) if periods is None else list(periods)
    for period in wanted:
        card.require_period(period)
    at = [card.periods.index(period) for period in wanted]
    own = [card.regions["code"].to_list().index(region) for region in inside]
    parts = points(card, at, own)
    composite = _of_composite(card)[np.ix_(at, own)]
    parts[RULES] = composite - parts[card.definitions.index.code]
    shares, counts, why = _shares(parts, composite)
    tree = [(row.code, row.parent, row.level) for row in rows if row.code in parts]
    lines = [*tree, (RULES, card.definitions.index.code, "rules")]
    blocks = [
        (period, code, parent, level, shares[code][cycle], int(counts[cycle]), str(why[cycle]))
        for cycle, period in enumerate(wanted)
        for code, parent, level in lines
    ]
    texts = dict.fromkeys(("period", "code", "parent", "level"), pl.String)
    schema = {**texts, "share": pl.Float64, "n": pl.Int64, "reason": pl.String}
    return pl.DataFrame(blocks, schema=schema, orient="row").with_columns(pl.col("share").fill_nan(None))


def _of_composite(card: Scorecard) -> Matrix:
    """The composites after the rules (cycles, regions)."""
    root = card.frame.filter(pl.col("level") == "composite")["score"].to_numpy()
    return root.reshape(len(card.periods), -1)


def _shares(parts: dict[str, Matrix], y: Matrix) -> tuple[dict[str, Matrix], Matrix, Matrix]:
    """Cov(part, y) / var(y) (cycles) over the regions that have a y, how many these are, and why there is none."""
    known = ~np.isnan(y)
    count = known.sum(axis=1)

    def centred(cells: Matrix) -> Matrix:
        filled = np.where(known, np.nan_to_num(cells), 0.0)
        return np.where(known, filled - (filled.sum(axis=1) / np.maximum(count, 1))[:, None], 0.0)

    apart = centred(y)
    variance = (apart**2).sum(axis=1)
    largest = np.abs(np.where(known, y, 0.0)).max(axis=1, initial=0.0)
    flat = variance <= (_SAME * np.maximum(largest, 1.0)) ** 2 * np.maximum(count, 1)
    why = np.where(count < 2, "too_few", np.where(flat, "no_spread", ""))
    divisor = np.where(why == "", variance, np.nan)
    return {code: (centred(cells) * apart).sum(axis=1) / divisor for code, cells in parts.items()}, count, why


def points(card: Scorecard, cycles: Sequence[int], regions: Sequence[int]) -> dict[str, Matrix]:
    """The points (cycles, regions) that every code of the tree gives to the composite before rules; NaN where none.

    The same as `contributions.contributions` gives one region and cycle at a time.
    """
    root = card.definitions.index
    mean = cube(card.wide, "mean", [root.code], card.rows)[..., 0]
    found = {root.code: mean[np.ix_(cycles, regions)]}
    for code, node in card.definitions.tree_nodes.items():
        own = cube(card.wide, "mean", [code], card.rows)[..., 0][np.ix_(cycles, regions)]
        parts, weights = _to_parent(card, node, cycles, regions)
        # What a composite of 0 is made of are points all the same.
        passed = parts if code == root.code else passed_on(parts, found[code], own, weights)
        found |= {code_of(child): passed[..., place] for place, child in enumerate(node.children)}
    return found


def _to_parent(card: Scorecard, node: Node, cycles: Sequence[int], regions: Sequence[int]) -> tuple[Matrix, Matrix]:
    """Each child's points of its parent's mean, and its weight (cycles, regions, children)."""
    codes, method = [code_of(child) for child in node.children], card.definitions.aggregate_of(node)
    floor = card.definitions.floor_of(node)
    scores = cube(card.wide, "score", codes, card.rows)[list(cycles)]
    raised = scores if floor is None else np.maximum(scores, floor)
    weights = np.nan_to_num(cube(card.wide, "weight", codes, card.rows))[np.ix_(cycles, regions)]
    if aggregate_name(method) == "arithmetic":
        own = raised[:, list(regions)]
        counted = np.where(np.isnan(own), 0.0, weights)
        total = counted.sum(axis=-1, keepdims=True)
        shares = np.divide(counted, total, out=np.zeros_like(counted), where=total > 0.0)
        return np.where(shares > 0.0, shares * own, np.nan), weights
    compared = card.regions["compared"].to_numpy()
    parts = np.full(weights.shape, np.nan)
    for cycle, region in np.ndindex(weights.shape[:2]):
        _, parts[cycle, region] = taken_apart(
            raised[cycle], weights[cycle, region], method, region=regions[region], compared=compared
        )
    return parts, weights
