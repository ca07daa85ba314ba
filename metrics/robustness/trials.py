"""Trials: every region's composite in every cycle by each draw, all draws of the same methods at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from metrics import aggregate
from metrics.definitions import Definitions
from metrics.drawn import DECLARED
from metrics.frames import Matrix, Places
from metrics.models import Leaf, Node
from metrics.problems import InputError, Problem
from metrics.robustness.draws import Draws, Inputs
from metrics.robustness.points import REPORTED, Points, points_of
from metrics.robustness.variants import Leaves, leaves_of, through_one
from metrics.scorecard import Scorecard
from metrics.tree import code_of, weights_of

# What one chunk of trials may take at most, in bytes; more is not faster.
CHUNK = 64e6
_COVERED = 1e-12


@dataclass(frozen=True)
class Scored:
    """A child on trials: `score` (c, t, n), NaN where there is none, t = 1 where all trials share it; `covered` and
    `reported` alike, None for 1 everywhere (or not asked for); `counts` (c, t): whether its weight does at all."""

    score: Matrix
    covered: Matrix | None = None
    reported: Matrix | None = None
    counts: Matrix | None = None


@dataclass(frozen=True)
class Trials:
    """A scorecard's tree, made ready for many trials."""

    card: Scorecard
    inputs: Inputs
    points: Points
    weights: Mapping[str, Matrix]
    made: dict[tuple[int, ...], Leaves] = field(default_factory=dict)

    @property
    def definitions(self) -> Definitions:
        """The scorecard's."""
        return self.card.definitions

    @cached_property
    def compared(self) -> Any:
        """Which regions are ranked."""
        return self.card.rows.regions.frame["compared"].to_numpy()

    def composites(self, draws: Draws) -> Iterator[tuple[Places, Matrix]]:
        """Chunk by chunk, the places of trials and their composites after points and gates (c, t, n)."""
        size = self._chunk
        for kind, places in draws.groups():
            method = self.inputs.options[1][kind[1]]
            leaves = self._leaves(kind, method)
            for start in range(0, len(places), size):
                part = places[start : start + size]
                yield part, self._composite(leaves, method, draws, part)

    @property
    def _chunk(self) -> int:
        rows = len(self.card.rows.cycles) * self.card.rows.regions.frame.height
        widest = max(len(node.children) for node in self.definitions.tree_nodes.values())
        per_trial = 8 * rows * (6 * widest + 2 * len(self.definitions.tree_nodes))
        return max(1, int(CHUNK // max(per_trial, 1)))

    def _leaves(self, kind: tuple[int, ...], method: Any) -> Leaves:
        """The indicators' scores that these trials share; each variant is made once."""
        normalise, _, missing, frame = (
            options[place] for options, place in zip(self.inputs.options, kind, strict=True)
        )
        key = (kind[0], *kind[2:])
        if key not in self.made:
            self.made[key] = leaves_of(self.card, normalise, missing, frame)
        return self.made[key].lifted(through_one(self.definitions, method), self.compared)

    def _composite(self, leaves: Leaves, method: Any, draws: Draws, part: Places) -> Matrix:
        factors = draws.weights[part].copy()
        dropped = draws.dropped[part]
        for place, code in enumerate(self.inputs.leaves):
            factors[dropped == place, self.inputs.column[code]] = 0.0
        run = _Run(self, leaves, method, factors)
        root = self.definitions.index
        composite = run.node(root)
        nodes = dict(run.kept)
        if REPORTED in self.points.nodes:
            nodes[REPORTED] = _filled(composite.reported, composite.score)
        return self.points.applied(composite.score, nodes)


@dataclass(frozen=True)
class _Run:
    """One chunk of trials that share the indicators' scores and the aggregation; `factors` (t, m) move the weights."""

    trials: Trials
    leaves: Leaves
    method: Any
    factors: Matrix
    kept: dict[str, Matrix] = field(default_factory=dict)

    def node(self, node: Node) -> Scored:
        """A node by what its children come to; contract §4 (coverage, reweighting), as `tree.wide_scores` has it."""
        children = [self._child(child) for child in node.children]
        weights = self._weights(node, children)
        mean = self._mean(node, children, weights)
        total = weights.sum(axis=-1)
        counted = Counted(children, weights, total)
        covered = counted.share("covered")
        score = mean
        if covered is not None:
            score = np.where(covered >= self.trials.definitions.min_coverage_of(node) - _COVERED, mean, np.nan)
        if node.code in self.trials.points.nodes:
            self.kept[node.code] = score
        asked = REPORTED in self.trials.points.nodes
        return Scored(score, covered, counted.share("reported") if asked else None, (total > 0.0).astype(float))

    def _child(self, child: Node | Leaf) -> Scored:
        if isinstance(child, Node):
            return self.node(child)
        score = self.leaves.scores[child.indicator][:, None, :]
        reported = self.leaves.reported[child.indicator][:, None, :]
        missing = np.isnan(score)
        covered = np.where(missing, 0.0, 1.0) if missing.any() else None
        return Scored(score, covered, None if (reported == 1.0).all() else reported)

    def _weights(self, node: Node, children: list[Scored]) -> Matrix:
        """(c, t, k): the weights in force × the factors; 0 for a pillar of which nothing counts in a trial."""
        columns = [self.trials.inputs.column[code_of(child)] for child in node.children]
        weights = self.trials.weights[node.code][:, None, :] * self.factors[:, columns]
        for place, child in enumerate(children):
            if child.counts is not None:
                weights[..., place] *= child.counts
        return weights

    def _mean(self, node: Node, children: list[Scored], weights: Matrix) -> Matrix:
        definitions, compared = self.trials.definitions, self.trials.compared
        method = definitions.aggregate_of(node) if self.method == DECLARED else self.method
        floor = definitions.floor_of(node)
        if all(child.score.shape[1] == 1 for child in children):
            # Shared by all trials: one matrix product.
            scores = np.stack([child.score[:, 0] for child in children], axis=-1)
            mean = aggregate.aggregated(scores, weights, method, compared=compared, floor=floor)
        else:
            shape = (*weights.shape[:2], children[0].score.shape[2])
            scores = np.stack([np.broadcast_to(child.score, shape) for child in children], axis=-1)
            one = weights[:, :, None, :]
            mean = aggregate.aggregated(scores, one, method, compared=compared, floor=floor)[:, :, 0, :]
        return np.where(np.isfinite(mean), mean, np.nan)


@dataclass(frozen=True)
class Counted:
    """The shares of a node's weight (c, t, k; `total` its sum) that its children with a score bring."""

    children: list[Scored]
    weights: Matrix
    total: Matrix

    def share(self, name: str) -> Matrix | None:
        """Σ_scored w·share(child) / Σ w, 0 without weight; None where it is 1 for every region."""
        parts = [getattr(child, name) for child in self.children]
        lost = [np.isnan(child.score) for child in self.children]
        if all(part is None for part in parts) and not any(gap.any() for gap in lost):
            return None
        summed = np.zeros((*self.weights.shape[:2], self.children[0].score.shape[2]))
        for place, (part, gap) in enumerate(zip(parts, lost, strict=True)):
            summed += self.weights[:, :, place, None] * np.where(gap, 0.0, 1.0 if part is None else part)
        total = self.total[..., None]
        return np.divide(summed, total, out=np.zeros_like(summed), where=total > 0.0)


def _filled(share: Matrix | None, like: Matrix) -> Matrix:
    return np.ones_like(like) if share is None else share


def trials_of(card: Scorecard, inputs: Inputs) -> Trials:
    """A scorecard made ready: its weights as they are in force in each cycle (c, k), computed ones included.

    Raises InputError where a frame to draw from is a cycle that is not scored.
    """
    definitions = card.definitions
    _refuse_frames(card, inputs)
    weights = {
        code: weights_of(node, definitions, card.rows, card.wide) for code, node in definitions.tree_nodes.items()
    }
    return Trials(card, inputs, points_of(card), weights)


def _refuse_frames(card: Scorecard, inputs: Inputs) -> None:
    """Raises InputError for frames that no trial could be scored on; where nothing is scored no frame is amiss."""
    normalisers, frames = inputs.options[0], inputs.options[3]
    named = [("frame", frame) for frame in frames]
    named += [("normalise", method.frame) for method in normalisers if method != DECLARED]
    known = ", ".join(card.periods)
    strange = [
        Problem("frame_without_cycle", path=f"robustness.{key}", facts={"cycle": frame, "known": known})
        for key, frame in named
        if card.periods and frame not in (DECLARED, "cycle", "all", *card.periods)
    ]
    if strange:
        raise InputError(strange)
