"""Diagnostics: what the designer of an index should know about it, from one cycle of a scorecard."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from metrics.association import LEAST
from metrics.correlations import correlations
from metrics.distribution import distributions, reporting
from metrics.findings import Thresholds, findings
from metrics.frames import Matrix
from metrics.importance import importance
from metrics.models import Node
from metrics.problems import Problem
from metrics.sample import CONSTANT, FEW, Sample
from metrics.scorecard import Scorecard

_ALPHA = {"code": pl.String, "k": pl.Int64, "n": pl.Int64, "alpha": pl.Float64, "reason": pl.String}


@dataclass(frozen=True)
class Diagnosis:
    """What was found about an index in one cycle, among its compared regions.

    `pairs` as `correlations.correlations`, `importance` as `importance.importance`, `indicators` and `regions` as
    `distribution.distributions` and `reporting`, `reliability` as `reliability`; `findings` say in words which of it
    deserves a look, warnings first.
    """

    period: str
    pairs: pl.DataFrame
    importance: pl.DataFrame
    indicators: pl.DataFrame
    regions: pl.DataFrame
    reliability: pl.DataFrame
    findings: tuple[Problem, ...]


def diagnose(
    card: Scorecard, period: str, *, members: Sequence[str] | None = None, thresholds: Thresholds | None = None
) -> Diagnosis:
    """Every statistic of a cycle with its findings, among the compared regions, or those of them in `members`.

    Raises InputError for a cycle or a region that the scorecard does not have.
    """
    sample = Sample(card, period, None if members is None else tuple(members))
    pairs = correlations(sample)
    frames: dict[str, Any] = {
        "pairs": pairs,
        "importance": importance(sample, pairs),
        "indicators": distributions(sample),
        "regions": reporting(sample),
        "reliability": reliability(sample),
    }
    found = findings(sample, thresholds=thresholds or Thresholds(), **frames)
    return Diagnosis(period=period, **frames, findings=found)


def reliability(sample: Sample) -> pl.DataFrame:
    """Cronbach's alpha of every node's children, over the regions that have all of their scores.

    Columns: code, k (children with any score), n (complete regions), alpha, reason: `few` (less than two children or
    three regions), `constant` (their sum does not differ), else empty. In the tree's order.
    """
    rows = [_alpha(sample, node) for node in sample.definitions.tree_nodes.values()]
    return pl.DataFrame(rows, schema=_ALPHA)


def _alpha(sample: Sample, node: Node) -> dict[str, Any]:
    scores = sample.children(node)
    scored = scores[:, ~np.isnan(scores).all(axis=0)]
    complete = scored[~np.isnan(scored).any(axis=1)]
    n, k = complete.shape
    if k < 2 or n < LEAST:
        return {"code": node.code, "k": k, "n": n, "alpha": None, "reason": FEW}
    alpha = cronbach(complete)
    return {"code": node.code, "k": k, "n": n, "alpha": alpha, "reason": CONSTANT if alpha is None else ""}


def cronbach(scores: Matrix) -> float | None:
    """α = k/(k − 1)·(1 − Σ var_i / var(Σ)) of n regions × k children; None where the sum does not differ.

    Cronbach (1951), Coefficient alpha and the internal structure of tests, Psychometrika 16; Handbook §4.3. It asks
    whether the children measure one thing; where they are meant to add different things, a low α is no fault.
    """
    k, total = scores.shape[1], scores.sum(axis=1)
    whole = float(total.var(ddof=1))
    # What rounding leaves of a sum that does not differ is no variance.
    if whole <= 1e-18 * float((total * total).mean()):
        return None
    return float(k / (k - 1) * (1.0 - scores.var(axis=0, ddof=1).sum() / whole))
