"""Bounds: the best and the worst rank that any weights within the declared bounds can give a region."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from metrics.frames import Places
from metrics.robustness.flows import LEVEL, Ahead, Flows, flows_of
from metrics.robustness.intervals import settings_of
from metrics.robustness.linear import Flags, Linear, Vector, inside, linear_of
from metrics.scorecard import Scorecard

SPREAD = 0.25
# Corners of the box of weights that are tried before anything is solved; the same ones every time.
CORNERS = 256
SCHEMA = {
    **dict.fromkeys(("period", "region"), pl.String),
    **dict.fromkeys(("best", "worst"), pl.Int64),
    **dict.fromkeys(("best_exact", "worst_exact"), pl.Boolean),
}


def rank_bounds(
    card: Scorecard,
    period: str,
    *,
    regions: Sequence[str] | None = None,
    spread: float | None = None,
    nodes: int = 2000,
) -> pl.DataFrame:
    """The best and worst rank of each ranked region over all weights w·(1 ± spread), on every level at once.

    Columns: period, region, best, worst, best_exact, worst_exact; `spread` by default the declared one (0.25 without).
    Everything but the weights is as in the scorecard: scores, points, and who has a rank. Each bound is a count of
    regions that must, or can, be above at the same time: a mixed-integer program over the flows of `flows.Flows`,
    solved by HiGHS (Huangfu & Hall 2018) in at most so many `nodes` of its search, the same on every machine. A bound
    is exact where weights were found that give just this rank (scores within 1e-5 points are level). Otherwise it is an
    outer bound, which no weights can pass: of a search that was broken off, or where regions miss different indicators,
    whose reweighting is not linear, or where points reach 0 or 100. Raises InputError for a cycle that is not there and
    for a tree in which a node's mean is not arithmetic.
    """
    settings = settings_of(card, trials=None, seed=None)
    declared = SPREAD if settings.weights is None else settings.weights.spread
    search = _Search(linear_of(card, period, declared if spread is None else spread), nodes)
    rows = [
        (period, region, *search.bounds(place))
        for place, region in enumerate(search.index.regions)
        if regions is None or region in regions
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@dataclass(frozen=True)
class _Search:
    """The bounds of one cycle's regions."""

    index: Linear
    nodes: int

    def bounds(self, own: int) -> tuple[int, int, bool, bool]:
        """Best and worst rank of one region, and whether each is exact."""
        least, most = self._leads(own)
        sure = least > LEVEL / 2
        flows = flows_of(self.index, own)
        found = [self._end(flows, sure, ~sure & (most > LEVEL / 2), up) for up in (True, False)]
        (best, best_exact), (worst, worst_exact) = found
        return best, worst, best_exact, worst_exact

    def _leads(self, own: int) -> tuple[Vector, Vector]:
        """The least and the most that each region's composite can be ahead of this one's; 0 for itself."""
        root, points = self.index.root.code, self.index.points
        low, high = (part[root] + points - points[own] for part in self.index.leads(own))
        least, most = self._composites
        cut = self._cut | self._cut[own]
        low, high = np.where(cut, least - most[own], low), np.where(cut, most - least[own], high)
        low[own], high[own] = 0.0, 0.0
        return low, high

    @cached_property
    def _composites(self) -> tuple[Vector, Vector]:
        """Each region's lowest and highest composite, with points."""
        root, points = self.index.root.code, self.index.points
        least, most = (inside(part[root] + points, points) for part in self.index.extremes)
        return least, most

    @cached_property
    def _cut(self) -> Flags:
        """Regions whose composite can come to 0 or 100 by points, where no difference tells it apart any more."""
        least, most = self._composites
        return np.asarray((self.index.points != 0.0) & ((least <= 0.0) | (most >= 100.0)))

    def _end(self, flows: Flows, sure: Flags, open_: Flags, up: bool) -> tuple[int, bool]:
        """One end: those surely above, and of the open ones the fewest (up) or the most at the same time."""
        free = np.flatnonzero(open_ & ~self._cut & ~self._cut[flows.own])
        base = 1 + int(sure.sum()) + (0 if up else int(open_.sum()) - len(free))
        furthest = base if up else base + len(free)
        seen = self._seen[0 if up else 1][flows.own]
        if seen == furthest or not len(free):
            return furthest, seen == furthest
        proven, weights = flows.solved(self._ahead(flows, free, "least" if up else "most"), up, self.nodes)
        if weights is not None and self._rank(flows.own, weights) == base + proven:
            return base + proven, True
        # The relaxed search may promise more than any weights hold; those of another one may hold it all the same.
        alike = all(self.index.alike(branch.code, flows.own)[free].all() for branch in flows.branches)
        if seen == base + proven or alike:
            return base + proven, seen == base + proven
        _, weights = flows.solved(self._ahead(flows, free, "declared"), up, self.nodes)
        return base + proven, weights is not None and self._rank(flows.own, weights) == base + proven

    @cached_property
    def _seen(self) -> tuple[list[int], list[int]]:
        """The best and the worst rank of each region by the declared weights and those of some corners of the box."""
        generator, spread = np.random.default_rng(0), self.index.spread
        tried = [self.index.declared]
        for _ in range(CORNERS):
            signs = {code: generator.choice([-1.0, 1.0], len(w)) for code, w in self.index.declared.items()}
            tried.append({code: w * (1.0 + spread * signs[code]) for code, w in self.index.declared.items()})
        ranks = np.stack([self._ranks(self.index.composites(weights)) for weights in tried])
        return ranks.min(axis=0).tolist(), ranks.max(axis=0).tolist()

    @staticmethod
    def _ranks(composite: Vector) -> Places:
        ahead: Places = 1 + (composite[None, :] - composite[:, None] > LEVEL / 2).sum(axis=1)
        return ahead

    def _ahead(self, flows: Flows, others: Places, at: str) -> list[Ahead]:
        low, high = self.index.leads(flows.own)
        means = self.index.means(self.index.declared)
        tables = {"least": low, "most": high, "declared": {code: s - s[flows.own] for code, s in means.items()}}
        return [flows.ahead(int(other), tables[at]) for other in others]

    def _rank(self, own: int, weights: dict[str, Vector]) -> int:
        return int(self._ranks(self.index.composites(weights))[own])
