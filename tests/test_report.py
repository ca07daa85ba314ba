"""Reports: what stands in them is the scorecard's, in words that say what is known and what is not."""

from dataclasses import replace

import polars as pl
import pytest

from metrics.export.occasion import Occasion
from metrics.manual.blocks import Block, Bullets, Figures, Heading, Pairs, Paragraph, Ranges, Report, Table
from metrics.notice import Terms, notice
from metrics.problems import InputError
from metrics.reader import read
from metrics.report import ask, report
from metrics.robustness import analyse
from metrics.scorecard import Scorecard, score
from metrics.shown import between, points, quantity, rank, share

FILE = """\
schema: 1
title: {zh: 试评, en: Trial}
variables:
  power: {name: {zh: 用电量, en: Electricity}, unit: kWh}
  area: {name: {zh: 面积, en: Area}, unit: m2}
  staff: {name: {zh: 人数, en: Staff}, unit: person}
indicators:
  per_area: {name: {zh: 单位面积电耗, en: Electricity per area}, unit: kWh/m2, formula: power / area, better: lower,
    normalise: {method: goalposts, worst: 30, best: 10}}
  per_head: {name: {zh: 人均电耗, en: Electricity per head}, unit: kWh/person, formula: power / staff, better: lower,
    normalise: {method: goalposts, worst: 300, best: 100}}
index: {code: all, name: {zh: 综合, en: Composite}, min_coverage: 0.4, children: [
  {code: one, name: {zh: 甲维, en: One}, weight: 1, children: [{indicator: per_area}]},
  {code: two, name: {zh: 乙维, en: Two}, weight: 1, min_coverage: 0, children: [{indicator: per_head}]}]}
grades: [{code: good, name: {zh: 优, en: Good}, at_least: 60}, {code: poor, name: {zh: 差, en: Poor}}]
rules:
  - {code: over, kind: veto, when: per_area > 25, cap: poor, name: {zh: 超限, en: Over the limit}, source: 标准甲}
  - {code: model, kind: bonus, when: per_head < 110, points: 2, name: {zh: 示范, en: Model}}
  - {code: withheld, kind: gate, when: reported_share < 0.5, name: {zh: 缺报过多, en: Too little reported}}
robustness: {trials: 50, seed: 1, weights: {spread: 0.25}}
"""
POWER = {"a": (1100, 1050), "b": (2000, 1500), "c": (2700, 2600), "d": (1500, 1700)}


def _facts(*, without: tuple[tuple[str, str, str], ...] = ()) -> pl.DataFrame:
    rows = [
        (region, period, code, float(value))
        for region, both in POWER.items()
        for period, power in zip(("2023", "2024"), both, strict=True)
        for code, value in (("power", power), ("area", 100), ("staff", 10))
    ]
    kept = [row for row in rows if row[:3] not in without]
    return pl.DataFrame(kept, schema=["region", "period", "variable", "value"], orient="row")


REGIONS = pl.DataFrame(
    {
        "code": ["p", "a", "b", "c", "d"],
        "name_zh": ["全省", "甲地", "乙地", "丙地", "丁地"],
        "name_en": ["Province", "Alpha", "Beta", "Gamma", "Delta"],
        "parent": [None, "p", "p", "p", "p"],
    }
)


def _card(text: str = FILE, **asked: tuple[tuple[str, str, str], ...]) -> Scorecard:
    found = read(text)
    assert found.definitions is not None, [problem.render("", "en") for problem in found.problems]
    return score(found.definitions, _facts(**asked), regions=REGIONS)


@pytest.fixture(scope="module")
def card() -> Scorecard:
    """Four regions in two cycles: one vetoed, one with a bonus."""
    return _card()


def _of(made: Report, kind: type[Block]) -> list[Block]:
    return [block for block in made.blocks if isinstance(block, kind)]


def _under(made: Report, head: str) -> Block:
    """The block after a heading."""
    at = next(at for at, block in enumerate(made.blocks) if isinstance(block, Heading) and block.text == head)
    return made.blocks[at + 1]


def _text(made: Report) -> str:
    return repr(made)


def test_a_region_is_told_by_its_own_numbers(demonstration: Scorecard) -> None:
    """The first sentence, the headline numbers and every row of the table are the scorecard's, rounded as on pages."""
    made = report(demonstration, regions=["930200"], periods=["2024"])
    rows = demonstration.frame.filter(pl.col("region") == "930200", pl.col("period") == "2024")
    root = rows.row(0, named=True)
    ranked = demonstration.frame.filter(pl.col("period") == "2024", pl.col("code") == root["code"])["rank"].count()
    (lead, *_), (figures,) = _of(made, Paragraph), _of(made, Figures)
    place = rank(root["rank"], ranked)
    for told in (points(root["score"]), place, share(root["coverage"]), "瑶津市", "2024 年"):
        assert told in lead.text
    assert [item.value for item in figures.items][:2] == [points(root["score"]), place]
    table = next(block for block in _of(made, Table) if "指标值" in block.heads)
    at = {head: table.heads.index(head) for head in ("指标值", "得分")}
    assert len(table.rows) == rows.height
    for line, row in zip(table.rows, rows.iter_rows(named=True), strict=True):
        unit = demonstration.definitions.unit_of(row["code"])
        assert line[at["得分"]] == points(row["score"])
        assert line[at["指标值"]] == (quantity(row["value"], unit, "zh") if row["level"] == "indicator" else "")


def test_a_rank_stands_with_the_interval_of_the_trials(card: Scorecard) -> None:
    """The interval is that of `robustness.analyse`; where nothing can be drawn the report does without."""
    now = analyse(card).ranks.filter(pl.col("period") == "2024", pl.col("region") == "b").row(0, named=True)
    assert f"2 / 4 {between(now)}" in _text(report(card, regions=["b"]))
    unknown = _card(FILE.replace("weights: {spread: 0.25}", "frame: ['2010']"))
    made = _of(report(unknown, regions=["b"]), Paragraph)[0]
    assert "排名 2 / 4，" in made.text


def test_change_is_on_the_cycle_before_whoever_scored_it(card: Scorecard) -> None:
    """In a series it is that on what the earlier cycle was scored, not on what today's definitions make of it."""
    other = _card(FILE.replace("worst: 30, best: 10", "worst: 40, best: 10"))
    made = report(card, regions=["b"], series={"2023": other, "2024": card})
    before, now = other.composite_of("b", "2023")["score"], card.composite_of("b", "2024")["score"]
    assert f"较上期 +{points(now - before)}" in _of(made, Paragraph)[0].text
    told = "（上期按另一版指标定义评分，差别含定义的改变）"
    area = report(card, series={"2023": other, "2024": card})
    assert [told in _of(one, Paragraph)[0].text for one in (made, area)] == [True, True]
    assert told not in _text(report(card, regions=["b"], series={"2023": card, "2024": card}))
    assert before != card.composite_of("b", "2023")["score"]
    assert f"较上期 +{points(now - card.composite_of('b', '2023')['score'])}" in _text(report(card, regions=["b"]))


def test_later_cycles_are_not_told(card: Scorecard) -> None:
    """The report of an earlier cycle knows nothing of what came after it."""
    made = report(card, regions=["b"], periods=["2023"])
    assert "2023 年" in made.kind
    assert points(card.composite_of("b", "2024")["score"]) not in _text(made)


def test_rules_that_acted_are_told_with_what_they_did(card: Scorecard) -> None:
    """A veto and a bonus by name, condition, effect and source; none where none was met."""
    vetoed = _under(report(card, regions=["c"]), "否决、门槛、加分与扣分")
    assert isinstance(vetoed, Table)
    follows = "一票否决：等级最高为“差”（触发，未降等）"
    assert vetoed.rows == (("超限", "单位面积电耗 > 25", follows, "标准甲"),)
    rewarded = _under(report(card, regions=["a"], lang="en"), "Vetoes, gates and points")
    assert isinstance(rewarded, Table)
    assert rewarded.rows[0][:3] == ("Model", "Electricity per head < 110", "bonus: 2 points more")
    assert _under(report(card, regions=["b"]), "否决、门槛、加分与扣分") == Paragraph("没有触发任何规则。")


def test_what_is_missing_stays_missing() -> None:
    """An indicator without a value is named, with the reason; coverage stands beside the score; a gate leaves none."""
    lack = (("b", "2024", "staff"),)
    made = report(_card(without=lack), regions=["b"])
    at = made.blocks.index(Heading(2, "缺项"))
    assert made.blocks[at + 1] == Paragraph("1 项指标没有数值。没有得分的不按零计；“不适用”的不影响覆盖率。")
    assert made.blocks[at + 2] == Bullets(("人均电耗：未报",))
    assert "覆盖率 50 %" in _of(made, Paragraph)[0].text
    gate = FILE.replace("reported_share < 0.5", "reported_share < 0.6")
    gated = report(_card(gate, without=lack), regions=["b"])
    assert _of(gated, Paragraph)[0].text == "乙地 2024 年没有综合得分（门槛：缺报过多），覆盖率 50 %。"


def test_strong_and_weak_are_those_furthest_from_the_median(card: Scorecard) -> None:
    """The best is above the median in all and learns from nobody; the last is told from whom to learn."""
    best, last = report(card, regions=["a"]), report(card, regions=["c"])
    assert _under(best, "弱项") == Bullets(("没有低于中位数的指标",))
    weak = _under(last, "弱项")
    assert isinstance(weak, Bullets)
    assert all("可学甲地（" in line for line in weak.items)
    assert _of(last, Ranges)[0].rows[0].low == pytest.approx(20.0)


def test_a_region_above_the_compared_ones_has_no_rank(card: Scorecard) -> None:
    """A province is scored on the same frame, and told as not ranked."""
    (figures,) = _of(report(card, regions=["p"]), Figures)
    assert [(item.value, item.note) for item in figures.items][1] == ("—", "不参加排名")


def test_an_area_is_ranked_with_intervals_grades_and_tiers(card: Scorecard) -> None:
    """Every compared region by rank; intervals and tiers are those of the trials, means those of the area."""
    made = report(card, lang="en")
    table = _of(made, Table)[0]
    standing = analyse(card).standing.filter(pl.col("period") == "2024")
    told = {row["region"]: row for row in standing.iter_rows(named=True)}
    assert [row[2] for row in table.rows] == ["Alpha", "Beta", "Delta", "Gamma"]
    assert [row[1] for row in table.rows] == [between(told[code]) for code in "abdc"]
    assert [row[7] for row in table.rows] == [str(told[code]["tier"]) for code in "abdc"]
    mean = card.frame.filter(pl.col("period") == "2024", pl.col("region").is_in(list("abcd")), pl.col("code") == "all")
    assert f"mean composite score {points(mean['score'].mean())}" in _of(made, Paragraph)[0].text  # type: ignore[arg-type]
    assert made.title == "All regions compared"


def test_an_area_says_who_moved_and_over_which_limit(card: Scorecard) -> None:
    """Rises first, then falls, whoever rose and fell most in the first sentence; rules with the regions they met."""
    made = report(card)
    assert _of(made, Paragraph)[0].text.endswith("；乙地升 1 位；丁地降 1 位。")  # type: ignore[arg-type]
    moves, limits = _under(made, "较上期的名次变动"), _under(made, "否决、门槛、加分与扣分")
    assert isinstance(moves, Bullets)
    assert [line.split("，")[0] for line in moves.items] == ["乙地：升 1 位", "丁地：降 1 位"]
    assert limits == Bullets(("一票否决：超限：丙地（未降等）", "加 2 分：示范：甲地"))


def test_a_notice_names_the_first_that_a_rule_applies_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """And how many more there are; the area's report names all of them."""
    monkeypatch.setattr("metrics.report.area.MOST_MET", 1)
    card = _card(FILE.replace("per_area > 25", "per_area > 1"))
    whole = _under(report(card), "否决、门槛、加分与扣分")
    told = _rules_told(card, "zh")
    assert isinstance(whole, Bullets)
    assert [len(whole.items[0].split("、")), len(told.split("、"))] == [4, 2]
    assert told.endswith("、其余 3 个")
    assert _rules_told(card, "en").endswith(", 3 more")


def _rules_told(card: Scorecard, lang: str) -> str:
    """The first rule's line of a notice."""
    text = notice(ask(card, "2024", lang=lang, notice="", series=None, occasion=None), Terms())
    start = "一票否决" if lang == "zh" else "Over the limit"
    return next(line for line in text.splitlines() if start in line)


def test_an_area_is_what_is_named(card: Scorecard) -> None:
    """Regions are called by their parent where they are all of it, else two by name and more by how many they are; a
    parent stands for its own, and an area that has a name has it."""
    assert report(card, regions=["a", "b"]).title == "甲地、乙地"
    assert report(card, regions=["a", "b", "c"]).title == "3 个地区"
    named = report(card, regions=["a", "b", "c", "d"], area="都市圈\n一")
    assert named.title == "都市圈 一"
    assert "2024 年都市圈 一综合得分平均" in _of(named, Paragraph)[0].text
    assert report(card, regions=["a", "b", "c", "d"]).title == "全省"
    both = _of(report(card, regions=["p", "a"]), Table)[0]
    assert len(both.rows) == 4


def test_one_or_no_compared_region_in_an_area_is_told_all_the_same() -> None:
    """Where nobody has a score, and where one alone is left, the report is made of what there is."""
    none = tuple((region, period, "power") for region in "abcd" for period in ("2023", "2024"))
    made = report(_card(without=none))
    assert _of(made, Paragraph)[0].text == "2024 年没有综合得分。"
    one = tuple(key for key in none if key[0] != "a")
    assert "甲地居首" in _of(report(_card(without=one)), Paragraph)[0].text


@pytest.mark.parametrize("asked", [{"regions": ["x"]}, {"regions": []}, {"periods": ["1999"]}, {"periods": []}])
def test_what_the_scorecard_has_not_is_refused(card: Scorecard, asked: dict[str, list[str]]) -> None:
    """An unknown region or cycle, and none at all."""
    with pytest.raises(InputError) as refused:
        report(card, **asked)  # type: ignore[arg-type]
    assert [problem.code for problem in refused.value.problems] == ["not_in_scorecard"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("regions", [["b"], None])
def test_state_and_versions_are_said(card: Scorecard, regions: list[str] | None, lang: str) -> None:
    """Digest, snapshot, version, person, time; an open cycle is marked, a published one not but has its edition,
    invented numbers are."""
    occasion = Occasion("open", "snap" * 5, "7", "张三", "2026-11-28T09:00:00+00:00")
    notice = {"zh": "示例数据：均为虚构", "en": "Example: all invented"}[lang]
    made = report(card, regions=regions, lang=lang, notice=notice, occasion=occasion)
    sources = dict(pair for block in _of(made, Pairs) for pair in block.rows)
    made_at = {"zh": "2026-11-28 09:00（UTC）", "en": "2026-11-28 09:00 (UTC)"}[lang]
    for told in (card.definitions.digest, occasion.snapshot, "张三", made_at):
        assert told in sources.values()
    assert made.mark == {"zh": "示例数据 · 未公布", "en": "Example · not published"}[lang]
    assert {"zh": "第 7 版", "en": "version 7"}[lang] in made.version
    public = replace(occasion, state="published", editions={"2023": "1", "2024": "2"})
    published = report(card, regions=regions, lang=lang, occasion=public)
    assert dict(published.about)[{"zh": "结果版次", "en": "Edition of the results"}[lang]] == "2"
    assert (published.mark, published.notice) == ("", "")
    assert {"zh": "已公布", "en": "published"}[lang] in published.version


@pytest.mark.parametrize("regions", [["930200"], None])
def test_english_reports_hold_no_chinese(demonstration: Scorecard, regions: list[str] | None) -> None:
    """But for the sources of rules, which the definitions name in Chinese only."""
    occasion = Occasion("open", "snap", "7", "Zhang", "2026-11-28T09:00:00+00:00")
    made = report(demonstration, regions=regions, lang="en", notice="Example: all invented", occasion=occasion)
    kept = tuple(block for block in made.blocks if not (isinstance(block, Table) and "Source" in block.heads))
    assert [sign for sign in repr(replace(made, blocks=kept)) if "一" <= sign <= "鿿"] == []
