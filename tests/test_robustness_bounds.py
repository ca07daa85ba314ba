"""Bounds and swaps: no weights within the bounds pass them, and the weights that are named do what is said of them."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest

from metrics.problems import InputError
from metrics.robustness import analyse, rank_bounds, smallest_swap
from metrics.robustness.linear import Linear, greatest, linear_of
from metrics.scorecard import Scorecard, score
from tests.robust_cases import RULES, TEXT, card_of, definitions_of, facts_of

SPREAD = "robustness: {weights: {spread: 0.4}}\n"
POINTS = """
rules:
  - {code: more, kind: bonus, when: v0 > 50, points: 2}
  - {code: less, kind: penalty, when: v1 > 60, points: 3}
"""


def _complete(text: str = TEXT + POINTS + SPREAD, **facts: Any) -> Scorecard:
    return card_of(text, **{"gaps": 0.0, **facts})


@pytest.mark.parametrize("gaps", [0.0, 0.15])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_drawn_rank_passes_its_bounds(gaps: float, seed: int) -> None:
    """With weights drawn within the same bounds, best ≤ every drawn rank ≤ worst, whatever is missing."""
    text = TEXT.replace("min_coverage: 0.6", "min_coverage: 0") + POINTS + SPREAD
    card = card_of(text, gaps=gaps, seed=seed, regions=9)
    result = analyse(card, trials=3000)
    for place, period in enumerate(card.periods):
        bounds = rank_bounds(card, period)
        drawn = result.drawn[place][:, [result.regions.index(code) for code in bounds["region"]]]
        assert (bounds["best"].to_numpy() <= np.where(drawn == 0, 99, drawn).min(axis=0)).all()
        assert (bounds["worst"].to_numpy() >= drawn.max(axis=0)).all()
        assert (bounds["best"] <= bounds["worst"]).all()
        if gaps == 0.0:
            assert bounds["best_exact"].all()
            assert bounds["worst_exact"].all()


def _by_grid(index: Linear) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The best and worst rank of each region over a dense grid of the box of a flat index."""
    grid = np.linspace(1.0 - index.spread, 1.0 + index.spread, 41)
    weights = np.array(list(product(grid, repeat=len(index.leaves)))) * index.root.weights
    composites = weights @ index.scores.T / weights.sum(axis=1, keepdims=True)
    ranks = 1 + (composites[:, None, :] > composites[:, :, None] + 1e-7).sum(axis=2)
    return ranks.min(axis=0), ranks.max(axis=0)


@pytest.mark.parametrize("seed", range(6))
def test_bounds_hold_and_are_reached_on_small_cases(seed: int) -> None:
    """Three indicators, six regions: a grid of weights never passes the bounds, and those called exact are reached."""
    start, _, _ = TEXT.partition("index:")
    text = start + "index: {code: all, name: all, children: [{indicator: i0}, {indicator: i2}, {indicator: i4}]}\n"
    card = card_of(text + SPREAD, regions=6, cycles=1, seed=seed, gaps=0.0)
    bounds = rank_bounds(card, "2020")
    assert bounds["best_exact"].all()
    assert bounds["worst_exact"].all()
    best, worst = _by_grid(linear_of(card, "2020", 0.4))
    assert bounds["best"].to_list() == best.tolist()
    assert bounds["worst"].to_list() == worst.tolist()


def test_the_greatest_mean_is_that_of_the_best_corner() -> None:
    """A weighted mean over a box of weights is greatest at the best of its 2^k corners, missing values left out."""
    generator = np.random.default_rng(4)
    for _ in range(40):
        values = generator.normal(0, 10, (5, 6))
        values[generator.random((5, 6)) < 0.2] = np.nan
        weights, spread = generator.uniform(0.1, 3, 6), float(generator.uniform(0, 0.9))
        corners = weights * (1 + spread * np.array(list(product((-1, 1), repeat=6))))
        counted = np.where(np.isnan(values), 0.0, 1.0)
        means = (np.nan_to_num(values) @ corners.T) / np.where(counted @ corners.T > 0, counted @ corners.T, np.nan)
        assert np.allclose(greatest(values, weights, spread), means.max(axis=1), equal_nan=True)


def test_a_lead_over_all_levels_is_reached_by_corners_of_each() -> None:
    """The most that one region can be ahead of another is that of the best corners of the boxes of all nodes."""
    card = _complete(regions=4, cycles=3)
    index = linear_of(card, "2022", 0.4)
    boxes = [
        [branch.weights * (1 + 0.4 * np.array(signs)) for signs in product((-1, 1), repeat=len(branch.weights))]
        for branch in index.root.all()
    ]
    codes = [branch.code for branch in index.root.all()]
    most = np.full((4, 4), -np.inf)
    for chosen in product(*boxes):
        means = index.means(dict(zip(codes, chosen, strict=True)))[index.root.code]
        most = np.maximum(most, means[None, :] - means[:, None])
    for own in range(4):
        assert np.allclose(index.leads(own)[1][index.root.code], most[own])


def test_without_spread_the_bounds_are_the_ranks() -> None:
    """Weights that cannot move give the scorecard's own ranks, both ways, ties included."""
    card = _complete(TEXT + RULES, regions=8)
    bounds = rank_bounds(card, "2021", spread=0.0)
    ranks = card.frame.filter(pl.col("level") == "composite", pl.col("period") == "2021").drop_nulls("rank")
    assert bounds["region"].to_list() == ranks["region"].to_list()
    assert bounds["best"].to_list() == bounds["worst"].to_list() == ranks["rank"].to_list()


def test_a_search_that_is_broken_off_gives_outer_bounds() -> None:
    """Without any search every bound still holds; what is not proven is not called exact."""
    card = _complete(regions=14, cycles=3)
    quick, whole = (rank_bounds(card, "2022", nodes=nodes) for nodes in (0, 5000))
    assert (quick["best"] <= whole["best"]).all()
    assert (quick["worst"] >= whole["worst"]).all()
    same = quick.filter("best_exact").join(whole, on="region")
    assert (same["best"] == same["best_right"]).all()
    assert quick.select("region").equals(rank_bounds(card, "2022", regions=quick["region"].to_list())[["region"]])


@pytest.mark.parametrize("mean", ["copeland", "median", "geometric", "{power: 2}"])
def test_other_means_are_refused_by_name(mean: str) -> None:
    """A mean that is not linear in its weights has no bounds by linear programming, and says so."""
    card = _complete(TEXT.replace("defaults: {", f"defaults: {{floor: 1, aggregate: {mean}, "))
    for ask in (lambda: rank_bounds(card, "2022"), lambda: smallest_swap(card, "2022", ("r00", "r01"))):
        with pytest.raises(InputError, match="weights_not_linear"):
            ask()


def test_a_floor_is_part_of_the_scores_where_it_cannot_hold_a_node() -> None:
    """Floors below the indicators are kept; one that could hold a pillar's own mean is refused."""
    kept = _complete(TEXT.replace("defaults: {", "defaults: {floor: 40, ") + SPREAD)
    index = linear_of(kept, "2022", 0.4)
    root = kept.frame.filter(pl.col("level") == "composite", pl.col("period") == "2022")["score"]
    assert np.allclose(index.composites(index.declared), root.to_numpy())
    held = _complete(TEXT.replace("code: all\n", "code: all\n  floor: 40\n"))
    with pytest.raises(InputError, match="weights_not_linear"):
        rank_bounds(held, "2022")


def _with_shares(card: Scorecard, shares: pl.DataFrame, name: str) -> pl.DataFrame:
    """The composites of the same indicators in one flat index with these shares."""
    start, _, rest = TEXT.partition("index:")
    children = ", ".join(f"{{indicator: {row['code']}, weight: {row[name]!r}}}" for row in shares.iter_rows(named=True))
    text = start + f"index: {{code: all, name: all, children: [{children}]}}\n" + POINTS
    assert rest
    again = score(definitions_of(text), card.facts)
    return again.frame.filter(pl.col("level") == "composite")


@pytest.mark.parametrize("seed", range(4))
def test_the_swap_really_swaps(seed: int) -> None:
    """Scored with the changed shares the two have changed places; with a little less of the change they have not."""
    card = _complete(seed=seed)
    found = 0
    for one, other in product(range(7), repeat=2):
        swap = smallest_swap(card, "2022", (f"r{one:02}", f"r{other:02}")) if one < other else None
        if swap is None or swap.change is None:
            continue
        found += 1
        assert swap.weights["changed"].min() > 0.0  # type: ignore[operator]
        assert swap.weights["changed"].sum() == pytest.approx(1.0)
        less = swap.weights.with_columns(less=pl.col("share") + 0.97 * (pl.col("changed") - pl.col("share")))
        for name, ahead in (("share", swap.ahead), ("changed", swap.behind), ("less", swap.ahead)):
            rows = dict(
                _with_shares(card, less, name).filter(pl.col("period") == "2022").select("region", "score").rows()
            )
            assert (swap.ahead if rows[swap.ahead] > rows[swap.behind] else swap.behind) == ahead
    assert found > 5


def test_no_smaller_change_swaps() -> None:
    """Of many other shares those that swap the two all change more; of weights within a smaller spread none does."""
    card, generator = _complete(), np.random.default_rng(8)
    swap = smallest_swap(card, "2022", ("r00", "r03"))
    assert swap.change is not None
    assert swap.spread is not None
    index = linear_of(card, "2022", swap.spread)
    places = [index.leaves.index(code) for code in swap.weights["code"]]
    ahead, behind = index.regions.index(swap.ahead), index.regions.index(swap.behind)
    gains = index.scores[behind, places] - index.scores[ahead, places]
    now, points = swap.weights["share"].to_numpy(), index.points[behind] - index.points[ahead]
    tried = now * generator.uniform(0.0, 2.0, (40000, len(now)))
    tried /= tried.sum(axis=1, keepdims=True)
    swapped = tried @ gains + points > 1e-3
    assert swapped.any()
    assert np.abs(tried[swapped] - now).sum(axis=1).min() >= swap.change - 1e-9
    least, most = (replace(index, spread=swap.spread * part).leads(ahead)[1]["all"][behind] for part in (0.99, 1.01))
    assert least + points < 0.0 < most + points


def test_what_cannot_be_swapped_says_why() -> None:
    """Without rank, level, never: no weights, and the reason."""
    facts = facts_of(4, 1, 6, gaps=0.0).with_columns(
        value=pl.when(pl.col("region") == "r01")
        .then(pl.when(pl.col("variable").is_in(["v1", "v4"])).then(-1.0).otherwise(120.0))
        .when(pl.col("region") == "r03")
        .then(pl.lit(None))
        .otherwise("value")
    )
    text = TEXT.replace(
        "{between: [20, 60]},\n       normalise: {method: band, best: [20, 60], worst: [0, 90]}}", "higher}"
    )
    card = score(
        definitions_of(text),
        pl.concat([facts, facts.filter(pl.col("region") == "r00").with_columns(region=pl.lit("r04"))]),
    )
    asked = {
        (one, two): smallest_swap(card, "2020", (one, two)).reason
        for one, two in (("r00", "r01"), ("r00", "r03"), ("r00", "r04"))
    }
    assert asked == {("r00", "r01"): "never", ("r00", "r03"): "unranked", ("r00", "r04"): "level"}
    with pytest.raises(InputError, match="not_in_scorecard"):
        smallest_swap(card, "2020", ("r00", "nobody"))
