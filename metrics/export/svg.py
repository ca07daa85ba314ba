"""SVG: the pictures of a report, drawn from numbers; colours come from the page's style, words stand beside."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from metrics.export.course import heights
from metrics.export.text import escaped
from metrics.manual.blocks import Bar, Bars, Course, Range, Ranges

WIDE, HIGH, EDGE = 96.0, 22.0, 3.0


def sparkline(course: Course, said: str) -> str:
    """A course as a line, broken where a number is missing, with a dot where it ends now; `said` is the same in words.

    Without these it is not read out: what stands beside it says enough.
    """
    points = list(_points(course))
    lines = [list(part) for there, part in groupby(points, lambda point: point is not None) if there]
    drawn = "".join(_line([point for point in line if point is not None]) for line in lines)
    now = points[-1] if points else None
    dot = "" if now is None else f'<circle class="own" cx="{now[0]:.1f}" cy="{now[1]:.1f}" r="2.6"/>'
    label = escaped(said)
    read = f'role="img" aria-label="{label}"><title>{label}</title>' if said else 'aria-hidden="true">'
    size = f'viewBox="0 0 {WIDE:g} {HIGH:g}" width="{WIDE:g}" height="{HIGH:g}"'
    return f'<svg class="course" {size} {read}{drawn}{dot}</svg>'


def _points(course: Course) -> Iterator[tuple[float, float] | None]:
    step = (WIDE - 2.0 * EDGE) / max(len(course) - 1, 1)
    for at, height in enumerate(heights(course)):
        yield None if height is None else (EDGE + at * step, HIGH - EDGE - height * (HIGH - 2.0 * EDGE))


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
    """A number as a bar from 0, to the left where it is below."""
    own, zero = (_place(value, scale.start, scale.end) for value in (row.value, 0.0))
    parts = []
    if own is not None and zero is not None:
        left, right = sorted((own, zero))
        parts.append(f'<rect class="bar" x="{left:.2f}%" width="{right - left:.2f}%" y="20%" height="60%"/>')
    if scale.start < 0.0:
        parts.append(f'<line class="middle" x1="{zero:.2f}%" x2="{zero:.2f}%" y1="0" y2="100%"/>')
    return _drawing(parts)


def _place(value: float | None, start: float, end: float) -> float | None:
    """Where a number stands on its scale, in per cent of the width; inside it in any case."""
    if value is None:
        return None
    return 100.0 * min(max((value - start) / (end - start), 0.0), 1.0) if end > start else 0.0


def _drawing(parts: Sequence[str]) -> str:
    """A picture whose words stand beside it, so that it is read once only."""
    return f'<svg class="plot" width="100%" height="18" aria-hidden="true">{"".join(parts)}</svg>'
