"""The regions that a report of an area is of: which they are, what they are called together, what is asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from metrics.report.asked import Asked, Row


@dataclass(frozen=True)
class Area:
    """Some compared regions, what they are called together, and what a report asks of them."""

    asked: Asked
    members: tuple[str, ...]
    name: str

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The members' rows of every cycle up to this one."""
        return self.asked.rows(every_cycle=True).filter(pl.col("region").is_in(self.members))

    @cached_property
    def roots(self) -> list[Row]:
        """The members' composites of the cycle, the best first, those without a rank last."""
        now = self.rows.filter(pl.col("period") == self.asked.period, pl.col("code") == self.asked.root)
        return list(now.sort("rank", "region", nulls_last=True).iter_rows(named=True))

    @property
    def whole(self) -> pl.DataFrame:
        """The members as one region, in every cycle up to this one."""
        return self.asked.shared.whole(self.members, self.asked.period)

    @cached_property
    def courses(self) -> dict[str, tuple[float | None, ...]]:
        """Each member's composites over the cycles."""
        own = self.rows.filter(pl.col("code") == self.asked.root).partition_by("region", as_dict=True)
        return {region: tuple(part["score"]) for (region,), part in own.items()}


def area_of(asked: Asked, regions: Sequence[str] | None) -> Area:
    """The compared regions among those named and below them (None: all).

    Raises InputError for one that the scorecard does not have.
    """
    for region in regions or ():
        asked.card.require_region(region)
    compared = asked.card.regions.filter("compared")["code"].to_list()
    if regions is None:
        return Area(asked, tuple(compared), asked.words.pick("全部参评地区", "All regions compared"))
    chosen, above = set(regions), asked.card.rows.regions.ancestors
    members = tuple(code for code in compared if {code, *above(code)} & chosen)
    if not members:
        # Those named have no rank and none below them has one: they are told as they are.
        members = tuple(code for code in asked.card.regions["code"] if code in chosen)
    # The nearest region that holds just these.
    for parent in dict.fromkeys(code for member in members for code in above(member)):
        if set(members) == {code for code in compared if parent in above(code)}:
            return Area(asked, members, asked.names[parent])
    whole = asked.words.pick("全部参评地区", "All regions compared")
    some = asked.words.pick(f"{len(members)} 个地区", f"{len(members)} regions")
    return Area(asked, members, whole if len(members) == len(compared) else some)
