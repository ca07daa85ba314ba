"""The writer: one transaction on a store, and the id of the state that it makes."""

import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from data.guard import Connection, quoted

_MANY = 100_000
# So many texts are joined at once.
_AT_ONCE = 50_000
_VIEWS = pl.CompatLevel.newest()


@dataclass(frozen=True)
class Writer:
    """One transaction: `execute` runs a statement with its values bound, `insert` appends a frame's rows.

    `written` is the digest of all that was, from which the state's id is made.
    """

    connection: Connection
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
        # An Arrow table is read by all cores, a frame by one; but what makes one takes a while to be loaded.
        # Of texts the newest level hands over views, the older one copies.
        many = frame.height > _MANY
        self.connection.register("incoming", frame.to_arrow(compat_level=_VIEWS) if many else frame)
        with ThreadPoolExecutor(1) as beside:
            # Neither waits for the other: the database writes many rows for as long as they take to be digested.
            digested = beside.submit(self._digest, table, frame)
            self.connection.execute(f"INSERT INTO {quoted(table)} ({names}) SELECT {names} FROM incoming")
            digested.result()
        self.connection.unregister("incoming")

    def _digest(self, table: str, frame: pl.DataFrame) -> None:
        self.written.update(f"{table}\0{frame.columns}\0{frame.height}\0".encode())
        for column in frame.iter_columns():
            for piece in _cells(column):
                self.written.update(piece)

    def remove(self, table: str, frame: pl.DataFrame) -> None:
        """The rows of a table that are equal to a frame's in the frame's columns are there no more."""
        own, names = quoted(table), map(quoted, frame.columns)
        same = " AND ".join(f"{own}.{name} IS NOT DISTINCT FROM incoming.{name}" for name in names)
        # Sorted: the state is the same in whatever order they were named.
        self._digest(f"-{table}", frame.sort(frame.columns))
        self.connection.register("incoming", frame)
        self.connection.execute(f"DELETE FROM {own} USING incoming WHERE {same}")
        self.connection.unregister("incoming")

    def setting(self, key: str, value: str) -> None:
        """Sets one setting."""
        self.execute("INSERT OR REPLACE INTO settings VALUES ($key, $value)", {"key": key, "value": value})

    def keep(self, key: str, value: str) -> None:
        """Sets one setting that is no part of the state: readers see the same facts whatever it says."""
        self.connection.execute("INSERT OR REPLACE INTO settings VALUES ($key, $value)", {"key": key, "value": value})

    def advance(self, change: str, *, new: bool) -> bool:
        """The state's id: a chain of what was done and written, so that the same history has the same id everywhere;
        gives whether it is another one."""
        written = self.written.hexdigest()
        if not new and written == hashlib.sha256().hexdigest():
            return False
        before = self.found("SELECT value FROM settings WHERE key = 'state'")
        state = hashlib.sha256(f"{before[0][0] if before else ''}/{change}/{written}".encode()).hexdigest()[:16]
        self.setting("state", state)
        return True


def _cells(column: pl.Series) -> Iterator[Any]:
    """The bytes of a column's cells, by which any other cells are told from them: which are empty, the kind of the rest
    and what they are, texts after how long each is. Of very many they are found several times sooner than lines are."""
    known = column.drop_nulls()
    yield column.is_null().cast(pl.UInt8).to_numpy()
    if known.dtype.is_integer():
        yield b"i"
        yield known.cast(pl.Int64).to_numpy()
    elif known.dtype.is_float():
        yield b"f"
        yield known.cast(pl.Float64).to_numpy()
    else:
        texts = known.cast(pl.String)
        yield b"t"
        yield texts.str.len_bytes().to_numpy()
        for start in range(0, texts.len(), _AT_ONCE):
            yield str(texts.slice(start, _AT_ONCE).str.join().item()).encode()
