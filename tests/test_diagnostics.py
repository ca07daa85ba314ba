"""Statistics for the designer of an index: each figure against a count by hand, each finding against a case of it."""

import math
import re
from collections.abc import Sequence
from dataclasses import fields
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from metrics.association import Association, associations
from metrics.diagnostics import Diagnosis, cronbach, diagnose
from metrics.findings import Thresholds, least_sure
from metrics.importance import balanced_weights
from metrics.problems import InputError
from metrics.reader import read
from metrics.scorecard import Scorecard, score

Column = Sequence[float | None]
COMPLETE = {
    "a": [10.0, 30.0, 20.0, 60.0, 50.0, 80.0, 70.0, 90.0, 40.0, 55.0],
    "b": [15.0, 20.0, 30.0, 50.0, 65.0, 70.0, 85.0, 80.0, 35.0, 20.0],
    "c": [50.0, 52.0, 49.0, 51.0, 53.0, 48.0, 50.0, 52.0, 51.0, 47.0],
    "d": [20.0, 70.0, 10.0, 40.0, 90.0, 30.0, 60.0, 80.0, 5.0, 45.0],
}
TREE = """
index:
  code: whole
  name: whole
  min_coverage: 0
  children:
    - {code: first, name: first, weight: 0.6, min_coverage: 0, children: [{indicator: a, weight: 3}, {indicator: b}]}
    - {code: second, name: second, weight: 0.4, min_coverage: 0, children: [{indicator: c}, {indicator: d}]}
"""
FLAT = "\nindex:\n  code: whole\n  name: whole\n  min_coverage: 0\n  children:\n"


def _flat(codes: Sequence[str], *, more: str = "") -> str:
    return FLAT + "".join(f"    - {{indicator: {code}, weight: 1}}\n" for code in codes) + more


def _card(columns: dict[str, Column], tree: str, *, own: str = "", defaults: str = "") -> Scorecard:
    """A card on which every score is the value itself; `own` goes into each indicator, `defaults` into the file's."""
    lines = ["schema: 1", "title: case", "defaults:", "  normalise: {method: piecewise, points: [[0, 0], [100, 100]]}"]
    lines += [f"  {defaults}"] if defaults else []
    lines += ["variables:", *(f'  v_{code}: {{name: {code}, unit: "1"}}' for code in columns), "indicators:"]
    lines += [f'  {code}: {{name: {code}, unit: "1", formula: v_{code}, better: higher{own}}}' for code in columns]
    reading = read("\n".join(lines) + tree)
    assert reading.definitions is not None, [problem.message("en") for problem in reading.problems]
    cells = [
        (f"r{place:02}", "2024", f"v_{code}", value)
        for code, column in columns.items()
        for place, value in enumerate(column)
    ]
    facts = pl.DataFrame(
        cells,
        schema={"region": pl.String, "period": pl.String, "variable": pl.String, "value": pl.Float64},
        orient="row",
    )
    return score(reading.definitions, facts)


def _diagnose(columns: dict[str, Column], tree: str, **parts: str) -> Diagnosis:
    return diagnose(_card(columns, tree, **parts), "2024")


def _codes(found: Diagnosis) -> set[tuple[str, str]]:
    return {(problem.code, problem.path) for problem in found.findings}


def _row(frame: pl.DataFrame, **where: str) -> dict[str, object]:
    return frame.filter(**where).row(0, named=True)


# correlations


def _pair(x: Sequence[float], y: Sequence[float]) -> dict[str, float]:
    found = associations(np.column_stack([np.array(x, dtype=float), np.array(y, dtype=float)]))
    return {part.name: float(getattr(found, part.name)[0, 1]) for part in fields(Association)}


def test_the_three_coefficients_of_a_small_case() -> None:
    """r = ρ = 0.8 and τ = (8 − 2)/10; τ's exact p counts 28 of the 120 orders that are at least as far from chance."""
    found = _pair([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])
    assert found["n"] == 5
    assert (found["pearson"], found["spearman"], found["kendall"]) == pytest.approx((0.8, 0.8, 0.6))
    assert found["kendall_p"] == pytest.approx(28 / 120)


def _tau_b(x: Sequence[float], y: Sequence[float]) -> float:
    """τ-b by its definition: the surplus of concordant pairs over √(pairs not tied in x · pairs not tied in y)."""
    signs = [(np.sign(x[i] - x[j]), np.sign(y[i] - y[j])) for i, j in combinations(range(len(x)), 2)]
    untied = math.sqrt(sum(a != 0 for a, _ in signs) * sum(b != 0 for _, b in signs))
    return float(sum(a * b for a, b in signs)) / untied


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=4, max_size=25))
def test_coefficients_agree_with_their_definitions(numbers: list[tuple[int, int]]) -> None:
    """With ties everywhere: τ-b as counted, r, ρ and all p as scipy gives them; of few rows ρ's p is counted."""
    x, y = (list(map(float, side)) for side in zip(*numbers, strict=True))
    found = _pair(x, y)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert found["constant"] == 1.0
        assert math.isnan(found["pearson"])
        return
    r, rho = stats.pearsonr(x, y), stats.spearmanr(x, y)
    assert found["kendall"] == pytest.approx(_tau_b(x, y), abs=1e-12)
    assert (found["pearson"], found["spearman"]) == pytest.approx((r.statistic, rho.statistic), abs=1e-12)
    assert found["pearson_p"] == pytest.approx(r.pvalue, abs=1e-6)
    if len(x) > 8:
        assert found["spearman_p"] == pytest.approx(rho.pvalue, abs=1e-6)
    if len(set(x)) < len(x) or len(set(y)) < len(y):
        assert found["kendall_p"] == pytest.approx(stats.kendalltau(x, y, method="asymptotic").pvalue, abs=1e-9)


def test_spearman_s_p_of_few_rows_is_the_tables() -> None:
    """One of 3!, 4!, 5! and 8! orders agrees wholly, one is its reverse; of 5, ρ = 0.9 or more has 2·5 of 120."""
    for n in (3, 4, 5, 8):
        assert _pair(range(n), range(n))["spearman_p"] == pytest.approx(2 / math.factorial(n), rel=1e-12)
    assert _pair([1, 2, 3, 4, 5], [1, 2, 3, 5, 4])["spearman_p"] == pytest.approx(10 / 120, rel=1e-12)
    # Nine rows of which two change places: Student's t with 7 degrees of freedom.
    nine = stats.spearmanr(range(9), [1, 0, *range(2, 9)])
    assert _pair(range(9), [1, 0, *range(2, 9)])["spearman_p"] == pytest.approx(nine.pvalue, rel=1e-9)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=6))
def test_spearman_s_p_of_few_rows_counts_orders(numbers: list[tuple[int, int]]) -> None:
    """The share of all orders of the one column whose ρ is at least as far from 0, ties or none."""
    x, y = (stats.rankdata(side) for side in zip(*numbers, strict=True))
    if len(set(x)) == 1 or len(set(y)) == 1:
        return
    every = np.array([abs(np.corrcoef(x, order)[0, 1]) for order in permutations(y)])
    share = (every >= abs(np.corrcoef(x, y)[0, 1]) - 1e-9).mean()
    assert _pair(x, y)["spearman_p"] == pytest.approx(share, rel=1e-12)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(4, 60))
def test_kendall_s_p_without_ties(seed: int, n: int) -> None:
    """Exactly for few rows, by the normal curve above, as scipy gives them."""
    x, y = np.random.default_rng(seed).normal(size=(2, n))
    method = "exact" if n <= 50 else "asymptotic"
    assert _pair(x, y)["kendall_p"] == pytest.approx(stats.kendalltau(x, y, method=method).pvalue, abs=1e-9)


def test_many_columns_with_gaps_are_taken_pair_by_pair() -> None:
    """A matrix with holes gives for each pair what the pair alone gives, the other way round too."""
    generator = np.random.default_rng(20240101)
    columns = generator.integers(0, 9, (14, 6)).astype(float)
    columns[generator.random((14, 6)) < 0.15] = np.nan
    columns[:, 5] = 3.0
    whole = associations(columns)
    for one, two in combinations(range(6), 2):
        for name, value in _pair(columns[:, one], columns[:, two]).items():
            assert getattr(whole, name)[one, two] == pytest.approx(value, nan_ok=True)
            assert getattr(whole, name)[two, one] == pytest.approx(value, nan_ok=True)


def test_pairs_without_both_values_do_not_count() -> None:
    """A correlation is taken over the regions that have both; fewer than three of these give none."""
    x, y = [1.0, 2.0, math.nan, 4.0, 9.0], [2.0, 4.0, 5.0, 8.0, math.nan]
    assert (_pair(x, y)["n"], _pair(x, y)["pearson"]) == (3, pytest.approx(1.0))
    assert (_pair(x[1:], y[1:])["n"], math.isnan(_pair(x[1:], y[1:])["pearson"])) == (2, True)


def test_rounding_is_no_difference() -> None:
    """Scores that differ in the last digit only are the same score."""
    assert _pair([0.1 + 0.2, 0.3, 0.3, 0.3], [1.0, 2.0, 3.0, 4.0])["constant"] == 1.0


def test_a_correlation_that_is_not_there_has_its_reason() -> None:
    """`few` where less than three regions have both, `constant` where one of the two does not differ."""
    pairs = _diagnose({**COMPLETE, "a": [5.0, 6.0, *[None] * 8], "c": [7.0] * 10}, TREE).pairs
    reasons = {(code, other): reason for code, other, reason in pairs.select("code", "other", "reason").iter_rows()}
    assert (reasons["a", "b"], reasons["c", "d"], reasons["b", "d"]) == ("few", "constant", "")


def test_pairs_are_named_by_their_place_in_the_tree() -> None:
    """Indicators of one pillar and pillars are siblings, indicators of two are across, a node is above its own."""
    pairs = _diagnose(COMPLETE, TREE).pairs
    kinds = {(code, other): kind for code, other, kind in pairs.select("code", "other", "kind").iter_rows()}
    assert kinds["a", "b"] == kinds["first", "second"] == "siblings"
    assert kinds["a", "c"] == "across"
    assert kinds["a", "first"] == kinds["a", "whole"] == kinds["first", "whole"] == "above"
    assert ("a", "second") not in kinds
    assert len(kinds) == 6 + 1 + 4 + 6


# reliability


def test_alpha_by_hand() -> None:
    """var 1 and 1, var of the sum 3: α = 2·(1 − 2/3); copies of one child give 1; a sum that stays the same none."""
    assert cronbach(np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 3.0]])) == pytest.approx(2 / 3)
    assert cronbach(np.array([[1.0, 1.0], [2.0, 2.0], [5.0, 5.0]])) == pytest.approx(1.0)
    assert cronbach(np.array([[0.1, 0.9], [0.3, 0.7], [0.4, 0.6]])) is None


def test_alpha_says_why_it_is_not_there() -> None:
    """One child, or too few complete regions: null with a reason."""
    holes = {**COMPLETE, "a": [10.0, 20.0, *[None] * 8]}
    found = _diagnose(holes, TREE).reliability
    assert _row(found, code="first") == {"code": "first", "k": 2, "n": 2, "alpha": None, "reason": "few"}
    assert _row(found, code="second")["n"] == 10
    single = _diagnose({"a": COMPLETE["a"]}, _flat(["a"])).reliability
    assert _row(single, code="whole")["reason"] == "few"


# importance


def test_effective_weights_of_a_complete_tree() -> None:
    """cov(w·s, y)/var(y), counted with numpy; they add up to 1, and a pillar has the sum of its own."""
    found = _diagnose(COMPLETE, TREE).importance
    weights = {"a": 0.45, "b": 0.15, "c": 0.2, "d": 0.2}
    y = sum(weight * np.array(COMPLETE[code]) for code, weight in weights.items())
    for code, weight in weights.items():
        row = _row(found, code=code)
        assert row["nominal"] == pytest.approx(weight)
        assert row["effective"] == pytest.approx(np.cov(weight * np.array(COMPLETE[code]), y)[0, 1] / y.var(ddof=1))
        assert row["main_effect"] == pytest.approx(np.corrcoef(COMPLETE[code], y)[0, 1] ** 2)
    parts = dict(found.select("code", "effective").iter_rows())
    assert parts["whole"] == pytest.approx(1.0)
    assert parts["first"] == pytest.approx(parts["a"] + parts["b"])


@settings(deadline=None, max_examples=25)
@given(st.lists(st.lists(st.floats(0, 100), min_size=4, max_size=4), min_size=4, max_size=9))
def test_effective_weights_add_up(rows: list[list[float]]) -> None:
    """Whatever the scores: where the composite differs its parts add up to 1, else there are none."""
    columns = {code: [row[place] for row in rows] for place, code in enumerate("abcd")}
    found = _row(_diagnose(columns, TREE).importance, code="whole")
    if found["reason"]:
        assert (found["reason"], found["effective"]) == ("constant", None)
    else:
        assert found["effective"] == pytest.approx(1.0, abs=1e-6)


def test_what_is_missing_moves_no_indicator_s_part() -> None:
    """An indicator that one region lacks: all parts but the spread of its weight are counted, and said by the rest."""
    holes = {**COMPLETE, "d": [None, *COMPLETE["d"][1:]]}
    found = _row(_diagnose(holes, TREE).importance, code="whole")["effective"]
    assert isinstance(found, float)
    assert found != pytest.approx(1.0, abs=1e-9)
    assert found == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize(
    ("tree", "columns", "reason"),
    [
        (TREE.replace("code: whole", "code: whole\n  aggregate: geometric\n  floor: 1"), COMPLETE, "not_linear"),
        (TREE.replace("code: whole", "code: whole\n  floor: 60"), COMPLETE, "not_linear"),
        (TREE, {code: column[:2] for code, column in COMPLETE.items()}, "few"),
        (TREE, {code: [5.0] * 5 for code in COMPLETE}, "constant"),
    ],
)
def test_no_effective_weights_without_a_weighted_sum_that_differs(
    tree: str, columns: dict[str, Column], reason: str
) -> None:
    """Another mean, a floor that was used, too few regions, one composite for all: null, with the reason."""
    found = _diagnose(columns, tree).importance
    assert set(found["reason"]) == {reason}
    assert found["effective"].null_count() == found.height


def test_balanced_weights_of_two_that_are_independent() -> None:
    """w_i ∝ √b_i/σ_i where nothing moves together."""
    found = balanced_weights(np.diag([4.0, 9.0]), np.array([0.8, 0.2]))
    expected = np.array([math.sqrt(0.8) / 2, math.sqrt(0.2) / 3])
    assert found == pytest.approx(expected / expected.sum())


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 7))
def test_balanced_weights_give_what_was_wanted(seed: int, count: int) -> None:
    """Each part w_i·(Σw)_i has the wanted share of w'Σw, and all weights are above 0."""
    generator = np.random.default_rng(seed)
    covariance = np.cov(generator.normal(size=(count * 6, count)) * generator.uniform(0.1, 9, count), rowvar=False)
    wanted = generator.uniform(0.1, 1, count)
    wanted /= wanted.sum()
    found = balanced_weights(covariance, wanted)
    assert found is not None
    assert (found > 0).all()
    assert found * (covariance @ found) / (found @ covariance @ found) == pytest.approx(wanted, abs=1e-9)


def test_copies_have_no_balanced_weights() -> None:
    """Of two columns that are the same nobody can say which should weigh how much; a constant one has no say."""
    assert balanced_weights(np.array([[2.0, 2.0], [2.0, 2.0]]), np.array([0.5, 0.5])) is None
    assert balanced_weights(np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([0.5, 0.5])) is None


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("regions", "known"), [(0, 0), (1, 0), (2, 0), (3, 2), (4, 2)])
def test_balanced_weights_need_more_complete_regions_than_children(regions: int, known: int) -> None:
    """Of two children: the covariance of one or two complete regions tells their weights not apart, three do."""
    a = [*COMPLETE["a"][:regions], *[None] * (8 - regions)]
    found = _diagnose({"a": a, "b": COMPLETE["b"][:8]}, _flat(["a", "b"])).importance
    assert found["balanced"].count() == known


def test_balanced_weights_stand_beside_the_declared_ones() -> None:
    """With them in the file, the pillars' effective weights are the shares that the first file declared."""
    shares = dict(_diagnose(COMPLETE, TREE).importance.select("code", "balanced").iter_rows())
    names = {"weight: 0.6": f"weight: {shares['first']}", "weight: 0.4": f"weight: {shares['second']}"}
    changed = re.sub("weight: 0.[46]", lambda found: names[found[0]], TREE)
    parts = dict(_diagnose(COMPLETE, changed).importance.select("code", "effective").iter_rows())
    assert (parts["first"], parts["second"]) == pytest.approx((0.6, 0.4), abs=1e-9)


# distributions


def test_a_distribution_by_hand() -> None:
    """Values 10 20 30 40 (one missing): mean 25, sd √(500/3), no skew, G2 = −1.2; three of five share a score."""
    columns = {"a": [10.0, 20.0, 30.0, 40.0, None], "b": [50.0, 50.0, 50.0, 1.0, 2.0]}
    found = _diagnose(columns, _flat(["a", "b"])).indicators
    row = _row(found, code="a")
    assert (row["due"], row["n"], row["availability"]) == (5, 4, pytest.approx(0.8))
    assert (row["min"], row["max"], row["mean"], row["sd"]) == pytest.approx((10.0, 40.0, 25.0, math.sqrt(500 / 3)))
    assert (row["skewness"], row["kurtosis"]) == pytest.approx((0.0, -1.2), abs=1e-12)
    assert (_row(found, code="b")["distinct"], _row(found, code="b")["tied"]) == (3, pytest.approx(0.6))


def test_what_is_not_in_force_is_not_due() -> None:
    """An indicator outside its dates is missed by nobody, and its availability cannot be told."""
    found = _diagnose(COMPLETE, TREE, own=", valid: {from: 2030-01-01}")
    assert found.indicators["due"].to_list() == [0] * 4
    assert found.indicators["availability"].null_count() == 4
    assert set(found.regions["due"]) == {0}
    assert not any(problem.code == "rarely_reported" for problem in found.findings)


def test_regions_that_report_little_are_named() -> None:
    """A region's share of the indicators that are due."""
    found = _diagnose({**COMPLETE, "a": [None, *COMPLETE["a"][1:]], "b": [None, *COMPLETE["b"][1:]]}, TREE)
    assert _row(found.regions, region="r00") == {"region": "r00", "due": 4, "n": 2, "availability": 0.5}
    assert ("reports_little", "r00") in _codes(found)
    assert ("reports_little", "r01") not in _codes(found)


def test_skewness_as_others_compute_it() -> None:
    """G1 and G2 as scipy's bias-corrected estimators give them."""
    row = _row(_diagnose(COMPLETE, TREE).indicators, code="b")
    assert row["skewness"] == pytest.approx(stats.skew(COMPLETE["b"], bias=False))
    assert row["kurtosis"] == pytest.approx(stats.kurtosis(COMPLETE["b"], bias=False))


# findings

RISING = [float(x) for x in range(5, 65, 5)]
OTHER = [40.0, 10.0, 55.0, 20.0, 35.0, 5.0, 50.0, 15.0, 60.0, 30.0, 25.0, 45.0]
NOISE = [3.0, 1.0, 2.0, 1.0, 3.0, 2.0, 1.0, 3.0, 2.0, 1.0, 2.0, 3.0]

NEAR = [x + n for x, n in zip(RISING, NOISE, strict=True)]
SLIGHT = [n + 3 - x / 50 for x, n in zip(RISING, NOISE, strict=True)]


@pytest.mark.parametrize(
    ("code", "path", "columns"),
    [
        ("near_duplicates", "a", {"a": RISING, "b": NEAR, "c": OTHER}),
        ("moving_together", "a", {"a": RISING, "b": NEAR, "c": RISING, "d": OTHER}),
        ("mirror_images", "a", {"a": RISING, "b": [70 - x for x in RISING], "c": OTHER}),
        ("against_parent", "b", {"a": RISING, "b": [40 - x / 5 for x in RISING], "c": OTHER}),
        ("perhaps_against_parent", "b", {"a": RISING, "b": SLIGHT}),
        ("dominant", "a", {"a": RISING, "b": NOISE, "c": NOISE[::-1]}),
        ("lighter_than_meant", "b", {"a": RISING, "b": NOISE, "c": OTHER}),
        ("constant_scores", "c", {"a": RISING, "b": OTHER, "c": [7.0] * 12}),
        ("many_ties", "c", {"a": RISING, "b": OTHER, "c": [7.0] * 8 + [1.0, 2.0, 3.0, 4.0]}),
        ("skewed", "c", {"a": RISING, "b": OTHER, "c": [*NOISE[:-1], 99.0]}),
        ("rarely_reported", "c", {"a": RISING, "b": OTHER, "c": [*NOISE[:3], *[None] * 9]}),
        ("rarely_reported", "c", {"a": RISING, "b": OTHER, "c": [None] * 12}),
        ("low_alpha", "whole", {"a": RISING, "b": OTHER}),
        ("few_regions", "whole", {"a": RISING, "b": OTHER}),
        ("too_few_regions", "whole", {"a": RISING[:2], "b": OTHER[:2]}),
    ],
)  # fmt: skip
def test_a_case_is_found(code: str, path: str, columns: dict[str, Column]) -> None:
    """Each finding is made where its case is there, and its words can be read in both languages."""
    found = _diagnose(columns, _flat(list(columns)))
    assert (code, path) in _codes(found)
    for problem in found.findings:
        assert problem.message("zh").endswith("？")
        assert problem.message("en").endswith("?")


def test_what_nobody_reports_is_not_said_to_speak_for_some() -> None:
    """The words are true where none has reported as well: no score is claimed to be there."""
    found = _diagnose({"a": RISING, "b": OTHER, "c": [None] * 12}, _flat(["a", "b", "c"]))
    told = next(problem for problem in found.findings if problem.code == "rarely_reported")
    assert told.message("zh").startswith("“c”应报 12 个地区，报了 0 个（0 %）：没有报的地区不靠它评分。")
    assert "for some" not in told.message("en")


@pytest.mark.parametrize(("share", "low"), [(0.45, True), (0.6, False)])
def test_alpha_counts_as_low_below_seven_tenths(share: float, low: bool) -> None:
    """Two children of variance 1 that correlate by r have α = 2r/(1 + r): 0.62 for 0.45 is low, 0.75 for 0.6 is not."""
    generator = np.random.default_rng(20240101)
    draws = generator.normal(size=(40, 2))
    one, two = np.linalg.qr(draws - draws.mean(axis=0))[0].T
    both = {"a": one, "b": share * one + math.sqrt(1.0 - share**2) * two}
    found = _diagnose({code: (50.0 + 60.0 * x).tolist() for code, x in both.items()}, _flat(["a", "b"]))
    assert found.reliability["alpha"].item() == pytest.approx(2 * share / (1 + share), rel=1e-9)
    assert (("low_alpha", "whole") in _codes(found)) is low


def test_pillars_that_trade_off_or_have_no_effect() -> None:
    """One pillar falls where the other rises; the one with little spread and against the rest has no effect."""
    falling = [35 - x / 10 for x in RISING]
    found = _diagnose({"a": RISING, "b": RISING, "c": falling, "d": falling}, TREE)
    assert ("trade_off", "first") in _codes(found)
    assert ("without_effect", "second") in _codes(found)
    assert ("heavier_than_meant", "first") not in _codes(found)


def test_heavier_than_meant() -> None:
    """Scores far apart give an indicator more than twice its weight."""
    tree = FLAT + "    - {indicator: a, weight: 1}\n    - {indicator: b, weight: 3}\n"
    assert ("heavier_than_meant", "a") in _codes(_diagnose({"a": RISING, "b": NOISE}, tree))


def test_a_quiet_index_is_left_alone() -> None:
    """Independent indicators with like spread and all values there give no warning."""
    generator = np.random.default_rng(20240101)
    columns = {code: generator.uniform(5, 95, 60).tolist() for code in "abcd"}
    found = _diagnose(columns, _flat(list(columns))).findings
    assert [problem.code for problem in found if problem.severity == "warning"] == []


def test_thresholds_are_the_caller_s() -> None:
    """What is called a duplicate can be set."""
    card = _card({"a": RISING, "b": OTHER, "c": RISING}, _flat(["a", "b", "c"]))
    strict = diagnose(card, "2024", thresholds=Thresholds(duplicate=1.1))
    assert not {"near_duplicates", "moving_together"} & {problem.code for problem in strict.findings}


def test_the_least_sure_correlation() -> None:
    """The critical |r| of the tables: 0.632 for ten pairs, 0.553 for thirteen (Fisher & Yates)."""
    assert (least_sure(10), least_sure(13)) == pytest.approx((0.632, 0.553), abs=5e-4)


def test_warnings_come_first() -> None:
    """A reader sees what is serious before what is worth knowing."""
    found = _diagnose({"a": RISING, "b": RISING, "c": OTHER}, _flat(["a", "b", "c"])).findings
    assert [problem.severity for problem in found] == sorted((problem.severity for problem in found), reverse=True)
    assert {problem.severity for problem in found} == {"warning", "note"}


# the whole


def test_only_members_are_looked_at() -> None:
    """An area's regions alone give what a card of these alone gives, on scores that need no frame."""
    some = [f"r{place:02}" for place in range(6)]
    found = diagnose(_card(COMPLETE, TREE), "2024", members=some)
    alone = _diagnose({code: column[:6] for code, column in COMPLETE.items()}, TREE)
    assert found.pairs.equals(alone.pairs)
    assert found.importance.equals(alone.importance)
    assert found.regions["region"].to_list() == some


def test_a_cycle_that_is_not_there_is_refused() -> None:
    """Asking for a cycle without scores is a named problem."""
    with pytest.raises(InputError) as raised:
        diagnose(_card(COMPLETE, TREE), "1999")
    assert [problem.code for problem in raised.value.problems] == ["not_in_scorecard"]


@pytest.mark.parametrize(
    "columns",
    [
        COMPLETE,
        {code: [None] * 6 for code in COMPLETE},
        {code: [5.0] * 6 for code in COMPLETE},
        {code: column[:1] for code, column in COMPLETE.items()},
        {code: [1e300 * x for x in column] for code, column in COMPLETE.items()},
    ],
)
def test_no_nan_reaches_a_frame(columns: dict[str, Column]) -> None:
    """All missing, all the same, one region, enormous numbers: null where there is nothing to say."""
    found = _diagnose({**columns, "a": [*columns["a"][:-1], 50.0]}, TREE)
    for frame in (found.pairs, found.importance, found.indicators, found.regions, found.reliability):
        for name, kind in frame.schema.items():
            if kind == pl.Float64:
                assert frame[name].drop_nulls().is_finite().all(), name
    assert all("nan" not in problem.message("en") for problem in found.findings)


def test_the_asem_index(shared: Path) -> None:
    """51 countries, 49 indicators: 65 values were filled in, outliers of 15 indicators pulled in, none left skewed."""
    from tests.test_golden import card as golden

    found = diagnose(golden.__wrapped__(shared / "golden" / "asem"), "2018")  # type: ignore[attr-defined]
    codes = [problem.code for problem in found.findings]
    assert codes.count("outliers_treated") == 15
    assert "skewed" not in codes
    assert found.indicators["imputed"].sum() == 65
    assert (
        found.indicators.filter(pl.col("availability") < 1.0)["due"].sum()
        - found.indicators.filter(pl.col("availability") < 1.0)["n"].sum()
        == 65
    )
    importance = found.importance
    assert importance.filter(level="indicator")["effective"].sum() == pytest.approx(1.0, abs=1e-9)
    assert importance.filter(level="indicator")["nominal"].sum() == pytest.approx(1.0)
    # Indicators with each other, nodes side by side, indicators and nodes with the nodes above them.
    assert found.pairs.height == 49 * 48 // 2 + (1 + 10 + 3) + (49 * 3 + 8 * 2 + 2)
