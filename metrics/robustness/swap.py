"""Swap: the smallest change of weights that puts one region above another."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from metrics.robustness.flows import LEVEL, Ahead, Flows, flows_of
from metrics.robustness.linear import Branch, Linear, Vector, linear_of
from metrics.scorecard import Scorecard

# No weight goes to 0: each keeps at least this share of itself, so that every indicator still counts.
KEPT = 1e-6
# The ranks have swapped when the other is ahead by this many points, well above the solver's tolerance.
MARGIN = 1e-4
STEPS = 40
Reason = Literal["", "unranked", "level", "different_indicators", "never"]


@dataclass(frozen=True)
class Swap:
    """What it takes to put `behind` above `ahead`.

    `change`: Σ|Δw| over the items' shares of the composite (2 is everything, 0.02 one point of a hundred moved);
    `spread`: the least s for which weights within × (1 ± s) on every level do it too; `weights`: code, share, changed,
    difference; `held`: nodes of which the two have different indicators, and whose inner weights are therefore left
    alone. None, without rows, where nothing does it, and the reason.
    """

    ahead: str
    behind: str
    change: float | None
    spread: float | None
    weights: pl.DataFrame
    held: tuple[str, ...] = ()
    reason: Reason = ""

    @property
    def moved(self) -> float | None:
        """Points of the composite's hundred that go from some items to others."""
        return None if self.change is None else 50.0 * self.change


SCHEMA = {"code": pl.String, **dict.fromkeys(("share", "changed", "difference"), pl.Float64)}


def smallest_swap(card: Scorecard, period: str, regions: tuple[str, str]) -> Swap:
    """The least Σ|Δw| of the indicators' shares of the composite that puts the lower of two regions above the other.

    Any shares above 0 are those of some weights of the tree, so that one linear program over the leaves' shares holds
    all levels: minimise Σ(up + down) with f = f₀ + up − down, Σf = 1 and a lead of 1e-4 points (scipy, HiGHS). Scores
    and points stay as in the scorecard. A node of which the two have different indicators is moved as a whole. None:
    a region without rank, level ones, regions that are told apart by the root's own children, or one that is at least
    as good in everything. Raises InputError for names that are not there and for a tree in which a node's mean is not
    arithmetic.
    """
    for region in regions:
        card.require_region(region)
    index = linear_of(card, period, 0.0)
    if not set(regions) <= set(index.regions):
        return _none(regions, "unranked")
    composite = index.composites(index.declared)
    first, second = sorted((index.regions.index(region) for region in regions), key=lambda at: -composite[at])
    named = (index.regions[first], index.regions[second])
    if composite[first] - composite[second] <= LEVEL:
        return _none(named, "level")
    means = index.means(index.declared)
    apart = {code: scores - scores[first] for code, scores in means.items()}
    flows = flows_of(index, first)
    items = _shares(index.root, index, flows, second, 1.0)
    if items is None:
        return _none(named, "different_indicators")
    changed = _solved(flows, flows.ahead(second, apart), items)
    if changed is None:
        return _none(named, "never")
    now = np.array(list(items.values()))
    codes = [item if isinstance(item, str) else index.leaves[item] for item in items]
    weights = pl.DataFrame(
        {"code": codes, "share": now, "changed": changed, "difference": changed - now}, schema=SCHEMA
    )
    held = tuple(item for item in items if isinstance(item, str))
    spread = _spread(index, first, second, apart)
    return Swap(*named, float(np.abs(changed - now).sum()), spread, weights, held)


def _none(named: tuple[str, str], reason: Reason) -> Swap:
    return Swap(*named, None, None, pl.DataFrame(schema=SCHEMA), reason=reason)


def _solved(flows: Flows, lead: Ahead, items: Mapping[int | str, float]) -> Vector | None:
    """The items' shares after the smallest change; None where no shares do it."""
    from scipy.optimize import linprog

    share = np.array(list(items.values()))
    gains = np.array([lead.row[flows.column[item]] for item in items])
    count = len(share)
    found = linprog(
        np.ones(2 * count),
        A_ub=-np.append(gains, -gains)[None, :],
        b_ub=np.array([gains @ share + lead.constant - MARGIN]),
        A_eq=np.append(np.ones(count), -np.ones(count))[None, :],
        b_eq=np.zeros(1),
        bounds=[*((0.0, None) for _ in share), *((0.0, part * (1.0 - KEPT)) for part in share)],
        method="highs",
    )
    if found.x is None or found.status != 0:
        return None
    return np.asarray(share + found.x[:count] - found.x[count:])


def _shares(branch: Branch, index: Linear, flows: Flows, other: int, whole: float) -> dict[int | str, float] | None:
    """The share of the composite that each indicator has, the missing left out, or each node that is moved as a whole;
    None for a branch of which the two have different children itself."""
    if not index.alike(branch.code, flows.own)[other]:
        return None
    counted = np.where(index.present[branch.code][flows.own], branch.weights, 0.0)
    found: dict[int | str, float] = {}
    for child, weight in zip(branch.children, counted / counted.sum(), strict=True):
        if weight <= 0.0:
            continue
        part = whole * float(weight)
        if isinstance(child, Branch):
            below = _shares(child, index, flows, other, part)
            found |= {child.code: part} if below is None else below
        else:
            found[child] = part
    return found


def _spread(start: Linear, ahead: int, behind: int, apart: Mapping[str, Vector]) -> float | None:
    """The least s with which weights within × (1 ± s) put the other above, by halving; None where none below 1 does."""

    def swaps(spread: float) -> bool:
        index = replace(start, spread=spread)
        lead = index.leads(ahead, apart=apart)[1][index.root.code][behind]
        return bool(lead + index.points[behind] - index.points[ahead] >= MARGIN)

    low, high = 0.0, 1.0 - KEPT
    if not swaps(high):
        return None
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if swaps(middle) else (middle, high)
    return high
