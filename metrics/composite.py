"""The composite of one region and cycle as a function of its indicators' scores: its value and its slope."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from metrics.aggregate import aggregated
from metrics.methods import aggregate_name
from metrics.scorecard import Scorecard
from metrics.tree import code_of

Vector = npt.NDArray[np.float64]
Scores = Mapping[str, float]
ALONE = np.array([True])
_NEARBY = 1e-15


@dataclass(frozen=True)
class _Mean:
    """A node as its score is made in one row: the children that have one, their weights (sum 1), floor and method."""

    children: tuple[str, ...]
    weights: Vector
    floor: float | None
    method: Any


@dataclass(frozen=True)
class Composite:
    """One row of a scorecard; whoever has no score in it stays without, and weights stay as they are there."""

    card: Scorecard
    at: int

    @cached_property
    def _means(self) -> dict[str, _Mean]:
        """The nodes that reach the composite, root first."""
        definitions, cells = self.card.definitions, self.card.wide.row(self.at, named=True)
        found: dict[str, _Mean] = {}
        for code, node in definitions.tree_nodes.items():
            if code == definitions.index.code or any(code in mean.children for mean in found.values()):
                codes = [code_of(child) for child in node.children]
                there = [c for c in codes if cells[f"score {c}"] is not None and cells[f"weight {c}"] is not None]
                weights = np.array([cells[f"weight {c}"] for c in there])
                method, floor = definitions.aggregate_of(node), definitions.floor_of(node)
                found[code] = _Mean(tuple(there), weights / weights.sum(), floor, method)
        return found

    @cached_property
    def scores(self) -> dict[str, float]:
        """The scores of the indicators that reach the composite."""
        means, cells = self._means, self.card.wide.row(self.at, named=True)
        return {c: cells[f"score {c}"] for mean in means.values() for c in mean.children if c not in means}

    def value(self, scores: Scores) -> float:
        """The composite before rules; NaN where its mean does not exist."""
        return self._value(self.card.definitions.index.code, scores)

    def nodes(self, scores: Scores) -> dict[str, float]:
        """The score of each node that reaches the composite, before rules, the composite's first."""
        return {code: self._value(code, scores) for code in self._means}

    def slope(self, scores: Scores) -> dict[str, float]:
        """How much the composite gains per point of each indicator, at these scores."""
        found = {self.card.definitions.index.code: 1.0}
        for code, mean in self._means.items():
            slopes = found.pop(code) * SLOPES[aggregate_name(mean.method)](
                self._raised(mean, scores), mean.weights, mean.method
            )
            found |= dict(zip(mean.children, slopes.tolist(), strict=True))
        return found

    def _raised(self, mean: _Mean, scores: Scores) -> Vector:
        values = np.array([self._value(code, scores) for code in mean.children])
        return values if mean.floor is None else np.maximum(values, mean.floor)

    def _value(self, code: str, scores: Scores) -> float:
        mean = self._means.get(code)
        if mean is None:
            return scores[code]
        values = self._raised(mean, scores)[None, :]
        return float(aggregated(values, mean.weights[None, :], mean.method, compared=ALONE)[0, 0])


def _power_slope(values: Vector, weights: Vector, p: float) -> Vector:
    """∂M/∂s = w·(s/M)^(p − 1) of the power mean M."""
    # Of shares of the score that counts most, whose powers do not overflow; at 0 there is no slope but nearby.
    values = np.maximum(values, _NEARBY * max(values.max(), _NEARBY))
    unit = values.min() if p < 0.0 else values.max()
    mean = unit * float((weights * (values / unit) ** p).sum()) ** (1.0 / p)
    return np.asarray(weights * (values / mean) ** (p - 1.0))


def _geometric_slope(values: Vector, weights: Vector, method: Any) -> Vector:
    return np.asarray(np.exp((weights * np.log(values)).sum()) * weights / values)


def _minimum_slope(values: Vector, weights: Vector, method: Any) -> Vector:
    return np.asarray(np.arange(len(values)) == values.argmin(), dtype=float)


# The aggregations that are concave in the scores (a power of at most 1): never better than their tangent promises.
SLOPES: dict[str, Callable[[Vector, Vector, Any], Vector]] = {
    "arithmetic": lambda values, weights, method: weights,
    "geometric": _geometric_slope,
    "harmonic": lambda values, weights, method: _power_slope(values, weights, -1.0),
    "power": lambda values, weights, method: _power_slope(values, weights, method.power),
    "minimum": _minimum_slope,
}


def is_concave(method: Any) -> bool:
    """Whether an aggregation is concave in its scores."""
    return aggregate_name(method) in SLOPES and getattr(method, "power", 1.0) <= 1.0
