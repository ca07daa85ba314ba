"""Roll-up: facts of periods, sites and children → one cell per raw variable, cycle and region."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from metrics.models import MeanBy, Variable
from tests.oracle.calendar import Place
from tests.oracle.world import At, Cell, World


class Part(NamedTuple):
    """What a site or a child brings in: its cell and, for `mean_by`, its weight."""

    cell: Cell
    weight: float | None


class RollUp:
    """Raw variables of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.series: dict[tuple[str, int, str], dict[str | None, list[tuple[Place, float | None]]]] = defaultdict(dict)
        self.known: dict[tuple[str, At], Cell] = {}
        for fact in world.facts:
            place = world.calendar.place(fact["period"])
            if place is not None:
                of_region = self.series[fact["variable"], place.cycle, fact["region"]]
                of_region.setdefault(fact.get("site") or None, []).append((place, fact["value"]))

    def cell(self, code: str, at: At) -> Cell:
        """A raw variable where it is in force."""
        if not self.world.in_force(self.world.definitions.variables[code].valid, at[0]):
            return Cell(None, frozenset({"not_in_force"}))
        return self.rolled(code, at)

    def rolled(self, code: str, at: At) -> Cell:
        """A raw variable: of a parent from its children, of others from sites or their own report."""
        if (code, at) not in self.known:
            self.known[code, at] = self._rolled(code, at)
        return self.known[code, at]

    def _rolled(self, code: str, at: At) -> Cell:
        variable = self.world.definitions.variables[code]
        children = self.world.children(at[1])
        if children and variable.over_sites != "none":
            own = self._own(code, at)
            weight = _weight_code(variable)
            parts = [self._child(code, weight, (at[0], child)) for child in children]
            return _combined(variable, parts, own, missing="partial_children")
        own = self._own(code, at)
        unreported = own.value is None and not own.flags
        return Cell(0.0) if unreported and variable.absent == "zero" else own

    def _child(self, code: str, weight: str | None, at: At) -> Part:
        return Part(self.rolled(code, at), None if weight is None else self.rolled(weight, at).value)

    def _own(self, code: str, at: At) -> Cell:
        """What the region's sites come to, or what it reports itself where it has none."""
        variable = self.world.definitions.variables[code]
        series = self.series.get((code, *at), {})
        direct = over_time(variable, series[None]) if None in series else Cell(None)
        sites = [site for site in series if site is not None]
        if variable.over_sites == "none" or not sites:
            return direct
        parts = [Part(over_time(variable, series[site]), self._weight_of(site, variable, at)) for site in sites]
        combined = _combined(variable, parts, direct, missing="partial_sites")
        return Cell(combined.value, combined.flags.union(*(part.cell.flags for part in parts)))

    def _weight_of(self, site: str, variable: Variable, at: At) -> float | None:
        weight = _weight_code(variable)
        reported = self.series.get((weight, *at), {}).get(site) if weight is not None else None
        if weight is None or reported is None:
            return None
        return over_time(self.world.definitions.variables[weight], reported).value


def _weight_code(variable: Variable) -> str | None:
    return variable.over_sites.mean_by if isinstance(variable.over_sites, MeanBy) else None


def over_time(variable: Variable, reported: Sequence[tuple[Place, float | None]]) -> Cell:
    """One series in one cycle: of what is reported, whole cycles first, then spans, then the finest kind."""
    known = [place.kind for place, value in reported if value is not None]
    best = min(known or [place.kind for place, _ in reported])
    flags = {"mixed_periods"} if any(kind != best for kind in known) else set()
    parts = {place.part: value for place, value in reported if place.kind == best}
    count = next(place.parts for place, _ in reported if place.kind == best)
    if variable.absent == "zero":
        values = [parts.get(part) or 0.0 for part in range(count)]
    else:
        values = [parts[part] for part in sorted(parts) if parts[part] is not None]
    whole = len(values) == count
    if variable.over_time == "sum" and values and not whole and variable.partial != "allow":
        return Cell(None, frozenset({*flags, "partial_period"}))
    return Cell(_REDUCED[variable.over_time](values) if values else None, frozenset(flags))


_REDUCED = {
    "sum": math.fsum,
    "mean": lambda values: math.fsum(values) / len(values),
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "min": min,
    "max": max,
}


def _combined(variable: Variable, parts: Sequence[Part], own: Cell, *, missing: str) -> Cell:
    """Parts into one value by `over_sites`; a part without value (or weight) refuses it unless `partial: allow`."""
    by_weight = isinstance(variable.over_sites, MeanBy)
    usable = [p for p in parts if p.cell.value is not None and not (by_weight and p.weight is None)]
    flags = set()
    if len(usable) < len(parts) and variable.partial != "allow":
        return Cell(None, frozenset({missing}))
    value = None
    if usable:
        values = [part.cell.value for part in usable]
        if by_weight:
            total = math.fsum(part.weight for part in usable)
            if total == 0.0:
                return Cell(None, frozenset({"zero_division"}))
            value = math.fsum(part.cell.value * part.weight for part in usable) / total
        else:
            value = _REDUCED[variable.over_sites](values)
    if value is not None and own.value is not None:
        larger = max(abs(value), abs(own.value))
        if abs(value - own.value) > 1e-9 * larger:
            flags.add("differs_from_parts")
    return Cell(value, frozenset(flags))
