"""Quality: each part of a card is counted, graded by its own thresholds, and told in a sentence."""

import json
from pathlib import Path

import polars as pl
import pytest

from data.__main__ import main
from data.batches import raise_to, receive, withdraw
from data.due import ask, set_deadline
from data.places import add_regions
from data.quality import GRADES, MEASURES, Quality, quality
from data.quality_words import SENTENCES, bounds_words, explained, number_words
from data.store import Store

DEFINITIONS = """
schema: 1
title: 小例
index: {code: all, name: 总, children: [{indicator: one}, {indicator: two}]}
variables:
  water: {name: 用水, unit: m3}
  staff: {name: 人数, unit: person, over_time: last}
indicators:
  one: {name: 一, unit: m3/person, formula: water / staff, better: lower, normalise: {method: rank}}
  two: {name: 二, unit: person, formula: staff, better: higher, normalise: {method: rank}}
"""
Row = tuple[str, str, str, float | None]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Three regions, of which `c` never reports."""
    (tmp_path / "d.yaml").write_text(DEFINITIONS, encoding="utf-8")
    made = Store(tmp_path / "s.duckdb")
    with made.created("init") as writer:
        writer.setting("indicators", str(tmp_path / "d.yaml"))
        add_regions(writer, pl.DataFrame({"code": ["a", "b", "c"]}))
    return made


def send(
    store: Store,
    rows: list[Row],
    *,
    on: str = "2025-01-05",
    rejected: int = 0,
    warned: list[tuple[int, str, float, str]] | None = None,
) -> int:
    """A batch that came in on a day; `warned`: row, rule, value, reason."""
    schema = {"region": pl.String, "period": pl.String, "variable": pl.String, "value": pl.Float64}
    facts = pl.DataFrame(rows, schema=schema, orient="row").with_columns(status=pl.lit("reported"))
    with store.transaction("send") as writer:
        batch = int(writer.found("SELECT count(*) + 1 FROM batches")[0][0])
        writer.execute(
            "INSERT INTO batches VALUES ($id, 'f', $name, '', $at, $read, $accepted, $rejected, '', '')",
            {
                "id": batch, "name": f"f{batch}", "at": f"{on}T12:00:00+00:00", "read": len(rows) + rejected,
                "accepted": len(rows), "rejected": rejected,
            },
        )  # fmt: skip
        receive(writer, facts.with_row_index("row", 2), batch, moment=f"{on}T12:00:00+00:00")
        for row, rule, value, reason in warned or []:
            told = {"batch": batch, "row": row, "rule": rule, "value": str(value), "reason": reason}
            writer.execute("INSERT INTO warnings VALUES ($batch, $row, 'value', $rule, $value, $reason, '')", told)
    return batch


def months(region: str, count: int, value: float = 1.0) -> list[Row]:
    """Water of the first months of 2024."""
    return [(region, f"2024-{month:02}", "water", value) for month in range(1, count + 1)]


def told(store: Store, today: str = "2025-03-01") -> Quality:
    """The quality of 2024."""
    return quality(ask(store, "2024", today=today))


def card(store: Store, region: str) -> dict[str, object]:
    """A region's card."""
    cards = told(store).of_regions()
    return cards.row(by_predicate=pl.col("code") == region, named=True)


def test_every_part_is_counted(store: Store) -> None:
    """Completeness, status, rejections and the age of what came last, of each region; `c`, which never reported, is
    there and the worst."""
    send(store, [*months("a", 12), ("a", "2024", "staff", 5.0)])
    checked = send(store, months("b", 9), on="2025-02-01", rejected=1)
    raise_to(store, checked, "reviewed", person="甲")
    cards = told(store).of_regions()
    assert cards.select("code", "due", "reported", "completeness_grade").rows() == [
        ("c", 13, 0, "poor"),
        ("a", 13, 13, "good"),
        ("b", 13, 9, "weak"),
    ]
    found = card(store, "b")
    assert (found["reviewed"], found["verified"], found["checked"]) == (9, 0, 1.0)
    assert (found["read"], found["rejected"], found["rejections"], found["age"]) == (10, 1, 0.1, 28)
    assert card(store, "c")["checked"] is None


def test_the_grade_is_that_of_the_lowest_part_and_names_it(store: Store) -> None:
    """No mean hides a part: one that is poor makes the card poor, whatever the others are."""
    send(store, [*months("a", 12), ("a", "2024", "staff", 5.0)])
    found = card(store, "a")
    grades = {name: found[f"{name}_grade"] for name, one in MEASURES.items() if one.bounds is not None}
    assert grades["completeness"] == "good"
    assert grades["checked"] == "poor"
    assert (found["grade"], found["decided"]) == ("poor", "checked")


def test_timeliness_is_of_what_is_past_its_deadline(store: Store) -> None:
    """Months in time, after the deadline and missing each count once; before the deadline there is nothing to grade."""
    send(store, [*months("a", 6)], on="2025-01-05")
    assert card(store, "a")["timeliness"] is None
    set_deadline(store, "2024", "2025-01-31", person="甲")
    send(store, [("a", "2024-07", "water", 1.0), ("a", "2024", "staff", 1.0)], on="2025-02-10")
    found = card(store, "a")
    assert (found["timely"], found["after"], found["late"], found["judged"]) == (6, 2, 5, 13)
    assert (found["timeliness"], found["timeliness_grade"]) == (6 / 13, "poor")


def test_a_number_that_was_sent_again_is_a_correction_where_it_changed(store: Store) -> None:
    """The same number again is none, one of a batch that was withdrawn is none; one that came several times is one, as
    far from the first other number as it is now; the middle of the changes is told."""
    send(store, months("a", 4, 100.0))
    send(store, [("a", "2024-03", "water", 1.0)])
    again = [("a", "2024-01", "water", 100.0), ("a", "2024-02", "water", 110.0), ("a", "2024-03", "water", 130.0)]
    send(store, again)
    withdraw(store, send(store, [("a", "2024-04", "water", 999.0)]), person="甲", reason="报错")
    found = card(store, "a")
    assert (found["resent"], found["changed"], found["corrections"]) == (3, 2, 0.5)
    assert found["size"] == pytest.approx(0.2)


@pytest.mark.parametrize("emptied", [9, 12])
def test_a_number_corrected_to_empty_is_one_of_those_that_stand(store: Store, emptied: int) -> None:
    """No more than all can be corrected, and where all are emptied that is told and graded."""
    send(store, months("a", 12))
    send(store, [(*row[:3], None) for row in months("a", emptied)])
    found = card(store, "a")
    assert (found["changed"], found["cells"], found["facts"]) == (emptied, 12, 12 - emptied)
    assert (found["corrections"], found["corrections_grade"]) == (emptied / 12, "poor")


def test_warnings_are_those_of_numbers_that_hold(store: Store) -> None:
    """Explained and unexplained by rule; one whose number was replaced is gone; one that is about no single number is
    the region's, and no indicator's."""
    doubts = [(2, "changed_much", 5.0, "新楼"), (3, "changed_much", 5.0, "")]
    doubts += [(2, "heaping", 5.0, ""), (4, "unit_slip", 5.0, "")]
    send(store, [*months("a", 3, 5.0), ("b", "2024", "staff", 1.0)], warned=doubts)
    send(store, [("a", "2024-03", "water", 6.0)])
    found = card(store, "a")
    assert (found["warnings"], found["unexplained"]) == (3, 2)
    assert found["rules"] == "changed_much 2/1;heaping 1/1"
    by = {row["code"]: row for row in told(store).of_indicators().iter_rows(named=True)}
    assert (by["one"]["warnings"], by["one"]["unexplained"]) == (2, 1)
    assert by["two"]["warnings"] == 0


def test_round_numbers_are_counted_from_a_thousand_on(store: Store) -> None:
    """Half of the numbers have one or two digits before their zeros; of fewer than ten nothing is said, and whole 万
    are judged as such."""
    rows = [(f"2024-{month:02}", 1000.0 * month + (month % 2)) for month in range(1, 13)]
    send(store, [("a", period, "water", value) for period, value in rows])
    send(store, [("b", period, "water", value) for period, value in rows[:9]])
    send(store, [("c", period, "water", 10 * value - 10 * (value % 10)) for period, value in rows])
    found = card(store, "a")
    assert (found["round"], found["heaping"], found["heaping_grade"]) == (6, 0.5, "weak")
    assert card(store, "b")["heaping"] is None
    assert (card(store, "c")["large"], card(store, "c")["heaping"]) == (0, None)


def test_an_indicator_has_the_quality_of_what_it_rests_on(store: Store) -> None:
    """`one` rests on water and staff, `two` on staff; over some regions only those count."""
    send(store, [*months("a", 12), ("b", "2024", "staff", 5.0)])
    every, some = told(store).of_indicators(), told(store).of_indicators(["b"])
    assert {row[0]: row[1:] for row in every.select("code", "due", "reported").iter_rows()} == {
        "one": (39, 13),
        "two": (3, 1),
    }
    assert {row[0]: row[1:] for row in some.select("code", "due", "reported").iter_rows()} == {
        "one": (13, 1),
        "two": (1, 1),
    }


@pytest.mark.parametrize("part", MEASURES)
def test_thresholds_lie_in_order(part: str) -> None:
    """Each grade asks for less than the one above it, and says from where on it is given."""
    bounds = MEASURES[part].bounds
    if bounds is None:
        assert part == "age"
        return
    assert list(bounds) == sorted(set(bounds), reverse=MEASURES[part].more)
    assert len(bounds) == len(GRADES) - 1
    assert bounds_words(part, "en").count("%") == 3


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_number_is_told_in_a_sentence(store: Store, lang: str) -> None:
    """Of a region with numbers and of one without: no part without words, and none with a hole in them."""
    send(store, [*months("a", 12, 2000.0)], warned=[(2, "changed_much", 2000.0, "")])
    assert SENTENCES.keys() == MEASURES.keys()
    for region in ("a", "c"):
        found = card(store, region)
        lines = [explained(found, part, lang) for part in MEASURES]
        assert all(line.endswith("。" if lang == "zh" else ".") for line in lines)
        assert not any("None" in line or "{" in line for line in lines)
    assert number_words("completeness", 0.9999, lang) == "> 99.9 %"
    assert number_words("doubts", 0.0001, lang) == "< 0.1 %"


def test_the_command_prints_cards(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """As text, JSON with a sentence for each number, and CSV; of regions and of indicators."""
    send(store, [*months("a", 12), ("a", "2024", "staff", 5.0), ("b", "2024", "staff", 4.0)])
    place = ["quality", "--db", str(store.path)]
    assert main([*place, "--lang", "en"]) == 0
    assert "Completeness 100 % (good; good ≥ 98 %" in capsys.readouterr().out
    assert main([*place, "--of", "indicator", "--format", "json"]) == 0
    cards = json.loads(capsys.readouterr().out)
    assert {one["code"] for one in cards} == {"one", "two"}
    assert all(one["explained"].keys() == MEASURES.keys() for one in cards)
    assert main([*place, "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("code,name,due,")
    assert main([*place, "--cycle", "9998"]) == 0
    assert capsys.readouterr() == ("", "9998 没有应报或已报的数\n")
    assert main([*place, "--cycle", "9998", "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("code,name,due,")
