"""Persons: whether two names are one person's, and that whoever signs says who they are."""

import re
import unicodedata

from metrics.problems import InputError, Problem

# Letters and marks that show nothing: fillers, joiners, variation selectors (Unicode's Default_Ignorable_Code_Point).
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")


def is_same(one: str, other: str) -> bool:
    """Whether two names are one person's: blanks, width, case and what cannot be seen do not tell persons apart."""
    return _plain(one) == _plain(other)


def require(what: str, given: str) -> None:
    """Raises InputError (`person_wanted`, `reason_wanted`, …) for a name or a text in which nothing can be seen."""
    if not _plain(given):
        raise InputError([Problem(f"{what}_wanted")])


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in folded if unicodedata.category(sign)[0] not in "CZ" and not _UNSEEN.match(sign))
