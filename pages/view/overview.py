"""Overview: how the area does, who does well, who moved, who needs attention."""

import streamlit as st

from pages.parts.alerts import alerts
from pages.parts.filters import choose
from pages.parts.headlines import cards, lead
from pages.parts.overview import incomplete, limits, moves, ranking, tiled, tiles, trend
from pages.parts.shell import require

screen = require()
choice = choose(screen)
lead(screen, choice)
cards(screen, choice)
alerts(screen, choice)
left, right = st.columns([1.65, 1], gap="medium")
with left:
    ranking(screen, choice)
with right:
    if tiled(screen):
        tiles(screen, choice)
    limits(screen, choice)
    if not tiled(screen):
        moves(screen, choice)
        incomplete(screen, choice)
if tiled(screen):
    left, right = st.columns([1.65, 1], gap="medium")
    with left:
        moves(screen, choice)
    with right:
        incomplete(screen, choice)
trend(screen, choice)
