"""Editor and form show one indicator, and what is not yet written in a field stays."""

import pytest

from pages.parts import linked as module
from pages.parts.linked import linked, settle

SHOWS, FIELD = "form chosen", "form a formula"


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A session whose form has been drawn once, with its first indicator."""
    kept: dict[str, object] = {}
    monkeypatch.setattr(module.st, "session_state", kept)
    _rests(monkeypatch, "", 0)
    assert linked("desk", "form") == ("", 0)
    kept[SHOWS] = "a"
    settle("form")
    assert linked("desk", "form") == ("a", 0)
    return kept


def _rests(monkeypatch: pytest.MonkeyPatch, code: str, count: int) -> None:
    monkeypatch.setattr(module, "pointed", lambda key: (code, count))


def test_what_is_chosen_in_the_form_is_brought_into_sight(session: dict[str, object]) -> None:
    """Once for each choice; an indicator that was just made counts as chosen."""
    session[SHOWS] = "b"
    assert [linked("desk", "form") for _ in range(2)] == [("b", 1), ("b", 1)]
    session["form next"] = "c"
    assert linked("desk", "form") == ("c", 2)


def test_what_the_form_shows_of_its_own_accord_moves_nothing(session: dict[str, object]) -> None:
    """Where the indicator is gone it shows another one."""
    session[SHOWS] = "b"
    settle("form")
    assert linked("desk", "form") == ("b", 0)


def test_the_form_follows_the_caret_once(session: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is chosen by hand after that stands."""
    _rests(monkeypatch, "b", 1)
    assert linked("desk", "form") == ("b", 0)
    assert session[SHOWS] == "b"
    session[SHOWS] = "a"
    assert [linked("desk", "form") for _ in range(2)] == [("a", 1), ("a", 1)]


@pytest.mark.parametrize("pending", [True, False])
def test_a_field_that_is_not_written_yet_keeps_the_form(
    session: dict[str, object], monkeypatch: pytest.MonkeyPatch, *, pending: bool
) -> None:
    """The caret takes the form along only where nothing would be lost."""
    session |= {FIELD: "x +" if pending else "x", f"{FIELD} in text": "x"}
    _rests(monkeypatch, "b", 1)
    assert linked("desk", "form") == (("a", 0) if pending else ("b", 0))


def test_an_indicator_in_the_making_is_not_left(session: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its fields stand in no text at all."""
    session[SHOWS] = "+"
    linked("desk", "form")
    _rests(monkeypatch, "b", 1)
    assert linked("desk", "form") == ("+", 1)
