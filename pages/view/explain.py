"""Explain: where a number comes from, rung by rung down to the facts."""

import streamlit as st

from metrics.explain import explain
from pages.parts.filters import choose
from pages.parts.i18n import language, t
from pages.parts.ladder import draw
from pages.parts.pickers import pick_code, pick_region
from pages.parts.shell import require
from pages.parts.tables import source

screen = require()
choice = choose(screen)
left, right = st.columns(2)
with left:
    region = pick_region(screen, choice)
with right:
    code = pick_code(screen, nodes=True, variables=True)
found = explain(screen.card, region, choice.cycle, code, facts=screen.facts, levels=1)
draw(screen, found.root, screen.names()[region], choice.cycle)


def _whole() -> bytes:
    whole = explain(screen.card, region, choice.cycle, code, facts=screen.facts)
    return whole.text(language()).encode("utf-8-sig")


st.download_button(t("下载全文（TXT）"), _whole, f"{region}-{choice.cycle}-{code}.txt", on_click="ignore")
source(screen.definitions.title.text("zh"), screen.definitions.digest, screen.snapshot)
