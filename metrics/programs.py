"""Programs: the cheapest places on some menus, by linear (or, where scores jump, mixed integer) programming."""

from collections.abc import Collection, Mapping
from itertools import groupby

import numpy as np
import numpy.typing as npt
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_array

from metrics.composite import Composite
from metrics.menus import Menu
from metrics.silence import silence

ROUNDING = 1e-9
# How near a computed composite must come to the score that is asked for, and how many tangents are tried.
NEAR, CUTS = 1e-6, 100
# In standard deviations: a step that is no step.
NO_EFFORT = 1e-6
# Parts of a piece that are 0 or 1 but for the program's own tolerance.
_WHOLE = 1e-6


def cheapest(whole: Composite, menus: Mapping[str, Menu], target: float) -> dict[str, float]:
    """The place on each menu where the sum of efforts is least and the composite before rules reaches the target.

    Concave means by tangents of the composite, added until it is met (Kelley 1960, cutting planes). The ends of all
    menus where the target cannot be reached.
    """
    ends = {code: float(len(menu.values) - 1) for code, menu in menus.items()}
    at = scores_at(whole, menus, ends)
    if whole.value(at) < target - NEAR:
        return ends
    pieces = Pieces(menus)
    for _ in range(CUTS):
        pieces.add_tangent(at, whole.value(at), whole.slope(at), target)
        chosen = pieces.solved()
        at = scores_at(whole, menus, chosen)
        if whole.value(at) >= target - NEAR:
            break
    taken = {code: place if _effort(menus[code], place) >= NO_EFFORT else 0.0 for code, place in chosen.items()}
    return _raised(whole, menus, taken, target)


def scores_at(whole: Composite, menus: Mapping[str, Menu], places: Mapping[str, float]) -> dict[str, float]:
    """The scores of all indicators with some menus at these places, the others as they are."""
    return {**whole.scores, **{code: menus[code].score(place) for code, place in places.items()}}


def _effort(menu: Menu, place: float) -> float:
    return float(np.interp(place, range(len(menu.efforts)), menu.efforts))


def _raised(whole: Composite, menus: Mapping[str, Menu], chosen: dict[str, float], target: float) -> dict[str, float]:
    """The places moved on by as little as makes up what tangents and rounding left open: those chosen, if these do."""
    used = [code for code, place in chosen.items() if place > 0.0]

    def moved(codes: Collection[str], share: float) -> dict[str, float]:
        on = {code: chosen[code] + share * (_stop(menus[code], chosen[code]) - chosen[code]) for code in codes}
        return {**chosen, **on}

    def reaches(places: dict[str, float], room: float) -> bool:
        return whole.value(scores_at(whole, menus, places)) >= target - room

    if reaches(chosen, 0.0):
        return chosen
    for codes, room in ((used, 0.0), (used, ROUNDING), (menus, 0.0), (menus, NEAR)):
        if not reaches(moved(codes, 1.0), room):
            continue
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2.0
            low, high = (low, middle) if reaches(moved(codes, middle), room) else (middle, high)
        return moved(codes, high)
    return {code: float(len(menu.values) - 1) for code, menu in menus.items()}


def _stop(menu: Menu, place: float) -> float:
    """How far a place can be moved without a jump."""
    ahead = range(int(np.ceil(place)), len(menu.jumps))
    return float(next((at for at in ahead if menu.jumps[at]), len(menu.jumps)))


class Pieces:
    """Menus as pieces that are taken one after the other, each wholly or in part, at the cost of its effort.

    A piece is taken whole before the next one is begun: by itself where each gives less per effort than the one before
    it, by a switch that is on or off where it does not. Solved by HiGHS (Huangfu & Hall 2018).
    """

    def __init__(self, menus: Mapping[str, Menu]) -> None:
        self.menus = menus
        self.places = [(code, piece) for code, menu in menus.items() for piece in range(len(menu.values) - 1)]
        self.costs = np.array([menus[code].efforts[at + 1] - menus[code].efforts[at] for code, at in self.places])
        self.gains = np.array([menus[code].scores[at + 1] - menus[code].scores[at] for code, at in self.places])
        self.jumps = np.array([menus[code].jumps[at] for code, at in self.places], dtype=bool)
        self.ordered = frozenset(code for code, menu in menus.items() if _in_need_of_order(menu))
        self.switched = [place for place, (code, piece) in enumerate(self.places) if piece and code in self.ordered]
        self.tangents: list[npt.NDArray[np.float64]] = []
        self.least: list[float] = []

    def add_tangent(self, at: Mapping[str, float], value: float, slope: Mapping[str, float], target: float) -> None:
        """What is chosen must reach the target on the composite's tangent at these scores."""
        start = value + sum(slope[code] * (menu.scores[0] - at[code]) for code, menu in self.menus.items())
        row = np.array([slope[code] for code, _ in self.places]) * self.gains
        self.tangents.append(np.concatenate([row, np.zeros(len(self.switched))]))
        self.least.append(target - start)

    def solved(self) -> dict[str, float]:
        """The place on each menu: how many of its pieces are taken."""
        if not self.places:
            return dict.fromkeys(self.menus, 0.0)
        with silence():
            found = milp(
                np.concatenate([self.costs, np.zeros(len(self.switched))]),
                integrality=np.concatenate([self.jumps, np.ones(len(self.switched))]),
                bounds=(0.0, 1.0),
                options={"presolve": False, "mip_rel_gap": ROUNDING},
                constraints=[LinearConstraint(np.array(self.tangents), lb=self.least), *self._in_order()],
            )
        parts = np.ones(len(self.places)) if found.x is None else found.x[: len(self.places)]
        parts = np.where(self.jumps, np.round(parts), np.clip(parts, 0.0, 1.0))
        taken = dict.fromkeys(self.menus, 0.0)
        for code, of_menu in groupby(zip(self.places, parts.tolist(), strict=True), key=lambda pair: pair[0][0]):
            taken[code] = self._taken(code, [part for _, part in of_menu])
        return taken

    def _taken(self, code: str, parts: list[float]) -> float:
        """How many pieces of one menu are taken; what is to be taken in order ends with the first that is not whole."""
        if code not in self.ordered:
            return sum(parts)
        whole = next((at for at, part in enumerate(parts) if part < 1.0 - _WHOLE), len(parts))
        return float(whole) + (parts[whole] if whole < len(parts) else 0.0)

    def _in_order(self) -> list[LinearConstraint]:
        """piece ≤ switch ≤ the piece before it."""
        if not self.switched:
            return []
        places, number = np.array(self.switched), len(self.switched)
        switches = len(self.places) + np.arange(number)
        # Two numbers in each row of thousands: kept as such.
        columns = np.concatenate([places, switches, switches, places - 1])
        at = np.concatenate([np.arange(number)] * 2 + [number + np.arange(number)] * 2)
        signs = np.tile(np.repeat([1.0, -1.0], number), 2)
        rows = csr_array((signs, (at, columns)), shape=(2 * number, len(self.places) + number))
        return [LinearConstraint(rows, ub=np.zeros(2 * number))]


def _in_need_of_order(menu: Menu) -> bool:
    slopes = np.diff(menu.scores) / np.maximum(np.diff(menu.efforts), 1e-300)
    return any(menu.jumps) or bool((np.diff(slopes) > ROUNDING * np.abs(slopes).max(initial=0.0)).any())
