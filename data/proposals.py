"""What persons do to the versions of the definitions: propose, approve, return, take back; and publish a cycle."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from data.clock import now
from data.dated import told_at
from data.persons import is_own, is_same, signed_by
from data.persons import require as require
from data.revisions import Revision, Revisions, State, digest_of, read_text, revisions_in
from data.stage_checks import Asked, concluded, missing_for, reported_in
from data.stages import moment_of, moved, place, require_all, require_stage
from data.store import Store
from data.unseen import require_step
from data.writer import Writer
from metrics.problems import InputError, Problem
from metrics.rollup import cycles_of


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
def _change(store: Store, name: str, right: str, reason: str) -> Iterator[_Desk]:
    """One transaction; the definitions file becomes the store's first version with the first of them."""
    path = store.definitions_path()
    with store.transaction(name, right, reason=reason) as writer:
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
    with _change(store, f"submit {digest_of(text)}", "define", reason) as desk:
        require_all(store, desk.writer.found, "define", from_cycle)
        author = signed_by(store, author)
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
    with _change(store, f"approve {number}", "approve", reason) as desk:
        person = signed_by(store, person)
        proposed = desk.submitted(number, person)
        require_all(store, desk.writer.found, "approve", proposed.from_cycle)
        _refuse_own(proposed, person)
        _refuse_overtaken(desk.known, proposed.based_on)
        _refuse_published(desk.known, proposed.from_cycle)
        desk.decide(number, "approved", person, reason)


def send_back(store: Store, number: int, *, person: str, reason: str) -> None:
    """A submitted version goes back to its author, who is told why. Raises InputError where that cannot be."""
    require("reason", reason)
    with _change(store, f"return {number}", "approve", reason) as desk:
        person = signed_by(store, person)
        proposed = desk.submitted(number, person)
        require_all(store, desk.writer.found, "approve", proposed.from_cycle)
        _refuse_own(proposed, person)
        desk.decide(number, "returned", person, reason)


def withdraw(store: Store, number: int, *, person: str, reason: str = "") -> None:
    """The author takes a submitted version back. Raises InputError for anybody else."""
    with _change(store, f"withdraw {number}", "define", reason) as desk:
        person = signed_by(store, person)
        proposed = desk.submitted(number, person)
        if not is_own(store.access, proposed.author, person=person):
            raise _refused("not_the_author", number=number, author=proposed.author)
        desk.decide(number, "withdrawn", person, reason)


def publish(
    store: Store, cycle: str, *, person: str, reason: str = "", release: str = "", seen: int | None = None
) -> None:
    """A cycle's scores are final: its version, the facts that came in, the agreed adjustments stay what they are.

    Before `release` (a moment, ISO with its offset) only those who may see provisional results see them. Raises
    InputError for a cycle that is published already, that no fact of its version's variables belongs to, that has
    stages and is not approved, that has none for whoever may not approve results, and where `seen` is not its last
    step. What was approved is what is published: facts that came in since, of later cycles, are not in it.
    """
    require("person", person)
    release = moment_of(release)
    until = f" {release}" if release > now() else ""
    with _change(store, f"publish {cycle}{until}", "run", reason) as desk:
        person = signed_by(store, person)
        known, ask = desk.known, desk.writer.found
        require_all(store, ask, "run", cycle)
        require_step(ask, cycle, seen)
        if cycle in known.publications:
            raise _refused("cycle_published", cycle=cycle, made=known.publications[cycle].made)
        if not reported_in(ask, known, cycle):
            raise _refused("cycle_without_facts", cycle=cycle)
        has_stages = place(ask, cycle)[0] > 0
        if not has_stages:
            require_all(store, ask, "conclude", cycle)
        event = _approved(Asked(ask, known, cycle)) if has_stages else None
        enter_edition(desk.writer, known, cycle, person=person, reason=reason, release=release, event=event)
        if has_stages:
            moved(desk.writer, cycle, "published", person=person, reason=reason)


def _approved(asked: Asked) -> int | None:
    """Up to which event the facts are known with which the results are approved. Raises InputError where they are
    not."""
    require_stage(asked.ask, asked.cycle, "approval")
    if missing := missing_for(asked, "published"):
        raise InputError(missing)
    found = concluded(asked)
    return found and found[0]


def enter_edition(
    writer: Writer, known: Revisions, cycle: str, *, person: str, reason: str, release: str, event: int | None = None
) -> int:
    """A cycle as it is now, or with the facts of after an event, becomes its next edition, public at once where the
    moment of release is over; gives the edition's number."""
    newest = "SELECT coalesce(max(batch), 0), coalesce(max(id), 0) FROM events WHERE id <= coalesce($event, id)"
    batch, event = writer.found(newest, {"event": event})[0]
    decided = writer.found("SELECT coalesce(max(id), 0) FROM adjustment_decisions")[0][0]
    before = known.publications[cycle].edition if cycle in known.publications else 0
    moment = told_at(writer.found)
    # Where its moment is later than the clock, so that the order shows, the day on which it is public is the clock's.
    release = release if release > now() else now() if moment > now() else ""
    values: dict[str, Any] = {
        "cycle": cycle, "edition": before + 1, "revision": known.of(cycle).number, "batch": batch, "event": event,
        "adjusted": decided, "person": person, "reason": reason.strip(), "release": release,
    }  # fmt: skip
    writer.execute(
        "INSERT INTO publications VALUES"
        " ($cycle, $edition, $revision, $batch, $person, $moment, $event, $adjusted, $reason, $release)",
        values,
        moment=moment,
    )
    return before + 1


def is_same_text(one: str, other: str) -> bool:
    """Whether two texts have the same lines, whatever these end with."""
    return plain_ends(one) == plain_ends(other)


def plain_ends(text: str) -> str:
    """A text whose lines all end with a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refused(code: str, **facts: object) -> InputError:
    return InputError([Problem(code, facts=facts)])


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
