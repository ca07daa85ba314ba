"""Snapshots of a store: published when it has changed, and what is asked of them; each heals where it can."""

import threading
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import polars as pl

from data.beside import Snapshots, beside, is_sealed, only_writer
from data.clock import now
from data.guard import (
    UNWRITABLE,
    Connection,
    DatabaseError,
    TooLong,
    Unreadable,
    is_locked,
    is_unreadable,
    locked,
    timed,
)
from data.holdings import Holdings
from data.narrowed import Part, narrow
from data.opening import Opening
from data.steps import newest_schema
from data.writer import Writer
from metrics.problems import InputError, Problem

# The connection of a snapshot, and the file that it was opened on: another may have been put in its place.
_READERS: dict[Path, tuple[tuple[int, int], Connection]] = {}
# The file that the database last opened by a name.
_OPENED: dict[Path, tuple[int, int]] = {}
_READERS_LOCK = threading.Lock()
# Of each thread: what its last cursor was narrowed to, and the cursor.
_NARROWED = threading.local()
# Snapshots whose schema has been looked at.
_CURRENT: set[Path] = set()


class Published(Opening, Holdings):
    """What readers see of a store: the last published snapshot only, whole, without ever waiting for a writer."""

    def __init__(self, path: Path, *, patience: float, seconds: float, parts: Sequence[Part] | None = None) -> None:
        self.path, self.patience, self.seconds, self.parts = path, patience, seconds, parts
        self._snapshots = Snapshots(beside(path, ".snapshots"))

    @abstractmethod
    def _changed(self, change: str) -> AbstractContextManager[Writer]:
        """One transaction, published at its end, whoever asks."""

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
        file, wanted = self._snapshots.file(state), newest_schema()
        if file not in _CURRENT and is_sealed(file, self._snapshots.seal(state)) is False:
            raise self._error("store_damaged", Unreadable(f"{file.name} is not what was published"))
        if file in _CURRENT or self._schema(file) >= wanted:
            _CURRENT.add(file)
            return state
        try:
            with self._changed(f"schema {wanted}") as writer:
                # Done already where it was only not published.
                if writer.found("SELECT value FROM settings WHERE key = 'schema'") != [(str(wanted),)]:
                    writer.setting("schema", str(wanted))
        except InputError as error:
            if error.problems[0].code != "store_unwritable":
                raise
            _CURRENT.add(file)
            return state
        return self.snapshot()

    def query(self, sql: str, **values: Any) -> pl.DataFrame:
        """What a statement gives on the current snapshot; `$name` in it stands for a value, which is bound."""
        for attempt in (1, 2):
            try:
                cursor = self._cursor()
                with timed(cursor, self.seconds):
                    found: pl.DataFrame = cursor.sql(sql, params=values).pl()
                return found
            except TooLong as error:
                facts = {"seconds": self.seconds}
                raise InputError([Problem("query_too_long", facts=facts)]) from error
            except (DatabaseError, InputError) as error:
                # The snapshot was replaced, and removed, between the pointer's reading and ours; or it is damaged.
                if not _is_damage(error):
                    raise
                if attempt == 2:
                    raise self._error("store_damaged", error) from error
                self._mend()
        raise AssertionError("unreachable")

    def _cursor(self) -> Connection:
        """What this thread asks on; one that is narrowed serves on while snapshot, second and who asks are the same."""
        reader = self._reader()
        if self.parts is None:
            return reader.cursor()
        # By the moment too: what is under embargo becomes everybody's.
        wanted, (had, cursor) = (reader, self.parts, now()), getattr(_NARROWED, "kept", (None, None))
        if cursor is None or had != wanted:
            cursor = reader.cursor()
            narrow(cursor, self.parts)
            _NARROWED.kept = (wanted, cursor)
        return cursor

    def _reader(self) -> Connection:
        file = self._snapshots.file(self.snapshot())
        with _READERS_LOCK:
            there = _identity(file)
            if file not in _READERS or _READERS[file][0] != there:
                for old in [path for path in _READERS if path.parent == file.parent]:
                    _READERS.pop(old)
                if is_sealed(file, self._snapshots.seal(file.stem)) is False:
                    raise Unreadable(f"{file} is not what was published")
                _READERS[file] = (there, self._opened(file, there))
            return _READERS[file][1]

    def _opened(self, file: Path, there: tuple[int, int]) -> Connection:
        connection = self._connected(file, read_only=True)
        try:
            found = self._schema_of(connection)
        except InputError:
            # Whoever mends the file opens it anew.
            connection.close()
            raise
        if found < newest_schema():
            connection.close()
            connection = self._copied(file)
        elif not is_locked(connection):
            _OPENED[file] = there
        elif _OPENED.get(file) != there:
            # While anybody holds a file that is gone, the database goes on with that one under its name.
            connection.close()
            connection = self._copied(file)
        return locked(connection)

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

    def _refuse_damaged(self) -> str:
        """The store's state. Raises InputError where it is not what was published, and cannot be read to its end."""
        state = self._state(self.path)
        # What a writer left in the log is no part of what was published.
        if beside(self.path, ".wal").exists() or not is_sealed(self.path, self._snapshots.seal(state)):
            self._read_through(self.path)
        return state

    def _publish(self, otherwise: str = "store_unpublished") -> str:
        """The id of the last committed state, which readers see from now on: a copy of it, and the pointer swapped.
        Raises InputError (of the code `otherwise`) where that cannot be written."""
        state = self._state(self.path)
        try:
            if not self._is_kept(state):
                if beside(self.path, ".wal").exists():
                    self._checkpoint(self.path)
                state = self._keep(self.path)
            self._snapshots.show(state)
        except UNWRITABLE as error:
            raise self._error(otherwise, error) from error
        return state

    def _keep(self, file: Path) -> str:
        """The id of the state that a file holds, a copy of which is its snapshot from now on. Raises OSError."""
        self._snapshots.prepare()
        part = self._snapshots.copied(file)
        state = self._state(part)
        with _READERS_LOCK:
            _READERS.pop(self._snapshots.file(state), None)
        self._snapshots.keep(part, state)
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
