"""Definitions: what is measured, and what is wrong with an edited text."""

from html import escape

import streamlit as st

from data.store import Store
from metrics.definitions import Definitions
from metrics.files import read_reading
from metrics.problems import InputError, Problem
from metrics.reader import read
from pages.parts.formats import share, unit
from pages.parts.i18n import language, t
from pages.parts.shell import badge, begin, stop_with
from pages.parts.tables import table, title


def tree(definitions: Definitions) -> None:
    """The index with its weights, units and directions."""
    rows = []
    for row in definitions.nodes():
        name = "&emsp;" * row.depth + escape(definitions.name_of(row.code, language()))
        item = definitions.indicators.get(row.code)
        weight = "" if row.weight_share is None else share(row.weight_share)
        rows.append([name, weight, escape(unit(item.unit)) if item else "", escape(item.formula.text) if item else ""])
    title(definitions.title.text(language()), t("权重为同级中的份额"))
    st.html(table([t("名称"), t("权重"), t("计量单位"), t("公式")], rows))


def found(problems: tuple[Problem, ...], text: str) -> None:
    """Every problem beside its line."""
    lines = text.splitlines()
    errors = sum(problem.severity == "error" for problem in problems)
    title(t("{count} 处错误，共 {total} 条提示", count=errors, total=len(problems)), "")
    rows = [
        [
            str(problem.line),
            escape(problem.severity),
            escape(problem.message(language())),
            f"<code>{escape(lines[problem.line - 1].strip()[:80]) if 0 < problem.line <= len(lines) else ''}</code>",
        ]
        for problem in problems
    ]
    st.html(table([t("行"), t("级别"), t("问题"), t("原文")], rows))


begin()
store = Store()
try:
    path = store.definitions_path()
    reading, text = read_reading(path), path.read_text(encoding="utf-8", errors="replace")
    badge(store.settings().get("label", ""))
except (InputError, OSError) as error:
    stop_with(error)
shown, edit = st.tabs([t("指标体系"), t("核对修改")])
with shown:
    if reading.definitions is None:
        found(tuple(reading.problems), text)
    else:
        tree(reading.definitions)
with edit:
    st.caption(t("在这里修改不会改变任何已公布的得分；核对无误后，把文本保存为定义文件。"))
    edited = st.text_area(t("定义文本"), text, height=480, key="edited")
    checked = read(edited.encode(), path="indicators.yaml")
    found(tuple(checked.problems), edited)
    st.download_button(t("下载修改后的文本"), edited.encode(), "indicators.yaml", disabled=checked.definitions is None)
