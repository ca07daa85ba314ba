"""Paths: the least that a region would have to change to reach a score, and what it can lose before it loses one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from metrics.composite import Composite, is_concave
from metrics.definitions import Grade
from metrics.menus import Menu, menus
from metrics.problems import InputError, Problem
from metrics.rules import ROUNDING
from metrics.scorecard import Scorecard

# How near a computed composite must come to the score that is asked for.
NEAR = 1e-6
CUTS = 100


@dataclass(frozen=True)
class Path:
    """What it takes to reach a score from one region's present one.

    `target` is the score asked for and `grade` the grade that it would give; `steps` holds what is to change, by the
    composite's gain: code, value, value_needed, score, score_needed, effort (standard deviations of the value among the
    peers), gain (points of the composite, were this the only step); `reached` the composite after all of them.
    `alone` says for each indicator which value would do by itself (null: none that a peer has reached): code, value,
    value_needed, effort. `vetoes` are the rules that would hold the grade down all the same. Without steps that reach
    the target `steps` is empty and `reached` the composite with every indicator at its peers' best.
    """

    region: str
    period: str
    score: float
    target: float
    grade: str | None
    steps: pl.DataFrame
    alone: pl.DataFrame
    reached: float
    vetoes: tuple[str, ...]

    @property
    def possible(self) -> bool:
        """Whether the target can be reached with what peers have reached."""
        return self.reached >= self.target - NEAR


def next_grade(card: Scorecard, region: str, period: str) -> tuple[Grade, float] | None:
    """The next better grade by score, and the score from which it is given; None for the best one or without a score.

    With quotas it is the score of the last region that is in. A grade that only a veto holds down is the region's own.
    """
    row = card.composite_of(region, period)
    if row["score"] is None:
        return None
    better = [
        (grade, bound)
        for grade, bound in bounds(card, period)
        if bound is not None and bound - ROUNDING > row["score"]
    ]
    return better[-1] if better else None


def bounds(card: Scorecard, period: str) -> list[tuple[Grade, float | None]]:
    """Each grade with the least score that it was given for in a cycle, or is given for; None where nobody has it."""
    graded = card.frame.filter(pl.col("period") == period, pl.col("code") == card.definitions.index.code)
    lowest = dict(graded.drop_nulls("grade").group_by("grade").agg(pl.col("score").min()).iter_rows())
    quotas = any(grade.top is not None or grade.top_share is not None for grade in card.definitions.grades)
    return [(grade, lowest.get(grade.code) if quotas else grade.at_least) for grade in card.definitions.grades]


def path(card: Scorecard, region: str, period: str, *, target: float | None = None) -> Path | None:
    """The least effort by which a region would have reached a score (None: that of its next grade) in a cycle.

    What others do stays as it is, and nothing is asked for that no peer has reached. The sum of the efforts is
    minimised: a linear program for arithmetic means (with whole steps where scores jump), for concave ones the same
    with tangents of the composite added until it is met (Kelley 1960, cutting planes). None without a score or a
    better grade. Raises InputError for a region or cycle that is not there and for aggregations that are not concave.
    """
    row, following = card.composite_of(region, period), next_grade(card, region, period)
    if row["score"] is None or (target is None and following is None):
        return None
    _refuse_other_means(card)
    wanted = target if target is not None else following[1] if following is not None else 0.0
    whole, better = Composite(card, card.row_of(region, period)), menus(card, region, period)
    counted = {code: menu for code, menu in better.items() if code in whole.scores}
    # Points of rules come on top of the mean that the indicators make.
    mean = wanted - (row["score"] - whole.value(whole.scores))
    chosen = _least(whole, counted, mean)
    reached = whole.value(_scores(whole, counted, chosen)) - mean + wanted
    done = reached >= wanted - NEAR
    grade = next(
        (grade.code for grade, bound in bounds(card, period) if bound is not None and wanted >= bound - ROUNDING), None
    )
    return Path(
        region, period, row["score"], wanted, grade,
        _steps(whole, counted, chosen) if done else _steps(whole, counted, {}),
        _alone(whole, counted, mean), reached, _vetoes(card, row),
    )  # fmt: skip


def margins(card: Scorecard, region: str, period: str) -> pl.DataFrame:
    """How far each indicator can get worse, alone, before the region loses its grade by score.

    Columns: code, value, value_at_loss (the first that loses it; null where no value does), effort (standard
    deviations of the value among the peers), score, score_at_loss; the nearest first. Empty without a score or with
    the last grade.
    """
    row = card.composite_of(region, period)
    held = [
        bound
        for _, bound in bounds(card, period)
        if bound is not None and row["score"] is not None and bound - ROUNDING <= row["score"]
    ]
    schema = dict.fromkeys(("value", "value_at_loss", "effort", "score", "score_at_loss"), pl.Float64)
    if not held:
        return pl.DataFrame(schema={"code": pl.String, **schema})
    whole, worse = Composite(card, card.row_of(region, period)), menus(card, region, period, worse=True)
    mean = max(held) - (row["score"] - whole.value(whole.scores))
    found = []
    for code, menu in worse.items():
        if code in whole.scores:
            at = _crossing(whole, menu, mean, falling=True)
            lost = (None, None, None) if at is None else (_value(menu, at), _effort(menu, at), _score(menu, at))
            found.append((code, menu.values[0], lost[0], lost[1], menu.scores[0], lost[2]))
    return pl.DataFrame(found, schema={"code": pl.String, **schema}, orient="row").sort(
        "effort", "code", nulls_last=True
    )


def _vetoes(card: Scorecard, row: dict[str, Any]) -> tuple[str, ...]:
    met = row["flags"].split(";")
    return tuple(rule.code for rule in card.definitions.rules if rule.kind == "veto" and rule.code in met)


def _refuse_other_means(card: Scorecard) -> None:
    other = [
        code
        for code, node in card.definitions.tree_nodes.items()
        if not is_concave(card.definitions.aggregate_of(node))
    ]
    if other:
        raise InputError([Problem("no_path_through", path=other[0], facts={"codes": ", ".join(other)})])


# places on a menu: 1.5 is half way from its second to its third value


def _value(menu: Menu, place: float) -> float:
    return float(np.interp(place, range(len(menu.values)), menu.values))


def _score(menu: Menu, place: float) -> float:
    return menu.scores[int(place)] if menu.stepwise else float(np.interp(place, range(len(menu.scores)), menu.scores))


def _effort(menu: Menu, place: float) -> float:
    return float(np.interp(place, range(len(menu.efforts)), menu.efforts))


def _crossing(whole: Composite, menu: Menu, target: float, *, falling: bool = False) -> float | None:
    """The first place on one menu, others as they are, where the composite reaches a score (or falls below it)."""

    def beyond(place: float) -> bool:
        found = whole.value({**whole.scores, menu.code: _score(menu, place)})
        return found < target - ROUNDING if falling else found >= target - ROUNDING

    low, last = next(((at - 1.0, float(at)) for at in range(1, len(menu.values)) if beyond(float(at))), (0.0, -1.0))
    if last < 0.0:
        return None
    if menu.stepwise:
        return last
    for _ in range(60):
        middle = (low + last) / 2.0
        low, last = (low, middle) if beyond(middle) else (middle, last)
    return last


def _alone(whole: Composite, counted: Mapping[str, Menu], target: float) -> pl.DataFrame:
    rows = []
    for code, menu in counted.items():
        at = _crossing(whole, menu, target)
        rows.append((code, menu.values[0], *((None, None) if at is None else (_value(menu, at), _effort(menu, at)))))
    schema = {"code": pl.String, **dict.fromkeys(("value", "value_needed", "effort"), pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("effort", "code", nulls_last=True)


def _steps(whole: Composite, counted: Mapping[str, Menu], chosen: Mapping[str, float]) -> pl.DataFrame:
    now, rows = whole.value(whole.scores), []
    for code, place in chosen.items():
        menu = counted[code]
        if place > 0.0:
            gain = whole.value({**whole.scores, code: _score(menu, place)}) - now
            values = (menu.values[0], _value(menu, place), menu.scores[0], _score(menu, place), _effort(menu, place))
            rows.append((code, *values, gain))
    names = ("value", "value_needed", "score", "score_needed", "effort", "gain")
    schema = {"code": pl.String, **dict.fromkeys(names, pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("gain", "code", descending=[True, False])


def _least(whole: Composite, counted: Mapping[str, Menu], target: float) -> dict[str, float]:
    """The place on each menu where the sum of efforts is least and the composite reaches the target.

    The ends of all menus where it cannot be reached.
    """
    # scipy takes half a second to come in.
    from metrics.programs import Pieces

    ends = {code: float(len(menu.values) - 1) for code, menu in counted.items()}
    best = {code: _score(menu, ends[code]) for code, menu in counted.items()}
    if whole.value({**whole.scores, **best}) < target - NEAR:
        return ends
    pieces = Pieces(counted)
    at = {**whole.scores, **best}
    for _ in range(CUTS):
        pieces.add_tangent(at, whole.value(at), whole.slope(at), target)
        chosen = pieces.solved()
        at = _scores(whole, counted, chosen)
        if whole.value(at) >= target - NEAR:
            break
    return _raised(whole, counted, chosen, ends, target)


def _scores(whole: Composite, counted: Mapping[str, Menu], places: Mapping[str, float]) -> dict[str, float]:
    return {**whole.scores, **{code: _score(menu, places[code]) for code, menu in counted.items()}}


def _raised(
    whole: Composite, counted: Mapping[str, Menu], chosen: dict[str, float], ends: dict[str, float], target: float
) -> dict[str, float]:
    """The places moved towards the ends by as little as makes up what tangents and rounding left open."""

    def moved(share: float) -> dict[str, float]:
        return {
            code: chosen[code] if menu.stepwise else chosen[code] + share * (ends[code] - chosen[code])
            for code, menu in counted.items()
        }

    if whole.value(_scores(whole, counted, chosen)) >= target:
        return chosen
    if whole.value(_scores(whole, counted, moved(1.0))) < target:
        return ends
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (low, middle) if whole.value(_scores(whole, counted, moved(middle))) >= target else (middle, high)
    return moved(high)
