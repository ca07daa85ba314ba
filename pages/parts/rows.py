"""Rows of the scorecard as pages need them: chosen, named, with what changed beside them."""

from typing import Any

import polars as pl

from pages.parts.filters import Choice
from pages.parts.i18n import language
from pages.parts.shell import Screen


def rows_of(screen: Screen, choice: Choice, *codes: str, every_cycle: bool = False) -> pl.DataFrame:
    """The members' rows of these nodes (all where none is named) in the cycle, with `name` and the changes."""
    wanted = pl.col("region").is_in(choice.members)
    if codes:
        wanted &= pl.col("code").is_in(codes)
    if not every_cycle:
        wanted &= pl.col("period") == choice.cycle
    found = screen.card.frame.filter(wanted)
    changes = screen.card.changes.join(found, on=["period", "region", "code"], how="semi")
    names = pl.col("region").replace_strict(screen.names(), return_dtype=pl.String)
    return found.join(changes, on=["period", "region", "code"], how="left", maintain_order="left").with_columns(
        name=names
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
