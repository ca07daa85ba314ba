"""The store: one DuckDB file that is written, and published snapshots of it that are read."""

import fcntl
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

import data.messages  # noqa: F401  (registers the words of this part's problems)
from metrics.problems import InputError, Problem

ROOT = Path(__file__).parent.parent
SCHEMA = Path(__file__).parent / "schema"
KEPT_SNAPSHOTS = 3
PATIENCE = 10.0
_SAFE: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
_READERS: dict[Path, duckdb.DuckDBPyConnection] = {}
_READERS_LOCK = threading.Lock()


def default_path() -> Path:
    """`$QUHENG_DB`, else data/store.duckdb of the project."""
    return Path(os.environ.get("QUHENG_DB") or ROOT / "data" / "store.duckdb")


@dataclass(frozen=True)
class Writer:
    """One transaction: `execute` runs a statement with its values bound, `insert` appends a frame's rows."""

    connection: duckdb.DuckDBPyConnection

    def execute(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows a statement gives."""
        return self.connection.execute(sql, values or {}).fetchall()

    def insert(self, table: str, frame: pl.DataFrame) -> None:
        """A frame's rows into the table's columns of the same names."""
        names = ", ".join(f'"{name}"' for name in frame.columns)
        self.connection.register("incoming", frame)
        self.connection.execute(f'INSERT INTO "{table}" ({names}) SELECT {names} FROM incoming')
        self.connection.unregister("incoming")

    def setting(self, key: str, value: str) -> None:
        """Sets one setting."""
        self.execute("INSERT OR REPLACE INTO settings VALUES ($key, $value)", {"key": key, "value": value})


class Store:
    """A store at a path. Readers see the last published snapshot only, whole, and never wait for a writer."""

    def __init__(self, path: Path | str | None = None, *, patience: float = PATIENCE) -> None:
        self.path = Path(path) if path is not None else default_path()
        self.patience = patience

    @property
    def _snapshots(self) -> Path:
        return self.path.with_name(self.path.name + ".snapshots")

    def exists(self) -> bool:
        """Whether there is a store to read or to write."""
        return self.path.exists()

    def snapshot(self) -> str:
        """The id of what readers see; it changes exactly when that does. Raises InputError where there is no store."""
        pointer = self._snapshots / "current"
        try:
            return pointer.read_text(encoding="ascii").strip()
        except OSError:
            self._publish_if_behind()
        try:
            return pointer.read_text(encoding="ascii").strip()
        except OSError as error:
            raise InputError([Problem("no_store", facts={"path": self.path})]) from error

    def query(self, sql: str, **values: Any) -> pl.DataFrame:
        """What a statement gives on the current snapshot; `$name` in it stands for a value, which is bound."""
        for attempt in (1, 2):
            try:
                cursor = self._reader().cursor()
                found: pl.DataFrame = cursor.sql(sql, params=values).pl()
                return found
            except (duckdb.ConnectionException, duckdb.IOException):
                # The snapshot was replaced, and removed, between the pointer's reading and ours.
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def _reader(self) -> duckdb.DuckDBPyConnection:
        file = self._snapshots / f"{self.snapshot()}.duckdb"
        with _READERS_LOCK:
            if file not in _READERS:
                for old in [path for path in _READERS if path.parent == file.parent]:
                    _READERS.pop(old)
                connection = self._connected(file, read_only=True)
                connection.execute("SET lock_configuration = true")
                _READERS[file] = connection
            return _READERS[file]

    def _connected(self, file: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        try:
            return duckdb.connect(str(file), read_only=read_only, config=_SAFE if read_only else {})
        except duckdb.IOException as error:
            busy = "lock" in str(error).lower()
            code = "store_busy" if busy else "store_damaged"
            facts = {"path": self.path, "seconds": self.patience, "reason": str(error).splitlines()[0]}
            raise InputError([Problem(code, facts=facts)]) from error
        except duckdb.Error as error:
            facts = {"path": self.path, "reason": str(error).splitlines()[0]}
            raise InputError([Problem("store_damaged", facts=facts)]) from error

    @contextmanager
    def created(self, change: str = "init") -> Iterator[Writer]:
        """A new store with what is written inside, or none if that fails. Raises InputError where there is one."""
        if self.path.exists():
            raise InputError([Problem("store_exists", facts={"path": self.path})])
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            facts = {"path": self.path, "reason": error.strerror}
            raise InputError([Problem("store_unwritable", facts=facts)]) from error
        try:
            with self.transaction(change, new=True) as writer:
                yield writer
        except BaseException:
            self.path.unlink(missing_ok=True)
            raise

    @contextmanager
    def transaction(self, change: str, *, new: bool = False) -> Iterator[Writer]:
        """One transaction, published at its end; `change` names it (a digest), and with it the next snapshot.

        All or nothing: an exception inside leaves the store as it was. Raises InputError where another program writes.
        """
        if not new and not self.path.exists():
            raise InputError([Problem("no_store", facts={"path": self.path})])
        with self._only_writer():
            connection = self._connected(self.path, read_only=False)
            try:
                self._migrate(connection)
                connection.execute("BEGIN")
                yield Writer(connection)
                self._advance(connection, change)
                connection.execute("COMMIT")
                connection.execute("CHECKPOINT")
            except (OSError, duckdb.IOException) as error:
                facts = {"path": self.path, "reason": str(error).splitlines()[0]}
                raise InputError([Problem("store_unwritable", facts=facts)]) from error
            finally:
                connection.close()
            self._publish()

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        """One writer at a time, among threads and processes, by a lock on a file beside the store."""
        lock = self.path.with_name(self.path.name + ".lock")
        with lock.open("w") as handle:
            deadline = time.monotonic() + self.patience
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError as error:
                    if time.monotonic() > deadline:
                        facts = {"path": self.path, "seconds": self.patience}
                        raise InputError([Problem("store_busy", facts=facts)]) from error
                    time.sleep(0.05)
            yield

    def _migrate(self, connection: duckdb.DuckDBPyConnection) -> None:
        """The numbered migrations that the store has not seen, in order, all in one transaction."""
        files = sorted(SCHEMA.glob("*.sql"))
        connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER)")
        found = connection.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchone()
        version = int(found[0]) if found else 0
        if version > len(files):
            facts = {"path": self.path, "found": version, "known": len(files)}
            raise InputError([Problem("store_newer", facts=facts)])
        if version == len(files):
            return
        connection.execute("BEGIN")
        for number, file in enumerate(files[version:], start=version + 1):
            connection.execute(file.read_text(encoding="utf-8"))
            connection.execute("INSERT INTO schema_version VALUES ($version)", {"version": number})
        connection.execute("COMMIT")

    def _advance(self, connection: duckdb.DuckDBPyConnection, change: str) -> None:
        """The state's id: a chain of what was done, so that the same history has the same id everywhere."""
        found = connection.execute("SELECT value FROM settings WHERE key = 'state'").fetchone()
        state = hashlib.sha256(f"{found[0] if found else ''}/{change}".encode()).hexdigest()[:16]
        Writer(connection).setting("state", state)

    def _publish(self) -> None:
        """A copy of the store as a new file, then the pointer swapped to it: readers see the old or the new, whole."""
        connection = self._connected(self.path, read_only=True)
        try:
            found = connection.execute("SELECT value FROM settings WHERE key = 'state'").fetchone()
        finally:
            connection.close()
        state = str(found[0]) if found else "empty"
        self._snapshots.mkdir(exist_ok=True)
        target = self._snapshots / f"{state}.duckdb"
        if not target.exists():
            part = target.with_suffix(".part")
            shutil.copyfile(self.path, part)
            _synced(part)
            part.replace(target)
        pointer = self._snapshots / "current.part"
        pointer.write_text(state, encoding="ascii")
        _synced(pointer)
        pointer.replace(self._snapshots / "current")
        self._forget_old(target)

    def _publish_if_behind(self) -> None:
        """Publishes what was committed but not published, as after a crash between the two."""
        if self.path.exists():
            with self._only_writer():
                self._publish()

    def heal(self) -> None:
        """Brings the published snapshot up to the last committed state, where a crash came between the two."""
        if not self.path.exists():
            raise InputError([Problem("no_store", facts={"path": self.path})])
        try:
            Store(self.path, patience=0.0)._publish_if_behind()
        except InputError as error:
            # A writer at work publishes what it commits by itself.
            if error.problems[0].code != "store_busy":
                raise

    def _forget_old(self, current: Path) -> None:
        files = sorted(self._snapshots.glob("*.duckdb"), key=lambda file: file.stat().st_mtime_ns)
        for file in [file for file in files if file != current][: -(KEPT_SNAPSHOTS - 1)]:
            file.unlink(missing_ok=True)

    def settings(self) -> dict[str, str]:
        """All settings by key."""
        return dict(self.query("SELECT key, value FROM settings").iter_rows())

    def definitions_path(self) -> Path:
        """The definitions file in force: what `init --indicators` named, else the project's indicators.yaml."""
        named = Path(self.settings().get("indicators", "indicators.yaml"))
        return named if named.is_absolute() else ROOT / named

    def facts(self) -> pl.DataFrame:
        """The current facts: region, site, period, variable, value, status, source, note, batch, row; sorted."""
        return self.query("SELECT * FROM current_facts ORDER BY region, site NULLS FIRST, period, variable")

    def regions(self) -> pl.DataFrame | None:
        """code, names, parent, validity and a column an attribute; None where the store learns regions from facts."""
        frame = self.query("SELECT * FROM regions ORDER BY code")
        if self.settings().get("regions") != "given":
            return None
        attributes = self.query("SELECT region AS code, name, value FROM region_attributes ORDER BY name")
        wide = (
            attributes.pivot(on="name", index="code", values="value")
            if attributes.height
            else attributes.select("code")
        )
        return frame.join(wide, on="code", how="left", maintain_order="left")

    def areas(self) -> pl.DataFrame:
        """area, name_zh, name_en, region: one row a member."""
        return self.query(
            "SELECT area, name_zh, name_en, region FROM areas JOIN area_regions USING (area) ORDER BY area, region"
        )

    def sites(self) -> pl.DataFrame:
        """region, code, name_zh, name_en."""
        return self.query("SELECT * FROM sites ORDER BY region, code")

    def batches(self) -> pl.DataFrame:
        """id, file, digest, sender, received, read, accepted, rejected; the newest first."""
        return self.query("SELECT * FROM batches ORDER BY id DESC")

    def status(self) -> dict[str, Any]:
        """How much the store holds, from which period to which, its snapshot, label and definitions."""
        counted = self.query(
            "SELECT (SELECT count(*) FROM current_facts) AS facts, (SELECT count(*) FROM batches) AS batches,"
            " (SELECT count(*) FROM regions) AS regions, (SELECT count(*) FROM sites) AS sites,"
            " (SELECT min(period) FROM facts) AS first, (SELECT max(period) FROM facts) AS last"
        ).row(0, named=True)
        settings = self.settings()
        return {
            **{name: counted[name] for name in ("facts", "batches", "regions", "sites")},
            "periods": {"first": counted["first"], "last": counted["last"]},
            "snapshot": self.snapshot(),
            "label": settings.get("label", ""),
            "indicators": str(self.definitions_path()),
        }


def _synced(file: Path) -> None:
    with file.open("rb") as handle:
        os.fsync(handle.fileno())
