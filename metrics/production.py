"""Production: what regions put in and get out, as the measures of an efficiency analysis."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from metrics.definitions import Definitions
from metrics.frames import Matrix
from metrics.problems import InputError, Problem, nearest
from metrics.sample import Sample, Vector

Role = Literal["input", "output"]
# What the default set has; elsewhere the first variables of these domains.
INPUTS = ("operating_cost", "energy")
OUTPUTS = ("energy_users", "repairs_on_time")
DOMAINS: dict[str, tuple[str, str]] = {"input": ("cost", "energy"), "output": ("context", "service")}


def default_measures(definitions: Definitions) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Inputs: total cost and energy. Outputs: people served and repairs done in time.

    All four are totals that grow with size, so that constant returns to scale can be asked about; satisfaction and the
    other service indicators are ratios, and are there to be chosen. In a file without these codes: the first variables
    of the domains cost, energy; context, service.
    """
    return _usual(definitions, INPUTS, DOMAINS["input"]), _usual(definitions, OUTPUTS, DOMAINS["output"])


def _usual(definitions: Definitions, codes: tuple[str, ...], domains: tuple[str, str]) -> tuple[str, ...]:
    if set(codes) <= set(definitions.variables):
        return codes
    by_domain = [[code for code, item in definitions.variables.items() if item.domain == domain] for domain in domains]
    return tuple(found[0] for found in by_domain if found)


def possible(definitions: Definitions, role: Role) -> tuple[str, ...]:
    """What can be an input: variables, and indicators of which less is better; an output: variables, scores."""
    if role == "output":
        nodes = tuple(code for code in definitions.tree_nodes if code != definitions.index.code)
        return (*definitions.variables, *nodes, *definitions.indicators)
    return (*definitions.variables, *(code for code, item in definitions.indicators.items() if item.better == "lower"))


def refuse_measures(definitions: Definitions, inputs: Sequence[str], outputs: Sequence[str]) -> None:
    """Raises InputError for measures that cannot be."""
    if not inputs or not outputs:
        raise InputError([Problem("measures_wanted")])
    allowed = {"input": possible(definitions, "input"), "output": possible(definitions, "output")}
    asked = [*(("input", code) for code in inputs), *(("output", code) for code in outputs)]
    problems = [
        Problem("unknown_measure", path=role, facts={"name": code, "near": nearest(code, allowed[role])})
        for role, code in asked
        if code not in allowed[role]
    ]
    codes = [code for _, code in asked]
    problems += [
        Problem("measure_twice", path=code, facts={"code": code})
        for code in sorted(set(codes))
        if codes.count(code) > 1
    ]
    if problems:
        raise InputError(problems)


@dataclass(frozen=True)
class Production:
    """The measures (n regions, inputs then outputs) with what they are; NaN where there is no value."""

    regions: tuple[str, ...]
    codes: tuple[str, ...]
    units: tuple[str, ...]
    roles: tuple[str, ...]
    values: Matrix

    @classmethod
    def of(cls, sample: Sample, inputs: Sequence[str], outputs: Sequence[str]) -> "Production":
        """Variables, and indicators among the inputs, by value; indicators and pillars among the outputs by score."""
        codes, roles = (*inputs, *outputs), (*["input"] * len(inputs), *["output"] * len(outputs))
        columns = [_column(sample, code, role) for code, role in zip(codes, roles, strict=True)]
        scored = [
            role == "output" and code not in sample.definitions.variables
            for code, role in zip(codes, roles, strict=True)
        ]
        units = ["" if score else sample.definitions.unit_of(code) for code, score in zip(codes, scored, strict=True)]
        return cls(tuple(sample.wide["region"]), codes, tuple(units), roles, np.column_stack(columns))

    def usable(self) -> "Production":
        """The regions of which every measure is above 0."""
        rows = np.flatnonzero((np.nan_to_num(self.values) > 0.0).all(axis=1))
        return replace(self, regions=tuple(self.regions[row] for row in rows), values=self.values[rows])

    @property
    def inputs(self) -> int:
        """How many of the measures are inputs."""
        return self.roles.count("input")

    @property
    def sides(self) -> tuple[Matrix, Matrix]:
        """The inputs and the outputs."""
        return self.values[:, : self.inputs], self.values[:, self.inputs :]


def _column(sample: Sample, code: str, role: str) -> Vector:
    definitions = sample.definitions
    if role == "output" and code not in definitions.variables:
        return sample.column("score", code)
    rows = sample.card.rows.frame.with_columns(x=sample.card.known[code].value.cast(pl.Float64))
    return rows.filter(sample.counted).sort("region")["x"].to_numpy().copy()


def left_out(table: Production) -> Iterator[Problem]:
    """Who has no value, or none above 0, with the first measure of which that is so."""
    for region, row in zip(table.regions, table.values, strict=True):
        wrong = [(code, value) for code, value in zip(table.codes, row, strict=True) if not value > 0.0]
        if not wrong:
            continue
        code, value = wrong[0]
        facts = {"region": region, "code": code}
        if np.isnan(value):
            yield Problem("left_out_missing", path=region, facts=facts)
        else:
            yield Problem("left_out_not_positive", path=region, facts={**facts, "value": f"{value:g}"})
