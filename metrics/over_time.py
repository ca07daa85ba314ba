"""Over time: facts of periods become one value per region, site and variable in each cycle, on any engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from metrics.sums import Grid, in_parts, sums, total

SERIES = ("region", "site", "variable", "cycle")


@dataclass(frozen=True)
class Shortcuts:
    """What need not be worked out, since it is known of the facts or not asked for, and what is told beside.

    `one_kind`: no series has periods of two kinds in a cycle. `reductions`: those of `over_time` that variables have.
    `positions`: the most periods that make a cycle, where `suspect` is to tell of a series with two facts for one
    period, or an infinite one.
    """

    one_kind: bool = False
    reductions: frozenset[str] = frozenset(("sum", "mean", "min", "max", "first", "last"))
    positions: int = 0


WHOLE = Shortcuts()
# One number for a cycle and a precedence in it is grouped by faster than two.
_SLOTS = 1_000_000
_PLACE = ("cycle", "precedence", "position", "expected")


def over_time(
    facts: nw.LazyFrame[Any],
    calendar: nw.LazyFrame[Any],
    rules: nw.LazyFrame[Any],
    *,
    grid: Grid,
    shortcuts: Shortcuts = WHOLE,
) -> nw.LazyFrame[Any]:
    """Each series' value in each cycle: region, site, variable, cycle, value, partial_period, mixed_periods.

    Of what is reported, facts that cover the cycle go before longer spans, these before the finest kind of shorter
    periods. `grid`: of the facts' values, for sums that are the same in any order (`metrics.sums`). With
    `shortcuts.positions` there is `suspect` too.
    """
    kind = ["region", "site", "variable", "slot"]
    calendar = calendar.with_columns(slot=nw.col("cycle") * _SLOTS + nw.col("precedence"))
    places = calendar.select("slot", "period", *_PLACE, *_bits(shortcuts.positions))
    bits = [f"bits {word}" for word in range(_words(shortcuts.positions))]
    placed = facts.select("region", "site", "period", "variable", "value").join(
        places.select("period", "slot", "position", *bits), on="period"
    )
    placed = _with_ends(placed, kind) if shortcuts.reductions & {"first", "last"} else placed
    parts = in_parts(placed, {"value": grid})
    reductions = [made for name, made in _reductions().items() if name in shortcuts.reductions]
    grouped = parts.group_by(kind).agg(
        *([nw.len().alias("rows")] if shortcuts.positions else []),
        nw.col("value").count().alias("count"),
        *sums("value", grid),
        *(made for each in reductions for made in each),
        *(nw.col(name).sum() for name in bits),
    )
    slots = places.group_by("slot").agg(
        *(nw.col(name).max() for name in ("cycle", "precedence", "expected")),
        nw.len().alias("periods"),
        *(nw.col(name).sum().alias(f"all {name}") for name in bits),
    )
    grouped = grouped.with_columns(sum=total("value", grid)).join(slots, on="slot")
    told = grouped.with_columns(suspect=_suspect(shortcuts.positions)) if shortcuts.positions else grouped
    chosen = told.with_columns(mixed_periods=nw.lit(False)) if shortcuts.one_kind else _first_kind(told, shortcuts)
    return _time_value(chosen.join(rules, on="variable"), shortcuts)


def _with_ends(placed: nw.LazyFrame[Any], kind: Sequence[str]) -> nw.LazyFrame[Any]:
    """The facts with `starts` and `ends`: the first and last position that is reported in the series' cycle."""
    at = nw.when(~nw.col("value").is_null()).then(nw.col("position"))
    return placed.with_columns(at=at).with_columns(
        starts=nw.col("at").min().over([*kind]), ends=nw.col("at").max().over([*kind])
    )


def _reductions() -> dict[str, list[nw.Expr]]:
    """What a series' facts of one kind come to, beside their count and sum."""
    value, at = nw.col("value"), nw.col("at")
    return {
        "min": [value.min().alias("min")],
        "max": [value.max().alias("max")],
        "first": [nw.when(at == nw.col("starts")).then(value).max().alias("first"), nw.col("starts").max()],
        "last": [nw.when(at == nw.col("ends")).then(value).max().alias("last"), nw.col("ends").max()],
    }


def _first_kind(grouped: nw.LazyFrame[Any], shortcuts: Shortcuts) -> nw.LazyFrame[Any]:
    """Of each series in each cycle the kind of periods that counts, and whether others are reported beside it."""
    series = [*SERIES]
    # An empty cell is not reported: it neither goes before what is, nor stands beside it.
    known = nw.when(nw.col("count") > 0).then(nw.col("precedence"))
    ranked = grouped.with_columns(known=known).with_columns(
        best=nw.col("known").min().over(series),
        worst=nw.col("known").max().over(series),
        any=nw.col("precedence").min().over(series),
    )
    if shortcuts.positions:
        ranked = ranked.with_columns(suspect=nw.col("suspect").max().over(series))
    best = ranked.filter(nw.col("precedence") == nw.coalesce("best", "any"))
    return best.with_columns(mixed_periods=(nw.col("worst") != nw.col("best")).fill_null(value=False))


# A double holds sums of so many different powers of two.
_WORD = 50


def _words(positions: int) -> int:
    return -(-positions // _WORD)


def _bits(positions: int) -> list[nw.Expr]:
    """A power of two for each position, in as many columns as are needed."""
    position = nw.col("position")
    return [
        nw.when((position >= word * _WORD) & (position < (word + 1) * _WORD))
        .then(nw.lit(2.0) ** (position - word * _WORD))
        .otherwise(nw.lit(0.0))
        .alias(f"bits {word}")
        for word in range(_words(positions))
    ]


def _suspect(positions: int) -> nw.Expr:
    """Whether the values have no finite sum, or some of the positions are the same.

    Powers of two are all different exactly where their sum n has as many binary ones as there are powers: these are
    n - [n/2] - [n/4] - … (Legendre). Where n outgrows the word more are counted, still fewer than there are powers.
    """
    ones: nw.Expr = nw.lit(0.0)
    # Most series have every period that anybody reports, and once.
    whole = nw.col("rows") == nw.col("periods")
    for word in range(_words(positions)):
        bits = nw.col(f"bits {word}")
        ones, whole = ones + bits, whole & (bits == nw.col(f"all bits {word}"))
        for place in range(1, min(positions - word * _WORD, _WORD) + 1):
            ones = ones - (bits * 0.5**place).floor()
    twice = nw.when(whole).then(nw.lit(False)).otherwise(ones < nw.col("rows"))
    return twice | ~nw.col("sum").is_finite()


def _time_value(grouped: nw.LazyFrame[Any], shortcuts: Shortcuts) -> nw.LazyFrame[Any]:
    """What the rules make of a series; where what is absent means 0, a fact that is empty or not there is a 0."""
    zero, count, expected = nw.col("zero"), nw.col("count"), nw.col("expected")
    short, zeros = count < expected, nw.lit(0.0)
    mean = nw.when(count > 0).then(nw.col("sum") / nw.when(count > 0).then(count))
    reduced = {
        "sum": nw.when(zero | ((count > 0) & (~short | nw.col("partial")))).then(nw.col("sum")),
        "mean": nw.when(zero).then(nw.col("sum") / expected).otherwise(mean),
        "min": nw.when(zero & short).then(nw.min_horizontal("min", zeros)).otherwise(nw.col("min")),
        "max": nw.when(zero & short).then(nw.max_horizontal("max", zeros)).otherwise(nw.col("max")),
        "first": nw.when(zero & (nw.col("starts").fill_null(1) > 0)).then(zeros).otherwise(nw.col("first")),
        "last": nw.when(zero & (nw.col("ends").fill_null(-1) < expected - 1)).then(zeros).otherwise(nw.col("last")),
    }
    refused = (nw.col("over_time") == "sum") & (count > 0) & short & ~nw.col("partial") & ~zero
    chosen = by_name("over_time", {name: made for name, made in reduced.items() if name in shortcuts.reductions})
    suspect = ["suspect"] if shortcuts.positions else []
    return grouped.select(
        *SERIES, chosen.alias("value"), refused.alias("partial_period"), nw.col("mixed_periods"), *suspect
    )


def by_name(column: str, choices: dict[str, nw.Expr]) -> nw.Expr:
    """The choice that a column names; nothing where it names none."""
    (name, first), *others = choices.items()
    chosen: nw.Expr = nw.when(nw.col(column) == name).then(first)
    for name, choice in others:
        chosen = nw.when(nw.col(column) == name).then(choice).otherwise(chosen)
    return chosen
