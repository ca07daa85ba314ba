"""Impact: what a change of the definitions does to scores, ranks, grades and rules, for whom and why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import polars as pl

from metrics.change import SCHEMA, ledgers
from metrics.definitions import Definitions
from metrics.models import Grade
from metrics.robustness import analyse
from metrics.rules import ROUNDING
from metrics.scorecard import Given, Scorecard, score, score_values
from metrics.values import evaluate

# Scores that are no further apart are the same: what rounding leaves of other sums is smaller.
SAME = 1e-9
KEY = ("period", "region", "code")


@dataclass(frozen=True)
class Impact:
    """The same facts, scored by two definitions files; nothing is computed before it is asked for.

    `periods` are the cycles that are told; None: all.
    """

    before: Scorecard
    after: Scorecard
    periods: Collection[str] | None = None
    _ledgers: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def rows(self) -> pl.DataFrame:
        """What is not as it was, a row a cycle, region and node or indicator of either file; empty where all is.

        Columns: period, region, code, level, then score, rank, grade, flags and rules (the codes of those met, between
        `;`), each with `_before` and `_after`, and change (points of score). Null where one file has no such row.
        """
        told = pl.col("score_after") - pl.col("score_before")
        names = ("score", "level", "rank", "grade", "flags")
        other = [pl.col(f"{name}_before").ne_missing(pl.col(f"{name}_after")) for name in names]
        both = _told(self.before, "before").join(_told(self.after, "after"), on=KEY, how="full", coalesce=True)
        same = pl.when(told.abs() <= SAME).then("score_before").otherwise("score_after")
        both = both.with_columns(score_after=same)
        own = pl.lit(value=True) if self.periods is None else pl.col("period").is_in(list(self.periods))
        return (
            both.filter(own, pl.any_horizontal(*other))
            .select(
                *KEY,
                pl.coalesce("level_after", "level_before").alias("level"),
                *(f"{name}_{side}" for name in _TOLD for side in ("before", "after")),
                told.alias("change"),
            )
            .sort("period", "region", pl.col("code").replace_strict(self._places, return_dtype=pl.Int64))
        )

    @cached_property
    def _places(self) -> dict[str, int]:
        after, before = ([row.code for row in card.definitions.nodes()] for card in (self.after, self.before))
        return {code: at for at, code in enumerate(dict.fromkeys((*after, *before)))}

    @cached_property
    def composites(self) -> pl.DataFrame:
        """The rows of the composite."""
        return self.rows.filter(pl.col("level") == "composite")

    def reasons(self, period: str) -> pl.DataFrame:
        """What the composites' changes in a cycle come from: the columns of `change.ledgers`, both periods that one.

        Empty where the score of no composite has moved in it.
        """
        moved = self.composites.filter(pl.col("period") == period, pl.col("change").abs() > SAME)
        if moved.is_empty():
            return pl.DataFrame(schema=SCHEMA)
        if period not in self._ledgers:
            cycles = {"period_before": period, "period_after": period}
            self._ledgers[period] = ledgers(self.before, self.after, **cycles)
        return self._ledgers[period]

    @cached_property
    def ranking(self) -> pl.DataFrame:
        """The ranks that changed, beside the interval that they had: period, region, rank_before, rank_after,
        rank_p05, rank_p95 (of the trials of the definitions before), outside (whether the new rank leaves it; null
        where there was none)."""
        moved = self.composites.filter(pl.col("rank_before").ne_missing(pl.col("rank_after")))
        moved = moved.select("period", "region", "rank_before", "rank_after")
        if moved.is_empty():
            return moved.with_columns(rank_p05=pl.lit(0.0), rank_p95=pl.lit(0.0), outside=pl.lit(value=False))
        intervals = analyse(self.before).ranks.select("period", "region", "rank_p05", "rank_p95")
        inside = pl.col("rank_after").is_between("rank_p05", "rank_p95")
        found = moved.join(intervals, on=["period", "region"], how="left", maintain_order="left")
        known = pl.col("rank_p05").is_not_null()
        return found.with_columns(outside=pl.when(known).then(~inside.fill_null(value=False)))

    @cached_property
    def regraded(self) -> pl.DataFrame:
        """Whose grade is another one, and what of it alone would have changed it: period, region, causes.

        causes: `grades` (the list of grades), `rules` (vetoes and gates that are met on one side only, or cap
        otherwise), `score` (the score, or the rank where grades are quotas); the last where none of them would alone.
        """
        moved = self.composites.filter(pl.col("grade_before").ne_missing(pl.col("grade_after")))
        causes = [self._causes(row) or ["score"] for row in moved.iter_rows(named=True)]
        return moved.select("period", "region", pl.Series("causes", causes, dtype=pl.List(pl.String)))

    def _causes(self, row: Mapping[str, Any]) -> list[str]:
        before, after = self.before.definitions, self.after.definitions
        causes = {
            "grades": _place(before.grades, row, "after") != _place(after.grades, row, "after"),
            "rules": _lowering(before, row["rules_before"]) != _lowering(after, row["rules_after"]),
            "score": _place(before.grades, row, "before") != _place(before.grades, row, "after"),
        }
        return [cause for cause, holds in causes.items() if holds]


_TOLD = ("score", "rank", "grade", "flags", "rules")


def _place(grades: Sequence[Grade], row: Mapping[str, Any], side: str) -> str | None:
    """The grade that a list gives to a side's score before any rule; with quotas the list and the rank stand for it."""
    if any(grade.top is not None or grade.top_share is not None for grade in grades):
        return f"{row[f'rank_{side}']} {[(grade.code, grade.top, grade.top_share) for grade in grades]}"
    score = row[f"score_{side}"]
    reached = (g.code for g in grades if g.at_least is None or (score is not None and score >= g.at_least - ROUNDING))
    return None if score is None else next(reached, None)


def _lowering(definitions: Definitions, met: str | None) -> set[tuple[str, str | None]]:
    """What the rules that are met do to a grade."""
    codes = (met or "").split(";")
    kinds = {"veto", "gate"}
    return {(rule.kind, rule.cap) for rule in definitions.rules if rule.code in codes and rule.kind in kinds}


def impact(
    before: Definitions, after: Definitions, facts: pl.DataFrame, *, regions: pl.DataFrame | None = None
) -> Impact:
    """What the second file makes of the facts that the first does not.

    Facts of a variable that only one of the files has are the other's no matter. Raises InputError as `score` does.
    """
    card = score(before, _without(facts, set(after.raw) - set(before.raw)), regions=regions)
    own = _without(facts, set(before.raw) - set(after.raw))
    return between(card, rescored(card, after, own, regions))


def rescored(
    card: Scorecard, after: Definitions, facts: pl.DataFrame, regions: pl.DataFrame | None = None
) -> Scorecard:
    """`score`, with nothing made again that a scorecard of the same facts has already."""
    if not _rolled_alike(card.definitions, after):
        return score(after, facts, regions=regions)
    known = evaluate(after, card.rows, {code: card.known[code] for code in after.raw})
    return Scorecard(*score_values(after, card.rows, known), after, card.rows, known, card.given)


def between(before: Scorecard, after: Scorecard, periods: Collection[str] | None = None) -> Impact:
    """What the second of two scorecards of the same facts makes of them that the first does not."""
    foreign = set(after.definitions.raw) - set(before.definitions.raw)
    further = after.facts.filter(pl.col("variable").is_in(foreign)) if foreign else pl.DataFrame()
    if further.height:
        # What lies between the two sides may need the variables of both, and these are no correction of facts.
        whole = pl.concat([before.facts, further])
        before = replace(before, given=Given(before.given.own, lambda: whole))
    return Impact(before, replace(after, given=replace(after.given, read=lambda: before.facts)), periods)


def by_cycle(impacts: Collection[Impact]) -> dict[str, Impact]:
    """The cycles in which anything changes, the earliest first, each with the impact that tells it."""
    told = {period: found for found in impacts for period in found.rows["period"].unique()}
    return dict(sorted(told.items()))


def rows_of(impacts: Collection[Impact]) -> pl.DataFrame:
    """`Impact.rows` of impacts on different cycles, at least one of them."""
    return pl.concat([found.rows for found in impacts]).sort("period", maintain_order=True)


def _rolled_alike(before: Definitions, after: Definitions) -> bool:
    """Whether both files have the same reported variables, rolled up in the same way to the same cycles."""
    return _rolled(before) == _rolled(after)


def _rolled(definitions: Definitions) -> object:
    """All that a roll-up depends on."""
    items = {code: definitions.variables[code] for code in definitions.raw}
    parts = {code: [getattr(item, part) for part in _ROLLED] for code, item in items.items()}
    return definitions.cycle, definitions.compare, definitions.fiscal_year_starts, parts


_ROLLED = ("over_time", "over_sites", "absent", "partial", "valid")


def _without(facts: pl.DataFrame, variables: set[str]) -> pl.DataFrame:
    return facts.filter(~pl.col("variable").is_in(variables)) if variables else facts


def _told(card: Scorecard, side: str) -> pl.DataFrame:
    """The contract's columns that are compared, named after their side; `rules` are the flags that are rules."""
    rules = [rule.code for rule in card.definitions.rules]
    met = pl.col("flags").str.split(";").list.set_intersection(pl.lit(rules, pl.List(pl.String))).list.join(";")
    frame = card.frame.with_columns(rules=met)
    return frame.select(*KEY, *(pl.col(name).alias(f"{name}_{side}") for name in ("level", *_TOLD)))
