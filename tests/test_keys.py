"""Keys: one for a store, made once, for its owner's eyes, and in nothing that is taken away."""

import os
import re
import stat
from pathlib import Path

import pytest

from data.__main__ import main
from data.access import opened_with
from data.keys import key_file, make_key, signer_beside
from data.recorded import entries
from data.rights import Access, Person
from data.store import Store
from metrics.problems import InputError
from metrics.verify.signing import fingerprint_of, is_signed


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A new, empty store."""
    path = tmp_path / "s.duckdb"
    assert main(["init", "--db", str(path)]) == 0
    return Store(path)


def _code(refused: pytest.ExceptionInfo[InputError]) -> str:
    return refused.value.problems[0].code


def test_a_key_is_made_beside_the_store_for_its_owner(store: Store) -> None:
    """Mode 0600, and what it signs its public half knows."""
    assert signer_beside(store) is None
    made, file = make_key(store), key_file(store)
    assert file.parent == store.path.parent
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    read = signer_beside(store)
    assert read is not None
    assert read.public == made.public
    assert is_signed(b"content", read.sign(b"content"), made.public)
    assert not is_signed(b"other", read.sign(b"content"), made.public)
    assert "PRIVATE" not in repr(read)


def test_a_key_is_never_written_over(store: Store) -> None:
    """A second time refuses and leaves the first as it is."""
    make_key(store)
    before = key_file(store).read_bytes()
    with pytest.raises(InputError) as refused:
        make_key(store)
    assert _code(refused) == "key_exists"
    assert key_file(store).read_bytes() == before


def test_a_link_is_not_followed_when_a_key_is_made(store: Store, tmp_path: Path) -> None:
    """What lies where the key belongs, if only a link to nowhere, is left alone."""
    key_file(store).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError) as refused:
        make_key(store)
    assert _code(refused) == "key_exists"
    assert not (tmp_path / "elsewhere").exists()


def test_a_key_that_is_elsewhere_is_no_absent_one(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """A link to nowhere, as to a stick that is not plugged in: nothing is made without it, and it is said why."""
    key_file(store).symlink_to("/no/such/stick")
    with pytest.raises(InputError) as refused:
        signer_beside(store)
    assert _code(refused) == "unreadable_file"
    assert main(["key", "--show", "--db", str(store.path)]) == 1
    assert "没有这个文件" in capsys.readouterr().err


def test_a_pipe_is_no_key_and_not_waited_for(store: Store) -> None:
    """Nobody may ever write into it."""
    os.mkfifo(key_file(store), 0o600)
    with pytest.raises(InputError) as refused:
        signer_beside(store)
    assert _code(refused) == "unreadable_file"


def test_a_key_is_whole_or_not_there(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk is full, no piece of it lies in its place or beside."""
    before = set(store.path.parent.iterdir())
    with monkeypatch.context() as full:
        full.setattr("data.keys.os.fsync", _full)
        with pytest.raises(InputError) as refused:
            make_key(store)
    assert _code(refused) == "unwritable_file"
    assert {file.name for file in {*store.path.parent.iterdir()} - before} <= {f"{store.path.name}.lock"}
    assert make_key(store).fingerprint


def _full(handle: int) -> None:
    """No room for a key, though for the journal's lines."""
    if Path(f"/proc/self/fd/{handle}").readlink().suffix == ".part":
        raise OSError(28, "No space left on device")


def test_a_key_is_made_by_somebody_as_the_journal_tells(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """With its fingerprint; without a name none is made; nobody who has a part of the store makes one."""
    line = ["key", "--db", str(store.path)]
    assert main(line) == 1
    assert "person_wanted" in capsys.readouterr().err
    with pytest.raises(InputError) as refused:
        make_key(opened_with(store, Access(Person("a@x", "a@x", "oidc"), early=False)))
    assert _code(refused) == "denied"
    assert signer_beside(store) is None
    assert main([*line, "--by", "王"]) == 0
    made = signer_beside(store)
    assert made is not None
    told = [(one.kind, one.person, one.what.get("change")) for one in entries(store.path) if "change" in one.what]
    change = f"key {made.fingerprint}"
    assert told[-2:] == [("begun", "王", change), ("done", "王", change)]


def test_a_key_without_a_store_is_refused(tmp_path: Path) -> None:
    """There is nothing to sign for."""
    with pytest.raises(InputError) as refused:
        make_key(Store(tmp_path / "none.duckdb"))
    assert _code(refused) == "no_store"
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_others_may_read_signs_nothing(store: Store) -> None:
    """It is no secret any more, and the message says how to mend it."""
    make_key(store)
    key_file(store).chmod(0o644)
    with pytest.raises(InputError) as refused:
        signer_beside(store)
    assert _code(refused) == "key_too_open"
    assert "chmod 600" in refused.value.problems[0].message("en")


@pytest.mark.parametrize("content", [b"", b"\0\xff", b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_said(store: Store, content: bytes) -> None:
    """A damaged key is a problem with its path."""
    key_file(store).write_bytes(content)
    key_file(store).chmod(0o600)
    with pytest.raises(InputError) as refused:
        signer_beside(store)
    assert _code(refused) == "key_unusable"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_prints_the_public_half(store: Store, capsys: pytest.CaptureFixture[str], lang: str) -> None:
    """Key and fingerprint, once when it is made and again with --show; a second making is refused."""
    line = ["key", "--db", str(store.path), "--lang", lang]
    assert main([*line, "--show"]) == 1
    assert "key_absent" in capsys.readouterr().err
    assert main([*line, "--by", "王"]) == 0
    made = capsys.readouterr().out
    assert main([*line, "--show"]) == 0
    shown = capsys.readouterr().out
    assert made.endswith(shown)
    assert fingerprint_of(shown.partition("\n")[2].encode()) == re.findall("[0-9a-f]{64}", shown)[0]
    assert "PRIVATE" not in made
    assert main([*line, "--by", "王"]) == 1
    assert "key_exists" in capsys.readouterr().err


@pytest.mark.parametrize("publishing", [["publish", "2024"], ["stage", "2024", "--to", "published", "--reason", "x"]])
def test_without_a_key_it_is_said_before_publication_that_nothing_is_signed(
    store: Store, capsys: pytest.CaptureFixture[str], publishing: list[str]
) -> None:
    """In a line with the way to a key, and that of one that cannot be used; with a key nothing is said."""
    command = [*publishing, "--by", "甲", "--db", str(store.path), "--lang", "en"]
    for said in ("python -m data key", "Others can read the key", ""):
        assert main(command) == 1
        first, *rest = capsys.readouterr().err.splitlines()
        assert said in first
        assert bool(rest) == bool(said)
        if not said:
            break
        file = key_file(store)
        if not file.exists():
            make_key(store)
            file.chmod(0o644)
        else:
            file.chmod(0o600)
