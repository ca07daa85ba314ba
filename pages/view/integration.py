"""Integration: is the area growing together, and what holds it apart?"""

import streamlit as st

from pages.parts.balance import coupled, held_apart
from pages.parts.compensation import compensation
from pages.parts.convergence import catching_up, courses, groups
from pages.parts.exchange import exchange
from pages.parts.filters import choose
from pages.parts.integration import cards, lead
from pages.parts.pickers import pick_code
from pages.parts.shell import over_cycles, require
from pages.parts.together import Together, pick_groups, pick_weight

screen = over_cycles(require(everywhere=True))
choice = choose(screen, comparing=False)
left, middle, right = st.columns([2, 1, 1])
with left:
    code = pick_code(screen, nodes=True)
with middle:
    weight = pick_weight(screen)
with right:
    by = pick_groups(screen, choice, code)
found = Together(screen, choice, code, by, weight)
lead(found)
if len(choice.members) > 1:
    cards(found)
    left, right = st.columns(2, gap="medium")
    with left:
        courses(found)
    with right:
        groups(found)
    left, right = st.columns(2, gap="medium")
    with left:
        coupled(found)
    with right:
        catching_up(found)
    held_apart(found)
    exchange(found)
    compensation(found)
