"""The store: transactions, snapshots, one writer, many readers."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from data.intake import import_file
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
