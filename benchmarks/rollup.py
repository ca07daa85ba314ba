"""Facts by site rolled up to regions, against SQL written by hand for just these facts, in processes apart."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from benchmarks.timing import Line
from data.parquet import sources_of
from data.rollups import roll_up_files
from metrics.definitions import Definitions
from metrics.reader import read

SITE_ROWS, REGIONS, PROVINCES = 200, 340, 34
ROWS = int(os.environ.get("QUHENG_BENCH_ROWS", 100_000_000))
ROUNDS, MEMORY = 3, 1000
MONTHLY = [f"use_{n:02}" for n in range(16)]
YEARLY = [f"state_{n}" for n in range(6)] + ["satisfaction", "respondents"]
# By hand and by us: a sum of sites that all have reported all months, 0 for what is absent of one variable, a mean.
BY_HAND = """
    WITH series AS MATERIALIZED (
        SELECT region, site, variable, left(period, 4) AS cycle, count(value) AS known, sum(value) AS total,
        FROM read_parquet($files) GROUP BY ALL
    ), sites AS (
        SELECT region, site, variable, cycle, CASE
            WHEN variable = 'use_00' THEN coalesce(total, 0)
            WHEN known = CASE WHEN starts_with(variable, 'use_') THEN 12 ELSE 1 END THEN total END AS value,
        FROM series
    )
    SELECT sites.region, sites.cycle AS period, sites.variable, CASE
        WHEN sites.variable = 'satisfaction' THEN sum(sites.value * weights.value) / sum(weights.value)
        WHEN count(*) = count(sites.value) THEN sum(sites.value) END AS value,
    FROM sites LEFT JOIN (FROM sites WHERE variable = 'respondents') AS weights
        ON sites.variable = 'satisfaction' AND sites.region = weights.region
        AND sites.site = weights.site AND sites.cycle = weights.cycle
    GROUP BY sites.region, sites.cycle, sites.variable
"""


def definitions() -> Definitions:
    """The rules that the statement by hand follows."""
    words = "{name: v, unit: '1'"
    rules = [f"  {code}: {words}{', absent: zero' if code == 'use_00' else ''}}}" for code in MONTHLY]
    rules += [f"  {code}: {words}, over_time: last}}" for code in YEARLY[:6]]
    rules += [f"  satisfaction: {words}, over_time: mean, over_sites: {{mean_by: respondents}}}}"]
    rules += [f"  respondents: {words}}}"]
    tail = "indicators: {x: {name: x, unit: '1', formula: use_01, better: lower}}\n"
    index = "index: {code: composite, name: composite, children: [{indicator: x}]}\n"
    reading = read("\n".join(["schema: 1", "title: benchmark", "variables:", *rules, tail]) + index)
    assert reading.definitions is not None, reading.problems
    return reading.definitions


def write_facts(folder: Path, rows: int) -> int:
    """A file a province, each sorted by region and site: a month in 100,000 is empty. Gives how many rows there are."""
    sites = max(rows // SITE_ROWS // REGIONS, 1)
    own = REGIONS // PROVINCES
    keys = [(code, f"2024-{month:02}") for code in MONTHLY for month in range(1, 13)]
    keys += [(code, "2024") for code in YEARLY]
    connection = duckdb.connect(config={"memory_limit": f"{MEMORY}MB", "temp_directory": str(folder / "spill")})
    connection.execute("CREATE TABLE keys (k INTEGER, variable VARCHAR, period VARCHAR)")
    connection.executemany("INSERT INTO keys VALUES (?, ?, ?)", [(k, *key) for k, key in enumerate(keys)])
    for province in range(PROVINCES):
        connection.execute(
            f"""
            COPY (
                SELECT printf('%02d%02d00', {province + 11}, s // {sites} + 1) AS region,
                    printf('%s-%05d', region, s % {sites}) AS site, period, variable,
                    hash(s * {SITE_ROWS} + k + {province * 10**9}::BIGINT) AS h,
                    CASE WHEN h % 100_000 > 0 OR k >= 192 THEN (h // 100_000) % 1_000_000 / 100.0 + 1.0 END AS value
                FROM range({own * sites}) AS sites(s), keys ORDER BY s, k
            ) TO '{folder / f"{province + 11}.parquet"}' (FORMAT parquet)
            """
        )
    connection.close()
    return SITE_ROWS * REGIONS * sites


def ours(folder: Path) -> pl.DataFrame:
    """The command's own work, with all that intake refuses looked for, and the digest of the files."""
    made = roll_up_files(sources_of([folder]), definitions(), regions=None, on="duckdb", memory=MEMORY)
    assert made.accepted == made.read > 0
    return made.facts


def by_hand(folder: Path) -> pl.DataFrame:
    """One statement, under the same limit."""
    with TemporaryDirectory() as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{MEMORY}MB",
            "temp_directory": spill,
            "preserve_insertion_order": "false",
        }
        connection = duckdb.connect(config=config)
        files = [str(file) for file in sorted(folder.glob("*.parquet"))]
        found: pl.DataFrame = connection.sql(BY_HAND, params={"files": files}).pl()
        connection.close()
    return found


WAYS = {"ours": ours, "by hand": by_hand}


def lines() -> list[Line]:
    """Seconds against seconds, and the most memory that our process took."""
    with TemporaryDirectory(prefix="quheng-bench-") as name:
        folder = Path(name) / "facts"
        folder.mkdir()
        rows = write_facts(folder, ROWS)
        runs = [{way: _apart(way, folder) for way in WAYS} for _ in range(ROUNDS)]
        _compare(folder)
    best = {way: min(run[way]["seconds"] for run in runs) for way in WAYS}
    peak = max(run["ours"]["peak"] for run in runs)
    what = f"roll-up of {rows / 1e6:.3g} M rows of {rows // SITE_ROWS} sites"
    return [Line(what, best["ours"], best["by hand"], 1.2), Line(f"{what}: peak memory, GB", peak, None, 2.0)]


def _apart(way: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.rollup", way, str(folder)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(told)
    return found


def _compare(folder: Path) -> None:
    """Both ways have given the same numbers."""
    mine, theirs = (pl.read_parquet(folder.parent / f"{way}.parquet") for way in WAYS)
    both = mine.join(theirs, on=["region", "period", "variable"], how="full", suffix="_by_hand", coalesce=True)
    assert both.height == mine.height == theirs.height > 0
    assert both["value"].is_null().equals(both["value_by_hand"].is_null())
    known = both.drop_nulls("value")
    assert known.height > 0
    assert ((known["value"] - known["value_by_hand"]).abs() <= 1e-9 * known["value"].abs()).all()


def _once(way: str, folder: Path) -> None:
    start = time.perf_counter()
    found = WAYS[way](folder)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    # Beside the facts: all below their folder is read.
    found.write_parquet(folder.parent / f"{way}.parquet")
    print(json.dumps({"seconds": seconds, "peak": peak}))


if __name__ == "__main__":
    _once(sys.argv[1], Path(sys.argv[2]))
