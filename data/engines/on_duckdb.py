"""DuckDB as the engine of a roll-up: one process, bounded memory, and a bounded folder for what does not fit."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import polars as pl

from data.beside import scratch
from metrics.problems import InputError, Problem

MEMORY, SPILL = 1000, 20_000
# So many facts at most, and an eighth as many series, which are kept while their regions' values are worked out.
ROWS = 20_000_000


@dataclass(frozen=True)
class DuckDB:
    """A database in memory of its own, which knows nothing of any store.

    With `places`, facts have `filename` and `file_row_number` (from 0) too.
    """

    connection: duckdb.DuckDBPyConnection
    rows: int | None = ROWS
    places: bool = False
    _number: Iterator[int] = field(default_factory=count)

    def facts(self, files: Sequence[Path], columns: Sequence[Sequence[str]]) -> nw.LazyFrame[Any]:
        """As `Engine.facts`."""
        names, places = list(dict.fromkeys(name for each in columns for name in each)), self.places
        found = self.connection.read_parquet(
            [_literally(file) for file in files], union_by_name=True, filename=places, file_row_number=places
        )
        return nw.from_native(found).select(*names, *(("filename", "file_row_number") if places else ()))

    def table(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        """As `Engine.table`."""
        name = f"table_{next(self._number)}"
        self.connection.register("incoming", frame)
        self.connection.execute(f"CREATE TEMP TABLE {name} AS FROM incoming")
        self.connection.unregister("incoming")
        return nw.from_native(self.connection.table(name))

    def answered(
        self, frames: Iterable[nw.LazyFrame[Any]], asked: Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]]
    ) -> Iterator[pl.DataFrame]:
        """As `Engine.answered`."""
        name, question = f"frame_{next(self._number)}", ""
        for frame in frames:
            query = frame.to_native().sql_query()
            if not question:
                # Asked of an empty table, whose place each frame takes in one statement.
                self.connection.execute(f"CREATE TEMP TABLE {name} AS FROM ({query}) LIMIT 0")
                question = asked(nw.from_native(self.connection.table(name))).to_native().sql_query()
            yield self.connection.sql(f"WITH {name} AS MATERIALIZED ({query}) FROM ({question})").pl()

    def collected(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """As `Engine.collected`."""
        rows: pl.DataFrame = frame.to_native().pl()
        return rows


def _literally(file: Path) -> str:
    """A file's name as a pattern that nothing else fits."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(file))


@contextmanager
def opened(
    *, memory: int = MEMORY, spill: int = SPILL, rows: int | None = ROWS, places: bool = False, **others: Any
) -> Iterator[DuckDB]:
    """`memory` and `spill` (in a temporary folder) in MB. Raises InputError where they do not suffice, and for files
    that it cannot read."""
    with scratch("quheng-rollup") as folder:
        try:
            with duckdb.connect(config={"temp_directory": str(folder), "memory_limit": f"{memory}MB"}) as connection:
                connection.execute(f"SET max_temp_directory_size = '{spill}MB'")
                connection.execute("SET preserve_insertion_order = false")
                connection.execute("SET enable_progress_bar = false")
                yield DuckDB(connection, rows, places)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise InputError([Problem("rollup_failed", facts={"engine": "duckdb", "reason": reason})]) from error
