"""Points: a scorecard in one cycle, its columns laid out by region, and the terms in which a change is written down."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.models import Node
from metrics.scorecard import Scorecard
from metrics.tree import weights_of

Vector = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
# Kind and code → points, one number a region.
Terms = dict[tuple[str, str | None], Vector]


@dataclass(frozen=True, eq=False)
class Point:
    """A scorecard in one cycle, for some regions; NaN where it has none of these, or not that cycle."""

    card: Scorecard
    period: str
    regions: tuple[str, ...]

    @cached_property
    def cycle(self) -> int | None:
        """The cycle's place among the scorecard's."""
        return self.card.periods.index(self.period) if self.period in self.card.periods else None

    @cached_property
    def places(self) -> Places:
        """Each region's place among the scorecard's; −1 for one that it does not have."""
        known = {code: place for place, code in enumerate(self.card.regions["code"])}
        return np.array([known.get(code, -1) for code in self.regions], dtype=np.intp)

    def column(self, name: str) -> Vector:
        """A column of `Scorecard.wide` in this cycle."""
        return self.of_cycle(wide_column(self.card, name))

    def of_cycle(self, values: Vector) -> Vector:
        """The regions' part of values on the scorecard's rows."""
        if self.cycle is None:
            return np.full(len(self.regions), np.nan)
        here = values.reshape(len(self.card.periods), -1)[self.cycle]
        found: Vector = np.where(self.places >= 0, here[self.places], np.nan)
        return found

    @cached_property
    def root_rows(self) -> pl.DataFrame:
        """The composite's rows of the long frame in the order of the regions, null for those that are not there."""
        rows = self.card.frame.filter(pl.col("period") == self.period, pl.col("level") == "composite")
        return pl.DataFrame({"region": self.regions}, schema={"region": pl.String}).join(
            rows, on="region", how="left", maintain_order="left"
        )

    def score(self, code: str) -> Vector:
        """A node's or indicator's final score: of the composite, after the rules."""
        if code == self.card.definitions.index.code:
            found: Vector = self.root_rows["score"].cast(pl.Float64).to_numpy()
            return found
        known = code in self.card.definitions.tree_nodes or code in self.card.definitions.indicators
        return self.column(f"score {code}") if known else np.full(len(self.regions), np.nan)

    def weights(self, node: Node) -> Vector:
        """A node's weights in this cycle, not yet shares: 0 for a child that is not in force."""
        cycle = self.cycle or 0
        found: Vector = weights_of(node, self.card.definitions, self.card.rows, self.card.wide)[cycle]
        return found


def wide_column(card: Scorecard, name: str) -> Vector:
    """A column of `Scorecard.wide`, NaN where it is null."""
    found: Vector = card.wide[name].cast(pl.Float64).to_numpy()
    return found


def add(terms: Terms, key: tuple[str, str | None], values: Vector) -> None:
    """Points on top of what stands under a key already."""
    terms[key] = terms[key] + values if key in terms else values


def added(parts: Iterable[Terms]) -> Terms:
    """Several sets of terms in one."""
    whole: Terms = {}
    for part in parts:
        for key, values in part.items():
            add(whole, key, values)
    return whole


def scaled(terms: Terms, factor: Vector) -> Terms:
    """Terms times one number a region; what is no number counts as nothing."""
    with np.errstate(invalid="ignore", over="ignore"):
        return {key: np.nan_to_num(values * factor, posinf=0.0, neginf=0.0) for key, values in terms.items()}


def total(terms: Terms, count: int) -> Vector:
    """What terms come to, a region each."""
    return sum(terms.values(), start=np.zeros(count))
