"""What paths and margins tell, worked by hand: curves, frames that move, treated values, rules, jumps, held scores."""

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml

from metrics.composite import SLOPES
from metrics.menus import menus
from metrics.methods import Power
from metrics.paths import Path, margins, path
from metrics.reader import read
from metrics.scorecard import Scorecard, score
from metrics.targets import attainment

GRADES = [
    {"code": "a", "name": "a", "at_least": 80},
    {"code": "b", "name": "b", "at_least": 60},
    {"code": "d", "name": "d"},
]
PLAIN = {"better": "higher", "normalise": {"method": "goalposts", "worst": 0, "best": 100}}
LOWER = {"better": "lower", "normalise": {"method": "goalposts", "worst": 60, "best": 0}}
LOG = {"better": "lower", "normalise": {"method": "goalposts", "worst": 1000, "best": 1, "log": True}}
QUOTIENT = {"better": "lower", "normalise": "fraction_of_max"}
LIMITS = {"better": "lower", "normalise": {"method": "limits", "binding": 80, "current": 50, "leading": 20}}


def _card(
    indicators: list[dict[str, Any]], values: list[tuple[float, ...]], *, aggregate: str = "arithmetic", **more: Any
) -> Scorecard:
    """Regions p, q, … with a value of each indicator i0, i1, …."""
    codes = range(len(indicators))
    text = yaml.safe_dump(
        {
            "schema": 1, "title": "t", "variables": {f"v{at}": {"name": "v", "unit": "1"} for at in codes},
            "indicators": {
                f"i{at}": {"name": "i", "unit": "1", "formula": f"v{at}", **indicators[at]} for at in codes
            },
            "index": {
                "code": "all", "name": "all", "aggregate": aggregate, "floor": 1,
                "children": [{"indicator": f"i{at}"} for at in codes],
            },
            **{"grades": GRADES, **more},
        }
    )  # fmt: skip
    definitions = read(text).definitions
    assert definitions is not None
    names = "pqrstuvwxyz"
    facts = [(names[at], "2024", f"v{i}", float(x)) for at, row in enumerate(values) for i, x in enumerate(row)]
    return score(definitions, pl.DataFrame(facts, schema=["region", "period", "variable", "value"], orient="row"))


def _path(card: Scorecard, target: float | None = None) -> Path:
    found = path(card, "p", "2024", target=target)
    assert found is not None
    return found


def _needed(card: Scorecard, target: float | None = None) -> dict[str, float]:
    found = _path(card, target)
    assert found.possible
    return dict(found.steps.select("code", "value_needed").iter_rows())


def _lost(card: Scorecard) -> dict[str, float | None]:
    return dict(margins(card, "p", "2024").select("code", "value_at_loss").iter_rows())


def test_a_curve_is_inverted_not_its_chord() -> None:
    """5/x is 60 % at 25/3; ln falls to 60 of 100 between 1000 and 1 at 1000^0.4; 5/x loses 80 % at 25/4."""
    assert _needed(_card([QUOTIENT], [(900,), (5,), (6,), (300,)])) == {"i0": pytest.approx(25 / 3)}
    assert _needed(_card([LOG], [(900,), (5,), (2,), (300,)])) == {"i0": pytest.approx(1000**0.4)}
    assert _lost(_card([QUOTIENT], [(5.2,), (5,), (900,), (6,)])) == {"i0": pytest.approx(25 / 4)}
    assert _lost(_card([LOG], [(2,), (900,), (2.5,), (300,)])) == {"i0": pytest.approx(1000**0.2)}


def test_the_end_of_a_frame_moves_with_the_region_that_is_it() -> None:
    """The worst of 10, 40, 80, 100 is half way once it stands between 40 and 100: at 70, not at 55."""
    card = _card([{"better": "higher", "normalise": "minmax"}], [(10,), (40,), (80,), (100,)])
    assert _needed(card, 50.0) == {"i0": pytest.approx(70.0)}


def test_a_menu_is_in_values_as_they_are_reported() -> None:
    """Where outliers make a frame logarithmic, values stay what a region reports, and scores are those of it."""
    winsorised = {
        "better": "higher",
        "normalise": "minmax",
        "outliers": {"method": "winsorise", "max_points": 1, "skew": 0.5, "kurtosis": 0.5},
    }
    card = _card([winsorised], [(103,), *((100 + at,) for at in range(8)), (9000,), (8000,)])
    assert "treated" in card.frame.filter(pl.col("code") == "i0")["flags"][0]
    menu = menus(card, "p", "2024")["i0"]
    assert (menu.values[0], menu.values[-1]) == (103.0, 9000.0)
    assert menu.scores[0] == pytest.approx(
        card.frame.filter(pl.col("code") == "i0", pl.col("region") == "p")["score"][0]
    )


def test_a_margin_ends_where_a_rule_sets_in() -> None:
    """A veto above 30 takes the grade just beyond 30, where the mean alone would keep it to 40; a penalty of 11 too."""
    rules = [{"code": "ve", "kind": "veto", "when": "i0 > 30", "cap": "d"}]
    values = [(20.0, 90.0), (50.0, 90.0), (5.0, 100.0)]
    for rule in (rules[0], {"code": "pe", "kind": "penalty", "when": "i0 > 30", "points": 11}):
        found = _lost(_card([LOWER, PLAIN], values, rules=[rule]))["i0"]
        assert found is not None
        assert 30.0 < found < 30.001
    # (100 − x/0.6 + 90)/2 = 60 at 42.
    assert _lost(_card([LOWER, PLAIN], values))["i0"] == pytest.approx(42.0)


def test_a_margin_is_that_of_the_grade_held() -> None:
    """Held at b by a veto with a mean of 90, a region keeps b down to 60, not to 80."""
    rules = [{"code": "ve", "kind": "veto", "when": "v0 > 1", "cap": "b"}]
    card = _card([PLAIN], [(90.0,), (50.0,)], rules=rules)
    assert card.composite_of("p", "2024")["grade"] == "b"
    assert _lost(card) == {"i0": pytest.approx(60.0)}


def test_points_count_in_full_where_the_composite_is_held() -> None:
    """At 3 with 10 points off the composite is held at 0, and 60 takes 70; at 98 with 10 more, 95 is lost at 85."""
    off = [{"code": "pe", "kind": "penalty", "when": "v0 > -1", "points": 10}]
    assert _needed(_card([PLAIN], [(3.0,), (90.0,), (100.0,)], rules=off)) == {"i0": pytest.approx(70.0)}
    more = [{"code": "bo", "kind": "bonus", "when": "v0 > 1", "points": 10}]
    best = [{"code": "a", "name": "a", "at_least": 95}, {"code": "d", "name": "d"}]
    card = _card([PLAIN], [(98.0,), (90.0,), (100.0,)], rules=more, grades=best)
    assert _lost(card) == {"i0": pytest.approx(85.0)}


def test_a_penalty_that_the_path_ends_is_not_made_up_for() -> None:
    """10 points off below 58: 60 is reached at 60, where the points are no longer taken, not at 70."""
    rules = [{"code": "pe", "kind": "penalty", "when": "i0 < 58", "points": 10}]
    assert _needed(_card([PLAIN], [(30.0,), (90.0,)], rules=rules)) == {"i0": pytest.approx(60.0)}


def test_only_what_counts_is_to_change() -> None:
    """With the lowest of two scores, the one that is high enough is left alone, also where the target is just met."""
    for now in (65.94, 61.3, 70.1):
        card = _card([LIMITS, PLAIN], [(now, 85.0), (50.0, 90.0), (55.0, 99.0)], aggregate="minimum")
        assert _needed(card) == {"i0": pytest.approx(50.0)}


def test_what_is_no_step_is_not_told(demonstration: Scorecard) -> None:
    """Each step of each path takes an effort; 910300 needs two of them in 2024."""
    found = path(demonstration, "910300", "2024")
    assert found is not None
    assert found.steps.height == 2
    assert (found.steps["effort"] > 1e-6).all()


def test_a_jump_is_taken_whole() -> None:
    """From 0 beyond the binding value to 60 at it: 30 is reached at the binding value itself, which scores 60."""
    grades = [{"code": "b", "name": "b", "at_least": 30}, {"code": "d", "name": "d"}]
    found = _path(_card([LIMITS], [(90.0,), (20.0,), (30.0,)], grades=grades))
    assert found.steps["value_needed"].to_list() == [80.0]
    assert found.reached == 60.0


def test_a_value_in_a_band_gets_worse_on_both_sides() -> None:
    """From 58 in 40..60, 0 at 10 and 90, 80 is lost at 66 sooner than at 34."""
    band = {
        "better": {"between": [40, 60]}, "normalise": {"method": "band", "best": [40, 60], "worst": [10, 90]},
    }  # fmt: skip
    assert _lost(_card([band], [(58.0,), (50.0,), (20.0,)])) == {"i0": pytest.approx(66.0)}


def test_a_margin_under_quotas_is_the_next_region_s_score() -> None:
    """With one place the best of 90, 70, 50 keeps it until it is below 70."""
    grades = [{"code": "a", "name": "a", "top": 1}, {"code": "d", "name": "d"}]
    assert _lost(_card([PLAIN], [(90.0,), (70.0,), (50.0,)], grades=grades)) == {"i0": pytest.approx(70.0)}


def test_no_rate_is_infinite() -> None:
    """From 1e-310 to 80 no compound rate is a number: it is missing."""
    goal = {"better": "higher", "normalise": {"method": "distance_to_target", "target": 80}}
    found = attainment(_card([goal], [(1e-310,), (50.0,)]), "2024", due="2025")
    assert found["needed_rate"].to_list() == [None, pytest.approx(0.6)]
    falling = {"better": "lower", "normalise": {"method": "distance_to_target", "target": 1e-310}}
    rates = attainment(_card([falling], [(80.0,), (50.0,)]), "2024", due="2025")
    assert all(math.isfinite(rate) for rate in rates["rate"])


@pytest.mark.filterwarnings("error")
def test_a_very_low_power_is_the_minimum() -> None:
    """The slope of a power mean of −100,000 is all in the lowest score, without overflow."""
    slope = SLOPES["power"](np.array([20.0, 80.0]), np.array([0.5, 0.5]), Power(power=-1e5))
    assert slope.tolist() == [pytest.approx(1.0, abs=1e-4), 0.0]
