"""The workbook that a region fills in: made from the definitions, read back without a mapping, nothing lost."""

import shutil
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from data.__main__ import main
from data.filled import filled
from data.intake import import_file
from data.revisions import revisions_of
from data.store import Store
from data.template_command import made
from data.template_plan import HIDDEN, plan
from metrics.problems import InputError

REGION, PERIOD = "910100", "2025"
NUMBER, NAME, SITE, BEFORE, STATUS, FIRST = "A", "B", "D", "E", "F", "G"


@pytest.fixture(scope="module")
def form(demo: Path) -> bytes:
    """The form of one city for a year, as the command makes it."""
    return made(Store(demo), REGION, PERIOD)


@pytest.fixture
def book(form: bytes, tmp_path: Path) -> tuple[Any, Path]:
    """The form, open to be filled in, and where to save it."""
    path = tmp_path / "form.xlsx"
    path.write_bytes(form)
    return openpyxl.load_workbook(path), path


def _row(sheet: Any, name: str, site: str) -> int:
    """The row of a variable's line for a site."""
    return next(
        row for row in range(1, sheet.max_row + 1)
        if sheet[f"{NAME}{row}"].value == name and sheet[f"{SITE}{row}"].value == site
    )  # fmt: skip


def _read(book: Any, path: Path, demo: Path) -> Any:
    book.save(path)
    definitions = revisions_of(Store(demo)).widest
    found = filled(path, {code: definitions.variables[code].unit for code in definitions.raw})
    assert found is not None
    return found


def test_every_variable_that_is_reported_is_asked_for(demo: Path, book: tuple[Any, Path]) -> None:
    """As often as before, by the sites that reported it before; each line has its number."""
    store = Store(demo)
    definitions = revisions_of(store).widest
    blocks = plan(definitions, store.facts(), region=REGION, period=PERIOD)
    assert {line.variable for block in blocks for line in block.lines} == set(definitions.raw)
    assert book[0].sheetnames == ["填报", "半年报", "季报", "月报", "变量说明", HIDDEN]
    sheet = book[0]["月报"]
    assert [sheet.cell(4, at).value for at in range(7, 19)] == [f"2025-{month:02}" for month in range(1, 13)]
    numbers = [
        cell.value for name in book[0].sheetnames[:4] for cell in book[0][name][NUMBER] if (cell.value or "").isdigit()
    ]
    assert numbers == [str(at + 1) for at in range(len(numbers))]


def test_what_may_be_written_where(book: tuple[Any, Path]) -> None:
    """Only numbers, states and notes are open; a number's rule is the plausible range, which it says with its unit."""
    sheet = book[0]["填报"]
    row = _row(sheet, "在职人员数（年末）", "910100-01")
    assert sheet.protection.sheet
    assert [sheet[f"{letter}{row}"].protection.locked for letter in "ABCDEFGH"] == [True] * 5 + [False] * 3
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    number, state = rules[f"{FIRST}{row}"], rules[f"{STATUS}{row}"]
    assert (number.type, number.errorStyle) == ("decimal", "warning")
    assert (float(number.formula1), float(number.formula2)) == (0, 1_000_000)
    assert "0–1,000,000 人" in number.error
    assert state.formula1 == '"已报送,已审核,已核定"'
    assert sheet.freeze_panes == "E5"
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize), sheet.print_title_rows) == (
        "landscape",
        "9",
        "$4:$4",
    )
    assert book[0][HIDDEN].sheet_state == "veryHidden"


def test_the_number_before_stands_beside(demo: Path, book: tuple[Any, Path]) -> None:
    """In grey, locked: what was reported for the period before; a dash where nothing was."""
    facts = Store(demo).facts().filter(pl.col("period") == "2024", pl.col("site") == "910100-01")
    value = facts.filter(pl.col("variable") == "staff_on_post")["value"][0]
    sheet = book[0]["填报"]
    assert sheet[f"{BEFORE}4"].value == "上期 2024"
    assert sheet[f"{BEFORE}{_row(sheet, '在职人员数（年末）', '910100-01')}"].value == value


@pytest.mark.parametrize(("word", "status"), [("已核定", "verified"), ("已核实", "verified"), ("已报", "reported")])
def test_the_words_of_former_forms_are_read_too(demo: Path, book: tuple[Any, Path], word: str, status: str) -> None:
    """A form that was made before says the states otherwise."""
    sheet = book[0]["填报"]
    row = _row(sheet, "在职人员数（年末）", "910100-01")
    sheet[f"{FIRST}{row}"], sheet[f"{STATUS}{row}"] = 1500, word
    assert _read(*book, demo).frame["status"].to_list() == [status]


def test_a_filled_in_form_is_read_without_a_mapping(demo: Path, book: tuple[Any, Path]) -> None:
    """Each number is a fact of its variable, site and period with state and note; what is blank is no fact, never 0."""
    sheet, months = book[0]["填报"], book[0]["月报"]
    row, month = _row(sheet, "在职人员数（年末）", "910100-01"), _row(months, "外购用电量", "910100-02")
    sheet[f"{FIRST}{row}"], sheet[f"{STATUS}{row}"], sheet[f"H{row}"] = 1500, "已审核", "核过"
    months[f"{FIRST}{month}"], months[f"H{month}"] = "1,234", 0
    found = _read(*book, demo)
    key = ["region", "site", "period", "variable", "value", "status", "note"]
    assert found.frame.select(key).rows() == [
        (REGION, "910100-01", "2025", "staff_on_post", 1500.0, "reviewed", "核过"),
        (REGION, "910100-02", "2025-01", "electricity", 1234.0, "reported", None),
        (REGION, "910100-02", "2025-02", "electricity", 0.0, "reported", None),
    ]
    assert (found.read, found.rejections.height, found.read_as) == (3, 0, {"thousands": 1})
    assert found.left_out["blank"] > 1000
    assert found.cell(found.frame["row"][1], "2025-01") == f"月报!G{month}"


def test_a_line_for_a_site_that_is_not_listed(demo: Path, book: tuple[Any, Path]) -> None:
    """Below each field a variable is chosen and a site typed; without a variable the number is refused."""
    sheet = book[0]["填报"]
    row = next(
        row for row in range(5, 200) if str(sheet[f"{NUMBER}{row}"].value).isdigit() and not sheet[f"{NAME}{row}"].value
    )
    sheet[f"{NAME}{row}"], sheet[f"{SITE}{row}"], sheet[f"{FIRST}{row}"] = "编制人数（年末）", "910100-99", 7
    sheet[f"{FIRST}{row + 1}"] = 8
    found = _read(*book, demo)
    assert found.frame.select("site", "variable", "value").rows() == [("910100-99", "staff_quota", 7.0)]
    assert found.rejections["rule"].to_list() == ["unknown_variable"]


def test_what_does_not_hold_is_refused_cell_by_cell(demo: Path, book: tuple[Any, Path]) -> None:
    """Texts, foreign units, unknown states, the same fact twice and lines that were moved; the others stay."""
    sheet = book[0]["填报"]
    rows = [_row(sheet, "在职人员数（年末）", f"910100-0{at}") for at in range(1, 8)]
    for row, text in zip(rows, ["x", "5%", 1, 2, 3, 4, 5], strict=True):
        sheet[f"{FIRST}{row}"] = text
    sheet[f"{STATUS}{rows[2]}"] = "好"
    sheet[f"{NAME}{rows[3]}"] = "编制人数（年末）"
    extra = next(
        row for row in range(5, 200) if str(sheet[f"{NUMBER}{row}"].value).isdigit() and not sheet[f"{NAME}{row}"].value
    )
    sheet[f"{NAME}{extra}"], sheet[f"{SITE}{extra}"], sheet[f"{FIRST}{extra}"] = "在职人员数（年末）", "910100-05", 9
    endless = _row(sheet, "编制人数（年末）", "910100-01")
    sheet[f"{FIRST}{endless}"] = "1e999"
    found = _read(*book, demo)
    assert sorted(found.rejections["rule"]) == [
        "bad_number", "bad_status", "duplicate_fact", "duplicate_fact", "not_finite", "template_moved", "unit_in_cell",
    ]  # fmt: skip
    told = [found.cell(row, column) for row, column, rule, _ in found.rejections.rows() if rule == "not_finite"]
    assert told == [f"填报!{FIRST}{endless}"]
    assert found.frame["value"].to_list() == [4.0, 5.0]
    assert found.read == found.frame.height + found.rejections.height == 9


def test_lines_are_known_by_what_they_print(demo: Path, book: tuple[Any, Path]) -> None:
    """Wherever a line went, its numbers stay its own; a row that is no line, or a line twice, gives nothing."""
    sheet = book[0]["填报"]
    first, second = (_row(sheet, "在职人员数（年末）", f"910100-0{at}") for at in (1, 2))
    for at, number in ((first, 11), (second, 12)):
        sheet[f"{FIRST}{at}"] = number
    sheet.insert_rows(second)
    sheet[f"{FIRST}{second}"], sheet[f"C{second}"] = 13, "另加"
    last = sheet.max_row + 1
    for at in range(1, 9):
        sheet.cell(last, at).value = sheet.cell(first, at).value
    sheet[f"J{first}"], sheet[f"H{second + 2}"] = "=1+1", "停用"
    found = _read(*book, demo)
    assert found.frame.select("site", "value").rows() == [("910100-01", 11.0), ("910100-02", 12.0)]
    told = [(found.cell(row, column), rule, value) for row, column, rule, value in found.rejections.rows()]
    assert told[0] == (f"填报!J{first}", "template_outside", "=1+1")
    assert (f"填报!G{second}", "template_outside", "13") in told
    assert (f"填报!G{last}", "template_outside", "11") in told
    assert found.left_out["texts"] == 5
    assert found.read == found.frame.height + found.rejections.height


def test_a_number_outside_the_form_is_refused(demo: Path, book: tuple[Any, Path]) -> None:
    """Wherever it stands: above the lines, beside the heads, among the words, on a sheet that was copied or added."""
    sheet = book[0]["填报"]
    row = _row(sheet, "在职人员数（年末）", "910100-01")
    sheet[f"{FIRST}{row}"] = 11
    copy, added = book[0].copy_worksheet(sheet), book[0].create_sheet("补充")
    copy[f"{FIRST}{row}"] = added["C3"] = 77
    for place in ("L1", "A3", "H3", "T4"):
        sheet[place] = 77
    book[0]["变量说明"]["C3"] = book[0]["变量说明"]["H90"] = 77
    found = _read(*book, demo)
    told = {found.cell(row, column): (rule, value) for row, column, rule, value in found.rejections.rows()}
    places = ["填报!L1", "填报!A3", "填报!H3", "填报!T4", "变量说明!C3", "变量说明!H90", f"填报 Copy!G{row}", "补充!C3"]
    assert told == dict.fromkeys(places, ("template_outside", "77"))
    assert (found.frame["value"].to_list(), found.read) == ([11.0], 9)


def test_what_is_printed_is_no_number_outside(demo: Path, book: tuple[Any, Path]) -> None:
    """A form as it was made has none, nor has a copy of a sheet that says the same; nor one that was made before it
    told what its list of variables prints."""
    sheet = book[0]["变量说明"]
    sheet["F2"] = "2024年报"
    for row in book[0][HIDDEN].iter_rows():
        if row[0].value == "about":
            row[0].value = "before"
    book[0].copy_worksheet(book[0]["季报"])
    found = _read(*book, demo)
    assert (found.rejections.height, found.left_out.get("texts", 0)) == (0, 0)


def test_hidden_rows_are_read_and_told(demo: Path, book: tuple[Any, Path]) -> None:
    """Those that facts are from, and hidden sheets; others are nobody's concern."""
    sheet, months = book[0]["填报"], book[0]["月报"]
    row, month = _row(sheet, "在职人员数（年末）", "910100-01"), _row(months, "外购用电量", "910100-02")
    sheet[f"{FIRST}{row}"], months[f"{FIRST}{month}"] = 11, 12
    sheet.row_dimensions[row].hidden = sheet.row_dimensions[row + 1].hidden = True
    months.sheet_state = "hidden"
    found = _read(*book, demo)
    assert found.taken == {"hidden": "月报", "hidden_rows": f"填报!{row}"}
    assert found.frame.height == 2


@pytest.mark.parametrize(("letter", "column"), [("C", "unit"), (SITE, "site"), (BEFORE, "previous")])
def test_a_line_that_was_overwritten_gives_nothing(
    demo: Path, book: tuple[Any, Path], letter: str, column: str
) -> None:
    """Its unit, its site and the number before are as they were printed, or its numbers may not be its own."""
    sheet = book[0]["填报"]
    row = _row(sheet, "在职人员数（年末）", "910100-01")
    sheet[f"{FIRST}{row}"], sheet[f"{letter}{row}"] = 11, "12"
    found = _read(*book, demo)
    assert found.frame.is_empty()
    assert found.rejections.select("column", "rule", "value").rows() == [(column, "template_moved", "12")]


def _renamed(book: Any) -> str:
    book["月报"].title = "五月"
    return "月报"


def _deleted(book: Any) -> str:
    del book["月报"]
    return "月报"


def _inserted(book: Any) -> str:
    book["月报"].insert_cols(3)
    return "月报!C4"


def _titled(book: Any) -> str:
    book["月报"]["A1"] = "别市 2025 事实填报表"
    return "月报!A1"


@pytest.mark.parametrize("change", [_renamed, _deleted, _inserted, _titled])
def test_a_form_that_was_rebuilt_is_refused(demo: Path, book: tuple[Any, Path], change: Any) -> None:
    """Sheets and columns that are not where they were: where, what should stand there and what does."""
    place = change(book[0])
    with pytest.raises(InputError) as error:
        _read(*book, demo)
    (problem,) = error.value.problems
    assert (problem.code, problem.facts["place"]) == ("template_changed", place)


@pytest.mark.parametrize(("kind", "column", "text"), [
    ("head", 3, "x"), ("head", 3, "-3"), ("head", 2, "别处"), ("head", 5, "note"), ("row", 3, "x"), ("row", 2, "别处"),
])  # fmt: skip
def test_forged_codes_are_refused_in_words(
    demo: Path, book: tuple[Any, Path], kind: str, column: int, text: str
) -> None:
    """Whatever stands on the hidden sheet, a problem is told and nothing falls over."""
    hidden = book[0][HIDDEN]
    row = next(cell.row for cell in hidden["A"] if cell.value == kind)
    hidden.cell(row, column).value = text
    with pytest.raises(InputError) as error:
        _read(*book, demo)
    assert [problem.code for problem in error.value.problems] == ["template_changed"]


def test_a_unit_that_changed_since_is_refused(demo: Path, book: tuple[Any, Path]) -> None:
    """A number is in the unit that the form asked for."""
    sheet = book[0]["月报"]
    sheet[f"{FIRST}{_row(sheet, '外购用电量', '910100-02')}"] = 5
    book[0].save(book[1])
    found = filled(book[1], {"electricity": "MWh"})
    assert found is not None
    assert found.rejections.select("column", "rule", "value").rows() == [("unit", "template_unit", "kWh")]


def test_a_form_of_another_version_is_refused(demo: Path, book: tuple[Any, Path]) -> None:
    """What its cells are is not guessed."""
    book[0][HIDDEN]["B1"] = "9"
    with pytest.raises(InputError) as error:
        _read(*book, demo)
    assert [problem.code for problem in error.value.problems] == ["template_unknown"]


def test_the_command_makes_one_or_all(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A form by region, or one for each region without parts, in either language; unknown ones are told."""
    out = tmp_path / "a.xlsx"
    line = ["template", "--db", str(demo), "--period", "2025-Q1"]
    assert main([*line, "--region", "910200", "--out", str(out), "--lang", "en"]) == 0
    assert openpyxl.load_workbook(out).sheetnames[:2] == ["Form", "Monthly"]
    assert main([*line, "--region", "910299", "--out", str(out)]) == 1
    assert "review_region" in capsys.readouterr().err
    named = tmp_path / "named.xlsx"
    assert main([*line, "--region", "雁渚", "--out", str(named), "--lang", "en"]) == 0
    assert openpyxl.load_workbook(named)["Form"]["A1"].value == openpyxl.load_workbook(out)["Form"]["A1"].value
    assert main(["template", "--db", str(demo), "--region", "910200", "--period", "x", "--out", str(out)]) == 1
    assert "bad_period" in capsys.readouterr().err


def test_no_code_leads_out_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a table of regions a code is whatever a file says; no two forms are one file."""
    home = tmp_path / "a" / "b" / "c"
    home.mkdir(parents=True)
    monkeypatch.chdir(home)
    codes = ("../../x", f"{tmp_path}/out", "n\0u", "P/q", "P-q", "p-q")
    facts = "".join(f"{code},2024,staff_on_post,1\n" for code in codes)
    Path("f.csv").write_text("region,period,variable,value\n" + facts, encoding="utf-8")
    store = ["--db", str(tmp_path / "s.duckdb")]
    assert main(["init", *store]) == main(["import", "f.csv", *store]) == 0
    before = {file for file in tmp_path.rglob("*") if file.suffix == ".xlsx"}
    assert main(["template", "--all", "forms", "--period", "2025", *store]) == 0
    assert main(["template", "--region", "P/q", "--period", "2025", *store]) == 0
    made = {file for file in tmp_path.rglob("*") if file.suffix == ".xlsx"} - before
    assert len(made) == len(codes) + 1
    assert {file.parent for file in made} == {home, home / "forms"}


def test_a_form_is_imported_like_any_file(demo: Path, book: tuple[Any, Path], tmp_path: Path) -> None:
    """The filled-in form becomes a batch; the very same form a second time changes nothing."""
    copy = tmp_path / "store.duckdb"
    shutil.copy(demo, copy)
    sheet = book[0]["填报"]
    sheet[f"{FIRST}{_row(sheet, '在职人员数（年末）', '910100-01')}"] = 1500
    book[0].save(book[1])
    first = import_file(Store(copy), book[1], sender="霁川市")
    assert (first.read, first.accepted, first.rejected) == (1, 1, 0)
    assert import_file(Store(copy), book[1]).already


def test_a_doubt_about_a_form_is_told_where_it_stands(demo: Path, book: tuple[Any, Path], tmp_path: Path) -> None:
    """By the sheet and its row, in the import's report too; the form's own number of the line is not that."""
    copy = tmp_path / "store.duckdb"
    shutil.copy(demo, copy)
    months = book[0]["月报"]
    row = _row(months, "外购用电量", "910100-02")
    months[f"{FIRST}{row}"] = 987_654_321
    book[0].save(book[1])
    found = import_file(Store(copy), book[1])
    assert {one.facts["cell"] for one in found.warnings} == {f"月报!{row}"}
    assert row not in {one.line for one in found.warnings}
    assert {one["cell"] for one in found.as_dict("zh")["warnings"]} == {f"月报!{row}"}


def test_the_same_form_has_the_same_bytes(demo: Path, form: bytes) -> None:
    """Whenever it is made."""
    assert made(Store(demo), REGION, PERIOD) == form
