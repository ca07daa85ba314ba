"""Facts for roll-ups on several engines: the demonstration's, and random ones with all that is awkward."""

import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from data.rollups import RolledUpFiles
from metrics.definitions import Definitions
from metrics.reader import read

HOSTILE = """
schema: 1
title: T
variables:
  total: {name: T, unit: kWh}
  allowed: {name: P, unit: kWh, partial: allow}
  zero: {name: Z, unit: kWh, absent: zero}
  mean: {name: M, unit: "1", over_time: mean, over_sites: mean}
  mean0: {name: M0, unit: "1", over_time: mean, over_sites: mean, absent: zero}
  last: {name: L, unit: person, over_time: last}
  last0: {name: L0, unit: person, over_time: last, absent: zero}
  first: {name: F, unit: person, over_time: first}
  first0: {name: F0, unit: person, over_time: first, absent: zero}
  least: {name: Min, unit: "1", over_time: min, over_sites: min}
  most0: {name: Max, unit: "1", over_time: max, over_sites: max, absent: zero}
  rate: {name: R, unit: "1", over_time: mean, over_sites: {mean_by: area}}
  area: {name: A, unit: m2, over_time: last}
  own: {name: O, unit: "1", over_sites: none}
indicators: {x: {name: X, unit: kWh, formula: total, better: lower}}
index: {code: composite, name: C, children: [{indicator: x}]}
"""
PERIODS = (
    [f"{year}-{month:02}" for year in (2023, 2024) for month in range(1, 13)],
    [f"2024-Q{quarter}" for quarter in range(1, 5)],
    ["2024-H1", "2024-H2"],
    ["2023"],
    ["2024"],
    ["2021/24"],
)


def definitions(text: str = HOSTILE) -> Definitions:
    """The definitions that a text holds."""
    found = read(text).definitions
    assert found is not None
    return found


def hostile(seed: int = 20240101) -> pl.DataFrame:
    """Every variable in regions with and without sites: gaps, empty cells, kinds of periods mixed, weights of 0."""
    schema = dict.fromkeys(("region", "site", "period", "variable"), pl.String) | {"value": pl.Float64}
    return pl.DataFrame(list(_rows(random.Random(seed))), schema=schema, orient="row")


def _rows(chance: random.Random) -> Iterator[tuple[str, str | None, str, str, float | None]]:
    for region in ("110000", "120000", "130000", "140000"):
        for site in (None, "s1", "s2", "s3"):
            for variable in definitions().raw:
                kinds = PERIODS if chance.random() < 0.2 else chance.sample(PERIODS, chance.choice((0, 1, 1, 2)))
                whole, empty = chance.random() < 0.6, chance.random() < 0.1
                for period in (period for kind in kinds for period in kind):
                    if not whole and chance.random() < 0.2:
                        continue
                    nothing = empty or (not whole and chance.random() < 0.2)
                    yield region, site, period, variable, None if nothing else _value(chance)


def _value(chance: random.Random) -> float:
    return chance.choice((0.0, 0.1, chance.uniform(0, 1e-6), chance.uniform(1, 100), chance.uniform(-5, 1e9)))


def files(facts: pl.DataFrame, folder: Path) -> Path:
    """A folder with a file a region."""
    folder.mkdir()
    for region, rows in facts.partition_by("region", as_dict=True).items():
        rows.write_parquet(folder / f"{region[0]}.parquet")
    return folder


def alike(one: RolledUpFiles, other: RolledUpFiles) -> None:
    """Asserts that two roll-ups have the same rows and notes, and values that differ by 1e-9 of them at most."""
    keys = ["region", "period", "variable", "note"]
    assert one.facts.height > 0
    assert one.facts.select(keys).equals(other.facts.select(keys))
    assert one.facts["value"].is_null().equals(other.facts["value"].is_null())
    apart = (one.facts["value"] - other.facts["value"]).abs() > 1e-9 * one.facts["value"].abs()
    assert not apart.any()
