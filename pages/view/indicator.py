"""Indicator: who does best at it, what it is, and how it moves."""

from pages.parts.filters import choose
from pages.parts.pickers import pick_code
from pages.parts.shell import require
from pages.parts.single import about, over_time, standings

screen = require()
choice = choose(screen)
code = pick_code(screen)
about(screen, choice, code)
over_time(screen, choice, code)
standings(screen, choice, code)
