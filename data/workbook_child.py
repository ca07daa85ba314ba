"""The process that opens a workbook for data/workbooks.py: it alone can be ended by what a hostile file makes it do.

Run by path, `workbook_child.py FILE FOLDER MEMORY SECONDS CELLS [SHEET …]`; it leaves sheet after sheet as Arrow and a
report in FOLDER. It imports nothing of ours, so that it starts fast and its memory is that of the file.
"""

import io
import json
import sys
from pathlib import Path

# Excel's own default, with which it opens a file without asking.
DEFAULT_PASSWORD = "VelvetSweatshop"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Numbers come as text with nine decimals; only such a text may have lost digits.
_CUT = r"^-?0$|\.[0-9]{9}$"


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


def read(path: Path, folder: Path, cells: int, wanted: list[str]) -> dict[str, object]:
    """The report: the sheets' names, which of them stand in the folder, and what stopped the reading."""
    import fastexcel
    import polars as pl

    try:
        content, was_encrypted = opened(path.read_bytes())
        book = fastexcel.read_excel(content)
    except ValueError:
        return {"failure": "encrypted"}
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0]
        return {"failure": "encrypted" if "password protected" in reason else "not_a_table", "reason": reason}
    names, found, hidden = list(book.sheet_names), {}, []
    for at, name in enumerate(names):
        if wanted and name not in wanted and f"#{at + 1}" not in wanted:
            continue
        try:
            sheet = book.load_sheet(at, header_row=None, skip_rows=0, dtypes="string")
            if sheet.visible != "visible":
                hidden.append(name)
            # A sheet begins where its first cell is, the table of its cells in column A.
            places = [column.absolute_index for column in sheet.available_columns()]
            tall, wide = sheet.total_height, max(places, default=-1) + 1
            if tall * wide > cells:
                return {"failure": "too_large", "sheets": names, "rows": tall, "columns": wide}
            text = sheet.to_polars()
            number = book.load_sheet(at, header_row=None, skip_rows=0, dtypes="float").to_polars()
        except fastexcel.FastExcelError as error:
            return {"failure": "not_a_table", "reason": f"{name}: {str(error).splitlines()[0]}"}
        exact = [
            pl.when(pl.col(column).str.contains(_CUT) & (number[column] != 0.0))
            .then(number[column].cast(pl.String))
            .otherwise(pl.col(column))
            .alias(str(place))
            for place, column in zip(places, text.columns, strict=True)
        ]
        before = [pl.lit(None, pl.String).alias(str(place)) for place in range(min(places, default=0))]
        text.select(*before, *exact).write_ipc(folder / f"{at}.arrow")
        found[name] = f"{at}.arrow"
    return {"sheets": names, "found": found, "hidden": hidden, "was_encrypted": was_encrypted}


def main(arguments: list[str]) -> None:
    """Reads one workbook within its bounds."""
    path, folder, memory, seconds, cells, *wanted = arguments
    bound(int(memory), int(seconds))
    report = read(Path(path), Path(folder), int(cells), wanted)
    Path(folder, "report.json").write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
