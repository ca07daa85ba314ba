"""Moments as people read them."""

import time
from collections.abc import Iterator

import pytest

from pages.parts.moments import moment


@pytest.fixture
def west(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server in the west of Greenwich."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("west")
@pytest.mark.parametrize(
    ("saved", "told"),
    [
        ("2026-01-02T03:04:05+00:00", "2026-01-01 22:04"),
        ("0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+00:00"),
        ("yesterday", "yesterday"),
    ],
)
def test_a_moment_is_told_by_the_clock_of_the_place(saved: str, told: str) -> None:
    """What is no time, or none that there is in that place, stays as it is written."""
    assert moment(saved) == told
