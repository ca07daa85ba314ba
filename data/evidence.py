"""Evidence: files on which a row rests, kept beside the store under their SHA-256, none larger than a bound."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

import data.process_words  # noqa: F401  (registers the words of this part's problems)
from data.beside import beside, write_whole
from data.clock import now
from data.stages import refused
from data.store import Store
from data.writer import Writer
from metrics.files import opened
from metrics.problems import file_error, reason_of
from metrics.visible import visible

# A scanned contract fits in; a film does not.
MOST, MOST_FILES = 20 << 20, 10
_DIGEST = re.compile(r"[0-9a-f]{64}")
Kind = Literal["adjustments", "objections", "rectifications"]
# By its digest, what a file is called and holds.
Files = Mapping[str, tuple[str, bytes]]


@dataclass(frozen=True)
class Evidence:
    """A file that is kept: its SHA-256, what it was called for this row ('': unknown), and how many bytes it has."""

    digest: str
    name: str
    size: int


def read_files(files: Sequence[Path]) -> Files:
    """Files as they are kept, each once, of a name that is no text what can be seen of it. Raises InputError for too
    many, and for one too large, empty or unreadable."""
    if len(files) > MOST_FILES:
        raise refused("evidence_too_many", count=len(files), most=MOST_FILES)
    found = dict[str, tuple[str, bytes]]()
    for file in files:
        content = _content(file)
        found.setdefault(sha256(content).hexdigest(), (visible(file.name), content))
    return found


def _content(file: Path) -> bytes:
    try:
        with opened(file) as handle:
            found = handle.read(MOST + 1)
    except OSError as error:
        raise file_error("unreadable_file", file, reason=reason_of(error)) from error
    if not found or len(found) > MOST:
        raise refused("evidence_size", name=file.name, most=MOST >> 20)
    return found


def keep(store: Store, writer: Writer, files: Files, kind: Kind, number: int, *, person: str) -> None:
    """Lists the files on which row `number` of a table rests, and puts them beside the store. It is the last thing that
    a transaction does: one that was refused leaves no file. Raises InputError where they cannot be written."""
    for digest, (name, content) in files.items():
        values = {"kind": kind, "number": number, "digest": digest, "name": name, "size": len(content)}
        writer.execute(
            "INSERT OR IGNORE INTO evidence VALUES ($kind, $number, $digest, $name, $size, $person, $moment)",
            {**values, "person": person},
            moment=now(),
        )
    for digest, (_, content) in files.items():
        try:
            write_whole(_place(store, digest), content)
        except OSError as error:
            raise file_error("unwritable_file", _place(store, digest), reason=reason_of(error)) from error


def listed(store: Store, kind: Kind, number: int) -> list[Evidence]:
    """What row `number` of a table rests on, where the store's person sees it."""
    rows = "SELECT digest, name, size FROM evidence WHERE kind = $kind AND number = $number ORDER BY name, digest"
    return [Evidence(*row) for row in store.query(rows, kind=kind, number=number).iter_rows()]


def content_of(store: Store, digest: str) -> bytes:
    """The bytes of evidence that something which the store's person sees rests on.

    Raises InputError where there is none, and where the file is not what it was.
    """
    rows = "SELECT 1 FROM evidence WHERE digest = $digest"
    if not _DIGEST.fullmatch(digest) or store.query(rows, digest=digest).is_empty():
        raise refused("evidence_unknown", digest=digest[:64])
    place = _place(store, digest)
    try:
        with opened(place) as handle:
            found = handle.read(MOST + 1)
    except OSError as error:
        raise file_error("unreadable_file", place, reason=reason_of(error)) from error
    if sha256(found).hexdigest() != digest:
        raise refused("evidence_changed", digest=digest)
    return found


def _place(store: Store, digest: str) -> Path:
    return beside(store.path, ".evidence") / digest
