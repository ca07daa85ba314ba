"""The example worked by hand: what is given, what it should come to, and what the formula gives."""

from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st
from pydantic import ValidationError

from metrics.definitions import Definitions, formulas_of
from metrics.formula import Formula
from metrics.models import Example, Indicator
from metrics.problems import Problem
from metrics.semantics import Notes
from metrics.worked import recomputed
from metrics.yamltext import Document
from pages.parts.form_formula import coming
from pages.parts.form_methods import number, reason
from pages.parts.form_sheet import Sheet, label_of, say, shown
from pages.parts.formats import full, unit
from pages.parts.i18n import language, t


def example(sheet: Sheet, formula: Formula | None) -> None:
    """A number for each code of the formula, the value and the score; beneath, on request, what is computed."""
    written = sheet.at("example")
    given = written.get("given") if isinstance(written, dict) else None
    if written is not None and not isinstance(given, dict):
        sheet.as_written(label_of(Indicator, "example")[0])
        return
    known: dict[str, Any] = given or {}
    codes = list(dict.fromkeys([*known, *sorted(formula.codes if formula else ())]))
    fields = {code: _number(sheet, f"given {code}", _given_label(sheet, code), known.get(code)) for code in codes}
    left, right = st.columns(2)
    results = {}
    for place, name in ((left, "value"), (right, "score")):
        with place:
            label, more = label_of(Example, name)
            results[name] = _number(sheet, f"example {name}", label, (written or {}).get(name), more)
    answers = [*fields.values(), *results.values()]
    numbers = {code: found for code, (found, _) in fields.items() if found is not None}
    value = {"given": numbers} | {name: found for name, (found, _) in results.items() if found is not None}
    if any(changed for _, changed in answers):
        _write(sheet, value)
    if st.button(t("计算"), key=f"{sheet.key} {sheet.code} compute", disabled=formula is None or not numbers):
        _compute(sheet, numbers)
    sheet.told("example")


def _given_label(sheet: Sheet, code: str) -> str:
    name, own = sheet.definitions.name_of(code, language()), unit(sheet.definitions.unit_of(code))
    return f"{name}（{own}）" if own and language() == "zh" else f"{name} ({own})" if own else name


def _number(sheet: Sheet, name: str, label: str, written: Any, more: str = "") -> tuple[Any, bool]:
    current = shown(written)
    found = st.text_input(label, key=sheet.slot(name, current), help=more or None, persist_state="session") or ""
    return (written, False) if found == current else (number(found) if found.strip() else None, True)


def _write(sheet: Sheet, value: dict[str, Any]) -> None:
    """The example where it is complete; none where everything was emptied."""
    path = (*sheet.path, "example")
    if not value["given"] and len(value) == 1:
        if sheet.at("example") is not None:
            sheet.write(path, None)
        return
    if not value["given"] or "value" not in value:
        say(t("给定的数和指标值都填了才写入文本。"), "note")
        return
    try:
        Example.model_validate(value)
    except ValidationError as error:
        say(reason(error.errors(include_url=False)[0], Example))
        return
    sheet.write(path, value)


def _compute(sheet: Sheet, given: dict[str, Any]) -> None:
    """What these numbers come to, in words."""
    try:
        raw = {**sheet.data["indicators"][sheet.code], "example": {"given": given, "value": 0, "score": 0}}
        item = Indicator.model_validate(raw)
    except ValidationError:
        say(t("这项指标还有错误，改正后才能计算。"))
        return
    come = coming(item.formula, item.unit, sheet.definitions)
    if come.problem is not None:
        say(come.problem.message(language()))
        return
    own = _with(sheet.definitions, sheet.code, item, come.constant or 1.0)
    if _is_ring(own, sheet.code):
        say(Problem("ring", facts={"ring": f"{sheet.code} → … → {sheet.code}"}).message(language()))
        return
    assert item.example is not None
    document = Document(data=sheet.data)
    found = recomputed(own, sheet.code, item.example, Notes(document))
    for problem in document.problems:
        say(problem.message(language()), problem.severity)
    if found is not None:
        words = [t("按公式得 {value}", value=_result(found.value, item.unit))]
        words += [] if found.score is None else [t("得分 {score}", score=_result(found.score))]
        st.html(f'<p class="q-small">{escape(t("，").join(words))}</p>')


def _result(value: float | None, name: str = "") -> str:
    return t("无（有数没有给出，或除以零）") if value is None else full(value, name)


def _with(definitions: Definitions, code: str, item: Indicator, constant: float) -> Definitions:
    """The definitions with the indicator as it stands in the form."""
    conversions = {**definitions.conversions, code: constant}
    return replace(definitions, indicators={**definitions.indicators, code: item}, conversions=conversions)


def _is_ring(definitions: Definitions, code: str) -> bool:
    """Whether the formula leads back to itself, where no order of computing would be found."""
    formulas = formulas_of(definitions.variables, definitions.indicators)
    reached: set[str] = set()
    waiting = [code]
    while waiting:
        further = formulas[waiting.pop()].codes & formulas.keys() - reached
        reached |= further
        waiting += further
    return code in reached
