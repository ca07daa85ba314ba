"""The store: one DuckDB file that is written, and published snapshots of it that are read."""

import errno
import hashlib
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

import data.messages  # noqa: F401  (registers the words of this part's problems)
from data.beside import Snapshots, beside, holder, is_sealed, only_writer, synced
from data.clock import now
from data.contents import read_through
from data.guard import LIMITS, SECONDS, TooLong, is_unreadable, literal, quoted, timed
from data.holdings import Holdings
from data.rescue import has_record, way_back
from metrics.problems import InputError, Problem

ROOT = Path(__file__).parent.parent
SCHEMA = Path(__file__).parent / "schema"
PATIENCE = 10.0
# What a full, protected or vanished disk comes as.
_UNWRITABLE = (OSError, duckdb.IOException, duckdb.TransactionException, duckdb.FatalException)
# The connection of a snapshot, and the file that it was opened on: another may have been put in its place.
_READERS: dict[Path, tuple[tuple[int, int], duckdb.DuckDBPyConnection]] = {}
_READERS_LOCK = threading.Lock()
# Snapshots whose schema has been looked at.
_CURRENT: set[Path] = set()


def default_path() -> Path:
    """`$QUHENG_DB`, else data/store.duckdb of the project."""
    return Path(os.environ.get("QUHENG_DB") or ROOT / "data" / "store.duckdb")


@dataclass(frozen=True)
class Writer:
    """One transaction: `execute` runs a statement with its values bound, `insert` appends a frame's rows.

    `written` is the digest of all that was, from which the state's id is made.
    """

    connection: duckdb.DuckDBPyConnection
    written: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def found(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows a question gives; nothing is written."""
        return self.connection.execute(sql, values or {}).fetchall()

    def frame(self, sql: str, **values: Any) -> pl.DataFrame:
        """The rows a question gives, as a frame; nothing is written."""
        found: pl.DataFrame = self.connection.sql(sql, params=values).pl()
        return found

    def execute(self, sql: str, values: Mapping[str, Any] | None = None, *, moment: str | None = None) -> None:
        """Runs a statement; `moment` is bound as `$moment`, and the state's id is the same whenever that was."""
        self.written.update(f"{sql}\0{sorted((values or {}).items())}\0".encode())
        self.connection.execute(sql, {**(values or {}), **({} if moment is None else {"moment": moment})})

    def insert(self, table: str, frame: pl.DataFrame) -> None:
        """A frame's rows into the table's columns of the same names."""
        names = ", ".join(map(quoted, frame.columns))
        self.written.update(f"{table}\0".encode())
        for rows in frame.iter_slices(50_000):
            self.written.update(rows.write_csv().encode())
        self.connection.register("incoming", frame)
        self.connection.execute(f"INSERT INTO {quoted(table)} ({names}) SELECT {names} FROM incoming")
        self.connection.unregister("incoming")

    def remove(self, table: str, frame: pl.DataFrame) -> None:
        """The rows of a table that are equal to a frame's in the frame's columns are there no more."""
        own, names = quoted(table), map(quoted, frame.columns)
        same = " AND ".join(f"{own}.{name} IS NOT DISTINCT FROM incoming.{name}" for name in names)
        # Sorted: the state is the same in whatever order they were named.
        self.written.update(f"-{table}\0{frame.sort(frame.columns).write_csv()}".encode())
        self.connection.register("incoming", frame)
        self.connection.execute(f"DELETE FROM {own} USING incoming WHERE {same}")
        self.connection.unregister("incoming")

    def setting(self, key: str, value: str) -> None:
        """Sets one setting."""
        self.execute("INSERT OR REPLACE INTO settings VALUES ($key, $value)", {"key": key, "value": value})

    def advance(self, change: str, *, new: bool) -> None:
        """The state's id: a chain of what was done and written, so that the same history has the same id everywhere."""
        written = self.written.hexdigest()
        if not new and written == hashlib.sha256().hexdigest():
            return
        before = self.found("SELECT value FROM settings WHERE key = 'state'")
        state = hashlib.sha256(f"{before[0][0] if before else ''}/{change}/{written}".encode()).hexdigest()[:16]
        self.setting("state", state)


@dataclass
class Replacement:
    """A store that is built at `part`; `aside` is the name that the one before has in the end."""

    part: Path
    aside: Path | None = None


class Store(Holdings):
    """A store at a path. Readers see the last published snapshot only, whole, and never wait for a writer."""

    def __init__(self, path: Path | str | None = None, *, patience: float = PATIENCE, seconds: float = SECONDS) -> None:
        self.path = Path(path) if path is not None else default_path()
        self.patience, self.seconds = patience, seconds
        self._snapshots = Snapshots(beside(self.path, ".snapshots"))

    def exists(self) -> bool:
        """Whether there is a store to read or to write."""
        try:
            return self.path.is_file()
        except OSError:
            return False

    def _there(self) -> None:
        if not self.exists():
            raise self._error("no_store")

    def held(self) -> "Store":
        """This store as it is now: what is published from now on does not show, so that several questions agree."""
        # What is damaged is mended first.
        self.query("SELECT 1")
        while True:
            state, reader = self.snapshot(), self._reader()
            if self.snapshot() == state:
                return _Held(self, state, reader)

    def snapshot_file(self) -> tuple[str, Path]:
        """The id of what readers see and the file that holds it, which may be gone as soon as others are published."""
        state = self.snapshot()
        return state, self._snapshots.file(state)

    def last_sound(self) -> str | None:
        """The snapshot that readers see, where it can be read to its end; None where there is none."""
        state = self._snapshots.current()
        with suppress(InputError, OSError):
            if state is not None and is_sealed(self._snapshots.file(state), self._snapshots.seal(state)) is not False:
                self._read_through(self._snapshots.file(state), told=False)
                return state
        return None

    def damaged(self, error: Exception) -> InputError:
        """The problem of a store that cannot be read, with what brings it back."""
        return self._error("store_damaged", error)

    def _error(self, code: str, error: Exception | None = None) -> InputError:
        """The problem of this store; the reason is the system's or the database's, in its words."""
        system = isinstance(error, OSError) and error.strerror
        reason = system or (str(error).splitlines() or [type(error).__name__])[0]
        facts: dict[str, object] = {"path": self.path, "seconds": self.patience, "reason": reason}
        if code == "store_busy":
            other = re.search(r"PID (\d+)", str(error))
            facts |= {"pid": other[1], "since": "—", "held": "—"} if other else holder(self.path)
        return InputError([Problem(code, facts=facts), *self._ways_back(code)])

    def _ways_back(self, code: str) -> list[Problem]:
        """What brings a store back that is damaged, or gone although there is a backup of it."""
        if code in ("store_damaged", "store_foreign"):
            return [way_back(self.path, self.last_sound())]
        return [way_back(self.path, None)] if code == "no_store" and has_record(self.path) else []

    def snapshot(self) -> str:
        """The id of what readers see; it changes exactly when that does. Raises InputError where there is no store."""
        self._there()
        try:
            return self._upgraded(self._shown())
        except InputError as error:
            if not _is_damage(error):
                raise
            # Gone for newer ones since the pointer was read, or damaged.
            self._mend()
            return self._upgraded(self._shown())

    def _shown(self) -> str:
        state = self._snapshots.current()
        if state is None:
            with only_writer(self.path, self.patience):
                self._refuse_damaged()
                state = self._publish()
        return state

    def _upgraded(self, state: str) -> str:
        """The state of the store in this version's schema, where an earlier version of the program made it.

        On a protected disk it stays as it is, and is read through a copy.
        """
        file, wanted = self._snapshots.file(state), len(_migrations())
        if file not in _CURRENT and is_sealed(file, self._snapshots.seal(state)) is False:
            raise self._error("store_damaged", duckdb.IOException(f"{file.name} is not what was published"))
        if file in _CURRENT or self._schema(file) >= wanted:
            _CURRENT.add(file)
            return state
        try:
            with self.transaction(f"schema {wanted}") as writer:
                # Done already where it was only not published.
                if writer.found("SELECT value FROM settings WHERE key = 'schema'") != [(str(wanted),)]:
                    writer.setting("schema", str(wanted))
        except InputError as error:
            if error.problems[0].code != "store_unwritable":
                raise
            _CURRENT.add(file)
            return state
        return self.snapshot()

    def _schema(self, file: Path) -> int:
        connection = self._connected(file, read_only=True)
        try:
            found = connection.execute("SELECT max(version) FROM schema_version").fetchone()
        except duckdb.Error as error:
            raise self._error("store_damaged", error) from error
        finally:
            connection.close()
        return int(found[0]) if found and found[0] else 0

    def query(self, sql: str, **values: Any) -> pl.DataFrame:
        """What a statement gives on the current snapshot; `$name` in it stands for a value, which is bound."""
        for attempt in (1, 2):
            try:
                cursor = self._reader().cursor()
                with timed(cursor, self.seconds):
                    found: pl.DataFrame = cursor.sql(sql, params=values).pl()
                return found
            except TooLong as error:
                facts = {"seconds": self.seconds}
                raise InputError([Problem("query_too_long", facts=facts)]) from error
            except (duckdb.Error, InputError) as error:
                # The snapshot was replaced, and removed, between the pointer's reading and ours; or it is damaged.
                if not _is_damage(error):
                    raise
                if attempt == 2:
                    raise self._error("store_damaged", error) from error
                self._mend()
        raise AssertionError("unreachable")

    def _reader(self) -> duckdb.DuckDBPyConnection:
        file = self._snapshots.file(self.snapshot())
        with _READERS_LOCK:
            there = _identity(file)
            if file not in _READERS or _READERS[file][0] != there:
                for old in [path for path in _READERS if path.parent == file.parent]:
                    _READERS.pop(old)
                if is_sealed(file, self._snapshots.seal(file.stem)) is False:
                    raise duckdb.IOException(f"{file} is not what was published")
                is_old = self._schema(file) < len(_migrations())
                connection = self._copied(file) if is_old else self._connected(file, read_only=True)
                connection.execute("SET lock_configuration = true")
                _READERS[file] = (there, connection)
            return _READERS[file][1]

    def _mend(self) -> None:
        """Publishes the store's state anew, where the snapshot of it is damaged and the store itself is not."""
        state = self._snapshots.current()
        with _READERS_LOCK:
            for old in [path for path in _READERS if path.parent == self._snapshots.folder]:
                _READERS.pop(old)
        if state is None or self.last_sound() == state:
            return
        with suppress(InputError, OSError), only_writer(self.path, 0.0):
            self._refuse_damaged()
            self._snapshots.file(state).unlink(missing_ok=True)
            self._publish()

    def _refuse_damaged(self) -> None:
        """Raises InputError where the store is not what was published, and cannot be read to its end either."""
        state = self._state(self.path)
        # What a writer left in the log is no part of what was published.
        if beside(self.path, ".wal").exists() or not is_sealed(self.path, self._snapshots.seal(state)):
            self._read_through(self.path)

    def _read_through(self, file: Path, *, told: bool = True) -> None:
        """Reads a file to its end. Raises InputError where that fails."""
        try:
            with duckdb.connect(str(file), read_only=True, config=LIMITS) as connection:
                read_through(connection, _name_of(connection))
        except duckdb.Error as error:
            raise self._error("store_damaged" if told else "store_unwritable", error) from error

    def _connected(self, file: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        try:
            return duckdb.connect(str(file), read_only=read_only, config=LIMITS)
        except duckdb.Error as error:
            busy = "could not set lock" in str(error).lower()
            # What is written was read before, or is new.
            code = "store_damaged" if read_only or is_unreadable(error) else "store_unwritable"
            raise self._error("store_busy" if busy else code, error) from error

    def _copied(self, file: Path) -> duckdb.DuckDBPyConnection:
        """What a file holds, in memory and in this version's schema."""
        connection = duckdb.connect()
        try:
            connection.execute(f"ATTACH {literal(file)} AS kept (READ_ONLY)")
            connection.execute("COPY FROM DATABASE kept TO memory")
            connection.execute("DETACH kept")
            self._migrate(connection)
            for name, value in LIMITS.items():
                connection.execute(f"SET {name} = '{value}'")
        except duckdb.Error as error:
            raise self._error("store_damaged", error) from error
        return connection

    def _state(self, file: Path) -> str:
        """The id of what a file holds, its log included. Raises InputError where it is damaged or no store."""
        connection = self._connected(file, read_only=True)
        try:
            found = connection.execute("SELECT value FROM settings WHERE key = 'state'").fetchone()
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise self._error("store_foreign", error) from error
        except duckdb.Error as error:
            raise self._error("store_damaged", error) from error
        finally:
            connection.close()
        if found is None:
            raise self._error("store_foreign")
        return str(found[0])

    @contextmanager
    def created(self, change: str = "init") -> Iterator[Writer]:
        """A new store with what is written inside, or none if that fails. Raises InputError where there is one.

        It is made under another name and then renamed, so that a store is whole or not there at all.
        """
        self._make_room()
        with only_writer(self.path, self.patience):
            if os.path.lexists(self.path):
                raise self._error("store_exists")
            part = beside(self.path, ".new")
            _sweep(part)
            try:
                with self._written(part, change, new=True) as writer:
                    yield writer
                self._settled(part)
            except _UNWRITABLE as error:
                raise self._error("store_unwritable", error) from error
            finally:
                _sweep(part)
            self._publish()

    @contextmanager
    def replaced(self) -> Iterator["Replacement"]:
        """Where another store is built, which takes this one's place at the end, whole, or not at all.

        The one that is there is kept under another name. Raises InputError where another program writes, and where a
        pipe or a device has the name.
        """
        if self.path.exists() and not (self.path.is_file() or self.path.is_dir()):
            raise self._error("store_exists")
        self._make_folder()
        with only_writer(self.path, self.patience):
            part = beside(self.path, ".new")
            _sweep(part)
            try:
                made = Replacement(part)
                yield made
                synced(part)
                self._keep_aside(made)
                self._snapshots.prepare()
                part.replace(self.path)
            except _UNWRITABLE as error:
                raise self._error("store_unwritable", error) from error
            finally:
                _sweep(part)
            self._publish(anew=True)

    def _keep_aside(self, made: "Replacement") -> None:
        """Gives what has the store's name another one too, until the new store takes it. Raises OSError."""
        log = beside(self.path, ".wal")
        if self.exists() and log.exists():
            # What was committed goes into the file; of a damaged one the log is kept beside it.
            with suppress(InputError, duckdb.Error):
                self._checkpoint(self.path)
        if not os.path.lexists(self.path):
            log.unlink(missing_ok=True)
            return
        made.aside = _unused(beside(self.path, f".before-restore-{now().replace(':', '').replace('+0000', 'Z')}"))
        if self.path.is_file():
            # By a second name, so that a store is there at every moment.
            os.link(self.path, made.aside)
        else:
            self.path.rename(made.aside)
        if log.exists():
            log.rename(beside(made.aside, ".wal"))

    def _make_room(self) -> None:
        if self.path.is_dir():
            raise self._error("store_unwritable", IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
        # A device, a pipe or a link that leads nowhere is nothing of ours, and would be replaced.
        if os.path.lexists(self.path):
            raise self._error("store_exists")
        self._make_folder()

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._error("store_unwritable", error) from error

    def _settled(self, part: Path) -> None:
        """A store that was made takes its name; nothing of an earlier one of that name is left to be read."""
        self._checkpoint(part)
        synced(part)
        self._snapshots.clear()
        beside(self.path, ".wal").unlink(missing_ok=True)
        part.replace(self.path)

    @contextmanager
    def transaction(self, change: str) -> Iterator[Writer]:
        """One transaction, published at its end; `change` names it (a digest), and with it the next snapshot.

        All or nothing: an exception inside leaves the store as it was. Raises InputError where another program writes.
        """
        self._there()
        with only_writer(self.path, self.patience):
            self._refuse_damaged()
            with self._written(self.path, change) as writer:
                yield writer
            self._publish()

    @contextmanager
    def _written(self, file: Path, change: str, *, new: bool = False) -> Iterator[Writer]:
        connection = self._connected(file, read_only=False)
        try:
            self._snapshots.prepare()
            self._migrate(connection)
            connection.execute("BEGIN")
            writer = Writer(connection)
            yield writer
            writer.advance(change, new=new)
            connection.execute("COMMIT")
        except duckdb.Error as error:
            if "corrupt" in str(error).lower():
                raise self._error("store_damaged", error) from error
            if isinstance(error, _UNWRITABLE):
                raise self._error("store_unwritable", error) from error
            raise
        except OSError as error:
            raise self._error("store_unwritable", error) from error
        finally:
            connection.close()

    def _migrate(self, connection: duckdb.DuckDBPyConnection) -> None:
        """The numbered migrations that the store has not seen, in order, all in one transaction."""
        files = _migrations()
        connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER)")
        found = connection.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchone()
        version = int(found[0]) if found else 0
        if version > len(files):
            facts = {"path": self.path, "found": version, "known": len(files)}
            raise InputError([Problem("store_newer", facts=facts)])
        if version == len(files):
            return
        connection.execute("BEGIN")
        migrate(connection, version, len(files))
        connection.execute("COMMIT")

    def _checkpoint(self, file: Path) -> None:
        """All that was committed into the file itself: a copy of it knows nothing of a log beside it."""
        connection = duckdb.connect(str(file), config=LIMITS)
        try:
            connection.execute("CHECKPOINT")
        finally:
            connection.close()

    def _publish(self, *, anew: bool = False) -> str:
        """The id of the last committed state, which readers see from now on: a copy of it, and the pointer swapped.

        `anew`: copied even where there is one of that id.
        """
        state = self._state(self.path)
        try:
            if anew or not self._is_kept(state):
                if beside(self.path, ".wal").exists():
                    self._checkpoint(self.path)
                self._snapshots.prepare()
                part = self._snapshots.copied(self.path)
                state = self._state(part)
                with _READERS_LOCK:
                    _READERS.pop(self._snapshots.file(state), None)
                self._snapshots.keep(part, state)
            self._snapshots.show(state)
        except _UNWRITABLE as error:
            raise self._error("store_unpublished", error) from error
        return state

    def _is_kept(self, state: str) -> bool:
        """Whether the snapshot of a state is there and holds what its name says."""
        with suppress(InputError):
            file = self._snapshots.file(state)
            sound = is_sealed(file, self._snapshots.seal(state)) is not False
            return sound and file.is_file() and self._state(file) == state
        return False

    def heal(self) -> None:
        """Brings the published snapshot up to the last committed state, where a crash came between the two."""
        self._there()
        try:
            with only_writer(self.path, 0.0):
                self._refuse_damaged()
                self._publish()
        except InputError as error:
            # A writer at work publishes what it commits by itself; a store on a protected disk is only read.
            if error.problems[0].code not in ("store_busy", "store_unwritable"):
                raise


class _Held(Store):
    """A store whose readers see one state; an open file stays although its name is gone."""

    def __init__(self, store: Store, state: str, reader: duckdb.DuckDBPyConnection) -> None:
        super().__init__(store.path, patience=store.patience, seconds=store.seconds)
        self._state_held, self._reader_held = state, reader

    def snapshot(self) -> str:
        return self._state_held

    def _reader(self) -> duckdb.DuckDBPyConnection:
        return self._reader_held


def migrate(connection: duckdb.DuckDBPyConnection, before: int, version: int) -> None:
    """The steps of the schema from one version to another; 0 is an empty database."""
    connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER)")
    for number, file in enumerate(_migrations()[before:version], start=before + 1):
        connection.execute(file.read_text(encoding="utf-8"))
        connection.execute("INSERT INTO schema_version VALUES ($version)", {"version": number})


def newest_schema() -> int:
    """The version of the schema that this program makes."""
    return len(_migrations())


def _unused(path: Path) -> Path:
    """A name that nothing has: this one, or with a number more."""
    names = (path, *(path.with_name(f"{path.name}-{number}") for number in range(2, 1000)))
    return next(name for name in names if not os.path.lexists(name))


def _is_damage(error: Exception) -> bool:
    """Whether what went wrong is that a file is gone or not what was written."""
    told = isinstance(error, InputError) and error.problems[0].code == "store_damaged"
    return told or is_unreadable(error)


def _identity(file: Path) -> tuple[int, int]:
    """By which a file is told from one that took its name; the file may be gone."""
    with suppress(OSError):
        found = file.stat()
        return found.st_ino, found.st_mtime_ns
    return 0, 0


def _name_of(connection: duckdb.DuckDBPyConnection) -> str:
    """What a connection calls the file that it was opened on."""
    found = connection.execute("SELECT current_database()").fetchone()
    return str(found[0]) if found else ""


def _migrations() -> list[Path]:
    """The steps from an empty store to this version's, in order."""
    return sorted(SCHEMA.glob("*.sql"))


def _sweep(part: Path) -> None:
    """Removes what an interrupted making of a store has left."""
    for file in (part, beside(part, ".wal")):
        file.unlink(missing_ok=True)
