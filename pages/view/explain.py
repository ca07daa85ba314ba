"""Explain: where a number comes from, rung by rung down to the facts."""

import streamlit as st

from metrics.explain import explain
from pages.parts.filters import choose
from pages.parts.i18n import language, spoken, t
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


def _whole() -> bytes:
    whole = explain(screen.card, region, choice.cycle, code, facts=screen.facts)
    head = f"{screen.notice}\n" if screen.notice else ""
    return (head + whole.text(language())).encode("utf-8-sig")


name = f"{region}-{choice.cycle.replace('/', '-')}-{code}.txt"
st.download_button(t("下载到事实的全部来历（TXT）"), spoken(_whole), name, on_click="ignore")
source(screen)
