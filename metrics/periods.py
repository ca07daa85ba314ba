"""Periods as facts name them, and the cycles that scorecards cover."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["span", "year", "half", "quarter", "month", "day"]
CycleKind = Literal["year", "half", "quarter", "month"]

# In years; 2018/17 would be one of 99.
LONGEST_SPAN = 20
# The calendar ends in 9999, and a cycle may reach into the year after the one it is named by.
LAST_YEAR = 9998
MONTHS: dict[str, int] = {"year": 12, "half": 6, "quarter": 3, "month": 1}
_FINER = ("day", "month", "quarter", "half")
_TEXT = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?:-H(?P<half>[12])|-Q(?P<quarter>[1-4])|-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?|/(?P<last>[0-9]{2}))?"
)


class PeriodError(ValueError):
    """A text that names no period; `code` says why (`bad_period`, `period_needs_fiscal_year`, `period_is_fiscal`)."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days as a fact names it: first and last day, and its kind."""

    text: str
    first: date
    last: date
    kind: Kind

    @property
    def months(self) -> int:
        """Whole months it covers; 0 for a day."""
        if self.kind == "day":
            return 0
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1


def parse(text: str, *, fiscal_year_starts: int = 1) -> Period:
    """The period a text names (contract §1).

    `2023/24` is the fiscal year that starts in month `fiscal_year_starts` of 2023; `2018/21` a span of years up to
    and with the (fiscal) year that ends it. With a fiscal year, a plain `2024` would be ambiguous and is refused.
    Raises PeriodError.
    """
    found = _TEXT.fullmatch(text)
    if found is None:
        raise PeriodError("bad_period", text)
    part = {name: int(value) for name, value in found.groupdict().items() if value is not None}
    try:
        return _period(text, part, fiscal_year_starts)
    except PeriodError:
        raise
    except (ValueError, OverflowError) as error:
        raise PeriodError("bad_period", text) from error


def _period(text: str, part: dict[str, int], starts: int) -> Period:
    year = part["year"]
    if year > LAST_YEAR:
        raise PeriodError("bad_period", text)
    if "day" in part:
        day = date(year, part["month"], part["day"])
        return Period(text, day, day, "day")
    if "month" in part:
        return Period(text, *_months(year, part["month"], 1), "month")
    if "quarter" in part:
        return Period(text, *_months(year, part["quarter"] * 3 - 2, 3), "quarter")
    if "half" in part:
        return Period(text, *_months(year, part["half"] * 6 - 5, 6), "half")
    if "last" in part:
        return _years(text, year, part["last"], starts)
    if starts > 1:
        raise PeriodError("period_is_fiscal", text)
    return Period(text, *_months(year, 1, 12), "year")


def _years(text: str, year: int, last: int, starts: int) -> Period:
    years = (last - year) % 100
    if not 0 < years <= LONGEST_SPAN:
        raise PeriodError("bad_period", text)
    if starts > 1:
        return Period(text, *_months(year, starts, 12 * years), "year" if years == 1 else "span")
    if years == 1:
        raise PeriodError("period_needs_fiscal_year", text)
    return Period(text, *_months(year, 1, 12 * (years + 1)), "span")


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    end, place = divmod(year * 12 + month - 2 + count, 12)
    return date(year, month, 1), date(end, place + 1, monthrange(end, place + 1)[1])


@dataclass(frozen=True, slots=True)
class Cycles:
    """The calendar of one definitions file: cycles numbered by whole ordinals, so that `previous` is ordinal − 1."""

    kind: CycleKind = "year"
    fiscal_year_starts: int = 1

    @property
    def _shift(self) -> int:
        return self.fiscal_year_starts - 1 if self.kind == "year" else 0

    def ordinal(self, day: date) -> int:
        """The number of the cycle that contains the day."""
        return (day.year * 12 + day.month - 1 - self._shift) // MONTHS[self.kind]

    def first(self, ordinal: int) -> date:
        """The first day of a cycle."""
        month = ordinal * MONTHS[self.kind] + self._shift
        return date(month // 12, month % 12 + 1, 1)

    def last(self, ordinal: int) -> date:
        """The last day of a cycle."""
        first = self.first(ordinal)
        return _months(first.year, first.month, MONTHS[self.kind])[1]

    def name(self, ordinal: int) -> str:
        """The cycle's name: `2024`, `2023/24` (fiscal), `2024-H1`, `2024-Q3`, `2024-07`."""
        first = self.first(ordinal)
        if self.kind == "year":
            year = f"{first.year:04}"
            return year if self._shift == 0 else f"{year}/{(first.year + 1) % 100:02}"
        if self.kind == "month":
            return f"{first.year:04}-{first.month:02}"
        letter = {"half": "H", "quarter": "Q"}[self.kind]
        return f"{first.year:04}-{letter}{(first.month - 1) // MONTHS[self.kind] + 1}"

    def named(self, text: str) -> int:
        """The number of the cycle a text names. Raises PeriodError for anything but a name that `name` would give."""
        ordinal = self.ordinal(parse(text, fiscal_year_starts=self.fiscal_year_starts).last)
        if self.name(ordinal) != text:
            raise PeriodError("not_a_cycle", text)
        return ordinal

    def place(self, period: Period) -> "Place | None":
        """Where a fact's period stands in the cycle that holds it; a span in the one that holds its last day.

        None where no cycle holds it whole: it is longer than one, or reaches from one into the next.
        """
        whole = MONTHS[self.kind]
        if period.kind == "span":
            return Place(self.ordinal(period.last), period.months, 0, 1) if self.kind == "year" else None
        ordinal = self.ordinal(period.last)
        if period.months > whole or self.ordinal(period.first) != ordinal:
            return None
        if period.months == whole:
            return Place(ordinal, 0, 0, 1)
        first = self.first(ordinal)
        if period.kind == "day":
            days = (self.last(ordinal) - first).days + 1
            return Place(ordinal, _PRECEDENCE["day"], (period.last - first).days, days)
        offset = (period.last.year - first.year) * 12 + period.last.month - first.month
        return Place(ordinal, _PRECEDENCE[period.kind], offset // period.months, whole // period.months)


@dataclass(frozen=True, slots=True)
class Place:
    """A period within its cycle: `precedence` 0 covers the whole cycle, higher ones give way to lower ones."""

    ordinal: int
    precedence: int
    position: int
    expected: int


# After whole cycles (0) and spans (their months), the finest kind goes first.
_PRECEDENCE = {kind: 100_000 + rank for rank, kind in enumerate(_FINER)}
