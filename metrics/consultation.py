"""Consultation: what people say of a node's children, how it is written, and what it comes to when put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log
from typing import Any

import numpy as np

from metrics import weigh
from metrics.definitions import Definitions
from metrics.judgement import MOST, Matrix, combined, consistency
from metrics.methods import Ahp, Budget, Combine, Comparison, DataWeights
from metrics.models import Node

# Saaty's scale as steps: 9 the first is absolutely more important, 1 both alike, -9 the second absolutely more.
STEPS = (*(float(step) for step in range(9, 0, -1)), *(-float(step) for step in range(2, 10)))
# More children than people can hold in mind and compare two by two: Saaty & Ozdemir (2003), 7 ± 2.
MOST_COMPARED = 9
# What one judge shares out, and how near the sum must come to it.
BUDGET = 100.0
_ROUNDING = 1e-6
Judge = Sequence[float | None]


@dataclass(frozen=True)
class Consensus:
    """Several judges as one: each judge's own weights and all together, as shares of 1 in the children's order.

    `ratio`: the consistency ratio of the combined comparisons, `ratios` each judge's; None for a budget.
    """

    by: tuple[str, ...]
    each: tuple[tuple[float, ...], ...]
    weights: tuple[float, ...]
    ratio: float | None
    ratios: tuple[float | None, ...]

    def span(self, child: int) -> tuple[float, float]:
        """The least and the most that a judge gives to a child."""
        given = [weights[child] for weights in self.each]
        return min(given), max(given)

    @property
    def is_outside(self) -> bool:
        """Whether a child weighs less, or more, than any judge gives it."""
        spans = map(self.span, range(len(self.weights)))
        both = zip(self.weights, spans, strict=True)
        return any(not low - _ROUNDING <= weight <= high + _ROUNDING for weight, (low, high) in both)


@dataclass(frozen=True)
class Split:
    """What judges differ on most: the child, who give it least and how much, who give it most and how much.

    `alike`: on how many others they differ as much (of two children always on the other one).
    """

    child: int
    low_by: tuple[str, ...]
    low: float
    high_by: tuple[str, ...]
    high: float
    alike: int


def pairs(count: int) -> tuple[tuple[int, int], ...]:
    """The comparisons of so many children, each two once, row by row."""
    return tuple(combinations(range(count), 2))


def ratio_of(step: float) -> float:
    """A step of the scale as the ratio of the first to the second."""
    return step if step > 0.0 else -1.0 / step


def nearest_step(ratio: float) -> float:
    """The step of the scale that is nearest to a ratio, as ratios are."""
    return min(STEPS, key=lambda step: abs(log(ratio_of(step) / ratio)))


def matrix_of(steps: Sequence[float], count: int) -> Matrix:
    """One judge's matrix from the steps of all pairs."""
    found = [[1.0] * count for _ in range(count)]
    for (row, column), step in zip(pairs(count), steps, strict=True):
        found[row][column], found[column][row] = ratio_of(step), ratio_of(-step)
    return found


def steps_of(matrix: Matrix) -> list[float]:
    """The steps of all pairs of a matrix; of an entry and its mirror image the one above 1 counts: 3, not 0.33."""
    found = []
    for row, column in pairs(len(matrix)):
        ratio, mirrored = matrix[row][column], matrix[column][row]
        found.append(float(f"{ratio if ratio >= 1.0 else -mirrored if mirrored > 1.0 else 1.0:.12g}"))
    return found


def points_of(shares: Sequence[float]) -> list[float]:
    """Shares of any sum as points out of 100."""
    total = sum(shares)
    return [float(f"{BUDGET * share / total:.12g}") for share in shares]


def missing(judge: Judge) -> int:
    """How many comparisons or points a judge has not given yet."""
    return sum(given is None for given in judge)


def left(points: Judge) -> float:
    """What a judge still has to share out; below 0 where it is too much."""
    rest = BUDGET - sum(given or 0.0 for given in points)
    return 0.0 if abs(rest) < _ROUNDING else rest


def scaled(points: Judge) -> list[float]:
    """Points in proportion, to the hundredth and 100 in all: the largest remainders are rounded up."""
    given = [point or 0.0 for point in points]
    exact = [1e4 * point / sum(given) for point in given]
    whole = [int(value) for value in exact]
    order = sorted(range(len(exact)), key=lambda place: whole[place] - exact[place])
    for place in order[: 10_000 - sum(whole)]:
        whole[place] += 1
    return [value / 100.0 for value in whole]


def finished(way: str, judge: Judge) -> bool:
    """Whether what a judge says can be used: every pair, or points that add up to 100 (the rest have none then)."""
    return missing(judge) == 0 if way == "ahp" else left(judge) == 0.0


def possible(way: str, judge: Judge, count: int) -> bool:
    """Whether a judge can have said this on the page: a step or nothing of each pair, points of each child."""
    if way == "ahp":
        return len(judge) == len(pairs(count)) and all(step is None or 1.0 <= abs(step) <= MOST for step in judge)
    return len(judge) == count and all(point is None or 0.0 <= point <= BUDGET for point in judge)


def written(way: str, judges: Mapping[str, Judge], count: int) -> dict[str, Any]:
    """What stands under `weights` of the node: who said what, 1/3 as people write it. Finished judges only."""
    if way == "ahp":
        return {"ahp": [{"by": by, "matrix": _rows(steps, count)} for by, steps in judges.items()]}
    return {"budget": [{"by": by, "shares": [_plain(point or 0.0) for point in given]} for by, given in judges.items()]}


def _rows(steps: Judge, count: int) -> list[list[float | int | str]]:
    found: list[list[float | int | str]] = [[1] * count for _ in range(count)]
    for (row, column), step in zip(pairs(count), steps, strict=True):
        if step is not None:
            found[row][column] = _plain(step) if step > 0.0 else f"1/{_plain(-step)}"
            found[column][row] = 1 if step == 1.0 else f"1/{_plain(step)}" if step > 0.0 else _plain(-step)
    return found


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) else value


def given(method: Any) -> dict[str, list[float | None]]:
    """Who has said what in the file, by name; of two of one name the second gets a number. Empty for other methods."""
    found: dict[str, list[float | None]] = {}
    for judge in method.judges if isinstance(method, Ahp | Budget) else ():
        name, place = judge.by, 2
        while name in found:
            name, place = f"{judge.by} ({place})", place + 1
        found[name] = [*(steps_of(judge.matrix) if isinstance(judge, Comparison) else points_of(judge.shares))]
    return found


def consult(way: str, judges: Mapping[str, Judge], count: int) -> Consensus:
    """The engine's own weights of each judge and of all; finished judges, at least one."""
    method = _method(way, judges, count)
    each = tuple(_shares(_method(way, {by: said}, count), count) for by, said in judges.items())
    together = _shares(method, count)
    if isinstance(method, Budget):
        return Consensus(tuple(judges), each, together, None, (None,) * len(judges))
    matrices = [judge.matrix for judge in method.judges]
    ratios = tuple(consistency(matrix) for matrix in matrices)
    return Consensus(tuple(judges), each, together, consistency(combined(matrices)), ratios)


def _method(way: str, judges: Mapping[str, Judge], count: int) -> Ahp | Budget:
    if way == "ahp":
        steps = {by: [float(step or 1.0) for step in said] for by, said in judges.items()}
        found = [{"by": by, "matrix": matrix_of(said, count)} for by, said in steps.items()]
        return Ahp.model_validate({"method": "ahp", "judges": found})
    return Budget.model_validate({"method": "budget", "judges": written(way, judges, count)["budget"]})


def _unknown(cycle: str) -> Any:
    raise LookupError(cycle)


def _shares(method: Any, count: int) -> tuple[float, ...]:
    """A method's weights as shares of 1; of methods that need no scores."""
    weights = weigh.METHODS[method.method](weigh.Siblings(np.ones(count), _unknown), method)
    return tuple(float(weight) for weight in weights / weights.sum())


def split(consensus: Consensus) -> Split | None:
    """The child on which two judges are farthest apart; None for one judge, and where all give the same."""
    spans = [consensus.span(child) for child in range(len(consensus.weights))]
    widths = [round(high - low, 9) for low, high in spans]
    child = widths.index(max(widths))
    low, high = spans[child]
    if high - low < _ROUNDING:
        return None
    own = [(by, round(weights[child], 9)) for by, weights in zip(consensus.by, consensus.each, strict=True)]
    low_by, high_by = (tuple(by for by, weight in own if weight == round(end, 9)) for end in (low, high))
    return Split(child, low_by, low, high_by, high, widths.count(widths[child]) - 1)


def distance(one: Sequence[float], other: Sequence[float]) -> float:
    """How far two sets of weights are from each other: the share that would have to move, 0 to 1."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / 2.0


def farthest(consensus: Consensus) -> tuple[str, str, float, int] | None:
    """The two judges who differ most, by how much (`distance`), and how many other pairs differ as much.

    None for one judge, and where all agree.
    """
    found = [
        (one, other, distance(consensus.each[first], consensus.each[second]))
        for (first, one), (second, other) in combinations(enumerate(consensus.by), 2)
    ]
    far = [round(each[2], 9) for each in found]
    most = found[far.index(max(far))] if found else None
    return (*most, far.count(max(far)) - 1) if most is not None and most[2] >= _ROUNDING else None


def in_force(definitions: Definitions, node: Node) -> tuple[float, ...] | None:
    """The children's shares as the file has them now; None where they are taken from scores."""
    method = definitions.weights_of(node)
    parts = [part.of for part in method.parts] if isinstance(method, Combine) else [method]
    if any(isinstance(part, DataWeights) for part in parts):
        return None
    declared = np.array([child.weight for child in node.children])
    weights = weigh.METHODS[method.method](weigh.Siblings(declared, _unknown), method)
    return tuple(float(weight) for weight in weights / weights.sum())
