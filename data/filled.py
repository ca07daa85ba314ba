"""A template workbook that was filled in, read back without any mapping by the codes on its hidden sheet."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose
from pathlib import Path

import polars as pl

from data.cells import numbers
from data.mapping import REJECTED, Mapped
from data.recognise_layout import is_number
from data.sources import Table, hidden_rows, letters_of, squeezed
from data.template_plan import ABOUT, COLUMNS, HEAD, HIDDEN, VERSION
from data.workbooks import Book, read_book
from metrics.problems import InputError, Problem, file_error

ENDINGS = (".xlsx", ".xls")
NUMBER, NAME, UNIT, SITE, BEFORE, STATUS = map(COLUMNS.index, COLUMNS)
FACTS = {
    "region": pl.String, "site": pl.String, "period": pl.String, "variable": pl.String, "text": pl.String,
    "status": pl.String, "source": pl.String, "note": pl.String, "row": pl.Int64, "place": pl.String,
}  # fmt: skip
ROW = list(FACTS).index("row")
# So many lines no form has.
MOST = 10_000_000
Cells = Sequence[str | None]


@dataclass(frozen=True)
class _Line:
    """A line as it was printed: what it is for (nothing of one for a site that is not listed), and its first cells."""

    number: int
    variable: str
    site: str
    printed: tuple[str, ...]


@dataclass
class _Codes:
    """What the hidden sheet says: by sheet its title, heads, lines by number, and titles of fields; what words stand
    for; the units in which the form asks; and the texts of the list of variables."""

    region: str
    titles: dict[str, str] = field(default_factory=dict)
    heads: dict[str, dict[int, tuple[str, str]]] = field(default_factory=dict)
    lines: dict[str, dict[str, _Line]] = field(default_factory=dict)
    blocks: set[str] = field(default_factory=set)
    words: dict[str, dict[str, str]] = field(default_factory=lambda: {"variable": {}, "status": {}})
    units: dict[str, str] = field(default_factory=dict)
    about: set[str] = field(default_factory=set)

    def columns(self, sheet: str, kind: str) -> dict[int, str]:
        """The columns of a kind with their heads."""
        return {at: text for at, (text, own) in self.heads[sheet].items() if own == kind}


@dataclass
class _Found:
    """Facts with their cells, refused cells, and what was passed over; `row` is the number of the form's line, and
    goes on after the last one for rows that are none."""

    facts: list[tuple[object, ...]] = field(default_factory=list)
    refused: list[tuple[int, str, str, str]] = field(default_factory=list)
    places: dict[int, tuple[str, int]] = field(default_factory=dict)
    columns: dict[tuple[str, str], str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)


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

    Raises InputError for a workbook that cannot be read, one that another version made, and one whose sheets or
    columns are not where they were.
    """
    if path.suffix.lower() not in ENDINGS:
        return None
    book = read_book(path)
    if HIDDEN not in book.sheets:
        return None
    codes = _codes(list(book.grids[HIDDEN].iter_rows()), path)
    if moved := list(_moved(book, codes)):
        raise InputError(moved, file=path)
    found = _Found()
    last = max((line.number for lines in codes.lines.values() for line in lines.values()), default=0)
    for sheet in codes.titles:
        last = _sheet(list(book.grids[sheet].iter_rows()), sheet, codes, found, last, units)
    for sheet in book.sheets:
        # Older forms do not say what their list of variables prints.
        if sheet not in (*codes.titles, HIDDEN, *(() if codes.about else ABOUT)):
            last = _other(book, sheet, codes, found, last)
    return _mapped(found, codes, units, _taken(book, found))


def _taken(book: Book, found: _Found) -> dict[str, str]:
    """The hidden sheets and rows that facts are from."""
    places = sorted({found.places[int(str(fact[ROW]))] for fact in found.facts})
    hidden = dict.fromkeys(sheet for sheet, _ in places if sheet in book.hidden)
    rows = hidden_rows(place for place in places if place[1] in book.hidden_rows.get(place[0], ()))
    return ({"hidden": ", ".join(hidden)} if hidden else {}) | rows


def _codes(rows: Sequence[Cells], path: Path) -> _Codes:
    cells = [["" if cell is None else str(cell) for cell in row] + [""] * 9 for row in rows]
    first = cells[0] if cells else [""] * 9
    if first[0] != "template" or first[1] != VERSION:
        raise file_error("template_unknown", path, version=first[1])
    codes = _Codes(first[2])
    for row, (kind, one, two, three, four, *others) in enumerate(cells[1:], start=2):
        try:
            if kind == "sheet":
                codes.titles[one] = two
                codes.heads[one], codes.lines[one] = {}, {}
            elif kind == "head":
                codes.heads[one][int(two)] = three, four
            elif kind == "block":
                codes.blocks.add(squeezed(one))
            elif kind == "row":
                codes.lines[one][two] = _Line(min(int(two), MOST), three, four, tuple(others[:4]))
            elif kind == "about":
                codes.about |= {squeezed(text) for text in cells[row - 1][1:]}
            elif kind in codes.words:
                codes.words[kind][squeezed(one)] = two
                codes.units |= {two: three} if kind == "variable" else {}
        except (ValueError, KeyError):
            raise InputError([_changed(f"{HIDDEN}!A{row}", kind, f"{one} {two}")], file=path) from None
    for sheet, heads in codes.heads.items():
        kinds = [kind for _, (_, kind) in sorted(heads.items())]
        periods = ["period"] * (len(kinds) - len(COLUMNS) - 1)
        if kinds != [*COLUMNS, *periods, "note"] or sorted(heads) != list(range(len(heads))):
            raise InputError([_changed(HIDDEN, sheet, ", ".join(kinds))], file=path)
    return codes


def _changed(place: str, wanted: str, found: str) -> Problem:
    return Problem("template_changed", facts={"place": place, "wanted": wanted, "found": found})


def _moved(book: Book, codes: _Codes) -> Sequence[Problem]:
    """Sheets that are absent, and titles and heads that are not where they were printed."""
    problems = []
    for sheet in codes.titles:
        if sheet not in book.grids:
            others = ", ".join(name for name in book.sheets if name not in (*codes.titles, HIDDEN))
            problems.append(_changed(sheet, sheet, others))
            continue
        problems += _misprinted(book, sheet, codes, sheet)
    return problems


def _misprinted(book: Book, sheet: str, codes: _Codes, form: str) -> list[Problem]:
    """The first cell of a sheet's title and heads that says something else than those of a sheet of the form."""
    rows = list(book.grids[sheet].head(HEAD + 1).iter_rows())
    heads = [(HEAD, at, text) for at, (text, _) in codes.heads[form].items()]
    for row, at, text in [(0, 0, codes.titles[form]), *heads]:
        found = _text(rows[row], at) if row < len(rows) else ""
        if squeezed(found) != squeezed(text):
            return [_changed(f"{sheet}!{letters_of(at)}{row + 1}", text, found)]
    return []


def _sheet(rows: Sequence[Cells], sheet: str, codes: _Codes, found: _Found, last: int, units: Mapping[str, str]) -> int:
    """What a sheet's rows say: each line is known by what is printed in it, wherever it stands. The last number."""
    lines, periods = dict(codes.lines[sheet]), codes.columns(sheet, "period")
    for at, cells in enumerate(rows[: HEAD + 1]):
        # What is printed is in column A, but in the row of the heads.
        printed = len(codes.heads[sheet]) if at == HEAD else 0 if is_number(_text(cells, 0)) else 1
        last += 1
        _outside(cells, sheet, codes, found, (last, at + 1), range(printed, len(cells)))
    for at, cells in enumerate(rows[HEAD + 1 :], start=HEAD + 2):
        line = lines.get(_text(cells, NUMBER))
        if line is None:
            last += 1
            _outside(cells, sheet, codes, found, (last, at), range(len(cells)))
            continue
        del lines[str(line.number)]
        found.places[line.number] = sheet, at
        _line(cells, line, sheet, codes, found, units)
        _outside(cells, sheet, codes, found, (line.number, at), range(len(codes.heads[sheet]), len(cells)))
    found.left_out["gone"] += len(periods) * sum(bool(line.variable) for line in lines.values())
    return last


def _other(book: Book, sheet: str, codes: _Codes, found: _Found, last: int) -> int:
    """A sheet that is not filled in: what neither the list of variables prints nor the sheet says that it is a copy of.
    The last number."""
    form = next((one for one in codes.titles if not _misprinted(book, sheet, codes, one)), None)
    same = [] if form is None else list(book.grids[form].iter_rows())
    for at, cells in enumerate(book.grids[sheet].iter_rows()):
        own = same[at] if at < len(same) else ()
        texts = [(place, _text(cells, place)) for place in range(len(cells))]
        new = [place for place, text in texts if text != _text(own, place) and squeezed(text) not in codes.about]
        last += 1
        _outside(cells, sheet, codes, found, (last, at + 1), new)
    return last


def _outside(
    cells: Cells, sheet: str, codes: _Codes, found: _Found, place: tuple[int, int], columns: Sequence[int]
) -> None:
    """Numbers where none is asked for are refused, texts counted."""
    number, row = place
    for at in columns:
        text, letter = _text(cells, at), letters_of(at)
        if not text or squeezed(text) in codes.blocks:
            continue
        if is_number(text):
            found.refused.append((number, letter, "template_outside", text))
            found.places[number], found.columns[sheet, letter] = (sheet, row), letter
        else:
            found.left_out["texts"] += 1


def _line(cells: Cells, line: _Line, sheet: str, codes: _Codes, found: _Found, units: Mapping[str, str]) -> None:
    """The cells of one line: facts where they are filled in, refusals where something does not hold."""
    periods, (note_at,) = codes.columns(sheet, "period"), codes.columns(sheet, "note")
    given = {period: text for at, period in periods.items() if (text := _text(cells, at))}
    state, note, variable, site = _text(cells, STATUS), _text(cells, note_at) or None, line.variable, line.site
    found.left_out["blank"] += (len(periods) - len(given)) if line.variable else 0
    found.left_out["texts"] += bool(note and not given)
    status = codes.words["status"].get(squeezed(state)) if state else "reported"
    broken = _broken(cells, line)
    if not variable:
        variable, site = codes.words["variable"].get(squeezed(_text(cells, NAME)), ""), _text(cells, SITE)
        broken = broken or ([] if variable else [("variable", "unknown_variable", _text(cells, NAME))])
    if not broken and codes.units.get(variable) != units.get(variable, codes.units.get(variable)):
        broken = [("unit", "template_unit", codes.units[variable])]
    if not broken and status is None:
        broken = [("status", "bad_status", state)]
    for period, text in given.items():
        if broken:
            found.refused += [(line.number, *one) for one in broken]
        else:
            number = line.number
            found.facts.append((codes.region, site or None, period, variable, text, status, None, note, number, period))


def _broken(cells: Cells, line: _Line) -> list[tuple[str, str, str]]:
    """The first printed cell of a line that says something else: what is filled in beside it may not be the line's."""
    # The variable and the site of a line for others are open.
    printed = zip((NAME, UNIT, SITE, BEFORE), line.printed, strict=True)
    for at, wanted in printed:
        text = _text(cells, at)
        is_open = not line.variable and at in (NAME, SITE)
        if not is_open and squeezed(text) != squeezed(wanted) and not _is_same(text, wanted):
            return [(COLUMNS[at], "template_moved", text)]
    return []


def _is_same(text: str, number: str) -> bool:
    """Whether a text is the number that was printed, which a workbook writes with fewer digits."""
    try:
        return isclose(float(text), float(number), rel_tol=1e-9)
    except ValueError:
        return False


def _text(cells: Cells, at: int) -> str:
    return (cells[at] or "").strip() if at < len(cells) else ""


def _mapped(found: _Found, codes: _Codes, units: Mapping[str, str], taken: Mapping[str, str]) -> Filled:
    frame = pl.DataFrame(found.facts, schema=FACTS, orient="row")
    value, read_as = numbers(frame["text"], frame["text"].cast(pl.Float64, strict=False), frame["variable"], units)
    whole = frame.with_columns(value.rename({"cell": "value"}))
    endless = ~pl.col("value").is_finite().fill_null(value=True)
    whole = whole.with_columns(pl.when(endless).then(pl.lit("not_finite")).otherwise("rule").alias("rule"))
    key = ["region", "site", "period", "variable"]
    double = whole.filter(pl.struct(key).is_duplicated() & pl.col("rule").is_null())
    wrong = [
        *found.refused,
        *whole.filter(pl.col("rule").is_not_null()).select("row", "period", "rule", "text").rows(),
        *double.select("row", "period", pl.lit("duplicate_fact"), "text").rows(),
    ]
    bad = pl.DataFrame(wrong, schema=REJECTED, orient="row").sort("row", maintain_order=True)
    good = whole.filter(pl.col("rule").is_null() & ~pl.struct(key).is_duplicated()).drop("text", "own", "rule", "place")
    columns = dict(found.columns)
    for sheet, heads in codes.heads.items():
        columns |= {(sheet, text if kind == "period" else kind): letters_of(at) for at, (text, kind) in heads.items()}
    tables: tuple[Table, ...] = ()
    left_out = dict(+found.left_out)
    return Filled(good, bad, left_out, good.height + len(wrong), dict(read_as), taken, tables, found.places, columns)
