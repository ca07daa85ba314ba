"""Live sheets: a spreadsheet that recomputes them comes to what the engine comes to, before and after a change."""

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from xlsxwriter.worksheet import Worksheet

from data.agreement import Comparison, Tolerance, compare
from data.figures import Figures, read_figures
from metrics import aggregate, impute, normalise, weigh
from metrics.definitions import Definitions
from metrics.export import live, xlsx
from metrics.export.labels import head
from metrics.export.live.draw import FIXED as FIXED_COLOUR
from metrics.export.live.grid import fits
from metrics.export.live.words import PARAMETERS, REASONS, SHEETS, STEPS
from metrics.formula import FUNCTIONS
from metrics.problems import InputError
from metrics.reader import read
from metrics.scorecard import Scorecard, score
from metrics.syntax import CONDITIONS, Call, parts_of
from tests.absent import absent

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported.*:UserWarning")

OFFICE = shutil.which("soffice")
# Recompute whatever is opened, also what says that it was computed already.
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item></oor:items>"""
# Everything that can be recomputed, each in its own indicator, node or rule; `Case` is another code than `case`.
EVERYTHING = """
schema: 1
title: 全部方法
compare: leaves
defaults: {min_coverage: 0.3}
factors:
  k: {unit: "1", values: {2020-01-01: {default: 1.5, "02": 2}}}
variables:
  a: {name: 甲, unit: m2, plausible: [0, 1000]}
  b: {name: 乙, unit: m2}
  c: {name: 丙, unit: m2}
  twice: {name: 倍, unit: m2, formula: k * a}
indicators:
  case: {name: 一, unit: "%", formula: a / b, better: higher}
  Case: {name: 二, unit: "1", formula: "-a / b", better: lower, normalise: {method: minmax, clip: true, range: [1, 10]}}
  goal: {name: 三, unit: "1", formula: sqrt(a / b), better: higher, normalise: {method: goalposts, worst: 0.1, best: 3}}
  log: {name: 四, unit: "1", formula: exp(ln(a / b)), better: lower,
        normalise: {method: goalposts, worst: 9, best: 0.1, log: true}, missing: {method: constant, value: 2}}
  zed: {name: 五, unit: "1", formula: (a - b) / c, better: lower,
    normalise: {method: zscore, mean: 50, sd: 10}, missing: mean}
  places: {name: 六, unit: "1", formula: (a / c) ** 2, better: higher,
    normalise: rank, missing: {method: group_median, by: zone}}
  points: {name: 七, unit: "1", formula: abs(-(a / c) ** 2 + 1), better: lower,
    normalise: borda, peers: zone, missing: median}
  share: {name: 八, unit: "1", formula: change(a), better: lower, normalise: percentile_rank}
  target: {name: 九, unit: "1", formula: "a / previous(b)", better: higher,
           normalise: {method: distance_to_target, target: 9, clip: true}, missing: {method: group_mean, by: zone}}
  like: {name: 十, unit: "1", formula: "at(a, 2023) / b", better: lower,
    normalise: {method: distance_to_reference, reference: "02"}}
  most: {name: 十一, unit: "1", formula: "clip(min(a, b) / max(a, b), 0.2, 0.9)", better: higher,
    normalise: fraction_of_max}
  least: {name: 十二, unit: "1", formula: a / c, better: lower, normalise: fraction_of_max}
  line: {name: 十三, unit: "1", formula: "where(a > b and not (c == 3), a / b, b / a)", better: higher,
         normalise: {method: piecewise, points: [[0, 0], [1, 40], [4, 100]]}}
  tall: {name: 十四, unit: "1", formula: "where(present(c) or a <= b, 1, 2) * coalesce(c, a) / b", better: higher,
         normalise: {method: steps, steps: [[0.5, 20], [1.5, 60]], above: 90}}
  near: {name: 十五, unit: "1", formula: "twice / peers_mean(a)", better: lower, peers: zone,
         normalise: {method: steps, steps: [[0.9, 100], [1.1, 70]], above: 30, relative_to: peers_mean}}
  mid: {name: 十六, unit: "1", formula: "a / peers_median(a + b)", better: lower,
        normalise: {method: steps, steps: [[0.9, 100], [1.1, 70]], above: 30, relative_to: peers_median}}
  past: {name: 十七, unit: "1", formula: a / b, better: lower,
         normalise: {method: steps, steps: [[0.9, 100], [1.1, 70]], above: 30, relative_to: previous}}
  bound: {name: 十八, unit: "1", formula: "where(a != b or a >= 3 or a < 1, a / b, 0)", better: lower,
          normalise: {method: limits, binding: 3, current: 2, leading: 0.5, scores: [60, 80, 100]}}
  inside: {name: 十九, unit: "1", formula: a / b, better: {between: [1, 2]},
           normalise: {method: band, best: [1, 2], worst: [0, 6]}}
  frozen: {name: 二十, unit: "1", formula: a / b, better: higher, normalise: {method: minmax, frame: 2023}}
  filled: {name: 二十一, unit: "1", formula: c / b, better: higher, missing: latest}
index:
  code: whole
  name: 综合
  children:
    - code: sums
      name: 加权
      weight: 3
      children: [{indicator: case, weight: 2}, {indicator: Case}, {indicator: goal}, {indicator: log}, {indicator: zed}]
    - {code: products, name: 几何, aggregate: geometric, floor: 1,
       children: [{indicator: places}, {indicator: points, weight: 2}]}
    - {code: inverses, name: 调和, aggregate: harmonic, floor: 1, children: [{indicator: share}, {indicator: target}]}
    - {code: powers, name: 幂, aggregate: {power: 2}, children: [{indicator: like}, {indicator: most}], floor: 0}
    - {code: falling, name: 负幂, aggregate: {power: -2}, children: [{indicator: least}, {indicator: line}], floor: 1}
    - {code: middle, name: 中位, aggregate: median, weights: equal,
       children: [{indicator: tall}, {indicator: near}, {indicator: mid}]}
    - {code: lowest, name: 最低, aggregate: minimum, children: [{indicator: past}, {indicator: bound}]}
    - {code: even, name: 均衡, aggregate: mazziotta_pareto,
       children: [{indicator: inside}, {indicator: frozen}, {indicator: filled}]}
grades:
  - {code: first, name: {zh: '=1+1 "优"', en: First}, top: 1}
  - {code: second, name: {zh: 良, en: Second}, top_share: 0.5}
  - {code: rest, name: {zh: 其余, en: Rest}}
tie_breaks: [sums, products]
rules:
  - {code: more, kind: bonus, when: a > 3, points: 4}
  - {code: much, kind: bonus, when: "case > 150 or previous(a) > 5", points: 2}
  - {code: less, kind: penalty, when: b >= 5, points: 1.5}
  - {code: low, kind: veto, when: sums < 45, cap: second}
  - {code: bare, kind: gate, when: reported_share < 0.2}
bonus_cap: 5
"""
REGIONS = {
    "01": ("x", 2, 3, 4),
    "02": ("x", 3, 2, 3),
    "03": ("x", 5, 4, None),
    "04": ("y", 7, 2, 6),
    "05": ("y", 4, None, 2),
    "06": ("y", None, None, None),
    "07": ("y", 1, 6, 1.5),
}
CHANGED = 6.25


def _facts(changed: float | None = None) -> pl.DataFrame:
    rows: list[tuple[str, str, str, float | None]] = []
    for region, (_, *values) in REGIONS.items():
        for name, value in zip("abc", values, strict=True):
            before = 2.5 if value is None else value * 1.25 + 0.3
            rows += [(region, "2023", name, before), (region, "2024", name, value)]
    known = pl.DataFrame(rows, schema=["region", "period", "variable", "value"], orient="row")
    return known if changed is None else _with(known, "03", "a", changed)


def _with(facts: pl.DataFrame, region: str, variable: str, value: float) -> pl.DataFrame:
    """The facts with another value in 2024."""
    here = (pl.col("region") == region) & (pl.col("variable") == variable) & (pl.col("period") == "2024")
    return facts.with_columns(pl.when(here).then(pl.lit(value)).otherwise("value").alias("value"))


def _regions() -> pl.DataFrame:
    return pl.DataFrame({"code": list(REGIONS), "zone": [zone for zone, *_ in REGIONS.values()]}).with_columns(
        name_zh=pl.col("code"), name_en=pl.col("code")
    )


def _definitions(text: str | bytes) -> Definitions:
    reading = read(text)
    assert reading.definitions is not None, [problem.render("case", "en") for problem in reading.problems]
    return reading.definitions


def _rolled(card: Scorecard) -> pl.DataFrame:
    """The compared regions' raw variables as facts of whole cycles."""
    compared = card.regions.filter("compared")["code"].to_list()
    kept = pl.col("variable").is_in(card.definitions.raw) & pl.col("region").is_in(compared)
    return card.variables.filter(kept).select("region", "period", "variable", "value").drop_nulls()


def _edited(content: bytes, region: str, variable: str, value: float, node: str, child: str, weight: float) -> bytes:
    """The workbook after somebody typed another input and another weight; nothing of it is computed any more."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    given, weights = book[SHEETS["given"][0]], book[SHEETS["weights"][0]]
    column = next(cell.column for cell in given[2] if cell.value == region)
    line = next(row for row in given.iter_rows() if row[1].value == variable and row[2].value == STEPS["raw"][0])
    cell = given.cell(line[0].row, column)
    assert not cell.protection.locked
    cell.value = value
    share = next(row for row in weights.iter_rows() if (row[1].value, row[3].value) == (node, child))
    assert not share[5].protection.locked
    share[5].value = weight
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


Lines = Mapping[tuple[str, str], Mapping[str, Any]]


def _lines(content: bytes) -> Lines:
    """The calculation by code and step: what stands there for each region."""
    sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=True)[SHEETS["calculation"][0]]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    regions = rows[1][4:]
    return {
        (str(row[1]), str(row[2]).partition(" · ")[0]): dict(
            zip(regions, (None if value == "" else value for value in row[4:]), strict=True)
        )
        for row in rows[2:]
    }


@pytest.fixture(scope="module")
def cards(demonstration: Scorecard) -> dict[str, Scorecard]:
    """Two small worlds, each as it is and with one input and one weight changed."""
    facts = _rolled(demonstration)
    regions = demonstration.regions.filter("compared").drop("parent", "compared")
    text = Path("indicators.yaml").read_text(encoding="utf-8")
    line = "{indicator: energy_per_head, weight: 0.16}"
    assert line in text
    other = text.replace(line, line.replace("0.16", "0.4"))
    first = regions["code"][0]
    area = facts.filter(pl.col("region") == first, pl.col("variable") == "floor_area", pl.col("period") == "2024")
    grown = _with(facts, first, "floor_area", area["value"][0] * 1.2)
    return {
        "demo": score(_definitions(text), facts, regions=regions),
        "demo changed": score(_definitions(other), grown, regions=regions),
        "all": score(_definitions(EVERYTHING), _facts(), regions=_regions()),
        "all changed": score(
            _definitions(EVERYTHING.replace("indicator: case, weight: 2", "indicator: case, weight: 5")),
            _facts(CHANGED),
            regions=_regions(),
        ),
    }


@pytest.fixture(scope="module")
def books(cards: dict[str, Scorecard]) -> dict[str, bytes]:
    """The workbooks of both worlds as they are exported, and the same after somebody typed the changes."""
    demo, whole = (xlsx.write(cards[name], periods=["2024"]) for name in ("demo", "all"))
    first = cards["demo"].regions["code"][0]
    area = cards["demo changed"].variables.filter(
        pl.col("region") == first, pl.col("variable") == "floor_area", pl.col("period") == "2024"
    )["value"][0]
    return {
        "demo": demo,
        "demo changed": _edited(demo, first, "floor_area", area, "energy_saving", "energy_per_head", 0.4),
        "all": whole,
        "all changed": _edited(whole, "03", "a", CHANGED, "sums", "case", 5),
    }


@pytest.fixture(scope="module")
def recomputed(books: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The workbooks of both worlds after LibreOffice recomputed them."""
    return recompute(books, tmp_path_factory.mktemp("office"))


def recompute(books: Mapping[str, bytes], folder: Path) -> dict[str, bytes]:
    """Workbooks after LibreOffice recomputed them, all in one start of it."""
    if OFFICE is None:
        absent("LibreOffice is absent")
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(SETTINGS, encoding="utf-8")
    files = {name: folder / f"{name}.xlsx" for name in books}
    for name, file in files.items():
        file.write_bytes(books[name])
    own = f"-env:UserInstallation={profile.parent.as_uri()}"
    made = [OFFICE, "--headless", "--norestore", own, "--convert-to", "xlsx", "--outdir", str(folder / "out")]
    subprocess.run([*made, *map(str, files.values())], check=True, capture_output=True, timeout=240)
    return {name: (folder / "out" / file.name).read_bytes() for name, file in files.items()}


def _cells(content: bytes) -> dict[str, Any]:
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    return {
        f"{sheet.title}!{cell.coordinate}": cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value not in (None, "")
    }


def _truth(card: Scorecard) -> dict[tuple[str, str], dict[str, Any]]:
    """What the engine has for the lines of the calculation in 2024."""
    rows = card.frame.filter(pl.col("period") == "2024").to_dicts()
    grades = {grade.code: grade.name.zh for grade in card.definitions.grades}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        if row["level"] == "indicator":
            told = {name: row[name] for name in ("value", "treated", "score")}
        else:
            told = {"coverage": row["coverage"], "node_score": row["score"]}
        if row["level"] == "composite":
            grade = grades.get(row["grade"])
            told = {"coverage": row["coverage"], "final": row["score"], "place": row["rank"], "grade": grade}
        for step, value in told.items():
            found.setdefault((row["code"], STEPS[step][0]), {})[row["region"]] = value
    return found


def test_the_case_uses_everything_that_can_be_recomputed() -> None:
    """Every function, normaliser and treatment is tried, and every mean and weight that is a formula."""
    found = _definitions(EVERYTHING)
    formulas = [
        *(item.formula for item in found.indicators.values()),
        *(item.formula for item in found.variables.values() if item.formula is not None),
        *(rule.when for rule in found.rules),
    ]
    names = {part.name for formula in formulas for part in parts_of(formula.tree) if isinstance(part, Call)}
    assert names >= set(FUNCTIONS) | CONDITIONS | {"+", "-", "*", "/", "**", "neg"}
    assert {found.normaliser(code).method for code in found.indicators} == set(normalise.METHODS)
    assert {found.missing(code).method for code in found.indicators} == set(impute.METHODS) - {"linear"}
    nodes = found.tree_nodes.values()
    means = {aggregate.aggregate_name(found.aggregate_of(node)) for node in nodes}
    assert means == set(aggregate.METHODS) - {"copeland"}
    assert {found.weights_of(node).method for node in nodes} < set(weigh.METHODS)


@pytest.mark.parametrize("name", ["demo", "all"])
def test_what_is_shown_is_what_the_formulas_come_to(
    books: dict[str, bytes], recomputed: dict[str, bytes], name: str
) -> None:
    """Each cell of the workbook holds, before anybody recomputes it, what a spreadsheet comes to, to 1e-9."""
    shown, found = _cells(books[name]), _cells(recomputed[name])
    assert shown.keys() == found.keys()
    assert len(shown) > 900
    for cell, value in shown.items():
        assert found[cell] == (pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value), cell


@pytest.mark.parametrize("name", ["demo", "all"])
def test_the_workbook_tells_the_scorecard(books: dict[str, bytes], cards: dict[str, Scorecard], name: str) -> None:
    """Values, scores, coverage, rank and grade of the calculation are those of the scorecard, to 1e-9."""
    lines = _lines(books[name])
    for key, wanted in _truth(cards[name]).items():
        assert lines[key] == pytest.approx(wanted, rel=1e-9, abs=1e-9), key


@pytest.mark.parametrize("name", ["demo", "all"])
def test_a_change_is_recomputed_as_the_engine_does(
    recomputed: dict[str, bytes], cards: dict[str, Scorecard], name: str
) -> None:
    """After another input and another weight the spreadsheet comes to what the engine makes of the changed facts and
    definitions, to 1e-9, in every value, score, coverage, rank and grade."""
    lines, before = _lines(recomputed[f"{name} changed"]), _truth(cards[name])
    truth = _truth(cards[f"{name} changed"])
    assert sum(truth[key] != before[key] for key in truth) > 5
    for key, wanted in truth.items():
        assert lines[key] == pytest.approx(wanted, rel=1e-9, abs=1e-9), key


def _taken_back(content: bytes, card: Scorecard, folder: Path, period: str = "2024") -> Comparison:
    """What comes of uploading a workbook."""
    (folder / "theirs.xlsx").write_bytes(content)
    figures = read_figures(folder / "theirs.xlsx", card.definitions, card.regions, period)
    return compare(figures, card, period, Tolerance(1e-8, 1e-8))


@pytest.mark.parametrize("name", ["demo", "all"])
def test_what_was_recomputed_is_compared_and_not_what_was_exported(
    recomputed: dict[str, bytes], cards: dict[str, Scorecard], tmp_path: Path, name: str
) -> None:
    """A workbook that comes back as it is agrees; one that was changed differs in the very numbers in which the engine
    differs for the changed facts and definitions, and agrees with these in every one."""
    before, after = cards[name], cards[f"{name} changed"]
    assert _taken_back(recomputed[name], before, tmp_path).counts()["differ"] == 0
    changed = _taken_back(recomputed[f"{name} changed"], after, tmp_path)
    assert (changed.counts()["differ"], changed.counts()["ours"], changed.unreadable) == (0, 0, ())
    truth = compare(_as_figures(after), before, "2024", Tolerance(1e-8, 1e-8))
    found = _taken_back(recomputed[f"{name} changed"], before, tmp_path)
    keys = ["region", "code", "kind"]
    assert set(found.differing.select(keys).rows()) == set(truth.differing.select(keys).rows())
    assert found.differing.height > 5


def _as_figures(card: Scorecard) -> Figures:
    found = card.frame.filter(pl.col("period") == "2024").unpivot(
        on=["value", "score"], index=["region", "code"], variable_name="kind", value_name="theirs"
    )
    return Figures(found.drop_nulls("theirs").with_columns(row=pl.lit(0)), (), ("value", "score"), 0)


@pytest.mark.parametrize("name", ["demo", "all"])
def test_the_rows_follow_a_change_in_every_number(
    recomputed: dict[str, bytes], cards: dict[str, Scorecard], name: str
) -> None:
    """On the sheet of indicators value, treated value, score, weight, coverage, rank and grade are the engine's own for
    the changed facts and definitions; columns that stay as they were exported say so."""
    card = cards[f"{name} changed"]
    heads, *lines = openpyxl.load_workbook(io.BytesIO(recomputed[f"{name} changed"]), data_only=True)["指标"].values
    rows = {(row["地区代码"], row["代码"]): row for row in (dict(zip(heads, line, strict=True)) for line in lines)}
    grades = {grade.code: grade.name.zh for grade in card.definitions.grades}
    told = ("value", "treated", "score", "weight", "coverage", "rank")
    for row in card.frame.filter(pl.col("period") == "2024").iter_rows(named=True):
        found = rows[row["region"], row["code"]]
        wanted = {column: row[column] for column in told} | {"grade": grades.get(row["grade"])}
        seen = {column: None if (cell := found[head(column, "zh")]) == "" else cell for column in wanted}
        assert seen == pytest.approx(wanted, rel=1e-9, abs=1e-9), row
    static = ("插补比例", "标记", "标记说明", "指标值的算式", "得分的算式")
    assert [text for text in heads if "导出时" in text] == [f"{name}（导出时）" for name in static]


def test_a_workbook_without_results_is_told(
    books: dict[str, bytes], cards: dict[str, Scorecard], tmp_path: Path
) -> None:
    """A program that changes a workbook and computes nothing leaves formulas without results: that is not “agrees”,
    also where numbers stand beside them that are none, as those of a parent region do."""
    book = openpyxl.load_workbook(io.BytesIO(books["all changed"]))
    heads = [cell.value for cell in book["指标"][1]]
    book["指标"].cell(2, heads.index("得分") + 1).value = 50.0
    book.save(tmp_path / "beside.xlsx")
    for content in (books["all changed"], (tmp_path / "beside.xlsx").read_bytes()):
        with pytest.raises(InputError) as refused:
            _taken_back(content, cards["all"], tmp_path)
        assert refused.value.problems[0].code == "figures_blank"


def test_rows_may_be_sorted(books: dict[str, bytes]) -> None:
    """Sheets with a filter call other sheets' cells absolutely: a spreadsheet moves relative ones with their row."""
    book = openpyxl.load_workbook(io.BytesIO(books["all"]))
    cells = [cell for name in ("评分卡", "指标") for row in book[name] for cell in row if cell.data_type == "f"]
    called = [cell for one in cells for cell in re.findall("![^,)>]+", one.value)]
    assert len(called) > 100
    assert not [cell for cell in called if not re.fullmatch(r"!\$[A-Z]+\$[0-9]+", cell)]


def test_a_grade_may_be_called_as_an_error_is() -> None:
    """A text in a formula's place stays a text, whatever it says."""
    text = EVERYTHING.replace("{zh: 良, en: Second}", "{zh: '#N/A', en: Second}")
    content = xlsx.write(score(_definitions(text), _facts(), regions=_regions()))
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    assert "#N/A" in [cell.value for row in book["评分卡"] for cell in row]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert not [name for name in parts.namelist() if b't="e"' in parts.read(name)]


FIXED = """
schema: 1
title: 不重算的
defaults: {min_coverage: 0.1}
variables: {a: {name: 甲, unit: "1"}, b: {name: 乙, unit: "1", plausible: [0, 50]}}
indicators:
  far: {name: 远, unit: "1", formula: a, better: higher, outliers: winsorise}
  even: {name: 匀, unit: "1", formula: b, better: higher, outliers: winsorise}
  pooled: {name: 合, unit: "1", formula: a, better: higher, normalise: {method: rank, frame: all}}
index:
  code: whole
  name: 综合
  children:
    - {code: pairs, name: 两两, aggregate: copeland, children: [{indicator: far}, {indicator: pooled}]}
    - {code: entropic, name: 熵, weights: {entropy: 2024}, children: [{indicator: even}]}
"""


@pytest.fixture(scope="module")
def unfit() -> bytes:
    """A workbook of a method that no formula can hold in every step."""
    numbers = {"a": [1.0, 2.0, 2.5, 1.5, 2.2, 900.0], "b": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]}
    rows = [
        (f"0{place}", period, name, value)
        for period in ("2023", "2024")
        for name, values in numbers.items()
        for place, value in enumerate(values)
    ]
    facts = pl.DataFrame(rows, schema=["region", "period", "variable", "value"], orient="row")
    return xlsx.write(score(_definitions(FIXED), facts), periods=["2024"])


def test_what_no_formula_can_do_is_said(unfit: bytes) -> None:
    """Outliers that were moved, pooled frames, Copeland and weights from data are numbers in a colour of their own, as
    long as there is what they rest on, and the last sheet names whose they are and why; what passes the test of
    outliers is a formula."""
    book = openpyxl.load_workbook(io.BytesIO(unfit))
    sheet = book[SHEETS["calculation"][0]]
    first = {(row[1].value, str(row[2].value).partition(" · ")[0]): row[4] for row in sheet.iter_rows(min_row=3)}
    numbers = [("far", "treated"), ("pooled", "score"), ("pairs", "mean_of")]
    for code, step in numbers:
        cell = first[code, STEPS[step][0]]
        assert cell.fill.fgColor.rgb == f"FF{FIXED_COLOUR.lstrip('#')}", code
        assert re.fullmatch(r'=IF\([A-Z]+\([A-Z0-9:]+\)(>0)?,[-0-9.()]+,""\)', cell.value), code
    assert first["even", STEPS["treated"][0]].fill.fill_type is None
    told = [str(row[1].value) for row in book["说明"].iter_rows()]
    for reason, name in (("outliers", "远"), ("frame", "合"), ("copeland", "两两"), ("weights", "熵")):
        (line,) = [text for text in told if text.startswith(REASONS[reason][0])]
        assert name in line


def test_only_inputs_are_open_and_say_what_they_are(unfit: bytes) -> None:
    """Sheets that recompute are protected but for inputs, and an input's message has its unit and plausible range."""
    book = openpyxl.load_workbook(io.BytesIO(unfit))
    given, calculation = book[SHEETS["given"][0]], book[SHEETS["calculation"][0]]
    assert all(book[words[0]].protection.sheet for words in SHEETS.values())
    assert not [cell for row in calculation.iter_rows() for cell in row if not cell.protection.locked]
    opened = {row[1].value for row in given.iter_rows() for cell in row if not cell.protection.locked}
    assert opened == {"a", "b"}
    asked = {rule.promptTitle: rule for rule in given.data_validations.dataValidation}
    assert (float(asked["乙"].formula1), float(asked["乙"].formula2)) == (0.0, 50.0)
    assert asked["乙"].errorStyle == "warning"
    assert "0 至 50" in asked["乙"].prompt


def test_a_weight_is_above_zero_and_a_parameter_a_number(books: dict[str, bytes]) -> None:
    """Every weight and parameter that can be changed refuses a text, and a weight what is not above 0."""
    book = openpyxl.load_workbook(io.BytesIO(books["all"]))
    for name, column, kind in (("weights", "F", ("decimal", "greaterThan")), ("settings", "E", ("custom", None))):
        sheet = book[SHEETS[name][0]]
        rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
        opened = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
        assert rules.keys() == opened == {f"{column}{row}" for row in range(2, sheet.max_row + 1)}
        assert {(rule.type, rule.operator, rule.errorStyle) for rule in rules.values()} == {(*kind, None)}


def test_a_region_of_its_own_brings_whom_its_scores_need(cards: dict[str, Scorecard]) -> None:
    """A region's own workbook recomputes its rank: it holds all compared regions' inputs, and no other record."""
    book = openpyxl.load_workbook(io.BytesIO(xlsx.write(cards["all"], regions=["03"], periods=["2024"])))
    assert [cell.value for cell in book[SHEETS["given"][0]][2][4:]] == list(REGIONS)
    assert {row[1].value for row in book["数据"].iter_rows(min_row=2)} == {"03"}
    assert book["评分卡"]["D2"].data_type == "f"
    assert "其他地区的数" in {row[0].value for row in book["说明"]}
    whole = openpyxl.load_workbook(io.BytesIO(xlsx.write(cards["all"], periods=["2024"])))
    assert "其他地区的数" not in {row[0].value for row in whole["说明"]}


def test_names_in_formulas_are_told_apart_there(books: dict[str, bytes]) -> None:
    """A spreadsheet's names know no capitals: of two codes that differ in them one is called by its cell."""
    book = openpyxl.load_workbook(io.BytesIO(books["all"]))
    names = [name.casefold() for name in book.defined_names]
    assert len(names) == len(set(names))
    assert {"goal.worst", "case.range_low"} <= set(names)
    sheet = book[SHEETS["settings"][0]]
    rows = {(row[1].value, row[3].value): row[5].value for row in sheet.iter_rows(min_row=2)}
    low = PARAMETERS["range_low"][0]
    assert (rows["case", low], rows["Case", low]) == ("case.range_low", "")


def test_the_same_scorecard_gives_the_same_workbook(cards: dict[str, Scorecard], books: dict[str, bytes]) -> None:
    """Nothing of a workbook depends on when it was written."""
    assert xlsx.write(cards["all"], periods=["2024"]) == books["all"]


@pytest.mark.parametrize("name", ["demo", "all"])
def test_no_formula_uses_what_only_a_newer_program_knows(cards: dict[str, Scorecard], name: str) -> None:
    """Such functions would have to be written with a prefix, which sheets that take formulas as they are do not add."""
    world = live.build(cards[name], "2024", regions=(), lang="zh")
    assert world is not None
    formulas = {formula for line in world.calculation.lines for formula in line.formulas if formula}
    assert len(formulas) > 100
    assert not [formula for formula in formulas if Worksheet()._prepare_formula(formula, True) != formula]


def test_what_a_spreadsheet_cannot_hold_is_a_number() -> None:
    """A formula that is too deep, too long or of too many arguments for Excel is left out, one at the limit is not."""
    assert fits("(" * 60 + "1" + ")" * 60)
    assert not fits("(" * 61 + "1" + ")" * 61)
    assert fits("+".join(["(1)"] * 200))
    assert not fits("+".join(["A1"] * 3_000))
    assert not fits(f"MAX({','.join(['1'] * 300)})")
