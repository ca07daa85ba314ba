"""A table that needs a mapping, on the facts page: what was found, what a person chooses, and what is remembered."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.remembered import suggest_for
from data.store import Store
from data.template_command import made
from pages.parts.mapped_choices import Choices, choices_of, chosen, parsed, plain_mapping, written

ROOT = Path(__file__).parent.parent
WIDE = (
    "2023年1月能耗月报,,,\n地区,用电量（万千瓦时）,用水量（吨）,备注\n霁川市,12.5,\"1,200\",\n雁渚市,13,—,\n"
    "合计,25.5,\"1,200\",\n注：各地报送,,,\n"
)
LONG = "地区,年份,科目,数值\n霁川市,2023,甲类,5\n雁渚市,2023,乙类,6\n"


@pytest.fixture
def store(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A demonstration of its own."""
    shutil.copytree(demo.parent, tmp_path / "own")
    monkeypatch.setenv("QUHENG_DB", str(tmp_path / "own" / demo.name))
    return Store()


def _opened(text: str, name: str = "月报.csv", *, person: str = "甲") -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "facts" / "facts.py"), default_timeout=60)
    at.query_params["part"] = "bring"
    at.session_state["person"] = person
    at.run()
    at.file_uploader[0].upload(name, text.encode(), "text/csv")
    return at.run()


def _text(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def _choose(at: AppTest, label: str, value: object) -> AppTest:
    return next(one for one in at.selectbox if label in one.label).set_value(value).run()


def _import(at: AppTest) -> AppTest:
    for field in at.text_input:
        if field.label.startswith("理由："):
            field.set_value("已核实")
    at.run()
    button: Any = next(button for button in at.button if button.label.startswith("导入 "))
    assert not button.disabled
    return button.click().run()  # type: ignore[no-any-return]


def _choices(store: Store, tmp_path: Path, text: str) -> tuple[dict[str, Any], Choices, str]:
    file = tmp_path / "月报.csv"
    file.write_text(text, "utf-8")
    found = suggest_for(store, file)
    data = plain_mapping(found.text)
    return data, choices_of(data, [column.head for column in found.columns]), found.text


def test_what_is_found_is_told_beside_the_rows(store: Store) -> None:
    """Head rows, doubts with the variable's name, the factor, and the first rows with the facts made of them."""
    at = _opened(WIDE)
    assert not at.exception
    text = _text(at)
    assert "表头在第 2 行，4 列，其中 2 列要读" in text
    assert "外购用电量" in text
    assert "预览：读入 2 条，接受 2，拒绝 0" in text
    assert "<td>125,000</td>" in text
    assert "有意略过：合计、注释等行 2" in text
    assert "× 10,000" in str([one.options for one in at.selectbox])


def test_a_column_is_chosen_and_the_choice_is_remembered(store: Store) -> None:
    """A column that was not recognised becomes a variable, its marks for blanks too; an unlike unit is said; the next
    file with these heads says that the mapping is the one confirmed."""
    at = _choose(_opened(WIDE), "用水量", "value water")
    assert not at.exception
    assert "预览：读入 4 条，接受 4，拒绝 0" in _text(at)
    assert any("换算不到" in one.value for one in at.warning)
    at = _import(at)
    assert at.success[0].value.endswith("已入库，批次 2")
    held = store.facts().filter(batch=2).select("region", "period", "variable", "value").rows()
    assert held == [
        ("910100", "2023-01", "electricity", 125_000.0), ("910100", "2023-01", "water", 1200.0),
        ("910200", "2023-01", "electricity", 130_000.0), ("910200", "2023-01", "water", None),
    ]  # fmt: skip
    again = _opened(WIDE.replace("2023年1月", "2023年2月").replace("13,—", "14,90"))
    assert "沿用上次确认的映射" in again.info[0].value
    assert "预览：读入 4 条，接受 4，拒绝 0" in _text(again)
    assert "2023-02" in _text(again)


def test_a_remembered_mapping_never_takes_another_files_period(store: Store) -> None:
    """Though nothing but the period is recognised without a person, it is this file's, and not last month's."""
    text = "2023年1月情况,\n地区,甲项\n霁川市,12\n雁渚市,13\n"
    at = _import(_choose(_opened(text), "甲项", "value water"))
    assert at.success[0].value.endswith("已入库，批次 2")
    again = _opened(text.replace("1月", "2月").replace("13", "14"))
    assert "沿用上次确认的映射" in again.info[0].value
    assert "<td>2023-02</td>" in _text(again)
    assert "<td>2023-01</td>" not in _text(again)
    other = _opened(text.replace("1月", "3月"), person="乙")
    assert "沿用甲确认的映射：这样的表头您自己还没有确认过" in other.info[0].value
    assert "<td>2023-03</td>" in _text(other)


def test_names_are_chosen_one_by_one(store: Store) -> None:
    """Names that are no variables are all rejected; those that are given one are read, the others are counted."""
    at = _opened(LONG)
    assert not at.exception
    assert "预览：读入 2 条，接受 0，拒绝 2" in _text(at)
    at = _choose(at, "甲类", "water")
    assert not at.exception
    assert "预览：读入 1 条，接受 1，拒绝 0" in _text(at)
    assert "名称不在所选之列的格 1" in _text(at)


def test_more_names_than_can_be_chosen_are_told(store: Store) -> None:
    """The first are listed, and it is said that there are others and what becomes of them."""
    rows = [f"霁川市,2023,第{at}类,5" for at in range(100)]
    at = _opened("\n".join([LONG.splitlines()[0], *rows]) + "\n")
    at = _choose(at, "科目", "variable") if any("科目" in one.label for one in at.selectbox) else at
    assert sum(one.label.startswith("第") and one.label.endswith("类") for one in at.selectbox) == 60
    assert any("只列前 60 个名称" in one.value for one in at.caption)


def test_what_is_missing_is_asked_for(store: Store) -> None:
    """Without a region there is no preview, and the page says so; one for the whole table does."""
    at = _choose(_opened(WIDE), "“地区”是什么", "left_out")
    assert not at.exception
    assert "预览" not in _text(at)
    assert "还缺：地区" in at.warning[0].value
    at = _choose(at, "整张表的地区", "910100")
    assert not at.exception
    assert "预览：" in _text(at)


def test_a_column_in_another_unit_is_left_out_until_it_is_chosen(store: Store) -> None:
    """The name is alike and the unit is not: money is no water."""
    at = _opened("2023年1月情况,,\n地区,用电量（千瓦时）,用水量（万元）\n霁川市,12,5\n雁渚市,13,6\n")
    assert not at.exception
    assert "预览：读入 2 条，接受 2，拒绝 0" in _text(at)
    at = _choose(at, "用水量", "value water")
    assert "预览：读入 4 条，接受 4，拒绝 0" in _text(at)


def test_a_form_comes_back_without_a_mapping(store: Store) -> None:
    """A blank one says that there is nothing in it."""
    at = _opened("")
    at.file_uploader[0].set_value(("form.xlsx", made(store, "910100", "2025"), "application/octet-stream"))
    at = at.run()
    assert not at.exception
    assert not at.error
    assert "预览：读入 0 条，接受 0，拒绝 0" in _text(at)
    assert "没有可接受的行" in _text(at)


def test_nothing_chosen_leaves_the_mapping_as_it_was(store: Store, tmp_path: Path) -> None:
    """The suggested text is written back byte for byte."""
    data, before, text = _choices(store, tmp_path, WIDE)
    assert written(chosen(data, before, before)) == text


def test_choices_become_a_mapping(store: Store, tmp_path: Path) -> None:
    """Each choice alone gives a mapping that says it, and what is chosen back says the same again."""
    data, before, _ = _choices(store, tmp_path, WIDE)
    power, water = "用电量（万千瓦时）", "用水量（吨）"
    for now in (
        replace(before, roles={**before.roles, water: "value water"}),
        replace(before, roles={**before.roles, power: "value coal"}, times={"coal": 1000.0}),
        replace(before, roles={**before.roles, "备注": "note"}),
        replace(before, period="2023-02"),
        replace(before, roles={**before.roles, "地区": "left_out"}, region="910100"),
        replace(before, times={"electricity": 1000.0}),
    ):
        made = chosen(data, before, now)
        mapping = parsed(written(made))
        assert not isinstance(mapping, Exception), mapping
        again = choices_of(plain_mapping(written(made)), list(before.roles))
        assert replace(again, names={}, way="") == replace(now, names={}, times=again.times)
        assert {code: by for code, by in now.times.items() if code in again.codes} == dict(again.times)


def test_a_mapping_that_names_other_files_is_refused(store: Store) -> None:
    """What a person puts in on a page reads no file of the machine."""
    at = _opened(WIDE)
    mapping = (
        "mapping: 1\nregion: {from: '{地区}', names_from: ../../etc/passwd}\nperiod: '2023'\n"
        "values: [{columns: '*', variable: water}]\n"
    )
    at.file_uploader[1].upload("m.yaml", mapping.encode(), "text/yaml")
    at.run()
    assert not at.exception
    assert "names_from" in at.error[0].value
    assert "预览" not in _text(at)
