"""What lies beside a store: the lock of its one writer, and the published snapshots that its readers see."""

import fcntl
import json
import os
import re
import shutil
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from data.clock import now
from metrics.files import content_of, opened
from metrics.problems import InputError, Problem, reason_of

KEPT_SNAPSHOTS = 3
# What no other program calls its own.
_SCRATCH = ".quheng-part"
# A draft holds two definitions files of at most 1 MB; written with escapes they take several times as much.
MOST_READ = 16 << 20
# A larger file would be read for seconds at every opening; each of its pages has the database's own checksum.
SEALED_WHOLE = 64 << 20


def beside(store: Path, ending: str) -> Path:
    """The path of what belongs to a store: its own with an ending more."""
    return store.parent / f"{store.name}{ending}"


@contextmanager
def only_writer(store: Path, patience: float) -> Iterator[None]:
    """One writer at a time, among threads and processes, by a lock on a file beside the store.

    Raises InputError: `store_busy` after `patience` seconds, `store_unwritable` where no file can be written there.
    """
    with _lock_file(store) as handle:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    facts = {"path": store, "seconds": patience, **holder(store)}
                    raise InputError([Problem("store_busy", facts=facts)]) from error
                time.sleep(0.05)
        # On a full disk nobody is told who writes, and that is all.
        with suppress(OSError):
            os.ftruncate(handle.fileno(), 0)
            os.write(handle.fileno(), f"{os.getpid()} {now()}".encode())
        yield


def holder(store: Path) -> dict[str, object]:
    """Which process has the store for writing, since when (UTC) and for how many seconds; `—` where that is unknown."""
    try:
        pid, since = content_of(beside(store, ".lock")).decode("ascii").split()
        held = datetime.fromisoformat(now()) - datetime.fromisoformat(since)
    except (OSError, ValueError, TypeError):
        return {"pid": "—", "since": "—", "held": "—"}
    # The clock may have been put back since.
    return {"pid": pid, "since": since, "held": max(0, round(held.total_seconds()))}


def _lock_file(store: Path) -> IO[bytes]:
    try:
        # Whoever waits must not wipe out who has it.
        return opened(beside(store, ".lock"), "ab+")
    except OSError as error:
        raise InputError([Problem("store_unwritable", facts={"path": store, "reason": reason_of(error)})]) from error


@dataclass(frozen=True)
class Snapshots:
    """Copies of a store named by their state, in a folder, and the pointer `current` to the one that readers see."""

    folder: Path

    def file(self, state: str) -> Path:
        """Where the snapshot of a state lies."""
        return self.folder / f"{state}.duckdb"

    def seal(self, state: str) -> Path:
        """Where it is written what the snapshot of a state is like, and with it the store that it is a copy of."""
        return self.folder / f"{state}.seal"

    def current(self) -> str | None:
        """The state that readers see; None where nothing is published, or what was is gone."""
        try:
            state = content_of(self.folder / "current").decode("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return state if re.fullmatch(r"[0-9a-f]{16}", state) and self.file(state).is_file() else None

    def prepare(self) -> None:
        """The folder, so that what cannot be published is known before anything is stored. Raises OSError."""
        self.folder.mkdir(exist_ok=True)

    def hide(self) -> None:
        """Nothing is published, until somebody opens the store. Raises OSError."""
        (self.folder / "current").unlink(missing_ok=True)

    def clear(self) -> None:
        """Nothing is published any more: what is left belongs to a store that is gone. Raises OSError."""
        self.hide()
        for file in (*self.folder.glob("*.duckdb"), *self.folder.glob("*.seal")):
            file.unlink()

    def copied(self, store: Path) -> Path:
        """A copy of a store, safe on disk, which nobody reads yet. Raises OSError, and leaves no piece then."""
        part = self.folder / "copy.part"
        try:
            shutil.copyfile(store, part)
            synced(part)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        return part

    def keep(self, part: Path, state: str) -> None:
        """A copy becomes the snapshot of its state. Raises OSError."""
        write_whole(self.seal(state), likeness(part))
        part.replace(self.file(state))

    def show(self, state: str) -> None:
        """Swaps the pointer: readers see the old state or the new one, whole. Raises OSError."""
        if self.current() == state:
            return
        write_whole(self.folder / "current", state.encode("ascii"))
        self._forget_old(self.file(state))

    def _forget_old(self, current: Path) -> None:
        files = sorted(self.folder.glob("*.duckdb"), key=lambda file: file.stat().st_mtime_ns)
        for file in [file for file in files if file != current][: -(KEPT_SNAPSHOTS - 1)]:
            file.unlink(missing_ok=True)
            self.seal(file.stem).unlink(missing_ok=True)


def likeness(file: Path) -> bytes:
    """What a file is like: its size, and of one that is not too large what its bytes add up to. Raises OSError."""
    size, found = file.stat().st_size, 0
    if size <= SEALED_WHOLE:
        with opened(file) as handle:
            while piece := handle.read(1 << 20):
                found = zlib.crc32(piece, found)
    return f"{size} {found:08x}".encode()


def is_sealed(file: Path, seal: Path) -> bool | None:
    """Whether a file is what the seal says; None where there is no seal."""
    try:
        return content_of(seal) == likeness(file)
    except FileNotFoundError:
        return None
    except OSError:
        return False


def write_whole(file: Path, content: bytes) -> None:
    """A file in the place of the last of its name, whole or not at all, in a folder made for it. Raises OSError."""
    file.parent.mkdir(exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    with _alone(part) as handle:
        try:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
            part.replace(file)
        except OSError:
            part.unlink(missing_ok=True)
            raise


@contextmanager
def _alone(part: Path) -> Iterator[IO[bytes]]:
    """A file that one at a time writes, empty; always of one name, so that what a crash leaves goes with the next."""
    while True:
        with opened(part, "ab+") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            # Whoever was waited for has put it in its place: the name is another file's now, or nobody's.
            if _is_named(handle, part):
                handle.truncate(0)
                yield handle
                return


def _is_named(handle: IO[bytes], file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle.fileno()), file.stat())
    except FileNotFoundError:
        return False


@contextmanager
def scratch_beside(out: Path) -> Iterator[Path]:
    """A folder beside what is made in it; nothing of it is left, and nothing of one that was interrupted."""
    for left in out.parent.glob(f".*{_SCRATCH}"):
        # One in use stays, and so does what is another's, or no folder, where all may write.
        with suppress(OSError), _held(left):
            shutil.rmtree(left, ignore_errors=True)
    part = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        with _held(part):
            # Only now, when nobody takes it for left, under a name that is looked for.
            part = part.rename(f"{part}{_SCRATCH}")
            yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def scratch(name: str) -> AbstractContextManager[Path]:
    """`scratch_beside` in the system's folder for what is thrown away."""
    return scratch_beside(Path(tempfile.gettempdir(), name))


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """A folder that is in use; the system lets it go, however this ends. Raises OSError where it is another's."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def synced(file: Path) -> None:
    """Returns when the file is on disk."""
    with file.open("rb") as handle:
        os.fsync(handle.fileno())


def read_json(file: Path) -> object:
    """What a file of ours holds; None for what is no such file: a pipe, a device, too large, or no JSON."""
    try:
        found = json.loads(_content(file))
        # Half a sign, which JSON can hold, raises ValueError: it could be neither shown nor saved.
        json.dumps(found, ensure_ascii=False).encode()
    except (OSError, ValueError, RecursionError):
        return None
    return found


def _content(file: Path) -> bytes:
    """The bytes of a file. Raises OSError or ValueError; never waits, and reads no more than is ours."""
    with opened(file) as handle:
        if os.fstat(handle.fileno()).st_size > MOST_READ:
            raise ValueError(file)
        return handle.read(MOST_READ)
