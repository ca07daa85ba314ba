"""The store: one DuckDB file that is written, and published snapshots of it that are read."""

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from data.beside import beside, only_writer, synced
from data.clock import now
from data.guard import SECONDS, UNWRITABLE, Connection, DatabaseError
from data.holdings import ROOT
from data.narrowed import Part
from data.recorded import HEAD, reached, record, recorded
from data.rights import WHOLE, Access
from data.snapshots import Published
from data.steps import bring_up
from data.writer import Writer
from metrics.problems import InputError, Problem

PATIENCE = 10.0
# So many regions are named of what was refused.
NAMED = 20


def default_path() -> Path:
    """`$QUHENG_DB`, else data/store.duckdb of the project."""
    return Path(os.environ.get("QUHENG_DB") or ROOT / "data" / "store.duckdb")


@dataclass
class Replacement:
    """A store that is built at `part`; `aside` is the name that the one before has in the end."""

    part: Path
    aside: Path | None = None


class Store(Published):
    """A store at a path: made, written and replaced, by one at a time."""

    def __init__(
        self,
        path: Path | str | None = None,
        *,
        patience: float = PATIENCE,
        seconds: float = SECONDS,
        access: Access = WHOLE,
        parts: Sequence[Part] | None = None,
    ) -> None:
        super().__init__(
            default_path() if path is None else Path(path), patience=patience, seconds=seconds, parts=parts
        )
        self.access = access

    def seen_with(self, access: Access, parts: Sequence[Part] | None) -> "Store":
        """The same store for somebody who may do less; of its facts only these parts are seen (None: all)."""
        return Store(self.path, patience=self.patience, seconds=self.seconds, access=access, parts=parts)

    def held(self) -> "Store":
        """This store as it is now: what is published from now on does not show, so that several questions agree."""
        # What is damaged is mended first.
        self.query("SELECT 1")
        while True:
            state, reader = self.snapshot(), self._reader()
            if self.snapshot() == state:
                return _Held(self, state, reader)

    @contextmanager
    def created(self, change: str = "init") -> Iterator[Writer]:
        """A new store with what is written inside, or none if that fails. Raises InputError where there is one.

        It is made under another name and then renamed, so that a store is whole or not there at all.
        """
        self.require("")
        self._make_room()
        with only_writer(self.path, self.patience):
            if os.path.lexists(self.path):
                raise self._error("store_exists")
            with recorded(self.path, self.access, change, ""), self._made(change) as writer:
                yield writer

    @contextmanager
    def _made(self, change: str) -> Iterator[Writer]:
        part = beside(self.path, ".new")
        _sweep(part)
        try:
            with self._written(part, change, new=True) as writer:
                yield writer
            self._settled(part)
        except UNWRITABLE as error:
            raise self._error("store_unwritable", error) from error
        finally:
            _sweep(part)
        self._publish()

    @contextmanager
    def replaced(self) -> Iterator["Replacement"]:
        """Where another store is built, which takes this one's place at the end, whole, or not at all.

        The one that is there is kept under another name. Raises InputError where another program writes, and where a
        pipe or a device has the name.
        """
        self.require("")
        if self.path.exists() and not (self.path.is_file() or self.path.is_dir()):
            raise self._error("store_exists")
        self._make_folder()
        with only_writer(self.path, self.patience):
            part = beside(self.path, ".new")
            _sweep(part)
            try:
                made = Replacement(part)
                yield made
                synced(part)
                state = self._keep(part)
                self._keep_aside(made)
                # Without a pointer, whoever opens it next shows the store that is there, should this be broken off.
                self._snapshots.hide()
                part.replace(self.path)
                self._snapshots.show(state)
            except UNWRITABLE as error:
                raise self._error("store_unwritable", error) from error
            finally:
                _sweep(part)

    def _keep_aside(self, made: "Replacement") -> None:
        """Gives what has the store's name another one too, until the new store takes it. Raises OSError."""
        log = beside(self.path, ".wal")
        if self.exists() and log.exists():
            # What was committed goes into the file; of a damaged one the log is kept beside it.
            with suppress(InputError, DatabaseError):
                self._checkpoint(self.path)
        if not os.path.lexists(self.path):
            log.unlink(missing_ok=True)
            return
        made.aside = _unused(beside(self.path, f".before-restore-{now().replace(':', '').replace('+0000', 'Z')}"))
        if self.path.is_file():
            # By a second name, so that a store is there at every moment.
            os.link(self.path, made.aside)
        else:
            self.path.rename(made.aside)
        if log.exists():
            log.rename(beside(made.aside, ".wal"))

    def _make_room(self) -> None:
        if self.path.is_dir():
            raise self._error("store_unwritable", IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
        # A device, a pipe or a link that leads nowhere is nothing of ours, and would be replaced.
        if os.path.lexists(self.path):
            raise self._error("store_exists")
        self._make_folder()

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._error("store_unwritable", error) from error

    def _settled(self, part: Path) -> None:
        """A store that was made takes its name; nothing of an earlier one of that name is left to be read."""
        self._checkpoint(part)
        synced(part)
        self._snapshots.clear()
        beside(self.path, ".wal").unlink(missing_ok=True)
        part.replace(self.path)

    @contextmanager
    def transaction(self, change: str, right: str = "", *, reason: str = "") -> Iterator[Writer]:
        """One transaction, published at its end; `change` names it (a digest), and with it the next snapshot; the
        journal tells the `reason` that was given for it.

        All or nothing: an exception inside leaves the store as it was. Raises InputError where another program writes,
        and (`denied`) where the store is open for somebody without the `right`; without one named, for anybody but
        whoever holds the file.
        """
        self.require(right)
        with recorded(self.path, self.access, change, right, reason), self._changed(change) as writer:
            # It may have been taken back while another wrote.
            self.require(right)
            yield writer

    def require_unmoved(self) -> None:
        """Raises InputError (`rights_moved`) where its person's rights are not those any more with which it was opened:
        what was prepared by these is not given."""
        if self.access.has_moved:
            raise InputError([Problem("rights_moved", facts={"person": self.access.person.name})])

    def require(self, right: str, *, regions: Iterable[str] = (), cycle: str | None = None) -> None:
        """Raises InputError (`denied`) where the store's person has no such right, which is recorded."""
        named = sorted(set(regions))
        try:
            self.access.latest.require(right, regions=named, cycle=cycle)
        except InputError:
            # Refused it is, whether or not that can be written down.
            with suppress(InputError):
                self.record("denied", right=right, regions=list(filter(None, named))[:NAMED], cycle=cycle or "")
            raise

    def record(self, kind: str, **what: object) -> None:
        """What the store's person did, into the journal. Raises InputError (`not_journalled`) where it cannot be."""
        record(self.path, self.access, kind, **what)

    @contextmanager
    def _changed(self, change: str) -> Iterator[Writer]:
        self._there()
        with only_writer(self.path, self.patience):
            # What was committed and not published, where a crash came between, is seen before anything builds on it.
            if self._refuse_damaged() != self._snapshots.current():
                self._publish("store_unwritable")
            with self._written(self.path, change) as writer:
                yield writer
            self._publish()

    @contextmanager
    def _written(self, file: Path, change: str, *, new: bool = False) -> Iterator[Writer]:
        connection = self._connected(file, read_only=False)
        try:
            self._snapshots.prepare()
            bring_up(connection, self.path)
            connection.execute("BEGIN")
            writer = Writer(connection)
            yield writer
            # Where nothing was written the file stays the one that was sealed.
            if writer.advance(change, new=new):
                known = writer.found("SELECT value FROM settings WHERE key = $key", {"key": HEAD})
                writer.keep(HEAD, reached(self.path, self.access, known[0][0] if known else ""))
            connection.execute("COMMIT")
        except DatabaseError as error:
            if "corrupt" in str(error).lower():
                raise self._error("store_damaged", error) from error
            if isinstance(error, UNWRITABLE):
                raise self._error("store_unwritable", error) from error
            raise
        except OSError as error:
            raise self._error("store_unwritable", error) from error
        finally:
            connection.close()


class _Held(Store):
    """A store whose readers see one state; an open file stays although its name is gone."""

    def __init__(self, store: Store, state: str, reader: Connection) -> None:
        super().__init__(
            store.path, patience=store.patience, seconds=store.seconds, access=store.access, parts=store.parts
        )
        self._state_held, self._reader_held = state, reader

    def snapshot(self) -> str:
        return self._state_held

    def _reader(self) -> Connection:
        return self._reader_held


def _unused(path: Path) -> Path:
    """A name that nothing has: this one, or with a number more."""
    names = (path, *(path.with_name(f"{path.name}-{number}") for number in range(2, 1000)))
    return next(name for name in names if not os.path.lexists(name))


def _sweep(part: Path) -> None:
    """Removes what an interrupted making of a store has left."""
    for file in (part, beside(part, ".wal")):
        file.unlink(missing_ok=True)
