"""Variants: the indicators' scores by other normalisers, treatments of missing values and frames, each made once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from metrics.definitions import Definitions
from metrics.drawn import DECLARED
from metrics.frames import Matrix
from metrics.methods import FIXED, PlainWeights, aggregate_name
from metrics.models import Between, Indicator, Leaf, Node
from metrics.scorecard import Scorecard
from metrics.tree import wide_scores

ABOVE_ZERO = ("geometric", "harmonic")
# Scores without a range of their own; all other methods score on `range`, or on 0..100 by the points they name.
UNBOUNDED = ("zscore", "borda")
BY_POINTS = ("piecewise", "steps", "limits")
LOW, HIGH = 1.0, 100.0


@dataclass(frozen=True)
class Leaves:
    """The indicators' scores, and whether each was reported (1 or 0), by code: cycles × regions."""

    scores: Mapping[str, Matrix]
    reported: Mapping[str, Matrix]
    definitions: Definitions

    def lifted(self, codes: Iterator[str], compared: Any) -> "Leaves":
        """The same with the scores of some indicators taken through [1, 100], where they could reach 0."""
        moved = {code: _above_zero(self.scores[code], self.definitions.normaliser(code), compared) for code in codes}
        return replace(self, scores={**self.scores, **moved})


def leaves_of(card: Scorecard, normalise: Any, missing: Any, frame: str) -> Leaves:
    """The indicators of the tree scored by what a trial draws; `declared` keeps what each declares."""
    codes = [row.code for row in card.definitions.nodes() if row.level == "indicator" and row.parent is not None]
    changed = {code: _changed(card.definitions, code, normalise, missing, frame) for code in codes}
    if all(_as_declared(card.definitions, code, item) for code, item in changed.items()):
        return _leaves(card, card.definitions, card.wide, codes)
    # Without pillars and with plain weights: what is above the indicators is the trials' business.
    flat = Node(
        code=card.definitions.index.code,
        name=card.definitions.index.name,
        aggregate="arithmetic",
        min_coverage=0.0,
        weights=PlainWeights(method="declared"),
        children=tuple(Leaf(indicator=code) for code in codes),
    )
    definitions = replace(card.definitions, indicators=changed, index=flat)
    return _leaves(card, definitions, wide_scores(definitions, card.rows, card.known), codes)


def _leaves(card: Scorecard, definitions: Definitions, wide: pl.DataFrame, codes: list[str]) -> Leaves:
    shape = (len(card.rows.cycles), card.rows.regions.frame.height)

    def table(name: str) -> dict[str, Matrix]:
        return {code: wide[f"{name} {code}"].to_numpy().reshape(shape) for code in codes}

    return Leaves(table("score"), table("reported"), definitions)


def _changed(definitions: Definitions, code: str, normalise: Any, missing: Any, frame: str) -> Indicator:
    """An indicator by the methods drawn; one that is best in a band keeps its normaliser, the only kind that fits."""
    item = definitions.indicators[code]
    keeps = normalise == DECLARED or isinstance(item.better, Between)
    own = definitions.normaliser(code)
    method = own if keeps else normalise
    if frame != DECLARED:
        method = method.model_copy(update={"frame": frame})
    elif not keeps and "frame" not in method.model_fields_set:
        method = method.model_copy(update={"frame": _standing(own)})
    filled = definitions.missing(code) if missing == DECLARED else missing
    return item.model_copy(update={"normalise": method, "missing": filled})


def _standing(own: Any) -> str:
    """The frame that a drawn normaliser takes over: the declared one; all cycles in the place of fixed numbers.

    Scores that can be compared over the cycles stay so, and who improved by the facts does in every trial.
    """
    return "all" if own.method in FIXED else str(own.frame)


def _as_declared(definitions: Definitions, code: str, item: Indicator) -> bool:
    """Whether what is drawn is what the indicator has anyway."""
    return (item.normalise, item.missing) == (definitions.normaliser(code), definitions.missing(code))


def through_one(definitions: Definitions, aggregate: Any) -> Iterator[str]:
    """The indicators under a geometric or harmonic mean with no floor between them and it."""
    parents = {row.code: row.parent for row in definitions.nodes()}
    for row in definitions.nodes():
        if row.level == "indicator" and row.parent is not None:
            above: str | None = row.parent
            while above is not None and not _has_floor(definitions, above):
                node = definitions.tree_nodes[above]
                method = definitions.aggregate_of(node) if aggregate == DECLARED else aggregate
                if aggregate_name(method) in ABOVE_ZERO:
                    yield row.code
                    break
                above = parents[above]


def _has_floor(definitions: Definitions, code: str) -> bool:
    floor = definitions.floor_of(definitions.tree_nodes[code])
    return floor is not None and floor > 0.0


def _above_zero(scores: Matrix, method: Any, compared: Any) -> Matrix:
    """Scores on [1, 100] in a line: from `range`, from 0..100, or from what the compared regions reach; 1 at least.

    Those of a `range` above 0, and ranks from 1, stay as they are.
    """
    if method.method == "rank":
        return scores
    if method.method in UNBOUNDED:
        reached = scores[:, compared][~np.isnan(scores[:, compared])]
        low, high = (float(reached.min()), float(reached.max())) if reached.size else (0.0, 0.0)
    else:
        low, high = (_lowest(method), HIGH) if method.method in BY_POINTS else method.range
        if low > 0.0:
            return np.maximum(scores, min(low, LOW))
    if low >= high:
        return np.where(np.isnan(scores), scores, HIGH)
    return np.maximum(LOW + (scores - low) * ((HIGH - LOW) / (high - low)), LOW)


def _lowest(method: Any) -> float:
    """The least score that a method gives by its points, 0 where none of them is above it."""
    scores = [score for _, score in getattr(method, "points", getattr(method, "steps", ()))]
    return max(min([*scores, getattr(method, "above", HIGH)], default=0.0), 0.0) if scores else 0.0
