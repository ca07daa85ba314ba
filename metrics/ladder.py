"""The ladder under a number: its rungs, and how they are told as text and as LaTeX."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import polars as pl

from metrics import flags as flag_labels
from metrics.definitions import Definitions
from metrics.formula import FormulaError, parse
from metrics.latex import latex
from metrics.models import Grade, Rule
from metrics.syntax import Code
from metrics.workings import WORDS
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
    (share among siblings) where there are any; `points` what it gives to the node above it, all of which add up to
    that node's mean; `facts` the facts of a raw variable.
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
    points: float | None = None


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

    def latex(self, lang: str = "zh") -> str:
        """The arithmetic of the ladder, a line a step, as an aligned block for KaTeX or LaTeX."""
        lines = [f"{_symbol(self, rung, lang)} &= {step.latex}" for rung, step in _worked(self.root)]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}\n"


def arithmetic(name: str, text: str) -> Step:
    """A step whose text is arithmetic and what it comes to; as LaTeX too where the formula language can write it."""
    working, sign, result = text.partition(" → ") if " → " in text else text.rpartition(" = ")
    try:
        shown = latex(parse(working.replace("×", "*")).tree, {})
    except FormulaError:
        return Step(name, text)
    return Step(name, text, rf"{shown} {_SIGNS[sign]} \text{{{result}}}")


_SIGNS = {" → ": r"\;\to\;", " = ": "="}


def _worked(rung: Rung) -> Iterator[tuple[Rung, Step]]:
    """Every step that is shown as LaTeX, from the top down."""
    yield from ((rung, step) for step in rung.steps if step.latex)
    for child in rung.children:
        yield from _worked(child)


def _symbol(whole: Explanation, rung: Rung, lang: str) -> str:
    name = whole.definitions.name_of(rung.code, lang)
    return latex(Code(name if rung.period == whole.period else f"{name} {rung.period}"), {})


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
    points = f" · {WORDS['given'][lang != 'zh']} {number(rung.points)}" if rung.points is not None else ""
    yield f"{indent}{name} [{rung.code}]{then} {number(rung.value)}{unit}{score}{weight}{points}"
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
