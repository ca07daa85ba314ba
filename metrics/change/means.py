"""A mean's change taken apart into its children's changes, their coming and going, and their weights.

Means that are linear in a function f of the scores, f(m) = Σ w·f(s) / Σ w (arithmetic, geometric, harmonic, power), are
taken apart in closed form. Children scored on both sides are compared like with like, Σ w̄·Δf + Σ (f̄ − F̄)·Δw with bars
for the means of both sides (Bennet 1920; Griliches & Regev 1995). A child that came or went counts by its distance from
these (Melitz & Polanec 2015); where there are none, from the mean of both sides. Points come from f by the secant
(b − a)/(f(b) − f(a)), which is the logarithmic mean of LMDI in the geometric case (Ang 2004, Energy Policy 32).
Any other mean is taken apart by Shapley's value (1953) with its children as the players.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from metrics.aggregate import ROUNDING, aggregated
from metrics.change.coalitions import chance, coalitions_of
from metrics.change.points import Vector
from metrics.frames import Matrix
from metrics.methods import aggregate_name

Flags = npt.NDArray[np.bool_]
# Nearer than this share of their size two numbers have a slope, not a secant.
_NEAR = 1e-6


@dataclass(frozen=True, eq=False)
class Field:
    """All regions of one side, against which a Copeland score is counted: scores (n, k), who is compared, places."""

    scores: Matrix
    compared: Flags
    places: npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Side:
    """A node's children on one side: scores (regions, children) with NaN for none, weights, and the field."""

    scores: Matrix
    weights: Vector
    field: Field


@dataclass(frozen=True, eq=False)
class Parts:
    """A mean's change, by regions (r) and children (k); all of it adds up, NaN where it cannot be taken apart.

    `children` (r, k): what each child's change, coming or going gives; `rates` (r, k): the mean's points for one of a
    child's that is scored on both sides, else NaN; `weights` (r, k): what the weight of each gives; `whole` (r): what
    belongs to no child, by kind.
    """

    children: Matrix
    rates: Matrix
    weights: Matrix
    whole: Mapping[str, Vector]

    @property
    def total(self) -> Vector:
        """What the parts add up to."""
        return sum(self.whole.values(), start=(self.children + self.weights).sum(axis=1))


@dataclass(frozen=True)
class Form:
    """How children's scores become one: the aggregation and the floor."""

    method: Any
    floor: float | None

    @property
    def name(self) -> str:
        """The aggregation's name."""
        return aggregate_name(self.method)

    def raised(self, scores: Matrix) -> Matrix:
        """Scores as the mean sees them."""
        return scores if self.floor is None else np.maximum(scores, self.floor)

    def mean(self, scores: Matrix, weights: Vector) -> Vector:
        """The mean of each of some rows; no region is compared with another here."""
        compared = np.zeros(scores.shape[-2], dtype=bool)
        each = np.broadcast_to(weights, (*scores.shape[:-2], 1, len(weights)))
        found: Vector = aggregated(scores, each, self.method, compared=compared, floor=self.floor)[..., 0, :]
        return np.where(np.isfinite(found), found, np.nan)


def parts_of(form: Form, before: Side, after: Side) -> Parts:
    """The change of a node's mean from one side to the other, which the parts add up to; NaN where it has none."""
    with np.errstate(all="ignore"):
        linear = form.name in _SCALES
        return _closed_form(form, before, after) if linear else _by_coalitions(form, before, after)


Slope = Callable[[Matrix], Matrix]
Scale = tuple[Callable[[Matrix], Matrix], Slope, Callable[[Vector], Vector]]


def _scale(form: Form) -> Scale:
    """f, its slope and its inverse."""
    return _SCALES[form.name](form.method)


def _power(method: Any) -> Scale:
    p = float(method.power)
    return lambda s: s**p, lambda s: p * s ** (p - 1.0), lambda f: f ** (1.0 / p)


_SCALES: dict[str, Callable[[Any], Scale]] = {
    "arithmetic": lambda method: (lambda s: s, np.ones_like, lambda f: f),
    "geometric": lambda method: (np.log, lambda s: 1.0 / s, np.exp),
    "harmonic": lambda method: (lambda s: 1.0 / s, lambda s: -1.0 / s**2, lambda f: 1.0 / f),
    "power": _power,
}


def _secant(a: Matrix, b: Matrix, fa: Matrix, fb: Matrix, slope: Callable[[Matrix], Matrix]) -> Matrix:
    """(f(b) − f(a))/(b − a); the slope between them where they are (nearly) the same."""
    near = np.abs(b - a) <= _NEAR * np.maximum(np.abs(a), np.abs(b))
    found: Matrix = np.where(near, slope((a + b) / 2.0), (fb - fa) / (b - a))
    return found


def _closed_form(form: Form, before: Side, after: Side) -> Parts:
    f, slope, inverse = _scale(form)
    sides = (before, after)
    raised = [form.raised(side.scores) for side in sides]
    scores = [f(values) for values in raised]
    here = [~np.isnan(side.scores) & (side.weights > 0.0) for side in sides]
    both = here[0] & here[1]
    shares = [_shares(part, side.weights) for part, side in zip(here, sides, strict=True)]
    stayed = [_shares(both, side.weights) for side in sides]
    means = [_sum(share, score) for share, score in zip(shares, scores, strict=True)]
    lasting = [_sum(share, score) for share, score in zip(stayed, scores, strict=True)]
    # Without a child on both sides, those that went and came are measured against the mean of both means.
    none = ~both.any(axis=1)
    reference = [np.where(none, (means[0] + means[1]) / 2.0, mean) for mean in lasting]
    points = [inverse(mean) for mean in (*means, *reference)]

    def rate(a: int, b: int, fa: Vector, fb: Vector) -> Vector:
        return 1.0 / _secant(points[a], points[b], fa, fb, slope)

    whole = rate(0, 1, means[0], means[1])
    went = np.where(none, whole, rate(0, 2, means[0], reference[0]))
    came = np.where(none, whole, rate(1, 3, means[1], reference[1]))
    lasted = np.where(none, 0.0, rate(2, 3, reference[0], reference[1]))
    steady = (stayed[0] + stayed[1]) / 2.0
    rates = lasted[:, None] * steady * _rates(form, sides, raised, scores, slope)
    # A slope without bounds belongs to a score that has not moved: whatever moved inside it came to nothing.
    rates = np.where(both, np.where(np.isfinite(rates), rates, 0.0), np.nan)
    children = np.where(both, rates * (after.scores - before.scores), 0.0)
    for sign, only, share, score, mean, each in (
        (-1.0, here[0] & ~both, shares[0], scores[0], reference[0], went),
        (1.0, here[1] & ~both, shares[1], scores[1], reference[1], came),
    ):
        children = children + np.where(only, sign * each[:, None] * share * (score - mean[:, None]), 0.0)
    centre = (lasting[0] + lasting[1]) / 2.0
    distance = (scores[0] + scores[1]) / 2.0 - centre[:, None]
    weights = np.where(both, lasted[:, None] * distance * (stayed[1] - stayed[0]), 0.0)
    return Parts(children, rates, weights, {})


def _rates(
    form: Form, sides: Sequence[Side], raised: Sequence[Matrix], scores: Sequence[Matrix], slope: Slope
) -> Matrix:
    """How much f of a child's score changes for one point of it; nothing below the floor."""
    a, b = (side.scores for side in sides)
    inside = np.ones_like(a) if form.floor is None else ((a + b) / 2.0 > form.floor).astype(float)
    return _secant(a, b, scores[0], scores[1], lambda s: inside * slope(form.raised(s)))


def _shares(here: Flags, weights: Vector) -> Matrix:
    """The weights of those that are here, as shares of 1."""
    counted = np.where(here, weights, 0.0)
    found: Matrix = counted / counted.sum(axis=1, keepdims=True)
    return found


def _sum(shares: Matrix, scores: Matrix) -> Vector:
    found: Vector = np.where(shares > 0.0, shares * scores, 0.0).sum(axis=1)
    return np.where(np.isnan(shares).all(axis=1), np.nan, found)


def _by_coalitions(form: Form, before: Side, after: Side) -> Parts:
    """Shapley's value of the children together, the weights and Copeland's field; of each child, inside their part."""
    weights = (0,) if np.array_equal(before.weights, after.weights) else (0, 1)
    fields = (0, 1) if form.name == "copeland" else (0,)
    players = len(weights) + len(fields) - 1
    coalitions = coalitions_of(before.scores.shape[1])
    worth = {
        (w, o): _worth(form, coalitions.masks, (before, after), (before, after)[w].weights, (before, after)[o].field)
        for w in weights
        for o in fields
    }
    children = np.sum([chance(w + o, players) * coalitions.shares(values) for (w, o), values in worth.items()], axis=0)
    whole = {}
    if len(weights) > 1:
        whole["weights"] = np.sum(
            [chance(s + o, players) * (worth[1, o][-s] - worth[0, o][-s]) for s in (0, 1) for o in fields],
            axis=0,
        )
    if len(fields) > 1:
        whole["frame"] = np.sum(
            [chance(s + w, players) * (worth[w, 1][-s] - worth[w, 0][-s]) for s in (0, 1) for w in weights], axis=0
        )
    both = ~np.isnan(before.scores) & ~np.isnan(after.scores)
    moved = after.scores - before.scores
    rates = np.where(both, np.divide(children, moved, out=np.zeros_like(children), where=both & (moved != 0.0)), np.nan)
    return Parts(children, rates, np.zeros_like(children), whole)


def _worth(form: Form, masks: Flags, sides: Sequence[Side], weights: Vector, field: Field) -> Matrix:
    """The mean of every region (m, r) when some of its children have changed and the others have not."""
    if form.name == "copeland":
        return np.stack(
            [_amid(np.where(mask, sides[1].scores, sides[0].scores), weights, field, form) for mask in masks]
        )
    mixed = np.where(masks[:, None, :], sides[1].scores, sides[0].scores)
    return form.mean(mixed, weights)


def _amid(scores: Matrix, weights: Vector, field: Field, form: Form) -> Vector:
    """Copeland scores of regions with scores of their own, each in its own place in the field."""
    everyone = np.concatenate([field.scores, scores])
    compared = np.concatenate([field.compared, np.zeros(len(scores), dtype=bool)])
    raised = form.raised(everyone)
    found = aggregated(raised, weights[None, :], form.method, compared=compared)[0, len(field.scores) :]
    # A region is no rival of its own, as it stands in the field.
    old = field.scores[field.places]
    net = np.nansum(weights * np.sign(form.raised(scores) - form.raised(old)), axis=1)
    duel = np.where(np.abs(net) > ROUNDING * weights.sum(), np.sign(net), 0.0)
    return found - np.where(field.compared[field.places] & (field.places >= 0), duel, 0.0)
