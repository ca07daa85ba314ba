"""Sums in parts: the same to the last digit in any order, and as near as a sum can be."""

import math
from random import Random
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.sums import Grid, grid_in, in_parts, sums, total

value = st.one_of(
    st.none(), st.floats(-1e12, 1e12), st.integers(-1000, 1000).map(lambda n: n / 10), st.floats(-1e-9, 1e-9)
)


def _sum(values: list[float | None], *, other: list[float | None] | None = None) -> float:
    """The sum of a group; beside it there is another."""
    rows = [("a", x) for x in values] + [("b", x) for x in other or []]
    frame = pl.DataFrame(rows, schema={"key": pl.String, "x": pl.Float64}, orient="row")
    found = _summed(nw.from_native(frame.lazy()), grid_in(frame, "x")).to_native().collect()
    return float(found.filter(pl.col("key") == "a")["sum"][0])


def _summed(frame: nw.LazyFrame[Any], grid: Grid) -> nw.LazyFrame[Any]:
    parts = in_parts(frame, {"x": grid}).group_by("key").agg(*sums("x", grid))
    return parts.select("key", total("x", grid).alias("sum"))


@settings(max_examples=200, deadline=None)
@given(values=st.lists(value, min_size=1, max_size=40), data=st.data())
def test_no_order_changes_a_sum(values: list[float | None], data: st.DataObject) -> None:
    """Shuffled values have the very same sum, which no double is nearer to than by its last digit."""
    found = _sum(values)
    assert _sum(data.draw(st.permutations(values)), other=[1e15, 1.0]) == found
    exact = math.fsum(x for x in values if x is not None)
    greatest = max((abs(x) for x in values if x is not None), default=0.0)
    assert abs(found - exact) <= math.ulp(exact) + greatest * 2.0**-90


@pytest.mark.parametrize("values", [[1e300, 1e300], [1e-300, 2e-300], [math.inf, 1.0], [0.0, 0.0], [None, None]])
def test_what_has_no_room_for_parts_is_added_as_ever(values: list[float | None]) -> None:
    """Numbers at the ends of what a double holds, and none at all, have their plain sum."""
    assert _sum(values) == sum(x for x in values if x is not None)


def test_terms_of_any_size_stand_side_by_side() -> None:
    """However far apart the greatest and the least are, the sums of both are right, on a database too, and it takes no
    longer than ever to write them down: cuts are not made of one another."""
    frame = pl.DataFrame({"key": ["a", "a", "b", "b", "c"], "x": [1e-300, 2e-300, 0.1, 0.2, 1e290]})
    grid, expected = grid_in(frame, "x"), {"a": 1e-300 + 2e-300, "b": math.fsum((0.1, 0.2)), "c": 1e290}
    assert len(grid) == 28
    relation = duckdb.sql("SELECT * FROM frame")
    on_database = _summed(nw.from_native(relation), grid).to_native().fetchall()
    assert dict(on_database) == expected
    assert dict(_summed(nw.from_native(frame.lazy()), grid).to_native().collect().rows()) == expected


def test_another_engine_has_the_same_sum() -> None:
    """The same lines on DuckDB give the same, but for a last digit: it rounds what lies between two cuts otherwise."""
    generator = Random(1)
    groups = {f"{at}": [round(generator.uniform(0.0, 1e6), 2) for _ in range(40)] for at in range(300)}
    groups["mixed"] = [0.1 * month for month in range(1, 13)] + [1e9 + 0.3, -7e-5]
    frame = pl.DataFrame([(key, x) for key, xs in groups.items() for x in xs], schema=["key", "x"], orient="row")
    grid = grid_in(frame, "x")
    found = dict(_summed(nw.from_native(duckdb.sql("SELECT * FROM frame")), grid).to_native().fetchall())
    own = dict(_summed(nw.from_native(frame.lazy()), grid).to_native().collect().rows())
    assert found.keys() == own.keys() == groups.keys()
    for key, mine in own.items():
        assert abs(found[key] - mine) <= math.ulp(mine)
        assert abs(mine - math.fsum(groups[key])) <= math.ulp(mine)
