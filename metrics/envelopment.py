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
    scales = inputs.max(axis=0), outputs.max(axis=0)
    frontier = _Frontier(inputs / scales[0], outputs / scales[1], returns, orientation)
    found = [frontier.measured(unit) for unit in range(len(inputs))]
    m = inputs.shape[1]
    slacks = np.array([slack for _, _, slack in found])
    return Envelopment(
        np.array([efficiency for efficiency, _, _ in found]),
        np.array([weights for _, weights, _ in found]),
        slacks[:, :m] * scales[0],
        slacks[:, m:] * scales[1],
    )


@dataclass(frozen=True)
class _Frontier:
    """The units that all are measured against, scaled."""

    inputs: Matrix
    outputs: Matrix
    returns: Returns
    orientation: Orientation

    def measured(self, unit: int) -> tuple[float, Vector, Vector]:
        """Efficiency, peers' weights, slacks (inputs, then outputs) of one unit."""
        (n, m), s = self.inputs.shape, self.outputs.shape[1]
        nothing = float("nan"), np.full(n, np.nan), np.full(m + s, np.nan)
        radial = self._radial(unit)
        if radial is None:
            return nothing
        slacks = self._slacks(unit, radial)
        if slacks is None:
            return nothing
        efficiency = radial if self.orientation == "input" else 1.0 / radial
        weights, rest = slacks[:n], slacks[n:]
        return (
            1.0 if efficiency > 1.0 - ZERO else efficiency,
            np.where(weights > ZERO, weights, 0.0),
            np.where(rest > ZERO, rest, 0.0),
        )

    def _radial(self, unit: int) -> float | None:
        """θ, the least (or φ, the greatest) factor: over the variables factor, λ."""
        x, y = self.inputs[unit], self.outputs[unit]
        shrinking = self.orientation == "input"
        shrink, grow = (x, 0.0 * y) if shrinking else (0.0 * x, y)
        rows = np.block([[-shrink[:, None], self.inputs.T], [grow[:, None], -self.outputs.T]])
        right = np.concatenate([0.0 * x, -y] if shrinking else [x, 0.0 * y])
        aim = np.zeros(len(self.inputs) + 1)
        aim[0] = 1.0 if shrinking else -1.0
        found = self._solved(aim, most=(rows, right), before=1)
        return None if found is None or not found[0] > 0.0 else float(found[0])

    def _slacks(self, unit: int, radial: float) -> Vector | None:
        """λ and the slacks whose sum is greatest while the factor stays: over the variables λ, s⁻, s⁺."""
        (n, m), s = self.inputs.shape, self.outputs.shape[1]
        x, y = self.inputs[unit], self.outputs[unit]
        x, y = (radial * x, y) if self.orientation == "input" else (x, radial * y)
        rows = np.block([[self.inputs.T, np.eye(m), np.zeros((m, s))], [self.outputs.T, np.zeros((s, m)), -np.eye(s)]])
        aim = np.concatenate([np.zeros(n), -np.ones(m + s)])
        return self._solved(aim, equal=(rows, np.concatenate([x, y])))

    def _solved(self, aim: Vector, *, most: Rows | None = None, equal: Rows | None = None, before: int = 0) -> Vector | None:
        """The least of aim·v over v ≥ 0 with these rows and what returns to scale ask of Σλ; None without a solution.

        λ stands after the first `before` variables.
        """
        total = np.zeros((1, len(aim)))
        total[0, before : before + len(self.inputs)] = 1.0
        one = (total, np.ones(1))
        most = _joined(most, one) if self.returns == "nonincreasing" else most
        equal = _joined(equal, one) if self.returns == "variable" else equal
        found = linprog(aim, *(most or (None, None)), *(equal or (None, None)), bounds=(0.0, None), method="highs")
        return np.asarray(found.x) if found.success else None


def _joined(rows: Rows | None, more: Rows) -> Rows:
    return more if rows is None else (np.vstack([rows[0], more[0]]), np.concatenate([rows[1], more[1]]))
