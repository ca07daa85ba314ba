"""Bad input: what is strange in facts or definitions gives a named problem or a flag, never NaN, never a traceback."""

import warnings
from typing import Any

import polars as pl
import pytest
import yaml

from metrics.aggregate import METHODS as AGGREGATIONS
from metrics.normalise import METHODS as NORMALISERS
from metrics.problems import InputError
from metrics.reader import read
from metrics.scorecard import Scorecard, score
from metrics.weigh import METHODS as SOURCES
from tests.oracle.comparison import not_finite

Table = dict[str, dict[str, tuple[float | None, ...]]]  # by cycle and region: x, y, z
EQUAL: dict[str, Any] = {"method": "goalposts", "worst": 0, "best": 100}
PLAIN: Table = {"2024": {"p": (10.0, 80.0, 50.0), "q": (30.0, 20.0, 60.0), "r": (60.0, 50.0, 20.0)}}
PARAMETERS: dict[str, dict[str, Any]] = {
    "goalposts": {"worst": 0, "best": 100},
    "distance_to_target": {"target": 200},
    "distance_to_reference": {"reference": "p"},
    "piecewise": {"points": [[0, 0], [50, 100]]},
    "steps": {"steps": [[1, 100]], "above": 20, "relative_to": "peers_mean"},
    "limits": {"binding": 1, "current": 20, "leading": 50},
    "band": {"best": [20, 40], "worst": [0, 60]},
}
JUDGED: dict[str, Any] = {
    "ahp": {"ahp": [{"by": "a", "matrix": [[1, 2, 4], ["1/2", 1, 2], ["1/4", "1/2", 1]]}]},
    "budget": {"budget": [{"by": "a", "shares": [20, 30, 50]}]},
    "combine": {"combine": [{"of": "equal"}, {"of": {"entropy": 2024}}]},
    **{name: {name: 2024} for name in ("entropy", "critic", "pca")},
}
MEANS: dict[str, Any] = {
    **{name: {"aggregate": name} for name in AGGREGATIONS},
    "power": {"aggregate": {"power": -2}},
    "geometric": {"aggregate": "geometric", "floor": 1},
    "harmonic": {"aggregate": "harmonic", "floor": 1},
}


def _text(*, indicator: dict[str, Any] | None = None, node: dict[str, Any] | None = None, **more: Any) -> str:
    """A file of three indicators a, b, c = x, y, z under one node."""
    plain = {"unit": "1", "better": "higher", "normalise": EQUAL}
    return yaml.safe_dump(
        {
            "schema": 1,
            "title": "bad",
            "variables": {code: {"name": code, "unit": "1"} for code in "xyz"},
            "indicators": {
                code: {"name": code, "formula": of, **plain, **(indicator or {})}
                for code, of in zip("abc", "xyz", strict=True)
            },
            "index": {
                "code": "all",
                "name": "all",
                "min_coverage": 0,
                "children": [{"indicator": code} for code in "abc"],
                **(node or {}),
            },
            **more,
        },
        sort_keys=False,
    )


def _scored(text: str, table: Table, regions: dict[str, str] | None = None) -> Scorecard:
    """The scorecard; no number of it is NaN or infinite, and no library had to warn of one."""
    reading = read(text)
    assert reading.definitions is not None, [problem.render("f", "en") for problem in reading.problems]
    rows = [
        (region, cycle, variable, value)
        for cycle, of_cycle in table.items()
        for region, values in of_cycle.items()
        for variable, value in zip("xyz", values, strict=True)
    ]
    facts = pl.DataFrame(
        rows,
        schema={"region": pl.String, "period": pl.String, "variable": pl.String, "value": pl.Float64},
        orient="row",
    )
    zones = None if regions is None else pl.DataFrame({"code": list(regions), "zone": list(regions.values())})
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        card = score(reading.definitions, facts, regions=zones)
    assert not_finite(card.frame) == 0
    assert card.notes is not None
    return card


def _cell(card: Scorecard, code: str, region: str = "p", period: str = "2024") -> dict[str, Any]:
    found = card.frame.filter(pl.col("code") == code, pl.col("region") == region, pl.col("period") == period)
    return found.row(0, named=True)


def _refused(text: str, table: Table) -> list[tuple[str, str]]:
    """The code and place of each problem for which scoring is refused; each has words in both languages."""
    with pytest.raises(InputError) as refused:
        _scored(text, table)
    assert all(problem.render("f", lang) for problem in refused.value.problems for lang in ("zh", "en"))
    return [(problem.code, problem.path) for problem in refused.value.problems]


def _problems(text: str) -> list[tuple[str, str, str]]:
    """What `check` says of a file: severity, code and path, notes left out."""
    found = [(problem.severity, problem.code, problem.path) for problem in read(text).problems]
    return [problem for problem in found if problem[0] != "note"]


# What the facts hold


@pytest.mark.parametrize("name", NORMALISERS)
@pytest.mark.parametrize(
    "table",
    [
        {"2024": {"p": (7.0, 7.0, 7.0), "q": (7.0, 7.0, 7.0)}},
        {"2024": {"p": (0.0, 0.0, 0.0), "q": (0.0, 0.0, 0.0)}},
        {"2024": {"p": (7.0, 0.0, -3.0)}},
        {"2024": {"p": (None, None, None), "q": (None, None, None)}},
        {"2024": {"p": (8e307, -8e307, 1e-308), "q": (-8e307, 8e307, 0.0)}},
    ],
    ids=["constant", "zero", "one region", "all missing", "extreme"],
)
@pytest.mark.parametrize("better", ["higher", "lower"])
def test_every_normaliser_meets_any_facts(name: str, table: Table, better: str) -> None:
    """A value without a score says why; what scores is a number."""
    method = {"method": name, **PARAMETERS.get(name, {})}
    if better == "lower" and name in ("goalposts", "limits"):
        method |= {"worst": 100, "best": 0} if name == "goalposts" else {"binding": 50, "leading": 1}
    wanted: Any = {"between": [20, 40]} if name == "band" else better
    card = _scored(_text(indicator={"normalise": method, "better": wanted}), table)
    silent = card.frame.filter(
        pl.col("level") == "indicator", pl.col("value").is_not_null(), pl.col("score").is_null(), pl.col("flags") == ""
    )
    assert silent.is_empty()


def test_a_constant_indicator_is_flagged() -> None:
    """Where all are equal minmax and z-scores measure nothing; the composite does without."""
    table: Table = {"2024": {"p": (7.0, 80.0, 50.0), "q": (7.0, 20.0, 60.0)}}
    card = _scored(_text(indicator={"normalise": "minmax"}), table)
    assert (_cell(card, "a")["score"], _cell(card, "a")["flags"]) == (None, "constant")
    assert _cell(card, "all")["score"] == 50.0
    assert _cell(card, "all")["coverage"] == pytest.approx(2 / 3)


def test_infinite_facts_are_refused() -> None:
    """NaN and infinity are no facts: each row is named."""
    for value in (float("nan"), float("inf"), float("-inf")):
        assert [code for code, _ in _refused(_text(), {"2024": {"p": (value, 1.0, 1.0)}})] == ["not_finite"]


def test_an_infinite_value_is_null_with_its_flag() -> None:
    """A formula that leaves all numbers behind gives no value, and says that it did."""
    text = _text().replace("formula: x", "formula: exp(1000 * x)")
    card = _scored(text, PLAIN)
    assert (_cell(card, "a")["value"], _cell(card, "a")["flags"]) == (None, "infinite")
    assert _cell(card, "all")["score"] == 65.0


@pytest.mark.parametrize("name", [name for name in SOURCES if name != "declared"])
@pytest.mark.parametrize("mean", MEANS)
def test_every_mean_meets_missing_and_zero_scores(mean: str, name: str) -> None:
    """Every mean with every source of weights: zeros, gaps and regions without anything give numbers or flags."""
    weights = JUDGED.get(name, name)
    table: Table = {
        "2024": PLAIN["2024"] | {"s": (0.0, 0.0, 0.0), "t": (None, 5.0, None), "u": (None, None, None)},
        "2025": {"p": (None, None, None), "q": (0.0, 100.0, None)},
    }
    card = _scored(_text(node={**MEANS[mean], "weights": weights}), table)
    nodes = card.frame.filter(pl.col("code") == "all")
    assert nodes.filter(pl.col("score").is_null() & (pl.col("coverage") > 0.0) & (pl.col("flags") == "")).is_empty()
    assert _cell(card, "all", "u")["score"] is None
    assert _cell(card, "all", "u")["coverage"] == 0.0
    assert _cell(card, "all", "p")["rank"] is not None


def test_one_region_alone() -> None:
    """It is scored against numbers, is first of one, beats nobody, and is compared with nobody."""
    alone: Table = {"2024": {"p": (10.0, 80.0, 50.0)}}
    assert _cell(_scored(_text(), alone), "all")["rank"] == 1
    assert _cell(_scored(_text(node={"aggregate": "copeland"}), alone), "all")["score"] == 0.0
    ranked = _scored(_text(indicator={"normalise": "percentile_rank"}), alone)
    assert (_cell(ranked, "a")["score"], _cell(ranked, "a")["flags"]) == (None, "single_region")
    assert (_cell(ranked, "all")["score"], _cell(ranked, "all")["coverage"]) == (None, 0.0)


def test_a_peer_group_of_one() -> None:
    """Nothing is measured against oneself; the group of two goes on."""
    text = _text(indicator={"normalise": "minmax", "peers": "zone"})
    card = _scored(text, PLAIN, {"p": "north", "q": "south", "r": "south"})
    assert (_cell(card, "a", "p")["score"], _cell(card, "a", "p")["flags"]) == (None, "constant")
    assert (_cell(card, "a", "q")["score"], _cell(card, "a", "r")["score"]) == (0.0, 100.0)
    others = _text(indicator={"normalise": {"method": "steps", **PARAMETERS["steps"]}, "peers": "zone"})
    alone = _scored(others, PLAIN, {"p": "north", "q": "south", "r": "south"})
    assert _cell(alone, "a", "p")["flags"] == "no_comparison"


@pytest.mark.parametrize("missing", ["mean", "median", "latest", "linear"])
def test_a_series_with_one_value(missing: str) -> None:
    """One value in all cycles and regions: what can stand in for the others does, and nothing is made up beyond."""
    table: Table = {
        "2023": {"p": (None, 1.0, 1.0), "q": (None, 1.0, 2.0)},
        "2024": {"p": (50.0, 1.0, 1.0), "q": (None, 2.0, 1.0)},
        "2025": {"p": (None, 1.0, 1.0), "q": (None, 2.0, 1.0)},
    }
    card = _scored(_text(indicator={"missing": missing, "outliers": "winsorise"}, defaults={"min_coverage": 0}), table)
    found = {
        (row["period"], row["region"]): row["treated"] for row in card.frame.filter(code="a").iter_rows(named=True)
    }
    others = {"mean": ("2024", "q"), "median": ("2024", "q"), "latest": ("2025", "p")}
    assert {at for at, value in found.items() if value is not None} == {
        ("2024", "p"),
        *filter(None, [others.get(missing)]),
    }
    assert set(found.values()) == {50.0, None}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_too_few_values_have_no_outliers(count: int) -> None:
    """Skewness and kurtosis need four values: fewer are left as they are."""
    table: Table = {"2024": {name: (10.0**place, 1.0, 1.0) for place, name in enumerate("pqr"[:count])}}
    card = _scored(
        _text(indicator={"outliers": {"method": "winsorise", "skew": 0, "kurtosis": -9, "otherwise": "none"}}), table
    )
    assert not card.frame["flags"].str.contains("treated").any()


# What the weights rest on


@pytest.mark.parametrize("name", ["entropy", "critic", "pca", "combine"])
@pytest.mark.parametrize(
    "table",
    [
        {"2024": {"p": (10.0, 80.0, 50.0)}},
        {"2024": {"p": (10.0, None, 50.0), "q": (None, 20.0, 60.0), "r": (60.0, 50.0, None)}},
        {"2024": {"p": (0.0, 0.0, 0.0), "q": (0.0, 0.0, 0.0)}},
        {"2024": {"p": (30.0, 30.0, 30.0), "q": (30.0, 30.0, 30.0)}},
    ],
    ids=["one region", "none complete", "all zero", "all equal"],
)
def test_weights_from_data_that_do_not_give_any(name: str, table: Table) -> None:
    """Too few complete regions, or scores that tell nothing apart: a problem that names the node."""
    assert _refused(_text(node={"weights": JUDGED[name]}), table) == [("weights_undefined", "all.weights")]


def test_entropy_of_scores_below_zero() -> None:
    """A z-score is no share of anything: entropy is refused, and CRITIC, which needs none, is not."""
    text = _text(indicator={"normalise": "zscore"}, node={"weights": {"entropy": 2024}})
    assert _refused(text, PLAIN) == [("weights_undefined", "all.weights")]
    assert _cell(_scored(text.replace("entropy", "critic"), PLAIN), "a")["weight"] > 0.0


def test_weights_of_a_cycle_that_is_not_scored() -> None:
    """A cycle without facts gives no weights; its name must be that of a cycle."""
    assert _refused(_text(node={"weights": {"entropy": 2019}}), PLAIN) == [("weights_without_cycle", "all.weights")]
    assert _refused(_text(node={"weights": {"combine": [{"of": {"pca": 2019}}]}}), PLAIN) == [
        ("weights_without_cycle", "all.weights")
    ]
    assert ("error", "not_a_cycle") in [
        found[:2] for found in _problems(_text(node={"weights": {"entropy": "2024-Q1"}}))
    ]


def test_negative_loadings_are_named() -> None:
    """A child that runs against the others counts by its size, and the scorecard's notes say which it is."""
    table: Table = {"2024": {"p": (10.0, 12.0, 90.0), "q": (50.0, 40.0, 40.0), "r": (80.0, 85.0, 10.0)}}
    card = _scored(_text(node={"weights": {"pca": 2024}}), table)
    assert [(note.code, note.facts["against"]) for note in card.notes] == [("negative_loading", "c")]
    assert all(_cell(card, code)["weight"] > 0.3 for code in "abc")


# What the file says


def _weighed(weight: Any) -> dict[str, Any]:
    return {"children": [{"indicator": "a", "weight": weight}, {"indicator": "b"}, {"indicator": "c"}]}


FILES: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "zero weight": (_text(node=_weighed(0)), [("error", "not_above_zero", "index.children.0.weight")]),
    "negative weight": (_text(node=_weighed(-1)), [("error", "not_above_zero", "index.children.0.weight")]),
    "infinite weight": (
        _text(node=_weighed(float("inf"))),
        [("error", "number_wanted", "index.children.0.weight")],
    ),
    "geometric over zero": (_text(node={"aggregate": "geometric"}), [("error", "floor_wanted", "index.aggregate")]),
    "harmonic over zero": (_text(node={"aggregate": "harmonic"}), [("error", "floor_wanted", "index.aggregate")]),
    "floor of zero": (
        _text(node={"aggregate": "geometric", "floor": 0}),
        [("error", "not_above_zero", "index.floor")],
    ),
    "floor above all": (_text(node={"floor": 200}), [("warning", "floor_above_scores", "index.floor")]),
    "floor at the top": (
        _text(indicator={"normalise": {"method": "piecewise", "points": [[0, 0], [10, 1]]}}, node={"floor": 1}),
        [("warning", "floor_above_scores", "index.floor")],
    ),
    "floor of all nodes": (_text(defaults={"floor": 100}), [("warning", "floor_above_scores", "index")]),
    "power of zero": (_text(node={"aggregate": {"power": 0}}), [("error", "power_of_zero", "index.aggregate.power")]),
    "not reciprocal": (
        _text(node={"weights": {"ahp": [{"by": "a", "matrix": [[1, 2, 4], [2, 1, 2], ["1/4", "1/2", 1]]}]}}),
        [("error", "matrix_not_reciprocal", "index.weights.ahp.0.matrix")],
    ),
    "a matrix with 0": (
        _text(node={"weights": {"ahp": [{"by": "a", "matrix": [[1, 0, 4], [0, 1, 2], ["1/4", "1/2", 1]]}]}}),
        [("error", "matrix_not_reciprocal", "index.weights.ahp.0.matrix")],
    ),
    "a matrix of another size": (
        _text(node={"weights": {"ahp": [{"by": "a", "matrix": [[1, 2], ["1/2", 1]]}]}}),
        [("error", "matrix_size", "index.weights.ahp.0.matrix")],
    ),
    "inconsistent": (
        _text(node={"weights": {"ahp": [{"by": "a", "matrix": [[1, 9, "1/9"], ["1/9", 1, 9], [9, "1/9", 1]]}]}}),
        [("warning", "matrix_inconsistent", "index.weights.ahp.0.matrix")],
    ),
    "shares below zero": (
        _text(node={"weights": {"budget": [{"by": "a", "shares": [50, 60, -10]}]}}),
        [("error", "not_above_zero", "index.weights.budget.0.shares")],
    ),
    "shares of nothing": (
        _text(node={"weights": {"budget": [{"by": "a", "shares": [0, 0, 0]}]}}),
        [("error", "not_above_zero", "index.weights.budget.0.shares")],
    ),
    "a part without share": (
        _text(node={"weights": {"combine": [{"of": "equal", "share": 0}, {"of": "equal"}]}}),
        [("error", "not_above_zero", "index.weights.combine.0")],
    ),
    "nothing combined": (_text(node={"weights": {"combine": []}}), [("error", "too_few", "index.weights.combine")]),
    "fewer points than none": (
        _text(indicator={"outliers": {"method": "winsorise", "max_points": -1}, "normalise": "minmax"}),
        [("error", "out_of_bounds", f"indicators.{code}.outliers.max_points") for code in "abc"],
    ),
    "logarithms against goalposts": (
        _text(indicator={"outliers": "winsorise"}),
        [("warning", "log_against_numbers", f"indicators.{code}.normalise") for code in "abc"],
    ),
    "goalposts in one place": (
        _text(indicator={"normalise": {"method": "goalposts", "worst": 5, "best": 5}}),
        [("error", "goalposts_equal", f"indicators.{code}.normalise") for code in "abc"],
    ),
    "a tie broken by nothing": (
        _text(grades=[{"code": "g", "name": "g", "top": 1}], tie_breaks=["nobody"]),
        [("error", "unknown_score", "tie_breaks.0")],
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_meant_is_told_so(name: str) -> None:
    """`check` names the problem and the place, and nothing else."""
    text, expected = FILES[name]
    assert _problems(text) == expected


@pytest.mark.parametrize(
    ("normalise", "floor"),
    [(EQUAL, 99), ({**EQUAL, "clip": False}, 200), ("zscore", 200), ({"method": "minmax", "frame": "all"}, 200)],
)
def test_a_floor_below_what_can_be_scored_is_a_floor(normalise: Any, floor: int) -> None:
    """One below the top is fine, and where scores have no known top nothing is said."""
    assert _problems(_text(indicator={"normalise": normalise}, node={"floor": floor})) == []


def test_a_mean_that_does_not_exist_is_flagged() -> None:
    """Scores below 0 have no power mean, and those around 0 no coefficient of variation: null, with the reason."""
    around: Table = {"2024": {"p": (-10.0, 10.0, 0.0), "q": (50.0, 20.0, 20.0)}}
    free = {"normalise": {**EQUAL, "clip": False}}
    for aggregate in ({"power": 2}, {"power": -1}, "mazziotta_pareto"):
        card = _scored(_text(indicator=free, node={"aggregate": aggregate}), around)
        assert (_cell(card, "all")["score"], _cell(card, "all")["flags"]) == (None, "undefined")
        assert _cell(card, "all", "q")["rank"] == 1


def test_a_reference_region_that_is_not_there_is_refused() -> None:
    """A score against a region that nobody knows is no score; the nearest name is told."""
    text = _text(indicator={"normalise": {"method": "distance_to_reference", "reference": "pp"}})
    with pytest.raises(InputError) as raised:
        _scored(text, PLAIN)
    found = raised.value.problems[0]
    assert (found.code, found.path) == ("unknown_region", "indicators.a.normalise.reference")
    assert found.facts["near"] == "p"


def test_goalposts_whose_distance_is_no_number_are_refused() -> None:
    """Between −1e308 and 1e308 everything would score 0 or nothing; it is said before anybody is scored."""
    reading = read(_text(indicator={"normalise": {"method": "goalposts", "worst": -1e308, "best": 1e308}}))
    assert reading.definitions is None
    assert {problem.code for problem in reading.problems} == {"not_finite_number"}
    assert "1e+308" in reading.problems[0].message("en")
