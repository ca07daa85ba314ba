"""The time of day, and days, as the store writes them."""

import time

import pytest

from data.clock import is_day, zoned


@pytest.mark.parametrize("text", ["2025-02-28", "2024-02-29", "9999-12-31"])
def test_a_day_is_written_in_one_way(text: str) -> None:
    """Year, month and day that there are."""
    assert is_day(text)


@pytest.mark.parametrize("text", ["2025-02-31", "2025-2-28", "20250228", "２０２６-12-01", "2025-W01-1", ""])
def test_what_is_no_day_is_none(text: str) -> None:
    """Days that there are not, and other spellings, which would be compared as texts."""
    assert not is_day(text)


@pytest.mark.parametrize(
    ("saved", "told"),
    [("2026-01-02T03:04:05+00:00", "2026-01-02 11:04 UTC+08:00"), ("yesterday", "yesterday"), ("", "")],
)
def test_a_time_is_told_with_its_zone(monkeypatch: pytest.MonkeyPatch, saved: str, told: str) -> None:
    """By the clock of the place; what is no time stays as it is."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        assert zoned(saved) == told
    finally:
        monkeypatch.undo()
        time.tzset()
