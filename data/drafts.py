"""Drafts: definitions texts that somebody is writing, kept beside the store so that a closed browser loses nothing."""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256
from pathlib import Path

from data.beside import beside, read_json, write_whole
from data.clock import now
from data.persons import is_own, require_self
from data.recorded import recorded
from data.rights import Access
from data.stages import asking, require_all
from data.store import Store
from metrics.problems import InputError, Problem, reason_of


@dataclass(frozen=True)
class Draft:
    """What a person is writing in one window; `saved` is the time in UTC.

    `based_on` is the version it began with, `base` the text of that: a file may have changed since, a version be gone.
    """

    person: str
    window: str
    based_on: int
    text: str
    saved: str = ""
    base: str = ""


def may_write(access: Access) -> bool:
    """Whether somebody may write definitions, which are everybody's: only whoever may in all regions and cycles."""
    return access.throughout("define")


class Drafts:
    """The drafts of a store, a file each. Two windows never write one file: neither can lose the other's text."""

    def __init__(self, store: Store) -> None:
        self.store, self.path = store, store.path
        self.folder = beside(store.path, ".drafts")

    def all(self) -> tuple[Draft, ...]:
        """Everybody's drafts, the one saved last first."""
        return tuple(sorted(self._files().values(), key=lambda draft: (draft.saved, draft.window), reverse=True))

    def of(self, person: str) -> tuple[Draft, ...]:
        """A person's drafts, the one saved last first."""
        return tuple(draft for draft in self.all() if is_own(self.store.access, draft.person, person=person))

    def save(self, draft: Draft) -> Draft:
        """The draft on disk, in the place of its window's last one. The journal tells its first time only: it is saved
        with every pause in typing.

        Raises InputError where it cannot be written, (`denied`) for whoever may not define for all regions, and
        (`not_yourself`) where whoever is signed in would save another's.
        """
        store = self.store
        if not may_write(store.access.latest):
            require_all(store, asking(store), "define", None)
        require_self(store.access, draft.person)
        kept, file = Draft(**{**asdict(draft), "saved": now()}), self._file(draft)
        is_told = file.exists()
        with nullcontext() if is_told else recorded(store.path, store.access, f"draft {_told(draft)}", "define"):
            try:
                write_whole(file, json.dumps(asdict(kept), ensure_ascii=False).encode())
            except OSError as error:
                facts = {"path": self.folder, "reason": reason_of(error)}
                raise InputError([Problem("draft_unsaved", facts=facts)]) from error
        return kept

    def remove(self, draft: Draft) -> None:
        """Forgets a draft, unless its window has written something else into it since. Raises InputError
        (`not_yourself`) where whoever is signed in would forget another's, and where the journal cannot tell it."""
        store = self.store
        require_self(store.access, draft.person)
        for file, found in self._files().items():
            if found == draft:
                with recorded(store.path, store.access, f"draft_removed {_told(draft)}", ""):
                    file.unlink(missing_ok=True)

    def _files(self) -> dict[Path, Draft]:
        """The drafts by their files. A copy that somebody made of a file is a draft of its own, known by its name."""
        found = {file: draft for file in self.folder.glob("*.json") if (draft := _read(file)) is not None}
        return {
            file: draft if file == self._file(draft) else replace(draft, window=file.stem)
            for file, draft in found.items()
        }

    def _file(self, draft: Draft) -> Path:
        name = sha256(f"{draft.person}\0{draft.window}".encode()).hexdigest()[:32]
        return self.folder / f"{name}.json"


def _told(draft: Draft) -> str:
    """What the journal tells of a draft: the version it began with, none for the definitions file, and whose it is."""
    return f"{draft.based_on or ''} {draft.person or '—'}"


def _read(file: Path) -> Draft | None:
    """A draft's file; None for what is none, which stays where it is."""
    found = read_json(file)
    return Draft(**found) if isinstance(found, dict) and _is_draft(found) else None


def _is_draft(found: Mapping[str, object]) -> bool:
    kinds = {field.name: int if field.name == "based_on" else str for field in fields(Draft)}
    # Drafts of before hold no base. Of the types themselves: `true` would be an int too.
    return {"base": "", **found}.keys() == kinds.keys() and all(
        type(value) is kinds[name] for name, value in found.items()
    )
