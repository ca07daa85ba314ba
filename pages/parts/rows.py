"""Rows of the scorecard as pages need them: chosen, named, with what changed beside them."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from metrics.adjustments import AdjustmentRule
from metrics.flags import SURVEYED, label
from metrics.models import Rule
from metrics.shown import added
from pages.parts.filters import Choice
from pages.parts.formats import quantity
from pages.parts.i18n import language, t
from pages.parts.review_acts import note
from pages.parts.shell import Screen

# Beside a value that is to be taken with care.
_MARK = "※"


def rows_of(screen: Screen, choice: Choice, *codes: str, every_cycle: bool = False) -> pl.DataFrame:
    """The members' rows of these nodes (all where none is named) in the cycle: `Screen.rows` with `name`."""
    wanted = pl.col("region").is_in(choice.members)
    if codes:
        wanted &= pl.col("code").is_in(codes)
    if not every_cycle:
        wanted &= pl.col("period") == choice.cycle
    return _named(screen, screen.rows.filter(wanted))


def of_region(screen: Screen, region: str, *, cycle: str = "") -> pl.DataFrame:
    """One region's rows of a cycle (of every cycle where none is named), likewise."""
    wanted = pl.col("region") == region
    return _named(screen, screen.rows.filter(wanted & (pl.col("period") == cycle) if cycle else wanted))


def _named(screen: Screen, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(name=pl.col("region").replace_strict(screen.names(), return_dtype=pl.String))


def rules_met(screen: Screen, choice: Choice) -> list[dict[str, Any]]:
    """Which rule was applied to whom in the cycle: region, name, rule, kind, points, words."""
    rules = {rule.code: rule for rule in screen.definitions.rules}
    rows = rows_of(screen, choice, screen.definitions.index.code).select("region", "name", "flags")
    return [
        {
            "region": region,
            "name": name,
            "rule": flag,
            "kind": rules[flag].kind,
            "points": rules[flag].points,
            "words": _called(rules[flag]),
        }
        for region, name, flags in rows.iter_rows()
        for flag in flags.split(";")
        if flag in rules
    ]


def rules_of(screen: Screen, flags: str) -> list[str]:
    """The rules among a row's flags, in words."""
    rules = {rule.code: rule for rule in screen.definitions.rules}
    return [_called(rules[flag]) for flag in flags.split(";") if flag in rules]


def value_cell(row: dict[str, Any], unit: str) -> str:
    """An indicator's value with its unit, and a mark where few answered or the interval is wide: what `unsure` tells
    below the table."""
    return quantity(row["value"], unit) + (f" {_MARK}" if _unsure(row["flags"]) else "")


def unsure(rows: Iterable[dict[str, Any]], name: str) -> None:
    """Says which values of surveys are to be taken with care, and why; `name`: the rows' column that names each."""
    told = [(one[name], label(flag, language())) for one in rows for flag in _unsure(one["flags"])]
    if told:
        note(f"{_MARK} " + t("；").join(t("{name}：{why}", name=one, why=why) for one, why in told))


def _unsure(flags: str) -> list[str]:
    return [flag for flag in flags.split(";") if flag in SURVEYED]


def _called(rule: Rule) -> str:
    """A rule's name; of an adjustment its points too, which its name does not tell."""
    name = rule.name.text(language()) if rule.name else rule.code
    if isinstance(rule, AdjustmentRule):
        return t("{name}（{points} 分）", name=name, points=added(rule.adjustment.points))
    return name


def spotlight(screen: Screen, choice: Choice, code: str = "") -> tuple[str, ...]:
    """The chosen regions; where none is, the best and the last at this node (the composite where none is named).

    Where nobody has a score there, the first two.
    """
    if choice.regions:
        return choice.regions
    rows = rows_of(screen, choice, code or screen.definitions.index.code).drop_nulls("score")
    ordered = rows.sort("score", "region", descending=[True, False])["region"]
    return tuple(dict.fromkeys([*ordered.head(1), *ordered.tail(1)])) or choice.members[:2]
