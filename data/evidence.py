"""Evidence: files that prove something, kept beside the store under their SHA-256, none larger than a bound."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import data.process_words  # noqa: F401  (registers the words of this part's problems)
from data.beside import beside, write_whole
from data.clock import now
from data.stages import refused
from data.store import Store
from data.writer import Writer
from metrics.files import opened
from metrics.problems import file_error, reason_of

# A scanned contract fits in; a film does not.
MOST, MOST_FILES = 20 << 20, 10
_DIGEST = re.compile(r"[0-9a-f]{64}")
_RESTING = " UNION ALL ".join(
    f"SELECT id FROM {table} WHERE list_contains(evidence, $digest)"
    for table in ("adjustments", "objections", "rectification_steps")
)


@dataclass(frozen=True)
class Evidence:
    """A file that is kept: its SHA-256, what it was called, and how many bytes it has."""

    digest: str
    name: str
    size: int


def read_files(files: Sequence[Path]) -> list[tuple[str, bytes]]:
    """The names and bytes of files. Raises InputError for too many, and for one too large, empty or unreadable."""
    if len(files) > MOST_FILES:
        raise refused("evidence_too_many", count=len(files), most=MOST_FILES)
    return [(file.name, _content(file)) for file in files]


def _content(file: Path) -> bytes:
    try:
        with opened(file) as handle:
            found = handle.read(MOST + 1)
    except OSError as error:
        raise file_error("unreadable_file", file, reason=reason_of(error)) from error
    if not found or len(found) > MOST:
        raise refused("evidence_size", name=file.name, most=MOST >> 20)
    return found


def keep(store: Store, writer: Writer, files: Sequence[tuple[str, bytes]], *, person: str) -> list[str]:
    """Files beside the store, and in its list, each once; gives their digests. Raises InputError where they cannot be
    written."""
    kept = dict[str, None]()
    for name, content in files:
        one = Evidence(sha256(content).hexdigest(), name, len(content))
        try:
            write_whole(_place(store, one.digest), content)
        except OSError as error:
            raise file_error("unwritable_file", _place(store, one.digest), reason=reason_of(error)) from error
        values = {"digest": one.digest, "name": name, "size": one.size, "person": person}
        writer.execute(
            "INSERT OR IGNORE INTO evidence VALUES ($digest, $name, $size, $person, $moment)", values, moment=now()
        )
        kept[one.digest] = None
    return list(kept)


def listed(store: Store, digests: Sequence[str]) -> list[Evidence]:
    """What is kept under these digests, in their order."""
    found = store.query("SELECT digest, name, size FROM evidence WHERE digest IN (SELECT unnest($d))", d=list(digests))
    known = {row[0]: Evidence(*row) for row in found.iter_rows()}
    return [known[digest] for digest in digests if digest in known]


def content_of(store: Store, digest: str) -> bytes:
    """The bytes of evidence that something which the store's person sees rests on.

    Raises InputError where there is none, and where the file is not what it was.
    """
    if not _DIGEST.fullmatch(digest) or store.query(_RESTING, digest=digest).is_empty():
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
