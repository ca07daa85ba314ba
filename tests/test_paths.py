"""Paths and targets: what is asked for reaches the grade, nothing cheaper does, and what would lose it loses it."""

import math
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from metrics.composite import Composite
from metrics.menus import menus
from metrics.paths import margins, next_grade, path
from metrics.problems import InputError
from metrics.reader import read
from metrics.scorecard import Scorecard, score
from metrics.shadows import shadow_scores
from metrics.targets import attainment, later_cycles

HEAD = """
schema: 1
title: t
variables:
  x: {name: x, unit: "1"}
  y: {name: y, unit: "1"}
  z: {name: z, unit: "1"}
indicators:
  a: {name: a, unit: "1", formula: x, better: higher, normalise: {method: goalposts, worst: 0, best: 100}}
  b: {name: b, unit: "1", formula: y, better: lower, normalise: {method: goalposts, worst: 200, best: 0}}
  c: {name: c, unit: "1", formula: z, better: higher, normalise: 
      {method: steps, steps: [[10, 0], [20, 50]], above: 100}}
"""
TREES = {
    "arithmetic": (
        "index: {code: all, name: all, children: [{indicator: a, weight: 2}, {indicator: b}, {indicator: c}]}"
    ),
    "geometric": (
        "index: {code: all, name: all, aggregate: geometric, floor: 1, "
        "children: [{indicator: a, weight: 2}, {indicator: b}, {indicator: c}]}"
    ),
    "both": (
        "index: {code: all, name: all, aggregate: geometric, floor: 1, children: [{code: p, name: p, "
        "children: [{indicator: a}, {indicator: b}]}, {indicator: c}]}"
    ),
    "harmonic": (
        "index: {code: all, name: all, aggregate: harmonic, floor: 1, children: [{indicator: a}, {indicator: b}]}"
    ),
}
GRADES = (
    "\ngrades: [{code: good, name: good, at_least: 70}, {code: fair, name: fair, at_least: 40}, "
    "{code: poor, name: poor}]"
)
# p is in the middle, q and r show what can be reached.
VALUES = {"p": (40.0, 120.0, 15.0), "q": (90.0, 20.0, 30.0), "r": (20.0, 60.0, 5.0)}


def _card(
    tree: str, values: dict[str, tuple[float, float, float]] = VALUES, more: str = "", grades: str = GRADES
) -> Scorecard:
    definitions = read(HEAD + TREES[tree] + grades + more).definitions
    assert definitions is not None
    facts = [(r, "2024", v, x) for r, row in values.items() for v, x in zip("xyz", row, strict=True)]
    return score(definitions, pl.DataFrame(facts, schema=["region", "period", "variable", "value"], orient="row"))


def _composite(card: Scorecard, region: str) -> float:
    found = card.frame.filter(pl.col("code") == "all", pl.col("region") == region)["score"][0]
    assert isinstance(found, float)
    return found


@pytest.mark.parametrize("tree", TREES)
def test_a_path_reaches_its_grade(tree: str) -> None:
    """Facts changed as the path says score the target, and give the grade; jumps included."""
    found = path(_card(tree), "p", "2024")
    assert found is not None
    assert found.possible
    assert (found.grade, found.target) == ("good", 70.0)
    changed = dict(zip("abc", VALUES["p"], strict=True)) | dict(found.steps.select("code", "value_needed").iter_rows())
    card = _card(tree, VALUES | {"p": (changed["a"], changed["b"], changed["c"])})
    assert math.isclose(_composite(card, "p"), found.reached, abs_tol=1e-9)
    assert found.reached >= 70.0 - 1e-6


@pytest.mark.parametrize("tree", TREES)
@settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(p=st.tuples(st.integers(5, 60), st.integers(80, 190), st.sampled_from([5.0, 15.0])), target=st.integers(45, 85))
def test_nothing_cheaper_reaches_it(tree: str, p: tuple[float, float, float], target: int) -> None:
    """No point of a fine grid over all menus reaches the score with less effort."""
    card = _card(tree, VALUES | {"p": p})
    if _composite(card, "p") >= target:
        return
    found = path(card, "p", "2024", target=float(target))
    assert found is not None
    whole = Composite(card, card.wide.with_row_index("at").filter(pl.col("region") == "p")["at"][0])
    grids = []
    for menu in (menu for code, menu in menus(card, "p", "2024").items() if code in whole.scores):
        places = np.arange(len(menu.values)) if all(menu.jumps) else np.linspace(0, len(menu.values) - 1, 13)
        along = range(len(menu.values))
        grids.append(
            [(menu.code, np.interp(at, along, menu.scores), np.interp(at, along, menu.efforts)) for at in places]
        )
    efforts = [
        sum(effort for _, _, effort in chosen)
        for chosen in product(*grids)
        if whole.value({code: float(score) for code, score, _ in chosen}) >= target - 1e-9
    ]
    assert found.possible == bool(efforts)
    if efforts:
        assert found.steps["effort"].sum() <= min(efforts) + 1e-6


def test_one_indicator_alone() -> None:
    """40·2 + 40 + 50 is 170/4 = 42.5; to 70 a alone needs 55 points more, 95, which nobody has; b 110 more; so none."""
    found = path(_card("arithmetic"), "p", "2024")
    assert found is not None
    assert found.score == 42.5
    assert dict(found.alone.select("code", "value_needed").iter_rows()) == {"a": None, "b": None, "c": None}
    nearer = path(_card("arithmetic"), "p", "2024", target=50.0)
    assert nearer is not None
    alone = dict(nearer.alone.select("code", "value_needed").iter_rows())
    # 30 more points of the sum: a from 40 to 55, b from 40 to 70 points (120 → 60), c over its last step.
    assert (round(alone["a"], 6), round(alone["b"], 6)) == (55.0, 60.0)
    assert 20.0 < alone["c"] < 20.001


def test_what_peers_have_not_reached_is_not_asked_for() -> None:
    """A score beyond the peers' best of everything is said to be out of reach, with how far they would take one."""
    found = path(_card("arithmetic"), "p", "2024", target=99.0)
    assert found is not None
    assert not found.possible
    assert found.steps.is_empty()
    # 90·2 + 90 + 100 of 400.
    assert math.isclose(found.reached, 92.5)


def test_bonuses_count_and_vetoes_are_named() -> None:
    """Points of rules come on top of what indicators must reach; a veto that is met is named beside the path."""
    rules = (
        "\nrules: [{code: plus, kind: bonus, when: a > 1, points: 5}, "
        "{code: stop, kind: veto, when: b > 100, cap: poor}]"
    )
    found = path(_card("arithmetic", more=rules), "p", "2024", target=57.5)
    assert found is not None
    assert (found.score, found.vetoes) == (47.5, ("stop",))
    plain = path(_card("arithmetic"), "p", "2024", target=52.5)
    assert plain is not None
    assert found.steps.equals(plain.steps)


def test_nobody_is_asked_for_a_grade_beyond_the_best(demonstration: Scorecard) -> None:
    """The best grade has no next one; a region without a score has no path."""
    assert path(_card("arithmetic"), "q", "2024") is None
    assert next_grade(demonstration, "920100", "2024") is None


def test_a_median_has_no_path() -> None:
    """Means that are not concave are refused by name."""
    text = TREES["arithmetic"].replace("name: all,", "name: all, aggregate: median,", 1)
    definitions = read(HEAD + text + GRADES).definitions
    assert definitions is not None
    facts = [(r, "2024", v, x) for r, row in VALUES.items() for v, x in zip("xyz", row, strict=True)]
    card = score(definitions, pl.DataFrame(facts, schema=["region", "period", "variable", "value"], orient="row"))
    with pytest.raises(InputError) as error:
        path(card, "p", "2024")
    assert error.value.problems[0].code == "no_path_through"


@pytest.mark.parametrize("tree", TREES)
def test_a_margin_is_the_edge_of_the_grade(tree: str) -> None:
    """At the value given the grade is lost, a little before it is kept."""
    card = _card(tree)
    held = 40.0 if _composite(card, "p") >= 40.0 else -math.inf
    found = margins(card, "p", "2024")
    assert found.height == (0 if held < 0 else len(Composite(card, 0).scores))
    for code, value, lost in found.select("code", "value", "value_at_loss").iter_rows():
        # A composite that stands on the edge already falls with the first step, however small.
        if lost is None or abs(lost - value) < 1e-3:
            continue
        place = "abc".index(code)
        for share, kept in ((1.0, False), (0.999, True)):
            row = list(VALUES["p"])
            row[place] = value + (lost - value) * share
            assert (_composite(_card(tree, VALUES | {"p": tuple(row)}), "p") >= held - 5e-10) is kept  # type: ignore[dict-item]


def test_shadows_score_as_the_region_does(demonstration: Scorecard) -> None:
    """With its own values a shadow has the region's own scores, by every method of the default set."""
    card = demonstration
    for region in ("910200", "920100", "930400"):
        rows = card.frame.filter(
            pl.col("region") == region, pl.col("period") == "2024", pl.col("level") == "indicator"
        ).drop_nulls("treated")
        for code, treated, expected in rows.select("code", "treated", "score").iter_rows():
            assert shadow_scores(card, region, "2024", code, [treated])[0] == pytest.approx(expected, abs=1e-9), code


def test_every_region_of_the_demonstration_has_its_path(demonstration: Scorecard) -> None:
    """For each region below the best grade a path is found or said to be impossible; nothing is NaN."""
    below = 0
    for region in demonstration.regions.filter("compared")["code"]:
        found = path(demonstration, region, "2024")
        if found is None:
            continue
        below += 1
        assert math.isfinite(found.reached)
        assert found.reached >= found.target - 1e-6 or found.steps.is_empty()
        assert found.steps.select(pl.col(pl.Float64).is_finite().all()).row(0) == (True,) * 6 or found.steps.is_empty()
    assert below > 8


def test_the_pace_that_is_still_needed() -> None:
    """From 30 to the target 20 in two cycles: −5 a cycle, −18.35 % compound; a pace of −6 is enough, of −4 is not."""
    text = """
schema: 1
title: t
variables: {x: {name: x, unit: "1"}}
indicators:
  a: {name: a, unit: "1", formula: x, better: lower, normalise: {method: goalposts, worst: 60, best: 20}}
index: {code: all, name: all, children: [{indicator: a}]}
"""
    definitions = read(text).definitions
    assert definitions is not None
    facts = [("p", "2023", "x", 36.0), ("q", "2023", "x", 34.0), ("r", "2023", "x", 25.0)]
    facts += [("p", "2024", "x", 30.0), ("q", "2024", "x", 30.0), ("r", "2024", "x", 16.0)]
    card = score(definitions, pl.DataFrame(facts, schema=["region", "period", "variable", "value"], orient="row"))
    assert later_cycles(card, "2024", 3) == ("2025", "2026", "2027")
    found = {row["region"]: row for row in attainment(card, "2024", due="2026").iter_rows(named=True)}
    assert [found["p"][name] for name in ("attained", "gap", "needed", "pace", "on_track")] == [
        False,
        -10,
        -5,
        -6,
        True,
    ]
    assert math.isclose(found["p"]["needed_rate"], (20 / 30) ** 0.5 - 1)
    assert found["q"]["on_track"] is False
    assert [found["r"][name] for name in ("attained", "rate", "needed", "on_track")] == [True, 1.25, 0.0, True]
    for due in ("2024", "2020", "soon"):
        with pytest.raises(InputError):
            attainment(card, "2024", due=due)


@pytest.mark.parametrize(
    ("method", "needed"),
    [
        ("{method: distance_to_target, target: 8, clip: true}", 6.0),
        ("{method: distance_to_reference, reference: r, clip: true}", 6.0),
        ("{method: minmax, frame: 2023, clip: true}", 7.5),
    ],
)
def test_a_clipped_score_turns_where_it_ends(method: str, needed: float) -> None:
    """From 0 at 0 to 100 at 8, at r's 8, or at the frame's 10: 75 is three quarters of that, not of what is beyond."""
    text = (
        "schema: 1\ntitle: t\nvariables: {x: {name: x, unit: '1'}}\nindicators:\n"
        f"  a: {{name: a, unit: '1', formula: x, better: higher, normalise: {method}}}\n"
        "index: {code: all, name: all, children: [{indicator: a}]}\n"
    )
    definitions = read(text).definitions
    assert definitions is not None
    values = {"2023": [0.0, 5.0, 10.0, 8.0], "2024": [0.0, 4.0, 20.0, 8.0]}
    facts = [(c, year, "x", x) for year, column in values.items() for c, x in zip("opqr", column, strict=True)]
    card = score(definitions, pl.DataFrame(facts, schema=["region", "period", "variable", "value"], orient="row"))
    found = path(card, "p", "2024", target=75.0)
    assert found is not None
    assert found.steps["value_needed"].to_list() == [pytest.approx(needed)]


def test_no_infinite_number_is_written() -> None:
    """Sums and conversions beyond what a computer keeps are missing, with their flag, and take nobody along."""
    text = (
        "schema: 1\ntitle: t\nvariables:\n  x: {name: x, unit: 元, partial: allow}\n  y: {name: y, unit: 万元}\n"
        "indicators:\n  a: {name: a, unit: 元, formula: x, better: higher}\n"
        "  b: {name: b, unit: 元, formula: y, better: higher}\n"
        "index: {code: all, name: all, min_coverage: 0, children: [{indicator: a}, {indicator: b}]}\n"
    )
    definitions = read(text).definitions
    assert definitions is not None
    facts = [("p", "2024-01", "x", 1.7e308), ("p", "2024-02", "x", 1.7e308), ("p", "2024", "y", 1e305)]
    facts += [(c, "2024", v, float(n)) for n, c in enumerate("qr", start=1) for v in "xy"]
    card = score(definitions, pl.DataFrame(facts, schema=["region", "period", "variable", "value"], orient="row"))
    assert card.frame.select(pl.col(pl.Float64).is_infinite().any()).row(0) == (False,) * 6
    rows = {(row["region"], row["code"]): row for row in card.frame.iter_rows(named=True)}
    assert all("infinite" in rows["p", code]["flags"] for code in "ab")
    assert [rows[region, "a"]["score"] for region in "qr"] == [0.0, 100.0]


def test_a_score_short_of_a_grade_by_rounding_has_that_grade() -> None:
    """Grades allow for the last digits, so that the next grade is the one above and the margin is that of this one."""
    held = _composite(_card("arithmetic"), "p")
    near = _card("arithmetic", grades=GRADES.replace("at_least: 40", f"at_least: {held + 5e-10:.11f}"))
    following = next_grade(near, "p", "2024")
    assert near.composite_of("p", "2024")["grade"] == "fair"
    assert following is not None
    assert following[0].code == "good"
    assert margins(near, "p", "2024").height == 3


def test_a_pace_that_falls_short_by_rounding_alone_is_kept_up() -> None:
    """3.2 − 0.6 a cycle comes to 2 in two, although the last digit of the sum says otherwise."""
    text = """
schema: 1
title: t
variables: {x: {name: x, unit: "1"}}
indicators:
  a: {name: a, unit: "1", formula: x, better: lower, normalise: {method: goalposts, worst: 60, best: 2}}
index: {code: all, name: all, children: [{indicator: a}]}
"""
    definitions = read(text).definitions
    assert definitions is not None
    facts = [("p", "2023", "x", 3.8), ("p", "2024", "x", 3.2), ("q", "2023", "x", 3.8), ("q", "2024", "x", 3.2001)]
    card = score(definitions, pl.DataFrame(facts, schema=["region", "period", "variable", "value"], orient="row"))
    found = dict(attainment(card, "2024", due="2026").select("region", "on_track").iter_rows())
    assert 3.2 + 2 * (3.2 - 3.8) > 2.0
    assert found == {"p": True, "q": False}
