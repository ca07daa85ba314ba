"""Overview: how the area does, who does well, who moved, who needs attention."""

import streamlit as st

from pages.parts.filters import choose
from pages.parts.headlines import cards, lead
from pages.parts.overview import attention, ranking, tiles, trend
from pages.parts.shell import require
from pages.parts.tables import source

screen = require()
choice = choose(screen)
lead(screen, choice)
cards(screen, choice)
left, right = st.columns([1.65, 1], gap="medium")
with left:
    ranking(screen, choice)
with right:
    tiles(screen, choice)
attention(screen, choice)
trend(screen, choice)
source(screen.definitions.title.text("zh"), screen.definitions.digest, screen.snapshot)
