"""Batches: many files made into one archive in the background, a few at a time for the whole server."""

import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import file_digest
from typing import IO, Literal

from metrics.export.many import Absent, File, into_archive
from metrics.problems import InputError, Problem

# One at a time leaves the other core to those who look at pages.
AT_ONCE = 1
WAITING = 8
# So many that are done are kept, and so long (seconds), for who began them.
KEPT, KEPT_FOR = 8, 3600
Stage = Literal["waiting", "running", "done", "cancelled", "failed"]


class _Cancelled(Exception):
    pass


@dataclass(eq=False)
class Batch:
    """One archive under way: how many of its files are made, which could not be, and in the end the archive itself.

    It lies in a nameless temporary file, which goes with the last one who holds the batch. `token`, which nobody can
    guess, finds it again for `person`, who began it.
    """

    name: str
    total: int
    person: str
    made: int = 0
    at: str = ""
    stage: Stage = "waiting"
    error: BaseException | None = None
    absent: list[Absent] = field(default_factory=list)
    digest: str = ""
    size: int = 0
    ended: float = 0.0
    file: IO[bytes] | None = field(default=None, repr=False)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    _stopped: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.stage in ("done", "cancelled", "failed")

    def cancel(self) -> None:
        """Ends it before its next file."""
        self._stopped.set()
        if self.stage == "waiting":
            self.stage = "cancelled"

    def content(self) -> bytes:
        """The archive."""
        if self.file is None:
            return b""
        self.file.seek(0)
        return self.file.read()

    def run(self, parts: Sequence[File], finished: Callable[["Batch"], None]) -> None:
        """Makes it; `finished` is told when all is there, before anybody can take it."""
        if self.stage == "cancelled":
            return
        self.stage = "running"
        try:
            file = tempfile.TemporaryFile()  # noqa: SIM115  (it lives as long as the batch)
            self.absent = into_archive(file, self._counted(parts))
            self.file, self.size = file, file.tell()
            file.seek(0)
            self.digest = file_digest(file, "sha256").hexdigest()
            finished(self)
            self.ended, self.stage = time.monotonic(), "done"
        except _Cancelled:
            self.stage = "cancelled"
        except BaseException as error:
            # The way it came by would keep all that the files are made from as long as the session lives.
            error.__cause__ = error.__context__ = None
            self.error, self.stage = error.with_traceback(None), "failed"

    def _counted(self, parts: Sequence[File]) -> Iterator[File]:
        for number, (name, make) in enumerate(parts):
            if self._stopped.is_set():
                raise _Cancelled
            self.made, self.at = number, name
            yield name, make
        self.made, self.at = len(parts), ""


class Batches:
    """The pool of a server: so many batches at once, so many waiting, and no more; those that are done for a while."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="batch")
        self._most = at_once + waiting
        self._known: list[Batch] = []
        self._lock = threading.Lock()

    def start(self, name: str, parts: Sequence[File], finished: Callable[[Batch], None], *, person: str) -> Batch:
        """A batch under way. Raises InputError where too many wait already."""
        with self._lock:
            self._forget()
            count = sum(not batch.over for batch in self._known)
            if count >= self._most:
                raise InputError([Problem("batches_full", facts={"count": count})])
            batch = Batch(name, len(parts), person)
            self._known.append(batch)
        self._pool.submit(batch.run, parts, finished)
        return batch

    def find(self, token: str, person: str) -> Batch | None:
        """The batch of this token, while it is kept, for who began it."""
        with self._lock:
            self._forget()
            return next((batch for batch in self._known if (batch.token, batch.person) == (token, person)), None)

    def drop(self, batch: Batch) -> None:
        """From now on nobody finds it."""
        with self._lock:
            self._known = [one for one in self._known if one is not batch]

    def _forget(self) -> None:
        """Keeps what is under way, and of what is done the last and the young."""
        young = time.monotonic() - KEPT_FOR
        # First, and once: one that is done meanwhile is looked at the next time.
        under_way = [batch for batch in self._known if not batch.over]
        done = [batch for batch in self._known if batch not in under_way and batch.stage == "done"]
        done = sorted((batch for batch in done if batch.ended >= young), key=lambda batch: batch.ended)
        self._known = [*done[-KEPT:], *under_way]
