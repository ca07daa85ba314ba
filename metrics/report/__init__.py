"""Reports of a scorecard: one region's or an area's, as blocks that writers set."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from metrics.manual.blocks import Report
from metrics.problems import InputError, Problem
from metrics.report.area import area_report
from metrics.report.asked import ask
from metrics.report.members import area_of
from metrics.report.region import region_report
from metrics.scorecard import Scorecard
from metrics.series import Cards

if TYPE_CHECKING:
    from metrics.export.occasion import Occasion

__all__ = ["area_of", "area_report", "ask", "region_report", "report"]


def report(
    card: Scorecard,
    *,
    regions: Sequence[str] | None = None,
    periods: Sequence[str] | None = None,
    lang: str = "zh",
    notice: str = "",
    series: Cards | None = None,
    occasion: "Occasion | None" = None,
    area: str = "",
) -> Report:
    """The report of one region where one is named, else of all that are named (None: all) as an area.

    It is of the last of `periods` (None: of all), and shows the cycles before it; `area` is what the regions are called
    together, where they have a name. Raises InputError for a region or cycle that the scorecard does not have, and for
    several regions of a scorecard of a part.
    """
    for one in periods or ():
        card.require_period(one)
    period = max(card.periods if periods is None else periods, key=card.periods.index, default="")
    asked = ask(card, period, lang=lang, notice=notice, series=series, occasion=occasion)
    if regions is not None and len(regions) < 2:
        # Of no region there is nothing to report: it is refused as one that nobody knows.
        return region_report(asked, next(iter(regions), ""))
    if not card.whole:
        # What regions are together is told beside all that are compared.
        raise InputError([Problem("area_report_in_part")])
    return area_report(area_of(asked, regions, area))
