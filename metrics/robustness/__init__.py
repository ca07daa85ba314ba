"""Robustness: how sure a ranking is, over all the choices that could as well have been made."""

from metrics.robustness.bounds import rank_bounds
from metrics.robustness.intervals import Robustness, analyse, score_intervals
from metrics.robustness.leave_out import leave_one_out
from metrics.robustness.sensitivity import sensitivity
from metrics.robustness.swap import Swap, smallest_swap

__all__ = [
    "Robustness",
    "Swap",
    "analyse",
    "leave_one_out",
    "rank_bounds",
    "score_intervals",
    "sensitivity",
    "smallest_swap",
]
