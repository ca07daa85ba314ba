"""Periods and cycles counted in months: which cycle a fact belongs to, and how much of it the fact covers."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}
_KINDS = ("day", "month", "quarter", "half")


class Place(NamedTuple):
    """A fact's cycle; its kind (the least goes first); which part of the cycle it is, of how many."""

    cycle: int
    kind: tuple[int, int]
    part: int
    parts: int


@dataclass(frozen=True)
class Calendar:
    """Cycles are numbered: months since year 0, less the shift of a fiscal year, divided by the cycle's months."""

    kind: str
    fiscal_year_starts: int

    @property
    def length(self) -> int:
        """The months of a cycle."""
        return MONTHS[self.kind]

    @property
    def shift(self) -> int:
        """By how many months cycles start after January."""
        return self.fiscal_year_starts - 1 if self.kind == "year" else 0

    def cycle_of(self, month: int) -> int:
        """The cycle of a month (year · 12 + month − 1)."""
        return (month - self.shift) // self.length

    def first_month(self, cycle: int) -> int:
        """A cycle's first month."""
        return cycle * self.length + self.shift

    def last_day(self, cycle: int) -> date:
        """A cycle's last day."""
        return first_day(self.first_month(cycle + 1)) - timedelta(days=1)

    def name(self, cycle: int) -> str:
        """`2024`, `2023/24`, `2024-H1`, `2024-Q3`, `2024-07`."""
        year, month = divmod(self.first_month(cycle), 12)
        if self.kind == "year":
            return f"{year:04}/{(year + 1) % 100:02}" if self.shift else f"{year:04}"
        part = month // self.length + 1
        return f"{year:04}-" + {"half": f"H{part}", "quarter": f"Q{part}", "month": f"{part:02}"}[self.kind]

    def named(self, text: str) -> int:
        """The cycle that a name means."""
        first, months = self.stretch(text)
        return self.cycle_of(first + months - 1)

    def stretch(self, text: str) -> tuple[int, int]:
        """A period's first month and how many months it has."""
        year = int(text[:4]) * 12
        rest = text[4:]
        if not rest:
            return year, 12
        if rest[0] == "/":
            years = (int(rest[1:]) - int(text[:4])) % 100
            fiscal = self.fiscal_year_starts > 1
            return year + self.fiscal_year_starts - 1, 12 * (years if fiscal else years + 1)
        if rest[1] in "HQ":
            months = {"H": 6, "Q": 3}[rest[1]]
            return year + (int(rest[2]) - 1) * months, months
        return year + int(rest[1:3]) - 1, 1

    def place(self, text: str) -> Place | None:
        """Where a fact stands: the cycle that holds it whole, or a span's end; None when none does."""
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return self._place_of_day(date.fromisoformat(text))
        first, months = self.stretch(text)
        cycle = self.cycle_of(first + months - 1)
        if months == self.length and self.cycle_of(first) == cycle:
            return Place(cycle, (0, 0), 0, 1)
        if months > 12:
            return Place(cycle, (1, months), 0, 1) if self.kind == "year" else None
        if months > self.length or self.cycle_of(first) != cycle:
            return None
        offset = first + months - 1 - self.first_month(cycle)
        finest = {1: "month", 3: "quarter", 6: "half"}[months]
        return Place(cycle, (2, _KINDS.index(finest)), offset // months, self.length // months)

    def _place_of_day(self, day: date) -> Place:
        cycle = self.cycle_of(day.year * 12 + day.month - 1)
        start = first_day(self.first_month(cycle))
        return Place(cycle, (2, 0), (day - start).days, (self.last_day(cycle) - start).days + 1)


def first_day(month: int) -> date:
    """The first day of a month counted from year 0."""
    return date(month // 12, month % 12 + 1, 1)
