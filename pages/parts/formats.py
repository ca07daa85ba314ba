"""Numbers as people read them, in the session's language: `metrics.shown`, and what only a screen shows."""

import re
from typing import Any

from metrics import shown
from metrics.shown import NONE, between, outward, points, polarity, rank, share, signed
from metrics.terms import unit_words
from pages.parts.i18n import language, t

__all__ = [
    "NONE", "arrow", "axis_number", "better_words", "between", "cycle_words", "full", "gap_words", "moved", "movement",
    "nearly", "number", "outward", "period_words", "points", "polarity", "polarity_words", "quantity", "rank", "share",
    "signed", "told_apart", "unit",
]  # fmt: skip


def unit(name: str) -> str:
    """A unit in the session's language; empty for a plain number."""
    return unit_words(name, language())


def number(value: float | None) -> str:
    """Three significant digits, in 万 and 亿 or with thousands separators; — where there is none."""
    return shown.number(value, language())


def axis_number(value: float) -> str:
    """A round number as short as it can be, in 万 and 亿 or with thousands separators."""
    divisor, name = shown.myriads(abs(value)) if language() == "zh" else (1.0, "")
    return shown.whole(value / divisor) + name


def full(value: float | None, name: str = "") -> str:
    """A number as exact as it is useful, with its unit: for what appears under the pointer."""
    return NONE if value is None else f"{shown.whole(value)} {unit(name)}".strip()


def quantity(value: float | None, name: str) -> str:
    """A number with its unit."""
    return shown.quantity(value, name, language())


def told_apart(one: float | None, other: float | None, name: str) -> tuple[str, str]:
    """Two numbers with their unit, with as many digits as tell them apart: 42.99 and 42.95, not 43.0 twice."""
    texts = quantity(one, name), quantity(other, name)
    if one is None or other is None or one == other or texts[0] != texts[1]:
        return texts
    figures = next((n for n in range(4, 16) if shown.figures_of(one, n) != shown.figures_of(other, n)), 15)
    first, second = (f"{shown.figures_of(value, figures)} {unit(name)}".strip() for value in (one, other))
    return first, second


def moved(change: float | None) -> str:
    """A change with its sign; in words where it rounds to nothing."""
    return shown.moved(change, language())


def nearly(part: float) -> str:
    """A share below 100 % that does not round to it."""
    return share(part) if part < 0.995 else f"{part * 100:.2f} %" if part < 0.9999 else "> 99.99 %"


def arrow(change: float | None) -> str:
    """A mark for the direction of a change."""
    return "" if not change else "▲" if change > 0 else "▼"


def polarity_words(found: str) -> str:
    """A polarity in words."""
    return shown.polarity_words(found, language())


def movement(row: dict[str, Any], name: str, better: Any) -> tuple[str, str]:
    """A value's change on the previous cycle in words, and its polarity: points for %, else a rate."""
    return shown.movement(row, name, better, language())


def gap_words(gap: float | None, better: Any) -> tuple[str, str]:
    """A share by which a value lies above (or below) another, in words, and whether that is better."""
    if gap is None:
        return "", ""
    text = f"{signed(gap * 100, 0)} %"
    if shown.unchanged(text):
        return t("持平"), ""
    found = polarity(gap, better)
    words = {"better": t("较好"), "worse": t("较差")}.get(found, "")
    return f"{text} {words}".strip(), found


def cycle_words(cycle: str) -> str:
    """A cycle as it stands in a sentence: 2024 年, 2022/23 年度; in English as it is."""
    return shown.cycle_words(cycle, language())


def period_words(period: str, cycle: str) -> str:
    """A period inside a cycle, short enough for a column's head."""
    inner = period.removeprefix(f"{cycle}-")
    if re.fullmatch(r"\d{2}", inner):
        return t("{month}月", month=int(inner))
    quarters = {"Q1": t("一季度"), "Q2": t("二季度"), "Q3": t("三季度"), "Q4": t("四季度")}
    return {**quarters, "H1": t("上半年"), "H2": t("下半年"), cycle: t("全周期")}.get(inner, inner)


def better_words(better: Any) -> str:
    """Which way is better, in words."""
    return {"higher": t("越高越好"), "lower": t("越低越好")}.get(str(better), t("区间内最好"))
