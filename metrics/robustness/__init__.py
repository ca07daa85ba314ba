"""Robustness: how sure a ranking is, over all the choices that could as well have been made."""

from metrics.robustness.intervals import Robustness, analyse
from metrics.robustness.leave_out import leave_one_out

__all__ = ["Robustness", "analyse", "leave_one_out"]
