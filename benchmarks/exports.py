"""A scorecard of very many regions as CSV, against joins and a write by hand; reports and workbooks of 31 regions."""

import resource
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.scoring import definitions_of
from benchmarks.timing import Line, against, best
from data import demo
from metrics.export import csv
from metrics.export.labels import HEADS, LEVELS
from metrics.export.many import Asked, into_archive
from metrics.files import read_definitions
from metrics.scorecard import Scorecard, score

REGIONS, CYCLES, INDICATORS = 3000, 3, 40
PROVINCES = 31
DEFINITIONS = read_definitions(Path(__file__).parent.parent / "indicators.yaml")


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


def provinces() -> tuple[Scorecard, list[str]]:
    """The demonstration's regions and changed copies of them, as many as there are provinces, and their codes."""
    made = demo.build()
    regions = made.regions.drop("areas", strict=False)
    compared = score(DEFINITIONS, made.facts, regions=regions).regions.filter("compared")["code"].to_list()
    facts, records = [made.facts], [regions]
    for copy in range(1, PROVINCES // len(compared) + 1):
        taken = compared[: PROVINCES - copy * len(compared)]
        changed = pl.col("region").is_in(taken)
        facts.append(made.facts.filter(changed).with_columns(pl.col("region") + f"x{copy}", pl.col("value") * 1.013))
        records.append(regions.filter(pl.col("code").is_in(taken)).with_columns(pl.col("code") + f"x{copy}"))
    found = score(DEFINITIONS, pl.concat(facts), regions=pl.concat(records))
    return found, found.regions.filter("compared")["code"].to_list()


def lines() -> list[Line]:
    """The first report of a scorecard, all regions' reports and workbooks with their peak of memory; CSV by hand and
    ours."""
    many = _many()
    found = card()
    assert csv.write(found).count(b"\n") == by_hand(found).count(b"\n")
    name = f"CSV of {REGIONS} regions x {CYCLES} months x {INDICATORS} indicators"
    return [*many, against(name, lambda: csv.write(found), lambda: by_hand(found), bound=2.0)]


def _many() -> list[Line]:
    found, codes = provinces()
    asked = Asked(found, found.periods[-1:])
    assert len(codes) == PROVINCES
    first = best(lambda: asked.write("pdf", codes[:1]), rounds=1)
    every = best(lambda: into_archive(BytesIO(), asked.each(codes, ("pdf", "xlsx"))), rounds=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Line("the first PDF of a scorecard (s)", first, None, 1.0),
        Line(f"PDF and XLSX of {PROVINCES} regions (s)", every, None, 30.0),
        Line("peak memory of all this (MB)", peak, None, 700.0),
    ]
