"""Leave-one-out: the ranks without an indicator are those of definitions that do not have it."""

from dataclasses import replace

import numpy as np
import polars as pl

from metrics.models import Leaf, Node
from metrics.robustness import leave_one_out
from metrics.scorecard import Scorecard, score
from tests.robust_cases import RULES, TEXT, card_of


def _without(node: Node, code: str) -> Node:
    """The tree without an indicator, and without a pillar of which nothing is left."""
    kept = [
        child if isinstance(child, Leaf) else _without(child, code)
        for child in node.children
        if getattr(child, "indicator", None) != code
    ]
    return node.model_copy(update={"children": tuple(c for c in kept if isinstance(c, Leaf) or c.children)})


def _ranks(card: Scorecard) -> pl.DataFrame:
    return card.frame.filter(pl.col("level") == "composite").select("period", "region", "rank")


def test_shifts_are_those_of_definitions_without_the_indicator() -> None:
    """Mean and greatest shift, who moves most and which way, in every cycle, points and gates included."""
    card = card_of(TEXT + RULES)
    found = leave_one_out(card)
    assert found.columns == ["period", "code", "mean_shift", "max_shift", "region", "region_shift"]
    assert found["code"].to_list() == [f"i{n}" for n in range(6)] * 3
    moved = 0
    for row in found.iter_rows(named=True):
        definitions = replace(card.definitions, index=_without(card.definitions.index, row["code"]))
        again = _ranks(score(definitions, card.facts))
        both = _ranks(card).join(again, on=["period", "region"], suffix="_without").drop_nulls()
        both = both.filter(pl.col("period") == row["period"]).sort("region")
        up = (both["rank"] - both["rank_without"]).to_numpy()
        assert np.isclose(row["mean_shift"], np.abs(up).mean())
        assert row["max_shift"] == np.abs(up).max()
        assert row["region"] == both["region"][int(np.abs(up).argmax())]
        assert row["region_shift"] == up[int(np.abs(up).argmax())]
        moved += int(row["max_shift"] > 0)
    assert moved > 5


def test_nobody_is_ranked_without_the_only_indicator() -> None:
    """An index of one indicator has no ranks without it: nulls, no NaN."""
    start, _, _ = TEXT.partition("index:")
    only = start + "index: {code: all, name: all, children: [{indicator: i0}]}\n"
    found = leave_one_out(card_of(only))
    assert found.height == 3
    assert found["mean_shift"].null_count() == 3
