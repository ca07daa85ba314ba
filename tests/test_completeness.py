"""Completeness: what is due, what has come, and what is missing."""

import polars as pl
import pytest

from metrics import completeness
from metrics.reader import read
from metrics.scorecard import Scorecard, score

TEXT = """
schema: 1
title: test
variables:
  water: {name: Water, unit: m3}
  heat: {name: Heat, unit: GJ, absent: zero}
  staff: {name: Staff, unit: person, over_time: last}
  later: {name: Later, unit: person, valid: {from: 2025-01-01}}
indicators:
  water_per_head: {name: Water per head, unit: m3/person, formula: water / staff, better: lower}
  heat_per_head: {name: Heat per head, unit: GJ/person, formula: heat / staff, better: lower}
  later_staff: {name: Later staff, unit: person, formula: later, better: lower}
index:
  code: composite
  name: Composite
  children: [{indicator: water_per_head}, {indicator: heat_per_head}, {indicator: later_staff}]
"""


@pytest.fixture(scope="module")
def card() -> Scorecard:
    """Two regions by quarter: `a` lacks one quarter of one site and has an empty cell, `b` has sent its staff only."""
    definitions = read(TEXT.encode(), path="t.yaml").definitions
    assert definitions is not None
    rows = [("a", site, f"2024-Q{n}", "water", 1.0) for site in ("s1", "s2") for n in (1, 2, 3, 4)]
    rows = [(*row[:4], None) if row[1:3] == ("s2", "2024-Q4") else row for row in rows if row[1:3] != ("s1", "2024-Q2")]
    rows += [("a", None, "2024-Q1", "heat", 5.0), ("a", None, "2024", "staff", 3.0), ("b", None, "2024", "staff", 4.0)]
    facts = pl.DataFrame(rows, schema=["region", "site", "period", "variable", "value"], orient="row")
    return score(definitions, facts)


def test_what_a_region_reports_elsewhere_in_the_cycle_is_due(card: Scorecard) -> None:
    """A site's gap and an empty cell are absent; heat, whose absence means 0, is not; the finest periods come first."""
    found = completeness.by_period(card.facts, card.rows, card.definitions)
    assert found.select("region", "period", "due", "reported", "absent", "missing").rows() == [
        ("a", "2024-Q1", 2, 2, 0, ""),
        ("a", "2024-Q2", 2, 1, 1, "water"),
        ("a", "2024-Q3", 2, 2, 0, ""),
        ("a", "2024-Q4", 2, 1, 1, "water"),
        ("a", "2024", 1, 1, 0, ""),
        ("b", "2024", 1, 1, 0, ""),
    ]
    assert found["cycle"].unique().to_list() == ["2024"]
    assert found["share"].to_list() == [1.0, 0.5, 1.0, 0.5, 1.0, 1.0]


def test_a_cycle_lacks_what_has_no_value(card: Scorecard) -> None:
    """An incomplete sum and what was never sent are absent; a variable that is not yet in force is not due."""
    found = completeness.by_cycle(card.variables, card.definitions)
    assert found.select("region", "due", "reported", "missing").rows() == [("a", 2, 1, "water"), ("b", 2, 1, "water")]


def test_rows_taken_together(card: Scorecard) -> None:
    """Counts are summed, and the share is of the sums."""
    found = completeness.by_period(card.facts, card.rows, card.definitions)
    assert completeness.together(found, "region").rows() == [("a", 9, 7, 2, 7 / 9), ("b", 1, 1, 0, 1.0)]


def test_a_cycle_is_settled_when_its_facts_are_verified(card: Scorecard) -> None:
    """Facts that are only reported or reviewed leave it open."""
    facts = card.facts.with_columns(
        status=pl.when(pl.col("variable") == "staff").then(pl.lit("verified")).otherwise("status")
    )
    found = completeness.settled(facts, card.rows)
    assert found.row(0) == ("2024", facts.height, 2, 2 / facts.height)
