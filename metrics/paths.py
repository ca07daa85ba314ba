"""Paths: the least that a region would have to change to reach a score, and what it can lose before it loses one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from metrics.composite import is_concave
from metrics.menus import Menu, falls, menus
from metrics.models import Grade
from metrics.outlook import Outlook
from metrics.problems import InputError, Problem
from metrics.rules import ROUNDING, points_of
from metrics.scorecard import Scorecard
from metrics.shadows import what_if

# How near a computed composite must come to the score that is asked for.
NEAR = 1e-6
# How often a path is looked for anew where its values, scored again, do not give what was planned.
TRIES = 8


@dataclass(frozen=True)
class Path:
    """What it takes to reach a score from one region's present one.

    `target` is the score asked for and `grade` the grade that it would give; `steps` holds what is to change, by the
    composite's gain: code, value, value_needed, score, score_needed, effort (standard deviations of the value among the
    peers), gain (points of the composite, were this the only step); `reached` the composite after all of them, scored
    again with the new values: frames and rules move along.
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
        (grade, bound) for grade, bound in bounds(card, period) if bound is not None and bound - ROUNDING > row["score"]
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

    What others report stays as it is, and nothing is asked for that no peer has reached; the region's own values move
    the frames along. The sum of the efforts is minimised with the rules' points as they are (`programs.cheapest`), and
    what is found is scored again: where that falls short, or a rule gives points that were not counted on, it is looked
    for anew. None without a score or a better grade. Raises InputError for a region or cycle that is not there and for
    aggregations that are not concave.
    """
    row, following = card.composite_of(region, period), next_grade(card, region, period)
    if row["score"] is None or (target is None and following is None):
        return None
    _refuse_other_means(card)
    wanted = target if target is not None else following[1] if following is not None else 0.0
    grade = following[0].code if target is None and following is not None else _grade_at(card, period, wanted)
    outlook, better = Outlook(card, region, period), menus(card, region, period)
    counted = {code: menu for code, menu in better.items() if code in outlook.whole.scores}
    values, after = _found(outlook, counted, wanted, grade)
    reached = after.composite_of(region, period)["score"]
    if _short(after, outlook, wanted, grade) > NEAR:
        values, after = {}, card
    return Path(
        region, period, row["score"], wanted, grade,
        _steps(outlook, counted, values), _alone(outlook, counted, wanted),
        row["score"] if reached is None else reached, _vetoes(after, outlook, grade),
    )  # fmt: skip


def margins(card: Scorecard, region: str, period: str) -> pl.DataFrame:
    """How far each indicator can get worse, alone, before the region loses the grade that it has, rules included.

    Columns: code, value, value_at_loss (the first that loses it, up to the worst that a peer has, the definition names
    or a rule asks about; null where none does), effort (standard deviations of the value among the peers), score,
    score_at_loss; the nearest first. Empty without a score or with the last grade.
    """
    outlook, grades = Outlook(card, region, period), [grade.code for grade in card.definitions.grades]
    held = card.composite_of(region, period)["grade"]
    names = ("value", "value_at_loss", "effort", "score", "score_at_loss")
    schema = {"code": pl.String, **dict.fromkeys(names, pl.Float64)}
    if held is None or held == grades[-1]:
        return pl.DataFrame(schema=schema)
    counted = outlook.whole.scores.keys() | outlook.asked_about
    ways = [menu for menu in falls(card, region, period) if menu.code in counted]
    found = pl.DataFrame([_margin(outlook, menu, grades.index(held)) for menu in ways], schema=schema, orient="row")
    # A value inside a band gets worse on both sides.
    nearest_first = found.sort("effort", "code", nulls_last=True)
    return nearest_first.unique("code", keep="first", maintain_order=True)


def _margin(outlook: Outlook, menu: Menu, held: int) -> tuple[str | float | None, ...]:
    def loses(value: float, score: float) -> bool:
        return outlook.with_one(menu.code, value, score)[1] > held

    at = menu.first(loses)
    value, score = at if at is not None else (None, None)
    return menu.code, menu.values[0], value, None if value is None else menu.effort(value), menu.scores[0], score


def _refuse_other_means(card: Scorecard) -> None:
    other = [
        code
        for code, node in card.definitions.tree_nodes.items()
        if not is_concave(card.definitions.aggregate_of(node))
    ]
    if other:
        raise InputError([Problem("no_path_through", path=other[0], facts={"codes": ", ".join(other)})])


def _grade_at(card: Scorecard, period: str, wanted: float) -> str | None:
    known = [(grade.code, bound) for grade, bound in bounds(card, period) if bound is not None]
    return next((code for code, bound in known if wanted >= bound - ROUNDING), None)


def _vetoes(card: Scorecard, outlook: Outlook, grade: str | None) -> tuple[str, ...]:
    """The rules met in a scorecard that hold the region below a grade."""
    met = card.composite_of(outlook.region, outlook.period)["flags"].split(";")
    order = [entry.code for entry in card.definitions.grades]
    vetoes = [rule for rule in card.definitions.rules if rule.kind == "veto" and rule.code in met]
    return tuple(rule.code for rule in vetoes if grade is None or order.index(str(rule.cap)) > order.index(grade))


def _short(card: Scorecard, outlook: Outlook, wanted: float, grade: str | None) -> float:
    """How much the composite lacks of a score, with quotas of the grade's last one; infinite without a composite."""
    score = card.composite_of(outlook.region, outlook.period)["score"]
    if score is None:
        return math.inf
    bound = {entry.code: bound for entry, bound in bounds(card, outlook.period)}.get(grade or "")
    return float((wanted if bound is None or not outlook.quotas else max(wanted, bound)) - score)


def _found(
    outlook: Outlook, counted: Mapping[str, Menu], wanted: float, grade: str | None
) -> tuple[dict[str, float], Scorecard]:
    """The values of the cheapest path that, scored again, reaches the score, and that scorecard; else the last try."""
    # scipy takes half a second to come in.
    from metrics.programs import cheapest

    mean, best = wanted - points_of(outlook.card.definitions, outlook.met), None
    for _ in range(TRIES):
        places = cheapest(outlook.whole, counted, mean)
        values = {code: counted[code].value(place) for code, place in places.items() if place > 0.0}
        tried = values, what_if(outlook.card, outlook.region, outlook.period, values)
        short = _short(tried[1], outlook, wanted, grade)
        if best is not None and (short > ROUNDING or _effort(counted, values) >= _effort(counted, best[0])):
            break
        best = tried if short <= ROUNDING else None
        at_ends = all(place == len(counted[code].jumps) for code, place in places.items())
        if -NEAR < short <= ROUNDING or (short > 0.0 and at_ends) or not math.isfinite(short):
            break
        mean += short
    return best or tried


def _effort(counted: Mapping[str, Menu], values: Mapping[str, float]) -> float:
    return sum(counted[code].effort(value) for code, value in values.items())


def _alone(outlook: Outlook, counted: Mapping[str, Menu], target: float) -> pl.DataFrame:
    rows = [_alone_with(outlook, menu, target) for menu in counted.values()]
    schema = {"code": pl.String, **dict.fromkeys(("value", "value_needed", "effort"), pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("effort", "code", nulls_last=True)


def _alone_with(outlook: Outlook, menu: Menu, target: float) -> tuple[str | float | None, ...]:
    def reaches(value: float, score: float) -> bool:
        composite = outlook.with_one(menu.code, value, score)[0]
        return composite is not None and composite >= target - ROUNDING / 2.0

    at = menu.first(reaches)
    return (menu.code, menu.values[0], *((None, None) if at is None else (at[0], menu.effort(at[0]))))


def _steps(outlook: Outlook, counted: Mapping[str, Menu], values: Mapping[str, float]) -> pl.DataFrame:
    whole, rows = outlook.whole, []
    now = whole.value(whole.scores)
    for code, value in values.items():
        menu = counted[code]
        score = menu.course.scores([value])[0]
        assert score is not None
        gain = whole.value({**whole.scores, code: score}) - now
        rows.append((code, menu.values[0], value, menu.scores[0], score, menu.effort(value), gain))
    names = ("value", "value_needed", "score", "score_needed", "effort", "gain")
    schema = {"code": pl.String, **dict.fromkeys(names, pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("gain", "code", descending=[True, False])
