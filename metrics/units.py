"""Units of measurement: whether a formula's unit reduces to the declared one, and by which constant."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import Any

from metrics.syntax import Tree, walk

Dimension = tuple[tuple[str, int], ...]


class UnitError(ValueError):
    """What is wrong with a unit: the code of a problem, and what its message needs."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code, facts)
        self.code, self.facts = code, facts


@dataclass(frozen=True, slots=True)
class Unit:
    """A dimension (base unit → exponent, sorted) and the exact size in base units.

    `literal` marks a number written in a formula: it takes the unit of what it is added to or compared with.
    `strange` names the words that are no known unit, though close to one.
    """

    dimension: Dimension = ()
    scale: Fraction = Fraction(1)
    literal: bool = False
    strange: tuple[tuple[str, str], ...] = ()


# Bounds that no unit of the field comes near, so that nobody's slip keeps the machine computing.
MAX_LENGTH, MAX_EXPONENT, MAX_FORMULA_EXPONENT, MAX_POWER = 200, 9, 20, 999
# A size has at most this many binary digits above and below the line, so that the ratio of two is a float (< 2¹⁰²⁴).
_MAX_BITS = 500

NONE = Unit()
LITERAL = Unit(literal=True)

# Word → (base dimension, size). Energy in joules, mass in kilograms; standard coal and CO2 are dimensions of their own,
# never joules or kilograms: the calibre is a factor's business (contract §2).
_BASES: dict[str, tuple[Dimension, str]] = {
    "J": ((("J", 1),), "1"), "kJ": ((("J", 1),), "1e3"), "MJ": ((("J", 1),), "1e6"), "GJ": ((("J", 1),), "1e9"),
    "TJ": ((("J", 1),), "1e12"), "Wh": ((("J", 1),), "3600"), "kWh": ((("J", 1),), "3.6e6"),
    "MWh": ((("J", 1),), "3.6e9"), "GWh": ((("J", 1),), "3.6e12"),
    "kgce": ((("kgce", 1),), "1"), "tce": ((("kgce", 1),), "1e3"), "gce": ((("kgce", 1),), "1e-3"),
    "kgCO2": ((("kgCO2", 1),), "1"), "tCO2": ((("kgCO2", 1),), "1e3"), "gCO2": ((("kgCO2", 1),), "1e-3"),
     "CNY": ((("CNY", 1),), "1"), "person": ((("person", 1),), "1"), "vehicle": ((("vehicle", 1),), "1"),
    "item": ((("item", 1),), "1"), "time": ((("time", 1),), "1"),
    "m": ((("m", 1),), "1"), "km": ((("m", 1),), "1e3"), "cm": ((("m", 1),), "1e-2"),
    "m2": ((("m", 2),), "1"), "km2": ((("m", 2),), "1e6"), "m3": ((("m", 3),), "1"), "L": ((("m", 3),), "1e-3"),
    "kg": ((("kg", 1),), "1"), "g": ((("kg", 1),), "1e-3"), "t": ((("kg", 1),), "1e3"),
    "s": ((("s", 1),), "1"), "min": ((("s", 1),), "60"), "h": ((("s", 1),), "3600"), "day": ((("s", 1),), "86400"),
    "%": ((), "1/100"), "1": ((), "1"),
}  # fmt: skip
_ALIASES: dict[str, tuple[str, str]] = {
    "元": ("CNY", "1"), "万元": ("CNY", "1e4"), "亿元": ("CNY", "1e8"), "人": ("person", "1"),
    "万人": ("person", "1e4"),
    "辆": ("vehicle", "1"), "车": ("vehicle", "1"), "件": ("item", "1"), "项": ("item", "1"), "次": ("time", "1"),
    "㎡": ("m2", "1"), "平方米": ("m2", "1"), "立方米": ("m3", "1"), "千克": ("kg", "1"), "吨": ("t", "1"),
    "升": ("L", "1"),
    "千瓦时": ("kWh", "1"), "度": ("kWh", "1"), "小时": ("h", "1"), "天": ("day", "1"), "hour": ("h", "1"),
}  # fmt: skip
_WORD = re.compile(r"(?P<name>[^\W\d]+(?:CO2)?|[£$€¥])(?:(?:\^|\*\*)?(?P<sign>-?)(?P<exponent>[0-9]+))?")


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit:
    """The unit a text names: names joined by `*` and `/`, whole exponents (`m3/person`). Raises UnitError."""
    if len(text) > MAX_LENGTH:
        raise UnitError("unit_too_long", length=len(text), most=MAX_LENGTH)
    parts = re.split(r"\s*([*/])(?!\*)\s*", text.strip().replace("**", "^"))
    unit, sign = NONE, 1
    for index, part in enumerate(parts):
        if index % 2:
            sign = -1 if part == "/" else 1
            continue
        unit = _times(unit, _power(_named(part, text), sign))
    return unit


def _named(word: str, text: str) -> Unit:
    known = _known(word)
    if known is not None:
        return known
    found = _WORD.fullmatch(word)
    if found is None:
        raise UnitError("bad_unit", unit=text, part=word)
    exponent = int(found["sign"] + found["exponent"]) if found["exponent"] else 1
    if abs(exponent) > MAX_EXPONENT:
        raise UnitError("exponent_too_large", exponent=f"{exponent:g}", most=MAX_EXPONENT)
    return _power(_word(found["name"]), exponent)


@lru_cache(maxsize=4096)
def _word(name: str) -> Unit:
    return _known(name) or _from_pint(name) or _own(name)


def _known(word: str) -> Unit | None:
    name, times = _ALIASES.get(word, (word, "1"))
    if name not in _BASES:
        return None
    dimension, size = _BASES[name]
    return Unit(dimension, Fraction(size) * Fraction(times))


def _own(name: str) -> Unit:
    """A word nobody knows is a base unit of its own; a near miss of a known one is remembered."""
    near = get_close_matches(name.lower(), [known.lower() for known in (*_BASES, *_ALIASES)], n=1, cutoff=0.75)
    meant = next((known for known in (*_BASES, *_ALIASES) if near and known.lower() == near[0]), "")
    return Unit(((name, 1),), strange=((name, meant),) if meant else ())


# What pint calls the bases of this module.
_PINT_BASES = {"meter": "m", "kilogram": "kg", "second": "s"}
_JOULE = {"m": 2, "kg": 1, "s": -2}


def _from_pint(name: str) -> Unit | None:
    """A unit that pint knows; pint is imported only for words outside this module's table, since that takes a while."""
    import pint

    try:
        zero, quantity = (_registry(pint).Quantity(number, name).to_base_units() for number in (0, 1))
    except (pint.errors.PintError, AttributeError, ValueError, TypeError, AssertionError):
        return None
    exponents = {_PINT_BASES.get(str(base), str(base)): power for base, power in quantity.unit_items()}
    # A scale that does not begin at 0 (°C) is no unit to multiply with.
    if zero.magnitude != 0 or any(power != int(power) for power in exponents.values()):
        return None
    whole = {base: int(power) for base, power in exponents.items()}
    if whole == _JOULE:
        whole = {"J": 1}
    return Unit(tuple(sorted(whole.items())), Fraction(str(quantity.magnitude)))


@lru_cache(maxsize=1)
def _registry(pint: Any) -> Any:
    return pint.UnitRegistry()


def _times(a: Unit, b: Unit) -> Unit:
    exponents = dict(a.dimension)
    for base, power in b.dimension:
        exponents[base] = exponents.get(base, 0) + power
    dimension = tuple(sorted((base, power) for base, power in exponents.items() if power))
    strange = tuple(dict.fromkeys(a.strange + b.strange))
    return _within_reach(Unit(dimension, a.scale * b.scale, a.literal and b.literal, strange))


def _power(unit: Unit, exponent: int) -> Unit:
    dimension = tuple((base, power * exponent) for base, power in unit.dimension if exponent)
    # Looked at before it is computed: a fraction raised without bound would take all time and memory there is.
    if unit.scale != 1 and _bits(unit.scale) * abs(exponent) > 2 * _MAX_BITS:
        raise UnitError("unit_out_of_reach")
    return _within_reach(Unit(dimension, unit.scale**exponent, unit.literal, unit.strange))


def _bits(scale: Fraction) -> int:
    return max(scale.numerator.bit_length(), scale.denominator.bit_length())


def _within_reach(unit: Unit) -> Unit:
    if _bits(unit.scale) > _MAX_BITS or any(abs(power) > MAX_POWER for _, power in unit.dimension):
        raise UnitError("unit_out_of_reach")
    return unit


def shown(unit: Unit) -> str:
    """A unit as text, in its base units or, where one word holds its whole size, with that: 万元/person, kWh/m2."""
    if not unit.dimension:
        return _PURE.get(unit.scale) or f"{float(unit.scale):g}"
    powers = dict(unit.dimension)
    fitting = [] if unit.scale == 1 else [
        (powers[base], base, word) for (base, size), word in _sized().items()
        if base in powers and size ** powers[base] == unit.scale
    ]  # fmt: skip
    if fitting:
        # 万元/m2 rather than CNY/cm2: a size belongs to what stands above, and once.
        _, sized, word = min(fitting, key=lambda one: (one[0] < 0, abs(one[0])))
        return shown(Unit(tuple(sorted((word if name == sized else name, power) for name, power in unit.dimension))))
    top = [base if power == 1 else f"{base}{power}" for base, power in unit.dimension if power > 0]
    bottom = [base if power == -1 else f"{base}{-power}" for base, power in unit.dimension if power < 0]
    times = "" if unit.scale == 1 else f"{float(unit.scale):g} "
    return times + "/".join(["*".join(top) or "1", *bottom])


# A share and its reciprocal have signs of their own.
_PURE = {Fraction(1): "1", Fraction(1, 100): "%", Fraction(100): "1/%"}


@lru_cache(maxsize=1)
def _sized() -> dict[tuple[str, Fraction], str]:
    """Of each base the words for sizes of it."""
    words: dict[tuple[str, Fraction], str] = {}
    for word in (*_BASES, *_ALIASES):
        unit = _known(word)
        if unit is not None and len(unit.dimension) == 1 and unit.dimension[0][1] == 1:
            words.setdefault((unit.dimension[0][0], unit.scale), word)
    return words


def conversion(from_: Unit, to: Unit) -> float | None:
    """The constant that turns numbers in one unit into numbers in the other; None where the dimensions differ."""
    return float(from_.scale / to.scale) if from_.dimension == to.dimension else None


def unit_of(tree: Tree, units: Mapping[str, Unit]) -> Unit:
    """The unit of a formula's result. Raises UnitError where it adds, compares or raises what cannot be."""
    return _unit(walk(tree, code=units.__getitem__, functions=_UNITS))


def _unit(value: object) -> Unit:
    return value if isinstance(value, Unit) else LITERAL


def _alike(*values: object) -> Unit:
    """The one unit of things that are added or chosen between; numbers written in the formula take it."""
    units = [_unit(value) for value in values]
    measured = [unit for unit in units if not unit.literal]
    if not measured:
        return LITERAL
    first = measured[0]
    for other in measured[1:]:
        if other.dimension != first.dimension:
            raise UnitError("units_differ", first=shown(first), second=shown(other))
        if other.scale != first.scale:
            raise UnitError(
                "scales_differ", first=shown(first), second=shown(other), times=f"{float(other.scale / first.scale):g}"
            )
    return first


def _plus(a: object, b: object) -> Unit:
    """Sums: a bare number may be added to what has no dimension only."""
    unit = _alike(a, b)
    if not unit.literal and unit.dimension and (_unit(a).literal or _unit(b).literal):
        raise UnitError("number_without_unit", unit=shown(unit))
    return unit


def _raised(a: object, b: object) -> Unit:
    base, exponent = _unit(a), b
    if not base.dimension and base.scale == 1:
        return base if base.literal else NONE
    if not isinstance(exponent, float) or exponent != int(exponent):
        raise UnitError("exponent_not_whole", unit=shown(base))
    if abs(exponent) > MAX_FORMULA_EXPONENT:
        raise UnitError("exponent_too_large", exponent=f"{exponent:g}", most=MAX_FORMULA_EXPONENT)
    return _power(base, int(exponent))


def _root(x: object) -> Unit:
    unit = _unit(x)
    root = Fraction(isqrt(unit.scale.numerator), isqrt(unit.scale.denominator))
    if any(power % 2 for _, power in unit.dimension) or root * root != unit.scale:
        raise UnitError("root_of_unit", unit=shown(unit))
    halved = tuple((base, power // 2) for base, power in unit.dimension)
    return Unit(halved, root, unit.literal)


def _bare(name: str) -> Callable[[object], Unit]:
    def of(x: object) -> Unit:
        unit = _unit(x)
        if unit.dimension:
            raise UnitError("dimension_in_function", name=name, unit=shown(unit))
        return NONE

    return of


def _kept(x: object, *_: object) -> Unit:
    return _unit(x)


def _truth(*values: object) -> Unit:
    return NONE


def _compared(a: object, b: object) -> Unit:
    _alike(a, b)
    return NONE


_UNITS: dict[str, Callable[..., Unit]] = {
    "+": _plus,
    "-": _plus,
    "*": lambda a, b: _times(_unit(a), _unit(b)),
    "/": lambda a, b: _times(_unit(a), _power(_unit(b), -1)),
    "**": _raised,
    "neg": _kept,
    "abs": _kept,
    "sqrt": _root,
    "ln": _bare("ln"),
    "exp": _bare("exp"),
    **dict.fromkeys(("min", "max", "clip", "coalesce"), _alike),
    "where": lambda condition, yes, no: _alike(yes, no),
    **dict.fromkeys(("previous", "at", "peers_mean", "peers_median"), _kept),
    "change": lambda x: NONE,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), _compared),
    **dict.fromkeys(("and", "or", "not", "present"), _truth),
}
