"""Tables of text read: a CSV or Parquet file as it is, and as facts or regions in the contract's form."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO, TextIOWrapper
from pathlib import Path

import polars as pl

from metrics.facts import OPTIONAL, REQUIRED
from metrics.files import content_of
from metrics.problems import InputError, Problem, file_error, reason_of

SPREADSHEETS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
# What workbooks begin with, in the new format and the old one.
_BOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# So many columns a table may have.
WIDEST = 2000
# So many rows are looked at before a text is read whole.
LOOKED_AT = 1000
# So many rows that do not match the head are told one by one.
TOLD = 20
# Without any of these an ASCII text has no cell to trim: blanks, and the quote, in which a line may end.
_AROUND = (b" ", b"\t", b"\v", b"\f", b'"')


def read_table(path: Path) -> pl.DataFrame:
    """A CSV (UTF-8, with or without BOM; lines end in LF, CR LF or CR; every cell as text) or Parquet file. InputError
    where it is neither, and where a row of a CSV has more or fewer cells than its head; a blank line has none, and is a
    row of nulls."""
    return _table(path)[0]


def _table(path: Path, needed: Sequence[str] = ()) -> tuple[pl.DataFrame, bool]:
    """`read_table`, and whether it is certain that no cell has blanks around its text, or an empty text. InputError
    where a column that is `needed` is absent, before any row is looked at."""
    try:
        # Its bytes, not its name: polars takes [ ] * ? in a name for a pattern.
        content = content_of(path)
        if path.suffix.lower() in SPREADSHEETS:
            raise file_error("mapping_due", path)
        if path.suffix.lower() == ".parquet":
            table = texted(pl.read_parquet(content))
            _require(table.columns, needed, path)
            return table, False
        refuse_workbook(content, path)
        # That all letters are ASCII is known far sooner than what others are.
        plain = content.isascii()
        if not plain:
            content.decode("utf-8-sig")
        return _csv(uncompressed(_lined(content)), path, needed), plain and not any(mark in content for mark in _AROUND)
    except OSError as error:
        raise file_error("unreadable_file", path, reason=reason_of(error)) from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise file_error("not_utf8", path, line=line, byte=f"{content[error.start]:#04x}") from error
    except pl.exceptions.PolarsError as error:
        raise file_error("not_a_table", path, reason=str(error).splitlines()[0]) from error


def refuse_workbook(content: bytes, path: Path) -> None:
    """Raises InputError where what is called a text is a workbook."""
    if content.startswith(_BOOKS):
        raise file_error("workbook_as_text", path, ending=path.suffix)


def uncompressed(text: bytes) -> bytes:
    """A text in UTF-8 as polars reads it: one that begins as a compressed file does, as “x^2,…”, has a mark before it.

    Of such beginnings only zlib's is UTF-8. What were unpacked would be no longer what has been looked at, of any size.
    """
    return b"\xef\xbb\xbf" + text if text.startswith(b"x") else text


def _lined(content: bytes) -> bytes:
    """A text whose lines all end as polars knows it: a CR alone ends one for older programs, and for the csv reader."""
    # Pairs are found far more slowly than a letter, and most texts have none.
    if b"\r" not in content or content.count(b"\r") == content.count(b"\r\n"):
        return content
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def texted(table: pl.DataFrame) -> pl.DataFrame:
    """A table whose truths, dates and times are texts, since none of them is a number."""
    day, moment = pl.col(pl.Date), pl.col(pl.Datetime)
    words = [pl.col(pl.Boolean, pl.Time, pl.Null).cast(pl.String), day.dt.to_string("%Y-%m-%d")]
    return table.with_columns(*words, moment.dt.to_string("%Y-%m-%d %H:%M:%S"))


def _csv(content: bytes, path: Path, needed: Sequence[str]) -> pl.DataFrame:
    if b"\0" in content[: content.find(b"\n") + 1 or None]:
        # UTF-16 and UTF-32 without a mark are read as UTF-8 with zeros in between, in the head too.
        raise file_error("not_utf8", path, line=1, byte="0x00")
    heads = _heads(content, path)
    # polars would give the second of two columns of one name another.
    doubled = [name for name, count in Counter(heads).items() if count > 1 and name]
    if len(heads) > WIDEST:
        raise file_error("too_many_columns", path, line=1, found=len(heads), most=WIDEST)
    if doubled:
        raise file_error("doubled_column", path, line=1, columns=", ".join(sorted(doubled)))
    # A file that is empty is told as that.
    if heads:
        _require(heads, needed, path)
    _refuse_ragged(content, len(heads), path, LOOKED_AT)
    try:
        table = pl.read_csv(content, infer_schema=False, encoding="utf8")
    except pl.exceptions.PolarsError:
        _refuse_ragged(content, len(heads), path)
        _refuse_stray_quote(content, path)
        raise
    if b'"' in content or (table[:, -1].null_count() and not _is_even(content, len(heads))):
        _refuse_ragged(content, len(heads), path)
    return table


def _rows(content: bytes) -> Iterator[list[str]]:
    return csv.reader(TextIOWrapper(BytesIO(content), "utf-8-sig", newline=""), strict=True)


def _heads(content: bytes, path: Path) -> list[str]:
    try:
        return next((row for row in _rows(content) if row), [])
    except csv.Error as error:
        raise csv_error(error, path, 1) from error


def csv_error(error: csv.Error, path: Path, line: int) -> InputError:
    """What the csv reader meets in the row that begins there."""
    if "limit" in str(error):
        return file_error("cell_too_long", path, line=line, most=csv.field_size_limit())
    return file_error("bad_quote", path, line=line)


def _is_even(content: bytes, width: int) -> bool:
    """Whether each line of a text without quotes has as many cells, or none."""
    lines = pl.read_csv(
        content, has_header=False, separator="\x1f", quote_char=None, infer_schema=False, truncate_ragged_lines=True
    ).to_series()
    commas = lines.str.count_matches(",", literal=True)
    return bool(((commas == width - 1) | (lines.str.strip_chars() == "")).fill_null(value=True).all())


def _refuse_ragged(content: bytes, width: int, path: Path, most: int | None = None) -> None:
    """Raises InputError where a row (of the first `most`) has more or fewer cells than the head, or a quote that does
    not close: what a row lacks is not “not reported”. Where one has, every such row of the text is counted."""
    rows, line, odd, found = _rows(content), 1, 0, list[Problem]()
    try:
        for at, row in enumerate(rows):
            if at == most and not odd:
                return
            if row and len(row) != width:
                odd += 1
                if odd <= TOLD:
                    found.append(Problem("ragged_row", str(path), line, 0, {"found": len(row), "wanted": width}))
            line = rows.line_num + 1  # type: ignore[attr-defined]
    except csv.Error as error:
        found += csv_error(error, path, line).problems
    if odd > TOLD:
        found.append(Problem("more_problems", facts={"count": odd - TOLD}))
    if found:
        raise InputError(found, file=path)


def _refuse_stray_quote(content: bytes, path: Path) -> None:
    """Raises InputError at the first row with an odd number of quotes: polars takes one within a cell for the beginning
    of another, the csv reader for a letter."""
    rows, lines, line = _rows(content), content.split(b"\n"), 1
    for _ in rows:
        end = rows.line_num  # type: ignore[attr-defined]
        if sum(text.count(b'"') for text in lines[line - 1 : end]) % 2:
            raise file_error("bad_quote", path, line=line)
        line = end + 1


def read_facts(path: Path) -> pl.DataFrame:
    """Facts in the contract's long form, not yet judged. InputError where a required column is absent."""
    return facts_and_rest(path)[0]


def facts_and_rest(path: Path) -> tuple[pl.DataFrame, dict[str, int], bool]:
    """`read_facts`, how many cells there are in each column that no fact takes, and whether the cells are `trimmed`, as
    `judge` calls it."""
    table, trimmed = _table(path, REQUIRED)
    refuse_nested(table, [name for name in (*REQUIRED, *OPTIONAL) if name in table.columns], path)
    # Rows are the file's, and batches the store's, whatever columns of these names a file brings along.
    numbered = table.with_columns(row=pl.int_range(2, pl.len() + 2), batch=pl.lit(None, pl.Int64))
    others = [(at, name) for at, name in enumerate(table.columns, 1) if name not in (*REQUIRED, *OPTIONAL)]
    rest = {_called(at, name): len(table) - table[name].null_count() for at, name in others}
    return numbered.filter(~_blank(table)), {name: count for name, count in rest.items() if count}, trimmed


def _called(place: int, name: str) -> str:
    """A column's name; its place where it has no head, for which polars puts such a name."""
    return str(place) if not name or name.startswith("_duplicated_") else name


def _blank(table: pl.DataFrame) -> pl.Series:
    """The rows without any text: blank lines."""
    return table.select(pl.all_horizontal(pl.all().is_null())).to_series()


def refuse_nested(table: pl.DataFrame, names: Iterable[str], path: Path) -> None:
    for name in names:
        if not _is_flat(table[name]):
            raise file_error("bad_column_type", path, line=1, column=name, type=str(table[name].dtype))


def _is_flat(column: pl.Series) -> bool:
    """Whether a column's cells are texts, numbers or dates."""
    return not (column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object, pl.Time, pl.Duration))


def read_regions(path: Path) -> pl.DataFrame:
    """Regions in the contract's form. InputError where `code` is absent."""
    table, _ = _table(path, ("code",))
    table = table.filter(~_blank(table))
    refuse_nested(table, table.columns, path)
    return table


def _require(heads: Sequence[str], needed: Sequence[str], path: Path) -> None:
    absent = [name for name in needed if name not in heads]
    if absent:
        found = ", ".join(filter(None, heads))
        raise file_error("missing_column", path, line=1, columns=", ".join(absent), found=found)
