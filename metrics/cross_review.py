"""Cross-review: who reviews whom, drawn by lot: never oneself, never each other, everybody about as much."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from metrics.problems import InputError, Problem

# So many reviewers are drawn for each before everybody is thought of: what can be done is nearly always among them.
_DRAWN = 12
# So many samples of the regions are drawn one after the other before it is said that none can be reviewed.
_SAMPLES = 20
# A share within this of a whole number of regions is that number.
_ROUNDING = 1e-9
Pair = tuple[str, str]
_Pairs = NDArray[np.int64]


@dataclass(frozen=True)
class Draw:
    """What is drawn: a `share` of the regions (at least one), each reviewed by `each` others.

    `apart`: pairs of which neither reviews the other (a conflict, a review last year), in either order.
    """

    seed: int
    share: float = 1.0
    each: int = 1
    apart: Collection[Pair] = ()


def assign(regions: Sequence[str], draw: Draw) -> tuple[Pair, ...]:
    """Pairs (reviewer, reviewed), sorted by the reviewed; the same regions and draw give the same pairs.

    Nobody reviews themselves, nor whoever reviews them; loads differ by one at most. Of regions that cannot be reviewed
    so another sample is drawn. Raises InputError (`no_cross_review`) where that cannot be either.
    """
    codes = sorted(set(regions))
    random, wanted = np.random.default_rng(draw.seed), sampled(len(codes), draw)
    place = {code: at for at, code in enumerate(codes)}
    apart = {(place[a], place[b]) for pair in draw.apart for a, b in (pair, pair[::-1]) if a in place and b in place}
    # Of all regions there is but one sample, and what fits with nobody apart may fail by those who are.
    may_differ = wanted < len(codes) and _fits(len(codes), wanted, draw.each)
    for _ in range(_SAMPLES if may_differ else min(1, len(codes))):
        sample = np.sort(random.choice(len(codes), wanted, replace=False))
        cost = random.random((len(codes), len(codes)))
        chosen = _of_sample(sample, cost, apart, draw.each)
        if chosen is not None:
            return tuple((codes[a], codes[b]) for a, b in sorted(chosen.tolist(), key=lambda pair: pair[::-1]))
    facts = {"regions": len(codes), "each": draw.each, "drawn": wanted, "apart": len(apart) // 2}
    raise InputError([Problem("no_cross_review", facts=facts)])


def sampled(regions: int, draw: Draw) -> int:
    """How many of so many regions are reviewed."""
    return min(regions, max(1, ceil(draw.share * regions - _ROUNDING)))


def usual(regions: int, share: float = 1.0) -> int:
    """By how many each is reviewed unless somebody says otherwise: the least whose ratings can be compared, or one."""
    return min(2, most(regions, share))


def most(regions: int, share: float = 1.0) -> int:
    """By how many each can be reviewed at most, where nobody is kept apart; never less than one."""
    return max([each for each in range(1, regions) if _fits(regions, sampled(regions, Draw(0, share)), each)] or [1])


def _fits(regions: int, drawn: int, each: int) -> bool:
    """Of two who are drawn one at most reviews the other, and everybody has about as many to review."""
    least, above = divmod(drawn * each, regions)
    from_others = (regions - drawn) * min(drawn, least + bool(above))
    return 2 * least <= drawn - 1 and drawn * each <= drawn * (drawn - 1) // 2 + from_others


def _of_sample(sample: Any, cost: Any, apart: Collection[tuple[int, int]], each: int) -> _Pairs | None:
    """The pairs of least cost by which a sample is reviewed; None where it cannot be."""
    for doubled in count():
        reviewers = _DRAWN * each * 2**doubled
        pairs = _candidates(sample, cost, apart, reviewers)
        chosen = _chosen(pairs, cost, sample, each) if len(pairs) else None
        if chosen is not None or reviewers >= len(cost):
            return chosen
    raise AssertionError("not reached")


def _candidates(sample: Any, cost: Any, apart: Collection[tuple[int, int]], most: int) -> _Pairs:
    """For each of the sample the reviewers that cost least, as rows (reviewer, reviewed)."""
    found = []
    for reviewed in sample.tolist():
        free = (at for at in np.argsort(cost[:, reviewed]).tolist() if at != reviewed and (at, reviewed) not in apart)
        found += [(at, reviewed) for at, _ in zip(free, range(most), strict=False)]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _chosen(pairs: _Pairs, cost: Any, sample: Any, each: int) -> _Pairs | None:
    """The pairs of least cost that keep the rules; None where none do. Mixed-integer programming (HiGHS)."""
    reviewers, total = len(cost), len(sample) * each
    own = np.searchsorted(sample, pairs[:, 1])
    rules = [
        LinearConstraint(_incidence(own, len(sample)), each, each),
        LinearConstraint(_incidence(pairs[:, 0], reviewers), total // reviewers, -(-total // reviewers)),
    ]
    known = {pair: at for at, pair in enumerate(map(tuple, pairs.tolist()))}
    mutual = [(at, known[b, a]) for (a, b), at in known.items() if a < b and (b, a) in known]
    if mutual:
        both = np.zeros((len(mutual), 2), dtype=np.int64) + np.array(mutual)
        rows = np.repeat(np.arange(len(mutual)), 2)
        matrix = csr_array((np.ones(rows.size), (rows, both.ravel())), shape=(len(mutual), len(pairs)))
        rules.append(LinearConstraint(matrix, -np.inf, 1))
    found = milp(cost[pairs[:, 0], pairs[:, 1]], constraints=rules, integrality=1, bounds=Bounds(0, 1))
    return None if found.x is None else pairs[found.x > 0.5]


def _incidence(places: Any, rows: int) -> Any:
    """A matrix with a one for each pair in the row of its place."""
    return csr_array((np.ones(len(places)), (places, np.arange(len(places)))), shape=(rows, len(places)))
