"""Targets: who has reached them, and the pace that is still needed by a given cycle."""

import polars as pl

from metrics.compare import target_of
from metrics.definitions import Definitions
from metrics.periods import PeriodError
from metrics.problems import InputError, Problem
from metrics.scorecard import Scorecard


def later_cycles(card: Scorecard, period: str, count: int) -> tuple[str, ...]:
    """The names of the cycles after one, by which a target may be due."""
    ordinal = card.rows.calendar.named(period)
    return tuple(card.rows.calendar.name(ordinal + ahead) for ahead in range(1, count + 1))


def goals_of(definitions: Definitions) -> dict[str, tuple[float, float]]:
    """The indicators that have a target to reach, with it and the way there: 1 up, −1 down."""
    ways = {"higher": 1.0, "lower": -1.0}
    return {
        code: (goal, ways[item.better])
        for code, item in definitions.indicators.items()
        if isinstance(item.better, str) and (goal := target_of(definitions, code)) is not None
    }


def attainment(card: Scorecard, period: str, *, due: str) -> pl.DataFrame:
    """Every region's value in one cycle against its indicator's target (`compare.target_of`), due in a later cycle.

    Columns: region, code, value, target, attained, rate (the share of the target that is attained: value/target where
    higher is better, target/value where lower is, null unless both are above 0), gap (target − value, in the
    indicator's unit), needed (the change per cycle that closes it by `due`; 0 once attained), needed_rate (the same as
    a compound rate per cycle), pace (the change on the previous cycle), on_track (whether the pace, kept up, reaches
    the target by then; null without an earlier value). A rate that is no finite number is null. Indicators that are
    best in a band have no target here. Raises InputError for a cycle that is not there, or due no later than `period`.
    """
    card.require_period(period)
    cycles = _until(card, period, due)
    goals = [(code, *goal) for code, goal in goals_of(card.definitions).items()]
    goals_frame = pl.DataFrame(goals, schema={"code": pl.String, "target": pl.Float64, "way": pl.Float64}, orient="row")
    rows = card.frame.filter(pl.col("period") == period).join(goals_frame, on="code").drop_nulls("value")
    moved = card.changes.select("period", "region", "code", pace="value_change")
    value, target, way = pl.col("value"), pl.col("target"), pl.col("way")
    gap, attained = target - value, (value - target) * way >= 0.0
    both = pl.when((value > 0.0) & (target > 0.0))
    factor = (target / value) ** (1.0 / cycles)
    found = rows.join(moved, on=["period", "region", "code"], how="left").select(
        "region", "code", "value", "target", "pace", "way",
        attained=attained,
        rate=_finite(both.then(pl.when(way > 0.0).then(value / target).otherwise(target / value))),
        gap=gap,
        needed=pl.when(attained).then(0.0).otherwise(gap / cycles),
        needed_rate=_finite(pl.when(attained).then(0.0).otherwise(both.then(factor - 1.0))),
    )  # fmt: skip
    kept_up = (value + pl.col("pace") * cycles - target) * way >= -1e-12 * target.abs()
    names = ("region", "code", "value", "target", "attained", "rate", "gap", "needed", "needed_rate", "pace")
    return found.select(*names, on_track=kept_up).sort("region", "code")


def _finite(number: pl.Expr) -> pl.Expr:
    return pl.when(number.is_finite()).then(number)


def _until(card: Scorecard, period: str, due: str) -> int:
    """How many cycles are left."""
    calendar = card.rows.calendar
    try:
        cycles = calendar.named(due) - calendar.named(period)
    except PeriodError:
        cycles = 0
    if cycles < 1:
        raise InputError([Problem("not_later", path="due", facts={"due": due, "period": period})])
    return cycles
