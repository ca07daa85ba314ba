"""Envelopment: how far each unit's inputs could shrink (or outputs grow) if it did as well as the best of the others.

Data envelopment analysis by two linear programmes a unit, solved by HiGHS: first the radial measure, then, holding it,
the greatest sum of slacks, which is what the infinitesimal of the one-stage model stands for (Cooper, Seiford & Tone,
2007, Data Envelopment Analysis, 2nd ed., ch. 3 and 4). All data are above 0.
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
    # Of shares of each column's largest, so that the unit of a measure makes no difference, to slacks neither.
    scales = np.concatenate([inputs.max(axis=0), outputs.max(axis=0)])
    m = inputs.shape[1]
    frontier = _Frontier(inputs / scales[:m], outputs / scales[m:], returns, orientation)
    radial, best = frontier.factors()
    weights, slacks = frontier.weights_and_slacks(radial, best)
    efficiency = radial if orientation == "input" else 1.0 / radial
    efficiency[np.isnan(weights).any(axis=1)] = np.nan
    found = np.where(efficiency > 1.0 - ZERO, 1.0, efficiency)
    return Envelopment(found, weights, slacks[:, :m] * scales[:m], slacks[:, m:] * scales[m:])


def radial_efficiency(inputs: Matrix, outputs: Matrix, *, returns: Returns, orientation: Orientation) -> Vector:
    """The efficiency alone, as `envelop` gives it before the second programme."""
    frontier = _Frontier(inputs / inputs.max(axis=0), outputs / outputs.max(axis=0), returns, orientation)
    radial, _ = frontier.factors()
    efficiency = radial if orientation == "input" else 1.0 / radial
    return np.where(efficiency > 1.0 - ZERO, 1.0, efficiency)


@dataclass(frozen=True)
class _Frontier:
    """The units that all are measured against, scaled."""

    inputs: Matrix
    outputs: Matrix
    returns: Returns
    orientation: Orientation

    def factors(self) -> tuple[Vector, Places]:
        """θ (or φ) of every unit, NaN where it was not found, and the units that others need be measured against.

        A unit that can shrink is never needed: what it is worth as a peer, its own peers are worth too, so it is left
        out from then on (Ali, 1993, European Journal of Operational Research 64).
        """
        radial, kept = np.full(len(self.inputs), np.nan), np.ones(len(self.inputs), dtype=bool)
        for unit in range(len(radial)):
            radial[unit] = self._radial(unit, np.flatnonzero(kept))
            kept[unit] = not abs(radial[unit] - 1.0) > ZERO
        return radial, np.flatnonzero(kept)

    def weights_and_slacks(self, radial: Vector, peers: Places) -> tuple[Matrix, Matrix]:
        """λ (n, n) and the slacks (n, inputs then outputs) of every unit; NaN where they were not found."""
        n, measures = len(self.inputs), self.inputs.shape[1] + self.outputs.shape[1]
        weights, slacks = np.full((n, n), np.nan), np.full((n, measures), np.nan)
        for unit in np.flatnonzero(np.isfinite(radial)).tolist():
            found = self._slacks(unit, radial[unit], peers)
            if found is not None:
                found = np.where(found > ZERO, found, 0.0)
                weights[unit], slacks[unit] = 0.0, found[len(peers) :]
                weights[unit, peers] = found[: len(peers)]
        return weights, slacks

    def _radial(self, unit: int, peers: Places) -> float:
        """θ, the least (or φ, the greatest) factor: over the variables factor, λ."""
        x, y = self.inputs[unit], self.outputs[unit]
        shrinking = self.orientation == "input"
        shrink, grow = (x, 0.0 * y) if shrinking else (0.0 * x, y)
        rows = np.block([[-shrink[:, None], self.inputs[peers].T], [grow[:, None], -self.outputs[peers].T]])
        right = np.concatenate([0.0 * x, -y] if shrinking else [x, 0.0 * y])
        aim = np.zeros(len(peers) + 1)
        aim[0] = 1.0 if shrinking else -1.0
        found = self._solved(aim, _total(aim, 1, len(peers)), most=(rows, right))
        return float("nan") if found is None or not found[0] > 0.0 else float(found[0])

    def _slacks(self, unit: int, radial: float, peers: Places) -> Vector | None:
        """λ and the slacks whose sum is greatest while the factor stays: over the variables λ, s⁻, s⁺."""
        m, s = self.inputs.shape[1], self.outputs.shape[1]
        x, y = self.inputs[unit], self.outputs[unit]
        x, y = (radial * x, y) if self.orientation == "input" else (x, radial * y)
        spare = np.block([[np.eye(m), np.zeros((m, s))], [np.zeros((s, m)), -np.eye(s)]])
        rows = np.hstack([np.vstack([self.inputs[peers].T, self.outputs[peers].T]), spare])
        aim = np.concatenate([np.zeros(len(peers)), -np.ones(m + s)])
        return self._solved(aim, _total(aim, 0, len(peers)), equal=(rows, np.concatenate([x, y])))

    def _solved(
        self, aim: Vector, total: Rows, *, most: Rows | None = None, equal: Rows | None = None
    ) -> Vector | None:
        """The least of aim·v over v ≥ 0 with these rows and what returns to scale ask of Σλ; None without one."""
        most = _joined(most, total) if self.returns == "nonincreasing" else most
        equal = _joined(equal, total) if self.returns == "variable" else equal
        found = linprog(aim, *(most or (None, None)), *(equal or (None, None)), bounds=(0.0, None), method="highs")
        return np.asarray(found.x) if found.success else None


def _total(aim: Vector, before: int, count: int) -> Rows:
    """Σλ on one side, 1 on the other; λ stands after the first `before` variables."""
    row = np.zeros((1, len(aim)))
    row[0, before : before + count] = 1.0
    return row, np.ones(1)


def _joined(rows: Rows | None, more: Rows) -> Rows:
    return more if rows is None else (np.vstack([rows[0], more[0]]), np.concatenate([rows[1], more[1]]))
