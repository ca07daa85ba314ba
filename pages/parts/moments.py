"""Moments as people read them: by the clock of the place where the server stands, to the minute."""

from datetime import datetime


def moment(saved: str) -> str:
    """A time that the store wrote in UTC; as it is where it is none."""
    try:
        return datetime.fromisoformat(saved).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError):
        return saved
