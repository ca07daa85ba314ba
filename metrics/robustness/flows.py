"""Flows: weights of all levels at once in linear constraints, and who can be above whom under them (HiGHS)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from metrics.frames import Matrix
from metrics.robustness.linear import Branch, Linear, Vector
from metrics.silence import silence

# Points of a composite: closer ones count as level, since the solver's own tolerance is 1e-6.
LEVEL = 1e-5


@dataclass(frozen=True)
class Ahead:
    """Another region's lead over the own one: `row` · variables + `constant`."""

    row: Vector
    constant: float


@dataclass(frozen=True)
class Flows:
    """The shares of the composite that pass through each item of the tree, for one region's indicators.

    A composite is the sum of leaf shares times scores, and a leaf's share is a product of shares over the levels. With
    f the share that passes through an item and λ a scale for each node, that all weights u lie in [w(1−s), w(1+s)]
    says lo·λ ≤ f ≤ hi·λ for each child, and Σ f of the children = f of the node, 1 at the root: f = λ·u, and u = f/λ
    gives the weights back. All of it is linear in (f, λ), however many levels there are.
    """

    index: Linear
    own: int
    branches: tuple[Branch, ...]
    column: Mapping[int | str, int]

    @property
    def width(self) -> int:
        """How many variables: a flow for each item below the root, a scale for each node."""
        return len(self.column) + len(self.branches)

    def _kids(self, branch: Branch) -> Iterator[tuple[int, int]]:
        """Columns of the children that the own region has, and their places among the node's."""
        for place, child in enumerate(branch.children):
            at = self.column.get(child.code if isinstance(child, Branch) else child)
            if at is not None:
                yield at, place

    @cached_property
    def _base(self) -> tuple[Matrix, Vector, Vector]:
        """Rows, lower and upper ends of all that holds whatever is asked."""
        rows, low, high = [], [], []
        for scale, branch in enumerate(self.branches, start=len(self.column)):
            whole = np.zeros(self.width)
            whole[[at for at, _ in self._kids(branch)]] = 1.0
            into = self.column.get(branch.code)
            if into is not None:
                whole[into] = -1.0
            rows.append(whole)
            low.append(1.0 if into is None else 0.0)
            high.append(low[-1])
            for at, place in self._kids(branch):
                for sign in (1.0, -1.0):
                    row = np.zeros(self.width)
                    row[at], row[scale] = sign, -sign * branch.weights[place] * (1.0 + sign * self.index.spread)
                    rows.append(row)
                    low.append(-np.inf)
                    high.append(0.0)
        return np.array(rows), np.array(low), np.array(high)

    def ahead(self, other: int, at_nodes: Mapping[str, Vector]) -> Ahead:
        """A region's lead, points included: linear in the flows of the indicators that both have.

        At a node of which they have different children the lead is the number that `at_nodes` gives, times the flow.
        """
        row, constant = np.zeros(self.width), self.index.points[other] - self.index.points[self.own]
        left = [self.index.root]
        while left:
            branch = left.pop()
            if self.index.alike(branch.code, self.own)[other]:
                for at, place in self._kids(branch):
                    child = branch.children[place]
                    if isinstance(child, Branch):
                        left.append(child)
                    else:
                        row[at] = self.index.scores[other, child] - self.index.scores[self.own, child]
            elif branch.code in self.column:
                row[self.column[branch.code]] = at_nodes[branch.code][other]
            else:
                constant += at_nodes[branch.code][other]
        return Ahead(row, float(constant))

    def solved(self, others: Sequence[Ahead], up: bool, nodes: int) -> tuple[int, dict[str, Vector] | None]:
        """The fewest (up) or the most of the others that are ahead at the same time, and weights that give it.

        One binary a region: 1 allows it to be ahead (up), or demands it. Of a search that is broken off the bound
        proven so far; no weights where none were found.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp

        rows, low, high = self._base
        count = len(others)
        leads = np.zeros((count, self.width + count))
        for place, other in enumerate(others):
            # No flows of which one leads into another: together they are 1, and a lead no more than the greatest.
            reach = float(np.abs(other.row).max(initial=0.0) + abs(other.constant) + LEVEL)
            # Up: lead ≤ reach·z. Else: lead ≥ level − (level + reach)·(1 − z).
            leads[place, : self.width] = other.row if up else -other.row
            leads[place, self.width + place] = -reach if up else LEVEL + reach
        ends = np.array(
            [
                -other.constant if up else other.constant - LEVEL + leads[place, self.width + place]
                for place, other in enumerate(others)
            ]
        )
        wide = np.hstack([rows, np.zeros((len(rows), count))])
        limits = LinearConstraint(
            np.vstack([wide, leads]), np.append(low, np.full(count, -np.inf)), np.append(high, ends)
        )
        binary = np.append(np.zeros(self.width), np.ones(count))
        top = np.append(np.full(self.width, np.inf), np.ones(count))
        with silence():
            found = milp(
                binary if up else -binary,
                constraints=limits,
                integrality=binary,
                bounds=Bounds(0.0, top),
                options={"node_limit": nodes, "mip_rel_gap": 0.0},
            )
        return _proven(found, count, up), None if found.x is None else self._weights(found.x)

    def _weights(self, solution: Vector) -> dict[str, Vector]:
        """The weights of every node's children by the flows; those of children that are left out stay declared."""
        found = {code: weights.copy() for code, weights in self.index.declared.items()}
        for scale, branch in enumerate(self.branches, start=len(self.column)):
            for at, place in self._kids(branch):
                if solution[scale] > 0.0:
                    found[branch.code][place] = solution[at] / solution[scale]
        return found


def _proven(found: Any, count: int, up: bool) -> int:
    """What the search has proven of a whole number: not fewer (up), or not more."""
    bound = found.mip_dual_bound if found.mip_dual_bound is not None else found.fun
    if bound is None or not np.isfinite(bound):
        return 0 if up else count
    return int(np.ceil(bound - 1e-6)) if up else int(np.floor(-bound + 1e-6))


def flows_of(index: Linear, own: int) -> Flows:
    """The flows through the indicators that one region has."""
    branches = tuple(branch for branch in index.root.all() if index.scored[branch.code][own])
    items: list[int | str] = []
    for branch in branches:
        for place, child in enumerate(branch.children):
            if index.present[branch.code][own, place]:
                items.append(child.code if isinstance(child, Branch) else child)
    return Flows(index, own, branches, {item: at for at, item in enumerate(items)})
