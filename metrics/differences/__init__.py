"""Differences of two definitions files: in sentences, side by side, and two changes of one file brought together."""

from metrics.differences.found import Difference, differences
from metrics.differences.sentences import sentences, words
from metrics.differences.texts import Conflict, merged, sides

__all__ = ["Conflict", "Difference", "differences", "merged", "sentences", "sides", "words"]
