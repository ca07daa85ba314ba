"""Paths and margins are true: set as facts and scored again, they reach the grade, and lose it, by every method."""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
import yaml

from metrics.paths import margins, path
from metrics.reader import read
from metrics.scorecard import Scorecard, score

REGIONS, CYCLES = tuple(f"r{at}" for at in range(7)), ("2023", "2024")
GRADES: list[dict[str, Any]] = [
    {"code": "a", "name": "a", "at_least": 80},
    {"code": "b", "name": "b", "at_least": 65},
    {"code": "c", "name": "c", "at_least": 50},
    {"code": "d", "name": "d"},
]
NORMALISERS: list[tuple[dict[str, Any], Any]] = [
    ({"method": "goalposts", "worst": 0, "best": 100}, "higher"),
    ({"method": "goalposts", "worst": 100, "best": 5, "log": True}, "lower"),
    ({"method": "piecewise", "points": [[10, 0], [50, 80], [90, 100]]}, "higher"),
    ({"method": "limits", "binding": 80, "current": 50, "leading": 20}, "lower"),
    ({"method": "steps", "steps": [[30, 40], [60, 70]], "above": 95}, "higher"),
    ({"method": "steps", "steps": [[0.8, 95], [1.1, 70]], "above": 35, "relative_to": "peers_mean"}, "lower"),
    ({"method": "steps", "steps": [[0.9, 95], [1.2, 70]], "above": 35, "relative_to": "previous"}, "lower"),
    ({"method": "band", "best": [40, 60], "worst": [10, 90]}, {"between": [40, 60]}),
    ({"method": "minmax"}, "higher"),
    ({"method": "minmax", "frame": "all"}, "lower"),
    ({"method": "minmax", "frame": "2023", "clip": True}, "lower"),
    ({"method": "zscore", "mean": 60, "sd": 15}, "higher"),
    ({"method": "percentile_rank"}, "higher"),
    ({"method": "percentile_rank", "frame": "all"}, "lower"),
    ({"method": "fraction_of_max"}, "lower"),
    ({"method": "fraction_of_max"}, "higher"),
    ({"method": "distance_to_target", "target": 110}, "higher"),
    ({"method": "distance_to_reference", "reference": "r0", "clip": True}, "lower"),
]
TREATMENTS: list[dict[str, Any]] = [
    {},
    {"outliers": {"method": "winsorise", "max_points": 2, "skew": 0.5, "kurtosis": 0.2}},
    {"outliers": {"method": "winsorise", "max_points": 1, "skew": 0.3, "kurtosis": 0.1}, "missing": {"method": "mean"}},
    {"missing": {"method": "median"}},
]
RULES: list[dict[str, Any]] = [
    {"code": "bo", "kind": "bonus", "when": "i0 > 55", "points": 4},
    {"code": "pe", "kind": "penalty", "when": "i1 > 45", "points": 6},
    {"code": "ve", "kind": "veto", "when": "i2 < 20", "cap": "c"},
    {"code": "po", "kind": "penalty", "when": "p0 < 40", "points": 3},
    {"code": "ga", "kind": "gate", "when": "i1 > 97"},
]
MEANS: list[Any] = ["arithmetic", "geometric", "harmonic", "minimum", {"power": 0.5}]
Cube = npt.NDArray[np.float64]


def _scored(text: str, values: Cube) -> Scorecard:
    definitions = read(text).definitions
    assert definitions is not None
    facts = [
        (region, cycle, f"v{at}", None if np.isnan(value := values[c, r, at]) else float(value))
        for c, cycle in enumerate(CYCLES)
        for r, region in enumerate(REGIONS)
        for at in range(values.shape[2])
    ]
    schema = {"region": pl.String, "period": pl.String, "variable": pl.String, "value": pl.Float64}
    return score(definitions, pl.DataFrame(facts, schema=schema, orient="row"))


def _text(draw: np.random.Generator, rules: list[dict[str, Any]]) -> str:
    def one(of: list[Any]) -> Any:
        return of[draw.integers(len(of))]

    indicators = {}
    for at in range(4):
        method, better = one(NORMALISERS)
        framed = method["method"] not in ("goalposts", "limits", "piecewise", "steps", "band", "distance_to_target")
        treatment = one(TREATMENTS) if framed else {}
        indicators[f"i{at}"] = {
            "name": "i", "unit": "1", "formula": f"v{at}", "better": better, "normalise": method, **treatment,
        }  # fmt: skip
    nodes = [
        {"code": f"p{at}", "name": "p", "aggregate": one(MEANS), "floor": 1, "children": children}
        for at, children in enumerate(pairwise([{"indicator": f"i{place}", "weight": place + 1} for place in range(4)]))
        if at != 1
    ]
    index = {"code": "all", "name": "all", "aggregate": one(MEANS), "floor": 1, "children": nodes}
    return yaml.safe_dump(
        {
            "schema": 1, "title": "t", "variables": {f"v{at}": {"name": "v", "unit": "1"} for at in range(4)},
            "indicators": indicators, "index": index, "grades": GRADES, "rules": rules,
        }
    )  # fmt: skip


def _case(seed: int) -> tuple[str, Cube]:
    draw = np.random.default_rng(seed)
    text = _text(draw, [rule for rule in RULES if seed % 2 and draw.random() < 0.6])
    values = np.round(draw.uniform(5, 95, (len(CYCLES), len(REGIONS), 4)), 2)
    if seed % 3 == 0:
        values[draw.random(values.shape) < 0.06] = np.nan
    if seed % 5 == 0:
        values[:, 3, :] *= 4.0
    return text, values


def _again(text: str, values: Cube, region: str, changed: dict[str, float]) -> dict[str, Any]:
    values = values.copy()
    for code, value in changed.items():
        values[1, REGIONS.index(region), int(code[1:])] = value
    return _scored(text, values).composite_of(region, "2024")


def _place(grade: str | None) -> int:
    return len(GRADES) if grade is None else [entry["code"] for entry in GRADES].index(grade)


@pytest.mark.parametrize("seed", range(6))
def test_the_values_of_a_path_reach_its_score(seed: int) -> None:
    """Each possible path, and each value that does it alone, reaches its score when it is reported."""
    text, values = _case(seed)
    card = _scored(text, values)
    for region in REGIONS:
        found = path(card, region, "2024")
        if found is None:
            continue
        if found.possible:
            row = _again(text, values, region, dict(found.steps.select("code", "value_needed").iter_rows()))
            assert row["score"] >= found.target - 1e-9
            assert row["score"] == pytest.approx(found.reached, abs=1e-9)
            assert found.vetoes or _place(row["grade"]) <= _place(found.grade)
            assert (found.steps["effort"] > 1e-7).all()
        for code, needed in found.alone.drop_nulls("value_needed").select("code", "value_needed").iter_rows():
            assert _again(text, values, region, {code: needed})["score"] >= found.target - 1e-9


@pytest.mark.parametrize("seed", range(6))
def test_the_value_of_a_margin_loses_the_grade(seed: int) -> None:
    """At the value told the grade is lost, at 99.9 % of the way it is not."""
    text, values = _case(seed)
    card = _scored(text, values)
    for region in REGIONS:
        held = _place(card.composite_of(region, "2024")["grade"])
        rows = margins(card, region, "2024").drop_nulls("value_at_loss").filter(pl.col("effort") > 1e-4)
        for code, now, lost in rows.select("code", "value", "value_at_loss").iter_rows():
            assert _place(_again(text, values, region, {code: lost})["grade"]) > held
            assert _place(_again(text, values, region, {code: now + (lost - now) * 0.999})["grade"]) == held
