"""Production: what is chosen as inputs and outputs of the efficiency check, kept in the address."""

from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from metrics.efficiency import Efficiency, efficiency
from metrics.problems import InputError
from metrics.production import default_measures, possible
from metrics.scorecard import Scorecard
from pages.parts.checkup import named
from pages.parts.filters import Choice
from pages.parts.i18n import language, t
from pages.parts.pickers import pick_short
from pages.parts.shell import Screen
from pages.parts.tables import bullets, title
from pages.parts.url import arrive, leave


def pick_measures(screen: Screen) -> tuple[list[str], list[str], Any]:
    """Inputs, outputs and the orientation; the usual ones leave the address short."""
    usual = default_measures(screen.definitions)
    first, second, third = st.columns([1.4, 1.4, 1], vertical_alignment="bottom")
    with first:
        inputs = _pick_several(t("投入"), "inputs", _names(screen, "input"), usual[0])
    with second:
        outputs = _pick_several(t("产出"), "outputs", _names(screen, "output"), usual[1])
    with third:
        ways = {"input": t("少投入"), "output": t("多产出")}
        way = pick_short(t("改进方向"), "orientation", ways, "input")
    return inputs, outputs, way


def _names(screen: Screen, role: Any) -> dict[str, str]:
    """Names of what can be chosen; an output that is taken by its score says so."""
    variables = screen.definitions.variables
    scored = role == "output"
    return {
        code: t("{name}（得分）", name=screen.name(code)) if scored and code not in variables else screen.name(code)
        for code in possible(screen.definitions, role)
    }


def _pick_several(label: str, key: str, names: dict[str, str], usual: Sequence[str]) -> list[str]:
    arrive(key, list(names), several=True)
    if key not in st.session_state:
        st.session_state[key] = list(usual)
    found = st.multiselect(
        label, list(names), key=key, format_func=names.__getitem__, placeholder=t("请选择"), persist_state="session"
    )
    leave(key, found, default=",".join(usual))
    return list(found)


def checked(screen: Screen, choice: Choice, inputs: Sequence[str], outputs: Sequence[str], way: Any) -> Efficiency:
    """`metrics.efficiency.efficiency` of the chosen cycle and area; where it cannot be, says why and ends the page."""
    keys = (choice.cycle, choice.members, tuple(inputs), tuple(outputs), way)
    try:
        return _found(screen.card, keys, screen.snapshot, screen.definitions.digest)
    except InputError as error:
        title(t("请改选投入和产出"))
        bullets([escape(named(screen, problem).message(language())) for problem in error.problems])
        st.stop()


@st.cache_resource(max_entries=16, show_spinner=False)
def _found(_card: Scorecard, keys: tuple[Any, ...], snapshot: str, digest: str) -> Efficiency:
    cycle, members, inputs, outputs, way = keys
    return efficiency(_card, cycle, inputs=inputs, outputs=outputs, orientation=way, members=members)
