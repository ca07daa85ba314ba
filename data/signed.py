"""Signed out: until when a person's sessions are over, kept beside the store, so that no copied cookie revives one."""

import json
from pathlib import Path

from data.beside import beside, read_json, write_whole
from data.rights import Person
from data.store import Store
from metrics.problems import InputError, Problem, reason_of


def signed_out(store: Store, person: Person) -> float:
    """The moment (seconds since 1970) until which whatever a person signed in with is over; 0 where they never left."""
    found = read_json(_file(store))
    moment = found.get(person.id) if isinstance(found, dict) else None
    return float(moment) if isinstance(moment, int | float) else 0.0


def sign_out(store: Store, person: Person, moment: float) -> None:
    """A person's sessions of before that moment are over. Raises InputError where that cannot be written."""
    file = _file(store)
    found = read_json(file)
    known = found if isinstance(found, dict) else {}
    try:
        write_whole(file, json.dumps({**known, person.id: max(moment, signed_out(store, person))}).encode())
    except OSError as error:
        raise InputError([Problem("sign_out_unwritten", facts={"path": file, "reason": reason_of(error)})]) from error


def _file(store: Store) -> Path:
    return beside(store.path, ".signed-out.json")
