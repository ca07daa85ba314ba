"""Numbers as people read them: three significant digits, 万 and 亿, a sign, a unit and a polarity."""

import math
import re
from typing import Any

from metrics.terms import unit_words
from pages.parts.i18n import language, t

NONE = "—"


def unit(name: str) -> str:
    """A unit in the session's language; empty for a plain number."""
    return unit_words(name, language())


def number(value: float | None) -> str:
    """Three significant digits, in 万 and 亿 or with thousands separators; — where there is none."""
    if value is None:
        return NONE
    divisor, name = _myriads(abs(value)) if language() == "zh" else (1.0, "")
    return _three(value / divisor) + name


def axis_number(value: float) -> str:
    """A round number as short as it can be, in 万 and 亿 or with thousands separators."""
    divisor, name = _myriads(abs(value)) if language() == "zh" else (1.0, "")
    return _minus(f"{value / divisor:,.10g}{name}")


def _myriads(size: float) -> tuple[float, str]:
    return (1e8, " 亿") if size >= 1e8 else (1e4, " 万") if size >= 1e4 else (1.0, "")


def full(value: float | None, name: str = "") -> str:
    """A number as exact as it is useful, with its unit: for what appears under the pointer."""
    return NONE if value is None else _minus(f"{value:,.10g} {unit(name)}").strip()


def _three(value: float, figures: int = 3) -> str:
    if value == 0.0:
        return "0"
    places = figures - 1 - math.floor(math.log10(abs(value)))
    return _minus(f"{round(value, places):,.{max(places, 0)}f}")


def _minus(text: str) -> str:
    return text.replace("-", "−")


def quantity(value: float | None, name: str) -> str:
    """A number with its unit."""
    if value is None:
        return NONE
    words = unit(name)
    if words.startswith("10k "):
        # 1.13 bn CNY, not 113,000 10k CNY.
        return f"{_short(value * 1e4)} {words.removeprefix('10k ')}"
    if words.startswith("万") and abs(value) >= 1e4:
        # 11.3 亿元, not 11.3 万万元.
        value, words = value / 1e4, words[1:]
        return f"{_three(value)} 亿{words}" if value < 1e4 else f"{_three(value / 1e4)} 万亿{words}"
    # 万元 after 万: 22.0 万元, not 22.0 万 元.
    gap = "" if not words or (number(value)[-1] in "万亿" and words[0] > "\u2e80") else " "
    return f"{number(value)}{gap}{words}"


def told_apart(one: float | None, other: float | None, name: str) -> tuple[str, str]:
    """Two numbers with their unit, with as many digits as tell them apart: 42.99 and 42.95, not 43.0 twice."""
    texts = quantity(one, name), quantity(other, name)
    if one is None or other is None or one == other or texts[0] != texts[1]:
        return texts
    figures = next((n for n in range(4, 16) if _three(one, n) != _three(other, n)), 15)
    first, second = (f"{_three(value, figures)} {unit(name)}".strip() for value in (one, other))
    return first, second


def _short(value: float) -> str:
    """A large number in English, in millions and billions."""
    size = abs(value)
    divisor, name = (1e9, " bn") if size >= 1e9 else (1e6, " m") if size >= 1e6 else (1.0, "")
    return _three(value / divisor) + name


def points(value: float | None) -> str:
    """A score with one decimal."""
    return NONE if value is None else _minus(f"{value:.1f}")


def signed(value: float | None, decimals: int = 1) -> str:
    """A change with its sign."""
    return NONE if value is None else _minus(f"{value:+.{decimals}f}")


def moved(change: float | None) -> str:
    """A change with its sign; in words where it rounds to nothing."""
    text = signed(change)
    return t("持平") if change is not None and not re.search("[1-9]", text) else text


def share(value: float | None, decimals: int = 1) -> str:
    """A share in per cent, with a decimal only where it is not whole: 98.5 %, 100 %."""
    if value is None:
        return NONE
    text = f"{value * 100:.{decimals}f}".removesuffix(".0")
    return f"{_minus(text) if re.search('[1-9]', text) else '0'} %"


def nearly(part: float) -> str:
    """A share below 100 % that does not round to it."""
    return share(part) if part < 0.995 else f"{part * 100:.2f} %" if part < 0.9999 else "> 99.99 %"


def rank(place: int | None, count: int) -> str:
    """A rank among so many."""
    return NONE if place is None else f"{place} / {count}"


def outward(low: float, high: float) -> tuple[int, int]:
    """The whole places that hold an interval of ranks."""
    return math.floor(low + 1e-9), math.ceil(high - 1e-9)


def between(row: dict[str, Any]) -> str:
    """The interval of a rank in whole places, rounded outwards: (2–5), or (3) where both ends are the same.

    Empty where there is none.
    """
    if row.get("rank_p05") is None:
        return ""
    low, high = outward(row["rank_p05"], row["rank_p95"])
    return f"({low})" if low == high else f"({low}–{high})"


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
    elif rate is None or name == "1":
        # A plain number may lie around zero, where a rate says nothing.
        text = f"{signed(change, 2)} {unit(name)}".strip()
    else:
        text = f"{signed(rate * 100)} %"
    if not re.search("[1-9]", text):
        return t("持平"), ""
    found = polarity(change, better)
    return f"{text} {polarity_words(found)}".strip(), found


def gap_words(gap: float | None, better: Any) -> tuple[str, str]:
    """A share by which a value lies above (or below) another, in words, and whether that is better."""
    if gap is None:
        return "", ""
    text = f"{signed(gap * 100, 0)} %"
    if not re.search("[1-9]", text):
        return t("持平"), ""
    found = polarity(gap, better)
    words = {"better": t("较好"), "worse": t("较差")}.get(found, "")
    return f"{text} {words}".strip(), found


def cycle_words(cycle: str) -> str:
    """A cycle as it stands in a sentence: 2024 年, 2022/23 年度; in English as it is."""
    if language() != "zh":
        return cycle
    if re.fullmatch(r"\d{4}", cycle):
        return f"{cycle} 年"
    return f"{cycle} 年度" if re.fullmatch(r"\d{4}/\d{2}", cycle) else f"{cycle} "


def period_words(period: str, cycle: str) -> str:
    """A period inside a cycle, short enough for a column's head."""
    inner = period.removeprefix(f"{cycle}-")
    if re.fullmatch(r"\d{2}", inner):
        return t("{month}月", month=int(inner))
    return {"H1": t("上半年"), "H2": t("下半年"), cycle: t("全周期")}.get(inner, inner)


def better_words(better: Any) -> str:
    """Which way is better, in words."""
    return {"higher": t("越高越好"), "lower": t("越低越好")}.get(str(better), t("区间内最好"))
