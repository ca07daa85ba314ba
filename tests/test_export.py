"""Exports of rows: each tells the scorecard's own values, in words a spreadsheet cannot turn into anything else."""

import csv
import io
import json
import math
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.utils import column_index_from_string, get_column_letter

from metrics.export import FORMATS, xlsx
from metrics.export.csv import plain_text
from metrics.export.labels import HEADS, SHEETS, head
from metrics.export.live.words import SHEETS as LIVE
from metrics.export.occasion import Occasion
from metrics.export.paper import ACROSS, LARGE, UPRIGHT
from metrics.formula import parse
from metrics.plain import plain
from metrics.problems import InputError
from metrics.reader import read
from metrics.scorecard import Scorecard, score
from metrics.syntax import walk

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported.*:UserWarning")

DEFINITIONS = """
schema: 1
title: {zh: "=标题（示例）", en: "=Title, with comma"}
defaults: {min_coverage: 0.4}
variables:
  energy: {name: {zh: 用能, en: Energy}, unit: kWh}
  area: {name: {zh: 面积, en: Area}, unit: m2}
  staff: {name: {zh: 人数, en: Staff}, unit: person}
indicators:
  intensity:
    name: {zh: "=HYPERLINK(\\"http://x\\")", en: "+1 Intensity"}
    unit: kWh/m2
    formula: energy / area
    better: lower
    missing: mean
    source: "@source"
    why: "-why, \\"quoted\\""
  room: {name: {zh: 人均面积, en: Area per head}, unit: m2/person, formula: area / staff, better: {between: [10, 20]},
         normalise: {method: band, best: [10, 20], worst: [2, 90]}}
  aside: {name: {zh: 总用能, en: Total energy}, unit: kWh, formula: energy, better: lower}
index:
  code: composite
  name: {zh: 综合, en: Composite}
  children:
    - {code: saving, name: {zh: 节能, en: Saving}, weight: 2, children: [{indicator: intensity}]}
    - {code: space, name: {zh: 用房, en: Space}, weight: 1, children: [{indicator: room}]}
grades:
  - {code: good, name: {zh: 良好, en: Good}, at_least: 60}
  - {code: poor, name: {zh: 较差, en: Poor}}
rules:
  - {code: huge, kind: veto, when: intensity > 200, cap: poor, name: {zh: 用能过高, en: Far too much}}
"""
NAMES = {
    "001": '说"引号", 逗号',
    "002": "两\n行",
    "003": '=HYPERLINK("http://x","y")',
    "004": "+1",
    "005": "-x",
    "006": "@x",
    "007": "😀 emoji",
    "008": "长" * 200,
    "=1+1": "'apostrophe",
    "-2": "\tTab",
}
NUMBERS = ("value", "treated", "score", "weight", "coverage", "imputed", "rank")
NOTICE = "示例数据"
Write = Callable[..., bytes]
Key = tuple[str, str, str]


def _facts() -> Iterator[tuple[str, str, str, str, float | None]]:
    for place, region in enumerate(NAMES):
        for period in ("2023", "2024"):
            energy = None if (region, period) == ("003", "2024") else (place + 1) * 1000.1 / 3 + (period == "2024") / 7
            yield region, period, "energy", "reported", energy
            yield region, period, "area", "reported", (place + 1) ** 2 * 1.1 + 0.1
            yield region, period, "staff", "reported", None if region == "004" else 1 / 3 + place


@pytest.fixture(scope="module")
def card() -> Scorecard:
    """Ten regions with names that give trouble, two cycles, a missing value, an imputed one, a met rule."""
    definitions = read(DEFINITIONS).definitions
    assert definitions is not None
    columns = ["region", "period", "variable", "status", "value"]
    regions = pl.DataFrame({"code": list(NAMES), "name_zh": list(NAMES.values()), "name_en": list(NAMES.values())})
    return score(definitions, pl.DataFrame(list(_facts()), schema=columns, orient="row"), regions=regions)


def _csv_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def _key(row: dict[str, Any], lang: str) -> Key:
    period, region, code = (row[head(name, lang)].removeprefix("'") for name in ("period", "region", "code"))
    return period, region, code


def _number(cell: Any) -> float | None:
    return None if cell in (None, "") else float(cell)


def _from_csv(content: bytes, lang: str) -> dict[Key, tuple[float | None, ...]]:
    rows = _csv_rows(content)
    return {_key(row, lang): tuple(_number(row[head(name, lang)]) for name in NUMBERS) for row in rows}


def _from_json(content: bytes, lang: str) -> dict[Key, tuple[float | None, ...]]:
    rows = json.loads(content)["rows"]
    return {(row["period"], row["region"], row["code"]): tuple(_number(row[name]) for name in NUMBERS) for row in rows}


def _recorded(content: bytes, lang: str) -> tuple[list[str], list[list[Any]]]:
    """The indicators' sheet: its heads without the mark of those columns that follow no change, and its rows."""
    heads, *lines = _sheets(content)[SHEETS["indicators"][lang != "zh"]]
    return [text.removesuffix(xlsx.EXPORTED[lang != "zh"]) for text in heads], lines


def _from_xlsx(content: bytes, lang: str) -> dict[Key, tuple[float | None, ...]]:
    heads, lines = _recorded(content, lang)
    rows = [dict(zip(heads, line, strict=True)) for line in lines]
    return {_key(row, lang): tuple(_number(row[head(name, lang)]) for name in NUMBERS) for row in rows}


READ = {"csv": _from_csv, "json": _from_json, "xlsx": _from_xlsx}


def _truth(card: Scorecard) -> dict[Key, tuple[float | None, ...]]:
    rows = card.frame.select("period", "region", "code", *NUMBERS).iter_rows()
    return {row[:3]: row[3:] for row in rows}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["csv", "json"])
def test_text_formats_tell_the_very_numbers(card: Scorecard, name: str, lang: str) -> None:
    """CSV and JSON hold every number of the scorecard to its last digit, and no row more or less."""
    assert READ[name](FORMATS[name](card, lang=lang), lang) == _truth(card)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_workbook_tells_the_same_numbers(card: Scorecard, lang: str) -> None:
    """XLSX holds every number to at least the 15 digits that a spreadsheet shows, missing ones as empty cells."""
    found, truth = _from_xlsx(FORMATS["xlsx"](card, lang=lang), lang), _truth(card)
    assert found.keys() == truth.keys()
    for key, numbers in truth.items():
        assert found[key] == pytest.approx(numbers, rel=1e-15, abs=0.0), key


def test_a_workbook_holds_the_last_digit_too(card: Scorecard) -> None:
    """XLSX reads back equal, as CSV and JSON do."""
    assert _from_xlsx(FORMATS["xlsx"](card), "zh") == _truth(card)


@pytest.mark.parametrize("name", READ)
def test_the_same_scorecard_gives_the_same_bytes(card: Scorecard, name: str) -> None:
    """A scorecard written twice is the same file."""
    assert FORMATS[name](card, notice=NOTICE) == FORMATS[name](card, notice=NOTICE)


def test_a_workbook_does_not_say_when_it_was_made(card: Scorecard) -> None:
    """Neither the archive nor the workbook's properties hold the time of day."""
    with zipfile.ZipFile(io.BytesIO(FORMATS["xlsx"](card))) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert set(re.findall(r"\d{4}-\d\d-\d\dT", archive.read("docProps/core.xml").decode())) == {"2000-01-01T"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", READ)
def test_no_file_holds_nan_or_infinity(card: Scorecard, name: str, lang: str) -> None:
    """What is missing is empty; NaN and infinity are never written."""
    for numbers in READ[name](FORMATS[name](card, lang=lang), lang).values():
        assert all(number is None or math.isfinite(number) for number in numbers)


def test_csv_opens_in_spreadsheets(card: Scorecard) -> None:
    """CSV begins with a byte order mark and ends its lines as spreadsheets expect."""
    content = FORMATS["csv"](card)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\xef\xbb\xbf") == 1
    assert content.endswith(b"\r\n")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_csv_heads_are_words_of_one_language(card: Scorecard, lang: str) -> None:
    """Every head stands in the asked language, in the contract's order, with names beside the codes."""
    heads = list(_csv_rows(FORMATS["csv"](card, lang=lang))[0])
    contract = [head(name, lang) for name in card.frame.columns]
    assert [name for name in heads if name in contract] == contract
    assert set(heads) <= {words[lang != "zh"] for words in HEADS.values()}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_csv_text_is_never_a_formula(card: Scorecard, lang: str) -> None:
    """A text that begins as a formula does has an apostrophe before it; numbers below zero stay numbers."""
    rows = _csv_rows(FORMATS["csv"](card, lang=lang, notice=NOTICE))
    numeric = {head(name, lang) for name in NUMBERS}
    texts = {cell for row in rows for name, cell in row.items() if name not in numeric}
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r"))]
    regions = {row[head("region", lang)].removeprefix("'"): row[head("region_name", lang)] for row in rows}
    assert regions == {code: f"'{name}" if name[0] in "=+-@" else name.strip() for code, name in NAMES.items()}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_workbook_text_is_text(card: Scorecard, lang: str) -> None:
    """No text of data is a formula or a link in a workbook; names come back as they were given."""
    content = FORMATS["xlsx"](card, lang=lang, notice=NOTICE)
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "n", "f"}
    formulas = [cell.value for cell in cells if cell.data_type == "f"]
    assert not [text for text in formulas for name in NAMES.values() if len(name) > 2 and name.strip() in text]
    assert not [text for text in formulas if "HYPERLINK" in text or "SUM(1" in text]
    assert not [cell for cell in cells if cell.hyperlink]
    heads, *lines = _sheets(content)[SHEETS["data"][lang != "zh"]]
    region, name = heads.index(head("region", lang)), heads.index(head("region_name", lang))
    assert {line[region]: line[name] for line in lines} == {code: text.strip() for code, text in NAMES.items()}
    recorded = [words[lang != "zh"] for name, words in SHEETS.items() if name not in ("scorecard", "indicators")]
    assert not [cell for title in recorded for row in book[title] for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_workbook_is_ready_to_read(card: Scorecard, lang: str) -> None:
    """Sheets with words of the language, the first of them what can be recomputed; heads frozen and filtered; columns
    wide enough, none beyond measure."""
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"](card, lang=lang)))
    first, *recorded = [words[lang != "zh"] for words in SHEETS.values()]
    assert book.sheetnames == [first, *(words[lang != "zh"] for words in LIVE.values()), *recorded]
    for sheet in (book[title] for title in (first, *recorded[:-1])):
        assert (sheet.freeze_panes, sheet.auto_filter.ref is not None) == ("A2", True)
        assert all(cell.value for cell in sheet[1])
        widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]]
        assert all(8 <= width <= 63 for width in widths)


def test_a_workbook_formats_numbers(card: Scorecard) -> None:
    """Scores show one digit, weights and coverage per cent, ranks whole numbers, codes text; the cells keep all."""
    sheet = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"](card)))[SHEETS["indicators"][0]]
    shown = {cell.value: sheet.cell(2, cell.column).number_format for cell in sheet[1]}
    wanted = {"score": "0.0", "weight": "0.0%", "coverage": "0.0%", "rank": "0", "region": "@", "value": "#,##0.00"}
    assert {name: shown[head(name, "zh")] for name in wanted} == wanted


def test_the_first_sheet_is_the_ranking(card: Scorecard) -> None:
    """One row a cycle and region, the newest cycle first, the best first in it, pillars beside the composite."""
    heads, *lines = _sheets(FORMATS["xlsx"](card))[SHEETS["scorecard"][0]]
    assert {"节能", "用房", "得分", "等级"} <= set(heads)
    order = [(line[0], line[heads.index("排名")]) for line in lines]
    assert len(lines) == 2 * len(NAMES)
    assert order == sorted(order, key=lambda pair: (-int(pair[0]), pair[1] is None, pair[1] or 0))


@pytest.mark.parametrize("name", READ)
def test_the_notice_is_in_every_file(card: Scorecard, name: str) -> None:
    """What a file is, such as 示例数据, is said in it; without a notice nothing is."""
    seen = {"csv": bytes.decode, "json": bytes.decode, "xlsx": lambda content: str(_sheets(content)["说明"])}[name]
    assert NOTICE in seen(FORMATS[name](card, notice=NOTICE))
    assert NOTICE not in seen(FORMATS[name](card))


def test_the_notice_is_printed_on_every_sheet(card: Scorecard) -> None:
    """A page that is taken out of a workbook still says what it is."""
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"](card, notice=NOTICE)))
    assert [sheet.oddFooter.left.text for sheet in book.worksheets] == [NOTICE] * 10
    assert [sheet.oddHeader.left.text for sheet in book.worksheets] == [NOTICE] * 10


def test_the_notice_is_on_the_first_sheet(card: Scorecard) -> None:
    """Who opens a workbook reads beside the heads, which stay in sight, what it is and which cycle follows a change; on
    paper the notice is at the head of the page, and the table has its breadth."""
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"](card, notice=NOTICE)))
    sheet = book[SHEETS["scorecard"][0]]
    heads = [cell.value for cell in sheet[1]]
    assert heads[-2:] == ["标记说明（导出时）", heads[-1]]
    assert heads[-1].startswith(f"{NOTICE}；2024 的得分、排名、等级随“输入”“权重”“参数”重算")
    assert sheet.print_area.startswith("'评分卡'!$A$1:$J$")
    assert not str(_sheets(FORMATS["xlsx"](card))[SHEETS["scorecard"][0]][0][-1]).startswith(NOTICE)


def test_a_workbook_says_where_it_comes_from(card: Scorecard) -> None:
    """State, versions, snapshot, who and when, as a report does; what may still change says so on every sheet."""
    known = Occasion(state="open", snapshot="abc123", version="3", by="=张三", made="2026-01-02T03:04:05+00:00")
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"](card, occasion=known)))
    told = dict([cell.value for cell in row[:2]] for row in book["说明"].iter_rows())
    wanted = {"定义的版本": "3", "数据快照": "abc123", "状态": "未公布", "制作": "=张三", "制作时间": known.made}
    assert wanted.items() <= told.items()
    assert all(sheet.oddHeader.left.text.startswith("未公布") for sheet in book)
    assert book["评分卡"]["K1"].value.startswith("未公布")


def test_a_workbook_speaks_one_language(card: Scorecard) -> None:
    """Units, methods, roll-ups, grades and rules are told in words, as a manual tells them."""
    sheets = _sheets(FORMATS["xlsx"](card))
    told = {name: str(sheets[SHEETS[name][0]]) for name in SHEETS}
    assert "m²/人" in told["indicators"]
    assert "m²/人" in told["definitions"]
    assert "适宜区间" in told["definitions"]
    assert "'合计', '合计'" in told["inputs"]
    assert "综合得分不低于 60" in told["about"]
    assert "一票否决：等级最高为“较差”" in told["about"]
    english = ("person", "sum", "higher", "lower", "band", "minmax", ">=", "None ")
    assert not [word for word in english if word in "".join(told[name] for name in ("indicators", "inputs", "about"))]


def test_a_sheet_is_printed_so_that_it_can_be_read(card: Scorecard) -> None:
    """Each sheet on paper that holds its columns, or on several pages side by side of which each says whose rows it
    has; the columns of a page are never more than letters of 7 points let stand there."""
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"](card)))
    most = {("9", "portrait"): UPRIGHT, ("9", "landscape"): ACROSS, ("8", "landscape"): LARGE}
    for sheet in book.worksheets:
        widths = [one.width * (one.max - one.min + 1) for one in sheet.column_dimensions.values()]
        setup, whole = sheet.page_setup, sum(widths)
        pages = int(setup.fitToWidth or 1)
        assert setup.fitToHeight == 0
        before = 0.0
        if pages > 1:
            assert sheet.print_title_cols
            last = column_index_from_string(sheet.print_title_cols.rpartition("$")[2])
            before = sum(sheet.column_dimensions[get_column_letter(at)].width for at in range(1, last + 1))
        assert (whole - before) / pages + before <= most[str(setup.paperSize), setup.orientation] + 1, sheet.title


def test_no_row_is_lost_where_a_sheet_is_full(card: Scorecard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows beyond what a sheet holds go on in 指标 2 and further, under the same heads, in the same order."""
    whole = _sheets(FORMATS["xlsx"](card))
    monkeypatch.setattr(xlsx, "ROWS", 31)
    parts = _sheets(FORMATS["xlsx"](card))
    for name in ("指标", "数据"):
        sheets = [lines for title, lines in parts.items() if re.fullmatch(rf"{name}( \d+)?", title)]
        assert len(sheets) > 1
        assert all(len(lines) <= 31 and lines[0] == whole[name][0] for lines in sheets)
        assert [line for lines in sheets for line in lines[1:]] == whole[name][1:]
    assert {"指标 2", "指标 3", "数据 2"} <= parts.keys()


def test_a_text_that_is_too_long_is_said_to_be_cut(card: Scorecard, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell holds so many characters and no more: what is longer ends in …, and 说明 names the cell."""
    assert "截短的文字" not in {line[0] for line in _sheets(FORMATS["xlsx"](card))["说明"]}
    monkeypatch.setattr(xlsx, "TEXT", 150)
    sheets = _sheets(FORMATS["xlsx"](card))
    heads, *lines = sheets["评分卡"]
    row, cell = next(
        (row, line[heads.index("地区")])
        for row, line in enumerate(lines, start=2)
        if line[heads.index("地区代码")] == "008"
    )
    assert cell == "长" * 149 + "…"
    told = dict(line[:2] for line in sheets["说明"])
    assert f"评分卡!C{row}" in told["截短的文字"]


def test_a_cell_that_is_refused_is_no_file(card: Scorecard, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the library would leave out in silence ends the export."""
    monkeypatch.setattr(xlsx, "TEXT", 100_000)
    monkeypatch.setattr(xlsx, "head", lambda name, lang: "长" * 40_000)
    with pytest.raises(ValueError, match="评分卡!A1"):
        FORMATS["xlsx"](card)


def test_rows_are_as_high_as_their_text(card: Scorecard) -> None:
    """A text that is wrapped lies over no other one, whatever program opens the file."""
    sheet = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"](card)))["评分卡"]
    heights = {sheet.cell(row, 2).value: sheet.row_dimensions[row].height for row in range(2, sheet.max_row + 1)}
    assert heights["008"] >= 9 * 15
    assert not heights["001"]


def test_heads_of_a_csv_are_no_formula() -> None:
    """A head that begins as a formula does has an apostrophe too, and no two heads become one."""
    frame = pl.DataFrame({"@SUM(A1)": [1.0], "'@SUM(A1)": ["=1"], "plain": [-1.0]})
    assert plain_text(frame).rows() == [(1.0, "'=1", -1.0)]
    heads = plain_text(frame).columns
    assert not [head for head in heads if head[0] in "=+-@"]
    assert len(set(heads)) == 3
    assert plain_text(pl.DataFrame({"number": [-1.0]})).rows() == [(-1.0,)]
    assert all(text[0] == "'" for (text,) in plain_text(pl.DataFrame({"any": ["＝1", "＠a", "\n=1"]})).rows())


@pytest.mark.parametrize("name", READ)
def test_a_part_is_the_rows_of_the_whole(card: Scorecard, name: str) -> None:
    """Chosen regions and cycles give exactly their rows, with the numbers that they have in the whole."""
    content = FORMATS[name](card, regions=["003", "=1+1"], periods=["2024"])
    wanted = {key for key in _truth(card) if key[0] == "2024" and key[1] in ("003", "=1+1")}
    whole = READ[name](FORMATS[name](card), "zh")
    assert READ[name](content, "zh") == {key: whole[key] for key in wanted}


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("asked", [{"regions": ["nowhere"]}, {"periods": ["2019"]}])
def test_what_is_not_there_is_refused(card: Scorecard, name: str, asked: dict[str, list[str]]) -> None:
    """An unknown region or cycle is a problem that names it, never an empty file."""
    with pytest.raises(InputError) as error:
        FORMATS[name](card, **asked)
    (problem,) = error.value.problems
    assert problem.code == "not_in_scorecard"
    assert next(iter(asked.values()))[0] in problem.message("en")


def test_json_names_everything_in_both_languages(card: Scorecard) -> None:
    """Each code, region and grade of the rows has its names in zh and en, and each measured code its unit."""
    told = json.loads(FORMATS["json"](card))
    assert {row["code"] for row in told["rows"]} | {row["variable"] for row in told["variables"]} <= set(told["names"])
    assert {row["region"] for row in told["rows"]} == set(told["regions"])
    assert {row["grade"] for row in told["rows"] if row["grade"]} <= set(told["grades"])
    assert all(set(name) == {"zh", "en"} for name in told["names"].values())
    assert told["units"]["intensity"] == "kWh/m2"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_flags_and_grades_are_said_in_words(card: Scorecard, lang: str) -> None:
    """An imputed value, a rule and a grade are told in the reader's language, a rule by its name."""
    rows = {_key(row, lang): row for row in _csv_rows(FORMATS["csv"](card, lang=lang))}
    words = {name: {row[head(name, lang)] for row in rows.values()} for name in ("grade", "flag_words")}
    zh = lang == "zh"
    assert words["grade"] == {"", "良好" if zh else "Good", "较差" if zh else "Poor"}
    assert ("插补值" if zh else "imputed") == rows["2024", "003", "intensity"][head("flag_words", lang)]
    assert any(("用能过高" if zh else "Far too much") in text for text in words["flag_words"])


CLASHES = {
    "two pillars of one name": ("zh: 用房", "zh: 节能"),
    "a pillar named as a head": ("zh: 用房", "zh: 得分"),
    "a pillar with the code of a column": ("code: space", "code: rank"),
}


@pytest.mark.parametrize("clash", CLASHES)
def test_any_name_and_code_can_be_exported(clash: str) -> None:
    """Names and codes that the definitions may have never make an export stumble."""
    definitions = read(DEFINITIONS.replace(*CLASHES[clash])).definitions
    assert definitions is not None
    facts = pl.DataFrame(list(_facts()), schema=["region", "period", "variable", "status", "value"], orient="row")
    assert FORMATS["xlsx"](score(definitions, facts))


def test_a_workbook_can_be_worked_through(card: Scorecard) -> None:
    """Beside each number stands the arithmetic that comes to it; variables, factors, grades and rules are all there."""
    sheets = _sheets(FORMATS["xlsx"](card))
    heads, lines = _recorded(FORMATS["xlsx"](card), "zh")
    at = {name: heads.index(head(name, "zh")) for name in ("value", "score", "value_working", "score_working", "level")}
    seen = 0
    for line in lines:
        for name in ("value", "score"):
            working, _, met = (line[at[f"{name}_working"]] or "").partition(" → ")
            if line[at[name]] is None or not working or line[at["level"]] != "指标":
                continue
            found = walk(parse(working.replace("×", "*")).tree, code=lambda code: None, functions=plain())
            assert found is True if met else math.isclose(found, line[at[name]], rel_tol=1e-9, abs_tol=1e-9)  # type: ignore[arg-type]
            seen += 1
    assert seen > 10
    (stood_in,) = [line for line in lines if line[:2] == ["2024", "003"] and line[3] == "intensity"]
    assert re.fullmatch(r"— / 10 → 插补值 84\.13\d+", stood_in[at["value_working"]])
    inputs = [row[0] for row in sheets[SHEETS["inputs"][0]][1:]]
    assert inputs == [*card.definitions.variables, *card.definitions.factors]
    told = dict(row[:2] for row in sheets[SHEETS["about"][0]])
    assert {grade.name.zh for grade in card.definitions.grades} <= told.keys()
