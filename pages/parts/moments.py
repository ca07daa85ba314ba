"""Moments as people read them: by the clock of the place where the server stands, to the minute, those to come with its
zone."""

from data.clock import moment as moment
from data.clock import zoned as zoned
