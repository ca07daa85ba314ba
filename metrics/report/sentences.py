"""Sentences made from numbers, the same on a page and in a report: how a region stands, what is strong and weak."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from metrics.shown import moved, pick, points, quantity, rank, share

Row = Mapping[str, Any]
MOST = 3


def joined(parts: Sequence[str], lang: str) -> str:
    """Parts as one sentence."""
    return pick(lang, "，", ", ").join(parts)


def listed(names: Sequence[str], lang: str) -> str:
    """Names one after the other."""
    return pick(lang, "、", ", ").join(names)


def ended(text: str, lang: str) -> str:
    """A sentence with its end."""
    return f"{text}{pick(lang, '。', '.')}"


def covered(row: Row, lang: str) -> str:
    """How much of the data there is."""
    return pick(lang, f"数据覆盖率 {share(row['coverage'])}", f"data coverage {share(row['coverage'])}")


def standing(row: Row, name: str, cycle: str, *, grade: str, sure: str, lang: str) -> list[str]:
    """How a region stands by its composite: score, change, rank with its interval `sure`, grade, coverage."""
    if row["score"] is None:
        return [pick(lang, f"{name} {cycle}没有综合得分", f"{name} has no composite score in {cycle}")]
    score = points(row["score"])
    parts = [pick(lang, f"{name} {cycle}综合得分 {score}", f"{name} {cycle}: composite {score}")]
    if row["score_change"] is not None:
        parts.append(on_last_cycle(row, lang))
    if row["rank"] is not None:
        place = f"{rank(row['rank'], row['ranked'])} {sure}".strip()
        parts.append(pick(lang, f"排名 {place}", f"rank {place}"))
    if grade:
        parts.append(pick(lang, f"等级{grade}", f"grade {grade}"))
    if row["coverage"] < 1.0 - 1e-9:
        parts.append(pick(lang, f"覆盖率 {share(row['coverage'])}", f"coverage {share(row['coverage'])}"))
    return parts


def on_last_cycle(row: Row, lang: str) -> str:
    """The score's change; empty where there was none before."""
    if row["score_change"] is None:
        return ""
    change = moved(row["score_change"], lang)
    return pick(lang, f"较上期 {change}", f"{change} on last cycle")


def apart(gaps: pl.DataFrame, lang: str) -> str:
    """The pillars furthest above and below the median; where none is below it, or none above, so.

    Rows with a name and a score_gap, sorted by it.
    """
    worst, best = gaps.row(0, named=True), gaps.row(-1, named=True)
    if worst["score_gap"] >= 0.0:
        zh = f"各维度都不低于中位数，领先最少的是{worst['name']}"
        return pick(lang, zh, f"No pillar below the median; least ahead in {worst['name']}")
    if best["score_gap"] <= 0.0:
        zh = f"各维度都不高于中位数，落后最少的是{best['name']}"
        return pick(lang, zh, f"No pillar above the median; least behind in {best['name']}")
    zh = f"强在{best['name']}，弱在{worst['name']}"
    return pick(lang, zh, f"Strong in {best['name']}, weak in {worst['name']}")


def strong_and_weak(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The three indicators furthest above the group's median, and the three furthest below, each the furthest first."""
    known = rows.filter(pl.col("level") == "indicator").drop_nulls("score_gap")
    ordered = known.sort("score_gap", "code", descending=[True, False])
    above = ordered.filter(pl.col("score_gap") > 0).head(MOST)
    return above, ordered.filter(pl.col("score_gap") < 0).tail(MOST).reverse()


def beside_median(row: Row, unit: str, lang: str) -> str:
    """An indicator's value, its score and the group's median score."""
    value, score, median = quantity(row["value"], unit, lang), points(row["score"]), points(row["score_median"])
    return pick(lang, f"{value}，{score} 分（中位数 {median}）", f"{value}, {score} points (median {median})")


def places_moved(places: int, lang: str) -> str:
    """How many places up or down."""
    if lang == "zh":
        return f"升 {places} 位" if places > 0 else f"降 {-places} 位"
    return f"{'rose' if places > 0 else 'fell'} {abs(places)} in rank"
