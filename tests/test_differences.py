"""Differences of two definitions files: every field, by names, in the file's order; texts side by side and merged."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.definitions import Definitions
from metrics.differences import differences, merged, sentences, sides, words
from metrics.differences.found import ORDER
from metrics.fields import Frozen
from metrics.formula import Formula, parse
from metrics.methods import Ahp, Budget
from metrics.models import Heading
from metrics.reader import TOP_KEYS, read

ROOT = Path(__file__).parent.parent
BASE = """\
schema: 1
title: {zh: 评价, en: Evaluation}
factors:
  coal:
    name: {zh: 折标煤系数, en: Coal factor}
    unit: kgce/kWh
    values: {2020-01-01: 0.1229, 2022-01-01: {default: 0.12, "130000": 0.13}}
variables:
  water: {name: {zh: 用水量, en: Water}, unit: m3, plausible: [0, 1000]}
  power: {name: {zh: 用电量, en: Electricity}, unit: kWh}
  staff: {name: {zh: 人数, en: Staff}, unit: person, over_time: last}
  area: {name: {zh: 面积, en: Area}, unit: m2, over_time: last}
indicators:
  water_per_head:
    name: {zh: 人均用水量, en: Water per head}
    unit: m3/person
    formula: water / staff   # 说明
    better: lower
    normalise: {method: goalposts, worst: 30, best: 8}
    example: {given: {water: 40, staff: 2}, value: 20}
  energy_per_area:
    {name: {zh: 单位面积能耗, en: Energy per area}, unit: kgce/m2, formula: power * coal / area, better: lower}
  staff_in_all: {name: {zh: 总人数, en: All staff}, unit: person, formula: staff, better: higher}
index:
  code: composite
  name: {zh: 综合得分, en: Composite}
  children:
    - code: saving
      name: {zh: 节约能源资源, en: Saving}
      children:
        - {indicator: water_per_head, weight: 1}
        - {indicator: energy_per_area, weight: 2}
    - code: people
      name: {zh: 人员, en: People}
      children: [{indicator: staff_in_all}]
grades:
  - {code: excellent, name: {zh: 优秀, en: Excellent}, at_least: 90}
  - {code: good, name: {zh: 良好, en: Good}, at_least: 80}
  - {code: poor, name: {zh: 较差, en: Poor}}
rules:
  - {code: wasteful, kind: veto, when: water_per_head > 30, cap: good, name: {zh: 用水超限, en: Over the limit}}
bonus_cap: 5
"""


def definitions_of(text: str) -> Definitions:
    """The definitions that a text without errors writes."""
    reading = read(text)
    assert reading.definitions is not None, [item for item in reading.problems if item.severity == "error"]
    return reading.definitions


def told(*changes: tuple[str, str], lang: str = "zh") -> list[str]:
    """The sentences about a text with some pieces of BASE replaced."""
    text = BASE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    before, after = definitions_of(BASE), definitions_of(text)
    return [words(found, before, after, lang) for found in differences(before, after)]


ONE: list[tuple[str, str, str, str]] = [
    (
        "{indicator: water_per_head, weight: 1}", "{indicator: water_per_head, weight: 2}",
        "“人均用水量”的权重 1 → 2（在“节约能源资源”中的份额 33.3 % → 50 %）",
        "“Water per head”: weight 1 → 2 (share in “Saving” 33.3 % → 50 %)",
    ),
    (
        "formula: power * coal / area", "formula: power * coal / (area + 2 * area)",
        "“单位面积能耗”的公式 用电量 * 折标煤系数 / 面积 → 用电量 * 折标煤系数 / (面积 + 2 * 面积)",
        "“Energy per area”: formula Electricity * Coal factor / Area → Electricity * Coal factor / (Area + 2 * Area)",
    ),
    ("at_least: 90", "at_least: 85", "等级“优秀”的下限 90 → 85", "grade “Excellent”: least score 90 → 85"),
    (
        "worst: 30", "worst: 35",
        "“人均用水量”的归一化：最差值 30 → 35", "“Water per head”: normalisation, worst 30 → 35",
    ),
    (
        "normalise: {method: goalposts, worst: 30, best: 8}", "normalise: {method: minmax, clip: true}",
        "“人均用水量”的归一化 目标区间（最差值 30，最好值 8） → 极差标准化（截断）",
        "“Water per head”: normalisation goalposts (worst 30, best 8) → min–max (clip)",
    ),
    (
        "    normalise: {method: goalposts, worst: 30, best: 8}\n", "",
        "“人均用水量”的归一化 目标区间（最差值 30，最好值 8） → 极差标准化（改用默认）",
        "“Water per head”: normalisation goalposts (worst 30, best 8) → min–max (now the default)",
    ),
    (
        "cap: good", "cap: poor", "规则“用水超限”的封顶等级 “良好” → “较差”",
        "rule “Over the limit”: cap “Good” → “Poor”",
    ),
    (
        "when: water_per_head > 30", "when: water_per_head > 30 and reported_share < 0.5",
        "规则“用水超限”的条件 人均用水量 > 30 → 人均用水量 > 30 and 填报率 < 0.5",
        "rule “Over the limit”: when Water per head > 30 → Water per head > 30 and reported share < 0.5",
    ),
    (
        "zh: 用水超限", "zh: 超限", "规则“用水超限”的名称：中文 “用水超限” → “超限”",
        "rule “Over the limit”: name, Chinese “用水超限” → “超限”",
    ),
    (
        '"130000": 0.13', '"130000": 0.14', "系数“折标煤系数”的数值：2022-01-01 起，地区 130000 0.13 → 0.14",
        "factor “Coal factor”: values, from 2022-01-01, region 130000 0.13 → 0.14",
    ),
    (
        "2020-01-01: 0.1229, ", "", "系数“折标煤系数”的数值：2020-01-01 起 0.1229 → 无",
        "factor “Coal factor”: values, from 2020-01-01 0.1229 → none",
    ),
    (
        "plausible: [0, 1000]", "plausible: [0, 2000]", "变量“用水量”的合理范围 0 至 1,000 → 0 至 2,000",
        "variable “Water”: plausible range 0 to 1,000 → 0 to 2,000",
    ),
    (
        "unit: m2, over_time: last", "unit: m2, over_time: mean", "变量“面积”的各期合成 取期末 → 平均",
        "variable “Area”: over time last period → mean",
    ),
    ("zh: 评价", "zh: 新评价", "标题：中文 “评价” → “新评价”", "title, Chinese “评价” → “新评价”"),
    ("bonus_cap: 5", "bonus_cap: 6", "加分上限 5 → 6", "most bonus points 5 → 6"),
    (
        "bonus_cap: 5", "robustness: {trials: 2000}\nbonus_cap: 5",
        "稳健性分析的抽样次数 1,000 → 2,000", "robustness analysis: trials 1,000 → 2,000",
    ),
    (
        "factors:", "defaults: {min_coverage: 0.7}\nfactors:",
        "默认设置的最低覆盖率 65 % → 70 %", "default: least coverage 65 % → 70 %",
    ),
    (
        "name: {zh: 人员, en: People}", "name: {zh: 人员, en: People}\n      weights: equal",
        "维度“人员”的权重来源 按声明的权重 → 等权（原为默认）",
        "pillar “People”: source of weights as declared → equal (was the default)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "zh", "en"), ONE)
def test_a_change_is_told_in_one_sentence_by_names(old: str, new: str, zh: str, en: str) -> None:
    """What changed, of what, from what to what, in both languages; nothing else is told."""
    assert told((old, new)) == [zh]
    assert told((old, new), lang="en") == [en]


ONE_JUDGE = "{ahp: [{by: 甲, matrix: [[1, 2], [1/2, 1]]}]}"
TWO_JUDGES = "{ahp: [{by: 乙, matrix: [[1, 4], [1/4, 1]]}, {by: 甲, matrix: [[1, 1], [1, 1]]}]}"
POINTS = "{budget: [{by: 丙, shares: [30, 70]}]}"
PEOPLE = [
    (
        "declared", ONE_JUDGE,
        "按声明的权重 → 层次分析法（专家“甲”）；权重：“人均用水量” 33.3 % → 66.7 %、“单位面积能耗” 66.7 % → 33.3 %",
        "as declared → AHP (judge “甲”); weights: “Water per head” 33.3 % → 66.7 %, “Energy per area” 66.7 % → 33.3 %",
    ),
    (
        ONE_JUDGE, TWO_JUDGES,
        "层次分析法：新增专家“乙”，“甲”改了判断；权重：“人均用水量” 66.7 %、“单位面积能耗” 33.3 %",
        "AHP: new judge “乙”, “甲” judging otherwise; weights: “Water per head” 66.7 %, “Energy per area” 33.3 %",
    ),
    (
        ONE_JUDGE, "{ahp: [{by: 甲, matrix: [[1, 2], [0.5, 1]]}, {by: 丁, matrix: [[1, 2], [0.5, 1]]}]}",
        "层次分析法：新增专家“丁”；权重：“人均用水量” 66.7 %、“单位面积能耗” 33.3 %",
        "AHP: new judge “丁”; weights: “Water per head” 66.7 %, “Energy per area” 33.3 %",
    ),
    (
        "{entropy: 2020}", POINTS,
        "熵权法（取自周期 2020） → 专家分配（专家“丙”）；权重：“人均用水量” 30 %、“单位面积能耗” 70 %",
        "entropy (from the cycle 2020) → budget allocation (judge “丙”); "
        "weights: “Water per head” 30 %, “Energy per area” 70 %",
    ),
    (
        POINTS, "{budget: [{by: 丙, shares: [3, 7]}]}",
        "专家分配：“丙”改了判断；权重：“人均用水量” 30 %、“单位面积能耗” 70 %",
        "budget allocation: “丙” judging otherwise; weights: “Water per head” 30 %, “Energy per area” 70 %",
    ),
    (
        f"{{combine: [{{of: equal}}, {{of: {POINTS}}}]}}", f"{{combine: [{{of: equal}}, {{of: {POINTS}, share: 3}}]}}",
        "组合赋权（等权 50 %，专家分配（专家“丙”） 50 %） → 组合赋权（等权 25 %，专家分配（专家“丙”） 75 %）；"
        "权重：“人均用水量” 40 % → 35 %、“单位面积能耗” 60 % → 65 %",
        "combined (equal 50 %, budget allocation (judge “丙”) 50 %) → "
        "combined (equal 25 %, budget allocation (judge “丙”) 75 %); "
        "weights: “Water per head” 40 % → 35 %, “Energy per area” 60 % → 65 %",
    ),
    (
        f"{{combine: [{{of: equal}}, {{of: {POINTS}}}]}}",
        "{combine: [{of: equal}, {of: {budget: [{by: 丙, shares: [70, 30]}]}}]}",
        "组合赋权中的专家分配：“丙”改了判断；权重：“人均用水量” 40 % → 60 %、“单位面积能耗” 60 % → 40 %",
        "combined, budget allocation: “丙” judging otherwise; "
        "weights: “Water per head” 40 % → 60 %, “Energy per area” 60 % → 40 %",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "zh", "en"), PEOPLE)
def test_weights_by_people_are_one_sentence(old: str, new: str, zh: str, en: str) -> None:
    """Whose judgements are new, gone or others, and what each child weighs before and after; nothing is cut."""
    name = "name: {zh: 节约能源资源, en: Saving}"
    before, after = (definitions_of(BASE.replace(name, f"{name}\n      weights: {method}")) for method in (old, new))
    assert sentences(before, after, "zh") == [f"维度“节约能源资源”的权重来源 {zh}"]
    assert sentences(before, after, "en") == [f"pillar “Saving”: source of weights {en}"]


def test_comparisons_of_three_are_told_with_their_consistency() -> None:
    """2, 4 and 1/2 do not agree: the ratio of all together stands with the judges, and each of these is named."""
    item = "{name: {zh: 三, en: Three}, unit: person, formula: 2 * staff, better: higher}"
    leaf = "{indicator: energy_per_area, weight: 2}\n"
    text = BASE.replace("index:\n", f"  third: {item}\nindex:\n")
    text = text.replace(leaf, f"{leaf}        - {{indicator: third}}\n      weights: equal\n")
    names = [f"专家{at}" for at in range(20)]
    judges = ", ".join(f"{{by: {name}, matrix: [[1, 2, 4], [1/2, 1, 1/2], [1/4, 2, 1]]}}" for name in names)
    before, after = (definitions_of(text.replace("equal", method)) for method in ("equal", f"{{ahp: [{judges}]}}"))
    (sentence,) = sentences(before, after, "zh")
    told = "、".join(f"“{name}”" for name in names)
    assert f"等权 → 层次分析法（专家{told}，一致性比率 0.19）；权重：“人均用水量” 33.3 % → " in sentence


def test_what_comes_and_goes_is_told_with_what_it_is() -> None:
    """A new indicator with its place, weight and formula in one sentence; what is gone by its name."""
    item = "{name: {zh: 人均用电量, en: Power}, unit: kWh/person, formula: power / staff, better: lower}"
    new = f"  power_per_head: {item}\nindex:"
    leaf = "weight: 2}\n        - {indicator: power_per_head, weight: 1}"
    added = [("index:", new), ("weight: 2}", leaf)]
    assert told(*added) == [
        "新增指标“人均用电量”，在“节约能源资源”下，权重 1（份额 25 %）；公式 用电量 / 人数，kWh/人，越低越好"
    ]
    own = "missing: none, survey: {respondents: staff, least: 50}}"
    added[0] = ("index:", new.replace("lower}", f"lower, {own}"))
    assert told(*added)[0].endswith("越低越好，缺失值处理 不补，调查 样本数变量 “人数”；最少样本 50")
    assert told(("  - {code: good, name: {zh: 良好, en: Good}, at_least: 80}\n", ""), ("cap: good", "cap: poor")) == [
        "删去等级“良好”",
        "规则“用水超限”的封顶等级 “良好” → “较差”",
    ]
    before, after = definitions_of(BASE.replace("index:", new).replace("weight: 2}", leaf)), definitions_of(BASE)
    assert [words(found, before, after, "en") for found in differences(before, after)] == ["indicator “Power” removed"]


def test_moves_in_the_tree_are_told_by_the_pillars_names() -> None:
    """From where to where; what leaves the tree no longer counts; what is new in it has its weight."""
    leaf = "        - {indicator: water_per_head, weight: 1}\n"
    moved = [(leaf, ""), ("[{indicator: staff_in_all}]", "[{indicator: staff_in_all}, {indicator: water_per_head}]")]
    assert told(*moved) == ["“人均用水量”由“节约能源资源”移到“人员”"]
    assert told(*moved, lang="en") == ["“Water per head” moves from “Saving” to “People”"]
    assert told(moved[0]) == ["“人均用水量”从“节约能源资源”中移出，不再计入"]
    before, after = (definitions_of(text) for text in (BASE.replace(leaf, ""), BASE))
    assert [words(found, before, after, "zh") for found in differences(before, after)] == [
        "“人均用水量”列入体系，在“节约能源资源”下，权重 1（份额 33.3 %）"
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([("code: saving", "code: green")], ["维度“节约能源资源”的代码 saving → green"]),
        ([("coal", "kohle")], ["系数“折标煤系数”的代码 coal → kohle"]),
        (
            [("water_per_head", "water_pp"), ("worst: 30", "worst: 35")],
            ["“人均用水量”的代码 water_per_head → water_pp", "“人均用水量”的归一化：最差值 30 → 35"],
        ),
        (
            [("people", "p"), ("staff: ", "people: "), ("/ staff", "/ people"), ("formula: staff", "formula: people")],
            ["变量“人数”的代码 staff → people", "维度“人员”的代码 people → p"],
        ),
        (
            [("staff_in_all", "all"), ("zh: 总人数", "zh: 全部人数")],
            ["“全部人数”的代码 staff_in_all → all", "“总人数”的名称：中文 “总人数” → “全部人数”"],
        ),
        (
            [("code: people", "code: folk"), ("zh: 人员", "zh: 人")],
            ["维度“人”的代码 people → folk", "维度“人员”的名称：中文 “人员” → “人”"],
        ),
    ],
)
def test_another_code_is_one_difference(changes: list[tuple[str, str]], expected: list[str]) -> None:
    """Of what has the same name, formula or children; wherever the code is named, nothing more is told."""
    text = BASE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    assert sentences(definitions_of(BASE), definitions_of(text), "zh") == expected


def test_another_code_is_followed_into_pieces_of_formulas_and_no_further() -> None:
    """What an example gives is named by formulas; a region may be called as a variable was."""
    base = BASE.replace("formula: staff,", "formula: staff - previous(staff),", 1).replace('"130000"', "staff")
    example = "example: {given: {staff: 3, previous(staff): 1}, value: 2}"
    base = base.replace("better: higher}", f"better: higher, {example}}}")
    after = re.sub(r"\bstaff\b(?!: 0.13)", "heads", base).replace("All heads", "All staff")
    assert sentences(definitions_of(base), definitions_of(after), "zh") == ["变量“人数”的代码 staff → heads"]


def test_one_of_two_that_were_alike_is_not_taken_for_a_new_one() -> None:
    """Where two that are gone could be the new one, it is new."""
    old = "{name: {zh: 用电量, en: Electricity}, unit: kWh}"
    before = definitions_of(BASE.replace("  staff: {", f"  a: {old}\n  b: {old}\n  staff: {{"))
    after = definitions_of(BASE.replace("  staff: {", f"  c: {old}\n  staff: {{"))
    assert [found.kind for found in differences(before, after)] == ["removed", "removed", "added"]


def test_two_of_one_name_are_not_taken_for_each_other() -> None:
    """Where two new ones could be the one that is gone, it is gone."""
    old = "{name: {zh: 用电量, en: Electricity}, unit: kWh}"
    before = definitions_of(BASE.replace("  staff: {", f"  spare: {old}\n  staff: {{"))
    after = definitions_of(BASE.replace("  staff: {", f"  a: {old}\n  b: {old}\n  staff: {{"))
    assert [found.kind for found in differences(before, after)] == ["removed", "added", "added"]


def test_another_order_is_told_once() -> None:
    """Siblings, grades, indicators: that they stand in another order, and in which where they are few."""
    water, energy = (
        f"        - {{indicator: {code}}}\n" for code in ("water_per_head, weight: 1", "energy_per_area, weight: 2")
    )
    swapped = [(water + energy, energy + water)]
    assert told(*swapped) == ["“节约能源资源”之下的先后次序变了：单位面积能耗、人均用水量"]
    first, last = "  power: {name: {zh: 用电量, en: Electricity}, unit: kWh}\n", "  area: {name"
    assert told((first, ""), (last, first + last)) == ["变量的先后次序变了：用水量、人数、用电量、面积"]


def test_comments_spaces_and_written_out_defaults_are_no_difference() -> None:
    """Only what the method or a reader of the definitions would notice is told."""
    spaces = ("power * coal / area", "power*coal  /  area")
    assert told(("   # 说明", ""), spaces, ("bonus_cap: 5", "# x\nbonus_cap: 5.0")) == []
    out = "defaults: {normalise: {method: minmax, frame: cycle}, missing: none, min_coverage: 0.65}\nfactors:"
    assert told(("factors:", out), ("unit: kWh}", "unit: kWh, over_time: sum, absent: unknown}")) == []
    assert told(("name: {zh: 人员, en: People}", "name: {zh: 人员, en: People}\n      aggregate: arithmetic")) == []


def test_differences_stand_in_the_order_of_the_file() -> None:
    """From the title to the rules, whatever kind they are of; each path leads into the file that it names."""
    before = definitions_of(BASE)
    text = BASE.replace("zh: 评价", "zh: 新").replace("at_least: 90", "at_least: 95")
    text = text.replace("weight: 2}", "weight: 3}")
    found = differences(before, definitions_of(text.replace(", plausible: [0, 1000]", "")))
    assert [item.path for item in found] == [
        ("title", "zh"),
        ("variables", "water", "plausible"),
        ("index", "children", 0, "children", 1, "weight"),
        ("grades", 0, "at_least"),
    ]
    assert [(item.kind, item.before, item.after) for item in found][1:3] == [
        ("removed", [0.0, 1000.0], None), ("changed", 2.0, 3.0),
    ]  # fmt: skip
    assert set(ORDER) == set(TOP_KEYS)


# ── Every field of every model ────────────────────────────────────────────────────────────────────────────────────
RICH = """\
schema: 1
title: {zh: 评价, en: Evaluation}
compare: province
tie_breaks: [people]
bonus_cap: 5
defaults: {normalise: zscore, missing: mean, outliers: winsorise, floor: 1, weights: equal, min_coverage: 0.5}
factors:
  coal: {name: 系数, unit: kgce/kWh, source: 国标, values: {2020-01-01: 0.1}}
variables:
  water:
    {name: 用水量, unit: m3, domain: energy, plausible: [0, 9], valid: {from: 2020-01-01, to: 2030-01-01}, source: 报表,
     why: 需要, over_sites: {mean_by: staff}}
  power: {name: 用电量, unit: kWh}
  energy: {name: 能耗, unit: kgce, formula: power * coal}
  staff: {name: 人数, unit: person}
indicators:
INDICATORS
index:
  code: composite
  name: 综合得分
  weights: {combine: [{of: equal, share: 0.4}, {of: {entropy: 2020}, share: 0.6}]}
  children:
    - code: people
      name: 人员
      weight: 2
      aggregate: {power: 2}
      floor: 1
      min_coverage: 0.5
      weights: {ahp: [{by: 甲, matrix: [[1, 2], [1/2, 1]]}, {by: 乙, matrix: [[1, 2], [1/2, 1]]}]}
      children: [{indicator: i0, weight: 2}, {indicator: i1}]
    - code: things
      name: 事物
      aggregate: {method: mazziotta_pareto}
      weights: {budget: [{by: 甲, shares: [0.5, 0.5]}, {by: 乙, shares: [0.5, 0.5]}]}
      children: [{indicator: i2}, {indicator: i3}]
grades: [{code: a, name: 优, at_least: 90}, {code: b, name: 良, at_least: 80}, {code: c, name: 差}]
rules:
  - {code: veto, kind: veto, when: i0 > 3, cap: b, name: 否决, source: 国标}
  - {code: bonus, kind: bonus, when: i0 > 3, points: 2}
robustness:
  {trials: 10, seed: 1, weights: {spread: 0.1}, normalise: [declared, rank], aggregate: [median], missing: [mean],
   frame: [all], drop_one: true}
"""
METHODS = [
    "minmax", "zscore", "rank", "borda", "percentile_rank", "fraction_of_max", "{method: goalposts, worst: 1, best: 2}",
    "{method: distance_to_target, target: 3}", "{method: distance_to_reference, reference: '01'}",
    "{method: piecewise, points: [[0, 0], [1, 9]]}", "{method: steps, steps: [[0, 0], [1, 9]], above: 5}",
    "{method: limits, binding: 1, current: 2, leading: 3}", "{method: band, best: [1, 2], worst: [0, 3]}",
]  # fmt: skip
TREATMENTS = [
    "missing: none", "missing: mean", "missing: {method: group_mean, by: zone}",
    "missing: {method: latest, max_cycles: 2}", "missing: linear",
    "missing: {method: constant, value: 3}", "outliers: none", "outliers: {method: winsorise}",
]  # fmt: skip


def rich() -> Definitions:
    """Definitions in which every model of the file stands at least once."""
    rows = []
    for at, method in enumerate(METHODS):
        better = "{between: [1, 2]}" if "band" in method else "higher"
        more = TREATMENTS[at % len(TREATMENTS)]
        if at == 0:
            more += (
                ", peers: zone, why: 因, source: 源, owner: 局, checked_by: 人, next_review: 2030-01-01"
                ", valid: {from: 2020-01-01}, example: {given: {water: 4, staff: 2}, value: 2}"
                ", survey: {respondents: staff, least: 30, half_width: water, widest: 5}"
            )
        row = f"name: 指标{at}, unit: m3/person, formula: water / staff, better: {better}, normalise: {method}, {more}"
        rows.append(f"  i{at}: {{{row}}}")
    definitions = definitions_of(RICH.replace("INDICATORS", "\n".join(rows)))
    # A quota stands in no file beside thresholds.
    last = definitions.grades[2].model_copy(update={"top": 3, "top_share": 0.1})
    return replace(definitions, grades=(*definitions.grades[:2], last))


def other(value: Any, annotation: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, Formula):
        return parse(f"({value.text}) or 1 > 2" if value.is_condition else f"({value.text}) + 1")
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, str):
        return next((word for word in get_args(annotation) if isinstance(word, str) and word != value), value + "x")
    if isinstance(value, tuple) and value and isinstance(value[0], float | tuple):
        return (*value[:-1], other(value[-1], annotation))
    return 7.0 if value is None else value[:-1] if isinstance(value, tuple) and value else ()


def varied(value: Any) -> Iterator[tuple[tuple[type, str], Any]]:
    """Each value with another one in one field of one model inside it, and that field's model and name."""
    if isinstance(value, Frozen):
        for name, field in type(value).model_fields.items():
            own = getattr(value, name)
            inner = list(varied(own))
            key = type(value), name
            yield from ((found, value.model_copy(update={name: new})) for found, new in inner)
            # What holds parts is another one when a part is; what it is of a method cannot be anything else.
            if not inner or isinstance(own, tuple):
                yield key, value.model_copy(update={name: other(own, field.annotation)})
            elif inner:
                yield key, value.model_copy(update={name: inner[-1][1]})
    elif isinstance(value, tuple):
        for at, part in enumerate(value):
            yield from ((found, (*value[:at], new, *value[at + 1 :])) for found, new in varied(part))
    elif isinstance(value, dict):
        for key, part in value.items():
            if isinstance(part, dict | Frozen | tuple):
                yield from ((found, {**value, key: new}) for found, new in varied(part))
            elif isinstance(part, float):
                yield (dict, str(key)), {**value, key: part + 1}


def test_no_field_of_any_model_is_forgotten() -> None:
    """Whatever field of whatever part is another one, that is one difference or more, with a sentence for each."""
    before = rich()
    seen = set()
    for part in ("heading", "factors", "variables", "indicators", "index", "grades", "rules", "robustness"):
        for key, new in varied(getattr(before, part)):
            seen.add(key)
            # No method of another name has judges.
            if key in ((Ahp, "method"), (Budget, "method")):
                continue
            after = replace(before, **{part: new})
            found = differences(before, after)
            assert found or key[1] in ("schema_", "method"), key
            assert all(len(words(item, before, after, lang)) > 3 for item in found for lang in ("zh", "en"))
    # An adjustment is no part of a definitions file.
    foreign = ("Method", "AdjustmentRule")
    models = [cls for cls in _below(Frozen) if cls.__module__.startswith("metrics.") and cls.__name__ not in foreign]
    assert [(cls, name) for cls in models for name in cls.model_fields if (cls, name) not in seen] == []
    assert set(Heading.model_fields) <= {name for _, name in seen}


def _below(cls: type[Frozen]) -> Iterator[type[Frozen]]:
    for inner in cls.__subclasses__():
        yield inner
        yield from _below(inner)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sentences_name_no_codes_of_the_default_file(lang: str) -> None:
    """Of the default definitions changed in each field once, no sentence shows a key or a code of the file."""
    text = (ROOT / "indicators.yaml").read_text(encoding="utf-8")
    before = definitions_of(text)
    codes = {code for code in before.codes if "_" in code}
    for part in ("heading", "factors", "variables", "indicators", "index", "grades", "rules"):
        # Every 23rd is of each kind and of many parts.
        for key, new in islice(varied(getattr(before, part)), 0, None, 23):
            after = replace(before, **{part: new})
            told = [words(found, before, after, lang) for found in differences(before, after)]
            # Another code is another thing, which this file has no name for.
            if key[1] not in ("code", "indicator", "mean_by"):
                assert [text for text in told if any(code in text for code in codes)] == []


# ── Texts ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_sides_pair_lines_and_count_them() -> None:
    """Equal lines beside each other, changed ones too, what one side lacks beside nothing; line ends tell nothing."""
    found = sides("a\nb\nc\nd\n", "a\r\nB\r\nc\r\nx\r\nd\r\n")
    assert found.rows() == [
        ("equal", 1, "a", 1, "a"),
        ("changed", 2, "b", 2, "B"),
        ("equal", 3, "c", 3, "c"),
        ("added", None, None, 4, "x"),
        ("equal", 4, "d", 5, "d"),
    ]
    assert sides("", "").height == 1


LINES = st.lists(st.sampled_from(["a", "b", "  c: 1", "", "# x"]), max_size=8).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(LINES, LINES)
def test_sides_hold_both_texts_whole(before: str, after: str) -> None:
    """Each side's lines, in order, are its text."""
    found = sides(before, after)
    for text, line, side in ((before, "line_before", "before"), (after, "line_after", "after")):
        rows = found.filter(pl.col(line).is_not_null())
        assert rows[line].to_list() == list(range(1, rows.height + 1))
        assert "\n".join(rows[side]).rstrip("\n") == text.rstrip("\n")


def test_long_texts_are_compared_by_the_lines_that_either_has_once() -> None:
    """However often lines such as units repeat, each change is found where it is; and what begins thousands of other
    lines is paired line by line."""
    old = [f"  i{at}:\n    unit: kWh\n    formula: a{at}\n" for at in range(1000)]
    new = [text.replace("formula: a", "formula: b") if at % 7 == 0 else text for at, text in enumerate(old)]
    new[500:500] = ["  more:\n    unit: kWh\n    formula: c\n"]
    found = sides("\n".join(old), "\n".join(new))
    told = dict(found["kind"].value_counts().iter_rows())
    assert told == {"equal": 3999 - 143, "changed": 143, "added": 4}
    others = "\n".join(old).replace("  i", "  j").replace("a", "b")
    assert dict(sides("\n".join(old), others)["kind"].value_counts().iter_rows()) == {"equal": 1999, "changed": 2000}


@settings(max_examples=100, deadline=None)
@given(LINES, LINES)
def test_nothing_is_paired_that_is_not_equal(before: str, after: str) -> None:
    """What is told as equal is, nothing else that stands beside itself is not, and a text is equal to itself."""
    found = sides(before, after)
    both = found.filter(pl.col("kind") == "equal")
    assert both["before"].to_list() == both["after"].to_list()
    assert found.filter((pl.col("kind") != "equal") & (pl.col("before") == pl.col("after"))).is_empty()
    assert (sides(before, before)["kind"] == "equal").all()


def test_changes_of_different_lines_come_together() -> None:
    """Each side's change is in the result, nothing is asked; the same change of both is made once."""
    assert merged("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\nd\n") == ("A\nb\nC\nd\n", ())
    assert merged("a\nb\n", "a\nx\nb\n", "a\nx\nb\n") == ("a\nx\nb\n", ())
    assert merged("a\nb\nc\n", "a\nc\n", "a\nb\nc\nd\n") == ("a\nc\nd\n", ())


def test_changes_of_the_same_lines_both_stand_between_marks() -> None:
    """Nobody's line is lost, the marks are comments, and the conflict says where and what of whom."""
    text, (conflict,) = merged("a: 1\nb: 1\n", "a: 1\nb: 2\n", "a: 1\nb: 3\n")
    lines = text.split("\n")
    assert (lines[0], lines[2], lines[4], lines[6:]) == ("a: 1", "b: 2", "b: 3", [""])
    assert all(lines[at].startswith("#") for at in (1, 3, 5))
    assert (conflict.line, conflict.base, conflict.mine, conflict.theirs) == (2, ("b: 1",), ("b: 2",), ("b: 3",))
    assert merged("a\r\nb\r\n", "a\nX\n", "a\r\nb\r\nc\r\n") == ("a\nX\nc\n", ())


def test_marks_that_are_left_are_errors() -> None:
    """Nothing undecided is submitted: each line that is a mark is told."""
    text = (ROOT / "indicators.yaml").read_text("utf-8")
    at = text.index("cycle: year\n")
    mine, theirs = (text[:at] + words + text[at:] for words in ("# mine\n", "# theirs\n"))
    both, (conflict,) = merged(text, mine, theirs)
    reading = read(both)
    assert reading.definitions is None
    assert [one.code for one in reading.problems if one.severity == "error"] == ["undecided_lines"] * 3
    assert reading.problems[0].line == conflict.line


@settings(max_examples=200, deadline=None)
@given(LINES, LINES, LINES)
def test_merging_loses_nothing(base: str, mine: str, theirs: str) -> None:
    """With one side unchanged the result is the other; else every conflict is in the result where it says."""
    assert merged(base, mine, base) == (mine, ())
    assert merged(base, base, theirs) == (theirs, ())
    assert merged(base, mine, mine) == (mine, ())
    text, conflicts = merged(base, mine, theirs)
    lines = text.split("\n")
    for found in conflicts:
        assert tuple(lines[found.line : found.line + len(found.mine)]) == found.mine
        after = found.line + len(found.mine) + 1
        assert tuple(lines[after : after + len(found.theirs)]) == found.theirs
