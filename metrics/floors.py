"""Floors: which means need their scores raised above 0, and where a floor lies above all that can be scored."""

from typing import TYPE_CHECKING, Any

from metrics.methods import aggregate_name, best_score
from metrics.models import Heading, Leaf, Node
from metrics.yamltext import Path

if TYPE_CHECKING:
    from metrics.reader import Parts
    from metrics.semantics import Notes

NEEDS_ABOVE_ZERO = ("geometric", "harmonic")
# Methods whose scores can be 0 or less although their range is not.
UNBOUNDED = frozenset(
    (
        "zscore",
        "borda",
        "piecewise",
        "steps",
        "limits",
        "distance_to_target",
        "distance_to_reference",
        "fraction_of_max",
    )
)


def check_floor(node: Node, path: Path, parts: "Parts", notes: "Notes") -> None:
    """A floor where the mean needs one, above 0, and below the most that the children can score."""
    heading = parts.heading
    assert heading is not None
    aggregate, floor = _aggregate_of(node, heading), _floor_of(node, heading)
    where: Path = (*path, "floor") if node.floor is not None else path
    if aggregate in NEEDS_ABOVE_ZERO:
        if floor is not None and floor <= 0.0:
            notes.add("not_above_zero", (*path, "floor"), name="floor", value=floor)
        if floor is None and any(_reaches_zero(child, parts) for child in node.children):
            notes.add("floor_wanted", (*path, "aggregate") if node.aggregate is not None else path, aggregate=aggregate)
    top = _top_of_children(node, parts)
    if floor is not None and top is not None and floor >= top:
        notes.add("floor_above_scores", where, floor=f"{floor:g}", top=f"{top:g}")


def _aggregate_of(node: Node, heading: Heading) -> Any:
    return node.aggregate if node.aggregate is not None else heading.defaults.aggregate


def _floor_of(node: Node, heading: Heading) -> float | None:
    return node.floor if node.floor is not None else heading.defaults.floor


def _reaches_zero(child: Node | Leaf, parts: "Parts") -> bool:
    """Whether a child's score can be 0 or less."""
    heading = parts.heading
    if heading is None:
        return False
    if isinstance(child, Node):
        floor = _floor_of(child, heading)
        if aggregate_name(_aggregate_of(child, heading)) in ("copeland", "mazziotta_pareto"):
            return True
        return (floor is None or floor <= 0.0) and any(_reaches_zero(inner, parts) for inner in child.children)
    item = parts.indicators.get(child.indicator)
    if item is None:
        return False
    method: Any = item.normalise or heading.defaults.normalise
    if method.method == "rank":
        return False
    if method.method == "minmax" and method.frame != "cycle" and not method.clip:
        return True
    if method.method == "goalposts" and not method.clip:
        return True
    scores = {"piecewise": "points", "steps": "steps"}.get(method.method)
    if scores is not None:
        lowest: float = min([score for _, score in getattr(method, scores)] + [getattr(method, "above", float("inf"))])
        return lowest <= 0.0
    start: float = method.range[0]
    return method.method in UNBOUNDED or start <= 0.0


def _top_of_children(node: Node, parts: "Parts") -> float | None:
    """The most that any child can score, before the floor; None where that has no end that is known."""
    tops = [_top(child, parts) for child in node.children]
    known = [top for top in tops if top is not None]
    return max(known) if known and len(known) == len(tops) else None


def _top(child: Node | Leaf, parts: "Parts") -> float | None:
    """The most that a child can score; None where that has no end that is known."""
    heading = parts.heading
    if heading is None:
        return None
    if isinstance(child, Node):
        # Copeland counts regions, and a mean with a penalty turned round lies above its scores.
        if aggregate_name(_aggregate_of(child, heading)) in ("copeland", "mazziotta_pareto"):
            return None
        return _top_of_children(child, parts)
    item = parts.indicators.get(child.indicator)
    if item is None:
        return None
    method: Any = item.normalise or heading.defaults.normalise
    beyond = (method.method == "minmax" and method.frame != "cycle") or method.method == "goalposts"
    return None if beyond and not method.clip else best_score(method)
