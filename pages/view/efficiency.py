"""Efficiency: who gets the most out of cost and energy, as a cross-check of the ranking by another method."""

import streamlit as st

from pages.parts.envelope import against_composite, bars, lead, peers, problems, projections
from pages.parts.filters import choose
from pages.parts.production import checked, pick_measures
from pages.parts.shell import require

screen = require(everywhere=True)
choice = choose(screen, comparing=False)
inputs, outputs, orientation = pick_measures(screen)
found = checked(screen, choice, inputs, outputs, orientation)
lead(screen, choice, found)
problems(screen, found)
if found.regions.height:
    left, right = st.columns(2, gap="medium")
    with left:
        bars(screen, choice, found)
    with right:
        against_composite(screen, choice, found)
    peers(screen, choice, found)
    projections(screen, choice, found)
st.html('<p class="q-foot"></p>')
