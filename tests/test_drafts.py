"""Drafts: what somebody is writing outlives the browser, and no window overwrites another's."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from data.access import opened_with
from data.audit_words import change_words
from data.drafts import Draft, Drafts
from data.grants import access_by
from data.recorded import entries, journal_of
from data.rights import Grant, Person
from data.sheets import Sheet, Sheets
from data.store import Store
from metrics.problems import InputError
from tests.stores import store_of
from tests.test_rights import DEFINITIONS, sent


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    """No drafts yet."""
    return Drafts(Store(tmp_path / "s.duckdb"))


def test_a_draft_is_there_again(drafts: Drafts) -> None:
    """Its text, whose it is and what it began with come back as they were saved, to anybody who opens the store."""
    drafts.save(Draft("甲", "w1", 3, "schema: 1\r\n# 备注\n"))
    (found,) = Drafts(Store(drafts.path)).of(" 甲　")
    assert (found.person, found.based_on, found.text) == ("甲", 3, "schema: 1\r\n# 备注\n")
    assert found.saved
    assert drafts.of("乙") == ()


def test_two_windows_keep_a_text_each(drafts: Drafts) -> None:
    """The same person in two windows has two drafts; each window replaces its own only."""
    for window, text in (("w1", "a"), ("w2", "b"), ("w1", "c")):
        drafts.save(Draft("甲", window, 1, text))
    assert {draft.window: draft.text for draft in drafts.of("甲")} == {"w1": "c", "w2": "b"}


def test_what_was_written_since_is_not_removed(drafts: Drafts) -> None:
    """A draft goes only as it was seen."""
    seen = drafts.save(Draft("甲", "w1", 1, "a"))
    later = drafts.save(Draft("甲", "w1", 1, "b"))
    drafts.remove(seen)
    assert drafts.all() == (later,)
    drafts.remove(later)
    assert drafts.all() == ()


WRONG_KIND = b'{"person": 1, "window": "w", "based_on": 1, "text": "t", "saved": "s"}'


HALF_A_SIGN = b'{"person": "x", "window": "w", "based_on": 1, "text": "\\ud83d", "saved": "s"}'


TRUE_VERSION = b'{"person": "x", "window": "w", "based_on": true, "text": "t", "saved": "s"}'


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[1]", b"null", b'{"person": "x"}', b"\xff\xfe", WRONG_KIND, HALF_A_SIGN, TRUE_VERSION),
        *(b"[" * 100_000, b"9" * 5_000),
    ],
)  # fmt: skip
def test_a_file_that_is_no_draft_is_passed_over(drafts: Drafts, content: bytes) -> None:
    """It hides no other draft and is not deleted."""
    kept = drafts.save(Draft("甲", "w1", 1, "a"))
    (drafts.folder / "x.json").write_bytes(content)
    assert drafts.all() == (kept,)
    assert (drafts.folder / "x.json").exists()


def test_a_folder_that_cannot_be_written(drafts: Drafts) -> None:
    """Said, with what to do."""
    drafts.folder.write_text("a file stands in the way")
    with pytest.raises(InputError) as raised:
        drafts.save(Draft("甲", "w1", 1, "a"))
    assert raised.value.problems[0].code == "draft_unsaved"


def test_a_copied_file_is_a_draft_of_its_own(drafts: Drafts) -> None:
    """Two of the same window would be one; each goes without the other."""
    kept = drafts.save(Draft("甲", "w1", 1, "a"))
    (file,) = drafts.folder.glob("*.json")
    shutil.copyfile(file, drafts.folder / "copy.json")
    assert {draft.window for draft in drafts.all()} == {"w1", "copy"}
    drafts.remove(next(draft for draft in drafts.all() if draft != kept))
    assert drafts.all() == (kept,)


def test_a_draft_of_before_holds_no_base(drafts: Drafts) -> None:
    """It is read all the same."""
    drafts.save(Draft("甲", "w1", 1, "a", base="b"))
    (file,) = drafts.folder.glob("*.json")
    found = json.loads(file.read_text("utf-8"))
    assert found.pop("base") == "b"
    file.write_text(json.dumps(found), "utf-8")
    assert [(draft.text, draft.base) for draft in drafts.all()] == [("a", "")]


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _ring(path: Path) -> None:
    path.symlink_to(path)


def _endless(path: Path) -> None:
    with path.open("wb") as empty:
        empty.truncate(2**40)


@pytest.mark.parametrize("make", [_pipe, _device, _ring, _endless, Path.mkdir])
def test_what_is_no_file_of_ours_is_not_read(drafts: Drafts, make: Callable[[Path], None]) -> None:
    """Neither waited for nor read to its end, among drafts and among sheets; the others are there."""
    kept = drafts.save(Draft("甲", "w1", 1, "a"))
    sheets = Sheets(Store(drafts.path))
    sheet = sheets.save(Sheet("w1"))
    for folder in (drafts.folder, sheets.folder):
        make(folder / "x.json")
    assert drafts.all() == (kept,)
    assert sheets.all() == (sheet,)


def test_the_journal_tells_a_draft_once_and_when_it_goes(drafts: Drafts) -> None:
    """Not every pause in typing; another window's is another draft, and what is not there goes untold."""
    for window, text in (("w1", "a"), ("w1", "b"), ("w2", "a"), ("w1", "c")):
        last = drafts.save(Draft("甲", window, 3, text))
    drafts.remove(last)
    drafts.remove(last)
    drafts.save(Draft("", "w3", 0, "a"))
    told = [one.what["change"] for one in entries(drafts.path) if one.kind == "done"]
    assert told == ["draft 3 甲", "draft 3 甲", "draft_removed 3 甲", "draft  —"]
    assert change_words(told[0], {}, "zh") == ("开始写定义草稿", "第 3 版 · 甲")
    assert change_words(told[3], {}, "en") == ("draft of definitions begun", "—")


def test_what_the_journal_cannot_tell_is_not_begun(drafts: Drafts) -> None:
    """A draft that could not be told of is not there."""
    journal_of(drafts.path).file.mkdir()
    with pytest.raises(InputError) as raised:
        drafts.save(Draft("甲", "w1", 1, "a"))
    assert raised.value.problems[0].code == "journal_shut"
    assert drafts.all() == ()


@pytest.mark.parametrize("other", ["b@x", "", "A@x", " a@x", "a@x\u200b", "ａ@x"])
def test_whoever_is_signed_in_saves_and_forgets_their_own(tmp_path: Path, other: str) -> None:
    """Not in a name that only looks like theirs; this machine's own user gives names freely."""
    store = store_of(DEFINITIONS, tmp_path)
    known = Person("a@x", "甲", "oidc")
    own = Drafts(opened_with(store, access_by(store, known, [Grant(1, known.id, "evaluator")])))
    theirs = Drafts(store).save(Draft(other, "w1", 1, "a"))
    for refused in (lambda: own.save(Draft(other, "w1", 1, "b")), lambda: own.remove(theirs)):
        with pytest.raises(InputError) as raised:
            refused()
        assert raised.value.problems[0].code == "not_yourself"
    assert own.all() == (theirs,)
    mine = own.save(Draft("a@x", "w1", 1, "b"))
    own.remove(mine)
    assert own.all() == (theirs,)


def test_a_draft_is_written_by_whoever_defines_for_all(tmp_path: Path) -> None:
    """Not by a reporter, nor by who may define in one region or cycle: what they would write bears on every one."""
    store = store_of(DEFINITIONS, tmp_path)
    sent(store, 2024, 1, ("p1", "q1"))
    known = Person("a@x", "a@x", "oidc")
    parts = (("reporter", "p1", ()), ("evaluator", "p1", ()), ("evaluator", "", ("2024",)), ("evaluator", "", ()))
    for role, region, cycles in parts:
        own = Drafts(opened_with(store, access_by(store, known, [Grant(1, known.id, role, region, cycles)])))
        if (role, region, cycles) == parts[-1]:
            own.save(Draft("a@x", "w1", 1, "a"))
            continue
        with pytest.raises(InputError) as raised:
            own.save(Draft("a@x", "w1", 1, "a"))
        assert raised.value.problems[0].code == "denied"
        assert own.all() == ()
    assert len(own.all()) == 1
