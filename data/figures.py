"""Figures that others have found: a table of regions, indicators, values and scores, read cell by cell."""

import csv
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import data.messages  # noqa: F401  (registers the words of this part's problems)
from data.sources import Read, read_table, squeezed
from metrics.definitions import Definitions
from metrics.problems import InputError, Problem, file_error

# In bytes: a file, and what a workbook unpacks to; in cells: how far a sheet may reach.
MOST, UNPACKED, CELLS = 20_000_000, 200_000_000, 5_000_000
ENDINGS = (".csv", ".xlsx")
# So many sheets, and rows of a sheet, are looked through for the heads.
SHEETS, TOP = 20, 20
HEADS: Mapping[str, tuple[str, ...]] = {
    "region": ("地区代码", "regioncode", "地区", "region", "地区名称", "regionname", "区域"),
    "code": ("指标代码", "indicatorcode", "代码", "code", "指标", "indicator", "指标名称", "名称", "name"),
    "value": ("指标值", "value", "数值"),
    "score": ("得分", "score", "分数"),
    "period": ("评估周期", "period", "周期", "cycle", "年度", "year"),
}
KINDS = ("value", "score")
FIGURES = {"region": pl.String, "code": pl.String, "kind": pl.String, "theirs": pl.Float64, "row": pl.Int64}
_CELL = re.compile(rb"""\sr=["']([A-Z]{1,3})([0-9]{1,7})["']""")


@dataclass(frozen=True)
class Figures:
    """region, code, kind (value or score), theirs, row; what cannot be read, each with row and column; `kinds`: the
    columns that there are; `left_out`: rows of other cycles."""

    frame: pl.DataFrame
    unreadable: tuple[Problem, ...]
    kinds: tuple[str, ...]
    left_out: int


def read_figures(path: Path, definitions: Definitions, regions: pl.DataFrame, cycle: str) -> Figures:
    """The figures of a CSV (UTF-8 or GB18030) or XLSX file for a cycle.

    Its heads name a region, an indicator or node, and a value, a score or both, in zh or en, by code or by name.
    Raises InputError for a file that is too large or no such table.
    """
    _refuse_unbounded(path)
    grid, top, heads = _headed(path)
    named = {
        name: [at for word in words for at, text in enumerate(heads) if text == word] for name, words in HEADS.items()
    }
    tables = {"region": _regions(regions), "code": _codes(definitions)}
    return _read(grid.slice(top + 1), named, grid.row(top), tables, cycle)


def _refuse_unbounded(path: Path) -> None:
    """Raises InputError for what would take more memory than any such table."""
    if path.suffix.lower() not in ENDINGS:
        raise file_error("unknown_format", path, format=path.suffix, known=" ".join(ENDINGS))
    try:
        size = path.stat().st_size
        if size > MOST:
            raise file_error("file_too_large", path, size=size, most=MOST)
        if path.suffix.lower() == ".csv":
            _refuse_wide(path)
        elif zipfile.is_zipfile(path):
            _refuse_huge(path)
    except OSError as error:
        raise file_error("unreadable_file", path, reason=error.strerror or type(error).__name__) from error
    except (zipfile.BadZipFile, zlib.error, csv.Error, NotImplementedError, RuntimeError, EOFError) as error:
        raise file_error("not_a_table", path, reason=str(error)) from error


def _refuse_wide(path: Path) -> None:
    """Raises InputError where one long line would make every other as long."""
    wide = tall = 0
    # In any encoding that is read here commas and quotes are these bytes.
    with path.open(encoding="latin-1", newline="") as file:
        for row in csv.reader(file):
            wide, tall = max(wide, len(row)), tall + 1
    if not wide:
        raise file_error("figures_without_heads", path)
    _refuse_cells(path, tall, wide)


def _refuse_cells(path: Path, tall: int, wide: int) -> None:
    if wide * tall > CELLS:
        raise file_error("sheet_too_large", path, rows=tall, columns=wide, most=CELLS)


def _refuse_huge(path: Path) -> None:
    """Raises InputError for a workbook that unpacks to too much, or whose cells lie too far apart: all between them
    would be read as blank."""
    with zipfile.ZipFile(path) as book:
        entries = book.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > UNPACKED:
            raise file_error("file_too_large", path, size=unpacked, most=UNPACKED)
        if "xl/workbook.xml" not in book.namelist():
            raise file_error("not_a_table", path, reason="no xl/workbook.xml")
        for entry in entries:
            if entry.filename.startswith("xl/media/"):
                continue
            wide = tall = 0
            for letters, digits in set(_CELL.findall(book.read(entry))):
                wide, tall = max(wide, _place(letters)), max(tall, int(digits))
            _refuse_cells(path, tall, wide)


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - ord("A") + 1
    return place


def _headed(path: Path) -> tuple[pl.DataFrame, int, list[str]]:
    """The grid of the first sheet that has such heads, the place of their row, and the heads as they are compared."""
    for grid in _grids(path):
        for top, row in enumerate(grid.head(TOP).iter_rows()):
            heads = ["" if cell is None else _plain(str(cell)) for cell in row]
            found = {name for name, words in HEADS.items() if set(words) & set(heads[1:])}
            if {"region", "code"} <= found and found & set(KINDS):
                return grid, top, ["", *heads[1:]]
    raise file_error("figures_without_heads", path)


def _plain(text: str) -> str:
    return squeezed(text).replace("_", "").replace("'", "").casefold()


def _grids(path: Path) -> Iterable[pl.DataFrame]:
    """The cells of each sheet as text, with the row number first."""
    if path.suffix.lower() == ".csv":
        yield _csv(path)
        return
    for sheet in range(1, SHEETS + 1):
        try:
            yield read_table(path, Read(sheet=sheet, head=())).frame
        except pl.exceptions.InvalidOperationError:
            # A sheet without any cell.
            continue
        except InputError as error:
            if error.problems[0].code != "unknown_sheet":
                raise
            return


def _csv(path: Path) -> pl.DataFrame:
    try:
        return read_table(path, Read(head=())).frame
    except InputError as error:
        if error.problems[0].code != "wrong_encoding":
            raise
        return read_table(path, Read(head=(), encoding="gb18030")).frame


def _regions(regions: pl.DataFrame) -> dict[str, str | None]:
    """Codes and names of the regions; None where a name stands for several."""
    names = [name for name in ("name_zh", "name_en") if name in regions.columns]
    pairs = [(row[name], row["code"]) for row in regions.iter_rows(named=True) for name in names if row[name]]
    return _table(pairs, regions["code"].to_list())


def _codes(definitions: Definitions) -> dict[str, str | None]:
    """Codes and names of the composite, the pillars and the indicators."""
    codes = [row.code for row in definitions.nodes()]
    pairs = [(definitions.name_of(code, lang), code) for code in codes for lang in ("zh", "en")]
    return _table(pairs, codes)


def _table(pairs: Iterable[tuple[str, str]], codes: Sequence[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name, code in pairs:
        key = squeezed(name).casefold()
        found[key] = code if found.get(key, code) == code else None
    # A code is never taken for another one's name.
    return {**found, **{squeezed(code).casefold(): code for code in codes}}


@dataclass(frozen=True)
class _Row:
    """A row of the file: its number, the cells, which of them are what, and what the heads are called."""

    number: int
    cells: Sequence[str | None]
    named: Mapping[str, Sequence[int]]
    heads: Sequence[str | None]

    def text(self, name: str) -> tuple[str, str]:
        """The first cell with text of a column called so, and that column's head."""
        for at in self.named[name]:
            if self.cells[at]:
                return str(self.cells[at]), str(self.heads[at])
        first = next(iter(self.named[name]), None)
        return "", "" if first is None else str(self.heads[first])

    def refused(self, rule: str, column: str, value: str) -> Problem:
        return Problem(rule, column, self.number, 0, {"value": value, "column": column})


def _read(
    body: pl.DataFrame,
    named: Mapping[str, Sequence[int]],
    heads: Sequence[str | None],
    tables: Mapping[str, Mapping[str, str | None]],
    cycle: str,
) -> Figures:
    found: dict[tuple[str, str, str], tuple[float, int]] = {}
    unreadable: list[Problem] = []
    left_out = 0
    for cells in body.iter_rows():
        row = _Row(cells[0], cells, named, heads)
        period, _ = row.text("period")
        if period and period != cycle:
            left_out += 1
            continue
        key = {}
        for name, table in tables.items():
            text, column = row.text(name)
            code = table.get(squeezed(text).casefold())
            if code is None:
                unreadable.append(row.refused(_rule(name, text, table), column, text))
            key[name] = code
        if key["region"] is not None and key["code"] is not None:
            _cells(row, (key["region"], key["code"]), found, unreadable)
    rows = [(*key, theirs, number) for key, (theirs, number) in found.items()]
    kinds = tuple(kind for kind in KINDS if named[kind])
    return Figures(pl.DataFrame(rows, schema=FIGURES, orient="row"), tuple(unreadable), kinds, left_out)


def _rule(name: str, text: str, table: Mapping[str, str | None]) -> str:
    if squeezed(text).casefold() in table:
        return "figure_ambiguous"
    return "unknown_region" if name == "region" else "figure_unknown"


def _cells(
    row: _Row,
    key: tuple[str, str],
    found: dict[tuple[str, str, str], tuple[float, int]],
    unreadable: list[Problem],
) -> None:
    for kind in KINDS:
        text, column = row.text(kind)
        if not text:
            continue
        number = _number(text)
        if number is None:
            unreadable.append(row.refused("bad_number", column, text))
        elif (*key, kind) in found:
            unreadable.append(row.refused("figure_twice", column, text))
        else:
            found[(*key, kind)] = number, row.number


def _number(text: str) -> float | None:
    """A number as people and programs write it, with a true minus sign too; None for what is none or has no end."""
    try:
        number = float(text.replace("−", "-").replace("_", "x"))
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None
