"""Rules beside the weighted mean: bonus and penalty points, grades, vetoes and gates (contract §4)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from metrics.definitions import Definitions
from metrics.frames import Frame
from metrics.models import Grade, Rule
from metrics.values import Cells, Rows, compute

# A score that reaches a threshold but for rounding in the last digits has reached it.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Ruled:
    """The composite after the rules, on `Rows.frame`: score, grade (code), and a flag a rule."""

    score: pl.Series
    grade: pl.Series
    flags: Mapping[str, pl.Series]


def apply_rules(
    definitions: Definitions,
    rows: Rows,
    score: pl.Series,
    *,
    known: Mapping[str, Cells],
    tie_breaks: Sequence[pl.Series] = (),
) -> Ruled:
    """Points, then the gate, rank and grade, then the vetoes.

    `known` holds what a `when` may name; `tie_breaks` the scores that decide, in turn, between regions of one rank
    where a quota does not hold them all.
    """
    final, met = pointed(definitions, rows, score, known=known)
    grade = _graded(definitions.grades, rows, final, tie_breaks)
    for rule in definitions.rules:
        if rule.kind == "veto":
            grade = _capped(grade, met[rule.code], rule, definitions.grades)
    return Ruled(final, _codes(grade, definitions.grades), met)


def pointed(
    definitions: Definitions, rows: Rows, score: pl.Series, *, known: Mapping[str, Cells]
) -> tuple[pl.Series, dict[str, pl.Series]]:
    """The composite after points and gates, and where each rule's condition is met."""
    met = {
        rule.code: compute(rule.when.tree, known, rows).value.fill_null(value=False) & score.is_not_null()
        for rule in definitions.rules
    }
    gated = _any(met, definitions.rules, "gate", score)
    moved = _with_points(definitions, score, met)
    return moved.to_frame("x").select(pl.when(~gated).then(pl.col("x"))).to_series(), met


def points_of(definitions: Definitions, met: Collection[str]) -> float:
    """What the rules that are met add to a mean: bonuses up to `bonus_cap`, less penalties."""
    bonus, penalty = (
        sum(rule.points or 0.0 for rule in definitions.rules if rule.kind == kind and rule.code in met)
        for kind in ("bonus", "penalty")
    )
    cap = definitions.bonus_cap
    return (bonus if cap is None else min(bonus, cap)) - penalty


def ranked(score: pl.Series, rows: Rows) -> pl.Series:
    """1 is best, among the compared regions of the cycle; ties share the smaller number."""
    compared = rows.frame["compared"]
    ranks = Frame(rows).ranked(-score)
    return ranks.to_frame("x").select(pl.when(compared).then(pl.col("x")).cast(pl.Int64)).to_series()


def _any(met: Mapping[str, pl.Series], rules: Sequence[Rule], kind: str, like: pl.Series) -> pl.Series:
    flags = [met[rule.code] for rule in rules if rule.kind == kind]
    frame = pl.DataFrame([flag.alias(str(index)) for index, flag in enumerate(flags)])
    return frame.select(pl.any_horizontal(pl.all())).to_series() if flags else pl.repeat(False, len(like), eager=True)


def _with_points(definitions: Definitions, score: pl.Series, met: Mapping[str, pl.Series]) -> pl.Series:
    """Bonuses up to `bonus_cap`, less penalties, inside 0..100 where any applies."""
    points = {"bonus": pl.repeat(0.0, len(score), eager=True), "penalty": pl.repeat(0.0, len(score), eager=True)}
    for rule in definitions.rules:
        if rule.kind in points:
            points[rule.kind] = points[rule.kind] + met[rule.code].cast(pl.Float64) * (rule.points or 0.0)
    cap = definitions.bonus_cap
    bonus = points["bonus"] if cap is None else points["bonus"].clip(upper_bound=cap)
    changed = (points["bonus"] > 0.0) | (points["penalty"] > 0.0)
    frame = pl.DataFrame({"score": score, "moved": score + bonus - points["penalty"], "changed": changed})
    return frame.select(pl.when("changed").then(pl.col("moved").clip(0.0, 100.0)).otherwise("score")).to_series()


def _graded(grades: Sequence[Grade], rows: Rows, score: pl.Series, tie_breaks: Sequence[pl.Series]) -> pl.Series:
    """Each score's place in the list of grades, 0 the best."""
    frame, place = rows.frame.select("cycle").with_columns(score=score), _by_threshold(grades)
    if any(grade.top is not None or grade.top_share is not None for grade in grades):
        order = _in_order(rows, [ranked(scores, rows) for scores in (score, *tie_breaks)])
        frame, place = frame.with_columns(rank=order), _by_quota(grades)
    return frame.select(pl.when(pl.col("score").is_not_null()).then(place).cast(pl.Int64)).to_series()


def _in_order(rows: Rows, places: Sequence[pl.Series]) -> pl.Series:
    """1, 2, … by the first places, ties of these by the next ones; null where the first is, last where another is."""
    if len(places) == 1:
        return places[0]
    names = [str(at) for at in range(len(places))]
    frame = rows.frame.select("cycle").with_columns(
        place.alias(name) for name, place in zip(names, places, strict=True)
    )
    last = frame.height + 1
    order = pl.struct(pl.col(name).fill_null(last) for name in names).rank("min").over("cycle")
    return frame.select(pl.when(pl.col("0").is_not_null()).then(order)).to_series()


def _by_threshold(grades: Sequence[Grade]) -> pl.Expr:
    place = pl.lit(None, pl.Int64)
    for index, grade in reversed(list(enumerate(grades))):
        reached = pl.col("score") >= (float("-inf") if grade.at_least is None else grade.at_least) - ROUNDING
        place = pl.when(reached).then(pl.lit(index)).otherwise(place)
    return place


def _by_quota(grades: Sequence[Grade]) -> pl.Expr:
    """Each grade takes its number, or its share rounded down, of the ranked; regions without rank have no grade."""
    ranked_regions = pl.col("rank").count().over("cycle")
    place, taken = pl.lit(None, pl.Int64), pl.lit(0.0)
    bounds = []
    for grade in grades:
        share = None if grade.top_share is None else (ranked_regions * grade.top_share + ROUNDING).floor()
        quota = pl.lit(float(grade.top)) if grade.top is not None else share
        taken = taken + quota if quota is not None else pl.lit(float("inf"))
        bounds.append(taken)
    for index, bound in reversed(list(enumerate(bounds))):
        place = pl.when(pl.col("rank") <= bound).then(pl.lit(index)).otherwise(place)
    return pl.when(pl.col("rank").is_not_null()).then(place)


def _capped(grade: pl.Series, met: pl.Series, rule: Rule, grades: Sequence[Grade]) -> pl.Series:
    cap = [entry.code for entry in grades].index(str(rule.cap))
    frame = pl.DataFrame({"grade": grade, "met": met})
    lowered = pl.when(pl.col("grade").is_not_null()).then(pl.max_horizontal("grade", pl.lit(cap, pl.Int64)))
    return frame.select(pl.when("met").then(lowered).otherwise("grade")).to_series()


def _codes(grade: pl.Series, grades: Sequence[Grade]) -> pl.Series:
    names = dict(enumerate(entry.code for entry in grades))
    return grade.replace_strict(names, default=None, return_dtype=pl.String)
