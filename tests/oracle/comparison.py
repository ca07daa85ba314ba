"""Runs a case through both engines and tells where they differ."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from metrics import scorecard
from metrics.definitions import Definitions
from metrics.problems import InputError
from metrics.reader import read
from tests.oracle import engine
from tests.oracle.weights import NoWeights

NUMBERS = ("value", "treated", "score", "weight", "coverage", "imputed")
EXACT = ("rank", "grade", "flags")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A definitions file with the facts and regions to score; `regions` None: those that the facts name."""

    text: str
    facts: Sequence[Row]
    regions: Sequence[Row] | None = None

    @cached_property
    def definitions(self) -> Definitions:
        """The definitions; fails with what is wrong where they cannot be read."""
        reading = read(self.text)
        errors = [problem.render("case", "en") for problem in reading.problems if problem.severity == "error"]
        assert reading.definitions is not None, "\n".join(errors)
        return reading.definitions


def by_engine(case: Case) -> pl.DataFrame:
    """The long frame of the engine."""
    texts = ("region", "site", "period", "variable")
    schema = {**dict.fromkeys(texts, pl.String), "value": pl.Float64}
    facts = pl.DataFrame([{name: fact.get(name) for name in schema} for fact in case.facts], schema=schema)
    regions = None
    if case.regions is not None:
        regions = pl.DataFrame(list(case.regions), schema=dict.fromkeys(case.regions[0], pl.String))
    return scorecard.score(case.definitions, facts, regions=regions).frame


def by_oracle(case: Case) -> engine.Card:
    """The cells of the oracle."""
    return engine.score(case.definitions, case.facts, case.regions)


def compared(case: Case) -> tuple[pl.DataFrame | None, list[str]]:
    """The engine's frame (None where it refuses the case), and where the oracle differs."""
    frame, card = None, None
    refused = []
    try:
        frame = by_engine(case)
    except InputError as error:
        refused = [problem.render("case", "en") for problem in error.problems]
    with suppress(NoWeights):
        card = by_oracle(case)
    if frame is None or card is None:
        return frame, [] if frame is card else [f"only one engine refuses: {refused or 'the oracle'}"]
    return frame, differences(as_cells(frame), card)


def as_cells(frame: pl.DataFrame) -> engine.Card:
    """The engine's frame in the oracle's shape."""
    return {
        (row["period"], row["region"], row["code"]): {
            **{name: row[name] for name in (*NUMBERS, "rank", "grade")},
            "flags": frozenset(filter(None, row["flags"].split(";"))),
        }
        for row in frame.iter_rows(named=True)
    }


def differences(ours: engine.Card, theirs: engine.Card) -> list[str]:
    """Every cell in which two cards differ, in words."""
    if ours.keys() != theirs.keys():
        return [f"rows {sorted(ours.keys() ^ theirs.keys())}"]
    return [
        f"{' '.join(key)} {name}: engine {ours[key][name]}, oracle {theirs[key][name]}"
        for key in sorted(ours)
        for name in (*NUMBERS, *EXACT)
        if not same(ours[key][name], theirs[key][name])
    ]


def same(a: Any, b: Any) -> bool:
    """Equal, or numbers equal to 1e-9 of their size (1e-9 near 0)."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return bool(a == b)


def not_finite(frame: pl.DataFrame) -> int:
    """How many numbers of the frame are NaN or infinite."""
    return sum(int((~frame[name].drop_nulls().is_finite()).sum()) for name in NUMBERS)
