"""Persons: whether two names are one person's, what is somebody's own, and that whoever signs says who they are."""

import re
import unicodedata
from typing import Protocol

import data.process_words  # noqa: F401  (registers the words of the problem below)
from data.rights import Access
from metrics.problems import InputError, Problem

# Letters and marks that show nothing: fillers, joiners, variation selectors (Unicode's Default_Ignorable_Code_Point),
# and the pattern of Braille without a dot.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)


def is_same(one: str, other: str) -> bool:
    """Whether two names are one person's: blanks, width, case and what cannot be seen do not tell persons apart.

    It is asked to refuse, as nobody approves their own; what is somebody's to change is asked of `is_own`.
    """
    return _plain(one) == _plain(other)


def is_own(access: Access, name: str, *, person: str) -> bool:
    """Whether what stands in a name is a person's own, to read, take back or throw away; in nobody's name nothing is.

    Of whoever is signed in that is what has exactly their id; names that people give themselves are compared as
    `is_same` does.
    """
    if access.person.is_signed_in:
        return name == person == access.person.id
    return bool(name) and is_same(name, person)


def is_seen_whole(name: str) -> bool:
    """Whether every sign of a name can be seen: one with a sign that cannot looks like another person's."""
    return name.isprintable() and not _UNSEEN.search(name)


def is_blank(text: str) -> bool:
    """Whether nothing can be seen in a name or a text."""
    return not _plain(text)


def require(what: str, given: str) -> None:
    """Raises InputError (`person_wanted`, `reason_wanted`, …) for a name or a text in which nothing can be seen."""
    if is_blank(given):
        raise InputError([Problem(f"{what}_wanted")])


class Opened(Protocol):
    """A store as somebody has it open."""

    access: Access


def signed_by(store: Opened, person: str) -> str:
    """Who signs: whoever is signed in by their id, since two may share a name, and a name may be changed.

    Raises InputError for nobody, and (`not_yourself`) where somebody signs with another's name.
    """
    require("person", person)
    known = store.access.person
    if not store.access.whole and not any(is_same(person, name) for name in (known.id, known.name)):
        raise InputError([Problem("not_yourself", facts={"person": person, "known": known.name})])
    return known.id if known.is_signed_in else person.strip()


def require_self(access: Access, name: str) -> None:
    """Raises InputError (`not_yourself`) where whoever is signed in would do something in a name that is not exactly
    their id."""
    known = access.person
    if known.is_signed_in and name != known.id:
        raise InputError([Problem("not_yourself", facts={"person": name or "—", "known": known.name})])


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in folded if unicodedata.category(sign)[0] not in "CZ" and not _UNSEEN.match(sign))
