"""The engine against a naive second one: random definitions, regions and facts come out the same from both."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from zlib import crc32

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from metrics.aggregate import METHODS as AGGREGATORS
from metrics.definitions import Definitions
from metrics.flags import FLAGS
from metrics.formula import FUNCTIONS as LANGUAGE
from metrics.impute import METHODS as IMPUTERS
from metrics.methods import aggregate_name
from metrics.models import MeanBy
from metrics.normalise import METHODS as ENGINE_NORMALISERS
from metrics.outliers import METHODS as TREATMENTS
from metrics.weigh import METHODS as WEIGHERS
from tests.oracle.cases import MISSING, OVER_SITES, OVER_TIME, cases
from tests.oracle.comparison import Case, as_cells, by_engine, by_oracle, compared, differences, not_finite
from tests.oracle.engine import Card
from tests.oracle.random_formulas import FUNCTIONS
from tests.oracle.random_normalisers import NORMALISERS
from tests.oracle.random_trees import AGGREGATIONS, SOURCES
from tests.oracle.tables import tables

CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.filter_too_much)


def _agreement(examples: int, strategy: Callable[..., SearchStrategy[Case]] = cases, **wanted: Any) -> Counter[str]:
    """Scores random cases by both engines; counts what came up. Fails where they differ."""
    seen: Counter[str] = Counter()

    @seed(crc32(f"{strategy.__name__} {wanted}".encode()))
    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=CHECKS,
        phases=(Phase.generate,),
        report_multiple_bugs=False,
    )
    @given(case=strategy(**wanted))
    def agree(case: Case) -> None:
        frame, differing = compared(case)
        assert differing == []
        if frame is not None:
            assert not_finite(frame) == 0
        seen.update(["refused"] if frame is None else _seen(case, as_cells(frame)))

    agree()
    return seen


def _seen(case: Case, cells: Card) -> Counter[str]:
    """How often each flag, grade, kind of rule, method and setting came up."""
    definitions = case.definitions
    kinds = {rule.code: rule.kind for rule in definitions.rules}
    methods = {code: definitions.normaliser(code).method for code in definitions.indicators}
    means = {
        code: f"aggregate {aggregate_name(definitions.aggregate_of(node))}"
        for code, node in definitions.tree_nodes.items()
    }
    seen = Counter([f"cycle {definitions.cycle}", f"compare {definitions.compare}", *_settings(definitions)])
    for (_, _, code), cell in cells.items():
        seen.update(kinds.get(flag, flag) for flag in cell["flags"])
        seen.update([f"grade {cell['grade']}", "no value" if cell["value"] is None else f"{code} value"])
        seen.update([f"{means.get(code, methods.get(code))} score"] if cell["score"] is not None else [])
        seen.update(["pillar ranked"] if code == "pillar" and cell["rank"] else [])
    return seen


def _settings(definitions: Definitions) -> Iterator[str]:
    """The settings of the variables, indicators and nodes of a file."""
    for variable in definitions.variables.values():
        yield f"over_time {variable.over_time}"
        yield "over_sites mean_by" if isinstance(variable.over_sites, MeanBy) else f"over_sites {variable.over_sites}"
    for code in definitions.indicators:
        frame = definitions.normaliser(code).frame
        kind = frame if frame in ("cycle", "all") else "fixed"
        treated = definitions.outliers(code)
        yield f"frame {kind}"
        yield f"{treated.method} {kind} {getattr(treated, 'otherwise', '')}".strip()
    for node in definitions.tree_nodes.values():
        method = definitions.weights_of(node)
        yield f"weights {method.method}"
        yield from (f"combined {part.of.method}" for part in getattr(method, "parts", ()))
    if definitions.heading.tie_breaks:
        yield "tie-breaks"


def _threes(names: Sequence[str]) -> list[tuple[str, ...]]:
    """The names three by three: a case has three indicators and three raw variables."""
    return [tuple(names[start : start + 3]) for start in range(0, len(names), 3)]


@pytest.mark.parametrize("names", _threes(NORMALISERS), ids=" ".join)
def test_every_normaliser_agrees(names: tuple[str, ...]) -> None:
    """Both engines give the same numbers, ranks, grades and flags, whatever the normaliser."""
    seen = _agreement(8, normaliser=names)
    assert min(seen[f"{name} score"] for name in names) >= 10


@pytest.mark.parametrize("names", _threes(MISSING), ids=" ".join)
def test_every_treatment_of_missing_values_agrees(names: tuple[str, ...]) -> None:
    """Both engines fill the same gaps with the same numbers, and leave the same ones."""
    seen = _agreement(12, missing=names)
    assert min(seen["no value"], seen["imputed"]) > 0


@pytest.mark.parametrize("names", _threes(FUNCTIONS), ids=" ".join)
def test_every_function_agrees(names: tuple[str, ...]) -> None:
    """Both engines compute every function and operator of the language alike, nulls and flags included."""
    seen = _agreement(6, function=names)
    assert min(seen[f"{code} value"] for code, _ in zip("ijk", names, strict=False)) >= 5


@pytest.mark.parametrize("names", _threes(OVER_TIME), ids=" ".join)
def test_every_roll_up_in_time_agrees(names: tuple[str, ...]) -> None:
    """Both engines roll up periods alike, whole or partial, of one kind or several."""
    seen = _agreement(8, over_time=names)
    assert min(seen[f"over_time {name}"] for name in names) > 0


def test_every_treatment_of_outliers_agrees() -> None:
    """Both engines move the same points to the same places, on every kind of frame, or take the same logarithms."""
    seen = _agreement(50, tables, treated=True)
    frames = ("cycle", "all", "fixed")
    assert min(seen[f"winsorise {frame} {otherwise}"] for frame in frames for otherwise in ("log", "none")) >= 3
    assert seen["treated"] >= 300


@pytest.mark.parametrize("name", AGGREGATIONS)
def test_every_aggregation_agrees(name: str) -> None:
    """Both engines make one score of several alike, whatever is missing, and leave the same ones out."""
    seen = _agreement(10, tables, aggregate=(name, name, name))
    assert seen[f"aggregate {name} score"] >= 30


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_of_weights_agrees(name: str) -> None:
    """Both engines take the same weights from judges and from data, or refuse the same cases."""
    seen = _agreement(24 if name in ("combine", "entropy") else 12, tables, weights=(name, name, name))
    assert seen[f"weights {name}"] >= 10
    if name == "combine":
        assert {f"combined {of}" for of in SOURCES if of != name} <= set(seen)


def test_the_whole_method_agrees() -> None:
    """Both engines agree on everything together, and the cases reach every flag, method and setting."""
    seen = _agreement(70) + _agreement(50, normaliser=("steps", "minmax", "fraction_of_max")) + _agreement(30, tables)
    wanted = {
        *FLAGS,
        *("bonus", "penalty", "veto", "pillar ranked"),
        *(f"over_sites {name}" for name in OVER_SITES),
        *(f"grade {name}" for name in ("g0", "g1", "g2", "g3", None)),
        *("frame cycle", "frame all", "frame fixed", "weights equal", "compare province", "tie-breaks", "refused"),
        *(f"aggregate {name} score" for name in AGGREGATIONS),
        *(f"weights {name}" for name in SOURCES),
        *(f"cycle {name}" for name in ("year", "half", "quarter", "month")),
    }
    assert wanted - set(seen) == set()


def test_nothing_of_the_method_is_left_out() -> None:
    """A new normaliser, aggregation, source of weights or any other name is compared as well, or this test fails."""
    assert set(NORMALISERS) == set(ENGINE_NORMALISERS)
    assert set(MISSING) == set(IMPUTERS)
    assert set(AGGREGATIONS) == set(AGGREGATORS)
    assert set(SOURCES) == set(WEIGHERS)
    assert {"none", "winsorise"} == set(TREATMENTS)
    assert set(LANGUAGE) - {"present"} <= set(FUNCTIONS)


def _minimal(cycle: str, period: str) -> Case:
    text = f"""
        {{schema: 1, title: t, cycle: {cycle}, variables: {{x: {{name: x, unit: "1"}}}},
        indicators: {{a: {{name: a, unit: "1", formula: x, better: higher}}}},
        index: {{code: all, name: all, children: [{{indicator: a}}]}}}}"""
    return Case(text, [{"region": "p", "period": period, "variable": "x", "value": 1.0}] if period else [])


NO_CYCLE: dict[str, Callable[[], Case]] = {
    "no facts": lambda: _minimal("year", ""),
    "longer than a cycle": lambda: _minimal("quarter", "2024"),
}


@pytest.mark.parametrize("name", NO_CYCLE)
def test_facts_without_a_cycle_give_an_empty_scorecard(name: str) -> None:
    """Facts of no cycle, or none at all, give a scorecard without rows, with all its columns."""
    case = NO_CYCLE[name]()
    frame: pl.DataFrame = by_engine(case)
    assert differences(as_cells(frame), by_oracle(case)) == []
    assert frame.height == 0
