"""An arithmetic index of one cycle as a weighted sum, whose weights may move within bounds at every level."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.frames import Matrix
from metrics.models import Leaf, Node
from metrics.problems import InputError, Problem
from metrics.rules import points_of
from metrics.scorecard import Scorecard
from metrics.tree import code_of, weights_of

Vector = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Branch:
    """A node, its children (a place among the leaves, or a branch) that count in the cycle, and their weights (k)."""

    code: str
    children: tuple["int | Branch", ...]
    weights: Vector

    def all(self) -> Iterator["Branch"]:
        """This branch and those below it."""
        yield self
        for child in self.children:
            if isinstance(child, Branch):
                yield from child.all()


@dataclass(frozen=True)
class Linear:
    """One cycle of an arithmetic tree, whose weights may lie anywhere in w·(1 ± spread).

    `scores` (n, leaves) of the ranked `regions`, floors applied, NaN where missing; `scored` (n,) by node, whether it
    has a score; `points` (n,) what rules add, as in the scorecard.
    """

    root: Branch
    leaves: tuple[str, ...]
    regions: tuple[str, ...]
    scores: Matrix
    scored: Mapping[str, Flags]
    points: Vector
    spread: float

    @cached_property
    def present(self) -> dict[str, Flags]:
        """By node, which of its children each region has a score of (n, k)."""
        return {
            branch.code: np.stack(
                [
                    self.scored[child.code] if isinstance(child, Branch) else ~np.isnan(self.scores[:, child])
                    for child in branch.children
                ],
                axis=1,
            )
            for branch in self.root.all()
        }

    def alike(self, code: str, own: int) -> Flags:
        """Which regions have scores of the same children of a node as this one, so that weights act on both alike."""
        present = self.present[code]
        return np.asarray((present == present[own]).all(axis=1) & (self.scored[code] == self.scored[code][own]))

    def means(self, weights: Mapping[str, Vector]) -> dict[str, Vector]:
        """Every node's scores by any weights of the nodes' children."""
        return self._up(lambda branch, columns: _mean(columns, weights[branch.code]))

    @cached_property
    def declared(self) -> dict[str, Vector]:
        """The weights of every node's children as they are."""
        return {branch.code: branch.weights for branch in self.root.all()}

    def composites(self, weights: Mapping[str, Vector]) -> Vector:
        """Every region's composite with its points."""
        return inside(self.means(weights)[self.root.code] + self.points, self.points)

    @cached_property
    def extremes(self) -> tuple[dict[str, Vector], dict[str, Vector]]:
        """The least and the most that each node's score can be, by code."""
        least = self._up(lambda branch, columns: -greatest(-columns, branch.weights, self.spread))
        return least, self._up(lambda branch, columns: greatest(columns, branch.weights, self.spread))

    def leads(
        self, own: int, *, apart: Mapping[str, Vector] | None = None
    ) -> tuple[dict[str, Vector], dict[str, Vector]]:
        """The least and the most that each region's score can be ahead of this one's, by node.

        Exact where both have the same indicators: the differences of scores are then averaged as scores are. At a node
        where they have not, each region reaches its extreme by itself, which is never less: an outer bound; or the
        lead is what `apart` says.
        """
        (low, high), difference = self.extremes, self.scores - self.scores[own]

        def most(sign: float) -> dict[str, Vector]:
            top, bottom = (high, low) if sign > 0.0 else (low, high)

            def lead(branch: Branch, columns: Matrix) -> Vector:
                code = branch.code
                together = greatest(sign * columns, branch.weights, self.spread)
                alone = top[code] - bottom[code][own] if apart is None else apart[code]
                return np.where(self.alike(code, own), sign * together, alone)

            return self._up(lead, difference)

        return most(-1.0), most(1.0)

    def _up(self, step: Callable[[Branch, Matrix], Vector], values: Matrix | None = None) -> dict[str, Vector]:
        """A number for each region and node, by code, made from those of the node's children (n, k)."""
        leaves = self.scores if values is None else values
        found: dict[str, Vector] = {}
        for branch in reversed(list(self.root.all())):
            columns = [
                found[child.code] if isinstance(child, Branch) else leaves[:, child] for child in branch.children
            ]
            here = step(branch, np.stack(columns, axis=1))
            found[branch.code] = np.where(self.scored[branch.code], here, np.nan)
        return found


def greatest(values: Matrix, weights: Vector, spread: float) -> Vector:
    """The most that each row's weighted mean can be with every weight within w·(1 ± spread); the missing are left out.

    The mean V = Σuv/Σu over a box of weights u is greatest where the children of the highest values have their upper
    bound and the others their lower one, one of k + 1 candidates: at the optimum Σu(v − V) ≤ 0 for all u in the box,
    and its greatest value 0 is taken with u at its upper bound where v > V. In a tree a child's own greatest value
    stands for v, since no share is negative and the weights of different nodes move on their own.
    """
    known = ~np.isnan(values)
    order = np.argsort(-np.where(known, values, -np.inf), axis=1, kind="stable")
    value = np.take_along_axis(np.where(known, values, 0.0), order, axis=1)
    weight = np.take_along_axis(np.where(known, weights, 0.0), order, axis=1)
    top, bottom = weight * (1.0 + spread), weight * (1.0 - spread)
    summed, total = _split(top * value, bottom * value), _split(top, bottom)
    means = np.divide(summed, total, out=np.full_like(summed, -np.inf), where=total > 0.0).max(axis=1)
    return np.where(np.isfinite(means), means, np.nan)


def inside(composite: Vector, points: Vector) -> Vector:
    """Composites that points moved stay inside 0..100."""
    return np.where(points != 0.0, np.clip(composite, 0.0, 100.0), composite)


def _mean(columns: Matrix, weights: Vector) -> Vector:
    counted = np.where(np.isnan(columns), 0.0, weights)
    total = counted.sum(axis=1)
    summed = np.where(counted > 0.0, counted * columns, 0.0).sum(axis=1)
    found: Vector = np.divide(summed, total, out=np.full(len(columns), np.nan), where=total > 0.0)
    return found


def _split(top: Matrix, bottom: Matrix) -> Matrix:
    """Sums of the first j at the top and the rest at the bottom, j = 0..k."""
    none = np.zeros((len(top), 1))
    first = np.concatenate([none, np.cumsum(top, axis=1)], axis=1)
    rest = bottom.sum(axis=1, keepdims=True) - np.concatenate([none, np.cumsum(bottom, axis=1)], axis=1)
    found: Matrix = first + rest
    return found


def linear_of(card: Scorecard, period: str, spread: float) -> Linear:
    """A cycle of a scorecard. Raises InputError for an unknown cycle or a mean that is not arithmetic at some node."""
    card.require_period(period)
    _refuse_other_means(card)
    cycle = card.periods.index(period)
    root = card.frame.filter(pl.col("level") == "composite", pl.col("period") == period)
    regions = root.drop_nulls("rank")["region"].to_list()
    here = card.wide.filter(pl.col("period") == period, pl.col("region").is_in(regions))
    branch, leaves = _branch(card.definitions.index, card, cycle, [])
    scores = _raised(card, here, leaves)
    scored = {code: here[f"score {code}"].is_not_null().to_numpy() for code in card.definitions.tree_nodes}
    return Linear(branch, tuple(leaves), tuple(regions), scores, scored, _points(card, root, regions), spread)


def _branch(node: Node, card: Scorecard, cycle: int, leaves: list[str]) -> tuple[Branch, list[str]]:
    weights = weights_of(node, card.definitions, card.rows, card.wide)[cycle]
    children: list[int | Branch] = []
    kept = []
    for child, weight in zip(node.children, weights, strict=True):
        if weight <= 0.0:
            continue
        kept.append(weight)
        if isinstance(child, Leaf):
            leaves.append(child.indicator)
            children.append(len(leaves) - 1)
        else:
            children.append(_branch(child, card, cycle, leaves)[0])
    return Branch(node.code, tuple(children), np.array(kept)), leaves


def _refuse_other_means(card: Scorecard) -> None:
    definitions = card.definitions
    wrong = [
        Problem("weights_not_linear", path=f"{code}.aggregate", facts={"code": code, "name": str(method)})
        for code, node in definitions.tree_nodes.items()
        if (method := definitions.aggregate_of(node)) != "arithmetic"
    ]
    if wrong:
        raise InputError(wrong)


def _raised(card: Scorecard, here: pl.DataFrame, leaves: Sequence[str]) -> Matrix:
    """The leaves' scores, raised to their parent's floor. InputError where a floor holds a node's own score."""
    definitions = card.definitions
    columns: dict[str, Any] = {code: here[f"score {code}"].to_numpy() for code in leaves}
    floors = {code: definitions.floor_of(node) for code, node in definitions.tree_nodes.items()}
    for code, floor in floors.items():
        if floor is None:
            continue
        for child in definitions.tree_nodes[code].children:
            name = code_of(child)
            if isinstance(child, Leaf):
                columns |= {name: np.maximum(columns[name], floor)} if name in columns else {}
            elif not _reaches(child, card, here, floor):
                facts = {"code": code, "name": f"floor {floor:g}"}
                raise InputError([Problem("weights_not_linear", path=f"{code}.floor", facts=facts)])
    return np.stack([columns[code] for code in leaves], axis=1) if leaves else np.zeros((here.height, 0))


def _reaches(node: Node, card: Scorecard, here: pl.DataFrame, floor: float) -> bool:
    """Whether a node's score is never below a floor, whatever the weights: its own floor, or every score below it."""
    own = card.definitions.floor_of(node)
    if own is not None and own >= floor:
        return True
    for child in node.children:
        low = isinstance(child, Leaf) and (here[f"score {child.indicator}"] < floor).any()
        if low or (isinstance(child, Node) and not _reaches(child, card, here, floor)):
            return False
    return True


def _points(card: Scorecard, root: pl.DataFrame, regions: Sequence[str]) -> Vector:
    """What the rules that are met add to each region's mean."""
    met = dict(root.select("region", "flags").iter_rows())
    return np.array([points_of(card.definitions, met[region].split(";")) for region in regions], dtype=float)
