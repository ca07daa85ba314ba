"""polars as the engine of a roll-up: one process, in streams."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from metrics.problems import InputError, Problem

ROWS = 6_000_000


@dataclass(frozen=True)
class Polars:
    """Lazy frames, collected in streams."""

    rows: int | None = ROWS

    def facts(self, files: Sequence[Path], columns: Sequence[Sequence[str]]) -> nw.LazyFrame[Any]:
        """As `Engine.facts`."""
        scans = [pl.scan_parquet(file, glob=False).select(*names) for file, names in zip(files, columns, strict=True)]
        return nw.from_native(pl.concat(scans, how="diagonal_relaxed"))

    def table(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        """As `Engine.table`."""
        return nw.from_native(frame.lazy())

    def answered(
        self, frames: Iterable[nw.LazyFrame[Any]], asked: Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]]
    ) -> Iterator[pl.DataFrame]:
        """As `Engine.answered`."""
        for frame in frames:
            yield self.collected(asked(nw.from_native(self.collected(frame).lazy())))

    def collected(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """As `Engine.collected`."""
        rows: pl.DataFrame = frame.to_native().collect(engine="streaming")
        return rows


@contextmanager
def opened(*, rows: int | None = ROWS, **others: Any) -> Iterator[Polars]:
    """The engine. Raises InputError where it fails at what it reads."""
    try:
        yield Polars(rows)
    except pl.exceptions.ComputeError as error:
        reason = str(error).splitlines()[0]
        raise InputError([Problem("rollup_failed", facts={"engine": "polars", "reason": reason})]) from error
