"""The time of day as the store writes it."""

from datetime import UTC, datetime


def now() -> str:
    """UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
