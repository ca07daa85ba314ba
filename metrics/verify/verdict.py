"""The verdict on a bundle: one line that says match or MISMATCH, and a sentence for each thing found."""

import argparse
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from metrics.commands import source_of
from metrics.problems import InputError, Problem
from metrics.shown import pick
from metrics.states import marked
from metrics.verify.archive import read_archive
from metrics.verify.layout import DEFINITIONS, FACTS, MANIFEST, MOST, NEEDED, REGIONS, Manifest
from metrics.verify.manifest import files_differ, other_versions, read_manifest, signature_wrong
from metrics.verify.recompute import Recomputed, recompute
from metrics.verify.signing import fingerprint_named
from metrics.visible import visible

MATCH = (
    "match 一致：{title}，{cycles}；{rows} 行、{numbers} 个数由包内事实和定义重新算出，{closeness}。清单 {digest}。",
    "match: {title}, {cycles}; {rows} rows and {numbers} numbers recomputed from the bundle's facts and definitions, "
    "{closeness}. Manifest {digest}.",
)
CLOSENESS = (
    ("逐位相同", "the same to the last digit"),
    ("最大相对差异 {gap}", "the largest relative difference is {gap}"),
)
MISMATCH = ("MISMATCH 不一致：{count} 处不符。", "MISMATCH: found not to hold: {count}.")
# Where what a problem names stands, as for a command that is given these files.
_INSIDE = argparse.Namespace(facts=FACTS, regions=REGIONS, indicators=DEFINITIONS)


@dataclass(frozen=True)
class Verdict:
    """What was found; `manifest` None where the bundle could not be read so far."""

    problems: tuple[Problem, ...]
    manifest: Manifest | None = None
    digest: str = ""
    recomputed: Recomputed | None = None

    @property
    def matches(self) -> bool:
        """Whether everything holds; warnings and notes do not count against it."""
        return not any(problem.severity == "error" for problem in self.problems)

    def lines(self, lang: str = "zh") -> list[str]:
        """The verdict in one line, then a sentence for each thing found, what is wrong first."""
        ordered = sorted(self.problems, key=lambda problem: problem.severity != "error")
        wrong = sum(problem.severity == "error" for problem in ordered)
        first = self._matched(lang) if self.matches else MISMATCH[lang != "zh"].format(count=wrong)
        return [first, *map(visible, self._marks(lang)), *(_told(problem, lang) for problem in ordered)]

    def _matched(self, lang: str) -> str:
        manifest, found = self.manifest, self.recomputed
        assert manifest is not None
        assert found is not None
        close = CLOSENESS[found.largest > 0][lang != "zh"].format(gap=f"{found.largest:.1e}")
        title, cycles = manifest.definitions.title.get("zh" if lang == "zh" else "en", ""), ", ".join(manifest.cycles)
        words = MATCH[lang != "zh"].format(
            title=title, cycles=cycles, rows=f"{found.rows:,}", numbers=f"{found.numbers:,}", closeness=close,
            digest=self.digest,
        )  # fmt: skip
        return visible(words)

    def _marks(self, lang: str) -> Iterator[str]:
        """What the bundle says of itself and a reader must not overlook."""
        if self.manifest is not None:
            if self.manifest.notice:
                yield self.manifest.notice
            if told := marked(self.manifest.state, self.manifest.release, lang):
                yield told + pick(lang, "。", ".")


def _told(problem: Problem, lang: str) -> str:
    """A sentence, with file, line and column where it is about a place in one of the bundle's files."""
    if not problem.line:
        return problem.render("", lang)
    return problem.render(problem.path if problem.path in MOST else source_of(_INSIDE, problem.path), lang)


def verify(path: Path, *, key: str = "") -> Verdict:
    """A bundle, recomputed; `key`: the fingerprint, or a file with the public key, that must have signed it.

    Raises InputError where `key` names no key.
    """
    wanted = fingerprint_named(key) if key else ""
    try:
        archive = read_archive(path)
        if not archive.is_usable:
            return Verdict(archive.problems)
        if MANIFEST not in archive.files:
            missing = Problem("bundle_file_missing", facts={"name": MANIFEST})
            return Verdict((*archive.problems, missing))
        manifest = read_manifest(archive.files[MANIFEST])
    except InputError as error:
        return Verdict(error.problems)
    files = archive.files
    problems = [
        *archive.problems,
        *files_differ(manifest, files),
        *signature_wrong(manifest, files, wanted),
        *other_versions(manifest),
    ]
    found = recompute(manifest, files) if all(name in files for name in NEEDED) else Recomputed(())
    digest = hashlib.sha256(files[MANIFEST]).hexdigest()
    return Verdict((*problems, *found.problems), manifest, digest, found)
