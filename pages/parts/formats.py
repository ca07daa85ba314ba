"""Numbers as people read them: three significant digits, 万 and 亿, a sign, a unit and a polarity."""

import math
import re
from typing import Any

from pages.parts.i18n import language, t

NONE = "—"
_UNITS: dict[str, tuple[str, str]] = {
    "CNY": ("元", "CNY"),
    "元": ("元", "CNY"),
    "万元": ("万元", "10k CNY"),
    "亿元": ("亿元", "100m CNY"),
    "person": ("人", "person"),
    "人": ("人", "person"),
    "万人": ("万人", "10k people"),
    "vehicle": ("辆", "vehicle"),
    "item": ("件", "item"),
    "time": ("次", "times"),
    "h": ("小时", "h"),
    "m2": ("m²", "m²"),
    "m3": ("m³", "m³"),
    "kgCO2": ("kgCO₂", "kgCO₂"),
    "tCO2": ("tCO₂", "tCO₂"),
    "1": ("", ""),
}


def unit(name: str) -> str:
    """A unit in the session's language; empty for a plain number."""
    at = 0 if language() == "zh" else 1
    return re.sub(r"[^*/]+", lambda found: _UNITS.get(found[0], (found[0],) * 2)[at], name)


def number(value: float | None) -> str:
    """Three significant digits, in 万 and 亿 or with thousands separators; — where there is none."""
    if value is None:
        return NONE
    size = abs(value)
    if language() == "zh":
        for divisor, name in ((1e8, "亿"), (1e4, "万")):
            if size >= divisor:
                return f"{_three(value / divisor)} {name}"
    return _three(value)


def _three(value: float) -> str:
    if value == 0.0:
        return "0"
    places = 2 - math.floor(math.log10(abs(value)))
    return _minus(f"{round(value, places):,.{max(places, 0)}f}")


def _minus(text: str) -> str:
    return text.replace("-", "−")


def quantity(value: float | None, name: str) -> str:
    """A number with its unit."""
    if value is None:
        return NONE
    words = unit(name)
    # 万元 after 万: 22.0 万元, not 22.0 万 元.
    gap = "" if not words or number(value)[-1] in "万亿" else " "
    return f"{number(value)}{gap}{words}"


def points(value: float | None) -> str:
    """A score with one decimal."""
    return NONE if value is None else _minus(f"{value:.1f}")


def signed(value: float | None, decimals: int = 1) -> str:
    """A change with its sign."""
    return NONE if value is None else _minus(f"{value:+.{decimals}f}")


def share(value: float | None) -> str:
    """A share in per cent."""
    return NONE if value is None else f"{value * 100:.0f} %"


def rank(place: int | None, count: int) -> str:
    """A rank among so many."""
    return NONE if place is None else f"{place} / {count}"


def arrow(change: float | None) -> str:
    """A mark for the direction of a change."""
    return "" if not change else "▲" if change > 0 else "▼"


def polarity(change: float | None, better: Any) -> str:
    """`better`, `worse`, or empty where a change is neither."""
    if not change or better not in ("higher", "lower"):
        return ""
    return "better" if (change > 0) == (better == "higher") else "worse"


def polarity_words(found: str) -> str:
    """A polarity in words."""
    return {"better": t("改善"), "worse": t("变差")}.get(found, "")


def movement(row: dict[str, Any], name: str, better: Any) -> tuple[str, str]:
    """A value's change on the previous cycle in words, and its polarity: points for %, else a rate."""
    change, rate = row["value_change"], row["value_change_rate"]
    if change is None:
        return "", ""
    if name == "%":
        text = t("{change} 个百分点", change=signed(change))
    elif rate is None:
        text = f"{signed(change)} {unit(name)}"
    else:
        text = f"{signed(rate * 100)} %"
    found = polarity(change, better)
    return f"{text} {polarity_words(found)}".strip(), found
