"""Recorded: what people did, saw and were refused, in one chain beside the store."""

import argparse
import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from data.beside import beside
from data.clock import now
from data.journal import BEFORE, CUT, Journal
from data.rights import Access
from metrics.problems import InputError
from metrics.visible import visible

# The setting in which a store keeps how far its journal had come: lines cut off at the end show by it.
HEAD = "journal end"
_MOST_SAID = 300
# Who runs the command that is under way, as they say.
_SIGNED = ContextVar("signed", default="")
# What an entry has beside what it tells.
_OWN = (BEFORE, "made", "kind", "person", "known")


class Asked(Protocol):
    """A store, as far as this module asks it."""

    path: Path

    def settings(self) -> dict[str, str]:
        """All settings by key."""
        ...


@dataclass(frozen=True)
class Entry:
    """One line of the journal: when (UTC), what, who and how they were known; `what` has the rest."""

    number: int
    made: str
    kind: str
    person: str
    known: str
    what: Mapping[str, Any]


def _why(error: BaseException) -> dict[str, object]:
    """What stopped something: the code of the first problem and its words, or what went wrong."""
    if not isinstance(error, InputError) or not error.problems:
        return {"why": type(error).__name__}
    first = error.problems[0]
    return {"why": first.code, **{f"why_{lang}": first.message(lang)[:_MOST_SAID] for lang in ("zh", "en")}}


def _bounded(text: str) -> str:
    """What somebody typed as an entry has it: on one line, of what is long the beginning."""
    told = visible(text.strip()[: _MOST_SAID + 1])
    return told if len(told) <= _MOST_SAID else f"{told[: _MOST_SAID - 1]}…"


def journal_of(path: Path) -> Journal:
    """The journal of the store at a path."""
    return Journal(beside(path, ".journal.jsonl"))


def record(path: Path, access: Access, kind: str, **what: object) -> None:
    """One entry. Raises InputError (`not_journalled`) where it cannot be written."""
    person, more = access.person, dict[str, str]()
    name = person.id
    if person.way == "command" and not name:
        account = _account()
        name = _SIGNED.get() or account
        more = {} if name == account else {"account": account}
    journal_of(path).add({"made": now(), "kind": kind, "person": name, "known": person.way, **more, **what})


@contextmanager
def signed(name: str) -> Iterator[None]:
    """What a command does inside is in the journal by the name that its `--by` gives, beside the account that runs it;
    without one by the account alone."""
    before = _SIGNED.set(name.strip())
    try:
        yield
    finally:
        _SIGNED.reset(before)


def add_by(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """The option `--by` of a command that changes something."""
    words = "who does it, as the journal names them" + ("" if required else "; default: the account that runs it")
    parser.add_argument("--by", required=required, default="", metavar="NAME", help=words)


def insist(path: Path, access: Access, kind: str, **what: object) -> None:
    """One entry of what is not done unseen. Raises InputError (`journal_shut`) where it cannot be written."""
    try:
        record(path, access, kind, **what)
    except InputError as error:
        raise InputError([replace(one, code="journal_shut") for one in error.problems]) from error


@contextmanager
def recorded(path: Path, access: Access, change: str, right: str, reason: str = "") -> Iterator[None]:
    """A change, told before it begins and after it is done, or was not, with the reason where one was given: what
    cannot be told is not done."""
    told = {"change": change, **({"reason": _bounded(reason)} if reason.strip() else {})}
    insist(path, access, "begun", right=right, **told)
    try:
        yield
    except BaseException as error:
        with suppress(InputError):
            record(path, access, "undone", **told, **_why(error))
        raise
    # It is done: where its end cannot be told, the journal says that it was begun.
    with suppress(InputError):
        record(path, access, "done", **told)


def entries(path: Path) -> list[Entry]:
    """What was recorded, the first first; a line that is no entry is passed over (`Journal.broken` names it)."""
    found = []
    for number, line in enumerate(journal_of(path).all(), start=1):
        with suppress(KeyError):
            own = {name: str(line[name]) for name in _OWN[1:]}
            what = {name: value for name, value in line.items() if name not in _OWN}
            found.append(Entry(number, **own, what=what))
    return found


def reached(path: Path, access: Access, known: str) -> str:
    """How far the journal has come, as the store keeps it.

    Where it does not go as far as the store knew, that is told in the journal itself, so that it stays known. Raises
    InputError (`journal_shut`) where it cannot be.
    """
    journal = journal_of(path)
    if known and not journal.reaches(known):
        insist(path, access, CUT, known=known)
    return journal.end()


def found_broken(store: "Asked") -> tuple[list[int], bool, list[str]]:
    """Lines that do not follow from the one before; whether lines are missing at the end; and the changes that were
    begun and not done."""
    broken, open_ = list[int](), list[str]()
    for line in journal_of(store.path).lines():
        if not line.follows:
            broken.append(line.number)
        told = line.entry or {}
        _followed(open_, str(told.get("kind")), str(told.get("change", "")))
    return broken, beyond(store) is None, open_


def beyond(store: "Asked") -> int | None:
    """How many lines there are after how far the store knows the journal, which nothing but their order holds; None
    where it goes no longer so far, or has another line there."""
    known, journal = store.settings().get(HEAD, ""), journal_of(store.path)
    return journal.beyond(known) if not known or journal.reaches(known) else None


def _followed(open_: list[str], kind: str, change: str) -> None:
    """What is under way after one entry more."""
    if kind == "begun":
        open_.append(change)
    elif kind in ("done", "undone") and change in open_:
        open_.remove(change)


def _account() -> str:
    """The operating system's name for whoever runs a command."""
    with suppress(OSError, KeyError, ImportError):
        return f"os:{getpass.getuser()}"
    return "os:?"
