"""The demonstration area's facts: seeded numbers about invented places, by site and month where they arise there."""

from collections.abc import Iterator
from functools import cache
from math import fsum
from typing import NamedTuple

from data.demo_flows import PAIRED, divided
from data.demo_places import CITIES, KINDS, City, Theme, site_code, wobble
from data.demo_rates import (
    CUT_TARGETS,
    ELECTRICITY,
    EVEN,
    GAS,
    HALF_YEARLY,
    HEAT,
    HEATING,
    MODEL_UNITS,
    OF_SITES,
    PETROL,
    PHOTOVOLTAIC,
    PRICES,
    QUARTERLY,
    SEASON,
    SUN,
    WATER,
    WATER_SEASON,
    YEARLY,
    Line,
)

YEARS = range(2020, 2025)
MONTHS = tuple(range(1, 13))


class Fact(NamedTuple):
    """One reported number."""

    region: str
    site: str | None
    period: str
    variable: str
    value: float | None


def quality(city: City, theme: Theme, year: int, *key: str | int) -> float:
    """How good the city is at a theme in a year, with a little noise of its own for each key."""
    first, last = city.path(theme)
    way = city.course[year - YEARS[0]]
    steady = first + (last - first) * way
    noise = 0.012 if theme == "energy" else 0.035
    return min(max(steady + noise * wobble(city.code, theme, year, *key), 0.0), 1.0)


def between(ends: tuple[float, float], share: float) -> float:
    """The value that share of the way from the first end to the second."""
    return ends[0] + (ends[1] - ends[0]) * share


def facts() -> Iterator[Fact]:
    """Every fact as it should be, before the accidents that the demonstration shows."""
    for city in CITIES:
        for year in YEARS:
            yield from _of_city(city, year)
            for number in range(1, city.institutions + 1):
                yield from _of_site(city, year, number)
    for code in [*CUT_TARGETS, *(city.code for city in CITIES)]:
        target = CUT_TARGETS[code[:2] + "0000"]
        for year in YEARS[1:]:
            yield Fact(code, None, str(year), "energy_cut_target", round(target * (year - YEARS[0]) / 5, 2))


def _of_city(city: City, year: int) -> Iterator[Fact]:
    totals = _totals(city, year)
    yield from _by_counterpart(city, year, _lines(city, year, (str(year),), YEARLY, totals))
    yield from _lines(city, year, tuple(f"{year}-Q{n}" for n in range(1, 5)), QUARTERLY, totals)
    yield from _lines(city, year, (f"{year}-H1", f"{year}-H2"), HALF_YEARLY, totals)
    units = MODEL_UNITS.get((city.code, year))
    if units is not None:
        yield Fact(city.code, None, str(year), "model_units_added", float(units))


def _by_counterpart(city: City, year: int, lines: Iterator[Fact]) -> Iterator[Fact]:
    """The facts with those about an exchange divided: the counterpart's code stands in place of an institution's."""
    totals = {}
    for fact in lines:
        if fact.variable in PAIRED:
            totals[fact.variable] = fact.value or 0.0
        else:
            yield fact
    for variable, parts in divided(city, year, totals).items():
        for counterpart, value in parts.items():
            yield Fact(city.code, counterpart, str(year), variable, value)


def _totals(city: City, year: int) -> dict[str, float]:
    """What the rates of a city are applied to."""
    numbers = range(1, city.institutions + 1)
    staff = sum(_staff(city, year, number) for number in numbers)
    users = sum(_users(city, year, number) for number in numbers)
    floor = sum(_floor(city, number) for number in numbers)
    vehicles = sum(_of_site_lines(city, year, number)["official_vehicles"] for number in numbers)
    return {
        "staff": staff,
        "users": users,
        "floor": floor,
        "vehicles": vehicles,
        "institutions": float(city.institutions),
        "one": 1.0,
    }


def _lines(
    city: City, year: int, periods: tuple[str, ...], lines: tuple[Line, ...], totals: dict[str, float]
) -> Iterator[Fact]:
    """The lines of each period; what flows over the year is spread evenly, up to the noise."""
    for period in periods:
        drivers = {name: total / len(periods) for name, total in totals.items()} | {"parts": 1.0}
        for line in lines:
            value = _value(city, year, line, drivers, period)
            drivers[line.variable] = value
            yield Fact(city.code, None, period, line.variable, value)


def _value(city: City, year: int, line: Line, drivers: dict[str, float], *key: str | int) -> float:
    share = quality(city, line.theme, year, line.variable, *key)
    return float(round(drivers[line.driver] * between((line.worst, line.best), share), line.decimals))


@cache
def _staff(city: City, year: int, number: int) -> float:
    of_all = fsum(kind.staff for kind in KINDS[: city.institutions])
    share = KINDS[number - 1].staff / of_all * (1.0 + 0.12 * wobble(city.code, number))
    return float(round(city.staff * share * (1.0 + 0.006 * (year - YEARS[0]) * wobble(city.code, "growth"))))


def _users(city: City, year: int, number: int) -> float:
    """Staff and those others who work in the building."""
    return float(round(_staff(city, year, number) * (1.26 + 0.05 * wobble(city.code, number, "users"))))


@cache
def _floor(city: City, number: int) -> float:
    per_head = 26.0 if city.province.heated else 31.0
    return float(round(_staff(city, YEARS[0], number) * per_head * (1.0 + 0.08 * wobble(city.code, number, "floor"))))


@cache
def _of_site_lines(city: City, year: int, number: int) -> dict[str, float]:
    """A site's yearly stock: people, areas, vehicles."""
    staff = _staff(city, year, number)
    quota = float(round(staff * (1.05 + 0.02 * wobble(city.code, number, "quota"))))
    per_post = between((28.5, 20.0), quality(city, "asset", year, "office"))
    office = min(quota * per_post, 0.82 * _floor(city, number))
    found = {
        "staff_on_post": staff,
        "staff_quota": quota,
        "energy_users": _users(city, year, number),
        "floor_area": _floor(city, number),
        "office_area": float(round(office)),
    }
    if city.province.heated:
        found["heated_area"] = float(round(0.94 * _floor(city, number)))
    for line in OF_SITES:
        found[line.variable] = _value(city, year, line, found, number)
    return found


def _of_site(city: City, year: int, number: int) -> Iterator[Fact]:
    site = site_code(city, number)
    for variable, value in _of_site_lines(city, year, number).items():
        yield Fact(city.code, site, str(year), variable, value)
    for variable, months in _monthly(city, year, number).items():
        for month, value in months.items():
            yield Fact(city.code, site, f"{year}-{month:02d}", variable, value)
        if variable in PRICES:
            price = PRICES[variable] * (1.0 + 0.03 * wobble(city.code, variable, "price"))
            bill = round(fsum(months.values()) * price / 10_000, 2)
            yield Fact(city.code, site, str(year), f"{variable}_cost", bill)


def _monthly(city: City, year: int, number: int) -> dict[str, dict[int, float]]:
    """A site's monthly use: whole kWh, m³ and kg, tenths of GJ."""
    climate, stock = city.province.climate_zone, _of_site_lines(city, year, number)
    floor = stock["floor_area"] * _intensity(city, number)
    energy = quality(city, "energy", year)
    burning = stock["official_vehicles"] - stock["new_energy_vehicles"]
    yearly = {
        "electricity": (floor * between(ELECTRICITY[climate], energy), SEASON[climate]),
        "gas": (floor * between(GAS[climate], energy), EVEN),
        "water": (stock["energy_users"] * between(WATER, quality(city, "energy", year, "water")), WATER_SEASON),
        "petrol": (burning * between(PETROL, energy), EVEN),
    }
    if number <= 6:
        sun = stock["floor_area"] * between(PHOTOVOLTAIC, quality(city, "green", year))
        yearly["pv_electricity"] = (sun, SUN)
    found = {
        name: _spread(total, season, site_code(city, number), year, name) for name, (total, season) in yearly.items()
    }
    if city.province.heated:
        found["heat"] = _heat(city, year, number, energy)
    return found


def _intensity(city: City, number: int) -> float:
    """A site's energy per area against its city's mean."""
    kinds = KINDS[: city.institutions]
    mean = fsum(kind.energy * kind.staff for kind in kinds) / fsum(kind.staff for kind in kinds)
    return KINDS[number - 1].energy / mean * (1.0 + 0.05 * wobble(city.code, number, "intensity"))


def _spread(total: float, season: tuple[int, ...], *key: str | int) -> dict[int, float]:
    """A year's use over its months, in whole units."""
    whole = sum(season)
    return {
        month: float(round(total * season[month - 1] / whole * (1.0 + 0.04 * wobble(*key, month)))) for month in MONTHS
    }


def _heat(city: City, year: int, number: int, energy: float) -> dict[int, float]:
    """Heat is bought in the heating months only; nothing is reported in the others."""
    season = _of_site_lines(city, year, number)["heated_area"] * between(HEAT, energy) * city.stock
    return {
        month: round(season * share / 100 * (1.0 + 0.03 * wobble(city.code, number, "heat", year, month)), 1)
        for month, share in sorted(HEATING.items())
    }
