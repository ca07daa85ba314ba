"""Impact in words: why a region's composite moves is told by names, and what cannot be seen is not told."""

import polars as pl
import pytest

from metrics.impact import Impact, impact
from metrics.impact_words import lines
from metrics.reader import read

TEXT = """
schema: 1
title: t
variables: {x: {name: x, unit: "1"}, y: {name: y, unit: "1"}}
indicators:
  a: {name: 甲, unit: "1", formula: x, better: higher, normalise: {method: goalposts, worst: 0, best: 100}}
  b: {name: 乙, unit: "1", formula: y, better: higher, normalise: {method: goalposts, worst: 0, best: 100}}
index: {code: all, name: all, children: [{indicator: a, weight: 1}, {indicator: b, weight: 1}]}
rules:
  - {code: model, name: 示范, kind: bonus, when: x > 50, points: 4}
  - {code: seen, name: 已查, kind: veto, when: x > 1000, cap: low}
bonus_cap: 3
grades: [{code: high, name: 高, at_least: 60}, {code: low, name: 低}]
"""


def _impact(x: float, y: float, *changes: tuple[str, str]) -> Impact:
    facts = pl.DataFrame({"region": ["p"] * 2, "period": ["2024"] * 2, "variable": ["x", "y"], "value": [x, y]})
    changed = TEXT
    for old, new in changes:
        assert old in changed
        changed = changed.replace(old, new)
    before, after = (read(text).definitions for text in (TEXT, changed))
    assert before is not None
    assert after is not None
    return impact(before, after, facts)


@pytest.mark.parametrize(("lang", "words"), [("zh", "规则 加分上限 −0.50"), ("en", "rules the cap of bonuses −0.50")])
def test_the_cap_of_bonuses_is_named(lang: str, words: str) -> None:
    """Points that it cuts off belong to no rule, and to nothing without a name."""
    told = lines([_impact(60.0, 60.0, ("bonus_cap: 3", "bonus_cap: 2.5"))], lang=lang)
    assert told[1].endswith(words)
    assert "“”" not in told[1]


def test_what_rounds_to_nothing_is_not_told() -> None:
    """Beside a weight that moves the composite, a goal that moves it by less than half a hundredth has no term."""
    found = _impact(
        40.0,
        90.0,
        ("indicator: a, weight: 1", "indicator: a, weight: 2"),
        ("worst: 0, best: 100}}\n  b", "worst: 0, best: 100.01}}\n  b"),
    )
    terms = found.reasons("2024").filter(pl.col("term").abs() < 0.005)
    assert terms.height > 0
    told = lines([found])[1]
    assert "权重" in told
    assert "0.00" not in told
