"""Batches: what holds after any sequence of arrivals and take-backs, now and as of each moment before."""

import random
from pathlib import Path

import duckdb
import polars as pl
import pytest

from data.batches import raise_to, receive, withdraw
from data.clock import zoned
from data.editions import editions
from data.intake import Report, import_file
from data.proposals import publish
from data.steps import SCHEMA
from data.store import Store
from metrics.problems import InputError
from tests.stores import store_of

DEFINITIONS = """
schema: 1
title: 小例
index: {code: all, name: 总, children: [{indicator: one}]}
variables:
  a: {name: 甲, unit: m2}
  b: {name: 乙, unit: m2}
indicators:
  one: {name: 一, unit: "1", formula: a / b, better: higher, normalise: {method: goalposts, worst: 0, best: 10}}
"""
Rows = dict[tuple[str, str], float]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store of two variables."""
    return store_of(DEFINITIONS, tmp_path)


def sent(store: Store, name: str, rows: Rows, *, replaces: int | None = None) -> Report:
    """A file of facts of 2024, by region and variable, brought in."""
    lines = [f"{region},2024,{variable},{value}" for (region, variable), value in rows.items()]
    file = store.path.with_name(f"{name}.csv")
    file.write_text("\n".join(["region,period,variable,value", *lines]) + "\n", encoding="utf-8")
    return import_file(store, file, sender=name, replaces=replaces)


def received(store: Store, rows: Rows, *, replaces: int | None) -> int:
    """A batch of facts of 2024, without the file and its rules."""
    names = ["region", "site", "period", "variable", "value", "status"]
    facts = [(region, None, "2024", variable, value, "reported") for (region, variable), value in rows.items()]
    types = [pl.String] * 4 + [pl.Float64, pl.String]
    frame = pl.DataFrame(facts, schema=dict(zip(names, types, strict=True)), orient="row").with_row_index("row")
    with store.transaction("received") as writer:
        batch = int(writer.found("SELECT coalesce(max(id), 0) + 1 FROM batches")[0][0])
        writer.execute("INSERT INTO batches VALUES ($id, '', '', '', '', 0, 0, 0, '', '')", {"id": batch})
        receive(writer, frame, batch, replaces=replaces)
    return batch


def held(store: Store, as_of: int | None = None) -> Rows:
    """The values that hold."""
    return {(row["region"], row["variable"]): row["value"] for row in store.facts(as_of=as_of).iter_rows(named=True)}


def test_any_sequence_leaves_the_newest_that_was_not_taken_back(store: Store) -> None:
    """After each of many random arrivals, replacements and withdrawals, and as of every moment before, a fact holds
    where no newer batch that is not taken back has one for the same region, site, period and variable; what is taken
    back brings back what it replaced."""
    chance = random.Random(20240101)
    batches: dict[int, Rows] = {}
    replaced: dict[int, tuple[int, Rows]] = {}
    told: dict[int, Rows] = {}
    for step in range(40):
        known = sorted(batches)
        rows = {(chance.choice("xyz"), chance.choice("ab")): float(step) for _ in range(chance.randint(1, 4))}
        action = chance.choice(["send", "send", "replace", "withdraw"]) if known else "send"
        if action == "withdraw":
            withdraw(store, gone := chance.choice(known), person="甲", reason="报错")
            del batches[gone]
            batches.update([replaced.pop(gone)] if gone in replaced else [])
        else:
            replaces = chance.choice(known) if action == "replace" else None
            batch = received(store, rows, replaces=replaces)
            if replaces is not None:
                replaced[batch] = replaces, batches.pop(replaces)
            batches[batch] = rows
        told[store.newest_event()] = {key: value for _, part in sorted(batches.items()) for key, value in part.items()}
    assert held(store) == told[store.newest_event()]
    assert {moment: held(store, moment) for moment in told} == told


def test_taking_back_a_replacement_brings_back_what_it_replaced(store: Store) -> None:
    """With its level, told among the events, and so that it can be replaced or taken back itself; where the replacement
    is replaced, nothing comes back."""
    sent(store, "one", {("x", "a"): 1.0, ("x", "b"): 1.0})
    raise_to(store, 1, "reviewed", person="乙")
    sent(store, "two", {("x", "a"): 2.0}, replaces=1)
    sent(store, "three", {("x", "a"): 3.0}, replaces=2)
    assert held(store) == {("x", "a"): 3.0}
    assert withdraw(store, 3, person="甲", reason="报错") == 2
    assert held(store) == {("x", "a"): 2.0}
    assert withdraw(store, 2, person="甲", reason="报错") == 1
    assert held(store) == {("x", "a"): 1.0, ("x", "b"): 1.0}
    assert dict(store.batches().select("id", "state").rows()) == {1: "reviewed", 2: "withdrawn", 3: "withdrawn"}
    assert set(store.facts()["status"]) == {"reviewed"}
    assert store.events().filter(event="reinstated").select("batch", "other", "person").rows() == [
        (2, 3, "甲"), (1, 2, "甲"),
    ]  # fmt: skip
    assert sent(store, "one", {("x", "a"): 1.0, ("x", "b"): 1.0}).already
    sent(store, "four", {("x", "a"): 4.0}, replaces=1)
    assert held(store) == {("x", "a"): 4.0}
    assert withdraw(store, 4, person="甲", reason="报错") == 1
    assert withdraw(store, 1, person="甲", reason="报错") is None
    assert held(store) == {}


def test_a_batch_that_is_taken_back_names_who_and_why(store: Store) -> None:
    """Without a person or a reason, twice, or of a batch that is not there it is refused; nothing is changed."""
    sent(store, "one", {("x", "a"): 1.0})
    for batch, person, reason, code in (
        (1, "", "报错", "person_wanted"),
        (1, "甲", "\u200b", "reason_wanted"),
        (7, "甲", "报错", "unknown_batch"),
    ):
        with pytest.raises(InputError) as found:
            withdraw(store, batch, person=person, reason=reason)
        assert found.value.problems[0].code == code
    withdraw(store, 1, person="甲", reason="报错")
    with pytest.raises(InputError) as found:
        withdraw(store, 1, person="甲", reason="报错")
    assert found.value.problems[0].code == "batch_taken_back"
    event = store.events().row(-1, named=True)
    assert (event["event"], event["person"], event["reason"]) == ("withdrawn", "甲", "报错")
    assert held(store) == {}
    assert store.batches().row(0, named=True)["state"] == "withdrawn"


def test_a_batch_that_holds_no_more_is_told_why(store: Store) -> None:
    """That it was taken back, or which batch replaced it, and never a batch that is none."""
    sent(store, "one", {("x", "a"): 1.0})
    sent(store, "two", {("x", "a"): 2.0}, replaces=1)
    withdraw(store, 2, person="甲", reason="报错")
    sent(store, "three", {("x", "a"): 3.0}, replaces=1)
    moments = store.query("SELECT made FROM events WHERE event IN ('superseded', 'withdrawn') ORDER BY id DESC")["made"]
    for batch, code, zh, en in (
        (1, "batch_replaced", " 被第 3 批替代，不再生效", "Batch 1 was replaced by batch 3 on "),
        (2, "batch_taken_back", " 撤回，不再生效", "Batch 2 was withdrawn on "),
    ):
        with pytest.raises(InputError) as found:
            withdraw(store, batch, person="甲", reason="报错")
        (problem,) = found.value.problems
        assert (problem.code, zh in problem.message("zh"), en in problem.message("en")) == (code, True, True)
        assert zoned(moments[batch - 1]) in problem.message("zh")


def test_a_file_that_was_taken_back_can_come_again(store: Store) -> None:
    """The same file is told to be there already while it holds, and is a new batch once it was taken back."""
    rows = {("x", "a"): 1.0}
    sent(store, "one", rows)
    assert sent(store, "one", rows).already
    withdraw(store, 1, person="甲", reason="报错")
    again = sent(store, "one", rows)
    assert (again.already, again.batch) == (False, 2)
    assert held(store) == rows


def test_a_replaced_batch_must_hold(store: Store) -> None:
    """A batch that is not there or was taken back cannot be replaced, and then nothing is stored."""
    sent(store, "one", {("x", "a"): 1.0})
    withdraw(store, 1, person="甲", reason="报错")
    for batch in (1, 9):
        with pytest.raises(InputError):
            sent(store, f"two{batch}", {("x", "a"): 2.0}, replaces=batch)
    assert store.batches().height == 1


def test_review_raises_the_status_from_then_on(store: Store) -> None:
    """Reported facts of a reviewed batch are reviewed, of a verified one verified; as of before they are not; the level
    never goes down."""
    sent(store, "one", {("x", "a"): 1.0})
    first = store.newest_event()
    raise_to(store, 1, "reviewed", person="乙")
    raise_to(store, 1, "verified", person="丙")
    assert store.facts()["status"].to_list() == ["verified"]
    assert store.facts(as_of=first)["status"].to_list() == ["reported"]
    assert store.facts(as_of=first + 1)["status"].to_list() == ["reviewed"]
    with pytest.raises(InputError) as found:
        raise_to(store, 1, "reviewed", person="乙")
    assert found.value.problems[0].code == "batch_level_held"
    assert "已经是“已" in found.value.problems[0].message("zh")


def test_a_published_cycle_keeps_the_facts_of_that_day(store: Store) -> None:
    """Neither a correction nor a withdrawal changes what was published; the same facts as of that event score alike."""
    sent(store, "one", {("x", "a"): 40.0, ("x", "b"): 10.0, ("y", "a"): 10.0, ("y", "b"): 10.0})
    before = editions(store).frame
    publish(store, "2024", person="丁")
    sent(store, "two", {("x", "a"): 90.0})
    withdraw(store, 1, person="甲", reason="报错")
    assert editions(store).frame.equals(before)
    assert held(store) == {("x", "a"): 90.0}


def test_a_day_names_its_last_event(store: Store) -> None:
    """A moment is a day, whole, or a time; before anything came there was nothing."""
    sent(store, "one", {("x", "a"): 1.0})
    made = store.events()["made"][0]
    assert [store.event_at(moment) for moment in ("2000-01-01", made[:10], made, "2999-01-01")] == [0, 1, 1, 1]
    for none in ("yesterday", "2024-13-01", "2024"):
        with pytest.raises(InputError) as error:
            store.event_at(none)
        assert error.value.problems[0].code == "no_moment"


def test_an_earlier_store_is_brought_forward(tmp_path: Path) -> None:
    """A store of the schema before, with corrections and a publication, has the same facts in this one."""
    path = tmp_path / "old.duckdb"
    connection = duckdb.connect(str(path))
    for name in ("001_start.sql", "002_versions.sql"):
        connection.execute((SCHEMA / name).read_text(encoding="utf-8"))
    connection.execute("CREATE TABLE schema_version (version INTEGER)")
    connection.execute("INSERT INTO schema_version VALUES (1), (2)")
    connection.execute("INSERT INTO settings VALUES ('state', '0123456789abcdef')")
    connection.execute(
        "INSERT INTO batches VALUES (1,'a','d1','x','2024-01-01',2,2,0), (2,'b','d2','y','2024-02-01',1,1,0)"
    )
    facts = pl.DataFrame(
        {"region": ["x", "y", "x"], "site": [None, "s", None], "value": [1.0, 2.0, 3.0], "batch": [1, 1, 2]},
        schema_overrides={"site": pl.String},
    )
    connection.register("incoming", facts)
    constant = "'2024', 'a', value, 'reported', NULL, NULL, batch, 2"
    connection.execute(f"INSERT INTO facts SELECT region, site, {constant} FROM incoming")
    connection.execute("INSERT INTO publications VALUES ('2024', 1, 1, '丁', '2024-01-15')")
    connection.close()
    store = Store(path)
    assert store.facts()["value"].to_list() == [3.0, 2.0]
    event = store.query("SELECT event FROM publications")["event"][0]
    assert store.facts(as_of=event)["value"].to_list() == [1.0, 2.0]
    assert store.events()["person"].to_list() == ["x", "y"]


def test_a_name_that_is_no_text_is_kept_as_it_is_seen(store: Store) -> None:
    """What a disk has of a name in another encoding; a database holds text only."""
    file = store.path.with_name("报\udcff.csv")
    file.write_text("region,period,variable,value\np1,2024,a,5\n", encoding="utf-8")
    found = import_file(store, file, sender="甲")
    assert store.query("SELECT file FROM batches WHERE id = $id", id=found.batch)["file"].to_list() == ["报\\udcff.csv"]
