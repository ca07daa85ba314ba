"""What reports say is so: of numbers that stand in for others, of ties, of rules that take nothing, of other trees."""

import polars as pl
import pytest

from metrics.areas import area
from metrics.export import FORMATS
from metrics.export.occasion import Occasion
from metrics.manual.blocks import Bars, Block, Bullets, Figures, Heading, Paragraph, Ranges, Report, Table
from metrics.notice import Terms, notice
from metrics.reader import read
from metrics.report import ask, report
from metrics.report.sentences import MOST, apart, leading, strong_and_weak
from metrics.scorecard import Scorecard, score
from metrics.shown import coverage, points
from tests.test_report import FILE, REGIONS, _card, _facts, _of, _under

FLAT = """\
schema: 1
title: {zh: 平评, en: Flat}
variables: {x: {name: {zh: 甲数, en: X}, unit: "1", over_sites: sum}, y: {name: {zh: 乙数, en: Y}, unit: "1"}}
indicators:
  one: {name: {zh: 指标甲, en: One}, unit: "1", formula: x, better: higher, %s
    normalise: {method: goalposts, worst: 0, best: 100}}
  two: {name: {zh: 指标乙, en: Two}, unit: "1", formula: y, better: higher,
    normalise: {method: goalposts, worst: 0, best: 100}}
  spare: {name: {zh: 备用, en: Spare}, unit: "1", formula: y * 2, better: higher,
    normalise: {method: goalposts, worst: 0, best: 100}}
index: {code: all, name: {zh: 综合, en: Composite}, min_coverage: 0, %s
  children: [{indicator: one}, {indicator: two}]}
robustness: {trials: %s, seed: 1, weights: {spread: 0.25}}
"""


def _flat(
    values: dict[str, tuple[float | None, float | None]],
    *,
    more: str = "",
    root: str = "",
    trials: int = 20,
    end: str = "",
) -> Scorecard:
    found = read(FLAT % (more, root, trials) + end)
    assert found.definitions is not None, [problem.render("", "en") for problem in found.problems]
    rows = [
        (region, "2024", code, value)
        for region, pair in values.items()
        for code, value in zip("xy", pair, strict=True)
        if value is not None
    ]
    facts = pl.DataFrame(rows, schema=["region", "period", "variable", "value"], orient="row")
    names = pl.DataFrame({"code": list(values), "name_zh": [f"区{code}" for code in values]})
    return score(found.definitions, facts, regions=names.with_columns(name_en=pl.col("code")))


def _texts(made: Report) -> list[str]:
    return [block.text for block in _of(made, Paragraph)]  # type: ignore[attr-defined]


def _figures(made: Report) -> dict[str, tuple[str, str]]:
    (found,) = _of(made, Figures)
    return {item.name: (item.value, item.note) for item in found.items}  # type: ignore[attr-defined]


def _column(made: Report, head: str) -> list[str]:
    """A column of the first table that has it."""
    table: Block = next(block for block in _of(made, Table) if head in block.heads)  # type: ignore[attr-defined]
    return [row[table.heads.index(head)] for row in table.rows]  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", ["pdf", "html", "md"])
def test_a_tree_without_pillars_is_reported(form: str) -> None:
    """In each format: no heading stands below one that is not there."""
    card = _flat({"a": (10, 20), "b": (30, 40)})
    assert FORMATS[form](card, regions=["a"])
    levels = [block.level for block in _of(report(card, regions=["a"]), Heading)]  # type: ignore[attr-defined]
    assert levels[0] == 1


def test_an_indicator_outside_the_tree_counts_for_nothing() -> None:
    """It stands in the table as what it is, and neither the count of indicators nor what is missing speaks of it."""
    made = report(_flat({"a": (10, None), "b": (30, 40)}), regions=["a"])
    assert _figures(made)["覆盖率"] == ("50 %", "2 项指标中 1 项有得分")
    assert [text for text in _texts(made) if text.startswith("1 项指标没有数值。")]
    table = next(block for block in _of(made, Table) if block.depths)  # type: ignore[attr-defined]
    assert [row[0] for row in table.rows][-1] == "备用（不计入综合得分）"  # type: ignore[attr-defined]
    assert table.depths == (0, -1, -1, -1)  # type: ignore[attr-defined]


def test_imputed_numbers_are_told_as_imputed() -> None:
    """With what is scored and how it was made; they are no strength, nobody learns from them, and no region that has
    one is complete."""
    card = _flat({"a": (None, 20), "b": (30, 40), "c": (80, 30)}, more="missing: mean,")
    made = report(card, regions=["a"])
    assert _texts(made)[0].endswith("覆盖率 100 %（其中插补 50 %）。")
    assert _figures(made)["覆盖率"][1] == "2 项指标中 2 项有得分，其中插补 1 项"
    at = made.blocks.index(Heading(2, "缺项"))
    assert made.blocks[at + 1] == Paragraph("1 项指标没有数值、按插补值计分。")
    assert made.blocks[at + 2] == Bullets(("指标甲：以平均数补，按 55.0 计分",))
    assert "指标甲（插补值；按 55.0 计分）" in _column(made, "名称")
    assert _under(made, "强项") == Bullets(("没有高于中位数的指标",))
    together = report(card)
    assert _figures(together)["数据齐全的地区"][0] == "2"
    assert _column(together, "其中插补") == ["", "50 %", ""]
    assert _column(together, "地区数") == ["3", "3（插补 1）", "3", "3"]


def test_nobody_is_told_to_learn_from_an_imputed_number() -> None:
    """The best of a group is the best with a value of its own."""
    card = _flat({"a": (10, 20), "b": (None, 40), "c": (30, 30)}, more="missing: {method: constant, value: 90},")
    weak = _under(report(card, regions=["a"]), "弱项")
    assert isinstance(weak, Bullets)
    assert [line.rpartition("；")[2] for line in weak.items] == ["可学区c（30.0）", "可学区b（40.0）"]


def test_a_winsorised_value_stands_with_the_one_that_is_scored() -> None:
    """In the table and among the strengths."""
    values = {code: (float(x), 10.0) for code, x in zip("abcdefgh", (1, 2, 3, 4, 5, 6, 7, 900), strict=True)}
    made = report(_flat(values, more="outliers: {method: winsorise},"), regions=["h"])
    assert "指标甲（已作离群值处理；按 7.00 计分）" in _column(made, "名称")
    strong = _under(made, "强项")
    assert isinstance(strong, Bullets)
    assert strong.items[0].startswith("指标甲：900（按 7.00 计分），7.0 分")


def test_what_has_a_value_but_no_score_is_missing_too() -> None:
    """Values without a score and those that are not there make up what the count of scores leaves over."""
    flat = "missing: none, peers: kind,".replace("peers: kind,", "")
    card = _flat({"a": (10, 20), "b": (10, None)}, more=flat, end="")
    text = FLAT.replace("normalise: {method: goalposts, worst: 0, best: 100}}\n  two", "normalise: minmax}\n  two")
    found = read(text % (flat, "", 20))
    assert found.definitions is not None
    made = report(score(found.definitions, card.facts, regions=card.regions.drop("compared")), regions=["b"])
    assert _figures(made)["覆盖率"][1] == "2 项指标中 0 项有得分"
    at = made.blocks.index(Heading(2, "缺项"))
    assert made.blocks[at + 1].text.startswith("1 项指标没有数值，1 项指标有数值而没有得分。")  # type: ignore[union-attr]
    assert made.blocks[at + 2] == Bullets(("指标乙：未报", "指标甲：各地区数值相同，无法归一化"))


def test_a_division_by_zero_says_what_is_zero() -> None:
    """By name: one who has no such floor area finds that it is that."""
    rows = _facts().with_columns(
        value=pl.when((pl.col("region") == "b") & (pl.col("variable") == "area")).then(0.0).otherwise("value")
    )
    made = report(score(_card().definitions, rows, regions=REGIONS), regions=["b"])
    assert made.blocks[made.blocks.index(Heading(2, "缺项")) + 2] == Bullets(("单位面积电耗：分母为零（面积为 0）",))


def test_a_pillar_without_a_score_is_named_and_the_change_says_so() -> None:
    """In the sentence about pillars, and beside the change on a cycle that had it."""
    made = report(_card(without=(("b", "2024", "staff"),)), regions=["b"])
    first, second = _texts(made)[:2]
    assert "（乙维上期有得分、本期没有）" in first
    assert second == "乙维没有得分。"


def test_pillars_at_the_median_lead_nowhere() -> None:
    """All at it, one at it, all below or above, and strong and weak; one without a score makes it those that have."""
    cases = {
        (0.0, 0.01): "各维度都与中位数持平",
        (0.0, 3.0): "各维度都不低于中位数，甲与中位数持平",
        (0.0, -3.0): "各维度都不高于中位数，甲与中位数持平",
        (1.0, 3.0): "各维度都不低于中位数，领先最少的是甲",
        (-1.0, -3.0): "各维度都不高于中位数，落后最少的是甲",
        (2.0, -3.0): "强在甲，弱在乙",
        (0.0, 3.0, None): "有得分的维度都不低于中位数，甲与中位数持平；丙没有得分",
    }
    for gaps, words in cases.items():
        rows = pl.DataFrame({"name": list("甲乙丙")[: len(gaps)], "score": gaps, "score_gap": gaps}, strict=False)
        assert apart(rows, "中位数", "zh") == words


def test_those_who_lead_together_are_all_named() -> None:
    """Three by name; in an area of regions alike nobody leads alone."""
    assert leading(["甲"], 80.0, "zh") == "甲居首（80.0）"
    assert leading(["甲", "乙"], 80.0, "zh") == "甲、乙并列居首（80.0）"
    assert leading(list("甲乙丙丁"), 80.0, "zh") == "甲、乙、丙等 4 个地区并列居首（80.0）"
    assert "区a、区b并列居首" in _texts(report(_flat({"a": (10, 20), "b": (10, 20), "c": (1, 1)})))[0]


def test_a_difference_that_cannot_be_read_is_no_strength() -> None:
    """Nor what rounds to the median; and scores that are places come after those that are distances."""
    card = _flat({"a": (10.03, 60), "b": (10, 50), "c": (10, 40)})
    rows = report(card, regions=["a"])
    strong = _under(rows, "强项")
    assert isinstance(strong, Bullets)
    assert [line.partition("：")[0] for line in strong.items] == ["指标乙"]
    text = (FLAT % ("", "", 20)).replace("goalposts, worst: 0, best: 100", "percentile_rank", 1)
    definitions = read(text).definitions
    assert definitions is not None
    gaps = pl.DataFrame(
        {"code": ["one", "two"], "level": "indicator", "value": 1.0, "parent": "all", "score_gap": [50.0, 1.0]}
    )
    assert strong_and_weak(gaps, definitions)[0]["code"].to_list() == ["two", "one"]
    assert MOST == 3


def test_a_veto_is_told_as_a_cause_only_where_it_is_one() -> None:
    """Beside the grade it lowered, with the one it would have been; where the score has that grade anyhow, as idle."""
    card = _card(FILE.replace("per_area > 25", "per_area > 12"))
    lowered, idle = report(card, regions=["b"]), report(card, regions=["c"])
    assert _figures(lowered)["等级"] == ("差", "一票否决，否则为优")
    assert _figures(idle)["等级"] == ("差", "")
    made = report(card)
    assert _column(made, "等级") == ["优", "差（一票否决）", "差（一票否决）", "差"]
    limits = _under(made, "否决、门槛、加分与扣分")
    assert isinstance(limits, Bullets)
    assert limits.items[0] == "一票否决：超限：乙地、丁地、丙地（未降等）"


def test_capped_bonuses_add_up() -> None:
    """The cap, and the composite before and after: 37 and twice 4 up to 3 more, 1 off, are 39."""
    end = """\
bonus_cap: 3
rules:
  - {code: p, kind: bonus, when: one > 0, points: 4}
  - {code: q, kind: bonus, when: two > 0, points: 4}
  - {code: r, kind: penalty, when: one > 1, points: 1}
"""
    made = report(_flat({"a": (37, 37), "b": (1, 1)}, end=end), regions=["a"])
    assert "加减分之前综合得分 37.0，之后 39.0。各项加分合计不超过 3 分。" in _texts(made)
    acted = _under(report(_flat({"a": (37, 37), "b": (1, 1)}, end=end)), "否决、门槛、加分与扣分")
    assert isinstance(acted, Bullets)
    assert acted.items[-1] == "各项加分合计不超过 3 分。"
    assert "限于 0 至 100 分" in repr(report(_flat({"a": (99, 99)}, end=end), regions=["a"]))


def test_earlier_cycles_scored_again_are_told_so(card: Scorecard) -> None:
    """Where a series has its cycles from several definitions, spread and convergence are of the present ones only."""
    other = _card(FILE.replace("worst: 30, best: 10", "worst: 40, best: 10"))
    told = "离散与趋同各期均按本期定义重算"
    assert told in repr(report(card, series={"2023": other, "2024": card}))
    assert told not in repr(report(card, series={"2023": card, "2024": card}))


@pytest.fixture(scope="module")
def card() -> Scorecard:
    """Four regions in two cycles."""
    return _card()


def test_an_area_nobody_of_which_is_compared_is_told_as_it_is() -> None:
    """Where provinces are compared, two cities: their mean, and no rank, and nobody leads."""
    levels = {"p": "province", "a": "city", "b": "city", "c": "city", "d": "city"}
    regions = REGIONS.with_columns(level=pl.col("code").replace_strict(levels))
    definitions = read(FILE.replace("schema: 1", "schema: 1\ncompare: province")).definitions
    assert definitions is not None
    card = score(definitions, _facts(), regions=regions)
    made = report(card, regions=["a", "b"])
    mean = sum(card.composite_of(code, "2024")["score"] for code in "ab") / 2
    assert f"甲地、乙地综合得分平均 {points(mean)}" in _texts(made)[0]
    assert "居首" not in repr(made)
    whole = area(card, ["a", "b"]).filter(pl.col("code") == "per_area", pl.col("period") == "2024")
    assert whole["value"].to_list() == [pytest.approx((1050 + 1500) / 200)]


def test_all_who_moved_are_counted() -> None:
    """Three rises and three falls by name, those alike by code; how many others moved."""
    before, now = list("abcdefghij"), list("cdefghijab")
    rows = [
        (code, period, variable, float(20 - place))
        for period, order in (("2023", before), ("2024", now))
        for place, code in enumerate(order)
        for variable in "xy"
    ]
    text = FLAT % ("", "", 20)
    definitions = read(text).definitions
    assert definitions is not None
    facts = pl.DataFrame(rows, schema=["region", "period", "variable", "value"], orient="row")
    moves = _under(report(score(definitions, facts)), "较上期的名次变动")
    assert isinstance(moves, Bullets)
    assert [line[0] for line in moves.items] == ["c", "d", "e", "a", "b", "其"]
    assert moves.items[-1] == "其余 5 个上升"


def test_few_trials_are_told_as_few() -> None:
    """An interval of a handful of trials does not pass for one."""
    few, many = (report(_flat({"a": (10, 20), "b": (30, 40)}, trials=n), regions=["a"]) for n in (2, 100))
    assert _figures(few)["排名"][1].endswith("次数太少，只供试算")
    assert "只供试算" not in repr(many)


def test_names_that_repeat_stand_with_their_codes() -> None:
    """In the title and in the ranking; others stand as they are."""
    names = {"p": "全省", "a": "鼓楼区", "b": "鼓楼区", "c": "丙地", "d": "丁地"}
    regions = REGIONS.with_columns(name_zh=pl.col("code").replace_strict(names))
    card = score(_card().definitions, _facts(), regions=regions)
    assert report(card, regions=["a"]).title == "鼓楼区（a）"
    assert _column(report(card), "地区") == ["鼓楼区（a）", "鼓楼区（b）", "丁地", "丙地"]


def test_the_last_cycle_is_meant_in_whatever_order(card: Scorecard) -> None:
    """Of several cycles the report is of the latest."""
    assert "2024 年" in report(card, regions=["b"], periods=["2024", "2023"]).kind


@pytest.mark.parametrize(
    ("root", "words"),
    [
        ("aggregate: minimum,", "得分汇总（取最低，不用权重），逐级到综合得分；没有得分的下级不计入，覆盖率"),
        ("aggregate: median,", "得分按权重汇总，逐级到综合得分；没有得分的下级不计入，其权重由其余分摊，覆盖率"),
    ],
)
def test_the_method_is_told_as_it_is(root: str, words: str) -> None:
    """A mean that no weight moves is not told as weighted."""
    assert words in repr(report(_flat({"a": (10, 20), "b": (30, 40)}, root=root)))


def test_shares_of_the_variance_come_to_all_of_it() -> None:
    """With what rules add; a part that one lacks holds nobody apart, and one that nobody has, has no share."""
    end = "rules: [{code: p, kind: bonus, when: two > 50, points: 4}]\n"
    pillared = FILE.partition("rules:")[0] + "rules: [{code: p, kind: bonus, when: per_area < 12, points: 4}]\n"
    lack = tuple((code, period, "staff") for code in "abcd" for period in ("2023", "2024"))
    bars = _of(report(_card(pillared, without=lack)), Bars)[0]
    told = {row.name: row.words for row in bars.rows}  # type: ignore[attr-defined]
    assert told["乙维"] == "—"
    assert "加分与扣分" in told
    assert sum(row.value or 0.0 for row in bars.rows) == pytest.approx(1.0)  # type: ignore[attr-defined]
    made = report(_flat({"a": (50, 90), "b": (45, None), "c": (10, 60)}, end=end))
    assert "；各地区都有得分的指标中拉开差距最多的是指标甲（" in repr(made)


def test_an_area_says_why_it_has_no_number() -> None:
    """A value that cannot be made, and one that there was none of in the cycle before."""
    made = report(_card(without=(("b", "2023", "staff"),)))
    assert _column(made, "较上期")[0] != ""
    table = next(block for block in _of(made, Table) if "平均得分" in block.heads)  # type: ignore[attr-defined]
    lines = {row[0]: row for row in table.rows}  # type: ignore[attr-defined]
    assert lines["人均电耗"][3] == "上期没有"
    now = report(_card(without=(("b", "2024", "staff"),)))
    assert any("人均电耗（有下级地区未报）" in row[0] for block in _of(now, Table) for row in block.rows)  # type: ignore[attr-defined]


def test_what_rounds_to_all_is_not_all() -> None:
    """A coverage below 1 never reads 100 %; a score that rounds to nothing has no sign."""
    assert [coverage(value) for value in (1.0, 0.9997, 0.985, 2 / 3, None)] == [
        "100 %",
        "99.9 %",
        "98.5 %",
        "66.7 %",
        "—",
    ]
    assert [points(value) for value in (-0.04, -0.06, None)] == ["0.0", "−0.1", "—"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("regions", [["b"], None])
def test_nothing_reads_as_for_programmers(card: Scorecard, regions: list[str] | None, lang: str) -> None:
    """No key of the definitions, no raw time, no space before a mark; a month stands as well as a year."""
    made = report(card, regions=regions, lang=lang, occasion=Occasion(made="2026-11-28T11:00:00+08:00"))
    assert "robustness" not in repr(made)
    assert "2026-11-28 03:00" in repr(made)
    assert " ；" not in repr(made)
    assert [block for block in _of(made, Ranges) if " ；" in block.caption] == []  # type: ignore[attr-defined]


def test_who_came_or_left_is_no_change_of_the_others() -> None:
    """The mean's change is of the regions scored in both cycles, and says how many where there are others; a place is
    told out of how many, where they were not as many."""
    left, came = (_card(without=(("a", cycle, "power"),)) for cycle in ("2024", "2023"))
    for card in (left, came):
        both = [[card.composite_of(code, cycle)["score"] for cycle in ("2023", "2024")] for code in "bcd"]
        change = sum(now - before for before, now in both) / 3
        row = area(card, ["p"]).filter(pl.col("code") == "all", pl.col("period") == "2024").row(0, named=True)
        assert (row["score_change"], row["n_both"]) == (pytest.approx(change), 3)
        told = f"按两期都有得分的 3 个地区较上期 +{points(change)}"
        assert told in _texts(report(card))[0]
        assert _figures(report(card))["综合得分平均"][1] == told
        asked = ask(card, "2024", lang="zh", notice="", series=None, occasion=None)
        assert f"，{told}" in notice(asked, Terms())
        assert f"+{points(change)} on last cycle over the 3 regions scored in both" in repr(report(card, lang="en"))
    assert "乙地升 2 位（3 / 4 → 1 / 3）" in _texts(report(left))[0]
    moves = _under(report(left), "较上期的名次变动")
    assert isinstance(moves, Bullets)
    assert moves.items[1].startswith("丙地：升 1 位（4 / 4 → 3 / 3）")
    assert _column(report(left), "名次变化") == ["原 3 / 4", "原 2 / 4", "原 4 / 4", ""]
    assert "Beta rose 2 in rank (3 / 4 → 1 / 3)" in repr(report(left, lang="en"))


def test_where_the_same_are_scored_in_both_cycles_nothing_is_said_of_it(card: Scorecard) -> None:
    """Neither of the mean's change nor of a place; nor of a cycle that has none before it."""
    assert area(card, ["p"])["n_both"].null_count() == area(card, ["p"]).height
    assert "两期都有" not in _texts(report(card))[0]
    assert "→" not in repr(_under(report(card), "较上期的名次变动"))
