"""The impact of a change of definitions in lines of text."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import polars as pl

from metrics.change import named
from metrics.definitions import Definitions
from metrics.impact import Impact, by_cycle
from metrics.shown import signed

# So many reasons of a region's change are told, the greatest first, and so many regions of the latest cycle.
REASONS, REGIONS = 3, 40
# Points that are printed as 0.00 tell nobody anything.
_SEEN = 0.005
_WORDS = {
    "score": ("得分", "score"),
    "rank": ("名次", "rank"),
    "grade": ("等级", "grade"),
    "rules": ("规则", "rules"),
}


def lines(impacts: Collection[Impact], *, lang: str = "zh") -> list[str]:
    """How many composites are touched in each cycle, the latest first, and in that one whose they are and why."""
    cycles = by_cycle(impacts)
    if not cycles:
        return ["没有任何得分、名次、等级或规则改变。" if lang == "zh" else "No score, rank, grade or rule changes."]
    (latest, found), *others = reversed(cycles.items())
    told = (counted(one, period, lang) for period, one in others)
    return [counted(found, latest, lang), *_regions(found, latest, lang), *told]


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


def ordered(rows: pl.DataFrame) -> pl.DataFrame:
    """Composites that are touched: whose grade is another one first, then the most moved."""
    grade = pl.col("grade_before").ne_missing(pl.col("grade_after"))
    return rows.sort(grade, pl.col("change").abs(), "region", descending=[True, True, False], nulls_last=True)


def grade_names(definitions: Definitions, lang: str) -> dict[str, str]:
    """What the grades of a file are called, by code, from best to worst."""
    return {grade.code: grade.name.text(lang) for grade in definitions.grades}


def rule_names(definitions: Definitions, lang: str) -> dict[str, str]:
    """What the rules of a file are called, by code."""
    return {rule.code: rule.name.text(lang) if rule.name else rule.code for rule in definitions.rules}


def _regions(found: Impact, period: str, lang: str) -> list[str]:
    """A line for each of the composites that are touched, as far as anyone will read."""
    rows = ordered(found.composites.filter(pl.col("period") == period))
    names = {
        code: name
        for card in (found.before, found.after)
        for code, name in card.regions.select("code", f"name_{lang}").iter_rows()
    }
    reasons = named(found.reasons(period), found.before, found.after, lang=lang)
    told, limit = _Told(found, lang), _limit(found, lang)
    colon, stop = ("：", "；") if lang == "zh" else (": ", "; ")
    lines = [
        f"  {names[row['region']]}{colon}{stop.join([*told.steps(row), *_why(reasons, row['region'], limit)])}"
        for row in rows.head(REGIONS).iter_rows(named=True)
    ]
    rest = rows.height - REGIONS
    further = f"  另有 {rest} 个地区，变化较小" if lang == "zh" else f"  and {rest} regions more that change less"
    return [*lines, further] if rest > 0 else lines


class _Told:
    """What of a region is another one than before, each side in the words of its own file."""

    def __init__(self, found: Impact, lang: str) -> None:
        self.lang = lang
        self.sides = {"before": found.before.definitions, "after": found.after.definitions}
        self.grades = {side: grade_names(file, lang) for side, file in self.sides.items()}
        self.rules = {side: rule_names(file, lang) for side, file in self.sides.items()}

    def steps(self, row: Mapping[str, Any]) -> list[str]:
        """What changes: score, rank, grade, rules, each before → after."""
        return [
            f"{words[self.lang != 'zh']} {self._text(name, row, 'before')} → {self._text(name, row, 'after')}"
            for name, words in _WORDS.items()
            if row[f"{name}_before"] != row[f"{name}_after"]
        ]

    def _text(self, name: str, row: Mapping[str, Any], side: str) -> str:
        value = row[f"{name}_{side}"]
        texts: dict[str, Callable[[], str]] = {
            "score": lambda: f"{value:.2f}",
            "rank": lambda: str(value),
            "grade": lambda: self.grades[side][value],
            "rules": lambda: self._quoted(value.split(";"), side),
        }
        return "—" if value is None or value == "" else texts[name]()

    def _quoted(self, codes: list[str], side: str) -> str:
        # A rule's name is a sentence of its own.
        joined = "、" if self.lang == "zh" else ", "
        return joined.join(f"“{self.rules[side][code]}”" for code in codes)


def _why(reasons: pl.DataFrame, region: str, limit: str) -> list[str]:
    """The greatest terms of a region's ledger, without those too small to be seen; `limit` is what holds points."""
    terms = reasons.filter(pl.col("region") == region, pl.col("term").abs() >= _SEEN)
    greatest = terms.sort(pl.col("term").abs(), descending=True, maintain_order=True).head(REASONS)
    return [
        f"{words} {_named(kind, code, name, limit)} {signed(term, 2)}"
        for kind, words, code, name, term in greatest.select("kind", "kind_name", "code", "name", "term").iter_rows()
    ]


def _named(kind: str, code: str | None, name: str, limit: str) -> str:
    """What a term belongs to. A rule's name is a sentence of its own; points that no rule has are the limit's."""
    if kind != "rules":
        return name
    return limit if code is None else f"“{name}”"


def _limit(found: Impact, lang: str) -> str:
    """What holds the points of rules: the cap of bonuses where that is another one, else the ends of the scale."""
    capped = found.before.definitions.bonus_cap != found.after.definitions.bonus_cap
    words = ("加分上限", "the cap of bonuses") if capped else ("得分界限 0–100", "the bounds 0–100")
    return words[lang != "zh"]
