"""Aggregation: the scores of a node's children → its own, before coverage is asked for."""

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from tests.oracle.world import At, World

Scored = Sequence[tuple[float, float]]  # score, weight
Children = Mapping[At, Mapping[str, tuple[float, float]]]  # of each row, by code; those that have a score and a weight
ROUNDING = 1e-12
TIE = 1e-9


def aggregated(world: World, method: Any, children: Children) -> dict[At, float | None]:
    """The node's score of every row; None where no child has one, or the mean does not exist."""
    if method == "copeland":
        return {at: _copeland(world, children, at) if children[at] else None for at in children}
    mean = _mean_of(method)
    return {at: mean(list(scored.values())) if scored else None for at, scored in children.items()}


def _mean_of(method: Any) -> Callable[[Scored], float | None]:
    if isinstance(method, str):
        return MEANS[method]
    if hasattr(method, "power"):
        return lambda scored: _power(scored, method.power)
    return lambda scored: _mazziotta_pareto(scored, method.penalty)


def _share(scored: Scored) -> list[tuple[float, float]]:
    total = math.fsum(weight for _, weight in scored)
    return [(score, weight / total) for score, weight in scored]


def _arithmetic(scored: Scored) -> float | None:
    return math.fsum(score * share for score, share in _share(scored))


def _geometric(scored: Scored) -> float | None:
    if any(score <= 0.0 for score, _ in scored):
        return None
    return math.prod(score**share for score, share in _share(scored))


def _harmonic(scored: Scored) -> float | None:
    if any(score <= 0.0 for score, _ in scored):
        return None
    return 1.0 / math.fsum(share / score for score, share in _share(scored))


def _power(scored: Scored, power: float) -> float | None:
    """(Σ w·s^p)^(1/p); not of numbers below 0, and of 0 only where p is above 0."""
    if any(score < 0.0 or (score == 0.0 and power < 0.0) for score, _ in scored):
        return None
    return math.fsum(share * score**power for score, share in _share(scored)) ** (1.0 / power)


def _median(scored: Scored) -> float | None:
    """The smallest score at which the cumulated share reaches one half."""
    reached = 0.0
    for score, share in sorted(_share(scored)):
        reached += share
        if reached >= 0.5 - ROUNDING:
            return score
    return None


def _mazziotta_pareto(scored: Scored, penalty: str) -> float | None:
    """M·(1 ∓ cv²), unweighted; equal scores, or one alone, have no spread, and a mean of 0 no cv."""
    scores = [score for score, _ in scored]
    mean = fmean(scores)
    if max(scores) == min(scores):
        return mean
    if abs(mean) <= ROUNDING * max(map(abs, scores)):
        return None
    variation = (stdev(scores) / mean) ** 2
    return mean * (1.0 - variation if penalty == "negative" else 1.0 + variation)


MEANS: dict[str, Callable[[Scored], float | None]] = {
    "arithmetic": _arithmetic,
    "geometric": _geometric,
    "harmonic": _harmonic,
    "median": _median,
    "minimum": lambda scored: min(score for score, _ in scored),
    "mazziotta_pareto": lambda scored: _mazziotta_pareto(scored, "negative"),
}


def _copeland(world: World, children: Children, at: At) -> float:
    """How many of the compared regions of the cycle are beaten, less how many are lost to."""
    others = [(at[0], code) for code in world.regions if world.compared(code) and code != at[1]]
    return float(sum(_duel(world, children, at, other) for other in others))


def _duel(world: World, children: Children, ours: At, theirs: At) -> int:
    """1, 0 or −1 by the weight of the children in which one is ahead, of those that both have."""
    common = children[ours].keys() & children[theirs].keys()
    total = math.fsum(children[ours][code][1] for code in common)
    lead = 0.0
    for code in sorted(common):
        (mine, weight), (other, _) = children[ours][code], children[theirs][code]
        if abs(mine - other) >= _near(world, children, code, ours[0]):
            lead += math.copysign(weight, mine - other)
    return 0 if abs(lead) <= ROUNDING * total else int(math.copysign(1.0, lead))


def _near(world: World, children: Children, code: str, cycle: int) -> float:
    """Scores closer than this are tied."""
    frame = [children[cycle, region].get(code) for region in world.regions if world.compared(region)]
    scores = [found[0] for found in frame if found is not None]
    return max(TIE * (max(scores) - min(scores)), 16.0 * math.ulp(max(map(abs, scores)))) if scores else 0.0
