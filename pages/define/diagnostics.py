"""Diagnostics: does the index measure what its author means, and which of its indicators need a look?"""

import streamlit as st

from pages.parts.checkup import concerns, diagnosis, lead, table_of_indicators
from pages.parts.correlated import correlated
from pages.parts.filters import choose
from pages.parts.i18n import t
from pages.parts.pickers import pick_node, pick_short
from pages.parts.shell import require
from pages.parts.weighing import weighing

screen = require(everywhere=True)
choice = choose(screen, comparing=False, picking=False)
found = diagnosis(screen, choice)
lead(screen, choice, found)
concerns(screen, choice, found)
left, right = st.columns([1.4, 1], vertical_alignment="bottom")
with left:
    node, _ = pick_node(screen)
with right:
    kinds = {"pearson": "Pearson r", "spearman": "Spearman ρ", "kendall": "Kendall τ-b"}
    kind = pick_short(t("相关系数"), "kind", kinds, "pearson")
weighing(screen, found, node)
correlated(screen, found, node, kind)
table_of_indicators(screen, found, node)
