"""Facts into a store: a large file by all rules, against the database reading it; a batch into a store of very many."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import polars as pl

from benchmarks.timing import ROUNDS, Line, against, best
from data.editions import editions
from data.intake import import_file
from data.overlay import Overlay
from data.revisions import revisions_of
from data.rolled import refresh
from data.store import Store

ROWS, BATCH = 1_000_000, 10_000
STORE_ROWS = int(os.environ.get("QUHENG_BENCH_STORE_ROWS", 20_000_000))
REGIONS, VARIABLES, MONTHS = 31, 20, 12
# Facts are ordered by region, site and variable, a row a month.
MANY = """
    INSERT INTO facts SELECT 'r' || (site // $own)::INT, 's' || site, '2024-' || lpad((month + 1)::VARCHAR, 2, '0'),
        'v' || v, (hash(id) % 100_000) / 100.0 + 1, 'reported', NULL, NULL, 1, id + 2, id
    FROM (
        SELECT site, v, month, site * 240 + v * 12 + month AS id
        FROM range($sites) AS a(site), range(20) AS b(v), range(12) AS c(month)
    ) ORDER BY id
"""

OWN = "SELECT region, site, period, variable, value + 1 AS value FROM current_facts"
BATCHES = {
    "one region": "WHERE region = 'r7'",
    "all regions": "WHERE variable = 'v3' AND period = '2024-05' ORDER BY hash(site)",
}


def definitions() -> str:
    """Ratios of twenty monthly sums, each variable with a plausible range, every other indicator with limits."""
    raw = [f"  v{n}: {{name: v{n}, unit: m2, plausible: [0, 2000]}}" for n in range(VARIABLES)]
    limits = "normalise: {method: limits, binding: 9, current: 2, leading: 0.1}"
    ratios = [
        f"  i{n}: {{name: i{n}, unit: '1', formula: v{n} / v{n + 1}, better: lower{f', {limits}' if n % 4 else ''}}}"
        for n in range(0, VARIABLES, 2)
    ]
    children = ", ".join(f"{{indicator: i{n}}}" for n in range(0, VARIABLES, 2))
    index = f"index: {{code: composite, name: composite, children: [{children}]}}"
    return "\n".join(["schema: 1", "title: benchmark", index, "variables:", *raw, "indicators:", *ratios, ""])


def made(folder: Path) -> Store:
    """An empty store of these definitions, in a folder made for it."""
    folder.mkdir(exist_ok=True)
    file = folder / "indicators.yaml"
    file.write_text(definitions(), encoding="utf-8")
    store = Store(folder / "store.duckdb")
    with store.created("benchmark") as writer:
        writer.setting("indicators", str(file))
    return store


def lines() -> list[Line]:
    """A million rows by all rules; ten thousand rows into a store of twenty million, until they are scored."""
    return [_large_file(), *_into_many()]


def _large_file() -> Line:
    with TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "facts.csv"
        _facts().write_csv(file)
        stores = iter([made(folder / str(at)) for at in range(ROUNDS)])
        return against(
            f"import of {ROWS:,} rows by all rules, to duckdb reading them",
            lambda: _imported(next(stores), file, ROWS),
            lambda: _read(folder, file),
            bound=3.0,
        )


def _facts() -> pl.DataFrame:
    generator, sites = np.random.default_rng(20240101), ROWS // (VARIABLES * MONTHS) + 1
    keys = pl.DataFrame({"site": range(sites)}).join(pl.DataFrame({"v": range(VARIABLES)}), how="cross")
    keys = keys.join(pl.DataFrame({"month": range(1, MONTHS + 1)}), how="cross").head(ROWS)
    return keys.select(
        region=pl.format("r{}", pl.col("site") // (sites // REGIONS + 1)),
        site=pl.format("s{}", pl.col("site")),
        period=pl.format("2024-{}", pl.col("month").cast(pl.String).str.zfill(2)),
        variable=pl.format("v{}", pl.col("v")),
        value=pl.Series(generator.uniform(1, 1000, ROWS)).round(2),
    )


def _read(folder: Path, file: Path) -> None:
    """The database alone reads the file into a table of its own."""
    target = folder / "read.duckdb"
    with duckdb.connect(str(target)) as connection:
        connection.execute("CREATE TABLE facts AS FROM read_csv($file)", {"file": str(file)})
    target.unlink()


def _imported(store: Store, file: Path, rows: int) -> None:
    assert import_file(store, file, sender="benchmark").accepted == rows


def _into_many() -> list[Line]:
    with TemporaryDirectory() as name:
        store = made(Path(name))
        _fill(store)
        editions(store)
        lines = [_batch(store, what, own) for what, own in BATCHES.items()]
        anew = best(lambda: _rolled_anew(store), rounds=1)
        facts = store.query(f"{OWN} WHERE region = 'r9' LIMIT {BATCH}").with_columns(row=pl.int_range(pl.len()))
        over = Overlay(store, revisions_of(store).widest, facts, None)
        what = f"roll-up of one region of {REGIONS}, to all {STORE_ROWS / 1e6:.0f} M facts"
        return [*lines, Line(what, best(over.ready, rounds=1), anew, 0.1)]


def _batch(store: Store, what: str, own: str) -> Line:
    """Corrections of facts that are there."""
    file = store.path.with_name("batch.csv")
    store.query(f"{OWN} {own} LIMIT {BATCH}").write_csv(file)
    text = f"{BATCH:,} rows of {what} into {STORE_ROWS / 1e6:.0f} M, until scored (s)"
    return Line(text, best(lambda: _scored(store, file), rounds=1), None, 2.0)


def _fill(store: Store) -> None:
    """The store as if one batch had brought in so many facts."""
    sites = STORE_ROWS // (VARIABLES * MONTHS)
    with store.transaction("fill") as writer:
        writer.execute(MANY, {"sites": sites, "own": sites // REGIONS + 1})
        writer.execute("INSERT INTO batches VALUES (1, 'f', 'd', '', '2025-01-01', 0, 0, 0, '', '')")
        writer.execute("INSERT INTO events VALUES (1, 1, 'received', NULL, '', '2025-01-01', '')")
        writer.execute("INSERT INTO regions (code, name_zh, name_en) SELECT DISTINCT region, region, region FROM facts")
        writer.execute("INSERT INTO sites SELECT DISTINCT region, site, site, site FROM facts")
        refresh(writer, store.definitions_path())


def _rolled_anew(store: Store) -> None:
    """Everything rolled up again, as where nothing had been kept."""
    with store.transaction("anew") as writer:
        writer.execute("DELETE FROM rolled")
        writer.setting("rolled rules", "")
        refresh(writer, store.definitions_path())


def _scored(store: Store, file: Path) -> None:
    _imported(store, file, BATCH)
    assert editions(store).latest.frame.height > 0
