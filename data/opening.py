"""The opening of a store's files: what each holds, and whatever is wrong with one as a problem of the store."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

import data.messages  # noqa: F401  (registers the words of this part's problems)
from data.beside import holder
from data.contents import read_through
from data.guard import LIMITS, is_unreadable, literal, looked_at
from data.rescue import has_record, way_back
from data.steps import bring_up
from metrics.problems import InputError, Problem


class Opening(ABC):
    """The files of the store at a path."""

    path: Path
    patience: float

    @abstractmethod
    def last_sound(self) -> str | None:
        """The snapshot that readers see, where it can be read to its end; None where there is none."""

    def exists(self) -> bool:
        """Whether there is a store to read or to write."""
        try:
            return self.path.is_file()
        except OSError:
            return False

    def _there(self) -> None:
        if not self.exists():
            raise self._error("no_store")

    def damaged(self, error: Exception) -> InputError:
        """The problem of a store that cannot be read, with what brings it back."""
        return self._error("store_damaged", error)

    def _error(self, code: str, error: Exception | None = None) -> InputError:
        """The problem of this store; the reason is the system's or the database's, in its words."""
        system = isinstance(error, OSError) and error.strerror
        ours = isinstance(error, InputError) and error.problems[0].facts.get("reason")
        reason = system or ours or (str(error).splitlines() or [type(error).__name__])[0]
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

    def _connected(self, file: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        try:
            return duckdb.connect(str(file), read_only=read_only, config=LIMITS)
        except duckdb.Error as error:
            # What is written was read before, or is new.
            code = "store_damaged" if read_only or is_unreadable(error) else "store_unwritable"
            raise self._unopened(error, code) from error

    def _unopened(self, error: duckdb.Error, code: str) -> InputError:
        """Why a file cannot be opened: another program has it, or else as the code says."""
        return self._error("store_busy" if "could not set lock" in str(error).lower() else code, error)

    def _copied(self, file: Path) -> duckdb.DuckDBPyConnection:
        """What a file holds, in memory and in this version's schema."""
        connection = duckdb.connect()
        try:
            connection.execute(f"ATTACH {literal(file)} AS kept (READ_ONLY)")
            connection.execute("COPY FROM DATABASE kept TO memory")
            connection.execute("DETACH kept")
            bring_up(connection, self.path)
            for name, value in LIMITS.items():
                connection.execute(f"SET {name} = '{value}'")
        except duckdb.Error as error:
            raise self._error("store_damaged", error) from error
        return connection

    @contextmanager
    def _looked_at(self, file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
        """A look at a file. Raises InputError where it is damaged, or another program writes it."""
        try:
            with looked_at(file) as connection:
                yield connection
        except duckdb.Error as error:
            raise self._unopened(error, "store_damaged") from error

    def _schema(self, file: Path) -> int:
        with self._looked_at(file) as connection:
            return self._schema_of(connection)

    def _schema_of(self, connection: duckdb.DuckDBPyConnection) -> int:
        try:
            found = connection.execute("SELECT max(version) FROM schema_version").fetchone()
        except duckdb.Error as error:
            raise self._error("store_damaged", error) from error
        return int(found[0]) if found and found[0] else 0

    def _state(self, file: Path) -> str:
        """The id of what a file holds, its log included. Raises InputError where it is damaged or no store."""
        with self._looked_at(file) as connection:
            try:
                found = connection.execute("SELECT value FROM settings WHERE key = 'state'").fetchone()
            except (duckdb.CatalogException, duckdb.BinderException) as error:
                raise self._error("store_foreign", error) from error
        if found is None:
            raise self._error("store_foreign")
        return str(found[0])

    def _read_through(self, file: Path, *, told: bool = True) -> None:
        """Reads a file to its end. Raises InputError where that fails."""
        try:
            with duckdb.connect(str(file), read_only=True, config=LIMITS) as connection:
                read_through(connection, _name_of(connection))
        except duckdb.Error as error:
            raise self._error("store_damaged" if told else "store_unwritable", error) from error

    def _checkpoint(self, file: Path) -> None:
        """All that was committed into the file itself: a copy of it knows nothing of a log beside it."""
        connection = duckdb.connect(str(file), config=LIMITS)
        try:
            connection.execute("CHECKPOINT")
        finally:
            connection.close()


def _name_of(connection: duckdb.DuckDBPyConnection) -> str:
    """What a connection calls the file that it was opened on."""
    found = connection.execute("SELECT current_database()").fetchone()
    return str(found[0]) if found else ""
