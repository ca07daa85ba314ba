"""The editor and the form show one indicator: the caret chooses it in the form, the form brings it into sight."""

import streamlit as st

from pages.parts.editor import pointed
from pages.parts.form import NEW


def linked(desk: str, form: str) -> tuple[str, int]:
    """The indicator that the form shows, and a number that grows as often as another one is chosen there.

    `desk` and `form` are the keys of both; the form keeps what is chosen in the session, where the caret's is put.
    """
    slot, before = f"{form} chosen", st.session_state.get(f"{form} linked", ("", 0, 0))
    shown, turn, heard = before
    chosen = str(st.session_state.get(f"{form} next") or st.session_state.get(slot) or "")
    code, count = pointed(desk)
    if shown and chosen != shown:
        # What was chosen by hand goes before what the caret came by.
        shown, turn = chosen, turn + 1
    elif count != heard and code and not _has_unwritten(form, shown):
        st.session_state[slot] = shown = code
    st.session_state[f"{form} linked"] = (shown, turn, count)
    return shown, turn


def settle(form: str) -> None:
    """What the form shows of its own accord, once it has been drawn, is nobody's choice."""
    _, turn, heard = st.session_state[f"{form} linked"]
    st.session_state[f"{form} linked"] = (str(st.session_state.get(f"{form} chosen") or ""), turn, heard)


def _has_unwritten(form: str, code: str) -> bool:
    """Whether a field holds what has not become the text's: another indicator in its place would lose it."""
    kept = st.session_state
    fields = [name for name in map(str, kept) if name.startswith(f"{form} {code} ") and f"{name} in text" in kept]
    return code == NEW or any(kept[name] != kept[f"{name} in text"] for name in fields)
