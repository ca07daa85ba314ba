"""What an author should look at although nothing is wrong: what is unused, said twice, overdue, or does not add up."""

from collections.abc import Hashable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from metrics.definitions import Definitions, formulas_of, tree_paths
from metrics.models import MeanBy, Node
from metrics.twice import said
from metrics.units import parse_unit
from metrics.yamltext import Path

if TYPE_CHECKING:
    from metrics.semantics import Notes

# Weights that miss their whole by no more than this share are rounded (three times 0.333).
_ROUNDED = 2e-3
# Weights that come as near to 100 as this were meant to add up to it.
_NEARLY = 0.1


def advise(definitions: Definitions, notes: "Notes", today: date | None) -> None:
    """Notes and warnings at the places that they are about; `today` None: nothing is overdue."""
    _unused(definitions, notes)
    _said_twice(definitions, notes)
    _weights(definitions, notes)
    for code, item in definitions.indicators.items():
        if today is not None and item.next_review is not None and item.next_review < today:
            notes.add("review_overdue", ("indicators", code, "next_review"), code=code, date=item.next_review)


def _unused(definitions: Definitions, notes: "Notes") -> None:
    formulas = formulas_of(definitions.variables, definitions.indicators)
    used = {code for formula in formulas.values() for code in formula.codes}
    used |= {code for rule in definitions.rules for code in rule.when.codes}
    surveys = [item.survey for item in definitions.indicators.values() if item.survey is not None]
    used |= {name for survey in surveys for _, name in survey.variables}
    used |= {v.over_sites.mean_by for v in definitions.variables.values() if isinstance(v.over_sites, MeanBy)}
    sections: tuple[tuple[str, Mapping[str, Any]], ...] = (
        ("variables", definitions.variables), ("factors", definitions.factors),
    )  # fmt: skip
    for section, items in sections:
        for code in items:
            if code not in used:
                notes.add("unused", (section, code), at_key=True, code=code)


def _said_twice(definitions: Definitions, notes: "Notes") -> None:
    """One formula under two names among the indicators, or among the variables: one of them was meant otherwise."""
    for section, items in (("indicators", definitions.indicators), ("variables", definitions.variables)):
        first: dict[Hashable, str] = {}
        for code, item in items.items():
            if item.formula is None or not item.formula.codes:
                continue
            unit = parse_unit(item.unit)
            other = first.setdefault((said(item.formula.tree), unit.dimension, unit.scale), code)
            if other != code:
                notes.add("formula_twice", (section, code, "formula"), code=code, other=other)


def _weights(definitions: Definitions, notes: "Notes") -> None:
    """Weights written as shares of 1 or as parts of 100 that do not add up to it: proportions count all the same."""
    for node, path in tree_paths(definitions.index):
        if not isinstance(node, Node) or definitions.weights_of(node).method != "declared":
            continue
        weights = [child.weight for child in node.children]
        total, whole = sum(weights), _meant(weights)
        if whole is not None and abs(total - whole) > _ROUNDED * whole:
            where: Path = (*path, "children")
            notes.add("weights_not_whole", where, code=node.code, total=round(total, 6), whole=whole)


def _meant(weights: list[float]) -> float | None:
    """What the weights were meant to add up to: 1 for shares, 100 for parts near it; None for mere proportions."""
    if len(weights) > 1 and max(weights) < 1.0:
        return 1.0
    return 100.0 if len(weights) > 1 and abs(sum(weights) - 100.0) <= 100.0 * _NEARLY else None
