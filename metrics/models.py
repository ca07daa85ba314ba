"""The parts of `indicators.yaml` as frozen models, valid by construction."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from metrics.fields import (
    CONSTANT,
    FormulaText,
    Frozen,
    Name,
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
from metrics.methods import (
    Aggregate,
    Minmax,
    Missing,
    Normaliser,
    NoTreatment,
    Outliers,
    PlainWeights,
    WeightMethod,
)  # fmt: skip
from metrics.terms import (
    ABSENT,
    AGGREGATION,
    BETTER,
    CYCLES,
    DOMAINS,
    MISSING_VALUES,
    NORMALISED,
    OUTLIERS,
    OVER_SITES,
    OVER_TIME,
    PARTIAL,
    RULES,
    WEIGHTS,
    chosen,
)  # fmt: skip

Cycle = Literal["year", "half", "quarter", "month"]


class Valid(Frozen):
    """Between which dates something is in force; open where a date is absent."""

    from_: date | None = described("起始日期：从这一天起", "first day: from this day on", default=None, alias="from")
    to: date | None = described("截止日期：到这一天为止（含）", "last day: up to and with this day", default=None)

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

    name: Name | None = described("名称：空着就用代码", "name: the code where there is none", default=None)
    unit: Text = described("计量单位：如 kgce/kWh", "unit: such as kgce/kWh")
    source: Text = described("来源：文件或标准", "source: document or standard", default="")
    dated: dict[date, Annotated[dict[Text, Number], BeforeValidator(_dated), OrShort(CONSTANT)]] = Field(
        alias="values",
        min_length=1,
        description="数值：生效日期: 数值，或 生效日期: {default: 数值, 地区代码: 数值} · "
        "values: by starting date, a number or {default: number, region code: number}",
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

    mean_by: Text = described("加权变量：按这个变量加权平均", "weighting variable: the mean is weighted by it")


def _sites_kind(value: Any) -> str:
    return "mean_by" if isinstance(value, dict | MeanBy) else "name"


class Variable(Frozen):
    """What is reported (raw), or derived from it by a formula."""

    name: Name = described("名称：文字，或 {zh: 中文, en: 英文}", "name: text, or {zh: Chinese, en: English}")
    unit: Text = described("计量单位：如 kWh、m2、万元、person", "unit: such as kWh, m2, 万元, person")
    domain: Literal["cost", "energy", "service", "asset", "synergy", "context"] | None = chosen(
        "领域", "domain", DOMAINS, default=None
    )
    over_time: Literal["sum", "mean", "last", "first", "max", "min"] = chosen(
        "各期合成", "over time", OVER_TIME, default="sum"
    )
    over_sites: Annotated[
        Annotated[Literal["sum", "mean", "max", "min", "none"], Tag("name")] | Annotated[MeanBy, Tag("mean_by")],
        Discriminator(_sites_kind),
    ] = chosen(
        "各机构与下级合成",
        "over sites and parts",
        {**OVER_SITES, "{mean_by: floor_area}": ("按另一变量加权平均", "a mean weighted by another variable")},
        default="sum",
    )
    absent: Literal["unknown", "zero"] = chosen("没报", "not reported", ABSENT, default="unknown")
    partial: Literal["refuse", "allow"] = chosen("缺月份时", "months missing", PARTIAL, default="refuse")
    plausible: Pair | None = described(
        "合理范围：[低, 高]，超出时导入会提醒", "plausible range: [low, high], a warning outside it", default=None
    )
    valid: Valid | None = described("有效期：起止日期", "in force: between which dates", default=None)
    formula: FormulaText | None = described(
        "公式：由其他变量推算，不上报", "formula: derived from other variables, not reported", default=None
    )
    source: Text = described("来源：制度或报表", "source: where the numbers are reported", default="")
    why: Text = described("说明：为什么要它", "why: what it is needed for", default="")

    @model_validator(mode="after")
    def _in_order(self) -> "Variable":
        if self.plausible is not None and self.plausible[0] > self.plausible[1]:
            raise problem("range_not_low_high", low=self.plausible[0], high=self.plausible[1])
        return self


class Between(Frozen):
    """Best inside a band."""

    between: Pair = described("最好区间：[低, 高]", "best band: [low, high]")

    @model_validator(mode="after")
    def _low_to_high(self) -> "Between":
        if self.between[0] > self.between[1]:
            raise problem("range_not_low_high", low=self.between[0], high=self.between[1])
        return self


def _better_kind(value: Any) -> str:
    return "band" if isinstance(value, dict | Between) else "name"


class Example(Frozen):
    """A case worked by hand: inputs, the indicator's value, and its score where that needs no other region."""

    given: dict[Text, Number] = described(
        "给定的数：代码或公式中的一段，及其数值", "given: a code or piece of the formula, with its number"
    )
    value: Number = described("指标值：手算的结果，核对时复算", "value: worked by hand, recomputed by check")
    score: Number | None = described("得分：手算的结果", "score: worked by hand", default=None)


class Asked(Frozen):
    """Which variables say how sure an indicator from a survey is, and from where on its row is flagged."""

    respondents: Text = described(
        "样本数变量：哪个变量是作答人数", "respondents: the variable that counts who answered"
    )
    least: Number = described(
        "最少样本：作答的比它少，该行注明（few_responses）",
        "least: where fewer answered, the row is flagged (few_responses)",
        default=30.0,
    )
    half_width: Text | None = described(
        "区间半宽变量：哪个变量是置信区间的一半（±3 的 3）",
        "half-width: the variable with half the width of the interval (the 3 of ±3)",
        default=None,
    )
    widest: Number | None = described(
        "最大半宽：半宽比它大，该行注明（wide_interval）",
        "widest: where half the width is more, the row is flagged (wide_interval)",
        default=None,
    )

    @property
    def variables(self) -> tuple[tuple[str, str], ...]:
        """The variables that it names, by key."""
        named = (("respondents", self.respondents), ("half_width", self.half_width))
        return tuple((key, name) for key, name in named if name is not None)

    @model_validator(mode="after")
    def _both_or_none(self) -> "Asked":
        if (self.half_width is None) != (self.widest is None):
            raise problem("missing_key", key="half_width" if self.half_width is None else "widest")
        return self


class Indicator(Frozen):
    """What is assessed: a formula over variables, and how its value becomes a score."""

    name: Name = described("名称：文字，或 {zh: 中文, en: 英文}", "name: text, or {zh: Chinese, en: English}")
    unit: Text = described("计量单位：公式的单位须能化为它", "unit: the formula's unit must reduce to it")
    formula: FormulaText = described(
        "公式：由变量、系数、其他指标的代码算出", "formula: of the codes of variables, factors and other indicators"
    )
    better: Annotated[
        Annotated[Literal["higher", "lower"], Tag("name")] | Annotated[Between, Tag("band")],
        Discriminator(_better_kind),
    ] = chosen("优劣方向", "better", {**BETTER, "{between: [92, 100]}": ("区间内最好", "best inside a band")})
    normalise: Normaliser | None = chosen("归一化", "normalisation", NORMALISED, default=None)
    missing: Missing | None = chosen("缺失值处理", "missing values", MISSING_VALUES, default=None)
    outliers: Outliers | None = chosen("离群值处理", "outliers", OUTLIERS, default=None)
    peers: Text | None = described(
        "可比组：地区表的一列，只与同类相比", "peers: a column of the regions, compared inside it only", default=None
    )
    why: Text = described("考核理由：为什么考核它", "why: why it matters", default="")
    source: Text = described("来源：文件、标准或制度", "source: document, standard or survey", default="")
    owner: Text = described("责任单位：谁负责这项指标", "owner: who answers for it", default="")
    checked_by: Text = described("核对人：谁核对过定义", "checked by: who has checked the definition", default="")
    next_review: date | None = described(
        "下次复核：到期核对会提醒", "next review: checking tells when it is overdue", default=None
    )
    valid: Valid | None = described("有效期：起止日期", "in force: between which dates", default=None)
    survey: Asked | None = described(
        "调查：样本数与区间由哪些变量说明", "survey: which variables tell of how many and how sure it is", default=None
    )
    example: Example | None = described(
        "手算例子：核对时复算到所写的位数", "worked example: recomputed to the digits given", default=None
    )


class Leaf(Frozen):
    """An indicator's place in the tree."""

    indicator: Text = described("指标：indicators 下的代码", "indicator: a code of indicators")
    weight: Share = described("权重：同级之间的相对数", "weight: relative among siblings", default=1.0)


def _child_kind(value: Any) -> str:
    return "leaf" if (isinstance(value, dict) and "indicator" in value) or isinstance(value, Leaf) else "node"


class Node(Frozen):
    """A pillar, or the root: its children's scores in one."""

    code: Text = described("代码：字母、数字、下划线或中文，不重复", "code: letters, digits and _, unique")
    name: Name = described("名称：文字，或 {zh: 中文, en: 英文}", "name: text, or {zh: Chinese, en: English}")
    weight: Share = described("权重：同级之间的相对数", "weight: relative among siblings", default=1.0)
    aggregate: Aggregate | None = chosen("汇总方法", "aggregation", AGGREGATION, default=None)
    floor: Number | None = described(
        "得分下限：低于它的按它计（几何、调和平均需要）", "floor: scores below it are raised to it", default=None
    )
    weights: WeightMethod | None = chosen("权重来源", "source of weights", WEIGHTS, default=None)
    min_coverage: Share | None = described(
        "最低覆盖率：低于它不计分，如 0.65", "least coverage: no score below it, such as 0.65", default=None
    )
    children: tuple["Child", ...] = described(
        "下级：维度或指标", "children: pillars or indicators", json_schema_extra={"minItems": 1}
    )


Child = Annotated[Annotated[Node, Tag("node")] | Annotated[Leaf, Tag("leaf")], Discriminator(_child_kind)]
Node.model_rebuild()


class Defaults(Frozen):
    """What indicators and nodes have unless they say otherwise."""

    normalise: Normaliser = chosen("归一化", "normalisation", NORMALISED, default=Minmax(method="minmax"))
    missing: Missing = chosen("缺失值处理", "missing values", MISSING_VALUES, default=NoTreatment(method="none"))
    outliers: Outliers = chosen("离群值处理", "outliers", OUTLIERS, default=NoTreatment(method="none"))
    aggregate: Aggregate = chosen("汇总方法", "aggregation", AGGREGATION, default="arithmetic")
    floor: Number | None = described(
        "得分下限：低于它的按它计（几何、调和平均需要）", "floor: scores below it are raised to it", default=None
    )
    weights: WeightMethod = chosen("权重来源", "source of weights", WEIGHTS, default=PlainWeights(method="declared"))
    min_coverage: Share = described(
        "最低覆盖率：低于它不计分，如 0.65", "least coverage: no score below it, such as 0.65", default=0.65
    )


class Grade(Frozen):
    """A grade by threshold (`at_least`) or by quota (`top`, `top_share`)."""

    code: Text = described("代码：字母、数字、下划线或中文", "code: letters, digits and _")
    name: Name = described("名称：文字，或 {zh: 中文, en: 英文}", "name: text, or {zh: Chinese, en: English}")
    at_least: Number | None = described(
        "下限：综合得分不低于它；最后一等不写", "least score: the last grade has none", default=None
    )
    top: Annotated[Whole, Field(ge=1)] | None = described(
        "名额：排在前几名", "quota: how many of the best", default=None
    )
    top_share: Share | None = described("名额比例：前几成，如 0.15", "share of the best: such as 0.15", default=None)


class Rule(Frozen):
    """What acts beside the weighted mean."""

    code: Text = described("代码：字母、数字、下划线或中文", "code: letters, digits and _")
    kind: Literal["veto", "bonus", "penalty", "gate"] = chosen("种类", "kind", RULES)
    when: FormulaText = described(
        "条件：成立时适用，如 energy_per_area > 30", "when: it acts where this holds, such as energy_per_area > 30"
    )
    cap: Text | None = described("封顶等级：一票否决后最高的等级", "cap: the best grade after a veto", default=None)
    points: Number | None = described("分数：加或扣几分", "points: how many are added or taken off", default=None)
    name: Name | None = described("名称：空着就用代码", "name: the code where there is none", default=None)
    source: Text = described("来源：文件或标准", "source: document or standard", default="")


class Heading(Frozen):
    """The file's own settings, beside its parts."""

    schema_: SchemaVersion = described("格式版本：写 1", "version of the format: 1", alias="schema")
    title: Name = described("标题：文字，或 {zh: 中文, en: 英文}", "title: text, or {zh: Chinese, en: English}")
    cycle: Cycle = chosen("评估周期", "cycle", CYCLES, default="year")
    compare: Text = described(
        "参评范围：leaves 没有下级的地区，或地区表 level 列的一个值",
        "who is compared: leaves (regions without children), or a value of the column level",
        default="leaves",
    )
    fiscal_year_starts: Annotated[Whole, Field(ge=1, le=12)] = described(
        "财政年度起始月：1 至 12", "first month of the fiscal year: 1 to 12", default=1
    )
    defaults: Defaults = described(
        "默认设置：指标、维度没有另写时用的方法", "defaults: methods where nothing else is written", default=Defaults()
    )
    bonus_cap: Number | None = described("加分上限：合计最多几分", "most bonus points: of all bonuses", default=None)
    tie_breaks: tuple[Text, ...] = described(
        "并列时依次比较：名额不够分时看这些得分",
        "tie-breaks: scores that decide, in turn, who of one rank is inside a quota",
        default=(),
    )
