"""Pickers: one region, one indicator, one pillar, one order, each kept in the URL."""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

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
    return pick(t("地区"), "region", names, usual)


def pick_code(screen: Screen, *, nodes: bool = False, variables: bool = False) -> str:
    """An indicator; with `nodes` pillars and the composite, with `variables` those too."""
    definitions = screen.definitions
    codes = [row.code for row in definitions.nodes() if nodes or row.level == "indicator"]
    codes += list(definitions.variables) if variables else []
    return pick(t("指标"), "code", {code: screen.name(code) for code in codes}, codes[0])


def pick_node(screen: Screen) -> tuple[str, list[str]]:
    """The composite or a pillar, and the codes it is shown with: itself and what is directly below it."""
    tree = screen.definitions.nodes()
    inner = [row.code for row in tree if row.level != "indicator"]
    node = pick(t("维度"), "node", {code: screen.name(code) for code in inner}, inner[0], short=True)
    return node, [node, *(row.code for row in tree if row.parent == node)]


def pick(label: str, key: str, names: Mapping[str, str], usual: str, *, short: bool = False) -> str:
    """One of the names by its code; with `short` the usual one is left out of the address."""
    arrive(key, list(names))
    if key not in st.session_state:
        st.session_state[key] = usual
    found = st.selectbox(
        label, list(names), key=key, format_func=names.__getitem__, placeholder=t("请选择"), persist_state="session"
    )
    leave(key, found, default=usual if short else "")
    return str(found)


def pick_short(label: str, key: str, names: Mapping[str, str], usual: str) -> str:
    """One of a few names, all of them in sight."""
    arrive(key, list(names))
    if key not in st.session_state:
        st.session_state[key] = usual
    found = st.segmented_control(
        label, list(names), key=key, format_func=names.__getitem__, required=True, persist_state="session"
    )
    leave(key, found or usual, default=usual)
    return str(found or usual)


def drawer() -> DeltaGenerator:
    """Where a page's own filters stand: in sight, and on a narrow screen once they are asked for."""
    opened = st.session_state.get("drawer", False)
    with st.container(key="drawer_button"):
        st.toggle(t("筛选"), key="drawer", persist_state="session")
    return st.container(key="filters_open" if opened else "filters")


def pick_any(label: str, key: str, names: Mapping[str, str], empty: str = "") -> str:
    """One of the names by its code, or '' for any, or none."""
    arrive(key, list(names))
    found = st.selectbox(
        label, list(names), index=None, key=key, format_func=names.__getitem__, placeholder=empty or t("全部"),
        persist_state="session",
    )  # fmt: skip
    leave(key, found or "")
    return str(found or "")


def pick_flag(label: str, key: str) -> bool:
    """A switch; off where the address says nothing."""
    wanted = st.query_params.get(key)
    if wanted is not None and wanted != st.session_state.get(f"url {key}"):
        st.session_state[key] = wanted == "1"
    found = st.toggle(label, key=key, persist_state="session")
    leave(key, "1" if found else "")
    return bool(found)
