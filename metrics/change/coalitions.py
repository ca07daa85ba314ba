"""Shapley's value: each player's mean marginal worth over the orders in which players can change (Shapley 1953).

All orders of up to `ALL` players count; above it a fixed set of orders with the reverse of each, so that what it gives
still adds up, turns its sign with the direction, and is 0 for a player whose change makes no difference.
"""

from collections.abc import Mapping
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


def open_steps(players: int, scored: Mapping[int, Flags]) -> dict[tuple[int, int], Vector]:
    """How much each step (corner, bit) counts for each of some cases: its share of the orders that are open to it.

    Corners are sets of players' bits, from 0 to all; `scored` tells for each corner that is taken in which cases it has
    a value. An order is open where all of its corners have one; no step counts where none is open.
    """
    corners, last = sorted(scored), (1 << players) - 1
    number = {corner: scored[corner].astype(float) for corner in corners}
    none = np.zeros_like(number[0])
    up, down = {0: number[0]}, {last: number[last]}
    for corner in corners[1:]:
        below = [up.get(corner & ~(1 << bit), none) for bit in range(players) if corner >> bit & 1]
        up[corner] = number[corner] * sum(below, start=none)
    for corner in reversed(corners[:-1]):
        above = [down.get(corner | 1 << bit, none) for bit in range(players) if not corner >> bit & 1]
        down[corner] = number[corner] * sum(above, start=none)
    orders = np.maximum(down[0], 1.0)
    return {
        (corner, bit): up[corner] * down[corner | 1 << bit] / orders
        for corner in corners
        for bit in range(players)
        if not corner >> bit & 1 and corner | 1 << bit in down
    }


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
