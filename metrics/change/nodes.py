"""A node's change taken apart down the tree: its children's changes in points of its own, and what else moved it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from metrics.change.means import Field, Form, Parts, Side, parts_of
from metrics.change.points import Point, Terms, Vector, add, added, scaled, total, wide_column
from metrics.frames import Matrix
from metrics.models import Node
from metrics.tree import code_of


@dataclass(frozen=True, eq=False)
class Edge:
    """Two points of which one thing differs: `label` its kind, None where kinds are told apart inside.

    `leaf` gives the terms of an indicator's score.
    """

    before: Point
    after: Point
    label: str | None
    leaf: Callable[[str], Terms]

    def named(self, reason: str, code: str | None) -> tuple[str, str | None]:
        """The kind and code of what happened for this reason."""
        return (self.label or reason, code)


def node_terms(edge: Edge, before: Node, after: Node) -> Terms:
    """What the change of a node's score comes from, in its points: all 0 where it has none on one of the sides."""
    codes = list(dict.fromkeys(code_of(child) for node in (before, after) for child in node.children))
    sides = _side(edge.before, before, codes), _side(edge.after, after, codes)
    change = edge.after.column(f"score {after.code}") - edge.before.column(f"score {before.code}")
    forms = list(dict.fromkeys((_form(edge.before, before), _form(edge.after, after))))
    inner = {code: _inner(edge, before, after, code) for code in codes}
    parts = {form: parts_of(form, *sides) for form in forms}
    holds = np.stack([np.isfinite(one.total) for one in parts.values()])
    shares = holds / np.maximum(holds.sum(axis=0), 1)
    found = added(
        scaled(_terms(edge, form, one, sides, codes=codes, inner=inner, node=after), share)
        for (form, one), share in zip(parts.items(), shares, strict=True)
    )
    # What the children do not explain is another way to take their mean, or that there was none between the sides.
    rest = change - total(found, len(change))
    rest = rest if len(forms) > 1 else np.where(holds[0], 0.0, rest)
    add(found, edge.named("aggregate" if len(forms) > 1 else "coverage", after.code), rest)
    return scaled(found, np.where(np.isnan(change), 0.0, 1.0))


def _form(point: Point, node: Node) -> Form:
    return Form(point.card.definitions.aggregate_of(node), point.card.definitions.floor_of(node))


def _side(point: Point, node: Node, codes: list[str]) -> Side:
    own = [code_of(child) for child in node.children]
    weights = dict(zip(own, point.weights(node), strict=True))
    none = np.full(len(point.regions), np.nan)
    scores = np.stack([point.column(f"score {code}") if code in own else none for code in codes], axis=-1)
    return Side(scores, np.array([weights.get(code, 0.0) for code in codes]), _field(point, own, codes))


def _field(point: Point, own: list[str], codes: list[str]) -> Field:
    """All regions of the point's scorecard in its cycle, for a mean in which they are rivals."""
    shape = len(point.card.periods), len(point.card.regions)
    columns = [
        wide_column(point.card, f"score {code}").reshape(shape)[point.cycle or 0]
        if code in own
        else np.full(shape[1], np.nan)
        for code in codes
    ]
    return Field(np.stack(columns, axis=-1), point.card.regions["compared"].to_numpy(), point.places)


def _inner(edge: Edge, before: Node, after: Node, code: str) -> Terms:
    """The terms of a child that both sides have, in its own points."""
    children = [{code_of(child): child for child in node.children}.get(code) for node in (before, after)]
    if any(child is None for child in children):
        return {}
    if all(isinstance(child, Node) for child in children):
        return node_terms(edge, *children)  # type: ignore[arg-type]
    return edge.leaf(code)


def _terms(
    edge: Edge, form: Form, parts: Parts, sides: tuple[Side, Side], *, codes: list[str], inner: dict[str, Terms],
    node: Node,
) -> Terms:  # fmt: skip
    """The parts of a mean under the kinds and codes they belong to."""
    found: Terms = {}
    for place, code in enumerate(codes):
        points, both = parts.children[:, place], ~np.isnan(parts.rates[:, place])
        share = _by_size if form.name == "copeland" else _by_points
        below = share(inner[code], parts.rates[:, place], np.where(both, points, 0.0))
        found = added((found, below))
        for reason, here in _reasons(sides, place).items():
            add(found, edge.named(reason, code), np.where(here & ~both, points, 0.0))
        add(found, edge.named("weights", code), parts.weights[:, place])
    for reason, points in parts.whole.items():
        add(found, edge.named(reason, node.code), points)
    return found


def _by_points(inner: Terms, rate: Vector, points: Vector) -> Terms:
    return scaled(inner, rate)


def _by_size(inner: Terms, rate: Vector, points: Vector) -> Terms:
    """Where a small change can be a leap in points, its terms share these by their sizes."""
    size = total({key: np.abs(values) for key, values in inner.items()}, len(points))
    each = np.divide(points, size, out=np.zeros_like(points), where=size > 0.0)
    return {key: np.abs(values) * each for key, values in inner.items()}


def _reasons(sides: tuple[Side, Side], place: int) -> dict[str, np.ndarray]:
    """Why a child counts on one side only: it is not in force, has no score, or has no weight."""
    missing: Matrix = np.stack([np.isnan(side.scores[:, place]) for side in sides])
    out = np.array([side.weights[place] == 0.0 for side in sides])[:, None]
    valid, coverage = (missing & out).any(axis=0), (missing & ~out).any(axis=0)
    return {"valid": valid, "coverage": coverage & ~valid, "weights": ~valid & ~coverage}
