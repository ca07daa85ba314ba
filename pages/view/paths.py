"""Paths: what gets a region to its next grade, what would cost it its own, and is it on its way to its targets?"""

from pages.parts.filters import choose
from pages.parts.pickers import pick_region
from pages.parts.shell import require
from pages.parts.tables import source
from pages.parts.ways import easiest, held, lead, pace
from pages.parts.ways_found import looked_up

screen = require()
choice = choose(screen, comparing=False, picking=False)
region = pick_region(screen, choice)
found = looked_up(screen, choice, region)
lead(found)
easiest(found)
held(found)
pace(found)
source(screen)
