"""Sheets: what experts have answered outlives the browser, and no window overwrites another's."""

from pathlib import Path

import pytest

from data.recorded import entries
from data.rights import Access, Grant, Person
from data.sheets import Answer, Sheet, Sheets
from data.store import Store
from metrics.problems import InputError

ANSWERS = {"ahp one a b": {"甲": Answer([3.0], None), "乙": Answer(None, [0.1 + 0.2]), "丙": Answer([None], None)}}


@pytest.fixture
def sheets(tmp_path: Path) -> Sheets:
    """No sheets yet."""
    return Sheets(Store(tmp_path / "s.duckdb"))


def test_a_sheet_is_there_again(sheets: Sheets) -> None:
    """Every answer, who was taken away and what is still open come back to the last digit; each window has its own."""
    kept = [sheets.save(Sheet(window, "赵", answers)) for window, answers in (("w1", {}), ("w1", ANSWERS), ("w2", {}))]
    assert kept[1].saved
    assert {sheet.window: sheet.answers for sheet in sheets.all()} == {"w1": ANSWERS, "w2": {}}


def test_what_was_answered_since_is_not_removed(sheets: Sheets) -> None:
    """A sheet goes only as it was seen."""
    seen = sheets.save(Sheet("w1"))
    later = sheets.save(Sheet("w1", "", ANSWERS))
    sheets.remove(seen)
    assert sheets.all() == (later,)
    sheets.remove(later)
    assert sheets.all() == ()


def test_the_journal_tells_a_sheet_once_and_when_it_goes(sheets: Sheets) -> None:
    """Not every answer."""
    for answers in ({}, ANSWERS, {}):
        last = sheets.save(Sheet("w1", "赵", answers))
    sheets.remove(last)
    sheets.remove(last)
    told = [one.what["change"] for one in entries(sheets.store.path) if one.kind == "done"]
    assert told == ["sheet 赵", "sheet_removed 赵"]


def _known(role: str, region: str = "") -> Access:
    known = Person("a@x", "甲", "oidc")
    return Access(known, (Grant(1, known.id, role, region),), {"01": frozenset({"01"})})


def test_whoever_is_signed_in_saves_their_own(sheets: Sheets) -> None:
    """Not in a name that only looks like theirs, and nobody who may not define; another's is thrown away by who may
    write definitions alone."""
    open_for = lambda role, region="": Sheets(sheets.store.seen_with(_known(role, region), None))  # noqa: E731
    own, theirs = open_for("evaluator", "01"), sheets.save(Sheet("w1", "a@x\u200b", ANSWERS))
    for refused, code in (
        (lambda: own.save(theirs), "not_yourself"),
        (lambda: own.remove(theirs), "not_yourself"),
        (lambda: own.save(Sheet("w1", "a@x")), "not_yourself"),
        (lambda: open_for("reporter").save(Sheet("w2", "a@x")), "denied"),
    ):
        with pytest.raises(InputError) as raised:
            refused()
        assert raised.value.problems[0].code == code
    own.remove(own.save(Sheet("w2", "a@x")))
    assert sheets.all() == (theirs,)
    open_for("evaluator").remove(theirs)
    assert sheets.all() == ()


HALF_A_SIGN = b'{"window": "x", "person": "\\ud83d"}'
TOO_LARGE = b'{"window": "x", "answers": {"k": {"a": {"said": [1' + b"0" * 400 + b'], "stood": null}}}}'
NO_ANSWER = b'{"window": "x", "answers": {"k": {"a": 1}}}'


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b"null", b"\xff\xfe", b"[" * 100_000, HALF_A_SIGN, TOO_LARGE, NO_ANSWER]
)
def test_a_file_that_is_no_sheet_is_passed_over(sheets: Sheets, content: bytes) -> None:
    """It hides no other sheet and is not deleted."""
    kept = sheets.save(Sheet("w1"))
    (sheets.folder / "x.json").write_bytes(content)
    assert sheets.all() == (kept,)
    assert (sheets.folder / "x.json").exists()
