"""Scorecards for the robustness tests, and the same trials done one by one with the whole method."""

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from metrics.definitions import Definitions
from metrics.drawn import DECLARED
from metrics.models import Leaf, Node
from metrics.reader import read
from metrics.robustness.draws import LISTS, NOT_DROPPED, Draws, Inputs
from metrics.scorecard import Scorecard, score

TEXT = """
schema: 1
title: t
defaults: {min_coverage: 0.6}
variables:
  v0: {name: v0, unit: "1"}
  v1: {name: v1, unit: "1"}
  v2: {name: v2, unit: "1"}
  v3: {name: v3, unit: "1"}
  v4: {name: v4, unit: "1"}
  v5: {name: v5, unit: "1"}
indicators:
  i0: {name: i0, unit: "1", formula: v0, better: higher}
  i1: {name: i1, unit: "1", formula: v1, better: lower, normalise: {method: minmax, frame: all}}
  i2: {name: i2, unit: "1", formula: v2, better: higher, missing: mean}
  i3: {name: i3, unit: "1", formula: v3, better: {between: [20, 60]},
       normalise: {method: band, best: [20, 60], worst: [0, 90]}}
  i4: {name: i4, unit: "1", formula: v4, better: lower, normalise: {method: goalposts, worst: 100, best: 0}}
  i5: {name: i5, unit: "1", formula: v5, better: higher, valid: {from: 2022-01-01}}
index:
  code: all
  name: all
  children:
    - {code: p, name: p, weight: 2, children: [{indicator: i0, weight: 3}, {indicator: i1}, {indicator: i2, weight: 2}]}
    - {code: q, name: q, weight: 1, children: [{indicator: i3}, {indicator: i4, weight: 2}]}
    - {code: r, name: r, weight: 1, children: [{indicator: i5}]}
"""
RULES = """
rules:
  - {code: more, kind: bonus, when: v0 > 50, points: 2}
  - {code: less, kind: penalty, when: p < 45, points: 3}
  - {code: out, kind: gate, when: reported_share < 0.55}
  - {code: capped, kind: veto, when: v1 > 90, cap: poor}
bonus_cap: 5
grades: [{code: good, name: good, at_least: 50}, {code: poor, name: poor}]
"""
DRAWN = """
robustness:
  weights: {spread: 0.4}
  normalise: [declared, minmax, rank, {method: minmax, range: [1, 100]}]
  aggregate: [declared, arithmetic, geometric, minimum, median]
  missing: [declared, mean, latest]
  frame: [declared, all, "2021"]
  drop_one: true
"""


def definitions_of(text: str) -> Definitions:
    """The definitions of a text without errors."""
    reading = read(text)
    assert reading.definitions is not None, [problem.message("en") for problem in reading.problems]
    return reading.definitions


def facts_of(regions: int, cycles: int, variables: int, *, seed: int = 1, gaps: float = 0.12) -> pl.DataFrame:
    """Random facts between 0 and 100, some of them missing."""
    generator = np.random.default_rng(seed)
    rows = [
        (f"r{region:02}", str(2020 + cycle), f"v{variable}", float(np.round(generator.uniform(0, 100), 3)))
        for cycle in range(cycles)
        for region in range(regions)
        for variable in range(variables)
        if generator.random() >= gaps
    ]
    return pl.DataFrame(rows, schema=["region", "period", "variable", "value"], orient="row")


def card_of(text: str = TEXT, **facts: Any) -> Scorecard:
    """A scorecard of random facts."""
    return score(definitions_of(text), facts_of(**{"regions": 7, "cycles": 3, "variables": 6, **facts}))


def one_by_one(card: Scorecard, inputs: Inputs, draws: Draws, trial: int) -> np.ndarray[Any, Any]:
    """One trial's composites (c, n) by scoring anew with the definitions that the trial stands for."""
    definitions = card.definitions
    normalise, aggregate, missing, frame = (
        inputs.options[place][draws.chosen[trial, place]] for place in range(len(LISTS))
    )
    indicators = {}
    for code, item in definitions.indicators.items():
        banded = not isinstance(item.better, str)
        own = definitions.normaliser(code)
        method = own if normalise == DECLARED or banded else normalise
        drawn = own.frame if own.method in ("minmax", "zscore", "rank") else "all"
        if frame != DECLARED:
            method = method.model_copy(update={"frame": frame})
        elif method is not own:
            method = method.model_copy(update={"frame": drawn})
        if aggregate == "geometric" and method.method != "rank":
            method = method.model_copy(update={"range": (1.0, 100.0)})
        filled = definitions.missing(code) if missing == DECLARED else missing
        indicators[code] = item.model_copy(update={"normalise": method, "missing": filled})
    factors = dict(zip(inputs.items, draws.weights[trial], strict=True))
    dropped = None if draws.dropped[trial] == NOT_DROPPED else inputs.leaves[draws.dropped[trial]]
    index = _tree(definitions.index, factors, dropped, aggregate)
    changed = replace(definitions, indicators=indicators, index=index)
    again = score(changed, card.facts)
    root = again.frame.filter(pl.col("level") == "composite")["score"].to_numpy()
    return root.reshape(len(card.periods), -1)


def _tree(node: Node, factors: dict[str, float], dropped: str | None, aggregate: Any) -> Any:
    children = []
    for child in node.children:
        if isinstance(child, Leaf):
            if child.indicator != dropped:
                weight = child.weight * factors[child.indicator]
                children.append(child.model_copy(update={"weight": weight}))
            continue
        below = _tree(child, factors, dropped, aggregate)
        if below.children:
            children.append(below.model_copy(update={"weight": child.weight * factors[child.code]}))
    method = node.aggregate if aggregate == DECLARED else aggregate
    # On another cycle's frame a score can lie below [1, 100]; it is raised to 1.
    floor = 1.0 if aggregate == "geometric" else node.floor
    return node.model_copy(update={"children": tuple(children), "aggregate": method, "floor": floor})
