"""The store: transactions, snapshots, one writer, many readers."""

import errno
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data import intake
from data.__main__ import main
from data.grants import give
from data.intake import Report, import_file, judge_file
from data.rights import Grant
from data.store import Store
from metrics.problems import InputError

ROOT = Path(__file__).parent.parent
DEFINITIONS = """
schema: 1
title: test
variables:
  water: {name: Water, unit: m3, plausible: [0, 1000]}
  staff: {name: Staff, unit: person, over_time: last}
indicators:
  water_per_head: {name: Water per head, unit: m3/person, formula: water / staff, better: lower}
index: {code: composite, name: Composite, children: [{indicator: water_per_head}]}
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store with two variables, which learns its regions from facts."""
    indicators = tmp_path / "indicators.yaml"
    indicators.write_text(DEFINITIONS, encoding="utf-8")
    made = Store(tmp_path / "s.duckdb", patience=1.0)
    with made.created() as writer:
        writer.setting("indicators", str(indicators))
    return made


def _facts(folder: Path, *rows: str, name: str = "facts.csv") -> Path:
    file = folder / name
    file.write_text("region,period,variable,value\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return file


def _run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "data", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=False)


def test_a_file_is_stored_whole_with_its_rows(store: Store, tmp_path: Path) -> None:
    """Every accepted row is a fact that knows its batch and row; leading zeros stay."""
    report = import_file(store, _facts(tmp_path, "006,2024,water,12.5", "006,2024,staff,"))
    assert (report.read, report.accepted, report.rejected, report.batch) == (2, 2, 0, 1)
    assert store.facts().select("region", "variable", "value", "batch", "row").rows() == [
        ("006", "staff", None, 1, 3),
        ("006", "water", 12.5, 1, 2),
    ]


def test_columns_that_no_fact_has_are_told(store: Store, tmp_path: Path) -> None:
    """What the file says beyond its facts is counted by column, whatever it is called; an empty column says nothing."""
    (tmp_path / "a.csv").write_text(
        "region,period,variable,value,Value2,row,batch,id,none\na,2024,water,1,5,7,8,9,\na,2025,water,1,6,,,,\n"
    )
    report = import_file(store, tmp_path / "a.csv")
    assert report.left_out == {"column Value2": 2, "column row": 1, "column batch": 1, "column id": 1}


def test_a_file_that_fails_while_it_is_read_is_told_by_its_name(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the file that cannot be read, not the output that cannot be written."""
    file = _facts(tmp_path, "a,2024,water,1")

    def torn(*_: object) -> None:
        # As a read error comes: without a name.
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(hashlib, "file_digest", torn)
    with pytest.raises(InputError) as raised:
        import_file(store, file)
    assert [(problem.code, problem.path) for problem in raised.value.problems] == [("unreadable_file", str(file))]


def test_one_bad_row_keeps_the_whole_file_out(store: Store, tmp_path: Path) -> None:
    """All or nothing: a rejected row leaves the store and its snapshot as they were."""
    before = store.snapshot()
    report = import_file(store, _facts(tmp_path, "a,2024,water,1", "a,2024,wind,abc"))
    assert (report.read, report.accepted, report.rejected, report.batch) == (2, 1, 1, None)
    assert {problem.code for problem in report.rejections} == {"unknown_variable", "bad_number"}
    assert (store.facts().height, store.snapshot()) == (0, before)


def test_rows_in_order_can_be_stored_alone_when_asked(store: Store, tmp_path: Path) -> None:
    """With accept_valid the good rows are stored and the refused ones are kept with their rules."""
    report = import_file(store, _facts(tmp_path, "a,2024,water,1", "a,2024,wind,2"), accept_valid=True)
    assert (report.accepted, report.rejected, report.batch) == (1, 1, 1)
    assert store.query('SELECT row, "column", rule FROM rejections').rows() == [(3, "variable", "unknown_variable")]


def test_the_same_file_a_second_time_changes_nothing(store: Store, tmp_path: Path) -> None:
    """A file is known by its bytes; importing it again is said and leaves the snapshot alone."""
    file = _facts(tmp_path, "a,2024,water,1")
    import_file(store, file)
    before = store.snapshot()
    again = import_file(store, file)
    assert (again.already, again.batch, store.snapshot()) == (True, 1, before)


def test_a_replacement_that_is_not_done_is_told(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is there already makes no batch, and what it was to replace is as it was."""
    (tmp_path / "f.csv").write_text("region,period,variable,value\n", encoding="utf-8")
    told = Report("f.csv", 1, 1, 0, 2, already=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("data.intake.import_file", lambda *_, **__: told)
        assert main(["import", str(tmp_path / "f.csv"), "--replaces", "1", "--db", str(store.path)]) == 0
    assert "replaces_not_done" in capsys.readouterr().err


def test_a_newer_value_goes_before_an_older_one(store: Store, tmp_path: Path) -> None:
    """A correction is a new batch; both stay, the newer is current."""
    import_file(store, _facts(tmp_path, "a,2024,water,1", name="one.csv"))
    import_file(store, _facts(tmp_path, "a,2024,water,2", name="two.csv"))
    assert store.facts()["value"].to_list() == [2.0]
    assert store.query("SELECT count(*) AS n FROM facts")["n"][0] == 2


def test_an_implausible_value_is_a_warning(store: Store, tmp_path: Path) -> None:
    """A value outside its plausible range is stored, and said."""
    report = import_file(store, _facts(tmp_path, "a,2024,water,5000"))
    assert report.batch == 1
    assert [problem.code for problem in report.warnings] == ["not_plausible"]


def test_a_transaction_that_writes_nothing_leaves_the_file_alone(store: Store) -> None:
    """It stays the one that was sealed, so that the next writer need not read it through."""
    before = store.path.read_bytes()
    with store.transaction("nothing") as writer:
        writer.found("SELECT 1")
    assert store.path.read_bytes() == before


def test_an_exception_inside_a_transaction_leaves_nothing(store: Store) -> None:
    """What was written before the exception is gone, and the snapshot is the old one."""
    before = store.snapshot()

    def fail() -> None:
        with store.transaction("x") as writer:
            writer.setting("label", "demo")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert ("label" in store.settings(), store.snapshot()) == (False, before)


def test_a_second_writer_is_told_to_wait(store: Store) -> None:
    """While one transaction is open, another one gives up with a clear problem."""
    with store.transaction("x"), pytest.raises(InputError) as error, Store(store.path, patience=0.1).transaction("y"):
        pass
    assert error.value.problems[0].code == "store_busy"


def test_readers_never_wait_for_a_writer(store: Store) -> None:
    """Another process reads the published snapshot while a transaction is open."""
    with store.transaction("x"):
        done = _run("status", "--format", "json", "--db", str(store.path))
    assert done.returncode == 0, done.stderr
    with store.transaction("y"):
        assert store.query("SELECT 1 AS one")["one"][0] == 1


def test_many_threads_read_right_rows(store: Store, tmp_path: Path) -> None:
    """Eight threads with 100 queries each get exactly what they asked for."""
    import_file(store, _facts(tmp_path, *(f"r{n},2024,water,{n}" for n in range(50))))
    wrong: list[object] = []

    def ask(thread: int) -> None:
        for turn in range(100):
            number = (thread * 7 + turn) % 50
            found = store.query("SELECT value FROM facts WHERE region = $region", region=f"r{number}")[
                "value"
            ].to_list()
            if found != [float(number)]:
                wrong.append((number, found))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_killed_import_leaves_the_last_good_state(store: Store, tmp_path: Path) -> None:
    """kill -9 in the middle of a transaction: the store opens, holds what it held, and takes the next import."""
    import_file(store, _facts(tmp_path, "a,2024,water,1"))
    script = f"""
        import time
        from data.store import Store
        with Store({str(store.path)!r}).transaction("x") as writer:
            writer.execute("DELETE FROM facts")
            print("open", flush=True)
            time.sleep(60)
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "open"
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert store.facts()["value"].to_list() == [1.0]
    import_file(store, _facts(tmp_path, "a,2023,water,3", name="next.csv"))
    assert store.facts().height == 2


def test_a_crash_before_publication_heals(store: Store, tmp_path: Path) -> None:
    """What was committed but not published is published by the next status."""
    old = (store.path.parent / "s.duckdb.snapshots" / "current").read_text()
    import_file(store, _facts(tmp_path, "a,2024,water,1"))
    new = store.snapshot()
    (store.path.parent / "s.duckdb.snapshots" / "current").write_text(old)
    store.heal()
    assert store.snapshot() == new


@pytest.mark.parametrize("content", [b"", b"rubbish" * 1000, b"\x00" * 5000])
def test_a_damaged_store_is_said(tmp_path: Path, content: bytes) -> None:
    """A file that is no store gives a problem, not a trace, and is left alone."""
    file = tmp_path / "s.duckdb"
    file.write_bytes(content)
    done = _run("status", "--db", str(file), "--lang", "en")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert file.read_bytes() == content


def test_the_demonstration_is_the_same_every_time(tmp_path: Path) -> None:
    """`demo` twice gives the same snapshot; a second time at the same path refuses."""
    first = _run("demo", "--db", str(tmp_path / "a.duckdb"))
    _run("demo", "--db", str(tmp_path / "b.duckdb"))
    assert first.returncode == 0, first.stderr
    status = [
        json.loads(_run("status", "--format", "json", "--db", str(tmp_path / n)).stdout)
        for n in ("a.duckdb", "b.duckdb")
    ]
    assert status[0] == status[1]
    assert status[0]["label"] == "demo"
    again = _run("demo", "--db", str(tmp_path / "a.duckdb"), "--lang", "en")
    assert (again.returncode, "already" in again.stderr) == (1, True)


def test_import_prints_and_reports(tmp_path: Path, store: Store) -> None:
    """The command prints read, accepted, rejected; the report names each rejection's row, column and rule; exit 1."""
    file = _facts(tmp_path, "a,2024,water,1", "a,2024-13,water,2")
    out = tmp_path / "report.json"
    done = _run("import", str(file), "--db", str(store.path), "--report", str(out), "--lang", "en")
    report = json.loads(out.read_text(encoding="utf-8"))
    assert done.returncode == 1
    assert (report["read"], report["accepted"], report["rejected"]) == (2, 1, 1)
    assert [(row["row"], row["column"], row["rule"]) for row in report["rejections"]] == [(3, "period", "bad_period")]
    assert "rejected: 1" in done.stdout


def test_an_import_that_fails_leaves_the_last_report(tmp_path: Path, store: Store) -> None:
    """Of a file that cannot be read nothing is reported; a report that cannot be written is told before anything is
    stored."""
    out, absent = tmp_path / "report.json", str(tmp_path / "absent.csv")
    assert _code(_run("import", absent, "--db", str(store.path), "--report", str(out))) == "unreadable_file"
    assert not out.exists()
    out.write_text("before", encoding="utf-8")
    assert _code(_run("import", absent, "--db", str(store.path), "--report", str(out))) == "unreadable_file"
    assert out.read_text(encoding="utf-8") == "before"
    file = str(_facts(tmp_path, "a,2024,water,1"))
    for place in (tmp_path / "no" / "report.json", tmp_path):
        assert _code(_run("import", file, "--db", str(store.path), "--report", str(place))) == "unwritable_file"
    assert store.facts().is_empty()


def test_waiting_for_a_writer_ends(store: Store) -> None:
    """A writer that waits goes on as soon as the other is done."""
    started = threading.Event()

    def hold() -> None:
        with store.transaction("x"):
            started.set()
            time.sleep(0.3)

    other = threading.Thread(target=hold)
    other.start()
    started.wait()
    with Store(store.path, patience=5.0).transaction("y") as writer:
        writer.setting("seen", "yes")
    other.join()
    assert store.settings()["seen"] == "yes"


def _killed(word: str, *arguments: str) -> None:
    """A command that is killed when the database is about to run a statement that begins with `word`."""
    script = f"""
        import os, sys
        import duckdb
        from data.__main__ import main
        connect = duckdb.connect
        class Killed:
            def __init__(self, connection):
                self.connection = connection
            def __getattr__(self, name):
                return getattr(self.connection, name)
            def execute(self, sql, *values):
                if sql.startswith({word!r}):
                    os.kill(os.getpid(), 9)
                return self.connection.execute(sql, *values)
            def close(self):
                # At the latest when the connection would settle its log by itself.
                os.kill(os.getpid(), 9) if {word!r} == "CHECKPOINT" else self.connection.close()
        def killed(path=":memory:", read_only=False, **more):
            made = connect(path, read_only=read_only, **more)
            return made if read_only or path == ":memory:" else Killed(made)
        duckdb.connect = killed
        main(sys.argv[1:])
    """
    command = [sys.executable, "-c", textwrap.dedent(script), *arguments]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == -signal.SIGKILL


def _status(store: Store) -> dict[str, object]:
    done = _run("status", "--format", "json", "--db", str(store.path))
    assert done.returncode == 0, done.stderr
    status: dict[str, object] = json.loads(done.stdout)
    return status


def _code(done: subprocess.CompletedProcess[str]) -> str:
    """The one problem's code that a command ended with."""
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    (code,) = re.findall(r"^(?:\S*:\d+:\d+: )?error (\w+) ", done.stderr, flags=re.MULTILINE)
    return str(code)


def test_what_was_committed_before_a_crash_is_published_rightly(store: Store, tmp_path: Path) -> None:
    """kill -9 after COMMIT, its rows still in the log: status shows them, and the same file is recognised."""
    file = _facts(tmp_path, "a,2024,water,1")
    _killed("CHECKPOINT", "import", str(file), "--db", str(store.path))
    assert store.path.with_name("s.duckdb.wal").exists()
    assert _status(store)["facts"] == 1
    assert import_file(store, file).already


def test_a_crash_before_publication_does_not_take_a_file_twice(store: Store, tmp_path: Path) -> None:
    """kill -9 after COMMIT, and at once the same import again: it is recognised, and readers see the rows."""
    file = _facts(tmp_path, "a,2024,water,1")
    _killed("CHECKPOINT", "import", str(file), "--db", str(store.path))
    assert import_file(store, file).already
    assert store.facts().height == 1


def test_what_was_committed_before_a_crash_is_seen_by_whoever_writes_next(store: Store) -> None:
    """kill -9 after COMMIT of a right that is taken back: done again it is refused, and readers see that it is gone."""
    give(store, Grant(0, "a@x", "evaluator", "", giver="b@x", reason="x"))
    again = ["revoke", "1", "--by", "b@x", "--reason", "gone", "--db", str(store.path)]
    _killed("CHECKPOINT", *again)
    assert store.query("SELECT * FROM revocations").is_empty()
    assert _code(_run(*again)) == "no_such_grant"
    assert store.query("SELECT * FROM revocations").height == 1


def test_what_is_published_is_not_copied_before_a_change(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change publishes once, at its end, where the one before it was published."""
    kept: list[Path] = []
    keep = Store._keep
    monkeypatch.setattr(Store, "_keep", lambda self, file: (kept.append(file), keep(self, file))[1])
    with store.transaction("x") as writer:
        writer.setting("seen", "yes")
    assert len(kept) == 1


def test_a_snapshot_that_holds_another_state_is_replaced(store: Store, tmp_path: Path) -> None:
    """A snapshot whose content is not what its name says is mended by the next status."""
    folder = tmp_path / "s.duckdb.snapshots"
    old = (folder / f"{store.snapshot()}.duckdb").read_bytes()
    report = _run("import", str(_facts(tmp_path, "a,2024,water,1")), "--db", str(store.path))
    assert report.returncode == 0, report.stderr
    (folder / f"{(folder / 'current').read_text()}.duckdb").write_bytes(old)
    assert _status(store)["facts"] == 1


@pytest.mark.parametrize("word", ["CREATE TABLE IF", "BEGIN", "INSERT INTO schema", "COMMIT", "CHECKPOINT"])
def test_a_killed_making_leaves_no_store(tmp_path: Path, word: str) -> None:
    """kill -9 during init: there is no store, and the next init makes one."""
    store = Store(tmp_path / "s.duckdb")
    _killed(word, "init", "--db", str(store.path))
    assert _code(_run("status", "--db", str(store.path))) == "no_store"
    assert _run("init", "--db", str(store.path)).returncode == 0
    assert _status(store)["facts"] == 0
    assert not list(tmp_path.glob("*.new*"))


@pytest.mark.parametrize("table", ["CREATE TABLE other (a INTEGER)", "CREATE TABLE settings (a INTEGER)"])
def test_another_database_is_left_alone(tmp_path: Path, table: str) -> None:
    """A DuckDB file of another program is told as that, whatever the command, and not a byte of it changes."""
    file = tmp_path / "s.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(table)
    before = file.read_bytes()
    assert _code(_run("status", "--db", str(file))) == "store_foreign"
    assert _code(_run("import", str(_facts(tmp_path, "a,2024,water,1")), "--db", str(file))) == "store_foreign"
    with pytest.raises(InputError, match="store_foreign"), Store(file).transaction("x"):
        pass
    with pytest.raises(InputError, match="store_foreign"):
        Store(file).facts()
    assert file.read_bytes() == before


def test_the_same_file_twice_at_once_is_stored_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two imports of one file that both found it new, the later says that it is there already."""
    file = _facts(tmp_path, "a,2024,water,1")

    def overtaken(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(intake, "judge_file", judge_file)
        assert import_file(store, file).batch == 1
        return judge_file(*given, **more)

    monkeypatch.setattr(intake, "judge_file", overtaken)
    report = import_file(store, file)
    assert (report.already, report.batch, store.batches().height) == (True, 1, 1)


def _begun(folder: Path, regions: str, definitions: str = DEFINITIONS) -> Store:
    """A store at one and the same path, made by the command with these regions and definitions."""
    (folder / "regions.csv").write_text(regions, encoding="utf-8")
    (folder / "own.yaml").write_text(definitions, encoding="utf-8")
    store = Store(folder / "again.duckdb")
    store.path.unlink(missing_ok=True)
    more = ["--regions", str(folder / "regions.csv"), "--indicators", str(folder / "own.yaml")]
    done = _run("init", *more, "--db", str(store.path))
    assert done.returncode == 0, done.stderr
    return store


def test_stores_that_differ_have_other_snapshots(tmp_path: Path) -> None:
    """Other regions, areas or definitions are another state, and so is what is stored onto them; the same is not."""
    file = _facts(tmp_path, "a,2024,water,1", "a,2023,wind,1")
    ids = []
    for regions, definitions, sender in (
        ("code,name_zh\na,x\n", DEFINITIONS, ""),
        ("code,name_zh\na,y\n", DEFINITIONS, ""),
        ("code,name_zh,areas\na,x,M|N\n", DEFINITIONS, ""),
        ("code,name_zh\na,x\n", DEFINITIONS.replace("title: test", "title: other"), ""),
        ("code,name_zh\na,x\n", DEFINITIONS, "somebody"),
        ("code,name_zh\na,x\n", DEFINITIONS, ""),
    ):
        store = _begun(tmp_path, regions, definitions)
        import_file(store, file, accept_valid=True, sender=sender)
        ids.append(store.snapshot())
        assert store.batches()["sender"].to_list() == [sender]
    assert len(set(ids)) == 5
    assert ids[0] == ids[-1]


def test_what_was_accepted_is_part_of_the_state(store: Store, tmp_path: Path) -> None:
    """The same change that wrote other rows has another id; one that wrote nothing leaves the id alone."""
    ids = [store.snapshot()]
    for folder, value in (("one", "x"), ("two", "y")):
        own = Store(tmp_path / f"{folder}.duckdb")
        with own.created() as writer:
            writer.setting("label", value)
        ids.append(own.snapshot())
    assert len(set(ids)) == 3
    with store.transaction("z") as writer:
        assert writer.found("SELECT count(*) FROM facts") == [(0,)]
    assert store.snapshot() == ids[0]


def test_attributes_may_have_any_name(tmp_path: Path) -> None:
    """Columns `name` and `value` of the regions are attributes like others."""
    found = _begun(tmp_path, "code,name,value,size\na,n,v,s\nb,,w,\n").regions()
    assert found is not None
    assert found.select("code", "name", "value", "size").rows() == [("a", "n", "v", "s"), ("b", None, "w", None)]


def test_an_area_named_twice_is_one(tmp_path: Path) -> None:
    """A region belongs to an area once, however often it is written."""
    areas = _begun(tmp_path, "code,areas\na,X|Y;X|Y\nb,X|Y\n").areas()
    assert areas.rows() == [("X", "X", "Y", "a"), ("X", "X", "Y", "b")]


@pytest.mark.parametrize("over", ["facts.csv", "indicators.yaml", "s.duckdb", "mapping.yaml", "link.csv"])
def test_a_report_goes_over_nothing_that_is_read(store: Store, tmp_path: Path, over: str) -> None:
    """--report at the input, the mapping, the definitions, the store, or a link to one: refused, not a byte changed."""
    file, mapping = _facts(tmp_path, "a,2024,water,1"), tmp_path / "mapping.yaml"
    mapping.write_text("schema: 1\n", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(file)
    before = (tmp_path / over).read_bytes()
    given = ["--mapping", str(mapping), "--report", str(tmp_path / over), "--db", str(store.path)]
    assert _code(_run("import", str(file), *given)) == "out_over_input"
    assert (tmp_path / over).read_bytes() == before


@pytest.mark.parametrize("path", ["", "/proc/x", "/dev/null/x", "."])
def test_a_place_for_no_store_is_said(path: str, tmp_path: Path) -> None:
    """Where no file can be, no store is made and none is found; nothing is left there."""
    before = sorted(ROOT.glob(".*"))
    assert _code(_run("init", "--db", path)) == "store_unwritable"
    assert _code(_run("status", "--db", path)) == "no_store"
    assert _code(_run("import", str(_facts(tmp_path, "a,2024,water,1")), "--db", path)) == "no_store"
    assert sorted(ROOT.glob(".*")) == before


def test_snapshots_that_cannot_be_written_are_said(store: Store, tmp_path: Path) -> None:
    """A file in place of the snapshots' folder: nothing is stored, and every command says why."""
    shutil.rmtree(tmp_path / "s.duckdb.snapshots")
    (tmp_path / "s.duckdb.snapshots").write_text("")
    before = store.path.read_bytes()
    assert _code(_run("status", "--db", str(store.path))) == "store_unpublished"
    with pytest.raises(InputError, match="store_unwritable"), store.transaction("x") as writer:
        writer.setting("a", "b")
    assert store.path.read_bytes() == before


def test_a_store_that_cannot_be_written_can_be_read(store: Store, tmp_path: Path) -> None:
    """Where no lock can be taken, as on a protected disk, status reads what is published; an import says why not."""
    (tmp_path / "s.duckdb.lock").unlink()
    (tmp_path / "s.duckdb.lock").mkdir()
    assert _status(store)["snapshot"] == store.snapshot()
    file = _facts(tmp_path, "a,2024,water,1")
    assert _code(_run("import", str(file), "--db", str(store.path))) == "store_unwritable"


@pytest.mark.parametrize("room", [200_000, 3_000_000])
def test_a_full_disk_is_said(store: Store, tmp_path: Path, room: int) -> None:
    """No file may grow over its room: a problem, what was held can be read, and the import works once there is room."""
    file = _facts(tmp_path, *(f"r{n},{year},water,{n * 1.37}" for n in range(6000) for year in range(2000, 2025)))
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}));"
    script = f"import sys, signal; {limit} signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    command = [sys.executable, "-c", f"{script} from data.__main__ import main; sys.exit(main(sys.argv[1:]))"]
    done = subprocess.run(
        [*command, "import", str(file), "--db", str(store.path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert _code(done) in ("store_unwritable", "store_unpublished")
    assert _run("status", "--db", str(store.path)).returncode == 0
    assert _run("import", str(file), "--db", str(store.path)).returncode == 0
    assert _status(store)["facts"] == 150_000


def test_a_file_with_nothing_to_accept_stores_nothing(store: Store, tmp_path: Path) -> None:
    """accept_valid where no row is valid: no batch, the same snapshot, and the file may come again."""
    before, file = store.snapshot(), _facts(tmp_path, "a,2024,wind,1")
    for _ in range(2):
        report = import_file(store, file, accept_valid=True)
        assert (report.batch, report.already, report.rejected, store.snapshot()) == (None, False, 1, before)


def test_a_file_that_reports_nothing_is_no_batch(store: Store, tmp_path: Path) -> None:
    """Heads without rows are refused with what to do, and the store does not take them for a report."""
    before = store.snapshot()
    with pytest.raises(InputError) as found:
        import_file(store, _facts(tmp_path), sender="甲")
    assert found.value.problems[0].code == "nothing_reported"
    assert store.snapshot() == before


def test_a_store_that_is_gone_is_gone_for_all(store: Store, tmp_path: Path) -> None:
    """Snapshots without their store are not read: every command and reader says that there is none."""
    import_file(store, _facts(tmp_path, "a,2024,water,1"))
    store.path.unlink()
    out = str(tmp_path / "o.csv")
    assert _code(_run("status", "--db", str(store.path))) == "no_store"
    assert _code(_run("score", "--out", out, "--db", str(store.path))) == "no_store"
    with pytest.raises(InputError, match="no_store"):
        store.facts()
    with Store(store.path).created():
        pass
    assert store.facts().height == 0


def test_the_first_and_last_period_are_those_of_the_calendar(tmp_path: Path) -> None:
    """2024-Q1 begins before 2024-02 and 2024-12 ends last, though not in the order of their letters."""
    store, facts = Store(tmp_path / "s.duckdb"), tmp_path / "f.csv"
    assert main(["init", "--db", str(store.path), "--indicators", str(_definitions(tmp_path))]) == 0
    facts.write_text(
        "region,period,variable,value\n" + "".join(f"a,{p},x,1\n" for p in ("2024-Q1", "2024-02", "2024-12"))
    )
    assert main(["import", str(facts), "--db", str(store.path)]) == 0
    assert store.status()["periods"] == {"first": "2024-Q1", "last": "2024-12"}


def _definitions(folder: Path) -> Path:
    path = folder / "x.yaml"
    path.write_text(
        "schema: 1\ntitle: t\nvariables: {x: {name: x, unit: '1', partial: allow}}\nindicators:\n"
        "  a: {name: a, unit: '1', formula: x, better: higher}\n"
        "index: {code: all, name: all, children: [{indicator: a}]}\n",
        encoding="utf-8",
    )
    return path


def test_what_is_no_file_is_never_replaced_by_a_store(tmp_path: Path) -> None:
    """A pipe, a link that leads nowhere, a folder at the path: refused, and left as it was."""
    pipe, link, folder = (tmp_path / name for name in ("pipe", "link", "folder"))
    os.mkfifo(pipe)
    link.symlink_to(tmp_path / "nowhere")
    folder.mkdir()
    for path, code in ((pipe, "store_exists"), (link, "store_exists"), (folder, "store_unwritable")):
        with pytest.raises(InputError) as found, Store(path).created("init"):
            pass
        assert found.value.problems[0].code == code
    with pytest.raises(InputError), Store(pipe).replaced():
        pass
    assert (pipe.is_fifo(), link.is_symlink(), sorted(one.name for one in tmp_path.iterdir())) == (
        True,
        True,
        ["folder", "link", "pipe"],
    )


def test_a_file_that_changes_while_it_is_read_is_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Facts are never kept under the digest of another file."""
    file = _facts(tmp_path, "a,2024,water,1")

    def swapped(*given: Any, **more: Any) -> Any:
        found = judge_file(*given, **more)
        _facts(tmp_path, "a,2024,water,99")
        return found

    monkeypatch.setattr(intake, "judge_file", swapped)
    with pytest.raises(InputError) as found:
        import_file(store, file)
    assert found.value.problems[0].code == "file_changed"
    assert store.batches().is_empty()
