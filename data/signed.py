"""Signed out: until when a person's sessions are over, kept beside the store, so that no copied cookie revives one."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from data.beside import beside, only_writer, read_json, write_whole
from data.rights import Person
from data.store import Store
from metrics.problems import InputError, Problem, reason_of

# Whoever is meant where nobody is named: of a damaged file it is not known who has signed out.
_EVERYBODY = ""


def signed_out(store: Store, person: Person) -> float:
    """The moment (seconds since 1970) until which whatever a person signed in with is over; 0 where they never left."""
    known = _known(_file(store))
    return max(known.get(one, 0.0) for one in (_EVERYBODY, person.id))


def sign_out(store: Store, person: Person, moment: float) -> None:
    """A person's sessions of before that moment are over. Raises InputError where that cannot be written."""
    file = _file(store)
    try:
        with only_writer(file, store.patience):
            known = _known(file)
            write_whole(file, json.dumps({**known, person.id: max(moment, known.get(person.id, 0.0))}).encode())
    except OSError as error:
        raise InputError([Problem("sign_out_unwritten", facts={"path": file, "reason": reason_of(error)})]) from error


def _known(file: Path) -> Mapping[str, float]:
    """The moment of each; of a damaged file that of its damage, for everybody."""
    if not os.path.lexists(file):
        return {}
    found = read_json(file)
    if isinstance(found, dict) and all(isinstance(moment, int | float) for moment in found.values()):
        return found
    return {_EVERYBODY: file.lstat().st_mtime}


def _file(store: Store) -> Path:
    return beside(store.path, ".signed-out.json")
