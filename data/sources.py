"""Source files as tables of text: CSV, Excel and Parquet, with the head and the rows that a mapping's `read` names."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import fastexcel
import polars as pl
from pydantic import AfterValidator, BeforeValidator, Field

import data.mapping_words  # noqa: F401  (registers what the problems below say)
from metrics.fields import Frozen, Text, Whole, Written, problem
from metrics.problems import InputError, file_error, reason_of

Format = Literal["csv", "excel", "parquet"]
FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "excel",
    ".xls": "excel",
    ".parquet": "parquet",
}
# fastexcel writes numbers as text with nine decimals; only such a text may have lost digits.
_CUT = r"^-?0$|\.[0-9]{9}$"
_BLANKS = re.compile(r"\s+")
# Heads are trimmed, so no column of a file can be called this.
ROW = " row "


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise problem("bad_pattern", found=text, reason=str(error)) from error
    return text


def _sheet(given: object) -> object:
    """A sheet's number or name; a whole number that is not quoted is a number."""
    written = given.value if isinstance(given, Written) else given
    if isinstance(written, bool) or not isinstance(written, str | int) or (isinstance(written, int) and written < 1):
        raise problem("text_wanted")
    return written


def _rows(given: object) -> object:
    return given if isinstance(given, list | tuple) else (given,)


Pattern = Annotated[Text, AfterValidator(_pattern)]
Row = Annotated[Whole, Field(ge=0)]


class Read(Frozen):
    """How the file becomes a table (`read:` of a mapping); head 0: there is none."""

    format: Format | None = None
    encoding: Text = "utf-8-sig"
    delimiter: Text = Field(default=",", min_length=1, max_length=1)
    sheet: Annotated[str | int, BeforeValidator(_sheet)] = 1
    head: Annotated[tuple[Row, ...], BeforeValidator(_rows)] = (1,)
    footer: Row = 0
    skip: tuple[Pattern, ...] = ()


@dataclass(frozen=True)
class Table:
    """`frame`: `ROW` (the file's row number) and one column a head; `left_out`: rows passed over, by reason."""

    frame: pl.DataFrame
    left_out: Counter[str]

    def column(self, name: str) -> str | None:
        """The column that a mapping names; blanks and line ends in the printed head do not count."""
        return {squeezed(head): head for head in self.heads}.get(squeezed(name))

    @property
    def heads(self) -> list[str]:
        """The columns of the file, without `ROW`."""
        return self.frame.columns[1:]


def squeezed(text: str) -> str:
    """The text without any blank, tab or line end: `北   京` and `ENV 01a` as they are meant."""
    return _BLANKS.sub("", text.replace("\ufeff", ""))


def read_table(path: Path, read: Read) -> Table:
    """The rows below the head, trimmed, blank cells null. Parquet keeps its types; row 1 is its head.

    Raises InputError for a file that cannot be read: absent, encrypted, not of its format, no such sheet or head.
    """
    try:
        form = read.format or FORMATS[path.suffix.lower()]
    except KeyError:
        raise file_error("unknown_format", path, format=path.suffix, known=" ".join(FORMATS)) from None
    if form == "parquet":
        return _of_parquet(path)
    grid = _csv_grid(path, read) if form == "csv" else _excel_grid(path, read)
    return _below_head(grid, path, read)


def _of_parquet(path: Path) -> Table:
    try:
        frame = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _not_a_table(path, str(error).splitlines()[0]) from error
    return Table(frame.with_row_index(ROW, offset=2).with_columns(pl.col(ROW).cast(pl.Int64)), Counter())


def _csv_grid(path: Path, read: Read) -> pl.DataFrame:
    try:
        # newline="" leaves line ends inside quoted cells to the csv reader.
        text = path.read_bytes().decode(read.encoding)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=read.delimiter))
    except OSError as error:
        raise file_error("unreadable_file", path, reason=reason_of(error)) from error
    except (UnicodeDecodeError, LookupError) as error:
        code = "wrong_encoding" if isinstance(error, UnicodeDecodeError) else "unknown_encoding"
        raise file_error(code, path, encoding=read.encoding) from error
    except csv.Error as error:
        raise _not_a_table(path, str(error)) from error
    width = max((len(row) for row in rows), default=0)
    columns = {str(at): [row[at] if at < len(row) else None for row in rows] for at in range(width)}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _excel_grid(path: Path, read: Read) -> pl.DataFrame:
    sheet = read.sheet if isinstance(read.sheet, str) else read.sheet - 1
    try:
        path.open("rb").close()
        book = fastexcel.read_excel(path)
        _refuse_absent_sheet(sheet, book.sheet_names, path)
        text = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
        number = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="float").to_polars()
    except OSError as error:
        raise file_error("unreadable_file", path, reason=reason_of(error)) from error
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0]
        if "password protected" in reason:
            raise file_error("encrypted_file", path) from error
        raise _not_a_table(path, reason) from error
    return text.with_columns(
        pl.when(pl.col(name).str.contains(_CUT) & (number[name] != 0.0))
        .then(number[name].cast(pl.String))
        .otherwise(pl.col(name))
        .alias(name)
        for name in text.columns
    )


def _refuse_absent_sheet(sheet: str | int, names: Sequence[str], path: Path) -> None:
    if sheet not in names if isinstance(sheet, str) else sheet >= len(names):
        named = sheet if isinstance(sheet, str) else sheet + 1
        raise file_error("unknown_sheet", path, sheet=named, known=", ".join(names))


def _not_a_table(path: Path, reason: str) -> InputError:
    return file_error("not_a_table", path, reason=reason)


def _below_head(grid: pl.DataFrame, path: Path, read: Read) -> Table:
    # Notes at the foot may be shorter than the table: cells that a row does not have are blank like any other.
    trimmed = grid.select(pl.all().str.replace_all("\ufeff", "").str.strip_chars().replace("", None))
    last = max(read.head, default=0)
    if last > trimmed.height:
        raise file_error("head_below_table", path, head=last, rows=trimmed.height)
    named = trimmed.rename(_heads([trimmed.row(at - 1) for at in read.head if at > 0], trimmed))
    body = named.with_row_index(ROW, offset=1).with_columns(pl.col(ROW).cast(pl.Int64))
    return _without_skipped(body.slice(last, max(body.height - last - read.footer, 0)), read.skip)


def _heads(rows: Sequence[Sequence[str | None]], grid: pl.DataFrame) -> dict[str, str]:
    """Old name → head: the head rows' texts joined; the position where there is none, counted where repeated."""
    names: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for at, old in enumerate(grid.columns):
        words = " ".join(text for row in rows if (text := row[at]) is not None)
        head = _BLANKS.sub(" ", words) or str(at + 1)
        seen[head] += 1
        names[old] = head if seen[head] == 1 else f"{head} {seen[head]}"
    return names


def _without_skipped(body: pl.DataFrame, patterns: Sequence[str]) -> Table:
    """Without blank rows, and without those whose first cell with text matches a pattern; columns without head or
    cell go too (a comma at the end of every line)."""
    left_out: Counter[str] = Counter()
    cells = pl.coalesce(pl.all().exclude(ROW))
    reasons = {"blank": cells.is_null()} | {f"skip {text}": cells.str.contains(text) for text in patterns}
    for reason, passed in reasons.items():
        kept = body.filter(~passed)
        left_out[reason] = body.height - kept.height
        body = kept
    empty = [name for at, name in enumerate(body.columns) if name == str(at) and body[name].null_count() == body.height]
    return Table(body.drop(empty), +left_out)
