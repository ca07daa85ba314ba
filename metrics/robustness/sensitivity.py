"""Sensitivity: which of the uncertain choices moves the ranks, by variance (Sobol indices, SALib)."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from metrics.frames import Matrix
from metrics.models import Node
from metrics.robustness.draws import LISTS, Inputs, inputs_of
from metrics.robustness.intervals import ranks_of, settings_of
from metrics.robustness.trials import Trials, trials_of
from metrics.scorecard import Scorecard
from metrics.tree import code_of

SHIFT = "shift"
WEIGHTS = "weights"
DROPPED = "drop_one"
BASE, LEAST_BASE, RESAMPLES = 256, 8, 200
NUMBERS = ("first", "first_low", "first_high", "total", "total_low", "total_high")
SCHEMA = {
    **dict.fromkeys(("period", "output", "input", "code"), pl.String),
    **dict.fromkeys(NUMBERS, pl.Float64),
}


def sensitivity(card: Scorecard, period: str, *, base: int = BASE, seed: int | None = None) -> pl.DataFrame:
    """How much of the variance of the ranks comes from each uncertain input, in one cycle.

    Columns: period; output, `shift` (the mean absolute shift of the compared regions' ranks against the scorecard's)
    or a region (its rank); input, `weights` with the node in `code` whose children's weights move together,
    `normalise`, `aggregate`, `missing`, `frame` or `drop_one`; first, the share of the variance that would vanish on
    average were this input alone known, and total, the share that would remain were it alone unknown; each with its
    bootstrap interval of 95 %. Estimates can lie a little outside 0..1; an input that is the only one has both as 1.
    Null where an output does not vary. Only inputs with something to draw from are there.

    Saltelli's design over a scrambled Sobol sequence, `base`·(inputs + 2) trials (base a power of 2); estimators of
    Saltelli et al. (2010), Computer Physics Communications 181, for first, and Jansen (1999) for total order. Regions
    without a rank in some trial have no row. Raises InputError for a cycle that is not there, drawn frames included.
    """
    card.require_period(period)
    settings = settings_of(card, trials=None, seed=seed)
    inputs = inputs_of(card.definitions, settings)
    design, model = _design(card, inputs), trials_of(card, inputs)
    if not design.groups:
        return pl.DataFrame(schema=SCHEMA)
    start = settings.seed % 2**32 or 1
    sample = design.sampled(max(base, LEAST_BASE), start)
    numbers = np.full((len(sample), inputs.width), 0.5)
    numbers[:, list(design.columns)] = sample
    outputs = _outputs(card, period, model, numbers)
    rows = [
        (period, output, *name, *estimate)
        for output, values in outputs.items()
        for name, estimate in zip(design.names, design.estimated(values, start), strict=True)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@dataclass(frozen=True)
class _Design:
    """The uncertain numbers of a trial that vary, and the group of each; `names` (input, node's code) by group."""

    columns: tuple[int, ...]
    groups: tuple[int, ...]
    names: tuple[tuple[str, str | None], ...]

    @property
    def problem(self) -> dict[str, Any]:
        """The description that SALib asks for."""
        count = len(self.columns)
        names = [f"x{column}" for column in self.columns]
        groups = [f"g{group:04}" for group in self.groups]
        return {"num_vars": count, "names": names, "bounds": [[0.0, 1.0]] * count, "groups": groups}

    def sampled(self, base: int, seed: int) -> Matrix:
        """Saltelli's sample (base·(groups + 2), columns)."""
        from SALib.sample import sobol

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found: Matrix = sobol.sample(self.problem, base, calc_second_order=False, seed=seed)
        # A number that reaches 1 would be beyond the last option; of a lone group SALib varies each column by itself.
        return np.minimum(found[: base * (len(self.names) + 2)], np.nextafter(1.0, 0.0))

    def estimated(self, values: Matrix, seed: int) -> list[tuple[float | None, ...]]:
        """First and total index with their intervals, group by group; None for an output that does not vary."""
        from SALib.analyze import sobol

        if np.ptp(values) <= 0.0:
            return [(None,) * len(NUMBERS) for _ in self.names]
        if len(self.names) == 1:
            # By definition, and SALib would ignore a lone group.
            return [(1.0,) * len(NUMBERS)]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = sobol.analyze(self.problem, values, calc_second_order=False, num_resamples=RESAMPLES, seed=seed)
        return [
            tuple(
                _number(part)
                for index, half in ((found["S1"][at], found["S1_conf"][at]), (found["ST"][at], found["ST_conf"][at]))
                for part in (index, index - half, index + half)
            )
            for at in range(len(self.names))
        ]


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _design(card: Scorecard, inputs: Inputs) -> _Design:
    """A group a node whose children's weights move, one a list with more than one option, one for the dropped."""
    parts: list[tuple[str, str | None, list[int]]] = []
    if inputs.spread > 0.0:
        nodes: dict[str, Node] = card.definitions.tree_nodes
        parts += [
            (WEIGHTS, code, [inputs.column[code_of(child)] for child in node.children])
            for code, node in nodes.items()
            if len(node.children) > 1
        ]
    lists = enumerate(LISTS, start=len(inputs.items))
    parts += [(name, None, [at]) for (at, name), options in zip(lists, inputs.options, strict=True) if len(options) > 1]
    if inputs.drop_one and len(inputs.leaves) > 1:
        parts.append((DROPPED, None, [inputs.width - 1]))
    numbered = [(column, group) for group, (_, _, columns) in enumerate(parts) for column in columns]
    columns, groups = (tuple(part) for part in zip(*numbered, strict=True)) if numbered else ((), ())
    return _Design(columns, groups, tuple((name, code) for name, code, _ in parts))


def _outputs(card: Scorecard, period: str, model: Trials, numbers: Matrix) -> dict[str, Matrix]:
    """The mean absolute shift and each region's rank in every trial (t), of those that always have one."""
    cycle = card.periods.index(period)
    codes = card.regions.filter("compared")["code"].to_list()
    ranks = np.zeros((len(numbers), len(codes)))
    for places, composite in model.composites(model.inputs.draws(numbers)):
        ranks[places] = ranks_of(composite[cycle : cycle + 1], model)[0]
    root = card.frame.filter(pl.col("level") == "composite", pl.col("period") == period).sort("region")
    nominal = root.filter(pl.col("region").is_in(codes))["rank"].cast(pl.Float64).to_numpy()
    always = np.asarray((ranks > 0).all(axis=0))
    both = always & ~np.isnan(nominal)
    outputs = {SHIFT: np.abs(ranks[:, both] - nominal[both]).mean(axis=1)} if both.any() else {}
    return outputs | {code: ranks[:, at] for at, code in enumerate(codes) if always[at]}
