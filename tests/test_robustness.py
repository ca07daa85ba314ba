"""The uncertainty analysis: the fast trials are the whole method, and what is made of them keeps its promises."""

from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest

from metrics.problems import InputError
from metrics.reader import read
from metrics.robustness import analyse, score_intervals, sensitivity
from metrics.robustness.draws import inputs_of, nominal_inputs
from metrics.robustness.tiers import tiers
from metrics.robustness.trials import trials_of
from metrics.scorecard import Scorecard, score
from tests.robust_cases import DRAWN, RULES, TEXT, card_of, definitions_of, facts_of, one_by_one

COLUMNS = [
    *("period", "region", "score", "rank"),
    *("rank_mean", "rank_median", "rank_p05", "rank_p95", "top_probability"),
]


def _fast(card: Scorecard, trials: int) -> tuple[Any, Any, np.ndarray[Any, Any]]:
    """Inputs, draws and all composites (c, t, n)."""
    inputs = inputs_of(card.definitions, card.definitions.robustness.in_force)
    draws = inputs.sampled(trials, 7)
    found = np.full((len(card.periods), trials, card.regions.height), -1.0)
    for places, composite in trials_of(card, inputs).composites(draws):
        found[:, places] = composite
    return inputs, draws, found


CASES = {
    "everything drawn": TEXT + DRAWN,
    "with rules": TEXT + RULES + DRAWN,
    "defaults": TEXT,
    "rules of other cycles": TEXT + RULES.replace("when: p < 45", "when: p < previous(p)") + DRAWN,
}


@pytest.mark.parametrize("name", CASES)
def test_a_trial_is_the_whole_method_with_other_definitions(name: str) -> None:
    """Scored anew with a trial's weights and methods, every composite of every cycle is the same."""
    card = card_of(CASES[name])
    inputs, draws, fast = _fast(card, 25)
    for trial in range(25):
        naive = one_by_one(card, inputs, draws, trial)
        assert np.array_equal(np.isnan(naive), np.isnan(fast[:, trial]))
        assert np.nanmax(np.abs(naive - fast[:, trial])) < 1e-9
    assert np.isnan(fast).any()
    assert np.unique(draws.chosen, axis=0).shape[0] > 1


def test_nothing_drawn_is_the_scorecard() -> None:
    """A trial in which everything is as declared gives the scorecard's own composites, points and gates included."""
    card = card_of(TEXT + RULES)
    inputs = nominal_inputs(card.definitions)
    ((_, composite),) = trials_of(card, inputs).composites(inputs.declared([None]))
    root = card.frame.filter(pl.col("level") == "composite")["score"].to_numpy()
    assert np.allclose(composite[:, 0].ravel(), root, rtol=0.0, atol=1e-9, equal_nan=True)


def test_computed_weights_move_from_what_the_scorecard_has() -> None:
    """Entropy weights are those of the scorecard × U(1 − s, 1 + s), never computed anew in a trial."""
    entropy = TEXT.replace("name: p, weight: 2,", "name: p, weight: 2, weights: {entropy: 2021},")
    card = card_of(entropy + "robustness: {weights: {spread: 0.3}}\n")
    shares = dict(card.frame.filter(pl.col("code").is_in(["i0", "i1", "i2"])).head(3).select("code", "weight").rows())
    fixed = card_of(
        TEXT.replace("{indicator: i0, weight: 3}", f"{{indicator: i0, weight: {shares['i0']!r}}}")
        .replace("{indicator: i1}", f"{{indicator: i1, weight: {shares['i1']!r}}}")
        .replace("{indicator: i2, weight: 2}", f"{{indicator: i2, weight: {shares['i2']!r}}}")
        + "robustness: {weights: {spread: 0.3}}\n"
    )
    assert np.allclose(_fast(card, 20)[2], _fast(fixed, 20)[2], equal_nan=True)


def test_a_mean_that_needs_scores_above_zero_gets_them() -> None:
    """Geometric trials take scores through [1, 100], z-scores too; a declared floor is used instead."""
    drawn = "robustness: {normalise: [zscore, borda, declared], aggregate: [geometric, harmonic]}\n"
    through = _fast(card_of(TEXT + drawn, gaps=0.0), 60)[2]
    assert np.isfinite(through).all()
    assert through.min() >= 1.0 - 1e-9
    raised = TEXT.replace("defaults: {", "defaults: {floor: 30, ")
    own = "robustness: {normalise: [declared], aggregate: [geometric]}\n"
    assert _fast(card_of(raised + own, gaps=0.0), 5)[2].min() >= 30.0 - 1e-9


def test_ranks_have_the_contracts_columns_and_contain_their_medians() -> None:
    """One row a region and cycle; p05 ≤ median ≤ p95, inside 1..n; all of it null without a rank."""
    result = analyse(card_of(TEXT + RULES + DRAWN), trials=300)
    ranks = result.ranks
    assert ranks.columns == COLUMNS
    assert ranks.height == 7 * 3
    known = ranks.drop_nulls("rank_median")
    low, middle, high = (known[name] for name in ("rank_p05", "rank_median", "rank_p95"))
    assert ((low <= middle) & (middle <= high) & (low >= 1) & (high <= 7)).all()
    assert known["top_probability"].is_between(0.0, 1.0).all()
    for name in ("rank_mean", "rank_p05", "rank_p95", "top_probability"):
        assert ranks[name].is_nan().sum() == 0


def test_quantiles_are_numpys_linear_ones() -> None:
    """The statistics are those of the trials' ranks by numpy, over the trials with a rank."""
    result = analyse(card_of(TEXT + RULES + DRAWN), trials=101)
    wanted = {"p05": 0.05, "median": 0.5, "p95": 0.95}
    table = result.ranks.filter(pl.col("period") == "2021", pl.col("region").is_in(result.regions))
    drawn = result.drawn[result.card.periods.index("2021")]
    for place, row in enumerate(table.iter_rows(named=True)):
        own = drawn[:, place][drawn[:, place] > 0]
        for name, share in wanted.items():
            assert row[f"rank_{name}"] == pytest.approx(float(np.quantile(own, share)))
        assert row["rank_mean"] == pytest.approx(float(own.mean()))


def test_a_pair_is_above_below_or_tied() -> None:
    """P(A above B) + P(B above A) + P(tie) = 1 over the trials in which both have a rank."""
    result = analyse(card_of(TEXT + RULES + DRAWN), trials=200)
    both = result.pairs.join(
        result.pairs, left_on=["period", "region_a", "region_b"], right_on=["period", "region_b", "region_a"]
    )
    assert result.pairs.height == 3 * 7 * 6
    for row in both.drop_nulls().head(60).iter_rows(named=True):
        drawn = result.drawn[result.card.periods.index(row["period"])]
        one, other = (drawn[:, result.regions.index(row[name])] for name in ("region_a", "region_b"))
        seen = (one > 0) & (other > 0)
        ties = (seen & (one == other)).sum() / seen.sum()
        assert row["probability"] + row["probability_right"] + ties == pytest.approx(1.0)


def test_improvement_compares_the_same_trial_in_both_cycles() -> None:
    """The probability is the share of trials whose own composite rose; the first cycle has none."""
    card = card_of(TEXT + DRAWN)
    improved = analyse(card, trials=150, seed=7).improved
    assert improved.filter(pl.col("period") == "2020")["probability"].null_count() == 7
    _, _, fast = _fast(card, 150)
    for place, row in enumerate(improved.filter(pl.col("period") == "2022").iter_rows(named=True)):
        known = ~np.isnan(fast[1, :, place]) & ~np.isnan(fast[2, :, place])
        rose = (fast[2, :, place] > fast[1, :, place]) & known
        assert row["probability"] == (pytest.approx(rose.sum() / known.sum()) if known.any() else None)


def test_what_only_rounding_tells_apart_is_no_improvement() -> None:
    """0.1 · 3 is a unit in the last place above 0.3 · 1: of such a rise no trial speaks, of a real one every trial."""
    text = TEXT.replace("formula: v0, better: higher", "formula: v0 * v1, better: higher").replace("frame: all", "")
    posts = text.replace("defaults: {", "defaults: {normalise: {method: goalposts, worst: 0, best: 9}, ")
    flat = posts[: posts.index("index:")] + "index: {code: all, name: all, children: [{indicator: i0}]}\n"
    flat += "robustness: {weights: {spread: 0.3}, trials: 20}\n"
    cells = [("a", "2020", 0.3, 1.0), ("a", "2021", 0.1, 3.0), ("b", "2020", 0.3, 1.0), ("b", "2021", 0.2, 3.0)]
    rows = [(region, cycle, f"v{at}", value) for region, cycle, *pair in cells for at, value in enumerate(pair)]
    facts = pl.DataFrame(rows, schema=["region", "period", "variable", "value"], orient="row")
    rose = analyse(score(definitions_of(flat), facts)).improved.filter(period="2021")
    assert rose["probability"].to_list() == [0.0, 1.0]


def test_the_same_seed_gives_the_same_numbers() -> None:
    """Equal seeds agree to the bit, others do not; a negative seed is as good as any."""
    card = card_of(TEXT + DRAWN)
    one, two, other = (analyse(card, trials=60, seed=seed) for seed in (3, 3, -4))
    assert one.ranks.equals(two.ranks)
    assert one.pairs.equals(two.pairs)
    assert not one.ranks.equals(other.ranks)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials one by one give what they give together."""
    card = card_of(TEXT + RULES + DRAWN)
    whole = analyse(card, trials=50).ranks
    monkeypatch.setattr("metrics.robustness.trials.CHUNK", 1.0)
    assert analyse(card, trials=50).ranks.equals(whole)


def _separations(count: int, generator: np.random.Generator) -> np.ndarray[Any, Any]:
    """Probabilities of being above, from random strengths, some of them far apart."""
    strength = generator.choice([0.0, 2.0, 4.0, 8.0], count) + generator.uniform(0, 3, count)
    return 1.0 / (1.0 + np.exp(-1.2 * (strength[:, None] - strength[None, :])))


def _valid(labels: tuple[int, ...], above: np.ndarray[Any, Any]) -> bool:
    pairs = product(range(len(labels)), repeat=2)
    return all(above[a, b] >= 0.9 for a, b in pairs if labels[a] < labels[b])


def test_no_partition_into_separated_tiers_is_finer() -> None:
    """Against every partition of up to six regions: valid, of the most tiers, and the only one of as many."""
    generator = np.random.default_rng(5)
    counts = set()
    for _ in range(60):
        count = int(generator.integers(1, 7))
        above = _separations(count, generator)
        found = tuple(tiers(above).tolist())
        every = [
            labels
            for labels in product(range(1, count + 1), repeat=count)
            if set(labels) == set(range(1, max(labels) + 1)) and _valid(labels, above)
        ]
        most = max(max(labels) for labels in every)
        assert [labels for labels in every if max(labels) == most] == [found]
        counts.add(most)
    assert len(counts) > 2


def test_regions_that_never_tie_apart_share_one_tier() -> None:
    """Unknown probabilities separate nobody; no region is no tier."""
    assert tiers(np.full((3, 3), np.nan)).tolist() == [1, 1, 1]
    assert tiers(np.zeros((0, 0))).tolist() == []


def test_one_region_alone_is_first() -> None:
    """With one region min-max has no spread: no rank and no interval; goalposts rank it first in every trial."""
    lone = score(definitions_of(TEXT), facts_of(1, 2, 6, gaps=0.0))
    assert analyse(lone, trials=20).ranks["rank_mean"].null_count() == 2
    posts = "normalise: {method: goalposts, worst: 0, best: 100}"
    fixed = TEXT.replace("better: higher", f"better: higher, {posts}") + "robustness: {weights: {spread: 0.2}}\n"
    result = analyse(score(definitions_of(fixed), facts_of(1, 1, 6, gaps=0.0)), trials=20)
    assert result.ranks["rank_p95"].to_list() == [1.0]
    assert result.ranks["top_probability"].to_list() == [1.0]
    assert result.pairs.height == 0
    assert result.tiers["tier"].to_list() == [1]


def test_what_is_missing_or_constant_breaks_nothing() -> None:
    """No facts of any use, a constant indicator, no cycle at all: nulls, and no NaN anywhere."""
    constant = facts_of(5, 2, 6, gaps=0.0).with_columns(
        value=pl.when(pl.col("variable") == "v0").then(7.0).otherwise("value")
    )
    empty = facts_of(5, 2, 6).with_columns(value=pl.lit(None, pl.Float64))
    for facts in (constant, empty, empty.clear()):
        result = analyse(score(definitions_of(TEXT + DRAWN), facts), trials=30)
        for frame in (result.ranks, result.pairs, result.improved, result.tiers):
            assert not any(column.is_nan().any() for column in frame.select(pl.col(pl.Float64)))
        assert result.ranks.columns == COLUMNS


WRONG = {
    "robustness: {trials: 0}": "out_of_bounds",
    "robustness: {trials: 1000000}": "out_of_bounds",
    "robustness: {weights: {spread: 1}}": "not_a_share",
    "robustness: {weights: {spread: -0.1}}": "not_a_share",
    "robustness: {frame: [2020-Q1]}": "not_a_cycle",
    "robustness: {normalise: [{method: minmax, frame: 2020-07}]}": "not_a_cycle",
    "robustness: {missing: [guess]}": "unknown_word",
    "robustness: {drop_one: 1}": "true_or_false",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_keys_that_cannot_be_are_named_problems(wrong: str) -> None:
    """No trials, a spread that reaches 1, a frame that is no cycle, a method that is none."""
    problems = read(TEXT + wrong + "\n").problems
    assert WRONG[wrong] in [problem.code for problem in problems if problem.severity == "error"]


@pytest.mark.parametrize(
    "drawn",
    ["frame: [declared, 1999]", "normalise: [{method: minmax, frame: 1999}]", "frame: [1999], weights: {spread: 0.1}"],
)
def test_a_frame_that_is_not_scored_is_a_named_problem(drawn: str) -> None:
    """Trials against a cycle without facts would have no score: refused by name, with the cycles that there are."""
    card = card_of(TEXT + f"robustness: {{{drawn}}}\n")
    for made in (analyse, lambda card: sensitivity(card, "2021", base=8)):
        with pytest.raises(InputError) as refused:
            made(card)
        (problem,) = refused.value.problems
        assert (problem.code, problem.facts) == ("frame_without_cycle", {"cycle": "1999", "known": "2020, 2021, 2022"})


def test_no_trials_asked_for_is_a_named_problem() -> None:
    """Zero trials are refused by name, whoever asks, and so are more than memory holds."""
    for trials, code in ((0, "not_above_zero"), (-3, "not_above_zero"), (10**9, "above_the_most")):
        with pytest.raises(InputError, match=code):
            analyse(card_of(), trials=trials)


def test_where_nothing_is_named_weights_and_the_scale_are_drawn() -> None:
    """Without keys: weights ± 25 %, declared or min-max scores; with any key the others stay as declared."""
    assert definitions_of(TEXT).robustness.in_force.weights.spread == 0.25  # type: ignore[union-attr]
    assert len(definitions_of(TEXT).robustness.in_force.normalise) == 2
    named = definitions_of(TEXT + "robustness: {aggregate: [arithmetic, median]}\n").robustness.in_force
    assert (named.weights, named.normalise) == (None, ())


def test_score_intervals_are_of_weights_alone() -> None:
    """Composites by drawn weights and declared methods lie in them as they should; none where none is drawn."""
    card = card_of(TEXT + RULES + DRAWN)
    found = score_intervals(card, trials=400, seed=7)
    alone = card_of(TEXT + RULES + "robustness: {weights: {spread: 0.4}}\n")
    _, _, fast = _fast(alone, 400)
    for place, row in enumerate(found.iter_rows(named=True)):
        own = fast[place // 7, :, place % 7]
        own = own[~np.isnan(own)]
        assert (row["score_p05"] is None) == (own.size == 0)
        if own.size:
            assert row["score_p05"] == pytest.approx(np.quantile(own, 0.05), rel=1e-7)
            assert row["score_p95"] == pytest.approx(np.quantile(own, 0.95), rel=1e-7)
    sure = score_intervals(card_of(TEXT + "robustness: {normalise: [declared]}\n"), trials=5)
    assert sure["score_p05"].null_count() == sure.height


def test_the_interval_of_a_score_that_stands_still_is_that_score() -> None:
    """A region whose children all have one score keeps it under any weights, to the last digit; others move."""
    posts = TEXT.replace("better: higher", "better: higher, normalise: {method: goalposts, worst: 0, best: 100}")
    flat = posts[: posts.index("index:")] + (
        "index: {code: all, name: all, children: [{indicator: i0}, {indicator: i2}, {indicator: i5}]}\n"
        "robustness: {weights: {spread: 0.3}, trials: 40}\n"
    )
    cells = {"a": {0: 63.1, 2: 63.1, 5: 63.1}, "b": {0: 20.0, 2: 50.0, 5: 70.0}}
    rows = [(region, "2024", f"v{at}", value) for region, own in cells.items() for at, value in own.items()]
    facts = pl.DataFrame(rows, schema=["region", "period", "variable", "value"], orient="row")
    card = score(definitions_of(flat), facts)
    still, moved = score_intervals(card).iter_rows(named=True)
    assert still["score_p05"] == still["score_p95"] == card.composite_of("a", "2024")["score"]
    assert moved["score_p05"] < card.composite_of("b", "2024")["score"] < moved["score_p95"]


@pytest.mark.parametrize("drawn", ["[minmax]", "[minmax, declared, rank]"])
@pytest.mark.parametrize("own", ["{method: minmax, frame: all}", "{method: goalposts, worst: 0, best: 30}"])
def test_who_rises_in_every_fact_improves_in_every_trial(drawn: str, own: str) -> None:
    """A drawn normaliser keeps the frame that is fixed over the cycles, so that the others' rise hides nobody's."""
    text = f"""
schema: 1
title: t
defaults: {{normalise: {own}}}
variables: {{x: {{name: x, unit: "1"}}, y: {{name: y, unit: "1"}}}}
indicators:
  a: {{name: a, unit: "1", formula: x, better: higher}}
  b: {{name: b, unit: "1", formula: y, better: higher}}
index: {{code: all, name: all, children: [{{indicator: a}}, {{indicator: b}}]}}
robustness: {{trials: 50, weights: {{spread: 0.25}}, normalise: {drawn}}}
"""
    values = {"2023": {"p": 5.0, "q": 0.0, "r": 10.0}, "2024": {"p": 8.0, "q": 1.0, "r": 20.0}}
    rows = [(r, year, v, x) for year, of in values.items() for r, x in of.items() for v in "xy"]
    facts = pl.DataFrame(rows, schema=["region", "period", "variable", "value"], orient="row")
    improved = analyse(score(definitions_of(text), facts)).improved.filter(pl.col("period") == "2024")
    assert improved["probability"].to_list() == [1.0, 1.0, 1.0]


def test_a_rank_is_firm_only_where_its_interval_is_one_rank(demonstration: Scorecard) -> None:
    """An interval of two neighbouring ranks is none; the demonstration has both kinds."""
    standing = analyse(demonstration, trials=200).standing.drop_nulls("rank")
    firm = standing["rank_p05"] == standing["rank_p95"]
    assert standing["firm"].to_list() == firm.to_list()
    assert firm.any()
    assert ((standing["width"] > 0.0) & (standing["width"] <= 1.0)).any()
