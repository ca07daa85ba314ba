"""Weights by people: AHP against published examples and numpy, one judge beside others, what is written of it."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import consultation
from metrics.consultation import STEPS, Consensus
from metrics.judgement import MOST, changed, combined, consistency, doubt, eigenvector, implied
from metrics.methods import Ahp, Budget
from metrics.reader import read
from metrics.rewrite import set_value

few = settings(deadline=None, max_examples=40)
# Saaty (1990), European Journal of Operational Research 48, 9-26: eight criteria for a house.
HOUSE = [
    [1, 5, 3, 7, 6, 6, 1 / 3, 1 / 4],
    [1 / 5, 1, 1 / 3, 5, 3, 3, 1 / 5, 1 / 7],
    [1 / 3, 3, 1, 6, 3, 4, 6, 1 / 5],
    [1 / 7, 1 / 5, 1 / 6, 1, 1 / 3, 1 / 4, 1 / 7, 1 / 8],
    [1 / 6, 1 / 3, 1 / 3, 3, 1, 1 / 2, 1 / 5, 1 / 6],
    [1 / 6, 1 / 3, 1 / 4, 4, 2, 1, 1 / 5, 1 / 6],
    [3, 5, 1 / 6, 7, 5, 5, 1, 1 / 2],
    [4, 7, 5, 8, 6, 6, 2, 1],
]
# Saaty (1977), Journal of Mathematical Psychology 15, 234-281: six distances from Philadelphia.
DISTANCES = [
    [1, 1 / 3, 8, 3, 3, 7],
    [3, 1, 9, 3, 3, 9],
    [1 / 8, 1 / 9, 1, 1 / 6, 1 / 5, 2],
    [1 / 3, 1 / 3, 6, 1, 1 / 3, 6],
    [1 / 3, 1 / 3, 5, 3, 1, 6],
    [1 / 7, 1 / 9, 1 / 2, 1 / 6, 1 / 6, 1],
]


@st.composite
def judgements(draw: st.DrawFn, least: int = 2) -> tuple[int, list[float]]:
    """A number of children, and a step for each pair of them."""
    count = draw(st.integers(least, 7))
    size = len(consultation.pairs(count))
    return count, draw(st.lists(st.sampled_from(STEPS), min_size=size, max_size=size))


def test_saatys_distances() -> None:
    """The published weights (by hand: to 0.002), and λ = 6.45."""
    weights, value = eigenvector(DISTANCES)
    assert weights == pytest.approx([0.263, 0.397, 0.033, 0.116, 0.164, 0.027], abs=2e-3)
    assert value == pytest.approx(6.45, abs=5e-3)


def test_saatys_house() -> None:
    """The published weights, λ = 9.669 and CR = 0.169."""
    weights, value = eigenvector(HOUSE)
    assert weights == pytest.approx([0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333], abs=5e-4)
    assert value == pytest.approx(9.669, abs=5e-4)
    assert consistency(HOUSE) == pytest.approx(0.169, abs=5e-4)


def test_the_odd_judgement_of_the_house() -> None:
    """Saaty (2003): neighbourhood over condition (6) is the odd one, the rest imply 0.102/0.223; with 1/2 λ = 8.811."""
    found = doubt(HOUSE)
    assert found is not None
    assert (found.row, found.column, found.alike, HOUSE[2][6]) == (2, 6, 0, 6)
    assert found.deviation == pytest.approx(5.32, abs=5e-3)
    assert found.implied == pytest.approx(0.102 / 0.223, abs=5e-3)
    assert consultation.nearest_step(found.implied) == -2.0
    mended = changed(HOUSE, 2, 6, 1 / 2)
    assert eigenvector(mended)[1] == pytest.approx(8.811, abs=1e-3)
    assert consistency(mended) == pytest.approx(0.083, abs=1e-3)
    assert HOUSE[2][6] == 6


@few
@given(judgements())
def test_the_eigenvector_is_numpys(said: tuple[int, list[float]]) -> None:
    """Power iteration gives the eigenvector of numpy's largest eigenvalue."""
    matrix = consultation.matrix_of(said[1], said[0])
    values, vectors = np.linalg.eig(np.array(matrix))
    first = int(values.real.argmax())
    expected = np.abs(vectors[:, first].real)
    weights, value = eigenvector(matrix)
    assert value == pytest.approx(values[first].real, rel=1e-9)
    assert weights == pytest.approx(expected / expected.sum(), abs=1e-9)


@few
@given(judgements(least=3))
def test_what_the_others_imply_does_not_depend_on_the_entry(said: tuple[int, list[float]]) -> None:
    """The implied ratio is the same whatever was said of the pair itself; of three children a_ik·a_kj."""
    matrix = consultation.matrix_of(said[1], said[0])
    ratio = implied(matrix, 0, 1)
    assert implied(changed(matrix, 0, 1, 9.0), 0, 1) == pytest.approx(ratio, rel=1e-9)
    three = [row[:3] for row in matrix[:3]]
    assert implied(three, 0, 1) == pytest.approx(three[0][2] * three[2][1], rel=1e-9)


@few
@given(judgements(least=3))
def test_no_entry_is_farther_than_the_doubted_one(said: tuple[int, list[float]]) -> None:
    """The doubted entry has the largest |ln(a_ij·w_j/w_i)| of numpy's weights; none is doubted where all agree."""
    matrix = np.array(consultation.matrix_of(said[1], said[0]))
    weights = np.array(eigenvector(matrix.tolist())[0])
    far = np.abs(np.log(matrix * weights[None, :] / weights[:, None]))
    found = doubt(matrix.tolist())
    if found is None:
        assert far.max() < 1e-8
    else:
        assert found.row < found.column
        assert far[found.row, found.column] == pytest.approx(far.max(), abs=1e-8)


def test_of_three_children_any_judgement_may_be_the_odd_one() -> None:
    """2, 4 and 1/2 do not fit: all three are as far off, and the first would have to be 4·2 = 8."""
    found = doubt(consultation.matrix_of([2.0, 4.0, -2.0], 3))
    assert found is not None
    assert (found.row, found.column, found.alike) == (0, 1, 2)
    assert found.implied == pytest.approx(8.0)


def test_judgements_that_agree_are_not_doubted() -> None:
    """4 : 2 : 1 has nothing to mend, and two children have nothing to compare with."""
    assert doubt(consultation.matrix_of([2.0, 4.0, 2.0], 3)) is None
    assert doubt(consultation.matrix_of([9.0], 2)) is None


@few
@given(judgements())
def test_what_is_written_is_read_again(said: tuple[int, list[float]]) -> None:
    """The file's models take what is written, the same steps come back, and its matrix is that of the steps."""
    count, steps = said
    method = Ahp.model_validate({"method": "ahp", "judges": consultation.written("ahp", {"a": steps}, count)["ahp"]})
    assert consultation.given(method) == {"a": steps}
    assert np.array(method.judges[0].matrix) == pytest.approx(np.array(consultation.matrix_of(steps, count)))


def test_a_matrix_is_written_as_people_write_it() -> None:
    """Whole numbers and 1/3, who said it beside it; points as they are."""
    found = consultation.written("ahp", {"甲": [3.0, -5.0, 1.0]}, 3)
    assert found == {"ahp": [{"by": "甲", "matrix": [[1, 3, "1/5"], ["1/3", 1, 1], [5, 1, 1]]}]}
    budget = consultation.written("budget", {"乙": [60.0, None, 39.5, 0.5]}, 4)
    assert budget == {"budget": [{"by": "乙", "shares": [60, 0, 39.5, 0.5]}]}


def test_numbers_between_the_steps_are_kept() -> None:
    """2.5 and a hand-rounded 0.33 in the file: the number above 1 is what was meant."""
    assert consultation.steps_of([[1, 2.5, 0.33], [0.4, 1, 1], [3, 1, 1]]) == [2.5, -3.0, 1.0]
    assert consultation.written("ahp", {"a": [2.5]}, 2)["ahp"][0]["matrix"] == [[1, 2.5], ["1/2.5", 1]]


@pytest.mark.parametrize(("ratio", "step"), [(1.0, 1.0), (2.3, 2.0), (0.46, -2.0), (40.0, 9.0), (0.01, -9.0)])
def test_the_nearest_step(ratio: float, step: float) -> None:
    """Nearest as ratios are: 0.46 is 1/2; what is beyond the scale is its end."""
    assert consultation.nearest_step(ratio) == step


def test_the_scale_runs_from_one_absolutely_to_the_other() -> None:
    """17 steps whose ratios fall from 9 to 1/9."""
    ratios = [consultation.ratio_of(step) for step in STEPS]
    assert (len(ratios), ratios[0], ratios[8]) == (17, 9.0, 1.0)
    assert ratios[-1] == pytest.approx(1 / 9)
    assert all(one > other for one, other in pairwise(ratios))


def test_comments_stay_beside_their_judges() -> None:
    """A judge taken away takes the comment on the line along; those of the others stay where they are."""
    judges = ["{by: 甲, shares: [1, 1]}  # 一", "{by: 乙, shares: [1, 1]}  # 二", "{by: 丙, shares: [1, 1]}  # 三"]
    text = "weights:\n  budget:\n" + "".join(f"    - {judge}\n" for judge in judges)
    found = consultation.written("budget", {"乙": [1.0, 1.0], "丙": [30.0, 70.0], "丁": [50.0, 50.0]}, 2)
    assert set_value(text, ("weights",), found).splitlines()[2:] == [
        "    - {by: 乙, shares: [1, 1]}  # 二",
        "    - {by: 丙, shares: [30, 70]}  # 三",
        "    - {by: 丁, shares: [50, 50]}",
    ]


def test_judges_of_one_name_are_two() -> None:
    """Neither is lost."""
    judges = [{"by": "甲", "shares": [1, 1]}, {"by": "甲", "shares": [0.25, 0.75]}]
    found = consultation.given(Budget.model_validate({"method": "budget", "judges": judges}))
    assert found == {"甲": [50.0, 50.0], "甲 (2)": [25.0, 75.0]}


@few
@given(st.lists(st.integers(0, 300), min_size=1, max_size=12).filter(any))
def test_scaled_points_are_a_hundred(points: list[int]) -> None:
    """In proportion to the hundredth, and 100 in all."""
    found = consultation.scaled(points)
    assert consultation.left(found) == 0.0
    assert found == pytest.approx([100.0 * point / sum(points) for point in points], abs=0.01)


def test_only_what_is_finished_counts() -> None:
    """Every pair, or points that add up to 100: a hundredth of a point too few is not."""
    assert consultation.finished("ahp", [3.0, 1.0])
    assert not consultation.finished("ahp", [3.0, None])
    assert consultation.finished("budget", [33.4, 33.3, 33.3, None])
    assert not consultation.finished("budget", [33.4, 33.3, 33.29])
    assert consultation.left([60.0, 50.0]) == -10.0


def test_three_judges_as_one() -> None:
    """By hand: ratios 4, 1 and 2 come to 2; who is low, who is high, and the two farthest apart, with 0.3 to move."""
    found = consultation.consult("ahp", {"甲": [4.0], "乙": [1.0], "丙": [2.0]}, 2)
    assert found.weights == pytest.approx([2 / 3, 1 / 3])
    assert found.span(0) == pytest.approx((0.5, 0.8))
    assert (found.ratio, found.ratios) == (0.0, (0.0, 0.0, 0.0))
    split = consultation.split(found)
    assert split is not None
    assert (split.child, split.low_by, split.high_by, split.alike) == (0, ("乙",), ("甲",), 1)
    assert (split.low, split.high) == pytest.approx((0.5, 0.8))
    assert consultation.farthest(found) == ("甲", "乙", pytest.approx(0.3), 0)


def test_a_budget_is_the_mean() -> None:
    """(50 + 20)/2, (30 + 20)/2, (20 + 60)/2; the third child is what they differ on; there is no consistency."""
    found = consultation.consult("budget", {"甲": [50.0, 30.0, 20.0], "乙": [20.0, 20.0, 60.0]}, 3)
    assert found.weights == pytest.approx([0.35, 0.25, 0.40])
    assert (found.ratio, found.ratios) == (None, (None, None))
    split = consultation.split(found)
    assert split is not None
    assert (split.child, split.low_by, split.high_by, split.alike) == (2, ("甲",), ("乙",), 0)


def test_ties_are_told() -> None:
    """Two of one mind against a third: two pairs are as far apart, two children as much in dispute, both give least."""
    judges = {"甲": [60.0, 20.0, 20.0], "乙": [60.0, 20.0, 20.0], "丙": [20.0, 60.0, 20.0]}
    found = consultation.consult("budget", judges, 3)
    assert consultation.farthest(found) == ("甲", "丙", pytest.approx(0.4), 1)
    split = consultation.split(found)
    assert split is not None
    assert (split.child, split.low_by, split.high_by, split.alike) == (0, ("丙",), ("甲", "乙"), 1)


def test_all_together_may_lie_outside() -> None:
    """By hand: 9 : 1 : 1 and 1 : 1 : 9 come to 3 : 1 : 3, so 1/7 goes to what both give 1/11; a mean lies inside."""
    found = consultation.consult("ahp", {"甲": [9.0, 9.0, 1.0], "乙": [1.0, -9.0, -9.0]}, 3)
    assert found.weights == pytest.approx([3 / 7, 1 / 7, 3 / 7])
    assert found.span(1) == pytest.approx((1 / 11, 1 / 11))
    assert found.is_outside
    assert not consultation.consult("budget", {"甲": [80.0, 10.0, 10.0], "乙": [10.0, 10.0, 80.0]}, 3).is_outside
    assert not consultation.consult("ahp", {"甲": [9.0, 9.0, 1.0]}, 3).is_outside


def test_who_agrees_does_not_differ() -> None:
    """One judge, or two of one mind: no child and no two judges are named."""
    alike: Consensus = consultation.consult("ahp", {"甲": [3.0, 3.0, 1.0], "乙": [3.0, 3.0, 1.0]}, 3)
    assert (consultation.split(alike), consultation.farthest(alike)) == (None, None)
    alone = consultation.consult("budget", {"甲": [70.0, 30.0]}, 2)
    assert (consultation.split(alone), consultation.farthest(alone)) == (None, None)


@few
@given(judgements(least=3), st.data())
def test_all_judges_together_are_numpys(said: tuple[int, list[float]], data: st.DataObject) -> None:
    """The eigenvector of the entrywise geometric mean, and its own consistency ratio."""
    count, steps = said
    other = data.draw(st.permutations(steps))
    found = consultation.consult("ahp", {"a": steps, "b": other}, count)
    matrices = [np.array(consultation.matrix_of(each, count)) for each in (steps, other)]
    mean = np.sqrt(matrices[0] * matrices[1])
    assert np.array(combined(matrices)) == pytest.approx(mean)
    values, vectors = np.linalg.eig(mean)
    first = int(values.real.argmax())
    expected = np.abs(vectors[:, first].real)
    assert found.weights == pytest.approx(expected / expected.sum(), abs=1e-9)
    assert found.ratio == pytest.approx(consistency(mean.tolist()), abs=1e-12)
    assert math.isclose(sum(found.weights), 1.0)


FILE = """
schema: 1
title: t
variables: {{x: {{name: x, unit: "1"}}, y: {{name: y, unit: "1"}}}}
indicators:
  a: {{name: a, unit: "1", formula: x, better: higher}}
  b: {{name: b, unit: "1", formula: y, better: higher}}
index:
  code: all
  name: all
  weights: {weights}
  children: [{{indicator: a, weight: 3}}, {{indicator: b}}]
"""


@pytest.mark.parametrize(
    "weights",
    [
        "{ahp: [{by: 甲, matrix: [[1, 1], [1, 1]]}, {by: 乙, matrix: [[1, 1.0e+308], [1.0e-308, 1]]}]}",
        "{ahp: [{by: 甲, matrix: [[1, 1], [1, 1]]}, {by: 乙, matrix: [[1, 1.0e-308], [1.0e+308, 1]]}]}",
        "{budget: [{by: 甲, shares: [1, 1]}, {by: 乙, shares: [1.0e+308, 1]}]}",
    ],
)
def test_judgements_too_large_to_mean_anything_are_refused(weights: str) -> None:
    """Whose and where, in place of weights that are no numbers."""
    (problem,) = read(FILE.format(weights=weights).encode()).problems
    assert (problem.code, problem.facts["by"], problem.line) == ("judgement_too_large", "乙", 11)
    assert ".1." in problem.path


def test_shares_of_no_children_are_told_as_no_children() -> None:
    """Nothing is asked of an empty list."""
    text = FILE.format(weights="{budget: [{by: 甲, shares: []}]}")
    text = text.replace("[{indicator: a, weight: 3}, {indicator: b}]", "[]")
    assert "no_children" in [problem.code for problem in read(text.encode()).problems]


def test_many_judges_stay_numbers() -> None:
    """The most that may be said, by 1,000 judges."""
    found = combined([[[1.0, MOST], [1.0 / MOST, 1.0]]] * 1000)
    assert found[0][1] == pytest.approx(MOST)
    assert eigenvector(found)[0] == pytest.approx([1.0, 0.0], abs=1e-5)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ("declared", [0.75, 0.25]),
        ("equal", [0.5, 0.5]),
        ("{ahp: [{by: one, matrix: [[1, 4], [1/4, 1]]}]}", [0.8, 0.2]),
        ("{budget: [{by: one, shares: [30, 70]}]}", [0.3, 0.7]),
        ("{combine: [{of: declared}, {of: equal}]}", [0.625, 0.375]),
        ("{entropy: 2023}", None),
        ("{combine: [{of: declared}, {of: {pca: 2023}}]}", None),
    ],
)
def test_weights_in_force(weights: str, expected: list[float] | None) -> None:
    """As the file has them, whatever the method; none where they are taken from scores."""
    definitions = read(FILE.format(weights=weights).encode()).definitions
    assert definitions is not None
    found = consultation.in_force(definitions, definitions.index)
    assert found == (None if expected is None else pytest.approx(expected))
