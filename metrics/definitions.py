"""Definitions: the parts of `indicators.yaml` as frozen models, valid by construction."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from metrics.drawn import Robustness
from metrics.fields import (
    CONSTANT,
    FormulaText,
    Frozen,
    Name,
    NameModel,
    Number,
    OrShort,
    Pair,
    SchemaVersion,
    Share,
    Text,
    Whole,
    described,
    problem,
)  # fmt: skip
from metrics.formula import Formula
from metrics.methods import (
    Aggregate,
    Method,
    Minmax,
    Missing,
    Normaliser,
    NoTreatment,
    Outliers,
    PlainWeights,
    WeightMethod,
)  # fmt: skip
from metrics.syntax import codes_of
from metrics.yamltext import Path

Cycle = Literal["year", "half", "quarter", "month"]


class Valid(Frozen):
    """Between which dates something is in force; open where a date is absent."""

    from_: date | None = Field(default=None, alias="from")
    to: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Valid":
        if self.from_ is not None and self.to is not None and self.to < self.from_:
            raise problem("valid_ends_before", start=str(self.from_), end=str(self.to))
        return self

    def holds(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return (self.from_ is None or self.from_ <= day) and (self.to is None or day <= self.to)


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A factor's values from one day on: for regions by code, and for all others."""

    start: date
    default: float | None
    regions: dict[str, float]


def _dated(value: Any) -> Any:
    return {"default": value} if not isinstance(value, dict) else value


class Factor(Frozen):
    """A dated, cited constant; regional where it differs."""

    name: Name | None = described("名称", "name", default=None)
    unit: Text = described("计量单位", "unit of measurement")
    source: Text = described("来源", "source", default="")
    dated: dict[date, Annotated[dict[Text, Number], BeforeValidator(_dated), OrShort(CONSTANT)]] = Field(
        alias="values",
        min_length=1,
        description="生效日期: 数值，或 {default: 数值, 地区代码: 数值} · values by starting date",
    )

    @cached_property
    def values(self) -> tuple[DatedValue, ...]:
        """The values, the earliest first."""
        return tuple(
            DatedValue(start, found.get("default"), {code: v for code, v in found.items() if code != "default"})
            for start, found in sorted(self.dated.items())
        )


class MeanBy(Frozen):
    """A mean over sites (or children) weighted by another variable."""

    mean_by: Text


def _sites_kind(value: Any) -> str:
    return "mean_by" if isinstance(value, dict | MeanBy) else "name"


class Variable(Frozen):
    """What is reported (raw), or derived from it by a formula."""

    name: Name = described("名称", "name")
    unit: Text = described("计量单位", "unit of measurement")
    domain: Literal["cost", "energy", "service", "asset", "synergy", "context"] | None = described(
        "领域", "domain", default=None
    )
    over_time: Literal["sum", "mean", "last", "first", "max", "min"] = described(
        "期间如何汇总到周期", "how periods roll up to a cycle", default="sum"
    )
    over_sites: Annotated[
        Annotated[Literal["sum", "mean", "max", "min", "none"], Tag("name")] | Annotated[MeanBy, Tag("mean_by")],
        Discriminator(_sites_kind),
    ] = described("机构与下级地区如何汇总", "how sites and children roll up", default="sum")
    absent: Literal["unknown", "zero"] = described("未报数的含义", "what an unreported value means", default="unknown")
    partial: Literal["refuse", "allow"] = described(
        "不完整时是否合计", "whether an incomplete sum counts", default="refuse"
    )
    plausible: Pair | None = described("合理范围，超出提示", "plausible range: a warning outside it", default=None)
    valid: Valid | None = described("有效期", "when it is in force", default=None)
    formula: FormulaText | None = described("公式（派生变量）", "formula of a derived variable", default=None)
    source: Text = described("来源", "source", default="")
    why: Text = described("为什么", "why", default="")

    @model_validator(mode="after")
    def _in_order(self) -> "Variable":
        if self.plausible is not None and self.plausible[0] > self.plausible[1]:
            raise problem("range_not_low_high", low=self.plausible[0], high=self.plausible[1])
        return self


class Between(Frozen):
    """Best inside a band."""

    between: Pair

    @model_validator(mode="after")
    def _low_to_high(self) -> "Between":
        if self.between[0] > self.between[1]:
            raise problem("range_not_low_high", low=self.between[0], high=self.between[1])
        return self


def _better_kind(value: Any) -> str:
    return "band" if isinstance(value, dict | Between) else "name"


class Example(Frozen):
    """A case worked by hand: inputs, the indicator's value, and its score where that needs no other region."""

    given: dict[Text, Number]
    value: Number
    score: Number | None = None


class Indicator(Frozen):
    """What is assessed: a formula over variables, and how its value becomes a score."""

    name: Name = described("名称", "name")
    unit: Text = described("计量单位；公式的单位须能化为它", "unit; the formula's unit must reduce to it")
    formula: FormulaText = described("公式", "formula over variables and factors")
    better: Annotated[
        Annotated[Literal["higher", "lower"], Tag("name")] | Annotated[Between, Tag("band")],
        Discriminator(_better_kind),
    ] = described("越高越好、越低越好或区间最好", "higher, lower or {between: [low, high]}")
    normalise: Normaliser | None = described("归一化方法", "how values become scores", default=None)
    missing: Missing | None = described("缺失值处理", "treatment of missing values", default=None)
    outliers: Outliers | None = described("离群值处理", "treatment of outliers", default=None)
    peers: Text | None = described("可比组（地区属性）", "peer group: an attribute of regions", default=None)
    why: Text = described("为什么考核它", "why it matters", default="")
    source: Text = described("来源", "source", default="")
    owner: Text = described("责任单位", "owner", default="")
    checked_by: Text = described("核对人", "checked by", default="")
    next_review: date | None = described("下次复核日期", "next review", default=None)
    valid: Valid | None = described("有效期", "when it is in force", default=None)
    example: Example | None = described("手算例子", "an example worked by hand", default=None)


class Leaf(Frozen):
    """An indicator's place in the tree."""

    indicator: Text
    weight: Share = 1.0


def _child_kind(value: Any) -> str:
    return "leaf" if (isinstance(value, dict) and "indicator" in value) or isinstance(value, Leaf) else "node"


class Node(Frozen):
    """A pillar, or the root: its children's scores in one."""

    code: Text = described("代码", "code")
    name: Name = described("名称", "name")
    weight: Share = described("在同级中的权重", "weight among siblings", default=1.0)
    aggregate: Aggregate | None = described("汇总方法", "how children's scores become one", default=None)
    floor: Number | None = described("得分下限（几何、调和平均）", "scores below it are raised to it", default=None)
    weights: WeightMethod | None = described("权重来源", "where the weights come from", default=None)
    min_coverage: Share | None = described("最低覆盖率", "least coverage for a score", default=None)
    children: tuple["Child", ...] = described(
        "下级维度或指标", "pillars or indicators below", json_schema_extra={"minItems": 1}
    )


Child = Annotated[Annotated[Node, Tag("node")] | Annotated[Leaf, Tag("leaf")], Discriminator(_child_kind)]
Node.model_rebuild()


class Defaults(Frozen):
    """What indicators and nodes have unless they say otherwise."""

    normalise: Normaliser = Minmax(method="minmax")
    missing: Missing = NoTreatment(method="none")
    outliers: Outliers = NoTreatment(method="none")
    aggregate: Aggregate = "arithmetic"
    floor: Number | None = None
    weights: WeightMethod = PlainWeights(method="declared")
    min_coverage: Share = 0.65


class Grade(Frozen):
    """A grade by threshold (`at_least`) or by quota (`top`, `top_share`)."""

    code: Text
    name: Name
    at_least: Number | None = None
    top: Annotated[Whole, Field(ge=1)] | None = None
    top_share: Share | None = None


class Rule(Frozen):
    """What acts beside the weighted mean."""

    code: Text
    kind: Literal["veto", "bonus", "penalty", "gate"]
    when: FormulaText
    cap: Text | None = None
    points: Number | None = None
    name: Name | None = None
    source: Text = ""


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One row of the tree in its order; `weight_share` among siblings as declared, None outside the tree."""

    code: str
    parent: str | None
    level: Literal["composite", "pillar", "indicator"]
    weight_share: float | None
    depth: int


class Heading(Frozen):
    """The file's own settings, beside its parts."""

    schema_: SchemaVersion = Field(alias="schema")
    title: Name
    cycle: Cycle = "year"
    compare: Text = "leaves"
    fiscal_year_starts: Annotated[Whole, Field(ge=1, le=12)] = 1
    defaults: Defaults = Defaults()
    bonus_cap: Number | None = None
    tie_breaks: tuple[Text, ...] = described(
        "并列时依次比较的得分", "scores that decide, in turn, who of one rank is inside a quota", default=()
    )


@dataclass(frozen=True)
class Definitions:
    """A definitions file that holds together (contract §2).

    `conversions`: what a formula's result is multiplied with to be in the declared unit; `digest`: SHA-256 of the text.
    """

    heading: Heading
    factors: dict[str, Factor]
    variables: dict[str, Variable]
    indicators: dict[str, Indicator]
    index: Node
    grades: tuple[Grade, ...] = ()
    rules: tuple[Rule, ...] = ()
    robustness: Robustness = field(default_factory=Robustness)
    conversions: dict[str, float] = field(default_factory=dict)
    digest: str = ""

    @property
    def title(self) -> NameModel:
        """The file's title."""
        return self.heading.title

    @property
    def cycle(self) -> Cycle:
        """What one scorecard covers."""
        return self.heading.cycle

    @property
    def compare(self) -> str:
        """Who is ranked: `leaves`, or a level."""
        return self.heading.compare

    @property
    def fiscal_year_starts(self) -> int:
        """The month in which a fiscal year starts."""
        return self.heading.fiscal_year_starts

    @property
    def bonus_cap(self) -> float | None:
        """The most points all bonuses together can give."""
        return self.heading.bonus_cap

    def normaliser(self, code: str) -> Method:
        """An indicator's own normaliser, else the default one."""
        return self.indicators[code].normalise or self.heading.defaults.normalise

    def missing(self, code: str) -> Any:
        """An indicator's own treatment of missing values, else the default one."""
        return self.indicators[code].missing or self.heading.defaults.missing

    def outliers(self, code: str) -> Any:
        """An indicator's own treatment of outliers, else the default one."""
        return self.indicators[code].outliers or self.heading.defaults.outliers

    def aggregate_of(self, node: Node) -> Any:
        """A node's own aggregation, else the default one."""
        return node.aggregate if node.aggregate is not None else self.heading.defaults.aggregate

    def floor_of(self, node: Node) -> float | None:
        """A node's own floor, else the default one."""
        return node.floor if node.floor is not None else self.heading.defaults.floor

    def weights_of(self, node: Node) -> Any:
        """A node's own source of weights, else the default one."""
        return node.weights or self.heading.defaults.weights

    def min_coverage_of(self, node: Node) -> float:
        """A node's own least coverage, else the default one."""
        return self.heading.defaults.min_coverage if node.min_coverage is None else node.min_coverage

    def nodes(self) -> tuple[TreeRow, ...]:
        """The tree in its order, root first; indicators outside it last."""
        inside = list(_rows(self.index, None, 1.0, 0))
        placed = {row.code for row in inside}
        outside = [TreeRow(code, None, "indicator", None, 0) for code in self.indicators if code not in placed]
        return (*inside, *outside)

    @cached_property
    def tree_nodes(self) -> dict[str, Node]:
        """The nodes by code, root first."""
        return {node.code: node for node in nodes_of(self.index)}

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Every code of the file."""
        return (*self.factors, *self.variables, *self.indicators, *self.tree_nodes)

    def name_of(self, code: str, lang: str = "zh") -> str:
        """The name of whatever has this code; the code itself where it has none."""
        parts: tuple[dict[str, Any], ...] = (self.tree_nodes, self.indicators, self.variables, self.factors)
        found = next((part[code].name for part in parts if code in part), None)
        return found.text(lang) if found is not None else code

    def unit_of(self, code: str) -> str:
        """The unit of an indicator, variable or factor; empty for a node."""
        parts: tuple[dict[str, Any], ...] = (self.indicators, self.variables, self.factors)
        return next((part[code].unit for part in parts if code in part), "")

    def conversion(self, code: str) -> float:
        """What the formula's result is multiplied with to be in the declared unit."""
        return self.conversions.get(code, 1.0)

    @cached_property
    def evaluation_order(self) -> tuple[str, ...]:
        """Derived variables and indicators, each after what its formula names."""
        formulas = formulas_of(self.variables, self.indicators)
        order: dict[str, None] = {}
        # A loop and not a recursion: a chain of formulas is as long as the file likes.
        for first in formulas:
            waiting = [(first, _named(formulas[first]))] if first not in order else []
            while waiting:
                code, named = waiting[-1]
                below = next((name for name in named if name in formulas and name not in order), None)
                if below is None:
                    order[code] = None
                    waiting.pop()
                else:
                    waiting.append((below, _named(formulas[below])))
        return tuple(order)

    def variables_of(self, code: str) -> frozenset[str]:
        """The raw variables on which a code rests in the end."""
        formulas = formulas_of(self.variables, self.indicators)
        reached, waiting = {code}, [code]
        while waiting:
            formula = formulas.get(waiting.pop())
            further = formula.codes - reached if formula is not None else frozenset()
            reached |= further
            waiting += further
        return frozenset(name for name in reached if name in self.variables and name not in formulas)


def _named(formula: Formula) -> Iterator[str]:
    return (code.name for code in codes_of(formula.tree))


def formulas_of(variables: dict[str, Variable], indicators: dict[str, Indicator]) -> dict[str, Any]:
    """The formulas by the code of what they define."""
    derived = {code: item.formula for code, item in variables.items() if item.formula is not None}
    return {**derived, **{code: item.formula for code, item in indicators.items()}}


def nodes_of(node: Node) -> Iterator[Node]:
    """A node and those below it, in the tree's order."""
    yield node
    for child in node.children:
        if isinstance(child, Node):
            yield from nodes_of(child)


def tree_paths(node: Node, path: Path = ("index",)) -> Iterator[tuple[Node | Leaf, Path]]:
    """Every node and leaf of the tree with where it stands."""
    yield node, path
    for index, child in enumerate(node.children):
        below = (*path, "children", index)
        if isinstance(child, Node):
            yield from tree_paths(child, below)
        else:
            yield child, below


def _rows(node: Node, parent: str | None, share: float, depth: int) -> Iterator[TreeRow]:
    yield TreeRow(node.code, parent, "composite" if parent is None else "pillar", share, depth)
    total = sum(child.weight for child in node.children)
    for child in node.children:
        if isinstance(child, Node):
            yield from _rows(child, node.code, child.weight / total, depth + 1)
        else:
            yield TreeRow(child.indicator, node.code, "indicator", child.weight / total, depth + 1)
