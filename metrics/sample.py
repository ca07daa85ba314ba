"""The sample: the compared regions of one cycle, from which the statistics of an index are taken."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.definitions import Definitions, TreeRow
from metrics.frames import Matrix, tie_width
from metrics.models import Node
from metrics.scorecard import Scorecard
from metrics.tree import code_of

Vector = npt.NDArray[np.float64]
# Why a statistic is null, and in words.
FEW, CONSTANT, NOT_LINEAR = "few", "constant", "not_linear"
REASONS: dict[str, tuple[str, str]] = {
    FEW: ("地区或下级太少", "too few regions or children"),
    CONSTANT: ("得分没有差别", "scores that do not differ"),
    NOT_LINEAR: ("综合得分不是加权和", "a composite that is no weighted sum"),
}


@dataclass(frozen=True)
class Sample:
    """What one cycle's compared regions (of these, where `members` names some) have, before the rules.

    Raises InputError for a cycle or a region that the scorecard does not have.
    """

    card: Scorecard
    period: str
    members: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        self.card.require_period(self.period)
        for region in self.members or ():
            self.card.require_region(region)

    @property
    def definitions(self) -> Definitions:
        """The scorecard's definitions."""
        return self.card.definitions

    @cached_property
    def wide(self) -> pl.DataFrame:
        """The rows of `Scorecard.wide` that count, by region."""
        return self.card.wide.filter(self.counted).sort("region")

    @property
    def counted(self) -> pl.Expr:
        """Which rows of `Rows.frame` count."""
        inside = pl.lit(True) if self.members is None else pl.col("region").is_in(self.members)
        return (pl.col("period") == self.period) & pl.col("compared") & inside

    @cached_property
    def tree(self) -> tuple[TreeRow, ...]:
        """The rows of the tree, root first; indicators outside it are left out."""
        return tuple(row for row in self.definitions.nodes() if row.weight_share is not None)

    @property
    def root(self) -> str:
        """The composite's code."""
        return self.definitions.index.code

    def column(self, name: str, code: str) -> Vector:
        """A column of `Scorecard.wide` (`score`, `value`, `treated`, `mean` …); NaN where there is none."""
        return self.wide[f"{name} {code}"].cast(pl.Float64).to_numpy().copy()

    def children(self, node: Node) -> Matrix:
        """The scores of a node's children (n regions, k children)."""
        return np.column_stack([self.column("score", code_of(child)) for child in node.children])

    def weight(self, code: str) -> float | None:
        """The share among its siblings that a code has in the cycle; None where it does not count."""
        if code == self.root:
            return 1.0
        shares = self.wide[f"weight {code}"].drop_nulls()
        return float(shares[0]) if len(shares) else None


def is_constant(known: Vector) -> bool:
    """Whether values differ by rounding only (the ties of contract §4)."""
    low, top = known.min(), known.max()
    return bool(top - low <= tie_width(low, top))


def number(value: float) -> float | None:
    """A number for a frame: null where it is none."""
    return float(value) if np.isfinite(value) else None
