"""Where an indicator stands in the tree, and its weight among its siblings."""

from collections.abc import Iterator
from typing import Any

import streamlit as st

from metrics.rewrite import append, remove
from metrics.yamltext import Path
from pages.parts.form_sheet import Sheet, named
from pages.parts.form_weight import counted, weight
from pages.parts.i18n import t


def pillars(data: Any) -> dict[str, tuple[str, Path]]:
    """The nodes that hold indicators, or could, by code: what each is called, and where it stands."""
    found = {}
    for node, path in _nodes(data.get("index"), ("index",)):
        children = node.get("children")
        leaves = not isinstance(children, list) or not children or any(map(_is_leaf, children))
        if isinstance(node.get("code"), str) and leaves:
            found[node["code"]] = (named(node, node["code"]), path)
    return found


def _nodes(node: Any, path: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    if not isinstance(node, dict) or _is_leaf(node):
        return
    yield node, path
    children = node.get("children")
    for index, child in enumerate(children if isinstance(children, list) else ()):
        yield from _nodes(child, (*path, "children", index))


def _is_leaf(node: Any) -> bool:
    return isinstance(node, dict) and "indicator" in node


def leaf_of(data: Any, code: str) -> tuple[str, Path, Any] | None:
    """The pillar in which an indicator stands, where its leaf is, and the leaf; None outside the tree."""
    for node, path in _nodes(data.get("index"), ("index",)):
        children = node.get("children")
        for index, child in enumerate(children if isinstance(children, list) else ()):
            if _is_leaf(child) and child["indicator"] == code:
                return str(node.get("code")), (*path, "children", index), child
    return None


def place(sheet: Sheet) -> None:
    """The pillar, and beside it the weight with the share that it comes to."""
    known, leaf = pillars(sheet.data), leaf_of(sheet.data, sheet.code)
    current = leaf[0] if leaf and leaf[0] in known else ""
    left, right = st.columns([2, 1])
    names = {"": t("不在指标体系中"), **{code: name for code, (name, _) in known.items()}}
    more = t("不在指标体系中的指标计分，不汇总")
    found = sheet.choice("pillar", t("所属维度"), list(names), current, names.__getitem__, where=left, more=more)
    if found != current:
        _move(sheet, known[found][1] if found else None, leaf)
    elif leaf is not None:
        with right:
            weight(sheet, leaf[1], leaf[2], current)
        counted(sheet, current)


def _move(sheet: Sheet, pillar: Path | None, leaf: tuple[str, Path, Any] | None) -> None:
    """To the end of another pillar with its weight; out of the tree without one."""
    written = leaf[2].get("weight") if leaf is not None else None
    entry = {"indicator": sheet.code, "weight": 1 if written is None else getattr(written, "value", written)}

    def moved(text: str) -> str:
        # First in, then out: what is added at the end of another list moves nothing before it.
        text = append(text, (*pillar, "children"), entry) if pillar is not None else text
        return remove(text, leaf[1]) if leaf is not None else text

    sheet.edit(moved)
