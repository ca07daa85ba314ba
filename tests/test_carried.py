"""What commands carry out of a store: each file and each text that is kept leaves a line, what is shown leaves none."""

import argparse
import getpass
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from data.__main__ import _command, _parser, main
from data.carried import BY_THEMSELVES, CARRIES, NOTHING
from data.exports import Export, exports
from data.keys import make_key
from data.notices import draft, sign
from data.proposals import publish, submit
from data.recorded import entries, journal_of
from data.republished import publish_again
from data.store import Store
from metrics.commands import WRITTEN
from tests.stores import store_of
from tests.test_cycles import DEFINITIONS, REGIONS, sent

RULES = """
alerts: 1
title: t
rules:
  - {code: high, name: high, kind: over_limit, indicator: one, above: 4}
"""
CHANGED = DEFINITIONS.replace("best: 10", "best: 20")
BOTH = ("2023", "2024")
# Of each command that carries something out: its options, the files that it writes, or in which form it prints, and of
# which regions and cycles that is.
CASES = [
    ("facts --out f.csv", ["f.csv"], REGIONS, ()),
    ("score --out s.parquet", ["s.parquet"], REGIONS, BOTH),
    ("score --period 2023 --out s.json", ["s.json"], REGIONS, ("2023",)),
    ("change --before 2023 --after 2024 --out c.csv", ["c.csv"], REGIONS, BOTH),
    ("impact new.yaml --out i.csv", ["i.csv"], REGIONS, ("2023",)),
    ("impact new.yaml --from 2024 --out i.csv", ["i.csv"], REGIONS, ()),
    ("robustness --trials 20 --out r.csv --pairs p.csv", ["p.csv", "r.csv"], REGIONS, BOTH),
    ("quality --format csv", "csv", REGIONS, ("2024",)),
    ("quality --format json --of indicator --cycle 2023", "json", REGIONS, ("2023",)),
    ("alerts --rules rules.yaml --format json", "json", REGIONS, ("2024",)),
    ("template --region p1 --period 2025 --out t.xlsx", ["t.xlsx"], ("p1",), ("2025",)),
    ("stage 2024 --changes 2 --out e.csv", ["e.csv"], REGIONS, ("2024",)),
    ("notice 2024 --out n.md", ["n.md", "n.md.sig", "n.md.pem"], REGIONS, ("2024",)),
    ("doc --out d.html", ["d.html"], (), ()),
    ("doc", "md", (), ()),
    ("versions 1 --text", "yaml", (), ()),
    ("journal export", "jsonl", (), ()),
]
# What the same commands only show, or do not find.
SHOWN = [
    "impact new.yaml", "quality", "alerts --rules rules.yaml", "stage 2024", "notice 2024", "versions", "versions 1",
    "journal", "journal verify", "due", "due --format csv", "status", "status --format json", "batches", "exports",
    "explain --region p1 --period 2024 --code one", "correction 3", "overdue", "object 2024 --list", "grants",
    "quality --format json --cycle 2030-31", "score --period 1999 --out no/where.csv", "doc --format pdf",
]  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two years of four regions; the second one published, corrected and published again, its notice signed."""
    store = store_of(DEFINITIONS, tmp_path_factory.mktemp("carried"))
    for year in (2023, 2024):
        sent(store, year, dict(zip(REGIONS, (5, 6, 7, 8), strict=True)))
    make_key(store)
    publish(store, "2024", person="甲")
    sent(store, 2024, {"p2": 3}, why="更正")
    publish_again(store, "2024", person="丙", reason="更正")
    sign(store, "2024", "zh", draft(store, "2024", "zh", person="甲"), person="丙")
    submit(store, CHANGED, based_on=0, author="甲", reason="试", from_cycle="2025")
    return store


@pytest.fixture
def store(built: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of one's own of them, in a folder where rules and other definitions lie too."""
    shutil.copytree(built.path.parent, tmp_path / "own")
    (tmp_path / "new.yaml").write_text(CHANGED, encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Store(tmp_path / "own" / built.path.name)


def run(store: Store, line: str, *more: str) -> int:
    return main([*line.split(), "--db", str(store.path), *more])


def by(line: str) -> str:
    """The option in which a command asks who takes it."""
    return CARRIES[line.split()[0]].by or "--by"


@pytest.mark.parametrize(("line", "what", "regions", "cycles"), CASES)
def test_what_a_command_carries_out_is_journalled(
    store: Store, line: str, what: list[str] | str, regions: tuple[str, ...], cycles: tuple[str, ...]
) -> None:
    """Who, which command and form, the regions and cycles, and of each file its name, size and digest."""
    assert run(store, line, by(line), " 王五 ") == 0
    found = list(reversed(exports(store)))
    own = [(one.way, one.by, one.regions, one.cycles, one.lang) for one in found]
    name = line.split()[0]
    if isinstance(what, str):
        assert own == [("command", "王五", regions, cycles, "zh")]
        assert [(one.forms, one.file, one.digest, one.size) for one in found] == [((name, what), "", "", 0)]
    else:
        assert own == [("command", "王五", regions, cycles, "zh")] * len(what)
        assert [_told(one) for one in found] == [_file(name, Path(each)) for each in what]
    state = "" if not cycles else "published" if cycles == ("2024",) else "open"
    assert {one.state for one in found} == {state}
    assert [(one.person, one.what["account"]) for one in entries(store.path) if one.kind == "export"] == [
        ("王五", f"os:{getpass.getuser()}")
    ] * len(found)


def _told(one: Export) -> tuple[object, ...]:
    return one.forms, one.file, one.digest, one.size


def _file(command: str, path: Path) -> tuple[object, ...]:
    content = path.read_bytes()
    return (command, path.suffix[1:]), path.name, sha256(content).hexdigest(), len(content)


@pytest.mark.parametrize("line", SHOWN)
def test_what_is_only_shown_leaves_no_line(store: Store, line: str) -> None:
    """Nor does what is refused before anything is written."""
    run(store, line)
    assert exports(store) == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("scorecard --period 2024 --format csv --out k.csv", "export"), ("site --cycle 2024 --out s.zip", "export"),
        ("backup --out b.zip", "backup"),
    ],
)  # fmt: skip
def test_some_commands_tell_more_by_themselves(store: Store, line: str, kind: str) -> None:
    """Each once."""
    assert run(store, line, "--by", "王五") == 0
    assert [one.person for one in entries(store.path) if one.kind in ("export", "backup")] == ["王五"]
    assert [one.kind for one in entries(store.path)][-1] == kind


def test_without_a_name_it_is_the_account(store: Store) -> None:
    """As in every line of a command."""
    assert run(store, "facts --out f.csv") == 0
    assert [one.by for one in exports(store)] == [""]
    assert entries(store.path)[-1].person == f"os:{getpass.getuser()}"


def test_a_folder_of_forms_is_one_line(store: Store) -> None:
    """With all of its regions; the digest is of the list that sha256sum writes of the folder."""
    assert run(store, "template --all forms --period 2025 --taken-by 王五") == 0
    files = sorted(Path("forms").iterdir())
    listed = "".join(f"{sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)
    (one,) = exports(store)
    assert (one.file, one.regions, one.by) == ("forms", REGIONS, "王五")
    assert (one.digest, one.size) == (sha256(listed.encode()).hexdigest(), sum(file.stat().st_size for file in files))


def test_what_was_written_before_a_failure_is_told(store: Store) -> None:
    """A second file that cannot be written takes nothing back of the first."""
    assert run(store, "robustness --trials 20 --out no/where.csv --pairs p.csv") == 1
    assert [one.file for one in exports(store)] == ["p.csv"]


def test_a_pipe_is_told_with_what_went_through(store: Store) -> None:
    """It is no file that could be looked at afterwards."""
    os.mkfifo("pipe")
    with ThreadPoolExecutor() as beside:
        reading = beside.submit(Path("pipe").read_bytes)
        assert run(store, "facts --out pipe") == 0
        content = reading.result(timeout=30)
    assert [(one.digest, one.size) for one in exports(store)] == [(sha256(content).hexdigest(), len(content))]


def test_without_a_journal_it_is_carried_out_and_said(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever holds the store's file may take everything."""
    journal_of(store.path).file.unlink()
    journal_of(store.path).file.mkdir()
    assert run(store, "facts --out f.csv") == 0
    assert "warning not_journalled " in capsys.readouterr().err
    assert Path("f.csv").read_text("utf-8").startswith("region,")


def test_what_is_of_no_region_is_listed_so(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """And what is no file has neither name nor digest."""
    assert run(store, "doc") == 0
    capsys.readouterr()
    assert run(store, "exports", "--lang", "en") == 0
    assert capsys.readouterr().out.rstrip("\n").split("\t")[1:] == [
        "—", "command", "doc,md", "—", "", "zh", "", "—", "—",
    ]  # fmt: skip


def test_every_command_says_whether_it_carries_anything_out() -> None:
    """Each once; those that do are all tried above."""
    (commands,) = (one.choices for one in _parser()._actions if isinstance(one.choices, dict))
    assert sorted([*CARRIES, *BY_THEMSELVES, *NOTHING]) == sorted(commands)
    assert {line.split()[0] for line, *_ in CASES} == set(CARRIES)


def test_no_other_command_writes_what_a_store_holds() -> None:
    """But from the files that are given to it."""
    (commands,) = (one.choices for one in _parser()._actions if isinstance(one.choices, dict))
    writing = {name for name, one in commands.items() if any(action.dest in WRITTEN for action in one._actions)}
    assert writing & NOTHING == {"import", "suggest", "rollup"}


def test_a_new_command_has_to_say_it() -> None:
    """One of which nothing is said cannot be added."""
    commands = argparse.ArgumentParser().add_subparsers()
    with pytest.raises(KeyError, match="brand-new"):
        _command(commands, "brand-new", lambda _: 0, "new")
