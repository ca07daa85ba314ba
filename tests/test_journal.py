"""The journal: whatever lies in its place or happens while a line is written, others are read and can be added."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import data.journal
from data.journal import Journal
from metrics.problems import InputError

ROOT = Path(__file__).parent.parent


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """One with an entry."""
    made = Journal(tmp_path / "s.jsonl")
    made.add({"n": 1})
    return made


def test_a_line_that_nests_without_end_is_no_entry(journal: Journal) -> None:
    """It is pointed at, and shuts nobody out."""
    with journal.file.open("ab") as file:
        file.write(b"[" * 100_000 + b"\n")
    journal.add({"n": 2})
    assert [entry["n"] for entry in journal.all()] == [1, 2]
    assert journal.broken() == [2]


def test_a_long_line_is_followed_as_any_other(journal: Journal) -> None:
    """The line before is looked for as far back as it begins."""
    for entry in ({"x": "y" * 1_200_000}, {"n": 2}, {"x": "y" * (data.journal._PIECE - 81)}, {"n": 3}):
        journal.add(entry)
    assert journal.broken() == []
    assert len(journal.all()) == 5


def test_of_half_a_line_nothing_stays(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full takes a part of it: what it had is there, whole, and the next one follows."""
    before = journal.file.read_bytes()
    with monkeypatch.context() as full:
        full.setattr("data.journal.os.fsync", _full)
        with pytest.raises(InputError) as refused:
            journal.add({"n": 2})
    assert refused.value.problems[0].code == "not_journalled"
    assert journal.file.read_bytes() == before
    journal.add({"n": 3})
    assert journal.broken() == []


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("kind", ["pipe", "zeros", "full", "folder", "nowhere"])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    """A pipe, a device without end or a folder in its place: nothing is read, and that nothing is written is said."""
    journal = Journal(tmp_path / "s.jsonl")
    {
        "pipe": lambda: os.mkfifo(journal.file),
        "zeros": lambda: journal.file.symlink_to("/dev/zero"),
        "full": lambda: journal.file.symlink_to("/dev/full"),
        "folder": journal.file.mkdir,
        "nowhere": lambda: journal.file.symlink_to("/no/such/folder/file"),
    }[kind]()
    assert journal.all() == []
    assert journal.broken() == []
    if kind != "nowhere":
        assert not journal.writable()
    with pytest.raises(InputError) as refused:
        journal.add({"n": 1})
    assert refused.value.problems[0].code == "not_journalled"


def test_each_entry_holds_the_digest_of_the_line_before(journal: Journal) -> None:
    """As lines are in the file, so that anybody can compute it."""
    journal.add({"n": 2})
    first, second = journal.file.read_bytes().splitlines()
    assert json.loads(second)["before"] == data.journal.sha256(first).hexdigest()


def test_several_processes_write_one_chain(journal: Journal) -> None:
    """Each line follows from the one before, whoever wrote that; none is lost."""
    write = (
        "import sys; from pathlib import Path; from data.journal import Journal\n"
        "for n in range(40): Journal(Path(sys.argv[1])).add({'n': n, 'who': sys.argv[2]})"
    )
    under_way = [
        subprocess.Popen([sys.executable, "-c", write, str(journal.file), str(who)], cwd=ROOT) for who in range(3)
    ]
    assert [one.wait(120) for one in under_way] == [0, 0, 0]
    assert journal.broken() == []
    assert len(journal.all()) == 1 + 3 * 40


def test_it_is_known_how_far_it_goes(journal: Journal) -> None:
    """However it grows it still reaches there; cut, changed or gone it does not."""
    assert not journal.reaches("")
    assert Journal(journal.file.with_name("none.jsonl")).end() == ""
    for number in range(3):
        journal.add({"made": str(number)})
    end, content = journal.end(), journal.file.read_bytes()
    journal.add({"made": "3"})
    assert journal.reaches(end)
    for other in (content[:-9], content.replace(b'"2"', b'"9"'), b"", b"x" * len(content)):
        journal.file.write_bytes(other)
        assert not journal.reaches(end), other
    journal.file.unlink()
    assert not journal.reaches(end)


def test_a_line_does_not_wait_for_ever(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who keeps the file to themselves is told of, after a while."""
    monkeypatch.setattr("data.journal.PATIENCE", 0.05)
    journal.add({"made": "0"})
    with journal.file.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(InputError) as caught:
            journal.add({"made": "1"})
    assert caught.value.problems[0].code == "not_journalled"
    journal.add({"made": "1"})
    assert [entry.get("made") for entry in journal.all()] == [None, "0", "1"]
