"""Versions of the definitions: texts, what was decided about each, and which of them a cycle is scored with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import data.messages  # noqa: F401  (registers the words of this part's problems)
from data.clock import now
from data.store import Store
from metrics.definitions import Definitions
from metrics.files import read_bounded
from metrics.periods import PeriodError
from metrics.problems import InputError, Problem
from metrics.reader import read
from metrics.rollup import cycles_of

State = Literal["submitted", "approved", "returned", "withdrawn"]
STATES: Mapping[State, tuple[str, str]] = {
    "submitted": ("待批准", "submitted"),
    "approved": ("已批准", "approved"),
    "returned": ("已退回", "returned"),
    "withdrawn": ("已撤回", "withdrawn"),
}
Ask = Callable[[str], list[tuple[Any, ...]]]
_REVISIONS = """
    SELECT number, digest, text, based_on, author, IF(based_on IS NULL, '', revisions.made), revisions.reason,
        from_cycle, coalesce(decision, 'submitted'), coalesce(id, 0), coalesce(person, ''),
        IF(based_on IS NULL, '', coalesce(decisions.made, '')), coalesce(decisions.reason, '')
    FROM revisions LEFT JOIN decisions ON revision = number ORDER BY number
"""
_PUBLICATION = "SELECT cycle, revision, event, person, made, edition, adjusted, reason, release"
_PUBLICATIONS = f"{_PUBLICATION} FROM published ORDER BY cycle"
_EDITIONS = f"{_PUBLICATION} FROM publications WHERE cycle = $cycle ORDER BY edition"


@dataclass(frozen=True)
class Revision:
    """One version of the definitions; `from_cycle` '' is from the beginning, `based_on` None the first one, of which
    nobody knows who wrote or approved it and when: the moments of its rows are those at which the file was taken in.

    `number` 0 is the definitions file as it lies on disk, while the store holds no version yet; `place` puts decisions
    in the order in which they were made.
    """

    number: int
    digest: str
    text: str
    based_on: int | None
    author: str
    made: str
    reason: str
    from_cycle: str
    state: State = "submitted"
    place: int = 0
    decided_by: str = ""
    decided: str = ""
    answer: str = ""

    @property
    def definitions(self) -> Definitions:
        """The text, read. Raises InputError where this program cannot read it any more."""
        return read_text(self.text, f"v{self.number}")

    @property
    def adopted(self) -> "Revision":
        """The file as the store's first version."""
        return replace(self, number=1)


def read_text(text: str, name: str) -> Definitions:
    """The definitions of a text; `name` is what problems are told under. Raises InputError for errors in it."""
    return _read(text.encode(), name)


@lru_cache(maxsize=32)
def _read(content: bytes, name: str) -> Definitions:
    reading = read(content, path=name)
    if reading.definitions is None:
        raise InputError(reading.problems, file=name)
    return reading.definitions


def digest_of(text: str) -> str:
    """SHA-256 of a text, by which a version is known everywhere."""
    return sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Publication:
    """An edition of a published cycle: its version, the event (of data/batches.py) up to which its facts are known,
    the last decision on adjustments that counts; before the moment `release` ('': none) it is not for everybody."""

    cycle: str
    revision: int
    event: int
    person: str
    made: str
    edition: int = 1
    adjusted: int = 0
    reason: str = ""
    release: str = ""

    def released(self, moment: str) -> bool:
        """Whether everybody may see it, at a moment as `data.clock.now` gives it."""
        return self.release <= moment

    @property
    def day(self) -> str:
        """The day on which it became, or becomes, everybody's."""
        return (self.release or self.made)[:10]


@dataclass(frozen=True)
class Revisions:
    """All versions of a store by number, and its published cycles."""

    all: tuple[Revision, ...]
    publications: Mapping[str, Publication]

    def __getitem__(self, number: int) -> Revision:
        found = next((one for one in self.all if one.number == number), None)
        if found is None:
            raise InputError([Problem("unknown_version", facts={"number": number, "last": self.all[-1].number})])
        return found

    @cached_property
    def approved(self) -> tuple[Revision, ...]:
        """The approved versions in the order of approval."""
        return tuple(sorted((one for one in self.all if one.state == "approved"), key=lambda one: one.place))

    @property
    def latest(self) -> Revision:
        """The version approved last: the next one builds on it."""
        return self.approved[-1]

    def of(self, cycle: str) -> Revision:
        """The version a cycle is scored with: the one it was published with, else the last approved for it."""
        if cycle in self.publications:
            return self[self.publications[cycle].revision]
        place = self.place(cycle)
        begun = [one for one in self.approved if not one.from_cycle or self.place(one.from_cycle) <= place]
        return begun[-1]

    def is_public(self, cycle: str) -> bool:
        """Whether a cycle is published, and everybody may see it by now."""
        found = self.publications.get(cycle)
        return found is not None and found.released(now())

    def place(self, cycle: str) -> int:
        """Where a cycle stands in the calendar. Raises InputError for what names none."""
        latest = self.latest.definitions
        try:
            return cycles_of(latest).named(cycle)
        except PeriodError as error:
            raise InputError([Problem("no_cycle", facts={"cycle": cycle, "kind": latest.cycle})]) from error

    @property
    def widest(self) -> Definitions:
        """The latest definitions with every variable that any version has reported: facts for any of them come in."""
        known = [item for one in self.approved for item in one.definitions.variables.items()]
        reported = {code: item for code, item in known if item.formula is None}
        return replace(self.latest.definitions, variables={**dict(known), **reported})


def revisions_of(store: Store) -> Revisions:
    """The store's versions; where it holds none, the definitions file. Raises InputError where that cannot be read."""
    return revisions_in(lambda sql: store.query(sql).rows(), store.definitions_path())


def editions_of(store: Store, cycle: str) -> tuple[Publication, ...]:
    """Every edition of a published cycle, the first first."""
    return tuple(Publication(*row) for row in store.query(_EDITIONS, cycle=cycle).rows())


def revisions_in(ask: Ask, file: Path) -> Revisions:
    """The versions that a store answers with; the definitions file stands for the first where there is none."""
    found = tuple(Revision(*row) for row in ask(_REVISIONS)) or (_of_file(file),)
    return Revisions(found, {row[0]: Publication(*row) for row in ask(_PUBLICATIONS)})


def _of_file(path: Path) -> Revision:
    """The definitions file as the version in force."""
    text = text_of(path)
    return Revision(0, digest_of(text), text, None, "", "", "", "", "approved")


def text_of(path: Path) -> str:
    """The text of a definitions file. Raises InputError where it cannot be read or has errors."""
    # Read once: a pipe has nothing left the second time.
    content = read_bounded(path)
    _read(content, str(path))
    return content.decode()
