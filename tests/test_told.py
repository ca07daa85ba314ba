"""Status: all that a store holds and what waits for somebody, for a person and for a program."""

import json

import pytest

from data.__main__ import main
from data.batches import raise_to, withdraw
from data.clock import zoned
from data.intake import import_file
from data.proposals import publish
from data.rescue import last_backup
from data.store import Store
from data.told import LABELS, status
from metrics.export.paper import width_of
from tests.test_batches import sent, store  # noqa: F401  (a fixture)


def test_status_counts_all_of_it(store: Store, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    """Facts by status, batches by state, warnings with and without a reason, published, rolled up, backed up."""
    sent(store, "one", {("x", "a"): 1.0, ("x", "b"): 2.0})
    publish(store, "2024", person="丁")
    raise_to(store, 1, "verified", person="乙")
    sent(store, "two", {("y", "a"): 1.0})
    sent(store, "three", {("z", "a"): 1.0})
    withdraw(store, 3, person="甲", reason="报错")
    found = status(store)
    assert found["statuses"] == {"reported": 1, "reviewed": 0, "verified": 2}
    assert found["states"] == {"received": 1, "reviewed": 0, "verified": 1, "superseded": 0, "withdrawn": 1}
    assert (found["last_batch"]["id"], found["published"], found["backup"]) == (3, ["2024"], None)
    assert found["rolled_up"] == {"event": store.newest_event(), "last": store.newest_event()}
    raise_to(store, 2, "reviewed", person="乙")
    assert status(store)["rolled_up"] == found["rolled_up"]
    found = status(store)
    capsys.readouterr()
    assert main(["status", "--db", str(store.path), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_status_is_one_screen(store: Store, capsys: pytest.CaptureFixture[str], lang: str) -> None:  # noqa: F811
    """A line for each, no more than a terminal has, of an empty store and of one with facts."""
    for _ in range(2):
        capsys.readouterr()
        assert main(["status", "--db", str(store.path), "--lang", lang]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == len(LABELS) <= 24
        assert all(line.partition("\t")[2] for line in lines)
        sent(store, "one", {("x", "a"): 1.0})


def test_status_cuts_a_path_and_no_words(store: Store, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    """However long the folder of a backup is called, what is said of it is whole, on a line of a screen."""
    folder = store.path.parent / ("机关事务" * 12)
    folder.mkdir()
    db = ["--db", str(store.path), "--lang", "en"]
    assert main(["backup", *db, "--out", str(folder / "b.zip")]) == 0
    last = last_backup(store.path)
    assert last is not None
    for said in ("unchanged since", "changed since", "no longer there"):
        capsys.readouterr()
        assert main(["status", *db]) == 0
        line = capsys.readouterr().out.splitlines()[-1]
        assert line.endswith(f".zip · {zoned(last.made)} · {said}"), line
        assert width_of(line.replace("\t", "    ")) <= 80
        if said == "changed since":
            (folder / "b.zip").unlink()
        sent(store, said, {("x", "a"): 1.0})


def test_status_cuts_no_moment_and_no_count(
    store: Store,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A sender may be called like the day of the moment, and there may be very many facts of each status."""
    sent(store, "甲方" * 20, {("x", "a"): 1.0})
    found = status(store)
    moment = zoned(found["last_batch"]["received"])
    found["last_batch"]["sender"] = moment[:10]
    found["statuses"] = dict.fromkeys(("reported", "reviewed", "verified"), 1_234_567)
    monkeypatch.setattr("data.told.status", lambda store: found)
    capsys.readouterr()
    assert main(["status", "--db", str(store.path), "--lang", "en"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(f"\t1 · {moment} · " in line and line.endswith("csv") for line in lines)
    assert any("reported 1,234,567, reviewed 1,234,567, verified 1,234,567" in line for line in lines)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_status_is_as_wide_as_a_screen(store: Store, capsys: pytest.CaptureFixture[str], lang: str) -> None:  # noqa: F811
    """No line is wider than 80 columns, whatever a file and who sent it are called; its beginning and its end are told,
    the moment is whole, and the values stand one under the other."""
    sent(store, "甲方" * 40, {("x", "a"): 1.0})
    with store.transaction("rename", "send") as writer:
        writer.execute("UPDATE batches SET sender = $sender", {"sender": "某地区机关事务管理局"})
    capsys.readouterr()
    assert main(["status", "--db", str(store.path), "--lang", lang]) == 0
    lines = [line.replace("\t", "    ") for line in capsys.readouterr().out.splitlines()]
    assert max(width_of(line) for line in lines) <= 80
    assert any(zoned(store.batches()["received"][0]) in line for line in lines)
    assert any("· 甲方" in line and "…" in line and line.endswith("csv") for line in lines)


def test_warnings_of_batches_that_are_gone_wait_for_nobody(store: Store) -> None:  # noqa: F811
    """Only those of batches that hold are counted."""
    for value in (1.0, 5.0):
        file = store.path.with_name(f"{value}.csv")
        file.write_text(f"region,period,variable,value\nx,{2023 + (value > 1)},a,{value}\n", encoding="utf-8")
        import_file(store, file)
    assert status(store)["warnings"] == {"explained": 0, "open": 1}
    withdraw(store, 2, person="甲", reason="报错")
    assert status(store)["warnings"] == {"explained": 0, "open": 0}
