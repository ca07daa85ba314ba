"""Corrections: what a batch changed in facts and scores, told the same whenever it is asked."""

from pathlib import Path

import polars as pl
import pytest

from data.__main__ import main
from data.audit_words import files_of
from data.batches import withdraw
from data.corrections import correction
from data.intake import import_file
from data.proposals import publish
from data.store import Store
from metrics.problems import InputError
from tests.test_batches import sent, store  # noqa: F401  (a fixture)

FIRST = {("x", "a"): 40.0, ("x", "b"): 10.0, ("y", "a"): 10.0, ("y", "b"): 10.0}


def told(frame: pl.DataFrame) -> set[tuple[object, ...]]:
    """What became of each fact."""
    return set(frame.select("region", "variable", "before", "after", "what").iter_rows())


def test_a_correction_tells_what_changed(store: Store) -> None:  # noqa: F811
    """New, changed and equal facts with both values, and the composites that moved with theirs."""
    sent(store, "one", FIRST)
    sent(store, "two", {("x", "a"): 90.0, ("y", "b"): 10.0, ("z", "a"): 1.0})
    found = correction(store, 2)
    assert told(found.facts) == {
        ("x", "a", 40.0, 90.0, "changed"),
        ("y", "b", 10.0, 10.0, "same"),
        ("z", "a", None, 1.0, "new"),
    }
    assert found.counts() == {"new": 1, "changed": 1, "same": 1, "gone": 0}
    (row,) = found.scores.filter(pl.col("region") == "x").iter_rows(named=True)
    assert (row["score_before"], row["score"], row["rank_before"], row["rank"]) == (40.0, 90.0, 1, 1)
    assert found.scores.filter(pl.col("region") == "y").is_empty()


def test_what_took_anothers_place_tells_what_is_gone(store: Store) -> None:  # noqa: F811
    """Of a batch that was replaced also what the new one does not report any more; asked later it is told the same."""
    sent(store, "one", FIRST)
    sent(store, "two", {("x", "a"): 41.0, ("x", "b"): 10.0}, replaces=1)
    found = correction(store, 2)
    gone = {("y", "a", 10.0, None, "gone"), ("y", "b", 10.0, None, "gone")}
    assert told(found.facts) == {("x", "a", 40.0, 41.0, "changed"), ("x", "b", 10.0, 10.0, "same"), *gone}
    sent(store, "three", {("x", "a"): 5.0})
    assert told(correction(store, 2).facts) == told(found.facts)
    assert correction(store, 2).scores.equals(found.scores)


def test_a_published_cycle_is_no_matter_of_a_later_batch(store: Store) -> None:  # noqa: F811
    """What was published before a batch came did not move with it."""
    sent(store, "one", FIRST)
    publish(store, "2024", person="丁")
    sent(store, "two", {("x", "a"): 90.0})
    assert correction(store, 2).scores.is_empty()
    assert correction(store, 1).scores.height == 2


def test_a_file_is_told_with_every_batch_that_it_was(store: Store) -> None:  # noqa: F811
    """The journal knows a file by its content, and one that was taken back may come again."""
    sent(store, "one", FIRST)
    withdraw(store, 1, person="甲", reason="报错")
    sent(store, "one", FIRST)
    withdraw(store, 2, person="甲", reason="报错")
    (file,) = store.path.parent.glob("**/one.csv")
    import_file(store, file.rename(file.with_name("two.csv")))
    assert list(files_of(store, "zh").values()) == ["one.csv（第 1、2 批）、two.csv（第 3 批）"]
    assert list(files_of(store, "en").values()) == ["one.csv (batch 1, 2), two.csv (batch 3)"]


def test_the_command_tells_a_correction(store: Store, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    """Counts, each change, each score that moved; a batch that is not there is a message."""
    sent(store, "one", FIRST)
    sent(store, "two", {("x", "a"): 90.0})
    capsys.readouterr()
    assert main(["correction", "2", "--db", str(store.path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "新增 0\t更改 1\t不变 0\t失效 0",
        "更改\tx\t—\t2024\t甲（a）\t40\t90",
        "2024\tx\t40 → 90\t1 → 1\t— → —",
    ]
    withdraw(store, 2, person="甲", reason="报错")
    assert main(["correction", "2", "--db", str(store.path)]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "新增 0\t更改 1\t不变 0\t失效 0\t现已撤回"
    assert main(["correction", "9", "--db", str(store.path)]) == 1
    with pytest.raises(InputError):
        correction(Store(Path(store.path)), 9)
