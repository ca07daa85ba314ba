"""An indicator's change of score taken apart: its own value, the frame it is measured against, an estimate's place.

A score is a function of the region's own value and of the others'. Where both moved, each gets the mean of its two
effects, before and after the other one moved: Shapley's value of two players. What lies between is scored by the very
methods of the definitions, in worlds in which one region has the values of the other side and all the rest keep theirs,
so that a region that moves the frame by its own value moves nobody's but its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from metrics import impute, outliers
from metrics.change.coalitions import Flags, Places, Vector
from metrics.change.points import Point, Terms, wide_column
from metrics.frames import Frame, Matrix
from metrics.normalise import normalised
from metrics.periods import Cycles
from metrics.regions import Regions
from metrics.scorecard import Scorecard
from metrics.values import Rows

# Methods that score a value by itself; `steps` does unless it is relative to peers.
_ALONE = frozenset(("goalposts", "piecewise", "limits", "band"))
# Rows of all worlds that are scored at once.
_ROWS = 400_000


@dataclass(frozen=True, eq=False)
class Leaves:
    """The indicators' terms between two points with the same definitions; `own` is the kind of a value's own change."""

    before: Point
    after: Point
    own: str

    def terms(self, code: str) -> Terms:
        """What the change of an indicator's score comes from: its own value (or an estimate), and its frame."""
        change = self.after.column(f"score {code}") - self.before.column(f"score {code}")
        own = self._own(code, change)
        estimated = self._estimated(code)
        found = {
            (self.own, code): np.where(estimated, 0.0, own),
            ("imputation", code): np.where(estimated, own, 0.0),
            ("frame", code): change - own,
        }
        return {key: np.nan_to_num(values) for key, values in found.items()}

    def _estimated(self, code: str) -> Flags:
        """Where the value of a side is an estimate."""
        sides = [point.column(f"imputed {code}") > 0.0 for point in (self.before, self.after)]
        return sides[0] | sides[1]

    def _own(self, code: str, change: Vector) -> Vector:
        """The part of a change that is the region's own; all of it where the others do not matter or did not move."""
        if _alone(self.before.card, code):
            return change
        worlds = World(self.before, self.after, code), World(self.after, self.before, code)
        moved, others = worlds[0].moved, worlds[0].others_moved
        own = np.where(moved, change, 0.0)
        both = moved & others & ~np.isnan(change)
        if not both.any():
            return own
        there, back = (world.scores(np.flatnonzero(both)) for world in worlds)
        first = there - self.before.column(f"score {code}")[both]
        second = self.after.column(f"score {code}")[both] - back
        # Where a world between the two has no score, the other one tells; where neither has, the value is its own.
        halves = np.stack([first, second])
        known = ~np.isnan(halves)
        own[both] = np.where(
            known.any(axis=0), np.nansum(halves, axis=0) / np.maximum(known.sum(axis=0), 1), change[both]
        )
        return own


def _alone(card: Scorecard, code: str) -> bool:
    """Whether an indicator's score depends on the region's own values only."""
    method = card.definitions.normaliser(code)
    if card.definitions.outliers(code).method != "none":
        return False
    relative = getattr(method, "relative_to", "")
    return method.method in _ALONE or relative in ("none", "previous")


@dataclass(frozen=True, eq=False)
class World:
    """One indicator's values of a point, in which one region at a time has those of another point instead.

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
    def moved(self) -> Flags:
        """Whether a region's own values differ."""
        changed: Flags = np.any(self._changed, axis=0)
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

    def scores(self, wanted: Places) -> Vector:
        """The scores of some of the regions, each in the world in which it is of the other side."""
        size = max(1, _ROWS // self.base.size)
        parts = [self._scored(self.point.places[wanted[at : at + size]]) for at in range(0, len(wanted), size)]
        return np.concatenate(parts)

    def _scored(self, places: Places) -> Vector:
        height, width = self.base.shape
        worlds = np.tile(self.base, (len(places), 1, 1))
        each = np.arange(len(places))
        worlds[each, :, places] = self.replaced[:, places].T
        rows = _rows(self.point.card, self._names, self._compared, len(places))
        scored = _scores_of(self.point.card, self.code, rows, worlds.reshape(-1)).reshape(-1, height, width)
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
    again = pl.concat([card.regions] * len(compared))
    regions = again.with_columns(code=pl.Series(names, dtype=pl.String), compared=pl.Series(compared.reshape(-1)))
    calendar = Cycles("month")
    start = 2000 * 12
    return Rows(tuple(range(start, start + worlds)), Regions(regions), calendar)


def _scores_of(card: Scorecard, code: str, rows: Rows, values: Vector) -> Vector:
    """The scores of values on some rows by the indicator's own methods."""
    definitions = card.definitions
    item, method, treat = definitions.indicators[code], definitions.normaliser(code), definitions.outliers(code)
    frame = Frame(rows, "cycle", item.peers)
    treated = outliers.METHODS[treat.method](pl.Series("x", values).fill_nan(None), frame, treat)
    scored = rows.frame.with_columns(x=treated).select(s=normalised(pl.col("x"), frame, method, item.better))
    found: Vector = scored["s"].cast(pl.Float64).to_numpy()
    return np.where(np.isfinite(found), found, np.nan)
