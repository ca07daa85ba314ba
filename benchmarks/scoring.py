"""Values → scores → ranks, against a hand-written polars expression of the same work."""

import numpy as np
import polars as pl

from benchmarks.timing import Line, against
from metrics.definitions import Definitions
from metrics.periods import Cycles
from metrics.reader import read
from metrics.regions import regions_of
from metrics.rollup import Own
from metrics.scorecard import Given, score_values
from metrics.values import Cells, Rows

SIZES = ((340, 120, 40), (3000, 60, 1), (340, 60, 10))
PILLARS = 4
# For scorecards of values that were rolled up by nobody.
NO_FACTS = Given(Own(pl.DataFrame(), (), ()), pl.DataFrame)


def definitions_of(indicators: int) -> Definitions:
    """A file of that many min-max indicators in up to four pillars, half of them lower-is-better."""
    lines = ["schema: 1", "title: benchmark", "cycle: month", "variables:"]
    lines += [f"  v{n}: {{name: v{n}, unit: '1'}}" for n in range(indicators)]
    lines += ["indicators:"]
    lines += [
        f"  x{n}: {{name: x{n}, unit: '1', formula: v{n}, better: {'lower' if n % 2 else 'higher'}}}"
        for n in range(indicators)
    ]
    lines += ["index:", "  code: composite", "  name: composite", "  children:"]
    for pillar in range(min(PILLARS, indicators)):
        lines += [f"    - code: p{pillar}", f"      name: p{pillar}", f"      weight: {pillar + 1}", "      children:"]
        lines += [f"        - {{indicator: x{n}, weight: {n + 1}}}" for n in range(pillar, indicators, PILLARS)]
    lines += ["grades:", "  - {code: good, name: good, at_least: 60}", "  - {code: poor, name: poor}"]
    reading = read("\n".join(lines))
    assert reading.definitions is not None, reading.problems
    return reading.definitions


def by_hand(wide: pl.DataFrame, indicators: int) -> pl.DataFrame:
    """The same scores, coverages, ranks and long rows as one polars query written for just this file."""

    def scaled(n: int) -> pl.Expr:
        x = pl.col(f"x{n}")
        low, high = x.min().over("period"), x.max().over("period")
        return (100.0 * ((high - x) if n % 2 else (x - low)) / (high - low)).alias(f"s x{n}")

    def mean(names: list[str], weights: list[float], code: str) -> list[pl.Expr]:
        present = pl.sum_horizontal(
            pl.when(pl.col(f"s {c}").is_not_null()).then(w) for c, w in zip(names, weights, strict=True)
        )
        total = pl.sum_horizontal(pl.col(f"s {c}") * w for c, w in zip(names, weights, strict=True))
        return [(total / present).alias(f"s {code}"), (present / sum(weights)).alias(f"c {code}")]

    pillars = min(PILLARS, indicators)
    members = {p: list(range(p, indicators, PILLARS)) for p in range(pillars)}
    lazy = wide.lazy().with_columns(scaled(n) for n in range(indicators))
    lazy = lazy.with_columns(
        e for p, ns in members.items() for e in mean([f"x{n}" for n in ns], [n + 1.0 for n in ns], f"p{p}")
    )
    lazy = lazy.with_columns(*mean([f"p{p}" for p in range(pillars)], [p + 1.0 for p in range(pillars)], "composite"))
    nodes = ["composite", *(c for p, ns in members.items() for c in (f"p{p}", *(f"x{n}" for n in ns)))]
    lazy = lazy.with_columns(
        pl.col(f"s {c}").rank("min", descending=True).over("period").alias(f"r {c}") for c in nodes
    )
    done = lazy.collect()
    blocks = [
        done.select(
            "period",
            "region",
            pl.lit(c).alias("code"),
            (pl.col(c) if c.startswith("x") else pl.lit(None, pl.Float64)).alias("value"),
            pl.col(f"s {c}").alias("score"),
            (pl.col(f"s {c}").is_not_null().cast(pl.Float64) if c.startswith("x") else pl.col(f"c {c}")).alias(
                "coverage"
            ),
            pl.col(f"r {c}").alias("rank"),
        )
        for c in nodes
    ]
    return pl.concat(blocks).sort("period", "region", maintain_order=True)


def lines() -> list[Line]:
    """One line a size."""
    return [_line(*size) for size in SIZES]


def _line(regions: int, cycles: int, indicators: int) -> Line:
    generator = np.random.default_rng(20240101)
    definitions = definitions_of(indicators)
    start = 2015 * 12
    rows = Rows(
        tuple(range(start, start + cycles)),
        regions_of(None, named=(f"r{n:05}" for n in range(regions))),
        Cycles("month"),
    )
    cells = {f"x{n}": Cells(pl.Series(generator.normal(50, 10, regions * cycles))) for n in range(indicators)}
    wide = rows.frame.select("period", "region").with_columns(c.value.alias(code) for code, c in cells.items())
    ours, _ = score_values(definitions, rows, cells)
    theirs = by_hand(wide, indicators)
    assert ours["code"].equals(theirs["code"])
    # By hand, values that differ in the last digits only are no ties: a few ranks in a million differ.
    assert (ours["rank"] != theirs["rank"].cast(pl.Int64)).sum() < 1e-4 * ours.height
    assert np.allclose(ours["score"].to_numpy(), theirs["score"].to_numpy(), rtol=1e-9, atol=1e-9)
    return against(
        f"scores of {regions} regions x {cycles} months x {indicators} indicators",
        lambda: score_values(definitions, rows, cells),
        lambda: by_hand(wide, indicators),
        bound=1.5,
    )
