"""Addresses: what is chosen stands in the URL, by code, so that a copied link opens the same view."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

import streamlit as st

from pages.parts.i18n import t
from pages.parts.words import literal

# The role, and where, that somebody on a machine without sign-in tries out.
ACTING, PLACE = "acting", "acting_in"
# What follows a person from page to page.
KEPT = ("lang", ACTING, PLACE, "area", "cycle", "against", "regions")
OVERVIEW = "overview"


def arrive(name: str, options: Sequence[str], *, several: bool = False) -> None:
    """Before a widget with this key is drawn: what a new address says goes into it, and what no longer exists goes.

    An address that names what is not there is told so: what is shown instead is somebody else's.
    """
    wanted = st.query_params.get(name)
    if wanted is not None and wanted != st.session_state.get(f"url {name}"):
        st.session_state[name] = wanted.split(",") if several else wanted
        unknown = [one for one in wanted.split(",") if one and one not in options]
        if unknown:
            named = literal("、".join(unknown))
            st.warning(t("网址里的“{value}”这里没有，现在显示的是另一项。", value=named))
    if name not in st.session_state:
        return
    chosen = st.session_state[name]
    if several:
        st.session_state[name] = [option for option in chosen if option in options]
    elif chosen in options:
        # What a widget holds is forgotten with its page, what is set is not.
        st.session_state[name] = chosen
    else:
        del st.session_state[name]


def asked(name: str, options: Sequence[str], usual: str) -> str:
    """What a widget with this key is going to hold, before it is drawn."""
    wanted = st.query_params.get(name)
    if wanted is None or wanted == st.session_state.get(f"url {name}"):
        wanted = st.session_state.get(name)
    return wanted if wanted in options else usual


def leave(name: str, value: str | Sequence[str], *, default: str = "") -> None:
    """After the widget: its value into the address; a default leaves the address short."""
    text = value if isinstance(value, str) else ",".join(value)
    st.session_state[f"url {name}"] = text
    if text == default:
        if name in st.query_params:
            del st.query_params[name]
    elif st.query_params.get(name) != text:
        st.query_params[name] = text


def parameters(**changed: str) -> dict[str, str]:
    """What a link to another page takes along: the filters as they are, and what it changes."""
    kept = {name: st.query_params[name] for name in KEPT if name in st.query_params}
    return {name: value for name, value in {**kept, **changed}.items() if value}


def address(page: str, **changed: str) -> str:
    """The address of a page with the filters as they are."""
    query = urlencode(parameters(**changed))
    return f"./{'' if page == OVERVIEW else page}" + (f"?{query}" if query else "")


def link(text: str, page: str, **changed: str) -> str:
    """An HTML link to a page; the text is escaped."""
    return f'<a href="{escape(address(page, **changed))}">{escape(text)}</a>'
