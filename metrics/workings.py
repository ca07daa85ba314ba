"""Workings: a score's arithmetic written out with its numbers."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metrics.methods import aggregate_name
from metrics.models import Node
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
    "frame": ("基准框", "Frame"),
    "normalise": ("归一化", "Normalise"),
    "roll_up": ("汇总方式（时间 / 机构）", "Roll-up (time / sites)"),
    "source": ("来源", "Source"),
    "unopened": ("此下不再展开，请另行查看", "Not opened further, look at it by itself"),
    "score": ("得分", "score"),
    "weight": ("权重", "weight"),
    "given": ("贡献", "points"),
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
        if not self.card.whole:
            # What others have is out of sight.
            return _NONE
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
        parameter = getattr(name, "power", None) or getattr(name, "penalty", "")
        called = f"{aggregate_name(name)} {parameter}".strip()
        working = f"{called}(" + ", ".join(f"{number(s)}: {number(w)}" for s, w in scored) + ")"
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
