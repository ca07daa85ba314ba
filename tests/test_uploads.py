"""A file on the facts page: looked at before anything is stored, imported on request, reported row by row."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.intake import judge_file
from data.store import Store
from metrics.files import read_definitions
from pages.parts.previewed import rows_of
from pages.parts.tables import csv_of

ROOT = Path(__file__).parent.parent
GOOD = "region,period,variable,value\n920100,2023-01,water,12.5\n920200,2023-01,water,13\n"
MIXED = GOOD + "999999,2023-01,water,1\n920100,2023-02,wine,1\n920300,2023-01,water,2e15\n"
# Far from the year before and above the plausible range.
HUGE = ("changed_much", "not_plausible", "unit_slip")


@pytest.fixture
def page(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The facts page over a demonstration of its own, where somebody brings in a file."""
    shutil.copytree(demo.parent, tmp_path / "own")
    monkeypatch.setenv("QUHENG_DB", str(tmp_path / "own" / demo.name))
    return _opened()


def _opened(part: str = "bring", person: str | None = "甲") -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "facts" / "facts.py"), default_timeout=60)
    at.query_params["part"] = part
    at.session_state["person"] = person
    return at.run()


def _text(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def _upload(at: AppTest, text: str | bytes, name: str = "facts.csv") -> AppTest:
    at.file_uploader[0].upload(name, text.encode() if isinstance(text, str) else text, "text/csv")
    return at.run()


def _button(at: AppTest, start: str) -> Any:
    return next(button for button in at.button if button.label.startswith(start))


def _explained(at: AppTest) -> AppTest:
    """With a reason for every kind of doubt."""
    for field in at.text_input:
        if field.label.startswith("理由："):
            field.set_value("已核实")
    return at.run()


def test_a_good_file_is_stored_only_when_asked(page: AppTest) -> None:
    """The preview stores nothing; the button imports, and the report stands in the preview's place."""
    before = Store().status()["facts"]
    at = _upload(page, GOOD)
    assert not at.exception
    assert "预览：读入 2 条，接受 2，拒绝 0" in _text(at)
    assert Store().status()["facts"] == before
    at = _button(_explained(at), "导入 2 条").click().run()
    assert not at.exception
    assert at.success[0].value == "读入 2 条，接受 2，拒绝 0；已入库，批次 2"
    assert Store().status()["facts"] == before + 2
    assert Store().batches()["sender"][0] == "甲"
    assert "预览：" not in _text(at)
    at = _button(at, "看第 2 批").click().run()
    assert not at.exception
    assert "共 2 批" in _text(at)
    assert "与原来不同的 2 个数" in _text(at)


def test_rejected_rows_are_named_before_anything_is_stored(page: AppTest) -> None:
    """Row, column, rule and words of each; the button works only for the accepted rows alone, when that is chosen."""
    before = Store().status()["facts"]
    at = _explained(_upload(page, MIXED))
    text = _text(at)
    assert "预览：读入 5 条，接受 3，拒绝 2" in text
    assert '<td><div class="q-first">4</div></td><td>region</td>' in text
    assert "没有地区“" in text
    assert "unknown_region" not in text
    assert "没有变量“wine”" in text
    assert _button(at, "导入").disabled
    partly = next(toggle for toggle in at.toggle if toggle.label.startswith("只导入"))
    at = _button(partly.set_value(True).run(), "导入 3 条").click().run()
    assert at.success[0].value == "读入 5 条，接受 3，拒绝 2；已入库，批次 2"
    assert Store().status()["facts"] == before + 3


def test_a_doubt_needs_a_reason_to_pass(page: AppTest) -> None:
    """The button stays closed and says which reasons are missing; those that were given are kept with the batch."""
    at = _upload(page, GOOD.splitlines()[0] + "\n920300,2023-01,water,2e15\n")
    assert _button(at, "导入").disabled
    assert "还缺理由：" in _text(at)
    assert "超出合理范围" in _text(at)
    at = _explained(at)
    assert "还缺理由：" not in _text(at)
    _button(at, "导入 1 条").click().run()
    found = Store().warnings(2)
    assert set(found["rule"]) & set(HUGE)
    assert found.select("reason", "person").unique().rows() == [("已核实", "甲")]


@pytest.mark.usefixtures("page")
def test_who_sends_is_named() -> None:
    """Without a name nothing is stored, and the page says so."""
    at = _upload(_opened(person=None), GOOD)
    assert _button(at, "导入").disabled
    assert "先在上面写上姓名" in _text(at)


def test_the_same_file_again_changes_nothing(page: AppTest) -> None:
    """It is recognised by its content, before and after it is imported."""
    at = _upload(page, GOOD)
    _button(_explained(at), "导入 2 条").click().run()
    again = _explained(_upload(_opened(), GOOD))
    assert "曾作为第 2 批收到" in again.info[0].value
    again = _button(again, "导入 2 条").click().run()
    assert "此文件已在批次 2 中" in again.info[0].value


def test_several_files_come_one_after_the_other(page: AppTest) -> None:
    """The first that waits is looked at; when it is in, its report stays until another is chosen."""
    long = "各" * 200 + ".csv"
    page.file_uploader[0].upload("a.csv", GOOD.encode(), "text/csv")
    at = page.file_uploader[0].upload(long, GOOD.replace("12.5", "12.7").encode(), "text/csv").run()
    assert not at.exception
    which = next(one for one in at.selectbox if one.label.startswith("2 个文件"))
    assert [option.endswith("（待处理）") for option in which.options] == [True, True]
    at = _button(_explained(at), "导入 2 条").click().run()
    assert "批次 2" in at.success[0].value
    which = next(one for one in at.selectbox if one.label.startswith("2 个文件"))
    at = _explained(which.set_value(1).run())
    assert "可能是" in _text(at)
    at = _button(at, "导入 2 条").click().run()
    assert "批次 3" in at.success[0].value
    assert Store().batches()["file"][0] == long


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("b.csv", b""),
        ("c.xlsx", b"no workbook"),
        ("d.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0" * 50),
        ("e.parquet", b"PAR1" + bytes(200) + b"PAR1"),
        ("f.xls", bytes(range(256)) * 20),
        ("g" * 250 + "😀.csv", b"\xff\xfe\0"),
        ("../../../..\\x/..csv", b"\0"),
    ],
)
def test_what_is_no_table_of_facts_is_refused_in_words(page: AppTest, name: str, content: bytes) -> None:
    """An empty file, a picture, a broken workbook, a name that no disk takes: what is wrong, and no stack trace."""
    at = _upload(page, content, name)
    assert not at.exception
    assert at.error[0].value == "文件不能导入"
    assert "quheng-upload" not in _text(at)


def test_the_report_says_what_became_of_every_row(page: AppTest, tmp_path: Path) -> None:
    """A line for each row, and for each rule it broke; the file opens in a spreadsheet with Chinese heads."""
    file = tmp_path / "facts.csv"
    file.write_text(MIXED, "utf-8")
    store = Store()
    rows = rows_of(judge_file(store, read_definitions(store.definitions_path()), file, None))
    assert rows.columns == ["行", "单元格", "结果", "列", "规则", "原值", "问题"]
    results = [(row, result, rule) for row, _, result, _, rule, _, _ in rows.rows()]
    assert (2, "接受", "") in results
    assert (4, "拒绝", "unknown_region") in results
    assert (6, "提示", "not_plausible") in results
    # A row of a text has no other name than its number.
    assert set(rows["单元格"]) == {""}
    assert csv_of(rows).startswith("\ufeff行,单元格,结果,列,规则,原值,问题\r\n".encode())


def test_what_a_file_holds_is_never_run(page: AppTest, tmp_path: Path) -> None:
    """Markup in a cell is text on the page; what a spreadsheet would take for a formula is text in the report."""
    text = GOOD + "<script>x</script>,2023-01,water,1\n=1+1,2023-01,water,1\n"
    at = _upload(page, text)
    assert "<script>" not in _text(at)
    assert "&lt;script&gt;" in _text(at)
    file = tmp_path / "facts.csv"
    file.write_text(text, "utf-8")
    store = Store()
    rows = rows_of(judge_file(store, read_definitions(store.definitions_path()), file, None))
    assert ",'=1+1," in csv_of(rows).decode()
