"""What persons do to the versions of the definitions: propose, approve, return, take back; and publish a cycle."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl

from data.clock import now
from data.revisions import Revision, Revisions, State, digest_of, read_text, revisions_in
from data.store import Store
from data.writer import Writer
from metrics.problems import InputError, Problem
from metrics.rollup import calendar_of, cycles_of

# Letters and marks that show nothing: fillers, joiners, variation selectors (Unicode's Default_Ignorable_Code_Point).
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")


@dataclass(frozen=True)
class _Desk:
    """One change under way: the store is locked, and what it holds is known."""

    writer: Writer
    known: Revisions

    def insert(self, revision: Revision) -> None:
        names = ("number", "digest", "text", "based_on", "author", "reason", "from_cycle")
        self.writer.execute(
            "INSERT INTO revisions VALUES ($number, $digest, $text, $based_on, $author, $moment, $reason, $from_cycle)",
            {name: getattr(revision, name) for name in names},
            moment=revision.made or now(),
        )

    def decide(self, number: int, decision: State, person: str, reason: str) -> None:
        last = self.writer.found("SELECT coalesce(max(id), 0) FROM decisions")[0][0]
        said = {"decision": decision, "person": person.strip(), "reason": reason.strip()}
        self.writer.execute(
            "INSERT INTO decisions VALUES ($id, $revision, $decision, $person, $moment, $reason)",
            {"id": last + 1, "revision": number, **said},
            moment=now(),
        )

    def submitted(self, number: int, person: str) -> Revision:
        """A version that nobody has decided about yet."""
        found = self.known[number]
        require("person", person)
        if found.state != "submitted":
            raise _refused("already_decided", number=number, person=found.decided_by, made=found.decided)
        return found


@contextmanager
def _change(store: Store, name: str, right: str) -> Iterator[_Desk]:
    """One transaction; the definitions file becomes the store's first version with the first of them."""
    path = store.definitions_path()
    with store.transaction(name, right) as writer:
        desk = _Desk(writer, revisions_in(writer.found, path))
        if desk.known.latest.number == 0:
            first = desk.known.latest.adopted
            desk.insert(first)
            desk.decide(first.number, "approved", "", "")
            desk = _Desk(writer, revisions_in(writer.found, path))
        yield desk


def submit(
    store: Store, text: str, *, based_on: int, author: str, reason: str, from_cycle: str, digest: str | None = None
) -> int:
    """A text proposed as the next version, in force from a cycle on; gives its number.

    `digest` is that of the text it is based on, where somebody knows it. Raises InputError for a text with errors, no
    author or reason, a cycle that is published or not one, a text that changes nothing or the calendar, and where
    another version has been approved since the one it is based on, or the definitions file has changed.
    """
    proposed = read_text(text, "definitions")
    require("author", author)
    require("reason", reason)
    with _change(store, f"submit {digest_of(text)}", "define") as desk:
        latest = desk.known.latest
        # The file that was in force has become the first version.
        _refuse_overtaken(desk.known, based_on or 1)
        if digest not in (None, latest.digest):
            raise _refused("overtaken_file", number=latest.number)
        if is_same_text(text, latest.text):
            raise _refused("nothing_changed", number=latest.number)
        if cycles_of(proposed) != cycles_of(latest.definitions):
            raise _refused("calendar_changed", kind=latest.definitions.cycle)
        _refuse_published(desk.known, from_cycle)
        number = desk.known.all[-1].number + 1
        desk.insert(
            Revision(number, digest_of(text), text, latest.number, author.strip(), "", reason.strip(), from_cycle)
        )
    return number


def approve(store: Store, number: int, *, person: str, reason: str = "") -> None:
    """A submitted version comes into force from its cycle.

    Raises InputError for the author's own version, one that is decided, or overtaken by another or a publication.
    """
    with _change(store, f"approve {number}", "approve") as desk:
        proposed = desk.submitted(number, person)
        _refuse_own(proposed, person)
        _refuse_overtaken(desk.known, proposed.based_on)
        _refuse_published(desk.known, proposed.from_cycle)
        desk.decide(number, "approved", person, reason)


def send_back(store: Store, number: int, *, person: str, reason: str) -> None:
    """A submitted version goes back to its author, who is told why. Raises InputError where that cannot be."""
    require("reason", reason)
    with _change(store, f"return {number}", "approve") as desk:
        _refuse_own(desk.submitted(number, person), person)
        desk.decide(number, "returned", person, reason)


def withdraw(store: Store, number: int, *, person: str, reason: str = "") -> None:
    """The author takes a submitted version back. Raises InputError for anybody else."""
    with _change(store, f"withdraw {number}", "define") as desk:
        proposed = desk.submitted(number, person)
        if not is_same(person, proposed.author):
            raise _refused("not_the_author", number=number, author=proposed.author)
        desk.decide(number, "withdrawn", person, reason)


def publish(store: Store, cycle: str, *, person: str) -> None:
    """A cycle's scores are final: its version, and the facts that have come in, stay what they are.

    Raises InputError for a cycle that is published already, or that no fact of its version's variables belongs to.
    """
    require("person", person)
    with _change(store, f"publish {cycle}", "run") as desk:
        known = desk.known
        if cycle in known.publications:
            raise _refused("cycle_published", cycle=cycle, made=known.publications[cycle].made)
        reported = known.of(cycle).definitions.raw
        found = desk.writer.found("SELECT DISTINCT variable, period FROM current_facts")
        periods = pl.Series([period for variable, period in found if variable in reported], dtype=pl.String)
        if known.place(cycle) not in calendar_of(periods, cycles_of(known.latest.definitions))["cycle"]:
            raise _refused("cycle_without_facts", cycle=cycle)
        batch, event = desk.writer.found("SELECT max(batch), max(id) FROM events")[0]
        revision = known.of(cycle).number
        values: dict[str, Any] = {"cycle": cycle, "revision": revision, "batch": batch, "event": event}
        desk.writer.execute(
            "INSERT INTO publications VALUES ($cycle, $revision, $batch, $person, $moment, $event)",
            {**values, "person": person.strip()},
            moment=now(),
        )


def is_same(one: str, other: str) -> bool:
    """Whether two names are one person's: blanks, width, case and what cannot be seen do not tell persons apart."""
    return _plain(one) == _plain(other)


def is_same_text(one: str, other: str) -> bool:
    """Whether two texts have the same lines, whatever these end with."""
    return plain_ends(one) == plain_ends(other)


def plain_ends(text: str) -> str:
    """A text whose lines all end with a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in folded if unicodedata.category(sign)[0] not in "CZ" and not _UNSEEN.match(sign))


def _refused(code: str, **facts: object) -> InputError:
    return InputError([Problem(code, facts=facts)])


def require(what: str, given: str) -> None:
    """Raises InputError (`person_wanted`, `reason_wanted`, …) for a name or a text in which nothing can be seen."""
    if not _plain(given):
        raise _refused(f"{what}_wanted")


def _refuse_own(proposed: Revision, person: str) -> None:
    if is_same(person, proposed.author):
        raise _refused("own_approval", number=proposed.number, person=person.strip())


def _refuse_overtaken(known: Revisions, based_on: int | None) -> None:
    """Approved now, a text that does not know the latest version would silently take back what that changed."""
    if based_on != known.latest.number:
        raise _refused("overtaken", number=based_on, latest=known.latest.number, author=known.latest.author)


def _refuse_published(known: Revisions, from_cycle: str) -> None:
    """A version cannot begin where scores are final already."""
    begins = known.place(from_cycle)
    final = [cycle for cycle in known.publications if known.place(cycle) >= begins]
    if final:
        raise _refused("begins_in_published", cycle=from_cycle, published=final[-1])
