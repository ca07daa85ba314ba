"""Sums that one engine gives the same to the last digit, in whatever order their terms are added.

Engines add in an order of their own, and rounding makes the sum depend on it. Multiples of a power of two have an exact
sum while it comes to no more than 2^53 of them. So terms are cut at powers of two, the same for all whatever they are,
and the parts added apart: Demmel & Nguyen (2013), Fast reproducible floating-point summation, ARITH 21. Of up to a
million terms only their sum's last digit is rounded; another engine, which rounds what lies between two cuts otherwise,
may give another last digit. That holds while all values of a column, but for 0, lie between 1e-60 and 1e60: beyond,
there are not cuts enough, and what is left of a term is added as the engine does.
"""

import math
import operator
from collections.abc import Mapping
from functools import reduce
from itertools import pairwise
from typing import Any

import narwhals as nw
import polars as pl

# The exponents of two at which terms are cut, from the greatest on; without any, terms are added as they are.
Grid = tuple[int, ...]
# Half of 2^34, a million times, is less than 2^53. A number has 53 binary digits.
_APART, _DIGITS = 34, 53
# From 2^1000 on there is no room for sums. Quotients have room for so many parts, and for cuts down to 2^-1020.
_MOST, _PARTS, _LEAST = 1000, 28, -1020


def extent(name: str) -> tuple[nw.Expr, nw.Expr]:
    """The least magnitude of a column's values, but for 0, and the greatest: by these its grid is made."""
    size = nw.col(name).abs()
    return nw.when(size > 0.0).then(size).min().alias("least"), size.max().alias("greatest")


def grid_of(extremes: pl.DataFrame) -> Grid:
    """The grid of values of this `extent`, down to the last digit of the least."""
    least, greatest = extremes.row(0)
    if not least or not math.isfinite(greatest):
        return ()
    return _grid(math.frexp(least)[1] - _DIGITS, math.frexp(greatest)[1])


def grid_in(frame: pl.DataFrame, name: str) -> Grid:
    """The grid of a column's values."""
    return grid_of(nw.from_native(frame).select(*extent(name)).to_native())


def of_products(grid: Grid) -> Grid:
    """The grid of the products of two values of this one."""
    return _grid(2 * grid[-1], 2 * (grid[0] + _APART - 1)) if grid else ()


def _grid(lowest: int, highest: int) -> Grid:
    """Cuts for multiples of 2^lowest below 2^highest."""
    if highest > _MOST:
        return ()
    first, last = -((_APART - 1 - highest) // _APART), max(lowest, _LEAST - _APART) // _APART
    return tuple(step * _APART for step in range(first, last - 1, -1))[:_PARTS]


def in_parts(frame: nw.LazyFrame[Any], columns: Mapping[str, Grid]) -> nw.LazyFrame[Any]:
    """Each column's values cut by its grid, if any, into `{column} 0`, `{column} 1`, …"""
    made: list[nw.Expr] = []
    for name, grid in columns.items():
        if not grid:
            continue
        whole = nw.col(name)
        # None is made of another: databases write one into the other, twice each.
        rounded = [*(_multiple(whole, exponent) for exponent in grid[:-1]), whole]
        parts = [rounded[0], *(finer - coarser for coarser, finer in pairwise(rounded))]
        made += [part.alias(alias) for part, alias in zip(parts, _parts(name, grid), strict=True)]
    return frame.with_columns(*made) if made else frame


def sums(name: str, grid: Grid) -> list[nw.Expr]:
    """The sums of a column's parts within groups; `total` puts them together."""
    return [nw.col(part if grid else name).sum().alias(part) for part in _parts(name, grid)]


def total(name: str, grid: Grid) -> nw.Expr:
    """The sum of a column of whose parts there are sums."""
    # From the greatest on: while they cancel out nothing is rounded, and afterwards nothing cancels out.
    return reduce(operator.add, map(nw.col, _parts(name, grid)))


def _parts(name: str, grid: Grid) -> list[str]:
    return [f"{name} {at}" for at in range(max(len(grid), 1))]


def _multiple(x: nw.Expr, exponent: int) -> nw.Expr:
    """x rounded to a multiple of a power of two."""
    unit = 2.0**exponent
    return (x / unit).round(0) * unit
