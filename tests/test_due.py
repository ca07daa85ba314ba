"""Due: who has not reported what for which period, counted against a naive look at every fact."""

import random
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from data.__main__ import main
from data.batches import receive, withdraw
from data.due import Asked, ask, by_area, deadline_history, deadlines, due, missing, set_deadline, silent
from data.places import add_areas, add_regions
from data.steps import SCHEMA
from data.store import Store
from metrics.completeness import parts, summed
from metrics.periods import Cycles
from metrics.problems import InputError

DEFINITIONS = """
schema: 1
title: 小例
index: {code: all, name: 总, children: [{indicator: one}]}
variables:
  water: {name: 用水, unit: m3}
  staff: {name: 人数, unit: person, over_time: last}
  heat: {name: 供暖, unit: GJ, absent: zero}
  later: {name: 以后, unit: m2, valid: {from: 2026-01-01}}
indicators:
  one: {name: 一, unit: m3/person, formula: water / staff, better: lower, normalise: {method: rank}}
"""
Rows = list[tuple[str, str, str, str, float | None]]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two cities of a province; nobody has reported anything."""
    (tmp_path / "d.yaml").write_text(DEFINITIONS, encoding="utf-8")
    made = Store(tmp_path / "s.duckdb")
    regions = pl.DataFrame(
        {"code": ["p", "a", "b"], "parent": [None, "p", "p"], "valid_from": [None, None, "2020-01-01"]}
    )
    members = pl.DataFrame({"area": ["x", "x"], "name_zh": ["片"] * 2, "name_en": ["X"] * 2, "region": ["a", "b"]})
    with made.created("init") as writer:
        writer.setting("indicators", str(tmp_path / "d.yaml"))
        add_regions(writer, regions)
        add_areas(writer, members)
    return made


def send(store: Store, rows: Rows, *, on: str = "2025-01-05") -> int:
    """A batch of facts that came in on a day; an empty site is the region itself."""
    names = ["region", "site", "period", "variable", "value"]
    facts = pl.DataFrame(rows, schema=dict.fromkeys(names[:4], pl.String) | {"value": pl.Float64}, orient="row")
    whole = facts.with_columns(pl.col("site").replace("", None), status=pl.lit("reported")).with_row_index("row", 2)
    with store.transaction("send") as writer:
        batch = int(writer.found("SELECT count(*) + 1 FROM batches")[0][0])
        writer.execute(
            "INSERT INTO batches VALUES ($id, 'f', $name, '', $at, $count, $count, 0, '', '')",
            {"id": batch, "name": f"f{batch}", "count": len(rows), "at": f"{on}T12:00:00+00:00"},
        )
        receive(writer, whole, batch, moment=f"{on}T12:00:00+00:00")
    return batch


def months(region: str, site: str, year: int, upto: int = 12) -> Rows:
    """Water of each month."""
    return [(region, site, f"{year}-{month:02}", "water", 1.0) for month in range(1, upto + 1)]


def counts(asked: Asked, *by: str) -> list[tuple[object, ...]]:
    """The columns named, due, reported, absent, after, late."""
    return summed(due(asked), *by).select(*by, "due", "reported", "absent", "after", "late").rows()


def test_a_region_that_never_reported_owes_what_others_report(store: Store) -> None:
    """`b` has sent nothing at all: it owes each variable in force once, water monthly as `a` does, staff for the year;
    variables whose absence means 0 and those not in force yet are never due, and a province owes nothing itself."""
    send(store, [*months("a", "s1", 2024), *months("a", "s2", 2024, 10), ("a", "", "2024", "staff", 5.0)])
    asked = ask(store, "2024", today="2025-02-01")
    assert counts(asked, "region") == [("a", 25, 23, 2, 0, 0), ("b", 13, 0, 13, 0, 0)]
    assert summed(due(asked), "region")["missing"].to_list() == ["water", "staff;water"]
    assert missing(asked, "a").select("site", "period", "variable").rows() == [
        ("s2", "2024-11", "water"),
        ("s2", "2024-12", "water"),
    ]
    assert set(missing(asked, "b")["site"]) == {""}
    assert missing(asked, "b").height == 13


def test_only_what_is_over_is_due(store: Store) -> None:
    """On 10 March January and February are due, the year is not; a deadline that is over makes it so."""
    send(store, [*months("a", "", 2024), ("a", "", "2024", "staff", 5.0)])
    assert counts(ask(store, "2025", today="2025-03-10"), "region", "period") == [
        ("a", "2025-01", 1, 0, 1, 0, 0),
        ("a", "2025-02", 1, 0, 1, 0, 0),
        ("b", "2025-01", 1, 0, 1, 0, 0),
        ("b", "2025-02", 1, 0, 1, 0, 0),
    ]
    set_deadline(store, "2025", "2025-03-01", person="甲")
    assert summed(due(ask(store, "2025", today="2025-03-10")), "region")["due"].to_list() == [13, 13]


def test_what_was_reported_in_the_cycle_before_is_due_again(store: Store) -> None:
    """A site that stops is missed for a cycle; two cycles later it is nobody's any more, but the region's number is."""
    send(store, [*months("a", "s1", 2023), *months("a", "s2", 2023), *months("a", "s1", 2024)])
    lacking = missing(ask(store, "2024", today="2025-02-01"), "a").filter(pl.col("variable") == "water")
    assert lacking["site"].unique().to_list() == ["s2"]
    found = counts(ask(store, "2025", today="2026-02-01"), "variable")
    assert found == [("staff", 2, 0, 2, 0, 0), ("water", 24, 0, 24, 0, 0)]


def test_late_means_past_the_deadline_without_a_number(store: Store) -> None:
    """With no deadline nothing is late. A period's own deadline goes before the year's; a number that came after it
    was late for good, one that was corrected after it was not, and one that was withdrawn never came."""
    first = send(store, months("a", "", 2024, 6), on="2025-01-05")
    asked = ask(store, "2024", today="2025-03-01")
    assert sum(row[-1] for row in counts(asked, "region")) == 0
    set_deadline(store, "2024", "2025-01-10", person="甲")
    set_deadline(store, "2024-12", "2025-04-30", person="甲")
    send(store, [("a", "", "2024-01", "water", 2.0), ("a", "", "2024-07", "water", 2.0)], on="2025-01-20")
    rows = due(ask(store, "2024", today="2025-03-01")).filter(pl.col("region") == "a", pl.col("variable") == "water")
    told = {period: row for period, *row in rows.select("period", "reported", "on_time", "after", "late").rows()}
    assert told["2024-01"] == [1, 1, 0, 0]
    assert told["2024-07"] == [1, 0, 1, 0]
    assert told["2024-08"] == [0, 0, 0, 1]
    assert told["2024-12"] == [0, 0, 0, 0]
    withdraw(store, first, person="甲", reason="报错")
    rows = due(ask(store, "2024", today="2025-03-01")).filter(pl.col("region") == "a", pl.col("variable") == "water")
    told = {period: row for period, *row in rows.select("period", "reported", "on_time", "after", "late").rows()}
    assert (told["2024-01"], told["2024-02"]) == ([1, 0, 1, 0], [0, 0, 0, 1])


def test_the_count_is_that_of_a_naive_look_at_every_fact(store: Store) -> None:
    """Random sites, gaps and empty cells: due, reported and absent are those of plain loops over the rows."""
    chance = random.Random(20240101)
    rows: Rows = [
        (region, site, f"2024-{month:02}", "water", None if chance.random() < 0.1 else float(month))
        for region in "ab" for site in ("s1", "s2", "s3") for month in range(1, 13) if chance.random() < 0.7
    ]  # fmt: skip
    send(store, rows)
    expected = {}
    for region in "ab":
        series = {row[1] for row in rows if row[0] == region}
        for month in range(1, 13):
            here = [row for row in rows if row[0] == region and row[2] == f"2024-{month:02}" and row[4] is not None]
            expected[region, f"2024-{month:02}"] = (len(series), len(here))
    found = due(ask(store, "2024", today="2025-02-01")).filter(pl.col("variable") == "water")
    assert {(row[0], row[1]): row[2:] for row in found.select("region", "period", "due", "reported").rows()} == expected


def test_a_number_for_the_whole_cycle_goes_before_months(store: Store) -> None:
    """Of a series in two rhythms the one that the roll-up uses is due, so that nothing is asked for twice."""
    send(store, [*months("a", "", 2024, 3), ("a", "", "2024", "water", 9.0), ("a", "", "2024", "staff", 1.0)])
    assert counts(ask(store, "2024", today="2025-02-01"), "region")[0] == ("a", 2, 2, 0, 0, 0)


def test_a_region_that_does_not_exist_owes_nothing(store: Store) -> None:
    """`b` exists from 2020 on."""
    assert [row[0] for row in counts(ask(store, "2019", today="2025-01-01"), "region")] == ["a"]
    assert [row[0] for row in counts(ask(store, "2020", today="2025-01-01"), "region")] == ["a", "b"]


def test_days_are_counted_as_months_are(store: Store) -> None:
    """Of a year in days each is due; the one that is missing is named, and those in time are told from those after."""
    first = date(2024, 1, 1)
    days = [(first + timedelta(days=day)).isoformat() for day in range(366)]
    set_deadline(store, "2024", "2025-01-31", person="甲")
    send(store, [("a", "s1", day, "water", 1.0) for day in days if day not in ("2024-02-29", "2024-12-31")])
    send(store, [("a", "s1", "2024-12-31", "water", 1.0)], on="2025-02-10")
    asked = ask(store, "2024", today="2025-03-01")
    rows = due(asked).filter(pl.col("region") == "a", pl.col("variable") == "water")
    assert rows.select(pl.col("due", "reported", "on_time", "after", "late").sum()).row(0) == (366, 365, 364, 1, 1)
    lacking = missing(asked, "a").filter(pl.col("variable") == "water")
    assert lacking.select("site", "period").rows() == [("s1", "2024-02-29")]


def test_sites_of_the_register_that_are_silent_are_named(store: Store) -> None:
    """A site that is known and has reported in neither cycle is told, one that reported is not."""
    with store.transaction("sites") as writer:
        writer.insert("sites", pl.DataFrame({"region": ["a", "a"], "code": ["s1", "s9"]}))
    send(store, months("a", "s1", 2024))
    assert silent(ask(store, "2024", today="2025-02-01")).rows() == [("a", "s9")]


def test_areas_take_their_regions_together(store: Store) -> None:
    """A region of no area stands under ''."""
    send(store, months("a", "", 2024))
    rows = due(ask(store, "2024", today="2025-02-01"))
    assert summed(by_area(rows, store), "area").select("area", "due").rows() == [("x", 26)]


def test_every_deadline_keeps_who_set_it_when_and_why(store: Store) -> None:
    """What was set stays; a change needs a reason, and no period, no day, no person and no change are refused."""
    set_deadline(store, "2024", "2025-03-31", person=" 甲 ")
    for period, day, person, reason, code in (
        ("2024", "2025-04-30", "乙", "", "reason_wanted"),
        ("2024", "2025-03-31", "乙", "同", "deadline_same"),
        ("2024", "2025-3-31", "乙", "错", "deadline_no_day"),
        ("2024", "20250331", "乙", "错", "deadline_no_day"),
        ("24", "2025-03-31", "乙", "错", "bad_period"),
        ("2024", "2025-04-30", "", "错", "person_wanted"),
    ):
        with pytest.raises(InputError) as found:
            set_deadline(store, period, day, person=person, reason=reason)
        assert found.value.problems[0].code == code
    set_deadline(store, "2024", "", person="乙", reason="不设")
    assert deadlines(store).is_empty()
    assert deadline_history(store).select("period", "due", "person", "reason").rows() == [
        ("2024", "", "乙", "不设"),
        ("2024", "2025-03-31", "甲", ""),
    ]


@pytest.mark.parametrize(
    ("cycles", "day", "rhythm", "expected"),
    [
        (Cycles(), "2024", "quarter", ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]),
        (Cycles("half"), "2024-H2", "month", [f"2024-{month:02}" for month in range(7, 13)]),
        (Cycles("year", 4), "2023/24", "half", ["2023-H2"]),
        (Cycles("year", 4), "2023/24", "quarter", ["2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1"]),
        (Cycles("month"), "2024-02", "cycle", ["2024-02"]),
    ],
)
def test_a_cycle_has_its_calendar_s_periods(cycles: Cycles, day: str, rhythm: str, expected: list[str]) -> None:
    """Of each rhythm the periods that lie in it whole."""
    assert [one.text for one in parts(cycles, cycles.named(day), rhythm)] == expected


def test_a_leap_year_has_its_day(store: Store) -> None:
    """Days are periods too."""
    assert len(parts(Cycles(), Cycles().named("2024"), "day")) == 366


def test_the_commands_tell_what_is_due(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """As text in both languages, as JSON and as CSV; without facts and without a cycle it is said what to do."""
    place = ["--db", str(store.path)]
    assert main(["due", *place]) == 1
    assert "nothing_due" in capsys.readouterr().err
    send(store, months("a", "s1", 2024, 11))
    assert main(["deadline", "2024", "2025-01-31", "--by", "甲", *place]) == 0
    assert main(["due", *place, "--lang", "en"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("region\tname\tdue\treported\tabsent")
    assert main(["due", *place, "--region", "a", "--format", "csv"]) == 0
    assert "s1,2024-12,water,2025-01-31,true," in capsys.readouterr().out
    assert main(["due", *place, "--region", "a"]) == 0
    assert "s1\t2024-12\t用水（water）\t2025-01-31\t是" in capsys.readouterr().out
    assert main(["due", *place, "--region", "zz"]) == 1
    assert main(["due", *place, "--by", "area", "--format", "json"]) == 0
    assert '"area": "x"' in capsys.readouterr().out
    assert main(["deadline", *place]) == 0
    assert "2024\t2025-01-31\t甲" in capsys.readouterr().out


def test_deadlines_of_an_earlier_schema_are_kept(store: Store) -> None:
    """What an earlier version of the program had set is the first of the history."""
    text = (SCHEMA / "004_deadlines.sql").read_text(encoding="utf-8")
    with store.transaction("back") as writer:
        writer.execute("DROP TABLE deadlines")
        writer.execute("CREATE TABLE deadlines (period VARCHAR, due VARCHAR, person VARCHAR, made VARCHAR)")
        writer.execute("INSERT INTO deadlines VALUES ('2024', '2025-03-31', '甲', '2025-01-01T00:00:00+00:00')")
        writer.connection.execute(text)
    assert deadlines(store).rows() == [("2024", "2025-03-31", "甲", "2025-01-01T00:00:00+00:00", "")]
