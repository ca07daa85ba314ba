"""What an adjustment would do to a region's composite and rank, before anybody agrees to it."""

from dataclasses import dataclass

import polars as pl
import streamlit as st

from data.revisions import revisions_of
from data.store import Store
from metrics.adjustments import Adjustment, adjusted, adjustments_of
from metrics.scorecard import Scorecard, score_values
from pages.parts.formats import points, rank
from pages.parts.i18n import language, t
from pages.parts.review_acts import in_sight, region_names, whole_card


@dataclass(frozen=True)
class Placed:
    """A composite: its score, its rank among so many, its grade."""

    score: float | None
    rank: int | None
    ranked: int
    grade: str | None


def effect(store: Store, cycle: str, region: str, node: str, given: float, *, number: int = 0) -> str:
    """The sentence: the composite with these points in place of what the adjustment `number` gives now.

    Points of 0: without it. Where its results are not in sight, or there are none, that is said.
    """
    seen, card = in_sight(store, cycle), whole_card(store, cycle)
    names = region_names(store)
    name = names.get(region, region)
    if card is None or cycle not in card.periods or not (seen is None or region in seen):
        return t("{region}没有可看的综合得分，无法预估影响。", region=name)
    before = _placed(card.frame, card, cycle, region)
    if before.score is None:
        return t("{region}没有综合得分，调整不起作用。", region=name)
    state = (str(store.path), store.snapshot(), revisions_of(store).latest.digest)
    with st.spinner(t("正在计算评分…")):
        after = _after(*state, cycle, region, node, given, number, card)
    words = t("{region}综合得分由 {before} 变为 {after}", region=name, before=points(before.score),
              after=points(after.score))  # fmt: skip
    if after.score == before.score:
        words = t("{region}综合得分仍为 {score}", region=name, score=points(before.score))
    places = rank(before.rank, before.ranked), rank(after.rank, after.ranked)
    words += (t("，名次仍为 {rank}", rank=places[0]) if places[0] == places[1]
              else t("，名次由 {before} 变为 {after}", before=places[0], after=places[1]))  # fmt: skip
    if after.grade != before.grade:
        grades = {grade.code: grade.name.text(language()) for grade in card.definitions.grades}
        words += t("，等级由{before}变为{after}", before=grades.get(before.grade or "", "—"),
                   after=grades.get(after.grade or "", "—"))  # fmt: skip
    later = cycle in revisions_of(store).publications
    return words + (t("；已公布的得分不变，从下一版起算。") if later else t("。"))


@st.cache_resource(max_entries=32, show_spinner=False)
def _after(
    db: str, snapshot: str, in_force: str, cycle: str, region: str, node: str, given: float, number: int,
    _card: Scorecard,
) -> Placed:  # fmt: skip
    others = [one for one in adjustments_of(_card.definitions) if one.number != number]
    more = [Adjustment(number, cycle, region, node, given, "")] if given else []
    frame, _ = score_values(adjusted(_card.definitions, [*others, *more]), _card.rows, _card.known)
    return _placed(frame, _card, cycle, region)


def _placed(frame: pl.DataFrame, card: Scorecard, cycle: str, region: str) -> Placed:
    now = frame.filter(pl.col("period") == cycle, pl.col("code") == card.definitions.index.code)
    row = now.filter(pl.col("region") == region).row(0, named=True)
    return Placed(row["score"], row["rank"], now["rank"].count(), row["grade"])
