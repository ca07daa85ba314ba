"""Statistics of an index and efficiency of its regions, against one scoring run of the same facts."""

import numpy as np
import polars as pl

from benchmarks.scoring import definitions_of
from benchmarks.timing import Line, against
from metrics.diagnostics import diagnose
from metrics.efficiency import efficiency
from metrics.scorecard import Scorecard, score

REGIONS, INDICATORS = 340, 60
DIAGNOSIS, EFFICIENCY = 4.0, 60.0


def lines() -> list[Line]:
    """All correlations, weights, distributions and findings of one cycle; two inputs, two outputs for every region."""
    definitions = definitions_of(INDICATORS)
    facts = _facts()
    card: Scorecard = score(definitions, facts)
    size = f"{REGIONS} regions x {INDICATORS} indicators"
    return [
        against(
            f"diagnosis of {size}, to one scoring",
            lambda: diagnose(card, "2024-01"),
            lambda: score(definitions, facts),
            bound=DIAGNOSIS,
        ),
        against(
            f"efficiency of {REGIONS} regions, 2 + 2 measures, to one scoring",
            lambda: efficiency(card, "2024-01", inputs=["v0", "v1"], outputs=["v2", "v3"]),
            lambda: score(definitions, facts),
            bound=EFFICIENCY,
        ),
    ]


def _facts() -> pl.DataFrame:
    """One month's values, all of them above 0."""
    generator = np.random.default_rng(20240101)
    return pl.DataFrame(
        {
            "region": [f"r{region:05}" for region in range(REGIONS) for _ in range(INDICATORS)],
            "period": "2024-01",
            "variable": [f"v{n}" for _ in range(REGIONS) for n in range(INDICATORS)],
            "value": generator.uniform(1.0, 100.0, REGIONS * INDICATORS),
        }
    )
