"""The desk: what is in force is never taken back unseen, and a text that nobody changed is no change."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import pages.parts.editor
from data.drafts import Drafts
from data.proposals import approve, submit
from data.revisions import revisions_of
from data.store import Store
from metrics.problems import InputError
from pages.parts import workbench
from tests.test_workbench import ROOT, _editor, _good, _html, _open, _press, _type

TITLE = "title: {zh: 机关事务区域一体化绩效评估"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A definitions file of the store's own."""
    return Path(shutil.copyfile(ROOT / "indicators.yaml", tmp_path / "indicators.yaml"))


@pytest.fixture
def store(demo: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The demonstration with definitions that can be edited; the editor is a text area."""
    made = Store(Path(shutil.copyfile(demo, file.parent / "s.duckdb")))
    with made.transaction("a file of its own") as writer:
        writer.setting("indicators", str(file))
    monkeypatch.setenv("QUHENG_DB", str(made.path))
    monkeypatch.setattr(pages.parts.editor, "BUNDLE", file.parent / "absent.js")
    return made


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def _ready(at: AppTest) -> AppTest:
    """Where a text is submitted, with a reason."""
    at = _good(at.segmented_control(key="check").set_value("submit").run())
    return _good(next(box for box in at.text_input if box.label == "为什么改").set_value("改").run())


def test_an_edit_of_the_file_is_not_taken_back(store: Store, file: Path) -> None:
    """A text that was begun before is refused, also once the file has become the first version."""
    known = revisions_of(store).latest
    _edit(file, "at_least: 90", "at_least: 91")
    signed = {"based_on": 0, "author": "甲", "reason": "r", "from_cycle": "2024", "digest": known.digest}
    text = known.text.replace(TITLE, TITLE + "1")
    for _ in range(2):
        with pytest.raises(InputError) as raised:
            submit(store, text, **signed)  # type: ignore[arg-type]
        assert raised.value.problems[0].code == "overtaken_file"
        latest = revisions_of(store).latest
        submit(store, latest.text + "# more\n", **{**signed, "digest": latest.digest})  # type: ignore[arg-type]


def test_a_file_that_was_edited_is_taken_in(store: Store, file: Path) -> None:
    """The page says what changed in it, and the draft then holds both changes, in a new window too."""
    _type(_open("edit", "甲"), TITLE, "title: {zh: 新标题")
    _edit(file, "at_least: 90", "at_least: 91")
    at = _open("edit", "甲")
    assert any("定义文件改过了" in warning.value for warning in at.warning)
    at = _press(at, "并入我的草稿")
    assert not at.warning
    text = _editor(at).value  # type: ignore[attr-defined]
    assert ("新标题" in text, "at_least: 91" in text) == (True, True)
    _press(_ready(at), "提交，自 2024 起施行")
    assert "at_least: 91" in revisions_of(store).all[-1].text


def test_a_text_that_nobody_changed_follows_the_file(store: Store, file: Path) -> None:
    """There is nothing to take in, and nothing to warn of."""
    at = _open("edit", "甲")
    _edit(file, "at_least: 90", "at_least: 91")
    at = _good(at.run())
    assert not at.warning
    assert "at_least: 91" in _editor(at).value  # type: ignore[attr-defined]


def test_what_was_approved_meanwhile_can_be_taken_in_where_it_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The button stands beside the refusal, and submitting goes on from there."""
    at = _ready(_type(_open("edit", "甲"), "weight: 0.20}", "weight: 0.21}"))
    text = revisions_of(store).latest.text.replace(TITLE, "title: {zh: 另一个")

    def late(*given: Any, **signed: Any) -> int:
        if len(revisions_of(store).all) == 1:
            other = submit(store, text, based_on=0, author="乙", reason="题目", from_cycle="2024")
            approve(store, other, person="丙")
        return submit(*given, **signed)

    monkeypatch.setattr(workbench, "submit", late)
    at = _press(at, "提交，自 2024 起施行")
    assert "（乙）已经批准：直接采用会丢掉其中的改动" in _html(at)
    at = _good(at.button(key="take in below").click().run())
    _press(_ready(at), "提交，自 2024 起施行")
    latest = revisions_of(store).all[-1].text
    assert ("另一个" in latest, "weight: 0.21}" in latest) == (True, True)
    assert [draft.text == latest for draft in Drafts(store).all()] == [False]
