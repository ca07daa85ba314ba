"""Units as tables print them (万千瓦时, 100 million yuan, sqft), and by which number one becomes a variable's own."""

import re
from fractions import Fraction
from functools import lru_cache

from metrics.units import Unit, UnitError, parse_unit

_SCALES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_ENGLISH = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "thousands": 1_000}
# Printed → as metrics/units.py knows it; compared in lower case and without blanks.
_WORDS = {
    "yuan": "CNY", "rmb": "CNY", "人民币": "CNY", "人民币元": "CNY", "元人民币": "CNY", "¥": "CNY", "￥": "CNY",
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "£": "GBP", "gbp": "GBP", "€": "EUR",
    "persons": "person", "people": "person", "capita": "person", "人次": "次", "名": "人", "个": "1",
    "份": "1", "count": "1", "户": "户",
    "kwh": "kWh", "mwh": "MWh", "gwh": "GWh", "gj": "GJ", "mj": "MJ", "tj": "TJ", "kbtu": "kBtu", "mmbtu": "MMBtu",
    "兆瓦时": "MWh", "吉焦": "GJ", "百万千焦": "GJ", "公斤": "kg", "公里": "km", "公升": "L", "台": "辆",
    "吨标准煤": "tce", "吨标煤": "tce", "标准煤": "tce", "千克标准煤": "kgce", "公斤标准煤": "kgce",
    "吨二氧化碳": "tCO2", "千克二氧化碳": "kgCO2", "tco2": "tCO2", "kgco2": "kgCO2", "tco2e": "tCO2",
    "sqft": "ft2", "gsf": "ft2", "squarefeet": "ft2", "squarefoot": "ft2",
    "cuft": "ft3", "cubicfeet": "ft3", "ccf": "ccf",
    "sqm": "m2", "squaremetres": "m2", "squaremeters": "m2", "m²": "m2", "m^2": "m2", "平方公里": "km2", "平米": "m2",
    "cubicmetres": "m3", "cubicmeters": "m3", "m³": "m3", "立方": "m3", "方": "m3",
    "tonnes": "t", "tons": "t", "tonne": "t",
    "percent": "%", "percentage": "%", "百分比": "%", "百分数": "%", "share": "1", "ratio": "1", "比重": "1",
    "‰": "permille",
    "hours": "h", "hrs": "h", "days": "day", "工作日": "day", "日": "day", "vehicles": "vehicle", "items": "item",
}  # fmt: skip
_OWN = ["m", "person", "vehicle", "item", "time", "CNY", "J", "kgce", "kgCO2", "kg", "s", "USD", "GBP", "EUR"]
_EXTRA = {"permille": Unit((), Fraction(1, 1000))}
_LEADING = re.compile(r"^([0-9][0-9 ,]*(?:\.[0-9]+)?)\s*(?=\D)")


@lru_cache(maxsize=4096)
def unit_of(text: str) -> Unit | None:
    """The unit that a printed text names; None where it is no unit that anybody knows."""
    parts = re.split(r"\s*[/／每]\s*", text.strip().strip("()（）[]【】").strip())
    found = [_scaled(part) for part in parts]
    if not parts[0] or any(one is None for one in found):
        return None
    above, *below = [one for one in found if one is not None]
    scale, dimension = above.scale, dict(above.dimension)
    for one in below:
        scale /= one.scale
        for base, power in one.dimension:
            dimension[base] = dimension.get(base, 0) - power
    return Unit(tuple(sorted((base, power) for base, power in dimension.items() if power)), scale)


def _scaled(part: str) -> Unit | None:
    """A unit with what multiplies it in front: 万千瓦时, 10 000 persons, 100 million yuan."""
    times, rest = Fraction(1), part.strip()
    number = _LEADING.match(rest)
    if number is not None:
        times, rest = Fraction(number[1].replace(" ", "").replace(",", "")), rest[number.end() :]
    for word in rest.lower().split():
        if word not in _ENGLISH:
            break
        times, rest = times * _ENGLISH[word], rest.lstrip()[len(word) :].strip()
    whole = _plain(rest)
    while whole is None and rest[:1] in _SCALES:
        times, rest = times * _SCALES[rest[0]], rest[1:]
        whole = _plain(rest)
    return None if whole is None else Unit(whole.dimension, whole.scale * times)


def _plain(text: str) -> Unit | None:
    key = re.sub(r"\s+", "", text).lower()
    word = _WORDS.get(key, _WORDS.get(key.removesuffix("s"), text.strip()))
    if word in _EXTRA:
        return _EXTRA[word]
    try:
        unit = parse_unit(word)
    except UnitError:
        return None
    # A word that nobody knows is a base unit of its own, which tells nothing about a column.
    return None if unit.dimension == ((word, 1),) and not _is_known(word) else unit


def _is_known(word: str) -> bool:
    return word in _OWN


def factor(found: str, declared: str) -> float | None:
    """By what a number in `found` is multiplied to be in `declared`; None where they measure different things."""
    if found.strip() == declared.strip():
        return 1.0
    try:
        # Declared in a word that tables print, such as count, it is what it is in a table.
        own = unit_of(declared) or parse_unit(declared)
    except UnitError:
        return None
    unit = unit_of(found)
    if unit is None or unit.dimension != own.dimension:
        return None
    return float(unit.scale / own.scale)
