"""Workbooks from anybody: read in a process of their own, which alone pays for what is in them."""

import zipfile
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from msoffcrypto.format.ooxml import OOXMLFile  # type: ignore[import-untyped]

from data.workbooks import Bounds, read_book
from metrics.problems import InputError

XML = '<Default Extension="xml" ContentType="application/xml"/>'
SHEETS = '<sheets><sheet name="s" sheetId="1" r:id="a"/></sheets>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
FIRST = '<row r="1"><c r="A1"><v>1</v></c></row>'


def _related(kind: str, target: str) -> str:
    related = f'<Relationship Id="a" Type="{RELATIONS}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>'


def book(path: Path, rows: str, *, sheet: str = "xl/worksheets/sheet1.xml") -> Path:
    """A workbook whose only sheet holds these rows, as anybody may write it."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{XML}</Types>',
        "_rels/.rels": _related("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{SHEETS}</workbook>',
        "xl/_rels/workbook.xml.rels": _related("worksheet", sheet.removeprefix("xl/")),
        sheet: f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return path


@pytest.mark.parametrize(
    ("last", "sheet"),
    [
        ('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "xl/worksheets/sheet1.xml"),
        ('<row r="1048576"><c r ="XFD1048576"><v>1</v></c></row>', "xl/worksheets/sheet1.xml"),
        ('<row r="1048576"><c r="xfd1048576"><v>1</v></c></row>', "xl/worksheets/sheet1.xml"),
        ('<row r="1048576"><c r="XFD001048576"><v>1</v></c></row>', "xl/worksheets/sheet1.xml"),
        (f'<row r="1048576">{"<c><v>1</v></c>" * 16_000}</row>', "xl/worksheets/sheet1.xml"),
        ('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "xl/media/image1.xml"),
    ],
    ids=["plain", "blank", "lower", "zeros", "no place", "elsewhere"],
)
def test_a_cell_in_the_farthest_corner_ends_its_own_process_only(tmp_path: Path, last: str, sheet: str) -> None:
    """However the cell is written that asks for all memory there is, it is refused in words, and we go on."""
    with pytest.raises(InputError) as error:
        read_book(book(tmp_path / "a.xlsx", FIRST + last, sheet=sheet))
    assert [problem.code for problem in error.value.problems] == ["workbook_exhausts"]


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        (Bounds(most=100), "file_too_large"), (Bounds(unpacked=100), "file_too_large"),
        (Bounds(cells=10), "sheet_too_large"),
        (Bounds(seconds=0), "workbook_exhausts"), (Bounds(memory=50 << 20), "workbook_exhausts"),
    ],
)  # fmt: skip
def test_bounds(tmp_path: Path, bounds: Bounds, code: str) -> None:
    """Bytes, cells, memory and time are bounded, and what goes over says so."""
    rows = FIRST + '<row r="20"><c r="C20"><v>1</v></c></row>'
    with pytest.raises(InputError) as error:
        read_book(book(tmp_path / "a.xlsx", rows), bounds=bounds)
    assert [problem.code for problem in error.value.problems] == [code]


def test_what_grows_out_of_nothing_is_not_read(tmp_path: Path) -> None:
    """However long a part says that it is, it is counted before anything is read in it."""
    path = book(tmp_path / "a.xlsx", FIRST + " " * 3_000_000)
    for told in (3_000_000, 10):
        with zipfile.ZipFile(path) as packed:
            size = packed.getinfo("xl/worksheets/sheet1.xml").file_size
        path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), told.to_bytes(4, "little")))
        with pytest.raises(InputError) as error:
            read_book(path, bounds=Bounds(long=1_000_000))
        assert [problem.code for problem in error.value.problems] == ["workbook_puffed"]
        with pytest.raises(InputError) as error:
            read_book(path, bounds=Bounds(unpacked=2_000_000))
        assert [problem.code for problem in error.value.problems] == ["file_too_large"]


def test_hidden_rows_are_told(tmp_path: Path) -> None:
    """They are read like any other, and known."""
    rows = FIRST + '<row r="3" spans="1:1" hidden="1"><c r="A3"><v>2</v></c></row>'
    found = read_book(book(tmp_path / "a.xlsx", rows))
    assert (found.grids["s"].height, found.hidden_rows) == (3, {"s": [3]})


def test_cells_keep_their_place(tmp_path: Path) -> None:
    """A sheet that begins in C4 has its first cell there; empty and hidden sheets are told."""
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as made:
        page = made.add_worksheet("表")
        page.write(3, 2, "x")
        page.write(4, 3, 1 / 3)
        made.add_worksheet("空")
        made.add_worksheet("藏").hide()
    found = read_book(tmp_path / "a.xlsx")
    assert (found.sheets, found.hidden, found.was_encrypted) == (("表", "空", "藏"), ("藏",), False)
    assert found.grids["表"].rows()[3:] == [(None, None, "x", None), (None, None, None, repr(1 / 3))]
    assert found.grids["空"].is_empty()


def test_numbers_to_the_last_digit(tmp_path: Path) -> None:
    """Whatever digits a number has, it is the one that the workbook holds; a text in digits stays as it is written."""
    given = [0.1234567804, 123456789.12345679, 5e-324, 1e-12, 0.30000000000000004, 2.675, 1e15 + 0.3, 45000.0]
    rows = [f'<row r="{at}"><c r="A{at}"><v>{number!r}</v></c></row>' for at, number in enumerate(given, start=1)]
    text = '<row r="9"><c r="A9" t="inlineStr"><is><t>001.50</t></is></c></row>'
    *numbers, code = read_book(book(tmp_path / "a.xlsx", "".join(rows) + text)).grids["s"].to_series()
    assert ([float(number) for number in numbers], code) == (given, "001.50")


def test_what_has_no_result_is_no_blank(tmp_path: Path) -> None:
    """An error, and a formula that nobody computed, stand in their cells; a formula that gives no text is blank."""
    rows = (
        '<row r="3"><c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="C3"><f>1+1</f><v>2</v></c></row>'
        '<row r="4"><c r="B4" t="str"><f>X1</f><v></v></c><c r="C4" t="e"><v>#N/A</v></c></row>'
        '<row r="5"><c r="D5"><f>B3+1</f></c></row><row r="6"><c r="B6"><f>B3+2</f><v/></c></row>'
    )
    found = read_book(book(tmp_path / "a.xlsx", rows)).grids["s"].rows()[2:]
    assert found == [
        (None, "#DIV/0!", "2", None), (None, "", "#N/A", None),
        (None, None, None, "=B3+1"), (None, "=B3+2", None, None),
    ]  # fmt: skip


def test_another_password_is_refused(tmp_path: Path) -> None:
    """A workbook that only Excel's default password opens is opened; with any other it is refused in words."""
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as made:
        made.add_worksheet().write(0, 0, 5)
    for password in ("VelvetSweatshop", "secret"):
        with (tmp_path / "a.xlsx").open("rb") as clear, (tmp_path / f"{password}.xlsx").open("wb") as shut:
            OOXMLFile(clear).encrypt(password, shut)
    opened = read_book(tmp_path / "VelvetSweatshop.xlsx")
    assert (opened.was_encrypted, opened.grids["Sheet1"].rows()) == (True, [("5",)])
    with pytest.raises(InputError) as error:
        read_book(tmp_path / "secret.xlsx")
    assert [problem.code for problem in error.value.problems] == ["encrypted_file"]
