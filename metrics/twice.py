"""What a formula says however it is written: the same for another order of its sums and products, or parentheses."""

from collections import Counter
from collections.abc import Callable, Hashable
from functools import partial

from metrics.formula import FUNCTIONS
from metrics.syntax import BINDS, Code, Tree, walk

Said = Hashable


def said(tree: Tree) -> Said:
    """Equal for formulas that differ in nothing but the order and the parentheses of what they add or multiply."""
    return walk(tree, code=Code, functions=_SAID)


def _joined(kind: str, times: int, a: Said, b: Said) -> Said:
    """A sum or product of what both hold; terms taken away, and divisors, count below 0."""
    parts = Counter(_parts(kind, a))
    for part, count in _parts(kind, b).items():
        # What comes to 0 stays: x / x is nothing where x is 0.
        parts[part] += times * count
    return kind, frozenset(parts.items())


def _parts(kind: str, said: Said) -> dict[Said, int]:
    return dict(said[1]) if isinstance(said, tuple) and said[0] == kind else {said: 1}


def _called(name: str) -> Callable[..., Said]:
    return lambda *parts: (name, parts)


_SAID: dict[str, Callable[..., Said]] = {
    **{name: _called(name) for name in (*BINDS, *FUNCTIONS, "not")},
    "+": partial(_joined, "+", 1),
    "-": partial(_joined, "+", -1),
    "neg": partial(_joined, "+", -1, ("+", frozenset())),
    "*": partial(_joined, "*", 1),
    "/": partial(_joined, "*", -1),
}
