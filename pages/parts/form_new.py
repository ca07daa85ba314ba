"""A new indicator: its code, names, formula, place and weight, written into the text as a small valid one."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import streamlit as st

from metrics.definitions import Definitions
from metrics.formula import RESERVED, Formula, is_code
from metrics.models import Indicator, Leaf
from metrics.problems import InputError, Problem
from metrics.rewrite import append, set_value
from metrics.units import Unit, shown
from metrics.yamltext import Path
from pages.parts.form_formula import coming, parsed
from pages.parts.form_place import pillars
from pages.parts.form_sheet import choice, label_of, say
from pages.parts.form_weight import joining, not_a_weight
from pages.parts.formats import better_words
from pages.parts.i18n import language, t
from pages.parts.words import told


@dataclass(frozen=True)
class _Draft:
    """What a person has filled in."""

    code: str
    zh: str
    en: str
    formula: str
    unit: str
    better: str
    pillar: str
    weight: Any


def new(text: str, data: dict[str, object], definitions: Definitions, *, key: str) -> tuple[str, str] | None:
    """The text with a new indicator and its code, once it was asked for; None before, and where something is wrong."""
    known = pillars(data)
    with st.container(border=True):
        draft = _fields({code: name for code, (name, _) in known.items()}, definitions, key)
        asked = st.button(t("写入文本"), type="primary", key=f"{key} new write")
    if not asked:
        return None
    wrong = _wrong(draft, data, definitions)
    if wrong:
        for words in wrong:
            say(words)
        return None
    try:
        return _written(text, draft, definitions, known[draft.pillar][1] if draft.pillar else None), draft.code
    except InputError as error:
        say(told(error.problems[0]))
        return None


def _fields(known: dict[str, str], definitions: Definitions, key: str) -> _Draft:
    def line(name: str, label: str, more: str = "", where: Any = st) -> str:
        return where.text_input(label, key=f"{key} new {name}", help=more or None, persist_state="session") or ""

    code = line("code", t("代码"), t("字母、数字、下划线或中文，不以数字开头，不重复"))
    zh = line("zh", t("中文名称"))
    en = line("en", t("英文名称"), t("留空则与中文相同"))
    formula = line("formula", *label_of(Indicator, "formula"))
    left, right = st.columns(2)
    unit = line("unit", label_of(Indicator, "unit")[0], t("留空则取公式得出的单位"), left)
    slots = {"key": f"{key} new better", "kept": f"{key} new better chosen"}
    better = choice(label_of(Indicator, "better")[0], ["higher", "lower"], better_words, where=right, **slots)
    left, right = st.columns([2, 1])
    names = {"": t("不在指标体系中"), **known}
    slots = {"key": f"{key} new pillar", "kept": f"{key} new pillar chosen"}
    more = t("不在指标体系中的指标计分，不汇总")
    pillar = choice(t("所属维度"), list(names), names.__getitem__, where=left, more=more, **slots)
    weight = joining(right, pillar, definitions, key=f"{key} new weight {pillar}") if pillar else None
    return _Draft(*(str(found or "").strip() for found in (code, zh, en, formula, unit, better, pillar)), weight)


def _wrong(draft: _Draft, data: dict[str, object], definitions: Definitions) -> list[str]:
    """Everything that keeps it from being a valid indicator, in words."""
    found: list[Problem] = []
    taken = {code: part for part in ("factors", "variables", "indicators") for code in _keys(data.get(part))}
    taken |= dict.fromkeys(definitions.tree_nodes, "index")
    if not is_code(draft.code):
        found.append(Problem("bad_code", facts={"code": draft.code}))
    elif draft.code in RESERVED:
        found.append(Problem("reserved_code", facts={"code": draft.code}))
    elif draft.code in taken:
        found.append(Problem("code_twice", facts={"code": draft.code, "first": taken[draft.code]}))
    if not (draft.zh or draft.en):
        found.append(Problem("empty_name"))
    formula = parsed(draft.formula)
    if isinstance(formula, Problem):
        found.append(formula)
    elif formula.is_condition:
        found.append(Problem("value_due"))
    else:
        come = coming(formula, draft.unit or "1", definitions)
        if come.problem is not None and (draft.unit or come.problem.code != "unit_differs"):
            found.append(come.problem)
    words = [problem.message(language()) for problem in found]
    if draft.pillar and not_a_weight(draft.weight):
        words.append(t("“{label}”的值不可用，文本没有改动。", label=label_of(Leaf, "weight")[0]))
    return words


def _keys(part: object) -> list[str]:
    return list(part) if isinstance(part, dict) else []


def _written(text: str, draft: _Draft, definitions: Definitions, pillar: Path | None) -> str:
    formula = parsed(draft.formula)
    assert isinstance(formula, Formula)
    come = coming(formula, draft.unit or "1", definitions)
    unit = draft.unit or (_named(come.unit) if come.unit is not None else "1")
    item = {
        "name": {"zh": draft.zh or draft.en, "en": draft.en or draft.zh},
        "unit": unit,
        "formula": formula.text,
        "better": draft.better,
        "normalise": {"method": "minmax"},
    }
    text = set_value(text, ("indicators", draft.code), item)
    leaf = {"indicator": draft.code, "weight": draft.weight}
    return append(text, (*pillar, "children"), leaf) if pillar is not None else text


def _named(unit: Unit) -> str:
    """A unit by its words; where none has its size, that of its base units, to which the formula is converted."""
    words = shown(unit)
    return shown(replace(unit, scale=Fraction(1))) if " " in words else words
