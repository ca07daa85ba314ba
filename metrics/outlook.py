"""Outlook: the score and the grade of one row of a scorecard, were one of its indicators another value."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import polars as pl

from metrics.composite import Composite
from metrics.rules import ROUNDING, points_of
from metrics.scorecard import Scorecard
from metrics.syntax import codes_of
from metrics.tree import code_of
from metrics.values import Cells, compute

# A grade is lost where the score is below its bound by more than the last digits of two ways to compute it.
SURELY = 1e-10


@dataclass(frozen=True)
class Outlook:
    """A region in a cycle; what others score and what else the rules ask about stay as they are."""

    card: Scorecard
    region: str
    period: str

    @cached_property
    def at(self) -> int:
        """The region's row."""
        return self.card.row_of(self.region, self.period)

    @cached_property
    def whole(self) -> Composite:
        """Its composite before rules."""
        return Composite(self.card, self.at)

    @cached_property
    def met(self) -> frozenset[str]:
        """The rules that are met now."""
        flags = self.card.composite_of(self.region, self.period)["flags"].split(";")
        return frozenset(rule.code for rule in self.card.definitions.rules if rule.code in flags)

    def with_one(self, code: str, value: float, score: float) -> tuple[float | None, int]:
        """The composite after rules and the place of its grade in the list, 0 the best; beyond its end for none."""
        nodes = self.whole.nodes({**self.whole.scores, code: score})
        met = self._met_with(code, value, nodes) if code in self.asked_about else self.met
        rules = {rule.code: rule for rule in self.card.definitions.rules if rule.code in met}
        mean, none = nodes[self.card.definitions.index.code], len(self.card.definitions.grades)
        if not math.isfinite(mean) or any(rule.kind == "gate" for rule in rules.values()):
            return None, none
        pointed = any(rule.kind in ("bonus", "penalty") and rule.points for rule in rules.values())
        final = min(max(mean + points_of(self.card.definitions, met), 0.0), 100.0) if pointed else mean
        order = [grade.code for grade in self.card.definitions.grades]
        caps = [order.index(str(rule.cap)) for rule in rules.values() if rule.kind == "veto"]
        return final, max([self.grade_of(final + SURELY), *caps])

    def grade_of(self, score: float) -> int:
        """The place of the grade that a score has before vetoes; with quotas among the others' scores."""
        grades = self.card.definitions.grades
        if self.quotas is None:
            bounds = [-math.inf if grade.at_least is None else grade.at_least - ROUNDING for grade in grades]
            return next((at for at, bound in enumerate(bounds) if score >= bound), len(grades))
        rank = 1 + sum(other > score + ROUNDING for other in self._others)
        return next((at for at, last in enumerate(self.quotas) if rank <= last), len(grades))

    @cached_property
    def _others(self) -> list[float]:
        root = pl.col("code") == self.card.definitions.index.code
        ranked = self.card.frame.filter(root, pl.col("period") == self.period).drop_nulls("rank")
        return ranked.filter(pl.col("region") != self.region)["score"].to_list()

    @cached_property
    def quotas(self) -> list[float] | None:
        """The last rank of each grade; None where grades are given by thresholds."""
        grades = self.card.definitions.grades
        if all(grade.top is None and grade.top_share is None for grade in grades):
            return None
        count = len(self._others) + 1
        shares = [
            math.inf if grade.top_share is None else math.floor(count * grade.top_share + ROUNDING) for grade in grades
        ]
        tops = [share if grade.top is None else grade.top for grade, share in zip(grades, shares, strict=True)]
        return list(accumulate(tops))

    @cached_property
    def asked_about(self) -> frozenset[str]:
        """The indicators whose value, or whose nodes' score, decides about a rule."""
        named = {code.name for rule in self.card.definitions.rules for code in codes_of(rule.when.tree)}
        for code, node in self.card.definitions.tree_nodes.items():
            named |= {code_of(child) for child in node.children} if code in named else set()
        return frozenset(named)

    def _met_with(self, code: str, value: float, nodes: Mapping[str, float]) -> frozenset[str]:
        card = self.card
        known = {**card.known, code: _changed(card.known[code].value, self.at, value)}
        for node in card.definitions.tree_nodes:
            column = card.wide[f"score {node}"]
            known[node] = _changed(column, self.at, nodes[node]) if node in nodes else Cells(column)
        known["reported_share"] = Cells(card.wide[f"reported {card.definitions.index.code}"])
        rules = card.definitions.rules
        return frozenset(rule.code for rule in rules if compute(rule.when.tree, known, card.rows).value[self.at])


def _changed(column: pl.Series, at: int, value: float) -> Cells:
    return Cells(column.cast(pl.Float64).clone().scatter(at, value))
