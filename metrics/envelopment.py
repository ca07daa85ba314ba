"""Envelopment: how far each unit's inputs could shrink (or outputs grow) if it did as well as the best of the others.

Data envelopment analysis by two linear programmes a unit, solved by HiGHS: first the radial measure, then, holding it,
the greatest sum of slacks, which is what the infinitesimal of the one-stage model stands for (Cooper, Seiford & Tone,
2007, Data Envelopment Analysis, 2nd ed., ch. 3 and 4). All data are above 0. Every programme is written in shares of
what the unit itself has, so that neither the unit of a measure nor the size of the others makes a difference.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from metrics.frames import Matrix

Vector = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Returns = Literal["constant", "variable", "nonincreasing"]
Orientation = Literal["input", "output"]
Rows = tuple[Matrix, Vector]
# What the solver leaves of a zero, on data scaled to 1.
ZERO = 1e-7


@dataclass(frozen=True)
class Envelopment:
    """n units: efficiency 0..1 (1 is best), weights (n, n) of each unit's peers, slacks in the data's own units.

    NaN where a programme was not solved. Weights are λ: a unit is measured against the weighted sum of its peers.
    """

    efficiency: Vector
    weights: Matrix
    input_slacks: Matrix
    output_slacks: Matrix

    @property
    def efficient(self) -> npt.NDArray[np.bool_]:
        """Pareto-Koopmans efficient: nothing to shrink by a common factor and no slack left."""
        slack = self.input_slacks.sum(axis=1) + self.output_slacks.sum(axis=1)
        return np.asarray((self.efficiency == 1.0) & (slack == 0.0))


def envelop(
    inputs: Matrix, outputs: Matrix, *, returns: Returns = "constant", orientation: Orientation = "input"
) -> Envelopment:
    """The efficiency of n units with `inputs` (n, m) and `outputs` (n, s).

    Constant returns to scale is the model of Charnes, Cooper & Rhodes (1978), variable that of Banker, Charnes & Cooper
    (1984: Σλ = 1), nonincreasing has Σλ ≤ 1. Input-oriented: min θ with Xλ ≤ θ·x, Yλ ≥ y. Output-oriented: max φ with
    Xλ ≤ x, Yλ ≥ φ·y, of which 1/φ is given.
    """
    m = inputs.shape[1]
    frontier = _Frontier(np.hstack([inputs, outputs]), m, returns, orientation)
    radial, best = frontier.factors()
    weights, slacks = frontier.weights_and_slacks(radial, best)
    efficiency = radial if orientation == "input" else 1.0 / radial
    efficiency[np.isnan(weights).any(axis=1)] = np.nan
    found = np.where(efficiency > 1.0 - ZERO, 1.0, efficiency)
    return Envelopment(found, weights, slacks[:, :m], slacks[:, m:])


def radial_efficiency(inputs: Matrix, outputs: Matrix, *, returns: Returns, orientation: Orientation) -> Vector:
    """The efficiency alone, as `envelop` gives it before the second programme."""
    frontier = _Frontier(np.hstack([inputs, outputs]), inputs.shape[1], returns, orientation)
    radial, _ = frontier.factors()
    efficiency = radial if orientation == "input" else 1.0 / radial
    return np.where(efficiency > 1.0 - ZERO, 1.0, efficiency)


@dataclass(frozen=True)
class _Frontier:
    """The units that all are measured against: their measures (n, m + s), the m inputs first."""

    values: Matrix
    inputs: int
    returns: Returns
    orientation: Orientation

    def factors(self) -> tuple[Vector, Places]:
        """θ (or φ) of every unit, NaN where it was not found, and the units that others need be measured against.

        A unit that can shrink is never needed: what it is worth as a peer, its own peers are worth too, so it is left
        out from then on (Ali, 1993, European Journal of Operational Research 64).
        """
        radial, kept = np.full(len(self.values), np.nan), np.ones(len(self.values), dtype=bool)
        for unit in range(len(radial)):
            radial[unit] = self._radial(unit, np.flatnonzero(kept))
            kept[unit] = not abs(radial[unit] - 1.0) > ZERO
        return radial, np.flatnonzero(kept)

    def weights_and_slacks(self, radial: Vector, peers: Places) -> tuple[Matrix, Matrix]:
        """λ (n, n) and the slacks (n, inputs then outputs) of every unit; NaN where they were not found."""
        n, measures = self.values.shape
        weights, slacks = np.full((n, n), np.nan), np.full((n, measures), np.nan)
        for unit in np.flatnonzero(np.isfinite(radial)).tolist():
            aim = self._moved(radial[unit]) * self.values[unit]
            found = self._slacks(aim, peers)
            if found is not None and _within_numbers(found, aim, self.values[peers]):
                weights[unit], slacks[unit] = 0.0, found[len(peers) :] * aim
                weights[unit, peers] = found[: len(peers)]
        return weights, slacks

    def _moved(self, factor: float) -> Vector:
        """By how much each measure is multiplied: the inputs by θ, or the outputs by φ."""
        which = (np.arange(self.values.shape[1]) < self.inputs) == (self.orientation == "input")
        return np.where(which, factor, 1.0)

    def _rows(self, of: Vector, peers: Places) -> Matrix:
        """The peers' measures (m + s, k) as shares of these, the outputs' with the other sign."""
        with np.errstate(all="ignore"):
            shares = self.values[peers].T / of[:, None]
        return np.vstack([shares[: self.inputs], -shares[self.inputs :]])

    def _radial(self, unit: int, peers: Places) -> float:
        """θ, the least (or φ, the greatest) factor: over the variables factor, λ."""
        shrinking = self.orientation == "input"
        moved, still = self._moved(1.0), self._moved(0.0)
        # Inputs stay below, outputs (of the other sign) above what the unit has.
        sign = np.where(np.arange(len(moved)) < self.inputs, 1.0, -1.0)
        moving = sign * (moved - still)
        rows = np.hstack([-moving[:, None], self._rows(self.values[unit], peers)])
        aim = np.zeros(len(peers) + 1)
        aim[0] = 1.0 if shrinking else -1.0
        found = self._solved(aim, _total(aim, 1, len(peers)), most=(rows, sign * still))
        return float("nan") if found is None or not found[0] > 0.0 else float(found[0])

    def _slacks(self, of: Vector, peers: Places) -> Vector | None:
        """λ and the slacks, as shares of these measures, whose sum is greatest: over the variables λ, s⁻, s⁺."""
        rows = np.hstack([self._rows(of, peers), np.eye(len(of))])
        right = np.where(np.arange(len(of)) < self.inputs, 1.0, -1.0)
        aim = np.concatenate([np.zeros(len(peers)), -np.ones(len(of))])
        return self._solved(aim, _total(aim, 0, len(peers)), equal=(rows, right))

    def _solved(
        self, aim: Vector, total: Rows, *, most: Rows | None = None, equal: Rows | None = None
    ) -> Vector | None:
        """The least of aim·v over v ≥ 0 with these rows and what returns to scale ask of Σλ; None without one.

        Each variable is counted in what makes its greatest coefficient 1: the solver's tolerances are absolute, and
        would pass over peers much smaller than the unit. What it leaves of a zero is 0.
        """
        most = _joined(most, total) if self.returns == "nonincreasing" else most
        equal = _joined(equal, total) if self.returns == "variable" else equal
        scale = np.vstack([np.abs(rows) for rows, _ in filter(None, (most, equal))]).max(axis=0)
        if not np.isfinite(scale).all():
            return None
        # A peer of which no digits are left beside the unit stays too small to be of use to it.
        scale[scale < np.finfo(float).tiny] = 1.0
        sides = [(None, None) if side is None else (side[0] / scale, side[1]) for side in (most, equal)]
        found = linprog(aim / scale, *sides[0], *sides[1], bounds=(0.0, None), method="highs")
        with np.errstate(over="ignore"):
            return np.where(found.x > ZERO, found.x, 0.0) / scale if found.success else None


def _within_numbers(found: Vector, of: Vector, peers: Matrix) -> bool:
    """Whether λ, the slacks and what the peers sum up to can be written as numbers at all."""
    with np.errstate(all="ignore"):
        sums = found[: len(peers)] @ peers
        return bool(np.isfinite(np.concatenate([found, found[len(peers) :] * of, sums, sums / of])).all())


def _total(aim: Vector, before: int, count: int) -> Rows:
    """Σλ on one side, 1 on the other; λ stands after the first `before` variables."""
    row = np.zeros((1, len(aim)))
    row[0, before : before + count] = 1.0
    return row, np.ones(1)


def _joined(rows: Rows | None, more: Rows) -> Rows:
    return more if rows is None else (np.vstack([rows[0], more[0]]), np.concatenate([rows[1], more[1]]))
