"""Data envelopment analysis: published cases worked by hand, the dual programme as a second opinion, and its use."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from metrics.efficiency import Efficiency, efficiency
from metrics.envelopment import Envelopment, envelop
from metrics.frames import Matrix
from metrics.problems import InputError
from metrics.production import default_measures, possible
from metrics.reader import read
from metrics.scorecard import Scorecard, score

# Cooper, Seiford & Tone (2007), tables 1.1 and 1.3: stores with one input and one output, and with two and one.
STAFF = np.array([[2.0, 3, 3, 4, 5, 5, 6, 8]]).T
SALES = np.array([[1.0, 3, 2, 3, 4, 2, 3, 5]]).T
TWO = np.array([[4.0, 3], [7, 3], [8, 1], [4, 2], [2, 4], [5, 2], [6, 4], [5.5, 2.5], [6, 2.5]])
ONE = np.ones((9, 1))
# A store that uses 10 and 1 where C makes do with 8 and 1.
WASTEFUL = np.array([[8.0, 1], [4, 2], [2, 4], [10, 1]])


def test_one_input_and_one_output() -> None:
    """With constant returns a store's efficiency is its sales per head beside the best, store B's."""
    found = envelop(STAFF, SALES)
    assert found.efficiency == pytest.approx((SALES / STAFF).ravel() / 1.0)
    assert found.efficiency.tolist().index(1.0) == 1


def test_variable_returns_by_hand() -> None:
    """On the line from A to B and on to E and H: C needs 2.5 of 3, D 3 of 4, F 2.5 of 5, G 3 of 6."""
    found = envelop(STAFF, SALES, returns="variable")
    assert found.efficiency == pytest.approx([1, 1, 2.5 / 3, 3 / 4, 1, 2.5 / 5, 3 / 6, 1])


def test_two_inputs_by_hand() -> None:
    """The frontier runs from E to D on x + y = 6 and from D to C on x + 4y = 12; each θ is the line's share."""
    found = envelop(TWO, ONE)
    assert found.efficiency == pytest.approx([6 / 7, 12 / 19, 1, 1, 1, 12 / 13, 6 / 10, 12 / 15.5, 12 / 16])
    assert np.flatnonzero(found.weights[0]).tolist() == [3, 4]
    assert found.weights[0][[3, 4]] == pytest.approx([5 / 7, 2 / 7])


def test_slack_shows_what_the_radial_measure_does_not() -> None:
    """(10, 1) cannot shrink both inputs, yet C does with 2 less of the first: θ is 1, and it is not efficient."""
    found = envelop(WASTEFUL, np.ones((4, 1)))
    assert found.efficiency[3] == 1.0
    assert found.input_slacks[3] == pytest.approx([2.0, 0.0])
    assert found.efficient.tolist() == [True, True, True, False]


def test_output_orientation() -> None:
    """With constant returns both ways agree; with variable ones D could have 3.5 instead of 3, G 13/3 instead of 3."""
    assert envelop(STAFF, SALES, orientation="output").efficiency == pytest.approx(envelop(STAFF, SALES).efficiency)
    found = envelop(STAFF, SALES, returns="variable", orientation="output").efficiency
    assert found == pytest.approx([1, 1, 2 / 3, 3 / 3.5, 1, 2 / 4, 3 / (13 / 3), 1])


def _multipliers(inputs: Matrix, outputs: Matrix, unit: int) -> float:
    """The dual of the constant-returns programme: the best weights for the unit, u·y with v·x = 1 and u·Y ≤ v·X."""
    m, s = inputs.shape[1], outputs.shape[1]
    aim = np.concatenate([np.zeros(m), -outputs[unit]])
    right = {"A_ub": np.hstack([-inputs, outputs]), "b_ub": np.zeros(len(inputs))}
    one = {"A_eq": np.concatenate([inputs[unit], np.zeros(s)])[None, :], "b_eq": [1.0]}
    return -float(linprog(aim, **right, **one).fun)


def _random(seed: int, n: int = 9) -> tuple[Matrix, Matrix]:
    generator = np.random.default_rng(seed)
    return generator.uniform(1, 9, (n, 2)), generator.uniform(1, 9, (n, 2))


def _equal(one: Envelopment, two: Envelopment) -> None:
    assert one.efficiency == pytest.approx(two.efficiency, abs=1e-7)
    assert one.efficient.tolist() == two.efficient.tolist()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 100_000))
def test_properties_of_every_envelopment(seed: int) -> None:
    """θ is the dual's; 0 < θ_CCR ≤ θ_NIRS ≤ θ_BCC ≤ 1; peers are efficient; targets are reached exactly."""
    inputs, outputs = _random(seed)
    ccr, bcc = envelop(inputs, outputs), envelop(inputs, outputs, returns="variable")
    nirs = envelop(inputs, outputs, returns="nonincreasing").efficiency
    assert ccr.efficiency == pytest.approx([_multipliers(inputs, outputs, unit) for unit in range(9)], abs=1e-7)
    assert (ccr.efficiency > 0).all()
    assert (ccr.efficiency <= nirs + 1e-7).all()
    assert (nirs <= bcc.efficiency + 1e-7).all()
    assert (bcc.efficiency <= 1).all()
    assert bcc.weights.sum(axis=1) == pytest.approx(np.ones(9))
    for found in (ccr, bcc):
        assert found.efficient[np.flatnonzero(found.weights.sum(axis=0))].all()
        target = found.efficiency[:, None] * inputs - found.input_slacks
        assert found.weights @ inputs == pytest.approx(target, abs=1e-5)
        assert found.weights @ outputs == pytest.approx(outputs + found.output_slacks, abs=1e-5)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 100_000), st.floats(1e-6, 1e9), st.floats(1e-6, 1e9))
def test_units_make_no_difference(seed: int, first: float, second: float) -> None:
    """Metres or kilometres: the same efficiencies and the same slacks, in the other unit."""
    inputs, outputs = _random(seed, 7)
    plain = envelop(inputs, outputs)
    other = envelop(inputs * [first, 1.0], outputs * [1.0, second])
    _equal(plain, other)
    assert other.input_slacks == pytest.approx(plain.input_slacks * [first, 1.0], rel=1e-5, abs=1e-5 * first)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 100_000), st.lists(st.integers(-5, 5), min_size=7, max_size=7))
def test_sizes_make_no_difference_to_constant_returns(seed: int, sizes: list[int]) -> None:
    """A hamlet beside a nation: units ten million times as large are as efficient, with peers and slacks to scale."""
    inputs, outputs = _random(seed, 7)
    times = np.array([10.0**size for size in sizes])[:, None]
    plain, other = envelop(inputs, outputs), envelop(inputs * times, outputs * times)
    _equal(plain, other)
    assert other.input_slacks / times == pytest.approx(plain.input_slacks, abs=1e-5)
    assert other.weights * times.T / times == pytest.approx(plain.weights, abs=1e-5)


def test_sizes_in_between_are_weighed_by_variable_returns() -> None:
    """A unit half as good as the line between one of size 1 and one of a million has θ ½ and both as its peers."""
    inputs, outputs = np.array([[1.0], [1e6], [1e6 + 1.0]]), np.array([[1.0], [2e6], [(1.0 + 2e6) / 2.0]])
    found = envelop(inputs, outputs, returns="variable")
    assert found.efficiency == pytest.approx([1.0, 1.0, 0.5])
    assert found.weights[2] == pytest.approx([0.5, 0.5, 0.0])


@pytest.mark.parametrize(("least", "unsolved"), [(5e-324, ["A"]), (1e-300, [])])
def test_what_no_number_can_tell_is_not_solved(least: float, unsolved: list[str]) -> None:
    """Beside units that are too small to be divided by, one has a result or is named; never an infinite number."""
    card = _card({"staff": [least, 2.0, 3.0, 5.0], "sales": [least, 1.0, 4.0, 2.0]})
    found = efficiency(card, "2024", inputs=["staff"], outputs=["sales"])
    for frame in (found.regions, found.measures, found.peers):
        assert all(column.drop_nulls().is_finite().all() for column in frame.select(pl.col(pl.Float64)))
    theta = dict(found.regions.select("region", "ccr").iter_rows())
    assert theta == {"A": None if unsolved else pytest.approx(0.75), "B": 0.375, "C": 1.0, "D": pytest.approx(0.3)}
    assert [problem.path for problem in found.problems if problem.code == "not_solved"] == unsolved


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 100_000), st.permutations(range(8)))
def test_the_order_of_the_units_makes_no_difference(seed: int, order: list[int]) -> None:
    """Efficiency belongs to a unit, not to its row."""
    inputs, outputs = _random(seed, 8)
    moved = envelop(inputs[order], outputs[order], returns="variable")
    assert moved.efficiency == pytest.approx(envelop(inputs, outputs, returns="variable").efficiency[order], abs=1e-7)


# on a scorecard


def _card(columns: dict[str, Sequence[float | None]], *, domains: Sequence[str] = ()) -> Scorecard:
    """Regions A, B, … with these variables; `share` is an indicator of which less is better, `sold` one of the more."""
    named = dict(zip(columns, domains, strict=False))
    lines = ["schema: 1", "title: case", "variables:"]
    lines += [
        f'  {code}: {{name: {code}, unit: "1"{f", domain: {named[code]}" if code in named else ""}}}'
        for code in columns
    ]
    first, last = next(iter(columns)), list(columns)[-1]
    lines += ["defaults: {normalise: {method: piecewise, points: [[0, 0], [10, 100]]}}", "indicators:"]
    lines += [f'  share: {{name: share, unit: "1", formula: {first} / {last}, better: lower, normalise: minmax}}']
    lines += [f'  sold: {{name: sold, unit: "1", formula: {last}, better: higher}}']
    lines += [
        "index: {code: whole, name: whole, children: [",
        "  {code: part, name: part, children: [{indicator: sold}]}]}",
    ]
    reading = read("\n".join(lines))
    assert reading.definitions is not None, [problem.message("en") for problem in reading.problems]
    cells = [
        (chr(ord("A") + place), "2024", code, value)
        for code, column in columns.items()
        for place, value in enumerate(column)
    ]
    kinds = {"region": pl.String, "period": pl.String, "variable": pl.String, "value": pl.Float64}
    return score(reading.definitions, pl.DataFrame(cells, schema=kinds, orient="row"))


STORES = {"staff": STAFF.ravel().tolist(), "sales": SALES.ravel().tolist()}


def _stores(**changed: Sequence[float | None]) -> Efficiency:
    return efficiency(_card({**STORES, **changed}), "2024", inputs=["staff"], outputs=["sales"])


def test_a_scorecard_s_regions_are_ranked_beside_their_composite() -> None:
    """The stores by θ, the composite by sales: B leads by efficiency and is third by size, H the other way round."""
    found = _stores().regions
    by_region = {row["region"]: row for row in found.iter_rows(named=True)}
    assert found["region"][0] == "B"
    assert (by_region["B"]["rank"], by_region["B"]["composite_rank"], by_region["B"]["places"]) == (1, 3, 2)
    assert (by_region["H"]["rank"], by_region["H"]["composite_rank"], by_region["H"]["places"]) == (5, 1, -4)
    assert by_region["H"]["scale"] == pytest.approx(0.625)


def test_only_members_are_compared() -> None:
    """Without B in sight E is the best; who is no member is nobody's peer."""
    card = _card(STORES)
    found = efficiency(card, "2024", inputs=["staff"], outputs=["sales"], members=["A", "D", "E", "F"])
    assert found.regions["region"].to_list() == ["E", "D", "A", "F"]
    assert set(found.peers["peer"]) <= {"A", "D", "E", "F"}
    with pytest.raises(InputError):
        efficiency(card, "2024", inputs=["staff"], outputs=["sales"], members=["nowhere"])


def test_returns_to_scale() -> None:
    """A is too small, B of the right size, E and H are too large."""
    found = dict(_stores().regions.select("region", "returns").iter_rows())
    assert (found["A"], found["B"], found["E"], found["H"]) == ("increasing", "constant", "decreasing", "decreasing")


def test_a_scale_that_is_wrong_by_little_is_wrong() -> None:
    """A region that is larger than the best size by a hundredth has decreasing returns, not constant ones."""
    near = {"staff": [3.0, 6.06, 3.0], "sales": [3.0, 6.03, 1.0]}
    found = efficiency(_card(near), "2024", inputs=["staff"], outputs=["sales"]).regions
    assert dict(found.select("region", "returns").iter_rows())["B"] == "decreasing"


def test_peers_and_targets_are_named() -> None:
    """F has half of what it should: by constant returns two thirds of B, 2 of staff for its sales of 2."""
    found = _stores()
    peers = found.peers.filter(region="F", model="ccr")
    assert peers.select("peer", "weight").rows() == [("B", pytest.approx(2 / 3))]
    staff = found.measures.filter(region="F", model="ccr", code="staff").row(0, named=True)
    assert (staff["value"], staff["target"], staff["change"]) == pytest.approx((5.0, 2.0, -0.6))


def test_who_cannot_take_part_is_named() -> None:
    """A missing number and one that is not above 0 keep a region out, with the measure that did."""
    found = _stores(staff=[None, *STORES["staff"][1:]], sales=[1.0, 3.0, 0.0, *STORES["sales"][3:]])
    assert found.regions.height == 6
    assert [(problem.code, problem.path) for problem in found.problems if problem.severity == "note"] == [
        ("left_out_missing", "A"), ("left_out_not_positive", "C"),
    ]  # fmt: skip
    assert all(problem.message(lang) for problem in found.problems for lang in ("zh", "en"))


def test_nobody_left() -> None:
    """Where no region can take part the frames are empty and everyone is named."""
    found = _stores(sales=[None] * 8)
    assert found.regions.is_empty()
    assert found.peers.is_empty()
    assert len([problem for problem in found.problems if problem.code == "left_out_missing"]) == 8


def test_few_regions_for_many_measures_is_a_warning() -> None:
    """n ≥ max(m·s, 3(m + s)): eight do for one and one, five do not."""
    assert "few_for_efficiency" not in {problem.code for problem in _stores().problems}
    few = efficiency(_card({code: column[:5] for code, column in STORES.items()}), "2024",
                     inputs=["staff"], outputs=["sales"])  # fmt: skip
    assert [problem.facts["least"] for problem in few.problems if problem.code == "few_for_efficiency"] == [6]


def test_ratios_and_scores_are_judged_with_variable_returns() -> None:
    """A pillar's score is an output by its points, a lower-is-better indicator an input; neither grows with size."""
    card = _card(STORES)
    found = efficiency(card, "2024", inputs=["staff"], outputs=["part"])
    assert (found.model, _stores().model) == ("bcc", "ccr")
    assert "ratios_in_efficiency" in {problem.code for problem in found.problems}
    assert found.measures.filter(region="A", model="bcc", code="part")["value"][0] == pytest.approx(10.0)
    assert "share" in possible(card.definitions, "input")
    assert "sold" not in possible(card.definitions, "input")
    assert found.regions["rank"].to_list() == sorted(found.regions["rank"].to_list())


@pytest.mark.parametrize(
    ("inputs", "outputs", "code"),
    [
        ([], ["sales"], "measures_wanted"),
        (["staff"], [], "measures_wanted"),
        (["nothing"], ["sales"], "unknown_measure"),
        (["sold"], ["sales"], "unknown_measure"),
        (["staff"], ["staff"], "measure_twice"),
        (["staff", "staff"], ["sales"], "measure_twice"),
    ],
)
def test_measures_that_cannot_be_are_refused(inputs: list[str], outputs: list[str], code: str) -> None:
    """No input, no output, an unknown one, an input of which more is better, one on both sides: a named problem."""
    with pytest.raises(InputError) as raised:
        efficiency(_card(STORES), "2024", inputs=inputs, outputs=outputs)
    assert [problem.code for problem in raised.value.problems] == [code]
    assert all(problem.message(lang) for problem in raised.value.problems for lang in ("zh", "en"))


def test_a_cycle_that_is_not_there_is_refused() -> None:
    """Asking for a cycle without scores is a named problem."""
    with pytest.raises(InputError):
        efficiency(_card(STORES), "1999", inputs=["staff"], outputs=["sales"])


def test_the_usual_measures() -> None:
    """The default set's totals of cost, energy, people and repairs; elsewhere the first variables of these domains."""
    reading = read((Path(__file__).parent.parent / "indicators.yaml").read_text(encoding="utf-8"))
    assert reading.definitions is not None
    usual = default_measures(reading.definitions)
    assert usual == (("operating_cost", "energy"), ("energy_users", "repairs_on_time"))
    other = _card(STORES, domains=("cost", "service")).definitions
    assert default_measures(other) == (("staff",), ("sales",))


def test_no_nan_reaches_a_frame() -> None:
    """Numbers of very different size: every cell is a number or null."""
    found = _stores(staff=[1e-9, 3.0, 1e12, 4.0, 5.0, 5.0, 6.0, 8.0])
    for frame in (found.regions, found.measures, found.peers):
        assert all(
            frame[name].drop_nulls().is_finite().all() for name, kind in frame.schema.items() if kind == pl.Float64
        )
