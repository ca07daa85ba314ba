"""An indicator's change of score taken apart: its own value, its factors, the frame, an estimate's place.

A score is a function of the region's own numbers, of dated factors, and of the others' values, in the frame and in
formulas that look at peers. What moved is a player each, and gets the mean of its effects over the orders in which they
can move (Shapley 1953). What lies between is computed by the very formulas and methods of the definitions, in worlds in
which one region has the numbers of the other side and all the rest keep theirs: what a region's own value does to the
frame is its own doing.
"""

from dataclasses import dataclass

import numpy as np

from metrics.change.coalitions import Flags, Places, Vector, open_steps
from metrics.change.formulas import Mixture, factors_in, looks_at_others
from metrics.change.points import Point, Terms
from metrics.change.worlds import World, treatable
from metrics.scorecard import Scorecard

# Methods that score a value by itself; `steps` does unless it is relative to peers.
_ALONE = frozenset(("goalposts", "piecewise", "limits", "band"))
_OWN, _FACTORS, _OTHERS = 0, 1, 2
_FULL = 7


@dataclass(frozen=True, eq=False)
class Leaves:
    """The indicators' terms between two points with the same definitions; `own` is the kind of a value's own change."""

    before: Point
    after: Point
    own: str

    def terms(self, code: str) -> Terms:
        """What the change of an indicator's score comes from: its own value (or an estimate), factors and frame."""
        own, factors, frame = (np.nan_to_num(part) for part in self._shares(code))
        estimated = self._estimated(code)
        return {
            (self.own, code): np.where(estimated, 0.0, own),
            ("imputation", code): np.where(estimated, own, 0.0),
            ("factors", code): factors,
            ("frame", code): frame,
        }

    def _estimated(self, code: str) -> Flags:
        """Where the value of a side is an estimate."""
        sides = [point.column(f"imputed {code}") > 0.0 for point in (self.before, self.after)]
        return sides[0] | sides[1]

    def _shares(self, code: str) -> tuple[Vector, Vector, Vector]:
        """The points of the own value, the factors and the frame; all are the own's where no other can."""
        ends = [point.column(f"score {code}") for point in (self.before, self.after)]
        change, none = ends[1] - ends[0], np.zeros(len(ends[0]))
        values = self._values(code)
        if values is None and _alone(self.before.card, code):
            return change, none, none
        worlds = World(self.before, self.after, code), World(self.after, self.before, code)
        found = values or [treatable_of(point, code) for point in (self.before, self.after)] * 4
        moved = self._moved(code, found, worlds)
        corners = self._corners(ends, moved, found, worlds)
        shares = [none.copy() for _ in range(3)]
        steps = open_steps(3, {mask: ~np.isnan(values) for mask, values in enumerate(corners)})
        for (mask, bit), chance in steps.items():
            shares[bit] += np.where(chance > 0.0, chance * (corners[mask | 1 << bit] - corners[mask]), 0.0)
        # Where no order has a score at each step the change is the own value's, if that moved at all.
        left = change - sum(shares)
        opened = np.sum([chance for (mask, _), chance in steps.items() if mask == 0], axis=0) > 0.0
        closed = ~opened | (moved == 0)
        shares[_OWN] += np.where(closed & (moved & 1 > 0), left, 0.0)
        shares[_OTHERS] += np.where(closed & (moved & 1 == 0), left, 0.0)
        return shares[_OWN], shares[_FACTORS], shares[_OTHERS]

    def _values(self, code: str) -> list[Vector] | None:
        """The value by the bits of what is of the other side already; None where it is the own numbers' alone.

        An estimate has no formula: it is taken for the own number of its side.
        """
        definitions, sides = self.before.card.definitions, (self.before, self.after)
        relative = getattr(definitions.normaliser(code), "relative_to", "") == "previous"
        named = factors_in(definitions, code)
        dated = any(np.any(_known(self.before, name) != _known(self.after, name)) for name in named)
        if relative or not (dated or looks_at_others(definitions, code)):
            return None
        own = [treatable_of(point, code) for point in sides]
        estimated = self._estimated(code)
        found = []
        for mask in range(_FULL + 1):
            mixture = Mixture(*(sides[mask >> bit & 1] for bit in (_OWN, _FACTORS, _OTHERS)))
            found.append(np.where(estimated, own[mask & 1], mixture.value(code)))
        return found

    def _moved(self, code: str, values: list[Vector], worlds: tuple[World, World]) -> Places:
        """The bits of what moved, a region each."""
        by_value = [
            _differ(values[0], values[1 << bit]) | _differ(values[_FULL ^ 1 << bit], values[_FULL]) for bit in range(3)
        ]
        none = np.zeros(len(values[0]), dtype=bool)
        by_frame = worlds[0].frame_moved, none, worlds[0].others_moved
        if looks_at_others(self.before.card.definitions, code):
            # What the frame holds of the region itself, in other cycles, was moved by others as well.
            by_frame = none, none, by_frame[0] | by_frame[2]
        if _alone(self.before.card, code):
            by_frame = none, none, none
        bits = [np.where(a | b, 1 << bit, 0) for bit, (a, b) in enumerate(zip(by_value, by_frame, strict=True))]
        found: Places = np.sum(bits, axis=0)
        return found

    def _corners(
        self, ends: list[Vector], moved: Places, values: list[Vector], worlds: tuple[World, World]
    ) -> list[Vector]:
        """The scores by the bits of what is of the other side already; what has not moved makes no difference."""
        found = [np.full(len(moved), np.nan) for _ in range(_FULL + 1)]
        for mask in range(_FULL + 1):
            here = mask & moved
            found[mask] = np.where(here == moved, ends[1], np.where(here == 0, ends[0], np.nan))
        known = ~np.isnan(ends[0]) & ~np.isnan(ends[1])
        for mask in range(1, _FULL):
            wanted = np.flatnonzero(known & (mask & ~moved == 0) & (mask != moved))
            if not wanted.size:
                continue
            side, own = mask >> _OTHERS & 1, mask >> _OWN & 1
            apart = own != side and not looks_at_others(self.before.card.definitions, worlds[0].code)
            scores = worlds[side].scores(wanted, values[mask][wanted], others_own=apart)
            for whole in range(_FULL + 1):
                same = (whole & moved[wanted]) == mask
                found[whole][wanted[same]] = scores[same]
        return found


def treatable_of(point: Point, code: str) -> Vector:
    """`worlds.treatable` of a point's regions in its cycle."""
    return point.of_cycle(treatable(point.card, code))


def _known(point: Point, code: str) -> Vector:
    return np.nan_to_num(point.of_cycle(point.card.known[code].value.to_numpy()))


def _differ(one: Vector, other: Vector) -> Flags:
    found: Flags = (one != other) & ~(np.isnan(one) & np.isnan(other))
    return found


def _alone(card: Scorecard, code: str) -> bool:
    """Whether an indicator's score depends on its value and its own history only."""
    method = card.definitions.normaliser(code)
    if card.definitions.outliers(code).method != "none":
        return False
    relative = getattr(method, "relative_to", "")
    return method.method in _ALONE or relative in ("none", "previous")
