"""A template workbook that was filled in, read back without any mapping by the codes on its hidden sheet."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from data.cells import numbers
from data.mapping import REJECTED, Mapped
from data.sources import Table, letters_of, squeezed
from data.template_plan import COLUMNS, HIDDEN, VERSION
from data.workbooks import read_book
from metrics.problems import file_error

ENDINGS = (".xlsx", ".xls")
SITE, STATUS, NAME = COLUMNS.index("site"), COLUMNS.index("status"), COLUMNS.index("variable")
FACTS = {
    "region": pl.String, "site": pl.String, "period": pl.String, "variable": pl.String, "text": pl.String,
    "status": pl.String, "source": pl.String, "note": pl.String, "row": pl.Int64, "place": pl.String,
}  # fmt: skip


@dataclass
class _Codes:
    """What the hidden sheet says: by sheet the periods by column and the lines by row, and what words stand for."""

    region: str
    periods: dict[str, dict[int, str]] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    lines: dict[str, list[tuple[int, str, str, str]]] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=lambda: {"variable": {}, "status": {}})


@dataclass
class _Found:
    """Facts with their cells, refused cells, and blank ones counted; `row` is the number of the form's line."""

    facts: list[tuple[object, ...]] = field(default_factory=list)
    refused: list[tuple[int, str, str, str]] = field(default_factory=list)
    places: dict[int, tuple[str, int]] = field(default_factory=dict)
    blank: int = 0


@dataclass(frozen=True)
class Filled(Mapped):
    """As a mapped file, its rows being the numbered lines of the form."""

    places: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    columns: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def cell(self, row: int, head: str) -> str:
        """What a spreadsheet calls the cell of a line: `月报!G12`."""
        sheet, place = self.places.get(row, ("", row))
        return f"{sheet}!{self.columns.get((sheet, head), '')}{place}" if sheet else str(row)


def filled(path: Path, units: Mapping[str, str]) -> Filled | None:
    """The facts of a filled-in template; None where the file is no such workbook. `units`: those of the variables.

    Raises InputError for a workbook that cannot be read, or one that a newer version made.
    """
    if path.suffix.lower() not in ENDINGS:
        return None
    book = read_book(path)
    if HIDDEN not in book.sheets:
        return None
    codes = _codes(list(book.grids[HIDDEN].iter_rows()), path)
    found, number = _Found(), 1
    for sheet, lines in codes.lines.items():
        rows = list(book.grids[sheet].iter_rows()) if sheet in book.grids else []
        for line in lines:
            _line(rows, sheet, line, codes, found, number)
            number += 1
    return _mapped(found, codes, units)


def _codes(rows: Sequence[Sequence[str | None]], path: Path) -> _Codes:
    cells = [["" if cell is None else str(cell) for cell in row] + [""] * 6 for row in rows]
    first = cells[0] if cells else [""] * 6
    if first[0] != "template" or first[1] != VERSION:
        raise file_error("template_unknown", path, version=first[1])
    codes = _Codes(first[2])
    for kind, one, two, three, four, five, *_ in cells[1:]:
        if kind == "period":
            codes.periods.setdefault(one, {})[int(two)] = three
        elif kind == "note":
            codes.notes[one] = int(two)
        elif kind == "row":
            codes.lines.setdefault(one, []).append((int(two), three, four, five))
        elif kind in codes.words:
            codes.words[kind][squeezed(one)] = two
    return codes


def _line(
    rows: Sequence[Sequence[str | None]],
    sheet: str,
    line: tuple[int, str, str, str],
    codes: _Codes,
    found: _Found,
    number: int,
) -> None:
    """The cells of one line: facts where they are filled in, refusals where something does not hold."""
    at, variable, site, name = line
    cells = rows[at] if at < len(rows) else ()
    found.places[number] = sheet, at + 1
    periods, note_at = codes.periods[sheet], codes.notes[sheet]
    given = {period: text for column, period in periods.items() if (text := _text(cells, column))}
    found.blank += (len(periods) - len(given)) if variable else 0
    printed, state, note = _text(cells, NAME), _text(cells, STATUS), _text(cells, note_at) or None
    status = codes.words["status"].get(squeezed(state)) if state else "reported"
    if not variable:
        variable, site = codes.words["variable"].get(squeezed(printed), ""), _text(cells, SITE)
        rule = "" if variable else "unknown_variable"
    else:
        rule = "" if squeezed(printed) == squeezed(name) else "template_moved"
    for period, text in given.items():
        broken = [(rule, "variable", printed)] if rule else [("bad_status", "status", state)] if status is None else []
        if broken:
            found.refused += [(number, column, code, value) for code, column, value in broken]
        else:
            found.facts.append((codes.region, site or None, period, variable, text, status, None, note, number, period))


def _text(cells: Sequence[str | None], at: int) -> str:
    return (cells[at] or "").strip() if at < len(cells) else ""


def _mapped(found: _Found, codes: _Codes, units: Mapping[str, str]) -> Filled:
    frame = pl.DataFrame(found.facts, schema=FACTS, orient="row")
    value, read_as = numbers(frame["text"], frame["text"].cast(pl.Float64, strict=False), frame["variable"], units)
    whole = frame.with_columns(value.rename({"cell": "value"}))
    key = ["region", "site", "period", "variable"]
    double = whole.filter(pl.struct(key).is_duplicated() & pl.col("rule").is_null())
    wrong = [
        *found.refused,
        *whole.filter(pl.col("rule").is_not_null()).select("row", "period", "rule", "text").rows(),
        *double.select("row", "period", pl.lit("duplicate_fact"), "text").rows(),
    ]
    bad = pl.DataFrame(wrong, schema=REJECTED, orient="row").sort("row", maintain_order=True)
    good = whole.filter(pl.col("rule").is_null() & ~pl.struct(key).is_duplicated()).drop("text", "own", "rule", "place")
    columns = {(sheet, text): letters_of(at) for sheet, own in codes.periods.items() for at, text in own.items()}
    columns |= {(sheet, "status"): letters_of(STATUS) for sheet in codes.periods}
    columns |= {(sheet, "variable"): letters_of(NAME) for sheet in codes.periods}
    left_out = dict(+Counter({"blank": found.blank}))
    tables: tuple[Table, ...] = ()
    return Filled(good, bad, left_out, good.height + len(wrong), dict(read_as), {}, tables, found.places, columns)
