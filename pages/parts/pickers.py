"""Pickers: one region or one indicator, kept in the URL."""

import streamlit as st

from pages.parts.filters import Choice
from pages.parts.i18n import t
from pages.parts.shell import Screen
from pages.parts.url import arrive, leave


def pick_region(screen: Screen, choice: Choice) -> str:
    """Any region of the scorecard; first the area's best."""
    frame, root = screen.card.frame, screen.definitions.index.code
    names = screen.names()
    rows = frame.filter(frame["code"] == root, frame["period"] == choice.cycle, frame["region"].is_in(choice.members))
    best = rows.sort("rank", "region", nulls_last=True)["region"]
    usual = choice.regions[0] if choice.regions else best[0] if len(best) else next(iter(names))
    return _pick(t("地区"), "region", names, usual)


def pick_code(screen: Screen, *, nodes: bool = False, variables: bool = False) -> str:
    """An indicator; with `nodes` pillars and the composite, with `variables` those too."""
    definitions = screen.definitions
    codes = [row.code for row in definitions.nodes() if nodes or row.level == "indicator"]
    codes += list(definitions.variables) if variables else []
    names = {code: screen.name(code) for code in codes}
    return _pick(t("指标"), "code", names, codes[0])


def _pick(label: str, key: str, names: dict[str, str], usual: str) -> str:
    arrive(key, list(names))
    if key not in st.session_state:
        st.session_state[key] = usual
    found = st.selectbox(label, list(names), key=key, format_func=names.__getitem__, persist_state="session")
    leave(key, found)
    return str(found)
