"""The oracle: definitions, facts and regions → every cell of a scorecard, in plain Python and without haste."""

import math
from collections.abc import Iterable, Sequence

from metrics.definitions import Definitions
from metrics.models import Leaf, Node
from tests.oracle.formulas import Values
from tests.oracle.grades import grade
from tests.oracle.means import aggregated
from tests.oracle.normalisers import place_from_worst, reason
from tests.oracle.scores import Indicator
from tests.oracle.weights import complete, weights_from
from tests.oracle.world import At, Cell, Found, Row, World, world

Card = dict[tuple[str, str, str], Found]
BLANK: Found = {
    **dict.fromkeys(("value", "treated", "score", "weight", "coverage", "imputed", "rank", "grade")),
    "flags": frozenset(),
}


def score(definitions: Definitions, facts: Sequence[Row], regions: Iterable[Row] | None = None) -> Card:
    """{(period, region, code): value, treated, score, weight, coverage, imputed, rank, grade, flags}.

    Raises NoWeights where weights are to come from data that give none.
    """
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
        grade(here, cells)
    return {
        (here.calendar.name(cycle), region, code): {**found, "flags": frozenset(found["flags"])}
        for code, column in cells.items()
        for (cycle, region), found in column.items()
    }


def _indicator(here: World, values: Values, code: str) -> dict[At, Found]:
    cells = {at: values.cell(code, at) for at in here.rows}
    indicator = Indicator(here, code, {at: cell.value for at, cell in cells.items()})
    found = {at: _indicator_row(indicator, cell, at) for at, cell in cells.items()}
    asked = here.definitions.indicators[code].survey
    if asked is not None:
        for at, row in found.items():
            respondents = values.cell(asked.respondents, at).value
            half = None if asked.half_width is None else values.cell(asked.half_width, at).value
            few = respondents is not None and respondents < asked.least
            wide = half is not None and asked.widest is not None and half > asked.widest
            if "not_in_force" not in row["flags"]:
                row["flags"] |= {*(["few_responses"] if few else []), *(["wide_interval"] if wide else [])}
    return found


def _indicator_row(indicator: Indicator, cell: Cell, at: At) -> Found:
    filled, treated, scored = indicator.filled[at], indicator.treated[at], indicator.scores[at]
    imputed = cell.value is None and filled is not None
    flags = {*cell.flags, *({"imputed"} if imputed else ()), *({"treated"} if filled != treated else ())}
    if treated is not None and scored is None:
        flags.add(reason(indicator, at))
    if filled is not None and treated is None:
        flags.add("undefined")
    if scored is not None and not math.isfinite(scored):
        scored, flags = None, flags | {"infinite"}
    has_score = scored is not None
    return BLANK | {
        "value": cell.value,
        "treated": treated,
        "score": scored,
        "coverage": float(has_score),
        "reported": float(has_score and not imputed),
        "imputed": float(has_score and imputed),
        "flags": flags,
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
    whole = _whole_weights(here, cells, node)
    weights = {at: _weigh(here, cells, node, whole, at) for at in here.rows}
    floor = here.definitions.floor_of(node)
    children = {
        at: {
            code: (score if floor is None else max(score, floor), weight)
            for code, weight in of_row.items()
            if weight is not None and (score := cells[code][at]["score"]) is not None
        }
        for at, of_row in weights.items()
    }
    scores = aggregated(here, here.definitions.aggregate_of(node), children)
    least = here.definitions.min_coverage_of(node)
    cells[node.code] = {
        at: _node_row([(cells[code][at], weight or 0.0) for code, weight in weights[at].items()], scores[at], least)
        for at in here.rows
    }


def _whole_weights(here: World, cells: dict[str, dict[At, Found]], node: Node) -> dict[str, float]:
    """The weights of the children by code, whether in force or not."""
    codes = [_code(child) for child in node.children]
    found = weights_from(
        here.definitions.weights_of(node),
        [child.weight for child in node.children],
        lambda cycle: complete(here, cycle, [cells[code] for code in codes]),
    )
    return dict(zip(codes, found, strict=True))


def _weigh(
    here: World, cells: dict[str, dict[At, Found]], node: Node, whole: dict[str, float], at: At
) -> dict[str, float | None]:
    """The shares of the children that are in force in a cycle; the cells get them."""
    counting = {_code(child) for child in node.children if _counts(here, child, at[0])}
    total = math.fsum(weight for code, weight in whole.items() if code in counting)
    shares = {code: weight / total if code in counting and weight > 0.0 else None for code, weight in whole.items()}
    for code, share in shares.items():
        cells[code][at]["weight"] = share
    return shares


def _node_row(children: Sequence[tuple[Found, float]], mean: float | None, least: float) -> Found:
    scored = [(child, weight) for child, weight in children if child["score"] is not None]
    total, present = sum(weight for _, weight in children), sum(weight for _, weight in scored)

    def share(name: str, whole: float) -> float:
        return sum(weight * child[name] for child, weight in scored) / whole if whole > 0.0 else 0.0

    coverage = share("coverage", total)
    covered = coverage >= least - 1e-12
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
