"""Reports of a scorecard: one region's or an area's, as blocks that writers set."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from metrics.manual.blocks import Report
from metrics.report.asked import ask
from metrics.report.region import region_report
from metrics.scorecard import Scorecard
from metrics.series import Cards

if TYPE_CHECKING:
    from metrics.export.occasion import Occasion

__all__ = ["ask", "region_report", "report"]


def report(
    card: Scorecard,
    *,
    regions: Sequence[str] | None = None,
    periods: Sequence[str] | None = None,
    lang: str = "zh",
    notice: str = "",
    series: Cards | None = None,
    occasion: "Occasion | None" = None,
) -> Report:
    """The report of one region where one is named, else of all that are named (None: all) as an area.

    It is of the last of `periods` (None: of all), and shows the cycles before it. Raises InputError for a region or
    cycle that the scorecard does not have.
    """
    period = (periods if periods is not None else card.periods)[-1]
    asked = ask(card, period, lang=lang, notice=notice, series=series, occasion=occasion)
    return region_report(asked, (regions or ())[0])
