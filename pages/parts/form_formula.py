"""A formula as it is being written: typeset, what its unit comes to, and what it uses."""

from dataclasses import dataclass
from html import escape

import streamlit as st

from metrics.definitions import Definitions
from metrics.formula import Formula, FormulaError, parse
from metrics.latex import latex
from metrics.problems import Problem, nearest
from metrics.units import Unit, UnitError, conversion, parse_unit, unit_of
from metrics.units import shown as unit_text
from pages.parts.form_sheet import say
from pages.parts.formats import unit
from pages.parts.i18n import language, t


@dataclass(frozen=True)
class Coming:
    """What a formula comes to: its unit and the constant to the declared one, or what keeps it from that."""

    unit: Unit | None = None
    constant: float | None = None
    problem: Problem | None = None


def parsed(text: str) -> Formula | Problem:
    """The formula, or what is wrong with it."""
    try:
        return parse(text.strip())
    except FormulaError as error:
        return Problem(error.code, facts=error.facts)


def coming(formula: Formula, declared: str, definitions: Definitions) -> Coming:
    """What the formula's unit comes to with the units of the definitions, against the declared one."""
    known = {*definitions.variables, *definitions.factors, *definitions.indicators}
    strange = next((code for code in sorted(formula.codes) if code not in known), None)
    if strange is not None:
        facts = {"name": strange, "near": nearest(strange, known) or ""}
        return Coming(problem=Problem("unknown_code", facts=facts))
    try:
        found = unit_of(formula.tree, {code: parse_unit(definitions.unit_of(code)) for code in formula.codes})
        wanted = parse_unit(declared)
    except UnitError as error:
        return Coming(problem=Problem(error.code, facts=error.facts))
    if found.literal:
        return Coming(found, 1.0)
    constant = conversion(found, wanted)
    facts = {"found": unit_text(found), "declared": declared}
    return Coming(found, constant, Problem("unit_differs", facts=facts) if constant is None else None)


def preview(text: str, declared: str, definitions: Definitions) -> Formula | None:
    """The formula set in type with its unit and what it uses; None, and what is wrong, where it cannot be read."""
    found = parsed(text)
    if isinstance(found, Problem):
        say(found.message(language()))
        return None
    st.latex(latex(found.tree, {code: definitions.name_of(code, language()) for code in found.codes}))
    come = coming(found, declared, definitions)
    if come.problem is not None:
        say(come.problem.message(language()))
    elif come.unit is not None:
        st.html(f'<p class="q-sub">{escape(_unit_words(come, declared))}</p>')
    _uses(found, definitions)
    return found


def _unit_words(come: Coming, declared: str) -> str:
    assert come.unit is not None
    found, name = unit(unit_text(come.unit)), unit(declared) or t("无量纲")
    if come.unit.literal or come.constant == 1.0:
        return t("单位：公式得 {found}，与“{declared}”一致", found=found, declared=name)
    constant = f"{come.constant:g}"
    if not come.unit.dimension:
        return t("单位：公式的得数没有单位，× {constant} 化为“{declared}”", declared=name, constant=constant)
    return t("单位：公式得 {found}，换算成“{declared}”（× {constant}）", found=found, declared=name, constant=constant)


def _uses(formula: Formula, definitions: Definitions) -> None:
    lines = [
        f"<span><code>{escape(code)}</code> {escape(definitions.name_of(code, language()))}"
        f"<b>{escape(unit(definitions.unit_of(code)))}</b></span>"
        for code in sorted(formula.codes)
        if code in definitions.codes
    ]
    if lines:
        st.html(f'<p class="q-facts">{"".join(lines)}</p>')
