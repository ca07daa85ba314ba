"""How sure an indicator from a survey is: which variables tell it, and from where on its row is flagged."""

from html import escape
from typing import Any

import streamlit as st

from metrics.formula import Formula
from metrics.models import Asked, Indicator
from pages.parts.form_methods import Answer, field, holds
from pages.parts.form_sheet import Sheet, label_of, names_of, say, shown
from pages.parts.i18n import t


def survey(sheet: Sheet, formula: Formula | None) -> None:
    """Who answered, how many are enough, how wide the interval is, and how wide it may be.

    Open where the indicator has a survey; not there at all where the text has no variable that could tell of one.
    """
    written, variables = sheet.at("survey"), sheet.data.get("variables")
    if not (isinstance(variables, dict) and variables) and written is None:
        return
    with st.expander(t("问卷调查"), expanded=written is not None):
        words = t("结果来自问卷调查的，写明哪些变量记着作答人数和区间：作答太少、区间太宽的，评分卡上注明，得分不变。")
        st.html(f'<p class="q-sub">{escape(words)}</p>')
        if written is None or isinstance(written, dict):
            _fields(sheet, written or {}, _in_order(variables, formula))
        else:
            sheet.as_written(label_of(Indicator, "survey")[0])
        sheet.told("survey", but=tuple(Asked.model_fields))


def _in_order(variables: Any, formula: Formula | None) -> dict[str, str]:
    """What the variables are called, by code; those of the formula first, which are asked for most."""
    names = names_of(variables if isinstance(variables, dict) else {})
    used = formula.codes if formula else ()
    return dict(sorted(names.items(), key=lambda item: item[0] not in used))


def _fields(sheet: Sheet, own: dict[str, Any], names: dict[str, str]) -> None:
    """The survey where it is complete; none without a variable of respondents."""
    found = {"respondents": _variable(sheet, "respondents", own, names, t("不是问卷调查"))}
    if found["respondents"][0]:
        found["least"] = _number(sheet, "least", own)
        found["half_width"] = _variable(sheet, "half_width", own, names, t("没有区间"))
        if found["half_width"][0]:
            found["widest"] = _number(sheet, "widest", own)
    if any(changed for _, changed in found.values()):
        _write(sheet, {key: value for key, (value, _) in found.items() if value is not None})


def _variable(sheet: Sheet, key: str, own: dict[str, Any], names: dict[str, str], none: str) -> Answer:
    """One of the variables by name; one that the text names and does not have stays, by its code."""
    label, more = label_of(Asked, key)
    current = shown(own.get(key))
    words = {"": none, **({current: current} if current else {}), **names}
    found = sheet.choice(f"survey {key}", label, list(words), current, lambda code: words.get(code, code), more=more)
    sheet.told("survey", key)
    return found or None, found != current


def _number(sheet: Sheet, key: str, own: dict[str, Any]) -> Answer:
    """A number; what is none is said beneath it, and the text keeps what it has."""
    value, changed = field(sheet, f"survey {key}", Asked, key, own.get(key))
    sheet.told("survey", key)
    if value is None or not changed:
        return value, changed
    alone = {"respondents": "x", "half_width": "x", "widest": 0.0, key: value}
    return (value, True) if holds(Asked, alone) else (own.get(key), False)


def _write(sheet: Sheet, value: dict[str, Any]) -> None:
    path = (*sheet.path, "survey")
    if not value:
        sheet.write(path, None)
    elif "half_width" in value and "widest" not in value:
        say(t("还要填：{labels}；填好后写入文本。", labels=label_of(Asked, "widest")[0]), "note")
    else:
        sheet.write(path, value)
