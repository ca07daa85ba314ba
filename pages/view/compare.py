"""Compare: how the regions differ, and where."""

from pages.parts.comparison import courses, heat
from pages.parts.filters import choose
from pages.parts.shell import require
from pages.parts.tables import source

screen = require()
choice = choose(screen)
heat(screen, choice)
courses(screen, choice)
source(screen.definitions.title.text("zh"), screen.definitions.digest, screen.snapshot)
