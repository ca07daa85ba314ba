"""Formats for people: what a writer makes of the report of a scorecard."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from metrics.manual.blocks import Report

if TYPE_CHECKING:
    from metrics.export.occasion import Occasion
    from metrics.scorecard import Scorecard
    from metrics.series import Cards


def reported(write: Callable[[Report], bytes]) -> Callable[..., bytes]:
    """A writer of reports as a writer of scorecards."""

    def written(
        card: "Scorecard",
        *,
        regions: Sequence[str] | None = None,
        periods: Sequence[str] | None = None,
        lang: str = "zh",
        notice: str = "",
        series: "Cards | None" = None,
        occasion: "Occasion | None" = None,
        area: str = "",
    ) -> bytes:
        # Beside the method, which reports ask much of, the other formats need little.
        from metrics.report import report

        where = {"lang": lang, "notice": notice, "area": area}
        return write(report(card, regions=regions, periods=periods, series=series, occasion=occasion, **where))

    return written
