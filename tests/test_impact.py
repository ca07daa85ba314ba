"""Impact: nothing where nothing changes; else every row that does, for whom, why, and whether ranks were so unsure."""

from pathlib import Path

import polars as pl
import pytest

from metrics.__main__ import main
from metrics.definitions import Definitions
from metrics.impact import Impact, between, impact, rescored
from metrics.impact_words import REGIONS, lines
from metrics.reader import read
from metrics.scorecard import Scorecard, score

TEXT = """
schema: 1
title: t
variables:
  x: {name: x, unit: "1"}
  y: {name: y, unit: "1"}
indicators:
  a: {name: {zh: 甲, en: A}, unit: "1", formula: x, better: higher, normalise: {method: goalposts, worst: 0, best: 100}}
  b: {name: {zh: 乙, en: B}, unit: "1", formula: y, better: higher, normalise: {method: goalposts, worst: 0, best: 100}}
index: {code: all, name: all, children: [{indicator: a, weight: 3}, {indicator: b, weight: 1}]}
grades: [{code: good, name: good, at_least: 60}, {code: poor, name: poor}]
rules: [{code: low, name: low, kind: veto, when: x < 15, cap: poor}]
"""
FACTS = pl.DataFrame(
    [
        (region, period, variable, value)
        for period in ("2023", "2024")
        for region, x, y in (("p", 80.0, 20.0), ("q", 20.0, 90.0), ("r", 50.0, 50.0))
        for variable, value in (("x", x), ("y", y))
    ],
    schema=["region", "period", "variable", "value"],
    orient="row",
)


def _file(text: str) -> Definitions:
    reading = read(text)
    assert reading.definitions is not None, reading.problems
    return reading.definitions


def _impact(*changes: tuple[str, str], facts: pl.DataFrame = FACTS) -> Impact:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return impact(_file(TEXT), _file(text), facts)


@pytest.mark.parametrize(
    "change",
    [("title: t", "title: u"), ("weight: 3}, {indicator: b, weight: 1}", "weight: 6}, {indicator: b, weight: 2}")],
)
def test_what_changes_no_number_has_no_impact(change: tuple[str, str]) -> None:
    """Another title, or weights in the same proportion: no rows, reasons or ranks, and a sentence that says so."""
    found = _impact(change)
    assert found.rows.is_empty()
    assert found.reasons("2024").is_empty()
    assert found.ranking.is_empty()
    assert lines([found]) == ["没有任何得分、名次、等级或规则改变。"]


def test_a_weight_moves_the_composite_alone() -> None:
    """The composites that move are there with both sides; the indicators, which do not, are not."""
    found = _impact(("indicator: a, weight: 3", "indicator: a, weight: 1"))
    row = found.rows.row(by_predicate=(pl.col("period") == "2024") & (pl.col("region") == "p"), named=True)
    assert set(found.rows["code"]) == {"all"}
    assert (row["score_before"], row["score_after"], row["change"]) == pytest.approx((65.0, 50.0, -15.0))
    assert (row["rank_before"], row["rank_after"]) == (1, 2)
    assert (row["grade_before"], row["grade_after"]) == ("good", "poor")
    assert "r" not in set(found.rows.filter(pl.col("change").abs() > 0.0)["region"])


def test_reasons_add_up_to_the_changes() -> None:
    """Each composite's terms, of weights only, add up to its change."""
    found = _impact(("indicator: a, weight: 3", "indicator: a, weight: 1"))
    reasons = pl.concat(found.reasons(period) for period in ("2023", "2024"))
    sums = reasons.group_by("period_after", "region").agg(pl.col("term").sum())
    both = found.composites.join(sums, left_on=["period", "region"], right_on=["period_after", "region"], how="inner")
    assert set(reasons["kind"]) == {"weights"}
    assert ((both["change"] - both["term"]).abs() < 1e-9).all()
    assert both.height == 4


def test_what_rounding_leaves_is_no_change() -> None:
    """Weights that are all three times as great, and other grades: no score is said to be another."""
    tripled = ("weight: 3}, {indicator: b, weight: 1}", "weight: 9}, {indicator: b, weight: 3}")
    found = _impact(tripled, ("at_least: 60", "at_least: 1"))
    assert found.rows.height
    assert found.rows.filter(pl.col("score_before").ne_missing(pl.col("score_after"))).is_empty()


def test_a_rank_beyond_its_old_interval_is_marked() -> None:
    """Weights drawn by a quarter never gave q the first rank: that the change does is marked."""
    found = _impact(("indicator: a, weight: 3", "indicator: a, weight: 1/3"))
    marked = dict(found.ranking.filter(pl.col("period") == "2024").select("region", "outside").iter_rows())
    assert marked["q"] is True
    assert found.ranking["rank_p05"].is_not_null().all()


def test_rules_that_are_met_anew_are_named() -> None:
    """A veto with another limit is met in another region, whose rules and grade change."""
    found = _impact(("x < 15", "x < 55"), ("at_least: 60", "at_least: 45"))
    row = found.rows.row(by_predicate=(pl.col("period") == "2024") & (pl.col("region") == "r"), named=True)
    assert (row["rules_before"], row["rules_after"]) == ("", "low")


def test_an_indicator_that_comes_and_one_that_goes_are_rows() -> None:
    """A code of one file only has nulls on the other side, and facts of its variable trouble neither."""
    changed = (
        ('  y: {name: y, unit: "1"}\n', '  z: {name: z, unit: "1"}\n'),
        ("formula: y", "formula: z"),
        ("  b: ", "  c: "),
        ("indicator: b", "indicator: c"),
    )
    facts = pl.concat([FACTS, FACTS.filter(pl.col("variable") == "y").with_columns(variable=pl.lit("z"))])
    found = _impact(*changed, facts=facts)
    sides = found.rows.filter(pl.col("code").is_in(["b", "c"]))
    assert sides.filter(pl.col("code") == "b")["score_after"].null_count() == 6
    assert sides.filter(pl.col("code") == "c")["score_before"].null_count() == 6
    assert found.composites.is_empty()


@pytest.mark.parametrize(
    "changes",
    [
        [("indicator: a, weight: 3", "indicator: a, weight: 1")],
        [("formula: y", "formula: x + y"), ("x < 15", "x < 55")],
        [('x: {name: x, unit: "1"}', 'x: {name: x, unit: "1", over_sites: mean}')],
        [('x: {name: x, unit: "1"}', 'x: {name: x, unit: "1", valid: {from: 2024-01-01}}')],
        [("title: t", "title: t\ncycle: half")],
    ],
)
def test_a_scorecard_at_hand_is_not_made_again(changes: list[tuple[str, str]]) -> None:
    """Where only what follows the roll-up differs, and where that does too, it is as if both files were scored."""
    text = TEXT
    for old, new in changes:
        text = text.replace(old, new)
    facts = pl.concat([FACTS.with_columns(site=pl.lit(site)) for site in ("s", "t")])
    alone = impact(_file(TEXT), _file(text), facts)
    card = score(_file(TEXT), facts)
    found = between(card, rescored(card, _file(text), facts))
    plain = Impact(score(_file(TEXT), facts), score(_file(text), facts))
    assert not plain.rows.is_empty()
    for one in (alone, found):
        for part in ("rows", "ranking"):
            assert getattr(one, part).equals(getattr(plain, part))
        for period in plain.rows["period"].unique():
            assert one.reasons(period).equals(plain.reasons(period))


def test_a_variable_that_comes_or_goes_is_no_correction_of_facts() -> None:
    """What an indicator of a new variable does to the composite is of the tree of indicators, both ways."""
    old = TEXT.replace("children: [{indicator: a, weight: 3}, {indicator: b, weight: 1}]", "children: [{indicator: a}]")
    old = "\n".join(line for line in old.splitlines() if not line.startswith(("  y: ", "  b: ")))
    for before, after in ((old, TEXT), (TEXT, old)):
        found = impact(_file(before), _file(after), FACTS)
        reasons = found.reasons("2024")
        assert set(reasons["kind"]) == {"index"}
        moved = found.composites.filter(pl.col("change") != 0.0, pl.col("period") == "2024").sort("region")
        sums = reasons.group_by("region").agg(pl.col("term").sum()).sort("region")
        assert sums["term"].to_list() == pytest.approx(moved["change"].to_list())


def test_the_demonstrations_impact_is_told_in_both_languages(demonstration: Scorecard) -> None:
    """The latest cycle first: counts, then each region with what changes and why, by names."""
    text = (Path(__file__).parent.parent / "indicators.yaml").read_text(encoding="utf-8")
    definitions = _file(text.replace("weight: 0.30", "weight: 0.60", 1))
    found = Impact(
        demonstration, score(definitions, demonstration.facts, regions=demonstration.regions.drop("compared"))
    )
    for lang, first, name in (("zh", "2024：16 个地区", "运行成本"), ("en", "2024: 16 composite", "Operating cost")):
        told = lines([found], lang=lang)
        assert told[0].startswith(first)
        assert name in told[1]


@pytest.mark.parametrize(
    ("change", "region", "causes"),
    [
        (("indicator: a, weight: 3", "indicator: a, weight: 1"), "p", ["score"]),
        (("at_least: 60", "at_least: 50"), "r", ["grades"]),
        (("x < 15", "x > 70"), "p", ["rules"]),
        (("kind: veto, when: x < 15, cap: poor", "kind: gate, when: x > 70"), "p", ["rules", "score"]),
    ],
)
def test_another_grade_is_told_with_what_it_is_from(change: tuple[str, str], region: str, causes: list[str]) -> None:
    """The score, the list of grades, or the vetoes and gates that are met: whichever alone would have changed it."""
    found = _impact(change).regraded.filter(pl.col("period") == "2024")
    assert found.rows() == [("2024", region, causes)]


def test_a_grade_by_quota_changes_with_the_rank_or_the_quota() -> None:
    """Fewer places in the list take a grade away, and so does a rank that others pass."""
    quotas = ("{code: good, name: good, at_least: 60}", "{code: good, name: good, top: 1}")
    before = TEXT.replace(*quotas)
    wider = impact(_file(before), _file(before.replace("top: 1", "top: 2")), FACTS).regraded
    assert set(wider["causes"].explode()) == {"grades"}
    passed = impact(_file(before), _file(before.replace("indicator: a, weight: 3", "indicator: a, weight: 1")), FACTS)
    assert set(passed.regraded["causes"].explode()) == {"score"}


NAMED = (
    ("{code: good, name: good, at_least: 60}", "{code: good, name: {zh: 良好, en: Good}, at_least: 60}"),
    ("{code: poor, name: poor}", "{code: poor, name: {zh: 较差, en: Poor}}"),
    ("{code: low, name: low,", "{code: low, name: {zh: 甲过低, en: A too low},"),
)


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("zh", "  r：等级 良好 → 一般；规则 — → “甲太低”"),
        ("en", "  r: grade Good → Middling; rules — → “A far too low”"),
    ],
)
def test_grades_and_rules_have_their_names_each_side_of_its_own_file(lang: str, told: str) -> None:
    """The same codes under other names: before as the file before has it, after as the file after does."""
    before = TEXT
    for old, new in NAMED:
        assert old in before
        before = before.replace(old, new)
    before = before.replace("at_least: 60", "at_least: 45")
    after = before.replace("zh: 较差, en: Poor", "zh: 一般, en: Middling").replace("x < 15", "x < 55")
    after = after.replace("zh: 甲过低, en: A too low", "zh: 甲太低, en: A far too low")
    assert told in lines([impact(_file(before), _file(after), FACTS)], lang=lang)


def test_of_many_regions_those_are_told_that_change_most() -> None:
    """The latest cycle's in lines, another grade first, then by size, the rest and the earlier cycles counted."""
    many = pl.concat([FACTS.with_columns(pl.col("region") + f"{n:02}", pl.col("value") + n / 50) for n in range(20)])
    found = _impact(("indicator: a, weight: 3", "indicator: a, weight: 1"), facts=many)
    first, *regions, further, earlier = lines([found])
    touched = found.composites.filter(pl.col("period") == "2024").height
    assert (first[:5], earlier[:5], len(regions)) == ("2024：", "2023：", REGIONS)
    assert further == f"  另有 {touched - REGIONS} 个地区，变化较小"
    grades = ["等级" in line for line in regions]
    assert grades == sorted(grades, reverse=True)
    assert 0 < sum(grades) < REGIONS


def test_the_command_tells_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m metrics impact OLD NEW --facts F`: lines on standard output, the rows in a file."""
    old, new, facts, out = (tmp_path / name for name in ("old.yaml", "new.yaml", "facts.csv", "out.csv"))
    old.write_text(TEXT, encoding="utf-8")
    new.write_text(TEXT.replace("weight: 3", "weight: 1"), encoding="utf-8")
    FACTS.write_csv(facts)
    assert main(["impact", str(old), str(new), "--facts", str(facts), "--out", str(out), "--lang", "en"]) == 0
    assert "2024: 2 composite scores change" in capsys.readouterr().out
    assert set(pl.read_csv(out)["code"]) == {"all"}
    assert main(["impact", str(old), str(old), "--facts", str(facts), "--lang", "en"]) == 0
    assert capsys.readouterr().out == "No score, rank, grade or rule changes.\n"
