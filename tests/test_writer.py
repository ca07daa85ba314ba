"""The id of what was written: the same for the same rows, another for any other."""

import os
import subprocess
import sys
from datetime import date

import duckdb
import polars as pl
import pytest

from data.holdings import ROOT
from data.writer import Writer

_TYPES = {
    pl.String(): "VARCHAR",
    pl.Float64(): "DOUBLE",
    pl.Int64(): "BIGINT",
    pl.Boolean(): "BOOLEAN",
    pl.Date(): "DATE",
}


def _written(*frames: pl.DataFrame, table: str = "t") -> str:
    columns = ", ".join(f'"{name}" {_TYPES[kind]}' for name, kind in frames[0].schema.items())
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE {table} ({columns})")
        writer = Writer(connection)
        for frame in frames:
            writer.insert(table, frame)
        assert connection.table(table).pl().equals(pl.concat(frames))
    return writer.written.hexdigest()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": ["x", None]}, {"a": ["x", ""]}),
        ({"a": [None, "x"]}, {"a": ["x", None]}),
        ({"a": ["ab", "c"]}, {"a": ["a", "bc"]}),
        ({"a": ["市", "区"]}, {"a": ["区", "市"]}),
        ({"a": [1.5, None]}, {"a": [1.5, 0.0]}),
        ({"a": [0.1 + 0.2]}, {"a": [0.3]}),
        ({"a": [2**53]}, {"a": [2**53 + 1]}),
        ({"a": [True, None]}, {"a": [True, False]}),
        ({"a": [1.0]}, {"a": [4607182418800017408]}),
        ({"a": ["abcd"]}, {"a": [7233733595238498308]}),
        ({"a": [date(2024, 1, 2)]}, {"a": [date(2024, 2, 1)]}),
        ({"a": ["1"], "b": ["2"]}, {"b": ["1"], "a": ["2"]}),
        ({"a": ["x"], "b": [""]}, {"a": [""], "b": ["x"]}),
    ],
)
def test_any_other_cells_have_another_digest(one: dict[str, list[object]], other: dict[str, list[object]]) -> None:
    """What is empty, which letters belong to which cell, and the last digit."""
    assert _written(pl.DataFrame(one)) != _written(pl.DataFrame(other))
    assert _written(pl.DataFrame(one)) == _written(pl.DataFrame(one))


def test_rows_have_one_digest_however_they_lie_in_memory() -> None:
    """Slices, pieces, and what was filtered away."""
    whole = pl.DataFrame({"a": ["x", None, "z", "w"], "b": [1.0, None, 3.0, 4.0], "c": [True, None, False, True]})
    pieces = pl.concat([whole.head(1), whole.tail(3)], rechunk=False)
    longer = pl.concat([whole.tail(2), whole, whole.head(2)]).slice(2, 4)
    numbered = pl.concat([whole, whole]).with_row_index().filter(pl.col("index") < 4).drop("index")
    assert {_written(frame) for frame in (pieces, longer, numbered)} == {_written(whole)}


def test_the_memory_is_asked_for_before_polars_is_loaded() -> None:
    """What `data` sets is read only once; somebody's own setting stays."""
    code = "import sys, os, data; print('polars' in sys.modules, os.environ['_RJEM_MALLOC_CONF'])"
    plain = {name: value for name, value in os.environ.items() if name != "_RJEM_MALLOC_CONF"}
    for own, told in (({}, "muzzy_decay_ms:-1"), ({"_RJEM_MALLOC_CONF": "narenas:1"}, "narenas:1")):
        ran = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={**plain, **own}, capture_output=True, text=True
        )
        assert ran.stdout.split() == ["False", told], ran.stderr
