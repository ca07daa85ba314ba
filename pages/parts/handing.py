"""Handing over: the definitions that are shown, the text that people's weights are written into, where it then goes."""

from dataclasses import dataclass

import streamlit as st

from data.revisions import read_text, revisions_of
from data.store import Store
from metrics.definitions import Definitions, tree_paths
from metrics.models import Node
from metrics.problems import InputError
from metrics.rewrite import set_value
from metrics.tree import code_of
from metrics.yamltext import Path
from pages.parts.desk import Desk, blank, in_use, lay
from pages.parts.signin import store_of_page


@dataclass(frozen=True)
class Standing:
    """The definitions in force with their text, and what the store says of itself.

    `overtaken`: whether this window's draft began with others.
    """

    definitions: Definitions
    text: str
    label: str
    overtaken: bool


def standing() -> Standing:
    """The version approved last, on which drafts build; raises InputError or OSError where it cannot be read."""
    store = Store()
    latest, desk = revisions_of(store).latest, _desk()
    overtaken = desk is not None and desk.base != latest.text
    return Standing(latest.definitions, latest.text, store.settings().get("label", ""), overtaken)


def draft() -> str | None:
    """The text on this window's desk, where it is not in force."""
    desk = _desk()
    return desk.text if desk is not None else None


def _desk() -> Desk | None:
    desk = in_use()
    return desk if desk is not None and desk.store.path == Store().path and desk.changed else None


def in_draft(node: Node) -> tuple[Definitions, Node] | None:
    """The draft's definitions and this node in them; None where it has none with these children, or errors."""
    text = draft()
    if text is None:
        return None
    try:
        definitions = read_text(text, "draft")
    except InputError:
        return None
    found = _placed(definitions, node)
    return (definitions, found[0]) if found is not None else None


def _placed(definitions: Definitions, node: Node) -> tuple[Node, Path] | None:
    """The node of this code with these children, and where it stands."""
    children = [*map(code_of, node.children)]
    for item, path in tree_paths(definitions.index):
        if isinstance(item, Node) and item.code == node.code and [*map(code_of, item.children)] == children:
            return item, path
    return None


def with_weights(found: Standing, node: Node, weights: object) -> str:
    """The draft, or else the text in force, with these weights of the node; all else stays byte for byte.

    Raises InputError where the draft has errors or cannot be rewritten, LookupError where it has other children there.
    """
    text = draft() or found.text
    placed = _placed(read_text(text, "draft"), node)
    if placed is None:
        raise LookupError(node.code)
    return set_value(text, (*placed[1], "weights"), weights)


def hand_over(text: str) -> None:
    """The new text onto the desk, which keeps it as a draft. Raises InputError where that cannot, or may not, be."""
    desk = _desk()
    if desk is None:
        store = store_of_page()
        if store is None:
            # Signed out meanwhile, as the page says.
            return
        desk = lay(blank(store, revisions_of(store), (st.session_state.get("person") or "").strip()))
    desk.replace(text)
