"""Explain: where a number comes from, rung by rung down to the facts."""

import streamlit as st

from metrics.explain import Explanation, explain
from pages.parts.filters import choose
from pages.parts.given import given
from pages.parts.i18n import language, t
from pages.parts.journalled_exports import noted
from pages.parts.ladder import draw
from pages.parts.pickers import pick_code, pick_region
from pages.parts.shell import require
from pages.parts.tables import source

screen = require()
choice = choose(screen, comparing=False, picking=False)
left, right = st.columns(2)
with left:
    region = pick_region(screen, choice)
with right:
    code = pick_code(screen, nodes=True, variables=True)
found = explain(screen.card, region, choice.cycle, code, facts=screen.facts, levels=1)
draw(screen, found.root, region, choice.cycle)
given(screen, found.root, region)


def _whole() -> Explanation:
    return explain(screen.card, region, choice.cycle, code, facts=screen.facts)


def _text() -> bytes:
    head = f"{screen.notice}\n" if screen.notice else ""
    return (head + _whole().text(language())).encode("utf-8-sig")


def _latex() -> bytes:
    head = f"% {screen.notice}\n" if screen.notice else ""
    return (head + _whole().latex(language())).encode()


name = f"{region}-{choice.cycle.replace('/', '-')}-{code}"
text, latex = f"{name}.txt", f"{name}.tex"
left, right, _ = st.columns([1.3, 1, 1.7])
with left:
    st.download_button(t("下载到事实的全部来历（TXT）"), noted(screen.store, text, _text), text, on_click="ignore")
with right:
    st.download_button(t("下载算式（LaTeX）"), noted(screen.store, latex, _latex), latex, on_click="ignore")
source(screen)
