"""Whether several people who judge the same things agree: Kendall's W of their orders, Krippendorff's alpha."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, rankdata

# One row a judge, one column a thing judged; NaN where a judge said nothing.
Ratings = NDArray[np.float64]


@dataclass(frozen=True)
class Kendall:
    """Kendall's W from 0 (no agreement) to 1, and the probability of so much among judges who order at random.

    NaN where there is nothing to compare. `judges` and `things` are how many it was taken from.
    """

    w: float
    p: float
    judges: int
    things: int


def kendall(ratings: Sequence[Sequence[float]]) -> Kendall:
    """Kendall's W, corrected for ties, over the things that every judge rated.

    Two judges and two things at least. W = (12·ΣR² − 3·m²·n·(n+1)²) / (m²·n·(n²−1) − m·ΣT), R a thing's sum of ranks,
    T = Σ(t³ − t) over a judge's ties; m·(n−1)·W is about χ² with n − 1 degrees: Kendall & Babington Smith (1939),
    Annals of Mathematical Statistics 10, 275-287.
    """
    found: Ratings = np.array(ratings, dtype=float)
    complete = found[:, ~np.isnan(found).any(axis=0)] if found.size else found.reshape(len(ratings), 0)
    judges, things = complete.shape
    if judges < 2 or things < 2:
        return Kendall(nan, nan, judges, things)
    ranks = np.array([rankdata(row) for row in complete])
    ties = sum(float((count**3 - count).sum()) for count in (np.unique(row, return_counts=True)[1] for row in ranks))
    most = judges**2 * things * (things**2 - 1) - judges * ties
    if most == 0.0:
        # Every judge rates everything alike: there are no orders to agree on.
        return Kendall(nan, nan, judges, things)
    sums = ranks.sum(axis=0)
    w = float((12.0 * (sums**2).sum() - 3.0 * judges**2 * things * (things + 1) ** 2) / most)
    return Kendall(w, float(chi2.sf(judges * (things - 1) * w, things - 1)), judges, things)


def krippendorff(ratings: Sequence[Sequence[float]]) -> float:
    """Krippendorff's alpha of numbers (squared differences): 1 agreement, 0 chance, below 0 worse; gaps do no harm.

    Over the things that two judges or more rated; NaN where there are fewer than two of them (of one alone it is 0
    however small the difference), or where nothing differs at all.
    1 − (observed / expected difference): Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.
    """
    found: Ratings = np.array(ratings, dtype=float)
    units = [column[~np.isnan(column)] for column in found.T] if found.size else []
    paired = [unit for unit in units if len(unit) > 1]
    if len(paired) < 2:
        return nan
    everything = np.concatenate(paired)
    # Σ over ordered pairs of (a − b)² is 2·n·Σ(a − mean)².
    observed = sum(2.0 * len(unit) * float(unit.var()) * len(unit) / (len(unit) - 1) for unit in paired)
    expected = 2.0 * len(everything) * float(everything.var()) * len(everything) / (len(everything) - 1)
    return 1.0 - observed / expected if expected > 0.0 and not isnan(expected) else nan
