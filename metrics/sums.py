"""Sums that come out the same to the last digit, in whatever order their terms are added.

Engines add in an order of their own, and rounding makes the sum depend on it. Multiples of a power of two have an exact
sum while it comes to no more than 2^53 of them. So terms are cut at powers of two, the same for all whatever they are,
and the parts added apart: Demmel & Nguyen (2013), Fast reproducible floating-point summation, ARITH 21. Of up to 2^20
terms only their sum's last digit is rounded.
"""

import math
import operator
from collections.abc import Mapping
from functools import reduce
from typing import Any

import narwhals as nw
import polars as pl

# The exponents of two at which terms are cut, from the greatest on; without any, terms are added as they are.
Grid = tuple[int, ...]
# Half of 2^34, 2^20 times, is 2^53. A number has 53 binary digits.
_APART, _DIGITS = 34, 53
# Below 2^-1020 nothing is cut, since engines divide by way of inverses; from 2^1000 on there is no room for sums.
_LEAST, _MOST = -1054, 1000


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
    first, last = -((_APART - 1 - highest) // _APART), lowest // _APART
    return tuple(step * _APART for step in range(first, last - 1, -1) if step * _APART >= _LEAST)


def in_parts(frame: nw.LazyFrame[Any], columns: Mapping[str, Grid]) -> nw.LazyFrame[Any]:
    """Each column's values cut by its grid, into `{column} 0`, `{column} 1`, …"""
    frame = frame.with_columns(nw.col(name).alias(f"{name} 0") for name in columns)
    for at in range(max(map(len, columns.values())) - 1):
        cut: list[nw.Expr] = []
        for name, grid in columns.items():
            if at < len(grid) - 1:
                rest = nw.col(f"{name} {at}")
                part = _multiple(rest, grid[at])
                cut += [part.alias(f"{name} {at}"), (rest - part).alias(f"{name} {at + 1}")]
        frame = frame.with_columns(*cut)
    return frame


def sums(name: str, grid: Grid) -> list[nw.Expr]:
    """The sums of a column's parts within groups; `with_totals` puts them together."""
    return [nw.col(part).sum() for part in _parts(name, grid)]


def with_totals(frame: nw.LazyFrame[Any], totals: Mapping[str, tuple[str, Grid]]) -> nw.LazyFrame[Any]:
    """Columns of sums (total → column and its grid), where there are sums of its parts."""
    for at in range(max(len(grid) for _, grid in totals.values()) - 1, 0, -1):
        carried: list[nw.Expr] = []
        for name, grid in totals.values():
            if at < len(grid):
                # What a sum has of the unit above goes there: then it has one form, however it came about.
                above, own = (nw.col(f"{name} {place}") for place in (at - 1, at))
                more = _multiple(own, grid[at - 1])
                carried += [(above + more).alias(f"{name} {at - 1}"), (own - more).alias(f"{name} {at}")]
        frame = frame.with_columns(*carried)
    every = {total: map(nw.col, reversed(_parts(*of))) for total, of in totals.items()}
    return frame.with_columns(**{total: reduce(operator.add, parts) for total, parts in every.items()})


def _parts(name: str, grid: Grid) -> list[str]:
    return [f"{name} {at}" for at in range(max(len(grid), 1))]


def _multiple(x: nw.Expr, exponent: int) -> nw.Expr:
    """x rounded to a multiple of a power of two."""
    unit = 2.0**exponent
    return (x / unit).round(0) * unit
