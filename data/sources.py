"""Source files as tables of text: CSV, Excel and Parquet, with the head and the rows that a mapping's `read` names."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Annotated, Literal

import polars as pl
from pydantic import AfterValidator, BeforeValidator, Field

import data.mapping_words  # noqa: F401  (registers what the problems below say)
from data.delimited import cut
from data.encodings import decoded, delimiter_of
from data.patterns import checked
from data.workbooks import read_book
from metrics.fields import Frozen, Text, Whole, Written, problem
from metrics.files import content_of
from metrics.problems import file_error, reason_of
from metrics.tables import WIDEST, refuse_nested, refuse_workbook, texted

Format = Literal["csv", "excel", "parquet"]
FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "excel",
    ".xls": "excel",
    ".parquet": "parquet",
}
# In bytes: a text or Parquet file.
MOST = 2_000_000_000
_BLANKS = re.compile(r"\s+")
# So many hidden rows are named.
NAMED = 20
# So many rows may not match their head, or half of all.
UNEVEN = 10_000
# Heads are trimmed, so no column of a file can be called this.
ROW = " row "
UNEVEN_ROWS = {ROW: pl.Int64, "ends": pl.Int64, "cells": pl.String}


def _sheet(given: object) -> object:
    """A sheet's number or name; a whole number that is not quoted is a number."""
    written = given.value if isinstance(given, Written) else given
    if isinstance(written, bool) or not isinstance(written, str | int) or (isinstance(written, int) and written < 1):
        raise problem("text_wanted")
    return written


def _rows(given: object) -> object:
    return given if isinstance(given, list | tuple) else (given,)


Pattern = Annotated[Text, AfterValidator(checked)]
Row = Annotated[Whole, Field(ge=0)]


class Part(Frozen):
    """A table that goes on below another one on the same sheet, with a head of its own; last 0: to the end."""

    head: Annotated[tuple[Row, ...], BeforeValidator(_rows)]
    last: Row = 0


class Read(Frozen):
    """How the file becomes a table (`read:` of a mapping); head 0: there is none.

    Encoding and delimiter of a CSV file are found where none is named.
    """

    format: Format | None = None
    encoding: Text | None = None
    delimiter: Annotated[Text, Field(pattern=r"^[\x01-\x09\x0b\x0c\x0e-\x21\x23-\x7e]$")] | None = None
    sheet: Annotated[str | int, BeforeValidator(_sheet)] = 1
    head: Annotated[tuple[Row, ...], BeforeValidator(_rows)] = (1,)
    across: Annotated[tuple[Row, ...], BeforeValidator(_rows)] = ()
    down: tuple[Text, ...] = ()
    last: Row = 0
    footer: Row = 0
    skip: tuple[Pattern, ...] = ()
    continued: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The tables of the sheet, the first with this object's own head."""
        return (Part(head=self.head, last=self.last), *self.continued)


@dataclass(frozen=True)
class Grid:
    """A sheet as it stands: every cell as text; `taken`: what was found that nobody named, such as the encoding;
    `widths`: how many cells each line of a text has, where they are not all as long."""

    frame: pl.DataFrame
    sheet: str = ""
    taken: Mapping[str, str] = field(default_factory=dict)
    widths: pl.Series | None = None


@dataclass(frozen=True)
class Table:
    """`frame`: `ROW` (the file's row number) and one column a head; `left_out`: rows passed over, by reason.

    `letters`: the letters by which a spreadsheet calls the columns; `sheet`: the sheet's name; `taken` as in Grid;
    `uneven`: rows of a text that have more cells than they should or fewer; `ends`: how many of them are what the head
    says, `cells`: how many there are / should be.
    """

    frame: pl.DataFrame
    left_out: Counter[str]
    letters: Mapping[str, str] = field(default_factory=dict)
    sheet: str = ""
    taken: Mapping[str, str] = field(default_factory=dict)
    uneven: pl.DataFrame = field(default_factory=partial(pl.DataFrame, schema=UNEVEN_ROWS))

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


def letters_of(place: int) -> str:
    """What a spreadsheet calls the column at a place (from 0): A, B, … Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def read_table(path: Path, read: Read) -> Table:
    """The rows below the first head, trimmed, blank cells null. Parquet keeps its types; row 1 is its head.

    Raises InputError for a file that cannot be read: absent, encrypted, not of its format, no such sheet or head.
    """
    return read_tables(path, read)[0]


def read_tables(path: Path, read: Read) -> list[Table]:
    """The table, and those that continue it on the same sheet, as `read_table` gives them."""
    if _format(path, read) == "parquet":
        return [_of_parquet(path)]
    return tables_of(read_grid(path, read), path, read)


def tables_of(grid: Grid, path: Path, read: Read) -> list[Table]:
    """The tables of a sheet that was read already; `path` is what messages call it."""
    return [_below_head(grid, part, path, read) for part in read.parts]


def _format(path: Path, read: Read) -> Format:
    try:
        return read.format or FORMATS[path.suffix.lower()]
    except KeyError:
        raise file_error("unknown_format", path, format=path.suffix, known=" ".join(FORMATS)) from None


def read_grid(path: Path, read: Read) -> Grid:
    """A CSV file or a sheet as it stands, every row with all cells; of a Parquet file its names and texts."""
    form = _format(path, read)
    if form == "csv":
        return _csv_grid(path, read)
    if form == "excel":
        book = read_book(path, [read.sheet])
        name = read.sheet if isinstance(read.sheet, str) else book.sheets[read.sheet - 1]
        taken = {"password": "Excel"} if book.was_encrypted else {}
        taken |= {"hidden": name} if name in book.hidden else {}
        taken |= hidden_rows((name, row) for row in book.hidden_rows.get(name, ()))
        return _bounded_grid(Grid(book.grids[name], name, taken), path)
    frame = _of_parquet(path).frame.drop(ROW)
    heads = pl.DataFrame({str(at): [name] for at, name in enumerate(frame.columns)}, schema_overrides=None)
    body = frame.select(pl.col(name).cast(pl.String).alias(str(at)) for at, name in enumerate(frame.columns))
    return _bounded_grid(Grid(pl.concat([heads, body])), path)


def hidden_rows(places: Iterable[tuple[str, int]]) -> dict[str, str]:
    """What a report tells of rows (sheet and number) that were read and that Excel does not show; the first of many."""
    names = [f"{sheet}!{row}" for sheet, row in places]
    more = f" … ({len(names)})" if len(names) > NAMED else ""
    return {"hidden_rows": ", ".join(names[:NAMED]) + more} if names else {}


def _bounded_grid(grid: Grid, path: Path) -> Grid:
    if grid.frame.width > WIDEST:
        raise file_error("too_many_columns", path, found=grid.frame.width, most=WIDEST)
    return grid


def _bounded(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST:
            raise file_error("file_too_large", path, size=size, most=MOST)
        return content_of(path)
    except OSError as error:
        raise file_error("unreadable_file", path, reason=reason_of(error)) from error


def _of_parquet(path: Path) -> Table:
    try:
        frame = pl.read_parquet(_bounded(path))
    except pl.exceptions.PolarsError as error:
        raise file_error("not_a_table", path, reason=str(error).splitlines()[0]) from error
    refuse_nested(frame, frame.columns, path)
    names = [name.strip() or str(at) for at, name in enumerate(frame.columns, start=1)]
    if doubled := [name for name, count in Counter(names).items() if count > 1]:
        raise file_error("doubled_column", path, line=1, columns=", ".join(doubled))
    frame = texted(frame.rename(dict(zip(frame.columns, names, strict=True))))
    letters = {name: letters_of(at) for at, name in enumerate(frame.columns)}
    return Table(frame.with_row_index(ROW, offset=2).with_columns(pl.col(ROW).cast(pl.Int64)), Counter(), letters)


def _csv_grid(path: Path, read: Read) -> Grid:
    content = _bounded(path)
    refuse_workbook(content, path)
    text, encoding = decoded(content, path, read.encoding)
    delimiter = read.delimiter or delimiter_of(text, path)
    frame, widths = cut(text, delimiter, path)
    taken = {} if read.encoding or encoding == "utf-8" else {"encoding": encoding}
    taken |= {} if read.delimiter or delimiter == "," else {"delimiter": delimiter}
    return Grid(frame, "", taken, widths)


def trimmed(grid: pl.DataFrame) -> pl.DataFrame:
    """Cells without blanks, tabs and byte order marks at their ends; what is left of a blank one is null."""
    # Notes at the foot may be shorter than the table: cells that a row does not have are blank like any other.
    return grid.select(pl.all().str.replace_all("\ufeff", "").str.strip_chars().replace("", None))


def _below_head(grid: Grid, part: Part, path: Path, read: Read) -> Table:
    cells = trimmed(grid.frame) if grid.frame.width else pl.DataFrame({"0": []}, schema={"0": pl.String})
    first, last = max(part.head, default=0), part.last or cells.height
    if first > cells.height:
        raise file_error("head_below_table", path, head=first, rows=cells.height)
    names = heads_of([(cells.row(at - 1), at in read.across) for at in part.head if at > 0], cells.width)
    letters = {name: letters_of(at) for at, name in enumerate(names)}
    body = cells.rename(dict(zip(cells.columns, names, strict=True))).with_row_index(ROW, offset=1)
    body = body.with_columns(pl.col(ROW).cast(pl.Int64))
    table = _without_skipped(body.slice(first, max(min(last, body.height - read.footer) - first, 0)), read.skip)
    filled = [name for name in table.heads if squeezed(name) in {squeezed(text) for text in read.down}]
    frame = table.frame.with_columns(pl.col(filled).forward_fill())
    uneven = _uneven(grid, cells, frame[ROW], part.head, path)
    return Table(frame, table.left_out, letters, grid.sheet, grid.taken, uneven)


def _uneven(grid: Grid, cells: pl.DataFrame, kept: pl.Series, head: Sequence[int], path: Path) -> pl.DataFrame:
    """Rows (of those that are kept) with more cells than the head, or with fewer than most lines have, none of which is
    then what the head says; where most are of no one length, those that lack the last cells of the head.

    Raises InputError where most of very many are: it is the head that is wrong then.
    """
    if grid.widths is None or not (rows := [at for at in head if at > 0]):
        return pl.DataFrame(schema=UNEVEN_ROWS)
    width = max(int(grid.widths[at - 1]) for at in rows)
    filled = [pl.col(name).is_not_null() for name in cells.columns[width:]]
    more = cells.select(pl.any_horizontal(filled)).to_series() if filled else pl.lit(value=False)
    lines = pl.DataFrame({"cells": grid.widths}).with_row_index(ROW, offset=1).with_columns(more.alias("more"))
    lines = lines.cast({ROW: pl.Int64}).filter(pl.col(ROW).is_in(kept.implode()))
    # The head is a line like the others; a row with text beyond it does not tell how long they are.
    each = lines.filter(~pl.col("more"))["cells"].append(pl.Series([width]))
    usual, count = each.value_counts().sort("count", "cells").row(-1)
    # Blank cells at the end are left out in every line or in none: of others it is unknown which cell was lost.
    usual = usual if 2 * count >= len(each) else 0
    wanted = max(width, usual)
    odd = lines.filter(pl.col("more") | (pl.col("cells") < wanted))
    if odd.height > max(UNEVEN, cells.height / 2):
        line, found, _ = odd.row(0)
        raise file_error("ragged_row", path, line=line, found=found, wanted=width)
    ends = pl.when(pl.col("more") | (pl.col("cells") < usual)).then(0).otherwise("cells")
    due = pl.when("more").then(width).otherwise(wanted)
    return odd.select(ROW, ends.alias("ends"), pl.format("{} / {}", "cells", due).alias("cells"))


def heads_of(rows: Sequence[tuple[Sequence[str | None], bool]], width: int) -> list[str]:
    """What the columns are called: the head rows' texts joined; the position where there is none, counted where
    repeated. A row that goes across stands for the blank cells to its right too, as merged cells do."""
    texts = [_across(row) if across else row for row, across in rows]
    names: dict[str, None] = {}
    for at in range(width):
        # A cell that is merged over several head rows may be repeated in each.
        words = dict.fromkeys(text for row in texts if (text := row[at]) is not None)
        head = _BLANKS.sub(" ", " ".join(words)) or str(at + 1)
        numbered = (f"{head} {number}" for number in count(2))
        names[next(name for name in chain([head], numbered) if name not in names)] = None
    return list(names)


def _across(row: Iterable[str | None]) -> list[str | None]:
    filled: list[str | None] = []
    for text in row:
        filled.append(text if text is not None or not filled else filled[-1])
    return filled


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
