"""Explanation: any score opened down to the facts it rests on, each rung with its arithmetic."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from metrics import flags as flag_labels
from metrics.definitions import Definitions, Factor, Grade, Indicator, Node, Rule, Variable
from metrics.formula import Formula
from metrics.latex import latex
from metrics.periods import parse
from metrics.problems import InputError, Problem, nearest
from metrics.rollup import cycles_of
from metrics.scorecard import Scorecard
from metrics.tree import code_of
from metrics.workings import WORDS, formula_working, mean_working, points_working, score_working
from metrics.written import number

Kind = Literal["composite", "pillar", "indicator", "variable", "factor"]


@dataclass(frozen=True)
class Step:
    """One piece of arithmetic: what it does (a key of `workings.WORDS`), as text, and as LaTeX where that helps."""

    name: str
    text: str
    latex: str = ""


@dataclass(frozen=True)
class Rung:
    """One number of the ladder, of one cycle, and what it is made of.

    `value` is the score of a node, the value of an indicator or variable, in `unit`; `score` (0–100) and `weight`
    (share among siblings) where there are any; `facts` the facts of a raw variable.
    """

    kind: Kind
    code: str
    period: str
    value: float | None
    unit: str = ""
    score: float | None = None
    weight: float | None = None
    steps: tuple[Step, ...] = ()
    flags: tuple[str, ...] = ()
    children: tuple["Rung", ...] = ()
    facts: pl.DataFrame | None = None


@dataclass(frozen=True)
class Explanation:
    """The ladder under one number of one region and cycle."""

    region: str
    period: str
    root: Rung
    definitions: Definitions

    def text(self, lang: str = "zh") -> str:
        """The ladder as indented lines."""
        heading = f"{self.region} · {self.period}"
        return "\n".join([heading, *_lines(self.root, self, lang, 0)]) + "\n"


def explain(
    card: Scorecard, region: str, period: str, code: str, *, facts: pl.DataFrame | None = None, levels: int = 1000
) -> Explanation:
    """Where a number comes from; `code` is a node, an indicator, a variable or a factor; `levels` rungs below it.

    `facts` (as the store or `facts.judge` gives them) are shown under the raw variables. Raises InputError for a
    region, period or code that is not there.
    """
    card.require_region(region)
    card.require_period(period)
    places = card.rows.frame.with_row_index("at").filter(pl.col("region") == region, pl.col("period") == period)
    return Explanation(region, period, _Ladder(card, places["at"][0], facts, levels).rung(code), card.definitions)


@dataclass(frozen=True)
class _Ladder:
    """Builds the rungs of one row (region and cycle) of a scorecard."""

    card: Scorecard
    at: int
    facts: pl.DataFrame | None
    levels: int

    def _below(self, numbers: Iterable[tuple[str, int]]) -> tuple[Rung, ...]:
        """The rungs (code, row) one level down; none at the foot of what was asked for."""
        lower = self.levels - 1
        return tuple(replace(self, at=at, levels=lower).rung(code) for code, at in numbers) if self.levels else ()

    def rung(self, code: str) -> Rung:
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
        row = self.card.rows.frame.row(self.at, named=True)
        found = self.card.frame.filter(
            pl.col("region") == row["region"], pl.col("period") == row["period"], pl.col("code") == code
        )
        return found.row(0, named=True)

    def _node(self, node: Node) -> Rung:
        row = self._row(node.code)
        kind: Kind = "composite" if row["level"] == "composite" else "pillar"
        steps = [Step("aggregate", mean_working(self.card, node, self.at)), _coverage(row)]
        if kind == "composite":
            steps += self._ruled(row)
        score, below = _float(row["score"]), self._below((code_of(child), self.at) for child in node.children)
        return self._rung(kind, node.code, score, row, steps=steps, children=below)

    def _ruled(self, row: dict[str, object]) -> list[Step]:
        """What the rules make of the composite: points, rules met, rank and grade."""
        definitions, met = self.card.definitions, _flags(row)
        points = points_working(self.card, met, self.at)
        return [
            *([Step("points", f"{points} = {number(row['score'])}")] if points and row["score"] is not None else []),
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
        if treated is not None and treated != value:
            steps.append(Step("treated", number(treated)))
        if treated is not None:
            working = score_working(self.card, code, self.at, treated)
            steps.append(Step("normalise", f"{working} → {number(score)}"))
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
        text = f"{formula.text} = {numbers} = {number(value)}"
        return [Step("formula", text, latex(formula.tree, names))], self._below(read)

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


def _named(text: str, definitions: Definitions, lang: str) -> str:
    """The name of a grade or rule told by its code; any other text as it is."""
    named: list[Grade | Rule] = [*definitions.grades, *definitions.rules]
    names = [item.name for item in named if item.code == text]
    return names[0].text(lang) if names and names[0] is not None else text


def _lines(rung: Rung, whole: Explanation, lang: str, depth: int) -> Iterator[str]:
    indent, definitions = "  " * depth, whole.definitions
    name = definitions.name_of(rung.code, lang)
    then = f" ({rung.period})" if rung.period != whole.period else ""
    unit = f" {rung.unit}" if rung.unit and rung.unit != "1" else ""
    score = f" · {WORDS['score'][lang != 'zh']} {number(rung.score)}" if rung.kind == "indicator" else ""
    weight = f" · {WORDS['weight'][lang != 'zh']} {number(rung.weight)}" if rung.weight is not None else ""
    yield f"{indent}{name} [{rung.code}]{then} {number(rung.value)}{unit}{score}{weight}"
    for step in rung.steps:
        yield f"{indent}  {WORDS[step.name][lang != 'zh']}: {_named(step.text, definitions, lang)}"
    for flag in rung.flags:
        yield f"{indent}  ! {flag_labels.label(flag, lang)} ({flag})"
    if rung.facts is not None:
        for fact in rung.facts.iter_rows(named=True):
            where = " · ".join(str(fact[key]) for key in ("region", "site", "period") if fact.get(key))
            batch = " · ".join(f"{key} {fact[key]}" for key in ("batch", "row", "source") if fact.get(key))
            yield f"{indent}  - {where}: {number(fact['value'])}" + (f" ({batch})" if batch else "")
    for child in rung.children:
        yield from _lines(child, whole, lang, depth + 1)
