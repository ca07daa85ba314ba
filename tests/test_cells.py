"""Cells, units and periods as people write them: by named rules or not at all."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.cells import in_unit, numbers, read_cell
from data.quantities import factor
from data.written import WAYS, period_of, way_of


@pytest.mark.parametrize(
    ("text", "number", "rules"),
    [
        ("1,234", 1234, ("thousands",)), ("1,234,567.5", 1234567.5, ("thousands",)),
        ("1 234 567", 1234567, ("thousands",)),
        ("１２３．５", 123.5, ("full_width",)), ("－５", -5, ("full_width",)), ("−5", -5, ("minus",)),
        ("–5", -5, ("minus",)),
        ("(1,234)", -1234, ("parentheses", "thousands")), ("（12）", -12, ("full_width", "parentheses")),
        ("12.3%", 12.3, ("percent",)), ("(12.3%)", -12.3, ("parentheses", "percent")), ("3.5万元", 3.5, ("unit",)),
        ("¥1,200", 1200, ("thousands", "unit")), ("5 kWh", 5, ("unit",)), ("1e3", 1000, ()),
    ],
)  # fmt: skip
def test_numbers_as_they_are_written(text: str, number: float, rules: tuple[str, ...]) -> None:
    """Separators, full width, signs, parentheses, per cent and units are read, each by a rule that is named."""
    found = read_cell(text)
    assert found is not None
    assert (found.number, found.rules) == (number, rules)


@pytest.mark.parametrize(
    "text",
    ["", "-", "—", "…", "N/A", "12,34", "1,234,56", "1,2345", "1-2", "2024-03", "5*", "10²", "1.2.3", "0x10",
     "1_000", "٣", "(5 m2)", "（5 m2）", "(3.5万元)", "(5 kWh)", "(1.2万)", "(-5)", "约5", "5 至 6", "≥5",
     "3月", "¥5元", "1,234 5"],
)  # fmt: skip
def test_what_is_no_number_is_not_guessed(text: str) -> None:
    """Marks, ranges, footnotes, dates, wrong groups and other scripts are no number in any variable's unit."""
    found = read_cell(text)
    assert found is None or in_unit(found, "元") is None


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_number_is_itself(number: float) -> None:
    """Whatever a program writes for a number is read as that number, by no rule."""
    found = read_cell(repr(number))
    assert found is not None
    assert (found.number, found.rules) == (number, ())


@given(st.integers(-(10**12), 10**12))
def test_separators_change_nothing(number: int) -> None:
    """A number with separators of thousands is the number without."""
    found = read_cell(f"{number:,}")
    assert found is not None
    assert found.number == number


@pytest.mark.parametrize(
    ("found", "declared", "times"),
    [
        ("万元", "元", 1e4), ("亿元", "万元", 1e4), ("万千瓦时", "kWh", 1e4), ("万平方米", "m2", 1e4),
        ("万吨标准煤", "tce", 1e4),
        ("10000 persons", "人", 1e4), ("100 million yuan", "亿元", 1), ("元/人", "万元/person", 1e-4),
        ("sqft", "ft2", 1),
        ("%", "1", 0.01), ("千元", "元", 1e3), ("元/平方米", "元/m2", 1), ("visit", "visit", 1),
        ("亿元", "人", None), ("吨", "kWh", None), ("tce", "kWh", None), ("foo", "visit", None), ("per", "USD", None),
    ],
)  # fmt: skip
def test_units_as_tables_print_them(found: str, declared: str, times: float | None) -> None:
    """A printed unit becomes the declared one by a known number, or not at all."""
    assert factor(found, declared) == (None if times is None else pytest.approx(times, rel=1e-15))


def test_a_scale_that_may_be_meant_twice() -> None:
    """1.2万 is 12000 persons; of money that is counted in 万元 it may be either, and is refused."""
    cell = read_cell("1.2万")
    assert cell is not None
    assert (in_unit(cell, "人"), in_unit(cell, "万元"), in_unit(cell, None)) == (12000, None, None)


@pytest.mark.parametrize(
    ("text", "declared", "number"),
    [
        ("5 m2", "m2", 5), ("5m2", "m2", 5), ("1.5 m3", "m3", 1.5), ("2 km2", "m2", 2e6), ("3 kgCO2", "tCO2", 3e-3),
        ("4 kgCO2/m2", "kgCO2/m2", 4), ("5 m2/person", "m2/person", 5), ("5 m²", "m2", 5),
        ("5 m2", "m", None), ("5 m23", "m2", None), ("5 t2", "t", None), ("2024M2", "m2", None),
        ("5 abcm2", "m2", None),
    ],
)  # fmt: skip
def test_a_unit_with_a_digit_is_one(text: str, declared: str, number: float | None) -> None:
    """m2 in a cell is the unit of its number; behind any other word a digit is a second number."""
    found = read_cell(text)
    value = None if found is None else in_unit(found, declared)
    assert value == (None if number is None else pytest.approx(number, rel=1e-12))


def test_digits_that_would_be_lost_are_no_number() -> None:
    """An integer is read to its last digit or refused, whatever the table's own kind of number."""
    cells = pl.Series([2**53 + 1, 2**53], dtype=pl.UInt64)
    found, _ = numbers(cells.cast(pl.String), cells.cast(pl.Float64), pl.Series(["v", "v"]), {})
    assert found["rule"].to_list() == ["not_exact", None]


def test_every_cell_is_a_number_or_has_a_rule() -> None:
    """In a column each text is a number, is not there, or is told by the rule that it breaks."""
    texts = pl.Series(["1", "1,234", "5%", None, "4735x", "3万元", "2kWh"])
    direct = texts.cast(pl.Float64, strict=False)
    frame, counts = numbers(texts, direct, pl.Series(["a"] * 7), {"a": "元"})
    assert frame.rows() == [
        (1.0, False, None), (1234.0, False, None), (None, True, "unit_in_cell"), (None, False, None),
        (None, True, "bad_number"), (30000.0, True, None), (None, True, "unit_in_cell"),
    ]  # fmt: skip
    assert counts == {"thousands": 1, "unit": 1}


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2024", "2024"), ("2024年", "2024"), ("2024年度", "2024"), ("FY2024", "2024"), ("２０２４年", "2024"),
        ("2024.0", "2024"),
        ("2024年3月", "2024-03"), ("202403", "2024-03"), ("2024-03", "2024-03"), ("2024/3", "2024-03"),
        ("Mar 2024", "2024-03"),
        ("2024年十二月", "2024-12"), ("2024Q1", "2024-Q1"), ("2024年第一季度", "2024-Q1"), ("2024年 1季度", "2024-Q1"),
        ("2024年上半年", "2024-H1"), ("2024-H2", "2024-H2"), ("2024-03-15", "2024-03-15"), ("20240315", "2024-03-15"),
        ("2018-21", "2018/21"), ("2023/24", "2023/24"), ("2009–2010", "2009/10"), ("2011-12", "2011-12"),
        ("2024.1", None), ("2024-13", None), ("第一季度", None), ("24年", None), ("110000", None), ("abc", None),
    ],
)  # fmt: skip
def test_periods_as_people_write_them(text: str, period: str | None) -> None:
    """Years, months, quarters, halves, days, fiscal years and spans; what may be either of two is none."""
    assert period_of(text) == period


def test_fiscal_years_are_no_months() -> None:
    """2011-12 is a fiscal year where years are meant, and a plain year the one that begins or ends in it."""
    assert [period_of("2011-12", way) for way in WAYS] == ["2011-12", "2011/12", "2011/12", "2011/12"]
    assert [period_of("FY2024", way) for way in WAYS] == ["2024", "2024", "2024/25", "2023/24"]


def test_what_a_column_of_periods_means() -> None:
    """One text that can be no month tells of the column; where all may be months it is not sure."""
    assert way_of(["2010-11", "2011-12", "2018-21"], fiscal=False) == ("years", True)
    assert way_of(["2012-13"], fiscal=False) == ("years", True)
    assert way_of(["2010-11", "2011-12"], fiscal=False) == ("dates", False)
    assert way_of(["2010-11", "2011-12"], fiscal=True) == ("years", True)
    assert way_of(["2003", "2004"], fiscal=True) == ("years_ending", False)
    assert way_of(["2003", "x"], fiscal=False) == (None, False)
