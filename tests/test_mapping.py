"""Mapping files: published layouts become facts, and nothing is dropped without being counted."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from data.delimited import plain_cut, rows_cut
from data.mapping import Known, Mapped, apply, read_mapping
from data.mapping_file import By, Complete, Mapping, Source, Value, Where
from data.mapping_words import passed_over
from data.sources import Part, Read, read_table, trimmed
from metrics.problems import InputError

ROOT = Path(__file__).resolve().parent.parent
LONG = """
mapping: 1
region: "{region}"
period: "{year}"
variable: "{name}"
values: [{columns: value}]
"""


def mapped(folder: Path, mapping: str, text: str | bytes, *, name: str = "source.csv") -> Mapped:
    """A mapping and a source, both written into `folder`, applied."""
    (folder / "m.yaml").write_text(mapping, encoding="utf-8")
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return apply(read_mapping(folder / "m.yaml"), folder / name)


def sheet(folder: Path, rows: list[list[Any]], name: str = "source.xlsx") -> Path:
    """A workbook with these rows in its only sheet, `表`."""
    with xlsxwriter.Workbook(folder / name) as book:
        page = book.add_worksheet("表")
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    return folder / name


def facts(result: Mapped) -> list[tuple[str, str, str, float | None]]:
    """region, period, variable, value of each fact in order."""
    return result.frame.select("region", "period", "variable", "value").rows()


def rejections(result: Mapped) -> list[tuple[int, str, str, str | None]]:
    """row, column, rule, value of each rejection in order."""
    return result.rejections.rows()


def refused(folder: Path, mapping: str, text: str | bytes = "a\n1\n", *, name: str = "source.csv") -> InputError:
    """The error that a mapping or its source is refused with."""
    with pytest.raises(InputError) as error:
        mapped(folder, mapping, text, name=name)
    return error.value


def test_long_table(tmp_path: Path) -> None:
    """Each row of a long table is a fact with the file's row number, and the columns of the canonical form."""
    result = mapped(tmp_path, LONG, "region,year,name,value\n110000,2023,gdp,1.5\n120000,2023,gdp,2\n")
    assert facts(result) == [("110000", "2023", "gdp", 1.5), ("120000", "2023", "gdp", 2.0)]
    assert result.frame.columns == ["region", "site", "period", "variable", "value", "status", "source", "note", "row"]
    assert result.frame["row"].to_list() == [2, 3]
    assert (result.read, result.left_out) == (2, {})


def test_blanks_around_cells(tmp_path: Path) -> None:
    """Tabs and blanks around cells and heads, a byte order mark and a comma at the end of each line do not count."""
    text = "\ufeffregion\t, year ,name,value ,\r\n010000\t,2023\t, gdp,\t1.5\t,\r\n"
    assert facts(mapped(tmp_path, LONG, text)) == [("010000", "2023", "gdp", 1.5)]


def test_encoding_and_delimiter(tmp_path: Path) -> None:
    """A file in GB 18030 with semicolons reads as it says; read as UTF-8 it is refused."""
    text = "region;year;name;value\n北京;2023;gdp;1\n".encode("gb18030")
    assert facts(mapped(tmp_path, LONG + 'read: {encoding: gb18030, delimiter: ";"}', text))[0][0] == "北京"
    named = refused(tmp_path, LONG + "read: {encoding: utf-8}", text)
    assert [p.code for p in named.problems] == ["wrong_encoding"]


@pytest.mark.parametrize("encoding", [
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "gb18030",
])  # fmt: skip
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(tmp_path: Path, encoding: str, delimiter: str) -> None:
    """Where the mapping names none the encoding and the delimiter are found, and what was found is told."""
    text = "题名\nregion,year,name,value\n北京市,2023,gdp,1\n".replace(",", delimiter).encode(encoding)
    result = mapped(tmp_path, LONG + "read: {head: 2}", text)
    assert facts(result) == [("北京市", "2023", "gdp", 1.0)]
    told = {"encoding": encoding} if encoding.startswith(("utf-16", "utf-32", "gb")) else {}
    assert result.taken == told | ({} if delimiter == "," else {"delimiter": delimiter})


@given(
    st.lists(
        st.lists(st.sampled_from(["", " ", "a", "1,2", "北京", "1.5", "x\ny", 'q"', "\t"]), min_size=1, max_size=4),
        min_size=1, max_size=6,
    ),
    st.sampled_from([",", ";", "\t"]), st.sampled_from(["\n", "\r\n"]),
)  # fmt: skip
def test_a_plain_text_is_read_fast_and_alike(rows: list[list[str]], delimiter: str, end: str) -> None:
    """What is cut at its delimiters has the cells that reading it sign by sign gives, row by row."""
    text = "".join(delimiter.join(row) + end for row in rows)
    fast = plain_cut(text, delimiter, Path("a.csv"))
    if fast is not None:
        slow, _ = rows_cut(text, delimiter, Path("a.csv"))
        assert trimmed(fast).rows() == trimmed(slow).rows()


HEADED = b"region,year,name,value\n"


@pytest.mark.parametrize(("rows", "rule", "column", "value"), [
    (b"a,2024,v,1,234\nb,2024,v,2\n", "uneven_row", "", "5 / 4"),
    (b"a,2024,v\nb,2024,v,2\n", "uneven_row", "", "3 / 4"),
    (b'a,2024,v,"1,2x"\nb,2024,v,2\n', "bad_number", "value", "1,2x"),
])  # fmt: skip
def test_a_row_that_does_not_match_the_head_is_refused(
    tmp_path: Path, rows: bytes, rule: str, column: str, value: str | None
) -> None:
    """One cell too many is most likely half a number, one too few is not “not reported”; other rows stay."""
    found = mapped(tmp_path, LONG, HEADED + rows)
    assert (rejections(found), facts(found)) == ([(2, column, rule, value)], [("b", "2024", "v", 2.0)])
    assert found.read == 2


WIDE = """
mapping: 1
region: "{r}"
period: "{head}"
values: [{columns: ["2024", "2023"], variable: v}, {columns: ["2022"], variable: v}]
"""


@pytest.mark.parametrize(("text", "refused_rows", "first"), [
    # One delimiter was lost: every number may be in the wrong column, whichever line ends in a comma or does not.
    ("r,2024,2023,2022,\na,1,2,3,\nb,2,3,\n", [(3, "4 / 5")], ["a"] * 3),
    ("r,2024,2023,2022\na,1,2,3,\nb,1,2,3,\nc,2,3,\n", [(4, "4 / 5")], ["a"] * 3 + ["b"] * 3),
    ("r,2024,2023,2022\na,1,2,3\nb,2,3\n", [(3, "3 / 4")], ["a"] * 3),
    # The comma at the end is the head's alone; the note below is no line of the table.
    ("r,2024,2023,2022,\na,1,2,3\nb,1,2,3\n", [], ["a"] * 3 + ["b"] * 3),
    ("r,2024,2023,2022\na,1,2,3\nb,1,2,3,\nnote\nnote\nnote\nnote\n", [], ["a"] * 3 + ["b"] * 3),
    # Lines of every length: what they lack stands at their ends.
    ("r,2024,2023,2022,x\na,1,2,3\nb,1\nc,1,2\nd,1,2,3,x\n", [(3, "2 / 5"), (4, "3 / 5")],
     ["a"] * 3 + ["b"] + ["c"] * 2 + ["d"] * 3),
])  # fmt: skip
def test_of_a_row_with_a_delimiter_lost_no_number_is_read(
    tmp_path: Path, text: str, refused_rows: list[tuple[int, str]], first: list[str]
) -> None:
    """It is told once with the cells that it has, and those that it should have; nothing is refused where the file
    leaves out the last cells."""
    found = mapped(tmp_path, WIDE + "read: {skip: [note]}", text)
    assert rejections(found) == [(row, "", "uneven_row", cells) for row, cells in refused_rows]
    assert [region for region, *_ in facts(found)] == first
    assert found.read == 3 * text.count("\n", 0, (text + "note").index("note")) - 3
    assert found.cell(3, "") == "3"


def test_a_head_that_most_rows_do_not_match_is_wrong(tmp_path: Path) -> None:
    """Very many of them refuse the file at the first; blank lines are neither short nor long."""
    (problem,) = refused(tmp_path, LONG, HEADED + b"a,2024,v,1\n\n" + b"1,2,3\n" * 11_000).problems
    assert (problem.code, problem.line, problem.facts["wanted"]) == ("ragged_row", 4, 4)
    found = mapped(tmp_path, LONG, HEADED + b"a,2024,v,1\n\nb,2024,v,2\n")
    assert (len(facts(found)), found.rejections.height, found.left_out) == (2, 0, {"blank": 1})


def test_a_quote_without_a_partner_swallows_nothing(tmp_path: Path) -> None:
    """The row is told, and nothing is read."""
    (problem,) = refused(tmp_path, LONG, HEADED + b'a,2024,v,1\nb,2024,"v,2\nc,2024,v,3\n').problems
    assert (problem.code, problem.line) == ("bad_quote", 3)


def test_what_stands_without_a_head_is_counted(tmp_path: Path) -> None:
    """A remark beside the table is told, and one that the mapping names by its place is read."""
    path = sheet(tmp_path, [["region", "year", "name", "value"], ["a", "2024", "v", 1, "remark"]])
    (tmp_path / "m.yaml").write_text(LONG)
    assert apply(read_mapping(tmp_path / "m.yaml"), path).left_out == {"beyond": 1}
    (tmp_path / "m.yaml").write_text(LONG + 'note: "{5}"\n')
    found = apply(read_mapping(tmp_path / "m.yaml"), path)
    assert (found.left_out, found.frame["note"].to_list()) == ({}, ["remark"])


def test_a_cell_without_a_result_is_no_number(tmp_path: Path) -> None:
    """An error and a formula that nobody computed are refused with their cells; a hidden sheet is told."""
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        page, other = book.add_worksheet("藏"), book.add_worksheet("表")
        page.write_row(0, 0, ["region", "year", "name", "value"])
        page.write_row(1, 0, ["a", "2024", "v"])
        page.write_formula(1, 3, "=1/0", None, "#DIV/0!")
        page.write_row(2, 0, ["b", "2024", "v"])
        page.write_formula(2, 3, "=D2", None, "")
        other.activate()
        page.very_hidden()
    (tmp_path / "m.yaml").write_text(LONG)
    found = apply(read_mapping(tmp_path / "m.yaml"), tmp_path / "a.xlsx")
    assert rejections(found) == [(2, "value", "bad_number", "#DIV/0!"), (3, "value", "bad_number", "=D2")]
    assert (found.cell(2, "value"), found.taken) == ("藏!D2", {"hidden": "藏"})


def test_both_factors_and_conditions_are_numbers_as_people_write_them(tmp_path: Path) -> None:
    """1,200 is a number in `by` and in `where` too; a text that is none is refused, not taken for “not reported”."""
    text = 'region,year,n,per,pop\na,2024,2,"1,200","5,000"\nb,2024,2,１２,10\nc,2024,2,zwölf,9000\n'
    mapping = """
mapping: 1
region: "{region}"
period: "{year}"
variable: v
where: [{column: pop, above: 100}]
values: [{columns: n, by: {column: per}}]
"""
    found = mapped(tmp_path, mapping, text)
    assert facts(found) == [("a", "2024", "v", 2400.0)]
    assert (rejections(found), found.left_out) == ([(4, "per", "bad_number", "zwölf")], {"where pop above 100": 1})


@pytest.mark.parametrize(("pattern", "to", "code"), [
    ("(a+)!", r"\g<5>", "unknown_group"), ("(a+)!", r"\g<nope>", "unknown_group"), ("(a+)!", r"\q", "unknown_group"),
    ("(a+)!", "x\\", "unknown_group"), ("(?=a)b", "x", "bad_pattern"), (r"(a)\1", "x", "bad_pattern"),
    ("(a{1,65000}){1,65000}", "x", "bad_pattern"), ("(?x)a # b", "x", "bad_pattern"),
])  # fmt: skip
def test_patterns_that_the_engine_does_not_know(tmp_path: Path, pattern: str, to: str, code: str) -> None:
    """They are problems of the mapping, at their place."""
    region = f"region: {{from: '{{region}}', pattern: '{pattern}', to: '{to}'}}"
    assert [p.code for p in refused(tmp_path, LONG.replace('region: "{region}"', region)).problems] == [code]
    if code == "bad_pattern":
        assert [p.code for p in refused(tmp_path, LONG + f"read: {{skip: ['{pattern}']}}").problems] == [code]


def test_a_pattern_takes_time_by_the_length_of_the_text(tmp_path: Path) -> None:
    """One that others take ages for says at once that it does not match; groups are put in by number and by name."""
    region = "region: {from: '{region}', pattern: '(a+)+(?P<end>b)?(z)?', to: '\\1\\g<end>\\3\\\\'}"
    text = HEADED + b"a" * 5000 + b"!,2024,v,1\naaab,2024,v,2\n"
    found = mapped(tmp_path, LONG.replace('region: "{region}"', region), text)
    assert facts(found) == [("aaab\\", "2024", "v", 2.0)]
    assert [rule for _, _, rule, _ in rejections(found)] == ["unknown_region"]


@pytest.mark.parametrize("encoding", ["undefined", "punycode", "idna", "rot13", "zip", "\\0", "unicode_escape", "x"])
def test_encodings_that_are_none(tmp_path: Path, encoding: str) -> None:
    """What Python calls one and no text is written in is not known."""
    error = refused(tmp_path, LONG + f'read: {{encoding: "{encoding}"}}', HEADED + b"a,2024,v,1\n")
    assert [p.code for p in error.problems] == ["unknown_encoding"]


@pytest.mark.parametrize("delimiter", ["\\n", "\\r", "\\\"", "\\0", "é", ",,"])
def test_delimiters_that_are_none(tmp_path: Path, delimiter: str) -> None:
    """A line end, a quote or a letter of two bytes cuts no line."""
    error = refused(tmp_path, LONG + f'read: {{delimiter: "{delimiter}"}}', HEADED + b"a,2024,v,1\n")
    assert {p.code for p in error.problems} <= {"bad_value", "yaml_error", "bad_yaml"}


@pytest.mark.parametrize(("column", "code"), [
    (pl.Series("value", [[1.0]]), "bad_column_type"), (pl.Series("value", [b"5"]), "bad_column_type"),
    (pl.Series("value", [None]), None), (pl.Series("value", [True]), "bad_number"),
    (pl.Series("value", [date(2024, 1, 1)]), "bad_number"), (pl.Series(" row ", [5.0]), "missing_column"),
])  # fmt: skip
def test_columns_of_parquet(tmp_path: Path, column: pl.Series, code: str | None) -> None:
    """Lists and bytes are refused, truths and dates are no numbers, and a column may be called anything."""
    frame = pl.DataFrame({"region": ["a"], "year": ["2024"], "name": ["v"]}).with_columns(column)
    frame.write_parquet(tmp_path / "a.parquet")
    (tmp_path / "m.yaml").write_text(LONG)
    try:
        found = apply(read_mapping(tmp_path / "m.yaml"), tmp_path / "a.parquet")
        codes = found.rejections["rule"].to_list()
    except InputError as error:
        codes = [problem.code for problem in error.problems]
    assert codes == ([] if code is None else [code])


def test_a_fiscal_year_follows_a_region_that_had_gone(tmp_path: Path) -> None:
    """By the last day of the year as the definitions begin it, not by December."""
    known = Known({"a": "a", "b": "b"}, successors={"a": ("2024-01-31", "b")}, fiscal_year_starts=4)
    (tmp_path / "m.yaml").write_text(LONG.replace('"{region}"', '{from: "{region}", known: regions}'))
    (tmp_path / "a.csv").write_bytes(HEADED + b"a,2023/24,v,1\na,2022/23,v,2\n")
    found = apply(read_mapping(tmp_path / "m.yaml"), tmp_path / "a.csv", known=known)
    assert facts(found) == [("b", "2023/24", "v", 1.0), ("a", "2022/23", "v", 2.0)]


def test_long_lines_are_bounded(tmp_path: Path) -> None:
    """Of a table too wide for anybody the width and the limit are told, quoted or not."""
    for quote in ("", '"'):
        error = refused(tmp_path, LONG, quote + f"{quote},{quote}".join(map(str, range(3000))) + quote)
        assert [(p.code, p.facts["found"]) for p in error.problems] == [("too_many_columns", 3000)]


def test_an_encoding_is_not_guessed(tmp_path: Path) -> None:
    """Western letters of an old code page could be read as Chinese ones: they are refused."""
    text = "region,year,name,value\nZürich,2023,gdp,1\nGenève,2023,gdp,1\n".encode("cp1252")
    assert [p.code for p in refused(tmp_path, LONG, text).problems] == ["encoding_not_found"]
    assert facts(mapped(tmp_path, LONG + "read: {encoding: cp1252}", text))[0][0] == "Zürich"


def test_cells_with_units(tmp_path: Path) -> None:
    """A cell that says its own unit becomes the variable's whatever `times` says; one that cannot is rejected."""
    text = 'region,year,name,value\nX,1,cost,3\nX,2,cost,3万元\nX,3,cost,5%\nX,4,share,"(12.5%)"\nX,5,cost,"1,234"\n'
    mapping = LONG.replace("{columns: value}", "{columns: value, times: 1000}")
    (tmp_path / "m.yaml").write_text(mapping, encoding="utf-8")
    (tmp_path / "source.csv").write_text(text, encoding="utf-8")
    known = Known(units={"cost": "元", "share": "1"})
    result = apply(read_mapping(tmp_path / "m.yaml"), tmp_path / "source.csv", known=known)
    assert [value for *_, value in facts(result)] == [3000.0, 30000.0, -0.125, 1234000.0]
    assert rejections(result) == [(4, "value", "unit_in_cell", "5%")]
    assert result.read_as == {"unit": 1, "percent": 1, "parentheses": 1, "thousands": 1}
    assert result.cell(4, "value") == "D4"


def test_names_that_a_store_knows(tmp_path: Path) -> None:
    """Regions by code, name in either language, short name; after its end a region's facts are its successor's."""
    known = Known({"北京市": "110000", "北京": "110000", "莱芜": "371200"}, {"用电量": "use"}, {"use": "kWh"},
                  {"371200": ("2018-12-31", "370116")})  # fmt: skip
    mapping = LONG.replace('"{region}"', '{from: "{region}", known: regions}')
    mapping = mapping.replace('"{name}"', '{from: "{name}", known: variables}')
    mapping = mapping.replace('"{year}"', '{from: "{year}", written: dates}')
    text = "region,year,name,value\n北  京,2024年3月,用电量,1\n莱芜,2018,用电量,2\n"
    text += "莱芜,2019年,用电量,3\n天津,2019,x,4\n"
    (tmp_path / "m.yaml").write_text(mapping, encoding="utf-8")
    (tmp_path / "source.csv").write_text(text, encoding="utf-8")
    result = apply(read_mapping(tmp_path / "m.yaml"), tmp_path / "source.csv", known=known)
    assert facts(result) == [
        ("110000", "2024-03", "use", 1.0), ("371200", "2018", "use", 2.0), ("370116", "2019", "use", 3.0),
    ]  # fmt: skip
    assert result.read_as == {"successor": 1}
    assert {rule for _, _, rule, _ in rejections(result)} == {"unknown_region", "unknown_variable"}
    with pytest.raises(InputError) as error:
        apply(read_mapping(tmp_path / "m.yaml"), tmp_path / "source.csv")
    assert error.value.problems[0].code == "nothing_known"


def test_merged_heads_and_cells(tmp_path: Path) -> None:
    """A head merged over columns names each of them, and a text merged over rows is that of each row."""
    mapping = """
mapping: 1
read: {head: [1, 2], across: 1, down: [地区]}
region: "{地区}"
period: {from: "{head}", pattern: "(20[0-9]{2}) .*", to: '\\1'}
values:
  - {columns: [2023 电, 2024 电], variable: power}
  - {columns: [2023 水, 2024 水], variable: water}
"""
    text = "地区,2023,,2024,\n,电,水,电,水\n甲,1,2,3,4\n,5,6,7,8\n"
    result = mapped(tmp_path, mapping, text)
    assert facts(result)[:4] == [
        ("甲", "2023", "power", 1.0), ("甲", "2024", "power", 3.0),
        ("甲", "2023", "water", 2.0), ("甲", "2024", "water", 4.0),
    ]  # fmt: skip
    assert {region for region, *_ in facts(result)} == {"甲"}


def test_a_table_that_goes_on_below(tmp_path: Path) -> None:
    """A continued table has heads of its own; a column of one part is not asked of the other, and cells are found."""
    mapping = """
mapping: 1
read: {head: 2, last: 4, continued: [{head: 7}]}
region: "{地区}"
period: "2022"
values: [{columns: [甲项, 乙项], variable: {from: "{head}", names: {甲项: a, 乙项: b}}}]
"""
    text = "题,\n地区,甲项\n北,1\n南,2\n注：x,\n续表,\n地区,乙项\n北,3\n南,x\n"
    result = mapped(tmp_path, mapping, text)
    assert facts(result) == [("北", "2022", "a", 1.0), ("南", "2022", "a", 2.0), ("北", "2022", "b", 3.0)]
    assert rejections(result) == [(9, "乙项", "bad_number", "x")]
    assert (result.read, result.cell(9, "乙项")) == (4, "B9")


def test_several_columns_of_values(tmp_path: Path) -> None:
    """One row gives a numerator and a denominator, each with its own multiplier."""
    mapping = """
mapping: 1
region: "{la}"
period: {from: "{y}", pattern: "([0-9]{4})-([0-9]{2})", to: '\\1/\\2'}
values:
  - {columns: n, variable: {from: "{code}", names: {C1: cost}}, times: {cost: 1000, other: 7}}
  - {columns: d, variable: visits, times: 0.5}
"""
    result = mapped(tmp_path, mapping, "la,y,code,n,d\nX,2011-12,C 1,2.5,8\n")
    assert facts(result) == [("X", "2011/12", "cost", 2500.0), ("X", "2011/12", "visits", 4.0)]


def test_spans_are_not_months(tmp_path: Path) -> None:
    """`2011-12` becomes the fiscal year 2011/12 and `2018-21` the span 2018/21; what does not match is rejected."""
    period = """period: {from: "{year}", pattern: "([0-9]{4})-([0-9]{2})", to: '\\1/\\2'}"""
    mapping = LONG.replace('period: "{year}"', period)
    result = mapped(tmp_path, mapping, "region,year,name,value\nX,2011-12,a,1\nX,2018-21,a,2\nX,2011,a,3\n")
    assert [period for _, period, _, _ in facts(result)] == ["2011/12", "2018/21"]
    assert rejections(result) == [(4, "year", "bad_period", "2011")]
    assert result.read == 3


def test_month_from_two_columns(tmp_path: Path) -> None:
    """Year and month columns make a month, padded to two digits."""
    mapping = LONG.replace('"{year}"', '"{year}-{month:02}"')
    result = mapped(tmp_path, mapping, "region,year,month,name,value\nX,2002,9,a,1\nX,2002,10,a,2\n")
    assert [period for _, period, _, _ in facts(result)] == ["2002-09", "2002-10"]


def test_periods_in_heads(tmp_path: Path) -> None:
    """Columns that are years make a fact each; empty ones are facts without value, or none at all."""
    mapping = """
mapping: 1
region: "{地区}"
period: {from: "{head}", pattern: "([0-9]{4})年", to: '\\1'}
variable: gdp
values: [{columns: "*"}]
"""
    text = "地区\t,2024年\t,2023年\t,\n北京市\t,\t,47353.7\t,\n"
    result = mapped(tmp_path, mapping, text)
    assert facts(result) == [("北京市", "2024", "gdp", None), ("北京市", "2023", "gdp", 47353.7)]
    without = mapped(tmp_path, mapping + "empty: leave_out", text)
    assert facts(without) == [("北京市", "2023", "gdp", 47353.7)]
    assert (without.left_out, without.read) == ({"empty": 1}, 1)


def test_variables_in_heads(tmp_path: Path) -> None:
    """Heads stand for variables by a table; others are left out and counted, or rejected."""
    mapping = """
mapping: 1
region: "{地区}"
period: "2019"
values: [{columns: "*", variable: {from: "{head}", names: {公共安全: security}, others: leave_out}}]
"""
    text = "地   区,公    共 安全,外交\n北京,1,2\n天津,3,4\n"
    result = mapped(tmp_path, mapping, text)
    assert facts(result) == [("北京", "2019", "security", 1.0), ("天津", "2019", "security", 3.0)]
    assert result.left_out == {"others variable": 2}
    strict = mapped(tmp_path, mapping.replace(", others: leave_out", ""), text)
    assert rejections(strict) == [(2, "外交", "unknown_variable", "外交"), (3, "外交", "unknown_variable", "外交")]


def test_region_names(tmp_path: Path) -> None:
    """Regions are known by the code or any name of a regions file, whatever blanks are inside; others are rejected."""
    (tmp_path / "regions.csv").write_text(
        "code,name_zh,name_short,name_en,level\n010000,北京市,北京,Bei Jing,x\n020000,天津市,天津,Tianjin,y\n",
        encoding="utf-8",
    )
    mapping = LONG.replace('"{region}"', '{from: "{region}", names_from: regions.csv, names: {津: "020000"}}')
    names = ["北   京", "北京市", "BeiJing", "010000", "津"]
    rows = "".join(f"{name},2023,a,{at}\n" for at, name in enumerate(names))
    result = mapped(tmp_path, mapping, f"region,year,name,value\n{rows}x,2023,a,1\n,2023,a,1\n")
    assert [region for region, *_ in facts(result)] == ["010000"] * 4 + ["020000"]
    assert rejections(result) == [(7, "region", "unknown_region", "x"), (8, "region", "missing_cell", None)]
    assert result.read == 7


def test_base_folder(tmp_path: Path) -> None:
    """The files that a mapping names are looked for beside it, or in the folder that is given."""
    (tmp_path / "other").mkdir()
    for folder, code in ((tmp_path, "1"), (tmp_path / "other", "2")):
        (folder / "names.csv").write_text(f"code,name\n{code},x\n", encoding="utf-8")
    mapping = LONG.replace('"{region}"', '{from: "{region}", names_from: names.csv}')
    assert facts(mapped(tmp_path, mapping, "region,year,name,value\nx,2023,a,1\n"))[0][0] == "1"
    moved = apply(read_mapping(tmp_path / "m.yaml"), tmp_path / "source.csv", base=tmp_path / "other")
    assert facts(moved)[0][0] == "2"


def test_one_name_for_two_codes(tmp_path: Path) -> None:
    """A table of names in which one name stands for two codes is refused."""
    mapping = LONG.replace('"{region}"', '{from: "{region}", names: {北京: "1", 北 京: "2"}}')
    error = refused(tmp_path, mapping, "region,year,name,value\n北京,2023,a,1\n")
    assert [p.code for p in error.problems] == ["ambiguous_name"]


def test_product(tmp_path: Path) -> None:
    """A product takes `otherwise` where the second factor is blank or not finite, and no value without it."""
    mapping = LONG.replace("{columns: value}", "{columns: value, by: {column: price, otherwise: 0}}")
    text = "region,year,name,value,price\nX,1,a,3,2\nX,2,a,3,inf\nX,3,a,3,\nX,4,a,3,nan\nX,5,a,,2\n"
    assert [value for *_, value in facts(mapped(tmp_path, mapping, text))] == [6.0, 0.0, 0.0, 0.0, None]
    without = mapped(tmp_path, mapping.replace(", otherwise: 0", ""), text)
    assert [value for *_, value in facts(without)] == [6.0, None, None, None, None]


def test_numbers(tmp_path: Path) -> None:
    """A text that is no number is rejected, so are NaN and infinity; agreed texts mean not reported."""
    text = "region,year,name,value\nX,1,a,…\nX,2,a,n/a\nX,3,a,NaN\nX,4,a,inf\nX,5,a,1e3\n"
    result = mapped(tmp_path, LONG + 'not_reported: ["…"]', text)
    assert [(period, value) for _, period, _, value in facts(result)] == [("1", None), ("5", 1000.0)]
    assert rejections(result) == [
        (3, "value", "bad_number", "n/a"), (4, "value", "not_finite", "NaN"), (5, "value", "not_finite", "inf"),
    ]


def test_columns_that_are_not_named_are_counted(tmp_path: Path) -> None:
    """By their heads, so that a number that nobody reads is told; blanks in a head or a mapping make no other of it."""
    path = tmp_path / "a.csv"
    path.write_text("region,用 水,用电,备注\na,1,2,\nb,1,3,x\n", encoding="utf-8")
    mapping = "mapping: 1\nregion: '{region}'\nperiod: '2024'\nvariable: water\nvalues: [{columns: 用水}]\n"
    (tmp_path / "m.yaml").write_text(mapping, encoding="utf-8")
    assert apply(read_mapping(tmp_path / "m.yaml"), path).left_out == {"column 用电": 2, "column 备注": 1}
    headless = "mapping: 1\nread: {head: 0, skip: [region]}\nregion: '{1}'\nperiod: '2024'\nvariable: water\n"
    (tmp_path / "m.yaml").write_text(headless + "values: [{columns: '2'}]\n", encoding="utf-8")
    left = apply(read_mapping(tmp_path / "m.yaml"), path).left_out
    assert (left["column 3"], left["column 4"], "beyond" in left) == (2, 1, False)


def test_what_is_passed_over_is_told_in_words() -> None:
    """A reason at a time; of many columns how many there are."""
    few = {"blank": 2, "column {a}": 3, "where b is c": 4, "skip ^注": 1, "skip ^合计": 1}
    assert passed_over(few, "zh") == {
        "空行、未填的格": 2, "“{a}”列的格": 3, "不合条件的行（b is c）": 4, "合计、注释等行": 2,
    }  # fmt: skip
    many = {f"column {at}": at for at in range(6)}
    told = passed_over({**many, "beyond": 7}, "en")
    assert told == {
        "cells in the columns “0”, “1”, “2”, “3” … (6 in all)": 15, "cells beyond the heads": 7,
    }  # fmt: skip
    assert passed_over(many, "zh") == {"“0”、“1”、“2”、“3”等 6 列的格": 15}


def test_rows_left_out_are_counted(tmp_path: Path) -> None:
    """Blank rows, skipped ones and those that miss a condition are counted by reason, at the first they miss."""
    mapping = LONG + """
read: {skip: ["^注"], footer: 1}
where:
  - {column: region, present: true}
  - {column: note, present: false}
  - {column: area, above: 0}
  - {column: year, is: ["2022", "2023"]}
"""
    rows = "X,2023,a,1,5\n\n,2023,a,1,5\nX,2023,a,1,0\nX,2023,a,1,\nX,2021,a,1,5\n"
    rows += "X,2023,a,1,5,old\n注 说明\nX,2023,a,9,5\n"
    result = mapped(tmp_path, mapping, f"region,year,name,value,area,note\n{rows}")
    assert facts(result) == [("X", "2023", "a", 1.0)]
    assert result.left_out == {
        "blank": 1, "skip ^注": 1, "where region present": 1, "where note blank": 1, "where area above 0": 2,
        "where year is 2022, 2023": 1,
    }


def test_complete_years(tmp_path: Path) -> None:
    """A site's fiscal year counts only when all its months are there; the rows of others are counted."""
    mapping = """
mapping: 1
region: X
site: "{b}"
period: "{y}-{m:02}"
values: [{columns: v, variable: a}, {columns: v, variable: b}]
complete: {months: 12, year_starts: 10}
"""
    months = [(2002 + (at + 9) // 12, (at + 9) % 12 + 1) for at in range(12)]
    rows = [f"one,{y},{m},1\n" for y, m in months] + [f"two,{y},{m},1\n" for y, m in months[1:]] + ["two,2003,10,1\n"]
    result = mapped(tmp_path, mapping, "b,y,m,v\n" + "".join(rows))
    assert result.frame["site"].unique().to_list() == ["one"]
    assert result.frame["period"].sort().unique(maintain_order=True).to_list() == [f"{y}-{m:02}" for y, m in months]
    assert (result.read, result.left_out) == (24, {"complete 12": 12})


def test_excel_with_two_head_rows(tmp_path: Path) -> None:
    """A sheet by name, blank lines above a head of two rows, numbers to the last digit, codes as text."""
    tiny, third = 1e-12, 1 / 3
    head = [["题名"], [], ["地  区", "General", "外交"], ["", "services 一般\n公共", "支出"]]
    sheet(tmp_path, [*head, ["010000", third, tiny], ["020000", 2, 123456789.1234568]])
    mapping = """
mapping: 1
read: {sheet: 表, head: [3, 4]}
region: "{地区}"
period: "2021"
values: [{columns: "*", variable: {from: "{head}", names: {General services 一般公共: services, 外交支出: foreign}}}]
"""
    (tmp_path / "m.yaml").write_text(mapping, encoding="utf-8")
    result = apply(read_mapping(tmp_path / "m.yaml"), tmp_path / "source.xlsx")
    assert facts(result) == [
        ("010000", "2021", "services", third), ("010000", "2021", "foreign", tiny),
        ("020000", "2021", "services", 2.0), ("020000", "2021", "foreign", 123456789.1234568),
    ]
    assert result.frame["row"].to_list() == [5, 5, 6, 6]


def test_table_without_head(tmp_path: Path) -> None:
    """Without a head the columns are called by their numbers."""
    mapping = 'mapping: 1\nread: {head: 0}\nregion: "{1}"\nperiod: "2020"\nvalues: [{columns: "2", variable: a}]\n'
    assert facts(mapped(tmp_path, mapping, "X,5\nY,6\n")) == [("X", "2020", "a", 5.0), ("Y", "2020", "a", 6.0)]


def test_repeated_heads(tmp_path: Path) -> None:
    """A head that repeats is called by its place among its likes."""
    (tmp_path / "t.csv").write_text("地区,合计,合计\nX,1,2\n", encoding="utf-8")
    assert read_table(tmp_path / "t.csv", Read()).heads == ["地区", "合计", "合计 2"]


def test_parquet_keeps_types(tmp_path: Path) -> None:
    """A Parquet file's numbers are read as they are, and its first record is row 2."""
    frame = pl.DataFrame({"region": ["X"], "year": [2020], "name": ["a"], "value": [0.1 + 0.2]})
    frame.write_parquet(tmp_path / "source.parquet")
    (tmp_path / "m.yaml").write_text(LONG, encoding="utf-8")
    result = apply(read_mapping(tmp_path / "m.yaml"), tmp_path / "source.parquet")
    assert (facts(result), result.frame["row"].to_list()) == ([("X", "2020", "a", 0.1 + 0.2)], [2])


@pytest.mark.parametrize(
    ("read", "code"),
    [({"sheet": "无"}, "unknown_sheet"), ({"sheet": 2}, "unknown_sheet"), ({"head": 9}, "head_below_table")],
)
def test_absent_parts_of_a_sheet(tmp_path: Path, read: dict[str, Any], code: str) -> None:
    """A sheet or a head that the file does not have is named."""
    with pytest.raises(InputError) as error:
        read_table(sheet(tmp_path, [["a"], [1]]), Read(**read))
    assert [problem.code for problem in error.value.problems] == [code]


def test_unknown_encoding(tmp_path: Path) -> None:
    """An encoding that nobody knows is named."""
    (tmp_path / "a.csv").write_bytes(b"a")
    with pytest.raises(InputError) as error:
        read_table(tmp_path / "a.csv", Read(encoding="utf-99"))
    assert [problem.code for problem in error.value.problems] == ["unknown_encoding"]


def test_absent_column(tmp_path: Path) -> None:
    """A column that the mapping names and the file has not is named, with those it has."""
    (problem,) = refused(tmp_path, LONG, "region,year,name\nX,1,a\n").problems
    assert (problem.code, problem.facts["columns"]) == ("missing_column", "value")
    assert "region" in str(problem.facts["found"])


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [("a.csv", None, "unreadable_file"), ("a.xlsx", None, "unreadable_file"), ("a.parquet", b"x", "not_a_table"),
     ("a.xlsx", b"x", "not_a_table"), ("a.csv", b"PK\x03\x04", "workbook_as_text"),
     ("a.csv", b'a,b\n"' + b"x" * 200_000 + b'",1\n', "cell_too_long"),
     ("a.doc", b"x", "unknown_format"), ("a.csv", b"\xff\xff,", "encoding_not_found")],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, text: bytes | None, code: str) -> None:
    """A file that is absent, of another format or broken is a named problem."""
    if text is not None:
        (tmp_path / name).write_bytes(text)
    with pytest.raises(InputError) as error:
        read_table(tmp_path / name, Read())
    assert [problem.code for problem in error.value.problems] == [code]


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("variable: \"{name}\"", "variabel: \"{name}\"", "unknown_key", (5, 1)),
        ("region: \"{region}\"", "region: 110000", "quote_text", (3, 9)),
        ("region: \"{region}\"", "region: {from: x, names: {a: 110000}}", "quote_text", (3, 30)),
        ("region: \"{region}\"", "region: \"{region\"", "bad_column_text", (3, 9)),
        ("columns: value", "columns: value, times: 0", "times_zero", (6, 34)),
        ("columns: value", "columns: value, times: {gdp: 0.0}", "times_zero", (6, 34)),
        ("region: \"{region}\"", "region: \"{region:2}\"", "bad_column_text", (3, 9)),
        ("region: \"{region}\"", "region: {from: x, pattern: \"(\", to: y}", "bad_pattern", (3, 28)),
        ("region: \"{region}\"", "region: {from: x, pattern: \"a\"}", "pattern_without_to", (3, 9)),
        ("region: \"{region}\"", "region: {from: x, pattern: \"a\", to: '\\1'}", "unknown_group", (3, 9)),
        ("region: \"{region}\"", "where: [{column: x}]\nregion: x", "one_test_wanted", (3, 9)),
        ("region: \"{region}\"", "where: {column: x}\nregion: x", "list_wanted", (3, 8)),
        ("variable: \"{name}\"\n", "", "variable_wanted", (2, 1)),
        ("period: \"{year}\"", "region: \"{year}\"", "duplicate_key", (4, 1)),
        ("mapping: 1", "mapping: 2", "unknown_word", (2, 10)),
        ("mapping: 1", "mapping: 1\nread: {format: exel}", "unknown_word", (3, 16)),
        ("mapping: 1", "mapping: 1\ncomplete: {months: 13}", "out_of_bounds", (3, 20)),
        ("[{columns: value}]", "[]", "too_few", (6, 9)),
        ("[{columns: value}]", "[{columns: []}]", "too_few", (6, 20)),
        ("[{columns: value}]", "[{columns: value, times: x}]", "number_wanted", (6, 34)),
        ("period: \"{year}\"\n", "", "period_wanted", (2, 1)),
        ("mapping: 1", "mapping: [", "yaml_bracket", None),
    ],
)
def test_problems_of_a_mapping(tmp_path: Path, old: str, new: str, code: str, place: tuple[int, int] | None) -> None:
    """A mistake in a mapping is a problem at its line and column, in words of both languages."""
    problems = refused(tmp_path, LONG.replace(old, new)).problems
    found = {problem.code: problem for problem in problems}
    assert code in found
    assert place is None or (found[code].line, found[code].column) == place
    assert all(problem.message("zh") and problem.message("en") for problem in problems)


def test_all_problems_at_once(tmp_path: Path) -> None:
    """Several mistakes are reported together, in the order of the file."""
    mistaken = LONG.replace("period", "perod").replace("{columns: value}", "{column: value}")
    problems = refused(tmp_path, mistaken).problems
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)
    assert {"unknown_key", "missing_key"} == {problem.code for problem in problems}
    assert any(problem.facts.get("near") == "period" for problem in problems)


def test_every_key_is_documented() -> None:
    """docs/mapping.md names every key of the model, and no key that the model does not have."""
    text = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
    models: tuple[type[BaseModel], ...] = (Mapping, Read, Part, Source, Value, By, Where, Complete)
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    firsts = [row.split("|")[1] for row in text.splitlines() if row.startswith("| `")]
    assert {key for cell in firsts for key in re.findall(r"`([a-z_]+)`", cell)} == keys
