"""Checks: each rule finds what it is about and leaves the rest alone; a warning wants a reason before a review."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest

from data.__main__ import main
from data.batches import explain_warnings, raise_to, withdraw
from data.checks import RULES, check
from data.editions import editions
from data.intake import import_file, judge_file
from data.revisions import revisions_of
from data.seen import Sight, a_year_before, cells_of
from data.store import Store
from metrics.problems import InputError
from metrics.reader import read
from tests.stores import store_of

DEFINITIONS = """
schema: 1
title: 小例
index: {code: all, name: 总, children: [{indicator: per_area}, {indicator: price}]}
variables:
  power: {name: 用电, unit: kWh, plausible: [0, 1.0e9]}
  area: {name: 面积, unit: m2}
  staff: {name: 人数, unit: person}
  cost: {name: 电费, unit: CNY}
  target: {name: 目标, unit: "%"}
indicators:
  per_area: {name: 单位面积用电, unit: kWh/m2, formula: power / area, better: lower,
             normalise: {method: limits, binding: 100, current: 60, leading: 20}}
  price: {name: 电价, unit: CNY/kWh, formula: cost / power, better: lower}
"""
Fact = tuple[str, str | None, str, str, float]


Value = tuple[str, str, str, float]


def seen(
    facts: list[Fact], beside: Sequence[Fact] = (), values: Sequence[Value] = (), own: Sequence[Value] = (),
    *, text: str = DEFINITIONS,
) -> dict[str, list[int]]:  # fmt: skip
    """The rows that each rule finds."""
    return {name: rows["row"].to_list() for name, rows in found_in(facts, beside, values, own, text=text).items()}


def found_in(
    facts: list[Fact], beside: Sequence[Fact] = (), values: Sequence[Value] = (), own: Sequence[Value] = (),
    *, wide: bool = False, text: str = DEFINITIONS,
) -> Mapping[str, pl.DataFrame]:  # fmt: skip
    """What each rule finds; the first fact stands in row 2, where the table is `wide` all of them."""
    definitions = read(text.encode()).definitions
    assert definitions is not None
    schema = {"region": pl.String, "site": pl.String, "period": pl.String, "variable": pl.String, "value": pl.Float64}
    frame = pl.DataFrame(facts, schema=schema, orient="row").with_row_index("row", offset=2)
    frame = frame.with_columns(pl.lit(2, pl.Int64).alias("row") if wide else pl.col("row").cast(pl.Int64))
    of_values = {"period": pl.String, "region": pl.String, "code": pl.String, "value": pl.Float64}
    sight = Sight(
        definitions,
        frame,
        cells_of(frame),
        pl.DataFrame(list(beside), schema=schema, orient="row"),
        pl.DataFrame(list(values), schema=of_values, orient="row"),
        pl.DataFrame(list(own), schema=of_values, orient="row").rename({"code": "variable"}),
        "2025-01-31",
    )
    return check(sight)


def test_in_a_wide_table_each_number_is_doubted_by_itself() -> None:
    """Of numbers that stand in one row, as months in a form do, the same are found as where each has its own: several
    slips, one beside what changed for another reason, one where there is no year before, alike numbers."""
    months = [f"2024-{month:02}" for month in range(1, 13)]
    odd = {"2024-02": 1.1e7, "2024-04": 1.2e7, "2024-05": 3e3, "2024-07": 1.3e7}
    facts: list[Fact] = [("x", None, month, "power", odd.get(month, 1001.0 + at)) for at, month in enumerate(months)]
    before = [("x", None, f"2023{month[4:]}", "power", 1100.0) for month in months[:6]]
    others = [("y", None, *fact[2:]) for fact in facts[7:11]]
    long, wide = (found_in(facts, [*before, *others], wide=each) for each in (False, True))
    assert {"unit_slip", "changed_much", "alike"} <= set(long)
    assert long["unit_slip"]["value"].to_list() == [1.1e7, 1.2e7, 1.3e7]
    assert {name: frame.drop("row").rows() for name, frame in wide.items()} == {
        name: frame.drop("row").rows() for name, frame in long.items()
    }


def test_values_in_range_pass() -> None:
    """Ordinary facts leave nothing to doubt."""
    assert seen([("x", None, "2024", "power", 12345.6), ("x", None, "2024", "area", 300.0)]) == {}


def test_a_value_outside_its_plausible_range() -> None:
    """Below and above; the ends are inside."""
    facts: list[Fact] = [("x", None, "2024", "power", value) for value in (-1.0, 0.0, 1e9, 1.1e9)]
    assert seen(facts)["not_plausible"] == [2, 5]


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (1000.0, None), (1900.0, None), (2100.0, "changed_much"), (400.0, "changed_much"), (0.0, "changed_much"),
        (1_100_000.0, "unit_slip"), (1.2, "unit_slip"), (9_000_000.0, "unit_slip"), (11e10, "unit_slip"),
        (50_000.0, "changed_much"),
    ],
)  # fmt: skip
def test_against_the_year_before(value: float, rule: str | None) -> None:
    """Twice or half is much; near a thousand, ten thousand or a hundred million times it is the unit, and no more."""
    found = seen([("x", "s", "2024-03", "power", value)], [("x", "s", "2023-03", "power", 1000.0)])
    found.pop("not_plausible", None)
    assert found == ({rule: [2]} if rule else {})


def test_how_much_a_value_moved_is_told_of_its_size_before() -> None:
    """Up is up and down is down, whatever is below 0."""
    values = {"a": (300.0, 100.0), "b": (5.0, -10.0), "c": (-30.0, -10.0), "d": (-5.0, 10.0)}
    facts = [("x", site, "2024", "power", now) for site, (now, _) in values.items()]
    found = found_in(facts, [("x", site, "2023", "power", before) for site, (_, before) in values.items()])
    assert found["changed_much"]["rate"].to_list() == [200.0, 150.0, -200.0, -150.0]


def test_the_year_before_may_stand_in_the_same_file() -> None:
    """What the file itself says of the year before goes before what the store has."""
    facts: list[Fact] = [("x", None, "2024", "power", 1000.0), ("x", None, "2023", "power", 900.0)]
    assert seen(facts, [("x", None, "2023", "power", 10.0)]) == {}


@pytest.mark.parametrize(("value", "found"), [(110.0, False), (111.0, True), (90.0, False), (89.0, True)])
def test_heads_and_areas_move_little(value: float, found: bool) -> None:
    """A tenth more or less than a year before is still usual."""
    for variable in ("staff", "area"):
        rules = seen([("x", None, "2024", variable, value)], [("x", None, "2023", variable, 100.0)])
        assert rules == ({"stock_moved": [2]} if found else {})


def test_answers_in_a_survey_are_no_head_count() -> None:
    """How many answered, and how many of them were content, may move by more than a tenth; those of whom they are a
    part may not where another indicator has them too, or no survey, nor may an area."""
    codes = ("inside", "outside", "content", "valid", "staff", "hall", "people")
    units = dict.fromkeys(codes, "person") | {"hall": "m2", "asked": "person, formula: inside + outside"}
    units.pop("staff")
    variables = "".join(f"\n  {code}: {{name: {code}, unit: {unit}}}" for code, unit in units.items())
    indicator = """
  content_rate: {name: 满意率, unit: "1", formula: content / asked, better: higher, survey: {respondents: asked}}
  not_content: {name: 不满意率, unit: "1", formula: 1 - content_rate, better: lower}
  valid_rate: {name: 有效率, unit: "1", formula: content / valid, better: higher, survey: {respondents: asked}}
  reach: {name: 覆盖率, unit: "1", formula: asked / people, better: higher}
  answered: {name: 作答率, unit: "1", formula: asked / staff, better: higher, survey: {respondents: asked}}
  room: {name: 每人次场地, unit: m2/person, formula: hall / asked, better: lower, survey: {respondents: asked}}
  per_head: {name: 人均面积, unit: m2/person, formula: area / staff, better: lower}
"""
    text = DEFINITIONS.replace("\nindicators:", f"{variables}\nindicators:") + indicator
    years = {"2024": 130.0, "2023": 100.0}
    facts, before = ([("x", None, year, code, value) for code in codes] for year, value in years.items())
    assert seen(facts, before, text=text) == {"stock_moved": [6, 7, 8]}


def test_a_slip_in_the_first_year() -> None:
    """Without a year before, a number ten thousand times the other months of its series is one; three months tell
    nothing, and heating that is needed in winter only is no slip."""
    months = [f"2024-{month:02}" for month in range(1, 7)]
    usual: list[Fact] = [("x", "s", period, "cost", 1234.5 + 10 * at) for at, period in enumerate(months)]
    slip: Fact = ("x", "s", "2024-07", "cost", 13_000_000.0)
    assert seen([*usual, slip]) == {"unit_slip": [8]}
    assert seen([*usual[:2], slip]) == {}
    assert seen([*usual, ("x", "s", "2024-07", "cost", 0.13)]) == {"unit_slip": [8]}
    assert seen([*usual, ("x", "s", "2024-07", "cost", 1_300_000.0), ("x", "s", "2024", "cost", 1.0)]) == {}


def test_a_slip_beside_other_regions() -> None:
    """Without a year before, what all numbers of a variable come to is told by the other regions, of whatever size."""
    own: list[Value] = [
        ("2024", region, variable, size * of)
        for region, size in (("a", 1.0), ("b", 2.0), ("c", 3.0), ("d", 40.0), ("x", 0.02))
        for variable, of in (("power", 5e6), ("area", 1e5), ("staff", 900.0), ("target", 90.0), ("cost", 4e6))
    ]
    facts: list[Fact] = [("x", None, "2024", "cost", 81_234_567.0)]
    assert seen(facts, own=own) == {}
    slipped = [*own[:-1], ("2024", "x", "cost", own[-1][3] * 1e4)]
    assert seen(facts, own=slipped) == {"unit_slip": [2]}
    assert seen(facts, [("x", None, "2023", "cost", 80_000_000.0)], own=slipped) == {}
    assert seen(facts, own=[value for value in slipped if value[1] not in "ab"]) == {}


def test_a_region_and_its_sites() -> None:
    """A region's own number that is not its sites' sum; one that is passes."""
    sites: list[Fact] = [("x", "s", "2024", "power", 10.0), ("x", "t", "2024", "power", 20.0)]
    assert seen([*sites, ("x", None, "2024", "power", 31.0)]) == {"parts_differ": [4]}
    assert seen([*sites, ("x", None, "2024", "power", 30.0)]) == {}


def test_limits() -> None:
    """Above the binding limit and below the leading one, by the indicator that the file makes in its cycles."""
    facts: list[Fact] = [("x", None, "2024", "power", 1.0)]
    for value, rule in ((101.0, "above_binding"), (100.0, None), (20.0, None), (19.0, "beyond_leading")):
        values = [("2024", "x", "per_area", value), ("2023", "x", "per_area", 999.0), ("2024", "y", "per_area", 999.0)]
        assert seen(facts, values=values) == ({rule: [2]} if rule else {})
        assert seen([("x", None, "2024", "staff", 1.0)], values=values) == {}


def test_a_price_far_from_the_others() -> None:
    """Three times the median of all regions and more, or a third and less, where there are enough to have one."""
    facts: list[Fact] = [("x", None, "2024", "cost", 1.0)]
    others = [("2024", region, "price", 0.6) for region in "abcd"]
    assert seen(facts, values=[*others, ("2024", "x", "price", 1.9)]) == {"unit_price": [2]}
    assert seen(facts, values=[*others, ("2024", "x", "price", 0.19)]) == {"unit_price": [2]}
    assert seen(facts, values=[*others, ("2024", "x", "price", 1.7)]) == {}
    assert seen(facts, values=[*others[:2], ("2024", "x", "price", 1.9)]) == {}


def test_numbers_of_another_region() -> None:
    """Three numbers of four digits that another region has too; two, or short ones, are chance."""
    mine: list[Fact] = [("x", None, f"2024-0{month}", "power", 1234.5 + month) for month in (1, 2, 3)]
    theirs: list[Fact] = [("y", None, period, variable, value) for _, _, period, variable, value in mine]
    assert seen(mine, theirs) == {"alike": [2, 3, 4]}
    assert seen([*mine, *theirs]) == {"alike": [2, 3, 4, 5, 6, 7]}
    assert seen(mine, theirs[:2]) == {}
    others: list[Fact] = [(f"r{number}", *rest) for number in range(199, 99, -1) for _, *rest in mine]  # type: ignore[misc]
    assert found_in(mine, others)["alike"]["other"].to_list() == ["r100"] * 3
    many: list[Fact] = [("x", None, f"20{year}-01", "area", 3000.5 + year) for year in range(10, 24)]
    assert "alike" not in seen([*mine, *many], theirs)
    short: list[Fact] = [(region, None, f"2024-0{month}", "power", 120.0) for region in "xy" for month in (1, 2, 3)]
    assert seen(short) == {}


def test_round_numbers() -> None:
    """More than half of at least ten numbers from 1,000 on with one or two digits before their zeros; numbers that were
    reported in 万元, whole or with decimals, are no rounder than they were."""
    months = [f"2024-{month:02}" for month in range(1, 13)]
    exact: list[Fact] = [("x", None, period, "power", 5000.0 + 7 * at) for at, period in enumerate(months)]
    guessed: list[Fact] = [("x", None, period, "power", 5000.0 + 100 * at) for at, period in enumerate(months)]
    assert seen(guessed) == {"heaping": [2]}
    assert seen(exact) == {}
    assert seen(guessed[:9]) == {}
    for first, step in ((35.0, 1.0), (123.4, 1.37)):
        scaled: list[Fact] = [
            ("x", None, period, "cost", round(1e4 * (first + step * at))) for at, period in enumerate(months)
        ]
        assert seen(scaled) == {}


def test_a_period_that_is_not_over() -> None:
    """A month that ends after the day of the import; one that ends with it is over. One warning tells of a region's
    variable in a year, whatever months and sites there are."""
    facts: list[Fact] = [("x", None, period, "power", 1.0) for period in ("2025-01", "2025-02", "2025")]
    assert seen(facts) == {"not_over": [3]}
    assert seen([*facts, ("x", "s", "2025-03", "power", 1.0), ("y", None, "2025-03", "power", 1.0)]) == {
        "not_over": [3, 6]
    }


def test_a_year_earlier() -> None:
    """Every kind of period has the same one a year before."""
    texts = {"2024": "2023", "2024-03": "2023-03", "2024-Q1": "2023-Q1", "2023/24": "2022/23", "1999/00": "1998/99"}
    assert {text: a_year_before(text) for text in texts} == texts
    assert a_year_before("0001-01") is None


def test_no_rule_speaks_of_what_is_not_reported() -> None:
    """A blank value leaves nothing to doubt."""
    assert seen([("x", None, "2024", variable, None) for variable in ("power", "area", "staff")]) == {}  # type: ignore[list-item]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store of these definitions."""
    return store_of(DEFINITIONS, tmp_path)


def sheet(store: Store, name: str, *rows: str) -> Path:
    """A file of facts."""
    file = store.path.with_name(name)
    file.write_text("\n".join(["region,period,variable,value", *rows]) + "\n", encoding="utf-8")
    return file


def test_a_store_is_looked_at_beside_the_file(store: Store) -> None:
    """The year before, other regions' numbers and the indicators that would come out are the store's."""
    numbers = [f"y,2024-0{month},power,{1234.5 + month}" for month in (1, 2, 3)]
    import_file(store, sheet(store, "one.csv", "x,2022,power,1000", "x,2023,area,10", *numbers))
    file = sheet(store, "two.csv", "x,2023,power,5000", *[row.replace("y", "x", 1) for row in numbers])
    found = judge_file(store, revisions_of(store).widest, file, None).doubts
    assert {name: frame["row"].to_list() for name, frame in found.items()} == {
        "changed_much": [2],
        "above_binding": [2],
        "alike": [3, 4, 5],
    }


def test_what_a_file_replaces_is_not_beside_it(store: Store) -> None:
    """Of a batch that the file takes the place of no number counts, of another region or of the year before."""
    rows = [f"y,2024-0{month},power,{1234.5 + month}" for month in (1, 2, 3)]
    import_file(store, sheet(store, "one.csv", "x,2023,power,1", *rows))
    file = sheet(store, "two.csv", "x,2024,power,50", *[row.replace("y", "z", 1) for row in rows])
    definitions = revisions_of(store).widest
    assert set(judge_file(store, definitions, file, None).doubts) == {"alike", "changed_much"}
    assert judge_file(store, definitions, file, None, replaces=1).doubts == {}


def test_what_comes_to_hold_again_is_seen(store: Store) -> None:
    """Under a batch that the file replaces an earlier number holds again, and the limits look at that."""
    import_file(store, sheet(store, "one.csv", "x,2024,power,5000", "x,2024,area,10"))
    import_file(store, sheet(store, "two.csv", "x,2024,power,500"))
    file, definitions = sheet(store, "three.csv", "x,2024,area,11"), revisions_of(store).widest
    assert "above_binding" not in judge_file(store, definitions, file, None).doubts
    assert "above_binding" in judge_file(store, definitions, file, None, replaces=2).doubts


def test_a_number_of_the_year_before_that_comes_to_hold_again_is_compared(store: Store) -> None:
    """The one that the replaced batch had gone, of a region itself as of another; not one that was gone before."""
    numbers = [f"y,2024-0{month},power,{1234.5 + month}" for month in (1, 2, 3)]
    import_file(store, sheet(store, "one.csv", "x,2023,power,100", *numbers))
    import_file(store, sheet(store, "two.csv", "x,2023,power,10", *[f"{row}9" for row in numbers]))
    file = sheet(store, "three.csv", "x,2024,power,10", *[row.replace("y", "x", 1) for row in numbers])
    definitions = revisions_of(store).widest
    assert "alike" not in judge_file(store, definitions, file, None).doubts
    found = judge_file(store, definitions, file, None, replaces=2).doubts
    assert (found["alike"].height, found["changed_much"]["before"].to_list()) == (3, [100.0])


def test_a_calendar_that_was_changed_is_told(store: Store) -> None:
    """Where the file's fiscal year was changed under facts named by years, an import is refused in words."""
    import_file(store, sheet(store, "one.csv", "x,2023,power,1000"))
    path = store.definitions_path()
    path.write_text(DEFINITIONS.replace("schema: 1", "schema: 1\nfiscal_year_starts: 4"), encoding="utf-8")
    with pytest.raises(InputError) as found:
        import_file(store, sheet(store, "two.csv", "x,2023/24,power,1000"))
    assert found.value.problems[0].code == "period_is_fiscal"
    assert store.batches().height == 1


def test_what_a_changed_calendar_has_no_place_for_can_be_taken_back(store: Store) -> None:
    """One batch after the other; only then a file comes in again, and all is rolled up."""
    path, fiscal = store.definitions_path(), DEFINITIONS.replace("schema: 1", "schema: 1\nfiscal_year_starts: 4")
    import_file(store, sheet(store, "one.csv", *(f"x,2024-{month:02},power,1" for month in range(1, 13))))
    path.write_text(fiscal, encoding="utf-8")
    for name in ("two.csv", "three.csv"):
        import_file(store, sheet(store, name, "x,2023/24,area,10", f"x,2024-01,power,{len(name)}"))
    path.write_text(DEFINITIONS, encoding="utf-8")
    four = sheet(store, "four.csv", "x,2024,area,10")
    with pytest.raises(InputError) as found:
        import_file(store, four)
    assert found.value.problems[0].code == "period_needs_fiscal_year"
    for batch in (2, 3):
        withdraw(store, batch, person="甲", reason="历法改回")
    import_file(store, four)
    card = editions(store).card("2024")
    assert card.given.own.values.select("variable", "value").sort("variable").rows() == [("area", 10), ("power", 12)]


def test_a_batch_is_reviewed_once_its_warnings_have_reasons(store: Store) -> None:
    """Warnings are kept with the batch; without a reason for each rule it cannot be reviewed, with one it can."""
    import_file(store, sheet(store, "one.csv", "x,2023,power,1000", "x,2023,staff,10"))
    done = import_file(store, sheet(store, "two.csv", "x,2024,power,5000", "x,2024,staff,20"), sender="甲")
    assert {problem.code for problem in done.warnings} == {"changed_much", "stock_moved"}
    with pytest.raises(InputError) as found:
        raise_to(store, 2, "reviewed", person="乙")
    assert found.value.problems[0].facts["rules"] == "changed_much, stock_moved"
    assert explain_warnings(store, 2, "changed_much", person="甲", reason="新楼启用") == 1
    assert explain_warnings(store, 2, "stock_moved", person="甲", reason="划转") == 1
    with pytest.raises(InputError) as again:
        explain_warnings(store, 2, "stock_moved", person="甲", reason="改口")
    assert again.value.problems[0].code == "no_such_warning"
    raise_to(store, 2, "reviewed", person="乙")
    assert store.warnings(2).select("row", "rule", "reason", "person").rows() == [
        (2, "changed_much", "新楼启用", "甲"),
        (3, "stock_moved", "划转", "甲"),
    ]


def test_the_commands_take_reasons(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """A reason for one rule, and one for all others, given with the import; `warnings` lists them; exit 0."""
    import_file(store, sheet(store, "one.csv", "x,2023,power,1000", "x,2023,staff,10"))
    file, db = sheet(store, "two.csv", "x,2024,power,5000", "x,2024,staff,20"), str(store.path)
    given = ["--reason", "stock_moved=划转", "--reason", "新楼启用", "--sender", "甲"]
    assert main(["import", str(file), "--db", db, *given]) == 0
    capsys.readouterr()
    assert main(["warnings", "2", "--db", db]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "行\t地区\t期间\t变量\t规则\t值\t理由\t说明人",
        "2\tx\t2024\t用电（power）\tchanged_much\t5,000\t新楼启用\t甲",
        "3\tx\t2024\t人数（staff）\tstock_moved\t20\t划转\t甲",
    ]


def test_a_reason_of_no_rule_is_refused(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """A slip in a rule's name makes no reason of all warnings; a sentence may have a = in it, or begin with one."""
    file, db = sheet(store, "one.csv", "x,2023,power,-1"), str(store.path)
    slips = ["stock_move=划转", "no_such = 划转", "notplausible=划转"]
    assert main(["import", str(file), "--db", db, *(part for slip in slips for part in ("--reason", slip))]) == 1
    told = capsys.readouterr().err
    assert [word for word in ("“stock_move”", "“no_such”", "“notplausible”", "stock_moved") if word not in told] == []
    assert store.batches().is_empty()
    for number, (given, kept) in enumerate(
        [("电表倒转：读数=-1", None), ("power=-1 是电表倒转", None), (" Not-plausible = 电表倒转", " 电表倒转")], 1
    ):
        file = sheet(store, f"{number}.csv", f"x,{2010 + number},power,-{number}")
        assert main(["import", str(file), "--db", db, "--reason", given, "--by", "甲"]) == 0
        assert store.warnings(number)["reason"].to_list() == [(kept or given).strip()]


def test_whoever_imports_gives_the_reasons(store: Store) -> None:
    """They need not be who reports, and each stands for the other that is not told."""
    import_file(store, sheet(store, "one.csv", "x,2023,power,1000"), sender="  ", person=" 钱七 ")
    changed = sheet(store, "two.csv", "x,2024,power,5000")
    people = ["--by", "钱七", "--sender", "甲局", "--reason", "新楼"]
    assert main(["import", str(changed), "--db", str(store.path), *people]) == 0
    assert store.batches()["sender"].to_list() == ["甲局", "钱七"]
    assert store.warnings(2)["person"].to_list() == ["钱七"]
    assert store.query("SELECT person FROM events ORDER BY id")["person"].to_list() == ["钱七", "钱七"]


def test_what_a_file_calls_reviewed_is_told(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """How many facts count as reviewed or verified because the file says so; of others nothing is said."""
    file = store.path.with_name("one.csv")
    rows = ("x,2023,power,1000,verified", "x,2023,staff,10,reported", "x,2023,area,10,reviewed")
    file.write_text("\n".join(["region,period,variable,value,status", *rows]), encoding="utf-8")
    assert main(["import", str(file), "--db", str(store.path)]) == 0
    assert "按文件记为: 已审核 1，已核定 1" in capsys.readouterr().out.splitlines()
    assert main(["import", str(sheet(store, "two.csv", "x,2022,power,1000")), "--db", str(store.path)]) == 0
    assert "按文件记为" not in capsys.readouterr().out
    assert main(["warnings", "3", "--db", str(store.path)]) == 1
    assert "第 3 批" in capsys.readouterr().err


def test_an_import_tells_what_it_changes(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """Facts that held and have another value, or none, and those that are gone with the batch that had them; nothing
    where all is new or the same."""
    told = []
    rows = [
        ("x,2023,power,1000",),
        ("x,2023,power,1000.0",),
        ("x,2023,power,1001",),
        ("x,2023,power,",),
        ("x,2022,power,7",),
    ]
    for at, lines in enumerate(rows, 1):
        file = sheet(store, f"{at}.csv", *lines)
        assert main(["import", str(file), "--db", str(store.path), *(["--replaces", "4"] if at == 5 else [])]) == 0
        told.append([line for line in capsys.readouterr().out.splitlines() if "已有的数" in line])
    where = f"python -m data correction {{}} --db {store.path}"
    assert told == [
        [], [],
        [f"已有的数: 更改 1 · {where.format(3)}"],
        [f"已有的数: 更改 1（其中由数变为未报 1） · {where.format(4)}"],
        [f"已有的数: 更改 1 · {where.format(5)}"],
    ]  # fmt: skip


def test_a_mapping_is_advised_for_the_file_alone(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """Where it is the definitions that cannot be read, no mapping helps."""
    file = sheet(store, "one.csv", "x,2023,power,1000")
    store.definitions_path().write_bytes(b"\xff")
    assert main(["import", str(file), "--db", str(store.path)]) == 1
    told = capsys.readouterr().err
    assert ("not_utf8" in told, "mapping_helps" in told) == (True, False)


def test_a_reason_for_no_batch_is_told(store: Store) -> None:
    """It is not taken for a batch without such warnings."""
    with pytest.raises(InputError, match="unknown_batch"):
        explain_warnings(store, 99, "changed_much", person="甲", reason="新楼")


def test_what_a_warning_is_about_is_never_guessed(store: Store) -> None:
    """It tells a row and a number; where a wide table has that in two columns, their region and period alone are told,
    and of a number that was not reported, such as a price, the region, though one beside it happens to be the same."""
    import_file(store, sheet(store, "one.csv", "x,2023,power,1000"))
    import_file(store, sheet(store, "two.csv", "x,2024,power,5000", "x,2024,staff,5000", "x,2025,staff,7"))
    with store.transaction("widen", "send") as writer:
        writer.execute("UPDATE facts SET row = 2 WHERE batch = 2")
    about = ["region", "period", "variable"]
    assert store.warned(2).filter(rule="changed_much").select(about).rows() == [("x", "2024", None)]
    for price in ("0.5", "7.0"):
        with store.transaction("price", "send") as writer:
            writer.execute("UPDATE warnings SET rule = 'unit_price', value = $price", {"price": price})
        assert store.warned(2).filter(row=2).select(about).unique().rows() == [("x", None, None)]
    assert store.warned(2, 1).height == 1 < store.warned(2).height


def test_of_a_row_the_first_months_are_told(store: Store) -> None:
    """Where a wide table has a year in a row, the first of its warnings are those of the first months."""
    import_file(store, sheet(store, "one.csv", *(f"x,2023-{month:02},power,{month}" for month in range(1, 13))))
    changed = [f"x,2024-{month:02},power,{month * 10}" for month in range(12, 0, -1)]
    import_file(store, sheet(store, "two.csv", *changed))
    with store.transaction("widen", "send") as writer:
        writer.execute("UPDATE facts SET row = 2 WHERE batch = 2")
        writer.execute("UPDATE warnings SET row = 2 WHERE batch = 2")
    months = [f"2024-{month:02}" for month in range(1, 13)]
    for most in (3, 12, 20):
        assert store.warned(2, most).filter(rule="changed_much")["period"].to_list() == months[:most]


def test_warnings_are_told_without_definitions(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """With the codes of variables, where the file of the definitions is gone."""
    import_file(store, sheet(store, "one.csv", "x,2023,power,1000"))
    import_file(store, sheet(store, "two.csv", "x,2024,power,5000"))
    store.definitions_path().unlink()
    capsys.readouterr()
    assert main(["warnings", "2", "--db", str(store.path)]) == 0
    assert "2\tx\t2024\tpower\tchanged_much" in capsys.readouterr().out


def test_a_command_tells_doubts_by_names_and_numbers_as_people_write_them(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Separators and the unit, a variable's name before its code, a region's name; the rule's code for --reason."""
    import_file(store, sheet(store, "one.csv", "x,2023,power,17000000"))
    assert main(["import", str(sheet(store, "two.csv", "x,2024,power,170000000000")), "--db", str(store.path)]) == 0
    *doubts, next_step = capsys.readouterr().err.splitlines()
    assert next_step == (
        "还有 2 条提示没有说明理由，进入交叉会审以前须逐条说明："
        f"python -m data warnings 2 --db {store.path}; "
        f"python -m data reason 2 RULE --reason … --by … --db {store.path}"
    )
    assert [line.partition(": warning ")[2] for line in doubts] == [
        "not_plausible “用电（power）”的数值 170,000,000,000 kWh 超出合理范围 0–1,000,000,000 kWh，请核对。 [x]",
        "unit_slip “用电（power）”的数值 170,000,000,000 kWh 约为 2023（17,000,000 kWh）的 10,000 倍，"
        "像是单位写错（如元/万元、千瓦时/兆瓦时、平方米/万平方米）。 [x]",
    ]


def test_every_rule_is_tried_here() -> None:
    """A rule without a test of its own would be named here."""
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in RULES if text.count(f'"{name}"') == 0] == []


def test_a_number_is_told_with_all_its_digits(store: Store) -> None:
    """A warning names the number that was reported, and a change in three digits."""
    import_file(store, sheet(store, "one.csv", "x,2023,power,830984.1"))
    (told,) = import_file(store, sheet(store, "two.csv", "x,2024,power,1992126.4")).warnings
    assert (told.facts["value"], told.facts["before"], told.facts["rate"]) == (1992126.4, 830984.1, 140.0)
