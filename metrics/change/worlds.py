"""Worlds: what an indicator's score would be if one region had other values and all the rest kept theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from metrics import impute, outliers
from metrics.change.coalitions import Flags, Places, Vector
from metrics.change.points import Point, wide_column
from metrics.frames import Frame, Matrix
from metrics.normalise import normalised
from metrics.periods import Cycles
from metrics.regions import Regions
from metrics.scorecard import Scorecard
from metrics.values import Rows

# Rows of all worlds that are scored at once; the first world's cycle.
_ROWS, _FIRST = 400_000, 24_000


@dataclass(frozen=True, eq=False)
class World:
    """One indicator's values of a point, in which one region at a time has another value, or those of another point.

    `rows` of a world: the frame's cycles (one, all, or a fixed one), then, where that is not the point's own cycle
    alone, the point's cycle once more, outside the frame, for the value that is scored.
    """

    point: Point
    other: Point
    code: str

    @cached_property
    def _method(self) -> Any:
        return self.point.card.definitions.normaliser(self.code)

    @cached_property
    def _frame(self) -> str:
        """The cycle, `all` or the name of the one that the frame is fixed to."""
        return "cycle" if self._method.method == "steps" else str(self._method.frame)

    @cached_property
    def _cycles(self) -> tuple[str, ...]:
        """The names of the frame's cycles."""
        card = self.point.card
        if self._frame == "all":
            return card.periods
        return (self.point.period,) if self._frame == "cycle" else (self._frame,) * (self._frame in card.periods)

    @cached_property
    def _same_facts(self) -> bool:
        return self.point.card is self.other.card

    def _side(self, point: Point, period: str) -> Vector:
        """A point's values in a cycle, for the regions of this world's scorecard."""
        card = self.point.card
        return Point(point.card, period, tuple(card.regions["code"])).of_cycle(treatable(point.card, self.code))

    @cached_property
    def base(self) -> Matrix:
        """The values of all regions (rows, regions)."""
        frame = [self._side(self.point, period) for period in self._cycles]
        return np.stack(frame if self._frame == "cycle" else [*frame, self._side(self.point, self.point.period)])

    @cached_property
    def replaced(self) -> Matrix:
        """What a region has instead when it is the one that is of the other side."""
        own = self._side(self.other, self.other.period)
        if self._frame == "cycle":
            return own[None, :]
        # Between two cycles of the same facts a frame of all or of one cycle is the same.
        frame = [self._side(self.point if self._same_facts else self.other, period) for period in self._cycles]
        return np.stack([*frame, own])

    @cached_property
    def _changed(self) -> Flags:
        found: Flags = (self.base != self.replaced) & ~(np.isnan(self.base) & np.isnan(self.replaced))
        return found

    @cached_property
    def frame_moved(self) -> Flags:
        """Whether a region's own values of the frame differ, beside the one that is scored."""
        changed: Flags = np.any(self._changed[:-1], axis=0)
        return changed[self.point.places]

    @cached_property
    def others_moved(self) -> Flags:
        """Whether any of those that a region is measured against has moved."""
        regions, places = self.point.card.regions, self.point.places
        if not regions.equals(self.other.card.regions):
            return np.ones(len(places), dtype=bool)
        members = self._changed & self._compared
        count = members.sum(axis=0)
        peers = self.point.card.definitions.indicators[self.code].peers
        groups = np.zeros(regions.height, dtype=int) if peers is None else regions[peers].rank("dense").fill_null(0)
        within = np.bincount(np.asarray(groups), weights=count)[np.asarray(groups)]
        named: Flags = (regions["code"] == getattr(self._method, "reference", "")).to_numpy()
        reference = bool(np.any(self._changed[self._read, named]))
        found: Flags = (within - count > 0) | (reference & ~named)
        return found[places]

    @cached_property
    def _compared(self) -> Flags:
        """Who is a member of the frame (rows, regions)."""
        compared = np.tile(self.point.card.regions["compared"].to_numpy(), (len(self.base), 1))
        if self._frame != "cycle":
            compared[-1] = False
        return compared

    def scores(self, wanted: Places, values: Vector, *, others_own: bool) -> Vector:
        """The scores of values of some regions, each in the world in which the region has it.

        With `others_own` the region's other values of the frame are those of the other point too.
        """
        size = max(1, _ROWS // self.base.size)
        parts = [
            self._scored(self.point.places[wanted[at : at + size]], values[at : at + size], others_own)
            for at in range(0, len(wanted), size)
        ]
        return np.concatenate(parts)

    def _scored(self, places: Places, values: Vector, others_own: bool) -> Vector:
        height, width = self.base.shape
        worlds = np.tile(self.base, (len(places), 1, 1))
        each = np.arange(len(places))
        if others_own:
            worlds[each, :, places] = self.replaced[:, places].T
        worlds[each, -1, places] = values
        rows = _rows(self.point.card, tuple(self._names), self._compared, len(places))
        scored = scores_of(self.point.card, self.code, rows, worlds.reshape(-1)).reshape(-1, height, width)
        found: Vector = scored[each, -1, places]
        return found

    @property
    def _read(self) -> int:
        """The row in which a region of reference is read."""
        return len(self.base) - 1 if self._frame in ("cycle", "all") else 0

    @cached_property
    def _names(self) -> Sequence[str]:
        """The regions' codes in each row; only where a reference is read do they stand under their own."""
        codes = self.point.card.regions["code"].to_list()
        return [code if row == self._read else f"{code} {row}" for row in range(len(self.base)) for code in codes]


def treatable(card: Scorecard, code: str) -> Vector:
    """An indicator's values with those that stand in for missing ones, before outliers are treated."""
    treated = card.wide[f"treated {code}"]
    if card.definitions.outliers(code).method == "none":
        return wide_column(card, f"treated {code}")
    method = card.definitions.missing(code)
    filled = impute.METHODS[method.method](card.wide[f"value {code}"], card.rows, method)
    found: Vector = np.where(treated.is_null(), np.nan, filled.cast(pl.Float64).to_numpy())
    return found


def _rows(card: Scorecard, names: Sequence[str], compared: Flags, worlds: int) -> Rows:
    """Rows in which each world is a cycle, and its rows' regions are the regions."""
    peers = {item.peers for item in card.definitions.indicators.values() if item.peers is not None}
    known = card.regions.select("code", "compared", *sorted(peers))
    again = pl.concat([known] * len(compared))
    regions = again.with_columns(code=pl.Series(names, dtype=pl.String), compared=pl.Series(compared.reshape(-1)))
    return Rows(tuple(range(_FIRST, _FIRST + worlds)), Regions(regions), Cycles("month"))


def scores_of(card: Scorecard, code: str, rows: Rows, values: Vector) -> Vector:
    """The scores of values on some rows by the indicator's own methods."""
    definitions = card.definitions
    item, method, treat = definitions.indicators[code], definitions.normaliser(code), definitions.outliers(code)
    frame = Frame(rows, "cycle", item.peers)
    treated = outliers.METHODS[treat.method](pl.Series("x", values).fill_nan(None), frame, treat)
    scored = rows.frame.with_columns(x=treated).select(s=normalised(pl.col("x"), frame, method, item.better))
    found: Vector = scored["s"].cast(pl.Float64).to_numpy()
    return np.where(np.isfinite(found), found, np.nan)
