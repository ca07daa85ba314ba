"""Sheets: what a window's experts have answered, kept beside the store so that a closed browser loses nothing."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import FiniteFloat, TypeAdapter, ValidationError

from data.beside import beside, read_json, write_whole
from data.clock import now
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
        self.folder = beside(store.path, ".sheets")

    def all(self) -> tuple[Sheet, ...]:
        """Every window's sheet, the one saved last first."""
        found = [sheet for file in self.folder.glob("*.json") if (sheet := _read(file)) is not None]
        return tuple(sorted(found, key=lambda sheet: (sheet.saved, sheet.window), reverse=True))

    def save(self, sheet: Sheet) -> Sheet:
        """The sheet on disk in the place of its window's last one. Raises InputError where it cannot be written."""
        kept = replace(sheet, saved=now())
        try:
            write_whole(self._file(sheet), _FORM.dump_json(kept))
        except OSError as error:
            facts = {"path": self.folder, "reason": reason_of(error)}
            raise InputError([Problem("sheet_unsaved", facts=facts)]) from error
        return kept

    def holds(self, sheet: Sheet) -> bool:
        """Whether a sheet is on disk as its window saved it last; another window may have thrown it away."""
        return _read(self._file(sheet)) == sheet

    def remove(self, sheet: Sheet) -> None:
        """Forgets a sheet, unless its window has written something else into it since."""
        if self.holds(sheet):
            self._file(sheet).unlink(missing_ok=True)

    def _file(self, sheet: Sheet) -> Path:
        return self.folder / f"{sheet.window}.json"


def _read(file: Path) -> Sheet | None:
    """A sheet's file, which is named after its window; None for what is none, which stays where it is."""
    try:
        return replace(_FORM.validate_python(read_json(file)), window=file.stem)
    except ValidationError:
        return None
