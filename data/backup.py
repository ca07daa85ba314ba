"""A backup: everything that a store holds and what lies beside it, as Parquet and a manifest, whole or not at all."""

import errno
import fcntl
import os
import platform
import re
import shutil
import zipfile
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Self

from data.beside import beside, scratch_beside, synced
from data.clock import now
from data.contents import columns, contents, tables
from data.guard import Connection, DatabaseError, is_unreadable, literal, quoted, read_beside
from data.lawful import broken
from data.manifest import BESIDE, DEFINITIONS, FORMAT, NAME, File, Manifest, Table, file_of
from data.rescue import Recorded
from data.store import Store
from metrics.files import content_of, opened
from metrics.problems import InputError, Problem, reason_of

LIBRARIES = ("duckdb", "polars")


def back_up(store: Store, out: Path) -> Recorded:
    """The snapshot that readers see into a new folder, or a .zip; writers and readers go on meanwhile.

    Every table is read back and compared before the backup takes its name. Raises InputError (`denied`) for whoever
    may not see all that it holds, and where there is something of that name, it cannot be written, or the store cannot
    be read or holds what no restore would take.
    """
    store.require("")
    out = out.absolute()
    if os.path.lexists(out):
        raise InputError([Problem("backup_exists", facts={"path": out})])
    store.snapshot()
    try:
        with scratch_beside(out) as part, _Sink(part, packed=out.suffix.lower() == ".zip") as sink:
            manifest = _written(store, sink)
            content = manifest.write()
            sink.finish(content)
            take_name(sink.whole, out)
    except (OSError, DatabaseError) as error:
        if isinstance(error, OSError) and os.path.lexists(out):
            raise InputError([Problem("backup_exists", facts={"path": out})]) from error
        reason = reason_of(error) if isinstance(error, OSError) else str(error).splitlines()[0]
        raise InputError([Problem("backup_unwritable", facts={"path": out, "reason": reason})]) from error
    size = sum(file.size for file in manifest.files.values()) + len(content)
    return Recorded(str(out), manifest.made, manifest.snapshot, size, sha256(content).hexdigest())


class _Sink:
    """Takes the files of a backup, into a folder or a .zip that nobody knows yet."""

    def __init__(self, part: Path, *, packed: bool) -> None:
        self.files: dict[str, File] = {}
        self.whole = part / ("whole.zip" if packed else "whole")
        self._folder = part / "files" if packed else self.whole
        self._folder.mkdir()
        self._zip = zipfile.ZipFile(self.whole, "x", allowZip64=True) if packed else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._zip is not None:
            # On a full disk it is given up as it is; left open, it would be tried, and fail, once more.
            with suppress(OSError):
                self._zip.close()

    def place(self, name: str) -> Path:
        """Where a file is to be written before it is taken."""
        place = self._folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def take(self, name: str) -> None:
        """A file that is in its place, safe on disk."""
        place = self._folder / name
        self.files[name] = file_of(place)
        self._kept(name)

    def finish(self, manifest: bytes) -> None:
        """The manifest, which comes last."""
        self.place(NAME).write_bytes(manifest)
        self._kept(NAME)
        if self._zip is not None:
            self._zip.close()
            synced(self.whole)

    def _kept(self, name: str) -> None:
        place = self._folder / name
        if self._zip is None:
            synced(place)
            return
        # Parquet is packed already.
        self._zip.write(place, name)
        place.unlink()


def _written(store: Store, sink: _Sink) -> Manifest:
    for attempt in (1, 2, 3):
        state, file = store.snapshot_file()
        try:
            with read_beside(file) as connection:
                return _copied(store, state, connection, sink)
        except DatabaseError as error:
            # Removed since, for newer ones; an open one stays.
            if is_unreadable(error) and file.exists():
                raise store.damaged(error) from error
            if attempt == 3 or file.exists():
                raise
    raise AssertionError("unreachable")


def _copied(store: Store, state: str, connection: Connection, sink: _Sink) -> Manifest:
    found = connection.execute("SELECT max(version) FROM kept.schema_version").fetchone()
    schema = int(found[0]) if found else 0
    connection.execute("USE kept")
    for one in broken(connection, schema):
        raise InputError([Problem("store_unlawful", facts={"path": store.path, **asdict(one)})])
    kept = {
        table: _table(connection, table, number, state, sink) for number, table in enumerate(tables(connection, "kept"))
    }
    _take_beside(store, sink)
    path = store.definitions_path()
    try:
        definitions = content_of(path)
    except OSError:
        definitions = None
    if definitions is not None:
        sink.place(DEFINITIONS).write_bytes(definitions)
        sink.take(DEFINITIONS)
    versions = {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
    return Manifest(FORMAT, now(), state, schema, str(path), versions, kept, dict(sink.files))


def _table(connection: Connection, table: str, number: int, state: str, sink: _Sink) -> Table:
    """A table as a Parquet file that was read back and holds the same."""
    source, name = f"kept.{quoted(table)}", f"tables/{number:02}_{table if table.isidentifier() else 'table'}.parquet"
    place = sink.place(name)
    # Read whole first: whatever is refused after that is the target's, and no damage of the store.
    held = contents(connection, source)
    try:
        connection.execute(f"COPY (SELECT * FROM {source}) TO {literal(place)} (FORMAT parquet, COMPRESSION zstd)")
        back = contents(connection, f"read_parquet({literal(place)})")
    except DatabaseError as error:
        raise _refused(error) from error
    if held != back:
        raise InputError([Problem("backup_unlike", facts={"snapshot": state, "table": table})])
    sink.take(name)
    return Table(name, held.rows, held.digest, columns(connection, source))


def _refused(error: DatabaseError) -> OSError:
    """What the database tells of a file that it cannot write, as the system's own refusal."""
    if found := re.search(r'"errno":"(\d+)"', str(error)):
        return OSError(int(found[1]), os.strerror(int(found[1])))
    return OSError(errno.EIO, str(error).splitlines()[0])


def _take_beside(store: Store, sink: _Sink) -> None:
    for ending in BESIDE:
        found = beside(store.path, ending)
        for file in sorted(found.rglob("*")) if found.is_dir() else [found]:
            if not file.is_file() or file.suffix == ".part":
                continue
            name = f"beside/{ending[1:]}" + (f"/{file.relative_to(found).as_posix()}" if file != found else "")
            # A draft may be thrown away meanwhile.
            with suppress(FileNotFoundError), opened(file) as source:
                # A line that is being added to a journal is waited for.
                fcntl.flock(source, fcntl.LOCK_SH)
                with sink.place(name).open("wb") as target:
                    shutil.copyfileobj(source, target)
                sink.take(name)


def take_name(whole: Path, out: Path) -> None:
    """A file or folder that is whole takes its name, over nothing, and is safe on disk. Raises OSError."""
    if whole.is_file():
        os.link(whole, out)
    else:
        for folder in (whole, *(path for path in whole.rglob("*") if path.is_dir())):
            _synced_folder(folder)
        # Never over another: a folder that holds something is not replaced, and no file by a folder.
        whole.rename(out)
    _synced_folder(out.parent)


def _synced_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
