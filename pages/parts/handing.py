"""Handing over: the definitions that are shown, the text that people's weights are written into, where it then goes."""

from dataclasses import dataclass

import streamlit as st

from data.revisions import read_text, revisions_of
from data.store import Store
from metrics.consultation import codes_of
from metrics.definitions import Definitions, Node, tree_paths
from metrics.rewrite import set_value
from pages.parts.desk import in_use

# The text of the person's draft, for the pages that go on with it.
DRAFT = "draft text"


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
    """The text that has been handed over in this session, or is on the desk, and is not in force yet."""
    found = st.session_state.get(DRAFT)
    if isinstance(found, str):
        return found
    desk = in_use()
    return desk.text if desk is not None and desk.changed else None


def with_weights(found: Standing, node: Node, weights: object) -> str:
    """The draft, or else the text in force, with these weights of the node; all else stays byte for byte.

    Raises InputError where the draft has errors or cannot be rewritten, LookupError where it has other children there.
    """
    text = draft() or found.text
    for item, path in tree_paths(read_text(text, DRAFT).index):
        if isinstance(item, Node) and item.code == node.code and codes_of(item) == codes_of(node):
            return set_value(text, (*path, "weights"), weights)
    raise LookupError(node.code)


def hand_over(text: str) -> None:
    """The new text becomes the draft that other pages go on with."""
    st.session_state[DRAFT] = text


def taken() -> str | None:
    """The text that was handed over, for the desk that now keeps it as a draft; once."""
    found = st.session_state.pop(DRAFT, None)
    return found if isinstance(found, str) else None
