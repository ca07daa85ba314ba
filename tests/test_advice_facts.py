"""Advice against facts: what the numbers at hand do not bear out is told at its line, and nothing where they do."""

import polars as pl
import pytest

from metrics.advice_facts import against_facts
from metrics.problems import Problem
from metrics.reader import read
from metrics.scorecard import score

TEXT = """
schema: 1
title: t
variables:
  x: {name: x, unit: "1", plausible: [0, 100]}
  y: {name: y, unit: "1"}
  z: {name: z, unit: "1", plausible: [0, 100], partial: allow}
indicators:
  a: {name: a, unit: "1", formula: x, better: higher, normalise: {method: goalposts, worst: 0, best: 100}}
  b: {name: b, unit: "1", formula: y / z, better: higher}
index: {code: all, name: all, children: [{indicator: a}, {indicator: b}]}
"""
REGIONS = ("p", "q", "r")


def _facts(**values: tuple[float | None, ...]) -> pl.DataFrame:
    rows = [
        (region, "2024", variable, value)
        for variable, found in values.items()
        for region, value in zip(REGIONS, found, strict=True)
    ]
    return pl.DataFrame(rows, schema=["region", "period", "variable", "value"], orient="row")


PLAIN = {"x": (10.0, 20.0, 30.0), "y": (1.0, 2.0, 3.0), "z": (2.0, 2.0, 2.0)}


def _problems(*changes: tuple[str, str], **values: tuple[float | None, ...]) -> list[Problem]:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    reading = read(text)
    assert reading.definitions is not None, reading.problems
    found = against_facts(reading, score(reading.definitions, _facts(**{**PLAIN, **values})))
    assert reading.problems == read(text).problems
    return list(found)


def _told(problems: list[Problem]) -> list[tuple[str, str, int]]:
    return [(problem.code, problem.path, problem.line) for problem in problems]


def test_facts_that_bear_the_file_out_are_nothing_to_say() -> None:
    """In their range, with values that differ; what checking the text alone says is not said again."""
    assert _problems() == []


def test_a_range_that_facts_leave_is_told_with_the_worst_of_them() -> None:
    """At `plausible`: how many of how many, and the one furthest outside, below or above; an end is inside."""
    (problem,) = _problems(x=(-5.0, 100.0, 130.0))
    assert (problem.severity, *_told([problem])[0]) == ("warning", "facts_not_plausible", "variables.x.plausible", 5)
    assert problem.column == 38
    assert "3 个数中有 2 个在范围之外，最远的是 r 2024 的 130" in problem.message("zh")
    assert "of the 3 numbers at hand 2 lie outside it, furthest 130 of r in 2024" in problem.message("en")
    assert "furthest -50 of p" in _problems(x=(-50.0, 100.0, 130.0))[0].message("en")
    assert _problems(x=(0.0, 50.0, 100.0)) == []


def test_a_value_that_is_not_reported_is_in_no_range() -> None:
    """It counts neither among the numbers nor as one outside."""
    (problem,) = _problems(x=(None, 20.0, 101.0))
    assert (problem.facts["count"], problem.facts["outside"]) == (2, 1)


def test_a_variable_that_nobody_reports_is_noted_and_what_it_leaves_without_values() -> None:
    """Rows without a number are no report; the indicator's warning names the variable."""
    found = _problems(z=(None, None, None))
    assert _told(found) == [("never_reported", "variables.z", 7), ("no_value_unreported", "indicators.b.formula", 10)]
    assert found[1].facts["variables"] == "z"
    assert found[0].severity == "note"


def test_what_is_in_force_in_no_cycle_is_not_missed() -> None:
    """A variable and an indicator of the years to come have no facts and no values, and nobody is told."""
    later = "valid: {from: 2030-01-01}"
    changes = [("partial: allow", f"partial: allow, {later}"), ("formula: y / z", f"{later}, formula: y / z")]
    assert _problems(*changes, z=(None, None, None)) == []


@pytest.mark.parametrize(
    ("formula", "told"),
    [("x / (y - y)", "no_value_by_zero"), ("sqrt(0 - x)", "no_value_at_all"), ("previous(x)", "no_value_at_all")],
)
def test_an_indicator_without_any_value_is_told_with_its_reason(formula: str, told: str) -> None:
    """A division by zero everywhere, and what has no value for another reason; one region with a value is enough."""
    change = ("formula: y / z", f"formula: {formula} + 0 * z")
    assert _told(_problems(change)) == [(told, "indicators.b.formula", 10)]
    assert _problems(y=(None, None, 1.0)) == []


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("{method: goalposts, worst: 0, best: 100}", None),
        ("{method: goalposts, worst: 30, best: 100}", "all_get_the_least"),
        ("{method: goalposts, worst: 0, best: 10}", "all_get_the_most"),
        ("{method: goalposts, worst: 0, best: 10, range: [1, 50]}", "all_get_the_most"),
        ("{method: goalposts, worst: 29, best: 100}", None),
        ("{method: limits, binding: 40, current: 50, leading: 60}", "all_get_the_least"),
        ("{method: limits, binding: 5, current: 8, leading: 9}", "all_get_the_most"),
        ("{method: piecewise, points: [[50, 20], [60, 90]]}", "all_get_the_least"),
        ("{method: steps, steps: [[5, 10], [9, 20]], above: 90}", "all_get_the_most"),
        ("{method: steps, steps: [[15, 10], [90, 20]], above: 90}", None),
    ],
)
def test_ends_beyond_which_everyone_lies_are_told(method: str, told: str | None) -> None:
    """Where all get the lowest, or all the highest, score of a method with ends of its own, but not short of that."""
    found = _problems(("{method: goalposts, worst: 0, best: 100}", method))
    assert _told(found) == ([] if told is None else [(told, "indicators.a.normalise", 9)])
    assert all("3 个数值（10–30）" in problem.message() for problem in found)


def test_one_value_alone_is_not_everyone() -> None:
    """A single region may well be at an end."""
    assert _problems(x=(None, None, 100.0)) == []
