"""Engines: what runs the lines of a roll-up over facts that lie in Parquet files."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import narwhals as nw
import polars as pl

MODULES = {
    "duckdb": "data.engines.on_duckdb",
    "polars": "data.engines.on_polars",
    "spark": "data.engines.on_spark",
}


class Engine(Protocol):
    """What a roll-up asks of an engine; `rows` is how many facts it takes in one go, None as many as there are."""

    rows: int | None

    def facts(self, files: Sequence[Path], columns: Sequence[Sequence[str]]) -> nw.LazyFrame[Any]:
        """The named columns of each of the files; those that one has not are null there."""

    def table(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        """A small table on the engine."""

    def answered(
        self, frames: Iterable[nw.LazyFrame[Any]], asked: Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]]
    ) -> Iterator[pl.DataFrame]:
        """The small frame that is asked of each; they have the same columns, and are worked out once however often
        `asked` reads them."""

    def collected(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """The rows of a small frame."""


def engine(name: str, **options: Any) -> AbstractContextManager[Engine]:
    """An engine, opened; options as its module takes them. Raises InputError where it cannot be had."""
    opened: AbstractContextManager[Engine] = import_module(MODULES[name]).opened(**options)
    return opened
