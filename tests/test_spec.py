"""The worked cases of tests/spec: engine and oracle both give what was worked by hand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.comparison import NUMBERS, Case, as_cells, by_engine, by_oracle
from tests.oracle.engine import Card

FOLDER = Path(__file__).parent / "spec"
KEY = ("period", "region", "code")


@dataclass(frozen=True)
class Worked:
    """A worked case: where it stands, what is scored, the rows expected."""

    file: str
    title: str
    case: Case
    expected: list[dict[str, str]]


def _worked() -> Iterator[Worked]:
    for file in sorted(FOLDER.glob("**/*.md")):
        shared: dict[str, Any] = {}
        for section in re.split(r"^## ", file.read_text(encoding="utf-8"), flags=re.MULTILINE):
            found = shared | _parts(section)
            if "expected" not in _parts(section):
                shared = found
                continue
            case = Case(found["yaml"], [_fact(row) for row in found["facts"]], found.get("regions"))
            name = str(file.relative_to(FOLDER).with_suffix(""))
            yield Worked(name, section.splitlines()[0], case, found["expected"])


def _parts(section: str) -> dict[str, Any]:
    """The yaml block and the tables of a section, each table named by the bold word before it."""
    parts: dict[str, Any] = {}
    block = re.search(r"^```yaml\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    if block:
        parts["yaml"] = block.group(1)
    for found in re.finditer(r"^\*\*(Regions|Facts|Expected)\*\*[^\n]*\n\n((?:\|[^\n]*\n?)+)", section, re.MULTILINE):
        parts[found.group(1).lower()] = _table(found.group(2))
    return parts


def _table(text: str) -> list[dict[str, str | None]]:
    """The rows of a Markdown table by its head; an empty cell is None."""
    head, _, *rows = [
        [cell.strip() or None for cell in line.strip().strip("|").split("|")] for line in text.splitlines()
    ]
    assert all(len(row) == len(head) for row in rows), text
    return [dict(zip(head, row, strict=True)) for row in rows]


def _fact(row: dict[str, str | None]) -> dict[str, Any]:
    value = row["value"]
    return {**row, "value": None if value is None else float(value)}


def _shown(wanted: str | None, cell: Any) -> str | None:
    """The cell as text, a number with as many digits as are wanted."""
    if isinstance(cell, frozenset):
        return ";".join(sorted(cell)) or None
    if not isinstance(cell, float):
        return None if cell is None else str(cell)
    digits = len(wanted.partition(".")[2]) if wanted is not None else 6
    return f"{cell + 0.0:.{digits}f}"


def _mismatches(worked: Worked, card: Card) -> list[str]:
    wrong = []
    for row in worked.expected:
        key = tuple(str(row[name]) for name in KEY)
        assert key in card, f"{key} is no row"
        for name, wanted in row.items():
            if name in KEY:
                continue
            if name == "flags" and wanted is not None:
                wanted = ";".join(sorted(wanted.split(";")))
            found = _shown(wanted, card[key][name])  # type: ignore[index]
            if found != wanted:
                wrong.append(f"{' '.join(key)} {name}: {found}, worked {wanted}")
    return wrong


ALL = list(_worked())
IDS = [f"{worked.file}: {worked.title}" for worked in ALL]


@pytest.mark.parametrize("worked", ALL, ids=IDS)
def test_the_engine_gives_what_was_worked_by_hand(worked: Worked) -> None:
    """Every worked case comes out of the engine to the digits given."""
    assert _mismatches(worked, as_cells(by_engine(worked.case))) == []


@pytest.mark.parametrize("worked", ALL, ids=IDS)
def test_the_oracle_gives_what_was_worked_by_hand(worked: Worked) -> None:
    """Every worked case comes out of the second engine to the digits given."""
    assert _mismatches(worked, by_oracle(worked.case)) == []


def test_every_expected_column_is_one_of_the_scorecard() -> None:
    """A misspelt column in a worked case is noticed, and every file holds at least one case."""
    known = {*KEY, *NUMBERS, "rank", "grade", "flags"}
    assert [name for worked in ALL for row in worked.expected for name in row if name not in known] == []
    assert {worked.file for worked in ALL} == {
        str(f.relative_to(FOLDER).with_suffix("")) for f in FOLDER.glob("**/*.md")
    }
