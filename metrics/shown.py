"""Numbers as people read them: three significant digits, 万 and 亿, a sign, a unit and a polarity."""

import math
import re
from collections.abc import Mapping
from typing import Any

from metrics.terms import unit_words

NONE = "—"


def pick(lang: str, zh: str, en: str) -> str:
    """The words in a language."""
    return zh if lang == "zh" else en


def number(value: float | None, lang: str) -> str:
    """Three significant digits, in 万 and 亿 or with thousands separators; — where there is none."""
    if value is None:
        return NONE
    divisor, name = myriads(abs(value)) if lang == "zh" else (1.0, "")
    return figures_of(value / divisor) + name


def myriads(size: float) -> tuple[float, str]:
    """What a size is divided by to be read in 万 or 亿."""
    return (1e8, " 亿") if size >= 1e8 else (1e4, " 万") if size >= 1e4 else (1.0, "")


def figures_of(value: float, figures: int = 3) -> str:
    """A number with so many significant digits."""
    if value == 0.0:
        return "0"
    places = figures - 1 - math.floor(math.log10(abs(value)))
    return minus(f"{round(value, places):,.{max(places, 0)}f}")


def whole(value: float) -> str:
    """A number as exact as it is useful: ten digits, with thousands separators; without a power of ten as long as its
    digits can be counted."""
    return minus(f"{value:,.0f}" if 9_999_999_999.5 <= abs(value) < 1e15 else f"{value:,.10g}")


def minus(text: str) -> str:
    """A number's text with the sign that is as wide as a plus."""
    return text.replace("-", "−")


def quantity(value: float | None, unit: str, lang: str) -> str:
    """A number with its unit."""
    if value is None:
        return NONE
    words = unit_words(unit, lang)
    if words.startswith("10k "):
        # 1.13 bn CNY, not 113,000 10k CNY.
        return f"{_short(value * 1e4)} {words.removeprefix('10k ')}"
    if words.startswith("万") and abs(value) >= 1e4:
        # 11.3 亿元, not 11.3 万万元.
        value, words = value / 1e4, words[1:]
        return f"{figures_of(value)} 亿{words}" if value < 1e4 else f"{figures_of(value / 1e4)} 万亿{words}"
    # 万元 after 万: 22.0 万元, not 22.0 万 元.
    told = number(value, lang)
    gap = "" if not words or (told[-1] in "万亿" and words[0] > "\u2e80") else " "
    return f"{told}{gap}{words}"


def _short(value: float) -> str:
    """A large number in English, in millions and billions."""
    size = abs(value)
    divisor, name = (1e9, " bn") if size >= 1e9 else (1e6, " m") if size >= 1e6 else (1.0, "")
    return figures_of(value / divisor) + name


def points(value: float | None) -> str:
    """A score with one decimal; what rounds to nothing has no sign."""
    return NONE if value is None else minus(f"{value:z.1f}")


def signed(value: float | None, decimals: int = 1) -> str:
    """A change with its sign."""
    return NONE if value is None else minus(f"{value:+.{decimals}f}")


def added(value: float) -> str:
    """Points that somebody set, as exact as they are, with their sign: +2, −1.5."""
    return minus(f"{value:+g}")


# A score that differs by less is the same, worked out in another order.
NOTHING = 1e-9


def told_change(points: float) -> str:
    """A change of a score with as many decimals as show it: two, or four, or nine."""
    return next((text for text in (signed(points, 2), signed(points, 4)) if not unchanged(text)), signed(points, 9))


def change(value: float | None, lang: str) -> str:
    """A change as it stands in a table: as in a sentence, and empty where there is none."""
    return "" if value is None else moved(value, lang)


def unchanged(text: str) -> bool:
    """Whether a change rounds to nothing."""
    return not re.search("[1-9]", text)


def moved(change: float | None, lang: str) -> str:
    """A change with its sign; in words where it rounds to nothing."""
    text = signed(change)
    return pick(lang, "持平", "unchanged") if change is not None and unchanged(text) else text


def share(value: float | None, decimals: int = 1) -> str:
    """A share in per cent, with a decimal only where it is not whole: 98.5 %, 100 %."""
    if value is None:
        return NONE
    text = f"{value * 100:.{decimals}f}".removesuffix(".0")
    return f"{'0' if unchanged(text) else minus(text)} %"


def coverage(value: float | None) -> str:
    """A share of what should be there: 100 % is said of nothing that lacks anything."""
    return share(value if value is None or value >= 1.0 - 1e-9 else min(value, 0.999))


def rank(place: int | None, count: int) -> str:
    """A rank among so many."""
    return NONE if place is None else f"{place} / {count}"


def outward(low: float, high: float) -> tuple[int, int]:
    """The whole places that hold an interval of ranks."""
    return math.floor(low + 1e-9), math.ceil(high - 1e-9)


def between(row: Mapping[str, Any]) -> str:
    """The interval of a rank in whole places, rounded outwards: (2–5), or (3–3); empty where there is none."""
    if row.get("rank_p05") is None:
        return ""
    low, high = outward(row["rank_p05"], row["rank_p95"])
    return f"({low}–{high})"


def polarity(change: float | None, better: Any) -> str:
    """`better`, `worse`, or empty where a change is neither."""
    if not change or better not in ("higher", "lower"):
        return ""
    return "better" if (change > 0) == (better == "higher") else "worse"


def polarity_words(found: str, lang: str) -> str:
    """A polarity in words."""
    return {"better": pick(lang, "改善", "better"), "worse": pick(lang, "变差", "worse")}.get(found, "")


def movement(row: Mapping[str, Any], unit: str, better: Any, lang: str) -> tuple[str, str]:
    """A value's change on the previous cycle in words, and its polarity: points for %, else a rate."""
    change, rate = row["value_change"], row["value_change_rate"]
    if change is None:
        return "", ""
    if unit == "%":
        text = pick(lang, f"{signed(change)} 个百分点", f"{signed(change)} points")
    elif rate is None or unit == "1":
        # A plain number may lie around zero, where a rate says nothing.
        text = f"{signed(change, 2)} {unit_words(unit, lang)}".strip()
    else:
        text = f"{signed(rate * 100)} %"
    if unchanged(text):
        return pick(lang, "持平", "unchanged"), ""
    found = polarity(change, better)
    return f"{text} {polarity_words(found, lang)}".strip(), found


def cycle_words(cycle: str, lang: str) -> str:
    """A cycle as it stands in a sentence: 2024 年, 2022/23 年度; in English as it is."""
    if lang != "zh":
        return cycle
    if re.fullmatch(r"\d{4}", cycle):
        return f"{cycle} 年"
    return f"{cycle} 年度" if re.fullmatch(r"\d{4}/\d{2}", cycle) else f"{cycle} "
