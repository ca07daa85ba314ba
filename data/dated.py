"""Dated: the moments of notices and of what they tell, in the order in which these came, within one second too."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from data.clock import now

Ask = Callable[[str, dict[str, Any]], list[tuple[Any, ...]]]
_NOTICES = "SELECT max(made) FROM (SELECT made FROM notices UNION ALL SELECT made FROM notice_signatures)"
_TOLD = """
    SELECT max(made) FROM (
        SELECT made FROM conclusions UNION ALL SELECT made FROM publications
        UNION ALL SELECT value FROM settings WHERE key = 'days_set'
    )
"""


def told_at(ask: Ask) -> str:
    """The moment of what a notice tells and that changes now: later than every notice and signature there is."""
    newest = ask(_NOTICES, {})[0][0]
    return now() if newest is None else max(now(), _later(newest))


def kept_at(ask: Ask) -> str:
    """The moment of a notice or signature: not before that of anything it tells."""
    return max(now(), ask(_TOLD, {})[0][0] or "")


def _later(moment: str) -> str:
    return (datetime.fromisoformat(moment) + timedelta(seconds=1)).isoformat()
