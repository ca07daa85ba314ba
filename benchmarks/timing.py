"""Timing in one run: the best of several interleaved rounds, so that a noisy machine hits both sides alike."""

import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 7


@dataclass(frozen=True)
class Line:
    """One row of the table: what was measured (seconds), against what (seconds, or a bound), and what is promised."""

    name: str
    seconds: float
    reference: float | None
    bound: float

    @property
    def measured(self) -> float:
        """The figure the bound is about: the ratio where there is a reference, else the seconds."""
        return self.seconds / self.reference if self.reference is not None else self.seconds

    @property
    def holds(self) -> bool:
        """Whether the figure is within the bound."""
        return self.measured <= self.bound


def best(work: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    """The shortest of several runs, in seconds."""
    return min(_once(work) for _ in range(rounds))


def against(name: str, work: Callable[[], object], reference: Callable[[], object], *, bound: float) -> Line:
    """Work and its reference, timed by turns."""
    pairs = [(_once(work), _once(reference)) for _ in range(ROUNDS)]
    return Line(name, min(ours for ours, _ in pairs), min(theirs for _, theirs in pairs), bound)


def _once(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def table(lines: list[Line]) -> str:
    """The lines as a text table."""
    head = f"{'what':58} {'ours s':>9} {'ref. s':>9} {'figure':>8} {'bound':>7}"
    rows = [
        f"{line.name:58} {line.seconds:9.4f} {'' if line.reference is None else f'{line.reference:.4f}':>9} "
        f"{line.measured:8.3f} {line.bound:7.2f}{'' if line.holds else '  over'}"
        for line in lines
    ]
    return "\n".join([head, "-" * len(head), *rows])
