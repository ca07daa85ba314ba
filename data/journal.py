"""The journal: what was done with a store, a line each in a file beside it; lines are added, never changed."""

import errno
import fcntl
import json
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import FileIO
from pathlib import Path
from typing import IO, Any

import data.messages  # noqa: F401  (registers the words of this part's problems)
from metrics.files import opened
from metrics.problems import InputError, Problem, reason_of

BEFORE = "before"
# What an entry is that tells of lines which were there and are gone.
CUT = "cut"
# So many seconds a line waits for the lines of others.
PATIENCE = 10.0
# The last line is looked for from the end in pieces of this size.
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a journal as it stands in the file; `entry` is None where it is none."""

    number: int
    raw: bytes
    entry: dict[str, Any] | None
    follows: bool


class Journal:
    """Entries in the order in which they were made. It lies beside the store and not in it: what is taken away changes
    no fact, so the snapshot that names the facts stays the same, and who may only read still sees what is there.

    Each line holds the digest of the line before, so that one that is changed or taken out shows.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def add(self, entry: Mapping[str, Any]) -> None:
        """One entry at the end, safe on disk. Raises InputError where it cannot be written."""
        try:
            # Without a buffer, whose rest would be written when the file is closed.
            with self.file.open("ab+", buffering=0) as handle:
                if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
                    raise OSError(errno.EINVAL, "Not a regular file")
                _alone(handle)
                last, whole = _last_line(handle, handle.seek(0, os.SEEK_END))
                line = json.dumps({BEFORE: sha256(last).hexdigest(), **entry}, ensure_ascii=False)
                _added(handle, (b"" if whole else b"\n") + line.encode("utf-8", "replace") + b"\n")
        except OSError as error:
            facts = {"path": self.file, "reason": reason_of(error)}
            raise InputError([Problem("not_journalled", facts=facts)]) from error

    def all(self) -> list[dict[str, Any]]:
        """The entries, the first first; what is none is passed over. Empty where there is no journal to read."""
        return [entry for line in self._lines() if (entry := _entry(line)) is not None]

    def lines(self) -> Iterator[Line]:
        """Every line, the first first, and whether it follows from the one before."""
        return chained(self._lines())

    def content(self) -> bytes:
        """The file; empty where there is none to read."""
        try:
            with opened(self.file) as handle:
                return handle.read()
        except OSError:
            return b""

    def broken(self) -> list[int]:
        """The lines (from 1) that do not follow from the one before."""
        return [line.number for line in self.lines() if not line.follows]

    def head(self) -> tuple[int, str]:
        """How many lines there are, and the digest of the last; 0 and '' where there is none."""
        lines = list(self._lines())
        return len(lines), sha256(lines[-1]).hexdigest() if lines else ""

    def end(self) -> str:
        """How far it goes: its bytes and the digest of its last line, `3120:9f…`; '' where there is none to read."""
        return self._ends_at(None)

    def reaches(self, end: str) -> bool:
        """Whether it still goes so far, and has the same line there."""
        size = end.partition(":")[0]
        return size.isdecimal() and self._ends_at(int(size)) == end

    def beyond(self, end: str) -> int:
        """How many lines there are after that."""
        return len(_split(self.content()[int(end.partition(":")[0] or 0) :]))

    def _ends_at(self, size: int | None) -> str:
        try:
            with opened(self.file) as handle:
                size = handle.seek(0, os.SEEK_END) if size is None else size
                last, _ = _last_line(handle, size)
                return f"{size}:{sha256(last).hexdigest()}" if handle.seek(0, os.SEEK_END) >= size > 0 else ""
        except OSError:
            return ""

    def writable(self) -> bool:
        """Whether an entry could be added, as far as that can be told without trying."""
        if self.file.exists():
            return self.file.is_file() and os.access(self.file, os.W_OK)
        return os.access(self.file.parent, os.W_OK)

    def _lines(self) -> Iterator[bytes]:
        return iter(_split(self.content()))


def chained(lines: Iterable[bytes], last: bytes = b"", count: int = 0) -> Iterator[Line]:
    """Lines as they stand in a journal after so many others, of which this was the last."""
    before = sha256(last).hexdigest()
    for number, raw in enumerate(lines, start=count + 1):
        entry = _entry(raw)
        follows = entry is not None and entry.get(BEFORE) == before and entry.get("kind") != CUT
        yield Line(number, raw, entry, follows)
        before = sha256(raw).hexdigest()


def _added(handle: FileIO, line: bytes) -> None:
    """The line at the end, safe on disk; raises OSError, and of half a line, as of a full disk, nothing stays."""
    size, rest = handle.seek(0, os.SEEK_END), line
    try:
        while rest:
            rest = rest[handle.write(rest) :]
        os.fsync(handle.fileno())
    except OSError:
        handle.truncate(size)
        raise


def _alone(handle: FileIO) -> None:
    """Waits until nobody else writes. Raises OSError where that takes too long."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


def _last_line(handle: IO[bytes], end: int) -> tuple[bytes, bool]:
    """The last line of so many bytes, and whether its end is there: a machine that stopped may have left a piece."""
    at, tail = end, b""
    while at and b"\n" not in tail[:-1]:
        before = max(at - _PIECE, 0)
        handle.seek(before)
        at, tail = before, handle.read(at - before) + tail
    lines = _split(tail)
    return (lines[-1] if lines else b""), not tail or tail.endswith(b"\n")


def _split(content: bytes) -> list[bytes]:
    """The lines, by line feeds alone: a carriage return that somebody put before one is a change that has to show."""
    lines = content.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
