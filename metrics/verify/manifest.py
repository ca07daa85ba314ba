"""The manifest of a bundle, read with suspicion, and held against the files and the signature."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from metrics.problems import InputError, Problem
from metrics.verify import environment
from metrics.verify.layout import FORMAT, KEY, MANIFEST, NEEDED, SIGNATURE, VERSION, Manifest, listed
from metrics.verify.signing import fingerprint_of, is_signed


def read_manifest(content: bytes) -> Manifest:
    """What manifest.json says. Raises InputError where it says nothing that can be read, or is of another version."""
    try:
        found = json.loads(content.decode(), object_pairs_hook=_without_twice, parse_constant=_refuse)
        # Half a sign, which JSON can hold, is refused too: it could be neither compared nor shown.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise _broken(str(error)) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise _broken(f"format is not {FORMAT}")
    if found.get("version") != VERSION or isinstance(found["version"], bool):
        told = json.dumps(found.get("version"))[:50]
        raise InputError([Problem("bundle_version", facts={"found": told, "known": VERSION})])
    try:
        return Manifest.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _broken(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _without_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object with each key once: with two of them other programs may read the other one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _broken(reason: str) -> InputError:
    return InputError([Problem("bundle_manifest", facts={"reason": reason[:200]})])


def files_differ(manifest: Manifest, files: Mapping[str, bytes]) -> Iterator[Problem]:
    """Files that the manifest does not have, lacks, or has with other bytes."""
    own = {name: content for name, content in files.items() if name not in (MANIFEST, SIGNATURE)}
    due = {name for name in NEEDED if name != MANIFEST} | ({KEY} if manifest.key is not None else set())
    for name in sorted({*due, *manifest.files} - own.keys()):
        yield Problem("bundle_file_missing", facts={"name": name})
    for name in sorted(own.keys() - manifest.files.keys()):
        yield Problem("bundle_file_extra", facts={"name": name})
    for name in sorted(own.keys() & manifest.files.keys()):
        told, found = manifest.files[name], listed(own[name])
        if told != found:
            facts = {"name": name, "told": told.sha256, "found": found.sha256}
            yield Problem("bundle_file_changed", facts=facts)


def signature_wrong(manifest: Manifest, files: Mapping[str, bytes], wanted: str) -> Iterator[Problem]:
    """A signature that is missing, broken, or another's than the key that is `wanted` ("": any)."""
    if manifest.key is None:
        yield Problem("bundle_key_wanted" if wanted else "bundle_unsigned", facts={"wanted": wanted})
        if SIGNATURE in files:
            yield Problem("bundle_file_extra", facts={"name": SIGNATURE})
        return
    if SIGNATURE not in files:
        yield Problem("bundle_file_missing", facts={"name": SIGNATURE})
        return
    pem = files.get(KEY, b"")
    if not is_signed(files[MANIFEST], files[SIGNATURE], pem) or fingerprint_of(pem) != manifest.key:
        yield Problem("bundle_signature")
    elif wanted and manifest.key != wanted:
        yield Problem("bundle_foreign_key", facts={"found": manifest.key, "wanted": wanted})
    elif not wanted:
        yield Problem("bundle_key_unknown", facts={"found": manifest.key})


def other_versions(manifest: Manifest) -> Iterator[Problem]:
    """A note where the bundle was made by another engine or with other libraries than are here."""
    here = {"engine": environment.engine(), "Python": environment.python(), **environment.libraries()}
    made = {"engine": manifest.engine, "Python": manifest.python, **manifest.libraries}
    names = [name for name in (*here, *sorted(made.keys() - here.keys())) if made.get(name) != here.get(name)]
    if names:
        told = ", ".join(f"{name} {made.get(name, '—')} → {here.get(name, '—')}" for name in names)
        yield Problem("bundle_other_versions", facts={"versions": told})
