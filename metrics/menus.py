"""Menus: what an indicator's score becomes as its value gets better, up to the best that a peer has reached."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from metrics.definitions import Between
from metrics.methods import Band, DistanceToReference, DistanceToTarget, Goalposts, Limits, Method, Piecewise, Steps
from metrics.scorecard import Scorecard
from metrics.shadows import shadow_scores
from metrics.tree import frame_of

# Scores that jump from one value to the next; between the values of all others they run in a line.
STEPWISE = frozenset(("steps", "rank", "borda", "percentile_rank"))
# How finely a curved score (a logarithm, a quotient) is taken as pieces of a line.
PIECES = 48
_JUST_BEYOND = 1e-9


@dataclass(frozen=True)
class Menu:
    """Values from the present one on, each a further step in one direction, their scores and efforts.

    Efforts count from 0 in standard deviations of the value among the peers; `stepwise` where only these values, and
    none between them, give their scores.
    """

    code: str
    values: tuple[float, ...]
    scores: tuple[float, ...]
    efforts: tuple[float, ...]
    stepwise: bool


def menus(card: Scorecard, region: str, period: str, *, worse: bool = False) -> dict[str, Menu]:
    """A menu for each indicator that has a value and a score; with `worse` of values that get worse, down to the worst.

    An indicator that cannot get better (worse) has a menu of its present value alone.
    """
    at = card.row_of(region, period)
    cells = card.wide.row(at, named=True)
    codes = [code for code in card.definitions.indicators if cells[f"score {code}"] is not None]
    tried = {code: _tried(card, code, region, period, at, worse) for code in codes}
    found = shadow_scores(card, region, period, tried)
    return {code: _menu(card, code, period, region, tried[code], found[code]) for code in codes}


def _menu(
    card: Scorecard, code: str, period: str, region: str, values: list[float], scores: list[float | None]
) -> Menu:
    known = [(value, score) for value, score in zip(values, scores, strict=True) if score is not None]
    stepwise = card.definitions.normaliser(code).method in STEPWISE
    # Where scores jump, a value that scores as the one before it is only further away.
    kept, reached = zip(
        *(pair for at, pair in enumerate(known) if not (stepwise and at and pair[1] == known[at - 1][1])), strict=True
    )
    spread = _group(card, code, period, region)["x"].std()
    scale = float(spread) if isinstance(spread, float) and spread > 0.0 else abs(kept[0]) or 1.0
    efforts = tuple(abs(value - kept[0]) / scale for value in kept)
    return Menu(code, tuple(kept), tuple(reached), efforts, stepwise)


def _group(card: Scorecard, code: str, period: str, region: str) -> pl.DataFrame:
    """The treated values (`x`) of the compared regions of the region's peer group in one cycle."""
    peers = card.definitions.indicators[code].peers
    rows = card.wide.select("period", "region", "compared", x=f"treated {code}", group=peers or pl.lit(None, pl.String))
    own = rows.filter(pl.col("region") == region)["group"][0]
    return rows.filter(pl.col("period") == period, pl.col("compared"), pl.col("group").eq_missing(own)).drop_nulls("x")


def _tried(card: Scorecard, code: str, region: str, period: str, at: int, worse: bool) -> list[float]:
    """The present value, then those at which the score's course may turn or jump, in one direction."""
    method, item = card.definitions.normaliser(code), card.definitions.indicators[code]
    now = float(card.wide[f"treated {code}"][at])
    others = _group(card, code, period, region)["x"].to_list()
    end = _end(item.better, method, now, others, worse)
    turns = [*others, end] if method.method in STEPWISE else [end]
    turns += [value for value in _turns(card, code, at, method) if min(now, end) < value < max(now, end)]
    if getattr(method, "log", False) or method.method == "fraction_of_max":
        turns += np.linspace(now, end, PIECES).tolist()
    within = {value for value in turns if min(now, end) <= value <= max(now, end) and value != now}
    return [now, *sorted(within, reverse=end < now)]


def _end(better: Any, method: Method, now: float, others: list[float], worse: bool) -> float:
    """How far the value may go: to the best peer's or into the band; or, getting worse, to the worst there could be."""
    if isinstance(better, Between):
        low, high = method.best if isinstance(method, Band) else better.between
        away = now - abs(now - low) - 1.0 if now <= (low + high) / 2 else now + abs(now - high) + 1.0
        return (away if now < low or now > high else low) if worse else min(max(now, low), high)
    known = [now, *others, *(_numbers(method) if worse else [])]
    return max(known) if (better == "higher") != worse else min(known)


def _numbers(method: Method) -> list[float]:
    """The values that a method names in the indicator's unit."""
    if isinstance(method, Goalposts):
        return [method.worst, method.best]
    if isinstance(method, Limits):
        return [method.binding, method.current, method.leading]
    if isinstance(method, Piecewise):
        return [value for value, _ in method.points]
    return [*method.worst, *method.best] if isinstance(method, Band) else []


def _turns(card: Scorecard, code: str, at: int, method: Method) -> Iterable[float]:
    """Where the course of a score turns or jumps; beside a jump the value just beyond it."""
    named = _numbers(method)
    if isinstance(method, Steps):
        relative = _relative(card, code, at, method)
        named = [up_to * relative for up_to, _ in method.steps] if relative is not None else []
    named = [*named, *_kinks(card, code, at, method)]
    jumps = named if isinstance(method, Limits | Steps) else []
    beyond = [value + sign * _JUST_BEYOND * max(abs(value), 1e-300) for value in jumps for sign in (-1.0, 1.0)]
    return [*named, *beyond]


def _kinks(card: Scorecard, code: str, at: int, method: Method) -> list[float]:
    """Where a clipped score ends: the target, the reference's value, or the ends of the frame."""
    if not getattr(method, "clip", False) or isinstance(method, Goalposts):
        return []
    if isinstance(method, DistanceToTarget):
        return [method.target]
    rows = card.rows.frame.with_columns(x=card.wide[f"treated {code}"])
    frame = frame_of(card.definitions, card.rows, code)
    if isinstance(method, DistanceToReference):
        cycle = rows["cycle"][at] if frame.cycle is None else frame.cycle
        found = rows.filter(pl.col("region") == method.reference, pl.col("cycle") == cycle)["x"]
        return found.drop_nulls().to_list()
    ends = rows.with_columns(low=frame.min(pl.col("x")), high=frame.max(pl.col("x"))).select("low", "high").row(at)
    return [end for end in ends if end is not None]


def _relative(card: Scorecard, code: str, at: int, method: Steps) -> float | None:
    column, rows = card.wide[f"treated {code}"], card.rows
    if method.relative_to == "none":
        return 1.0
    if method.relative_to == "previous":
        earlier: float | None = rows.shifted(column, 1)[at]
        return earlier
    statistic = method.relative_to.removeprefix("peers_")
    others: float | None = rows.others(column, card.definitions.indicators[code].peers, statistic)[at]
    return others
