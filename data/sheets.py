"""Sheets: what a window's experts have answered, kept beside the store so that a closed browser loses nothing."""

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import FiniteFloat, TypeAdapter, ValidationError

from data.beside import beside, read_json, write_whole
from data.clock import now
from data.drafts import may_write
from data.persons import require_self
from data.recorded import recorded
from data.store import Store
from metrics.problems import InputError, Problem, reason_of

Said = list[FiniteFloat | None]


@dataclass(frozen=True)
class Answer:
    """What an expert says here, and what the version in force then said of this expert; None: nobody of this name."""

    said: Said | None
    stood: Said | None


@dataclass(frozen=True)
class Sheet:
    """The answers of one window, by question and expert; `saved` the time in UTC."""

    window: str
    person: str = ""
    answers: dict[str, dict[str, Answer]] = field(default_factory=dict)
    saved: str = ""


_FORM = TypeAdapter(Sheet)


class Sheets:
    """The sheets of a store, a file each. Two windows never write one file."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.folder = beside(store.path, ".sheets")

    def all(self) -> tuple[Sheet, ...]:
        """Every window's sheet, the one saved last first."""
        found = [sheet for file in self.folder.glob("*.json") if (sheet := _read(file)) is not None]
        return tuple(sorted(found, key=lambda sheet: (sheet.saved, sheet.window), reverse=True))

    def save(self, sheet: Sheet) -> Sheet:
        """The sheet on disk in the place of its window's last one. The journal tells its first time only: it is saved
        with every answer.

        Raises InputError where it cannot be written, (`denied`) for whoever may not define, and (`not_yourself`) where
        whoever is signed in would save another's.
        """
        store = self.store
        store.require("define")
        require_self(store.access, sheet.person)
        kept, file = replace(sheet, saved=now()), self._file(sheet)
        if (before := _read(file)) is not None:
            require_self(store.access, before.person)
        is_told = file.exists()
        with nullcontext() if is_told else recorded(store.path, store.access, f"sheet {_told(sheet)}", "define"):
            try:
                write_whole(file, _FORM.dump_json(kept))
            except OSError as error:
                facts = {"path": self.folder, "reason": reason_of(error)}
                raise InputError([Problem("sheet_unsaved", facts=facts)]) from error
        return kept

    def holds(self, sheet: Sheet) -> bool:
        """Whether a sheet is on disk as its window saved it last; another window may have thrown it away."""
        return _read(self._file(sheet)) == sheet

    def remove(self, sheet: Sheet) -> None:
        """Forgets a sheet, unless its window has written something else into it since. Raises InputError
        (`not_yourself`) for another's, unless by whoever may write definitions, and where the journal cannot tell it.
        """
        store = self.store
        if not self.holds(sheet):
            return
        if not may_write(store.access.latest):
            require_self(store.access, sheet.person)
        with recorded(store.path, store.access, f"sheet_removed {_told(sheet)}", ""):
            self._file(sheet).unlink(missing_ok=True)

    def _file(self, sheet: Sheet) -> Path:
        return self.folder / f"{sheet.window}.json"


def _told(sheet: Sheet) -> str:
    """What the journal tells of a sheet: whose it is."""
    return sheet.person or "—"


def _read(file: Path) -> Sheet | None:
    """A sheet's file, which is named after its window; None for what is none, which stays where it is."""
    try:
        return replace(_FORM.validate_python(read_json(file)), window=file.stem)
    except ValidationError:
        return None
