"""The scenes: a store in a folder, what is done with it, and what may stand there when that was cut short."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from data.backup import back_up
from data.batches import withdraw
from data.intake import import_file
from data.proposals import publish
from data.restore import restore
from data.steps import SCHEMA
from data.store import Store

DEFINITIONS = """
schema: 1
title: faults
variables:
  water: {name: Water, unit: m3}
  staff: {name: Staff, unit: person, over_time: last}
indicators:
  water_per_head: {name: Water per head, unit: m3/person, formula: water / staff, better: lower}
index: {code: composite, name: Composite, children: [{indicator: water_per_head}]}
"""
REGIONS, SITES = 4, 25
YEARS = range(2020, 2025)


@dataclass(frozen=True)
class Scene:
    """`prepare` makes what is there before, `act` is what is cut short; `starts` is what can be told of the former."""

    name: str
    prepare: Callable[[Path], None]
    act: Callable[[Path], None]
    makes: str = ""
    damaged: bool = False


def store_in(folder: Path) -> Store:
    """The store of a scene."""
    return Store(folder / "s.duckdb")


def file_in(folder: Path, name: str, value: float, *, regions: int = REGIONS, wrong: int = 0) -> Path:
    """A file of facts that all have this value, and some rows that are refused."""
    rows = [f"{','.join(key)},{value}" for key in keys(regions)]
    rows += [f"r{n:03},s,2024-13,water,1" for n in range(wrong)]
    path = folder / name
    path.write_text("region,site,period,variable,value\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def keys(regions: int) -> list[tuple[str, str, str, str]]:
    """Region, site, period and variable of every fact."""
    return [
        (f"r{n:03}", f"s{site:03}", str(year), code)
        for n in range(regions)
        for site in range(SITES)
        for year in YEARS
        for code in ("water", "staff")
    ]


def _two_batches(folder: Path) -> None:
    indicators = folder / "indicators.yaml"
    indicators.write_text(DEFINITIONS, encoding="utf-8")
    store = store_in(folder)
    with store.created() as writer:
        # By its own name, as the folder is copied.
        writer.setting("indicators", str(indicators))
    import_file(store, file_in(folder, "one.csv", 1.5))
    import_file(store, file_in(folder, "two.csv", 2.5, regions=REGIONS // 2, wrong=7), accept_valid=True, sender="乙")
    file_in(folder, "three.csv", 3.5, wrong=5)


def _backed_up(folder: Path) -> None:
    """A store that has gone on since its backup."""
    _two_batches(folder)
    back_up(store_in(folder), folder / "kept.zip")
    import_file(store_in(folder), folder / "three.csv", accept_valid=True)


def _broken(folder: Path) -> None:
    """A store that is damaged beyond reading, and its snapshots with it."""
    _backed_up(folder)
    for file in (folder / "s.duckdb", *(folder / "s.duckdb.snapshots").glob("*.duckdb")):
        os.truncate(file, file.stat().st_size // 3)


def of_schema(version: int) -> Callable[[Path], None]:
    """A store as a released version of the schema left it: two batches, one of which corrects, and a publication."""

    def prepare(folder: Path) -> None:
        indicators = folder / "indicators.yaml"
        indicators.write_text(DEFINITIONS, encoding="utf-8")
        with duckdb.connect(str(folder / "s.duckdb")) as connection:
            for file in sorted(SCHEMA.glob("*.sql"))[:version]:
                connection.execute(file.read_text(encoding="utf-8"))
            connection.execute(
                "CREATE TABLE schema_version AS SELECT range::INTEGER AS version FROM range(1, $to)",
                {"to": version + 1},
            )
            settings = {"state": f"{version:016x}", "indicators": str(indicators)}
            connection.executemany("INSERT INTO settings VALUES (?, ?)", list(settings.items()))
            _fill(connection)
            if version > 1:
                _decide(connection)

    return prepare


def _fill(connection: duckdb.DuckDBPyConnection) -> None:
    for batch, value, regions in ((1, 1.5, REGIONS), (2, 2.5, REGIONS // 2)):
        facts = pl.DataFrame(keys(regions), schema=["region", "site", "period", "variable"], orient="row")
        facts = facts.with_row_index("row", offset=2)
        connection.register("incoming", facts)
        connection.execute(
            "INSERT INTO facts SELECT region, site, period, variable, $value, 'reported', NULL, NULL, $batch, row"
            " FROM incoming",
            {"value": value, "batch": batch},
        )
        connection.unregister("incoming")
        told = {
            "batch": batch,
            "file": f"{batch}.csv",
            "day": f"2024-0{batch}-01T00:00:00+00:00",
            "count": facts.height,
        }
        connection.execute("INSERT INTO batches VALUES ($batch, $file, $file, 'x', $day, $count, $count, 0)", told)
    connection.execute("INSERT INTO regions (code, name_zh, name_en) SELECT DISTINCT region, region, region FROM facts")


def _decide(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "INSERT INTO revisions VALUES (1, 'd', $text, NULL, '甲', '2024-01-01', '', '')", {"text": DEFINITIONS}
    )
    connection.execute("INSERT INTO decisions VALUES (1, 1, 'approved', '乙', '2024-01-02', '')")
    # Before the correction came in.
    connection.execute("INSERT INTO publications VALUES ('2023', 1, 1, '丁', '2024-01-15')")


def _import(folder: Path) -> None:
    import_file(store_in(folder), folder / "three.csv", accept_valid=True, sender="丙")


def _replace(folder: Path) -> None:
    import_file(store_in(folder), folder / "three.csv", accept_valid=True, replaces=1)


def _withdraw(folder: Path) -> None:
    withdraw(store_in(folder), 2, person="丁", reason="误报")


def _publish(folder: Path) -> None:
    publish(store_in(folder), "2023", person="丁")


def _migrate(folder: Path) -> None:
    store_in(folder).snapshot()


def _back_up(name: str) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        back_up(store_in(folder), folder / name)

    return act


def _restore(folder: Path) -> None:
    restore(store_in(folder), folder / "kept.zip")


SCENES = {
    scene.name: scene
    for scene in (
        Scene("import", _two_batches, _import),
        Scene("replace", _two_batches, _replace),
        Scene("withdraw", _two_batches, _withdraw),
        Scene("publish", _two_batches, _publish),
        Scene("migrate_1", of_schema(1), _migrate),
        Scene("migrate_2", of_schema(2), _migrate),
        Scene("backup_folder", _two_batches, _back_up("made"), makes="made"),
        Scene("backup_zip", _two_batches, _back_up("made.zip"), makes="made.zip"),
        Scene("restore", _backed_up, _restore),
        Scene("restore_damaged", _broken, _restore, damaged=True),
    )
}
