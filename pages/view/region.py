"""Region: what is strong, weak and changing in one region."""

from pages.parts.filters import choose
from pages.parts.headlines import region_cards
from pages.parts.pickers import pick_region
from pages.parts.profile import courses, head, indicators, interval, missing, pillars, strengths
from pages.parts.shell import require
from pages.parts.tables import source
from pages.parts.waterfall import change

screen = require()
choice = choose(screen)
region = pick_region(screen, choice)
sure = interval(screen, choice, region)
head(screen, choice, region, sure)
region_cards(screen, choice, region, sure)
pillars(screen, choice, region)
strengths(screen, choice, region)
change(screen, choice, region)
courses(screen, choice, region)
missing(screen, choice, region)
indicators(screen, choice, region)
source(screen)
