"""SVG: the pictures of a report, drawn from numbers; colours come from the page's style, words stand beside."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from metrics.export.text import escaped
from metrics.manual.blocks import Bar, Bars, Course, Range, Ranges

WIDE, HIGH, EDGE = 96.0, 22.0, 3.0


def sparkline(course: Course, said: str) -> str:
    """A course as a line, broken where a number is missing, with a dot at the last one; `said` is the same in words.

    Without these it is not read out: what stands beside it says enough.
    """
    points = list(_points(course))
    lines = [list(part) for there, part in groupby(points, lambda point: point is not None) if there]
    drawn = "".join(_line([point for point in line if point is not None]) for line in lines)
    last = next((point for point in reversed(points) if point is not None), None)
    dot = "" if last is None else f'<circle class="own" cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="2.6"/>'
    label = escaped(said)
    read = f'role="img" aria-label="{label}"><title>{label}</title>' if said else 'aria-hidden="true">'
    size = f'viewBox="0 0 {WIDE:g} {HIGH:g}" width="{WIDE:g}" height="{HIGH:g}"'
    return f'<svg class="course" {size} {read}{drawn}{dot}</svg>'


def _points(course: Course) -> Iterator[tuple[float, float] | None]:
    known = [value for value in course if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    step = (WIDE - 2.0 * EDGE) / max(len(course) - 1, 1)
    for at, value in enumerate(course):
        if value is None:
            yield None
            continue
        share = (value - low) / (high - low) if high > low else 0.5
        yield EDGE + at * step, HIGH - EDGE - share * (HIGH - 2.0 * EDGE)


def _line(points: Sequence[tuple[float, float]]) -> str:
    if len(points) == 1:
        return f'<circle class="line" cx="{points[0][0]:.1f}" cy="{points[0][1]:.1f}" r="0.8"/>'
    return f'<polyline class="line" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'


def range_line(row: Range, scale: Ranges) -> str:
    """A number as a dot upon the band of the others, whose middle is a stroke."""
    numbers = (row.low, row.middle, row.high, row.value)
    low, middle, high, own = (_place(value, scale.start, scale.end) for value in numbers)
    parts = ['<line class="axis" x1="0" x2="100%" y1="50%" y2="50%"/>']
    if low is not None and high is not None:
        parts.append(f'<rect class="others" x="{low:.2f}%" width="{high - low:.2f}%" y="25%" height="50%"/>')
    if middle is not None:
        parts.append(f'<line class="middle" x1="{middle:.2f}%" x2="{middle:.2f}%" y1="15%" y2="85%"/>')
    if own is not None:
        parts.append(f'<circle class="own" cx="{own:.2f}%" cy="50%" r="5"/>')
    return _drawing(parts)


def bar_line(row: Bar, scale: Bars) -> str:
    """A number as a bar from 0, with its interval as a whisker where it has one."""
    own, low, high = (_place(value, 0.0, scale.end) for value in (row.value, row.low, row.high))
    parts = []
    if own is not None:
        parts.append(f'<rect class="bar" x="0" width="{own:.2f}%" y="20%" height="60%"/>')
    if low is not None and high is not None:
        parts.append(f'<line class="whisker" x1="{low:.2f}%" x2="{high:.2f}%" y1="50%" y2="50%"/>')
    return _drawing(parts)


def _place(value: float | None, start: float, end: float) -> float | None:
    """Where a number stands on its scale, in per cent of the width; inside it in any case."""
    if value is None:
        return None
    return 100.0 * min(max((value - start) / (end - start), 0.0), 1.0) if end > start else 0.0


def _drawing(parts: Sequence[str]) -> str:
    """A picture whose words stand beside it, so that it is read once only."""
    return f'<svg class="plot" width="100%" height="18" aria-hidden="true">{"".join(parts)}</svg>'
