"""Apache Spark as the engine of a roll-up: on this machine, on a cluster's master, or through Spark Connect."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from metrics.problems import InputError, Problem

LOCAL = "local[*]"
_TYPES = {pl.String: "string", pl.Int64: "bigint", pl.Float64: "double", pl.Boolean: "boolean"}


@dataclass(frozen=True)
class Spark:
    """A session; the cluster divides the work by itself."""

    session: Any
    rows: int | None = None

    def facts(self, files: Sequence[Path], columns: Sequence[Sequence[str]]) -> nw.LazyFrame[Any]:
        """As `Engine.facts`; every worker has to see the files under the same names."""
        names = list(dict.fromkeys(name for each in columns for name in each))
        urls = [file.absolute().as_uri() for file in files]
        found = self.session.read.option("mergeSchema", "true").parquet(*urls)
        facts: nw.LazyFrame[Any] = nw.from_native(found.select(*names))
        return facts

    def table(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        """As `Engine.table`."""
        schema = ", ".join(f"`{name}` {_TYPES[type(kind)]}" for name, kind in frame.schema.items())
        table: nw.LazyFrame[Any] = nw.from_native(self.session.createDataFrame(frame.rows(), schema))
        return table

    def answered(
        self, frames: Iterable[nw.LazyFrame[Any]], asked: Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]]
    ) -> Iterator[pl.DataFrame]:
        """As `Engine.answered`."""
        for frame in frames:
            native = frame.to_native().persist()
            try:
                yield self.collected(asked(nw.from_native(native)))
            finally:
                native.unpersist()

    def collected(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """As `Engine.collected`."""
        schema = {name: _polars(kind) for name, kind in frame.collect_schema().items()}
        return pl.DataFrame([tuple(row) for row in frame.to_native().collect()], schema=schema, orient="row")


def _polars(kind: Any) -> Any:
    """The type that a small frame has here."""
    if kind == nw.Boolean:
        return pl.Boolean
    return pl.Int64 if kind.is_integer() else pl.Float64 if kind.is_numeric() else pl.String


@contextmanager
def opened(*, master: str = "", remote: str = "", **others: Any) -> Iterator[Spark]:
    """`master` as Spark takes it (local[*] unless told), or `remote` (sc://…). Raises InputError without Spark."""
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InputError([Problem("spark_absent", facts={"reason": str(error)})]) from error
    session = None
    try:
        session = _configured(SparkSession.builder, master or LOCAL, remote).getOrCreate()
        yield Spark(session)
    except (PySparkException, Py4JError) as error:
        reason = _reason(error)
        # Without Java there is no gateway, and with a master that does not answer no context.
        code = "spark_absent" if session is None else "rollup_failed"
        raise InputError([Problem(code, facts={"engine": "spark", "reason": reason})]) from error
    finally:
        if session is not None:
            session.stop()


def _reason(error: Exception) -> str:
    """What Spark says, without the path that it took there."""
    told = [line.strip(": ") for line in str(error).splitlines()]
    return next((line for line in told if "Exception: " in line), told[0] if told else type(error).__name__)


def _configured(builder: Any, master: str, remote: str) -> Any:
    """A session's builder; what is for this machine alone stays on it."""
    if remote:
        return builder.appName("quheng").remote(remote)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = builder.appName("quheng").master(master)
    settings = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    if master.startswith("local") or "//127.0.0.1" in master:
        # A few cores: the work in two hundred pieces would be waiting for its pieces.
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        settings["spark.sql.shuffle.partitions"] = "4"
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder
