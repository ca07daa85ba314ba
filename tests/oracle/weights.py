"""Weights: where those of a node's children come from."""

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import correlation, fmean, pstdev
from typing import Any

from tests.oracle.world import World

Columns = Sequence[Sequence[float]]  # of each child, the scores of the regions that have all of them


class NoWeights(Exception):
    """What the data do not give weights for."""


def weights_from(method: Any, declared: Sequence[float], columns: Callable[[str], Columns]) -> list[float]:
    """The weights of the children in their order, as shares of 1; `columns` gives the scores of a named cycle."""
    found = SOURCES[method.method](method, declared, columns)
    total = math.fsum(found)
    if not total > 0.0:
        raise NoWeights(method.method)
    return [weight / total for weight in found]


def complete(world: World, cycle: str, scores: Sequence[Mapping[Any, Any]]) -> Columns:
    """The children's scores of the compared regions that have every one of them in that cycle."""
    number = world.calendar.named(cycle)
    if number not in world.cycles:
        raise NoWeights(cycle)
    regions = [code for code in sorted(world.regions) if world.compared(code)]
    rows = [[column[number, region]["score"] for column in scores] for region in regions]
    return [list(column) for column in zip(*(row for row in rows if None not in row), strict=True)]


def _entropy(method: Any, declared: Sequence[float], columns: Callable[[str], Columns]) -> list[float]:
    return [_dispersion(column) for column in _several(columns(method.cycle))]


def _dispersion(column: Sequence[float]) -> float:
    """1 + Σ p·ln p / ln n with p = s/Σs, where 0·ln 0 is 0."""
    total = math.fsum(column)
    if min(column) < 0.0 or total <= 0.0:
        raise NoWeights("entropy")
    shares = [score / total for score in column]
    found = 1.0 + math.fsum(share * math.log(share) for share in shares if share > 0.0) / math.log(len(column))
    return found if found > 1e-12 else 0.0


def _several(columns: Columns) -> Columns:
    """Nothing varies over fewer than two regions."""
    if not columns or len(columns[0]) < 2:
        raise NoWeights("one region")
    return columns


def _constant(column: Sequence[float]) -> bool:
    return max(column) - min(column) <= 1e-12 * max(map(abs, column))


def _correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Pearson's r; 0 with what does not vary, and not 1 but for rounding."""
    if _constant(one) or _constant(other):
        return 0.0
    found = correlation(one, other)
    return math.copysign(1.0, found) if abs(found) > 1.0 - 1e-12 else found


def _critic(method: Any, declared: Sequence[float], columns: Callable[[str], Columns]) -> list[float]:
    """sd·Σ(1 − r) on the scale from 0 to 1; what does not vary has sd 0."""
    found = _several(columns(method.cycle))
    spreads = [0.0 if _constant(c) else pstdev(c) / (max(c) - min(c)) for c in found]
    conflicts = [
        math.fsum(1.0 - _correlation(one, other) for place, other in enumerate(found) if place != at)
        for at, one in enumerate(found)
    ]
    return [spread * conflict for spread, conflict in zip(spreads, conflicts, strict=True)]


def _pca(method: Any, declared: Sequence[float], columns: Callable[[str], Columns]) -> list[float]:
    """The size of each loading on the first component of the correlations; what does not vary has none."""
    found = _several(columns(method.cycle))
    varying = [column for column in found if not _constant(column)]
    matrix = [[1.0 if one is other else _correlation(one, other) for other in varying] for one in varying]
    loadings = iter(first_component(matrix) if varying else ())
    return [0.0 if _constant(column) else abs(next(loadings)) for column in found]


def first_component(matrix: Sequence[Sequence[float]]) -> list[float]:
    """The eigenvector of the greatest eigenvalue of a symmetric matrix, by Jacobi's rotations."""
    size = len(matrix)
    a = [list(row) for row in matrix]
    vectors = [[float(row == column) for column in range(size)] for row in range(size)]
    for _ in range(60):
        for p in range(size):
            for q in range(p + 1, size):
                _rotate(a, vectors, p, q)
    values = sorted((a[place][place] for place in range(size)), reverse=True)
    if size > 1 and values[0] - values[1] < 1e-9 * size:
        raise NoWeights("pca")
    first = max(range(size), key=lambda place: a[place][place])
    return [row[first] for row in vectors]


def _rotate(a: list[list[float]], vectors: list[list[float]], p: int, q: int) -> None:
    if abs(a[p][q]) < 1e-300:
        return
    angle = 0.5 * math.atan2(2.0 * a[p][q], a[q][q] - a[p][p])
    c, s = math.cos(angle), math.sin(angle)
    for row in a:
        row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]
    a[p], a[q] = (
        [c * x - s * y for x, y in zip(a[p], a[q], strict=True)],
        [s * x + c * y for x, y in zip(a[p], a[q], strict=True)],
    )
    for row in vectors:
        row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]


def _ahp(method: Any, declared: Sequence[float], columns: Callable[[str], Columns]) -> list[float]:
    """The principal eigenvector of the judges' geometric mean, by squaring the matrix until its columns agree."""
    count = len(method.judges)
    size = len(declared)
    matrix = [
        [math.prod(judge.matrix[i][j] for judge in method.judges) ** (1.0 / count) for j in range(size)]
        for i in range(size)
    ]
    for _ in range(40):
        matrix = [[sum(row[k] * matrix[k][j] for k in range(size)) for j in range(size)] for row in matrix]
        total = sum(map(sum, matrix))
        matrix = [[entry / total for entry in row] for row in matrix]
    return [sum(row) for row in matrix]


def _budget(method: Any, declared: Sequence[float], columns: Callable[[str], Columns]) -> list[float]:
    """The mean of what each judge gives a child of the whole."""
    judged = [[share / math.fsum(judge.shares) for share in judge.shares] for judge in method.judges]
    return [fmean(shares) for shares in zip(*judged, strict=True)]


def _combine(method: Any, declared: Sequence[float], columns: Callable[[str], Columns]) -> list[float]:
    total = math.fsum(part.share for part in method.parts)
    parts = [(part.share / total, weights_from(part.of, declared, columns)) for part in method.parts]
    return [math.fsum(share * weights[place] for share, weights in parts) for place in range(len(declared))]


SOURCES: dict[str, Callable[[Any, Sequence[float], Callable[[str], Columns]], list[float]]] = {
    "declared": lambda method, declared, columns: list(declared),
    "equal": lambda method, declared, columns: [1.0] * len(declared),
    "entropy": _entropy,
    "critic": _critic,
    "pca": _pca,
    "ahp": _ahp,
    "budget": _budget,
    "combine": _combine,
}
