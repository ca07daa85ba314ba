"""Contributions: the points of the parts add up to the score of the whole, whatever the mean."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import aggregate
from metrics.contributions import contributions, taken_apart
from metrics.reader import read
from metrics.scorecard import Scorecard, score

METHODS: dict[str, Any] = {
    **{name: name for name in aggregate.METHODS if name != "power"},
    "power 2": SimpleNamespace(power=2.0),
    "power -1": SimpleNamespace(power=-1.0),
}
cell = st.one_of(st.none(), st.floats(0.25, 100.0))


def _parts(name: str, own: list[float | None], weights: list[float]) -> tuple[str, list[float | None]]:
    """The points of one region's children, beside another region that scores 50 throughout."""
    scores = np.array([[math.nan if s is None else s for s in own], [50.0] * len(own)])
    compared = np.array([True, True])
    how, parts = taken_apart(scores, np.array(weights), METHODS[name], region=0, compared=compared)
    return how, [None if math.isnan(part) else float(part) for part in parts]


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=40, deadline=None)
@given(children=st.lists(st.tuples(cell, st.integers(1, 9)), min_size=1, max_size=6))
def test_parts_add_up_to_the_mean(name: str, children: list[tuple[float | None, int]]) -> None:
    """Children's points add up to the mean, and a child without a score has none."""
    own, weights = [score for score, _ in children], [float(weight) for _, weight in children]
    scores = np.array([[math.nan if s is None else s for s in own], [50.0] * len(own)])
    mean = aggregate.aggregated(scores, np.array([weights]), METHODS[name], compared=np.array([True, True]))[0, 0]
    _, parts = _parts(name, own, weights)
    assert [part is None for part in parts] == [score is None for score in own]
    known = [part for part in parts if part is not None]
    assert math.isnan(mean) == (not known)
    assert not known or math.isclose(sum(known), mean, rel_tol=1e-9, abs_tol=1e-9)


def test_points_worked_by_hand() -> None:
    """80 and 40 at 3:1 are 70: 60 and 10 points; the lower of 80 and 40 is 40, which each is alone or in halves."""
    assert _parts("arithmetic", [80.0, 40.0], [3.0, 1.0]) == ("linear", [60.0, 10.0])
    how, parts = _parts("minimum", [80.0, 40.0], [3.0, 1.0])
    # Alone 80 and 40; together 40: (80 + 0)/2 and (40 − 40)/2.
    assert (how, parts) == ("shapley", [40.0, 0.0])
    how, parts = _parts("geometric", [100.0, 10.0], [1.0, 1.0])
    # 10^1.5 shared out by 2 : 1, the logarithms.
    assert how == "logarithmic"
    assert [round(part or 0.0, 9) for part in parts] == [round(10**1.5 * 2 / 3, 9), round(10**1.5 / 3, 9)]


@pytest.mark.parametrize("name", ["harmonic", "median", "mazziotta_pareto", "copeland"])
def test_many_children_add_up_too(name: str) -> None:
    """Beyond ten children a fixed sample of orders is taken: exact in sum, the same every time."""
    own: list[float | None] = [float(3 * n % 37 + 1) for n in range(14)]
    first, second = (_parts(name, own, [1.0] * 14)[1] for _ in range(2))
    scores = np.array([own, [50.0] * 14], dtype=float)
    mean = aggregate.aggregated(scores, np.ones((1, 14)), METHODS[name], compared=np.array([True, True]))[0, 0]
    assert first == second
    assert math.isclose(sum(part or 0.0 for part in first), mean, rel_tol=1e-9, abs_tol=1e-9)


def test_everything_adds_up_to_the_composite(demonstration: Scorecard) -> None:
    """The points of indicators and rules are the composite, for every region and year of the demonstration."""
    root = demonstration.definitions.index.code
    composite = {row[:2]: row[2] for row in demonstration.frame.filter(pl.col("code") == root)
                 .select("period", "region", "score").iter_rows()}  # fmt: skip
    seen = 0
    for (period, region), whole in composite.items():
        frame = contributions(demonstration, region, period)
        assert frame.select(pl.col(pl.Float64).is_nan().any()).sum_horizontal().item() == 0
        points = frame.filter(pl.col("level").is_in(["indicator", "rules"]))["to_root"].sum()
        if whole is not None:
            assert math.isclose(points, whole, rel_tol=1e-9)
            seen += 1
    assert seen > 60


def test_a_pillars_indicators_add_up_to_what_it_gives(demonstration: Scorecard) -> None:
    """What a pillar gives to the composite is what its children give; what they give to it is its own score."""
    for region in ("920100", "910200"):
        frame = contributions(demonstration, region, "2024")
        for row in frame.filter(pl.col("level") == "pillar").iter_rows(named=True):
            below = frame.filter(pl.col("parent") == row["code"])
            if row["score"] is not None:
                assert math.isclose(below["to_parent"].sum(), row["score"], rel_tol=1e-9)
                assert math.isclose(below["to_root"].sum(), row["to_root"], rel_tol=1e-9)


def test_a_mean_of_nothing_has_parts_all_the_same() -> None:
    """z-scores that cancel out give the composite what they are, not shares of 0."""
    text = """
schema: 1
title: t
variables: {x: {name: x, unit: "1"}, y: {name: y, unit: "1"}}
indicators:
  a: {name: a, unit: "1", formula: x, better: higher, normalise: zscore}
  b: {name: b, unit: "1", formula: y, better: higher, normalise: zscore}
index: {code: all, name: all, children: [{indicator: a, weight: 1}, {indicator: b, weight: 1}]}
"""
    definitions = read(text).definitions
    assert definitions is not None
    facts = [("p", "x", 1.0), ("q", "x", 3.0), ("p", "y", 3.0), ("q", "y", 1.0)]
    frame = pl.DataFrame(
        [(region, "2024", variable, value) for region, variable, value in facts],
        schema={"region": pl.String, "period": pl.String, "variable": pl.String, "value": pl.Float64},
        orient="row",
    )
    found = contributions(score(definitions, frame), "p", "2024").filter(pl.col("level") == "indicator")
    assert found["to_root"].to_list() == pytest.approx([-math.sqrt(0.5) / 2, math.sqrt(0.5) / 2])
    assert found["to_root"].to_list() == found["to_parent"].to_list()
