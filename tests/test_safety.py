"""Safety: damage is found and told with the way back, and no text, statement or crash reaches further than it may."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from data import batches, guard
from data.backup import back_up
from data.batches import withdraw
from data.beside import beside, holder
from data.intake import import_file
from data.proposals import publish, submit
from data.rescue import record
from data.restore import restore
from data.steps import SCHEMA
from data.store import Store
from metrics.commands import run
from metrics.problems import InputError
from tests.faults.look import whole
from tests.faults.scenes import DEFINITIONS, SITES, YEARS, file_in, of_schema, store_in

ROOT = Path(__file__).parent.parent
HOSTILE = ("'; DROP TABLE facts; --", '"; DELETE FROM facts; --', "x\0y", "$moment", "\\", "*/ SELECT 1 /*", "');--")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one batch and its backup, which is recorded. To be copied."""
    folder = tmp_path_factory.mktemp("safe") / "store"
    folder.mkdir()
    (folder / "indicators.yaml").write_text(DEFINITIONS, encoding="utf-8")
    with store_in(folder).created() as writer:
        writer.setting("indicators", str(folder / "indicators.yaml"))
    import_file(store_in(folder), file_in(folder, "one.csv", 1.5, regions=2))
    record(store_in(folder).path, back_up(store_in(folder), folder / "kept.zip"))
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of that."""
    return Path(shutil.copytree(made, tmp_path / "own"))


def _codes(task: Callable[[], object]) -> list[str]:
    with pytest.raises(InputError) as error:
        task()
    return [problem.code for problem in error.value.problems]


def _flipped(file: Path) -> None:
    with file.open("r+b") as handle:
        handle.seek(file.stat().st_size // 2)
        found = handle.read(8)
        handle.seek(-8, os.SEEK_CUR)
        handle.write(bytes(byte ^ 0xFF for byte in found))


def _foreign(file: Path) -> None:
    file.unlink()
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE other (a INTEGER)")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "truncated": lambda file: os.truncate(file, file.stat().st_size // 2),
    "one byte less": lambda file: os.truncate(file, file.stat().st_size - 1),
    "changed in the middle": _flipped,
    "another beginning": lambda file: file.open("r+b").write(b"NOTDUCKDB" * 4),
    "empty": lambda file: os.truncate(file, 0),
    "another program's": _foreign,
}


# The end of the file alone holds nothing: rows that are all there are none that are lost.
@pytest.mark.parametrize("damage", [name for name in DAMAGES if name != "one byte less"])
def test_damage_is_found_and_told_with_the_way_back(folder: Path, damage: str) -> None:
    """At the next writing; readers go on with the published snapshot, from which it comes back, losing nothing."""
    store = store_in(folder)
    before = store.snapshot()
    DAMAGES[damage](store.path)
    told = _codes(lambda: withdraw(store, 1, person="x", reason="y"))
    assert told == ["store_foreign" if damage == "another program's" else "store_damaged", "store_still_read"]
    assert _codes(store.heal) == told
    assert store.facts().height == len(YEARS) * SITES * 2 * 2
    restore(store, Path(back_up(store, folder / "rescued.zip").where))
    assert store.snapshot() == before
    withdraw(store, 1, person="x", reason="y")


@pytest.mark.parametrize("damage", [name for name in DAMAGES if name != "another program's"])
def test_a_damaged_snapshot_is_mended(folder: Path, damage: str) -> None:
    """The store itself is whole: whoever reads gets its rows, from a snapshot made anew."""
    store = store_in(folder)
    DAMAGES[damage](beside(store.path, ".snapshots") / f"{store.snapshot()}.duckdb")
    found = subprocess.run(
        [sys.executable, "-c", f"from data.store import Store; print(Store({str(store.path)!r}).facts().height)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(found.stdout) == len(YEARS) * SITES * 2 * 2
    whole(Store(store.path))


@pytest.mark.parametrize("damage", ["truncated", "changed in the middle", "a folder", "gone"])
def test_where_nothing_can_be_read_the_last_backup_is_named(made: Path, folder: Path, damage: str) -> None:
    """Store and snapshots are damaged: the message names the backup and the command, and that command works."""
    store = store_in(folder)
    before = store.snapshot()
    shutil.rmtree(beside(store.path, ".snapshots"))
    if damage in DAMAGES:
        DAMAGES[damage](store.path)
    else:
        store.path.unlink()
    if damage == "a folder":
        store.path.mkdir()
    with pytest.raises(InputError) as error:
        Store(store.path).facts()
    found = error.value.problems
    assert [problem.code for problem in found] == [
        "store_damaged" if damage in DAMAGES else "no_store", "store_backup_known",
    ]  # fmt: skip
    assert str(found[1].facts["command"]) == f"python -m data restore {made / 'kept.zip'} --db {store.path}"
    restored = restore(store, folder / "kept.zip")
    assert Store(store.path).snapshot() == before
    assert (restored.aside is None) == (damage == "gone")


def test_why_a_store_cannot_be_read_is_told_once(folder: Path) -> None:
    """Store and snapshot are damaged: the reason is the database's alone, not a problem within the problem."""
    store = store_in(folder)
    for file in (store.path, beside(store.path, ".snapshots") / f"{store.snapshot()}.duckdb"):
        DAMAGES["truncated"](file)
    told = "from data.store import Store\ntry: Store({!r}).facts()\nexcept Exception as error: print(error)"
    found = subprocess.run(
        [sys.executable, "-c", told.format(str(store.path))], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.count("store_damaged") == 1


def test_a_store_without_a_backup_is_told_so(folder: Path) -> None:
    """Nothing is recorded: that is said, and what to do."""
    store = store_in(folder)
    beside(store.path, ".backups.jsonl").unlink()
    shutil.rmtree(beside(store.path, ".snapshots"))
    DAMAGES["empty"](store.path)
    assert _codes(store.heal) == ["store_damaged", "store_no_backup"]


def test_what_was_killed_or_had_no_room_leaves_a_lawful_state() -> None:
    """A few of `python -m tests.faults`, by another process that has begun no thread."""
    for what, scenes in (("kill", ("import", "migrate_2", "restore_damaged")), ("full", ("import",))):
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults", what, "--count", "3", "--seed", "7", "--only", *scenes],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert "3 runs" in done.stdout


def test_readers_in_other_processes_see_one_state_at_a_time(tmp_path: Path) -> None:
    """A few publications under two reading processes: never two states in one answer, never back."""
    # In a process of its own: one that runs many tests cannot begin others anew.
    line = [sys.executable, "-m", "tests.faults", "readers", "--count", "3"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_state_can_be_held(folder: Path) -> None:
    """Several questions of one state, whatever is published meanwhile, even when its file is gone."""
    store = store_in(folder)
    held, seen = store.held(), store.snapshot()
    for number in range(4):
        import_file(store, file_in(folder, "more.csv", number, regions=1))
    assert (held.snapshot(), held.batches().height, store.batches().height) == (seen, 1, 5)
    assert not (beside(store.path, ".snapshots") / f"{seen}.duckdb").exists()


@pytest.mark.parametrize("version", [1, 2])
def test_a_store_of_every_schema_is_brought_forward(tmp_path: Path, version: int) -> None:
    """Facts, the correction of some, who sent them when, and a published cycle's facts are what they were."""
    of_schema(version)(tmp_path)
    store = store_in(tmp_path)
    whole(store)
    half = len(YEARS) * SITES * 2 * 2
    assert store.facts()["value"].value_counts(sort=True).sort("value").rows() == [(1.5, half), (2.5, half)]
    assert store.events()["made"].to_list() == ["2024-01-01T00:00:00+00:00", "2024-02-01T00:00:00+00:00"]
    if version > 1:
        event = store.query("SELECT event FROM publications")["event"][0]
        assert store.facts(as_of=event)["value"].unique().to_list() == [1.5]
    assert import_file(store, file_in(tmp_path, "more.csv", 9, regions=1)).batch == 3


def test_half_a_migration_is_not_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that fails in its middle leaves the store as it was, to be brought forward by a program that can."""
    of_schema(2)(tmp_path)
    store, steps = store_in(tmp_path), tmp_path / "steps"
    shutil.copytree(SCHEMA, steps)
    last = sorted(steps.glob("*.sql"))[-1]
    last.write_text(last.read_text(encoding="utf-8") + "\nSELECT error('power cut');", encoding="utf-8")
    monkeypatch.setattr("data.steps.SCHEMA", steps)
    with pytest.raises((InputError, duckdb.Error)):
        store.snapshot()
    with duckdb.connect(str(store.path), read_only=True) as connection:
        assert connection.execute("SELECT max(version) FROM schema_version").fetchone() == (2,)
        assert connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'events'").fetchone() == (0,)
    monkeypatch.setattr("data.steps.SCHEMA", SCHEMA)
    whole(Store(store.path))


def test_hostile_texts_are_only_texts(folder: Path) -> None:
    """Quotes, statements, NUL in every text that comes from outside: kept as it is, nothing else changes."""
    store, text = store_in(folder), "".join(HOSTILE)
    facts, path = store.facts(), folder / "hostile.csv"
    row = {"region": ["h"], "site": [text], "period": ["2030"], "variable": ["water"], "value": [1.0]}
    pl.DataFrame(row).with_columns(source=pl.lit(text), note=pl.lit(text)).write_csv(path)
    assert import_file(store, path, name=text, sender=text).batch == 2
    got = store.query("SELECT source, note FROM facts WHERE batch = 2 AND site = $text", text=text)
    assert got.rows() == [(text, text)]
    assert store.query("SELECT file FROM batches WHERE sender = $text", text=text)["file"].to_list() == [text]
    withdraw(store, 2, person=text, reason=text)
    assert store.events().filter(reason=text, person=text, event="withdrawn").height == 1
    for each in HOSTILE:
        assert store.query("SELECT * FROM facts WHERE site = $text", text=each).is_empty()
        assert _codes(lambda each=each: store.event_at(each)) == ["no_moment"]
        assert _codes(lambda each=each: publish(store, each, person=each)) == ["no_cycle"]
        assert _codes(
            lambda each=each: submit(store, DEFINITIONS, based_on=1, author=each, reason=each, from_cycle=each)
        ) == ["nothing_changed"]
    assert store.facts().equals(facts)
    whole(store)


@pytest.mark.parametrize("name", ['a" INTEGER); DROP TABLE facts; --', "a'b", "a;b"])
def test_hostile_names_of_columns_are_only_names(folder: Path, name: str) -> None:
    """A frame's columns are quoted: another name is no column, and nothing is done."""
    store = store_in(folder)
    before = store.snapshot()
    with pytest.raises(duckdb.Error), store.transaction("x") as writer:
        writer.insert("facts", pl.DataFrame({name: [1]}))
    with pytest.raises(duckdb.Error), store.transaction("x") as writer:
        writer.insert(name, pl.DataFrame({"a": [1]}))
    assert (store.snapshot(), store.facts().height > 0) == (before, True)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/etc/*')", "ATTACH '{folder}/z.duckdb'", "COPY settings TO '{folder}/z.csv'",
        "EXPORT DATABASE '{folder}/z'", "INSTALL httpfs", "LOAD httpfs", "SET memory_limit = '900GB'",
        "SET enable_external_access = true", "SET lock_configuration = false", "SET threads = 64",
        "INSERT INTO settings VALUES ('a', 'b')", "DROP TABLE facts", "UPDATE facts SET value = 0",
        "SELECT * FROM frame",
    ],
)  # fmt: skip
def test_a_query_reaches_nothing_else(folder: Path, statement: str) -> None:
    """It reads no file but the store, writes nothing, loads nothing, and changes no limit."""
    frame = pl.DataFrame({"secret": [1]})
    before = sorted(folder.rglob("*"))
    store = store_in(folder)
    with pytest.raises((duckdb.Error, InputError)):
        store.query(statement.format(folder=folder))
    assert sorted(folder.rglob("*")) == before
    assert (store.facts().height > 0, frame.height) == (True, 1)


def test_memory_is_a_share_of_the_machines(folder: Path) -> None:
    """Readers and writers leave most of it to others."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    told = store_in(folder).query("SELECT current_setting('memory_limit') AS most")["most"][0]
    number, unit = told.split()
    found = float(number) * 1024 ** ("bytes", "KiB", "MiB", "GiB", "TiB").index(unit)
    assert found < total * 0.5
    assert guard.LIMITS["memory_limit"] == "40%"


def test_a_query_without_end_is_stopped(folder: Path) -> None:
    """After its time a message comes, and the next query is answered; another one meanwhile, too."""
    store = Store(store_in(folder).path, seconds=0.3)
    endless = "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE (a.range * b.range) % 7 = 3"
    assert _codes(lambda: store.query(endless)) == ["query_too_long"]
    assert store.query("SELECT 1 AS one")["one"][0] == 1


@pytest.mark.parametrize("name", [".lock", ".snapshots/current", ".snapshots/*.seal", ".snapshots/current.part"])
def test_a_pipe_among_a_stores_own_files_is_not_waited_for(folder: Path, name: str) -> None:
    """Readers go on; who would write goes on too, or is told why not."""
    store = store_in(folder)
    whole(store)
    own, _, ending = f"{store.path.name}{name}".partition("/")
    files = list((folder / own).glob(ending)) if ending and "*" in ending else [folder / own / ending]
    for file in files:
        file.unlink(missing_ok=True)
        os.mkfifo(file)
    whole(store_in(folder))
    task = lambda: import_file(store_in(folder), file_in(folder, "two.csv", 2.5, regions=1))  # noqa: E731
    if name in (".lock", ".snapshots/current.part"):
        assert _codes(task) == ["store_unwritable" if name == ".lock" else "store_unpublished"]
    else:
        assert task().batch == 2
    whole(store_in(folder))


def test_a_pipe_is_no_backup_and_none_of_a_backups_files(folder: Path) -> None:
    """Told at once; the definitions file that is one is left out of a backup."""
    (folder / "pipe.zip").unlink(missing_ok=True)
    os.mkfifo(folder / "pipe.zip")
    assert _codes(lambda: restore(store_in(folder), folder / "pipe.zip")) == ["no_backup"]
    (folder / "kept").mkdir()
    os.mkfifo(folder / "kept" / "manifest.json")
    assert _codes(lambda: restore(store_in(folder), folder / "kept")) == ["no_backup"]
    with store_in(folder).transaction("x") as writer:
        writer.setting("indicators", str(folder / "pipe.zip"))
    back_up(store_in(folder), folder / "without")
    assert not (folder / "without" / "definitions.yaml").exists()


@pytest.mark.parametrize("pressed", [KeyboardInterrupt(), RuntimeError("Query interrupted")], ids=["ours", "database"])
def test_a_command_that_somebody_stops_says_so(pressed: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    """One line and the code of a shell, whoever noticed the key."""

    def stopped(options: argparse.Namespace) -> int:
        raise pressed

    assert run(stopped, argparse.Namespace(lang="en")) == 130
    assert capsys.readouterr().err == "Stopped\n"


def test_who_has_the_store_is_told(folder: Path) -> None:
    """A second writer is told the process that writes, since when, and how long it waited itself."""
    store = store_in(folder)
    with store.transaction("x"), pytest.raises(InputError) as error, Store(store.path, patience=0.05).transaction("y"):
        pass
    facts = error.value.problems[0].facts
    assert (facts["pid"], facts["seconds"], int(str(facts["held"])) >= 0) == (str(os.getpid()), 0.05, True)
    assert str(os.getpid()) in error.value.problems[0].message("zh")


def test_a_lock_of_another_program_is_told(folder: Path) -> None:
    """A program that writes without our lock: its process is named, and readers go on."""
    store = store_in(folder)
    script = f"import duckdb, time; c = duckdb.connect({str(store.path)!r}); print('open', flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(InputError) as error:
            withdraw(store, 1, person="x", reason="y")
        problem = error.value.problems[0]
        assert (problem.code, problem.facts["pid"]) == ("store_busy", str(other.pid))
        assert store.facts().height > 0
    finally:
        other.kill()
        other.wait()


def test_a_clock_that_goes_back_changes_no_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes later goes before what came earlier, whatever the clock says; nobody waits a negative time."""
    store = store_in(folder)
    monkeypatch.setattr(batches, "now", lambda: "2001-01-01T00:00:00+00:00")
    os.utime(store.path, (time.time() + 9e6, time.time() + 9e6))
    import_file(store, file_in(folder, "later.csv", 7.5, regions=2))
    assert store.facts()["value"].unique().to_list() == [7.5]
    assert store.events()["id"].to_list() == [1, 2]
    assert store.facts(as_of=1)["value"].unique().to_list() == [1.5]
    beside(store.path, ".lock").write_text("1 2999-01-01T00:00:00+00:00")
    assert holder(store.path)["held"] == 0
    assert [file.stem for file in beside(store.path, ".snapshots").glob("*.duckdb") if file.stem == store.snapshot()]


def test_a_folder_that_takes_no_file_is_read(folder: Path) -> None:
    """Beside a store that nothing can be written to, a writer is told so, and readers and backups go on."""
    store = store_in(folder)
    beside(store.path, ".lock").unlink()
    beside(store.path, ".lock").mkdir()
    assert _codes(lambda: withdraw(store, 1, person="x", reason="y")) == ["store_unwritable"]
    assert Path(back_up(store, folder / "again").where).is_dir()
