"""Removing an indicator: what would be wrong without it is said first, then it goes with its place in the tree."""

from collections import Counter
from html import escape
from typing import Any

import streamlit as st

from metrics.meant import value_at
from metrics.problems import InputError, Problem
from metrics.reader import read
from metrics.rewrite import remove
from metrics.yamltext import parse_yaml
from metrics.yamltree import tree
from pages.parts.form_place import leaf_of
from pages.parts.form_sheet import Sheet, named, say
from pages.parts.i18n import language, t
from pages.parts.words import literal, told


def removing(sheet: Sheet, name: str) -> None:
    """The wish, and once it is there what comes of it, and the button that does it."""
    if not st.toggle(t("删除这项指标"), key=f"{sheet.key} {sheet.code} remove"):
        return
    try:
        text = without(sheet.text, sheet.code)
    except InputError as error:
        say(told(error.problems[0]))
        return
    found = _new(read(text).problems, sheet.problems)
    if found:
        words = t("删除后，文本会有下面的问题，可以先改好再删：")
    else:
        words = t("没有别的地方用到它，删除后文本不会出现新的问题。")
    st.html(f'<p class="q-sub">{escape(words)}</p>')
    for problem in found:
        say(_placed(problem, sheet.data), problem.severity)
    st.html(f'<p class="q-sub">{escape(t("删除后仍可在文本编辑器里撤销（Ctrl+Z）。"))}</p>')
    if st.button(t("删除“{name}”", name=literal(name)), key=f"{sheet.key} {sheet.code} remove now", type="primary"):
        sheet.text = text


def _placed(problem: Problem, data: Any) -> str:
    """A problem after the name of what it is found in: lines are not yet what they will be."""
    part, *below = problem.path.split(".")
    own = below[0] if below else ""
    try:
        name = named(value_at(data, (part, int(own) if part == "rules" else own)), "")
    except (LookupError, TypeError, ValueError):
        name = ""
    words = problem.message(language())
    return t("“{name}”：{words}", name=name, words=words) if name else words


def _new(after: tuple[Problem, ...], before: tuple[Problem, ...]) -> list[Problem]:
    """The problems that were not there, by their words: lines move."""
    known = Counter(problem.message(language()) for problem in before)
    found = []
    for problem in after:
        words = problem.message(language())
        known[words] -= 1
        found += [problem] if known[words] < 0 else []
    return found


def without(text: str, code: str) -> str:
    """The text without an indicator and its leaf, and without comments that stand over it alone. Raises InputError."""
    leaf = leaf_of(parse_yaml(text).data or {}, code)
    text = remove(text, leaf[1]) if leaf is not None else text
    shorter = remove(text, ("indicators", code))
    indicators = tree(text.removeprefix("\ufeff")).entry("indicators")
    own = indicators.value.entry(code) if indicators is not None else None
    if indicators is None or own is None:
        return shorter
    return _uncommented(shorter, text.count("\n", 0, own.start), indicators.value.column)


def _uncommented(text: str, at: int, column: int) -> str:
    """The text without the comments right above what was cut out at a line, unless more stands below them."""
    lines = text.split("\n")
    top = at
    while top and lines[top - 1].startswith(" " * column + "#"):
        top -= 1
    after = lines[at].lstrip()
    if top == at or (after and not after.startswith("#") and len(lines[at]) - len(after) >= column):
        return text
    # Of the blank lines before and after one is enough.
    return "\n".join((*lines[:top], *lines[at + (not after and not lines[top - 1].strip()) :]))
