"""The guard of a store's connections: what they may reach, how much memory and how long, and what damage looks like."""

import atexit
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

# Whatever a statement says, it reaches no file but the store, loads nothing, and leaves the machine its memory.
LIMITS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "40%",
}
SECONDS = 300.0
_TICK = 0.1
# What reading a store that is damaged, or gone, comes as; a page that is not what was written as `Error` itself.
_UNREADABLE = (
    duckdb.ConnectionException, duckdb.IOException, duckdb.FatalException, duckdb.InternalException,
    duckdb.SerializationException,
)  # fmt: skip
# What a full, protected or vanished disk comes as.
UNWRITABLE = (OSError, duckdb.IOException, duckdb.TransactionException, duckdb.FatalException)
Connection = duckdb.DuckDBPyConnection
DatabaseError = duckdb.Error
TooLong = duckdb.InterruptException
Unreadable = duckdb.IOException


def is_unreadable(error: Exception) -> bool:
    """Whether what went wrong lies with the file, and not with the statement."""
    return isinstance(error, _UNREADABLE) or (isinstance(error, duckdb.Error) and "corrupt" in str(error).lower())


def quoted(name: str) -> str:
    """A name as a statement may hold it, whatever it is."""
    return '"' + name.replace('"', '""') + '"'


def literal(path: Path) -> str:
    """A path as a statement may hold it, where none can be bound."""
    return "'" + str(path).replace("'", "''") + "'"


def is_locked(connection: Connection) -> bool:
    """Whether no statement can change what a connection may do."""
    return bool((connection.execute("SELECT current_setting('lock_configuration')").fetchone() or (False,))[0])


def locked(connection: Connection) -> Connection:
    """The connection, of which no statement changes any more what it may do."""
    if not is_locked(connection):
        connection.execute("SET lock_configuration = true")
    return connection


@contextmanager
def read_beside(file: Path) -> Iterator[Connection]:
    """A store's file as `kept`, to be read by a connection that may write other files; others read it meanwhile."""
    with duckdb.connect(config={**LIMITS, "enable_external_access": "true"}) as connection:
        connection.execute(f"ATTACH {literal(file)} AS kept (READ_ONLY)")
        yield connection


# The database in memory by which files are looked at, where there is one. A process that is forked has no use for it,
# nor for a lock that another thread held: none is open and none held while it is.
_LOOKING: list[Connection] = []
_LOOKING_LOCK = threading.Lock()


def _look_no_more() -> None:
    """Closes the database in memory; nobody looks until the lock is given back."""
    _LOOKING_LOCK.acquire()
    while _LOOKING:
        _LOOKING.pop().close()


os.register_at_fork(
    before=_look_no_more, after_in_parent=_LOOKING_LOCK.release, after_in_child=_LOOKING_LOCK.release
)


@contextmanager
def looked_at(file: Path) -> Iterator[Connection]:
    """A connection on which a store's file is open to be read, for as short as can be: one serves all.

    To attach a file takes a tenth of the time in which a database is opened on it. Where this process has the file open
    already, to read it, the system forgets that at the end: others are no longer kept from writing it. So it is asked
    of what nobody writes, and of the store under the lock of who writes it.
    """
    with _LOOKING_LOCK:
        own = _LOOKING.pop() if _LOOKING else duckdb.connect(config={**LIMITS, "enable_external_access": "true"})
        try:
            own.execute(f"ATTACH {literal(file)} AS kept (READ_ONLY)")
            own.execute("USE kept")
            yield own
            own.execute("USE memory")
            own.execute("DETACH kept")
        except BaseException:
            # What has met damage is used no more.
            own.close()
            raise
        _LOOKING.append(own)


@contextmanager
def built(file: Path) -> Iterator[Connection]:
    """A new database that may be filled from other files; all of it is in the file itself at the end."""
    with duckdb.connect(str(file), config={**LIMITS, "enable_external_access": "true"}) as connection:
        yield connection
        connection.execute("CHECKPOINT")


class _Watch:
    """Stops what runs too long. One thread looks after all: one for each would cost as much as most queries."""

    def __init__(self) -> None:
        self._running: dict[int, tuple[float, Connection]] = {}
        self._busy, self._ended, self._lock = threading.Event(), threading.Event(), threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, cursor: Connection, seconds: float) -> Iterator[None]:
        self._running[id(cursor)] = (time.monotonic() + seconds, cursor)
        self._begin()
        try:
            yield
        finally:
            del self._running[id(cursor)]

    def _begin(self) -> None:
        self._busy.set()
        with self._lock:
            # A process that was forked has none.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._look, daemon=True, name="queries")
                self._thread.start()

    def _look(self) -> None:
        while self._busy.wait() and not self._ended.wait(_TICK):
            self._stop()
            if not self._running:
                self._busy.clear()
                # One may have begun between the look and the clearing.
                if self._running:
                    self._busy.set()

    def end(self) -> None:
        """Before the program ends: a thread that is left would keep the database from being put away."""
        self._ended.set()
        self._busy.set()
        if self._thread is not None:
            self._thread.join(1.0)

    def _stop(self) -> None:
        # Apart, since the thread would hold the last cursor for ever.
        now = time.monotonic()
        for until, cursor in list(self._running.values()):
            if now > until:
                cursor.interrupt()


_WATCH = _Watch()
timed = _WATCH.over
atexit.register(_WATCH.end)
