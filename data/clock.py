"""The time of day, and days, as the store writes them."""

from datetime import UTC, date, datetime


def now() -> str:
    """UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def is_day(text: str) -> bool:
    """Whether a text names a day there is, as 2025-02-28."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
