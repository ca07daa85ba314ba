"""What only rounding tells apart: numbers that are a few units in the last place from each other count as equal."""

import sys
from collections.abc import Callable
from typing import Any

import polars as pl

ROUNDING = 4.0 * sys.float_info.epsilon


def apart(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """a − b, 0 where no more than rounding tells the two apart: by that alone nobody is better or over a limit."""
    return pl.when((a - b).abs() <= ROUNDING * pl.max_horizontal(a.abs(), b.abs())).then(0.0).otherwise(a - b)


def apart_by(a: float, b: float) -> float:
    """`apart` of two plain numbers."""
    return 0.0 if abs(a - b) <= ROUNDING * max(abs(a), abs(b)) else a - b


# What a comparison asks of `apart`, of expressions and of numbers alike.
COMPARISONS: dict[str, Callable[[Any], Any]] = {
    "<": lambda apart: apart < 0.0,
    "<=": lambda apart: apart <= 0.0,
    ">": lambda apart: apart > 0.0,
    ">=": lambda apart: apart >= 0.0,
    "==": lambda apart: apart == 0.0,
    "!=": lambda apart: apart != 0.0,
}
