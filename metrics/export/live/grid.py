"""Grid: the lines of a live sheet, a row a quantity and a column a region."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from metrics.export.text import one_line

# Before the regions stand name, code, step and unit; above them their names and codes.
FIRST_COLUMN, FIRST_ROW = 4, 2
Cell = float | int | str | None
Kind = Literal["head", "input", "formula", "fixed"]
# What a formula holds at most in every program that opens the file (Excel's limits are 8,192 signs and 64 levels).
LONGEST, DEEPEST, MOST_ARGUMENTS = 8_000, 60, 250


class Whole(float):
    """A number written with all its digits: the library's own format stops at 16, and some need 17."""

    def __format__(self, form: str) -> str:
        return repr(float(self))


class _Words(str):
    """A text that is no error, whatever it says: the library takes #N/A for one, and asks whether it is equal."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return other == "" and len(self) == 0


def cached(value: Cell) -> float | int | str:
    """What a formula comes to, as a file may hold it: the library lets signs through that no sheet may have."""
    return "" if value is None else _Words(one_line(value)) if isinstance(value, str) else value


class Held(str):
    """A formula that gives a number as scored, as long as there is what it was scored from."""

    __slots__ = ()


@dataclass(frozen=True)
class Line:
    """One row: what it is, and per region its formula (none where it is a number as given) and what that comes to."""

    kind: Kind
    name: str
    code: str = ""
    step: str = ""
    unit: str = ""
    shown: str = "value"
    formulas: Sequence[str] = ()
    values: Sequence[Cell] = ()
    told: str = ""


@dataclass(frozen=True)
class Row:
    """Where a line stands; other sheets say so with the sheet's name."""

    title: str
    number: int

    def at(self, column: int) -> str:
        """A region's cell, seen from the same sheet."""
        return f"{letter(column)}{self.number + 1}"

    def afar(self, column: int) -> str:
        """A region's cell, seen from another sheet."""
        return f"'{self.title}'!{self.at(column)}"

    def fixed(self, column: int) -> str:
        """The same for a sheet whose rows may be sorted: a cell that is not absolute would move with them."""
        return f"'{self.title}'!${letter(column)}${self.number + 1}"


@dataclass
class Grid:
    """A sheet's lines in their order; a line stands where it was added."""

    title: str
    lines: list[Line] = field(default_factory=list)

    def add(self, line: Line) -> Row:
        """The line as the sheet's last, and where that is."""
        self.lines.append(line)
        return Row(self.title, FIRST_ROW + len(self.lines) - 1)


def letter(column: int) -> str:
    """The letters of a region's column: A to Z, AA to AZ, …"""
    number, found = FIRST_COLUMN + column + 1, ""
    while number > 0:
        number, place = divmod(number - 1, 26)
        found = chr(ord("A") + place) + found
    return found


def spans(row: Row, columns: Sequence[int]) -> list[str]:
    """The cells of some regions as few ranges: columns that stand together are one."""
    found = []
    for _, run in groupby(enumerate(columns), key=lambda pair: pair[1] - pair[0]):
        places = [column for _, column in run]
        found.append(row.at(places[0]) if len(places) == 1 else f"{row.at(places[0])}:{row.at(places[-1])}")
    return found


def called(name: str, parts: Sequence[str]) -> str:
    """A function of any number of ranges; #N/A of none."""
    return f"{name}({','.join(parts)})" if parts else "NA()"


def counted(ranges: Sequence[str], test: str) -> str:
    """How many numbers of some ranges pass a test; texts never do."""
    return "+".join(f"SUMPRODUCT(ISNUMBER({part})*({part}{test}))" for part in ranges) or "NA()"


def fits(formula: str) -> bool:
    """Whether every program can hold the formula."""
    shallow = formula.count("(") <= DEEPEST or _depth(formula) <= DEEPEST
    return shallow and len(formula) <= LONGEST and formula.count(",") <= MOST_ARGUMENTS


def _depth(formula: str) -> int:
    depth = deepest = 0
    for sign in formula:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    return deepest
