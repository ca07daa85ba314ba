"""Alerts: what a scorecard, what is due and how good the facts are give somebody to know, by declared rules."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from metrics.alert_file import Alerts, LateReport, OffPace, OverLimit, QualityDrop
from metrics.periods import PeriodError
from metrics.problems import InputError, Problem, nearest
from metrics.scorecard import Scorecard
from metrics.targets import attainment, goals_of, later_cycles

KINDS = ("over_limit", "off_pace", "late_report", "quality_drop")


@dataclass(frozen=True)
class Alert:
    """Something that a rule found: which region, about which indicator or rule ('': none), in which cycle, and what its
    sentence needs."""

    rule: str
    kind: str
    region: str
    code: str
    cycle: str
    tell: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def key(self) -> str:
        """What makes it the same alert: not the number, which may move, but what it is about."""
        return "|".join((self.rule, self.region, self.code, self.cycle))


@dataclass(frozen=True)
class Frames:
    """What is looked at beside the scorecard, where a rule asks for it.

    `due`: a row a region with late, due; `quality` and `before`: a row a region (code) with grade and decided, of the
    cycle and of the one before; `grades`: the grades of quality, the best first.
    """

    due: pl.DataFrame | None = None
    quality: pl.DataFrame | None = None
    before: pl.DataFrame | None = None
    grades: Sequence[str] = ()


def alerts(rules: Alerts, card: Scorecard, cycle: str, frames: Frames) -> list[Alert]:
    """Every alert of a cycle, in the order of the rules, then by region and code; compared regions only.

    Raises InputError for a rule that could never find anything: about what is no indicator of the definitions, about
    the pace of one without a target, or by what is no cycle.
    """
    compared = set(card.regions.filter("compared")["code"])
    return [
        Alert(rule.code, rule.kind, region, code, cycle, rule.tell, facts)
        for rule in rules.rules
        for region, code, facts in sorted(_of_rule(rule, card, cycle, frames), key=lambda one: one[:2])
        if region in compared
    ]


def refuse_unknown(rules: Alerts, card: Scorecard) -> None:
    """Raises InputError for rules about an indicator that the definitions have not, of the pace of one without a
    target, or by what is no cycle."""
    known, goals = card.definitions.indicators, goals_of(card.definitions)
    paces = [rule for rule in rules.rules if isinstance(rule, OffPace)]
    paced = [(rule.code, code) for rule in paces for code in rule.indicators]
    named = paced + [(one.code, one.indicator) for one in rules.rules if isinstance(one, OverLimit) and one.indicator]
    wrong = [("not_alerted_of", rule, code) for rule, code in named if code not in known]
    wrong += [("no_target_to_reach", rule, code) for rule, code in paced if code in known and code not in goals]
    wrong += [("by_no_cycle", rule.code, rule.by) for rule in paces if rule.by and _ordinal(card, rule.by) is None]
    if wrong:
        raise InputError(
            Problem(code, rule, facts={"rule": rule, "value": value, **_instead(code, value, card)})
            for code, rule, value in wrong
        )


def _instead(code: str, value: str, card: Scorecard) -> dict[str, str]:
    """What is likely meant."""
    if code == "not_alerted_of":
        return {"near": nearest(value, card.definitions.indicators) or ""}
    return {"cycle": card.periods[-1]} if code == "by_no_cycle" else {}


def _ordinal(card: Scorecard, cycle: str) -> int | None:
    try:
        return card.rows.calendar.named(cycle)
    except PeriodError:
        return None


Found = Iterator[tuple[str, str, dict[str, Any]]]


def _of_rule(rule: Any, card: Scorecard, cycle: str, frames: Frames) -> Found:
    match rule:
        case OverLimit(indicator=None):
            yield from _rules_met(card, cycle)
        case OverLimit():
            yield from _over(rule, card, cycle)
        case OffPace():
            yield from _off_pace(rule, card, cycle)
        case LateReport():
            yield from _late(rule, frames.due)
        case QualityDrop():
            yield from _dropped(rule, frames)


def _rules_met(card: Scorecard, cycle: str) -> Found:
    """The vetoes, gates and penalties that hold."""
    asked = [rule.code for rule in card.definitions.rules if rule.kind != "bonus"]
    rows = card.frame.filter(pl.col("period") == cycle, pl.col("level") == "composite")
    for region, flags in rows.select("region", "flags").iter_rows():
        for code in set(str(flags).split(";")) & set(asked):
            yield region, code, {}


def _over(rule: OverLimit, card: Scorecard, cycle: str) -> Found:
    rows = card.frame.filter(pl.col("period") == cycle, pl.col("code") == rule.indicator).drop_nulls("value")
    side, limit = ("above", rule.above) if rule.above is not None else ("below", rule.below)
    over = pl.col("value") > limit if side == "above" else pl.col("value") < limit
    for region, value in rows.filter(over).select("region", "value").iter_rows():
        yield region, str(rule.indicator), {"value": value, "limit": limit, "side": side}


def _off_pace(rule: OffPace, card: Scorecard, cycle: str) -> Found:
    by = rule.by or later_cycles(card, cycle, 1)[0]
    # Once the cycle is there, nothing can be on the way to it.
    if card.rows.calendar.named(by) <= card.rows.calendar.named(cycle):
        return
    rows = attainment(card, cycle, due=by).filter(~pl.col("attained"), ~pl.col("on_track"))
    if rule.indicators:
        rows = rows.filter(pl.col("code").is_in(rule.indicators))
    for row in rows.iter_rows(named=True):
        facts = {name: row[name] for name in ("value", "target", "pace", "needed")}
        yield row["region"], row["code"], {**facts, "by": by}


def _late(rule: LateReport, due: pl.DataFrame | None) -> Found:
    rows = pl.DataFrame() if due is None else due.filter(pl.col("late") >= rule.least)
    for row in rows.iter_rows(named=True):
        yield row["region"], "", {"late": row["late"], "due": row["due"]}


def _dropped(rule: QualityDrop, frames: Frames) -> Found:
    if frames.quality is None or frames.before is None:
        return
    places = {grade: at for at, grade in enumerate(frames.grades)}
    then = dict(frames.before.select("code", "grade").drop_nulls().iter_rows())
    for row in frames.quality.drop_nulls("grade").iter_rows(named=True):
        was = then.get(row["code"])
        if was is not None and places[row["grade"]] - places[was] >= rule.steps:
            yield row["code"], "", {"before": was, "now": row["grade"], "decided": row["decided"]}
