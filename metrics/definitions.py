"""Definitions: the parts of a file together, and what is asked of them as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from metrics.drawn import Robustness
from metrics.fields import NameModel
from metrics.formula import Formula
from metrics.methods import Method
from metrics.models import Cycle, Factor, Grade, Heading, Indicator, Leaf, Node, Rule, Variable
from metrics.syntax import codes_of
from metrics.yamltext import Path


@dataclass(frozen=True, slots=True)
class Standing:
    """A node or leaf, its path and the code above it: none for the root, and "" for what is right below the root."""

    item: Node | Leaf
    path: Path
    above: str | None


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One row of the tree in its order; `weight_share` among siblings as declared, None outside the tree."""

    code: str
    parent: str | None
    level: Literal["composite", "pillar", "indicator"]
    weight_share: float | None
    depth: int


@dataclass(frozen=True)
class Definitions:
    """A definitions file that holds together (contract §2).

    `conversions`: what a formula's result is multiplied with to be in the declared unit; `digest`: SHA-256 of the text,
    `source`: the text itself as it was read, for those who take it away.
    """

    heading: Heading
    factors: dict[str, Factor]
    variables: dict[str, Variable]
    indicators: dict[str, Indicator]
    index: Node
    grades: tuple[Grade, ...] = ()
    rules: tuple[Rule, ...] = ()
    robustness: Robustness = field(default_factory=Robustness)
    conversions: dict[str, float] = field(default_factory=dict)
    digest: str = ""
    source: bytes = field(default=b"", repr=False, compare=False)

    @property
    def title(self) -> NameModel:
        """The file's title."""
        return self.heading.title

    @property
    def cycle(self) -> Cycle:
        """What one scorecard covers."""
        return self.heading.cycle

    @property
    def compare(self) -> str:
        """Who is ranked: `leaves`, or a level."""
        return self.heading.compare

    @property
    def fiscal_year_starts(self) -> int:
        """The month in which a fiscal year starts."""
        return self.heading.fiscal_year_starts

    @property
    def bonus_cap(self) -> float | None:
        """The most points all bonuses together can give."""
        return self.heading.bonus_cap

    def normaliser(self, code: str) -> Method:
        """An indicator's own normaliser, else the default one."""
        return self.indicators[code].normalise or self.heading.defaults.normalise

    def missing(self, code: str) -> Any:
        """An indicator's own treatment of missing values, else the default one."""
        return self.indicators[code].missing or self.heading.defaults.missing

    def outliers(self, code: str) -> Any:
        """An indicator's own treatment of outliers, else the default one."""
        return self.indicators[code].outliers or self.heading.defaults.outliers

    def aggregate_of(self, node: Node) -> Any:
        """A node's own aggregation, else the default one."""
        return node.aggregate if node.aggregate is not None else self.heading.defaults.aggregate

    def floor_of(self, node: Node) -> float | None:
        """A node's own floor, else the default one."""
        return node.floor if node.floor is not None else self.heading.defaults.floor

    def weights_of(self, node: Node) -> Any:
        """A node's own source of weights, else the default one."""
        return node.weights or self.heading.defaults.weights

    def min_coverage_of(self, node: Node) -> float:
        """A node's own least coverage, else the default one."""
        return self.heading.defaults.min_coverage if node.min_coverage is None else node.min_coverage

    def nodes(self) -> tuple[TreeRow, ...]:
        """The tree in its order, root first; indicators outside it last."""
        inside = list(_rows(self.index, None, 1.0, 0))
        placed = {row.code for row in inside}
        outside = [TreeRow(code, None, "indicator", None, 0) for code in self.indicators if code not in placed]
        return (*inside, *outside)

    @cached_property
    def tree_nodes(self) -> dict[str, Node]:
        """The nodes by code, root first."""
        return {node.code: node for node in nodes_of(self.index)}

    @cached_property
    def standing(self) -> dict[str, Standing]:
        """Where each code stands in the tree; the root, whatever its code, under ""."""
        codes = {path: item.code if isinstance(item, Node) else item.indicator for item, path in tree_paths(self.index)}
        codes[("index",)] = ""
        return {
            codes[path]: Standing(item, path, codes[path[:-2]] if len(path) > 1 else None)
            for item, path in tree_paths(self.index)
        }

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Every code of the file."""
        return (*self.factors, *self.variables, *self.indicators, *self.tree_nodes)

    @cached_property
    def raw(self) -> tuple[str, ...]:
        """The variables that are reported, and not derived by a formula."""
        return tuple(code for code, variable in self.variables.items() if variable.formula is None)

    def name_of(self, code: str, lang: str = "zh") -> str:
        """The name of whatever has this code; the code itself where it has none."""
        parts: tuple[dict[str, Any], ...] = (self.tree_nodes, self.indicators, self.variables, self.factors)
        found = next((part[code].name for part in parts if code in part), None)
        return found.text(lang) if found is not None else code

    def unit_of(self, code: str) -> str:
        """The unit of an indicator, variable or factor; empty for a node."""
        parts: tuple[dict[str, Any], ...] = (self.indicators, self.variables, self.factors)
        return next((part[code].unit for part in parts if code in part), "")

    def conversion(self, code: str) -> float:
        """What the formula's result is multiplied with to be in the declared unit."""
        return self.conversions.get(code, 1.0)

    @cached_property
    def evaluation_order(self) -> tuple[str, ...]:
        """Derived variables and indicators, each after what its formula names."""
        formulas = formulas_of(self.variables, self.indicators)
        order: dict[str, None] = {}
        # A loop and not a recursion: a chain of formulas is as long as the file likes.
        for first in formulas:
            waiting = [(first, _named(formulas[first]))] if first not in order else []
            while waiting:
                code, named = waiting[-1]
                below = next((name for name in named if name in formulas and name not in order), None)
                if below is None:
                    order[code] = None
                    waiting.pop()
                else:
                    waiting.append((below, _named(formulas[below])))
        return tuple(order)

    def variables_of(self, code: str) -> frozenset[str]:
        """The raw variables on which a code rests in the end."""
        formulas = formulas_of(self.variables, self.indicators)
        reached, waiting = {code}, [code]
        while waiting:
            formula = formulas.get(waiting.pop())
            further = formula.codes - reached if formula is not None else frozenset()
            reached |= further
            waiting += further
        return frozenset(name for name in reached if name in self.variables and name not in formulas)


def _named(formula: Formula) -> Iterator[str]:
    return (code.name for code in codes_of(formula.tree))


def formulas_of(variables: dict[str, Variable], indicators: dict[str, Indicator]) -> dict[str, Any]:
    """The formulas by the code of what they define."""
    derived = {code: item.formula for code, item in variables.items() if item.formula is not None}
    return {**derived, **{code: item.formula for code, item in indicators.items()}}


def nodes_of(node: Node) -> Iterator[Node]:
    """A node and those below it, in the tree's order."""
    yield node
    for child in node.children:
        if isinstance(child, Node):
            yield from nodes_of(child)


def tree_paths(node: Node, path: Path = ("index",)) -> Iterator[tuple[Node | Leaf, Path]]:
    """Every node and leaf of the tree with where it stands."""
    yield node, path
    for index, child in enumerate(node.children):
        below = (*path, "children", index)
        if isinstance(child, Node):
            yield from tree_paths(child, below)
        else:
            yield child, below


def _rows(node: Node, parent: str | None, share: float, depth: int) -> Iterator[TreeRow]:
    yield TreeRow(node.code, parent, "composite" if parent is None else "pillar", share, depth)
    total = sum(child.weight for child in node.children)
    for child in node.children:
        if isinstance(child, Node):
            yield from _rows(child, node.code, child.weight / total, depth + 1)
        else:
            yield TreeRow(child.indicator, node.code, "indicator", child.weight / total, depth + 1)
