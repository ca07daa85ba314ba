"""Courses as pictures draw them: one scale for every format."""

from metrics.manual.blocks import Course

# Of the largest number of a course: what moves by less is drawn flatter than the picture is high.
LEAST = 0.1


def drawn(course: Course) -> bool:
    """Whether there is a line to draw: a single number has no course."""
    return sum(value is not None for value in course) > 1


def heights(course: Course) -> Course:
    """How high each number stands, from 0 to 1; a course that hardly moves stays near the middle."""
    known = [value for value in course if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    # 80.00 and 80.01 are no rise; z-scores of 0.8 and 1.2 are one.
    spread = max(high - low, LEAST * max(abs(low), abs(high))) or 1.0
    return tuple(None if value is None else 0.5 + (value - (low + high) / 2.0) / spread for value in course)
