"""The oracle: definitions, facts and regions → every cell of a scorecard, in plain Python and without haste."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from metrics.definitions import Definitions, Leaf, Node
from tests.oracle.formulas import Values
from tests.oracle.scores import REASON, Indicator, place_from_worst
from tests.oracle.world import At, Cell, Row, World, world

Found = dict[str, Any]
Card = dict[tuple[str, str, str], Found]
ROUNDING = 1e-9
BLANK: Found = {
    **dict.fromkeys(("value", "treated", "score", "weight", "coverage", "imputed", "rank", "grade")),
    "flags": frozenset(),
}


def score(definitions: Definitions, facts: Sequence[Row], regions: Iterable[Row] | None = None) -> Card:
    """{(period, region, code): value, treated, score, weight, coverage, imputed, rank, grade, flags}."""
    here = world(definitions, facts, regions)
    values = Values(here)
    cells: dict[str, dict[At, Found]] = {code: _indicator(here, values, code) for code in definitions.indicators}
    root = definitions.index.code
    _node(here, cells, definitions.index)
    for found in cells[root].values():
        found["weight"] = 1.0
    _apply_rules(here, values, cells)
    for code in cells:
        _rank(here, cells[code])
    if definitions.grades:
        _grade(here, cells[root])
    return {
        (here.calendar.name(cycle), region, code): {**found, "flags": frozenset(found["flags"])}
        for code, column in cells.items()
        for (cycle, region), found in column.items()
    }


def _indicator(here: World, values: Values, code: str) -> dict[At, Found]:
    cells = {at: values.cell(code, at) for at in here.rows}
    indicator = Indicator(here, code, {at: cell.value for at, cell in cells.items()})
    return {at: _indicator_row(indicator, cell, at) for at, cell in cells.items()}


def _indicator_row(indicator: Indicator, cell: Cell, at: At) -> Found:
    treated, scored = indicator.treated[at], indicator.scores[at]
    imputed = cell.value is None and treated is not None
    reason = {REASON[indicator.method.method]} if treated is not None and scored is None else set()
    if scored is not None and not math.isfinite(scored):
        scored, reason = None, {"infinite"}
    has_score = scored is not None
    return BLANK | {
        "value": cell.value,
        "treated": treated,
        "score": scored,
        "coverage": float(has_score),
        "reported": float(has_score and not imputed),
        "imputed": float(has_score and imputed),
        "flags": {*cell.flags, *reason, *({"imputed"} if imputed else ())},
    }


def _code(child: Node | Leaf) -> str:
    return child.indicator if isinstance(child, Leaf) else child.code


def _counts(here: World, child: Node | Leaf, cycle: int) -> bool:
    """Whether a child is in force: an indicator by its `valid`, a node when any of its children is."""
    if isinstance(child, Leaf):
        return here.in_force(here.definitions.indicators[child.indicator].valid, cycle)
    return any(_counts(here, inner, cycle) for inner in child.children)


def _node(here: World, cells: dict[str, dict[At, Found]], node: Node) -> None:
    """The node's column, and the weights of its children."""
    for child in node.children:
        if isinstance(child, Node):
            _node(here, cells, child)
    equal = here.definitions.weights_of(node).method == "equal"
    cells[node.code] = {}
    for at in here.rows:
        weights = {
            _code(child): (1.0 if equal else child.weight) if _counts(here, child, at[0]) else 0.0
            for child in node.children
        }
        total = sum(weights.values())
        for code, weight in weights.items():
            cells[code][at]["weight"] = weight / total if weight > 0.0 else None
        cells[node.code][at] = _node_row(here.definitions, node, [(cells[code][at], weights[code]) for code in weights])


def _node_row(definitions: Definitions, node: Node, children: Sequence[tuple[Found, float]]) -> Found:
    scored = [(child, weight) for child, weight in children if child["score"] is not None]
    total, present = sum(weight for _, weight in children), sum(weight for _, weight in scored)

    def share(name: str, whole: float) -> float:
        return sum(weight * child[name] for child, weight in scored) / whole if whole > 0.0 else 0.0

    mean = _mean(definitions, node, [(child["score"], weight) for child, weight in scored], present)
    coverage = share("coverage", total)
    covered = coverage >= definitions.min_coverage_of(node) - 1e-12
    flags = {"low_coverage"} if mean is not None and not covered else set()
    if mean is None and coverage > 0.0:
        flags = {"undefined"}
    return BLANK | {
        "score": mean if covered else None,
        "coverage": coverage,
        "reported": share("reported", total),
        "imputed": share("imputed", present),
        "flags": flags,
    }


def _mean(definitions: Definitions, node: Node, scored: Sequence[tuple[float, float]], present: float) -> float | None:
    """The weighted mean of the children that have a score."""
    if present <= 0.0:
        return None
    floor = definitions.floor_of(node)
    raised = [(value if floor is None else max(value, floor), weight) for value, weight in scored]
    if definitions.aggregate_of(node) == "arithmetic":
        return math.fsum(value * weight for value, weight in raised) / present
    if any(value <= 0.0 for value, _ in raised):
        return None
    return math.prod(value ** (weight / present) for value, weight in raised)


def _apply_rules(here: World, values: Values, cells: dict[str, dict[At, Found]]) -> None:
    """Points and gates on the composite; which rules were met stays in the flags."""
    definitions = here.definitions
    nodes = definitions.tree_nodes
    values.extra = {code: {at: Cell(found["score"]) for at, found in cells[code].items()} for code in nodes}
    root = cells[definitions.index.code]
    values.extra["reported_share"] = {at: Cell(found["reported"]) for at, found in root.items()}
    for at, found in root.items():
        if found["score"] is None:
            continue
        met = [rule for rule in definitions.rules if values.compute(rule.when.tree, at).value is True]
        found["flags"] |= {rule.code for rule in met}
        points = {kind: sum(rule.points or 0.0 for rule in met if rule.kind == kind) for kind in ("bonus", "penalty")}
        if points["bonus"] or points["penalty"]:
            bonus = points["bonus"] if definitions.bonus_cap is None else min(points["bonus"], definitions.bonus_cap)
            found["score"] = min(max(found["score"] + bonus - points["penalty"], 0.0), 100.0)
        if any(rule.kind == "gate" for rule in met):
            found["score"] = None


def _rank(here: World, column: dict[At, Found]) -> None:
    """1 is best among the compared regions of a cycle; ties share the smaller number."""
    for cycle in here.cycles:
        ranked = [column[cycle, region] for region in here.regions if here.compared(region)]
        ranked = [found for found in ranked if found["score"] is not None]
        losses = [-found["score"] for found in ranked]
        for found in ranked:
            found["rank"] = place_from_worst(-found["score"], losses)


def _grade(here: World, root: dict[At, Found]) -> None:
    grades = here.definitions.grades
    quota = any(grade.top is not None or grade.top_share is not None for grade in grades)
    for at, found in root.items():
        if found["score"] is None:
            continue
        place = _by_quota(here, root, at) if quota else _by_threshold(here.definitions, found["score"])
        for rule in here.definitions.rules:
            if place is not None and rule.kind == "veto" and rule.code in found["flags"]:
                place = max(place, [grade.code for grade in grades].index(str(rule.cap)))
        found["grade"] = None if place is None else grades[place].code


def _by_threshold(definitions: Definitions, value: float) -> int | None:
    for place, grade in enumerate(definitions.grades):
        if grade.at_least is None or value >= grade.at_least - ROUNDING:
            return place
    return None


def _by_quota(here: World, root: dict[At, Found], at: At) -> int | None:
    """The best grades take their number, or their share rounded down, of the ranked regions."""
    ranked = sum(root[at[0], region]["rank"] is not None for region in here.regions)
    if root[at]["rank"] is None:
        return None
    taken = 0.0
    for place, grade in enumerate(here.definitions.grades):
        if grade.top is None and grade.top_share is None:
            return place
        taken += grade.top if grade.top is not None else math.floor(ranked * grade.top_share + ROUNDING)
        if root[at]["rank"] <= taken:
            return place
    return None
