"""Workings: a score's arithmetic written out with its numbers."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from metrics.definitions import Node
from metrics.frames import Frame
from metrics.periods import PeriodError
from metrics.syntax import Call, Code, Number, Tree, rewritten, without_change
from metrics.tree import code_of
from metrics.values import compute
from metrics.written import number, written

if TYPE_CHECKING:
    from metrics.scorecard import Scorecard

WORDS: dict[str, tuple[str, str]] = {
    "aggregate": ("汇总", "Aggregate"),
    "coverage": ("覆盖率", "Coverage"),
    "rule": ("规则", "Rule"),
    "points": ("加分扣分", "Points"),
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


def formula_working(card: "Scorecard", code: str, at: int) -> tuple[str, list[tuple[str, int]]]:
    """A formula with the numbers that it takes in one row, and the (code, row) in which each of them stands."""
    item = card.definitions.indicators.get(code) or card.definitions.variables[code]
    assert item.formula is not None  # only what has a formula is asked for
    reading = _Reading(card, getattr(item, "peers", None), [])
    text = written(rewritten(without_change(item.formula.tree), reading.numbers(at)))
    constant = card.definitions.conversion(code)
    return text if constant == 1.0 else f"({text}) × {number(constant)}", list(dict.fromkeys(reading.read))


@dataclass(frozen=True)
class _Reading:
    """Puts numbers in place of codes, those of the cycle that is meant, and notes where each of them stands."""

    card: "Scorecard"
    peers: str | None
    read: list[tuple[str, int]]

    def numbers(self, at: int | None) -> Callable[[Tree], Tree | None]:
        """For `syntax.rewritten`: the numbers of row `at`, none where there is no such row."""

        def change(part: Tree) -> Tree | None:
            if isinstance(part, Code):
                return self._number(part.name, at)
            if not isinstance(part, Call) or part.name not in _ELSEWHERE:
                return None
            if part.name in ("peers_mean", "peers_median"):
                return self._others(part, at)
            return rewritten(part.args[0], self.numbers(self._row(part, at)))

        return change

    def _number(self, code: str, at: int | None) -> Tree:
        if at is None:
            return _NONE
        self.read.append((code, at))
        return _shown_number(self.card.known[code].value[at])

    def _others(self, part: Call, at: int | None) -> Tree:
        values = compute(part, self.card.known, self.card.rows, peers=self.peers).value
        return _NONE if at is None else _shown_number(values[at])

    def _row(self, part: Call, at: int | None) -> int | None:
        """The row that previous(x, n) or at(x, cycle) reads."""
        rows, where = self.card.rows, part.args[1] if len(part.args) > 1 else Number(1.0)
        if at is None:
            return None
        if isinstance(where, Number):
            return rows.place(at, rows.frame["cycle"][at] - int(where.value))
        try:
            return rows.place(at, rows.calendar.named(str(getattr(where, "text", ""))))
        except PeriodError:
            return None


_ELSEWHERE = frozenset(("previous", "at", "peers_mean", "peers_median"))
_NONE = Code("—")


def _shown_number(value: float | None) -> Tree:
    return _NONE if value is None else Number(value)


def mean_working(card: "Scorecard", node: Node, at: int) -> str:
    """How a node's mean comes from its children's scores and weights in one row."""
    floor, name = card.definitions.floor_of(node), card.definitions.aggregate_of(node)
    cells = card.wide.row(at, named=True)
    parts = [(cells[f"score {code}"], cells[f"weight {code}"]) for code in map(code_of, node.children)]
    scored = [(s if floor is None else max(s, floor), w) for s, w in parts if s is not None and w is not None]
    if not scored:
        return "—"
    total = number(sum(weight for _, weight in scored))
    if name == "geometric":
        working = "(" + " × ".join(f"{number(s)}^{number(w)}" for s, w in scored) + f")^(1/{total})"
    elif name == "arithmetic":
        working = "(" + " + ".join(f"{number(s)} × {number(w)}" for s, w in scored) + f") / {total}"
    else:
        working = f"{name}(" + ", ".join(f"{number(s)}: {number(w)}" for s, w in scored) + ")"
    return f"{working} = {number(cells[f'mean {node.code}'])}"


def points_working(card: "Scorecard", met: Collection[str], at: int) -> str:
    """How bonus and penalty points change the composite in one row; empty where no rule gives any."""
    rules = [rule for rule in card.definitions.rules if rule.code in met and rule.points]
    if not rules:
        return ""
    bonus = " + ".join(number(rule.points) for rule in rules if rule.kind == "bonus")
    capped = f"min({bonus}, {number(card.definitions.bonus_cap)})" if card.definitions.bonus_cap is not None else bonus
    added = f" + {capped}" if bonus else ""
    taken = "".join(f" - {number(rule.points)}" for rule in rules if rule.kind == "penalty")
    mean = number(card.wide[f"score {card.definitions.index.code}"][at])
    return f"clip({mean}{added}{taken}, 0, 100)"


def score_working(card: "Scorecard", code: str, at: int, treated: float) -> str:
    """How the score of one indicator in one row comes from its treated value, frame and parameters."""
    method, item = card.definitions.normaliser(code), card.definitions.indicators[code]
    frame = Frame(card.rows, method.frame, item.peers)
    x = card.rows.frame.with_columns(card.wide[f"treated {code}"].alias("x"))
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
