"""The methods a definitions file can name, with their parameters (contract §4)."""

from itertools import pairwise
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from metrics.fields import (
    CONSTANT,
    CYCLE,
    Flag,
    Frozen,
    Number,
    OrShort,
    Pair,
    Period,
    Share,
    Text,
    Whole,
    described,
    names_alone,
    problem,
)  # fmt: skip
from metrics.terms import (
    AGGREGATION,
    MISSING_VALUES,
    NORMALISED,
    OTHERWISE,
    OUTLIERS,
    PENALTY,
    RELATIVE_TO,
    WEIGHTS,
    Terms,
    chosen,
    meanings,
)  # fmt: skip


def _method(terms: Terms, *names: str) -> Any:
    return chosen("方法", "method", {name: terms[name] for name in names})


def _clip(*, default: bool = False) -> Any:
    return described("截断：超出范围的得分取到边界", "clip: scores beyond the range are held to it", default=default)


class Method(Frozen):
    """What every normaliser has: its name, the frame of its statistics and the range of its scores."""

    method: str = described("方法", "method")
    frame: Period = described(
        "基准框：统计量取自 cycle 同一周期（默认）、all 各周期合在一起，或一个周期如 2020",
        "frame: statistics are of cycle (the same cycle), all (pooled), or a cycle such as 2020",
        default="cycle",
    )
    range: Pair = described("得分范围：[低, 高]", "range of scores: [low, high]", default=(0.0, 100.0))

    @model_validator(mode="after")
    def _low_to_high(self) -> "Method":
        if self.range[0] >= self.range[1]:
            raise problem("range_not_low_high", low=self.range[0], high=self.range[1])
        return self


class Minmax(Method):
    method: Literal["minmax"] = _method(NORMALISED, "minmax")
    clip: Flag = _clip()


class Goalposts(Method):
    method: Literal["goalposts"] = _method(NORMALISED, "goalposts")
    worst: Number = described("最差值：得最低分", "worst: has the lowest score")
    best: Number = described("最好值：得最高分", "best: has the highest score")
    clip: Flag = _clip(default=True)
    log: Flag = described("取对数：按对数计算", "logarithms: of the value and both ends", default=False)

    @model_validator(mode="after")
    def _apart(self) -> "Goalposts":
        if self.worst == self.best:
            raise problem("goalposts_equal", value=self.worst)
        if not isfinite(self.best - self.worst):
            raise problem("not_finite_number", found=f"{self.best} − {self.worst}")
        if self.log and min(self.worst, self.best) <= 0.0:
            raise problem("log_of_goalposts", value=min(self.worst, self.best))
        return self


class Zscore(Method):
    method: Literal["zscore"] = _method(NORMALISED, "zscore")
    mean: Number = described("平均数：得分的平均", "mean: of the scores", default=0.0)
    sd: Number = described("标准差：得分的标准差，大于 0", "standard deviation: of the scores, above 0", default=1.0)

    @model_validator(mode="after")
    def _spread(self) -> "Zscore":
        if self.sd <= 0.0:
            raise problem("not_above_zero", name="sd", value=self.sd)
        return self


class Rank(Method):
    method: Literal["rank"] = _method(NORMALISED, "rank")


class Borda(Method):
    method: Literal["borda"] = _method(NORMALISED, "borda")


class PercentileRank(Method):
    method: Literal["percentile_rank"] = _method(NORMALISED, "percentile_rank")


class DistanceToTarget(Method):
    method: Literal["distance_to_target"] = _method(NORMALISED, "distance_to_target")
    target: Number = described("目标：达到即满分", "target: has full marks")
    clip: Flag = _clip()


class DistanceToReference(Method):
    method: Literal["distance_to_reference"] = _method(NORMALISED, "distance_to_reference")
    reference: Text = described("参照地区：地区代码", "reference: a region's code")
    clip: Flag = _clip()


class FractionOfMax(Method):
    method: Literal["fraction_of_max"] = _method(NORMALISED, "fraction_of_max")


class Piecewise(Method):
    method: Literal["piecewise"] = _method(NORMALISED, "piecewise")
    points: tuple[Pair, ...] = described(
        "折点：[[值, 得分], …]，值从小到大", "points: [[value, score], …], values ascending", min_length=2
    )

    @model_validator(mode="after")
    def _ascending(self) -> "Piecewise":
        _refuse_descending([value for value, _ in self.points], "points")
        return self


class Steps(Method):
    method: Literal["steps"] = _method(NORMALISED, "steps")
    steps: tuple[Pair, ...] = described(
        "各档：[[不超过, 得分], …]，从小到大", "steps: [[up to, score], …], ascending", min_length=1
    )
    above: Number = described("以上得分：超过最后一档的得分", "above: the score beyond the last step")
    relative_to: Literal["none", "peers_mean", "peers_median", "previous"] = chosen(
        "相对于", "relative to", RELATIVE_TO, default="none"
    )

    @model_validator(mode="after")
    def _ascending(self) -> "Steps":
        _refuse_descending([up_to for up_to, _ in self.steps], "steps")
        return self


class Limits(Method):
    method: Literal["limits"] = _method(NORMALISED, "limits")
    binding: Number = described("约束值：再差得 0 分", "binding limit: worse has 0")
    current: Number = described("基准值：介于约束值与引导值之间", "current limit: between the other two")
    leading: Number = described("引导值：达到即满分", "leading limit: has full marks")
    scores: tuple[Number, Number, Number] = described(
        "得分：约束值、基准值、引导值各得几分",
        "scores: at the binding, current and leading limit",
        default=(60.0, 80.0, 100.0),
    )

    @model_validator(mode="after")
    def _one_way(self) -> "Limits":
        if not (self.binding < self.current < self.leading or self.binding > self.current > self.leading):
            raise problem("limits_out_of_order", limits=f"{self.binding:g}, {self.current:g}, {self.leading:g}")
        return self


class Band(Method):
    method: Literal["band"] = _method(NORMALISED, "band")
    best: Pair = described("最好区间：[低, 高]，区间内满分", "best: [low, high], full marks inside")
    worst: Pair = described("最差界限：[低, 高]，以外最低分", "worst: [low, high], lowest score outside")

    @model_validator(mode="after")
    def _around(self) -> "Band":
        low, high = self.worst
        if not low <= self.best[0] <= self.best[1] <= high or low == high:
            raise problem("band_out_of_order", best=list(self.best), worst=list(self.worst))
        return self


# Methods that measure a value by numbers of their own, whatever others have, the same in every cycle.
FIXED = frozenset(("goalposts", "piecewise", "limits", "band"))


def best_score(method: Any) -> float | None:
    """The best score a normaliser is made for: of those it names, else its range's top; None without a fixed end."""
    if isinstance(method, Piecewise):
        return max(score for _, score in method.points)
    if isinstance(method, Steps):
        return max(method.above, *(score for _, score in method.steps))
    if isinstance(method, Limits):
        return max(method.scores)
    return None if isinstance(method, Zscore | Rank | Borda) else float(method.range[1])


def _refuse_descending(values: list[float], name: str) -> None:
    if any(left >= right for left, right in pairwise(values)):
        raise problem("not_ascending", name=name)


class NoTreatment(Frozen):
    method: Literal["none"] = described("方法：none 不作处理", "method: none (left as it is)")


class Statistic(Frozen):
    method: Literal["mean", "median"] = _method(MISSING_VALUES, "mean", "median")


class GroupStatistic(Frozen):
    method: Literal["group_mean", "group_median"] = _method(MISSING_VALUES, "group_mean", "group_median")
    by: Text = described("分组：地区表的一列", "group: a column of the regions")


class Latest(Frozen):
    method: Literal["latest"] = _method(MISSING_VALUES, "latest")
    max_cycles: Annotated[Whole, Field(ge=1)] | None = described(
        "最多沿用：几个周期以内的值；空着不限", "at most: so many cycles back; any where absent", default=None
    )


class Linear(Frozen):
    method: Literal["linear"] = _method(MISSING_VALUES, "linear")


class Constant(Frozen):
    method: Literal["constant"] = _method(MISSING_VALUES, "constant")
    value: Number = described("固定值", "value: the constant")


class Winsorise(Frozen):
    method: Literal["winsorise"] = _method(OUTLIERS, "winsorise")
    max_points: Annotated[Whole, Field(ge=0)] = described(
        "最多缩尾：几个点", "most points: so many are set to the next value", default=5
    )
    skew: Number = described("偏度界限：|偏度| 低于它即通过", "skewness limit: passes below it", default=2.0)
    kurtosis: Number = described("峰度界限：峰度低于它即通过", "kurtosis limit: passes below it", default=3.5)
    otherwise: Literal["log", "none"] = chosen("仍不通过时", "otherwise", OTHERWISE, default="log")


class Power(Frozen):
    """The power mean (Σ w·s^p / Σ w)^(1/p)."""

    power: Number = described("幂：不为 0", "power: not 0")

    @model_validator(mode="after")
    def _not_zero(self) -> "Power":
        # Nearer to 0 the result would be a matter of rounding.
        if abs(self.power) < 1e-6:
            raise problem("power_of_zero")
        return self


class Penalised(Frozen):
    """Mazziotta-Pareto with the sign of its penalty."""

    method: Literal["mazziotta_pareto"] = _method(AGGREGATION, "mazziotta_pareto")
    penalty: Literal["negative", "positive"] = chosen("惩罚方向", "penalty", PENALTY, default="negative")


class PlainWeights(Frozen):
    method: Literal["declared", "equal"] = _method(WEIGHTS, "declared", "equal")


class DataWeights(Frozen):
    method: Literal["entropy", "critic", "pca"] = _method(WEIGHTS, "entropy", "critic", "pca")
    cycle: Period = described("取自周期：按这个周期的得分算", "from the cycle: computed from its scores")


class Comparison(Frozen):
    """One judge's pairwise comparisons: rows and columns in the order of the children."""

    by: Text = described("专家：谁的判断", "judge: whose judgement it is")
    matrix: tuple[tuple[Number, ...], ...] = described(
        "比较矩阵：行列按下级的次序，[[1, 3], [1/3, 1]]",
        "matrix of comparisons: in the order of the children, [[1, 3], [1/3, 1]]",
    )


class Ahp(Frozen):
    method: Literal["ahp"] = _method(WEIGHTS, "ahp")
    judges: tuple[Comparison, ...] = described("各位专家的两两比较", "judges: pairwise comparisons", min_length=1)


class Allotment(Frozen):
    """One judge's shares of the budget, in the order of the children."""

    by: Text = described("专家：谁的判断", "judge: whose judgement it is")
    shares: tuple[Share, ...] = described(
        "份额：按下级的次序，各占多少", "shares: of each child, in their order"
    )


class Budget(Frozen):
    method: Literal["budget"] = _method(WEIGHTS, "budget")
    judges: tuple[Allotment, ...] = described("各位专家的分配", "judges: allotments of the budget", min_length=1)


class Part(Frozen):
    """One of several sources of weights, and its share in the whole."""

    of: Annotated[PlainWeights | DataWeights | Ahp | Budget, Field(discriminator="method")] = described(
        "权重来源", "source of weights"
    )
    share: Share = described("占比：这一来源占多少", "share: of this source in the whole", default=1.0)

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {**value, "of": _weights(value["of"])} if isinstance(value, dict) and "of" in value else value

    @model_validator(mode="after")
    def _counts(self) -> "Part":
        if self.share <= 0.0:
            raise problem("not_above_zero", name="share", value=self.share)
        return self


class Combine(Frozen):
    method: Literal["combine"] = _method(WEIGHTS, "combine")
    parts: tuple[Part, ...] = described("各来源及占比", "parts: sources and their shares", min_length=1)


def _named(value: Any) -> Any:
    """A method's name alone is the method with its defaults."""
    return {"method": value} if isinstance(value, str) else value


_OF_A_CYCLE = ("entropy", "critic", "pca")
_PARAMETER = {
    **dict.fromkeys(_OF_A_CYCLE, "cycle"),
    **dict.fromkeys(("ahp", "budget"), "judges"),
    "combine": "parts",
}


def _weights(value: Any) -> Any:
    """`{entropy: 2018}` and `{ahp: [...]}` as a method with its parameter."""
    if isinstance(value, dict) and len(value) == 1 and (name := next(iter(value))) in _PARAMETER:
        return {"method": name, _PARAMETER[name]: value[name]}
    return _named(value)


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "name"
    if isinstance(value, dict):
        return "power" if "power" in value else "penalised" if "method" in value else "power"
    return "power" if isinstance(value, Power) else "penalised" if isinstance(value, Penalised) else "name"


AggregateName = Literal["arithmetic", "geometric", "harmonic", "median", "minimum", "copeland", "mazziotta_pareto"]
Aggregate = Annotated[
    Annotated[AggregateName, Tag("name")] | Annotated[Power, Tag("power")] | Annotated[Penalised, Tag("penalised")],
    Discriminator(_kind),
]


def aggregate_name(method: Any) -> str:
    """The name of an aggregation as definitions hold it: text alone, or a method with its parameter."""
    return method if isinstance(method, str) else getattr(method, "method", "power")


Normaliser = Annotated[
    Annotated[
        Minmax | Goalposts | Zscore | Rank | Borda | PercentileRank | DistanceToTarget | DistanceToReference
        | FractionOfMax | Piecewise | Steps | Limits | Band,
        Field(discriminator="method"),
    ],
    BeforeValidator(_named),
    names_alone("minmax", "zscore", "rank", "borda", "percentile_rank", "fraction_of_max"),
]  # fmt: skip
Missing = Annotated[
    Annotated[NoTreatment | Statistic | GroupStatistic | Latest | Linear | Constant, Field(discriminator="method")],
    BeforeValidator(_named),
    names_alone("none", "mean", "median", "latest", "linear"),
]
Outliers = Annotated[
    Annotated[NoTreatment | Winsorise, Field(discriminator="method")],
    BeforeValidator(_named),
    names_alone("none", "winsorise"),
]


def _one_key(key: str, schema: dict[str, Any]) -> dict[str, Any]:
    told = {**schema, "description": _told(*_FOLLOWS[key])}
    return {"type": "object", "properties": {key: told}, "required": [key], "additionalProperties": False}


def _told(zh: str, en: str) -> str:
    return f"{zh} · {en}"


_FROM_A_CYCLE = ("（由这个周期的得分算出）", " (computed from the scores of this cycle)")
_FOLLOWS: dict[str, tuple[str, str]] = {
    **{name: (WEIGHTS[name][0] + _FROM_A_CYCLE[0], WEIGHTS[name][1] + _FROM_A_CYCLE[1]) for name in _OF_A_CYCLE},
    "ahp": ("层次分析法：各位专家的两两比较", "AHP: the judges' pairwise comparisons"),
    "budget": ("专家分配：各位专家分配的份额", "budget allocation: the judges' shares"),
    "combine": ("组合赋权：各来源及占比", "combined: sources and their shares"),
}


def _judges(kind: type[Frozen]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": kind.model_json_schema()}


_WEIGHTS_ALONE: list[dict[str, Any]] = [
    *(_one_key(name, CYCLE) for name in _OF_A_CYCLE),
    _one_key("ahp", _judges(Comparison)),
    _one_key("budget", _judges(Allotment)),
]
_PART = {
    "type": "object",
    "properties": {
        "of": {
            "anyOf": [{"enum": ["declared", "equal"]}, *_WEIGHTS_ALONE],
            "description": _told(*meanings("权重来源", "source of weights", WEIGHTS)),
        },
        "share": {**CONSTANT, "default": 1.0, "description": _told("占比：这一来源占多少", "share: of this source")},
    },
    "required": ["of"],
    "additionalProperties": False,
}
WeightMethod = Annotated[
    Annotated[PlainWeights | DataWeights | Ahp | Budget | Combine, Field(discriminator="method")],
    BeforeValidator(_weights),
    names_alone("declared", "equal"),
    OrShort(*_WEIGHTS_ALONE, _one_key("combine", {"type": "array", "minItems": 1, "items": _PART})),
]


def _drawn(value: Any) -> Any:
    return value if value == "declared" else _named(value)


def _drawn_kind(value: Any) -> str:
    return "declared" if value == "declared" else "method"


DrawnNormaliser = Annotated[
    Annotated[Literal["declared"], Tag("declared")] | Annotated[Normaliser, Tag("method")], Discriminator(_drawn_kind)
]
