"""Text files cut into cells: fast where nothing is quoted and every line has as many, else sign by sign."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import polars as pl

from data.workbooks import CELLS
from metrics.problems import file_error
from metrics.tables import WIDEST, csv_error, uncompressed

CHUNK = 50_000


def cut(text: str, delimiter: str, path: Path) -> tuple[pl.DataFrame, pl.Series | None]:
    """Every line as a row of cells, by place; with how many cells each line has, where they are not all as long.

    Raises InputError for a quote without a partner, and for more columns or cells than are read.
    """
    frame = plain_cut(text, delimiter, path)
    return rows_cut(text, delimiter, path) if frame is None else (frame, None)


def plain_cut(text: str, delimiter: str, path: Path) -> pl.DataFrame | None:
    """A text without quotes and blank lines whose lines have as many cells, which is cut at its delimiters; None for
    any other, which has to be read sign by sign."""
    lines = text.replace("\r\n", "\n")
    lines += "" if lines.endswith("\n") else "\n"
    if '"' in lines or "\r" in lines or "\n\n" in lines or lines.startswith("\n") or not lines.strip("\n"):
        return None
    between = lines.count(delimiter, 0, lines.index("\n"))
    _refuse_wide(between + 1, path)
    if lines.count(delimiter) != between * lines.count("\n"):
        return None
    try:
        content = uncompressed(lines.encode())
        frame = pl.read_csv(content, has_header=False, separator=delimiter, quote_char=None, infer_schema=False)
    except pl.exceptions.PolarsError:
        return None
    return frame.rename({old: str(at) for at, old in enumerate(frame.columns)})


def rows_cut(text: str, delimiter: str, path: Path) -> tuple[pl.DataFrame, pl.Series]:
    """Any text, so many lines at a time: cells that a line does not have are null."""
    # newline="" leaves line ends inside quoted cells to the csv reader.
    rows = _read(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), path)
    frames, widths, widest, cells = [], [pl.Series([], dtype=pl.Int64)], 0, 0
    while some := list(islice(rows, CHUNK)):
        widths.append(pl.Series(map(len, some), dtype=pl.Int64))
        widest, cells = max(widest, *map(len, some)), cells + sum(map(len, some))
        _refuse_wide(widest, path)
        tall = sum(map(len, widths))
        # One long line makes every other as long.
        if widest * tall > max(CELLS, 4 * cells):
            raise file_error("sheet_too_large", path, rows=tall, columns=widest, most=CELLS)
        columns = {str(at): [row[at] if at < len(row) else None for row in some] for at in range(max(map(len, some)))}
        frames.append(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String), height=len(some)))
    whole = pl.concat(frames, how="diagonal") if frames else pl.DataFrame()
    return whole, pl.concat(widths)


def _read(rows: Iterator[list[str]], path: Path) -> Iterator[list[str]]:
    line = 1
    try:
        for row in rows:
            yield row
            line = rows.line_num + 1  # type: ignore[attr-defined]
    except csv.Error as error:
        raise csv_error(error, path, line) from error


def _refuse_wide(width: int, path: Path) -> None:
    if width > WIDEST:
        raise file_error("too_many_columns", path, found=width, most=WIDEST)
