"""Periods and cycles."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.periods import Cycles, PeriodError, parse

KINDS = st.sampled_from(["year", "half", "quarter", "month"])
DAYS = st.dates(min_value=date(1, 2, 1), max_value=date(9998, 12, 31))
STARTS = st.integers(1, 12)


@pytest.mark.parametrize(
    ("text", "starts", "first", "last"),
    [
        ("2024", 1, date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-H2", 1, date(2024, 7, 1), date(2024, 12, 31)),
        ("2024-Q1", 1, date(2024, 1, 1), date(2024, 3, 31)),
        ("2024-02", 1, date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-07-15", 1, date(2024, 7, 15), date(2024, 7, 15)),
        ("2023/24", 4, date(2023, 4, 1), date(2024, 3, 31)),
        ("1999/00", 10, date(1999, 10, 1), date(2000, 9, 30)),
        ("2018/21", 4, date(2018, 4, 1), date(2021, 3, 31)),
        ("2018/21", 1, date(2018, 1, 1), date(2021, 12, 31)),
    ],
)
def test_a_period_covers_its_days(text: str, starts: int, first: date, last: date) -> None:
    """Each way of naming a period covers the days that the contract says."""
    period = parse(text, fiscal_year_starts=starts)
    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize(
    ("text", "starts", "code"),
    [
        ("2024-13", 1, "bad_period"),
        ("2024-00", 1, "bad_period"),
        ("2023-02-29", 1, "bad_period"),
        ("0000", 1, "bad_period"),
        ("9999-12", 1, "bad_period"),
        ("２０２４", 1, "bad_period"),
        ("2024 ", 1, "bad_period"),
        ("2024/24", 4, "bad_period"),
        ("", 1, "bad_period"),
        ("2023/24", 1, "period_needs_fiscal_year"),
        ("2024", 4, "period_is_fiscal"),
    ],
)
def test_what_is_no_period_says_why(text: str, starts: int, code: str) -> None:
    """A text that names no period, or names one ambiguously, is refused with the reason."""
    with pytest.raises(PeriodError) as error:
        parse(text, fiscal_year_starts=starts)
    assert error.value.code == code


@given(KINDS, STARTS, DAYS)
def test_cycles_tile_the_calendar(kind: str, starts: int, day: date) -> None:
    """Every day lies in exactly one cycle, and the next cycle begins the day after the last one ends."""
    cycles = Cycles(kind, starts)  # type: ignore[arg-type]
    ordinal = cycles.ordinal(day)
    assert cycles.first(ordinal) <= day <= cycles.last(ordinal)
    assert cycles.first(ordinal + 1) == cycles.last(ordinal) + timedelta(days=1)


@given(KINDS, STARTS, DAYS)
def test_a_cycle_is_found_by_its_name(kind: str, starts: int, day: date) -> None:
    """A cycle's name names that cycle and no other."""
    cycles = Cycles(kind, starts)  # type: ignore[arg-type]
    ordinal = cycles.ordinal(day)
    assert cycles.named(cycles.name(ordinal)) == ordinal


def test_months_fill_the_year_they_belong_to() -> None:
    """Twelve months have twelve different places in their fiscal year, of which the last closes it."""
    cycles = Cycles("year", 4)
    places = [cycles.place(parse(f"{2023 + (month < 4)}-{month:02}")) for month in range(1, 13)]
    assert {place.ordinal for place in places if place} == {2023}
    assert sorted(place.position for place in places if place) == list(range(12))
    assert {place.expected for place in places if place} == {12}


def test_a_period_longer_than_the_cycle_has_no_place() -> None:
    """A yearly number says nothing about one month."""
    assert Cycles("month").place(parse("2024")) is None


def test_whole_cycles_go_before_spans_and_spans_before_parts() -> None:
    """The more directly a period states the cycle, the lower its precedence number."""
    cycles = Cycles("year", 4)
    order = ["2020/21", "2019/21", "2018/21", "2020-12-31", "2020-12", "2020-Q4", "2020-H2"]
    numbers = [cycles.place(parse(text, fiscal_year_starts=4)) for text in order]
    assert [place.precedence for place in numbers if place] == sorted(place.precedence for place in numbers if place)


def test_a_period_that_reaches_into_the_next_cycle_has_no_place() -> None:
    """Half of the calendar year is no half of a fiscal year from April: it belongs to neither of the two it touches."""
    fiscal = Cycles("year", 4)
    assert fiscal.place(parse("2024-H1", fiscal_year_starts=4)) is None
    assert fiscal.place(parse("2024-H2", fiscal_year_starts=4)) is not None
    assert fiscal.place(parse("2024-Q2", fiscal_year_starts=4)) is not None
    assert Cycles("year", 2).place(parse("2024-Q1", fiscal_year_starts=2)) is None


@pytest.mark.parametrize("text", ["2018/17", "2024/23", "2000/40"])
def test_a_slip_is_no_span_of_a_century(text: str) -> None:
    """Years in the wrong order are refused, not read as a span of 99 years."""
    with pytest.raises(PeriodError):
        parse(text)
