"""Outliers: values pulled in before normalisation where a frame is badly skewed (contract §4)."""

from collections.abc import Callable
from typing import Any

import polars as pl

from metrics.frames import Frame

Treat = Callable[[pl.Series, Frame, Any], pl.Series]


def none(values: pl.Series, frame: Frame, method: Any) -> pl.Series:
    """Nothing: values stay as they are."""
    return values


METHODS: dict[str, Treat] = {"none": none}
