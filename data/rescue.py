"""Rescue: the record of a store's backups, and the way back that whoever meets a damaged store is told."""

import shlex
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from data.beside import beside
from data.journal import Journal
from metrics.problems import Problem


@dataclass(frozen=True)
class Recorded:
    """A backup that was made: where, when (UTC), of which snapshot, its size and the SHA-256 of its manifest."""

    where: str
    made: str
    snapshot: str
    size: int
    manifest: str


_FORM = TypeAdapter(Recorded)


def record(store: Path, backup: Recorded) -> None:
    """A backup into the record beside the store. Raises InputError where it cannot be written."""
    _journal(store).add(asdict(backup))


def last_backup(store: Path) -> Recorded | None:
    """The last backup that is still where it was made, else the last of all; None where none is recorded."""
    found = [backup for entry in _journal(store).all() if (backup := _recorded(entry)) is not None]
    return next((backup for backup in reversed(found) if Path(backup.where).exists()), found[-1] if found else None)


def way_back(store: Path, snapshot: str | None) -> Problem:
    """What brings a damaged store back: the snapshot that can be read still, else the last backup."""
    place = shlex.quote(str(store))
    if snapshot is not None:
        rescued = shlex.quote(str(store.with_name(f"rescued-{snapshot}.zip")))
        steps = f"python -m data backup --db {place} --out {rescued} && python -m data restore {rescued} --db {place}"
        return Problem("store_still_read", facts={"path": store, "snapshot": snapshot, "command": steps})
    backup = last_backup(store)
    if backup is None:
        return Problem("store_no_backup", facts={"path": place})
    command = f"python -m data restore {shlex.quote(backup.where)} --db {place}"
    return Problem("store_backup_known", facts={**asdict(backup), "command": command})


def has_record(store: Path) -> bool:
    """Whether any backup of the store is recorded."""
    return last_backup(store) is not None


def _journal(store: Path) -> Journal:
    return Journal(beside(store, ".backups.jsonl"))


def _recorded(entry: dict[str, object]) -> Recorded | None:
    try:
        return _FORM.validate_python({name: value for name, value in entry.items() if name != "before"})
    except ValidationError:
        return None
