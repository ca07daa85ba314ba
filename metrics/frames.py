"""Frames: the set of regions and cycles whose statistics a score is measured against."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.cores import over_cores
from metrics.rounding import ROUNDING
from metrics.values import Rows

Matrix = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
TIE = 1e-9
# So many values are ranked at a time: what is made of them on the way stays in a core's cache.
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Frame:
    """The compared regions of the row's own cycle (`cycle`), of all cycles (`all`) or of one (`2020`), within `peers`.

    Statistics are window expressions for rows laid out as `Rows.frame`; absent values never count.
    """

    rows: Rows
    kind: str = "cycle"
    peers: str | None = None

    @cached_property
    def _keys(self) -> list[str]:
        keys = self.rows.keys(self.peers)
        return keys if self.kind == "cycle" else keys[1:]

    @cached_property
    def cycle(self) -> int | None:
        """The one cycle of a frame that is fixed to a period."""
        return None if self.kind in ("cycle", "all") else self.rows.calendar.named(self.kind)

    def members(self, x: pl.Expr) -> pl.Expr:
        """x of those rows that belong to a frame, null elsewhere."""
        counted = None if self.rows.frame["compared"].all() else pl.col("compared")
        if self.cycle is not None:
            fixed = pl.col("cycle") == self.cycle
            counted = fixed if counted is None else counted & fixed
        return x if counted is None else pl.when(counted).then(x)

    def over(self, statistic: pl.Expr) -> pl.Expr:
        """A statistic taken once per frame and given to each row that is measured against it."""
        return statistic.over(self._keys) if self._keys else statistic

    def min(self, x: pl.Expr) -> pl.Expr:
        """The least value of the row's frame."""
        return self.over(self.members(x).min())

    def max(self, x: pl.Expr) -> pl.Expr:
        """The greatest value of the row's frame."""
        return self.over(self.members(x).max())

    def mean(self, x: pl.Expr) -> pl.Expr:
        """The plain mean of the row's frame."""
        return self.over(self.members(x).mean())

    def sd(self, x: pl.Expr) -> pl.Expr:
        """The standard deviation of the row's frame, with n − 1."""
        return self.over(self.members(x).std(ddof=1))

    def count(self, x: pl.Expr) -> pl.Expr:
        """How many values the row's frame holds."""
        return self.over(self.members(x).count())

    def rank(self, x: pl.Expr) -> pl.Expr:
        """1 + the number of values of the row's frame that lie below x; ties share the smallest (`tied_ranks`)."""
        return x.map_batches(self.ranked, return_dtype=pl.Float64)

    def ranked(self, column: pl.Series) -> pl.Series:
        """`rank` of a whole column that stands on the frame's rows."""
        values = column.cast(pl.Float64).to_numpy().reshape(len(self.rows.cycles), self.rows.regions.frame.height)
        ranks = np.full(values.shape, np.nan)
        for group in self._groups():
            ranks[:, group] = self._ranked_group(values[:, group], self._compared[group])
        return pl.Series(column.name, ranks.ravel()).fill_nan(None)

    def _ranked_group(self, values: Matrix, compared: npt.NDArray[np.bool_]) -> Matrix:
        member = np.where(compared, values, np.nan)
        if self.kind == "cycle":
            ranks = tied_ranks(member)
            return ranks if compared.all() else np.where(compared, ranks, _ranks_among(values, member))
        if self.kind == "all":
            pool = np.broadcast_to(member.reshape(1, -1), (len(values), member.size))
        else:
            place = {cycle: index for index, cycle in enumerate(self.rows.cycles)}.get(self.cycle or 0)
            fixed = np.full((1, member.shape[1]), np.nan) if place is None else member[place : place + 1]
            pool = np.broadcast_to(fixed, member.shape)
        return _ranks_among(values, pool)

    def pools(self) -> Iterator[tuple[Places, Places]]:
        """Per frame, the places among the rows of its members, and of all rows that are measured against it."""
        table = np.arange(self.rows.frame.height).reshape(len(self.rows.cycles), self.rows.regions.frame.height)
        for group in self._groups():
            members, measured = table[:, group[self._compared[group]]], table[:, group]
            if self.kind == "cycle":
                yield from zip(members, measured, strict=True)
            elif self.kind == "all":
                yield members.ravel(), measured.ravel()
            else:
                yield members[[cycle == self.cycle for cycle in self.rows.cycles]].ravel(), measured.ravel()

    @cached_property
    def _compared(self) -> npt.NDArray[np.bool_]:
        return self.rows.regions.frame["compared"].to_numpy()

    def _groups(self) -> Iterator[npt.NDArray[np.intp]]:
        """The columns (regions) of each peer group."""
        regions = self.rows.regions.frame
        if self.peers is None:
            yield np.arange(regions.height)
            return
        for group in regions[self.peers].unique():
            yield np.flatnonzero(regions[self.peers].eq_missing(group).to_numpy())


def tied_ranks(values: Matrix) -> Matrix:
    """Each row's ascending ranks, NaN where there is no value.

    Neighbours in order that are closer than 1e-9 of the row's spread are ties and share the smallest rank (§4).
    """
    height = max(1, _BLOCK // max(1, values.shape[1]))
    blocks = [values[start : start + height] for start in range(0, max(1, len(values)), height)]
    return np.concatenate(over_cores(_tied_ranks, blocks))


def _tied_ranks(values: Matrix) -> Matrix:
    order = np.argsort(values, axis=1)
    first = _chain_starts(np.take_along_axis(values, order, axis=1))
    ranks = np.empty_like(values)
    np.put_along_axis(ranks, order, first + 1.0, axis=1)
    ranks[np.isnan(values)] = np.nan
    return ranks


def _chain_starts(ordered: Matrix) -> npt.NDArray[np.int32]:
    """Where each sorted value's chain of ties begins."""
    # Equal values are ties at any tolerance, so none is less than the smallest number.
    with np.errstate(invalid="ignore"):
        tie = np.diff(ordered, axis=1) < np.maximum(_tolerance(ordered), np.finfo(float).smallest_subnormal)
    starts = np.zeros(ordered.shape, dtype=np.int32)
    places = np.where(tie, np.int32(0), np.arange(1, ordered.shape[1], dtype=np.int32))
    np.maximum.accumulate(places, axis=1, out=starts[:, 1:])
    return starts


def _tolerance(ordered: Matrix) -> Matrix:
    if ordered.shape[1] == 0:
        return np.zeros((len(ordered), 1))
    return tie_width(ordered[:, :1], np.fmax.reduce(ordered, axis=1, keepdims=True))


def tie_width(low: Matrix, top: Matrix) -> Matrix:
    """How close two values of a frame that reaches from `low` to `top` are when they are ties (§4); 0 without one."""
    # Below a few units in the last place a spread is rounding, and no share of it tells values apart.
    rounding = ROUNDING * np.maximum(np.abs(low), np.abs(top))
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(top), np.maximum(TIE * (top - low), rounding), 0.0)


def _ranks_among(values: Matrix, pool: Matrix) -> Matrix:
    """Ranks of values that need not be in the pool they are measured against, row by row."""
    ranks = np.full(values.shape, np.nan)
    ordered = np.sort(pool, axis=1)
    starts, tolerance = _chain_starts(ordered), _tolerance(ordered)
    for row, line in enumerate(values):
        known = ordered[row][~np.isnan(ordered[row])]
        here = ~np.isnan(line)
        if known.size == 0 or not here.any():
            continue
        # The first value that is not clearly below x begins x's chain, if it is a tie of x at all.
        side: Literal["left", "right"] = "right" if tolerance[row] > 0.0 else "left"
        place = np.searchsorted(known, line[here] - tolerance[row], side=side)
        inside = np.minimum(place, known.size - 1)
        tie = (place < known.size) & (np.abs(known[inside] - line[here]) <= tolerance[row])
        ranks[row, here] = np.where(tie, starts[row, inside], place) + 1.0
    return ranks
