"""Kept: a window knows where its answers are, also when another one has taken them away."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.__main__ import main
from data.sheets import Answer, Sheet, Sheets
from data.store import Store
from pages.parts.signin import PERSON
from pages.parts.url import ACTING, PLACE

PAGE = Path(__file__).parent.parent / "pages" / "define" / "weights.py"
FILE = """\
schema: 1
title: t
variables: {x: {name: x, unit: "1"}}
indicators:
  a: {name: 甲项, unit: "1", formula: x, better: higher}
  b: {name: 乙项, unit: "1", formula: x + 1, better: higher}
index: {code: all, name: 总, children: [{indicator: a}, {indicator: b}]}
"""
ANSWERS = {"ahp all a b": {"甲": Answer([3.0], None)}}


@pytest.fixture
def sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sheets:
    """The sheets of a store that the page reads; none yet."""
    store, file, regions = (tmp_path / name for name in ("s.duckdb", "d.yaml", "r.csv"))
    file.write_text(FILE, "utf-8")
    regions.write_text("code,name_zh\n01,甲市\n02,乙市\n", "utf-8")
    assert main(["init", "--db", str(store), "--indicators", str(file), "--regions", str(regions)]) == 0
    monkeypatch.setenv("QUHENG_DB", str(store))
    return Sheets(Store())


@pytest.mark.parametrize(("role", "place", "gone"), [("evaluator", "", True), ("evaluator", "01", False)])
def test_another_experts_sheet_is_thrown_away_by_who_defines_for_all(
    sheets: Sheets, role: str, place: str, gone: bool
) -> None:
    """Whoever may define in one region goes on with a copy of it, and throws away what is their own alone."""
    mine = "甲"
    sheets.save(Sheet("w1", "赵", ANSWERS))
    at = AppTest.from_file(str(PAGE), default_timeout=60)
    for key, value in ((PERSON, mine), (ACTING, role), (PLACE, place)):
        at.session_state[key] = value
    at = _run(at)
    assert ("discard w1" in [button.key for button in at.button]) == gone
    next(button for button in at.button if button.label == "在本窗口继续").click()
    _run(at)
    assert sorted(one.person for one in sheets.all()) == ([mine] if gone else [mine, "赵"])


def _run(at: AppTest) -> AppTest:
    at.run()
    assert not at.exception
    return at


def _window(sheet: Sheet) -> AppTest:
    """A window with a sheet of its own."""
    at = AppTest.from_file(str(PAGE), default_timeout=60)
    at.session_state["sheet"] = sheet
    return _run(at)


def _told(at: AppTest) -> tuple[bool, bool]:
    """Whether the page says that its answers are kept, and whether it says that they are not."""
    kept = any("刷新或关掉浏览器不会丢" in element.proto.body for element in at.get("html"))
    return kept, any("只有本窗口还有" in warning.value for warning in at.warning)


@pytest.mark.parametrize("way", ["answer", "button"])
def test_what_another_window_threw_away_is_not_called_kept(sheets: Sheets, way: str) -> None:
    """It is said, and whatever is answered next, or a button, puts all of it beside the store again."""
    at = _window(sheets.save(Sheet("w1", "赵", ANSWERS)))
    assert _told(at) == (True, False)
    (seen,) = sheets.all()
    sheets.remove(seen)
    assert _told(_run(at)) == (False, True)
    if way == "answer":
        next(each for each in at.button_group if each.key.startswith("pair 0 ")).set_value(5.0)
    else:
        next(button for button in at.button if button.label == "重新保存").click()
    assert _told(_run(at)) == (True, False)
    (again,) = sheets.all()
    assert again.answers["ahp all a b"]["甲"].said == [5.0 if way == "answer" else 3.0]
