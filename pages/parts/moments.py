"""Moments as people read them: by the clock of the place where the server stands, to the minute."""

from data.clock import moment as moment
