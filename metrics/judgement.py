"""Judges' pairwise comparisons (AHP): whether a matrix is reciprocal, its weights and its consistency ratio."""

from collections.abc import Sequence
from math import prod

Matrix = Sequence[Sequence[float]]
# Random consistency index by size: Saaty (1980), The Analytic Hierarchy Process, table of random indices.
RANDOM_INDEX = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
_ITERATIONS = 500


def reciprocal(matrix: Matrix) -> tuple[int, int] | None:
    """The first pair (row, column) that is not above 0 or not the reciprocal of its mirror image; None when all are."""
    for row, values in enumerate(matrix):
        for column, value in enumerate(values):
            if value <= 0.0 or abs(value * matrix[column][row] - 1.0) > 1e-2 * (row != column) + 1e-9:
                return row, column
    return None


def combined(matrices: Sequence[Matrix]) -> Matrix:
    """Several judges' matrices as one: the geometric mean of each entry, which is reciprocal again."""
    count = 1.0 / len(matrices)
    return [[prod(entries) ** count for entries in zip(*rows, strict=True)] for rows in zip(*matrices, strict=True)]


def eigenvector(matrix: Matrix) -> tuple[tuple[float, ...], float]:
    """The principal eigenvector (sum 1) and its eigenvalue, by power iteration; positive matrices only."""
    size = len(matrix)
    weights = [1.0 / size] * size
    value = float(size)
    for _ in range(_ITERATIONS):
        product = [sum(a * w for a, w in zip(row, weights, strict=True)) for row in matrix]
        value = sum(product)
        updated = [part / value for part in product]
        if max(abs(a - b) for a, b in zip(updated, weights, strict=True)) < 1e-15:
            break
        weights = updated
    return tuple(weights), value


def consistency(matrix: Matrix) -> float:
    """The consistency ratio CR = ((λ − n)/(n − 1)) / RI(n); 0 for fewer than three children (Saaty 1980)."""
    size = len(matrix)
    if size < 3:
        return 0.0
    _, value = eigenvector(matrix)
    index = (value - size) / (size - 1)
    return index / RANDOM_INDEX[min(size, len(RANDOM_INDEX) - 1)]
