"""What a region's indicators lack: a value, a score, or a value of their own; how many, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from metrics.flags import label
from metrics.report.sentences import joined, listed, scored_as
from metrics.scorecard import Scorecard
from metrics.shown import pick
from metrics.syntax import codes_of
from metrics.terms import term

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Lacking:
    """A region's indicators in a cycle: without a value, with a value but no score, scored by an imputed value.

    `count`: how many the tree has; what lies outside it lacks nothing that counts.
    """

    count: int
    missing: pl.DataFrame
    unscored: pl.DataFrame
    imputed: pl.DataFrame


def lacking(rows: pl.DataFrame) -> Lacking:
    """What the indicators among a region's rows of a cycle lack."""
    own = rows.filter(pl.col("level") == "indicator", pl.col("parent").is_not_null())
    none, unscored = pl.col("value").is_null(), pl.col("score").is_null()
    return Lacking(own.height, own.filter(none & unscored), own.filter(~none & unscored), own.filter(none & ~unscored))


def scored_words(found: Lacking, lang: str) -> str:
    """How many have a score."""
    known, filled = found.count - found.missing.height - found.unscored.height, found.imputed.height
    told = pick(lang, f"{found.count} 项指标中 {known} 项有得分", f"{known} of {found.count} indicators have a score")
    more = pick(lang, f"其中插补 {filled} 项", f"{filled} of them imputed")
    return joined((told, more), lang) if filled else told


def lacking_words(found: Lacking, lang: str) -> str:
    """How many lack what; nothing where none lacks anything."""
    each = (
        (found.missing.height, "没有数值", "no value"),
        (found.unscored.height, "有数值而没有得分", "a value but no score"),
        (found.imputed.height, "没有数值、按插补值计分", "no value and {} scored by an imputed one"),
    )
    told = [
        pick(lang, f"{n} 项指标{zh}", f"{n} indicator{' has' if n == 1 else 's have'} {en}").replace(
            "{}", "is" if n == 1 else "are"
        )
        for n, zh, en in each
        if n
    ]
    return joined(told, lang)


def rule_words(lang: str) -> str:
    """How what is missing is counted."""
    zh = "没有得分的不按零计；“不适用”的不影响覆盖率"
    return pick(lang, zh, "No score is not zero; “not in force” leaves coverage unchanged")


def reason(card: Scorecard, row: Row, lang: str) -> str:
    """Why an indicator lacks what it lacks."""
    if row["value"] is None and row["score"] is not None:
        how = term("missing", card.definitions.missing(row["code"]).method, lang)
        return joined((how, scored_as(row, card.definitions.unit_of(row["code"]), lang)), lang)
    told = [_flag(card, row, flag, lang) for flag in row["flags"].split(";") if flag]
    unsaid = pick(lang, "未报", "not reported") if row["value"] is None else pick(lang, "没有得分", "no score")
    return pick(lang, "；", "; ").join(told) or unsaid


def _flag(card: Scorecard, row: Row, flag: str, lang: str) -> str:
    """A flag in words; of a division by zero also what is zero."""
    told, formula = label(flag, lang), card.definitions.indicators[row["code"]].formula
    if flag != "zero_division":
        return told
    at = card.row_of(row["region"], row["period"])
    zero = [
        code for code in dict.fromkeys(each.name for each in codes_of(formula.tree)) if card.known[code].value[at] == 0
    ]
    names = listed([card.definitions.name_of(code, lang) for code in zero], lang)
    return told + pick(lang, f"（{names}为 0）", f" ({names}: 0)") if zero else told
