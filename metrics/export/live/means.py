"""Means: a node's score from its children's, with coverage, weights among the scored and weighted parts as lines."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from metrics.export.live.formulas import literal
from metrics.export.live.grid import Cell, Row
from metrics.export.live.parts import MEANS, PARTS, VALUES, Of
from metrics.export.live.quantities import held, kept
from metrics.export.live.world import World
from metrics.methods import aggregate_name
from metrics.models import Node
from metrics.terms import term
from metrics.tree import code_of

# Coverage that falls short by rounding alone is enough.
COVERED = 1e-12
_HUGE = 1e100
Values = Sequence[Cell]


def share_lines(world: World, node: Node) -> None:
    """A node's weights: as declared, or the shares that data or judges gave."""
    definitions = world.card.definitions
    method = definitions.weights_of(node).method
    codes = [code_of(child) for child in node.children]
    start = world.card.rows.cycles.index(world.cycle) * world.card.regions.height
    shares = [world.card.wide[f"weight {code}"][start] for code in codes]
    declared = [child.weight for child in node.children] if method == "declared" else [1.0] * len(codes)
    fixed = method not in ("declared", "equal") or max(declared) > _HUGE
    if fixed:
        world.stays(node.code, "weights")
        declared = [share or 0.0 for share in shares]
    children = [
        (code, weight, share is not None, share or 0.0)
        for code, weight, share in zip(codes, declared, shares, strict=True)
    ]
    world.shares.add(node.code, term("weights", method, world.lang), children, fixed=fixed)


def node_lines(world: World, node: Node) -> None:
    """The lines of a node: its children's scores and coverage, weights, parts; then coverage, mean and score."""
    block = _Block(world, node)
    world.spots[f"coverage {node.code}", world.cycle] = block.covered("coverage")
    if world.imputing:
        world.spots[f"reported {node.code}", world.cycle] = block.covered("reported")
    world.spots[node.code, world.cycle] = world.spots[f"score {node.code}", world.cycle] = block.score()


@dataclass
class _Block:
    world: World
    node: Node

    def __post_init__(self) -> None:
        self.codes = [code_of(child) for child in self.node.children]
        self.method: Any = self.world.card.definitions.aggregate_of(self.node)
        self.name = aggregate_name(self.method)
        self.floor = self.world.card.definitions.floor_of(self.node)
        self.shares = [row.share for row in self.world.shares.rows if row.node == self.node.code]
        self.scores: list[Row] = []
        self.values: list[Values] = []
        for code in self.codes:
            self._score(code)

    @property
    def columns(self) -> range:
        """The regions' columns."""
        return range(len(self.world.columns))

    def _score(self, code: str) -> None:
        """The line of a child's score, raised to the floor where there is one."""
        world, row = self.world, self.world.spots[f"score {code}", self.world.cycle]
        values, step = world.of(f"score {code}"), "child_score"
        texts = [f'IF(ISNUMBER({row.at(at)}),{row.at(at)},"")' for at in self.columns]
        if self.floor is not None:
            floor, step = self.setting("floor", self.floor), "child_floored"
            texts = [f'IF(ISNUMBER({row.at(at)}),MAX({row.at(at)},{floor}),"")' for at in self.columns]
            values = [None if value is None else max(float(value), self.floor) for value in values]
        self.scores.append(self._child(step, code, texts, values, "score"))
        self.values.append(values)

    def _child(self, step: str, code: str, texts: Sequence[str], values: Values, shown: str) -> Row:
        return kept(self.world, step, code, texts, values, shown=shown)

    def setting(self, name: str, value: float) -> str:
        """A parameter of the node."""
        return self.world.settings.cell(self.node.code, self.name, name, value)

    def span(self, rows: Sequence[Row], at: int) -> str:
        """The children's cells of a region, which stand one under another."""
        return f"{rows[0].at(at)}:{rows[-1].at(at)}"

    def covered(self, name: str) -> Row:
        """The node's coverage, or the part of it that was reported, after a line a child."""
        world, rows = self.world, []
        for code in self.codes:
            spot = world.spots.get((f"{name} {code}", world.cycle))
            if spot is not None:
                texts = [spot.at(at) for at in self.columns]
            else:
                score, value = (world.spots[key, world.cycle] for key in (f"score {code}", code))
                cells = [score] if name == "coverage" else [score, value]
                texts = [
                    f"IF(COUNT({','.join(cell.at(at) for cell in cells)})={len(cells)},1,0)" for at in self.columns
                ]
            rows.append(self._child(f"child_{name}", code, texts, world.of(f"{name} {code}"), "share"))
        shares = world.shares.of(self.node.code)
        texts = [
            f"SUMPRODUCT({shares},--ISNUMBER({self.span(self.scores, at)}),{self.span(rows, at)})"
            for at in self.columns
        ]
        return world.line(name, self.node.code, texts, world.of(f"{name} {self.node.code}"), shown="share")

    def score(self) -> Row:
        """The mean, and the score where the coverage is enough."""
        world, code = self.world, self.node.code
        mean = self._mean()
        least = self.setting("min_coverage", world.card.definitions.min_coverage_of(self.node))
        covered = world.spots[f"coverage {code}", world.cycle]
        texts = [
            f'IF(AND(ISNUMBER({mean.at(at)}),{covered.at(at)}>={least}-{literal(COVERED)}),{mean.at(at)},"")'
            for at in self.columns
        ]
        return world.line("node_score", code, texts, world.of(f"score {code}"), shown="result")

    def _mean(self) -> Row:
        values, code = self.world.of(f"mean {self.node.code}"), self.node.code
        if self.name not in MEANS:
            self.world.stays(code, self.name)
            tests = [f"COUNT({self.span(self.scores, at)})>0" for at in self.columns]
            before = [next((one[at] for one in self.values if one[at] is not None), None) for at in self.columns]
            texts = held(self.world, values, tests, before)
            return self.world.line("mean_of", code, texts, values, shown="score", told=self.name)
        weights = self._weights()
        parts = self._parts(weights)
        texts = [f'IFERROR({MEANS[self.name](self._of(at, weights, parts))},"")' for at in self.columns]
        told = term("aggregate", self.name, self.world.lang)
        return kept(self.world, "mean_of", code, texts, values, shown="score", told=told)

    def _of(self, at: int, weights: Sequence[Row], parts: Sequence[Row]) -> Of:
        scores, shares = self.span(self.scores, at), self.span(weights, at)
        return Of(self.method, scores, shares, self.span(parts, at) if parts else "", self.setting)

    def _weights(self) -> list[Row]:
        """The share of each child that has a score, among those that have one."""
        shares, rows = self.world.shares.of(self.node.code), []
        for place, code in enumerate(self.codes):
            own = self.world.shares.one(self.node.code, place)
            texts = [
                f"IF(ISNUMBER({self.scores[place].at(at)}),"
                f'IFERROR({own}/SUMPRODUCT({shares},--ISNUMBER({self.span(self.scores, at)})),""),"")'
                for at in self.columns
            ]
            rows.append(
                self._child("child_weight", code, texts, [self.weight(place, at) for at in self.columns], "share")
            )
        return rows

    def weight(self, place: int, at: int) -> float | None:
        """A child's share among those that have a score."""
        total = sum(share for share, values in zip(self.shares, self.values, strict=True) if values[at] is not None)
        return self.shares[place] / total if self.values[place][at] is not None and total > 0.0 else None

    def _parts(self, weights: Sequence[Row]) -> list[Row]:
        rows = []
        for place, code in enumerate(self.codes):
            texts, values = [], []
            for at in self.columns:
                s, w = self.scores[place].at(at), weights[place].at(at)
                text = PARTS[self.name](self._of(at, weights, ()), s, w)
                texts.append(f'IF(COUNT({s},{w})=2,IFERROR({text},""),"")')
                values.append(self._value(place, at))
            rows.append(self._child("child_part", code, texts, values, "score"))
        return rows

    def _value(self, place: int, at: int) -> float | None:
        """What a part comes to."""
        score, weight = self.values[place][at], self.weight(place, at)
        if score is None or weight is None:
            return None
        scored = [(float(values[at] or 0.0), self.weight(other, at) or 0.0)
                  for other, values in enumerate(self.values) if values[at] is not None]  # fmt: skip
        try:
            found = VALUES[self.name](float(score), weight, scored, self.method)
        except (ValueError, ZeroDivisionError, OverflowError):
            return None
        return found if found is not None and math.isfinite(found) else None
