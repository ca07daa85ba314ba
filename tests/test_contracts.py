"""Contracts of the method's functions: what holds of every normaliser and imputation by its name."""

import math
from collections.abc import Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from metrics import aggregate, impute, methods, normalise, outliers, weigh
from metrics.frames import Frame
from metrics.periods import Cycles
from metrics.regions import regions_of
from metrics.values import Rows

REGIONS = ("a", "b", "c", "d", "e", "f")
CYCLES = (2020, 2021, 2022)
SIZE = len(REGIONS) * len(CYCLES)
Column = list[float | None]

cell = st.one_of(st.none(), st.integers(1, 4000).map(lambda n: n / 16))
columns = st.lists(cell, min_size=SIZE, max_size=SIZE)
few = settings(max_examples=15, deadline=None)


def _rows(groups: Sequence[str] = "nnnsss") -> Rows:
    """Six regions in two zones, three cycles."""
    frame = pl.DataFrame({"code": REGIONS, "zone": list(groups)})
    return Rows(CYCLES, regions_of(frame, named=()), Cycles())


def _close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-7)


def _same(one: Column, other: Column) -> bool:
    return all(_close(a, b) for a, b in zip(one, other, strict=True))


def _permuted(values: list[Any], order: Sequence[int]) -> list[Any]:
    """The values with the regions of each cycle in another order."""
    width = len(REGIONS)
    return [values[start + place] for start in range(0, len(values), width) for place in order]


# normalisers: what test_normalise.py does not hold already


NORMALISERS: dict[str, dict[str, Any]] = {
    "minmax": {"clip": False},
    "goalposts": {"worst": 0.0, "best": 300.0, "clip": True, "log": False},
    "zscore": {"mean": 50.0, "sd": 10.0},
    "rank": {},
    "borda": {},
    "percentile_rank": {},
    "distance_to_target": {"target": 400.0, "clip": True},
    "distance_to_reference": {"reference": "a", "clip": False},
    "fraction_of_max": {},
    "piecewise": {"points": ((0.0, 0.0), (100.0, 80.0), (200.0, 100.0))},
    "steps": {"steps": ((50.0, 20.0), (100.0, 60.0)), "above": 90.0, "relative_to": "none"},
    "limits": {"binding": 50.0, "current": 100.0, "leading": 200.0, "scores": (60.0, 80.0, 100.0)},
    "band": {"best": (92.0, 100.0), "worst": (80.0, 110.0)},
}
NO_RANGE = {"zscore", "rank", "borda", "piecewise", "steps", "limits"}
# Methods that compare with the frame alone, so that neither the unit nor its zero matters.
COMPARING = ("minmax", "zscore", "rank", "borda", "percentile_rank", "distance_to_reference")


def _scores(name: str, values: Column, *, higher: bool = True, peers: str | None = None, **changed: Any) -> Column:
    method = SimpleNamespace(**{"range": (0.0, 100.0), "frame": "cycle", **NORMALISERS[name], **changed})
    rows = _rows()
    frame = rows.frame.with_columns(pl.Series("x", values, dtype=pl.Float64))
    scored = normalise.METHODS[name](pl.col("x"), Frame(rows, method.frame, peers), method, higher)
    return frame.select(scored.cast(pl.Float64).alias("s"))["s"].to_list()


def test_every_normaliser_is_held_to_its_contract() -> None:
    """A new normaliser has a setting here, or this test fails."""
    assert set(NORMALISERS) == set(normalise.METHODS)


@pytest.mark.parametrize("frame", ["cycle", "all", "2021"])
@pytest.mark.parametrize("name", sorted(set(NORMALISERS) - {"distance_to_reference"}))
@few
@given(values=columns, order=st.permutations(range(len(REGIONS))))
def test_scores_do_not_depend_on_who_stands_where(name: str, frame: str, values: Column, order: list[int]) -> None:
    """Regions in another order have the same scores in that order."""
    assert _same(
        _scores(name, _permuted(values, order), frame=frame), _permuted(_scores(name, values, frame=frame), order)
    )


@pytest.mark.parametrize("name", COMPARING)
@few
@given(values=columns)
def test_direction_is_a_mirror(name: str, values: Column) -> None:
    """Lower is better scores as higher is better does on the values with their signs turned."""
    turned = [None if value is None else -value for value in values]
    assert _same(_scores(name, values, higher=False), _scores(name, turned, higher=True))


@pytest.mark.parametrize("name", COMPARING)
@few
@given(values=columns, factor=st.sampled_from([0.25, 8.0]), shift=st.sampled_from([-128.0, 0.0, 64.0]))
def test_the_unit_does_not_matter(name: str, values: Column, factor: float, shift: float) -> None:
    """Methods that compare regions give the same scores in any unit and from any zero."""
    moved = [None if value is None else value * factor + shift for value in values]
    assert _same(_scores(name, values), _scores(name, moved))


@pytest.mark.parametrize("name", sorted(set(NORMALISERS) - NO_RANGE))
@few
@given(values=columns)
def test_a_range_moves_scores_in_a_line(name: str, values: Column) -> None:
    """On [1, 51] a score is half of that on [0, 100], plus 1."""
    halved = [None if score is None else score / 2 + 1 for score in _scores(name, values)]
    assert _same(_scores(name, values, range=(1.0, 51.0)), halved)


@pytest.mark.parametrize("name", sorted(set(NORMALISERS) - {"distance_to_reference"}))
@few
@given(values=columns)
def test_peers_are_scored_among_themselves(name: str, values: Column) -> None:
    """With `peers` a group's scores do not change with what the other group reports."""
    half = len(REGIONS) // 2
    other = [
        value if place % len(REGIONS) < half else None if value is None else value + 1000
        for place, value in enumerate(values)
    ]
    one, two = (_scores(name, column, peers="zone") for column in (values, other))
    north = [place for place in range(SIZE) if place % len(REGIONS) < half]
    assert _same([one[place] for place in north], [two[place] for place in north])


@pytest.mark.parametrize("name", sorted(set(NORMALISERS) - {"distance_to_reference"}))
@few
@given(values=columns)
def test_a_cycles_frame_is_its_own(name: str, values: Column) -> None:
    """With `frame: cycle` a score does not change with other years."""
    width = len(REGIONS)
    assert _same(_scores(name, values)[:width], _scores(name, values[:width] + [7.0] * (SIZE - width))[:width])


@pytest.mark.parametrize("name", ["minmax", "goalposts", "percentile_rank", "fraction_of_max", "band"])
@pytest.mark.parametrize("higher", [True, False])
@few
@given(values=columns)
def test_bounded_normalisers_stay_inside(name: str, higher: bool, values: Column) -> None:
    """A bounded method's scores lie in the range, whichever direction is better."""
    given_posts = {"worst": 300.0, "best": 0.0} if name == "goalposts" and not higher else {}
    scores = _scores(name, values, higher=higher, range=(1.0, 100.0), **given_posts)
    assert all(score is None or 1 - 1e-9 <= score <= 100 + 1e-9 for score in scores)


# missing values


IMPUTERS: dict[str, dict[str, Any]] = {
    "none": {},
    "mean": {},
    "median": {},
    "group_mean": {"by": "zone"},
    "group_median": {"by": "zone"},
    "latest": {"max_cycles": None},
    "linear": {},
    "constant": {"value": 5.0},
}
every_imputer = pytest.mark.parametrize("name", IMPUTERS)


def _imputed(name: str, values: Column, **changed: Any) -> Column:
    method = SimpleNamespace(**{**IMPUTERS[name], **changed})
    return impute.METHODS[name](pl.Series("v", values, dtype=pl.Float64), _rows(), method).to_list()


def test_every_imputation_is_held_to_its_contract() -> None:
    """A new imputation has a setting here, or this test fails."""
    assert set(IMPUTERS) == set(impute.METHODS)


@every_imputer
@few
@given(values=columns)
def test_what_is_reported_stays(name: str, values: Column) -> None:
    """Imputation fills gaps and changes no reported value; as many values come out as go in, none NaN."""
    found = _imputed(name, values)
    assert len(found) == len(values)
    assert all(new == old for new, old in zip(found, values, strict=True) if old is not None)
    assert all(new is None or math.isfinite(new) for new in found)


@every_imputer
@few
@given(values=columns)
def test_a_filled_value_lies_among_the_reported(name: str, values: Column) -> None:
    """What is filled in lies between the least and the greatest reported value (or is the constant)."""
    known = [value for value in values if value is not None]
    for new, old in zip(_imputed(name, values), values, strict=True):
        if new is not None and old is None and name != "constant":
            assert min(known) * (1 - 1e-12) <= new <= max(known) * (1 + 1e-12)


@every_imputer
def test_nothing_comes_of_nothing(name: str) -> None:
    """Where nobody ever reported there is nothing to fill in, but for a constant."""
    assert _imputed(name, [None] * SIZE) == [5.0 if name == "constant" else None] * SIZE


@every_imputer
@few
@given(values=columns)
def test_imputing_twice_is_imputing_once(name: str, values: Column) -> None:
    """What has been filled in stays as it is."""
    if name not in ("linear", "latest"):
        once = _imputed(name, values)
        assert _same(_imputed(name, once), once)


@pytest.mark.parametrize("name", sorted(set(IMPUTERS) - {"group_mean", "group_median"}))
@few
@given(values=columns, order=st.permutations(range(len(REGIONS))))
def test_imputation_does_not_depend_on_the_order_of_regions(name: str, values: Column, order: list[int]) -> None:
    """Regions in another order are filled with the same values in that order."""
    assert _same(_imputed(name, _permuted(values, order)), _permuted(_imputed(name, values), order))


@few
@given(values=columns, cycles=st.integers(1, 2))
def test_latest_is_not_older_than_allowed(values: Column, cycles: int) -> None:
    """`max_cycles` leaves gaps that would need an older value, and fills the others as before."""
    width = len(REGIONS)
    found, unlimited = _imputed("latest", values, max_cycles=cycles), _imputed("latest", values)
    for place, value in enumerate(found):
        recent = [values[place - back * width] for back in range(cycles + 1) if place >= back * width]
        assert value == (unlimited[place] if any(known is not None for known in recent) else None)


def test_linear_fills_between_and_never_beyond() -> None:
    """A gap between two reports lies on their line; before the first and after the last nothing is made up."""
    width = len(REGIONS)
    values: Column = [None] * SIZE
    values[0], values[2 * width] = 10.0, 20.0
    values[width + 1] = 7.0
    found = _imputed("linear", values)
    assert (found[width], found[1], found[2 * width + 1]) == (15.0, None, None)


@few
@given(values=columns)
def test_others_do_not_fill_a_region_of_another_group(values: Column) -> None:
    """`group_mean` looks at the region's own group only."""
    half = len(REGIONS) // 2
    own = [value if place % len(REGIONS) < half else None for place, value in enumerate(values)]
    both, alone = _imputed("group_mean", values), _imputed("group_mean", own)
    north = [place for place in range(SIZE) if place % len(REGIONS) < half]
    assert _same([both[place] for place in north], [alone[place] for place in north])


def test_ranks_and_scores_agree() -> None:
    """The order by any comparing method is the order by rank."""
    values: Column = [3.0, 1.0, 2.0, 5.0, 4.0, 6.0] * 3
    by_rank = sorted(range(6), key=lambda place: _scores("rank", values)[place] or 0.0)
    for name in COMPARING:
        scores = _scores(name, values)
        assert all((scores[low] or 0.0) <= (scores[high] or 0.0) for low, high in pairwise(by_rank))


# the registries and the language


def _names(kind: Any) -> set[str]:
    """The method names of an annotated union of method classes."""
    schema = TypeAdapter(kind).json_schema()
    found = [part.get("properties", {}).get("method", {}) for part in schema["$defs"].values()]
    return {name for part in found for name in ([part["const"]] if "const" in part else part.get("enum", []))}


def test_every_normaliser_of_the_language_is_there() -> None:
    """What a definitions file may name can be computed, and nothing else is offered."""
    assert _names(methods.Normaliser) == set(normalise.METHODS)


def test_every_imputation_of_the_language_is_there() -> None:
    """What a definitions file may name can be computed, and nothing else is offered."""
    assert _names(methods.Missing) == set(impute.METHODS)


def test_every_outlier_treatment_of_the_language_is_there() -> None:
    """What a definitions file may name can be computed, and nothing else is offered."""
    assert _names(methods.Outliers) == set(outliers.METHODS)


def test_every_weighting_of_the_language_is_there() -> None:
    """What a definitions file may name can be computed, and nothing else is offered."""
    assert _names(methods.WeightMethod) == set(weigh.METHODS)


def test_every_mean_of_the_language_is_there() -> None:
    """Every aggregation that stands by its name can be computed."""
    assert set(get_args(methods.AggregateName)) <= set(aggregate.METHODS)
