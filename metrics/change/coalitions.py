"""Shapley's value: each player's mean marginal worth over the orders in which players can change (Shapley 1953).

All orders of up to `ALL` players count; above it a fixed set of orders with the reverse of each, so that what it gives
still adds up, turns its sign with the direction, and is 0 for a player whose change makes no difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import comb

import numpy as np
import numpy.typing as npt

from metrics.frames import Matrix

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
Vector = npt.NDArray[np.float64]
ALL, ORDERS = 8, 16


def chance(size: int, players: int) -> float:
    """How likely it is that just these `size` players stand before another one in an order of all: s!(n−s−1)!/n!."""
    return 1.0 / (players * comb(players - 1, size))


def shapley(corners: Sequence[Vector]) -> list[Vector]:
    """Each player's share of the way from the first corner to the last; `corners` by the bits of who has changed."""
    players = len(corners).bit_length() - 1
    worth = np.stack(corners)
    return list(np.moveaxis(coalitions_of(players).shares(worth), -1, 0))


@dataclass(frozen=True, eq=False)
class Coalitions:
    """Who has changed already: masks (m, k), the first nobody, the last everybody; and the steps between them."""

    masks: Flags
    steps: tuple[tuple[Places, Places, Vector], ...]

    def shares(self, worth: Matrix) -> Matrix:
        """Each child's mean step (r, k) over the orders, of the worth (m, r) of every coalition."""
        parts = [chances @ (worth[after] - worth[before]) for before, after, chances in self.steps]
        return np.stack(parts, axis=-1)


@cache
def coalitions_of(count: int) -> Coalitions:
    if count <= ALL:
        masks = (np.arange(2**count)[:, None] >> np.arange(count)) & 1 == 1
        before = [np.flatnonzero(~masks[:, player]) for player in range(count)]
        chances = [np.array([chance(int(size), count) for size in masks[places].sum(axis=1)]) for places in before]
        steps = [
            (places, places + 2**player, one) for player, (places, one) in enumerate(zip(before, chances, strict=True))
        ]
        return Coalitions(masks, tuple(steps))
    return _of_orders(count)


def _of_orders(count: int) -> Coalitions:
    """The coalitions of turned orders and their reverses."""
    turned = [np.roll(np.arange(count), -(turn * count // (ORDERS // 2))) for turn in range(ORDERS // 2)]
    orders = [*turned, *(order[::-1] for order in turned)]
    inner = [order[:size] for order in orders for size in range(1, count)]
    masks = np.zeros((len(inner) + 2, count), dtype=bool)
    masks[-1] = True
    for place, members in enumerate(inner, start=1):
        masks[place, members] = True
    places = [
        [0, *range(1 + at * (count - 1), 1 + (at + 1) * (count - 1)), len(masks) - 1] for at in range(len(orders))
    ]
    found = []
    for player in range(count):
        at = [int(np.flatnonzero(order == player)[0]) for order in orders]
        steps = np.array([(path[here], path[here + 1]) for path, here in zip(places, at, strict=True)])
        found.append((steps[:, 0], steps[:, 1], np.full(len(orders), 1.0 / len(orders))))
    return Coalitions(masks, tuple(found))
