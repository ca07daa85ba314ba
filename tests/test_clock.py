"""The time of day, and days, as the store writes them."""

import pytest

from data.clock import is_day


@pytest.mark.parametrize("text", ["2025-02-28", "2024-02-29", "9999-12-31"])
def test_a_day_is_written_in_one_way(text: str) -> None:
    """Year, month and day that there are."""
    assert is_day(text)


@pytest.mark.parametrize("text", ["2025-02-31", "2025-2-28", "20250228", "２０２６-12-01", "2025-W01-1", ""])
def test_what_is_no_day_is_none(text: str) -> None:
    """Days that there are not, and other spellings, which would be compared as texts."""
    assert not is_day(text)
