"""Advice: what is not wrong but wants a look is told at its place, and what is as it should be is not."""

from datetime import date

import pytest

from metrics.formula import parse
from metrics.reader import read
from metrics.twice import said

TEXT = """
schema: 1
title: t
variables:
  x: {name: x, unit: kWh}
  y: {name: y, unit: kWh}
  d: {name: d, unit: kWh, formula: x + y}
indicators:
  a: {name: a, unit: kWh, formula: x, better: lower, next_review: 2026-01-31}
  b: {name: b, unit: kWh, formula: y + d, better: lower}
  c: {name: c, unit: kWh, formula: x - y, better: lower}
index:
  code: all
  name: all
  children: [{indicator: a, weight: 0.5}, {indicator: b, weight: 0.3}, {indicator: c, weight: 0.2}]
"""


def _told(*changes: tuple[str, str], today: date | None = None) -> list[tuple[str, str, int]]:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    reading = read(text, today=today)
    assert reading.definitions is not None, reading.problems
    return [(problem.code, problem.path, problem.line) for problem in reading.problems]


def test_a_file_as_it_should_be_has_no_advice() -> None:
    """Different formulas, weights that add up to 1, and nobody who asks what day it is."""
    assert _told() == []


def test_a_formula_under_two_names_is_told_at_the_second() -> None:
    """The same sum in the same unit, however it is written; in another unit it is another thing."""
    again = ("formula: x - y", "formula: (y) + d")
    assert _told(again) == [("formula_twice", "indicators.c.formula", 11)]
    assert _told(again, ("c: {name: c, unit: kWh", "c: {name: c, unit: MWh"))[-1][0] != "formula_twice"


@pytest.mark.parametrize(
    ("one", "other", "twice"),
    [
        ("x * (y / d)", "x * y / d", True),
        ("x / y / d", "x / (d * y)", True),
        ("(x + y) - (d - x)", "x + (y + x) - d", True),
        ("-(x - y) * 2", "2 * (y - x)", True),
        ("max(x, y + d)", "max(x, d + y)", True),
        ("x / (y / d)", "x / y / d", False),
        ("x - (y - d)", "x - y - d", False),
        ("x + 0 * y", "x", False),
        ("x / y * y", "x", False),
        ("x / y * y * d", "x * d", False),
        ("max(x, y)", "min(x, y)", False),
        ("previous(x)", "previous(x, 2)", False),
        ("x ** 2", "2 ** x", False),
    ],
)
def test_formulas_that_say_the_same(one: str, other: str, twice: bool) -> None:
    """Order and parentheses of sums and products tell nothing; whatever could be another number is another formula."""
    assert (said(parse(one).tree) == said(parse(other).tree)) == twice


def test_one_unit_written_in_two_ways_is_one() -> None:
    """kWh/m2 and kWh / m^2 do not hide that a formula stands twice."""
    again = ("formula: x - y", "formula: x")
    assert _told(again, ("c: {name: c, unit: kWh", "c: {name: c, unit: 千瓦时"))[0][0] == "formula_twice"


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ((0.5, 0.3, 0.1), True),
        ((0.333, 0.333, 0.333), False),
        ((50, 30, 15), True),
        ((50, 30, 20), False),
        ((5, 3, 1), False),
        ((0.5, 0.5, 1), False),
        # Their sum is no number any more.
        ((1e308, 1e308, 1), False),
    ],
)
def test_weights_that_miss_their_whole_are_told(weights: tuple[float, ...], told: bool) -> None:
    """Shares of 1 and parts of 100 are to add up but for rounding; other numbers are proportions."""
    changes = [(f"weight: {old}}}", f"weight: {new}}}") for old, new in zip((0.5, 0.3, 0.2), weights, strict=True)]
    found = _told(*reversed(changes))
    assert [code for code, _, _ in found] == (["weights_not_whole"] if told else [])


def test_a_review_that_is_due_is_told_from_its_day_on() -> None:
    """On the day itself nothing is overdue, on the next it is."""
    assert _told(today=date(2026, 1, 31)) == []
    assert _told(today=date(2026, 2, 1)) == [("review_overdue", "indicators.a.next_review", 9)]


UNITS = """
schema: 1
title: t
factors:
  coal: {unit: kgce/kWh, values: {2021-04-01: 0.1229}, source: GB/T 2589-2020}
variables:
  power: {name: p, unit: kWh}
  cost: {name: c, unit: 万元}
  area: {name: a, unit: m2}
  staff: {name: s, unit: person}
indicators:
  per_area: {name: e, unit: kgce/m2, formula: power * coal / area, better: lower}
  per_head: {name: h, unit: 万元/person, formula: cost / staff, better: lower}
index: {code: all, name: all, children: [{indicator: per_area}, {indicator: per_head}]}
"""


def _checked(old: str = "", new: str = "") -> list[tuple[str, str, int]]:
    assert old in UNITS
    problems = read(UNITS.replace(old, new) if old else UNITS).problems
    return [(problem.severity, problem.code, problem.line) for problem in problems]


def test_a_formula_of_units_that_reduce_to_the_declared_one_passes() -> None:
    """kWh × kgce/kWh ÷ m2 is kgce/m2: nothing to say."""
    assert _checked() == []


def test_a_formula_in_another_dimension_is_an_error_at_its_line() -> None:
    """万元/m2 is no kgce/m2, and no factor makes it that."""
    assert ("error", "unit_differs", 12) in _checked("power * coal / area", "cost / area")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("power * coal / area", "power / area", "kWh/m2，声明的是 kgce/m2：公式里还要 × 系数“coal”（kgce/kWh）"),
        ("unit: kgce/m2", "unit: MJ/m2", "kgce/m2，声明的是 MJ/m2：公式里还要 ÷ 系数“coal”（kgce/kWh）"),
    ],
)
def test_the_factor_that_a_formula_lacks_is_named(old: str, new: str, told: str) -> None:
    """Electricity becomes standard coal, and coal becomes electricity, by the file's own factor: × or ÷."""
    problem = next(found for found in read(UNITS.replace(old, new)).problems if found.code == "unit_lacks_factor")
    assert (problem.severity, problem.line) == ("error", 12)
    assert told in problem.message("zh")
    assert "coal" in problem.message("en")


def test_a_unit_that_is_converted_is_said() -> None:
    """万元/person declared as 元/person passes, with a note that names the constant."""
    found = _checked("unit: 万元/person", "unit: 元/person")
    assert found == [("note", "unit_converted", 13)]
    problem = read(UNITS.replace("unit: 万元/person", "unit: 元/person")).problems[0]
    assert all("10000" in problem.message(lang) for lang in ("zh", "en"))


def test_what_no_formula_uses_is_told_at_its_key() -> None:
    """A variable and a factor that nothing names, each at its own line."""
    found = _checked("unit: kgce/m2, formula: power * coal / area", "unit: 万元/m2, formula: cost / area")
    assert found == [("note", "unused", 5), ("note", "unused", 7)]


def test_an_example_that_the_formula_does_not_bear_out_is_an_error_at_its_number() -> None:
    """100 kWh on 10 m2 are 1.229 kgce/m2: that passes to the digits given, 1.3 does not."""
    example = "better: lower, example: {{given: {{power: 100, area: 10}}, value: {}}}}}\n  per_head"
    assert _checked("better: lower}\n  per_head", example.format("1.23")) == []
    assert _checked("better: lower}\n  per_head", example.format("1.3")) == [("error", "example_disagrees", 12)]
