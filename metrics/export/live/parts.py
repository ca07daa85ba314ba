"""Parts: what each child adds to a node's mean, and the mean of the parts, as formulas and as numbers."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from metrics.aggregate import ROUNDING
from metrics.export.live.formulas import literal


@dataclass(frozen=True)
class Of:
    """A node's children in one region: the ranges of their scores, weights and parts, and the node's parameters."""

    method: Any
    scores: str
    weights: str
    parts: str
    setting: Callable[[str, float], str]


def _lead(of: Of) -> str:
    """The score that leads a power mean: of shares of it none overflows."""
    return f"{'MIN' if of.method.power < 0.0 else 'MAX'}({of.scores})"


def _power_part(of: Of, s: str, w: str) -> str:
    p, lead = of.setting("power", of.method.power), _lead(of)
    if of.method.power < 0.0:
        return f'IF({s}>0,{w}*({s}/{lead})^{p},"")'
    return f'IF({s}<0,"",IF({lead}>0,{w}*({s}/{lead})^{p},0))'


def _power_mean(of: Of) -> str:
    p, lead = of.setting("power", of.method.power), _lead(of)
    return _whole(of, f"IF({lead}>0,{lead}*SUM({of.parts})^(1/{p}),0)")


def _whole(of: Of, text: str) -> str:
    """A mean of all that are scored, or of none: one that has no part leaves no mean."""
    return f"IF(AND(COUNT({of.parts})=COUNT({of.scores}),COUNT({of.parts})>0),{text},NA())"


def _median_part(of: Of, s: str, w: str) -> str:
    reached = f"SUMPRODUCT(ISNUMBER({of.scores})*({of.scores}<={s}),{of.weights})"
    return f'IF({reached}>={literal(0.5 * (1.0 - ROUNDING))},{s},"")'


def _spread(of: Of) -> str:
    sign = "+" if getattr(of.method, "penalty", "negative") == "positive" else "-"
    mean, variance = f"AVERAGE({of.parts})", f"VAR({of.parts})"
    return f"{mean}{sign}IF(COUNT({of.parts})>1,IF({variance}>0,{variance}/{mean},0),0)"


def _counting(of: Of, s: str, w: str) -> str:
    return f'IF({w}>0,{s},"")'


Part = Callable[[Of, str, str], str]
PARTS: dict[str, Part] = {
    "arithmetic": lambda of, s, w: f"{w}*{s}",
    "geometric": lambda of, s, w: f"{w}*LN({s})",
    "harmonic": lambda of, s, w: f'IF({s}>0,{w}/{s},"")',
    "power": _power_part,
    "median": _median_part,
    "minimum": _counting,
    "mazziotta_pareto": _counting,
}
MEANS: dict[str, Callable[[Of], str]] = {
    "arithmetic": lambda of: _whole(of, f"SUM({of.parts})"),
    "geometric": lambda of: _whole(of, f"EXP(SUM({of.parts}))"),
    "harmonic": lambda of: _whole(of, f"1/SUM({of.parts})"),
    "power": _power_mean,
    "median": lambda of: f"IF(COUNT({of.parts})>0,MIN({of.parts}),NA())",
    "minimum": lambda of: f"IF(COUNT({of.parts})>0,MIN({of.parts}),NA())",
    "mazziotta_pareto": _spread,
}
Scored = Sequence[tuple[float, float]]


def _power_value(score: float, weight: float, scored: Scored, method: Any) -> float | None:
    lead = (min if method.power < 0.0 else max)(each for each, _ in scored)
    if score < 0.0 or (method.power < 0.0 and score == 0.0):
        return None
    return float(weight * (score / lead) ** method.power) if lead > 0.0 else 0.0


def _median_value(score: float, weight: float, scored: Scored, method: Any) -> float | None:
    reached = sum(share for each, share in scored if each <= score)
    return score if reached >= 0.5 * (1.0 - ROUNDING) else None


# What the parts come to, for the file to show before it is recomputed.
VALUES: dict[str, Callable[[float, float, Scored, Any], float | None]] = {
    "arithmetic": lambda score, weight, scored, method: weight * score,
    "geometric": lambda score, weight, scored, method: weight * math.log(score),
    "harmonic": lambda score, weight, scored, method: weight / score if score > 0.0 else None,
    "power": _power_value,
    "median": _median_value,
    "minimum": lambda score, weight, scored, method: score if weight > 0.0 else None,
    "mazziotta_pareto": lambda score, weight, scored, method: score if weight > 0.0 else None,
}
