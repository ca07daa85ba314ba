"""Workings: a score's arithmetic written out with its numbers."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import polars as pl

from metrics.frames import Frame

if TYPE_CHECKING:
    from metrics.scorecard import Scorecard

WORDS: dict[str, tuple[str, str]] = {
    "aggregate": ("汇总", "Aggregate"),
    "coverage": ("覆盖率", "Coverage"),
    "rule": ("规则", "Rule"),
    "rank": ("排名", "Rank"),
    "grade": ("等级", "Grade"),
    "formula": ("公式", "Formula"),
    "treated": ("插补或离群处理后", "After imputation and outlier treatment"),
    "normalise": ("归一化", "Normalise"),
    "roll_up": ("汇总方式（时间 / 机构）", "Roll-up (time / sites)"),
    "source": ("来源", "Source"),
    "score": ("得分", "score"),
    "weight": ("权重", "weight"),
}

# Per method: the working for higher-is-better and for lower-is-better, over the names that `_names` gives.
_WORKINGS: dict[str, tuple[str, str]] = {
    "minmax": ("({x} - {min}) / ({max} - {min})", "({max} - {x}) / ({max} - {min})"),
    "goalposts": ("({x} - {worst}) / ({best} - {worst})",) * 2,
    "zscore": ("({x} - {mean}) / {sd}", "({mean} - {x}) / {sd}"),
    "rank": ("rank {rank} / {count}",) * 2,
    "borda": ("rank {rank} - 1",) * 2,
    "percentile_rank": ("({rank} - 1) / ({count} - 1)",) * 2,
    "distance_to_target": ("({x} - {min}) / ({target} - {min})", "({max} - {x}) / ({max} - {target})"),
    "distance_to_reference": ("1 - ({ref} - {x}) / ({ref} - {min})", "1 - ({x} - {ref}) / ({max} - {ref})"),
    "fraction_of_max": ("{x} / {max}", "{min} / {x}"),
    "piecewise": ("{x} : {points}",) * 2,
    "steps": ("{x} / {relative} : {steps}, {above}",) * 2,
    "limits": ("{x} : {limits} = {scores}",) * 2,
    "band": ("{x} : {best}, {worst}",) * 2,
}


def number(value: object) -> str:
    """A number as text that can be typed into a calculator: 12 significant digits; — where there is none."""
    return f"{value:.12g}" if isinstance(value, int | float) else "—"


def score_working(card: "Scorecard", code: str, at: int, treated: float) -> str:
    """How the score of one indicator in one row comes from its treated value, frame and parameters."""
    method, item = card.definitions.normaliser(code), card.definitions.indicators[code]
    frame = Frame(card.rows, method.frame, item.peers)
    x = card.rows.frame.with_columns(card.column(code, "treated").alias("x"))
    higher = item.better != "lower"
    template = _WORKINGS[method.method][0 if higher else 1]
    names = {name: make(frame, x, at, method, higher) for name, make in _NAMES.items() if "{" + name + "}" in template}
    parameters = {name: _shown(value) for name, value in method.model_dump().items()}
    parameters["limits"] = " / ".join(_shown(parameters.get(name, "")) for name in ("binding", "current", "leading"))
    working = template.format_map({**parameters, "x": number(treated), **names})
    low, high = getattr(method, "range", (0.0, 100.0))
    return f"{working} → [{number(low)}, {number(high)}]"


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_shown(part) for part in value) + "]"
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


Name = Callable[[Frame, pl.DataFrame, int, Any, bool], str]


def _statistic(take: Callable[[Frame, pl.Expr], pl.Expr]) -> Name:
    def name(frame: Frame, rows: pl.DataFrame, at: int, method: Any, higher: bool) -> str:
        return number(rows.with_columns(take(frame, pl.col("x")).alias("statistic"))["statistic"][at])

    return name


def _rank(frame: Frame, rows: pl.DataFrame, at: int, method: Any, higher: bool) -> str:
    return number(frame.ranked(rows["x"] if higher else -rows["x"])[at])


def _reference(frame: Frame, rows: pl.DataFrame, at: int, method: Any, higher: bool) -> str:
    cycle = rows["cycle"][at] if frame.cycle is None else frame.cycle
    return number(rows.filter(pl.col("region") == method.reference, pl.col("cycle") == cycle)["x"].first())


def _relative(frame: Frame, rows: pl.DataFrame, at: int, method: Any, higher: bool) -> str:
    if method.relative_to == "none":
        return "1"
    if method.relative_to == "previous":
        return number(frame.rows.shifted(rows["x"], 1)[at])
    return number(frame.rows.others(rows["x"], frame.peers, method.relative_to.removeprefix("peers_"))[at])


_NAMES: dict[str, Name] = {
    "min": _statistic(Frame.min),
    "max": _statistic(Frame.max),
    "mean": _statistic(Frame.mean),
    "sd": _statistic(Frame.sd),
    "count": _statistic(Frame.count),
    "rank": _rank,
    "ref": _reference,
    "relative": _relative,
}
