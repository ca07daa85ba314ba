"""Sensitivity: indices that are known are found, inputs that do nothing have none, outputs that stand still neither."""

import numpy as np
import polars as pl
import pytest

from metrics.problems import InputError
from metrics.robustness import sensitivity
from metrics.robustness.sensitivity import NUMBERS, SCHEMA, _Design
from metrics.scorecard import score
from tests.robust_cases import DRAWN, TEXT, card_of, definitions_of, facts_of


def test_the_ishigami_functions_indices_are_found() -> None:
    """sin x + 7 sin² y + 0.1 z⁴ sin x on (−π, π): first 0.3139, 0.4424, 0 and total 0.5576, 0.4424, 0.2437."""
    design = _Design((0, 1, 2), (0, 1, 2), (("x", None), ("y", None), ("z", None)))
    x, y, z = np.pi * (2.0 * design.sampled(4096, 1).T - 1.0)
    found = design.estimated(np.sin(x) + 7.0 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x), 1)
    for (first, first_low, first_high, total, total_low, total_high), wanted in zip(
        found, ((0.3139, 0.5576), (0.4424, 0.4424), (0.0, 0.2437)), strict=True
    ):
        assert first == pytest.approx(wanted[0], abs=0.02)
        assert total == pytest.approx(wanted[1], abs=0.02)
        assert first_low < wanted[0] < first_high  # type: ignore[operator]
        assert total_low < wanted[1] < total_high  # type: ignore[operator]


def test_inputs_in_a_group_are_one() -> None:
    """Of a·b + c with a and b in one group, the group's first index holds what a and b do together."""
    design = _Design((0, 1, 2), (0, 0, 1), (("weights", "n"), ("frame", None)))
    a, b, c = design.sampled(2048, 3).T
    (together, *_), (other, *_) = design.estimated(a * b + c, 3)
    product, plain = 7 / 144, 1 / 12
    assert together == pytest.approx(product / (product + plain), abs=0.03)
    assert other == pytest.approx(plain / (product + plain), abs=0.03)


def test_what_cannot_move_a_rank_has_no_share() -> None:
    """Weights of a pillar whose indicators are the same have index 0; the other inputs share the variance."""
    text = TEXT.replace("formula: v4, better: lower", "formula: v3, better: lower").replace(
        "better: {between: [20, 60]},\n       normalise: {method: band, best: [20, 60], worst: [0, 90]}}",
        "better: lower, normalise: {method: goalposts, worst: 100, best: 0}}",
    )
    card = card_of(text + "robustness: {weights: {spread: 0.5}}\n", gaps=0.0, regions=9)
    found = sensitivity(card, "2022", base=256).filter(pl.col("output") == "shift")
    assert found.columns == list(SCHEMA)
    assert found["code"].to_list() == ["all", "p", "q"]
    by_code = {row["code"]: row for row in found.iter_rows(named=True)}
    assert by_code["q"]["total"] == pytest.approx(0.0, abs=1e-12)
    assert by_code["all"]["total"] + by_code["p"]["total"] > 0.9
    assert all(row["first_low"] <= row["first"] <= row["first_high"] for row in by_code.values())


def test_every_drawn_matter_is_an_input() -> None:
    """Weights of each node with several children, each list with several options, the dropped indicator."""
    card = card_of(TEXT + DRAWN)
    found = sensitivity(card, "2021", base=16)
    shift = found.filter(pl.col("output") == "shift")
    inputs = ["weights", "weights", "weights", "normalise", "aggregate", "missing", "frame", "drop_one"]
    assert shift["input"].to_list() == inputs
    assert set(found["output"]) <= {"shift", *card.regions["code"]}
    assert not any(column.is_nan().any() for column in found.select(pl.col(pl.Float64)))


def test_the_same_seed_gives_the_same_indices() -> None:
    """Equal seeds agree to the bit, bootstrap included, seed 0 too; another seed does not."""
    card = card_of(TEXT + DRAWN)
    one, two, other = (sensitivity(card, "2021", base=16, seed=seed) for seed in (0, 0, 9))
    assert one.equals(two)
    assert not one.equals(other)


def test_what_stands_still_or_is_not_there_has_no_indices() -> None:
    """A lone region's rank does not vary: null. Nothing uncertain, nobody ranked: no rows. No such cycle: said."""
    posts = TEXT.replace("better: higher", "better: higher, normalise: {method: goalposts, worst: 0, best: 100}")
    alone = score(definitions_of(posts + "robustness: {weights: {spread: 0.3}}\n"), facts_of(1, 1, 6, gaps=0.0))
    still = sensitivity(alone, "2020", base=8)
    assert still.height > 0
    assert still["first"].null_count() == still.height
    sure = card_of(TEXT + "robustness: {normalise: [declared]}\n")
    assert sensitivity(sure, "2021").is_empty()
    with pytest.raises(InputError, match="not_in_scorecard"):
        sensitivity(sure, "1999")


@pytest.mark.parametrize("index", ["aggregate: arithmetic", "aggregate: geometric, floor: 1"])
def test_what_alone_is_uncertain_has_all_the_variance(index: str) -> None:
    """Where the weights of one node are all that moves, their first and total index are 1, their intervals a point."""
    posts = TEXT.replace("better: higher", "better: higher, normalise: {method: goalposts, worst: 0, best: 100}")
    flat = posts[: posts.index("index:")] + (
        f"index: {{code: all, name: all, {index}, children: [{{indicator: i0}}, {{indicator: i3}}, {{indicator: i4}}]}}"
        "\nrobustness: {weights: {spread: 0.5}}\n"
    )
    found = sensitivity(card_of(flat, gaps=0.0, regions=9), "2021", base=64)
    moved = found.drop_nulls("total")
    assert "shift" in moved["output"].to_list()
    assert found["input"].unique().to_list() == ["weights"]
    assert set(moved.select(*NUMBERS).unpivot()["value"]) == {1.0}


def test_one_input_takes_as_many_trials_as_one_group_does() -> None:
    """The design has base·(inputs + 2) trials however many weights the only group holds."""
    assert _Design((0, 1, 2, 3), (0,) * 4, (("weights", "n"),)).sampled(16, 1).shape == (48, 4)
