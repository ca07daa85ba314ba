"""Findings: which statistics of an index deserve a look, as problems with a question for the evaluator."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import polars as pl

from metrics.association import LEAST
from metrics.outliers import passes
from metrics.problems import Problem
from metrics.sample import Sample

Frames = dict[str, pl.DataFrame]
Look = Callable[[Sample, Frames, "Thresholds"], Iterator[Problem]]


@dataclass(frozen=True)
class Thresholds:
    """From where on a statistic is a finding: conventions of practice, none of them a test.

    `duplicate`: |r| of two indicators; `dominant`: one indicator's part of the composite's variance; `disproportion`:
    how many times an effective weight may be its nominal one (or the other way round), `aside` by at least so much;
    `nothing`: the share of its nominal weight below which a pillar's effective weight is none; `available`: share
    reported (JRC practice); `tied`: share of the regions with one score; `alpha`: Cronbach's α (0.7 in Nunnally, 1978,
    Psychometric Theory; Handbook §4.3);
    `skew` and `kurtosis` as the treatment of outliers has them; `chance`: p; `enough`: regions that two indicators
    must have in common to be called the same; `regions`: fewer make r uncertain.
    """

    duplicate: float = 0.9
    dominant: float = 0.5
    disproportion: float = 2.0
    aside: float = 0.03
    nothing: float = 0.1
    available: float = 0.65
    tied: float = 0.5
    alpha: float = 0.7
    skew: float = 2.0
    kurtosis: float = 3.5
    chance: float = 0.05
    enough: int = 8
    regions: int = 30


def findings(sample: Sample, *, thresholds: Thresholds, **frames: pl.DataFrame) -> tuple[Problem, ...]:
    """What deserves a look, warnings before notes, each kind in the tree's order.

    A finding's `path` and its facts `code`, `other`, `region` and `codes` (several, separated by commas) are codes; all
    other facts are text for a reader.
    """
    found = list(chain.from_iterable(look(sample, frames, thresholds) for look in LOOKS))
    return tuple(sorted(found, key=lambda problem: problem.severity != "warning"))


def _finding(name: str, code: str, **facts: object) -> Problem:
    return Problem(name, path=code, facts={"code": code, **facts})


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def chance_words(p: float) -> str:
    """A p as it stands after its letter."""
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


def _share(value: float) -> str:
    return f"{value * 100:.0f} %".replace("-", "−")


def _against(sample: Sample, frames: Frames, limits: Thresholds) -> Iterator[Problem]:
    """Indicators and pillars that fall where what they belong to rises."""
    parents = {row.code: row.parent for row in sample.tree}
    opposed = frames["pairs"].filter(pl.col("kind") == "above", pl.col("pearson") < 0.0)
    for row in opposed.iter_rows(named=True):
        if row["other"] != parents[row["code"]]:
            continue
        facts = {
            "other": row["other"],
            "r": _number(row["pearson"]),
            "n": row["n"],
            "p": chance_words(row["pearson_p"]),
        }
        sure = row["pearson_p"] <= limits.chance
        yield _finding("against_parent" if sure else "perhaps_against_parent", row["code"], **facts)


def _trade_offs(sample: Sample, frames: Frames, limits: Thresholds) -> Iterator[Problem]:
    """Pillars (or nodes side by side) of which one falls where the other rises, beyond chance."""
    nodes = list(sample.definitions.tree_nodes)
    beside = frames["pairs"].filter(pl.col("kind") == "siblings", pl.col("code").is_in(nodes))
    both = beside.filter(pl.col("other").is_in(nodes), pl.col("pearson") < 0.0, pl.col("pearson_p") <= limits.chance)
    for row in both.iter_rows(named=True):
        yield _finding("trade_off", row["code"], other=row["other"], r=_number(row["pearson"]), n=row["n"])


def _duplicates(sample: Sample, frames: Frames, limits: Thresholds) -> Iterator[Problem]:
    """Indicators that say the same, in pairs or in whole groups, or the opposite."""
    leaves = [row.code for row in sample.tree if row.level == "indicator"]
    pairs = frames["pairs"].filter(pl.col("code").is_in(leaves), pl.col("other").is_in(leaves))
    # A few points, or one far away from all others, lie on a line too easily to be called the same.
    firm = (
        (pl.col("n") >= limits.enough)
        & (pl.col("pearson_p") <= limits.chance)
        & (pl.col("spearman_p") <= limits.chance)
    )
    sure = pairs.filter(firm).select("code", "other", "pearson", "n")
    near = {(code, other): (r, n) for code, other, r, n in sure.iter_rows() if r >= limits.duplicate}
    for group in _groups(leaves, near):
        if len(group) == 2:
            r, n = near[group[0], group[1]]
            yield _finding("near_duplicates", group[0], other=group[1], r=_number(r), n=n)
        else:
            facts = {"count": len(group), "codes": ", ".join(group), "r": _number(limits.duplicate)}
            yield _finding("moving_together", group[0], **facts)
    for code, other, r, n in sure.filter(pl.col("pearson") <= -limits.duplicate).iter_rows():
        yield _finding("mirror_images", code, other=other, r=_number(r), n=n)


def _groups(codes: list[str], near: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The codes that hang together by these pairs, in their order; those with nobody are left out."""
    group = {code: {code} for code in codes}
    for code, other in near:
        joined = group[code] | group[other]
        group.update(dict.fromkeys(joined, joined))
    found = {id(members): members for members in group.values() if len(members) > 1}
    return [sorted(members, key=codes.index) for members in found.values()]


def _dominant(sample: Sample, frames: Frames, limits: Thresholds) -> Iterator[Problem]:
    """An indicator of several that makes up most of the differences between composites.

    Where the composite is no weighted sum: one that explains them while no other does half as well.
    """
    leaves = frames["importance"].filter(pl.col("level") == "indicator")
    if leaves.height < LEAST:
        return
    effects = leaves["main_effect"].drop_nulls().sort(descending=True)
    alone = len(effects) > 1 and effects[1] <= effects[0] / 2.0
    for row in leaves.iter_rows(named=True):
        alone_here = alone and row["main_effect"] == effects[0]
        part = row["main_effect"] if row["effective"] is None and alone_here else row["effective"]
        if part is not None and part >= limits.dominant and row["nominal"] is not None:
            yield _finding("dominant", row["code"], effect=_share(part), nominal=_share(row["nominal"]))


def _weights(sample: Sample, frames: Frames, limits: Thresholds) -> Iterator[Problem]:
    """Effective weights far from the nominal ones."""
    inside = frames["importance"].filter(pl.col("parent").is_not_null())
    for row in inside.drop_nulls(["nominal", "effective"]).iter_rows(named=True):
        nominal, effective = row["nominal"], row["effective"]
        facts = {"nominal": _share(nominal), "effective": _share(effective)}
        if row["level"] == "pillar" and effective <= limits.nothing * nominal:
            yield _finding("without_effect", row["code"], **facts)
        elif abs(effective - nominal) < limits.aside:
            continue
        elif effective >= limits.disproportion * nominal:
            yield _finding("heavier_than_meant", row["code"], **facts)
        elif effective <= nominal / limits.disproportion:
            yield _finding("lighter_than_meant", row["code"], **facts)


def _shapes(sample: Sample, frames: Frames, limits: Thresholds) -> Iterator[Problem]:
    """Indicators whose extremes decide, or had to be pulled in."""
    for row in frames["indicators"].iter_rows(named=True):
        treated = sample.column("treated", row["code"])
        if not passes(treated[~np.isnan(treated)], limits):
            skew, kurtosis = _number(row["treated_skewness"]), _number(row["treated_kurtosis"])
            yield _finding("skewed", row["code"], skew=skew, kurtosis=kurtosis)
        if row["moved"]:
            yield _finding("outliers_treated", row["code"], count=row["moved"])


def _differences(sample: Sample, frames: Frames, limits: Thresholds) -> Iterator[Problem]:
    """Indicators that tell regions apart too little, or not at all."""
    for row in frames["indicators"].filter(pl.col("tied") >= limits.tied, pl.col("distinct") > 0).iter_rows(named=True):
        scored = int((~np.isnan(sample.column("score", row["code"]))).sum())
        if scored < LEAST:
            continue
        if row["distinct"] == 1:
            yield _finding("constant_scores", row["code"], n=scored)
        else:
            yield _finding("many_ties", row["code"], share=_share(row["tied"]), n=scored)


def _availability(sample: Sample, frames: Frames, limits: Thresholds) -> Iterator[Problem]:
    """Indicators and regions with too few reported values."""
    for row in frames["indicators"].filter(pl.col("availability") < limits.available).iter_rows(named=True):
        yield _finding("rarely_reported", row["code"], n=row["n"], due=row["due"], share=_share(row["availability"]))
    for row in frames["regions"].filter(pl.col("availability") < limits.available).iter_rows(named=True):
        facts = {"region": row["region"], "n": row["n"], "due": row["due"], "share": _share(row["availability"])}
        yield Problem("reports_little", path=row["region"], facts=facts)


def _reliability(sample: Sample, frames: Frames, limits: Thresholds) -> Iterator[Problem]:
    """Nodes whose children do not seem to measure one thing."""
    for row in frames["reliability"].filter(pl.col("alpha") < limits.alpha).iter_rows(named=True):
        yield _finding("low_alpha", row["code"], alpha=_number(row["alpha"]), k=row["k"], n=row["n"])


def _size(sample: Sample, frames: Frames, limits: Thresholds) -> Iterator[Problem]:
    """So few regions that a correlation must be large before it means anything."""
    n = int((~np.isnan(sample.column("score", sample.root))).sum())
    if n < LEAST:
        yield Problem("too_few_regions", path=sample.root, facts={"n": n})
    elif n < limits.regions:
        yield Problem("few_regions", path=sample.root, facts={"n": n, "r": _number(least_sure(n, limits.chance))})


def least_sure(n: int, chance: float = 0.05) -> float:
    """The |r| of n pairs from which on it is unlikely (two-sided p ≤ chance) to be there by chance.

    r = t/√(n − 2 + t²), t the quantile of Student's distribution with n − 2 degrees of freedom.
    """
    from scipy.special import stdtrit

    t = float(stdtrit(n - 2, 1.0 - chance / 2.0))
    return float(t / np.sqrt(n - 2 + t * t))


LOOKS: tuple[Look, ...] = (
    _size,
    _availability,
    _differences,
    _shapes,
    _against,
    _duplicates,
    _trade_offs,
    _dominant,
    _weights,
    _reliability,
)
