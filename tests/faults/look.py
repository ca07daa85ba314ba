"""A look at a store after something went wrong: which of its lawful states it is in, and whether that is whole."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from data.backup import back_up
from data.intake import import_file
from data.recorded import HEAD
from data.restore import check, restore
from data.steps import SCHEMA
from data.store import Store
from metrics.problems import InputError
from tests.faults.scenes import Scene, file_in, store_in

# What is written of when something happened is another time each time.
_WHEN = r"\bmade|received\b"
DAMAGED = "damaged"


@dataclass(frozen=True)
class State:
    """What readers see: the snapshot's id, and a digest of all rows but the times in them."""

    snapshot: str
    content: str


def state_of(folder: Path) -> State | str:
    """What another process finds in a scene's store; `damaged` where it is told so."""
    store = store_in(folder)
    try:
        seen = store.held()
        whole(seen)
        return State(seen.snapshot(), _content(seen))
    except InputError as error:
        if error.problems[0].code == "store_damaged":
            return DAMAGED
        raise


def _content(store: Store) -> str:
    found = hashlib.sha256()
    for table in sorted(store.query("SELECT table_name AS name FROM duckdb_tables() WHERE NOT internal")["name"]):
        # How far the journal had come, whose lines have times.
        but = f" WHERE key <> '{HEAD}'" if table == "settings" else ""
        rows = store.query(f'SELECT * FROM "{table}"{but}')
        kept = rows.select(name for name in rows.columns if not re.search(_WHEN, name))
        # A list is no cell of a CSV.
        kept = kept.with_columns(pl.col(pl.List(pl.String)).list.join("/"))
        found.update(f"{table}{kept.sort(kept.columns).write_csv()}".encode())
    return found.hexdigest()


def whole(store: Store) -> None:
    """Every batch has all its facts and refusals, and no fact or event is without its batch."""
    counted = store.query(
        "SELECT id, accepted, rejected,"
        " (SELECT count(*) FROM facts WHERE batch = batches.id) AS facts,"
        " (SELECT count(DISTINCT row) FROM rejections WHERE batch = batches.id) AS refused,"
        " (SELECT count(*) FROM events WHERE batch = batches.id AND event = 'received') AS received FROM batches"
    )
    for row in counted.iter_rows(named=True):
        assert (row["facts"], row["refused"], row["received"]) == (row["accepted"], row["rejected"], 1), row
    for table in ("facts", "rejections", "events"):
        orphans = store.query(f"SELECT count(*) AS n FROM {table} WHERE batch NOT IN (SELECT id FROM batches)")
        assert orphans["n"][0] == 0, table
    twice = store.query("SELECT region, site, period, variable FROM current_facts GROUP BY ALL HAVING count(*) > 1")
    assert twice.is_empty(), "two facts hold"


def examine(scene: Scene, folder: Path, lawful: dict[str, Any]) -> str:
    """Which lawful state a store is in after it was cut short: raises AssertionError for any other.

    Then what a person would do next works: status, the same thing again, and something new.
    """
    _no_half_schema(folder)
    first = state_of(folder)
    assert first in lawful.values(), f"{scene.name}: neither before nor after: {first}"
    if first != DAMAGED:
        store_in(folder).heal()
    now = state_of(folder)
    assert now in lawful.values(), f"{scene.name}: neither before nor after once healed: {now}"
    _made_is_whole(scene, folder, lawful)
    if scene.name.startswith("restore"):
        restore(store_in(folder), folder / "kept.zip")
        assert state_of(folder) == lawful["after"], f"{scene.name}: a second restore"
    _goes_on(folder)
    left = [file.name for file in folder.rglob("*") if re.search(r"[.-]part$|\.new$|\.restoring", file.name)]
    assert left == [], f"{scene.name}: left {left}"
    return next(name for name, state in lawful.items() if state == now)


def _no_half_schema(folder: Path) -> None:
    """The file itself is of the schema that it was of, or of this program's: of one it has every table."""
    try:
        with duckdb.connect(str(folder / "s.duckdb"), read_only=True) as connection:
            (version,) = connection.execute("SELECT max(version) FROM schema_version").fetchone() or (None,)
            tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    except duckdb.Error:
        # Told by whoever opens the store.
        return
    steps = [file.read_text(encoding="utf-8") for file in sorted(SCHEMA.glob("*.sql"))]
    # One that is to take another's place is called so until it does.
    named = re.findall(r"CREATE TABLE (\w+)", "\n".join(steps[:version]))
    made = {name for name in named if not name.endswith("_next")}
    assert tables == {*made, "schema_version"}, f"half a schema {version}: {tables ^ made}"


def _made_is_whole(scene: Scene, folder: Path, lawful: dict[str, Any]) -> None:
    """A backup is there whole or not at all; the next one works and takes away what an interrupted one left."""
    if not scene.makes:
        return
    made = folder / scene.makes
    if made.exists():
        assert check(made).manifest.snapshot == lawful["before"].snapshot
    another = made.with_name(f"again_{made.name}") if made.exists() else made
    assert check(Path(back_up(store_in(folder), another).where)).manifest.snapshot == lawful["before"].snapshot


def _goes_on(folder: Path) -> None:
    store = store_in(folder)
    before = store.batches().height
    report = import_file(store, file_in(folder, "next.csv", 9.25, regions=3))
    assert report.batch is not None
    whole(store)
    assert (store.batches().height, store.query("SELECT max(value) AS v FROM current_facts")["v"][0]) == (
        before + 1,
        9.25,
    )
