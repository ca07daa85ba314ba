"""Ways as they are found: one region's path and margins, computed once for all sessions, and what of them is told."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl
import streamlit as st

from metrics.paths import Path, margins, path
from metrics.problems import InputError
from metrics.scorecard import Scorecard
from pages.parts.filters import Choice
from pages.parts.formats import NONE, quantity, told_apart
from pages.parts.i18n import language, t
from pages.parts.shell import Screen, whole_of

# Numbers of others are told from one's own by more than so much of them.
_SAME = 1e-6


@dataclass(frozen=True)
class Ways:
    """One region in one cycle: its path (None without a better grade), its margins, or why there is no path."""

    screen: Screen
    choice: Choice
    region: str
    path: Path | None
    margins: pl.DataFrame
    refused: str = ""

    @property
    def row(self) -> dict[str, object]:
        """The region's composite in this cycle."""
        card = self.screen.card
        mine = (pl.col("region") == self.region) & (pl.col("period") == self.choice.cycle)
        return card.frame.filter(mine, pl.col("code") == card.definitions.index.code).row(0, named=True)

    def grade(self, code: object) -> str:
        """What a grade is called."""
        names = {grade.code: grade.name.text(language()) for grade in self.screen.definitions.grades}
        return names.get(str(code), NONE)

    def rules(self, codes: Iterable[str]) -> str:
        """What rules are called, in a row."""
        named = {rule.code: rule.name.text(language()) for rule in self.screen.definitions.rules if rule.name}
        return t("、").join(named.get(code, code) for code in codes)

    def value(self, code: str, value: float | None) -> str:
        """A value in its indicator's unit."""
        return quantity(value, self.screen.definitions.unit_of(code))

    def apart(self, code: str, now: float | None, then: float | None) -> tuple[str, str]:
        """Two values of an indicator in its unit, told apart."""
        return told_apart(now, then, self.screen.definitions.unit_of(code))


@st.cache_resource(max_entries=64, show_spinner=False)
def _path(_card: Scorecard, region: str, cycle: str, snapshot: str, digest: str) -> tuple[Path | None, pl.DataFrame]:
    return path(_card, region, cycle), margins(_card, region, cycle)


def looked_up(screen: Screen, choice: Choice, region: str) -> Ways:
    """The region's path and margins, computed once for all sessions."""
    try:
        with st.spinner(t("正在计算最省力的路径…")):
            whole = whole_of(screen)
            way, near = _path(whole.card, region, choice.cycle, whole.snapshot, whole.definitions.digest)
    except InputError as error:
        return Ways(screen, choice, region, None, pl.DataFrame(), error.problems[0].message(language()))
    found = Ways(screen, choice, region, way, near)
    return found if screen.card.whole else _without_others(found, whole.card)


def _without_others(found: Ways, whole: Scorecard) -> Ways:
    """The same where it tells nothing of a region out of sight: no value that it has, no score that a quota takes from
    it, and no effort that is measured by the spread of a few."""
    outside = ~pl.col("region").is_in(found.screen.card.regions["code"].to_list())
    others = whole.frame.filter(outside).select("code", pl.concat_list("value", "treated").alias("theirs"))
    theirs, few = others.explode("theirs").drop_nulls().unique(), _few(found)

    def tells(rows: pl.DataFrame, column: str) -> bool:
        known = rows.drop_nulls(column) if rows.height else rows
        if known.is_empty():
            return False
        near = (pl.col(column) - pl.col("theirs")).abs() <= _SAME * pl.col(column).abs()
        return bool(known["code"].is_in(few).any()) or known.join(theirs, on="code").filter(near).height > 0

    # What is nearest among some only would be no answer: a table is told whole or not at all.
    near = found.margins.clear() if tells(found.margins, "value_at_loss") else found.margins
    way = found.path
    quotas = any(grade.top is not None or grade.top_share is not None for grade in whole.definitions.grades)
    if way is not None and (quotas or tells(way.steps, "value_needed")):
        words = t("最省力的办法要用到其他地区的数值，只给看得到全部地区的人")
        return replace(found, path=None, margins=near, refused=words)
    if way is not None and tells(way.alone, "value_needed"):
        way = replace(way, alone=way.alone.clear())
    return replace(found, path=way, margins=near)


def _few(found: Ways) -> list[str]:
    """The indicators in which nothing is told of the others, since they are too few."""
    own = pl.col("region") == found.region, pl.col("period") == found.choice.cycle
    return found.screen.card.beside.filter(*own, pl.col("mean").is_null())["code"].to_list()
