"""The batches on the facts page: what one changed, its doubts and reasons, review and withdrawal, forms and days."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.intake import import_file
from data.store import Store
from pages.parts.url import ACTING

ROOT = Path(__file__).parent.parent
TEXT = "region,period,variable,value\n910100,2024-03,electricity,3e12\n999999,2024-03,water,1\n"


@pytest.fixture
def store(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A demonstration with one more batch, in which a row was rejected and another is doubtful."""
    shutil.copytree(demo.parent, tmp_path / "own")
    monkeypatch.setenv("QUHENG_DB", str(tmp_path / "own" / demo.name))
    file = tmp_path / "更正.csv"
    file.write_text(TEXT, "utf-8")
    assert import_file(Store(), file, sender="乙", accept_valid=True).batch == 2
    return Store()


def _opened(part: str, **query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "facts" / "facts.py"), default_timeout=60)
    at.query_params["part"] = part
    for name, value in query.items():
        at.query_params[name] = value
    at.session_state["person"] = "甲"
    return at.run()


def _text(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def _button(at: AppTest, label: str) -> Any:
    return next(button for button in at.button if button.label == label)


@pytest.mark.usefixtures("store")
def test_a_batch_tells_what_it_changed() -> None:
    """The facts before and after, the scores that moved, what was rejected; by name."""
    at = _opened("batches")
    assert not at.exception
    assert "共 2 批" in _text(at)
    assert "1 批有提示待说明理由" in _text(at)
    assert "<td>第 2 行 霁川市 2024-03 外购用电量 3,000,000,000,000 kWh</td>" in _text(at)
    assert "更正.csv" in _text(at)
    at = next(one for one in at.toggle if one.label.startswith("看第 2 批")).set_value(True).run()
    assert not at.exception
    text = _text(at)
    assert "与原来不同的 1 个数" in text
    assert "<td>霁川市</td>" in text
    assert "没有地区“999999”" in text


def test_an_indicator_s_value_is_no_number_that_a_row_reports(store: Store) -> None:
    """Where a warning is about one, the row and its region are told, and the value as what it is."""
    with store.transaction("derived", "send") as writer:
        writer.execute("UPDATE warnings SET rule = 'above_binding', value = '9.5' WHERE batch = 2")
    text = _text(_opened("batches"))
    assert "<td>第 2 行 霁川市 指标的值约 9.5</td>" in text
    with store.transaction("many", "send") as writer:
        writer.execute("UPDATE warnings SET rule = 'heaping' WHERE batch = 2")
    assert "<td>第 2 行 霁川市</td>" in _text(_opened("batches"))


def test_a_batch_is_reviewed_when_its_doubts_have_reasons(store: Store) -> None:
    """Before that the page says which are open; the reason and who gave it stay with the batch."""
    at = _button(_opened("batches"), "审核通过").click().run()
    assert not at.exception
    assert set(store.batches()["state"]) == {"received"}
    assert "待说明" in _text(at)
    for field in [one for one in at.text_input if one.label.startswith("理由：")]:
        field.set_value("电表更换")
    at.run()
    while any(button.label == "记下理由" for button in at.button):
        for field in [one for one in at.text_input if one.label.startswith("理由：")]:
            field.set_value("电表更换")
        at = _button(at.run(), "记下理由").click().run()
        assert not at.exception
    at = _button(at, "审核通过").click().run()
    assert not at.exception
    assert store.batches()["state"][0] == "reviewed"
    assert set(store.warnings(2)["person"]) == {"甲"}


def test_a_batch_is_taken_back_with_a_reason(store: Store) -> None:
    """What it had gone before holds again, and the page keeps who, when and why."""
    before = store.facts(as_of=1)
    at = _opened("batches", batch="2")
    assert _button(at, "确定撤回").disabled
    next(one for one in at.text_input if one.label == "撤回的理由").set_value("报错了月份")
    at = _button(at.run(), "确定撤回").click().run()
    assert not at.exception
    assert store.batches()["state"][0] == "withdrawn"
    assert store.facts().equals(before)
    assert "报错了月份" in _text(at)
    assert not any(button.label == "审核通过" for button in at.button)


@pytest.mark.usefixtures("store")
def test_forms_and_days_are_offered() -> None:
    """A region's form for a period, and the facts of a day; a text that is no period is said to be none. The form that
    is offered first is of a region that holds no others."""
    at = _opened("take")
    assert not at.exception
    assert at.selectbox(key="form region").value == "910100"
    labels = [button.proto.label for button in at.get("download_button")]
    assert any("填报表" in label for label in labels)
    assert any("的事实" in label for label in labels)
    at = at.text_input(key="form period").set_value("明年").run()
    assert "不是期间" in at.warning[0].value


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("role", "reviews", "takes_back"), [("reporter", False, True), ("evaluator", True, True), ("leader", False, False)]
)
def test_of_a_batch_everybody_is_offered_what_they_may(role: str, reviews: bool, takes_back: bool) -> None:
    """Whoever sends takes back, whoever reviews raises it; who only reads is offered nothing and gives no name."""
    at = AppTest.from_file(str(ROOT / "pages" / "facts" / "facts.py"), default_timeout=60)
    at.query_params["part"] = "batches"
    at.session_state[ACTING], at.session_state["person"] = role, "甲"
    at.run()
    assert not at.exception
    assert any(one.label == "审核通过" for one in at.button) == reviews
    assert any(one.label == "确定撤回" for one in at.button) == takes_back
