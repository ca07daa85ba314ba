"""The rules of compensation: for which flows, by whose report, at what rate, up to what (docs/compensation.md)."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

import metrics.compensation_words  # noqa: F401  (registers the words of this part's problems)
from metrics.definitions import Definitions
from metrics.fields import Name, Number, SchemaVersion, Share, Text, problem
from metrics.flows import pair_variables
from metrics.problems import InputError, Problem, nearest
from metrics.settings import Setting, read_settings, refuse_twice
from metrics.units import UnitError, conversion, parse_unit

MONEY = "元"


class Cap(Setting):
    """The most, in 元 and a cycle, that is paid under a rule between two regions, or by one in all."""

    pair: Annotated[Number, Field(ge=0)] | None = None
    region: Annotated[Number, Field(ge=0)] | None = None


class Rule(Setting):
    """One flow that is compensated. `giver`: whether the region that reports it gave, or its counterpart did.

    `rate`: money for a unit of the flow, in `unit`; `share`: how much of that benefit is paid; of a pair whose flow is
    below `threshold` (in the flow's unit) nothing is.
    """

    code: Text
    name: Name
    flow: Text
    giver: Literal["region", "counterpart"]
    rate: Number
    unit: Text
    source: Text
    share: Share
    threshold: Annotated[Number, Field(ge=0)] = 0.0
    cap: Cap = Cap()

    @model_validator(mode="after")
    def _pays(self) -> Self:
        if self.rate <= 0.0:
            raise problem("not_above_zero", name="rate", value=f"{self.rate:g}")
        if not 0.0 < self.share <= 1.0:
            raise problem("out_of_bounds", key="share", bound=1)
        if not self.source.strip():
            raise problem("missing_key", key="source")
        return self


class Compensation(Setting):
    """A rules file."""

    compensation: SchemaVersion
    title: Name
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _once(self) -> Self:
        refuse_twice(rule.code for rule in self.rules)
        return self


def read_rules(path: Path) -> Compensation:
    """The rules of a file. Raises InputError with every problem, at its line and column."""
    return read_settings(Compensation, path)


def rates(compensation: Compensation, definitions: Definitions) -> dict[str, float]:
    """What a unit of each rule's flow is worth in 元. Raises InputError for what is no flow, and a rate of no money."""
    found, problems = {}, []
    known = pair_variables(definitions)
    for rule in compensation.rules:
        if rule.flow not in known:
            facts = {"rule": rule.code, "flow": rule.flow, "near": nearest(rule.flow, known) or ""}
            problems.append(Problem("not_a_flow", rule.flow, facts=facts))
            continue
        of = definitions.variables[rule.flow].unit
        constant = _money(f"{rule.unit}*{of}")
        if constant is None:
            facts = {"rule": rule.code, "flow": rule.flow, "unit": rule.unit, "of": of}
            problems.append(Problem("rate_unit", rule.flow, facts=facts))
        else:
            found[rule.code] = rule.rate * constant
    if problems:
        raise InputError(problems)
    return found


def _money(unit: str) -> float | None:
    """How much 元 a unit is; None where it is no money."""
    try:
        return conversion(parse_unit(unit), parse_unit(MONEY))
    except UnitError:
        return None
