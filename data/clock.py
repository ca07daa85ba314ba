"""The time of day, and days, as the store writes them."""

from datetime import UTC, date, datetime

from metrics import states


def now() -> str:
    """UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def here(saved: str) -> str:
    """A time that the store wrote in UTC, in ISO 8601 with the offset of the place where this runs; as it is where it
    is none."""
    at = _here(saved)
    return saved if at is None else at.isoformat(timespec="seconds")


def moment(saved: str) -> str:
    """A time that the store wrote in UTC, by the clock of the place where this runs, to the minute; as it is where it
    is none."""
    at = _here(saved)
    return saved if at is None else at.strftime("%Y-%m-%d %H:%M")


def zoned(saved: str) -> str:
    """The same with the zone of the place: 2025-03-31 09:00 UTC+08:00."""
    return states.zoned(here(saved))


def zone(at: datetime) -> str:
    """The time zone of a moment, as UTC+08:00."""
    return f"UTC{at.isoformat()[-6:]}"


def _here(saved: str) -> datetime | None:
    try:
        return datetime.fromisoformat(saved).astimezone()
    except (ValueError, OverflowError):
        return None


def is_day(text: str) -> bool:
    """Whether a text names a day there is, as 2025-02-28."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
