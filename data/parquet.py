"""Facts in Parquet: which files are meant, what they hold, and the digest of it all."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from glob import glob
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from metrics.cores import over_cores
from metrics.facts import EXACT, REQUIRED
from metrics.files import opened
from metrics.problems import file_error, reason_of

READ = ("region", "site", "period", "variable", "value", "status")
TEXTS = ("region", "site", "period", "variable", "status")
# What polars, and so `facts.judge`, takes off both ends of a text.
BLANKS = " \t\n\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))

State = tuple[int, ...]


@dataclass(frozen=True)
class Sources:
    """Files, and of each the contract's columns §1 that are used; `typed` where each column has its type everywhere.

    `states`: how the files were when they were found.
    """

    files: tuple[Path, ...]
    columns: tuple[tuple[str, ...], ...]
    typed: bool
    states: tuple[State, ...]

    @cached_property
    def digest(self) -> str:
        """What the files hold, whatever they are called and in whatever order they are given."""
        own = sorted(over_cores(_digest, self.files))
        return hashlib.sha256("\n".join(own).encode()).hexdigest()

    def refuse_changed(self) -> None:
        """Raises InputError where a file is no longer as it was: the digest may not be of what was read."""
        for file, state in zip(self.files, self.states, strict=True):
            if _state(file) != state:
                raise file_error("file_changed", file)

    @property
    def name(self) -> str:
        """What they are called together."""
        first = self.files[0].name
        return first if len(self.files) == 1 else f"{first} … ({len(self.files)})"


def _state(file: Path) -> State:
    """Which file it is, its size, and when it was written; nothing where it is gone."""
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _digest(file: Path) -> str:
    with opened(file) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sources_of(paths: Sequence[Path]) -> Sources:
    """The Parquet files at the paths: files, folders with all below them, and patterns.

    Raises InputError for a path without any, for a file that is none, that lacks a column, or has one of another kind.
    """
    files = tuple(sorted({file.resolve(): file for path in paths for file in _at(path)}))
    states = tuple(_state(file) for file in files)
    schemas = [_schema(file) for file in files]
    columns = tuple(tuple(name for name in READ if name in schema) for schema in schemas)
    typed = all(
        schema[name] == (pl.Float64 if name == "value" else pl.String)
        for schema, names in zip(schemas, columns, strict=True)
        for name in names
    )
    return Sources(files, columns, typed, states)


def _at(path: Path) -> list[Path]:
    found = [path]
    if path.is_dir():
        found = list(path.rglob("*.parquet"))
    elif not path.exists():
        found = [Path(name) for name in glob(str(path), recursive=True) if Path(name).is_file()]  # noqa: PTH207
    if not found:
        raise file_error("no_fact_files", path)
    return found


def _schema(file: Path) -> dict[str, Any]:
    """A file's columns and their types. Raises InputError for one that holds no facts."""
    try:
        schema = dict(pl.read_parquet_schema(opened(file)))
    except OSError as error:
        raise file_error("unreadable_file", file, reason=reason_of(error)) from error
    except pl.exceptions.PolarsError as error:
        raise file_error("not_a_table", file, reason=str(error).splitlines()[0]) from error
    absent = [name for name in REQUIRED if name not in schema]
    if absent:
        raise file_error("missing_column", file, line=1, columns=", ".join(absent), found=", ".join(schema))
    for name in READ:
        if name in schema and not _usable(name, schema[name]):
            raise file_error("bad_column_type", file, line=1, column=name, type=str(schema[name]))
    if schema["value"] in (pl.Int64, pl.UInt64, pl.Int128):
        _refuse_inexact(file)
    return schema


def _refuse_inexact(file: Path) -> None:
    """Raises InputError at the first whole number whose last digits would be lost."""
    whole = pl.col("value").cast(pl.Int128)
    rows = pl.scan_parquet(file, glob=False).select(whole).with_row_index("row", offset=2)
    large = rows.filter((pl.col("value") > EXACT) | (pl.col("value") < -EXACT))
    lost = large.filter(pl.col("value").cast(pl.Float64).cast(pl.Int128, strict=False).ne_missing(pl.col("value")))
    for row, value in lost.head(1).collect().iter_rows():
        raise file_error("not_exact", file, line=row, value=value)


def _usable(name: str, kind: Any) -> bool:
    """Whether a column can be read as it is: numbers for values, texts or whole numbers for names."""
    if name == "value":
        return bool(kind.is_numeric() or kind == pl.Null)
    return bool(kind in (pl.String, pl.Categorical, pl.Null) or isinstance(kind, pl.Enum) or kind.is_integer())


def as_texts(facts: nw.LazyFrame[Any], sources: Sources) -> nw.LazyFrame[Any]:
    """The facts with all columns of `READ`, of the contract's types."""
    present = facts.collect_schema().names()
    absent = [nw.lit(None).cast(nw.String).alias(name) for name in READ if name not in present]
    facts = facts.with_columns(*absent) if absent else facts
    if sources.typed:
        return facts
    texts = [nw.col(name).cast(nw.String) for name in TEXTS if name in present]
    return facts.with_columns(*texts, nw.col("value").cast(nw.Float64))


def trimmed(facts: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The facts without blanks around their texts; nothing between blanks is no text."""
    bare = {name: nw.col(name).str.strip_chars(BLANKS) for name in TEXTS}
    return facts.with_columns(*(nw.when(text != "").then(text).alias(name) for name, text in bare.items()))


def refuse_inside(out: Path, sources: Sources, paths: Sequence[Path]) -> None:
    """Raises InputError where what is written would be read, now or the next time."""
    target = Path(out.absolute()).resolve()
    folders = [path.resolve() for path in paths if path.is_dir()]
    if target in [file.resolve() for file in sources.files] or any(folder in target.parents for folder in folders):
        raise file_error("out_over_input", out, option="--out")
