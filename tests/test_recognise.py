"""A mapping is suggested from the file itself: what is certain, what is likely, and what a person has to say."""

import re
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from data.__main__ import main
from data.mapping import apply, known_names
from data.recognise import Suggestion, suggest
from data.recognise_names import match, split_unit
from data.recognise_words import WORDS, Told
from data.remembered import recall, remember, suggest_for
from data.rights import Access, Grant, Person
from data.steps import migrate, newest_schema
from data.store import Store
from metrics.definitions import Definitions
from metrics.problems import InputError
from metrics.reader import read
from pages.parts.mapped import ASKED

TEXT = """
schema: 1
title: t
variables:
  power: {name: {zh: 用电量, en: Electricity use}, unit: kWh}
  water: {name: {zh: 用水量, en: Water use}, unit: m3}
  cost: {name: {zh: 机关运行成本总额, en: Running cost}, unit: 万元}
  staff: {name: {zh: 在职人员数, en: Staff}, unit: person}
  satisfied: {name: {zh: 满意率, en: Satisfied}, unit: "%"}
indicators:
  i: {name: i, unit: kWh/person, formula: power / staff, better: lower}
index: {code: c, name: c, children: [{indicator: i}]}
"""
REGIONS = pl.DataFrame(
    {
        "code": ["110000", "120000", "371200", "370116"],
        "name_zh": ["北京市", "天津市", "莱芜市", "莱芜区"],
        "name_en": ["Beijing", "Tianjin", "Laiwu", "Laiwu District"],
        "parent": [None, None, None, None],
        "valid_to": [None, None, "2018-12-31", None],
        "successor": [None, None, "370116", None],
    },
    schema_overrides={"parent": pl.String},
)


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    """Five variables in units of their own."""
    found = read(TEXT.encode()).definitions
    assert found is not None
    return found


class Looked:
    """A file, what is suggested for it, and the facts that come of that."""

    def __init__(self, path: Path, definitions: Definitions, content: str | bytes, name: str = "表.csv") -> None:
        file = path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        self.found: Suggestion = suggest(file, definitions=definitions, regions=REGIONS)
        self.codes = {doubt.code for doubt in self.found.doubts}
        self.mapped = None
        if self.found.mapping is not None:
            self.mapped = apply(self.found.mapping, file, known=known_names(definitions, REGIONS))

    @property
    def facts(self) -> list[tuple[object, ...]]:
        """region, period, variable, value."""
        assert self.mapped is not None, self.found.text
        return self.mapped.frame.select("region", "period", "variable", "value").rows()


def test_long(tmp_path: Path, definitions: Definitions) -> None:
    """Region, period, variable and number in columns; a column of units makes a factor for each variable."""
    text = "地区,年月,指标,计量单位,数值\n北   京,2024年3月,用电量,万千瓦时,1.5\n天津市,202404,用水量,立方米,—\n"
    seen = Looked(tmp_path, definitions, text)
    assert seen.facts == [("110000", "2024-03", "power", 15000.0), ("120000", "2024-04", "water", None)]
    assert seen.found.mapping is not None
    assert seen.found.mapping.not_reported == ("—",)
    assert seen.codes == {"unit_factor"}
    assert {column.role: column.sure for column in seen.found.columns}["region"] == "certain"


def test_units_that_do_not_agree(tmp_path: Path, definitions: Definitions) -> None:
    """A variable in two units, or in one that measures something else, is left out, never read as it stands."""
    text = "地区,年份,指标,计量单位,数值\n北京,2024,用电量,万千瓦时,1\n天津,2024,用电量,千瓦时,2\n"
    text += "北京,2024,用水量,吨,3\n北京,2024,在职人员数,人,4\n"
    seen = Looked(tmp_path, definitions, text)
    assert seen.facts == [("110000", "2024", "staff", 4.0)]
    assert {"mixed_units", "unit_mismatch"} <= seen.codes
    assert seen.mapped is not None
    assert seen.mapped.left_out == {"others variable": 3, "column 计量单位": 4}
    named = "地区,年份,指标,数值\n北京,2024,用电量(kWh),1\n天津,2024,用电量(万kWh),2\n"
    other = Looked(tmp_path, definitions, named)
    assert other.facts == [("110000", "2024", "power", 1.0)]
    assert "mixed_units" in other.codes


def test_a_head_that_stands_there_twice_is_a_doubt(tmp_path: Path, definitions: Definitions) -> None:
    """The first is taken, and a person is asked whether that is the one."""
    seen = Looked(tmp_path, definitions, "地区,年份,在职人员数,在职人员数\n北京,2024,498,500\n")
    assert seen.facts == [("110000", "2024", "staff", 498.0)]
    (doubt,) = (doubt for doubt in seen.found.doubts if doubt.code == "same_head")
    assert doubt.facts == {"column": "在职人员数", "names": "在职人员数 2"}
    for other in ("绿化率", "在职人员数 2023", "在职人员数 1"):
        text = f"地区,年份,在职人员数,{other}\n北京,2024,498,5\n"
        assert "same_head" not in Looked(tmp_path, definitions, text).codes
    taken = Looked(tmp_path, definitions, "地区,年份,在职人员数,在职人员数 2,在职人员数\n北京,2024,498,5,6\n")
    assert [column.head for column in taken.found.columns][-3:] == ["在职人员数", "在职人员数 2", "在职人员数 3"]


def test_a_unit_of_ones_own_is_known_where_it_is_printed(tmp_path: Path) -> None:
    """份 is a number of things, as `count` is; a word that only the definitions have is what they call it. What is
    printed and measures something else is named beside what is expected, in words."""
    own = read(TEXT.replace("unit: m3", "unit: count").replace("unit: 万元", "unit: 户").encode()).definitions
    assert own is not None
    seen = Looked(tmp_path, own, "地区,年份,用水量（份）,机关运行成本总额（户）\n北京,2024,3,4\n")
    assert seen.facts == [("110000", "2024", "water", 3.0), ("110000", "2024", "cost", 4.0)]
    assert "no_unit" not in seen.codes
    bare = Looked(tmp_path, own, "地区,年份,用水量,机关运行成本总额\n北京,2024,3,4\n").found.doubts
    (silent,) = (doubt for doubt in bare if doubt.code == "no_unit")
    assert "：water 个, cost 户。" in silent.text("zh")
    assert ": water count, cost 户." in silent.text("en")
    other = Looked(tmp_path, own, "地区,年份,指标,计量单位,数值\n北京,2024,用水量,吨,3\n北京,2024,用电量,kWh,3\n")
    (unlike,) = (doubt for doubt in other.found.doubts if doubt.code == "unit_mismatch")
    assert "的计量单位是个，表里印的是吨" in unlike.text("zh")


def test_variables_as_columns(tmp_path: Path, definitions: Definitions) -> None:
    """Title, unit line, notes and totals are no part of the table; units stand in the heads, and a stranger is told."""
    text = (
        "2024年机关运行情况表,,,,\n单位：万元,,,,\n地区,用电量（万千瓦时）,运行成本,绿化率,备注\n"
        "北京,1,20,3,x\n天津,2,30,4,\n合计,3,50,7,\n注：初步数,,,,\n"
    )
    seen = Looked(tmp_path, definitions, text)
    assert seen.facts == [
        ("110000", "2024", "power", 10000.0), ("110000", "2024", "cost", 20.0),
        ("120000", "2024", "power", 20000.0), ("120000", "2024", "cost", 30.0),
    ]  # fmt: skip
    assert {"period_from_title", "likely_variable", "unit_factor", "totals_left_out"} <= seen.codes
    left = {column.head: column.why.code for column in seen.found.columns if column.role == "left_out"}
    assert left == {"绿化率": "no_match"}
    assert seen.mapped is not None
    assert seen.mapped.left_out["skip ^注"] == 1


def test_a_cell_that_is_no_number_leaves_its_column_one_of_values(tmp_path: Path, definitions: Definitions) -> None:
    """Under a variable's own name it is refused by its cell, and the others are read; under another's no such guess."""
    text = "地区,年度,用电量（kWh）,在职人员数,绿化率\n北京,2024,1,没有,4\n天津,2024,待核,5,约三成\n"
    seen = Looked(tmp_path, definitions, text)
    assert seen.facts == [("110000", "2024", "power", 1.0), ("120000", "2024", "staff", 5.0)]
    assert seen.mapped is not None
    refused = seen.mapped.rejections.select("row", "column", "value").rows()
    assert [(column, value) for _, column, value in refused] == [("在职人员数", "没有"), ("用电量（kWh）", "待核")]
    assert [column.head for column in seen.found.columns if column.role == "left_out"] == ["绿化率"]


def test_a_column_without_any_number_is_counted_under_a_variables_own_name(
    tmp_path: Path, definitions: Definitions
) -> None:
    """Each cell is refused, or one that is not reported; beside a column of its numbers it is none of the variable."""
    text = "地区,年度,用电量（kWh）,在职人员数,用水量\n北京,2024,1,没有,—\n天津,2024,2,待核,—\n"
    mapped = Looked(tmp_path, definitions, text).mapped
    assert mapped is not None
    assert mapped.rejections.select("row", "column", "rule").rows() == [
        (2, "在职人员数", "bad_number"), (3, "在职人员数", "bad_number"),
    ]  # fmt: skip
    assert mapped.frame.filter(variable="water").select("region", "value").rows() == [
        ("110000", None), ("120000", None),
    ]  # fmt: skip
    assert mapped.read == mapped.frame.height + mapped.rejections.height == 6
    beside = Looked(tmp_path, definitions, "地区,年度,用水量,Water use\n北京,2024,抄表,1\n天津,2024,估计,2\n")
    assert [value for *_, value in beside.facts] == [1.0, 2.0]
    assert [column.head for column in beside.found.columns if column.role == "left_out"] == ["用水量"]


@pytest.mark.parametrize("head", ["数值", "value", "数值（kWh）"])
def test_a_bad_cell_leaves_the_column_of_numbers_of_a_long_table(
    tmp_path: Path, definitions: Definitions, head: str
) -> None:
    """It is refused by itself, and the others are read, however few they are."""
    text = f"地区,年度,指标,{head}\n北京,2024,用电量,1\n天津,2024,用电量,没有\n"
    seen = Looked(tmp_path, definitions, text)
    assert seen.facts == [("110000", "2024", "power", 1.0)]
    assert seen.mapped is not None
    assert seen.mapped.rejections.select("row", "column", "rule").rows() == [(3, head, "bad_number")]


def test_periods_as_columns(tmp_path: Path, definitions: Definitions) -> None:
    """Months in the heads; the variable in the title is a doubt; a column that is blank is not read."""
    text = "各地区用电量,,,\n单位：千瓦时,,,\n地区,2024年1月,2024年2月,2024年3月\n北京,\"1,000\",2,\n天津,3,…,\n"
    seen = Looked(tmp_path, definitions, text)
    assert seen.facts == [
        ("110000", "2024-01", "power", 1000.0), ("110000", "2024-02", "power", 2.0),
        ("120000", "2024-01", "power", 3.0), ("120000", "2024-02", "power", None),
    ]  # fmt: skip
    assert "variable_from_name" in seen.codes
    assert seen.mapped is not None
    assert seen.mapped.read_as == {"thousands": 1, "not_reported": 1}


def test_regions_as_columns(tmp_path: Path, definitions: Definitions) -> None:
    """Names of regions in the heads, variables in a column."""
    seen = Looked(tmp_path, definitions, "指标,年份,北京,天津\n用电量(kWh),2023,5,6\n在职人员数,2023,7,8\n")
    assert seen.facts == [
        ("110000", "2023", "power", 5.0), ("120000", "2023", "power", 6.0),
        ("110000", "2023", "staff", 7.0), ("120000", "2023", "staff", 8.0),
    ]  # fmt: skip


def test_merged_heads_of_periods_and_variables(tmp_path: Path, definitions: Definitions) -> None:
    """A year merged over its variables: each column is a variable in a period of its own."""
    with xlsxwriter.Workbook(tmp_path / "合并.xlsx") as book:
        page = book.add_worksheet("数据")
        page.merge_range(0, 0, 0, 4, "情况表")
        page.merge_range(1, 0, 2, 0, "地区")
        page.merge_range(1, 1, 1, 2, "2023年")
        page.merge_range(1, 3, 1, 4, "2024年")
        page.write_row(2, 1, ["用电量", "用水量", "用电量", "用水量"])
        page.write_row(3, 0, ["北京市", 1, 2, 3, 4])
    seen = Looked(tmp_path, definitions, (tmp_path / "合并.xlsx").read_bytes(), "合并.xlsx")
    assert sorted(seen.facts, key=str) == [
        ("110000", "2023", "power", 1.0), ("110000", "2023", "water", 2.0),
        ("110000", "2024", "power", 3.0), ("110000", "2024", "water", 4.0),
    ]  # fmt: skip


def test_repeated_heads_and_numbered_columns(tmp_path: Path, definitions: Definitions) -> None:
    """Heads repeated on each printed page, and the row that counts the columns, are left out and counted."""
    text = "地区,年份,用电量,用水量\n甲,乙,1,2\n北京,2024,100,8\n地  区,年份,用电量,用水量\n天津,2024,300,9\n"
    seen = Looked(tmp_path, definitions, text)
    assert [value for *_, value in seen.facts] == [100.0, 8.0, 300.0, 9.0]
    assert seen.mapped is not None
    assert sum(seen.mapped.left_out.values()) == 2
    assert seen.mapped.rejections.is_empty()


def test_a_region_that_has_gone(tmp_path: Path, definitions: Definitions) -> None:
    """By code or by name its facts are its successor's after its end, and that is counted."""
    seen = Looked(tmp_path, definitions, "region,year,power\n371200,2018,1\n371200,2019,2\n莱芜市,2020,3\n")
    told = [(region, period) for region, period, *_ in seen.facts]
    assert told == [("371200", "2018"), ("370116", "2019"), ("370116", "2020")]
    assert seen.mapped is not None
    assert seen.mapped.read_as == {"successor": 2}


def test_shares_and_per_cent(tmp_path: Path, definitions: Definitions) -> None:
    """Numbers between 0 and 1 of a variable in % are a doubt and stay as they are; 85% is 85."""
    shares = Looked(tmp_path, definitions, "地区,年份,满意率\n北京,2024,0.85\n天津,2024,0.9\n")
    assert "maybe_share" in shares.codes
    assert [value for *_, value in shares.facts] == [0.85, 0.9]
    per_cent = Looked(tmp_path, definitions, "地区,年份,满意率\n北京,2024,85%\n天津,2024,90.5％\n")
    assert "maybe_share" not in per_cent.codes
    assert [value for *_, value in per_cent.facts] == [85.0, 90.5]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("地区,用电量\n北京,1\n", "period_missing"), ("年份,用电量\n2024,1\n", "region_missing"),
        ("地区,年份,绿化率\n北京,2024,1\n", "values_missing"), ("只有一行字\n", "no_table"), ("", "no_table"),
    ],
)  # fmt: skip
def test_what_is_missing_is_asked_for(tmp_path: Path, definitions: Definitions, text: str, code: str) -> None:
    """Without region, period or values there is no mapping, and which is missing is said."""
    seen = Looked(tmp_path, definitions, text)
    assert seen.found.mapping is None
    assert code in seen.codes


def test_unknown_regions_are_rejected_and_told(tmp_path: Path, definitions: Definitions) -> None:
    """A region that nobody knows is no other one."""
    seen = Looked(tmp_path, definitions, "地区,年份,用电量\n北京,2024,1\n天津,2024,2\n云梦泽,2024,3\n")
    assert "unknown_regions" in seen.codes
    assert seen.mapped is not None
    assert seen.mapped.rejections.rows() == [(4, "地区", "unknown_region", "云梦泽")]
    assert seen.mapped.read == 3


def test_an_old_encoding_is_told(tmp_path: Path, definitions: Definitions) -> None:
    """What was found stands in the mapping and among the doubts."""
    seen = Looked(tmp_path, definitions, "地区;年份;用电量\n北京;2024;1\n".encode("gb18030"))
    assert "encoding" in seen.codes
    assert "encoding: gb18030" in seen.found.text
    assert seen.facts == [("110000", "2024", "power", 1.0)]


@pytest.mark.parametrize(
    ("head", "parts"),
    [
        ("用电量（万千瓦时）", ("用电量", "万千瓦时")), ("用电量/kWh", ("用电量", "kWh")),
        ("elec_kwh", ("elec", "kwh")),
        ("value_100m_yuan", ("value", "100 million yuan")), ("满意率（%）", ("满意率", "%")),
        ("面积(一层)", ("面积(一层)", "")),
        ("用电量", ("用电量", "")),
    ],
)  # fmt: skip
def test_units_in_heads(head: str, parts: tuple[str, str]) -> None:
    """A unit in brackets, after a stroke or at the end of a code; other brackets are part of the name."""
    assert split_unit(head) == parts


def test_a_unit_that_measures_something_else(definitions: Definitions) -> None:
    """用电量（万元） is a cost, whatever its name begins with; a short Latin text names nothing by its beginning."""
    known = known_names(definitions, None)
    assert match("用电量（万元）", known) is None
    assert match("wa", known) is None
    found = match("本年用水量", known)
    assert found is not None
    assert (found.code, found.sure) == ("water", "likely")


def test_what_was_confirmed_is_suggested_first(tmp_path: Path, demo: Path) -> None:
    """For the same heads; the new file's period is taken, and nobody's name is needed but the one who confirmed."""
    store = Store(tmp_path / "own.duckdb")
    (tmp_path / "regions.csv").write_text("code,name_zh,name_en,parent\n110000,北京市,Beijing,\n", encoding="utf-8")
    assert main(["init", "--db", str(store.path), "--regions", str(tmp_path / "regions.csv")]) == 0
    for year in (2023, 2024):
        text = f"{year}年情况\n地区,在职\n北京,{year}.5\n"
        (tmp_path / f"{year}.csv").write_text(text, encoding="utf-8")
    first = suggest_for(store, tmp_path / "2023.csv")
    assert not first.remembered
    assert first.mapping is not None
    chosen = first.text.replace("staff_on_post", "staff_quota") + 'note: "核过"\n'
    with pytest.raises(InputError):
        remember(store, first.heads, chosen, person=" ")
    remember(store, first.heads, chosen, person="甲")
    again = suggest_for(store, tmp_path / "2024.csv")
    assert again.remembered
    assert again.mapping is not None
    assert again.mapping.period is not None
    assert again.mapping.note is not None
    assert (again.mapping.period.from_, again.mapping.note.from_) == ("2024", "核过")
    assert "kept_period" in {doubt.code for doubt in again.doubts}
    assert recall(store, "other heads") is None


def test_a_confirmed_mapping_is_ones_own_or_for_all(own: Store) -> None:
    """A reporter's serves that reporter alone; others have the last one by who moves the evaluation on everywhere."""

    def known(name: str, role: str, **part: Any) -> Store:
        grant = Grant(1, name, role, **part)
        return own.seen_with(Access(Person(name, name, "oidc"), (grant,), {"11": frozenset({"11"})}), None)

    def said(store: Store) -> tuple[str, str] | None:
        kept = recall(store, "heads", person=store.access.person.id)
        return kept and (kept.text, kept.whose)

    first, second = known("a@x", "reporter", region="11"), known("b@x", "reporter", region="11")
    part, runs = known("c@x", "evaluator", region="11"), known("d@x", "evaluator")
    for store in (first, part):
        remember(store, "heads", f"text of {store.access.person.id}", person=store.access.person.id)
    assert [said(store) for store in (first, second, part, runs)] == [
        ("text of a@x", ""), None, ("text of c@x", ""), None
    ]  # fmt: skip
    remember(runs, "heads", "text of d@x", person="d@x")
    assert [said(store) for store in (first, second, runs)] == [
        ("text of a@x", ""), ("text of d@x", "d@x"), ("text of d@x", "")
    ]  # fmt: skip
    assert said(known("a@x\u200b", "reporter", region="11")) == ("text of d@x", "d@x")
    # Somebody else's that was confirmed is one's own from then on, whatever becomes of the other's.
    remember(second, "heads", "text of d@x", person="b@x")
    assert said(second) == ("text of d@x", "")
    remember(second, "heads", "another", person="b@x")
    assert said(second) == ("another", "")
    assert own.query("SELECT person, for_all FROM mappings ORDER BY person").rows() == [
        ("a@x", False), ("b@x", False), ("c@x", False), ("d@x", True)
    ]  # fmt: skip


def test_mappings_of_before_serve_all_but_those_of_other_roles(tmp_path: Path) -> None:
    """A store from before: what an evaluator or somebody without sign-in confirmed is for all, a reporter's theirs."""
    with duckdb.connect(tmp_path / "s.duckdb") as connection:
        migrate(connection, 0, 13)
        grant = "INSERT INTO grants VALUES ({}, '{}', '{}', '{}', {}, false, '', '', '王', '2025', '试')"
        given = (("a@x", "reporter", "", "[]"), ("b@x", "reporter", "", "[]"), ("b@x", "evaluator", "", "[]"),
                 ("c@x", "evaluator", "11", "[]"), ("d@x", "evaluator", "", "['2024']"))  # fmt: skip
        for number, one in enumerate(given):
            connection.execute(grant.format(number, *one))
        for heads, person in (("one", "a@x"), ("two", "b@x"), ("four", "c@x"), ("five", "d@x"), ("three", "甲")):
            connection.execute("INSERT INTO mappings VALUES ($heads, 'text', $person, '2025')",
                               {"heads": heads, "person": person})  # fmt: skip
        migrate(connection, 13, newest_schema())
        found = connection.execute("SELECT heads, text, person, made, for_all FROM mappings ORDER BY person").fetchall()
    assert found == [("one", "text", "a@x", "2025", False), ("two", "text", "b@x", "2025", True),
                     ("four", "text", "c@x", "2025", False), ("five", "text", "d@x", "2025", False),
                     ("three", "text", "甲", "2025", True)]  # fmt: skip


@pytest.fixture
def own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Store:
    """A store of two regions."""
    (tmp_path / "regions.csv").write_text("code,name_zh,name_en,parent\n11,北京市,Beijing,\n12,天津市,Tianjin,\n")
    assert main(["init", "--db", str(tmp_path / "own.duckdb"), "--regions", str(tmp_path / "regions.csv")]) == 0
    return Store(tmp_path / "own.duckdb")


def _twice(store: Store, folder: Path, first: tuple[str, str], second: tuple[str, str], change: str = "") -> Any:
    """What is suggested for a second file (name, text) when the suggestion for the first was confirmed, with a line."""
    for name, text in (first, second):
        (folder / name).write_text(text, encoding="utf-8")
    found = suggest_for(store, folder / first[0])
    before, _, after = change.partition(" → ")
    remember(store, found.heads, found.text.replace(before, after) if change else found.text, person="甲")
    return suggest_for(store, folder / second[0])


def _told(found: Any) -> set[str]:
    return {doubt.code for doubt in found.doubts}


def test_the_region_of_the_file_before_is_not_this_ones(own: Store, tmp_path: Path) -> None:
    """Another region in the title is taken and told; one that is not said is doubted."""
    table = "年份,用电量（千瓦时）\n2023,5\n2024,6\n"
    found = _twice(own, tmp_path, ("a.csv", "北京市情况\n" + table), ("b.csv", "天津市情况\n" + table))
    assert found.mapping.region.from_ == "12"
    assert "kept_region" in _told(found)
    (tmp_path / "c.csv").write_text("情况\n" + table, encoding="utf-8")
    silent = suggest_for(own, tmp_path / "c.csv")
    assert silent.mapping.region.from_ == "11"
    assert "kept_region_unsure" in _told(silent)


def test_another_printed_unit_is_another_table(own: Store, tmp_path: Path) -> None:
    """The factor of one printed in 万千瓦时 is not that of one printed in 千瓦时; one that nobody prints is doubted."""
    table = "地区,年份,外购用电量\n北京市,2023,5\n"
    found = _twice(
        own, tmp_path, ("a.csv", "单位：万千瓦时\n,\n" + table), ("b.csv", "单位：千瓦时\n,\n" + table)
    )
    assert "times" not in found.text
    assert not found.remembered
    same = _twice(own, tmp_path, ("a.csv", table), ("b.csv", table), "{columns: → {times: 1000, columns:")
    assert same.remembered
    assert "times: 1000" in same.text
    assert "kept_factor" in _told(same)


def test_the_variable_and_the_names_of_this_file(own: Store, tmp_path: Path) -> None:
    """One that the title names is taken and told, and a name that was not there before is not passed over silently."""
    table = "地区,2023年,2024年\n北京市,5,6\n"
    found = _twice(own, tmp_path, ("a.csv", "外购用电量\n" + table), ("b.csv", "用水量\n" + table))
    assert "kept_variable" in _told(found)
    assert "variable: water" in found.text
    rows = "地区,年份,指标,数值\n北京市,2023,外购用电量,5\n北京市,2023,用水量,5\n"
    more = _twice(own, tmp_path, ("c.csv", rows), ("d.csv", rows + "北京市,2023,编制人数（年末）,7\n"))
    assert more.remembered
    assert "unknown_variables" in _told(more)


def test_doubts_are_in_the_words_of_people() -> None:
    """What the page shows names no key of the mapping; what it asks for itself may, for those who write one."""
    keys = re.compile(r"\b(?:times|written|region|period|names|values): |years_|--|`|写 [a-z]")
    shown = {code: words for code, words in WORDS.items() if code not in ASKED}
    assert [code for code, words in shown.items() if any(map(keys.search, words))] == []


def test_the_command(tmp_path: Path, demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It writes the mapping, tells the columns and the doubts, and ends with 1 where a person has to say more."""
    (tmp_path / "a.csv").write_text("地区,年份,外购用电量（万千瓦时）\n霁川市,2024,1\n", encoding="utf-8")
    out = tmp_path / "m.yaml"
    assert main(["suggest", str(tmp_path / "a.csv"), "--db", str(demo), "--out", str(out), "--lang", "en"]) == 0
    told = capsys.readouterr().err
    assert "times 10000" in told
    assert "electricity: 10000" in out.read_text(encoding="utf-8")
    (tmp_path / "b.csv").write_text("地区,外购用电量\n霁川市,1\n", encoding="utf-8")
    assert main(["suggest", str(tmp_path / "b.csv"), "--db", str(demo)]) == 1


def test_everything_is_told_in_both_languages() -> None:
    """Each word has zh and en with the same facts in them."""
    for code, both in WORDS.items():
        names = [sorted(re.findall(r"{(\w+)}", text)) for text in both]
        assert names[0] == names[1], code
        assert all(Told(code, dict.fromkeys(names[0], "x")).text(lang) for lang in ("zh", "en"))
