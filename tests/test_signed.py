"""Who has signed out stays so: whoever else leaves at once, and whatever becomes of the file."""

import time
from pathlib import Path

import pytest

from data.beside import beside, only_writer
from data.rights import Person
from data.signed import sign_out, signed_out
from data.store import Store
from metrics.problems import InputError

ONE, OTHER = Person("one@x", "", "oidc"), Person("other@x", "", "oidc")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Where a store would be."""
    return Store(tmp_path / "s.duckdb", patience=0.05)


def test_each_is_signed_out_until_the_last_time(store: Store) -> None:
    """One's own moment, which never goes back; others' stay."""
    assert signed_out(store, ONE) == 0.0
    sign_out(store, ONE, 20.0)
    sign_out(store, OTHER, 30.0)
    sign_out(store, ONE, 10.0)
    assert (signed_out(store, ONE), signed_out(store, OTHER)) == (20.0, 30.0)


def test_nobody_writes_over_what_another_writes(store: Store) -> None:
    """What is there is read and written by one at a time: of two who leave at once neither is forgotten."""
    with only_writer(beside(store.path, ".signed-out.json"), 1.0), pytest.raises(InputError):
        sign_out(store, ONE, 20.0)
    sign_out(store, ONE, 20.0)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"one@x": "20"}'])
def test_of_a_damaged_file_everybody_is_signed_out(store: Store, content: str) -> None:
    """What was signed in before it was damaged is over, and stays so when somebody leaves later."""
    before = time.time() - 1.0
    beside(store.path, ".signed-out.json").write_text(content, encoding="utf-8")
    assert signed_out(store, ONE) > before
    sign_out(store, OTHER, before + 60.0)
    assert before < signed_out(store, ONE) < before + 30.0
    assert signed_out(store, OTHER) == before + 60.0
