"""Menus: what an indicator's score becomes as its value gets better, up to the best that a peer has, or worse."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from metrics.courses import STEPWISE, Course
from metrics.scorecard import Scorecard

# Of a menu's scores: what is no further from a line is on it.
STRAIGHT = 1e-10
# So many values are looked at between two, so many times over.
FINER, ROUNDS = 40, 8

Meets = Callable[[float, float], bool]


@dataclass(frozen=True)
class Menu:
    """Reported values from the present one on, each a further step in one direction, their scores and efforts.

    Efforts count from 0 in standard deviations of the value among the peers. A place is a number on the menu: 1.5 is
    half way from its second to its third value. `jumps` says of each piece between two values whether only its end
    gives what is promised, so that it must be taken whole; between the others scores run in lines, or near them where
    the course is curved.
    """

    course: Course
    values: tuple[float, ...]
    scores: tuple[float, ...]
    efforts: tuple[float, ...]
    jumps: tuple[bool, ...]

    @property
    def code(self) -> str:
        """The indicator's."""
        return self.course.code

    def score(self, place: float) -> float:
        """The score that the menu promises at a place."""
        return float(np.interp(place, range(len(self.scores)), self.scores))

    def effort(self, value: float) -> float:
        """The effort from the present value to another."""
        return abs(value - self.values[0]) / self.course.spread

    def value(self, place: float) -> float:
        """The first value that has the score promised at a place."""
        piece = max(0, math.ceil(place) - 1)
        if place == 0.0 or (place == int(place) and not self.course.curved):
            return self.values[int(place)]
        if not self.course.curved:
            return float(np.interp(place, range(len(self.values)), self.values))
        wanted = self.score(place)
        return self._within(piece, lambda value, score: score >= wanted)[0]

    def first(self, meets: Meets) -> tuple[float, float] | None:
        """The first value beyond the present one that, with its score, meets a condition; None where none does."""
        pairs = zip(self.values[1:], self.scores[1:], strict=True)
        piece = next((at for at, pair in enumerate(pairs) if meets(*pair)), None)
        return None if piece is None else self._within(piece, meets)

    def _within(self, piece: int, meets: Meets) -> tuple[float, float]:
        """The first value of a piece, as its end does, that meets a condition; the end itself of one taken whole."""
        ends = [(self.values[at], self.scores[at]) for at in (piece, piece + 1)]
        if self.jumps[piece] and not self.course.curved:
            return ends[1]
        for _ in range(ROUNDS):
            inside = np.linspace(ends[0][0], ends[1][0], FINER)[1:-1].tolist()
            known = [pair for pair in zip(inside, self._scores(piece, inside), strict=True) if pair[1] is not None]
            line = [ends[0], *((value, float(score or 0.0)) for value, score in known), ends[1]]
            at = next((at for at, pair in enumerate(line[1:-1], start=1) if meets(*pair)), len(line) - 1)
            ends = [line[at - 1], line[at]]
        return ends[1]

    def _scores(self, piece: int, values: list[float]) -> list[float | None]:
        if self.course.curved:
            return self.course.scores(values)
        (start, end), (low, high) = self.values[piece : piece + 2], self.scores[piece : piece + 2]
        return [low + (high - low) * (value - start) / (end - start) for value in values]


def menus(card: Scorecard, region: str, period: str) -> dict[str, Menu]:
    """A menu for each indicator that has a value and a score; of its present value alone where none is better."""
    courses = [Course(card, region, period, code) for code in _scored(card, region, period)]
    read = [(course, _read(course, course.turns(course.ends(worse=False)[0]))) for course in courses]
    return {course.code: _menu(course, _thinned(course, known)) for course, known in read}


def falls(card: Scorecard, region: str, period: str) -> list[Menu]:
    """A menu for each indicator with a value and a score, and each direction in which it gets worse."""
    found = []
    for code in _scored(card, region, period):
        course = Course(card, region, period, code)
        for end in course.ends(worse=True):
            asked = [value for value in course.asked() if min(course.now, end) <= value <= max(course.now, end)]
            found.append(_menu(course, _read(course, [*course.turns(end), *asked])))
    return found


def _scored(card: Scorecard, region: str, period: str) -> list[str]:
    cells = card.wide.row(card.row_of(region, period), named=True)
    return [code for code in card.definitions.indicators if cells[f"score {code}"] is not None]


def _read(course: Course, turns: list[float]) -> list[tuple[float, float]]:
    """The present value and those beyond it, the nearest first, each with its score where it has one."""
    beyond = {value for value in turns if value != course.now}
    values = [course.now, *sorted(beyond, reverse=min(beyond, default=course.now) < course.now)]
    return [(value, score) for value, score in zip(values, course.scores(values), strict=True) if score is not None]


def _menu(course: Course, known: list[tuple[float, float]]) -> Menu:
    values, scores = zip(*known, strict=True)
    efforts = tuple(abs(value - course.now) / course.spread for value in values)
    return Menu(course, values, scores, efforts, tuple(_jumps(course, *pair) for pair in pairwise(values)))


def _jumps(course: Course, one: float, other: float) -> bool:
    return course.method.method in STEPWISE or abs(other - one) <= 1.5 * max(course.beyond(one), course.beyond(other))


def _thinned(course: Course, known: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Without values that say no more than their neighbours: where scores jump, of one score the nearest is enough."""
    if course.method.method in STEPWISE:
        return [pair for at, pair in enumerate(known) if at == 0 or pair[1] != known[at - 1][1]]
    room = STRAIGHT * max((abs(score) for _, score in known), default=0.0)
    kept = known[:1]
    for (value, score), (end, high) in pairwise(known[1:]):
        start, low = kept[-1]
        if abs(low + (high - low) * (value - start) / (end - start) - score) > room:
            kept.append((value, score))
    return [*kept, *known[1:][-1:]]
