"""Association: Pearson's, Spearman's and Kendall's coefficients of many columns at once, each with its p."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from itertools import permutations

import numpy as np
import numpy.typing as npt

from metrics.frames import Matrix, tied_ranks

Places = npt.NDArray[np.intp]
LEAST = 3
# Up to here, and without ties, the orders that are as far from chance are counted; above, the normal curve is as good.
_COUNTED = 50
# Up to here all orders of the ranks are gone through, ties or none: 8! are 40,320.
_ORDERED = 8
# So many pairs of rows are compared at a time, to keep memory small.
_AT_ONCE = 50_000


@dataclass(frozen=True)
class Association:
    """K × K matrices of the columns' coefficients over the n rows that both have; NaN where there are none.

    p is two-sided, of no association. There are none where n < 3, or where one of the two does not differ (`constant`;
    what differs by less than the ties of contract §4 does not).
    """

    n: Matrix
    constant: Matrix
    pearson: Matrix
    pearson_p: Matrix
    spearman: Matrix
    spearman_p: Matrix
    kendall: Matrix
    kendall_p: Matrix


def associations(columns: Matrix) -> Association:
    """The coefficients of K columns (rows, K) with NaN where there is no value, pair by pair over what both have."""
    k = columns.shape[1]
    found = Association(*(np.full((k, k), np.nan) for _ in fields(Association)))
    for rows, one, two in _blocks(~np.isnan(columns)):
        both = np.union1d(one, two)
        block = _block(columns[np.ix_(rows, both)])
        for part in fields(Association):
            whole, here = getattr(found, part.name), getattr(block, part.name)
            whole[np.ix_(one, two)] = here[np.ix_(np.searchsorted(both, one), np.searchsorted(both, two))]
            whole[np.ix_(two, one)] = whole[np.ix_(one, two)].T
    return found


def _blocks(present: npt.NDArray[np.bool_]) -> Iterator[tuple[Places, Places, Places]]:
    """The rows that two kinds of columns have, and these columns; a kind has values in the same rows."""
    kinds, of_column = np.unique(present, axis=1, return_inverse=True)
    members = [np.flatnonzero(of_column.ravel() == kind) for kind in range(kinds.shape[1])]
    for one in range(len(members)):
        for two in range(one, len(members)):
            yield np.flatnonzero(kinds[:, one] & kinds[:, two]), members[one], members[two]


def _block(columns: Matrix) -> Association:
    """The coefficients of columns without gaps."""
    n, k = columns.shape
    nothing = np.full((k, k), np.nan)
    count = np.full((k, k), float(n))
    if n < LEAST:
        return Association(count, np.zeros((k, k)), *[nothing] * 6)
    low = tied_ranks(columns.T)
    constant = low.max(axis=1) == 1.0
    either = constant[:, None] | constant[None, :]
    high = n + 1.0 - tied_ranks(-columns.T)
    r = np.where(either, np.nan, _pearson(columns.T, constant))
    rho = np.where(either, np.nan, _pearson((low + high) / 2.0, constant))
    tau, tau_p = _kendall(low)
    return Association(
        count, either.astype(float), r, _chance(r, n), rho, _rho_chance(low + high, rho),
        np.where(either, np.nan, tau), np.where(either, np.nan, tau_p),
    )  # fmt: skip


def _pearson(rows: Matrix, constant: npt.NDArray[np.bool_]) -> Matrix:
    """Σ(x − x̄)(y − ȳ) / √(Σ(x − x̄)²·Σ(y − ȳ)²) of every two rows, inside −1..1 whatever rounding does.

    Spearman's ρ where the rows are ranks, those of ties their mean.
    """
    # On a scale from 0 to 1, so that squares of very large or small deviations are numbers.
    low, spread = rows.min(axis=1, keepdims=True), np.ptp(rows, axis=1)[:, None]
    unit = np.where(constant[:, None], 0.0, (rows - low) / np.where(constant[:, None], 1.0, spread))
    centred = unit - unit.mean(axis=1, keepdims=True)
    lengths = np.where(constant, 1.0, np.sqrt((centred**2).sum(axis=1)))[:, None]
    return np.asarray(np.clip((centred / lengths) @ (centred / lengths).T, -1.0, 1.0))


def _chance(r: Matrix, n: int) -> Matrix:
    """p by Student's t with n − 2 degrees of freedom, as the regularised incomplete beta function of 1 − r²."""
    from scipy.special import betainc

    return np.asarray(betainc((n - 2) / 2.0, 0.5, 1.0 - r * r))


def _rho_chance(doubled: Matrix, rho: Matrix) -> Matrix:
    """Spearman's p from the ranks times two (k, n): exact for few rows, else by Student's t.

    Exact is the share of all n! orders of the one row's ranks, ties among them, whose |ρ| is at least as large:
    Kendall, Kendall & Babington Smith (1939), Biometrika 30; with ties Pitman (1937), Supplement to the JRSS 4.
    """
    n = doubled.shape[1]
    if n > _ORDERED:
        return _chance(rho, n)
    # n·Σxy − Σx·Σy of ranks times two is a whole number, so that equal ρ are equal.
    sums = doubled.sum(axis=1)
    surplus = np.abs(n * (doubled @ doubled.T) - np.outer(sums, sums)).astype(int)
    kinds, of_row = np.unique(np.sort(doubled, axis=1), axis=0, return_inverse=True)
    p = np.full(rho.shape, np.nan)
    for j, one in enumerate(kinds):
        orders = _orders(n)
        # Orders of ties among themselves are all alike: one of them stands for each.
        orders = orders[(orders[:, :-1] < orders[:, 1:])[:, one[:-1] == one[1:]].all(axis=1)]
        every = np.abs(n * (kinds[:, orders] @ one) - np.outer(kinds.sum(axis=1), one.sum())).astype(int)
        for i in range(len(kinds)):
            cells = np.ix_(of_row.ravel() == i, of_row.ravel() == j)
            p[cells] = np.cumsum(np.bincount(every[i])[::-1])[::-1][surplus[cells]] / every.shape[1]
    return np.where(np.isnan(rho), np.nan, p)


@cache
def _orders(n: int) -> Places:
    """All n! orders of n places."""
    return np.array(list(permutations(range(n))), dtype=np.intp)


def _kendall(ranks: Matrix) -> tuple[Matrix, Matrix]:
    """τ-b and its p of every two rows of ranks: concordant less discordant pairs, over the pairs not tied in either.

    Kendall (1945), The treatment of ties in ranking problems, Biometrika 33. p by counting orders where there are few
    rows and no ties, else by the normal curve with the variance of Kendall (1970), Rank Correlation Methods, ch. 4.
    """
    from scipy.special import erfc

    k, n = ranks.shape
    surplus, untied = np.zeros((k, k)), np.zeros(k)
    left, right = np.triu_indices(n, 1)
    for start in range(0, len(left), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        signs = np.sign(ranks[:, right[part]] - ranks[:, left[part]])
        surplus += signs @ signs.T
        untied += np.abs(signs).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        tau = np.clip(surplus / np.sqrt(untied[:, None] * untied[None, :]), -1.0, 1.0)
        p = np.asarray(erfc(np.abs(surplus) / np.sqrt(2.0 * _variance(ranks))))
    if n > _COUNTED:
        return tau, p
    plain = untied == n * (n - 1) / 2
    counted = _tails(n)[np.abs(surplus).astype(int)]
    return tau, np.where(plain[:, None] & plain[None, :], counted, p)


def _variance(ranks: Matrix) -> Matrix:
    """The variance of concordant less discordant pairs of two independent rows, with their ties."""
    n = ranks.shape[1]
    ties = [np.unique(row, return_counts=True)[1].astype(float) for row in ranks]
    two = np.array([(t * (t - 1)).sum() for t in ties])
    three = np.array([(t * (t - 1) * (t - 2)).sum() for t in ties])
    five = np.array([(t * (t - 1) * (2 * t + 5)).sum() for t in ties])
    plain = (n * (n - 1) * (2 * n + 5) - five[:, None] - five[None, :]) / 18.0
    return np.asarray(
        plain + np.outer(two, two) / (2.0 * n * (n - 1)) + np.outer(three, three) / (9.0 * n * (n - 1) * (n - 2))
    )


def _tails(n: int) -> npt.NDArray[np.float64]:
    """By surplus s = 0, 1, …: the share of all n! orders whose |concordant − discordant pairs| is at least s."""
    shares = np.ones(1)
    for size in range(2, n + 1):
        # The place at which one more is put adds 0 … size − 1 pairs out of order, each as likely as the others.
        shares = np.convolve(shares, np.full(size, 1.0 / size))
    surplus = np.abs(n * (n - 1) // 2 - 2 * np.arange(len(shares)))
    by_surplus = np.bincount(surplus, weights=shares)
    return np.minimum(np.cumsum(by_surplus[::-1])[::-1], 1.0)
