"""Normalisers: each method of the contract as a spreadsheet's formula over cells of the value and its frame."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from metrics.export.live.settings import Settings


@dataclass(frozen=True)
class Of:
    """What a region's score is made of: the cell of its value, those of statistics, and parameters by name; `below`
    counts who of the frame is worse."""

    code: str
    method: Any
    higher: bool
    x: str
    cells: Mapping[str, str]
    below: str
    settings: Settings

    def cell(self, name: str) -> str:
        """A statistic's cell."""
        return self.cells[name]

    @property
    def worst(self) -> str:
        """The cell of the worst value of the frame."""
        return self.cells["min" if self.higher else "max"]

    def number(self, name: str, value: float, place: int = 0) -> str:
        """A parameter's name or cell."""
        return self.settings.cell(self.code, self.method.method, name, value, place=place)

    def ranged(self, unit: str) -> str:
        """A share of the way from worst to best as a score."""
        low, high = self.method.range
        bottom, top = self.number("range_low", low), self.number("range_high", high)
        return f"{bottom}+({top}-{bottom})*{unit}"


def _held(unit: str, of: Of, *, bottom: bool = True) -> str:
    if not of.method.clip:
        return unit
    return f"MAX(0,MIN(1,{unit}))" if bottom else f"MIN(1,{unit})"


def _minmax(of: Of) -> str:
    low, high = of.cell("min"), of.cell("max")
    top = f"({of.x}-{low})" if of.higher else f"({high}-{of.x})"
    return of.ranged(_held(f"{top}/({high}-{low})", of))


def _goalposts(of: Of) -> str:
    worst, best, x = of.number("worst", of.method.worst), of.number("best", of.method.best), of.x
    if of.method.log:
        x, worst, best = f"LN({x})", f"LN({worst})", f"LN({best})"
    return of.ranged(_held(f"({x}-{worst})/({best}-{worst})", of))


def _zscore(of: Of) -> str:
    mean, sd = of.number("mean", of.method.mean), of.number("sd", of.method.sd)
    centre = of.cell("mean")
    top = f"({of.x}-{centre})" if of.higher else f"({centre}-{of.x})"
    return f"IF({of.cell('max')}-{of.cell('min')}=0,NA(),{mean}+{sd}*{top}/{of.cell('sd')})"


def _percentile_rank(of: Of) -> str:
    return of.ranged(f"MIN(1,({of.cell('rank')}-1)/({of.cell('count')}-1))")


def _ahead(of: Of, goal: str) -> str:
    """The way from the worst to a goal; #N/A where the goal is not ahead of it."""
    worst = of.worst
    way = f"({goal}-{worst})" if of.higher else f"({worst}-{goal})"
    return f"IF({way}>0,{way},NA())"


def _distance_to_target(of: Of) -> str:
    target, worst = of.number("target", of.method.target), of.worst
    top = f"({of.x}-{worst})" if of.higher else f"({worst}-{of.x})"
    return of.ranged(_held(f"{top}/{_ahead(of, target)}", of, bottom=False))


def _distance_to_reference(of: Of) -> str:
    reference = of.cell("reference")
    behind = f"({reference}-{of.x})" if of.higher else f"({of.x}-{reference})"
    unit = f"(1-{behind}/{_ahead(of, reference)})"
    return of.ranged(_held(unit, of, bottom=False))


def _fraction_of_max(of: Of) -> str:
    part, whole = (of.x, of.cell("max")) if of.higher else (of.cell("min"), of.x)
    return of.ranged(f"IF({whole}>0,MIN(1,{part}/{whole}),NA())")


def _through(x: str, points: Sequence[tuple[str, str]]) -> str:
    """The line through points sorted by value, flat outside."""
    line = points[-1][1]
    for (left, low), (right, high) in reversed(list(pairwise(points))):
        line = f"IF({x}<={right},{low}+({high}-{low})*({x}-{left})/({right}-{left}),{line})"
    return f"IF({x}<={points[0][0]},{points[0][1]},{line})"


def _piecewise(of: Of) -> str:
    points = [
        (of.number("point", value, place), of.number("point_score", score, place))
        for place, (value, score) in enumerate(of.method.points, start=1)
    ]
    return _through(of.x, points)


def _steps(of: Of) -> str:
    y = of.x if of.method.relative_to == "none" else f"{of.x}/{of.cell('relative')}"
    steps = [
        (of.number("up_to", up_to, place), of.number("step_score", score, place))
        for place, (up_to, score) in enumerate(of.method.steps, start=1)
    ]
    text = of.number("above", of.method.above)
    for up_to, score in reversed(steps):
        text = f"IF({y}<={up_to},{score},{text})"
    return text


def _limits(of: Of) -> str:
    names = ("binding", "current", "leading")
    points = [
        (of.number(name, getattr(of.method, name)), of.number(f"{name}_score", score))
        for name, score in zip(names, of.method.scores, strict=True)
    ]
    worse = f"{of.x}<{points[0][0]}" if of.higher else f"{of.x}>{points[0][0]}"
    ascending = points if of.method.binding < of.method.leading else points[::-1]
    return f"IF({worse},0,{_through(of.x, ascending)})"


def _band(of: Of) -> str:
    (worst_low, worst_high), (low, high), (bottom, top) = of.method.worst, of.method.best, of.method.range
    a, b = of.number("worst_low", worst_low), of.number("best_low", low)
    c, d = of.number("best_high", high), of.number("worst_high", worst_high)
    least, most = of.number("range_low", bottom), of.number("range_high", top)
    rising = f"{least}+({most}-{least})*({of.x}-{a})/({b}-{a})"
    falling = f"{least}+({most}-{least})*({d}-{of.x})/({d}-{c})"
    inside = f"IF({of.x}<{b},{rising},IF({of.x}>{c},{falling},{most}))"
    return f"IF(OR({of.x}<{a},{of.x}>{d}),{least},{inside})"


SCORES: dict[str, Callable[[Of], str]] = {
    "minmax": _minmax,
    "goalposts": _goalposts,
    "zscore": _zscore,
    "rank": lambda of: f"{of.below}+1",
    "borda": lambda of: of.below,
    "percentile_rank": _percentile_rank,
    "distance_to_target": _distance_to_target,
    "distance_to_reference": _distance_to_reference,
    "fraction_of_max": _fraction_of_max,
    "piecewise": _piecewise,
    "steps": _steps,
    "limits": _limits,
    "band": _band,
}
