"""Rows of the scorecard as pages need them: chosen, named, with what changed beside them."""

from typing import Any

import polars as pl

from pages.parts.filters import Choice
from pages.parts.i18n import language
from pages.parts.shell import Screen


def rows_of(screen: Screen, choice: Choice, *codes: str, every_cycle: bool = False) -> pl.DataFrame:
    """The members' rows of these nodes (all where none is named) in the cycle; `named` says with what."""
    wanted = pl.col("region").is_in(choice.members)
    if codes:
        wanted &= pl.col("code").is_in(codes)
    if not every_cycle:
        wanted &= pl.col("period") == choice.cycle
    return named(screen, screen.card.frame.filter(wanted))


def of_region(screen: Screen, region: str, *, cycle: str = "") -> pl.DataFrame:
    """One region's rows of a cycle (of every cycle where none is named); `named` says with what."""
    wanted = pl.col("region") == region
    return named(screen, screen.card.frame.filter(wanted & (pl.col("period") == cycle) if cycle else wanted))


def named(screen: Screen, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the scorecard with the region's `name`, the changes, and what stands beside them in their group."""
    key = ["period", "region", "code"]
    changes = screen.card.changes.join(rows, on=key, how="semi")
    beside = screen.beside.join(rows, on=key, how="semi")
    names = pl.col("region").replace_strict(screen.names(), return_dtype=pl.String)
    return (
        rows.join(changes, on=key, how="left", maintain_order="left")
        .join(beside, on=key, how="left", maintain_order="left")
        .with_columns(name=names)
    )


def rules_met(screen: Screen, choice: Choice) -> list[dict[str, Any]]:
    """Which rule was applied to whom in the cycle: region, name, rule, kind, words."""
    rules = {rule.code: rule for rule in screen.definitions.rules}
    rows = rows_of(screen, choice, screen.definitions.index.code).select("region", "name", "flags")
    return [
        {
            "region": region,
            "name": name,
            "rule": flag,
            "kind": rules[flag].kind,
            "words": rules[flag].name.text(language()) if rules[flag].name else flag,
        }
        for region, name, flags in rows.iter_rows()
        for flag in flags.split(";")
        if flag in rules
    ]


def rules_of(screen: Screen, flags: str) -> list[str]:
    """The rules among a row's flags, in words."""
    rules = {rule.code: rule for rule in screen.definitions.rules}
    found = [rules[flag] for flag in flags.split(";") if flag in rules]
    return [rule.name.text(language()) if rule.name else rule.code for rule in found]


def spotlight(screen: Screen, choice: Choice, code: str = "") -> tuple[str, ...]:
    """The chosen regions; where none is, the best and the last at this node (the composite where none is named)."""
    if choice.regions:
        return choice.regions
    rows = rows_of(screen, choice, code or screen.definitions.index.code).drop_nulls("score")
    ordered = rows.sort("score", "region", descending=[True, False])["region"]
    return tuple(dict.fromkeys([*ordered.head(1), *ordered.tail(1)]))
