"""Tiers: groups of regions that can be told apart, by who is above whom in nearly all trials."""

import numpy as np

from metrics.frames import Matrix, Places

SEPARATED = 0.9


def tiers(above: Matrix, *, separated: float = SEPARATED) -> Places:
    """The tier of each region (1 the best), from the probabilities (n, n) that the row is above the column.

    Any two regions of different tiers are separated: the one of the better tier is above the other with at least that
    probability. One tier for all always satisfies this; the partition given is the finest that does, and every other
    one that does comes from it by joining neighbouring tiers, so that within none of its tiers could a further line
    be drawn.

    Proof. Call a set S of regions a head if each region in S is separated above each one outside S. A partition
    into tiers is valid if and only if the union of its first tiers is a head, for every number of them, because
    two regions are in different tiers exactly when some such union holds one of them alone. For separated > ½ two
    heads S and T are nested: were a in S but not T and b in T but not S, then a and b would each be above the other
    with a probability above ½. So the heads form one chain, all of them together give a valid partition, and every
    valid partition uses some of them. A region in a head of size k is separated above at least n − k others, one
    outside it above at most n − k − 1; ordered by how many others a region is separated above, each head is thus an
    initial piece of the order, and all n of these are tried.
    """
    count = len(above)
    with np.errstate(invalid="ignore"):
        apart = (above >= separated) & ~np.eye(count, dtype=bool)
    order = np.argsort(-apart.sum(axis=1), kind="stable")
    # The last place in the order that a region is not separated above; a head ends where none of its own lies beyond.
    sorted_ = apart[np.ix_(order, order)]
    last = np.where(sorted_, -1, np.arange(count)).max(axis=1, initial=-1)
    ends = np.maximum.accumulate(last) <= np.arange(count)
    found = np.empty(count, dtype=np.intp)
    found[order] = np.concatenate([[0], np.cumsum(ends)[:-1]])[:count] + 1
    return found
