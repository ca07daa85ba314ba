"""Known faults of the engine: a difference that one of them explains is passed over.

tests/spec/faults holds each worked out; when a fault is mended its worked case passes, and its line here goes.
"""

from collections.abc import Callable

from tests.oracle.world import Found


def _treatment_unsaid(engine: Found, oracle: Found) -> bool:
    """A value that was first filled in and then pulled in is flagged as imputed only."""
    return "imputed" in oracle["flags"] and oracle["flags"] - engine["flags"] == {"treated"}


def _logarithm_unsaid(engine: Found, oracle: Found) -> bool:
    """A value outside the frame that has no logarithm is null without the flag that says why."""
    return oracle["treated"] is None and oracle["flags"] - engine["flags"] == {"treated", "undefined"}


FAULTS: dict[str, Callable[[Found, Found], bool]] = {
    "treatment_unsaid": _treatment_unsaid,
    "logarithm_unsaid": _logarithm_unsaid,
}


def explained(engine: Found, oracle: Found) -> Found:
    """The engine's row as it would be without its known faults."""
    if any(touches(engine, oracle) for touches in FAULTS.values()):
        return {**engine, "flags": oracle["flags"]}
    return engine
