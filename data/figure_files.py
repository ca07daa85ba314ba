"""Files of figures that others have found, as grids of text, bounded before they are read."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import polars as pl

import data.messages  # noqa: F401  (registers the words of this part's problems)
from data.encodings import decoded, delimiter_of
from data.sources import Grid, Read, read_table, tables_of
from data.workbooks import Bounds, read_book
from metrics.export.live.grid import FIRST_COLUMN
from metrics.export.live.words import SHEETS as LIVE
from metrics.export.live.words import STEPS
from metrics.files import content_of
from metrics.problems import file_error, reason_of

# In bytes: a file, and what a workbook unpacks to; in cells: how far a sheet may reach.
MOST, UNPACKED, CELLS = 20_000_000, 200_000_000, 5_000_000
ENDINGS = (".csv", ".xlsx")
# The column of a calculation of ours that says what a line is.
STEP = 2
# So many sheets are looked through.
SHEETS = 20


def grids_of(path: Path, cycle: str) -> Iterable[pl.DataFrame]:
    """The cells of each sheet as text, with the row number first.

    Raises InputError for a file that is too large or none, and for a workbook of ours that holds no results.
    """
    _refuse_unbounded(path)
    read = Read(head=())
    if path.suffix.lower() == ".csv":
        yield read_table(path, read).frame
        return
    book = read_book(path, bounds=Bounds(most=MOST, unpacked=UNPACKED, cells=CELLS))
    grids = {name: _worked(grid) for name, grid in book.grids.items()}
    if any(_unworked(grids[name]) for name in LIVE["calculation"] if name in book.sheets):
        raise file_error("figures_blank", path, period=cycle)
    for name in book.sheets[:SHEETS]:
        yield tables_of(Grid(grids[name], name), path, read)[0].frame


def _worked(grid: pl.DataFrame) -> pl.DataFrame:
    """A sheet whose formulas without a result are blank: what nobody computed, or comes to nothing, is no figure."""
    return grid.with_columns(pl.when(~pl.all().str.starts_with("=")).then(pl.all()))


def _unworked(grid: pl.DataFrame) -> bool:
    """Whether a calculation of ours has no results, as after a program that computes none: a coverage is always one."""
    if grid.width <= FIRST_COLUMN:
        return False
    coverage = grid.filter(pl.nth(STEP).is_in(STEPS["coverage"])).select(pl.nth(range(FIRST_COLUMN, grid.width)))
    return coverage.height > 0 and all(column.replace("", None).null_count() == coverage.height for column in coverage)


def _refuse_unbounded(path: Path) -> None:
    """Raises InputError for what is no such file or too large; workbooks are bounded further as they are read."""
    if path.suffix.lower() not in ENDINGS:
        raise file_error("unknown_format", path, format=path.suffix, known=" ".join(ENDINGS))
    try:
        size = path.stat().st_size
    except OSError as error:
        raise file_error("unreadable_file", path, reason=reason_of(error)) from error
    if size > MOST:
        raise file_error("file_too_large", path, size=size, most=MOST)
    if path.suffix.lower() == ".csv":
        _refuse_wide(path)


def _refuse_wide(path: Path) -> None:
    """Raises InputError where one long line would make every other as long."""
    text, _ = decoded(content_of(path), path)
    wide = tall = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text, path)):
            wide, tall = max(wide, len(row)), tall + 1
    except csv.Error as error:
        raise file_error("not_a_table", path, reason=str(error)) from error
    if wide * tall > CELLS:
        raise file_error("sheet_too_large", path, rows=tall, columns=wide, most=CELLS)
