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

    spread: Share

    @model_validator(mode="after")
    def _above_zero(self) -> "WeightDraw":
        if not 0.0 <= self.spread < 1.0:
            raise problem("not_a_share", name="spread", value=self.spread)
        return self


class Robustness(Frozen):
    """What is drawn in the uncertainty analysis; a key that is absent leaves its matter as declared."""

    trials: Annotated[Whole, Field(ge=1, le=MOST_TRIALS)] = described("抽样次数", "number of trials", default=1000)
    seed: Whole = described("随机种子", "seed", default=20240101)
    weights: WeightDraw | None = described("权重的浮动", "how far weights move", default=None)
    normalise: tuple[DrawnNormaliser, ...] = described("抽取的归一化方法", "normalisers to draw from", default=())
    aggregate: tuple[DrawnAggregate, ...] = described("抽取的汇总方法", "aggregations to draw from", default=())
    missing: tuple[DrawnMissing, ...] = described(
        "抽取的缺失值处理", "treatments of missing values to draw from", default=()
    )
    frame: tuple[Period, ...] = described("抽取的基准框", "frames to draw from: cycle, all, a cycle", default=())
    drop_one: Flag = described("每次去掉一个指标", "one indicator left out in each trial", default=False)

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
