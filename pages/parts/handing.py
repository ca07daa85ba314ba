"""Handing over: the definitions that are shown, the text that people's weights are written into, where it then goes."""

from dataclasses import dataclass

import streamlit as st

from data.revisions import read_text, revisions_of
from data.store import Store
from metrics.consultation import codes_of
from metrics.definitions import Definitions, Node, tree_paths
from metrics.rewrite import set_value
from pages.parts.desk import blank, in_use, lay


@dataclass(frozen=True)
class Standing:
    """The definitions in force with their text, and what the store says of itself."""

    definitions: Definitions
    text: str
    label: str


def standing() -> Standing:
    """The version approved last, on which drafts build; raises InputError or OSError where it cannot be read."""
    store = Store()
    latest = revisions_of(store).latest
    return Standing(latest.definitions, latest.text, store.settings().get("label", ""))


def draft() -> str | None:
    """The text on this window's desk, where it is not in force."""
    desk = in_use()
    return desk.text if desk is not None and desk.store.path == Store().path and desk.changed else None


def with_weights(found: Standing, node: Node, weights: object) -> str:
    """The draft, or else the text in force, with these weights of the node; all else stays byte for byte.

    Raises InputError where the draft has errors or cannot be rewritten, LookupError where it has other children there.
    """
    text = draft() or found.text
    for item, path in tree_paths(read_text(text, "draft").index):
        if isinstance(item, Node) and item.code == node.code and codes_of(item) == codes_of(node):
            return set_value(text, (*path, "weights"), weights)
    raise LookupError(node.code)


def hand_over(text: str) -> None:
    """The new text onto the desk, which keeps it as a draft. Raises InputError where that cannot be saved."""
    desk = in_use() if draft() is not None else None
    if desk is None:
        store = Store()
        desk = lay(blank(store, revisions_of(store), (st.session_state.get("person") or "").strip()))
    desk.replace(text)
