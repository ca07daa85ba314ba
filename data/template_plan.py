"""What a region is to fill in for a period: blocks of variables by field and by how often they are reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from metrics.definitions import Definitions
from metrics.periods import MONTHS, CycleKind, Cycles, PeriodError, parse
from metrics.problems import InputError, Problem
from metrics.terms import DOMAINS

By = Literal["as_before", "year", "half", "quarter", "month"]
KINDS: tuple[CycleKind, ...] = ("month", "quarter", "half", "year")
# The hidden sheet by which a filled-in workbook is known, and the version of what stands in it.
HIDDEN, VERSION = "_quheng", "2"
# What the sheet that lists the variables is called in zh and en.
ABOUT = ("变量说明", "Variables")
# What stands in the form's first columns, and in which row (from 0) their heads.
COLUMNS = ("number", "variable", "unit", "site", "previous", "status")
HEAD = 3
ORDER = ("whole", "half", "quarter", "month")
OTHER = ("其他", "Other")


@dataclass(frozen=True)
class Line:
    """A variable, of the region or of one site of it, and what was reported for the period before."""

    variable: str
    site: str
    before: float | None


@dataclass(frozen=True)
class Block:
    """Lines of one field (its title in zh and en) with the same periods, months or the whole period, say (`kind`);
    `previous` is the period before the first."""

    kind: str
    title: tuple[str, str]
    periods: tuple[str, ...]
    previous: str
    lines: tuple[Line, ...]


def plan(
    definitions: Definitions, facts: pl.DataFrame, *, region: str, period: str, by: By = "as_before"
) -> tuple[Block, ...]:
    """The blocks in the order of the definitions; `facts`: what was reported before, by which sites and how often.

    Raises InputError for a period that is none.
    """
    try:
        whole = parse(period, fiscal_year_starts=definitions.fiscal_year_starts)
    except PeriodError as error:
        raise InputError([Problem(error.code, path="--period", facts={"value": period})]) from error
    own = facts.filter(pl.col("region") == region)
    kinds = {code: _kind(code, own, facts, definitions, by) for code in definitions.raw}
    groups: dict[tuple[tuple[str, str], CycleKind | None], list[str]] = {}
    for code in definitions.raw:
        kind = kinds[code] if MONTHS[kinds[code]] < whole.months else None
        groups.setdefault((DOMAINS.get(definitions.variables[code].domain or "", OTHER), kind), []).append(code)
    blocks = []
    for (title, kind), codes in groups.items():
        periods, previous = _periods(period, kind, definitions)
        lines = [line for code in codes for line in _lines(code, own, previous)]
        blocks.append(Block(kind or "whole", title, periods, previous, tuple(lines)))
    return tuple(sorted(blocks, key=lambda block: ORDER.index(block.kind)))


def _kind(code: str, own: pl.DataFrame, facts: pl.DataFrame, definitions: Definitions, by: By) -> CycleKind:
    """How often a variable is reported: as was said, else as the region did before, else as anybody did."""
    if by != "as_before":
        return by
    for frame in (own, facts):
        found = frame.filter(pl.col("variable") == code)["period"].unique().to_list()
        kinds = {parse(text, fiscal_year_starts=definitions.fiscal_year_starts).kind for text in found}
        if kinds:
            return next((kind for kind in KINDS if kind in kinds), "year")
    return "year"


def _periods(period: str, kind: CycleKind | None, definitions: Definitions) -> tuple[tuple[str, ...], str]:
    """The periods of a kind within one (None: that one alone), and the one before the first."""
    starts = definitions.fiscal_year_starts
    whole = parse(period, fiscal_year_starts=starts)
    own = next((one for one in KINDS if MONTHS[one] == whole.months), None)
    calendar = Cycles(kind or own or "year", starts)
    if kind is None:
        return (period,), "" if own is None else calendar.name(calendar.ordinal(whole.first) - 1)
    first, last = calendar.ordinal(whole.first), calendar.ordinal(whole.last)
    return tuple(calendar.name(at) for at in range(first, last + 1)), calendar.name(first - 1)


def _lines(code: str, own: pl.DataFrame, previous: str) -> Sequence[Line]:
    """One line of the region, or one for each site that reported the variable before."""
    reported = own.filter(pl.col("variable") == code)
    sites = reported["site"].drop_nulls().unique().sort().to_list() or [""]
    before = dict(
        reported.filter(pl.col("period") == previous).select(pl.col("site").fill_null(""), "value").iter_rows()
    )
    return [Line(code, site, before.get(site)) for site in sites]
