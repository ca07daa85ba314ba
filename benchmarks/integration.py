"""What is asked of the regions together, against one scoring run of the same size."""

import numpy as np
import polars as pl

from benchmarks.scoring import NO_FACTS, definitions_of
from benchmarks.timing import Line, against
from metrics.apart import held_apart
from metrics.coupling import coupling, coupling_of
from metrics.integration import convergence, dispersion
from metrics.periods import Cycles
from metrics.regions import regions_of
from metrics.scorecard import Scorecard, score_values
from metrics.values import Cells, Rows

REGIONS, CYCLES, INDICATORS, GROUPS = 340, 60, 40, 31


def lines() -> list[Line]:
    """Spread, split by groups, convergence, coupling and shares of the variance, of all codes in all cycles."""
    card, groups = _card()
    members = tuple(card.regions["code"])
    return [
        against(
            f"spread, convergence, coupling: {REGIONS} x {CYCLES} x {INDICATORS}",
            lambda: _everything(card, members, groups),
            lambda: score_values(card.definitions, card.rows, card.known),
            bound=5.0,
        )
    ]


def _everything(card: Scorecard, members: tuple[str, ...], groups: dict[str, str]) -> list[pl.DataFrame]:
    spread = dispersion(card, members, groups=groups)
    coupled = coupling_of(coupling(card), members)
    return [spread, coupled, convergence(card, members), held_apart(card, members)]


def _card() -> tuple[Scorecard, dict[str, str]]:
    generator, definitions = np.random.default_rng(20240101), definitions_of(INDICATORS)
    start, codes = 2015 * 12, [f"r{n:05}" for n in range(REGIONS)]
    rows = Rows(tuple(range(start, start + CYCLES)), regions_of(None, named=codes), Cycles("month"))
    drawn = np.exp(generator.normal(4.0, 0.3, (INDICATORS, REGIONS * CYCLES)))
    known = {f"x{n}": Cells(pl.Series(column)) for n, column in enumerate(drawn)}
    card = Scorecard(*score_values(definitions, rows, known), definitions, rows, known, NO_FACTS)
    return card, {code: str(n % GROUPS) for n, code in enumerate(codes)}
