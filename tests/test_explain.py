"""Explanations: what the ladder says is what the scorecard says, and each rung follows from those below it."""

import math
from collections.abc import Iterator

import polars as pl
import pytest

from metrics.explain import Explanation, Rung, explain
from metrics.flags import label
from metrics.formula import parse
from metrics.plain import plain
from metrics.problems import InputError
from metrics.reader import read
from metrics.scorecard import Scorecard, score
from metrics.syntax import walk

DEFINITIONS = """
schema: 1
title: {zh: 测试, en: Test}
factors:
  coal: {name: {zh: 折标煤系数, en: Coal factor}, unit: kgce/kWh, source: GB/T 2589-2020, values: {2021-04-01: 0.1229}}
variables:
  power: {name: {zh: 用电, en: Power}, unit: kWh}
  area: {name: {zh: 面积, en: Area}, unit: m2, over_time: last}
  staff: {name: {zh: 人数, en: Staff}, unit: person, over_time: last}
  retired: {name: {zh: 停报, en: No longer asked}, unit: person, over_time: last, valid: {to: 2023-12-31}}
  energy: {name: {zh: 能耗, en: Energy}, unit: kgce, formula: power * coal}
indicators:
  per_area: {name: {zh: 单位面积能耗, en: Energy per area}, unit: kgce/m2, formula: energy / area, better: lower}
  room: {name: {zh: 人均面积, en: Room per head}, unit: m2/person, formula: area / staff, better: higher}
  growth: {name: {zh: 用电同比, en: Growth of power}, unit: "%", formula: power / previous(power) - 1, better: lower,
           normalise: {method: goalposts, worst: 20, best: -20}}
  gone: {name: {zh: 停报率, en: Share gone}, unit: "%", formula: retired / staff, better: lower}
index:
  code: composite
  name: {zh: 综合, en: Composite}
  min_coverage: 0.5
  children:
    - code: saving
      name: {zh: 节能, en: Saving}
      weight: 3
      aggregate: geometric
      floor: 1
      children: [{indicator: per_area, weight: 2}, {indicator: growth}]
    - {code: space, name: {zh: 用房, en: Space}, min_coverage: 0.9, children: [{indicator: room}, {indicator: gone}]}
grades: [{code: good, name: {zh: 良好, en: Good}, at_least: 60}, {code: poor, name: {zh: 较差, en: Poor}}]
"""
FACTS = [
    (region, site, f"{year}-{month:02}", "power", 100.5 * place + month + 7 * (year - 2023))
    for place, (region, site) in enumerate([("a", "s1"), ("a", "s2"), ("b", None), ("c", None), ("d", None)], start=1)
    for year in (2023, 2024)
    for month in range(1, 13)
    if (region, year, month) != ("c", 2024, 5)
] + [
    (region, None, str(year), variable, value)
    for place, region in enumerate("abcd", start=1)
    for year in (2023, 2024)
    for variable, value in (
        ("area", 1000.0 / place),
        ("staff", 0.0 if region == "d" else 10.0 * place),
        ("retired", 1.0),
    )
    if (region, variable) != ("b", "area")
]


@pytest.fixture(scope="module")
def card() -> Scorecard:
    """Four regions, two cycles: sites, months, a missing month, a division by zero, a variable no longer asked for."""
    definitions = read(DEFINITIONS).definitions
    assert definitions is not None
    schema = ["region", "site", "period", "variable", "value"]
    return score(definitions, pl.DataFrame(FACTS, schema=schema, orient="row", infer_schema_length=None))


def _rungs(rung: Rung) -> Iterator[Rung]:
    yield rung
    for child in rung.children:
        yield from _rungs(child)


def _every(card: Scorecard, code: str = "composite") -> Iterator[Explanation]:
    for period in card.periods:
        for region in card.regions["code"]:
            yield explain(card, region, period, code, facts=card.facts)


def _rung(explanation: Explanation, code: str) -> Rung:
    return next(rung for rung in _rungs(explanation.root) if rung.code == code)


def _step(rung: Rung, name: str) -> str:
    return next(step.text for step in rung.steps if step.name == name)


def _close(one: float | None, other: float | None) -> bool:
    return one is other if one is None or other is None else math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def _agrees(card: Scorecard, explanation: Explanation) -> None:
    """Every node and indicator of the ladder has the frame's value, score and weight; every variable the card's."""
    mine = (pl.col("region") == explanation.region) & (pl.col("period") == explanation.period)
    rows = {row["code"]: row for row in card.frame.filter(mine).iter_rows(named=True)}
    variables = {
        row[:2]: row[2]
        for row in card.variables.filter(pl.col("region") == explanation.region)
        .select("period", "variable", "value")
        .iter_rows()
    }
    for rung in _rungs(explanation.root):
        if rung.kind in ("composite", "pillar"):
            row = rows[rung.code]
            assert (rung.value, rung.score, rung.weight) == (row["score"], row["score"], row["weight"])
        elif rung.kind == "indicator":
            row = rows[rung.code]
            assert (rung.value, rung.score, rung.weight) == (row["value"], row["score"], row["weight"])
        elif rung.kind == "variable":
            assert rung.value == variables[rung.period, rung.code]
        assert ";".join(rung.flags) == (rows[rung.code]["flags"] if rung.code in rows else ";".join(rung.flags))


def test_a_ladder_tells_the_scorecards_numbers(card: Scorecard) -> None:
    """Values, scores, weights and flags of every rung are those of the scorecard, null where they are null."""
    for explanation in _every(card):
        _agrees(card, explanation)


def test_the_demonstrations_ladders_tell_its_numbers(demonstration: Scorecard) -> None:
    """So it is in the demonstration, in all its indicators, for a city and for the region above it."""
    regions = demonstration.regions
    parent = regions["parent"].drop_nulls()[0]
    child = regions.filter(pl.col("parent") == parent)["code"][0]
    for region in (child, parent):
        ladder = explain(demonstration, region, demonstration.periods[-1], "composite", facts=demonstration.facts)
        _agrees(demonstration, ladder)
        assert len({rung.code for rung in _rungs(ladder.root) if rung.kind == "indicator"}) == 38


def test_contributions_add_up(card: Scorecard, demonstration: Scorecard) -> None:
    """The children's scores and weights on a rung give the node's score; the working shown says the same number."""
    ladders = [*_every(card), explain(demonstration, "920100", demonstration.periods[-1], "composite")]
    for ladder in ladders:
        for node in (rung for rung in _rungs(ladder.root) if rung.kind in ("composite", "pillar")):
            parts = [(child.score, child.weight or 0.0) for child in node.children if child.score is not None]
            total = sum(weight for _, weight in parts)
            if node.value is None or not total or node.flags:
                continue
            if ladder.definitions.aggregate_of(ladder.definitions.tree_nodes[node.code]) == "geometric":
                mean = math.exp(sum(weight * math.log(max(part, 1.0)) for part, weight in parts) / total)
            else:
                mean = sum(part * weight for part, weight in parts) / total
            assert _close(mean, node.value)
            assert _step(node, "aggregate").endswith(f" = {node.value:.12g}")


def _worked(text: str) -> float | None:
    """What a piece of arithmetic comes to, by the formula language itself."""
    found = walk(parse(text.replace("×", "*").strip()).tree, code=lambda name: None, functions=plain())
    assert not isinstance(found, bool)
    return found


def test_shown_aggregations_can_be_typed_into_a_calculator(card: Scorecard) -> None:
    """The working of an arithmetic node, typed as it stands, gives its score."""
    for ladder in _every(card):
        shown, _, result = _step(ladder.root, "aggregate").rpartition(" = ")
        if result != "—":
            assert _close(_worked(shown), float(result))


def test_shown_formulas_can_be_typed_into_a_calculator(card: Scorecard) -> None:
    """A formula with its numbers, typed as it stands, gives the value, the conversion of units included."""
    seen = set()
    for ladder in _every(card):
        for rung in _rungs(ladder.root):
            shown = next((step.text for step in rung.steps if step.name == "formula"), "")
            if shown and rung.value is not None:
                _, numbers, result = shown.split(" = ")
                assert _close(_worked(numbers), float(result))
                assert _close(float(result), rung.value)
                seen.add(rung.code)
    assert seen == {"energy", "per_area", "room", "gone", "growth"}


def _comes_to(shown: str, score: float) -> bool:
    """Whether a piece of arithmetic comes to a score, or its condition is met and names it."""
    condition, arrow, result = shown.partition(" → ")
    if arrow:
        met: object = walk(parse(condition).tree, code=lambda name: None, functions=plain())
        return met is True and _close(float(result), score)
    working, _, result = shown.rpartition(" = ")
    return _close(_worked(working), float(result)) and _close(float(result), score)


def test_shown_normalisations_can_be_typed_into_a_calculator(card: Scorecard, demonstration: Scorecard) -> None:
    """The working of a score comes to the score; a step or limit that decides is met."""
    ladders = [*_every(card), *(explain(demonstration, code, "2024", "composite") for code in ("920100", "910200"))]
    for ladder in ladders:
        for rung in _rungs(ladder.root):
            if rung.kind == "indicator" and rung.score is not None:
                assert _comes_to(_step(rung, "normalise"), rung.score), (rung.code, _step(rung, "normalise"))


NORMALISERS = {
    "minmax": "{method: minmax, range: [1, 100]}",
    "clipped": "{method: minmax, frame: '2023', clip: true}",
    "goalposts": "{method: goalposts, worst: 0, best: 60}",
    "log": "{method: goalposts, worst: 1, best: 60, log: true}",
    "zscore": "{method: zscore, mean: 50, sd: 10}",
    "rank": "rank",
    "borda": "borda",
    "percentile_rank": "percentile_rank",
    "distance_to_target": "{method: distance_to_target, target: 30, clip: true}",
    "distance_to_reference": "{method: distance_to_reference, reference: b}",
    "fraction_of_max": "fraction_of_max",
    "piecewise": "{method: piecewise, points: [[0, 10], [20, 40], [30, 90]]}",
    "steps": "{method: steps, steps: [[0.5, 20], [1.1, 60]], above: 90, relative_to: peers_mean}",
    "since": "{method: steps, steps: [[0.9, 20], [1.05, 60]], above: 90, relative_to: previous}",
    "limits": "{method: limits, binding: 5, current: 15, leading: 40}",
    "band": "{method: band, best: [15, 25], worst: [5, 38]}",
}


@pytest.mark.parametrize("name", NORMALISERS)
@pytest.mark.parametrize("better", ["higher", "lower"])
def test_every_normaliser_shows_its_arithmetic(name: str, better: str) -> None:
    """Whatever the method and the direction, what is shown comes to the score."""
    if better == "lower" and name in ("goalposts", "log", "limits"):
        return
    direction = "{between: [15, 25]}" if name == "band" else better
    text = (
        "schema: 1\ntitle: t\nvariables: {x: {name: x, unit: '1'}}\nindicators:\n"
        f"  a: {{name: a, unit: '1', formula: x, better: {direction}, normalise: {NORMALISERS[name]}}}\n"
        "index: {code: all, name: all, children: [{indicator: a}]}\n"
    )
    definitions = read(text).definitions
    assert definitions is not None
    values = {"2023": [4.0, 12.0, 22.0, 33.0], "2024": [3.0, 16.0, 27.0, 39.5]}
    facts = [(r, year, "x", x) for year, column in values.items() for r, x in zip("abcd", column, strict=True)]
    card = score(definitions, pl.DataFrame(facts, schema=["region", "period", "variable", "value"], orient="row"))
    shown = 0
    for ladder in _every(card, "a"):
        if ladder.root.score is not None:
            assert _comes_to(_step(ladder.root, "normalise"), ladder.root.score), _step(ladder.root, "normalise")
            shown += 1
    assert shown >= 4


def _of_one(normalise: str, values: list[float]) -> Scorecard:
    """Regions a, b, … with one indicator."""
    definitions = read(
        "schema: 1\ntitle: t\nvariables: {x: {name: x, unit: '1'}}\nindicators:\n"
        f"  a: {{name: a, unit: '1', formula: x, better: higher, normalise: {normalise}}}\n"
        "index: {code: all, name: all, children: [{indicator: a}]}\n"
    ).definitions
    assert definitions is not None
    facts = [(region, "2024", "x", value) for region, value in zip("abcdef", values, strict=False)]
    return score(definitions, pl.DataFrame(facts, schema=["region", "period", "variable", "value"], orient="row"))


@pytest.mark.parametrize("size", [1e-300, 1.0, 1e300, 8e307])
def test_the_arithmetic_of_any_size_is_shown_in_numbers(size: float) -> None:
    """Mean and standard deviation of numbers whose sums or squares overflow or vanish are shown all the same."""
    for ladder in _every(_of_one("zscore", [size, -size, 0.25 * size, size]), "a"):
        working = _step(ladder.root, "normalise")
        assert "inf" not in working
        assert "/ 0 " not in working
        assert ladder.root.score is not None
        assert _comes_to(working, ladder.root.score)


UNSCORED = {
    "zscore": ("constant", [7.0, 7.0, 7.0]),
    "{method: distance_to_target, target: 5}": ("goal_not_ahead", [7.0, 8.0, 9.0]),
    "fraction_of_max": ("not_positive", [-1.0, -2.0, -3.0]),
}


@pytest.mark.parametrize("normalise", UNSCORED)
def test_what_has_no_score_shows_no_arithmetic_of_one(normalise: str) -> None:
    """Instead of a working that comes to nothing the flag says in words why there is no score."""
    flag, values = UNSCORED[normalise]
    for ladder in _every(_of_one(normalise, values), "a"):
        assert ladder.root.flags == (flag,)
        assert {step.name for step in ladder.root.steps} == {"formula"}
        assert f"! {label(flag, 'en')} ({flag})" in ladder.text("en")


def test_sites_and_months_stand_under_a_variable(card: Scorecard) -> None:
    """The facts under a raw variable are those of its cycle, and sum to what the rung says."""
    power = _rung(explain(card, "a", "2024", "composite", facts=card.facts), "power")
    assert power.facts is not None
    assert power.facts.select("site", "period").unique().height == power.facts.height == 24
    assert set(power.facts["period"].str.slice(0, 4)) == {"2024"}
    assert _close(power.facts["value"].sum(), power.value)


def test_a_parents_facts_are_its_childrens(demonstration: Scorecard) -> None:
    """Under a region that is made of others stand the facts of those below it."""
    parent = demonstration.regions["parent"].drop_nulls()[0]
    rung = explain(demonstration, parent, "2022", "electricity", facts=demonstration.facts).root
    assert rung.facts is not None
    assert parent not in set(rung.facts["region"])
    assert _close(rung.facts["value"].sum(), rung.value)


@pytest.mark.parametrize("code", ["composite", "saving", "per_area", "energy", "power", "coal"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_anything_can_be_explained_in_both_languages(card: Scorecard, code: str, lang: str) -> None:
    """Node, indicator, variable and factor alike; heading, name and code; nothing of Python in the text."""
    text = explain(card, "a", "2024", code, facts=card.facts).text(lang)
    heading, first, *_ = text.splitlines()
    name = card.definitions.name_of(code, lang)
    assert heading == "a · 2024"
    assert first.startswith(f"{name} [{code}] ")
    assert not any(word in text for word in ("None", "nan", "Code(", "shape:"))


def test_english_has_no_chinese(card: Scorecard) -> None:
    """With English names throughout, the English text holds no Chinese character."""
    for ladder in _every(card):
        assert not [character for character in ladder.text("en") if "一" <= character <= "鿿"]


REASONS = [
    ("b", "2024", "per_area", "area", ""),
    ("c", "2024", "per_area", "power", "partial_period"),
    ("d", "2024", "room", "room", "zero_division"),
    ("a", "2024", "gone", "retired", "not_in_force"),
    ("b", "2023", "space", "space", "low_coverage"),
]


@pytest.mark.parametrize(("region", "period", "code", "where", "flag"), REASONS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_null_says_why(
    card: Scorecard, region: str, period: str, code: str, where: str, flag: str, lang: str
) -> None:
    """Under a number that is missing stands the rung where it goes missing, with its flag in words."""
    ladder = explain(card, region, period, code, facts=card.facts)
    assert ladder.root.value is None
    cause = _rung(ladder, where)
    assert (cause.value, cause.flags) == (None, (flag,) if flag else ())
    text = ladder.text(lang)
    assert f"{card.definitions.name_of(where, lang)} [{where}] —" in text
    assert f"({flag})" in text or not flag


def test_a_factor_shows_its_source(card: Scorecard) -> None:
    """A constant says where it comes from."""
    assert "GB/T 2589-2020" in explain(card, "a", "2024", "per_area").text("en")


def test_without_facts_the_ladder_ends_at_the_variables(card: Scorecard) -> None:
    """Whoever has no facts at hand still gets the arithmetic."""
    assert {rung.facts is None for rung in _rungs(explain(card, "a", "2024", "composite").root)} == {True}


def test_the_ladder_can_be_asked_twice(card: Scorecard) -> None:
    """The same question has the same answer."""
    one, two = (explain(card, "a", "2024", "composite", facts=card.facts).text("zh") for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("region", "period", "code", "near"),
    [("z", "2024", "composite", "a"), ("a", "2042", "composite", "2024"), ("a", "2024", "compsite", "composite")],
)
def test_unknown_names_are_refused(card: Scorecard, region: str, period: str, code: str, near: str) -> None:
    """What is not there is named, with what may have been meant."""
    with pytest.raises(InputError) as error:
        explain(card, region, period, code)
    (problem,) = error.value.problems
    assert problem.code == "not_in_scorecard"
    assert near in problem.message("en")


def test_points_are_shown_in_the_arithmetic(demonstration: Scorecard) -> None:
    """Where a rule gives points, the workings of the mean and of the points each come to what they say."""
    giving = "|".join(rule.code for rule in demonstration.definitions.rules if rule.points)
    met = (pl.col("level") == "composite") & pl.col("flags").str.contains(giving)
    row = demonstration.frame.filter(met).row(0, named=True)
    root = explain(demonstration, row["region"], row["period"], "composite").root
    for step in ("aggregate", "points"):
        working, _, result = _step(root, step).rpartition(" = ")
        assert _close(_worked(working), float(result))
    assert _close(float(result), row["score"])


def test_a_floored_mean_can_be_typed_into_a_calculator(card: Scorecard) -> None:
    """The working of a geometric mean uses the scores that it uses: those below the floor stand there raised."""
    for ladder in _every(card, "saving"):
        shown, _, result = _step(ladder.root, "aggregate").rpartition(" = ")
        if result != "—":
            assert _close(_worked(shown.replace("^", "**")), float(result)), shown


def test_the_rung_below_previous_is_of_the_earlier_cycle(card: Scorecard) -> None:
    """Under a formula stand the numbers that it uses: for previous(power), those of the cycle before."""
    growth = explain(card, "a", "2024", "growth", facts=card.facts).root
    earlier = explain(card, "a", "2023", "power", facts=card.facts).root
    assert earlier.value in [child.value for child in growth.children]


def test_a_formula_with_another_cycle_can_be_typed_too(card: Scorecard) -> None:
    """A formula with numbers holds numbers only, also where it looks back."""
    assert "previous" not in _step(explain(card, "a", "2024", "growth").root, "formula").split(" = ")[1]


@pytest.mark.parametrize(("lang", "word"), [("zh", "良好"), ("en", "Good")])
def test_a_grade_is_told_by_name(card: Scorecard, lang: str, word: str) -> None:
    """Text for people names the grade in their language."""
    best = card.frame.filter(pl.col("grade") == "good").row(0, named=True)
    assert f": {word}\n" in explain(card, best["region"], best["period"], "composite").text(lang)


def test_points_of_the_children_add_up_to_the_mean(card: Scorecard, demonstration: Scorecard) -> None:
    """What the rungs under a node give to it is its mean, before rules; a child without a score gives nothing."""
    for ladder in [*_every(card), explain(demonstration, "920100", demonstration.periods[-1], "composite")]:
        for node in (rung for rung in _rungs(ladder.root) if rung.kind in ("composite", "pillar")):
            mean = _step(node, "aggregate").rpartition(" = ")[2]
            known = [child.points for child in node.children if child.points is not None]
            assert all((child.points is None) == (child.score is None) for child in node.children)
            assert mean == "—" if not known else _close(sum(known), float(mean))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_ladder_as_latex(card: Scorecard, lang: str) -> None:
    """Every formula, mean and normalisation has its line, named in the language; braces close, nothing is left open."""
    for ladder in _every(card):
        block = ladder.latex(lang)
        lines = block.splitlines()
        assert (lines[0], lines[-1]) == ("\\begin{aligned}", "\\end{aligned}")
        steps = [step for rung in _rungs(ladder.root) for step in rung.steps if step.latex]
        assert len(lines) - 2 == len(steps) == block.count(" &= ")
        assert block.count("{") - block.count("\\{") == block.count("}") - block.count("\\}")
    assert ("Composite" if lang == "en" else "综合") in block


def test_the_frame_of_a_score_is_named() -> None:
    """Who is measured against: how many, who has the least and who the greatest value."""

    def told(normalise: str) -> str:
        ladder = next(iter(_every(_of_one(normalise, [4.0, 8.0, 12.0, 16.0]), "a")))
        return next((step.text for step in ladder.root.steps if step.name == "frame"), "")

    assert told("minmax") == "n = 4, min = 4 (a 2024), max = 16 (d 2024)"
    others = "{method: steps, relative_to: peers_mean, steps: [[1, 100]], above: 0}"
    assert told(others) == "n = 3, min = 8 (b 2024), max = 16 (d 2024), mean = 12"
    assert told(others.replace("mean", "median")) == "n = 3, min = 8 (b 2024), max = 16 (d 2024), median = 12"
    assert told(others.replace("peers_mean", "none")) == ""
    assert told("{method: goalposts, worst: 0, best: 20}") == ""
