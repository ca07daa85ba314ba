"""The journal: what was done with a store, a line each in a file beside it; lines are added, never changed."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import data.messages  # noqa: F401  (registers the words of this part's problems)
from metrics.problems import InputError, Problem, reason_of

BEFORE = "before"
# The last line is looked for in so much of the end of the file.
_TAIL = 1 << 20


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
            with self.file.open("ab+") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                last, whole = _last_line(handle)
                line = json.dumps({BEFORE: sha256(last).hexdigest(), **entry}, ensure_ascii=False)
                handle.write((b"" if whole else b"\n") + line.encode("utf-8", "replace") + b"\n")
                handle.flush()
                os.fsync(handle.fileno())
        except OSError as error:
            facts = {"path": self.file, "reason": reason_of(error)}
            raise InputError([Problem("not_journalled", facts=facts)]) from error

    def all(self) -> list[dict[str, Any]]:
        """The entries, the first first; what is none is passed over. Empty where there is no journal to read."""
        return [entry for line in self._lines() if (entry := _entry(line)) is not None]

    def broken(self) -> list[int]:
        """The lines (from 1) that do not follow from the one before."""
        found, last = [], b""
        for number, line in enumerate(self._lines(), start=1):
            entry = _entry(line)
            if entry is None or entry.get(BEFORE) != sha256(last).hexdigest():
                found.append(number)
            last = line
        return found

    def writable(self) -> bool:
        """Whether an entry could be added, as far as that can be told without trying."""
        there = self.file if self.file.exists() else self.file.parent
        return os.access(there, os.W_OK) and not self.file.is_dir()

    def _lines(self) -> Iterator[bytes]:
        try:
            yield from self.file.read_bytes().splitlines()
        except OSError:
            return


def _last_line(handle: Any) -> tuple[bytes, bool]:
    """The last line, and whether its end is there: a machine that stopped may have left a piece."""
    size = handle.seek(0, os.SEEK_END)
    handle.seek(max(size - _TAIL, 0))
    tail = handle.read()
    lines = tail.splitlines()
    return (lines[-1] if lines else b""), not tail or tail.endswith(b"\n")


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
