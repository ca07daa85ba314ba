"""Shares: the weights of each node's children as cells, and their shares among the siblings by formula."""

from collections.abc import Sequence
from dataclasses import dataclass, field

# Under the heads; rows count from 1 as formulas do.
FIRST = 2


@dataclass(frozen=True)
class Share:
    """A child's weight under its node: whether it counts in the cycle, its share, and the rows of all its siblings."""

    node: str
    child: str
    source: str
    weight: float
    counts: bool
    share: float
    fixed: bool
    siblings: tuple[int, int]


@dataclass
class Shares:
    """The sheet of weights; the children of a node stand together."""

    title: str
    rows: list[Share] = field(default_factory=list)
    nodes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, node: str, source: str, children: Sequence[tuple[str, float, bool, float]], *, fixed: bool) -> None:
        """A node's children: code, weight, whether it counts, share."""
        first = FIRST + len(self.rows)
        self.nodes[node] = siblings = (first, first + len(children) - 1)
        self.rows += [
            Share(node, code, source, weight, counts, share, fixed, siblings)
            for code, weight, counts, share in children
        ]

    def formula(self, place: int) -> str:
        """The share of a row of the sheet: 0 where no sibling counts."""
        first, last = self.rows[place].siblings
        row, whole = FIRST + place, f"SUMPRODUCT($F${first}:$F${last},$G${first}:$G${last})"
        return f"IF({whole}>0,F{row}*G{row}/{whole},0)"

    def of(self, node: str) -> str:
        """The shares of a node's children, seen from another sheet."""
        first, last = self.nodes[node]
        return f"'{self.title}'!$H${first}:$H${last}"

    def one(self, node: str, place: int) -> str:
        """One child's share, seen from another sheet."""
        return f"'{self.title}'!$H${self.nodes[node][0] + place}"
