"""The change ledger: its terms add up, are 0 where nothing of their kind changed, and turn with the direction."""

import re
from collections.abc import Iterable
from functools import cache
from math import isclose, log
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import demo
from metrics.__main__ import main
from metrics.change import KINDS, ledger, ledgers, outcomes
from metrics.change.steps import ALL, Ways
from metrics.periods import PeriodError
from metrics.problems import InputError
from metrics.reader import read
from metrics.rollup import calendar_of, cycles_of
from metrics.scorecard import Scorecard, score
from tests.oracle.cases import cases
from tests.oracle.comparison import Case

FILE = Path(__file__).parent.parent / "indicators.yaml"
few = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
Values = dict[str, dict[str, float | None]]

HEAD = "schema: 1\ntitle: t\nvariables:\n  a: {name: a, unit: '1'}\n  b: {name: b, unit: '1'}\nindicators:\n"
FIXED = "normalise: {method: goalposts, worst: 0, best: 100, clip: false}"
GRADES = "grades: [{code: good, name: good, at_least: 60}, {code: poor, name: poor}]\n"


def _item(code: str, normalise: str = FIXED, more: str = "") -> str:
    return f"  {code}: {{name: {code}, unit: '1', formula: {code[0]}, better: higher, {normalise}{more}}}\n"


def _index(*leaves: str, aggregate: str = "arithmetic", more: str = "") -> str:
    children = ", ".join(f"{{indicator: {leaf}}}" if "," not in leaf else f"{{{leaf}}}" for leaf in leaves)
    return f"index: {{code: root, name: root, aggregate: {aggregate}, {more}children: [{children}]}}\n"


def _file(items: Iterable[str], index: str, more: str = "") -> str:
    return HEAD + "".join(items) + index + more


TWO = _file((_item("ax"), _item("bx")), _index("indicator: ax, weight: 3", "indicator: bx, weight: 1"))


def _card(text: str, years: dict[str, Values], regions: list[dict[str, Any]] | None = None) -> Scorecard:
    """A scorecard of facts by year, region and variable."""
    reading = read(text)
    assert reading.definitions is not None, [problem.render("file", "en") for problem in reading.problems]
    rows = [
        (region, year, variable, value)
        for year, places in years.items()
        for region, values in places.items()
        for variable, value in values.items()
    ]
    schema = {"region": pl.String, "period": pl.String, "variable": pl.String, "value": pl.Float64}
    facts = pl.DataFrame(rows, schema=schema, orient="row")
    return score(reading.definitions, facts, regions=None if regions is None else pl.DataFrame(regions))


def _terms(before: Scorecard, after: Scorecard, *periods: str, region: str = "p", **more: Any) -> dict[str, float]:
    """A region's terms by `kind code`."""
    first, last = periods if len(periods) == 2 else (periods[0], periods[0])
    found = ledger(before, after, region, period_before=first, period_after=last, **more)
    return {f"{kind} {code}": term for kind, code, term in found.select("kind", "code", "term").iter_rows()}


def _same(found: dict[str, float], wanted: dict[str, float]) -> bool:
    return found.keys() == wanted.keys() and all(isclose(found[key], wanted[key], abs_tol=1e-9) for key in wanted)


# worked by hand


def test_a_weighted_mean_changes_by_its_weighted_changes() -> None:
    """Arithmetic: 0.75·(50 − 40) of one indicator and 0.25·(20 − 60) of the other."""
    card = _card(TWO, {"2023": {"p": {"a": 40, "b": 60}}, "2024": {"p": {"a": 50, "b": 20}}})
    assert _same(_terms(card, card, "2023", "2024"), {"own ax": 7.5, "own bx": -10.0})


def test_a_geometric_mean_is_taken_apart_by_logarithmic_means() -> None:
    """√(4·25) = 10 → √(16·25) = 20: all of it is the first one's; with both moving, L(m)·½·ln(s₂/s₁) each."""
    text = _file((_item("ax"), _item("bx")), _index("ax", "bx", aggregate="geometric", more="floor: 1, "))
    card = _card(text, {"2023": {"p": {"a": 4, "b": 25}}, "2024": {"p": {"a": 16, "b": 25}}})
    assert _same(_terms(card, card, "2023", "2024"), {"own ax": 10.0})
    card = _card(text, {"2023": {"p": {"a": 4, "b": 25}}, "2024": {"p": {"a": 16, "b": 9}}})
    mean = (12.0 - 10.0) / log(12.0 / 10.0)
    wanted = {"own ax": mean * 0.5 * log(16 / 4), "own bx": mean * 0.5 * log(9 / 25)}
    assert _same(_terms(card, card, "2023", "2024"), wanted)


def test_nothing_below_a_floor_counts() -> None:
    """A score that moves from 0.2 to 0.6 under a floor of 1 has no term."""
    text = _file((_item("ax"), _item("bx")), _index("ax", "bx", aggregate="geometric", more="floor: 1, "))
    card = _card(text, {"2023": {"p": {"a": 0.2, "b": 25}}, "2024": {"p": {"a": 0.6, "b": 36}}})
    assert _same(_terms(card, card, "2023", "2024"), {"own bx": 1.0})


def test_a_minimum_is_taken_apart_by_coalitions() -> None:
    """min(10, 20) = 10 → min(30, 25) = 25. First a, then b: 10 and 5; first b, then a: 0 and 15."""
    text = _file((_item("ax"), _item("bx")), _index("ax", "bx", aggregate="minimum"))
    card = _card(text, {"2023": {"p": {"a": 10, "b": 20}}, "2024": {"p": {"a": 30, "b": 25}}})
    assert _same(_terms(card, card, "2023", "2024"), {"own ax": 12.5, "own bx": 2.5})


def test_changed_weights_count_by_the_distance_of_their_scores() -> None:
    """3:1 → 1:1 of 40 and 60: ax loses ¼, bx gains it, each at its distance from 47.5, the mean of both means."""
    after = TWO.replace("weight: 3", "weight: 1")
    facts: dict[str, Values] = {"2024": {"p": {"a": 40, "b": 60}}}
    found = _terms(_card(TWO, facts), _card(after, facts), "2024")
    centre = (45.0 + 50.0) / 2.0
    assert _same(found, {"weights ax": (40 - centre) * -0.25, "weights bx": (60 - centre) * 0.25})


RELATIVE = _file((_item("ax", "normalise: {method: minmax}"),), _index("ax"))


def test_what_others_do_to_the_frame_is_not_ones_own() -> None:
    """min-max of 5 in 0..10 is 50; when the best goes to 20, it is 25: all of it is the frame's."""
    card = _card(RELATIVE, {
        "2023": {"p": {"a": 5}, "q": {"a": 0}, "r": {"a": 10}},
        "2024": {"p": {"a": 5}, "q": {"a": 0}, "r": {"a": 20}},
    })  # fmt: skip
    assert _same(_terms(card, card, "2023", "2024"), {"frame ax": -25.0})


def test_a_region_that_moves_the_frame_alone_has_no_term_of_the_frame() -> None:
    """The best one that gets better still has 100 of its own; those left behind lose by the frame."""
    card = _card(RELATIVE, {
        "2023": {"p": {"a": 10}, "q": {"a": 0}, "r": {"a": 5}},
        "2024": {"p": {"a": 20}, "q": {"a": 0}, "r": {"a": 5}},
    })  # fmt: skip
    assert _same(_terms(card, card, "2023", "2024"), {})
    assert _same(_terms(card, card, "2023", "2024", region="r"), {"frame ax": -25.0})


def test_both_moves_share_what_they_do_together() -> None:
    """5 → 8 while the best goes 10 → 20. Own first 30, then the frame −40; the frame first −25, then own 15."""
    card = _card(RELATIVE, {
        "2023": {"p": {"a": 5}, "q": {"a": 0}, "r": {"a": 10}},
        "2024": {"p": {"a": 8}, "q": {"a": 0}, "r": {"a": 20}},
    })  # fmt: skip
    assert _same(_terms(card, card, "2023", "2024"), {"own ax": 22.5, "frame ax": -32.5})


@pytest.mark.parametrize("frame", ["all", "2022"])
def test_a_frozen_frame_has_no_term_between_cycles(frame: str) -> None:
    """Measured against one frame for all cycles, a change is one's own, whatever the others did."""
    text = _file((_item("ax", f"normalise: {{method: minmax, frame: '{frame}'}}"),), _index("ax"))
    card = _card(text, {
        "2022": {"p": {"a": 5}, "q": {"a": 0}, "r": {"a": 10}},
        "2023": {"p": {"a": 5}, "q": {"a": 0}, "r": {"a": 10}},
        "2024": {"p": {"a": 8}, "q": {"a": 1}, "r": {"a": 9}},
    })  # fmt: skip
    assert _same(_terms(card, card, "2023", "2024"), {"own ax": 30.0})


DATED = "factors:\n  f: {unit: '1', values: {2020-01-01: 1, 2024-01-01: 2}}\n"


def test_a_factor_with_a_new_value_is_not_ones_own() -> None:
    """a·f goes 10·1 → 20·2: the factor alone 10 or 20, the own value alone 10 or 20, so 15 each."""
    text = _file((_item("ax").replace("formula: a,", "formula: a * f,"),), _index("ax"))
    text = text.replace("variables:", DATED + "variables:")
    card = _card(text, {"2023": {"p": {"a": 10}, "q": {"a": 5}}, "2024": {"p": {"a": 20}, "q": {"a": 5}}})
    assert _same(_terms(card, card, "2023", "2024"), {"own ax": 15.0, "factors ax": 15.0})
    assert _same(_terms(card, card, "2023", "2024", region="q"), {"factors ax": 5.0})


def test_a_formula_that_looks_at_peers_is_moved_by_them() -> None:
    """100·a / (a of the others): q's move from 40 to 80 halves p's score by the frame and doubles its own by itself."""
    text = _file((_item("ax").replace("formula: a,", "formula: 100 * a / peers_mean(a),"),), _index("ax"))
    card = _card(text, {"2023": {"p": {"a": 20}, "q": {"a": 40}}, "2024": {"p": {"a": 20}, "q": {"a": 80}}})
    assert _same(_terms(card, card, "2023", "2024"), {"frame ax": -25.0})
    assert _same(_terms(card, card, "2023", "2024", region="q"), {"own ax": 200.0})


def test_a_correction_elsewhere_is_no_revision_of_those_who_look_at_it() -> None:
    """The same formula between two snapshots: the one whose fact was corrected has the revision."""
    text = _file((_item("ax").replace("formula: a,", "formula: 100 * a / peers_mean(a),"),), _index("ax"))
    before = _card(text, {"2024": {"p": {"a": 20}, "q": {"a": 40}}})
    after = _card(text, {"2024": {"p": {"a": 20}, "q": {"a": 80}}})
    assert _same(_terms(before, after, "2024"), {"frame ax": -25.0})
    assert _same(_terms(before, after, "2024", region="q"), {"revision ax": 200.0})


def test_an_estimate_that_a_report_replaces_is_imputation() -> None:
    """The mean 20 stood in for a; 50 was reported then. The region's own performance has no term."""
    text = _file((_item("ax", FIXED, ", missing: {method: mean}"), _item("bx")), _index("ax", "bx"))
    card = _card(text, {
        "2023": {"p": {"b": 10}, "q": {"a": 10, "b": 10}, "r": {"a": 30, "b": 10}},
        "2024": {"p": {"a": 50, "b": 10}, "q": {"a": 10, "b": 10}, "r": {"a": 30, "b": 10}},
    })  # fmt: skip
    assert _same(_terms(card, card, "2023", "2024"), {"imputation ax": 15.0})
    assert _same(_terms(card, card, "2023", "2024", region="q"), {})


def test_a_corrected_fact_is_a_revision_of_its_region_and_a_move_of_the_others_frame() -> None:
    """The best one's 20 was corrected to 10: its own score stays 100, and the middle one's doubles by the frame."""
    before = _card(RELATIVE, {"2024": {"p": {"a": 5}, "q": {"a": 0}, "r": {"a": 20}}})
    after = _card(RELATIVE, {"2024": {"p": {"a": 5}, "q": {"a": 0}, "r": {"a": 10}}})
    assert _same(_terms(before, after, "2024"), {"frame ax": 25.0})
    assert _same(_terms(before, after, "2024", region="r"), {})
    after = _card(RELATIVE, {"2024": {"p": {"a": 8}, "q": {"a": 0}, "r": {"a": 20}}})
    assert _same(_terms(before, after, "2024"), {"revision ax": 15.0})


def test_a_revision_is_told_apart_from_what_happened_since() -> None:
    """40 was corrected to 44, then 50 was reached: 4 points of revision, 6 of the region's own."""
    text = _file((_item("ax"),), _index("ax"))
    before = _card(text, {"2023": {"p": {"a": 40}}})
    after = _card(text, {"2023": {"p": {"a": 44}}, "2024": {"p": {"a": 50}}})
    assert _same(_terms(before, after, "2023", "2024"), {"own ax": 6.0, "revision ax": 4.0})


def test_a_value_that_is_lost_counts_by_its_distance_from_the_rest() -> None:
    """ax 40 (weight 3) is lost, bx stays 60: the mean goes 45 → 60, and nobody performed differently."""
    text = TWO.replace("children", "min_coverage: 0, children")
    card = _card(text, {"2023": {"p": {"a": 40, "b": 60}}, "2024": {"p": {"b": 60}, "q": {"a": 1, "b": 1}}})
    assert _same(_terms(card, card, "2023", "2024"), {"coverage ax": 15.0})


def test_children_that_take_each_others_place_are_told_by_the_mean_of_both_sides() -> None:
    """Only ax 40, then only bx 60: −(40 − 50) and 60 − 50."""
    text = TWO.replace("children", "min_coverage: 0, children")
    card = _card(text, {"2023": {"p": {"a": 40}, "q": {"b": 1}}, "2024": {"p": {"b": 60}, "q": {"a": 1}}})
    assert _same(_terms(card, card, "2023", "2024"), {"coverage ax": 10.0, "coverage bx": 10.0})


def test_what_comes_into_force_is_told_as_such() -> None:
    """bx counts from 2024: 3:1 of 40 and 60 instead of 40 alone."""
    text = TWO.replace("formula: b,", "formula: b, valid: {from: 2024-01-01},")
    card = _card(text, {"2023": {"p": {"a": 40, "b": 60}}, "2024": {"p": {"a": 40, "b": 60}}})
    assert _same(_terms(card, card, "2023", "2024"), {"valid bx": 5.0})


# rules


RULED = (
    "rules:\n"
    "  - {code: model, kind: bonus, when: a > 0, points: 4}\n"
    "  - {code: late, kind: penalty, when: b < 0, points: 3}\n"
)
ONE = _file((_item("ax", FIXED.replace("worst: 0, best: 100", "worst: -100, best: 0")),), _index("ax"), RULED)


def test_rules_have_their_points() -> None:
    """A bonus that is new and a penalty that is gone: 4 and 3, beside the region's own 2."""
    card = _card(ONE, {"2023": {"p": {"a": -50, "b": -1}}, "2024": {"p": {"a": -48, "b": 1}}})
    assert _same(_terms(card, card, "2023", "2024"), {"own ax": 2.0, "rules late": 3.0})


def test_a_bound_holds_back_all_that_moves() -> None:
    """90 → 94 with 4 points on both sides is 94 → 98; 98 → 102 is held at 100 from the middle of the way on."""
    text = _file((_item("ax"),), _index("ax"), RULED)
    card = _card(text, {"2023": {"p": {"a": 90, "b": 1}}, "2024": {"p": {"a": 94, "b": 1}}})
    assert _same(_terms(card, card, "2023", "2024"), {"own ax": 4.0})
    card = _card(text, {"2023": {"p": {"a": 94, "b": 1}}, "2024": {"p": {"a": 98, "b": 1}}})
    assert _same(_terms(card, card, "2023", "2024"), {"own ax": 2.0})


def test_bonuses_share_what_their_cap_leaves() -> None:
    """Two bonuses of 4 under a cap of 5: met together, the way is free for 5/8 of it."""
    rules = RULED.replace("kind: penalty, when: b < 0, points: 3", "kind: bonus, when: b < 0, points: 4")
    text = _file((_item("ax", FIXED.replace("worst: 0", "worst: -100")),), _index("ax"), rules + "bonus_cap: 5\n")
    card = _card(text, {"2023": {"p": {"a": -2, "b": 1}}, "2024": {"p": {"a": 2, "b": -1}}})
    assert _same(_terms(card, card, "2023", "2024"), {"own ax": 2.0, "rules model": 2.5, "rules late": 2.5})


def test_a_veto_takes_no_points_and_is_there() -> None:
    """Its term is 0; the grades stand in the outcome."""
    rules = "rules: [{code: over, kind: veto, when: b > 5, cap: poor}]\n"
    card = _card(
        _file((_item("ax"),), _index("ax"), GRADES + rules),
        {"2023": {"p": {"a": 70, "b": 1}}, "2024": {"p": {"a": 75, "b": 9}}},
    )
    assert _same(_terms(card, card, "2023", "2024"), {"own ax": 5.0, "rules over": 0.0})
    outcome = outcomes(card, card, period_before="2023", period_after="2024").row(0, named=True)
    assert (outcome["grade_before"], outcome["grade_after"], outcome["change"]) == ("good", "poor", 5.0)


# between definition files


FACTS: dict[str, Values] = {"2024": {"p": {"a": 40, "b": 60}, "q": {"a": 80, "b": 30}, "r": {"a": 20, "b": 90}}}
CHANGES: dict[str, tuple[str, str, dict[str, float]]] = {
    "formula": ("formula: a,", "formula: a + 8,", {"formula ax": 6.0}),
    "normalise": ("worst: 0, best: 100", "worst: 0, best: 50", {"normalise ax": 30.0, "normalise bx": 15.0}),
    "aggregate": ("aggregate: arithmetic", "aggregate: minimum", {"aggregate root": -5.0}),
    "index": ("{indicator: bx, weight: 1}", "{indicator: bx, weight: 1}, {indicator: cx}", {}),
    "rules": ("index:", "rules: [{code: extra, kind: bonus, when: a > 0, points: 2}]\nindex:", {"rules extra": 2.0}),
}


@pytest.mark.parametrize("part", CHANGES)
def test_a_changed_definition_has_its_own_kind(part: str) -> None:
    """One change in the file is one kind in the ledger, by the very points that it gives or takes."""
    old, new, wanted = CHANGES[part]
    after = TWO.replace(old, new)
    if part == "index":
        after = after.replace("index:", _item("cx").replace("formula: c", "formula: a + b") + "index:")
        wanted = {"index cx": (100.0 - 45.0) / 5.0}
    assert after != TWO
    assert _same(_terms(_card(TWO, FACTS), _card(after, FACTS), "2024"), wanted)


def test_a_unit_takes_the_numbers_in_it_along() -> None:
    """The same values and goalposts in another unit change nothing, and no two large terms say otherwise."""
    text = _file((_item("ax"),), _index("ax")).replace("a: {name: a, unit: '1'}", "a: {name: a, unit: km}")
    text = text.replace("name: ax, unit: '1'", "name: ax, unit: km")
    after = text.replace("name: ax, unit: km", "name: ax, unit: m").replace("best: 100", "best: 100000")
    assert after != text
    assert _same(_terms(_card(text, FACTS), _card(after, FACTS), "2024"), {})


def test_two_changes_share_what_they_do_together() -> None:
    """Formula a + 8 and goalposts 0..50, weight ¾. Formula first: 6, then 0.75·(96 − 48) …; the mean of both orders."""
    after = TWO.replace("formula: a,", "formula: a + 8,").replace("worst: 0, best: 100", "worst: 0, best: 50", 1)
    wanted = {"formula ax": (6.0 + 12.0) / 2.0, "normalise ax": (30.0 + 36.0) / 2.0}
    assert _same(_terms(_card(TWO, FACTS), _card(after, FACTS), "2024"), wanted)


def test_files_that_use_a_code_for_other_things_are_told_as_a_whole() -> None:
    """Where no mixture of two files holds together, the whole change is the definitions'."""
    after = TWO.replace("  b: {name: b, unit: '1'}", "  b: {name: b, unit: '1'}\n  ax: {name: x, unit: '1'}")
    after = after.replace("  ax: {name: ax", "  az: {name: az").replace("indicator: ax", "indicator: az")
    found = _terms(_card(TWO, FACTS), _card(after, FACTS), "2024")
    assert {key.split()[0] for key in found} == {"definitions"}


def test_where_nothing_lies_between_the_change_is_told_as_a_whole() -> None:
    """A new indicator that 2023 has no facts for, under full coverage: no order of the two changes has all scores."""
    one = _file((_item("ax"),), _index("ax", more="min_coverage: 1, "))
    other = _file((_item("bx"),), _index("bx", more="min_coverage: 1, "))
    before, after = _card(one, {"2023": {"p": {"a": 40}}}), _card(other, {"2023": {"p": {}}, "2024": {"p": {"b": 50}}})
    assert _same(_terms(before, after, "2023", "2024"), {"joint None": 10.0})


def test_many_changes_take_the_order_of_the_method_and_its_reverse() -> None:
    """Above so many kinds not all orders are scored; what comes out adds up and turns all the same."""
    changes = {
        "formula: a,": "formula: a + 8,", "worst: 0, best: 100": "worst: 0, best: 80", "weight: 3": "weight: 2",
        "aggregate: arithmetic": "aggregate: geometric, floor: 1, min_coverage: 0.5",
        "better: higher,": "better: higher, missing: {method: mean}, outliers: {method: winsorise, otherwise: none},",
        "index:": "rules: [{code: extra, kind: bonus, when: a > 0, points: 2}]\nindex:",
    }  # fmt: skip
    text = TWO
    for old, new in changes.items():
        text = text.replace(old, new)
    before, after = _card(TWO, FACTS), _card(text, FACTS)
    ways = Ways(before, after, ("2024", "2024"), ("p", "q", "r"))
    assert len(ways.kinds) > ALL
    assert len(ways.corners) == 2 * len(ways.kinds)
    found = _checked(before, after, "2024", "2024")
    assert {"formula", "normalise", "weights", "aggregate", "rules"} <= set(found["kind"])


# as rows to take away


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_writes_the_rows_with_their_words(lang: str, tmp_path: Path) -> None:
    """`change` gives the very terms, a name and a kind in words beside each code."""
    definitions, facts, out = tmp_path / "i.yaml", tmp_path / "f.csv", tmp_path / "o.csv"
    definitions.write_text(TWO, encoding="utf-8")
    lines = [("p", 2023, "a", 40), ("p", 2023, "b", 60), ("p", 2024, "a", 50), ("p", 2024, "b", 20)]
    rows = pl.DataFrame(lines, schema=["region", "period", "variable", "value"], orient="row")
    rows.write_csv(facts)
    files = ["--indicators", str(definitions), "--facts", str(facts), "--out", str(out), "--lang", lang]
    assert main(["change", *files, "--before", "2023", "--after", "2024"]) == 0
    told = pl.read_csv(out).select("region", "kind_name", "name", "term").rows()
    kind = KINDS["own"][lang != "zh"]
    assert told == [("p", kind, "ax", 7.5), ("p", kind, "bx", -10.0)]
    assert main(["change", *files, "--before", "1999", "--after", "2024"]) == 1
    assert main(["change", *files, "--before", "2024", "--after", "2024"]) == 1


def test_the_command_names_who_has_no_ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Regions without a score on a side are left out of the file, but not in silence."""
    (tmp_path / "f.yaml").write_text(TWO, encoding="utf-8")
    rows = ["region,period,variable,value"]
    rows += [f"p,{year},{code},{year - 2000}" for year in (2023, 2024) for code in "ab"] + ["q,2024,a,1", "q,2024,b,2"]
    (tmp_path / "f.csv").write_text("\n".join(rows), encoding="utf-8")
    files = ["--indicators", str(tmp_path / "f.yaml"), "--facts", str(tmp_path / "f.csv")]
    asked = ["--before", "2023", "--after", "2024", "--out", str(tmp_path / "o.csv"), "--lang", "en"]
    assert main(["change", *files, *asked]) == 0
    assert "note regions_without_change 1 regions have no score" in capsys.readouterr().err
    assert set(pl.read_csv(tmp_path / "o.csv")["region"]) == {"p"}


def test_the_manual_lists_every_kind() -> None:
    """Each kind of a ledger stands in the manual by its words in both languages, and no other."""
    text = (FILE.parent / "docs" / "change.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| .+ \|$", text, flags=re.MULTILINE)
    assert {kind: (zh, en) for kind, zh, en in told} == KINDS


# what there is no ledger of


@pytest.mark.parametrize(("periods", "side"), [(("2023", "2024"), "after"), (("2024", "2023"), "before")])
def test_a_missing_score_is_named(periods: tuple[str, str], side: str) -> None:
    """No ledger without a score on both sides: a problem for one region, a word among the outcomes, no rows of it."""
    card = _card(TWO, {"2023": {"p": {"a": 40, "b": 60}, "q": {"a": 1, "b": 1}}, "2024": {"q": {"a": 1, "b": 1}}})
    first, last = periods
    with pytest.raises(InputError) as caught:
        ledger(card, card, "p", period_before=first, period_after=last)
    assert [problem.code for problem in caught.value.problems] == ["change_without_score"]
    assert "2024" in caught.value.problems[0].message("en")
    found = outcomes(card, card, period_before=first, period_after=last)
    assert dict(found.select("region", "missing").iter_rows()) == {"p": side, "q": None}
    assert ledgers(card, card, period_before=first, period_after=last).is_empty()


@pytest.mark.parametrize("asked", [{"period_before": "1999"}, {"region": "nobody"}, {"code": "nothing"}])
def test_what_is_not_there_is_refused(asked: dict[str, str]) -> None:
    """An unknown region, cycle or code is a named problem."""
    card = _card(TWO, FACTS)
    wanted = {"region": "p", "period_before": "2024", "period_after": "2024", **asked}
    with pytest.raises(InputError) as caught:
        ledger(card, card, wanted.pop("region"), **wanted)  # type: ignore[arg-type]
    assert [problem.code for problem in caught.value.problems] == ["not_in_scorecard"]


# what holds of all


def _checked(before: Scorecard, after: Scorecard, first: str, last: str, code: str | None = None) -> pl.DataFrame:
    """The ledgers, once it is seen that they add up, hold no NaN, and turn their signs with the direction."""
    found = ledgers(before, after, period_before=first, period_after=last, code=code)
    assert found["term"].is_finite().all()
    assert found["kind"].is_in(list(KINDS)).all()
    outcome = outcomes(before, after, period_before=first, period_after=last, code=code)
    sums = outcome.join(found.group_by("region").agg(pl.col("term").sum()), on="region", how="left")
    size = 1.0 + pl.col("score_before").abs() + pl.col("score_after").abs()
    off = sums.drop_nulls("change").select(((pl.col("term").fill_null(0.0) - pl.col("change")) / size).abs())
    assert (off.to_series() <= 1e-9).all()
    assert found.filter(~pl.col("region").is_in(outcome.drop_nulls("change")["region"].to_list())).is_empty()
    back = ledgers(after, before, period_before=last, period_after=first, code=code)
    both = found.join(back, on=["region", "kind", "code"], how="full", nulls_equal=True)
    turned = both.select((pl.col("term").fill_null(0.0) + pl.col("term_right").fill_null(0.0)).abs() / 1e-7)
    assert (turned.to_series() <= 1.0 + both["term"].abs().fill_null(0.0)).all()
    return found


def _scored(case: Case, text: str | None = None) -> Scorecard | None:
    """A random case's scorecard; None where it is refused."""
    names = ("region", "site", "period", "variable")
    schema = {**dict.fromkeys(names, pl.String), "value": pl.Float64}
    facts = pl.DataFrame([{name: fact.get(name) for name in schema} for fact in case.facts], schema=schema)
    regions = None
    if case.regions is not None:
        regions = pl.DataFrame(list(case.regions), schema=dict.fromkeys(case.regions[0], pl.String))
    definitions = case.definitions if text is None else Case(text, ()).definitions
    try:
        # Facts of longer periods than another file's cycles leave nothing to score, those of another calendar no cycle.
        fitting = calendar_of(facts["period"].unique(), cycles_of(definitions))
        return None if fitting.is_empty() else score(definitions, facts, regions=regions)
    except (InputError, PeriodError):
        return None


BETWEEN_CYCLES = {"own", "frame", "imputation", "coverage", "valid", "rules", "factors"}


@few
@given(case=cases())
def test_ledgers_between_cycles_hold(case: Case) -> None:
    """Any method, tree and rule: terms add up, turn, and are of kinds that can change between cycles."""
    card = _scored(case)
    for first, last in zip(card.periods, card.periods[1:], strict=False) if card is not None else ():
        for code in (None, "pillar", "i"):
            assert card is not None
            found = _checked(card, card, first, last, code)
            assert set(found["kind"]) <= BETWEEN_CYCLES
            assert ledgers(card, card, period_before=last, period_after=last, code=code).is_empty()


@few
@given(case=cases())
def test_a_term_is_nothing_when_nothing_of_its_kind_changed(case: Case) -> None:
    """Own terms only of indicators whose value moved; none of the frame where the region is alone; no imputation."""
    card = _scored(case)
    for first, last in zip(card.periods, card.periods[1:], strict=False) if card is not None else ():
        assert card is not None
        found = ledgers(card, card, period_before=first, period_after=last)
        rows = card.frame.filter(pl.col("level") == "indicator")
        key = ["region", "code"]
        sides = rows.filter(pl.col("period") == first).join(rows.filter(pl.col("period") == last), on=key)
        told = found.join(sides, on=key, how="inner")
        unmoved = (pl.col("value") == pl.col("value_right")) & (pl.col("treated") == pl.col("treated_right"))
        relative = [c for c in card.definitions.indicators if "previous" in str(card.definitions.normaliser(c))]
        still = told.filter(unmoved & ~pl.col("code").is_in(relative))
        assert still.filter(pl.col("kind") == "own").is_empty()
        reported = told.filter(pl.col("imputed") == 0.0, pl.col("imputed_right") == 0.0)
        assert reported.filter(pl.col("kind") == "imputation").is_empty()
        gone = told.filter(
            pl.col("kind") == "coverage", pl.col("score").is_not_null(), pl.col("score_right").is_not_null()
        )
        assert gone.is_empty()


@few
@given(case=cases(), data=st.data())
def test_ledgers_between_snapshots_hold(case: Case, data: st.DataObject) -> None:
    """One fact is corrected: only its region has a revision, and nothing is its own performance."""
    at = data.draw(st.integers(0, len(case.facts) - 1))
    value = data.draw(st.sampled_from((1.0, 3.0, 100.0, None)))
    corrected = [fact if place != at else {**fact, "value": value} for place, fact in enumerate(case.facts)]
    before, after = _scored(case), _scored(Case(case.text, corrected, case.regions))
    if before is None or after is None:
        return
    region = case.facts[at]["region"]
    concerned = {region, *before.rows.regions.ancestors(region)} if region in before.regions["code"] else {region}
    for period in {*before.periods} & {*after.periods}:
        found = _checked(before, after, period, period)
        assert set(found["kind"]) <= BETWEEN_CYCLES - {"own"} | {"revision", "weights"}
        if not _peers_in_formulas(before):
            assert set(found.filter(pl.col("kind") == "revision")["region"]) <= concerned
        if before.definitions.compare == "leaves" and not _looks_elsewhere(before):
            # Nobody else's value moved, so nothing that this region is measured against did.
            assert found.filter(pl.col("region") == region, pl.col("kind") == "frame").is_empty()


def _looks_elsewhere(card: Scorecard) -> bool:
    """Whether a value can come from other regions: as an estimate, or in a formula that looks at peers."""
    estimates = any(card.definitions.missing(code).method != "none" for code in card.definitions.indicators)
    return estimates or _peers_in_formulas(card)


def _peers_in_formulas(card: Scorecard) -> bool:
    parts = (*card.definitions.indicators.values(), *card.definitions.variables.values())
    return any("peers_" in part.formula.text for part in parts if part.formula is not None)


@settings(few, max_examples=8)
@given(case=cases(), other=cases())
def test_ledgers_between_files_hold(case: Case, other: Case) -> None:
    """Two files that have nothing in common but their codes: whatever it comes to adds up and turns."""
    before, after = _scored(case), _scored(case, other.text)
    for period in {*before.periods} & {*after.periods} if before is not None and after is not None else ():
        assert before is not None
        assert after is not None
        found = _checked(before, after, period, period)
        assert not {"own", "revision", "imputation", "frame"} & set(found["kind"])


# the demonstration


@cache
def _demonstration() -> Scorecard:
    definitions = read(FILE.read_bytes(), path=str(FILE)).definitions
    assert definitions is not None
    built = demo.build()
    return score(definitions, built.facts, regions=built.regions)


def test_every_change_of_the_demonstration_adds_up() -> None:
    """All regions, all cycles and the pillars: to 1e-9, without a number that is none, and in one order."""
    card = _demonstration()
    pillars = [row.code for row in card.definitions.nodes() if row.level == "pillar"]
    for first, last in zip(card.periods, card.periods[1:], strict=False):
        for code in (None, *pillars[:2]):
            found = _checked(card, card, first, last, code)
            assert found.equals(ledgers(card, card, period_before=first, period_after=last, code=code))
            assert found["region"].is_sorted()


def test_one_region_has_the_ledger_that_it_has_among_all() -> None:
    """Asked for alone, a region's terms are the same."""
    card = _demonstration()
    every = ledgers(card, card, period_before="2023", period_after="2024")
    alone = ledger(card, card, "930200", period_before="2023", period_after="2024")
    both = alone.join(every, on=["region", "kind", "code"], how="left", nulls_equal=True)
    assert alone.height == every.filter(pl.col("region") == "930200").height
    assert ((both["term"] - both["term_right"]).abs() < 1e-9).all()


def test_weights_that_stay_have_no_term() -> None:
    """One pillar's weight changes, and with it the shares of its siblings: nothing below them, not even by rounding."""
    card = _demonstration()
    definitions = read(re.sub(r"weight: 0\.30", "weight: 0.6", FILE.read_text(encoding="utf-8"), count=1)).definitions
    assert definitions is not None
    other = score(definitions, card.facts, regions=demo.build().regions)
    found = ledgers(card, other, period_before="2024", period_after="2024")
    weights = found.filter(pl.col("kind") == "weights")
    pillars = {row.code for row in definitions.nodes() if row.level == "pillar"}
    assert set(weights["code"]) == pillars
    assert set(found["kind"]) <= {"weights", "rules"}
