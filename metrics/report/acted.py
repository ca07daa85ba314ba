"""Rules that acted on a composite: which, what they took or gave, and why there is no score."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from metrics.cut import Cut
from metrics.flags import FLAGS, label
from metrics.manual.outcomes import cap_words, rule_name
from metrics.manual.words import Words
from metrics.models import Rule
from metrics.rules import apply_rules, points_of
from metrics.scorecard import Scorecard
from metrics.shown import points

Row = Mapping[str, Any]
# Each region's grade of each cycle as it was before the vetoes, by cycle and region.
Before = Mapping[tuple[str, str], str | None]


def met(words: Words, row: Row) -> list[Rule]:
    """The rules whose condition is met."""
    flags = row["flags"].split(";")
    return [rule for rule in words.file.rules if rule.code in flags]


def why_none(words: Words, row: Row) -> str:
    """Why a composite has no score: the gates that are met, else its flags."""
    gates = [rule_name(words, rule) for rule in met(words, row) if rule.kind == "gate"]
    if gates:
        return words.pick("门槛：", "gate: ") + words.pick("、", ", ").join(gates)
    return words.pick("；", "; ").join(label(flag, words.lang) for flag in row["flags"].split(";") if flag in FLAGS)


def before_vetoes(card: Scorecard) -> Before:
    """The grades that the scores have of their own; none where nothing could take one."""
    if isinstance(card, Cut):
        return card.found.unvetoed
    file = card.definitions
    if all(rule.kind != "veto" for rule in file.rules):
        return {}
    root = card.frame.filter(pl.col("code") == file.index.code)
    breaks = [card.wide[f"score {code}"] for code in file.heading.tie_breaks]
    # The scores have their points already.
    found = apply_rules(replace(file, rules=()), card.rows, root["score"], known={}, tie_breaks=breaks)
    return dict(zip(root.select("period", "region").iter_rows(), found.grade, strict=True))


def lowered(words: Words, rule: Rule, row: Row, before: Before) -> bool:
    """Whether a veto that is met is why the grade is no better."""
    was = before.get((row["period"], row["region"]))
    if rule.kind != "veto" or was is None or row["grade"] != rule.cap:
        return False
    order = [grade.code for grade in words.file.grades]
    return order.index(was) < order.index(str(rule.cap))


def vetoed(words: Words, row: Row, before: Before) -> bool:
    """Whether a veto has lowered the grade."""
    return any(lowered(words, rule, row, before) for rule in met(words, row))


def summed(card: Scorecard, words: Words, row: Row) -> str:
    """What the points come to together, where there are any: the score before them, the cap, the score after."""
    rules = [rule for rule in met(words, row) if rule.kind in ("bonus", "penalty")]
    if not rules or row["score"] is None:
        return ""
    before = card.wide[f"score {words.file.index.code}"][card.row_of(row["region"], row["period"])]
    added, after = points_of(words.file, {rule.code for rule in rules}), row["score"]
    ends = words.pick("（限于 0 至 100 分）", " (held to 0–100)") if abs(before + added - after) > 1e-9 else ""
    zh = f"加减分之前综合得分 {points(before)}，之后 {points(after)}{ends}。"
    en = f"The composite is {points(before)} before points and {points(after)} after{ends}."
    capped = cap_words(words) if any(rule.kind == "bonus" for rule in rules) else ""
    return words.pick("", " ").join(filter(None, (words.pick(zh, en), capped)))
