"""The manifest of a backup: what it holds, of which snapshot, and what every file must be like."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from metrics.files import opened

FORMAT = 1
NAME = "manifest.json"
DEFINITIONS = "definitions.yaml"
# What lies beside a store and goes into its backups: journals, and folders of files.
BESIDE = (
    ".journal.jsonl", ".signed-out.json", ".assessed.jsonl", ".assessed", ".evidence", ".drafts",
    ".sheets", ".alerts.json",
)  # fmt: skip
# What does not: the private key leaves its place by no command, and the rest is made anew.
LEFT = (
    ".key", ".lock", ".alerts.lock", ".wal", ".new", ".snapshots", ".backups.jsonl",
    ".before-restore-", ".restoring",
)  # fmt: skip
_MOST = 64 << 20


@dataclass(frozen=True)
class Table:
    """A table: its file, rows, the digest of them in whatever order, and its columns with their types."""

    file: str
    rows: int
    digest: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class File:
    """A file: its size and the SHA-256 of its bytes."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """A backup of one snapshot: the version of its schema, the definitions file it names, tables and files."""

    format: int
    made: str
    snapshot: str
    schema: int
    definitions: str
    versions: Mapping[str, str]
    tables: Mapping[str, Table]
    files: Mapping[str, File]

    def write(self) -> bytes:
        """As JSON, with the SHA-256 of itself."""
        plain = asdict(self)
        return json.dumps({**plain, "sha256": _digest(plain)}, ensure_ascii=False, indent=1, sort_keys=True).encode()


_FORM = TypeAdapter(Manifest)


def read_manifest(content: bytes) -> Manifest:
    """A manifest as it was written. Raises ValueError, with the reason, for what is none or was changed."""
    plain = json.loads(content[:_MOST])
    if not isinstance(plain, dict) or not isinstance(plain.get("format"), int):
        raise ValueError("format")
    if plain["format"] > FORMAT:
        # Of a later one only that is known.
        return Manifest(plain["format"], "", "", 0, "", {}, {}, {})
    told = plain.pop("sha256", None)
    if told != _digest(plain):
        raise ValueError("SHA-256")
    try:
        found = _FORM.validate_python(plain)
    except ValidationError as error:
        raise ValueError(str(error).splitlines()[0]) from error
    if not all(map(is_inside, found.files)) or any(table.file not in found.files for table in found.tables.values()):
        raise ValueError("files")
    return found


def is_inside(name: str) -> bool:
    """Whether a name leads into a folder and never out of it."""
    parts = name.split("/")
    return not {"", ".", ".."} & set(parts) and not any(sign in name for sign in "\\\0")


def file_of(path: Path) -> File:
    """What a file is like. Raises OSError."""
    with opened(path) as handle:
        return File(path.stat().st_size, file_digest(handle, "sha256").hexdigest())


def _digest(plain: Mapping[str, Any]) -> str:
    return sha256(json.dumps(plain, ensure_ascii=True, sort_keys=True).encode()).hexdigest()
