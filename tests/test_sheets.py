"""Sheets: what experts have answered outlives the browser, and no window overwrites another's."""

from pathlib import Path

import pytest

from data.sheets import Answer, Sheet, Sheets
from data.store import Store

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
