"""Programs: the cheapest places on some menus, by linear (or, where scores jump, mixed integer) programming."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy.optimize import LinearConstraint, milp

from metrics.menus import Menu

ROUNDING = 1e-9


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
        self.jumps = np.array([menus[code].stepwise for code, _ in self.places], dtype=bool)
        self.switched = [
            place for place, (code, piece) in enumerate(self.places) if piece > 0 and _in_need_of_order(menus[code])
        ]
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
        for (code, _), part in zip(self.places, parts, strict=True):
            taken[code] += float(part)
        return taken

    def _in_order(self) -> list[LinearConstraint]:
        """piece ≤ switch ≤ the piece before it."""
        count = len(self.places)
        rows = np.zeros((2 * len(self.switched), count + len(self.switched)))
        for at, place in enumerate(self.switched):
            rows[2 * at, [place, count + at]] = 1.0, -1.0
            rows[2 * at + 1, [count + at, place - 1]] = 1.0, -1.0
        return [LinearConstraint(rows, ub=np.zeros(len(rows)))] if len(rows) else []


def _in_need_of_order(menu: Menu) -> bool:
    slopes = np.diff(menu.scores) / np.maximum(np.diff(menu.efforts), 1e-300)
    return menu.stepwise or bool((np.diff(slopes) > ROUNDING * np.abs(slopes).max(initial=0.0)).any())
