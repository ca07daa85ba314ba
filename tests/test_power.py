"""The power mean: between the least and the greatest score whatever the power, in every set of weights."""

import math

import numpy as np
import pytest

from metrics.aggregate import aggregated
from metrics.frames import Matrix
from metrics.methods import Power
from metrics.reader import read

ALL = np.array([True])


def _mean(scores: list[float], weights: list[list[float]], power: float) -> Matrix:
    return aggregated(np.array([scores]), np.array(weights), Power(power=power), compared=ALL)[:, 0]


@pytest.mark.parametrize("power", [-1e300, -1000.0, -182.0, -50.0, -1.0, 0.5, 3.0, 200.0, 1e300])
def test_no_power_leaves_the_scores(power: float) -> None:
    """2 and 100 by equal weights: (½·2^p + ½·100^p)^(1/p), by shares of the score that leads, never 0 or infinite."""
    (found,) = _mean([2.0, 100.0], [[1.0, 1.0]], power)
    leading, other = (2.0, 100.0) if power < 0.0 else (100.0, 2.0)
    tail = math.exp(min(power * math.log(other / leading), 0.0))
    assert found == pytest.approx(leading * math.exp(math.log((1.0 + tail) / 2.0) / power), rel=1e-12)


def test_powers_go_to_the_ends() -> None:
    """The stronger a negative power, the nearer the mean is to the least score; a positive one, to the greatest."""
    means = [_mean([2.0, 60.0, 100.0], [[1.0, 1.0, 2.0]], power)[0] for power in (-900, -100, -5, 1, 5, 100, 900)]
    assert means == sorted(means)
    assert means[0] == pytest.approx(2.0, rel=2e-3)
    assert means[-1] == pytest.approx(100.0, rel=2e-3)


@pytest.mark.parametrize("power", [-900.0, 900.0])
def test_a_child_without_weight_scales_nothing(power: float) -> None:
    """Sets of weights that leave out the least or the greatest score have the mean of what they hold."""
    (without_least, without_greatest, middle) = _mean(
        [1.0, 10.0, 1000.0], [[0.0, 1.0, 1.0], [1.0, 1.0, 0.0], [0.0, 1.0, 0.0]], power
    )
    assert without_least == pytest.approx(10.0 if power < 0.0 else 1000.0, rel=2e-3)
    assert without_greatest == pytest.approx(1.0 if power < 0.0 else 10.0, rel=2e-3)
    assert middle == 10.0


def test_zeros_have_the_mean_zero() -> None:
    """Scores of 0 have a mean of 0 by a power above 0, and none by one below."""
    assert _mean([0.0, 0.0], [[1.0, 1.0], [1.0, 0.0]], 2.0).tolist() == [0.0, 0.0]
    assert np.isnan(_mean([0.0, 5.0], [[1.0, 1.0]], -2.0)).all()


@pytest.mark.parametrize("power", ["0", "1e-7", "-9e-7"])
def test_a_power_of_next_to_nothing_is_the_geometric_mean(power: str) -> None:
    """Rounding would decide it: refused, with the geometric mean named in its place."""
    text = f"""
schema: 1
title: t
variables: {{v: {{name: v, unit: "1"}}}}
indicators: {{i: {{name: i, unit: "1", formula: v, better: higher}}}}
index: {{code: all, name: all, aggregate: {{power: {power}}}, children: [{{indicator: i}}]}}
"""
    assert [problem.code for problem in read(text).problems] == ["power_of_zero"]
