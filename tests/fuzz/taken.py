"""What must hold of what a file leads to beyond its scores: its impact, its manual, its exports, its robustness."""

import csv
import json
import math
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from io import StringIO
from time import process_time

import polars as pl

from data.demo import Demo, build
from metrics.definitions import Definitions
from metrics.export import FORMATS, MANUALS
from metrics.impact import between, rescored, rows_of
from metrics.impact_words import lines
from metrics.manual import manual
from metrics.problems import InputError
from metrics.reader import read
from metrics.robustness import analyse
from metrics.rollup import cycles_of
from metrics.scorecard import Scorecard, score
from tests.fuzz.sources import ROOT

# Seconds of the processor: an impact of the demonstration's five years is computed when somebody stops typing, the
# others when they are asked for; more for every formula of a large file.
MOST = {"impact": 5.0, "manual": 2.0, "pdf": 10.0, "exports": 5.0, "robustness": 5.0}
_PER_FORMULA = {"impact": 3e-2, "manual": 2e-3, "pdf": 2e-2, "exports": 2e-2, "robustness": 5e-3}
# A file of thousands of indicators takes minutes in these steps, and shows nothing that hundreds do not.
_LARGEST = 500
_TRIALS = 5
_NUMBERS = ("rank_mean", "rank_median", "rank_p05", "rank_p95", "top_probability")


def taken(
    definitions: Definitions, card: Scorecard | None, steps: Collection[str]
) -> tuple[list[str], dict[str, float]]:
    """The rules that were broken in these steps, keys of `MOST`, and the seconds that each took; none for a file that
    is larger than any evaluation.
    """
    faults: list[str] = []
    seconds: dict[str, float] = {}
    if len(definitions.evaluation_order) > _LARGEST:
        return faults, seconds
    for name in steps:
        start = process_time()
        if name in _OF_DEFINITIONS:
            faults += _OF_DEFINITIONS[name](definitions)
        elif card is not None:
            faults += _OF_SCORES[name](card)
        seconds[name] = process_time() - start
        if seconds[name] > MOST[name] + _PER_FORMULA[name] * len(definitions.evaluation_order):
            faults.append(f"{name} took {seconds[name]:.1f} s")
    return faults, seconds


@lru_cache(maxsize=1)
def _demo() -> tuple[Demo, Scorecard]:
    """The demonstration, scored with the definitions that come with it."""
    definitions = read((ROOT / "indicators.yaml").read_bytes()).definitions
    assert definitions is not None
    found = build()
    return found, score(definitions, found.facts, regions=found.regions)


def _impact(definitions: Definitions) -> Iterator[str]:
    """What the file as a draft would do to the demonstration: sentences of one line, numbers that are finite."""
    demo, before = _demo()
    facts = demo.facts.filter(pl.col("variable").is_in(list(definitions.raw)))
    if cycles_of(definitions) != cycles_of(before.definitions) or facts.is_empty():
        return
    try:
        found = between(before, rescored(before, definitions, facts, demo.regions))
        told = [line for lang in ("zh", "en") for line in lines([found], lang=lang)]
        rows = rows_of([found])
    except InputError as error:
        str(error)
        return
    if any(len(line.splitlines()) > 1 for line in told):
        yield "the impact has a sentence of several lines"
    if not rows["change"].is_finite().fill_null(value=True).all():
        yield "the impact holds a change that is not finite"


def _manual(definitions: Definitions) -> Iterator[str]:
    """The manual in either language, which names every indicator by its code."""
    for lang in ("zh", "en"):
        text = MANUALS["md"](manual(definitions, lang=lang)).decode()
        lost = [code for code in definitions.indicators if code not in text]
        if lost:
            yield f"the manual in {lang} has no {lost[0]}"


def _pdf(definitions: Definitions) -> Iterator[str]:
    if not MANUALS["pdf"](manual(definitions)).startswith(b"%PDF-"):
        yield "the manual is no PDF"


def _exports(card: Scorecard) -> Iterator[str]:
    """JSON and CSV that others read, with a row for every row of the scorecard."""
    for lang in ("zh", "en"):
        json.loads(FORMATS["json"](card, lang=lang), parse_constant=_refused)
        rows = list(csv.reader(StringIO(FORMATS["csv"](card, lang=lang).decode("utf-8-sig"), newline="")))
        if len(rows) <= card.frame.height or len({len(row) for row in rows[-card.frame.height :]}) > 1:
            yield f"the CSV in {lang} has lost rows or cells"
    FORMATS["xlsx"](card)


def _refused(name: str) -> float:
    raise ValueError(f"{name} in JSON")


def _robustness(card: Scorecard) -> Iterator[str]:
    try:
        found = analyse(card, trials=_TRIALS)
    except InputError as error:
        str(error)
        return
    for name in _NUMBERS:
        if any(value is not None and not math.isfinite(value) for value in found.ranks[name]):
            yield f"{name} of the robustness is not finite"
    if not found.pairs["probability"].is_between(0.0, 1.0).fill_null(value=True).all():
        yield "a probability is outside 0 to 1"


_OF_DEFINITIONS: dict[str, Callable[[Definitions], Iterator[str]]] = {"impact": _impact, "manual": _manual, "pdf": _pdf}
_OF_SCORES: dict[str, Callable[[Scorecard], Iterator[str]]] = {"exports": _exports, "robustness": _robustness}
