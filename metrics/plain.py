"""Formulas over plain numbers: what `explain`, examples and constants compute; None is "no value"."""

import math
from collections.abc import Callable

from metrics.rounding import COMPARISONS, apart_by

Value = float | None
Event = Callable[[str], None]
Function = Callable[..., Value | bool]


def _unknown(*arguments: Value) -> Value:
    return None


def _ignore(event: str) -> None:
    """Nobody asked."""


def plain(event: Event = _ignore, *, others: dict[str, Function] | None = None) -> dict[str, Function]:
    """Functions for `formula.walk` over float or None: null in, null out, never an error.

    `event` is told `zero_division`, `infinite` or `undefined` when a null comes about. `others` gives what plain
    numbers cannot know (`previous`, `at`, `change`, `peers_mean`, `peers_median`); without it these are None.
    """

    def finite(compute: Callable[..., float]) -> Function:
        def known(*arguments: Value) -> Value:
            if any(argument is None for argument in arguments):
                return None
            try:
                value = compute(*arguments)
            except ZeroDivisionError:
                event("zero_division")
                return None
            except OverflowError:
                event("infinite")
                return None
            except ValueError:
                event("undefined")
                return None
            if isinstance(value, complex) or math.isnan(value):
                event("undefined")
                return None
            if math.isinf(value):
                event("infinite")
                return None
            return value

        return known

    rest = dict.fromkeys(("previous", "at", "change", "peers_mean", "peers_median"), _unknown)
    return {**{name: finite(compute) for name, compute in _COMPUTED.items()}, **_LOGIC, **rest, **(others or {})}


def _compared(test: Callable[[float], bool]) -> Function:
    return lambda a, b: None if a is None or b is None else test(apart_by(a, b))


def _and(a: bool | None, b: bool | None) -> bool | None:
    return False if a is False or b is False else None if a is None or b is None else True


def _or(a: bool | None, b: bool | None) -> bool | None:
    return True if a is True or b is True else None if a is None or b is None else False


_COMPUTED: dict[str, Callable[..., float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "neg": lambda a: -a,
    "abs": abs,
    "sqrt": math.sqrt,
    "ln": math.log,
    "exp": math.exp,
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
    "clip": lambda x, low, high: min(max(x, low), high),
}

# Three-valued logic (Kleene): a missing value makes a condition unknown unless the other side decides it.
_LOGIC: dict[str, Function] = {
    "coalesce": lambda x, y: y if x is None else x,
    "where": lambda condition, yes, no: None if condition is None else yes if condition else no,
    "present": lambda x: x is not None,
    "not": lambda a: None if a is None else not a,
    "and": _and,
    "or": _or,
    **{name: _compared(test) for name, test in COMPARISONS.items()},
}
