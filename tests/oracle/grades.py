"""Grades: the composite's scores and ranks → the grade of each region."""

import math

from metrics.definitions import Definitions
from tests.oracle.normalisers import place_from_worst
from tests.oracle.world import At, Found, World

ROUNDING = 1e-9


def grade(here: World, cells: dict[str, dict[At, Found]]) -> None:
    """Gives every region with a score its grade; a veto lowers it to its cap."""
    grades = here.definitions.grades
    root = cells[here.definitions.index.code]
    quota = any(grade.top is not None or grade.top_share is not None for grade in grades)
    for at, found in root.items():
        if found["score"] is None:
            continue
        place = _by_quota(here, cells, at) if quota else _by_threshold(here.definitions, found["score"])
        for rule in here.definitions.rules:
            if place is not None and rule.kind == "veto" and rule.code in found["flags"]:
                place = max(place, [grade.code for grade in grades].index(str(rule.cap)))
        found["grade"] = None if place is None else grades[place].code


def _by_threshold(definitions: Definitions, value: float) -> int | None:
    for place, bound in enumerate(definitions.grades):
        if bound.at_least is None or value >= bound.at_least - ROUNDING:
            return place
    return None


def _by_quota(here: World, cells: dict[str, dict[At, Found]], at: At) -> int | None:
    """The best grades take their number, or their share rounded down, of the ranked regions."""
    root = cells[here.definitions.index.code]
    ranked = [(at[0], region) for region in here.regions if root[at[0], region]["rank"] is not None]
    if at not in ranked:
        return None
    position, taken = _position(here, cells, at, ranked), 0.0
    for place, bound in enumerate(here.definitions.grades):
        if bound.top is None and bound.top_share is None:
            return place
        taken += bound.top if bound.top is not None else math.floor(len(ranked) * bound.top_share + ROUNDING)
        if position <= taken:
            return place
    return None


def _position(here: World, cells: dict[str, dict[At, Found]], at: At, ranked: list[At]) -> int:
    """The rank, and one more for each region of the same rank that the tie-breaks put first."""
    root = cells[here.definitions.index.code]
    equals = [other for other in ranked if root[other]["rank"] == root[at]["rank"]]
    keys = {
        other: tuple(_key(here, cells[code], other) for code in here.definitions.heading.tie_breaks) for other in equals
    }
    return int(root[at]["rank"]) + sum(keys[other] > keys[at] for other in equals)


def _key(here: World, column: dict[At, Found], at: At) -> int:
    """A region's place from the worst by one score; without a score it comes last."""
    scores = [column[at[0], region]["score"] for region in here.regions if here.compared(region)]
    known = [score for score in scores if score is not None]
    score = column[at]["score"]
    return 0 if score is None else place_from_worst(score, known)
