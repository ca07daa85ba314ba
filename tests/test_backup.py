"""Backups: everything, whole or not at all; restored only where it is what was kept."""

import errno
import gc
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from data import backup as backup_module
from data.__main__ import main
from data.backup import back_up
from data.batches import withdraw
from data.beside import Snapshots, beside
from data.contents import Contents, contents
from data.drafts import Draft, Drafts
from data.editions import editions
from data.engines.on_duckdb import opened
from data.exports import Export, exports, note
from data.grants import give, revoke
from data.guard import Connection, DatabaseError, Unreadable
from data.intake import import_file
from data.journal import Journal
from data.manifest import BESIDE, LEFT, Manifest, file_of, read_manifest
from data.proposals import publish
from data.rescue import last_backup
from data.restore import check, restore
from data.rights import Grant
from data.store import Store
from metrics.problems import InputError
from tests.faults.look import state_of, whole
from tests.faults.scenes import DEFINITIONS, file_in, of_schema, store_in
from tests.test_cycles import known_as

ROOT = Path(__file__).parent.parent
EXPORT = Export("page", "甲", ("csv",), ("r000",), ("2024",), "zh", "open", "0" * 64, 12)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with batches, a publication, an export, a draft; its backup as a folder and as a .zip. To be copied."""
    folder = tmp_path_factory.mktemp("kept") / "store"
    folder.mkdir()
    (folder / "indicators.yaml").write_text(DEFINITIONS, encoding="utf-8")
    store = store_in(folder)
    with store.created() as writer:
        writer.setting("indicators", str(folder / "indicators.yaml"))
    import_file(store, file_in(folder, "one.csv", 1.5, regions=2, wrong=3), accept_valid=True, sender="'; DROP TABLE x")
    publish(store, "2023", person="丁")
    note(store, EXPORT)
    Drafts(store).save(Draft("甲", "w", 1, "草稿"))
    back_up(store, folder / "kept")
    back_up(store, folder / "kept.zip")
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of that."""
    return Path(shutil.copytree(made, tmp_path / "own"))


def _code(task: Callable[[], object]) -> str:
    with pytest.raises(InputError) as error:
        task()
    return error.value.problems[0].code


FORGED = {
    "facts twice": ("facts", "INSERT INTO forged FROM forged LIMIT 5", ("facts", "variable")),
    "an unknown batch": ("facts", "UPDATE forged SET batch = 99", ("facts", "batch")),
    "no number": ("facts", "UPDATE forged SET value = 'nan' WHERE rowid = 3", ("facts", "value")),
    "no period": ("facts", "UPDATE forged SET period = 'rubbish' WHERE rowid = 3", ("facts", "period")),
    "an unknown region": ("facts", "UPDATE forged SET region = 'zz' WHERE rowid = 3", ("facts", "region")),
    "more than was sent": ("batches", "UPDATE forged SET read = rejected + 1, accepted = 1", ("batches", "accepted")),
    "one id for two": ("facts", "UPDATE forged SET id = 1", ("facts", "id")),
    "nothing received": ("events", "UPDATE forged SET event = 'reviewed'", ("events", "id")),
    "no state": ("settings", "UPDATE forged SET value = '../x' WHERE key = 'state'", ("settings", "value")),
    "a fact that is not there": ("overridden", "INSERT INTO forged VALUES (9999, 1, NULL)", ("overridden", "fact")),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_backup_that_agrees_with_itself_alone_is_refused(folder: Path, name: str) -> None:
    """Tables changed with their digests: what holds in every store does not, and it is told where."""
    table, change, told = FORGED[name]
    _forge(folder / "kept", table, change)
    with pytest.raises(InputError) as error:
        check(folder / "kept")
    (problem,) = error.value.problems
    assert (problem.code, (problem.facts["table"], problem.facts["column"])) == ("backup_unlawful", told)


@pytest.mark.parametrize(
    ("table", "change", "told"),
    [
        ("rolled", "UPDATE forged SET value = value * 1000 WHERE region = 'r000'", [10]),
        ("named", "DELETE FROM forged WHERE region = 'r000'", []),
    ],
)
def test_what_follows_from_facts_is_made_anew(folder: Path, table: str, change: str, told: list[int]) -> None:
    """Rolled-up numbers that are not those of the facts are told by --check, and no score of what is restored is of
    them; the snapshot is the same."""
    store = store_in(folder)
    right, settings = editions(store).frame, store.settings()
    _forge(folder / "kept", table, change)
    notes = [(one.code, one.facts["rows"]) for one in check(folder / "kept").notes]
    assert notes == [("backup_rolled_unlike", rows) for rows in told]
    restore(Store(store.path), folder / "kept")
    assert (Store(store.path).settings(), editions(Store(store.path)).frame.equals(right)) == (settings, True)


def test_a_store_that_no_restore_takes_is_not_backed_up(folder: Path) -> None:
    """What is told of it is what a restore would tell, and nothing is left."""
    store = store_in(folder)
    with store.transaction("old") as writer:
        writer.execute("UPDATE facts SET value = 'inf' WHERE id = 3")
    assert _code(lambda: back_up(store, folder / "again.zip")) == "store_unlawful"
    assert not (folder / "again.zip").exists()


def _forge(kept: Path, table: str, change: str) -> None:
    manifest = read_manifest((kept / "manifest.json").read_bytes())
    about = manifest.tables[table]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE forged AS FROM '{kept / about.file}'")
        connection.execute(change)
        connection.execute(f"COPY forged TO '{kept / about.file}' (FORMAT parquet)")
        found = contents(connection, "forged")
    tables = {**manifest.tables, table: replace(about, rows=found.rows, digest=found.digest)}
    files = {**manifest.files, about.file: file_of(kept / about.file)}
    (kept / "manifest.json").write_bytes(replace(manifest, tables=tables, files=files).write())


@pytest.mark.parametrize("name", ["kept", "kept.zip"])
def test_what_is_restored_is_what_was_kept(folder: Path, name: str) -> None:
    """In another place: the same snapshot, the same rows in every table, and what lay beside."""
    other = Store(folder / "elsewhere" / "t.duckdb")
    found = restore(other, folder / name)
    assert (other.snapshot(), found.aside) == (store_in(folder).snapshot(), None)
    whole(other)
    assert other.batches()["sender"].to_list() == ["'; DROP TABLE x"]
    assert [export.by for export in exports(other)] == ["甲"]
    assert [draft.text for draft in Drafts(other).all()] == ["草稿"]


def test_a_store_that_is_there_is_kept_aside(folder: Path) -> None:
    """A store that has gone on since goes back, readers at once with it, and is there under the name that is told."""
    store = store_in(folder)
    before = state_of(folder)
    withdraw(store, 1, person="丁", reason="误报")
    gone_on = store.snapshot()
    found = restore(Store(store.path), folder / "kept")
    assert state_of(folder) == before
    assert found.aside is not None
    assert Store(found.aside).snapshot() == gone_on
    assert import_file(store, file_in(folder, "more.csv", 2, regions=1)).batch == 2


def test_readers_go_on_with_what_is_restored(folder: Path) -> None:
    """A reader that holds the state which is restored keeps it, and new questions read the new file."""
    store = store_in(folder)
    held = store.held()
    restore(Store(store.path), folder / "kept")
    assert store.facts().equals(held.facts())
    with pytest.raises(DatabaseError, match="locked"):
        store.query("SET lock_configuration = false")


@pytest.mark.parametrize("step", ["_keep_aside", "hide", "show"])
def test_a_restore_that_is_broken_off_is_done_or_not(folder: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens the store next sees what is in its place: what was there before, or what was restored."""
    store = store_in(folder)
    kept = store.snapshot()
    withdraw(store, 1, person="丁", reason="误报")
    gone_on = store.snapshot()
    with monkeypatch.context() as broken:

        def stop(*_: object) -> None:
            raise KeyboardInterrupt

        broken.setattr(Store if step.startswith("_") else Snapshots, step, stop)
        with pytest.raises(KeyboardInterrupt):
            restore(store, folder / "kept")
    now = Store(store.path)
    assert now.snapshot() == (kept if step == "show" else gone_on)
    assert now.batches()["standing"].to_list() == ([500] if step == "show" else [0])
    whole(now)


def test_a_backup_of_an_earlier_schema_is_brought_forward(tmp_path: Path) -> None:
    """Its tables are compared as they were kept; then they are brought forward like any store of then."""
    of_schema(2)(tmp_path)
    store = store_in(tmp_path)
    # As on a protected disk, where the store stays of its schema.
    beside(store.path, ".lock").mkdir()
    shutil.copytree(tmp_path, tmp_path / "old")
    beside(store.path, ".lock").rmdir()
    old = tmp_path / "old" / "s.duckdb"
    beside(old, ".snapshots").mkdir()
    shutil.copyfile(old, beside(old, ".snapshots") / "0000000000000002.duckdb")
    (beside(old, ".snapshots") / "current").write_text("0000000000000002")
    back_up(Store(old), tmp_path / "kept")
    assert check(tmp_path / "kept").manifest.schema == 2
    restore(Store(tmp_path / "new.duckdb"), tmp_path / "kept")
    assert Store(tmp_path / "new.duckdb").snapshot() == store.snapshot()


def test_what_lies_beside_is_not_written_over(folder: Path) -> None:
    """A journal that has gone on stays and is told; one that lost its end, or is gone, comes back."""
    store = store_in(folder)
    journal = beside(store.path, ".journal.jsonl")
    kept = journal.read_bytes()
    note(store, replace(EXPORT, by="乙"))
    assert [(p.code, p.facts["names"]) for p in restore(store, folder / "kept").notes] == [
        ("restore_left", journal.name)
    ]
    assert [export.by for export in exports(store)] == ["乙", "甲"]
    journal.write_bytes(kept[:9])
    shutil.rmtree(beside(store.path, ".drafts"))
    assert restore(store, folder / "kept").notes == ()
    assert (journal.read_bytes(), len(Drafts(store).all())) == (kept, 1)


def test_all_that_lies_beside_a_store_is_kept_or_left_on_purpose() -> None:
    """Whatever the program puts beside a store is named either way."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "data").rglob("*.py"))
    found = set(re.findall(r"beside\([\w.]+, f?\"(\.[\w.-]+)", text))
    assert found <= {*BESIDE, *LEFT}
    assert set(BESIDE) <= found


def test_the_private_key_is_in_no_backup(folder: Path) -> None:
    """It leaves its place by no command."""
    store = store_in(folder)
    beside(store.path, ".key").write_text("SECRET")
    back_up(store, folder / "again")
    held = [file.read_bytes() for file in (folder / "again").rglob("*") if file.is_file()]
    assert not [content for content in held if b"SECRET" in content]


def test_a_backup_goes_over_nothing(folder: Path) -> None:
    """A file, a folder, even an empty one, or a link that leads nowhere: refused, and as it was."""
    (folder / "file").write_text("x")
    (folder / "empty").mkdir()
    (folder / "link").symlink_to(folder / "nowhere")
    for name in ("file", "empty", "link", "kept.zip"):
        assert _code(lambda name=name: back_up(store_in(folder), folder / name)) == "backup_exists"
    assert ((folder / "file").read_text(), list((folder / "empty").iterdir())) == ("x", [])


def test_a_backup_is_for_whoever_may_see_all(folder: Path) -> None:
    """Of a store that is open for somebody nothing is written, which is in the journal."""
    store = store_in(folder)
    reporter = known_as(store, "reporter", "r000")
    assert _code(lambda: back_up(reporter, folder / "again")) == "denied"
    assert not (folder / "again").exists()
    assert Journal(beside(store.path, ".journal.jsonl")).all()[-1]["kind"] == "denied"


def test_a_backup_that_cannot_be_written_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each file in turn the disk says that it is full: told, and nothing is there."""
    before, synced = sorted(folder.rglob("*")), backup_module.synced
    for room in (0, 7, 20):
        left = iter(range(room))

        def full(file: Path, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise OSError(28, "No space left on device")
            synced(file)

        monkeypatch.setattr(backup_module, "synced", full)
        assert _code(lambda: back_up(store_in(folder), folder / "again")) == "backup_unwritable"
        assert sorted(folder.rglob("*")) == before
    assert _code(lambda: back_up(store_in(folder), folder / "no" / "such" / "kept")) == "backup_unwritable"


@pytest.mark.parametrize("most", [100, 1000, 3000])
@pytest.mark.parametrize("name", ["again", "again.zip"])
@pytest.mark.filterwarnings("error")
def test_a_full_target_is_no_damage_of_the_store(folder: Path, name: str, most: int) -> None:
    """Told with the target and the system's reason, at whichever table: to restore would set a sound store back."""
    store = store_in(folder)
    store.snapshot()
    before, limits = sorted(folder.rglob("*")), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
    try:
        with pytest.raises(InputError) as error:
            back_up(store, folder / name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    (problem,) = error.value.problems
    assert (problem.code, problem.facts) == (
        "backup_unwritable", {"path": folder / name, "reason": os.strerror(errno.EFBIG)},
    )  # fmt: skip
    del error
    gc.collect()
    assert sorted(folder.rglob("*")) == before


def test_a_backup_without_room_for_the_definitions_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are left out where there are none, not where they cannot be written."""
    taken = backup_module._Sink.take

    def full(sink: backup_module._Sink, name: str) -> None:
        if name == "definitions.yaml":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken(sink, name)

    monkeypatch.setattr(backup_module._Sink, "take", full)
    assert _code(lambda: back_up(store_in(folder), folder / "again")) == "backup_unwritable"


def test_a_snapshot_damaged_while_it_is_kept_is_told_as_damage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What of the store cannot be read is the store's, and not the target's."""
    read = backup_module.contents

    def unreadable(connection: Connection, source: str) -> Contents:
        if source.startswith("kept."):
            raise Unreadable("IO Error: a page is not what was written")
        return read(connection, source)

    monkeypatch.setattr(backup_module, "contents", unreadable)
    assert _code(lambda: back_up(store_in(folder), folder / "again")) == "store_damaged"


def _checked(folder: Path) -> None:
    check(folder / "kept")


def _rolled_up(_: Path) -> None:
    with opened():
        pass


@pytest.mark.parametrize("task", [_checked, _rolled_up])
def test_what_was_killed_is_swept_by_the_next(
    folder: Path, task: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its temporary folder has up to 20 GB; one that is in use stays, and so does what is none."""
    place = folder / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    code = "from data.beside import scratch\nwith scratch('x') as at: print(at, flush=True); input()"
    env = {**os.environ, "TMPDIR": str(place)}
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        left = Path(other.stdout.readline().strip())
        (left / "spilt").write_text("x")
        (place / ".link.quheng-part").symlink_to(folder / "kept")
        (place / ".file.quheng-part").write_text("x")
        os.mkfifo(place / ".pipe.quheng-part")
        there = sorted(place.iterdir())
        task(folder)
        assert (sorted(place.iterdir()), left.parent, len(there)) == (there, place, 4)
        other.kill()
    task(folder)
    assert (sorted(place.iterdir()), (folder / "kept").is_dir()) == ([at for at in there if at != left], True)


def _changed(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "a bit of a table": lambda kept: _changed(next(kept.glob("tables/*_facts.parquet"))),
    "a bit of the manifest": lambda kept: _changed(kept / "manifest.json"),
    "a shorter table": lambda kept: os.truncate(next(kept.glob("tables/*_facts.parquet")), 100),
    "a table gone": lambda kept: next(kept.glob("tables/*_events.parquet")).unlink(),
    "no manifest": lambda kept: (kept / "manifest.json").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_changes_nothing(folder: Path, damage: str) -> None:
    """One bit is enough: told with the file, and the store is what it was, to the byte."""
    DAMAGES[damage](folder / "kept")
    before = store_in(folder).path.read_bytes()
    code = _code(lambda: restore(store_in(folder), folder / "kept"))
    assert code == ("no_backup" if damage == "no manifest" else "backup_damaged")
    assert store_in(folder).path.read_bytes() == before
    assert not list(folder.glob("*before-restore*"))


def test_a_damaged_zip_changes_nothing(folder: Path) -> None:
    """Cut off, or with a bit changed in what it packs."""
    content = (folder / "kept.zip").read_bytes()
    (folder / "cut.zip").write_bytes(content[: len(content) // 2])
    assert _code(lambda: check(folder / "cut.zip")) == "no_backup"
    _changed(folder / "kept.zip")
    assert _code(lambda: check(folder / "kept.zip")) == "backup_damaged"
    assert _code(lambda: check(folder / "none.zip")) == "no_backup"
    assert _code(lambda: check(folder / "one.csv")) == "no_backup"


def _rewritten(kept: Path, change: Callable[[Manifest], Manifest]) -> None:
    manifest = read_manifest((kept / "manifest.json").read_bytes())
    (kept / "manifest.json").write_bytes(change(manifest).write())


def test_rows_that_are_not_those_that_were_kept_are_refused(folder: Path) -> None:
    """With a manifest that fits every file, the rows themselves are compared before anything takes the name."""
    _rewritten(
        folder / "kept",
        lambda found: replace(found, tables={**found.tables, "facts": replace(found.tables["facts"], digest="0-0")}),
    )
    before = store_in(folder).path.read_bytes()
    assert _code(lambda: restore(store_in(folder), folder / "kept")) == "restore_unlike"
    assert store_in(folder).path.read_bytes() == before


@pytest.mark.parametrize("name", ["../out", "/etc/x", "a/../../b", "a\\b", ""])
def test_a_manifest_leads_nowhere_else(folder: Path, name: str) -> None:
    """A name that would be read or written outside the backup is refused, in a .zip too."""
    with zipfile.ZipFile(folder / "kept.zip") as packed:
        manifest = read_manifest(packed.read("manifest.json"))
        files = {**manifest.files, name: manifest.files["definitions.yaml"]}
    with zipfile.ZipFile(folder / "bad.zip", "w") as packed:
        packed.writestr("manifest.json", replace(manifest, files=files).write())
    assert _code(lambda: check(folder / "bad.zip")) == "backup_damaged"


@pytest.mark.parametrize("change", [{"format": 2}, {"schema": 99}])
def test_a_newer_backup_is_told(folder: Path, change: dict[str, int]) -> None:
    """Of a later format or schema: the program is to be upgraded."""
    _rewritten(folder / "kept", lambda found: replace(found, **change))
    assert _code(lambda: check(folder / "kept")) == "backup_newer"


def test_what_was_revoked_since_the_backup_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The ones that are good again, if only later, and not the one that was all along; of a new place all, of nothing
    new none."""
    store = store_in(folder)
    gone, stays = (give(store, Grant(0, name, "leader", giver="丁", reason="试")) for name in ("走", "留"))
    later = give(store, Grant(0, "后", "leader", since="2999-01-01", giver="丁", reason="试"))
    back_up(store, folder / "granted")
    assert restore(Store(store.path), folder / "granted").notes == ()
    for one in (gone, later):
        revoke(store_in(folder), one, person="丁", reason="调走")
    assert main(["restore", str(folder / "granted"), "--db", str(store.path), "--lang", "en"]) == 0
    said = capsys.readouterr().err
    assert f"#{gone} 走, #{later} 后" in said
    assert f"#{stays} 留" not in said
    (elsewhere := folder / "elsewhere").mkdir()
    notes = restore(Store(elsewhere / "s.duckdb"), folder / "granted").notes
    every = f"#{gone} 走, #{stays} 留, #{later} 后"
    assert [one.facts["grants"] for one in notes if one.code == "restored_grants"] == [every]


def test_a_backup_without_its_definitions_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is made all the same; with the file nothing is said."""
    db = ["--db", str(folder / "s.duckdb")]
    assert main(["backup", *db, "--out", str(folder / "with")]) == 0
    assert "backup_without_definitions" not in capsys.readouterr().err
    store_in(folder).definitions_path().unlink()
    assert main(["backup", *db, "--out", str(folder / "without")]) == 0
    assert "backup_without_definitions" in capsys.readouterr().err
    assert (folder / "without" / "manifest.json").exists()


def test_the_commands_tell_and_record(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """backup prints the snapshot, status names it as the current one, restore --check touches nothing."""
    db = ["--db", str(folder / "s.duckdb")]
    assert main(["backup", *db, "--out", str(folder / "mine.zip"), "--lang", "en"]) == 0
    snapshot = store_in(folder).snapshot()
    assert snapshot in capsys.readouterr().out
    last = last_backup(folder / "s.duckdb")
    assert last is not None
    assert (last.where, last.snapshot) == (str(folder / "mine.zip"), snapshot)
    assert main(["status", *db, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["backup"]["snapshot"] == snapshot
    assert main(["status", *db, "--lang", "en"]) == 0
    assert "unchanged since" in capsys.readouterr().out
    before = (folder / "s.duckdb").read_bytes()
    assert main(["restore", str(folder / "mine.zip"), "--check", *db]) == 0
    assert (folder / "s.duckdb").read_bytes() == before
    assert main(["restore", str(folder / "mine.zip"), *db]) == 0
    assert "before-restore" in capsys.readouterr().out
