"""Sentences made from numbers, the same on a page and in a report: how a region stands, what is strong and weak."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from metrics.definitions import Definitions
from metrics.scorecard import Scorecard
from metrics.shown import coverage, moved, pick, points, quantity, rank, share

Row = Mapping[str, Any]
MOST = 3
# Of those whose rank is firm.
MOST_FIRM = 10
# A score this close to its group's median reads the same.
EVEN = 0.05
# With fewer trials a percentile is the rank of a handful of them.
FEW = 100
# Scores by these lie as far apart as places do, however close the values are.
_PLACES = ("rank", "borda", "percentile_rank")


def joined(parts: Sequence[str], lang: str) -> str:
    """Parts as one sentence."""
    return pick(lang, "，", ", ").join(parts)


def listed(names: Sequence[str], lang: str) -> str:
    """Names one after the other."""
    return pick(lang, "、", ", ").join(names)


def ended(text: str, lang: str) -> str:
    """A sentence with its end."""
    return f"{text}{pick(lang, '。', '.')}"


def aside(text: str, lang: str) -> str:
    """A text in brackets behind another; nothing for none."""
    return pick(lang, f"（{text}）", f" ({text})") if text else ""


def covered(row: Row, lang: str) -> str:
    """How much of the data there is, and how much of that stands in for what is missing."""
    there = pick(lang, f"覆盖率 {coverage(row['coverage'])}", f"coverage {coverage(row['coverage'])}")
    return there + aside(imputed(row, lang), lang)


def imputed(row: Row, lang: str) -> str:
    """How much of what is covered was imputed; nothing where all was reported."""
    if not row["imputed"]:
        return ""
    return pick(lang, f"其中插补 {share(row['imputed'])}", f"{share(row['imputed'])} of it imputed")


def standing(
    row: Row, name: str, cycle: str, *, grade: str, sure: str, lang: str, why: str = "", unlike: str = ""
) -> list[str]:
    """How a region stands by its composite: score, change, rank with its interval `sure`, grade, coverage.

    `why` there is no score; `unlike`: what the score of the cycle before rested on and this one does not, or the other
    way about.
    """
    if row["score"] is None:
        none = pick(lang, f"{name} {cycle}没有综合得分", f"{name} has no composite score in {cycle}")
        return [none + aside(why, lang), covered(row, lang)]
    score = points(row["score"])
    parts = [pick(lang, f"{name} {cycle}综合得分 {score}", f"{name} {cycle}: composite {score}")]
    if row["score_change"] is not None:
        parts.append(on_last_cycle(row, lang) + aside(unlike, lang))
    if row["rank"] is not None:
        place = f"{rank(row['rank'], row['ranked'])} {sure}".strip()
        parts.append(pick(lang, f"排名 {place}", f"rank {place}"))
    if grade:
        parts.append(pick(lang, f"等级{grade}", f"grade {grade}"))
    if row["coverage"] < 1.0 - 1e-9 or row["imputed"]:
        parts.append(covered(row, lang))
    return parts


def unlike(rows: pl.DataFrame, before: pl.DataFrame, lang: str) -> str:
    """The parts of the composite that have a score in one of two cycles only; nothing where there are none.

    Rows with code, name and score, of what the trees of both cycles have.
    """
    both = rows.join(before.select("code", was="score"), on="code", how="inner", maintain_order="left")
    now, then = pl.col("score").is_not_null(), pl.col("was").is_not_null()
    sides = (
        (then & ~now, "上期有得分、本期没有", "had a score then and none now"),
        (now & ~then, "上期没有得分、本期有", "had no score then and one now"),
    )
    told = []
    for side, zh, en in sides:
        names = both.filter(side)["name"].to_list()
        some = listed(names[:MOST], lang)
        more = pick(lang, f"等 {len(names)} 项", f" and others ({len(names)})") if len(names) > MOST else ""
        told += [some + more + pick(lang, zh, f" {en}")] if names else []
    return pick(lang, "；", "; ").join(told)


def on_last_cycle(row: Row, lang: str) -> str:
    """The score's change; empty where there was none before."""
    if row["score_change"] is None:
        return ""
    change = moved(row["score_change"], lang)
    gap = "" if change == "持平" else " "
    return over_both(pick(lang, f"较上期{gap}{change}", f"{change} on last cycle"), row, lang)


def over_both(text: str, row: Row, lang: str) -> str:
    """What is told of a change, with how many regions it is of where others have a score in one of the cycles only
    (`areas.area`; a region's own row knows nothing of that)."""
    count = row.get("n_both")
    if count is None:
        return text
    regions = "the one region" if count == 1 else f"the {count:,} regions"
    return pick(lang, f"按两期都有得分的 {count:,} 个地区{text}", f"{text} over {regions} scored in both")


def middle(card: Scorecard, lang: str) -> str:
    """What regions are compared with: the median of their group, or the mean of those out of sight."""
    return pick(lang, *(("中位数", "median") if card.whole else ("其他地区平均", "others' mean")))


def apart(pillars: pl.DataFrame, beside: str, lang: str) -> str:
    """The pillars furthest above and below what is `beside` them (`middle`), or that none is; and which lack a score.

    Rows with a name, a score and a score_gap.
    """
    known = pillars.drop_nulls("score_gap").sort("score_gap")
    lack = pillars.filter(pl.col("score").is_null())["name"].to_list()
    ends = [known.row(at, named=True) for at in (0, -1)] if known.height > 1 else []
    told = [_apart(ends, bool(lack), beside, lang)] if ends else []
    if lack:
        told.append(pick(lang, f"{listed(lack, lang)}没有得分", f"no score in {listed(lack, lang)}"))
    text = pick(lang, "；", "; ").join(told)
    return text[:1].upper() + text[1:]


def _apart(ends: Sequence[Row], some: bool, beside: str, lang: str) -> str:
    """Of those with a score, which are `some` or all."""
    worst, best = ends
    zh, en = ("有得分的维度", "pillar with a score") if some else ("各维度", "pillar")
    low, high = worst["score_gap"], best["score_gap"]
    if max(-low, high) < EVEN:
        return pick(lang, f"{zh}都与{beside}持平", f"every {en} at the {beside}")
    if low < EVEN and high < EVEN:
        told = f"，{best['name']}与{beside}持平", f"{best['name']} is at it"
        least = f"，落后最少的是{best['name']}", f"least behind in {best['name']}"
        zh_end, en_end = told if high > -EVEN else least
        return pick(lang, f"{zh}都不高于{beside}{zh_end}", f"no {en} above the {beside}; {en_end}")
    if low > -EVEN:
        told = f"，{worst['name']}与{beside}持平", f"{worst['name']} is at it"
        least = f"，领先最少的是{worst['name']}", f"least ahead in {worst['name']}"
        zh_end, en_end = told if low < EVEN else least
        return pick(lang, f"{zh}都不低于{beside}{zh_end}", f"no {en} below the {beside}; {en_end}")
    return pick(lang, f"强在{best['name']}，弱在{worst['name']}", f"strong in {best['name']}, weak in {worst['name']}")


def strong_and_weak(rows: pl.DataFrame, definitions: Definitions) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The three indicators furthest above the group's median, and the three furthest below, each the furthest first.

    Those whose scores are places come after all others, however far they lie: they are spread evenly from 0 to 100
    by making, so that whoever is first there would be strong in nothing else. Numbers that were imputed are no
    strength and no weakness, nor is what stands outside the tree.
    """
    inside = rows.filter(pl.col("level") == "indicator", pl.col("parent").is_not_null())
    known = inside.filter(pl.col("value").is_not_null(), pl.col("score_gap").abs() >= EVEN)
    places = [code for code in definitions.indicators if definitions.normaliser(code).method in _PLACES]
    ordered = known.with_columns(placed=pl.col("code").is_in(places)).sort(
        "placed", pl.col("score_gap").abs(), "code", descending=[False, True, False]
    )
    above, below = (ordered.filter(pl.col("score_gap").sign() == sign).head(MOST) for sign in (1.0, -1.0))
    return above.drop("placed"), below.drop("placed")


def beside_median(row: Row, unit: str, beside: str, lang: str) -> str:
    """An indicator's value, the one that is scored where that is another, its score and what it stands `beside`."""
    value, score, median = quantity(row["value"], unit, lang), points(row["score"]), points(row["score_median"])
    value += aside(scored_as(row, unit, lang), lang)
    return pick(lang, f"{value}，{score} 分（{beside} {median}）", f"{value}, {score} points ({beside} {median})")


def scored_as(row: Row, unit: str, lang: str) -> str:
    """The value that is scored in the place of an indicator's own; nothing where it is that."""
    if row["treated"] is None or row["treated"] == row["value"]:
        return ""
    treated = quantity(row["treated"], unit, lang)
    return pick(lang, f"按 {treated} 计分", f"scored as {treated}")


def leading(names: Sequence[str], score: float, lang: str) -> str:
    """Who leads; of several the first three by name."""
    reached, count = points(score), len(names)
    if count == 1:
        return pick(lang, f"{names[0]}居首（{reached}）", f"{names[0]} leads ({reached})")
    some = listed(names[:MOST], lang)
    if count > MOST:
        return pick(
            lang,
            f"{some}等 {count} 个地区并列居首（{reached}）",
            f"{count} regions lead, {some} among them ({reached})",
        )
    return pick(lang, f"{some}并列居首（{reached}）", f"{some} lead together ({reached})")


def firm(names: Sequence[str], lang: str) -> str:
    """Whose ranks are firm, the first ten by name."""
    if not names:
        return pick(lang, "没有一个名次是稳固的", "no rank is firm")
    more = pick(lang, "等", " and others") if len(names) > MOST_FIRM else ""
    some = listed(names[:MOST_FIRM], lang) + more
    return pick(lang, f"名次稳固的有 {len(names)} 个：{some}", f"firm ranks ({len(names)}): {some}")


def few(trials: int, lang: str) -> str:
    """That so few trials prove little; nothing where there are enough."""
    if trials >= FEW:
        return ""
    zh = f"抽样不足 {FEW} 次，区间、档和概率只供试算"
    return pick(lang, zh, f"fewer than {FEW} trials: intervals, tiers and probabilities are no more than a try")


def tiers_told(count: int, tiers: Mapping[int, int], lang: str) -> str:
    """How many tiers regions fall into, and what that means."""
    each = listed([pick(lang, f"第 {tier} 档 {n} 个", f"tier {tier}: {n}") for tier, n in tiers.items()], lang)
    if len(tiers) == 1:
        return pick(lang, f"{count} 个地区同在一档，彼此分不开", f"{count} regions in one tier, not to be told apart")
    zh = f"{count} 个地区分为 {len(tiers)} 档（{each}），好一档的在至少 90 % 的抽样中居前"
    en = f"{count} regions in {len(tiers)} tiers ({each}); one in a better tier is ahead in at least 90 % of the trials"
    return pick(lang, zh, en)


def rank_moved(row: Row, lang: str) -> str:
    """How many places a region moved on last cycle; where another number of regions had a rank then, from which to
    which of how many: a place may be gained by no more than that somebody is gone."""
    told = places_moved(row["rank_change"], lang)
    if row["ranked"] == row["ranked_before"]:
        return told
    return told + aside(f"{rank_before(row)} → {rank(row['rank'], row['ranked'])}", lang)


def rank_before(row: Row) -> str:
    """The rank of the cycle before, of a row that has a change of rank."""
    return rank(row["rank"] + row["rank_change"], row["ranked_before"])


def places_moved(places: int, lang: str) -> str:
    """How many places up or down."""
    if lang == "zh":
        return f"升 {places} 位" if places > 0 else f"降 {-places} 位"
    return f"{'rose' if places > 0 else 'fell'} {abs(places)} in rank"
