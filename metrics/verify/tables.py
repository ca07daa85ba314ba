"""Tables of a bundle: CSV in UTF-8 with every value as it was, and no text that a spreadsheet takes for a formula."""

from collections.abc import Sequence

import polars as pl

from metrics.problems import InputError, Problem, file_error
from metrics.tables import uncompressed
from metrics.verify.layout import CELLS

# An apostrophe makes text of what a spreadsheet would compute; one that stands there already gets another beside it.
_FORMULA = r"^('*[=+\-@\t\r])"
_SAFE = r"^'('*[=+\-@\t\r])"
_MOST_HEAD, _MOST_COLUMNS = 65_536, 1_000


def to_csv(frame: pl.DataFrame) -> bytes:
    """UTF-8 with BOM; numbers at full precision, missing ones empty."""
    safe = _replaced(frame, _FORMULA, "'$1")
    return safe.write_csv(include_bom=True, quote_style="non_numeric").encode()


def from_csv(
    content: bytes, name: str, columns: Sequence[str] | None = None, *, most: int | None = None
) -> pl.DataFrame:
    """The texts of `to_csv`, "" as null, in the order of `columns`.

    Raises InputError where it is no such table, its columns are others, or it has more cells than `most` (None: than a
    bundle's file of this name may have).
    """
    try:
        content.decode("utf-8-sig")
        head = content.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
        if len(head) > _MOST_HEAD or head.count(b",") >= _MOST_COLUMNS:
            raise file_error("not_a_table", name, line=1, reason=f"more than {_MOST_COLUMNS} columns")
        cells, limit = (content.count(b"\n") + 1) * (head.count(b",") + 1), CELLS[name] if most is None else most
        if cells > limit:
            facts = {"name": name, "count": cells, "most": limit}
            raise InputError([Problem("bundle_too_many_cells", facts=facts)], file=name)
        table = pl.read_csv(uncompressed(content), infer_schema=False, encoding="utf8")
        read = _replaced(table, _SAFE, "$1")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise file_error("not_utf8", name, line=line, byte=f"{content[error.start]:#04x}") from error
    except pl.exceptions.PolarsError as error:
        raise file_error("not_a_table", name, reason=str(error).splitlines()[0]) from error
    if columns is not None:
        _require_columns(read.columns, columns, name)
        read = read.select(columns)
    return read.with_columns(pl.all().replace("", None))


def _require_columns(found: Sequence[str], wanted: Sequence[str], name: str) -> None:
    """Raises InputError for a column that is not there, or that there is beside those wanted; in whatever order."""
    if absent := [column for column in wanted if column not in found]:
        raise file_error("missing_column", name, line=1, columns=", ".join(absent), found=", ".join(found))
    if more := [column for column in found if column not in wanted]:
        raise file_error("bundle_columns", name, line=1, columns=", ".join(more), wanted=", ".join(wanted))


def _replaced(frame: pl.DataFrame, pattern: str, by: str) -> pl.DataFrame:
    """The frame with a pattern replaced in its texts and in its heads."""
    heads = pl.Series(frame.columns, dtype=pl.String).str.replace(pattern, by)
    return frame.with_columns(pl.col(pl.String).str.replace(pattern, by)).rename(
        dict(zip(frame.columns, heads, strict=True))
    )
