"""Robustness: how sure is the ranking, who is really above whom, and what would change it."""

import streamlit as st

from metrics.robustness.bounds import SPREAD
from pages.parts.certainty import Certainty, lead, standing
from pages.parts.drivers import drivers, left_out
from pages.parts.filters import choose
from pages.parts.formats import share
from pages.parts.i18n import t
from pages.parts.pickers import pick_flag
from pages.parts.reach import swap
from pages.parts.shell import require
from pages.parts.versus import improved, versus

screen = require(everywhere=True)
choice = choose(screen, comparing=False)
drawn = screen.definitions.robustness.in_force.weights
within = share(SPREAD if drawn is None else drawn.spread)
words = t("加算权重在 ±{spread} 内任意取值时的最好与最差名次", spread=within)
found = Certainty(screen, choice, pick_flag(words, "bounds"))
lead(found)
if not found.rows.is_empty():
    standing(found)
    left, right = st.columns([2.4, 1], gap="medium")
    with left:
        versus(found)
    with right:
        improved(found)
    left, right = st.columns(2, gap="medium")
    with left:
        drivers(found)
    with right:
        left_out(found)
    swap(found)
