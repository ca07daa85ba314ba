"""Restore: a backup checked, built anew beside, compared table by table, and only then in the store's place."""

import errno
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from data.beside import beside, scratch, scratch_beside, write_whole
from data.clock import now
from data.contents import Contents, contents, tables
from data.grants import grants
from data.guard import Connection, DatabaseError, built, literal, quoted, read_beside
from data.lawful import broken
from data.manifest import BESIDE, DEFINITIONS, FORMAT, NAME, File, Manifest, file_of, read_manifest
from data.rolled import forget, renewed
from data.steps import migrate, newest_schema
from data.store import NAMED, Store
from data.writer import Writer
from metrics.files import content_of, opened
from metrics.problems import InputError, Problem, reason_of

_MOST_MANIFEST = 64 << 20


@dataclass(frozen=True)
class Restored:
    """What was brought back: the manifest, where the store that was there is now, and what is to be said of it."""

    manifest: Manifest
    aside: Path | None = None
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Kept:
    """A backup whose every file is what the manifest says, in a folder."""

    path: Path
    folder: Path
    manifest: Manifest


def check(backup: Path) -> Restored:
    """A backup checked, and built and compared in a place of its own; no store is touched. Raises InputError."""
    with scratch("quheng-check") as place, _unwritable(place):
        kept = _kept(backup, place / "files")
        notes = _build(kept, place / "built.duckdb")
    return Restored(kept.manifest, notes=notes)


def restore(store: Store, backup: Path) -> Restored:
    """A backup in the store's place, with its snapshot; the store that was there is kept under another name.

    Raises InputError, and leaves everything as it was, where the backup is not whole or cannot be built anew.
    """
    with store.replaced() as made, _unwritable(store.path), scratch_beside(beside(store.path, ".restoring")) as place:
        kept = _kept(backup, place)
        notes = _build(kept, made.part)
        # Last, since it is not taken back.
        notes += _bring_beside(store, kept)
    # From an earlier schema, it is brought forward now.
    store.snapshot()
    return Restored(
        kept.manifest, made.aside, (*notes, *_without_definitions(store, kept), *_in_force_again(store, made.aside))
    )


@contextmanager
def _unwritable(path: Path) -> Iterator[None]:
    """Whatever the disk or the database refuses is a problem of the store that is made."""
    try:
        yield
    except (OSError, DatabaseError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else (str(error).splitlines() or [""])[0]
        raise InputError([Problem("store_unwritable", facts={"path": path, "reason": reason})]) from error


def _kept(backup: Path, scratch: Path) -> _Kept:
    """The backup, every file of it checked. Raises InputError for what is none, is damaged or newer."""
    if backup.is_dir():
        try:
            manifest = _manifest(backup, _head(backup / NAME))
        except OSError as error:
            raise _no_backup(backup, f"{NAME}: {reason_of(error)}") from error
        _check_files(backup, backup, manifest)
        return _Kept(backup, backup, manifest)
    try:
        with opened(backup) as file, zipfile.ZipFile(file) as packed:
            manifest = _unpacked(backup, packed, scratch)
    except FileNotFoundError as error:
        raise _no_backup(backup, reason_of(error)) from error
    except OSError as error:
        # Neither a folder nor a file; whatever else the system says is of where it is unpacked.
        if error.errno != errno.EINVAL:
            raise
        raise _no_backup(backup, reason_of(error)) from error
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError) as error:
        raise _no_backup(backup, str(error).strip("'\"")) from error
    _check_files(backup, scratch, manifest)
    return _Kept(backup, scratch, manifest)


def _head(file: Path) -> bytes:
    with opened(file) as handle:
        return handle.read(_MOST_MANIFEST)


def _unpacked(backup: Path, packed: zipfile.ZipFile, scratch: Path) -> Manifest:
    with packed.open(NAME) as file:
        manifest = _manifest(backup, file.read(_MOST_MANIFEST))
    for name, told in manifest.files.items():
        place = scratch / name
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            if packed.getinfo(name).file_size != told.size:
                raise _damaged(backup, name, "size")
            with packed.open(name) as source, place.open("wb") as target:
                shutil.copyfileobj(source, target)
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise _damaged(backup, name, str(error).strip("'\"")) from error
    return manifest


def _manifest(backup: Path, content: bytes) -> Manifest:
    try:
        found = read_manifest(content)
    except (ValueError, RecursionError) as error:
        raise _damaged(backup, NAME, str(error)) from error
    for what, is_, known in (("format", found.format, FORMAT), ("schema", found.schema, newest_schema())):
        if is_ > known:
            facts = {"path": backup, "what": what, "found": is_, "known": known}
            raise InputError([Problem("backup_newer", facts=facts)])
    return found


def _check_files(backup: Path, folder: Path, manifest: Manifest) -> None:
    for name, told in manifest.files.items():
        try:
            found = file_of(folder / name)
        except OSError as error:
            raise _damaged(backup, name, reason_of(error)) from error
        if found != told:
            raise _damaged(backup, name, _difference(told, found))


def _difference(told: File, found: File) -> str:
    if found.size != told.size:
        return f"{found.size} ≠ {told.size} B"
    return f"SHA-256 {found.sha256[:12]} ≠ {told.sha256[:12]}"


def _build(kept: _Kept, part: Path) -> tuple[Problem, ...]:
    """A store from a backup's tables, compared with the manifest; what follows from facts is made anew, and told where
    it was otherwise. Raises InputError where they differ, or no store is like that."""
    with built(part) as connection:
        connection.execute("BEGIN")
        migrate(connection, 0, kept.manifest.schema)
        (database,) = connection.execute("SELECT current_database()").fetchone() or ("",)
        made = tables(connection, database)
        if made != sorted(kept.manifest.tables):
            raise _damaged(kept.path, NAME, ", ".join(sorted(set(made) ^ set(kept.manifest.tables))))
        for table in made:
            _fill(connection, kept, table)
        connection.execute("COMMIT")
        for table in made:
            told = Contents(kept.manifest.tables[table].rows, kept.manifest.tables[table].digest)
            found = contents(connection, quoted(table))
            if found != told:
                facts = {"path": kept.path, "table": table, "kept": told, "found": found}
                raise InputError([Problem("restore_unlike", facts=facts)])
        for one in broken(connection, kept.manifest.schema):
            raise InputError([Problem("backup_unlawful", facts={"path": kept.path, **asdict(one)})])
        return _rolled_anew(connection, kept) if "rolled" in made else ()


def _rolled_anew(connection: Connection, kept: _Kept) -> tuple[Problem, ...]:
    """The store's facts rolled up by the definitions in the backup; without them that is left to the next writing."""
    writer, definitions = Writer(connection), kept.folder / DEFINITIONS
    before = writer.frame("FROM rolled")
    forget(writer)
    # One of an earlier schema is brought forward first.
    if kept.manifest.schema < newest_schema() or DEFINITIONS not in kept.manifest.files:
        return ()
    connection.execute("BEGIN")
    try:
        rows = renewed(writer, definitions, before)
    except InputError:
        connection.execute("ROLLBACK")
        return ()
    connection.execute("COMMIT")
    return (Problem("backup_rolled_unlike", facts={"path": kept.path, "rows": rows}),) if rows else ()


def _fill(connection: Connection, kept: _Kept, table: str) -> None:
    about = kept.manifest.tables[table]
    names = ", ".join(map(quoted, about.columns))
    connection.execute(f"DELETE FROM {quoted(table)}")
    try:
        source = f"read_parquet({literal(kept.folder / about.file)})"
        connection.execute(f"INSERT INTO {quoted(table)} ({names}) SELECT {names} FROM {source}")
    except DatabaseError as error:
        if "no space" in str(error).lower() or "memory" in str(error).lower():
            raise
        raise _damaged(kept.path, about.file, str(error).splitlines()[0]) from error


def _bring_beside(store: Store, kept: _Kept) -> tuple[Problem, ...]:
    """What lay beside the store, where it is gone or is the beginning of what was kept; tells what is left as it is."""
    left = []
    for name in (name for name in kept.manifest.files if name.startswith("beside/")):
        first, _, rest = name.removeprefix("beside/").partition("/")
        if f".{first}" not in BESIDE:
            continue
        place = beside(store.path, f".{first}")
        place, content = (place / rest if rest else place), (kept.folder / name).read_bytes()
        with suppress(FileNotFoundError):
            there = content_of(place)
            is_beginning = place.suffix == ".jsonl" and content.startswith(there)
            if there != content and not is_beginning:
                left.append(place.name if not rest else f"{first}/{rest}")
            if not is_beginning:
                continue
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, content)
    return (Problem("restore_left", facts={"names": ", ".join(left)}),) if left else ()


def _without_definitions(store: Store, kept: _Kept) -> tuple[Problem, ...]:
    path = store.definitions_path()
    if path.exists() or DEFINITIONS not in kept.manifest.files:
        return ()
    return (Problem("restored_without_definitions", facts={"path": path, "kept": os.fspath(kept.path / DEFINITIONS)}),)


def _in_force_again(store: Store, aside: Path | None) -> tuple[Problem, ...]:
    """Tells the grants in force, or to be, that were not so in the store that was there: a backup knows of no later
    revocation."""
    known, today = _not_revoked(aside), now()[:10]
    lasting = [one for one in grants(store) if not one.revoked and (not one.until or today <= one.until)]
    found = [one for one in lasting if (one.number, one.person, one.made) not in known]
    if not found:
        return ()
    named = ", ".join(f"#{one.number} {one.person}" for one in found[:NAMED])
    more = ", …" if len(found) > NAMED else ""
    return (Problem("restored_grants", facts={"count": len(found), "grants": named + more}),)


def _not_revoked(file: Path | None) -> set[tuple[int, str, str]]:
    """The grants of a store's file that nobody took back: number, person, moment; none where it cannot be read."""
    if file is None:
        return set()
    try:
        with read_beside(file) as connection:
            rows = connection.execute(
                "SELECT number, person, made FROM kept.grants ANTI JOIN kept.revocations USING (number)"
            )
            return set(rows.fetchall())
    except DatabaseError:
        return set()


def _damaged(backup: Path, file: str, reason: str) -> InputError:
    return InputError([Problem("backup_damaged", facts={"path": backup, "file": file, "reason": reason})])


def _no_backup(backup: Path, reason: str) -> InputError:
    return InputError([Problem("no_backup", facts={"path": backup, "reason": reason})])
