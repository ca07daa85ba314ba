"""Aggregation: children's scores into one, the missing left out and the rest reweighted (contract §4)."""

from collections.abc import Callable, Sequence

import polars as pl

Mean = Callable[[Sequence[pl.Expr], Sequence[pl.Expr], float | None], pl.Expr]


def weight_present(scores: Sequence[pl.Expr], weights: Sequence[pl.Expr]) -> pl.Expr:
    """The sum of the weights of the children that have a score."""
    return pl.sum_horizontal(pl.when(s.is_not_null()).then(w) for s, w in zip(scores, weights, strict=True))


def _mean(terms: Sequence[pl.Expr], weights: Sequence[pl.Expr]) -> pl.Expr:
    total = weight_present(terms, weights)
    return pl.when(total > 0.0).then(pl.sum_horizontal(t * w for t, w in zip(terms, weights, strict=True)) / total)


def arithmetic(scores: Sequence[pl.Expr], weights: Sequence[pl.Expr], floor: float | None) -> pl.Expr:
    """Σ w·s / Σ w; Handbook §6.5 (linear aggregation)."""
    return _mean([_floored(s, floor) for s in scores], weights)


def geometric(scores: Sequence[pl.Expr], weights: Sequence[pl.Expr], floor: float | None) -> pl.Expr:
    """exp(Σ w·ln s / Σ w), scores below `floor` raised to it; null when a score is not above 0; Handbook §6.6."""
    raised = [_floored(s, floor) for s in scores]
    logs = [s.log() for s in raised]
    positive = pl.all_horizontal((s > 0.0).fill_null(value=True) for s in raised)
    return pl.when(positive).then(_mean(logs, weights).exp())


def _floored(score: pl.Expr, floor: float | None) -> pl.Expr:
    return score if floor is None else score.clip(lower_bound=floor)


METHODS: dict[str, Mean] = {"arithmetic": arithmetic, "geometric": geometric}
