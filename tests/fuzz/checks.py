"""What must hold of any file: problems told in words, scores that are numbers, everything within its time."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from time import process_time

import polars as pl

from metrics.definitions import Definitions
from metrics.explain import explain
from metrics.latex import latex
from metrics.problems import InputError, Problem
from metrics.reader import Reading, read
from metrics.scorecard import Scorecard, score
from tests.fuzz import edits
from tests.fuzz.sources import ROOT
from tests.fuzz.taken import taken

# Seconds of the processor, so that what else the machine does is not counted; more for what is large: the longest
# file of a million bytes, and every formula and score.
MOST_READING, MOST_SCORING, MOST_COMPARING = 1.0, 5.0, 5.0
# A file that is rewritten is read again and again, by a reader that knows where each character stands.
_PER_BYTE, _PER_BYTE_REWRITTEN, _PER_FORMULA = 1e-6, 1.5e-5, 3e-3
REGIONS = ("p", "q", "r", "s", "t")
_VALUES = (10.0, 0.0, 3.5, None, -2.0, 1e6, 0.25, 40.0, 1e-9, 7.0, 7.0)
_NUMBERS = ("value", "treated", "score", "weight", "coverage", "imputed")


@dataclass
class Verdict:
    """What one file showed: the rules it broke, the codes it was told, and the seconds each part took."""

    faults: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    reading: float = 0.0
    scoring: float = 0.0
    comparing: float = 0.0
    taking: dict[str, float] = field(default_factory=dict)
    outcome: str = "refused"
    size: int = 0
    formulas: int = 0

    @property
    def late(self) -> list[str]:
        """The parts that took longer than they may."""
        bounds = (
            ("reading", self.reading, MOST_READING + _PER_BYTE * self.size),
            ("comparing", self.comparing, MOST_COMPARING + _PER_BYTE_REWRITTEN * self.size),
            ("scoring", self.scoring, MOST_SCORING + _PER_FORMULA * self.formulas),
        )
        return [f"{name} took {taken:.1f} s" for name, taken, most in bounds if taken > most]


def judge(
    text: str | bytes, original: str = "", dice: Random | None = None, *, further: Collection[str] = ()
) -> Verdict:
    """Everything that must hold of a file, looked at; nothing is raised by a file, whatever it says.

    `original` is what it was made of; `dice` choose what is rewritten in it; `further` are steps of `taken`.
    """
    verdict = Verdict(size=len(text))
    start = process_time()
    reading = read(text)
    verdict.reading = process_time() - start
    verdict.codes = sorted({problem.code for problem in reading.problems})
    verdict.faults += _told(reading.problems, text)
    if reading.definitions is not None:
        card = _score(reading, reading.definitions, verdict)
        faults, verdict.taking = taken(reading.definitions, card, further)
        verdict.faults += faults
    if isinstance(text, str):
        start = process_time()
        verdict.faults += edits.rewritten(text, dice or Random(0))
        verdict.faults += edits.brought_together(original, text)
        before = reading.definitions if original == text else edits.definitions_of(original)
        if reading.definitions is not None and before is not None:
            verdict.faults += edits.compared(before, reading.definitions)
        verdict.comparing = process_time() - start
    return verdict


@lru_cache(maxsize=1)
def _documented() -> frozenset[str]:
    manual = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^### `(\w+)`", manual, flags=re.MULTILINE))


def _told(problems: tuple[Problem, ...], text: str | bytes) -> Iterator[str]:
    """Each problem is one line in either language, stands in the text, and is in the manual."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    for problem in problems:
        if problem.code not in _documented():
            yield f"{problem.code} is not in the manual"
        if not 0 <= problem.line <= lines or problem.column < 0:
            yield f"{problem.code} at {problem.line}:{problem.column} of {lines} lines"
        yield from _worded(problem)


def _worded(problem: Problem) -> Iterator[str]:
    for lang in ("zh", "en"):
        told = problem.render("f.yaml", lang)
        if len(told.splitlines()) != 1 or not told.isprintable():
            yield f"{problem.code} in {lang} is more than one line"
        if len(told) > 3000:
            yield f"{problem.code} in {lang} has {len(told)} characters"
        told.encode("utf-8")


def _score(reading: Reading, definitions: Definitions, verdict: Verdict) -> Scorecard | None:
    """The scorecard of small facts, where there is one."""
    verdict.faults += [f"read with {problem.code}" for problem in reading.problems if problem.severity == "error"]
    verdict.formulas = len(definitions.evaluation_order)
    start = process_time()
    for item in (*definitions.indicators.values(), *definitions.variables.values()):
        if item.formula is not None:
            latex(item.formula.tree, {code: definitions.name_of(code) for code in item.formula.codes})
    facts, regions = facts_for(definitions)
    try:
        card = score(definitions, facts, regions=regions)
    except InputError as error:
        verdict.outcome = "scored not"
        verdict.codes += [problem.code for problem in error.problems]
        for problem in error.problems:
            verdict.faults += _worded(problem)
        return None
    verdict.outcome = "scored"
    verdict.faults += _numbers(card)
    for code in (definitions.index.code, *list(definitions.indicators)[:3]):
        found = explain(card, REGIONS[0], card.periods[-1], code)
        for lang in ("zh", "en"):
            found.text(lang)
            found.latex(lang)
    verdict.scoring = process_time() - start
    return card


def _numbers(card: Scorecard) -> Iterator[str]:
    """Every number of the scorecard is finite or absent, and every note is one line."""
    for name in _NUMBERS:
        column = card.frame[name]
        if not column.is_finite().fill_null(value=True).all():
            yield f"{name} holds a number that is not finite"
    if not card.frame["coverage"].is_between(0.0, 1.0 + 1e-9).fill_null(value=True).all():
        yield "coverage is outside 0 to 1"
    if not (card.frame["rank"].is_not_null() <= card.frame["score"].is_not_null()).all():
        yield "a rank without a score"
    for note in card.notes:
        yield from _worded(note)


def facts_for(definitions: Definitions) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Small facts of every raw variable, gaps, zeros and extremes among them, and regions with groups."""
    raw = [code for code, variable in definitions.variables.items() if variable.formula is None]
    fiscal = definitions.cycle == "year" and definitions.fiscal_year_starts != 1
    periods = ("2023/24", "2024/25") if fiscal else _PERIODS[definitions.cycle]
    rows = [
        (region, period, code, _VALUES[(3 * at + 5 * index + 7 * later) % len(_VALUES)])
        for at, code in enumerate(raw)
        for index, region in enumerate(REGIONS)
        for later, period in enumerate(periods)
    ]
    facts = pl.DataFrame(
        rows,
        schema={"region": pl.String, "period": pl.String, "variable": pl.String, "value": pl.Float64},
        orient="row",
    )
    regions = pl.DataFrame({
        "code": REGIONS, "name_zh": REGIONS, "name_en": REGIONS, "parent": [None] * len(REGIONS),
        "zone": ["north", "north", "south", "south", None], "level": [definitions.compare] * len(REGIONS),
        "climate_zone": ["a", "a", "a", "b", "b"],
    }, schema_overrides={"parent": pl.String})  # fmt: skip
    return facts, regions


_PERIODS = {
    "year": ("2023", "2024"), "half": ("2023-H2", "2024-H1"), "quarter": ("2023-Q4", "2024-Q1"),
    "month": ("2023-12", "2024-01"),
}  # fmt: skip
