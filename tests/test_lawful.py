"""Lawful: what holds in every store holds after whatever came in and was taken back, and what was changed shows."""

import random

import duckdb
import polars as pl
import pytest

from data.batches import withdraw
from data.intake import import_file
from data.lawful import broken
from data.steps import newest_schema
from data.store import Store
from tests.stores import store_of
from tests.test_rolled import DEFINITIONS


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store into which batches came; some replaced others, and some were taken back."""
    made, chance = store_of(DEFINITIONS, tmp_path_factory.mktemp("lawful")), random.Random(1)
    for step in range(6):
        file = made.path.with_name(f"{step}.csv")
        cells = [f"{region},{site},2024,a,{step}" for region in "xy" for site in "stu" if chance.random() < 0.6]
        rows = ["region,site,period,variable,value", *cells, f"z,s,2024,a,{step}"]
        file.write_text("\n".join(rows), encoding="utf-8")
        import_file(made, file, replaces=chance.choice([None, *_standing(made)]))
        if step in (3, 4):
            withdraw(made, chance.choice(_standing(made)), person="甲", reason="误报")
    return made


def _standing(store: Store) -> list[int]:
    return store.batches().filter(~pl.col("state").is_in(["superseded", "withdrawn"]))["id"].to_list()


def _broken(store: Store, change: str = "") -> list[tuple[str, str]]:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{store.path}' AS kept (READ_ONLY)")
        connection.execute("COPY FROM DATABASE kept TO memory")
        connection.execute(change or "SELECT 1")
        return [(one.table, one.column) for one in broken(connection, newest_schema())]


def test_whatever_came_in_and_was_taken_back(store: Store) -> None:
    """What is kept of which facts hold is what follows from batches and events."""
    assert _broken(store) == []


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM overridden",
        "DELETE FROM overridden WHERE until IS NOT NULL",
        "DELETE FROM overridden WHERE rowid = 3",
        "UPDATE overridden SET until = NULL",
        "UPDATE overridden SET since = since + 1 WHERE rowid = 5",
        "INSERT INTO overridden SELECT max(id), 1, NULL FROM facts",
    ],
)
def test_facts_that_hold_otherwise_show(store: Store, change: str) -> None:
    """A fact that holds beside another, or no more, or since another moment."""
    assert _broken(store, change) == [("overridden", "fact")]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE facts SET site = ' ' || site WHERE id = 1", ("facts", "site")),
        ("UPDATE events SET made = 'rubbish' WHERE id = 1", ("events", "made")),
        ("INSERT INTO rejections VALUES (1, 9, 'value', 'not_finite', 'inf')", ("rejections", "batch")),
        (
            "INSERT INTO publications VALUES ('2024', 1, 0, 1, '', '2024-01-01', 1, 1, '', '')",
            ("publications", "adjusted"),
        ),
        (
            "INSERT INTO publications VALUES ('2024', 2, 0, 1, '', '2024-01-01', 1, 0, '', '')",
            ("publications", "edition"),
        ),
        ("INSERT INTO warnings VALUES (1, 999, 'value', 'r', '', '', '')", ("warnings", "row")),
        ("INSERT INTO area_regions VALUES ('no', 'x')", ("area_regions", "area")),
        ("INSERT INTO revocations VALUES (7, '', '2024-01-01', '')", ("revocations", "number")),
        ("INSERT INTO objection_answers VALUES (7, '', '', '', '2024-01-01')", ("objection_answers", "objection")),
        ("INSERT INTO ratings VALUES (1, '2024', 'x', 'a', 'inf', '', '2024-01-01', 'y')", ("ratings", "rating")),
        (
            "INSERT INTO adjustments VALUES (1, '2024', 'x', 'a', 1, '', ['no'], '', '2024-01-01')",
            ("adjustments", "evidence"),
        ),
        (
            "INSERT INTO evidence VALUES ('objections', 1, 'no', 'x', 1, '', '2024-01-01')",
            ("evidence", "digest"),
        ),
        (
            "INSERT INTO transitions VALUES (1, '2024', 'reports', 'self_check', '', '2024-01-01', '', ''),"
            " (2, '2024', 'approval', 'published', '', '2024-01-01', '', '')",
            ("transitions", "before"),
        ),
        ("INSERT INTO notices VALUES (1, '2024', 'zh', '', '', 'no', '')", ("notices", "made")),
    ],
)
def test_what_no_store_holds_shows(store: Store, change: str, told: tuple[str, str]) -> None:
    """In the tables of the evaluation too: what is answered, signed or given back is there, and steps follow on."""
    assert told in _broken(store, change)
