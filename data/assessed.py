"""Assessed: others' figures that were compared with ours, kept with the cycle that they are of."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from data.agreement import Comparison
from data.beside import beside, write_whole
from data.clock import now
from data.journal import Journal
from data.persons import signed_by
from data.recorded import recorded
from data.store import Store
from metrics.files import content_of
from metrics.problems import InputError, Problem, reason_of
from metrics.scorecard import Scorecard


@dataclass(frozen=True)
class Assessment:
    """A comparison that was kept: whose and what file, of which cycle, against which state, and what came of it.

    `content` and `comparison` are the SHA-256 by which both files are kept.
    """

    cycle: str
    by: str
    file: str
    content: str
    comparison: str
    points: float
    share: float
    snapshot: str
    definitions: str
    counts: Mapping[str, int] = field(default_factory=dict)
    made: str = ""


_FORM = TypeAdapter(Assessment)


class Assessments:
    """What others' figures were compared with ours: a journal, and the files by their digests; nothing is changed."""

    def __init__(self, store: Store) -> None:
        self.folder = beside(store.path, ".assessed")
        self._journal = Journal(beside(store.path, ".assessed.jsonl"))

    def keep(self, path: Path, comparison: bytes, entry: Assessment) -> Assessment:
        """The file and the comparison, then the entry. Raises InputError where they cannot be written."""
        given = content_of(path)
        content, found = (sha256(one).hexdigest() for one in (given, comparison))
        kept = Assessment(**{**asdict(entry), "content": content, "comparison": found, "made": now()})
        try:
            write_whole(self.folder / content, given)
            write_whole(self.folder / found, comparison)
        except OSError as error:
            facts = {"path": self.folder, "reason": reason_of(error)}
            raise InputError([Problem("assessment_unsaved", facts=facts)]) from error
        self._journal.add(asdict(kept))
        return kept

    def all(self) -> list[Assessment]:
        """Every comparison that was kept, the last first; a line that is none is passed over."""
        found = [_assessment(entry) for entry in self._journal.all()]
        return [one for one in reversed(found) if one is not None]

    def bytes_of(self, digest: str) -> bytes | None:
        """A kept file; None where it is gone, or is no longer what it was."""
        try:
            content = (self.folder / digest).read_bytes() if digest.isalnum() else b""
        except OSError:
            return None
        return content if sha256(content).hexdigest() == digest else None


def _assessment(entry: dict[str, Any]) -> Assessment | None:
    try:
        return _FORM.validate_python(entry)
    except ValidationError:
        return None


def keep(
    store: Store, path: Path, found: Comparison, card: Scorecard, cycle: str, *, by: str, name: str, lang: str
) -> Assessment:
    """A file and its comparison with the cycle, by whoever may hand figures in, who signs for it. Raises InputError
    where they cannot be kept, and as `signed_by` does."""
    store.require("assess", cycle=cycle)
    tolerance = found.tolerance
    entry = Assessment(
        cycle, signed_by(store, by), name, "", "", tolerance.points, tolerance.share, store.snapshot(),
        card.definitions.digest, found.counts(),
    )  # fmt: skip
    with recorded(store.path, store.access, f"assess {cycle}", "assess"):
        return Assessments(store).keep(path, found.csv(card, lang), entry)
