"""The form of one indicator: it shows what the text says, and rewrites what a person changed, nothing else."""

import ast
from datetime import date
from difflib import ndiff
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from metrics.models import Indicator
from metrics.reader import read
from metrics.terms import MISSING_VALUES, NORMALISED, OUTLIERS
from pages.parts.form_methods import models
from pages.parts.form_remove import without

TEXT = """\
schema: 1
title: {zh: 评价, en: Evaluation}
variables:
  cost: {name: {zh: 费用, en: Cost}, unit: 万元}
  staff: {name: {zh: 人数, en: Staff}, unit: person, over_time: last}
  area: {name: {zh: 面积, en: Area}, unit: m2, over_time: last}
# 指标
indicators:
  # 第一项
  per_head:
    name: {zh: 人均费用, en: Cost per head}  # 名称
    unit: 元/person
    formula: cost / staff   # 公式
    better: lower
    normalise: {method: goalposts, worst: 30000, best: 10000.0}  # 示例
    why: 看人均
    owner: 财政处
    next_review: 2027-06-30   # 复核
    example: {given: {cost: 50, staff: 20}, value: 25000, score: 25}
  per_area:  # 第二项
    name: 单位面积费用
    unit: 元/m2
    formula: cost / area
    better: {between: [10, 20]}
    normalise: {method: band, best: [10, 20], worst: [0, 40]}
index:
  code: composite
  name: {zh: 综合, en: Composite}
  children:
    - code: money
      name: {zh: 费用类, en: Money}
      children:
        - {indicator: per_head, weight: 3}  # 主
        - {indicator: per_area, weight: 1}
    - code: space
      name: {zh: 面积类, en: Space}
      children:
        - {indicator: other}
"""
TEXT = TEXT.replace("index:", "  other: {name: 其他, unit: m2/person, formula: area / staff, better: lower}\nindex:")


def _page() -> None:
    """The form over a text that is held beside it, as the page of definitions holds it."""
    import streamlit as st

    from metrics.reader import read
    from pages.parts.form import form
    from pages.parts.i18n import settle

    settle()
    reading = read(st.session_state["text"])
    st.session_state["good"] = reading.definitions or st.session_state["good"]
    st.session_state["new"] = form(
        st.session_state["text"], st.session_state["good"], reading.problems, key="f", scored=st.session_state["scored"]
    )
    if st.session_state["new"] is not None:
        st.session_state["text"] = st.session_state["new"]
        st.rerun()


def _open(
    text: str = TEXT, code: str = "per_head", lang: str = "zh", scored: dict[str, float] | None = None
) -> AppTest:
    at = AppTest.from_function(_page, default_timeout=60)
    at.session_state["scored"] = scored or {}
    at.session_state["text"], at.session_state["good"] = text, read(text).definitions or read(TEXT).definitions
    at.session_state["f chosen"], at.session_state["lang"] = code, lang
    at.run()
    assert not at.exception
    return at


def _set(at: AppTest, kind: str, name: str, value: Any, code: str = "per_head") -> AppTest:
    field = next(field for field in at.get(kind) if field.key == f"f {code} {name}")
    field.set_value(value).run()
    assert not at.exception
    return at


def _changes(at: AppTest, text: str = TEXT) -> list[str]:
    """The lines that went and came, with - and +."""
    lines = ndiff(text.splitlines(), at.session_state["text"].splitlines())
    return [line[:2] + line[2:].strip() for line in lines if line[0] in "+-"]


def _said(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def test_the_fixture_is_without_errors() -> None:
    """What the tests begin with can be used."""
    assert read(TEXT).definitions is not None


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("code", ["per_head", "per_area", "other"])
def test_looking_changes_nothing(code: str, lang: str) -> None:
    """However the text writes a value, showing it is no change."""
    at = _open(code=code, lang=lang)
    assert at.session_state["new"] is None
    assert at.session_state["text"] == TEXT


@pytest.mark.parametrize(
    ("kind", "name", "value", "old", "new"),
    [
        ("text_input", "name zh", "人均成本", "{zh: 人均费用, en", "{zh: 人均成本, en"),
        ("text_input", "name en", "Cost, each", "en: Cost per head}", 'en: "Cost, each"}'),
        ("text_input", "unit", "万元/person", "unit: 元/person", "unit: 万元/person"),
        ("text_area", "formula", "cost /\n area", "formula: cost / staff   #", "formula: cost / area   #"),
        ("selectbox", "better", "higher", "better: lower\n    normalise", "better: higher\n    normalise"),
        ("text_input", "normalise goalposts best", "8000", "best: 10000.0}", "best: 8000}"),
        ("text_input", "normalise goalposts worst", "1e5/3", "worst: 30000,", "worst: 1e5/3,"),
        ("selectbox", "normalise goalposts clip", False, "best: 10000.0}", "best: 10000.0, clip: false}"),
        ("text_input", "normalise goalposts range", "1，100", "best: 10000.0}", "best: 10000.0, range: [1, 100]}"),
        (
            "selectbox",
            "normalise",
            "rank",
            "{method: goalposts, worst: 30000, best: 10000.0}",
            "{method: rank}",
        ),
        ("text_input", "weight", "0.5", "per_head, weight: 3}", "per_head, weight: 0.5}"),
        ("text_area", "why", "原因: 人均", "why: 看人均", 'why: "原因: 人均"'),
        ("text_input", "owner", "", "    owner: 财政处\n", ""),
        ("date_input", "next_review", date(2028, 1, 1), "2027-06-30   #", "2028-01-01   #"),
        ("date_input", "next_review", None, "    next_review: 2027-06-30   # 复核\n", ""),
        ("text_input", "given cost", "60", "given: {cost: 50,", "given: {cost: 60,"),
        ("text_input", "example score", "", "value: 25000, score: 25}", "value: 25000}"),
    ],
)
def test_a_field_changes_its_own_line(kind: str, name: str, value: Any, old: str, new: str) -> None:
    """The value takes the place of the one that was there; comments and all other lines stay as they are."""
    assert TEXT.count(old) == 1
    assert _set(_open(), kind, name, value).session_state["text"] == TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("kind", "name", "value", "added"),
    [
        ("text_input", "peers", "climate", "peers: climate"),
        ("selectbox", "missing", "median", "missing: median"),
        ("selectbox", "outliers", "winsorise", "outliers: winsorise"),
        ("text_area", "source", "年报 #3", 'source: "年报 #3"'),
        ("text_input", "checked_by", "010", 'checked_by: "010"'),
        ("date_input", "valid from", date(2021, 1, 1), "valid: {from: 2021-01-01}"),
    ],
)
def test_a_field_that_was_empty_adds_its_line(kind: str, name: str, value: Any, added: str) -> None:
    """At the end of the indicator; emptied again, the text is what it was."""
    at = _set(_open(), kind, name, value)
    assert _changes(at) == [f"+ {added}"]
    empty = "" if kind != "date_input" else None
    assert _set(at, kind, name, empty).session_state["text"] == TEXT


SURVEY = """\
  other:   # 满意
    name: 其他
    unit: m2/person
    survey:  # 调查
      # 谁答了
      respondents: staff   # 人数
      least: 1e2
      half_width: area  # 半宽
      widest: 5
    formula: area / staff
    better: lower
"""
SURVEYED = TEXT.replace("  other: {name: 其他, unit: m2/person, formula: area / staff, better: lower}\n", SURVEY)


@pytest.mark.parametrize(
    ("kind", "name", "value", "old", "new"),
    [
        ("selectbox", "respondents", "cost", "respondents: staff   # 人数", "respondents: cost   # 人数"),
        ("text_input", "least", "40", "least: 1e2", "least: 40"),
        ("text_input", "least", "", "      least: 1e2\n", ""),
        ("selectbox", "half_width", "cost", "half_width: area  # 半宽", "half_width: cost  # 半宽"),
        ("text_input", "widest", "2.5", "widest: 5", "widest: 2.5"),
        ("selectbox", "half_width", "", "      half_width: area  # 半宽\n      widest: 5\n", ""),
    ],
)
def test_each_part_of_a_survey_changes_its_own_line(kind: str, name: str, value: str, old: str, new: str) -> None:
    """Comments and order stay; without an interval there is no widest one."""
    at = _open(SURVEYED, code="other")
    assert at.session_state["text"] == SURVEYED
    assert SURVEYED.count(old) == 1
    assert _set(at, kind, f"survey {name}", value, "other").session_state["text"] == SURVEYED.replace(old, new)


def test_a_survey_begins_with_its_respondents_and_ends_with_them() -> None:
    """Nothing but the variable is needed, and nothing else is asked for before; without it the text is what it was."""
    at = _open()
    parts = {field.key for kind in ("selectbox", "text_input") for field in at.get(kind) if " survey " in field.key}
    assert parts == {"f per_head survey respondents"}
    at = _set(at, "selectbox", "survey respondents", "staff")
    assert _changes(at) == ["+ survey: {respondents: staff}"]
    at = _set(at, "text_input", "survey least", "50")
    assert _changes(at) == ["+ survey: {respondents: staff, least: 50}"]
    assert _set(at, "selectbox", "survey respondents", "").session_state["text"] == TEXT


def test_an_interval_is_written_with_how_wide_it_may_be() -> None:
    """Until then the text keeps what it has, and what is lacking is named."""
    at = _set(_open(), "selectbox", "survey respondents", "staff")
    at = _set(at, "selectbox", "survey half_width", "area")
    assert "还要填：最大半宽" in _said(at)
    assert _changes(at) == ["+ survey: {respondents: staff}"]
    at = _set(at, "text_input", "survey widest", "五")
    assert "此处应是数字，写的是“五”" in _said(at)
    assert _changes(at) == ["+ survey: {respondents: staff}"]
    at = _set(at, "text_input", "survey widest", "5")
    assert _changes(at) == ["+ survey: {respondents: staff, half_width: area, widest: 5}"]
    assert read(at.session_state["text"]).definitions is not None


def test_variables_are_chosen_by_name() -> None:
    """Those of the formula first; of one name they are told apart, and one that there is not stays to be seen."""
    at = _open()
    assert at.selectbox(key="f per_head survey respondents").options == ["不是问卷调查", "费用", "人数", "面积"]
    at = _open(code="other")
    assert at.selectbox(key="f other survey respondents").options == ["不是问卷调查", "人数", "面积", "费用"]
    at = _open(TEXT.replace("zh: 面积,", "zh: 人数,"), code="other", lang="en")
    assert at.selectbox(key="f other survey respondents").options == ["Not a survey", "Staff", "Area", "Cost"]
    at = _open(TEXT.replace("zh: 面积,", "zh: 人数,"), code="other")
    assert at.selectbox(key="f other survey respondents").options[1:3] == ["人数 staff", "人数 area"]


def test_what_is_wrong_with_a_survey_stands_at_its_part() -> None:
    """Once, beneath the field that it is about, which still shows what the text says."""
    at = _open(SURVEYED.replace("half_width: area", "half_width: aera"), "other")
    assert at.selectbox(key="f other survey half_width").value == "aera"
    assert _beneath(at, "f other survey half_width").count("aera") == _said(at).count("aera") == 1
    at = _set(at, "text_input", "survey least", "许多", "other")
    assert "写的是“许多”" in _beneath(at, "f other survey least")
    assert "least: 1e2" in at.session_state["text"]
    at = _set(at, "selectbox", "survey half_width", "area", "other")
    assert "aera" not in _said(at)
    assert "half_width: area" in at.session_state["text"]
    at = _open(SURVEYED.replace("widest: 5", "widest: 5\n      far: 1"), "other")
    assert "“far”" in _beneath(at, "f other survey widest")


def _beneath(at: AppTest, key: str) -> str:
    """What is said between a field and the next one."""
    found: list[Any] = list(at.main)
    after = found[[getattr(one, "key", None) for one in found].index(key) + 1 :]
    return "".join(one.proto.body for one in takewhile(lambda one: one.type == "html", after))


@pytest.mark.parametrize("written", ["[staff]", "yes"])
def test_a_survey_that_no_field_can_hold_is_left_as_written(written: str) -> None:
    """It says so, with what is wrong."""
    at = _open(TEXT.replace("better: lower}\nindex", f"better: lower, survey: {written}}}\nindex"), code="other")
    assert "如文本所写" in _said(at)
    assert not [field for field in at.selectbox if " survey " in str(field.key)]


def test_a_survey_is_offered_where_a_variable_could_tell_of_one() -> None:
    """It stands closed where there is none yet, open where there is, and is away without variables."""

    def shown(text: str, code: str = "other") -> list[bool]:
        return [one.proto.expanded for one in _open(text, code).expander if one.label == "问卷调查"]

    assert shown(TEXT) == [False]
    assert shown(SURVEYED) == [True]
    kept = "".join(
        line for line in TEXT.splitlines(keepends=True) if not line.startswith(("  cost:", "  staff:", "  area:"))
    )
    assert shown(kept) == []


def test_a_name_in_one_language_becomes_two() -> None:
    """A text that stands for both is written out as soon as they differ."""
    at = _set(_open(code="per_area"), "text_input", "name en", "Cost per area", "per_area")
    assert _changes(at) == ["- name: 单位面积费用", "+ name: {zh: 单位面积费用, en: Cost per area}"]


def test_two_indicators_of_one_name_are_told_apart() -> None:
    """Each can be chosen, and is the one that is changed."""
    at = _open(TEXT.replace("name: 单位面积费用", "name: 人均费用"), code="other")
    for code in ("per_head", "per_area"):
        at.selectbox(key="f indicator").set_value(code).run()
        assert not at.exception
        _set(at, "text_input", "owner", f"处 {code}", code)
        assert f"owner: 处 {code}" in at.session_state["text"].partition(f"  {code}:")[2].partition("\n  other:")[0]
        assert at.selectbox(key="f indicator").value == code


def test_a_band_is_two_numbers() -> None:
    """Either end can be changed; what is no number, or the wrong way round, is said and not written."""
    at = _set(_open(code="per_area"), "text_input", "better high", "25", "per_area")
    assert _changes(at) == ["- better: {between: [10, 20]}", "+ better: {between: [10, 25]}"]
    at = _set(at, "text_input", "better low", "30", "per_area")
    assert "先低后高" in _said(at)
    assert "[10, 25]" in at.session_state["text"]


def test_a_method_is_written_once_it_is_complete() -> None:
    """Until then the text keeps the old one, and what is lacking is named."""
    at = _set(_open(), "selectbox", "normalise", "limits")
    assert at.session_state["text"] == TEXT
    assert "还要填：约束值、基准值、引导值" in _said(at)
    for name, value in (("binding", "30000"), ("current", "20000")):
        assert _set(at, "text_input", f"normalise limits {name}", value).session_state["text"] == TEXT
    at = _set(at, "text_input", "normalise limits leading", "40000")
    assert "须依次变好" in _said(at)
    at = _set(at, "text_input", "normalise limits leading", "10000")
    old = "normalise: {method: goalposts, worst: 30000, best: 10000.0}  # 示例"
    new = "normalise: {method: limits, binding: 30000, current: 20000, leading: 10000}  # 示例"
    assert _changes(at) == [f"- {old}", f"+ {new}"]


def test_rules_that_ask_for_an_indicator_are_named() -> None:
    """Their numbers stand elsewhere and do not follow what is changed here."""
    text = TEXT + "rules:\n  - {code: r, kind: penalty, when: per_head > 3, points: 1, name: {zh: 超支, en: Over}}\n"
    assert "这些规则也看它的值：超支。" in _said(_open(text))
    assert "这些规则" not in _said(_open(text, code="other"))


def test_pairs_are_written_one_a_line() -> None:
    """Steps and points are typed as pairs; what is no pair is refused."""
    at = _set(_open(), "selectbox", "normalise", "piecewise")
    at = _set(at, "text_area", "normalise piecewise points", "10000, 100\n20000")
    assert at.session_state["text"] == TEXT
    at = _set(at, "text_area", "normalise piecewise points", "10000, 100\n\n30000，1/3")
    assert "normalise: {method: piecewise, points: [[10000, 100], [30000, 1/3]]}  # 示例" in at.session_state["text"]
    assert next(field for field in at.text_area if field.key.endswith("points")).value == "10000, 100\n30000, 1/3"


def test_every_method_can_be_chosen() -> None:
    """Each model's fields are drawn from the model; none ends in an exception."""
    at = _open()
    for name, terms in (("normalise", NORMALISED), ("missing", MISSING_VALUES), ("outliers", OUTLIERS)):
        assert set(models(Indicator.model_fields[name].annotation)) == set(terms)
        for method in terms:
            at = _set(at, "selectbox", name, method)
    for name, method in (("normalise", "band"), ("missing", "constant"), ("outliers", "winsorise")):
        assert at.selectbox(key=f"f per_head {name}").value == method
    assert "还要填：最好区间、最差界限" in _said(at)


def test_a_broken_formula_is_said_and_kept_out_of_the_text() -> None:
    """The message stands beneath it; another field is written all the same, and mended the formula is too."""
    at = _set(_open(), "text_area", "formula", "cost / (staff")
    assert at.session_state["text"] == TEXT
    assert "没有对应的右括号" in _said(at)
    at = _set(at, "text_input", "owner", "机关局")
    assert _changes(at) == ["- owner: 财政处", "+ owner: 机关局"]
    at = _set(at, "text_area", "formula", "cost / (staff + staff)")
    assert "formula: cost / (staff + staff)   # 公式" in at.session_state["text"]


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("cost / staff", "公式得 万元/人，换算成“元/人”（× 10000）"),
        ("cost / area", "量纲不同"),
        ("cost / staf", "没有叫“staf”的变量、系数或指标。是否想写“staff”？"),
        ("cost + staff", "不能相加或比较"),
    ],
)
def test_the_formula_tells_its_unit(formula: str, words: str) -> None:
    """What it comes to against the declared unit, or what keeps it from that."""
    at = _set(_open(), "text_area", "formula", formula)
    assert words in _said(at)


def test_the_formula_is_typeset_by_names() -> None:
    """Beneath the field it stands as one reads it, with the names of what it uses."""
    at = _open(lang="en")
    assert r"\frac{\text{Cost}}{\text{Staff}}" in at.latex[0].value
    assert "<code>staff</code> Staff" in _said(at)


def test_an_indicator_moves_to_another_pillar() -> None:
    """Its leaf goes to the end of the other one with its weight; out of the tree it is only scored."""
    at = _set(_open(), "selectbox", "pillar", "space")
    assert _changes(at) == ["- - {indicator: per_head, weight: 3}  # 主", "+ - {indicator: per_head, weight: 3}"]
    assert "在“面积类”中的份额：75 %" in _said(at)
    at = _set(at, "selectbox", "pillar", "")
    assert _changes(at) == ["- - {indicator: per_head, weight: 3}  # 主"]


def test_the_share_follows_the_weight() -> None:
    """It is that of the definitions, as soon as they are those of the text."""
    at = _open()
    assert "在“费用类”中的份额：75 %" in _said(at)
    assert "在“费用类”中的份额：50 %" in _said(_set(at, "text_input", "weight", "1"))
    at = _set(at, "text_input", "weight", "0")
    assert "权重须大于 0" in _said(at)
    assert "per_head, weight: 1}" in at.session_state["text"]


@pytest.mark.parametrize(
    ("weights", "scored", "share", "words"),
    [
        ("declared", 0.1, "75 %", ""),
        ("equal", 0.1, "50 %", "按“等权”确定，这里填的数不起作用"),
        ("{ahp: [{by: 甲, matrix: [[1, 4], [1/4, 1]]}]}", 0.1, "80 %", "按“层次分析法”确定，这里填的数不起作用"),
        ("{budget: [{by: 甲, shares: [30, 70]}]}", 0.1, "30 %", "按“专家分配”确定，这里填的数不起作用"),
        ("{entropy: 2018}", 0.1, "10 %", "按“熵权法”确定，这里填的数不起作用"),
        ("{combine: [{of: declared}, {of: equal}]}", 0.1, "62.5 %", "按“组合赋权”确定，这里填的数只是其中一部分"),
    ],
)
def test_the_share_is_the_one_in_force(weights: str, scored: float, share: str, words: str) -> None:
    """By whatever method holds for the pillar, which is named; a weight without effect cannot be changed."""
    text = TEXT.replace("en: Money}\n", f"en: Money}}\n      weights: {weights}\n")
    at = _open(text, scored={"per_head": scored})
    assert f"在“费用类”中的份额：{share}" in _said(at)
    assert words in _said(at)
    assert ("这里填的数" in _said(at)) is bool(words)
    assert at.text_input(key="f per_head weight").disabled is ("不起作用" in words)


def test_a_mean_that_takes_no_weights_is_named() -> None:
    """The weight can be changed, for it counts in the coverage."""
    at = _open(TEXT.replace("en: Money}\n", "en: Money}\n      aggregate: minimum\n"))
    assert "“费用类”按“取最低”汇总：权重不影响得分，只影响覆盖率。" in _said(at)
    assert not at.text_input(key="f per_head weight").disabled
    assert "汇总" not in _said(_open())


def test_the_text_wins_where_it_changed_elsewhere() -> None:
    """What the editor says stands in the form at the next run; what a person left unwritten gives way."""
    at = _set(_open(), "text_area", "formula", "cost / (staff")
    at.session_state["text"] = TEXT.replace("cost / staff", "cost / area").replace("财政处", "机关局")
    at.run()
    assert next(field for field in at.text_area if field.key.endswith("formula")).value == "cost / area"
    assert next(field for field in at.text_input if field.key.endswith("owner")).value == "机关局"
    assert at.session_state["new"] is None


def test_it_works_while_the_text_has_errors_elsewhere() -> None:
    """The chosen indicator is edited; the error stays where it is."""
    broken = TEXT.replace("cost / area", "cost / nothing").replace("code: money", "code: 1")
    assert read(broken).definitions is None
    at = _set(_open(broken), "text_input", "owner", "机关局")
    assert _changes(at, broken) == ["- owner: 财政处", "+ owner: 机关局"]
    assert "份额在文本没有错误时显示" in _said(at)


def test_problems_stand_at_their_field() -> None:
    """What checking says of the indicator is said beneath what it is about."""
    at = _open(TEXT.replace("best: 10000.0", "best: 40000"))
    assert "第 15 行：better: lower 与 goalposts 的数值方向相反" in _said(at)


def test_no_choice_asks_in_english() -> None:
    """Streamlit's own words are English: every list to choose from has a placeholder of ours."""
    calls = [
        (file.name, node.lineno)
        for file in (Path(__file__).parent.parent / "pages").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") in ("selectbox", "multiselect")
        and "placeholder" not in {keyword.arg for keyword in node.keywords}
    ]
    assert calls == []


def test_a_text_that_cannot_be_read_has_no_form() -> None:
    """It says so; nothing is lost."""
    at = _open(TEXT + "x: [")
    assert "文本现在读不出来" in _said(at)
    assert not at.text_input


def test_what_cannot_be_rewritten_is_said() -> None:
    """A value that stands under an anchor is left, with the advice to edit the text."""
    anchored = TEXT.replace("owner: 财政处", "owner: &who 财政处").replace("area / staff", "area / staff, owner: *who")
    at = _set(_open(anchored), "text_input", "owner", "机关局")
    assert at.session_state["text"] == anchored
    assert "此处不能自动改写，文本没有改动" in _said(at)


def test_the_example_is_computed_on_request() -> None:
    """The formula's value in the declared unit and the score, by the same steps as checking."""
    at = _open()
    _press(at, "计算")
    assert "按公式得 25,000 元/人，得分 25" in _said(at)
    at = _set(_open(), "text_input", "given cost", "40")
    assert "按公式算得 20000" in _said(at)
    at = _open(code="other")
    for name, value in (("given area", "0"), ("given staff", "4")):
        at = _set(at, "text_input", name, value, "other")
    assert "都填了才写入文本" in _said(at)
    _press(at, "计算")
    assert "按公式得 0 m²/人" in _said(at)
    assert "score" not in at.session_state["text"].split("other:")[1]


def test_a_formula_in_a_ring_is_not_computed() -> None:
    """It leads back to itself, and is told."""
    at = _open(TEXT.replace("formula: cost / staff ", "formula: per_head "))
    _set(at, "text_input", "given per_head", "3")
    _press(at, "计算")
    assert "成环" in _said(at)


def _press(at: AppTest, label: str) -> None:
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception


def _new(at: AppTest, **fields: str) -> None:
    for name, value in fields.items():
        kind = at.selectbox if name in ("pillar", "better") else at.text_input
        next(field for field in kind if field.key == f"f new {name}").set_value(value).run()
    _press(at, "写入文本")


def test_a_new_indicator_is_valid_at_once() -> None:
    """Its entry and its leaf are written, and the form turns to it."""
    at = _open(code="+")
    _new(at, code="density", zh="人均面积", en="Area per head", formula="area / staff", pillar="space")
    assert read(at.session_state["text"]).definitions is not None
    assert _changes(at) == [
        "+ density:", "+ name: {zh: 人均面积, en: Area per head}", "+ unit: m2/person", "+ formula: area / staff",
        "+ better: higher", "+ normalise: {method: minmax}", "+ - {indicator: density, weight: 1}",
    ]  # fmt: skip
    assert at.selectbox(key="f indicator").value == "density"
    assert at.text_input(key="f density unit").value == "m2/person"


@pytest.mark.parametrize(
    ("formula", "unit"),
    [("cost / staff", "万元/person"), ("100 * area", "m2"), ("cost * per_head", "CNY2/person"), ("cost / cost", '"1"')],
)
def test_a_new_indicator_without_a_unit_has_that_of_its_formula(formula: str, unit: str) -> None:
    """Whatever size that has, the text is valid."""
    at = _open(code="+")
    _new(at, code="x1", zh="某", formula=formula)
    assert f"+ unit: {unit}" in _changes(at)
    assert read(at.session_state["text"]).definitions is not None


@pytest.mark.parametrize(
    ("weights", "words", "weighs"),
    [
        ("declared", ["在“费用类”中将占 33.3 %，原有各项合计占 66.7 %。", "2 是原有各项权重的中位数"], True),
        ("equal", ["在“费用类”中将占 33.3 %，原有各项合计占 66.7 %。", "按“等权”确定"], False),
        ("{ahp: [{by: 甲, matrix: [[1, 4], [1/4, 1]]}]}", ["专家还没有判断过新指标"], False),
        ("{entropy: 2018}", ["按“熵权法”确定"], False),
    ],
)
def test_what_a_new_indicator_will_count_is_said(weights: str, words: list[str], weighs: bool) -> None:
    """As soon as its pillar is chosen, by the method that holds there."""
    at = _open(TEXT.replace("en: Money}\n", f"en: Money}}\n      weights: {weights}\n"), code="+")
    at.selectbox(key="f new pillar").set_value("money").run()
    assert not at.exception
    assert [one for one in words if one not in _said(at)] == []
    assert ("将占" in _said(at)) is ("将占" in words[0])
    assert at.text_input(key="f new weight money").disabled is not weighs


def test_what_is_not_written_yet_outlives_a_text_that_cannot_be_read() -> None:
    """A formula half typed and a new indicator half filled in are there again once the text can be read."""
    at = _set(_open(), "text_area", "formula", "cost / (")
    for code in ("+", "per_head"):
        at.session_state["f chosen"] = code
        at.run()
        if code == "+":
            at.text_input(key="f new code").set_value("density").run()
            at.selectbox(key="f new pillar").set_value("money").run()
        at.session_state["text"] = TEXT.replace("title: {", "title: {{")
        at.run()
        at.session_state["text"] = TEXT
        at.run()
        assert not at.exception
        if code == "+":
            assert at.text_input(key="f new code").value == "density"
            assert at.selectbox(key="f new pillar").value == "money"
        else:
            assert at.text_area(key="f per_head formula").value == "cost / ("


def test_the_next_new_indicator_begins_empty() -> None:
    """What was written into the text is gone from the form for new ones."""
    at = _open(code="+")
    _new(at, code="density", zh="人均面积", formula="area / staff", pillar="space")
    at.selectbox(key="f indicator").set_value("+").run()
    assert not at.exception
    assert [at.text_input(key=f"f new {name}").value for name in ("code", "zh", "formula")] == ["", "", ""]
    assert at.selectbox(key="f new pillar").value == ""


def test_a_new_indicator_has_the_weight_that_was_chosen() -> None:
    """The median of its siblings' until a person says otherwise; what it comes to is said while it is typed."""
    at = _open(code="+")
    at.selectbox(key="f new pillar").set_value("money").run()
    at.text_input(key="f new weight money").set_value("1/2").run()
    assert "在“费用类”中将占 11.1 %，原有各项合计占 88.9 %。" in _said(at)
    assert "中位数" not in _said(at)
    _new(at, code="density", zh="人均面积", formula="area / staff")
    assert "+ - {indicator: density, weight: 1/2}" in _changes(at)
    assert "在“费用类”中的份额：11.1 %" in _said(at)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"code": "per_head"}, "代码“per_head”已在 indicators 中使用"),
        ({"code": "1a"}, "不合规则"),
        ({"code": "money"}, "已在 index 中使用"),
        ({"zh": ""}, "名称不能为空"),
        ({"formula": "area /"}, "公式没有写完"),
        ({"formula": "area > 1"}, "应是数值公式"),
        ({"formula": "are / staff"}, "没有叫“are”"),
        ({"unit": "kg"}, "量纲不同"),
        ({"pillar": "space", "weight space": "0"}, "权重须大于 0"),
        ({"pillar": "space", "weight space": "多"}, "“权重”的值不可用"),
    ],
)
def test_what_keeps_a_new_indicator_from_being_valid_is_said(fields: dict[str, str], words: str) -> None:
    """Nothing is written before it is mended."""
    at = _open(code="+")
    _new(at, **{"code": "density", "zh": "人均面积", "formula": "area / staff", **fields})
    assert words in _said(at)
    assert at.session_state["text"] == TEXT


def _remove(at: AppTest, code: str) -> AppTest:
    return _set(at, "toggle", "remove", True, code)


def test_an_indicator_is_removed_with_its_place_in_the_tree() -> None:
    """Not before it is confirmed; the rest keeps its order and comments, and the form shows another one."""
    at = _remove(_open(), "per_head")
    assert at.session_state["text"] == TEXT
    _press(at, "删除“人均费用”")
    assert read(at.session_state["text"]).definitions is not None
    gone = TEXT[TEXT.index("  per_head:") : TEXT.index("  per_area:")]
    assert at.session_state["text"] == TEXT.replace(gone, "").replace(
        "        - {indicator: per_head, weight: 3}  # 主\n", ""
    )
    assert at.selectbox(key="f indicator").value == "per_area"


def test_where_one_was_another_is_shown() -> None:
    """The next after one that is removed, the last at the end, and the same one where only its code is another."""
    at = _remove(_open(code="per_area"), "per_area")
    _press(at, "删除“单位面积费用”")
    assert at.selectbox(key="f indicator").value == "other"
    at.session_state["text"] = at.session_state["text"].replace("other", "another")
    assert at.run().selectbox(key="f indicator").value == "another"
    _press(_remove(at, "another"), "删除“其他”")
    assert at.selectbox(key="f indicator").value == "per_head"


def test_what_would_miss_an_indicator_is_said_before_it_goes() -> None:
    """Formulas, rules, tie-breaks and the pillar that would be empty; what is wrong already is not blamed on it."""
    text = TEXT.replace("title:", "tie_breaks: [other]\ntitle:").replace("formula: cost / area", "formula: nothing")
    text += "rules:\n  - {code: r, kind: penalty, when: other > 3, points: 1, name: {zh: 超面积, en: Over}}\n"
    at = _remove(_open(text, code="other"), "other")
    said = _said(at).partition("删除后，文本会有下面的问题")[2]
    assert "tie_breaks" in said
    assert "“space”没有下级" in said
    assert "“超面积”：没有叫“other”" in said
    assert "nothing" not in said
    at = _remove(_open(code="per_head"), "per_head")
    assert "没有别的地方用到它" in _said(at)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  # 甲\n  a: {}\n\n  # 乙\n  b: {}\n\n  # 丙\n  c: {}\n", "  # 甲\n  a: {}\n\n  # 丙\n  c: {}\n"),
        ("  a: {}\n  # 两行\n  # 乙\n  b: {}\n  # 丙\n  c: {}\n", "  a: {}\n  # 丙\n  c: {}\n"),
        ("  a: {}\n  # 一组\n  b: {}\n  c: {}\n", "  a: {}\n  # 一组\n  c: {}\n"),
        ("  a: {}\n# 左\n  # 乙\n  b: {}  # 旁\n# 尾\n", "  a: {}\n# 左\n# 尾\n"),
    ],
)
def test_comments_over_what_is_removed_go_with_it(before: str, after: str) -> None:
    """Unless another indicator follows right below: then they may speak of a group."""
    assert without(f"x: 1\r\nindicators:\n{before}", "b") == f"x: 1\r\nindicators:\n{after}"
