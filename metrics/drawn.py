"""What the uncertainty analysis draws: the keys of `robustness:` in a definitions file."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from metrics.fields import Flag, Frozen, Period, Share, Whole, described, problem
from metrics.methods import Aggregate, DrawnNormaliser, Minmax, Missing

DECLARED = "declared"
# Beyond it the interval of a share of one half is narrower than ±0.3 %, and memory is all that more would take.
MOST_TRIALS = 100_000


def _kind(value: Any) -> str:
    return DECLARED if value == DECLARED else "method"


DrawnAggregate = Annotated[
    Annotated[Literal["declared"], Tag(DECLARED)] | Annotated[Aggregate, Tag("method")], Discriminator(_kind)
]
DrawnMissing = Annotated[
    Annotated[Literal["declared"], Tag(DECLARED)] | Annotated[Missing, Tag("method")], Discriminator(_kind)
]


class WeightDraw(Frozen):
    """Each declared weight × U(1 − spread, 1 + spread)."""

    spread: Share = described("浮动幅度：如 0.25 即 ± 25 %", "spread: 0.25 is ± 25 %")

    @model_validator(mode="after")
    def _above_zero(self) -> "WeightDraw":
        if not 0.0 <= self.spread < 1.0:
            raise problem("not_a_share", name="spread", value=self.spread)
        return self


class Robustness(Frozen):
    """What is drawn in the uncertainty analysis; a key that is absent leaves its matter as declared."""

    trials: Annotated[Whole, Field(ge=1, le=MOST_TRIALS)] = described(
        "抽样次数：越多越稳，越慢", "trials: more are steadier and slower", default=1000
    )
    seed: Whole = described("随机种子：相同则结果相同", "seed: the same one gives the same result", default=20240101)
    weights: WeightDraw | None = described(
        "权重浮动：各权重乘以 1 ± spread 之间的数", "moving weights: each is multiplied with 1 ± spread", default=None
    )
    normalise: tuple[DrawnNormaliser, ...] = described(
        "抽取的归一化：方法名，或 declared", "normalisations drawn: methods, or declared", default=()
    )
    aggregate: tuple[DrawnAggregate, ...] = described(
        "抽取的汇总方法：方法名，或 declared", "aggregations drawn: methods, or declared", default=()
    )
    missing: tuple[DrawnMissing, ...] = described(
        "抽取的缺失值处理：方法名，或 declared", "treatments of missing values drawn: methods, or declared", default=()
    )
    frame: tuple[Period, ...] = described(
        "抽取的基准框：cycle、all 或一个周期", "frames drawn: cycle, all, or a cycle", default=()
    )
    drop_one: Flag = described(
        "每次去掉一个指标：true 或 false", "one indicator left out in each trial: true or false", default=False
    )

    @property
    def in_force(self) -> "Robustness":
        """These keys; where nothing at all is drawn, weights ± 25 % and min-max beside the declared normalisers.

        Weights and the scale are what assessors disagree on most often; aggregation stays as declared, since a
        definition chooses it for what it means (compensation or none).
        """
        nothing = not (self.weights or self.normalise or self.aggregate or self.missing or self.frame or self.drop_one)
        if not nothing:
            return self
        draws = {"weights": WeightDraw(spread=0.25), "normalise": (DECLARED, Minmax(method="minmax"))}
        return self.model_copy(update=draws)
