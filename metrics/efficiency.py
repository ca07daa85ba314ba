"""Efficiency: who gets the most out of cost and energy, as a cross-check of the composite by another method."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from metrics.envelopment import Envelopment, Orientation, Returns, Vector, envelop, radial_efficiency
from metrics.frames import tied_ranks
from metrics.problems import Problem
from metrics.production import Production, left_out, refuse_measures
from metrics.sample import Sample, number
from metrics.scorecard import Scorecard

# Two efficiencies that are the same but for the solver.
SAME = 1e-6
_REGIONS = {
    "region": pl.String,
    **dict.fromkeys(("score", "ccr", "bcc", "scale"), pl.Float64),
    **dict.fromkeys(("returns", "status"), pl.String),
    **dict.fromkeys(("rank", "composite_rank", "places"), pl.Int64),
}
_MEASURES = {
    **dict.fromkeys(("region", "model", "code", "role", "unit"), pl.String),
    **dict.fromkeys(("value", "slack", "target", "change"), pl.Float64),
}
_PEERS = {**dict.fromkeys(("region", "model", "peer"), pl.String), "weight": pl.Float64}


@dataclass(frozen=True)
class Efficiency:
    """What the compared regions of a cycle make of their inputs, under constant (ccr) and variable (bcc) returns.

    `regions`: region, score (composite), ccr, bcc (0..1, 1 is best), scale (ccr / bcc), returns (`increasing`,
    `constant`, `decreasing`), status (`efficient`, `weak`: nothing to shrink but slack left, `inefficient`), rank (by
    `model`), composite_rank (among the same regions), places (composite_rank − rank); best first.
    `measures`: region, model, code, role, unit, value, slack, target (what its peers' sum has), change
    (target/value − 1).
    `peers`: region, model, peer, weight (λ). `model` is `ccr`, or `bcc` where a ratio or a score is among the measures.
    `problems` name who was left out and what makes the result doubtful.
    """

    period: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    orientation: Orientation
    model: str
    regions: pl.DataFrame
    measures: pl.DataFrame
    peers: pl.DataFrame
    problems: tuple[Problem, ...]


def efficiency(
    card: Scorecard,
    period: str,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    orientation: Orientation = "input",
    members: Sequence[str] | None = None,
) -> Efficiency:
    """Data envelopment analysis (`envelopment`) of the compared regions of a cycle, or those of them in `members`.

    Variables, and indicators among the inputs, enter by their value, indicators and pillars among the outputs by their
    score, of which more is always better. Returns to scale by comparing the two models with nonincreasing returns
    (Färe, Grosskopf & Lovell, 1985), which needs no unique λ. Raises InputError for measures or a cycle that are not
    there.
    """
    sample = Sample(card, period, None if members is None else tuple(members))
    refuse_measures(sample.definitions, inputs, outputs)
    every = Production.of(sample, inputs, outputs)
    table = every.usable()
    models = _enveloped(table, orientation)
    ratios = [code for code in table.codes if code not in sample.definitions.variables]
    model = "bcc" if ratios else "ccr"
    return Efficiency(
        period,
        tuple(inputs),
        tuple(outputs),
        orientation,
        model,
        _ranked(sample, table, models, model=model, orientation=orientation),
        pl.DataFrame(list(_measured(table, models)), schema=_MEASURES),
        pl.DataFrame(list(_peers(table, models)), schema=_PEERS),
        (*_doubts(table, ratios), *_unsolved(table, models), *left_out(every)),
    )


def _enveloped(table: Production, orientation: Orientation) -> dict[str, Envelopment]:
    """Both models of these regions; none of no region."""
    if not table.regions:
        return {}
    return {name: envelop(*table.sides, returns=returns, orientation=orientation) for name, returns in MODELS.items()}


def _ranked(
    sample: Sample, table: Production, models: dict[str, Envelopment], *, model: str, orientation: Orientation
) -> pl.DataFrame:
    """The columns of `Efficiency.regions`."""
    if not models:
        return pl.DataFrame(schema=_REGIONS)
    scores = sample.card.frame.filter(code=sample.root, period=sample.period).select("region", "score")
    by_region = dict(scores.iter_rows())
    score = np.array([by_region[region] for region in table.regions], dtype=float)
    theta = {name: models[name].efficiency for name in models}
    nonincreasing = radial_efficiency(*table.sides, returns="nonincreasing", orientation=orientation)
    rank, composite = _places(theta[model]), _places(score)
    rows = [
        {
            "region": region,
            "score": number(score[at]),
            "ccr": number(theta["ccr"][at]),
            "bcc": number(theta["bcc"][at]),
            "scale": number(theta["ccr"][at] / theta["bcc"][at]),
            "returns": _returns(theta["ccr"][at], theta["bcc"][at], nonincreasing[at]),
            "status": _status(models[model], at),
            "rank": rank[at],
            "composite_rank": composite[at],
            "places": None if None in (rank[at], composite[at]) else composite[at] - rank[at],  # type: ignore[operator]
        }
        for at, region in enumerate(table.regions)
    ]
    return pl.DataFrame(rows, schema=_REGIONS).sort("rank", "region", nulls_last=True)


def _places(values: Vector) -> list[int | None]:
    """1 is best, ties share the smaller number."""
    return [None if np.isnan(place) else int(place) for place in tied_ranks(-values[None, :])[0]]


def _returns(ccr: float, bcc: float, nonincreasing: float) -> str | None:
    if np.isnan(ccr) or np.isnan(bcc) or np.isnan(nonincreasing):
        return None
    if bcc - ccr <= SAME:
        return "constant"
    return "increasing" if nonincreasing - ccr <= SAME else "decreasing"


def _status(found: Envelopment, at: int) -> str | None:
    if np.isnan(found.efficiency[at]):
        return None
    if found.efficiency[at] < 1.0:
        return "inefficient"
    return "efficient" if found.efficient[at] else "weak"


def _measured(table: Production, models: dict[str, Envelopment]) -> Iterator[dict[str, Any]]:
    """The rows of `Efficiency.measures`, of regions whose programmes were solved."""
    for at, region in enumerate(table.regions):
        for model in MODELS:
            if model not in models or np.isnan(models[model].efficiency[at]):
                continue
            slacks = np.concatenate([models[model].input_slacks[at], models[model].output_slacks[at]])
            targets = models[model].weights[at] @ table.values
            for place, code in enumerate(table.codes):
                value, target = float(table.values[at, place]), float(targets[place])
                yield {
                    **{"region": region, "model": model, "code": code, "role": table.roles[place]},
                    **{"unit": table.units[place], "value": value, "slack": float(slacks[place])},
                    **{"target": target, "change": target / value - 1.0},
                }


def _peers(table: Production, models: dict[str, Envelopment]) -> Iterator[dict[str, Any]]:
    """The rows of `Efficiency.peers`, the heaviest first."""
    for at, region in enumerate(table.regions):
        for model in MODELS:
            weights = models[model].weights[at] if model in models else np.array([])
            for place in sorted(np.flatnonzero(np.nan_to_num(weights)), key=lambda place: (-weights[place], place)):
                yield {"region": region, "model": model, "peer": table.regions[place], "weight": float(weights[place])}


def _doubts(table: Production, ratios: Sequence[str]) -> Iterator[Problem]:
    """Too few regions for so many measures: n ≥ max(m·s, 3(m + s)), Cooper, Seiford & Tone (2007), ch. 9; ratios."""
    n, m, s = len(table.regions), table.inputs, len(table.codes) - table.inputs
    least = max(m * s, 3 * (m + s))
    if n < least:
        yield Problem("few_for_efficiency", facts={"n": n, "m": m, "s": s, "least": least})
    if ratios:
        yield Problem("ratios_in_efficiency", facts={"codes": ", ".join(ratios)})


def _unsolved(table: Production, models: dict[str, Envelopment]) -> Iterator[Problem]:
    failed = {at for found in models.values() for at in np.flatnonzero(np.isnan(found.efficiency))}
    for at in sorted(failed):
        yield Problem("not_solved", path=table.regions[at], facts={"region": table.regions[at]})


MODELS: dict[str, Returns] = {"ccr": "constant", "bcc": "variable"}
