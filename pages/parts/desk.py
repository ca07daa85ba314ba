"""The desk: the definitions text that a person is writing in this window, saved as a draft whenever it changes."""

from dataclasses import dataclass, field
from uuid import uuid4

import streamlit as st

from data.drafts import Draft, Drafts
from data.proposals import is_same_text, plain_ends
from data.revisions import Revision, Revisions, read_text
from data.store import Store
from metrics.definitions import Definitions
from metrics.problems import InputError
from pages.parts.editor import standing

_DESK = "desk"


@dataclass
class Desk:
    """A text with the version it began with; `serial` grows when it changes other than by typing.

    `saved` is the text as it was last written to disk, or opened: what could not be written is tried again.
    """

    store: Store
    person: str
    based_on: int
    text: str
    base: str
    good: Definitions
    window: str = field(default_factory=lambda: uuid4().hex)
    serial: int = 0
    draft: Draft | None = None
    opened: str = ""
    saved: str = field(init=False)

    def __post_init__(self) -> None:
        self.saved = self.text

    @property
    def key(self) -> str:
        """What the editor knows this document by."""
        return f"desk {self.window}"

    @property
    def began(self) -> Definitions:
        """The definitions it began with. Raises InputError where this program cannot read them any more."""
        return read_text(self.base, "definitions")

    def keep_up(self, latest: Revision) -> None:
        """What is in force by now is followed where nothing was changed here."""
        if is_same_text(self.base, latest.text):
            # The file that was in force has become the first version, say.
            self.based_on, self.base = latest.number, latest.text
        elif not self.changed:
            self.follow(latest, latest.text)

    def follow(self, latest: Revision, text: str) -> None:
        """From now on a change of another version, with this text. Raises InputError where it cannot be saved."""
        self.based_on, self.base, self.good = latest.number, latest.text, latest.definitions
        self.replace(text)

    @property
    def changed(self) -> bool:
        """Whether the text is another than that of the version it began with."""
        return not is_same_text(self.text, self.base)

    def take(self) -> None:
        """What was typed since the last run."""
        self._write(standing(self.text, serial=self.serial, key=self.key))

    def replace(self, text: str) -> None:
        """Another text into the editor, where it can be undone."""
        self.serial += 1
        self._write(text)

    def _write(self, text: str) -> None:
        self.text = _in_ends_of(self.base, _whole(text))
        if self.text != self.saved:
            self.save()
            self.saved = self.text

    def save(self) -> None:
        """The text as a draft; a text without a change is none. Raises InputError where it cannot be written."""
        drafts, before = Drafts(self.store), self.draft
        if self.changed:
            self.draft = drafts.save(self.as_draft(self.window))
        if (before is not None and (before.window, before.person) != (self.window, self.person)) or not self.changed:
            self.forget(before)

    def as_draft(self, window: str) -> Draft:
        """What stands here, to be saved as a window's."""
        return Draft(self.person, window, self.based_on, self.text, base=self.base)

    def forget(self, draft: Draft | None) -> None:
        """A draft that is no longer needed goes."""
        if draft is not None:
            Drafts(self.store).remove(draft)
            self.draft = None if draft == self.draft else self.draft


def in_use() -> Desk | None:
    """The desk that this window has."""
    desk = st.session_state.get(_DESK)
    return desk if isinstance(desk, Desk) else None


def desk_of(store: Store, known: Revisions, person: str) -> Desk:
    """This window's desk: the one in use, else the person's last draft, else the version approved last."""
    desk = in_use()
    if desk is not None and desk.store.path == store.path:
        if desk.person == person:
            return desk
        if not desk.person and desk.changed:
            # What was written before a name was given is that person's.
            desk.person, desk.saved = person, ""
            return desk
    # What nobody has signed is nobody's: it is offered beside the text, never opened.
    found = Drafts(store).of(person) if person else ()
    return lay(open_draft(store, known, person, found[0]) if found else blank(store, known, person))


def lay(desk: Desk) -> Desk:
    """The desk of this window from now on."""
    st.session_state[_DESK] = desk
    return desk


def blank(store: Store, known: Revisions, person: str, old: Revision | None = None) -> Desk:
    """A new draft on the version approved last; with the text of an older one where that is to come back."""
    latest = known.latest
    text = latest.text if old is None else old.text
    return Desk(store, person, latest.number, text, latest.text, latest.definitions)


def open_draft(store: Store, known: Revisions, person: str, draft: Draft) -> Desk:
    """A draft gone on with, in a window of its own: whoever wrote it loses nothing."""
    try:
        number, base, good = draft.based_on, draft.base, read_text(draft.base, "draft")
    except InputError:
        # It holds no base: the file that was in force has become the first version; where a store was made anew, or an
        # older one put back, the newest takes the place of one that is gone.
        based_on = draft.based_on or known.all[0].number
        found = next((one for one in known.all if one.number == based_on), known.latest)
        number, base, good = found.number, found.text, found.definitions
    desk = Desk(store, person, number, draft.text, base, good, opened=draft.saved)
    desk.draft = draft if person and draft.person == person else None
    return desk


def _whole(text: str) -> str:
    """A text whose halves of signs, which no file can hold, are the sign for what is unreadable."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _in_ends_of(base: str, text: str) -> str:
    """A text with the line ends of the base, of which browsers know one kind only; the base where no more differs."""
    if is_same_text(base, text):
        return base
    lines = plain_ends(text)
    return lines.replace("\n", "\r\n") if base.count("\r\n") * 2 > base.count("\n") else lines
