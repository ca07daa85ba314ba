"""Units and worked examples: what each formula comes to, against what its definition says."""

import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metrics.definitions import Definitions, formulas_of
from metrics.formula import Formula, FormulaError, parse
from metrics.models import Example
from metrics.plain import plain
from metrics.syntax import Call, Code, Number, Tree, codes_of, parts_of, rewritten, walk, without_change
from metrics.units import NONE, Unit, UnitError, conversion, parse_unit, shown, unit_of
from metrics.yamltext import Path

if TYPE_CHECKING:
    from metrics.reader import Parts
    from metrics.semantics import Notes

_BY_OTHERS = frozenset(("previous", "at", "peers_mean", "peers_median"))
_PER_CENT = parse_unit("%")
_ALONE = frozenset(("goalposts", "piecewise", "limits", "band", "steps"))


def check_units(parts: "Parts", notes: "Notes") -> dict[str, float]:
    """Every formula's unit reduced to the declared one; gives the constant for those that need one."""
    units = _declared(parts, notes)
    formulas = formulas_of(parts.variables, parts.indicators)
    conversions = {}
    for code, formula in formulas.items():
        section = "variables" if code in parts.variables else "indicators"
        path: Path = (section, code, "formula")
        found = _unit(formula, units, path, notes)
        declared = units.get(code)
        if found is None or declared is None or found.literal:
            continue
        constant = conversion(found, declared)
        if constant is None:
            told: dict[str, Any] = {"found": shown(found), "declared": _unit_text(parts, code)}
            lacking = _lacking(found, declared, parts, units)
            notes.add("unit_lacks_factor" if lacking else "unit_differs", path, **told, **lacking)
            continue
        if constant != 1.0:
            conversions[code] = constant
            if not found.dimension and declared == _PER_CENT and _makes_per_cent(formula):
                notes.add("percent_twice", path)
        # A ratio in per cent is no news; any other constant is said.
        if constant != 1.0 and (found.dimension or found.scale != 1):
            notes.add(
                "unit_converted", path, found=shown(found), declared=_unit_text(parts, code), constant=f"{constant:g}"
            )
    for index, rule in enumerate(parts.rules):
        _unit(rule.when, {code: units.get(code, NONE) for code in rule.when.codes}, ("rules", index, "when"), notes)
    return conversions


def _lacking(found: Unit, declared: Unit, parts: "Parts", units: dict[str, Unit]) -> dict[str, Any]:
    """The factors by which a formula comes to the declared dimension, if any: × or ÷, their codes and unit."""
    lacks = Counter(dict(declared.dimension))
    lacks.subtract(dict(found.dimension))
    for sign, times in (("×", 1), ("÷", -1)):
        per = {base: times * power for base, power in lacks.items() if power}
        codes = [code for code in parts.factors if code in units and dict(units[code].dimension) == per]
        if codes:
            return {"sign": sign, "factors": " / ".join(codes), "unit": parts.factors[codes[0]].unit}
    return {}


def _makes_per_cent(formula: Formula) -> bool:
    """Whether a formula has × 100 (or ÷ 0.01) in it."""
    return any(
        isinstance(part, Call)
        and ((part.name == "*" and Number(100.0) in part.args) or (part.name == "/" and part.args[1] == Number(0.01)))
        for part in parts_of(formula.tree)
    )


def _unit_text(parts: "Parts", code: str) -> str:
    items: dict[str, Any] = {**parts.variables, **parts.indicators}
    return str(items[code].unit)


def _declared(parts: "Parts", notes: "Notes") -> dict[str, Unit]:
    units = {}
    sections: tuple[tuple[str, dict[str, Any]], ...] = (
        ("factors", parts.factors), ("variables", parts.variables), ("indicators", parts.indicators),
    )  # fmt: skip
    for section, items in sections:
        for code, item in items.items():
            path: Path = (section, code, "unit")
            try:
                units[code] = parse_unit(item.unit)
            except UnitError as error:
                notes.add(error.code, path, **error.facts)
                continue
            for word, meant in units[code].strange:
                notes.add("strange_unit", path, word=word, near=meant)
    return units


def _unit(formula: Formula, units: dict[str, Unit], path: Path, notes: "Notes") -> Unit | None:
    if not formula.codes <= units.keys():
        return None
    try:
        return unit_of(formula.tree, units)
    except UnitError as error:
        notes.add(error.code, path, **error.facts)
        return None


def check_examples(definitions: Definitions, notes: "Notes") -> None:
    """Every example recomputed, to the digits that it gives."""
    for code, item in definitions.indicators.items():
        if item.example is None:
            continue
        path: Path = ("indicators", code, "example")
        found = recomputed(definitions, code, item.example, notes)
        if found is None:
            continue
        _compare(found.value, item.example.value, (*path, "value"), "value", notes)
        if item.example.score is not None and found.score is not None:
            _compare(found.score, item.example.score, (*path, "score"), "score", notes)


@dataclass(frozen=True)
class Recomputed:
    """What an indicator comes to; `score` None where there is no value, or where it hangs on other regions."""

    value: float | None
    score: float | None


def recomputed(definitions: Definitions, code: str, example: Example, notes: "Notes") -> Recomputed | None:
    """What the formula makes of the numbers that an example gives; None where it needs other regions or cycles.

    Notes what is given and not used, and why there is no value or, where the example has one, no score.
    """
    path: Path = ("indicators", code, "example")
    trees = _worked(definitions, code, example)
    _refuse_unused(definitions, code, example, path, notes)
    parts = [part for tree in trees.values() for part in parts_of(tree)]
    if any(isinstance(part, Call) and part.name in _BY_OTHERS for part in parts):
        notes.add("example_not_recomputed", path)
        return None
    value = _example_value(definitions, code, trees)
    return Recomputed(value, None if example.score is None else _score_of(definitions, code, value, path, notes))


def _refuse_unused(definitions: Definitions, code: str, example: Example, path: Path, notes: "Notes") -> None:
    formulas = formulas_of(definitions.variables, definitions.indicators)
    reached, waiting = set(), [code]
    while waiting:
        for tree in parts_of(without_change(formulas[waiting.pop()].tree)):
            if isinstance(tree, Code) and tree not in reached and tree.name in formulas:
                waiting.append(tree.name)
            reached.add(tree)
    for text in example.given:
        try:
            used = without_change(parse(text).tree) in reached
        except FormulaError:
            used = False
        if not used:
            notes.add("given_unused", (*path, "given"), name=text)


def _filled(tree: Tree, given: dict[Tree, float]) -> Tree:
    """The tree with every piece that the example gives replaced by its number."""
    return rewritten(tree, lambda part: Number(given[part]) if part in given else None)


def _pieces(example: Example) -> dict[Tree, float]:
    """What the example gives, by tree: a code, or a call as it stands in the formula (`previous(cost)`)."""
    pieces = {}
    for text, number in example.given.items():
        with suppress(FormulaError):
            pieces[without_change(parse(text).tree)] = number
    return pieces


def _worked(definitions: Definitions, code: str, example: Example) -> dict[str, Tree]:
    """The formulas that an example runs through, with its numbers in them, each after those it names."""
    formulas = formulas_of(definitions.variables, definitions.indicators)
    given = _pieces(example)
    needed, waiting = {code: _filled(without_change(formulas[code].tree), given)}, [code]
    while waiting:
        for named in codes_of(needed[waiting.pop()]):
            if named.name in formulas and named.name not in needed:
                needed[named.name] = _filled(without_change(formulas[named.name].tree), given)
                waiting.append(named.name)
    return {name: needed[name] for name in definitions.evaluation_order if name in needed}


def _example_value(definitions: Definitions, code: str, trees: dict[str, Tree]) -> float | None:
    """The indicator's value from the given inputs, with each factor's latest value."""
    known: dict[str, float | None] = {name: item.values[-1].default for name, item in definitions.factors.items()}
    for name, tree in trees.items():
        value: Any = walk(tree, code=known.get, functions=plain())
        known[name] = None if value is None else value * definitions.conversion(name)
    return known[code]


def _score_of(
    definitions: Definitions, code: str, value: float | None, path: Path, notes: "Notes"
) -> float | None:
    method: Any = definitions.normaliser(code)
    if value is None:
        return None
    if method.method not in _ALONE or getattr(method, "relative_to", "none") != "none":
        notes.add("score_needs_frame", (*path, "score"), method=method.method)
        return None
    from metrics.normalise import score_one

    return score_one(method, definitions.indicators[code].better, value)


def _compare(found: float | None, written: float, path: Path, what: str, notes: "Notes") -> None:
    """`written` has as many decimals as its author gave; the computed number is rounded to those (half to even)."""
    text = _written(notes, path)
    decimals = max(-int(Decimal(text).as_tuple().exponent), 0) if _is_decimal(text) else 12
    if found is None or abs(found - written) > 0.5 * 10.0**-decimals + 1e-9 * max(1.0, abs(written)):
        shown_number = "—" if found is None else f"{found:.12g}"
        notes.add("example_disagrees", path, what=what, found=shown_number, written=text)


def _written(notes: "Notes", path: Path) -> str:
    found: Any = notes.document.data
    for step in path:
        found = found[step]
    return str(getattr(found, "text", found))


def _is_decimal(text: str) -> bool:
    """Whether a text is one plain number (and not 5-3), whose digits can be counted."""
    return re.fullmatch(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", text) is not None
