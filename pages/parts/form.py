"""The form of one indicator beside the definitions text, for somebody who would rather not see YAML."""

from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType
from typing import Any

import streamlit as st

from metrics.definitions import Definitions
from metrics.formula import Formula
from metrics.models import Indicator
from metrics.problems import Problem
from metrics.terms import term
from metrics.yamltext import parse_yaml
from pages.parts.form_better import better
from pages.parts.form_example import example
from pages.parts.form_formula import parsed, preview
from pages.parts.form_methods import method
from pages.parts.form_new import new
from pages.parts.form_place import place
from pages.parts.form_remove import removing
from pages.parts.form_sheet import Sheet, label_of, named, names_of, say, shown
from pages.parts.form_survey import survey
from pages.parts.i18n import language, t
from pages.parts.words import method_words

NEW = "+"


def form(
    text: str, definitions: Definitions, document_problems: Sequence[Problem], *, key: str,
    scored: Mapping[str, float] = MappingProxyType({}),
) -> str | None:  # fmt: skip
    """The text with what a person changed in the form, only the changed fields rewritten; None without a change.

    `definitions` are those of the text, or the last good ones while it has errors; `document_problems` are the text's;
    `scored` has the share of each code among its siblings as it was last scored, where it is known.
    """
    data = parse_yaml(text).data
    indicators = data.get("indicators") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(indicators, dict | None):
        st.html(f'<p class="q-sub">{escape(t("文本现在读不出来；按提示改好语法，表单就能用。"))}</p>')
        return None
    with st.container(key=f"form-{key}"):
        code = _choose(indicators or {}, key)
        if code != NEW:
            sheet = Sheet(text, code, definitions, document_problems, key=key, scored=scored)
            _fields(sheet)
            return sheet.text if sheet.text != text else None
        made = new(text, data, definitions, key=key)
    if made is None:
        return None
    st.session_state[f"{key} next"] = made[1]
    return made[0]


def _choose(indicators: dict[str, Any], key: str) -> str:
    """Which indicator; the one that was just made, as soon as it stands in the text."""
    slot, chosen, options = f"{key} indicator", f"{key} chosen", [*indicators, NEW]
    if st.session_state.get(f"{key} next") in indicators:
        st.session_state[chosen] = st.session_state.pop(f"{key} next")
        for name in [name for name in map(str, st.session_state) if name.startswith(f"{key} new ")]:
            del st.session_state[name]
    if st.session_state.get(chosen) not in options:
        # What stands now where the one stood that was removed, or has another code.
        codes = list(indicators) or [NEW]
        st.session_state[chosen] = codes[min(st.session_state.get(f"{key} at", 0), len(codes) - 1)]
    st.session_state[f"{key} at"] = options.index(st.session_state[chosen])
    # The widget knows its options by their words, which a new name changes: what was chosen is kept beside it.
    st.session_state[slot] = st.session_state[chosen]
    names = {**names_of(indicators), NEW: t("＋ 新增指标")}
    st.selectbox(
        t("指标"), options, key=slot, format_func=lambda code: names.get(code, code), placeholder=t("请选择"),
        on_change=lambda: st.session_state.update({chosen: st.session_state[slot]}),
    )  # fmt: skip
    return str(st.session_state[chosen])


def _fields(sheet: Sheet) -> None:
    """Every field in the order in which an indicator is thought of."""
    if not isinstance(sheet.at(), dict):
        say(t("这项指标在文本里不是“键: 值”，请在文本里修改。"))
        return
    _called(sheet)
    formula = _formula(sheet)
    defaults = sheet.definitions.heading.defaults
    with st.expander(t("怎样计分"), expanded=True):
        better(sheet)
        method(sheet, "normalise", defaults.normalise.method, method_words)
        sheet.line("peers")
        _ruled(sheet)
    with st.expander(t("位置与权重"), expanded=True):
        place(sheet)
    with st.expander(t("缺失值与离群值")):
        method(sheet, "missing", defaults.missing.method, lambda code: term("missing", code, language()))
        method(sheet, "outliers", defaults.outliers.method, lambda code: term("outliers", code, language()))
    survey(sheet, formula)
    with st.expander(t("说明与责任")):
        _told(sheet)
    with st.expander(t("手算例子")):
        example(sheet, formula)
    removing(sheet, named(sheet.at(), sheet.code))


def _called(sheet: Sheet) -> None:
    """The name in both languages; a name that is one text becomes two as soon as they differ."""
    written = sheet.at("name")
    for lang, label in (("zh", t("中文名称")), ("en", t("英文名称"))):
        if isinstance(written, dict):
            sheet.text_at(("name", lang), label, due=True)
            continue
        current = shown(written)
        found = st.text_input(label, key=sheet.slot(f"name {lang}", current), persist_state="session") or ""
        if found != current and found.strip():
            both = {"zh": current, "en": current, lang: found.strip()}
            sheet.write((*sheet.path, "name"), both)
    sheet.told("name")


def _formula(sheet: Sheet) -> Formula | None:
    """The formula as far as it can be read, with the unit beside it; one that cannot is not written."""
    unit = sheet.line("unit", due=True)
    label, more = label_of(Indicator, "formula")
    current = shown(sheet.at("formula"))
    slot = sheet.slot("formula", current)
    found = st.text_area(label, key=slot, help=more or None, height="content", persist_state="session") or ""
    read = parsed(found)
    if found != current and not isinstance(read, Problem):
        sheet.write((*sheet.path, "formula"), " ".join(found.split()))
    preview(found, unit, sheet.definitions)
    if found != current and isinstance(read, Problem):
        say(t("文本里仍是原来的公式，改好后写入。"), "note")
    return None if isinstance(read, Problem) else read


def _ruled(sheet: Sheet) -> None:
    """The rules that ask for the indicator: their numbers do not change with its own."""
    rules = [rule for rule in sheet.definitions.rules if sheet.code in rule.when.codes]
    names = [rule.name.text(language()) if rule.name is not None else rule.code for rule in rules]
    if names:
        words = t("这些规则也看它的值：{names}。规则里的数要在文本里改。", names=t("；").join(names))
        st.html(f'<p class="q-sub">{escape(words)}</p>')


def _told(sheet: Sheet) -> None:
    """Why, from where, whose, until when."""
    sheet.line("why", long=True)
    sheet.line("source", long=True)
    for column, name in zip(st.columns(2), ("owner", "checked_by"), strict=True):
        with column:
            sheet.line(name)
    more = label_of(Indicator, "valid")[1]
    for column, name, label in zip(st.columns(2), ("from", "to"), (t("有效期起"), t("有效期止")), strict=True):
        with column:
            sheet.day(("valid", name), label, more)
    sheet.day(("next_review",), *label_of(Indicator, "next_review"))
    sheet.told("valid")
    sheet.told("next_review")
