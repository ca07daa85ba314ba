"""Explanation: any score opened down to the facts it rests on, each rung with its arithmetic."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from metrics import flags as flag_labels
from metrics.definitions import Definitions, Factor, Grade, Indicator, Node, Rule, Variable
from metrics.formula import Call, Code, Formula, Number, Period, Tree, codes_of
from metrics.latex import latex
from metrics.periods import parse
from metrics.problems import InputError, Problem, nearest
from metrics.rollup import cycles_of
from metrics.scorecard import Scorecard
from metrics.tree import code_of, weights_of
from metrics.workings import WORDS, number, score_working

Kind = Literal["composite", "pillar", "indicator", "variable", "factor"]


@dataclass(frozen=True)
class Step:
    """One piece of arithmetic: what it does (a key of `workings.WORDS`), as text, and as LaTeX where that helps."""

    name: str
    text: str
    latex: str = ""


@dataclass(frozen=True)
class Rung:
    """One number of the ladder and what it is made of.

    `value` is the score of a node, the value of an indicator or variable, in `unit`; `score` (0–100) and `weight`
    (share among siblings) where there are any; `facts` the facts of a raw variable.
    """

    kind: Kind
    code: str
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
        return "\n".join([heading, *_lines(self.root, self.definitions, lang, 0)]) + "\n"


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

    def _below(self, codes: Iterable[str]) -> tuple[Rung, ...]:
        """The rungs one level down; none at the foot of what was asked for."""
        lower = replace(self, levels=self.levels - 1)
        return tuple(lower.rung(code) for code in codes) if self.levels else ()

    def rung(self, code: str) -> Rung:
        definitions = self.card.definitions
        node = _node(definitions.index, code)
        if node is not None:
            return self._node(node)
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
        codes = [code_of(child) for child in node.children]
        columns = {
            str(index): weight for index, weight in enumerate(weights_of(node, self.card.definitions, self.card.rows))
        }
        weights = self.card.rows.frame.with_columns(**columns).select(*columns).row(self.at)
        parts = [(_float(self._row(code)["score"]), weight) for code, weight in zip(codes, weights, strict=True)]
        children = self._below(codes)
        kind: Kind = "composite" if row["level"] == "composite" else "pillar"
        steps = [Step("aggregate", f"{self._aggregation(node, parts)} = {number(row['score'])}"), _coverage(row)]
        if kind == "composite":
            steps += [Step("rule", rule.code) for rule in self.card.definitions.rules if rule.code in _flags(row)]
            steps += [Step("rank", number(row["rank"])), Step("grade", str(row["grade"] or "—"))]
        score = _float(row["score"])
        return Rung(kind, node.code, score, "", score, _float(row["weight"]), tuple(steps), _flags(row), children)

    def _aggregation(self, node: Node, parts: list[tuple[float | None, float]]) -> str:
        floor = self.card.definitions.floor_of(node)
        raised = [(score if score is None or floor is None else max(score, floor), weight) for score, weight in parts]
        scored = [(score, weight) for score, weight in raised if score is not None and weight > 0.0]
        total = sum(weight for _, weight in scored)
        if not scored:
            return "—"
        name = self.card.definitions.aggregate_of(node)
        if name == "geometric":
            return "(" + " × ".join(f"{number(s)}^{number(w)}" for s, w in scored) + f")^(1/{number(total)})"
        if name == "arithmetic":
            return "(" + " + ".join(f"{number(s)} × {number(w)}" for s, w in scored) + f") / {number(total)}"
        return f"{name}(" + ", ".join(f"{number(s)}: {number(w)}" for s, w in scored) + ")"

    def _indicator(self, code: str, item: Indicator) -> Rung:
        row = self._row(code)
        value, treated, score = (_float(row[name]) for name in ("value", "treated", "score"))
        steps = self._formula_steps(code, item.formula, value)
        if treated is not None and treated != value:
            steps.append(Step("treated", number(treated)))
        if treated is not None:
            working = score_working(self.card, code, self.at, treated)
            steps.append(Step("normalise", f"{working} → {number(score)}"))
        children = self._inputs(item.formula)
        return Rung(
            "indicator", code, value, item.unit, score, _float(row["weight"]), tuple(steps), _flags(row), children
        )

    def _variable(self, code: str, item: Variable) -> Rung:
        cells = self.card.known[code]
        value = cells.value[self.at]
        flags = tuple(name for name, flag in cells.flags.items() if flag[self.at])
        if item.formula is not None:
            steps = self._formula_steps(code, item.formula, value)
            return Rung(
                "variable", code, value, item.unit, steps=tuple(steps), flags=flags, children=self._inputs(item.formula)
            )
        over = getattr(item.over_sites, "mean_by", item.over_sites)
        steps = [Step("roll_up", f"{item.over_time} / {over}")]
        return Rung("variable", code, value, item.unit, steps=tuple(steps), flags=flags, facts=self._facts(code))

    def _factor(self, code: str, item: Factor) -> Rung:
        value = self.card.known[code].value[self.at]
        return Rung("factor", code, value, item.unit, steps=(Step("source", item.source),) if item.source else ())

    def _inputs(self, formula: Formula) -> tuple[Rung, ...]:
        """What the formula names, in the order in which it does."""
        named = dict.fromkeys(code.name for code in codes_of(formula.tree))
        return self._below(named)

    def _formula_steps(self, code: str, formula: Formula, value: float | None) -> list[Step]:
        definitions = self.card.definitions
        names = {name: definitions.name_of(name, "zh") for name in formula.codes}
        numbers, constant = self._with_numbers(formula), definitions.conversion(code)
        written = f"{formula.text} = {numbers}"
        if constant != 1.0:
            written = f"{formula.text} = ({numbers}) × {number(constant)}"
        return [Step("formula", f"{written} = {number(value)}", latex(formula.tree, names))]

    def _with_numbers(self, formula: Formula) -> str:
        """The formula's text with each code replaced by the number that stands there."""
        text = formula.text
        for code, cycle in sorted(_in_context(formula.tree, "own"), key=lambda found: -found[0].column):
            start = code.column - 1
            text = text[:start] + self._number_of(code.name, cycle) + text[start + len(code.name) :]
        return text

    def _number_of(self, code: str, context: str) -> str:
        column, rows = self.card.known[code].value, self.card.rows
        name, _, argument = context.partition(" ")
        if name == "previous":
            return number(rows.shifted(column, int(argument))[self.at])
        if name == "at":
            return number(rows.at(column, argument)[self.at])
        if name == "peers":
            return code
        return number(column[self.at])

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


def _node(root: Node, code: str) -> Node | None:
    if root.code == code:
        return root
    found = (_node(child, code) for child in root.children if isinstance(child, Node))
    return next((node for node in found if node is not None), None)


def _in_context(tree: Tree, context: str) -> Iterator[tuple[Code, str]]:
    """Every code with the cycle it is read in: own, `previous n`, `at period`, or of the `peers`."""
    if isinstance(tree, Code):
        yield tree, context
    elif isinstance(tree, Call):
        if tree.name == "previous":
            count = tree.args[1].value if len(tree.args) > 1 and isinstance(tree.args[1], Number) else 1
            context = f"previous {int(count)}"
        elif tree.name == "at" and isinstance(tree.args[1], Period):
            context = f"at {tree.args[1].text}"
        elif tree.name in ("peers_mean", "peers_median"):
            context = "peers"
        for argument in tree.args:
            yield from _in_context(argument, context)


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


def _lines(rung: Rung, definitions: Definitions, lang: str, depth: int) -> Iterator[str]:
    indent = "  " * depth
    name = definitions.name_of(rung.code, lang)
    unit = f" {rung.unit}" if rung.unit and rung.unit != "1" else ""
    score = f" · {WORDS['score'][lang != 'zh']} {number(rung.score)}" if rung.kind == "indicator" else ""
    weight = f" · {WORDS['weight'][lang != 'zh']} {number(rung.weight)}" if rung.weight is not None else ""
    yield f"{indent}{name} [{rung.code}] {number(rung.value)}{unit}{score}{weight}"
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
        yield from _lines(child, definitions, lang, depth + 1)
