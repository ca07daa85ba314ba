"""Draws: which weights and methods each trial uses, made from numbers between 0 and 1."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from metrics.definitions import Definitions
from metrics.drawn import DECLARED, Robustness
from metrics.frames import Matrix, Places

# Matters that are drawn from a list, in the order of their columns after those of the weights.
LISTS = ("normalise", "aggregate", "missing", "frame")
NOT_DROPPED = -1


@dataclass(frozen=True)
class Draws:
    """What t trials use: `weights` (t, m), what the weight of each item of the tree is multiplied with; `chosen`
    (t, 4), places in the options of `LISTS`; `dropped` (t,), the leaf that is left out, −1 for none."""

    weights: Matrix
    chosen: Places
    dropped: Places

    def __len__(self) -> int:
        return len(self.dropped)

    def groups(self) -> Iterator[tuple[tuple[int, ...], Places]]:
        """The trials that draw the same methods, together."""
        kinds, of = np.unique(self.chosen, axis=0, return_inverse=True)
        for index, kind in enumerate(kinds):
            yield tuple(int(place) for place in kind), np.flatnonzero(of.ravel() == index)


@dataclass(frozen=True)
class Inputs:
    """What is uncertain about an index: the weights of its items (all but the root, in the tree's order) and lists."""

    items: tuple[str, ...]
    leaves: tuple[str, ...]
    spread: float
    options: tuple[tuple[Any, ...], ...]
    drop_one: bool

    @cached_property
    def column(self) -> dict[str, int]:
        """The place of each item among `items`."""
        return {code: place for place, code in enumerate(self.items)}

    @property
    def width(self) -> int:
        """How many numbers one trial is made from."""
        return len(self.items) + len(LISTS) + 1

    def draws(self, numbers: Matrix) -> Draws:
        """Trials from numbers in [0, 1) (t, `width`): weights × (1 − s + 2·s·u), and the ⌊u·k⌋th of k options."""
        count = len(self.items)
        weights = 1.0 - self.spread + 2.0 * self.spread * numbers[:, :count]
        sizes = np.array([len(options) for options in self.options])
        chosen = _nth(numbers[:, count : count + len(LISTS)], sizes)
        none = np.full(len(numbers), NOT_DROPPED, dtype=np.intp)
        # An index of one indicator has nothing left without it.
        dropping = self.drop_one and len(self.leaves) > 1
        return Draws(weights, chosen, _nth(numbers[:, -1], np.array(len(self.leaves))) if dropping else none)

    def sampled(self, trials: int, seed: int) -> Draws:
        """Independent trials; the same seed gives the same ones, and more trials begin with the fewer."""
        generator = np.random.default_rng(seed % 2**64)
        return self.draws(generator.random((trials, self.width)))

    def declared(self, dropped: Sequence[str | None]) -> Draws:
        """Trials that differ from what is declared by one indicator left out, or by nothing (None)."""
        count = len(dropped)
        places = [NOT_DROPPED if code is None else self.leaves.index(code) for code in dropped]
        chosen = np.zeros((count, len(LISTS)), dtype=np.intp)
        return Draws(np.ones((count, len(self.items))), chosen, np.array(places, dtype=np.intp))


def _nth(numbers: Matrix, sizes: Any) -> Places:
    places: Places = np.minimum(np.floor(numbers * sizes), sizes - 1).astype(np.intp)
    return places


def inputs_of(definitions: Definitions, settings: Robustness) -> Inputs:
    """The uncertain inputs by the keys of `robustness:`; an absent list holds what is declared alone."""
    rows = [row for row in definitions.nodes() if row.parent is not None]
    leaves = tuple(row.code for row in rows if row.level == "indicator")
    options = tuple(getattr(settings, name) or (DECLARED,) for name in LISTS)
    spread = 0.0 if settings.weights is None else settings.weights.spread
    return Inputs(tuple(row.code for row in rows), leaves, spread, options, settings.drop_one)


def nominal_inputs(definitions: Definitions) -> Inputs:
    """Nothing uncertain: everything as declared."""
    return inputs_of(definitions, Robustness())
