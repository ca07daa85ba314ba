"""The key that signs a store's bundles: made once, beside the store, readable by its owner alone."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import data.messages  # noqa: F401  (registers the words of this part's problems)
from data.beside import beside, only_writer
from data.persons import require
from data.recorded import recorded
from data.store import Store
from metrics.commands import Add
from metrics.files import opened, whole
from metrics.problems import InputError, Problem, file_error, reason_of
from metrics.visible import visible

if TYPE_CHECKING:
    from metrics.verify.signing import Signer

# What others than the owner may do with a file.
_OTHERS = 0o077
_MOST = 4_000


def key_file(store: Store) -> Path:
    """Where the private key lies; never in the store, and never in what is taken away."""
    return beside(store.path, ".key")


def make_key(store: Store) -> "Signer":
    """A new key for the store, by whoever holds the file; the journal tells its fingerprint. Raises InputError where it
    has one: what was signed by that could not be told again."""
    from metrics.verify.signing import generated, signer_of

    store.require("")
    if not store.exists():
        raise InputError([Problem("no_store", facts={"path": store.path})])
    file, pem = key_file(store), generated()
    signer = signer_of(pem)
    with only_writer(store.path, store.patience):
        if os.path.lexists(file):
            raise InputError([Problem("key_exists", facts={"path": file})])
        with recorded(store.path, store.access, f"key {signer.fingerprint}", ""):
            _write(file, pem)
    return signer


def _write(file: Path, pem: bytes) -> None:
    try:
        with whole(file, 0o600) as part:
            part.write(pem)
            part.flush()
            os.fsync(part.fileno())
    except OSError as error:
        raise file_error("unwritable_file", file, reason=reason_of(error)) from error


def signer_beside(store: Store) -> "Signer | None":
    """Who signs for the store; None where it has no key. Raises InputError for a key that others may read, or none."""
    from metrics.verify.signing import signer_of

    path = key_file(store)
    try:
        with opened(path) as file:
            if os.fstat(file.fileno()).st_mode & _OTHERS:
                raise InputError([Problem("key_too_open", facts={"path": path})])
            return signer_of(file.read(_MOST))
    except OSError as error:
        # A link to nowhere is a key that is kept elsewhere, as on a stick that is not plugged in.
        if isinstance(error, FileNotFoundError) and not path.is_symlink():
            return None
        raise file_error("unreadable_file", path, reason=reason_of(error)) from error
    except ValueError as error:
        raise InputError([Problem("key_unusable", facts={"path": path})]) from error


def unsigned(store: Store) -> Problem | None:
    """What is to be known before something is published: that nothing would be signed, or what the key lacks."""
    try:
        return Problem("unsigned") if signer_beside(store) is None else None
    except InputError as error:
        return error.problems[0]


def tell_unsigned(store: Store, lang: str) -> None:
    """Says that, for a command that publishes."""
    found = unsigned(store)
    if found is not None:
        print(found.render("", lang), file=sys.stderr)


def add_key(commands: Any, command: Add) -> None:
    """The command `key` with its options; `command` adds it."""
    key = command(commands, "key", _key, "a key that signs the store's bundles; prints its public half")
    key.add_argument("--show", action="store_true", help="the public half of the key that is there")
    key.add_argument("--by", default="", metavar="NAME", help="who makes it, as the journal names them; without --show")


def _key(options: argparse.Namespace) -> int:
    store = Store(options.db)
    if not options.show:
        require("person", options.by)
    signer = signer_beside(store) if options.show else make_key(store)
    if signer is None:
        raise InputError([Problem("key_absent", facts={"path": key_file(store)})])
    zh = options.lang == "zh"
    if not options.show:
        place = visible(str(key_file(store)))
        print(f"私钥在 {place}，只有你可读：请另存备份，不要外传。" if zh else f"The private key is {place}: keep it.")
    print(f"{'公钥指纹' if zh else 'Fingerprint'} {signer.fingerprint}")
    print(signer.public.decode(), end="")
    return 0
