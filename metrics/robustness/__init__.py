"""Robustness: how sure a ranking is, over all the choices that could as well have been made."""

from metrics.robustness.intervals import Robustness, analyse

__all__ = ["Robustness", "analyse"]
