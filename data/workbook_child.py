"""The process that opens a workbook for data/workbooks.py: it alone can be ended by what a hostile file makes it do.

Run by path, `workbook_child.py FILE FOLDER MEMORY SECONDS CELLS [SHEET …]`; it leaves sheet after sheet as Arrow and a
report in FOLDER. It imports nothing of ours, so that it starts fast and its memory is that of the file.
"""

import io
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

# Excel's own default, with which it opens a file without asking.
DEFAULT_PASSWORD = "VelvetSweatshop"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What Excel calls its errors, by what the library that reads them does.
_ERRORS = {"Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!",
           "Value": "#VALUE!"}  # fmt: skip
# A formula that has no result because nobody has computed it; one whose result is an empty text has that type.
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>([^<]*)</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v\s*(?:/>|>\s*</(?:\w+:)?v>))?\s*</(?:\w+:)?c>"
)
_PLACE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]+)([0-9]+)[\"']")
_HIDDEN = re.compile(rb"<(?:\w+:)?row\b([^<>]*\shidden\s*=\s*[\"'](?:1|true)[\"'][^<>]*)>")
_ROW = re.compile(rb"\sr\s*=\s*[\"']([0-9]{1,7})[\"']")
_TEXT, _ERROR = (re.compile(rb"\st\s*=\s*[\"']%s[\"']" % kind) for kind in (b"str", b"e"))
Cells = dict[tuple[int, int], str]


def bound(memory: int, seconds: int) -> None:
    """No more memory and processor time than this, where the system can bound them."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def opened(content: bytes) -> tuple[bytes, bool]:
    """The workbook's bytes and whether they were encrypted with the default password. ValueError: with another."""
    if not content.startswith(_OLE):
        return content, False
    import msoffcrypto  # type: ignore[import-untyped]

    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(content))
        if not file.is_encrypted():
            return content, False
    except Exception:
        # No such file: what reads workbooks says what it is.
        return content, False
    clear = io.BytesIO()
    try:
        file.load_key(password=DEFAULT_PASSWORD)
        file.decrypt(clear)
    except Exception as error:
        raise ValueError("password") from error
    return clear.getvalue(), True


def exact(sheet: Any, numbers: Any, odd: Cells) -> Any:
    """The sheet from its first row and column on, every cell as text; `numbers`: the same with numbers to the last
    digit; `odd`: texts for cells that the library leaves blank, by row and column."""
    import polars as pl

    text = sheet.to_polars()
    places = [column.absolute_index for column in sheet.available_columns()]
    tall = max([text.height, *(row + 1 for row, _ in odd)])
    wide = max([-1, *places, *(at for _, at in odd)]) + 1
    blank = pl.Series([None], dtype=pl.String).new_from_index(0, tall)
    columns = [blank.alias(str(place)) for place in range(wide)]
    for place, own, number in zip(places, text.get_columns(), numbers.to_polars().get_columns(), strict=True):
        # Numbers come as text with nine decimals. A text in digits is the very number that it writes.
        is_cut = (own.cast(pl.Float64, strict=False) != number).fill_null(value=False)
        whole = number.cast(pl.String).zip_with(is_cut, own)
        columns[place] = whole.extend(blank.head(tall - text.height)).alias(str(place))
    for (row, place), said in odd.items():
        columns[place][row] = said
    return pl.DataFrame(columns)


def errors_of(sheet: Any) -> Cells:
    """The cells in which Excel shows an error."""
    # The library imports it, and would take for a fault of the file that there is no memory for that.
    import pyarrow  # type: ignore[import-untyped]  # noqa: F401

    _, found = sheet.to_arrow_with_errors()
    named = [(error.position, re.search(r"Error\((\w+)\)", error.detail)) for error in (found.errors if found else ())]
    places = [column.absolute_index for column in sheet.available_columns()]
    return {
        (row, places[at]): _ERRORS.get(name[1], f"#{name[1]}") for (row, at), name in named if name is not None
    }


def odd_cells(sheet: Any, content: bytes | None) -> Cells:
    """Errors, and formulas that have no result; `content`: the sheet as it is packed in an .xlsx file."""
    if content is None:
        return errors_of(sheet)
    cells = errors_of(sheet) if _ERROR.search(content) else {}
    for attributes, formula in _FORMULA.findall(content):
        place = _PLACE.search(attributes)
        if place is not None and not _TEXT.search(attributes):
            column = 0
            for letter in place[1].decode().upper():
                column = column * 26 + ord(letter) - 64
            cells[int(place[2]) - 1, column - 1] = "=" + formula.decode("utf-8", "replace")
    return cells


def hidden_rows(content: bytes | None) -> list[int]:
    """The rows that Excel does not show, by hand or by a filter; of an older file they are not known."""
    found = [_ROW.search(attributes) for attributes in _HIDDEN.findall(content or b"")]
    return [int(row[1]) for row in found if row is not None]


def parts_of(content: bytes) -> tuple[zipfile.ZipFile | None, dict[str, str]]:
    """An .xlsx file unpacked, and by sheet the part of it that holds the cells; nothing of an older one."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return None, {}
    packed = zipfile.ZipFile(io.BytesIO(content))
    names = {one.filename.lower(): one.filename for one in packed.infolist()}
    related = ElementTree.fromstring(packed.read(names["xl/_rels/workbook.xml.rels"]))
    targets = {one.get("Id"): one.get("Target", "").removeprefix("/xl/") for one in related}
    parts = {}
    for one in ElementTree.fromstring(packed.read(names["xl/workbook.xml"])).iter():
        own = next((text for name, text in one.items() if name.endswith("}id")), None)
        if one.tag.endswith("}sheet") and (part := names.get(f"xl/{targets.get(own)}".lower())) is not None:
            parts[one.get("name", "")] = part
    return packed, parts


def read(path: Path, folder: Path, cells: int, wanted: list[str]) -> dict[str, object]:
    """The report: the sheets' names, which of them stand in the folder, and what stopped the reading."""
    import fastexcel

    try:
        content, was_encrypted = opened(path.read_bytes())
        book = fastexcel.read_excel(content)
        packed, parts = parts_of(content)
    except ValueError:
        return {"failure": "encrypted"}
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0]
        return {"failure": "encrypted" if "password protected" in reason else "not_a_table", "reason": reason}
    except (KeyError, ElementTree.ParseError, zipfile.BadZipFile) as error:
        return {"failure": "not_a_table", "reason": str(error)}
    names, found, hidden, rows = list(book.sheet_names), {}, [], {}
    for at, name in enumerate(names):
        if wanted and name not in wanted and f"#{at + 1}" not in wanted:
            continue
        try:
            sheet = book.load_sheet(at, header_row=None, skip_rows=0, dtypes="string")
            if sheet.visible != "visible":
                hidden.append(name)
            # A sheet begins where its first cell is, the table of its cells in column A.
            wide = max([-1, *(column.absolute_index for column in sheet.available_columns())]) + 1
            part = packed.read(parts[name]) if packed and name in parts else None
            odd = odd_cells(sheet, part)
            rows[name] = hidden_rows(part)
            tall = max([sheet.total_height, *(row + 1 for row, _ in odd)])
            wide = max([wide, *(place + 1 for _, place in odd)])
            if tall * wide > cells:
                return {"failure": "too_large", "sheets": names, "rows": tall, "columns": wide}
            numbers = book.load_sheet(at, header_row=None, skip_rows=0, dtypes="float")
        except fastexcel.FastExcelError as error:
            return {"failure": "not_a_table", "reason": f"{name}: {str(error).splitlines()[0]}"}
        exact(sheet, numbers, odd).write_ipc(folder / f"{at}.arrow")
        found[name] = f"{at}.arrow"
    shown = {"hidden": hidden, "hidden_rows": rows}
    return {"sheets": names, "found": found, **shown, "was_encrypted": was_encrypted}


def main(arguments: list[str]) -> None:
    """Reads one workbook within its bounds."""
    path, folder, memory, seconds, cells, *wanted = arguments
    bound(int(memory), int(seconds))
    report = read(Path(path), Path(folder), int(cells), wanted)
    Path(folder, "report.json").write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
