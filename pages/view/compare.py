"""Compare: how the regions differ, and where."""

import streamlit as st

from pages.parts.comparison import courses, dots, lead, targets
from pages.parts.filters import choose
from pages.parts.heat import heat
from pages.parts.i18n import t
from pages.parts.pickers import pick, pick_node
from pages.parts.shell import require

screen = require()
choice = choose(screen)
left, right = st.columns(2)
with left:
    node, codes = pick_node(screen)
with right:
    order = pick(t("排序"), "sort", {code: screen.name(code) for code in codes}, node, short=True)
lead(screen, choice, node, codes)
heat(screen, choice, codes, order)
dots(screen, choice, node)
courses(screen, choice)
targets(screen, choice)
