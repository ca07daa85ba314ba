"""How a score comes from a treated value, its frame and parameters, written out with its numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import frexp, isfinite, ldexp
from typing import Any

import polars as pl

from metrics.frames import Frame
from metrics.methods import FIXED
from metrics.rounding import apart_by
from metrics.scorecard import Scorecard
from metrics.tree import frame_of
from metrics.written import number


def score_working(card: Scorecard, code: str, at: int, treated: float) -> str:
    """The score of one indicator in one row, as arithmetic of the formula language that comes to it.

    Where a step, limit or flat end decides, it is the condition that is met; where others out of sight do, it is what
    comes of the value.
    """
    method, item = card.definitions.normaliser(code), card.definitions.indicators[code]
    if not card.whole and _by_others(method):
        # The arithmetic is of numbers that are out of sight.
        return f"{number(treated)} → {number(card.wide[f'score {code}'][at])}"
    frame = frame_of(card.definitions, card.rows, code)
    rows = card.rows.frame.with_columns(card.wide[f"treated {code}"].alias("x"))
    of = _Of(frame, rows, at, method, item.better != "lower")
    return _WORKINGS[method.method](number(treated), treated, method, of)


def frame_working(card: Scorecard, code: str, at: int) -> str:
    """Whom one row's value is measured against: how many, and who of them has the least and the greatest value.

    Empty for a method that asks no frame, and where nobody of it has a value; of others out of sight how many they are.
    """
    method: Any = card.definitions.normaliser(code)
    if method.method in FIXED or not getattr(method, "relative_to", "peers").startswith("peers"):
        return ""
    if not card.whole:
        period, region = card.rows.frame.select("period", "region").row(at)
        own = pl.col("period") == period, pl.col("region") == region, pl.col("code") == code
        return f"n = {card.beside.filter(*own)['n'].item() or 0}"
    frame = frame_of(card.definitions, card.rows, code)
    if method.method == "steps":
        # Relative to the others of the own cycle, whatever the frame is.
        frame = Frame(card.rows, "cycle", frame.peers)
    pool = [place for members, measured in frame.pools() if at in measured for place in members.tolist()]
    places = [place for place in pool if method.method != "steps" or place != at]
    rows = card.rows.frame.with_columns(card.wide[f"treated {code}"].alias("x"))[places].drop_nulls("x").sort("x")
    if rows.is_empty():
        return ""
    least, most = (
        f"{number(row['x'])} ({row['region']} {row['period']})" for row in (rows.row(at, named=True) for at in (0, -1))
    )
    told = f"n = {rows.height}, min = {least}, max = {most}"
    if method.method != "steps":
        return told
    statistic = method.relative_to.removeprefix("peers_")
    return f"{told}, {statistic} = {number(getattr(rows['x'], statistic)())}"


def _by_others(method: Any) -> bool:
    """Whether a score is relative to what other regions have."""
    own = method.method == "steps" and not method.relative_to.startswith("peers")
    return method.method not in FIXED and not own


@dataclass(frozen=True)
class _Of:
    """The statistics of a row's frame, as text."""

    frame: Frame
    rows: pl.DataFrame
    at: int
    method: Any
    higher: bool

    def _statistic(self, take: Callable[[pl.Expr], pl.Expr], size: float = 1.0) -> str:
        taken = (take(pl.col("x") / size) * size).alias("statistic")
        found = self.rows.with_columns(taken)["statistic"][self.at]
        return number(found if found is not None and isfinite(found) else None)

    @cached_property
    def _size(self) -> float:
        """The power of 2 next to the greatest number: in shares of it sums and squares are numbers, digit by digit."""
        greatest = float(self.rows.select(pl.col("x").abs().max()).item() or 1.0)
        return ldexp(1.0, frexp(greatest)[1] - 1)

    @cached_property
    def worst(self) -> str:
        return self._statistic(self.frame.min if self.higher else self.frame.max)

    @cached_property
    def best(self) -> str:
        return self._statistic(self.frame.max if self.higher else self.frame.min)

    @cached_property
    def mean(self) -> str:
        return self._statistic(self.frame.mean, self._size)

    @cached_property
    def sd(self) -> str:
        return self._statistic(self.frame.sd, self._size)

    @cached_property
    def count(self) -> str:
        return self._statistic(self.frame.count)

    @cached_property
    def rank(self) -> str:
        return number(self.frame.ranked(self.rows["x"] if self.higher else -self.rows["x"])[self.at])

    @cached_property
    def reference(self) -> str:
        cycle = self.rows["cycle"][self.at] if self.frame.cycle is None else self.frame.cycle
        found = self.rows.filter(pl.col("region") == self.method.reference, pl.col("cycle") == cycle)
        return number(found["x"].first())

    @cached_property
    def relative(self) -> float | None:
        """What the steps' value is taken relative to; 1 where to nothing."""
        to, x = self.method.relative_to, self.rows["x"]
        if to == "none":
            return 1.0
        rows = self.frame.rows
        if to == "previous":
            found: float | None = rows.shifted(x, 1)[self.at]
        else:
            found = rows.others(x, self.frame.peers, to.removeprefix("peers_"))[self.at]
        return found


Working = Callable[[str, float, Any, _Of], str]


def _ranged(unit: str, method: Any, clip: str = "") -> str:
    low, high = method.range
    held = clip.format(unit) if clip and method.clip else f"({unit})"
    scaled = f"{number(high - low)} × {held}"
    return scaled if low == 0.0 else f"{number(low)} + {scaled}"


_BOTH, _TOP = "clip({}, 0, 1)", "min({}, 1)"


def _minmax(x: str, treated: float, method: Any, of: _Of) -> str:
    return _ranged(f"({x} - {of.worst}) / ({of.best} - {of.worst})", method, _BOTH)


def _goalposts(x: str, treated: float, method: Any, of: _Of) -> str:
    worst, best = number(method.worst), number(method.best)
    if method.log:
        x, worst, best = f"ln({x})", f"ln({worst})", f"ln({best})"
    return _ranged(f"({x} - {worst}) / ({best} - {worst})", method, _BOTH)


def _zscore(x: str, treated: float, method: Any, of: _Of) -> str:
    unit = f"({x} - {of.mean}) / {of.sd}" if of.higher else f"({of.mean} - {x}) / {of.sd}"
    return unit if (method.mean, method.sd) == (0.0, 1.0) else f"{unit} × {number(method.sd)} + {number(method.mean)}"


def _percentile_rank(x: str, treated: float, method: Any, of: _Of) -> str:
    return _ranged(f"min(({of.rank} - 1) / ({of.count} - 1), 1)", method)


def _distance_to_target(x: str, treated: float, method: Any, of: _Of) -> str:
    return _ranged(f"({x} - {of.worst}) / ({number(method.target)} - {of.worst})", method, _TOP)


def _distance_to_reference(x: str, treated: float, method: Any, of: _Of) -> str:
    return _ranged(f"1 - ({of.reference} - {x}) / ({of.reference} - {of.worst})", method, _TOP)


def _fraction_of_max(x: str, treated: float, method: Any, of: _Of) -> str:
    return _ranged(f"min({x} / {of.best}, 1)" if of.higher else f"min({of.best} / {x}, 1)", method)


def _through(x: str, treated: float, points: Sequence[tuple[float, float]]) -> str:
    """The piece of the line through the points, sorted by value, on which x stands."""
    if treated <= points[0][0]:
        return f"{x} <= {number(points[0][0])} → {number(points[0][1])}"
    for (left, low), (right, high) in pairwise(points):
        if treated <= right:
            return _between(x, (left, low), (right, high))
    return f"{x} > {number(points[-1][0])} → {number(points[-1][1])}"


def _between(x: str, start: tuple[float, float], end: tuple[float, float]) -> str:
    (left, low), (right, high) = start, end
    along = f"({x} - {number(left)}) / ({number(right)} - {number(left)})"
    return f"{number(low)} + ({number(high)} - {number(low)}) × {along}"


def _limits(x: str, treated: float, method: Any, of: _Of) -> str:
    over = apart_by(treated, method.binding)
    if over < 0.0 if of.higher else over > 0.0:
        return f"{x} {'<' if of.higher else '>'} {number(method.binding)} → 0"
    named = zip((method.binding, method.current, method.leading), method.scores, strict=True)
    return _through(x, treated, sorted(named))


def _steps(x: str, treated: float, method: Any, of: _Of) -> str:
    shown, y = x, treated
    if method.relative_to != "none":
        if not of.relative:
            return "—"
        shown, y = f"{x} / {number(of.relative)}", treated / of.relative
    for up_to, score in method.steps:
        if apart_by(y, up_to) <= 0.0:
            return f"{shown} <= {number(up_to)} → {number(score)}"
    return f"{shown} > {number(method.steps[-1][0])} → {number(method.above)}"


def _band(x: str, treated: float, method: Any, of: _Of) -> str:
    (lowest, highest), (low, high), (bottom, top) = method.worst, method.best, method.range
    if low <= treated <= high:
        return f"{number(low)} <= {x} and {x} <= {number(high)} → {number(top)}"
    if lowest <= treated < low:
        return _between(x, (lowest, bottom), (low, top))
    if high < treated <= highest:
        return _between(x, (highest, bottom), (high, top))
    beyond = f"{x} < {number(lowest)}" if treated < low else f"{x} > {number(highest)}"
    return f"{beyond} → {number(bottom)}"


_WORKINGS: dict[str, Working] = {
    "minmax": _minmax,
    "goalposts": _goalposts,
    "zscore": _zscore,
    "rank": lambda x, treated, method, of: of.rank,
    "borda": lambda x, treated, method, of: f"{of.rank} - 1",
    "percentile_rank": _percentile_rank,
    "distance_to_target": _distance_to_target,
    "distance_to_reference": _distance_to_reference,
    "fraction_of_max": _fraction_of_max,
    "piecewise": lambda x, treated, method, of: _through(x, treated, method.points),
    "steps": _steps,
    "limits": _limits,
    "band": _band,
}
