"""Adjustments: points that an evaluation gives or takes for a reason, as rules of one region in one cycle.

They act after aggregation as bonuses and penalties do (contract §4), on the composite, and change no fact and no other
score; `node` says for what they are given. So whoever tells, explains or recomputes rules does so with them too.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import polars as pl

from metrics.definitions import Definitions
from metrics.fields import NameModel
from metrics.formula import Formula
from metrics.models import Rule
from metrics.problems import Problem, nearest
from metrics.syntax import ROW, Call, Period


@dataclass(frozen=True)
class Adjustment:
    """Points of the composite, above 0 given and below 0 taken; `evidence` are SHA-256 of files, `by` who agreed."""

    number: int
    period: str
    region: str
    node: str
    points: float
    reason: str
    by: str = ""
    evidence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not math.isfinite(self.points) or self.points == 0.0 or abs(self.points) > 100.0:
            raise ValueError(f"no points of an adjustment: {self.points}")

    @property
    def code(self) -> str:
        """The flag of the composite that it acts on; no definitions file can have such a code."""
        return f"adjustment-{self.number}"


class AdjustmentRule(Rule):
    """An adjustment as a rule."""

    adjustment: Adjustment


def adjusted(definitions: Definitions, adjustments: Sequence[Adjustment]) -> Definitions:
    """The definitions with these adjustments, and no others, among their rules."""
    own = tuple(rule for rule in definitions.rules if not isinstance(rule, AdjustmentRule))
    return replace(definitions, rules=(*own, *(_rule(definitions, one) for one in adjustments)))


def adjustments_of(definitions: Definitions) -> tuple[Adjustment, ...]:
    """The adjustments among the rules."""
    return tuple(rule.adjustment for rule in definitions.rules if isinstance(rule, AdjustmentRule))


def rules_about(definitions: Definitions, periods: Collection[str], regions: Collection[str]) -> tuple[Rule, ...]:
    """The rules without the adjustments of other cycles or regions than these."""
    return tuple(
        rule
        for rule in definitions.rules
        if not isinstance(rule, AdjustmentRule)
        or (rule.adjustment.period in periods and rule.adjustment.region in regions)
    )


def unplaced(adjustments: Sequence[Adjustment], frame: pl.DataFrame, definitions: Definitions) -> list[Problem]:
    """The one note of those that act on nothing: no composite of the contract's rows is their region's and cycle's."""
    scored = frame.filter(pl.col("code") == definitions.index.code, pl.col("score").is_not_null())
    places = set(scored.select("region", "period").iter_rows())
    idle = [str(one.number) for one in adjustments if (one.region, one.period) not in places]
    facts = {"count": len(idle), "numbers": ", ".join(idle)}
    return [Problem("adjustment_nowhere", "--adjustments", facts=facts)] if idle else []


def unnamed(adjustments: Sequence[Adjustment], definitions: Definitions) -> list[Problem]:
    """A warning for each that is given for a node which the definitions do not have."""
    known = [row.code for row in definitions.nodes()]
    lost = [one for one in adjustments if one.node not in known]
    facts = [{"number": one.number, "node": one.node, "near": nearest(one.node, known)} for one in lost]
    return [Problem("adjustment_node", "--adjustments", facts=one) for one in facts]


def _rule(definitions: Definitions, given: Adjustment) -> AdjustmentRule:
    zh, en = (_name_of(definitions, given.node, lang) for lang in ("zh", "en"))
    tree = Call(ROW, (Period(given.region), Period(given.period)))
    return AdjustmentRule.model_construct(
        code=given.code,
        kind="bonus" if given.points > 0.0 else "penalty",
        when=Formula(f"{given.region} {given.period}", tree, frozenset(), True),
        cap=None,
        points=abs(given.points),
        name=NameModel(
            zh=f"调整{given.number}（{zh}）：{given.reason}", en=f"Adjustment {given.number} ({en}): {given.reason}"
        ),
        source="; ".join(filter(None, (given.by, *(f"SHA-256 {digest}" for digest in given.evidence)))),
        adjustment=given,
    )  # fmt: skip


def _name_of(definitions: Definitions, code: str, lang: str) -> str:
    """What a node is called; the code of one that these definitions do not have."""
    return definitions.name_of(code, lang) if code in {row.code for row in definitions.nodes()} else code
