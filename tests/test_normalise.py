"""Contract tests over every normaliser: what must hold whatever the numbers are."""

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from metrics.frames import Frame, tied_ranks
from metrics.normalise import METHODS, score_one
from metrics.periods import Cycles
from metrics.regions import regions_of
from metrics.rounding import ROUNDING
from metrics.values import Rows

REGIONS = ("a", "b", "c", "d")
RANGED: dict[str, Any] = {"range": (0.0, 100.0), "frame": "cycle"}
# One sensible setting of each method, for higher and for lower is better.
SETTINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "minmax": ({"clip": False}, {"clip": False}),
    "goalposts": (
        {"worst": 0.0, "best": 50.0, "clip": True, "log": False},
        {"worst": 50.0, "best": 0.0, "clip": True, "log": False},
    ),
    "zscore": ({"mean": 0.0, "sd": 1.0},) * 2,
    "rank": ({}, {}),
    "borda": ({}, {}),
    "percentile_rank": ({}, {}),
    "distance_to_target": ({"target": 1e7, "clip": False}, {"target": -1e7, "clip": False}),
    "distance_to_reference": ({"reference": "a", "clip": False},) * 2,
    "fraction_of_max": ({}, {}),
    "piecewise": (
        {"points": ((0.0, 10.0), (10.0, 50.0), (40.0, 90.0))},
        {"points": ((0.0, 90.0), (10.0, 50.0), (40.0, 10.0))},
    ),
    "steps": (
        {"steps": ((1.0, 10.0), (5.0, 50.0)), "above": 90.0, "relative_to": "none"},
        {"steps": ((1.0, 90.0), (5.0, 50.0)), "above": 10.0, "relative_to": "none"},
    ),
    "limits": (
        {"binding": 5.0, "current": 20.0, "leading": 40.0, "scores": (60.0, 80.0, 100.0)},
        {"binding": 40.0, "current": 20.0, "leading": 5.0, "scores": (60.0, 80.0, 100.0)},
    ),
    "band": ({"best": (92.0, 100.0), "worst": (80.0, 110.0)},) * 2,
}
VALUES = st.lists(
    st.one_of(st.none(), st.floats(0.015625, 1e6, width=32)), min_size=2 * len(REGIONS), max_size=2 * len(REGIONS)
)


def _rows(cycles: int = 2) -> Rows:
    return Rows(tuple(range(2020, 2020 + cycles)), regions_of(None, named=REGIONS), Cycles())


def _scores(name: str, values: list[float | None], *, higher: bool, **changed: Any) -> list[float | None]:
    method = SimpleNamespace(method=name, **{**RANGED, **SETTINGS[name][0 if higher else 1], **changed})
    rows = _rows(len(values) // len(REGIONS))
    frame = rows.frame.with_columns(pl.Series("x", values, dtype=pl.Float64))
    scored = METHODS[name](pl.col("x"), Frame(rows, method.frame), method, higher)
    return frame.select(scored.cast(pl.Float64).alias("score"))["score"].to_list()


def test_every_method_has_a_setting() -> None:
    """A new method is tested by these contracts or this test fails."""
    assert set(SETTINGS) == set(METHODS)


@pytest.mark.parametrize("higher", [True, False])
@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=25, deadline=None)
@given(values=VALUES)
def test_null_in_null_out_and_never_nan(name: str, higher: bool, values: list[float | None]) -> None:
    """A missing value has no score, and no score is NaN or infinite."""
    scores = _scores(name, values, higher=higher)
    assert all(score is None for score, value in zip(scores, values, strict=True) if value is None)
    assert all(score is None or np.isfinite(score) for score in scores)


@pytest.mark.parametrize("higher", [True, False])
@pytest.mark.parametrize("name", sorted(set(METHODS) - {"band"}))
@settings(max_examples=25, deadline=None)
@given(values=VALUES)
def test_better_never_scores_less(name: str, higher: bool, values: list[float | None]) -> None:
    """Within a cycle the better of two values never has the lower score."""
    scores = _scores(name, values, higher=higher)
    for start in (0, len(REGIONS)):
        known = [
            (value if higher else -value, score)
            for value, score in zip(values[start : start + 4], scores[start : start + 4], strict=True)
            if value is not None and score is not None
        ]
        ordered = [score for _, score in sorted(known)]
        assert all(low <= high + 1e-9 * max(1.0, abs(high)) for low, high in pairwise(ordered))


@pytest.mark.parametrize("name", ["minmax", "percentile_rank", "goalposts", "band"])
@settings(max_examples=25, deadline=None)
@given(values=VALUES)
def test_bounded_methods_stay_in_their_range(name: str, values: list[float | None]) -> None:
    """A bounded method maps its own frame into `range`."""
    scores = _scores(name, values, higher=True, range=(1.0, 100.0))
    assert all(score is None or 1.0 - 1e-9 <= score <= 100.0 + 1e-9 for score in scores)


@pytest.mark.parametrize("name", ["minmax", "zscore", "distance_to_reference"])
def test_a_constant_indicator_has_no_scores(name: str) -> None:
    """Where all regions are equal nobody is better, and no method divides by zero."""
    assert _scores(name, [0.1 + 0.2] * 4, higher=True) == [None] * 4


def test_an_all_cycles_frame_makes_years_comparable() -> None:
    """With `frame: all` the same value has the same score in every cycle."""
    scores = _scores("minmax", [1.0, 2.0, 3.0, 4.0, 1.0, 3.0, 5.0, 5.0], higher=True, frame="all")
    assert scores == pytest.approx([0.0, 25.0, 50.0, 75.0, 0.0, 50.0, 100.0, 100.0])


def test_a_frame_of_one_period_lets_later_years_leave_the_range() -> None:
    """With `frame: 2020` later values beyond its best score above 100, unless clipped."""
    values = [1.0, 2.0, 3.0, 4.0, 0.0, 5.0, 1.0, 4.0]
    assert _scores("minmax", values, higher=True, frame="2020")[4:] == pytest.approx([-100 / 3, 400 / 3, 0.0, 100.0])
    assert _scores("minmax", values, higher=True, frame="2020", clip=True)[4:] == pytest.approx(
        [0.0, 100.0, 0.0, 100.0]
    )


@given(numpy_strategies.arrays(float, (3, 7), elements=st.one_of(st.just(float("nan")), st.floats(-1e6, 1e6))))
def test_tied_ranks_count_those_clearly_below(values: Any) -> None:
    """A rank is 1 + the number of values that come before the first of the value's chain of ties.

    Ties are closer than a share of the spread, or than what rounding leaves of the largest of them.
    """
    for line, ranks in zip(values, tied_ranks(values), strict=True):
        known = np.sort(line[~np.isnan(line)])
        rounding = ROUNDING * np.abs(known).max(initial=0.0)
        tolerance = max(1e-9 * (known[-1] - known[0]), rounding) if known.size else 0.0
        for value, rank in zip(line, ranks, strict=True):
            if np.isnan(value):
                assert np.isnan(rank)
                continue
            place = int(np.searchsorted(known, value))
            while place > 0 and (known[place] - known[place - 1] < tolerance or known[place] == known[place - 1]):
                place -= 1
            assert rank == place + 1


@pytest.mark.parametrize(("x", "expected"), [(12.0, 81.8182), (30.0, 0.0), (40.0, 0.0), (8.0, 100.0), (2.0, 100.0)])
def test_one_value_scores_as_a_column_does(x: float, expected: float) -> None:
    """The worked example of the contract: goalposts 30 to 8, value 12, score 81.8182."""
    method = SimpleNamespace(method="goalposts", worst=30.0, best=8.0, clip=True, log=False, range=(0.0, 100.0))
    assert score_one(method, "lower", x) == pytest.approx(expected, abs=5e-5)
