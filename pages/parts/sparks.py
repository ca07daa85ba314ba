"""Sparklines: a number's course as a small picture without axes."""

from urllib.parse import quote

# Between the page's greys, so that it can be seen in light and dark.
_STROKE = 'fill="none" stroke="#7d8792" stroke-linecap="round" vector-effect="non-scaling-stroke" stroke-width='


def sparkline(values: list[float | None]) -> str:
    """A small line of the values with gaps where there is none; the last one is marked."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, height = min(known), (max(known) - min(known)) or 1.0
    step = 94 / max(len(values) - 1, 1)
    at = [
        None if value is None else f"{3 + index * step:.1f},{21 - 16 * (value - low) / height:.1f}"
        for index, value in enumerate(values)
    ]
    lines = "".join(f'<polyline points="{part}" {_STROKE}"2"/>' for part in _parts(at))
    end = next(point for point in reversed(at) if point is not None)
    # A line of no length with a round cap stays a circle however wide the picture is drawn.
    mark = f'<path d="M{end}h.01" {_STROKE}"7"/>'
    opened = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 26" preserveAspectRatio="none">'
    drawn = f"{opened}{lines}{mark}</svg>"
    # Streamlit's HTML keeps pictures but no SVG elements.
    return f'<img class="q-spark" alt="" src="data:image/svg+xml,{quote(drawn)}">'


def _parts(at: list[str | None]) -> list[str]:
    """The points between the gaps; one alone becomes a short line."""
    parts: list[list[str]] = [[]]
    for point in at:
        if point is None:
            parts.append([])
        else:
            parts[-1].append(point)
    return [" ".join(part if len(part) > 1 else part * 2) for part in parts if part]
