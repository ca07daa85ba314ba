"""What rules add to a composite or take from it, between two points: a straight path from one to the other.

The composite after rules is clip(M + min(Σ bonus, cap) − Σ penalty, 0, 100), M the mean. It is piecewise linear, so
that the change along the straight line from one side's (M, points, cap) to the other's is shared out exactly: what
moves gets its own way, for as long as no bound holds the result (Aumann & Shapley 1974, Values of Non-Atomic Games;
Sundararajan, Taly & Yan 2017, integrated gradients). Backwards the path is the same, so that signs turn with the
direction; what does not move gets 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from metrics.change.points import Point, Terms, Vector, add
from metrics.models import Rule

Line = tuple[float, float]
Rules = dict[str | None, float]


@dataclass(frozen=True)
class Ruled:
    """What one region's composite is made of: its mean, the points of each rule that was met, the cap of bonuses."""

    mean: float
    bonuses: Mapping[str, float]
    penalties: Mapping[str, float]
    cap: float | None

    @property
    def beyond(self) -> float:
        """How far a mean without points lies outside 0..100: the bounds hold only where there are any."""
        held = bool(self.bonuses or self.penalties)
        return 0.0 if held else min(max(self.mean, 0.0), 100.0) - self.mean


def ruled_terms(before: Point, after: Point) -> tuple[Vector, Terms]:
    """The share of the mean's change that reaches the composite (0–1), and the terms of the rules, a region each."""
    shares, terms = np.ones(len(before.regions)), Terms()
    sides = zip(_sides(before), _sides(after), strict=True)
    for place, (one, other) in enumerate(sides):
        if one is None or other is None or (one.beyond == other.beyond == 0.0 and _pointless(one, other)):
            continue
        shares[place], moved = path(one, other)
        for code, points in moved.items():
            column = np.zeros(len(shares))
            column[place] = points
            add(terms, ("rules", code), column)
    return shares, terms


def _pointless(one: Ruled, other: Ruled) -> bool:
    return not (one.bonuses or one.penalties or other.bonuses or other.penalties)


def _sides(point: Point) -> list[Ruled | None]:
    definitions = point.card.definitions
    means = point.column(f"score {definitions.index.code}")
    flags = point.root_rows["flags"].fill_null("").to_list()
    cap = definitions.bonus_cap
    return [
        None if np.isnan(mean) else _ruled(float(mean), [rule for rule in definitions.rules if rule.code in met], cap)
        for mean, met in zip(means, (set(text.split(";")) for text in flags), strict=True)
    ]


def _ruled(mean: float, met: list[Rule], cap: float | None) -> Ruled:
    points = {
        kind: {rule.code: rule.points or 0.0 for rule in met if rule.kind == kind} for kind in ("bonus", "penalty")
    }
    counted = any(sum(of_kind.values()) > 0.0 for of_kind in points.values())
    return Ruled(mean, points["bonus"], points["penalty"], cap) if counted else Ruled(mean, {}, {}, cap)


def path(before: Ruled, after: Ruled) -> tuple[float, Rules]:
    """The share of the path on which the mean counts, and the points of each rule (None: the cap and the bounds)."""
    if _pointless(before, after):
        return 1.0, {}
    bonus, penalty = (
        _line(sum(a.values()), sum(b.values()))
        for a, b in ((before.bonuses, after.bonuses), (before.penalties, after.penalties))
    )
    top = max(bonus[0], bonus[0] + bonus[1])
    cap = _line(*(top if side.cap is None else side.cap for side in (before, after)))
    free, capped = _times(_line(before.mean, after.mean), bonus, cap, penalty)
    terms: Rules = {None: cap[1] * capped + before.beyond - after.beyond}
    for sign, open_, first, last in (
        (1.0, free - capped, before.bonuses, after.bonuses),
        (-1.0, free, before.penalties, after.penalties),
    ):
        for code in sorted({*first, *last}):
            terms[code] = terms.get(code, 0.0) + sign * open_ * (last.get(code, 0.0) - first.get(code, 0.0))
    return free, terms


def _line(start: float, end: float) -> Line:
    """A number on the path: where it starts, and how far it goes."""
    return start, end - start


def _times(mean: Line, bonus: Line, cap: Line, penalty: Line) -> tuple[float, float]:
    """For how much of the path the result lies inside 0..100; and for how much of that the cap holds the bonuses."""
    over = (bonus[0] - cap[0], bonus[1] - cap[1])
    results = {
        holds: (mean[0] + points[0] - penalty[0], mean[1] + points[1] - penalty[1])
        for holds, points in ((True, cap), (False, bonus))
    }
    bends = sorted({0.0, 1.0, *_zeros(over), *(at for line in results.values() for at in _bounds(line))})
    free = capped = 0.0
    for start, end in pairwise(bends):
        middle = (start + end) / 2.0
        holds = over[0] + over[1] * middle > 0.0
        result = results[holds][0] + results[holds][1] * middle
        if 0.0 <= result <= 100.0:
            free += end - start
            capped += (end - start) * holds
    return free, capped


def _bounds(line: Line) -> list[float]:
    return [*_zeros(line), *_zeros((line[0] - 100.0, line[1]))]


def _zeros(line: Line) -> list[float]:
    """Where on the path a number passes 0."""
    at = -line[0] / line[1] if line[1] != 0.0 else -1.0
    return [at] if 0.0 < at < 1.0 else []
