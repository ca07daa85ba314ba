"""The desk: what is in force is never taken back unseen, and a text that nobody changed is no change."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import pages.parts.editor
from data.drafts import Draft, Drafts
from data.proposals import approve, submit
from data.revisions import revisions_of
from data.store import Store
from metrics.problems import InputError
from pages.parts import workbench
from pages.parts.desk import blank
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
    assert _editor(_open("edit", "甲")).value == text  # type: ignore[attr-defined]
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


def test_a_persons_own_drafts_come_first_and_can_be_deleted(store: Store) -> None:
    """Plainly, without opening anything; those of others can be looked into, and are nobody else's to delete."""
    drafts = Drafts(store)
    for person in ("甲", "乙", ""):
        drafts.save(Draft(person, "w1", 0, revisions_of(store).latest.text + "# more\n"))
    at = _type(_open("edit"), TITLE, "title: {zh: 新标题")
    at = _good(at.selectbox(key="person").set_value("甲").run())
    assert [(one.label, one.proto.expanded) for one in at.expander[:2]] == [
        ("我的其他草稿：1 份", True), ("其他草稿：2 份", False)
    ]  # fmt: skip
    (told,) = [one.value for one in at.markdown if one.value.startswith("甲，")]
    assert re.fullmatch(r"甲，\d{4}-\d\d-\d\d \d\d:\d\d 保存，基于：定义文件", told)
    assert len([one for one in at.button if one.label == "删除这份草稿"]) == 1
    _press(at, "删除这份草稿")
    assert sorted(one.person for one in drafts.all()) == ["", "乙", "甲"]
    assert ["新标题" in one.text for one in drafts.of("甲")] == [True]


def test_a_draft_that_somebody_copied_is_another_one(store: Store) -> None:
    """Both are offered; the copy of a draft that is gone on with stays."""
    drafts = Drafts(store)
    drafts.save(Draft("乙", "w1", 0, revisions_of(store).latest.text + "# more\n"))
    (file,) = drafts.folder.glob("*.json")
    shutil.copyfile(file, file.with_name("copy of it.json"))
    at = _open("edit", "甲")
    assert at.expander[0].label == "其他草稿：2 份"


def test_line_ends_are_those_of_the_file(store: Store, file: Path) -> None:
    """What a browser gives back with its own is no change, and what was typed has the file's."""
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    at = _open("edit", "甲")
    text = _editor(at).value.replace("\r\n", "\n")  # type: ignore[attr-defined]
    at = _good(_editor(at).set_value(text).run())  # type: ignore[attr-defined]
    assert Drafts(store).all() == ()
    at = _good(at.segmented_control(key="check").set_value("submit").run())
    assert "文本没有改动" in _html(at)
    _good(_editor(at).set_value(text.replace(TITLE, "title: {zh: 新标题")).run())  # type: ignore[attr-defined]
    (draft,) = Drafts(store).all()
    assert draft.text == file.read_bytes().decode().replace(TITLE, "title: {zh: 新标题")
    with pytest.raises(InputError) as raised:
        submit(store, text, based_on=0, author="甲", reason="r", from_cycle="2024")
    assert raised.value.problems[0].code == "nothing_changed"


def test_half_a_sign_is_the_sign_for_what_is_unreadable(store: Store) -> None:
    """A broken paste stops neither the check nor the draft."""
    desk = blank(store, revisions_of(store), "甲")
    desk.replace(desk.base + "# \ud83d \U0001f600\n")
    assert desk.text.endswith("# \ufffd \U0001f600\n")
    assert Drafts(store).all()[0].text == desk.text
