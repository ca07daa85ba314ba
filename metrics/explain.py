"""Explanation: any score opened down to the facts it rests on, each rung with its arithmetic."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from metrics.contributions import shares_of
from metrics.formula import Formula
from metrics.ladder import Explanation, Kind, Rung, Step, arithmetic
from metrics.latex import latex
from metrics.models import Factor, Indicator, Node, Variable
from metrics.periods import parse
from metrics.problems import InputError, Problem, nearest
from metrics.rollup import cycles_of
from metrics.scorecard import Scorecard
from metrics.scored import frame_working, score_working
from metrics.tree import code_of
from metrics.workings import formula_working, mean_working, points_working
from metrics.written import number

# Nobody reads a longer ladder: of formulas that name each other over and over it would have no end.
MOST_LEVELS, MOST_RUNGS = 60, 5000


def explain(
    card: Scorecard, region: str, period: str, code: str, *, facts: pl.DataFrame | None = None,
    levels: int | None = None,
) -> Explanation:  # fmt: skip
    """Where a number comes from; `code` is a node, an indicator, a variable or a factor.

    `levels` rungs below it; None: all of them, up to a length where those that are not opened any further say so.
    `facts` (as the store or `facts.judge` gives them) are shown under the raw variables. Raises InputError for a
    region, period or code that is not there.
    """
    places = {row.code: place for place, row in enumerate(card.definitions.nodes())}
    ladder = _Ladder(card, card.row_of(region, period), facts, places, levels)
    return Explanation(region, period, ladder.rung(code), card.definitions)


@dataclass(frozen=True)
class _Ladder:
    """Builds the rungs of one row (region and cycle) of a scorecard."""

    card: Scorecard
    at: int
    facts: pl.DataFrame | None
    places: Mapping[str, int]
    asked: int | None
    depth: int = 0
    told: Counter[str] = field(default_factory=Counter)

    def _below(self, numbers: Sequence[tuple[str, int]]) -> tuple[list[Step], tuple[Rung, ...]]:
        """The rungs (code, row) one level down; none at the foot of what was asked for, or told as left out."""
        if self.depth == self.asked or not numbers:
            return [], ()
        if self.depth == MOST_LEVELS or self.told["rungs"] >= MOST_RUNGS:
            return [Step("unopened", ", ".join(dict.fromkeys(code for code, _ in numbers)))], ()
        lower = self.depth + 1
        return [], tuple(replace(self, at=at, depth=lower).rung(code) for code, at in numbers)

    def rung(self, code: str) -> Rung:
        """One number, opened."""
        self.told["rungs"] += 1
        definitions = self.card.definitions
        if code in definitions.tree_nodes:
            return self._node(definitions.tree_nodes[code])
        if code in definitions.indicators:
            return self._indicator(code, definitions.indicators[code])
        if code in definitions.variables:
            return self._variable(code, definitions.variables[code])
        if code in definitions.factors:
            return self._factor(code, definitions.factors[code])
        facts = {"what": "code", "name": code, "near": nearest(code, definitions.codes) or ""}
        raise InputError([Problem("not_in_scorecard", path="code", facts=facts)])

    def _row(self, code: str) -> dict[str, object]:
        # Each region's tree stands together in each cycle, in the order of the rows.
        return self.card.frame.row(self.at * len(self.places) + self.places[code], named=True)

    def _node(self, node: Node) -> Rung:
        row = self._row(node.code)
        kind: Kind = "composite" if row["level"] == "composite" else "pillar"
        steps = [arithmetic("aggregate", mean_working(self.card, node, self.at)), _coverage(row)]
        if kind == "composite":
            steps += self._ruled(row)
        cut, below = self._below([(code_of(child), self.at) for child in node.children])
        _, points = shares_of(self.card, node, self.at)
        children = tuple(replace(child, points=points[child.code]) for child in below)
        return self._rung(kind, node.code, _float(row["score"]), row, steps=[*steps, *cut], children=children)

    def _ruled(self, row: dict[str, object]) -> list[Step]:
        """What the rules make of the composite: points, rules met, rank and grade."""
        definitions, met = self.card.definitions, _flags(row)
        points = points_working(self.card, met, self.at) if row["score"] is not None else ""
        return [
            *([arithmetic("points", f"{points} = {number(row['score'])}")] if points else []),
            *(Step("rule", rule.code) for rule in definitions.rules if rule.code in met),
            Step("rank", number(row["rank"])),
            Step("grade", str(row["grade"] or "—")),
        ]

    def _rung(
        self, kind: Kind, code: str, value: float | None, row: dict[str, object], *, steps: list[Step],
        children: tuple[Rung, ...], unit: str = "",
    ) -> Rung:  # fmt: skip
        """A rung that has a row of the scorecard."""
        weight, score = _float(row["weight"]), _float(row["score"])
        return Rung(kind, code, self.period, value, unit, score, weight, tuple(steps), _flags(row), children)

    @property
    def period(self) -> str:
        return str(self.card.rows.frame["period"][self.at])

    def _indicator(self, code: str, item: Indicator) -> Rung:
        row = self._row(code)
        value, treated, score = (_float(row[name]) for name in ("value", "treated", "score"))
        steps, children = self._formula(code, item.formula, value)
        # Without a score there is no arithmetic that comes to one: the flags say why.
        if treated is not None and treated != value:
            steps.append(Step("treated", number(treated)))
        if treated is not None and score is not None:
            working = score_working(self.card, code, self.at, treated)
            met = "" if " → " in working else f" = {number(score)}"
            frame = frame_working(self.card, code, self.at)
            steps += [Step("frame", frame)] if frame else []
            steps.append(arithmetic("normalise", f"{working}{met}"))
        return self._rung("indicator", code, value, row, steps=steps, children=children, unit=item.unit)

    def _variable(self, code: str, item: Variable) -> Rung:
        cells = self.card.known[code]
        value = cells.value[self.at]
        flags = tuple(name for name, flag in cells.flags.items() if flag[self.at])
        if item.formula is not None:
            steps, children = self._formula(code, item.formula, value)
            return Rung(
                "variable", code, self.period, value, item.unit, steps=tuple(steps), flags=flags, children=children
            )
        over = getattr(item.over_sites, "mean_by", item.over_sites)
        step, facts = Step("roll_up", f"{item.over_time} / {over}"), self._facts(code)
        return Rung("variable", code, self.period, value, item.unit, steps=(step,), flags=flags, facts=facts)

    def _factor(self, code: str, item: Factor) -> Rung:
        value = self.card.known[code].value[self.at]
        steps = (Step("source", item.source),) if item.source else ()
        return Rung("factor", code, self.period, value, item.unit, steps=steps)

    def _formula(self, code: str, formula: Formula, value: float | None) -> tuple[list[Step], tuple[Rung, ...]]:
        """The formula with its numbers, and a rung for each of these, in the cycle from which it is taken."""
        names = {name: self.card.definitions.name_of(name, "zh") for name in formula.codes}
        numbers, read = formula_working(self.card, code, self.at)
        worked = arithmetic("formula", f"{numbers} = {number(value)}")
        text, shown = f"{formula.text} = {worked.text}", f"{latex(formula.tree, names)} = {worked.latex}"
        cut, below = self._below(read)
        return [Step("formula", text, shown), *cut], below

    def _facts(self, code: str) -> pl.DataFrame | None:
        """The facts of this variable, cycle and region: its own, its sites' and those of the regions below it."""
        if self.facts is None:
            return None
        row = self.card.rows.frame.row(self.at, named=True)
        regions = self.card.rows.regions
        below = [
            name for name in regions.frame["code"] if name == row["region"] or row["region"] in regions.ancestors(name)
        ]
        calendar = cycles_of(self.card.definitions)
        of_code = self.facts.filter(pl.col("variable") == code, pl.col("region").is_in(below))
        within = []
        for period in of_code["period"].unique():
            place = calendar.place(parse(period, fiscal_year_starts=calendar.fiscal_year_starts))
            if place is not None and place.ordinal == row["cycle"]:
                within.append(period)
        return of_code.filter(pl.col("period").is_in(within)).sort("region", "site", "period")


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _flags(row: dict[str, object]) -> tuple[str, ...]:
    return tuple(str(row["flags"]).split(";")) if row["flags"] else ()


def _coverage(row: dict[str, object]) -> Step:
    return Step("coverage", number(row["coverage"]))
