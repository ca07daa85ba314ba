"""What the steps of the oracle share: cells, and the regions and cycles that they stand on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from metrics.definitions import Definitions
from tests.oracle.calendar import Calendar

Row = Mapping[str, Any]
At = tuple[int, str]  # cycle, region
Found = dict[str, Any]  # what a scorecard says in one row


class Cell(NamedTuple):
    """A value, and what must be known about it."""

    value: float | bool | None
    flags: frozenset[str] = frozenset()


@dataclass
class World:
    """Definitions, facts and regions, with what the steps look up again and again."""

    definitions: Definitions
    facts: Sequence[Row]
    regions: dict[str, Row]
    calendar: Calendar
    cycles: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        places = [self.calendar.place(fact["period"]) for fact in self.facts]
        self.cycles = sorted({place.cycle for place in places if place is not None})

    @property
    def rows(self) -> list[At]:
        """Every cycle and region, sorted."""
        return [(cycle, region) for cycle in self.cycles for region in sorted(self.regions)]

    def children(self, region: str) -> list[str]:
        """The regions of which this one is the parent."""
        return [code for code, row in self.regions.items() if row.get("parent") == region]

    def upwards(self, region: str) -> list[str]:
        """The region, its parent, and so on."""
        parent = self.regions[region].get("parent")
        return [region, *(self.upwards(parent) if parent else [])]

    def compared(self, region: str) -> bool:
        """Whether frames, peer statistics and ranks are taken among regions like this one."""
        wanted = self.definitions.compare
        return not self.children(region) if wanted == "leaves" else self.regions[region].get("level") == wanted

    def group(self, region: str, attribute: str | None) -> list[str]:
        """The compared regions with the same attribute (all compared ones without attribute)."""
        alike = [
            code
            for code, row in self.regions.items()
            if attribute is None or (row.get(attribute) or None) == (self.regions[region].get(attribute) or None)
        ]
        return sorted(code for code in alike if self.compared(code))

    def in_force(self, valid: Any, cycle: int) -> bool:
        """Whether a `valid` holds on the cycle's last day."""
        day = self.calendar.last_day(cycle)
        return valid is None or not ((valid.from_ and day < valid.from_) or (valid.to and valid.to < day))


def world(definitions: Definitions, facts: Sequence[Row], regions: Iterable[Row] | None) -> World:
    """The world of these facts; without regions, those that the facts name."""
    listed = regions if regions is not None else [{"code": code} for code in {fact["region"] for fact in facts}]
    calendar = Calendar(definitions.cycle, definitions.fiscal_year_starts)
    return World(definitions, facts, {row["code"]: row for row in listed}, calendar)
