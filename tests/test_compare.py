"""Comparison: what stands beside a row, how far rows lie apart, and who has reached which target."""

import polars as pl
import pytest

from metrics import compare
from metrics.reader import read
from metrics.scorecard import Scorecard, score

TEXT = """
schema: 1
title: test
variables:
  cost: {name: Cost, unit: CNY}
  staff: {name: Staff, unit: person}
indicators:
  cost_per_head:
    {name: Cost per head, unit: CNY/person, formula: cost / staff, better: lower, peers: zone,
     normalise: {method: goalposts, worst: 18, best: 10}}
  staffed:
    {name: Staffed, unit: person, formula: staff, better: {between: [1, 2]},
     normalise: {method: band, best: [1, 2], worst: [0, 20]}}
index: {code: composite, name: Composite, children: [{indicator: cost_per_head}, {indicator: staffed}]}
"""
REGIONS = pl.DataFrame(
    [("a", "A", None, "n"), ("b", "B", None, "n"), ("c", "C", None, "s"), ("d", "D", None, None)],
    schema=["code", "name_zh", "parent", "zone"],
    orient="row",
)


@pytest.fixture(scope="module")
def card() -> Scorecard:
    """Two regions in the north (10 and 14 a head), one in the south (20), one in no zone (12)."""
    definitions = read(TEXT.encode(), path="t.yaml").definitions
    assert definitions is not None
    costs = {"a": 100.0, "b": 140.0, "c": 200.0, "d": 120.0}
    rows = [
        (region, "2024", variable, value)
        for region, cost in costs.items()
        for variable, value in (("cost", cost), ("staff", 10.0))
    ]
    facts = pl.DataFrame(rows, schema=["region", "period", "variable", "value"], orient="row")
    return score(definitions, facts, regions=REGIONS)


def _of(frame: pl.DataFrame, code: str) -> dict[str, dict[str, object]]:
    return {row["region"]: row for row in frame.filter(pl.col("code") == code).iter_rows(named=True)}


def test_beside_a_row_stands_its_own_group(card: Scorecard) -> None:
    """Median, range and best are those of the region's zone; a node has them over all regions."""
    found = compare.beside(card.frame, card.rows, card.definitions)
    assert found.height == card.frame.height
    rows = _of(found, "cost_per_head")
    assert [rows[name]["n"] for name in "abcd"] == [2, 2, 1, 1]
    assert (rows["b"]["min"], rows["b"]["median"], rows["b"]["max"]) == (10.0, 12.0, 14.0)
    assert (rows["b"]["best"], rows["b"]["best_value"], rows["b"]["score_gap"]) == ("a", 10.0, -25.0)
    assert (rows["c"]["best"], rows["c"]["score_gap"]) == ("c", 0.0)
    assert {row["n"] for row in _of(found, "composite").values()} == {4}
    assert {row["ranked"] for row in rows.values()} == {4}


def test_a_target_is_reached_from_its_better_side(card: Scorecard) -> None:
    """Least is best here: who is at the target or below it has reached it; what is best in a band has no target."""
    found = compare.reached(card.distances, card.definitions)
    assert found.rows() == [("2024", "a", 1, 1), ("2024", "b", 1, 0), ("2024", "c", 1, 0), ("2024", "d", 1, 0)]


def test_an_areas_value_has_the_same_target(card: Scorecard) -> None:
    """A value that is no region's own gets the gap that a region's would."""
    values = pl.DataFrame({"code": ["cost_per_head", "staffed", "composite"], "value": [12.0, 3.0, None]})
    found = compare.toward(values, card.definitions)
    assert found["target"].to_list() == [10.0, None, None]
    assert found["target_gap"].to_list() == [pytest.approx(0.2), None, None]


def test_the_widest_span_comes_first(card: Scorecard) -> None:
    """The highest and the lowest are named; rows without a score do not count, and one alone is no span."""
    found = compare.spans(card.frame)
    assert found.filter(pl.col("code") == "cost_per_head").row(0) == ("cost_per_head", 0.0, 100.0, 100.0, "c", "a")
    assert found["gap"].is_sorted(descending=True)
    assert compare.spans(card.frame.filter(pl.col("region") == "a")).is_empty()
