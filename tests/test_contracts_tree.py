"""Contracts of what makes one score of many: outliers, aggregations and sources of weights, by their names."""

import math
from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import aggregate, outliers, weigh
from metrics.frames import Frame, Matrix
from metrics.judgement import consistency
from metrics.periods import Cycles
from metrics.regions import regions_of
from metrics.values import Rows

Column = list[float | None]
cell = st.one_of(st.none(), st.integers(1, 4000).map(lambda n: n / 16))
few = settings(max_examples=15, deadline=None)


def _close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-7)


# aggregation


def _mean(
    name: str,
    scores: Sequence[float | None],
    weights: Sequence[float],
    floor: float | None = None,
    method: Any = None,
) -> float | None:
    """One region's mean of its children's scores."""
    row = np.array([[math.nan if score is None else score for score in scores]])
    if method is None:
        method = SimpleNamespace(power=PARAMETERS[name]) if name in PARAMETERS else name.partition(" ")[0]
    function = partial(aggregate.METHODS[name.partition(" ")[0]], method=method, compared=np.array([True]))
    with np.errstate(divide="ignore", invalid="ignore"):
        raised = row if floor is None else np.maximum(row, floor)
        (((mean,),)) = function(raised, np.array([list(weights)]))
    return None if math.isnan(mean) else float(mean)


def _power(scores: Sequence[float | None], weights: Sequence[float], power: float) -> float | None:
    return _mean("power", scores, weights, method=SimpleNamespace(power=power))


PARAMETERS = {"power 2": 2.0, "power -1.5": -1.5, "power 0.25": 0.25}
scored = st.lists(st.tuples(cell, st.integers(1, 40).map(lambda n: n / 8)), min_size=1, max_size=6)
Scored = list[tuple[float | None, float]]
MEANS = [*sorted(set(aggregate.METHODS) - {"power", "copeland", "mazziotta_pareto"}), *PARAMETERS]
every_mean = pytest.mark.parametrize("name", MEANS)


@every_mean
@few
@given(children=scored)
def test_a_mean_lies_among_its_scores(name: str, children: Scored) -> None:
    """A mean is between the least and the greatest score there is; of none it is null."""
    scores, weights = zip(*children, strict=True)
    known = [score for score in scores if score is not None]
    mean = _mean(name, scores, weights)
    if not known:
        assert mean is None
    else:
        assert mean is not None
        assert min(known) * (1 - 1e-9) <= mean <= max(known) * (1 + 1e-9)


@every_mean
@few
@given(children=scored)
def test_missing_children_are_left_out(name: str, children: Scored) -> None:
    """A child without a score counts as if it were not there: never as zero."""
    there = [(score, weight) for score, weight in children if score is not None]
    scores, weights = zip(*children, strict=True)
    expected = _mean(name, *zip(*there, strict=True)) if there else None
    assert _close(_mean(name, scores, weights), expected)


@every_mean
@few
@given(children=scored, factor=st.sampled_from([1e-6, 0.3, 1000.0]))
def test_weights_are_relative(name: str, children: Scored, factor: float) -> None:
    """All weights times the same number change nothing."""
    scores, weights = zip(*children, strict=True)
    assert _close(_mean(name, scores, weights), _mean(name, scores, [weight * factor for weight in weights]))


@every_mean
@few
@given(children=scored, chance=st.randoms(use_true_random=False))
def test_the_order_of_children_does_not_matter(name: str, children: Scored, chance: Any) -> None:
    """Children in another order have the same mean."""
    mixed = list(children)
    chance.shuffle(mixed)
    assert _close(_mean(name, *zip(*children, strict=True)), _mean(name, *zip(*mixed, strict=True)))


@every_mean
@few
@given(children=scored, place=st.integers(0, 5), more=st.integers(1, 100))
def test_a_better_child_never_lowers_the_mean(name: str, children: Scored, place: int, more: int) -> None:
    """One score more, the others as they are: the mean is not less."""
    scores, weights = (list(part) for part in zip(*children, strict=True))
    place %= len(scores)
    if scores[place] is None:
        return
    before = _mean(name, scores, weights)
    after = _mean(name, [score + more if at == place else score for at, score in enumerate(scores)], weights)
    assert before is not None
    assert after is not None
    assert after >= before * (1 - 1e-9)


@every_mean
@few
@given(score=st.integers(1, 100), weights=st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_equal_scores_have_that_mean(name: str, score: int, weights: list[int]) -> None:
    """Where all children score the same, so does the node, whatever the weights."""
    assert _close(_mean(name, [float(score)] * len(weights), [float(weight) for weight in weights]), float(score))


@every_mean
@few
@given(children=scored)
def test_a_floor_lifts_what_is_below_it(name: str, children: Scored) -> None:
    """With `floor` scores below it count as the floor; missing ones stay missing."""
    scores, weights = zip(*children, strict=True)
    raised = [None if score is None else max(score, 50.0) for score in scores]
    assert _close(_mean(name, scores, weights, 50.0), _mean(name, raised, weights))


@few
@given(children=scored)
def test_the_geometric_mean_is_not_above_the_arithmetic(children: Scored) -> None:
    """Unevenness costs: geometric ≤ arithmetic."""
    geometric, arithmetic = (_mean(name, *zip(*children, strict=True)) for name in ("geometric", "arithmetic"))
    assert (geometric is None) == (arithmetic is None)
    assert geometric is None or arithmetic is None or geometric <= arithmetic * (1 + 1e-9)


@pytest.mark.parametrize("scores", [[0.0, 50.0], [-1.0, 50.0], [0.0, None]])
def test_the_geometric_mean_of_nothing_above_zero_is_null(scores: Column) -> None:
    """Without a floor a score of 0 or less has no geometric mean: null, not 0 and not NaN."""
    assert _mean("geometric", scores, [1.0, 1.0]) is None


@few
@given(children=scored)
def test_power_means_hold_the_others(children: Scored) -> None:
    """The power mean is the arithmetic at p = 1, the harmonic at p = −1, and near 0 comes to the geometric."""
    scores, weights = zip(*children, strict=True)
    assert _close(_power(scores, weights, 1.0), _mean("arithmetic", scores, weights))
    assert _close(_power(scores, weights, -1.0), _mean("harmonic", scores, weights))
    near, geometric = _power(scores, weights, 1e-7), _mean("geometric", scores, weights)
    assert (near is None) == (geometric is None)
    assert near is None or geometric is None or math.isclose(near, geometric, rel_tol=1e-5)


@few
@given(children=scored, powers=st.lists(st.sampled_from([-4.0, -1.0, 0.5, 1.0, 3.0]), min_size=2, max_size=2))
def test_a_higher_power_is_never_a_lower_mean(children: Scored, powers: list[float]) -> None:
    """The power means are in order of their p: the lower it is, the more the weak side counts."""
    scores, weights = zip(*children, strict=True)
    low, high = (_power(scores, weights, power) for power in sorted(powers))
    assert (low is None) == (high is None)
    assert low is None or high is None or low <= high * (1 + 1e-9)


@pytest.mark.parametrize(("power", "scores"), [(-1.0, [0.0, 50.0]), (2.0, [-1.0, 50.0]), (0.5, [-1.0, None])])
def test_a_power_mean_of_what_it_is_not_made_for_is_null(power: float, scores: Column) -> None:
    """Numbers below 0 have no power mean, and 0 has none below p = 0: null, never NaN."""
    assert _power(scores, [1.0, 1.0], power) is None


def test_large_powers_do_not_overflow() -> None:
    """The powers are taken of shares of the greatest score."""
    assert _power([80.0, 40.0], [1.0, 1.0], 500.0) == pytest.approx(80.0 * 0.5 ** (1 / 500))
    assert _power([80.0, 40.0], [1.0, 1.0], -500.0) == pytest.approx(40.0 * 2.0 ** (1 / 500))


def test_the_weighted_median_is_the_smallest_score_that_reaches_one_half() -> None:
    """At exactly one half the lower score counts, also where thirds and tenths do not add up to the last digit."""
    assert _mean("median", [10.0, 20.0, 30.0], [1.0, 1.0, 2.0]) == 20.0
    assert _mean("median", [10.0, 20.0, 30.0], [0.1, 0.2, 0.3]) == 20.0
    assert _mean("median", [30.0, 10.0], [0.3, 0.3]) == 10.0
    assert _mean("median", [10.0, None, 30.0], [1.0, 9.0, 2.0]) == 30.0


def _penalised(scores: Sequence[float | None], penalty: str) -> float | None:
    return _mean(
        "mazziotta_pareto",
        scores,
        [1.0] * len(scores),
        method=SimpleNamespace(method="mazziotta_pareto", penalty=penalty),
    )


@few
@given(scores=st.lists(cell, min_size=1, max_size=6), chance=st.randoms(use_true_random=False))
def test_mazziotta_pareto_lies_on_both_sides_of_the_mean(scores: Column, chance: Any) -> None:
    """M·(1 ∓ cv²): the penalty is the same up and down, nothing for equal scores, and asks for no order or weight."""
    known = [score for score in scores if score is not None]
    low, high = _penalised(scores, "negative"), _penalised(scores, "positive")
    mixed = list(scores)
    chance.shuffle(mixed)
    assert _close(low, _penalised(mixed, "negative"))
    assert _close(low, _mean("mazziotta_pareto", scores, [float(place + 1) for place in range(len(scores))]))
    if not known:
        assert low is high is None
        return
    assert low is not None
    assert high is not None
    mean = sum(known) / len(known)
    assert math.isclose((low + high) / 2, mean, rel_tol=1e-9)
    assert low <= mean * (1 + 1e-12) <= high * (1 + 1e-9)
    assert (high - low > 1e-9) == (len(set(known)) > 1)


def test_mazziotta_pareto_without_a_mean_is_null() -> None:
    """Around 0 there is no coefficient of variation, not even where rounding leaves a mean of 1e-17."""
    assert _penalised([-1.0, 1.0], "negative") is None
    assert _penalised([-0.7, 0.3, 0.4], "negative") is None
    assert _penalised([0.0, 0.0], "negative") == 0.0


# Copeland


def _copeland(
    table: Sequence[Sequence[float | None]], weights: Sequence[float], compared: Sequence[bool] = ()
) -> Column:
    """The scores of regions (rows) by their children's (columns)."""
    scores = np.array([[math.nan if score is None else score for score in row] for row in table])
    flags = np.array(compared or [True] * len(table))
    (found,) = aggregate.METHODS["copeland"](scores, np.array([list(weights)]), "copeland", flags)
    return [None if math.isnan(score) else float(score) for score in found]


lattice = st.one_of(st.none(), st.integers(1, 6).map(float))
regions = st.lists(st.lists(lattice, min_size=3, max_size=3), min_size=1, max_size=6)
majorities = st.lists(st.sampled_from([1.0, 2.0, 0.5, 1 / 3]), min_size=3, max_size=3)


@few
@given(table=regions, weights=majorities, order=st.permutations(range(6)), children=st.permutations(range(3)))
def test_copeland_does_not_ask_who_stands_where(
    table: list[Column], weights: list[float], order: list[int], children: list[int]
) -> None:
    """Regions in another order have the same scores in that order; children in another order change none."""
    places = [place for place in order if place < len(table)]
    moved = [[table[place][child] for child in children] for place in places]
    found = _copeland(table, weights)
    assert _copeland(moved, [weights[child] for child in children]) == [found[place] for place in places]
    assert _copeland(table, [weight * 1000.0 for weight in weights]) == found


@few
@given(table=regions, weights=majorities)
def test_copeland_is_what_some_win_and_others_lose(table: list[Column], weights: list[float]) -> None:
    """Each win is a loss of another: the scores sum to 0, and each is at most the number of the others."""
    found = _copeland(table, weights)
    known = [score for score in found if score is not None]
    assert sum(known) == 0.0
    assert all(abs(score) < len(table) for score in known)
    assert [score is None for score in found] == [all(cell is None for cell in row) for row in table]


@few
@given(table=st.lists(st.lists(lattice, min_size=3, max_size=3), min_size=2, max_size=6), weights=majorities)
def test_copeland_puts_first_whom_nobody_beats(table: list[Column], weights: list[float]) -> None:
    """A region ahead of all others everywhere (a Condorcet winner) has their number as its score."""
    table = [*table, [9.0, 9.0, 9.0]]
    found = _copeland(table, weights)
    rivals = sum(any(cell is not None for cell in row) for row in table[:-1])
    assert found[-1] == float(rivals)
    assert all(score is None or score < rivals or rivals == 0 for score in found[:-1])


@few
@given(table=regions, weights=majorities, child=st.integers(0, 2))
def test_copeland_counts_who_is_ahead_and_not_by_how_much(
    table: list[Column], weights: list[float], child: int
) -> None:
    """Any rising change of a child's scale (here: the cube) changes nothing; a better score never lowers one's own."""
    cubed = [[c if c is None or at != child else c**3 for at, c in enumerate(row)] for row in table]
    found = _copeland(table, weights)
    assert _copeland(cubed, weights) == found
    if table[0][child] is not None:
        better = [
            [c if (place, at) != (0, child) else (c or 0.0) + 1.5 for at, c in enumerate(row)]
            for place, row in enumerate(table)
        ]
        before, after = found[0], _copeland(better, weights)[0]
        assert before is not None
        assert after is not None
        assert after >= before


def test_copeland_leaves_a_missing_child_out_of_its_pairs() -> None:
    """p beats q by a (b is missing in q); q and r share b and c only where both have them; an exact half is neither."""
    table: list[Column] = [[5.0, 1.0, 1.0], [4.0, None, 1.0], [4.0, 9.0, None]]
    # p–q: a ahead, c tied: p wins. p–r: a for p, b for r, an exact half. q–r: a tied alone: neither.
    assert _copeland(table, [1.0, 1.0, 1.0]) == [1.0, -1.0, 0.0]
    # With b at twice the weight r wins against p.
    assert _copeland(table, [1.0, 2.0, 1.0]) == [0.0, -1.0, 1.0]


def test_copeland_measures_others_against_the_compared() -> None:
    """A region that is not compared is measured by those that are, and changes nobody's score."""
    assert _copeland([[5.0], [3.0], [4.0]], [1.0], [True, True, False]) == [1.0, -1.0, 0.0]


# weights


SIBLINGS = weigh.Siblings(
    np.array([2.0, 0.5, 1 / 3]), lambda cycle: np.array([[10.0, 90.0, 3.0], [40.0, 20.0, 5.0], [70.0, 30.0, 8.0]])
)
MATRIX = ((1.0, 2.0, 4.0), (0.5, 1.0, 2.0), (0.25, 0.5, 1.0))
WEIGHERS: dict[str, Any] = {
    "declared": {},
    "equal": {},
    "entropy": {"cycle": "2024"},
    "critic": {"cycle": "2024"},
    "pca": {"cycle": "2024"},
    "ahp": {"judges": [SimpleNamespace(matrix=MATRIX)]},
    "budget": {"judges": [SimpleNamespace(shares=(50.0, 30.0, 20.0)), SimpleNamespace(shares=(0.2, 0.2, 0.6))]},
    "combine": {
        "parts": [
            SimpleNamespace(share=3.0, of=SimpleNamespace(method="equal")),
            SimpleNamespace(share=1.0, of=SimpleNamespace(method="entropy", cycle="2024")),
        ]
    },
}


def test_every_weighting_is_held_to_its_contract() -> None:
    """A new source of weights has a setting here, or this test fails."""
    assert set(WEIGHERS) == set(weigh.METHODS)


@pytest.mark.parametrize("name", weigh.METHODS)
def test_every_child_has_a_weight_above_zero(name: str) -> None:
    """As many weights as children, all finite and above 0, of which only the proportions matter."""
    weights = weigh.METHODS[name](SIBLINGS, SimpleNamespace(method=name, **WEIGHERS[name]))
    assert len(weights) == 3
    assert all(math.isfinite(weight) and weight > 0 for weight in weights)


def test_declared_weights_are_as_declared_and_equal_ones_equal() -> None:
    """`declared` is what the file says, `equal` the same for each."""
    assert list(weigh.METHODS["declared"](SIBLINGS, None)) == [2.0, 0.5, 1 / 3]
    assert len(set(weigh.METHODS["equal"](SIBLINGS, None))) == 1


# Three regions; a rises, b falls, c has its middle on top.
SPREAD = np.array([[0.0, 100.0, 0.0], [50.0, 50.0, 100.0], [100.0, 0.0, 0.0]])
FROM_DATA = ("entropy", "critic", "pca")
tables = st.lists(
    st.lists(st.integers(1, 160).map(lambda n: n / 8), min_size=4, max_size=4), min_size=3, max_size=7
).map(np.array)


def _weights(name: str, scores: Matrix) -> list[float]:
    """Weights from scores, as shares of 1; NaN where there are none."""
    siblings = weigh.Siblings(np.ones(scores.shape[1]), lambda cycle: scores)
    with np.errstate(invalid="ignore"):
        found = weigh.METHODS[name](siblings, SimpleNamespace(method=name, cycle="2024"))
        return [float(weight) for weight in found / found.sum()]


@pytest.mark.parametrize("name", FROM_DATA)
@few
@given(scores=tables, children=st.permutations(range(4)), factor=st.sampled_from([0.25, 8.0]))
def test_weights_from_data_follow_the_children(name: str, scores: Matrix, children: list[int], factor: float) -> None:
    """Children or regions in another order, or scores in another unit, have the same weights in that order."""
    found = _weights(name, scores)
    moved = _weights(name, scores[::-1, children] * factor)
    if all(map(math.isfinite, found)):
        assert moved == pytest.approx([found[child] for child in children], rel=1e-6, abs=1e-9)
        assert min(found) >= 0.0
    else:
        assert not any(map(math.isfinite, moved))


@pytest.mark.parametrize("name", FROM_DATA)
def test_a_constant_child_has_no_weight(name: str) -> None:
    """What tells no two regions apart weighs nothing, also where it is constant but for rounding."""
    scores = np.array([[10.0, 80.0, 0.1 + 0.2], [30.0, 20.0, 0.3], [60.0, 50.0, 0.3]])
    assert _weights(name, scores)[2] == 0.0
    assert sum(_weights(name, scores)) == pytest.approx(1.0)


def test_entropy_by_hand() -> None:
    """Shares ½ ½ say nothing; of ¼ ¾ the entropy is 0.811278 of its greatest, of 0 1 it is 0."""
    assert _weights("entropy", np.array([[5.0, 1.0], [5.0, 3.0]])) == [0.0, 1.0]
    found = weigh.entropy(
        weigh.Siblings(np.ones(2), lambda cycle: np.array([[1.0, 0.0], [3.0, 7.0]])), SimpleNamespace(cycle="")
    )
    assert found == pytest.approx([0.188722, 1.0], abs=1e-6)


def test_critic_by_hand() -> None:
    """sd ½ · (2 + 1) for a and b, 0.57735 · (1 + 1) for c."""
    total = 1.5 + 1.5 + 2 / math.sqrt(3)
    assert _weights("critic", SPREAD) == pytest.approx([1.5 / total, 1.5 / total, 2 / math.sqrt(3) / total])


def test_pca_by_hand() -> None:
    """The correlations −1, 0, 0 have the first component (1, −1, 0)/√2: half, half, nothing."""
    assert _weights("pca", SPREAD) == pytest.approx([0.5, 0.5, 0.0])
    assert weigh.loadings(SPREAD) == pytest.approx([math.sqrt(0.5), -math.sqrt(0.5), 0.0])
    assert weigh.loadings(SPREAD)[2] == 0.0


@pytest.mark.parametrize("name", FROM_DATA)
@pytest.mark.parametrize(
    "scores", [[[3.0, 4.0]], [[3.0, 4.0], [3.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]], ids=["one region", "equal", "zero"]
)
def test_no_weights_come_of_nothing(name: str, scores: list[list[float]]) -> None:
    """One region, equal scores or zeros say nothing about weights: NaN, which becomes a named problem."""
    assert not any(map(math.isfinite, _weights(name, np.array(scores))))


def test_what_does_not_tell_children_apart_gives_no_weights() -> None:
    """Children that run alike conflict in nothing (CRITIC); unrelated ones have no first component (PCA)."""
    alike = np.array([[1.0, 0.1], [2.0, 0.2], [4.0, 0.4], [7.0, 0.7]])
    unrelated = np.array([[1.0, 1.0], [1.0, 2.0], [2.0, 1.0], [2.0, 2.0]])
    assert not any(map(math.isfinite, _weights("critic", alike)))
    assert not any(map(math.isfinite, _weights("pca", unrelated)))
    assert _weights("pca", alike) == pytest.approx([0.5, 0.5])


@few
@given(ratios=st.lists(st.sampled_from([1.0, 2.0, 3.0, 5.0]), min_size=2, max_size=6))
def test_a_consistent_matrix_gives_its_ratios(ratios: list[float]) -> None:
    """Where every judgement is the ratio of two weights, AHP gives these weights, and no inconsistency."""
    matrix = tuple(tuple(one / other for other in ratios) for one in ratios)
    siblings = weigh.Siblings(np.ones(len(ratios)), lambda cycle: np.ones((1, 1)))
    found = weigh.METHODS["ahp"](siblings, SimpleNamespace(judges=[SimpleNamespace(matrix=matrix)]))
    assert found == pytest.approx(np.array(ratios) / sum(ratios))
    assert consistency(matrix) == pytest.approx(0.0, abs=1e-9)


def test_judges_count_alike() -> None:
    """Two judges' ratios 4 and 1 come to their geometric mean 2; their budgets are shares first, and then averaged."""
    siblings = weigh.Siblings(np.ones(2), lambda cycle: np.ones((1, 1)))
    judges = [SimpleNamespace(matrix=((1.0, 4.0), (0.25, 1.0))), SimpleNamespace(matrix=((1.0, 1.0), (1.0, 1.0)))]
    assert weigh.METHODS["ahp"](siblings, SimpleNamespace(judges=judges)) == pytest.approx([2 / 3, 1 / 3])
    budgets = [SimpleNamespace(shares=(30.0, 10.0)), SimpleNamespace(shares=(0.25, 0.75))]
    assert weigh.METHODS["budget"](siblings, SimpleNamespace(judges=budgets)) == pytest.approx([0.5, 0.5])


# outliers


NAMES = tuple("abcdefgh")
fields = st.lists(st.sampled_from([*(4.0, 5.0, 5.0, 6.0, 7.0, 8.0) * 2, 60.0, 300.0, -200.0]), min_size=8, max_size=8)
limits = st.fixed_dictionaries(
    {
        "max_points": st.sampled_from([0, 1, 2, 5]),
        "skew": st.sampled_from([0.5, 1.0, 2.0]),
        "kurtosis": st.sampled_from([-1.0, 1.0, 3.5]),
    }
)


def _winsorised(values: Sequence[float | None], *, outside: str = "", **changed: Any) -> Column:
    """One cycle of regions a, b, …, those of `outside` not compared."""
    names = NAMES[: len(values)]
    frame = pl.DataFrame({"code": names, "level": ["out" if name in outside else "in" for name in names]})
    rows = Rows((2024,), regions_of(frame, named=(), compare="in"), Cycles())
    method = SimpleNamespace(**{"max_points": 5, "skew": 2.0, "kurtosis": 3.5, "otherwise": "none", **changed})
    return outliers.METHODS["winsorise"](pl.Series("v", values, dtype=pl.Float64), Frame(rows), method).to_list()


@few
@given(values=st.lists(st.one_of(st.none(), st.sampled_from([1.0, 9.0, 500.0])), min_size=8, max_size=8))
def test_no_treatment_changes_nothing(values: Column) -> None:
    """`outliers: none` gives back what it was given."""
    frame: Any = None
    series = pl.Series("v", values, dtype=pl.Float64)
    assert outliers.METHODS["none"](series, frame, SimpleNamespace()).to_list() == values


@few
@given(values=fields, method=limits)
def test_winsorising_moves_few_points_and_keeps_the_order(values: list[float], method: dict[str, Any]) -> None:
    """At most `max_points` differ, all of them towards the middle; nobody overtakes anybody; two stay apart."""
    found = [value for value in _winsorised(values, **method) if value is not None]
    assert len(found) == len(values)
    assert sum(new != old for new, old in zip(found, values, strict=True)) <= method["max_points"]
    in_order = [new for _, new in sorted(zip(values, found, strict=True))]
    assert in_order == sorted(in_order)
    assert min(values) <= min(found)
    assert max(found) <= max(values)
    assert (min(found) < max(found)) == (min(values) < max(values))


@few
@given(values=fields, method=limits)
def test_what_passes_is_left_alone(values: list[float], method: dict[str, Any]) -> None:
    """Treating what has come to pass changes nothing, and what passes from the start has no point moved."""
    found = _winsorised(values, **method)
    if outliers.passes(np.sort(np.array(found, dtype=float)), SimpleNamespace(**method)):
        assert _winsorised(found, **method) == found
    if outliers.passes(np.sort(np.array(values)), SimpleNamespace(**method)):
        assert found == values


@few
@given(values=fields, method=limits, order=st.permutations(range(8)))
def test_winsorising_asks_for_no_order_unit_or_sign(
    values: list[float], method: dict[str, Any], order: list[int]
) -> None:
    """Regions in another order, another unit or another zero, or all signs turned: the same points move."""
    found = _winsorised(values, **method)
    assert _winsorised([values[place] for place in order], **method) == [found[place] for place in order]
    assert _winsorised([8.0 * value - 16.0 for value in values], **method) == [8.0 * (x or 0.0) - 16.0 for x in found]
    assert _winsorised([-value for value in values], **method) == [-(x or 0.0) for x in found]


def test_tied_extremes_move_together_and_each_counts() -> None:
    """Two regions at 300 are two points: with one allowed none moves."""
    values = [4.0, 5.0, 5.0, 6.0, 6.0, 7.0, 300.0, 300.0]
    method = {"skew": 0.5, "kurtosis": -1.9}
    assert _winsorised(values, max_points=1, **method) == values
    assert _winsorised(values, max_points=2, **method)[-2:] == [7.0, 7.0]


def test_a_side_without_outliers_is_open() -> None:
    """h is not compared: above the others it is held where their outlier was; below them it stays what it is."""
    values: Column = [4.0, 5.0, 5.0, 6.0, 6.0, 7.0, 300.0]
    assert _winsorised([*values, 90.0], outside="h") == [*values[:-1], 7.0, 7.0]
    assert _winsorised([*values, 1.0], outside="h") == [*values[:-1], 7.0, 1.0]


def test_no_indicator_is_winsorised_away() -> None:
    """One region apart from equal ones is not made their equal: the logarithm is taken, or nothing is done."""
    values: Column = [0.0] * 7 + [1.0]
    assert _winsorised(values) == values
    low, high = math.log(0.01), math.log(1.01)
    assert _winsorised(values, otherwise="log") == pytest.approx([*[low] * 7, high])


def test_a_skewness_of_two_is_reached() -> None:
    """One of four apart has a skewness of exactly 2, whichever way the last digit falls: it does not pass."""
    assert _winsorised([3.0, 0.1, 0.1, 0.1], otherwise="log")[0] == pytest.approx(math.log(2.9 * 1.01))


def test_a_value_without_logarithm_is_null() -> None:
    """Outside the frame ln(x − min + 0.01·(max − min)) can be missing: null, never −∞ or NaN."""
    found = _winsorised([0.0] * 6 + [100.0, -1.0], outside="h", otherwise="log")
    assert found[-1] is None
    assert found[0] == pytest.approx(math.log(1.0))
