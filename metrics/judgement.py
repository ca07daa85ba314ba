"""Judges' pairwise comparisons (AHP): whether a matrix is reciprocal, its weights, its consistency, its odd entry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log, prod

Matrix = Sequence[Sequence[float]]
# Random consistency index by size: Saaty (1980), The Analytic Hierarchy Process, table of random indices.
RANDOM_INDEX = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
# Nobody means more, and products of more leave the range of numbers: Saaty's scale ends at 9, a budget at 100.
MOST = 1e6
_ITERATIONS = 500
# Deviations (as logarithms) below this are rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Doubt:
    """The comparison (row, column) that agrees least with the others.

    `deviation`: a·w_column/w_row, 1 where it agrees; `implied`: the ratio that all other comparisons come to;
    `alike`: how many others are as far off (of three children all are: nobody can say which is the odd one).
    """

    row: int
    column: int
    deviation: float
    implied: float
    alike: int


def reciprocal(matrix: Matrix) -> tuple[int, int] | None:
    """The first pair (row, column) that is not above 0 or not the reciprocal of its mirror image; None when all are."""
    for row, values in enumerate(matrix):
        for column, value in enumerate(values):
            if value <= 0.0 or abs(value * matrix[column][row] - 1.0) > 1e-2 * (row != column) + 1e-9:
                return row, column
    return None


def too_large(values: Iterable[float]) -> float | None:
    """The largest of what a judge says, where it is above `MOST`."""
    largest = max(values, default=0.0)
    return largest if largest > MOST else None


def combined(matrices: Sequence[Matrix]) -> Matrix:
    """Several judges' matrices as one: the geometric mean of each entry, which is reciprocal again."""
    count = 1.0 / len(matrices)
    return [[prod(a**count for a in cell) for cell in zip(*rows, strict=True)] for rows in zip(*matrices, strict=True)]


def eigenvector(matrix: Matrix) -> tuple[tuple[float, ...], float]:
    """The principal eigenvector (sum 1) and its eigenvalue, by power iteration; positive matrices, and `implied`'s."""
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
    # λ is never below n; what rounding makes of it is no less than nothing.
    index = max(value - size, 0.0) / (size - 1)
    return index / RANDOM_INDEX[min(size, len(RANDOM_INDEX) - 1)]


def doubt(matrix: Matrix) -> Doubt | None:
    """The entry above the diagonal whose a_ij·w_j/w_i is farthest from 1 as a ratio, either way.

    None where all agree, and for fewer than three children. Saaty (2003), European Journal of Operational Research
    145, 85-91; the earlier one of two that are as far.
    """
    weights, _ = eigenvector(matrix)
    pairs = list(combinations(range(len(matrix)), 2)) if len(matrix) > 2 else []
    found = {(row, column): matrix[row][column] * weights[column] / weights[row] for row, column in pairs}
    most = max((abs(log(deviation)) for deviation in found.values()), default=0.0)
    if most < _ROUNDING:
        return None
    # The first of those that only rounding tells apart.
    far = [pair for pair, deviation in found.items() if abs(log(deviation)) > most - _ROUNDING]
    return Doubt(*far[0], found[far[0]], implied(matrix, *far[0]), len(far) - 1)


def implied(matrix: Matrix, row: int, column: int) -> float:
    """The ratio of two children's weights by all comparisons but their own; three children or more.

    The entry and its mirror image are 0 and both diagonal entries 2: Harker (1987), Mathematical Modelling 9, 353-360.
    """
    without = [list(values) for values in matrix]
    without[row][column] = without[column][row] = 0.0
    without[row][row] = without[column][column] = 2.0
    weights, _ = eigenvector(without)
    return weights[row] / weights[column]


def changed(matrix: Matrix, row: int, column: int, value: float) -> Matrix:
    """The matrix with another comparison, and its reciprocal opposite."""
    found = [list(values) for values in matrix]
    found[row][column], found[column][row] = value, 1.0 / value
    return found
