"""The impact of a change of definitions in lines of text."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from metrics.change import named
from metrics.impact import Impact

# So many reasons of a region's change are told, the greatest first.
REASONS = 3
_WORDS = {
    "score": ("得分", "score"),
    "rank": ("名次", "rank"),
    "grade": ("等级", "grade"),
    "rules": ("规则", "rules"),
}


def lines(found: Impact, *, lang: str = "zh") -> list[str]:
    """For each cycle, the latest first, how many composites are touched, then each of them and why."""
    if found.rows.is_empty():
        return ["没有任何得分、名次、等级或规则改变。" if lang == "zh" else "No score, rank, grade or rule changes."]
    told = []
    for period in found.rows["period"].unique().sort(descending=True):
        told += [counted(found, period, lang), *_regions(found, period, lang)]
    return told


def counted(found: Impact, period: str, lang: str) -> str:
    """How many regions' composites of a cycle are touched, and in what."""
    rows = found.composites.filter(pl.col("period") == period)
    outside = found.ranking.filter(pl.col("period") == period)["outside"].sum()
    score, rank, grade, rules = (rows[f"{name}_before"].ne_missing(rows[f"{name}_after"]).sum() for name in _WORDS)
    if lang == "zh":
        told = f"{score} 个地区的综合得分改变，{rank} 个名次改变（{outside} 个超出原来的名次区间）"
        return f"{period}：{told}，{grade} 个等级改变，{rules} 个地区适用的规则改变"
    told = f"{score} composite scores change, {rank} ranks ({outside} leave the interval they had)"
    return f"{period}: {told}, {grade} grades, the rules met in {rules} regions"


def _regions(found: Impact, period: str, lang: str) -> list[str]:
    """A line for each composite that is touched, the most moved first."""
    rows = found.composites.filter(pl.col("period") == period)
    names = {
        code: name
        for card in (found.before, found.after)
        for code, name in card.regions.select("code", f"name_{lang}").iter_rows()
    }
    reasons = named(found.reasons, found.before, found.after, lang=lang).filter(pl.col("period_after") == period)
    ordered = rows.sort(pl.col("change").abs(), "region", descending=[True, False], nulls_last=True)
    return [
        f"  {names[row['region']]}: {'; '.join([*_steps(row, lang), *_why(reasons, row['region'])])}"
        for row in ordered.iter_rows(named=True)
    ]


def _steps(row: Mapping[str, Any], lang: str) -> list[str]:
    """What of a region is another one than before."""
    return [
        f"{words[lang != 'zh']} {_text(row[f'{name}_before'])} → {_text(row[f'{name}_after'])}"
        for name, words in _WORDS.items()
        if row[f"{name}_before"] != row[f"{name}_after"]
    ]


def _text(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value or "—")


def _why(reasons: pl.DataFrame, region: str) -> list[str]:
    """The greatest terms of a region's ledger."""
    terms = reasons.filter(pl.col("region") == region).sort(pl.col("term").abs(), descending=True).head(REASONS)
    return [f"{kind} {name} {term:+.2f}" for kind, name, term in terms.select("kind_name", "name", "term").iter_rows()]
