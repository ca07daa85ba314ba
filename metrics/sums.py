"""Sums that come out the same to the last digit, in whatever order their terms are added."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw

# Smaller and larger values than these have no room for units below them, or for sums above them.
_LEAST, _MOST = 1e-250, 1e250


def in_parts(frame: nw.LazyFrame[Any], columns: Sequence[str], key: Sequence[str]) -> nw.LazyFrame[Any]:
    """Each column's values as `{column} high` + `{column} low`, whose sums over the key's groups are never rounded.

    Engines add in an order of their own, and rounding makes the sum depend on it. Multiples of a unit so large that
    even their sum has no digit below it have an exact sum; so have, of a smaller unit, the rests: Demmel & Nguyen
    (2013), Fast reproducible floating-point summation, ARITH 21. Groups of up to 2^20 values keep all but the last
    digit of their sum.
    """
    count = nw.len().over([*key])
    frame = frame.with_columns(_power_of_two(count).alias("_count"))
    for name in columns:
        value, top = nw.col(name), nw.col("_top")
        frame = frame.with_columns(value.abs().max().over([*key]).alias("_top"))
        usual = (top > _LEAST) & (top < _MOST)
        unit = nw.when(usual).then(_power_of_two(top) * nw.col("_count") * 2.0**-51)
        frame = frame.with_columns(unit.alias("_unit"))
        high = _multiple(value, nw.col("_unit"), otherwise=value)
        frame = frame.with_columns(high.alias(f"{name} high"))
        rest = value - nw.col(f"{name} high")
        low = _multiple(rest, nw.col("_unit") * nw.col("_count") * 2.0**-52, otherwise=nw.lit(0.0))
        frame = frame.with_columns(low.alias(f"{name} low"))
    return frame


def sums(name: str, *, exact: bool = True) -> tuple[nw.Expr, ...]:
    """The sums of a column's parts within groups; `total` puts them together. Not exact: of the column as it is."""
    if not exact:
        return (nw.col(name).sum().alias(f"{name} high"),)
    return nw.col(f"{name} high").sum(), nw.col(f"{name} low").sum()


def total(name: str, *, exact: bool = True) -> nw.Expr:
    """The sum of a column whose parts have been summed."""
    return nw.col(f"{name} high") + nw.col(f"{name} low") if exact else nw.col(f"{name} high")


def _power_of_two(x: nw.Expr) -> nw.Expr:
    """The least power of two that is not clearly below x."""
    exponent = x.log(2.0).ceil()
    return nw.lit(2.0) ** exponent


def _multiple(x: nw.Expr, unit: nw.Expr, *, otherwise: nw.Expr) -> nw.Expr:
    """x rounded to a multiple of the unit, where there is one."""
    return nw.when(~unit.is_null()).then((x / unit).round(0) * unit).otherwise(otherwise)
