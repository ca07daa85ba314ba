"""A scorecard of very many regions as CSV, against joins and a write by hand."""

import numpy as np
import polars as pl

from benchmarks.scoring import definitions_of
from benchmarks.timing import Line, against
from metrics.export import csv
from metrics.export.labels import HEADS, LEVELS
from metrics.scorecard import Scorecard, score

REGIONS, CYCLES, INDICATORS = 3000, 3, 40


def card() -> Scorecard:
    """So many regions, cycles and indicators, a tenth of the facts missing."""
    generator = np.random.default_rng(20240101)
    keys = pl.DataFrame({"region": [f"r{n:05}" for n in range(REGIONS)]}).join(
        pl.DataFrame({"period": [f"2024-{n + 1:02}" for n in range(CYCLES)]}), how="cross"
    )
    facts = keys.join(pl.DataFrame({"variable": [f"v{n}" for n in range(INDICATORS)]}), how="cross").with_columns(
        value=pl.Series(generator.normal(50, 10, keys.height * INDICATORS)), status=pl.lit("reported")
    )
    return score(definitions_of(INDICATORS), facts.filter(pl.Series(generator.random(facts.height) < 0.9)))


def by_hand(found: Scorecard) -> bytes:
    """The same rows, named by joins and written as they are, without a guard against formulas."""
    definitions = found.definitions
    codes = [row.code for row in definitions.nodes()]
    names = pl.DataFrame(
        {
            "code": codes,
            "name": [definitions.name_of(code, "zh") for code in codes],
            "unit": [definitions.unit_of(code) for code in codes],
        }
    )
    regions = found.regions.select(pl.col("code").alias("region"), pl.col("name_zh").alias("region_name"))
    levels = pl.DataFrame({"level": list(LEVELS), "level_name": [zh for zh, _ in LEVELS.values()]})
    rows = found.frame.join(names, on="code", how="left", maintain_order="left")
    for more, on in ((regions, "region"), (levels, "level")):
        rows = rows.join(more, on=on, how="left", maintain_order="left")
    shown = rows.select(
        *("period", "region", "region_name", "code", "name", pl.col("level_name").alias("level"), "parent", "unit"),
        *("value", "treated", "score", "weight", "coverage", "imputed", "rank", "grade", "flags"),
        pl.col("flags").alias("flag_words"),
    )
    named = shown.rename({name: HEADS[name][0] for name in shown.columns})
    return named.write_csv(include_bom=True, line_terminator="\r\n").encode()


def lines() -> list[Line]:
    """One line: seconds by hand and ours."""
    found = card()
    assert csv.write(found).count(b"\n") == by_hand(found).count(b"\n")
    name = f"CSV of {REGIONS} regions x {CYCLES} months x {INDICATORS} indicators"
    return [against(name, lambda: csv.write(found), lambda: by_hand(found), bound=2.0)]
