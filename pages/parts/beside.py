"""What a row is compared with, as chosen in the filters: last cycle, the peer group, the target."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from pages.parts.filters import Choice
from pages.parts.formats import gap_words, movement, polarity, signed
from pages.parts.i18n import t
from pages.parts.shell import Screen


@dataclass(frozen=True)
class Beside:
    """The comparison of a page: its column's head, and each row's words with their polarity."""

    screen: Screen
    choice: Choice

    @property
    def head(self) -> str:
        """What the column says."""
        return {"last": t("较上期"), "peers": t("较可比组"), "target": t("较目标")}[self.choice.against]

    @property
    def moved(self) -> str:
        """The column of `rows_of` with points of score: the change, or the distance from the group's median."""
        return "score_gap" if self.choice.against == "peers" else "score_change"

    @cached_property
    def _gaps(self) -> dict[tuple[str, str], dict[str, Any]]:
        now = self.screen.card.distances.filter(pl.col("period") == self.choice.cycle)
        return {(row["region"], row["code"]): row for row in now.iter_rows(named=True)}

    def words(self, row: dict[str, Any]) -> tuple[str, str]:
        """A row's comparison in words, and `better`, `worse` or nothing."""
        item, against = self.screen.definitions.indicators.get(row["code"]), self.choice.against
        if item is None:
            change = None if against == "target" else row[self.moved]
            if change is None:
                return "", ""
            return (signed(change), polarity(change, "higher")) if abs(change) >= 0.05 else (t("持平"), "")
        if against == "last":
            return movement(row, item.unit, item.better)
        return gap_words(self._gaps[row["region"], row["code"]][f"{_GAPS[against]}_gap"], item.better)

    def told(self, row: dict[str, Any]) -> tuple[str, str]:
        """The same with what it is compared with, for where there is no head."""
        words, found = self.words(row)
        if not words:
            return "", ""
        last, peers, target = t("较上期 {change}"), t("较可比组 {change}"), t("较目标 {change}")
        return {"last": last, "peers": peers, "target": target}[self.choice.against].format(change=words), found


_GAPS = {"peers": "peer", "target": "target"}
