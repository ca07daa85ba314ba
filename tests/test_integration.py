"""Integration: each measure against hand-worked or published numbers, its identities, and what it refuses."""

from collections.abc import Mapping, Sequence
from math import exp, log, sqrt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from data.mapping import apply, read_mapping
from metrics import coupling as coupled
from metrics import integration, spread
from metrics.apart import RULES, held_apart, points
from metrics.contributions import contributions
from metrics.convergence import converged, verdict
from metrics.coupling import BANDS, LEAST, band, coordination, coupling, coupling_of
from metrics.files import read_definitions
from metrics.flows import exchanged, flows
from metrics.integration import convergence, dispersion, moving_share, partition, starts
from metrics.problems import InputError
from metrics.reader import read
from metrics.scorecard import Scorecard, score
from metrics.tables import read_regions

GOALPOSTS = "{method: goalposts, worst: 0, best: 100, clip: false}"
SECOND_PILLAR = "    - {code: q, name: q, weight: 1, children: [{indicator: iz}]}\n"
Facts = Mapping[tuple[str, str], Sequence[float | None]]
CODES = ["a", "b", "c", "d", "e"]
positive = st.lists(st.floats(0.01, 1e6), min_size=2, max_size=12)
few = settings(max_examples=60, deadline=None)


def _measure(name: str, values: Sequence[float | None], weights: Sequence[float] | None = None) -> float | None:
    x = np.array([np.nan if value is None else value for value in values], dtype=float)
    found, _ = spread.measured(name, x, np.ones_like(x) if weights is None else np.array(weights, dtype=float))
    return None if np.isnan(found) else float(found)


def _why(name: str, values: Sequence[float | None]) -> str:
    x = np.array([np.nan if value is None else value for value in values], dtype=float)
    return str(spread.measured(name, x, np.ones_like(x))[1])


FILE = """
schema: 1
title: integration
variables:
  x: {name: x, unit: '1'}
  y: {name: y, unit: '1'}
  z: {name: z, unit: '1'}
  heads: {name: heads, unit: person, over_time: last}
  lent: {name: lent, unit: item, domain: synergy}
  met: {name: met, unit: time, domain: synergy, over_sites: mean}
indicators:
  ix:
    {name: ix, unit: '1', formula: x, better: higher, normalise: {method: goalposts, worst: 0, best: 100, clip: false}}
  iy: {name: iy, unit: '1', formula: y, better: higher, normalise: {method: goalposts, worst: 0, best: 100}}
  iz: {name: iz, unit: '1', formula: z, better: higher, normalise: {method: goalposts, worst: 0, best: 100}}
index:
  code: composite
  name: composite
  aggregate: ROOT
  floor: 1
  min_coverage: 0.3
  children:
    - code: p
      name: p
      weight: 3
      aggregate: INNER
      floor: 1
      children: [{indicator: ix, weight: 1}, {indicator: iy, weight: 2}]
    - {code: q, name: q, weight: 1, children: [{indicator: iz}]}
rules:
  - {code: extra, kind: bonus, when: z > 90, points: 3}
"""


def _card(facts: Facts, *, root: str = "arithmetic", inner: str = "arithmetic", text: str = FILE) -> Scorecard:
    """A scorecard of five regions, two of the zone `n`; facts: (variable, period) → the regions' values in order."""
    reading = read(text.replace("ROOT", root).replace("INNER", inner))
    assert reading.definitions is not None, reading.problems
    rows = [
        (region, None, period, variable, value)
        for (variable, period), values in facts.items()
        for region, value in zip(CODES, values, strict=True)
    ]
    frame = pl.DataFrame(rows, schema=["region", "site", "period", "variable", "value"], orient="row", strict=False)
    zones = ["n", "n", "s", "s", None]
    regions = pl.DataFrame({"code": CODES, "name_zh": CODES, "name_en": CODES, "parent": [None] * 5, "zone": zones})
    return score(reading.definitions, frame.cast({"site": pl.String, "value": pl.Float64}), regions=regions)


GROWING: Facts = {
    ("x", "2020"): [10.0, 20.0, 40.0, 60.0, 80.0],
    ("y", "2020"): [30.0, 20.0, 50.0, 40.0, 90.0],
    ("z", "2020"): [60.0, 50.0, 40.0, 95.0, 30.0],
    ("heads", "2020"): [1.0, 2.0, 3.0, 4.0, 0.0],
    ("x", "2024"): [40.0, 45.0, 55.0, 70.0, 85.0],
    ("y", "2024"): [50.0, 40.0, 60.0, 55.0, 92.0],
    ("z", "2024"): [62.0, 58.0, None, 96.0, 45.0],
    ("heads", "2024"): [1.0, 2.0, 3.0, 4.0, 5.0],
}


@pytest.fixture(scope="module")
def card() -> Scorecard:
    """Two cycles, one missing indicator, bonuses."""
    return _card(GROWING)


# spread


def test_spread_worked_by_hand() -> None:
    """1, 2, 3, 4: sd √1.25 over 2.5; Σ|x−y| = 20, over 2·16·2.5; Theil Σ r·ln r / 4 with r = x / 2.5."""
    values = [1.0, 2.0, 3.0, 4.0]
    assert _measure("cv", values) == pytest.approx(sqrt(1.25) / 2.5, rel=1e-14)
    assert _measure("gini", values) == pytest.approx(0.25, rel=1e-14)
    by_hand = (0.4 * log(0.4) + 0.8 * log(0.8) + 1.2 * log(1.2) + 1.6 * log(1.6)) / 4
    assert _measure("theil", values) == pytest.approx(by_hand, rel=1e-13)
    assert _measure("sd_log", [1.0, exp(2.0)]) == pytest.approx(1.0, rel=1e-14)


def test_one_takes_all() -> None:
    """Gini is (n − 1)/n, Theil ln n, the coefficient of variation √(n − 1) where one region has everything."""
    for n in (2, 3, 10):
        values = [0.0] * (n - 1) + [7.0]
        assert _measure("gini", values) == pytest.approx((n - 1) / n, rel=1e-14)
        assert _measure("theil", values) == pytest.approx(log(n), rel=1e-14)
        assert _measure("cv", values) == pytest.approx(sqrt(n - 1), rel=1e-14)


@pytest.mark.parametrize("name", spread.MEASURES)
def test_no_spread_is_zero(name: str) -> None:
    """Equal values have no spread at all, also where their mean is no exact number."""
    assert _measure(name, [0.1, 0.1, 0.1]) == pytest.approx(0.0, abs=1e-15)


@few
@given(values=positive, factor=st.floats(1e-3, 1e3))
def test_spread_has_no_unit(values: list[float], factor: float) -> None:
    """Another unit of measurement changes no measure."""
    for name in spread.MEASURES:
        assert _measure(name, [factor * x for x in values]) == pytest.approx(_measure(name, values), rel=1e-7, abs=1e-7)


@few
@given(values=positive)
def test_whole_weights_are_repetitions(values: list[float]) -> None:
    """A region of weight 3 is three regions; a missing one, or one of weight 0, is none."""
    weights = [float(1 + place % 3) for place in range(len(values))]
    repeated = [x for x, w in zip(values, weights, strict=True) for _ in range(int(w))]
    for name in spread.MEASURES:
        expected = pytest.approx(_measure(name, repeated), rel=1e-9, abs=1e-9)
        assert _measure(name, values, weights) == expected
        assert _measure(name, [*values, None, 5.0], [*weights, 1.0, 0.0]) == expected


@few
@given(values=positive, names=st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_theil_within_and_between_add_up(values: list[float], names: list[int]) -> None:
    """Within plus between groups is Theil's index, by whatever groups and weights."""
    x, groups = np.array(values), np.array(names[: len(values)], dtype=np.intp)
    own, shares, _ = spread.counted("theil", x, np.arange(1.0, len(x) + 1.0))
    within, between = spread.theil_split(own, shares, groups)
    assert within + between == pytest.approx(spread.theil(own, shares), rel=1e-9, abs=1e-12)


def test_theil_split_worked_by_hand() -> None:
    """1, 3 | 6, 6: means 2 and 6 of 4; between ¼·ln ½ + ¾·ln 1.5, within ¼·Theil(1, 3)."""
    x, f = np.array([1.0, 3.0, 6.0, 6.0]), np.full(4, 0.25)
    within, between = spread.theil_split(x, f, np.array([0, 0, 1, 1]))
    assert between == pytest.approx(0.25 * log(0.5) + 0.75 * log(1.5), rel=1e-13)
    assert within == pytest.approx(0.25 * (0.5 * log(0.5) + 1.5 * log(1.5)) / 2, rel=1e-13)


def test_what_has_no_spread_says_why() -> None:
    """One region, a mean of 0, values below 0 or at 0 where logarithms are due: no number, and a known reason."""
    assert _why("cv", [3.0, None]) == "too_few"
    assert _why("cv", [0.0, 0.0]) == _why("gini", [0.0, 0.0]) == _why("theil", [0.0, 0.0]) == "mean_zero"
    assert {_why(name, [-1.0, 5.0]) for name in ("cv", "gini", "theil")} == {"negative"}
    assert _why("sd_log", [0.0, 5.0]) == _why("sd_log", [-1.0, 1.0]) == "not_positive"
    assert _why("cv", [1e200, 5e200]) == "not_finite"
    assert all(_measure(name, [1e200, 5e200, 3e-300]) != 0.0 for name in ("gini", "theil"))
    told = {_why("cv", [3.0]), _why("cv", [0.0, 0.0]), "negative", "not_positive", "not_finite"}
    assert told | {"all_alike"} == set(spread.REASONS)


# convergence

# The National Institute of Standards and Technology's reference data set Norris, and its certified values.
NORRIS = (
    (0.1, 0.2), (338.8, 337.4), (118.1, 118.2), (888.0, 884.6), (9.2, 10.1), (228.1, 226.5), (668.5, 666.3),
    (998.5, 996.3), (449.1, 448.6), (778.9, 777.0), (559.2, 558.2), (0.3, 0.4), (0.1, 0.6), (778.1, 775.5),
    (668.8, 666.9), (339.3, 338.0), (448.9, 447.5), (10.8, 11.6), (557.7, 556.0), (228.3, 228.1), (998.0, 995.8),
    (888.8, 887.6), (119.6, 120.2), (0.3, 0.3), (0.6, 0.3), (557.6, 556.8), (339.3, 339.1), (888.0, 887.2),
    (998.5, 999.0), (778.9, 779.0), (10.2, 11.1), (117.6, 118.3), (228.9, 229.2), (668.4, 669.1), (449.2, 448.9),
    (0.2, 0.5),
)  # fmt: skip


def test_slope_and_interval_are_the_certified_ones() -> None:
    """Least squares gives the certified slope, standard error and R² of a published reference data set."""
    y, x = (np.array(column) / 100.0 for column in zip(*NORRIS, strict=True))
    found = converged(np.exp(x), np.exp(x + y), 1.0)
    assert found.slope == pytest.approx(1.00211681802045, rel=1e-11)
    assert found.r2 == pytest.approx(0.999993745883712, rel=1e-11)
    assert found.slope_high is not None
    error = (found.slope_high - found.slope) / stats.t.ppf(0.975, 34)
    assert error == pytest.approx(0.429796848199937e-03, rel=1e-8)


def test_two_per_cent_a_year_is_a_half_life_of_35_years() -> None:
    """Regions that close 2 % of the gap a year have β = 0.02 and a half-life of 34.7 years, as the paper states."""
    start, years = np.array([10.0, 20.0, 35.0, 80.0]), 25.0
    end = np.exp(log(50.0) + exp(-0.02 * years) * (np.log(start) - log(50.0)))
    found = converged(start, end, years)
    assert (found.speed, found.half_life) == (pytest.approx(0.02, rel=1e-9), pytest.approx(34.657, abs=5e-4))
    assert found.slope == pytest.approx(-(1 - exp(-0.5)) / 25, rel=1e-12)
    assert found.sd_ratio == pytest.approx(exp(-0.5), rel=1e-12)
    assert found.r2 == pytest.approx(1.0)
    assert found.intercept == pytest.approx((1 - exp(-0.5)) / 25 * log(50.0), rel=1e-12)


def test_divergence_has_no_half_life() -> None:
    """Where those ahead grow faster, β is below 0 and no distance is ever halved."""
    found = converged(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.5, 4.5, 7.0]), 1.0)
    assert found.speed is not None
    assert found.speed < 0
    assert found.half_life is None


def test_nothing_left_of_the_spread() -> None:
    """Where all end at the same value the spread has gone: the ratio is 0, and they have grown together."""
    found = converged(np.array([1.0, 2.0, 4.0, 8.0]), np.full(4, 5.0), 1.0)
    assert (found.sd_ratio, found.sd_ratio_low, found.sd_ratio_high) == (0.0, 0.0, 0.0)
    assert verdict(vars(found)) == "together"
    assert found.slope == pytest.approx(-1.0)


def test_overtaking_has_no_speed() -> None:
    """Where those behind have overtaken the others, no β leads there: none is given, the slope is."""
    found = converged(np.array([1.0, 2.0, 4.0, 8.0]), np.array([8.0, 4.1, 2.0, 1.0]), 1.0)
    assert found.slope is not None
    assert found.slope < -1
    assert (found.speed, found.half_life) == (None, None)


def test_the_interval_of_the_spread_is_the_one_of_pitmans_test() -> None:
    """The ends of the interval are the ratios that Pitman's t (in its textbook form) just does not refuse."""
    generator = np.random.default_rng(7)
    x = generator.normal(0.0, 1.0, 13)
    y = 0.5 * x + generator.normal(0.0, 0.4, 13)
    found = converged(np.exp(x), np.exp(y), 4.0)
    r = np.corrcoef(x, y)[0, 1]
    for end in (found.sd_ratio_low, found.sd_ratio_high):
        assert end is not None
        ratio = (y.std() / end / x.std()) ** 2
        t = (ratio - 1.0) * sqrt(11) / (2.0 * sqrt(ratio * (1.0 - r * r)))
        assert abs(t) == pytest.approx(stats.t.ppf(0.975, 11), rel=1e-9)


def test_the_intervals_hold_what_they_promise() -> None:
    """Of 600 drawn areas of 13 regions, 95 % (give or take the draw) have the true slope and ratio inside."""
    generator = np.random.default_rng(20240101)
    slopes = ratios = 0
    for _ in range(600):
        x = generator.normal(0.0, 1.0, 13)
        y = 0.6 * x + generator.normal(0.0, 0.5, 13)
        found = converged(np.exp(x), np.exp(y), 1.0)
        assert found.slope_low is not None
        assert found.slope_high is not None
        assert found.sd_ratio_low is not None
        assert found.sd_ratio_high is not None
        slopes += found.slope_low <= -0.4 <= found.slope_high
        ratios += found.sd_ratio_low <= sqrt(0.61) <= found.sd_ratio_high
    # Four standard errors of a share of 0.95 among 600.
    assert abs(slopes / 600 - 0.95) < 0.036
    assert abs(ratios / 600 - 0.95) < 0.036


@pytest.mark.parametrize(
    ("start", "end", "years", "reason"),
    [
        ([1.0, 2.0, 3.0], [2.0, 3.0, 4.0], 1.0, "too_few"),
        ([1.0, 2.0, 3.0, np.nan], [2.0, 3.0, 4.0, 5.0], 1.0, "too_few"),
        ([1.0, 2.0, 3.0, 0.0], [2.0, 3.0, 4.0, 5.0], 1.0, "not_positive"),
        ([1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 4.0, -5.0], 1.0, "not_positive"),
        ([3.0, 3.0, 3.0, 3.0], [2.0, 3.0, 4.0, 5.0], 1.0, "no_spread"),
        ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0], 0.0, "one_cycle"),
    ],
)
def test_what_has_no_slope_says_why(start: list[float], end: list[float], years: float, reason: str) -> None:
    """Fewer than four regions, values without logarithm, one starting value, one cycle: a reason and no number."""
    found = converged(np.array(start), np.array(end), years)
    assert (found.reason, found.slope, found.sd_ratio, found.half_life) == (reason, None, None, None)


def test_equal_growth_has_a_slope_of_zero_and_no_r2() -> None:
    """Where all grow alike nothing is explained: the slope is 0, the spread as it was, R² is none."""
    found = converged(np.array([1.0, 2.0, 4.0, 8.0]), np.array([2.0, 4.0, 8.0, 16.0]), 1.0)
    assert (found.slope, found.sd_ratio) == (pytest.approx(0.0, abs=1e-12), pytest.approx(1.0))
    assert found.r2 is None


# of a scorecard


def test_dispersion_of_a_scorecard(card: Scorecard) -> None:
    """Indicators are measured in values, nodes in scores, each cycle on its own; the missing are counted."""
    found = dispersion(card, codes=["ix", "p", "iz"])
    values = {(row["period"], row["code"], row["measure"]): row for row in found.iter_rows(named=True)}
    assert values["2020", "ix", "cv"]["value"] == pytest.approx(_measure("cv", GROWING["x", "2020"]))
    scores = card.frame.filter(pl.col("period") == "2024", pl.col("code") == "p").sort("region")["score"].to_list()
    assert values["2024", "p", "gini"]["value"] == pytest.approx(_measure("gini", scores))
    assert (values["2024", "iz", "cv"]["n"], values["2024", "iz", "cv"]["missing"]) == (4, 1)
    assert found.height == 2 * 3 * len(spread.MEASURES)
    assert found["value"].is_finite().all()


def test_dispersion_by_head_and_by_zone(card: Scorecard) -> None:
    """By heads, a region without any does not count; within and between zones add up, in both cycles and all codes."""
    by_heads = dispersion(card, codes=["ix"], weight="heads").filter(pl.col("measure") == "gini")
    assert by_heads["n"].to_list() == [4, 5]
    assert by_heads["value"][1] == pytest.approx(_measure("gini", GROWING["x", "2024"], [1, 2, 3, 4, 5]))
    split = dispersion(card, weight="heads", groups="zone").pivot("measure", index=["period", "code"], values="value")
    apart = (split["theil_within"] + split["theil_between"] - split["theil"]).abs()
    assert (apart <= 1e-14).all()
    assert split.height == 2 * 6
    assert (split["theil_between"] > 0).any()
    assert (split["between_share"] - split["theil_between"] / split["theil"]).abs().max() == pytest.approx(0.0)


def test_equals_have_nothing_between_groups() -> None:
    """Where all regions are alike Theil's index is 0, and no share of it lies anywhere."""
    found = dispersion(_card({("x", "2020"): [7.0] * 5}), codes=["ix"], groups="zone")
    rows = {row["measure"]: row for row in found.iter_rows(named=True)}
    assert rows["theil"]["value"] == pytest.approx(0.0, abs=1e-15)
    assert (rows["between_share"]["value"], rows["between_share"]["reason"]) == (None, "all_alike")


def test_areas_that_overlap_divide_the_regions() -> None:
    """Who belongs to the same areas is one group, so that no region counts twice."""
    areas = pl.DataFrame({"area": ["ring", "all", "all", "all"], "region": ["a", "a", "b", "c"]})
    assert partition(areas) == {"a": "all;ring", "b": "all", "c": "all"}


def test_one_region_and_no_region(card: Scorecard) -> None:
    """An area of one region, or of none, has no spread, no convergence and nothing that holds it apart."""
    for members in (["a"], []):
        assert set(dispersion(card, members)["reason"]) == {"too_few"}
        assert dispersion(card, members, groups="zone")["value"].null_count() == 2 * 6 * 7
        assert set(convergence(card, members)["reason"]) <= {"too_few", "one_cycle"}
        assert set(held_apart(card, members)["reason"]) == {"too_few"}
        assert flows(card, members).is_empty()


def test_names_that_are_not_there_are_told(card: Scorecard) -> None:
    """A region, code, weight, attribute or cycle that does not exist is a problem with the nearest name."""
    for wrong in (
        lambda: dispersion(card, ["zz"]),
        lambda: dispersion(card, codes=["nothing"]),
        lambda: dispersion(card, weight="head"),
        lambda: dispersion(card, groups="zones"),
        lambda: convergence(card, last="1900"),
        lambda: held_apart(card, periods=["1900"]),
    ):
        with pytest.raises(InputError) as raised:
            wrong()
        assert raised.value.problems[0].code in ("not_in_scorecard", "unknown_attribute")


def test_convergence_of_a_scorecard(card: Scorecard) -> None:
    """Between the cycles with the most values, per year; a code without two such cycles says so; null stays null."""
    found = {row["code"]: row for row in convergence(card).iter_rows(named=True)}
    ix = found["ix"]
    assert (ix["first"], ix["last"], ix["years"], ix["n"]) == ("2020", "2024", 4.0, 5)
    expected = converged(np.array(GROWING["x", "2020"]), np.array(GROWING["x", "2024"]), 4.0)
    assert (ix["slope"], ix["sd_ratio"]) == (expected.slope, expected.sd_ratio)
    # In 2024 one of five regions lacks an indicator that is a quarter of the whole.
    composite = found["composite"]
    assert (composite["covered_first"], composite["covered_last"]) == (1.0, pytest.approx(0.95))
    # One region has no value of it in 2024: 2020 alone has the most values.
    assert (found["iz"]["reason"], found["iz"]["first"], found["iz"]["slope"]) == ("one_cycle", None, None)
    behind = starts(card, None, "ix")
    assert behind["growth"].to_list() == pytest.approx(
        [log(y / x) / 4 for x, y in behind.select("start", "end").iter_rows()]
    )


def test_the_spread_then_and_now_is_of_the_same_regions() -> None:
    """Who has a value in one of the two cycles only is in neither spread; by heads, who has heads in one only."""
    facts: Facts = {
        ("x", "2020"): [10.0, 12.0, 14.0, 16.0, 90.0],
        ("x", "2024"): [10.0, 12.0, 14.0, 16.0, None],
        ("x", "2023"): [None, 12.0, 14.0, 16.0, 13.0],
        ("heads", "2023"): [1.0, 2.0, 3.0, 4.0, 5.0],
        ("heads", "2024"): [1.0, 2.0, 3.0, None, 5.0],
    }
    card = _card(facts)
    inside = convergence(card, ["a", "b", "c", "d"], codes=["ix"]).row(0, named=True)
    assert (inside["first"], inside["last"], inside["n"], inside["spread_n"]) == ("2020", "2024", 4, 4)
    assert inside["cv_first"] == inside["cv_last"] == pytest.approx(sqrt(5.0) / 13.0)
    # Four have a value in 2023 and four in 2024, three of them the same.
    later = _card({key: values for key, values in facts.items() if key[1] != "2020"})
    row = convergence(later, codes=["ix"]).row(0, named=True)
    assert (row["first"], row["last"], row["n"], row["spread_n"]) == ("2023", "2024", 3, 3)
    assert row["cv_first"] == row["cv_last"] == pytest.approx(_measure("cv", [12.0, 14.0, 16.0]))
    heads = convergence(later, codes=["ix"], weight="heads").row(0, named=True)
    assert (heads["n"], heads["spread_n"]) == (3, 2)
    assert heads["cv_first"] == heads["cv_last"] == pytest.approx(_measure("cv", [12.0, 14.0], [2.0, 3.0]))


def test_the_ratio_of_the_spreads_is_the_one_of_the_verdict(card: Scorecard) -> None:
    """The logarithms' standard deviations, last by first, are the ratio that the verdict rests on."""
    found = convergence(card, codes=["ix"]).row(0, named=True)
    assert found["sd_log_last"] / found["sd_log_first"] == pytest.approx(found["sd_ratio"], rel=1e-12)
    alone = convergence(card, codes=["iz"]).row(0, named=True)
    assert {alone[name] for name in ("cv_first", "cv_last", "sd_log_first", "sd_log_last")} == {None}


def test_convergence_up_to_a_cycle(card: Scorecard) -> None:
    """Up to the first cycle there is nothing to compare."""
    assert set(convergence(card, last="2020")["reason"]) == {"one_cycle"}
    assert starts(card, None, "ix", last="2020")["growth"].null_count() == 5


def test_months_are_parts_of_a_year() -> None:
    """Growth is per year whatever the cycle: from January to July are half a year."""
    text = FILE.replace("title: integration", "title: integration\ncycle: month")
    facts = {("x", "2024-01"): GROWING["x", "2020"], ("x", "2024-07"): GROWING["x", "2024"]}
    assert convergence(_card(facts, text=text), codes=["ix"])["years"].item() == pytest.approx(0.5)


def test_the_verdict_is_the_intervals(card: Scorecard) -> None:
    """Growing together (apart) only where the whole interval of the spread lies below (above) 1."""
    rows = {row["code"]: row for row in convergence(card).iter_rows(named=True)}
    assert verdict(rows["ix"]) == "together"
    assert verdict(rows["iz"]) == "unknown"
    assert verdict({"sd_ratio_low": 1.1, "sd_ratio_high": 2.0}) == "apart"
    assert verdict({"sd_ratio_low": 0.9, "sd_ratio_high": 1.2}) == "unclear"


def test_what_moves_with_its_own_cycle(card: Scorecard) -> None:
    """Goalposts stand still; min-max against the cycle's own regions does not, unless its frame is frozen."""
    assert moving_share(card.definitions, "composite") == 0.0
    moved = FILE.replace("{method: goalposts, worst: 0, best: 100, clip: false}", "minmax")
    assert moving_share(_card(GROWING, text=moved).definitions, "composite") == pytest.approx(0.75 / 3)
    frozen = moved.replace("normalise: minmax", "normalise: {method: minmax, frame: all}")
    assert moving_share(_card(GROWING, text=frozen).definitions, "composite") == 0.0


# coupling


def test_coupling_worked_by_hand() -> None:
    """U ¼ and 1, evenly weighted: C = 2·½/1¼ = 0.8, T = 0.625, D = √½: intermediate coordination."""
    c, t, d = coordination(np.array([0.25, 1.0]), np.array([1.0, 1.0]))
    assert (c, t, d) == (pytest.approx(0.8), pytest.approx(0.625), pytest.approx(sqrt(0.5)))
    assert BANDS[band(float(d))][0] == "intermediate_coordination"


@few
@given(
    u=st.lists(st.floats(LEAST, 1.0), min_size=2, max_size=9),
    weights=st.lists(st.floats(0.01, 1.0), min_size=9, max_size=9),
)
def test_coordination_lies_between_zero_and_one(u: list[float], weights: list[float]) -> None:
    """C, T and D lie in (0, 1]; C is 1 where all pillars are even, and then D is the root of their level."""
    parts = coordination(np.array(u), np.array(weights[: len(u)]))
    assert all(0.0 < part <= 1.0 + 1e-12 for part in parts)
    c, _, d = coordination(np.full(len(u), u[0]), np.array(weights[: len(u)]))
    assert (c, d) == (pytest.approx(1.0), pytest.approx(sqrt(u[0])))


def test_bands_begin_at_the_tenths() -> None:
    """Each tenth begins a band, however it was computed; 1 is in the last; the names are the usual ten."""
    for place in range(10):
        assert band(place / 10) == band(0.1 * place) == band(place / 10 + 0.0999) == place
    assert band(1.0) == 9
    assert band(0.7 - 1e-6) == 6
    zh = "极度失调 严重失调 中度失调 轻度失调 濒临失调 勉强协调 初级协调 中级协调 良好协调 优质协调"
    assert [name for _, name, _ in BANDS] == zh.split()


def test_coupling_of_a_scorecard(card: Scorecard) -> None:
    """Pillars weigh as the tree says; a missing pillar leaves no degree; what lies beyond 0..1 is held and counted."""
    found = {(row["period"], row["region"]): row for row in coupling(card).iter_rows(named=True)}
    a = found["2020", "a"]
    p, q = (10.0 + 2 * 30.0) / 300.0, 0.6
    expected = coordination(np.array([p, q]), np.array([3.0, 1.0]))
    assert (a["coupling"], a["development"], a["coordination"]) == tuple(pytest.approx(float(x)) for x in expected)
    assert (a["lowest"], a["lowest_u"], a["held"]) == ("p", pytest.approx(p), 0)
    missing = found["2024", "c"]
    assert (missing["coordination"], missing["band"], missing["lowest"]) == (None, None, None)
    assert missing["reason"] == "missing_pillar"
    members = coupling_of(coupling(card), ("a", "b", "c"))
    last = members.row(-1, named=True)
    assert (last["period"], last["n"], last["missing"], last["lowest"], last["lowest_in"]) == ("2024", 2, 1, "p", 2)
    assert last["coordination"] == pytest.approx(
        (found["2024", "a"]["coordination"] + found["2024", "b"]["coordination"]) / 2
    )
    alone = coupling_of(coupling(card), ("c",)).row(-1, named=True)
    assert (alone["coordination"], alone["band"], alone["reason"]) == (None, None, "missing_pillar")


def test_a_pillar_at_zero_is_held_at_one_point() -> None:
    """A score of 0 counts as 1 point of 100, one above 100 as 100, and both are counted."""
    facts: Facts = {
        ("x", "2020"): [0.0, 400.0, 5.0, 5.0, 5.0],
        ("y", "2020"): [0.0, 100.0, 5.0, 5.0, 5.0],
        ("z", "2020"): [50.0] * 5,
    }
    card = _card(facts, text=FILE.replace("      floor: 1\n", "").replace("  floor: 1\n", ""))
    found = coupling(card).sort("region")
    expected = coordination(np.array([LEAST, 0.5]), np.array([3.0, 1.0]))
    assert found["coordination"][0] == pytest.approx(float(expected[2]))
    assert found["held"].to_list() == [1, 1, 0, 0, 0]
    assert found["lowest"].to_list() == ["p", "q", "p", "p", "p"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((GOALPOSTS, "zscore"), "other_scale"),
        (("clip: false}", "clip: false, range: [0, 1]}"), "other_scale"),
        ((GOALPOSTS, "{method: steps, steps: [[20, 0], [40, 4], [60, 5], [80, 6]], above: 7}"), "other_scale"),
        ((GOALPOSTS, "{method: piecewise, points: [[0, 0], [100, 7]]}"), "other_scale"),
        ((GOALPOSTS, "{method: limits, binding: 10, current: 50, leading: 90, scores: [3, 4, 5]}"), "other_scale"),
        (("aggregate: ROOT", "aggregate: copeland"), "other_scale"),
        ((SECOND_PILLAR, ""), "one_pillar"),
    ],
)
def test_scores_on_another_scale_have_no_coupling(change: tuple[str, str], reason: str) -> None:
    """Where the best score is not 100, or there is one pillar only, there is no U: null, and the reason is known."""
    assert change[0] in FILE
    found = coupling(_card(GROWING, text=FILE.replace(*change)))
    assert set(found["reason"]) == {reason}
    assert found["coordination"].null_count() == found.height
    assert reason in coupled.REASONS


@pytest.mark.parametrize(
    "method",
    [
        "{method: steps, steps: [[20, 0], [40, 60]], above: 100}",
        "{method: steps, steps: [[20, 100], [40, 60]], above: 0}",
        "{method: piecewise, points: [[0, 100], [100, 0]]}",
        "{method: limits, binding: 10, current: 50, leading: 90}",
    ],
)
def test_a_best_score_of_100_is_the_scale(method: str) -> None:
    """Methods that name their scores are on the scale where the best of these, wherever it stands, is 100."""
    found = coupling(_card(GROWING, text=FILE.replace(GOALPOSTS, method)))
    assert found.filter(pl.col("period") == "2020")["coordination"].null_count() == 0


# what holds an area apart


@pytest.mark.parametrize(
    ("root", "inner"), [("arithmetic", "arithmetic"), ("geometric", "arithmetic"), ("geometric", "geometric"),
                        ("arithmetic", "minimum"), ("harmonic", "median")],
)  # fmt: skip
def test_shares_of_the_variance_add_up(root: str, inner: str) -> None:
    """Indicators and rules add up to 1 in every cycle, and so do pillars and rules, whatever the means."""
    found = held_apart(_card(GROWING, root=root, inner=inner))
    assert found["n"].to_list() == [5] * found.height
    for rows in found.partition_by("period"):
        for level in ("indicator", "pillar"):
            shown = rows.filter(pl.col("level").is_in([level, "rules"]))["share"].sum()
            assert shown == pytest.approx(1.0, abs=1e-9)


def test_shares_of_the_variance_worked_by_hand() -> None:
    """Two parts ½x and ½y: the share of the first is Cov(½x, ½(x + y)) / Var(½(x + y))."""
    text = FILE.replace("weight: 3", "weight: 1").replace(", {indicator: iy, weight: 2}", "")
    x, z = np.array([10.0, 20.0, 40.0, 60.0, 80.0]), np.array([60.0, 50.0, 40.0, 85.0, 30.0])
    card = _card({("x", "2020"): x.tolist(), ("z", "2020"): z.tolist()}, text=text)
    shares = dict(held_apart(card).select("code", "share").iter_rows())
    y = (x + z) / 2
    assert shares["ix"] == pytest.approx(np.cov(x / 2, y)[0, 1] / np.var(y, ddof=1), rel=1e-12)
    assert shares["p"] == pytest.approx(shares["ix"], rel=1e-12)
    assert shares[RULES] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("root", "inner"), [("arithmetic", "arithmetic"), ("geometric", "median"), ("copeland", "median"),
                        ("copeland", "copeland"), ("arithmetic", "copeland")],
)  # fmt: skip
def test_the_points_are_those_of_the_contributions(root: str, inner: str) -> None:
    """Every region's points are what its contributions say, one by one, those of a mean of 0 among them."""
    text = FILE.replace("      floor: 1\n", "").replace("  floor: 1\n", "") if "copeland" in (root, inner) else FILE
    card = _card(GROWING, text=text, root=root, inner=inner)
    assert ("copeland" in (root, inner)) == any((card.wide[f"mean {code}"] == 0.0).any() for code in ("composite", "p"))
    found = points(card, range(2), range(5))
    for cycle, period in enumerate(card.periods):
        for place, region in enumerate(CODES):
            rows = contributions(card, region, period).drop_nulls("code")
            for code, told in rows.select("code", "to_root").iter_rows():
                ours = found[code][cycle, place]
                assert (None if np.isnan(ours) else ours) == (None if told is None else pytest.approx(told, abs=1e-12))


def test_nothing_holds_equals_apart() -> None:
    """Where all composites are the same there is no variance to share out."""
    card = _card({("x", "2020"): [50.0] * 5, ("y", "2020"): [50.0] * 5, ("z", "2020"): [50.0] * 5})
    found = held_apart(card)
    assert set(found["reason"]) == {"no_spread"}
    assert found["share"].null_count() == found.height


# flows


def _flow_card(*more: tuple[str, str | None, str, str, float | None]) -> Scorecard:
    reading = read(FILE.replace("ROOT", "arithmetic").replace("INNER", "arithmetic"))
    assert reading.definitions is not None
    rows = [
        ("a", None, "2024", "x", 1.0), ("b", None, "2024", "x", 2.0), ("c", None, "2024", "x", 3.0),
        ("a", "b", "2024-01", "lent", 4.0), ("a", "c", "2024-01", "lent", 1.0), ("a", "office", "2024-01", "lent", 9.0),
        ("b", "a", "2024", "lent", 7.0), ("b", "b", "2024", "lent", 5.0), ("a", "b", "2024", "met", 2.0), *more,
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=["region", "site", "period", "variable", "value"], orient="row", strict=False)
    return score(reading.definitions, frame.cast({"value": pl.Float64}))


def test_flows_are_facts_whose_site_is_another_region() -> None:
    """Institutions, the region itself, variables that do not add up over sites are no flows; short years stay null."""
    card = _flow_card(*(("a", "b", f"2024-{month:02d}", "lent", 1.0) for month in range(2, 13)))
    found = flows(card)
    assert found.rows() == [
        ("2024", "lent", "a", "b", 15.0), ("2024", "lent", "a", "c", None), ("2024", "lent", "b", "a", 7.0),
    ]  # fmt: skip
    assert flows(card, ["b", "c"]).is_empty()
    assert exchanged(found).rows() == [("2024", "lent", 22.0, 2, 2, 15.0, "a", "b")]


def test_flows_add_up_to_the_regions_own_number() -> None:
    """What a region reports by counterpart is summed to its value like the numbers of its institutions."""
    card = _flow_card(("c", "a", "2024", "lent", 2.0), ("c", "b", "2024", "lent", 3.0))
    lent = card.variables.filter(pl.col("variable") == "lent", pl.col("region") == "c")["value"].item()
    assert lent == 5.0 == flows(card).filter(pl.col("region") == "c")["value"].sum()


def test_without_flows_there_is_no_matrix(card: Scorecard) -> None:
    """Facts without counterparts give an empty frame of the same columns."""
    assert flows(card).columns == ["period", "variable", "region", "counterpart", "value"]
    assert flows(card).is_empty()
    assert exchanged(flows(card)).is_empty()


def test_members_are_the_compared_regions(card: Scorecard) -> None:
    """Where no area is named, all that are ranked are looked at."""
    assert integration.members_of(card, None) == CODES


# the provinces of the yearbook

YEARBOOK = Path(__file__).resolve().parent.parent / "examples" / "yearbook"


@pytest.fixture(scope="module")
def provinces(shared: Path) -> Scorecard:
    """The yearbook example's scorecard of its published data."""
    budget = shared / "data" / "cn_fiscal_provinces"
    sources = {
        "expenditure": budget / "cn_budget_expenditure_by_function_2019_2023.csv",
        "population": budget / "nbs_population_10k_2005_2024.csv",
        "gdp": shared / "data" / "nbs_exports" / "nbs_prov_gdp_2011_2024.csv",
    }
    frames = [apply(read_mapping(YEARBOOK / f"{name}.mapping.yaml"), file).frame for name, file in sources.items()]
    regions = read_regions(YEARBOOK / "regions.csv")
    return score(read_definitions(YEARBOOK / "indicators.yaml"), pl.concat(frames), regions=regions)


def test_spread_of_the_provinces(provinces: Scorecard) -> None:
    """General public services per head: each year's spread of 31 provinces is what the printed numbers give."""
    found = dispersion(provinces, codes=["services_per_head"])
    by_population = dispersion(provinces, codes=["services_per_head"], weight="population")
    for period in provinces.periods:
        facts = provinces.facts.filter(pl.col("period") == period, pl.col("region") != "100000")
        wide = facts.pivot("variable", index="region", values="value").sort("region")
        people = wide["population"].to_numpy()
        spent = wide["general_public_services"].to_numpy() * 1e8
        x, f = spent / people, people / people.sum()
        here = dict(found.filter(pl.col("period") == period).select("measure", "value").iter_rows())
        assert here["cv"] == pytest.approx(np.std(x) / np.mean(x), rel=1e-12)
        assert here["gini"] == pytest.approx(np.abs(x[:, None] - x).sum() / (2 * 31**2 * x.mean()), rel=1e-12)
        assert here["theil"] == pytest.approx((x / x.mean() * np.log(x / x.mean())).mean(), rel=1e-12)
        # Weighed by people the mean is what all provinces spend on one person.
        weighted = by_population.filter(pl.col("period") == period, pl.col("measure") == "cv")["value"].item()
        mean = spent.sum() / people.sum()
        assert weighted == pytest.approx(np.sqrt((f * (x - mean) ** 2).sum()) / mean, rel=1e-12)
    assert found["n"].unique().to_list() == [31]


def test_the_provinces_are_as_the_example_says(provinces: Scorecard) -> None:
    """The numbers printed in the example's README are those found: spread, interval, no verdict but uncertainty."""
    text = (YEARBOOK / "README.md").read_text(encoding="utf-8")
    frame = pl.read_csv(YEARBOOK / "regions.csv", infer_schema=False)
    areas: dict[str, list[str] | None] = {"31 个地区": None}
    for name in ("京津冀", "长三角", "成渝"):
        areas[name] = frame.filter(pl.col("areas").fill_null("").str.starts_with(name))["code"].to_list()
    for name, members in areas.items():
        values = dispersion(provinces, members, codes=["services_per_head"]).filter(pl.col("measure") == "cv")["value"]
        row = convergence(provinces, members, codes=["services_per_head"]).row(0, named=True)
        cells = [f"{value:.3f}" for value in values]
        ratio = "—"
        if row["sd_ratio"] is not None:
            ratio = f"{row['sd_ratio']:.2f}（{row['sd_ratio_low']:.2f}–{row['sd_ratio_high']:.2f}）"
        assert f"| {name} | {row['n']} | {' | '.join(cells)} | {ratio} |" in text
        assert verdict(row) in ("unclear", "unknown")
