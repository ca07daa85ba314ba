"""The regions that a report of an area is of: which they are, what they are called together, what is asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from metrics.report.asked import Asked, Row
from metrics.report.sentences import listed


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
    def imputed(self) -> dict[str, int]:
        """Of how many members the indicator is scored by an imputed value, by code."""
        now = self.rows.filter(pl.col("period") == self.asked.period, pl.col("level") == "indicator")
        filled = now.filter(pl.col("value").is_null(), pl.col("score").is_not_null())
        return dict(filled.group_by("code").len().iter_rows())

    @cached_property
    def courses(self) -> dict[str, tuple[float | None, ...]]:
        """Each member's composites over the cycles."""
        own = self.rows.filter(pl.col("code") == self.asked.root).partition_by("region", as_dict=True)
        return {region: tuple(part["score"]) for (region,), part in own.items()}


def area_of(asked: Asked, regions: Sequence[str] | None, name: str = "") -> Area:
    """The compared regions among those named and below them (None: all), under their `name` where they have one.

    Raises InputError for one that the scorecard does not have.
    """
    for region in regions or ():
        asked.card.require_region(region)
    compared = asked.card.regions.filter("compared")["code"].to_list()
    above = asked.card.rows.regions.ancestors
    members = compared if regions is None else [code for code in compared if {code, *above(code)} & set(regions)]
    if not members and regions is not None:
        # Those named have no rank and none below them has one: they are told as they are.
        members = [code for code in asked.card.regions["code"] if code in regions]
    return Area(
        asked, tuple(members), asked.words.line(name) or _called(asked, members, compared, named=regions is not None)
    )


def _called(asked: Asked, members: Sequence[str], compared: Sequence[str], *, named: bool) -> str:
    """What some compared regions are called together: the nearest region that holds just these, all, or how many."""
    above = asked.card.rows.regions.ancestors
    for parent in dict.fromkeys(code for member in members for code in above(member)) if named else ():
        if set(members) == {code for code in compared if parent in above(code)}:
            return asked.names[parent]
    if set(members) == set(compared):
        return asked.words.pick("全部参评地区", "All regions compared")
    if len(members) < 3:
        return listed([asked.names[code] for code in members], asked.lang)
    return asked.words.pick(f"{len(members)} 个地区", f"{len(members)} regions")
