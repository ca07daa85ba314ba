"""Live sheets where something is taken out, filled in or too large: as the engine does, or it is said."""

import gc
import io
import weakref
from collections.abc import Mapping
from typing import Any

import openpyxl
import polars as pl
import pytest

from metrics.definitions import Definitions
from metrics.export import live, xlsx
from metrics.export.live.draw import FIXED
from metrics.export.live.grid import fits
from metrics.export.live.words import HELD, SHEETS, STEPS
from metrics.reader import read
from metrics.scorecard import Scorecard, score
from tests.test_xlsx_live import _lines, _truth, recompute

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported.*:UserWarning")

GAPS = """
schema: 1
title: 缺值
compare: leaves
defaults: {min_coverage: 0.1}
variables:
  a: {name: 甲, unit: "1"}
  f: {name: 乙, unit: "1"}
  g: {name: 丙, unit: "1"}
  z: {name: 零, unit: "1", absent: zero}
indicators:
  zero: {name: 一, unit: "1", formula: a + z / (9 + peers_mean(z)) - previous(z), better: higher}
  late: {name: 二, unit: "1", formula: a, better: higher, missing: latest}
  line: {name: 三, unit: "1", formula: 2 * a, better: lower, missing: linear, outliers: winsorise}
  far: {name: 四, unit: "1", formula: f, better: higher, outliers: winsorise}
  pool: {name: 五, unit: "1", formula: f, better: higher, normalise: {method: rank, frame: all}}
  even: {name: 六, unit: "1", formula: g, better: higher, outliers: winsorise}
index:
  code: whole
  name: 综合
  children:
    - {code: gaps, name: 缺, children: [{indicator: zero}, {indicator: late}, {indicator: line}]}
    - {code: pairs, name: 两两, aggregate: copeland, children: [{indicator: far}, {indicator: pool}]}
    - {code: tests, name: 检验, children: [{indicator: even}]}
"""
CODES = ["01", "02", "03", "04", "05", "06"]
NUMBERS: dict[str, list[float | None]] = {
    "a": [3.0, 5.0, 4.0, 7.0, 6.0, 5.5],
    "f": [1.0, 2.0, 2.5, 1.5, None, 900.0],
    "g": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    "z": [2.0, 4.0, 1.0, 3.0, 2.5, 0.5],
}
# In which region and cycle what becomes what.
CHANGES: dict[tuple[str, str, str], float | None] = {
    ("01", "2024", "z"): None,
    ("02", "2023", "z"): None,
    ("03", "2024", "a"): None,
    ("04", "2024", "f"): None,
    ("05", "2024", "f"): 2.0,
    ("06", "2024", "g"): 700.0,
}


def _definitions(text: str) -> Definitions:
    found = read(text).definitions
    assert found is not None
    return found


def _facts(changes: Mapping[tuple[str, str, str], float | None] | None = None) -> pl.DataFrame:
    known = {
        (region, period, name): None if value is None else value * grown
        for period, grown in (("2023", 0.8), ("2024", 1.0), ("2025", 1.3))
        for name, values in NUMBERS.items()
        for region, value in zip(CODES, values, strict=True)
    }
    rows = [(*key, value) for key, value in {**known, **(changes or {})}.items()]
    return pl.DataFrame(rows, schema=["region", "period", "variable", "value"], orient="row")


def _typed(content: bytes) -> bytes:
    """The workbook after somebody made the changes."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book[SHEETS["given"][0]]
    columns = {cell.value: cell.column for cell in sheet[2]}
    rows = {(row[1].value, row[2].value): row[0].row for row in sheet.iter_rows(min_row=3)}
    for (region, period, variable), value in CHANGES.items():
        step = STEPS["raw"][0] if period == "2024" else STEPS["earlier"][0].format(cycle=period)
        sheet.cell(rows[variable, step], columns[region]).value = value
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.fixture(scope="module")
def card() -> Scorecard:
    """Six regions under one, of which a variable is 0 where it is not reported."""
    named = [*CODES, "P"]
    regions = pl.DataFrame({"code": named, "name_zh": named, "name_en": named, "parent": [*["P"] * 6, None]})
    return score(_definitions(GAPS), _facts(), regions=regions)


@pytest.fixture(scope="module")
def books(card: Scorecard, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is calculated before and after the changes."""
    made = xlsx.write(card, regions=[*CODES, "P"], periods=["2024"])
    found = recompute({"before": made, "after": _typed(made)}, tmp_path_factory.mktemp("gaps"))
    return {name: _lines(content) for name, content in found.items()}


def test_what_is_blanked_is_recomputed_as_the_engine_does(card: Scorecard, books: dict[str, Any]) -> None:
    """A blank is 0 where absence means that, this cycle and before; else an earlier value or one on the line between
    its neighbours stands in, which is there before it is needed."""
    changed = score(card.definitions, _facts(CHANGES), regions=card.regions.drop("compared"))
    wanted, before = _truth(changed), _truth(card)
    keys = [(code, STEPS[step][0]) for code in ("zero", "late", "line") for step in ("value", "treated", "score")]
    keys += [("gaps", STEPS["coverage"][0]), ("gaps", STEPS["node_score"][0])]
    assert all(books["before"][key] == pytest.approx(before[key], rel=1e-9, abs=1e-9) for key in keys)
    moved = {region for key in keys for region, value in wanted[key].items() if value != before[key][region]}
    assert {"01", "02", "03"} <= moved
    # What a parent has is not rolled up again.
    for key in keys:
        own = {region: books["after"][key][region] for region in CODES}
        assert own == pytest.approx({region: wanted[key][region] for region in CODES}, rel=1e-9, abs=1e-9), key


def test_a_blank_of_what_is_rolled_up_is_not_zero(card: Scorecard) -> None:
    """A parent is made of its parts: what it does not have is unknown."""
    world = live.build(card, "2024", regions=["P"], lang="zh")
    assert world is not None
    line = next(line for line in world.calculation.lines if line.code == "z")
    of = dict(zip(card.regions["code"], line.formulas, strict=True))
    assert "ISBLANK" in of["01"]
    assert "ISBLANK" not in of["P"]


def test_a_parent_that_is_not_recomputed_is_coloured(card: Scorecard) -> None:
    """Beside numbers that follow a change stand those of a parent, which do not, in the colour of what is as scored."""
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx.write(card, periods=["2024"])))["评分卡"]
    scores = {row[1].value: row[3] for row in sheet.iter_rows(min_row=2, max_row=8)}
    coloured = {code: cell.fill.fgColor.rgb for code, cell in scores.items() if cell.fill.fill_type}
    assert coloured == {"P": f"FF{FIXED.lstrip('#')}"}
    assert [code for code, cell in scores.items() if cell.data_type == "n"] == ["P"]


def test_a_number_as_scored_goes_with_what_it_rests_on(books: dict[str, Any]) -> None:
    """Where a value is taken out its score is gone, also where no formula can say it; where one comes in that had no
    score, or no longer passes, the cell says that it is not recomputed."""
    after = {code: books["after"][code, STEPS[step][0]] for code, step in (("far", "treated"), ("pool", "score"))}
    before = books["before"]["far", STEPS["treated"][0]]
    for found in after.values():
        assert found["04"] is None
        assert found["05"] == HELD["later"][0]
    assert after["far"]["01"] == before["01"]
    assert books["before"]["pairs", STEPS["mean_of"][0]]["04"] is not None
    assert books["after"]["pairs", STEPS["mean_of"][0]]["04"] is None
    assert set(books["after"]["even", STEPS["treated"][0]].values()) == {HELD["beyond"][0]}


WIDE = """
schema: 1
title: 多
variables: {a: {name: 甲, unit: "1"}}
indicators:
  x: {name: 一, unit: "1", formula: a / peers_mean(a * a), better: higher, normalise: {method: minmax}}
  y: {name: 二, unit: "1", formula: a / peers_mean(peers_mean(a * a)), better: higher, normalise: rank}
index: {code: w, name: 综合, children: [{indicator: x}, {indicator: y}]}
rules: [{code: r, kind: bonus, when: x > peers_mean(x), points: 2}]
"""


def test_no_line_holds_a_formula_that_no_program_can(card: Scorecard) -> None:
    """Pieces of formulas and rules over very many ranges are numbers as well, and it is said whose."""
    parts = [f"{place:03d}{end}" for place in range(270) for end in "01"]
    above = [None if code.endswith("0") else code[:-1] + "0" for code in parts]
    regions = pl.DataFrame({"code": parts, "name_zh": parts, "name_en": parts, "parent": above})
    rows = [(code, "2024", "a", 1.0 + int(code) % 101 / 50) for code in parts if code.endswith("1")]
    facts = pl.DataFrame(rows, schema=["region", "period", "variable", "value"], orient="row")
    world = live.build(score(_definitions(WIDE), facts, regions=regions), "2024", regions=parts, lang="zh")
    assert world is not None
    assert not [line for line in world.calculation.lines if not all(map(fits, line.formulas))]
    assert {code: world.fixed[code] for code in ("x", "y", "r")} == dict.fromkeys(("x", "y", "r"), "too_long")
    helpers = [line for line in world.calculation.lines if (line.code, line.step) == ("y", STEPS["helper"][0])]
    assert any(not line.formulas for line in helpers)


def test_a_build_is_kept_with_its_scorecard_alone(card: Scorecard) -> None:
    """The next workbook of a scorecard takes the same lines; another scorecard's, or the end of it, lets them go."""
    other = score(card.definitions, _facts())
    first = live.build(other, "2024", regions=(), lang="zh")
    assert first is live.build(other, "2024", regions=CODES, lang="zh")
    gone = weakref.ref(first)
    del first
    live.build(card, "2024", regions=(), lang="zh")
    gc.collect()
    assert gone() is None
    gone = weakref.ref(live.build(other, "2024", regions=(), lang="zh"))
    del other
    gc.collect()
    assert gone() is None


def test_a_text_that_is_cut_is_told(card: Scorecard) -> None:
    """The live sheets cut a text where the others do, and the last sheet says where."""
    long = _definitions(GAPS.replace("name: 丙", f"name: {'长' * 33_000}"))
    book = openpyxl.load_workbook(io.BytesIO(xlsx.write(score(long, _facts()), periods=["2024"])))
    told = [str(row[1].value) for row in book["说明"].iter_rows()]
    cells = [cell for cell in book[SHEETS["given"][0]]["A"] if str(cell.value).startswith("长")]
    assert [(len(cell.value), cell.value[-1]) for cell in cells] == [(xlsx.TEXT, "…")]
    assert any(f"{SHEETS['given'][0]}!{cells[0].coordinate}" in text for text in told)
