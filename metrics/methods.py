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
    names_alone,
    problem,
)  # fmt: skip


class Method(Frozen):
    """What every normaliser has: its name, the frame of its statistics and the range of its scores."""

    method: str
    frame: Period = "cycle"
    range: Pair = (0.0, 100.0)

    @model_validator(mode="after")
    def _low_to_high(self) -> "Method":
        if self.range[0] >= self.range[1]:
            raise problem("range_not_low_high", low=self.range[0], high=self.range[1])
        return self


class Minmax(Method):
    method: Literal["minmax"]
    clip: Flag = False


class Goalposts(Method):
    method: Literal["goalposts"]
    worst: Number
    best: Number
    clip: Flag = True
    log: Flag = False

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
    method: Literal["zscore"]
    mean: Number = 0.0
    sd: Number = 1.0

    @model_validator(mode="after")
    def _spread(self) -> "Zscore":
        if self.sd <= 0.0:
            raise problem("not_above_zero", name="sd", value=self.sd)
        return self


class Rank(Method):
    method: Literal["rank"]


class Borda(Method):
    method: Literal["borda"]


class PercentileRank(Method):
    method: Literal["percentile_rank"]


class DistanceToTarget(Method):
    method: Literal["distance_to_target"]
    target: Number
    clip: Flag = False


class DistanceToReference(Method):
    method: Literal["distance_to_reference"]
    reference: Text
    clip: Flag = False


class FractionOfMax(Method):
    method: Literal["fraction_of_max"]


class Piecewise(Method):
    method: Literal["piecewise"]
    points: tuple[Pair, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _ascending(self) -> "Piecewise":
        _refuse_descending([value for value, _ in self.points], "points")
        return self


class Steps(Method):
    method: Literal["steps"]
    steps: tuple[Pair, ...] = Field(min_length=1)
    above: Number
    relative_to: Literal["none", "peers_mean", "peers_median", "previous"] = "none"

    @model_validator(mode="after")
    def _ascending(self) -> "Steps":
        _refuse_descending([up_to for up_to, _ in self.steps], "steps")
        return self


class Limits(Method):
    method: Literal["limits"]
    binding: Number
    current: Number
    leading: Number
    scores: tuple[Number, Number, Number] = (60.0, 80.0, 100.0)

    @model_validator(mode="after")
    def _one_way(self) -> "Limits":
        if not (self.binding < self.current < self.leading or self.binding > self.current > self.leading):
            raise problem("limits_out_of_order", limits=f"{self.binding:g}, {self.current:g}, {self.leading:g}")
        return self


class Band(Method):
    method: Literal["band"]
    best: Pair
    worst: Pair

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
    method: Literal["none"]


class Statistic(Frozen):
    method: Literal["mean", "median"]


class GroupStatistic(Frozen):
    method: Literal["group_mean", "group_median"]
    by: Text


class Latest(Frozen):
    method: Literal["latest"]
    max_cycles: Annotated[Whole, Field(ge=1)] | None = None


class Linear(Frozen):
    method: Literal["linear"]


class Constant(Frozen):
    method: Literal["constant"]
    value: Number


class Winsorise(Frozen):
    method: Literal["winsorise"]
    max_points: Annotated[Whole, Field(ge=0)] = 5
    skew: Number = 2.0
    kurtosis: Number = 3.5
    otherwise: Literal["log", "none"] = "log"


class Power(Frozen):
    """The power mean (Σ w·s^p / Σ w)^(1/p)."""

    power: Number

    @model_validator(mode="after")
    def _not_zero(self) -> "Power":
        # Nearer to 0 the result would be a matter of rounding.
        if abs(self.power) < 1e-6:
            raise problem("power_of_zero")
        return self


class Penalised(Frozen):
    """Mazziotta-Pareto with the sign of its penalty."""

    method: Literal["mazziotta_pareto"]
    penalty: Literal["negative", "positive"] = "negative"


class PlainWeights(Frozen):
    method: Literal["declared", "equal"]


class DataWeights(Frozen):
    method: Literal["entropy", "critic", "pca"]
    cycle: Period


class Comparison(Frozen):
    """One judge's pairwise comparisons: rows and columns in the order of the children."""

    by: Text
    matrix: tuple[tuple[Number, ...], ...]


class Ahp(Frozen):
    method: Literal["ahp"]
    judges: tuple[Comparison, ...] = Field(min_length=1)


class Allotment(Frozen):
    """One judge's shares of the budget, in the order of the children."""

    by: Text
    shares: tuple[Share, ...]


class Budget(Frozen):
    method: Literal["budget"]
    judges: tuple[Allotment, ...] = Field(min_length=1)


class Part(Frozen):
    """One of several sources of weights, and its share in the whole."""

    of: Annotated[PlainWeights | DataWeights | Ahp | Budget, Field(discriminator="method")]
    share: Share = 1.0

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
    method: Literal["combine"]
    parts: tuple[Part, ...] = Field(min_length=1)


def _named(value: Any) -> Any:
    """A method's name alone is the method with its defaults."""
    return {"method": value} if isinstance(value, str) else value


_PARAMETER = {
    **dict.fromkeys(("entropy", "critic", "pca"), "cycle"),
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
    return {"type": "object", "properties": {key: schema}, "required": [key], "additionalProperties": False}


def _judges(kind: type[Frozen]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": kind.model_json_schema()}


_WEIGHTS_ALONE: list[dict[str, Any]] = [
    *(_one_key(name, CYCLE) for name in ("entropy", "critic", "pca")),
    _one_key("ahp", _judges(Comparison)),
    _one_key("budget", _judges(Allotment)),
]
_PART = {
    "type": "object",
    "properties": {"of": {"anyOf": [{"enum": ["declared", "equal"]}, *_WEIGHTS_ALONE]}, "share": CONSTANT},
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
