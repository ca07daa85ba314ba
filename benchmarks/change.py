"""Change ledgers of all regions at once, against scoring the same facts once."""

from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.scoring import NO_FACTS, definitions_of
from benchmarks.timing import Line, against
from data import demo
from metrics.change import ledgers
from metrics.periods import Cycles
from metrics.reader import read
from metrics.regions import regions_of
from metrics.scorecard import Scorecard, score, score_values
from metrics.values import Cells, Rows

ROOT = Path(__file__).parent.parent
REGIONS, CYCLES, INDICATORS = 340, 2, 40


def lines() -> list[Line]:
    """The demonstration between its last two cycles, and many regions of which every value moves in every frame."""
    return [_demonstration(), _many()]


def _demonstration() -> Line:
    definitions = read((ROOT / "indicators.yaml").read_bytes()).definitions
    assert definitions is not None
    built = demo.build()
    card = score(definitions, built.facts, regions=built.regions)
    first, last = card.periods[-2:]
    return against(
        "ledgers of the demonstration, a ratio to scoring it",
        lambda: ledgers(card, card, period_before=first, period_after=last),
        lambda: score(definitions, built.facts, regions=built.regions),
        bound=1.0,
    )


def _many() -> Line:
    definitions = definitions_of(INDICATORS)
    rows = Rows(
        tuple(range(24000, 24000 + CYCLES)),
        regions_of(None, named=(f"r{n:05}" for n in range(REGIONS))),
        Cycles("month"),
    )
    generator = np.random.default_rng(20240101)
    values = [generator.normal(50, 10, REGIONS * CYCLES) for _ in range(INDICATORS)]
    known = {f"x{n}": Cells(pl.Series(column)) for n, column in enumerate(values)}
    card = Scorecard(*score_values(definitions, rows, known), definitions, rows, known, NO_FACTS)
    first, last = card.periods
    return against(
        f"ledgers of {REGIONS} regions x {INDICATORS} indicators, a ratio to scoring",
        lambda: ledgers(card, card, period_before=first, period_after=last),
        lambda: score_values(definitions, rows, known),
        bound=30.0,
    )
