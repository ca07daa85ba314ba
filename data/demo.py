"""A demonstration: five years of facts about 三江区, an area that does not exist, the same bytes on every machine.

What there is to see, each held by a test:
- 枫屿 improves in every year and ends at the top.
- 棠州 lacks a quarter of one institution's electricity in 2023: neither the city nor its province has energy that year.
- 瑶津 reports ten times the water of a month at one institution in July 2024 (the bill does not follow).
- 旻阳 does well in everything else but stays above the binding limit of energy per area: its grade is capped.
- 朔岚 is heated, 云澜 and 望汐 are not: there the indicator of heating does not apply.
- 笙湖 catches up in 2024 and rises by several places.
- Cities exchange assets and services, first within their province, from year to year more beyond it: 沿江都市圈 most.
- The cities come closer to each other: the dispersion of the composite falls.
"""

from dataclasses import dataclass

import polars as pl

from data.demo_facts import YEARS, Fact, facts
from data.demo_places import areas, regions, sites

SOURCE = "示例数据"
MISSING = frozenset(("920200-03", f"2023-{month:02d}", "electricity") for month in (4, 5, 6))
REPLACED = ("920200-03", "2023-05", "电表更换，未取得读数")
MISREAD = ("930200-01", "2024-07", "water")

_SCHEMA = {
    **dict.fromkeys(("region", "site", "period", "variable"), pl.String),
    "value": pl.Float64,
    **dict.fromkeys(("status", "source", "note"), pl.String),
}


@dataclass(frozen=True)
class Demo:
    """regions, areas, sites as in `demo_places`; facts in the contract's long form, sorted."""

    regions: pl.DataFrame
    areas: pl.DataFrame
    sites: pl.DataFrame
    facts: pl.DataFrame


def build() -> Demo:
    """The whole demonstration; every call gives the same frames."""
    rows = [_reported(fact) for fact in facts() if not _lost(fact)]
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    return Demo(regions(), areas(), sites(), frame.sort("region", "site", "variable", "period", nulls_last=False))


def _lost(fact: Fact) -> bool:
    """Two of the missing months are not reported at all, one is reported empty with its reason."""
    return (fact.site, fact.period, fact.variable) in MISSING and (fact.site, fact.period) != REPLACED[:2]


def _reported(fact: Fact) -> tuple[str | float | None, ...]:
    status = "reviewed" if fact.period.startswith(str(YEARS[-1])) else "verified"
    key = (fact.site, fact.period, fact.variable)
    if key in MISSING:
        return (*fact[:4], None, "reported", SOURCE, REPLACED[2])
    if key == MISREAD and fact.value is not None:
        return (*fact[:4], fact.value * 10, "reported", SOURCE, None)
    return (*fact, status, SOURCE, None)
