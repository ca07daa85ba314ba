"""Weights: how much each child of a node counts, before the missing are left out (contract §4)."""

from collections.abc import Callable

from metrics.definitions import Node

Weights = tuple[float, ...]


def declared(node: Node) -> Weights:
    """What the definitions say, one number a child."""
    return tuple(child.weight for child in node.children)


def equal(node: Node) -> Weights:
    """The same for every child."""
    return (1.0,) * len(node.children)


METHODS: dict[str, Callable[[Node], Weights]] = {"declared": declared, "equal": equal}
