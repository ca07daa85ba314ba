"""Periods as people write them (2024年3月, 202403, FY2024, 第一季度, 2018-21) → periods as facts name them."""

import re
from typing import Literal

from metrics.periods import LONGEST_SPAN

# How what could be two things is meant: dates, 2011-12 is December 2011; years, it is the fiscal year 2011/12; and a
# plain 2024 (FY2024) is the fiscal year that begins or ends in 2024.
Way = Literal["dates", "years", "years_beginning", "years_ending"]
WAYS: tuple[Way, ...] = ("dates", "years", "years_beginning", "years_ending")
_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
           "十一": 11, "十二": 12}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DASHES = re.compile("[‐‑‒–—−~～至]|--+")
_N = r"([0-9]{1,2}|[一二三四五六七八九十]{1,2})"
_Y = r"([12][0-9]{3})"
_YEAR = re.compile(rf"(?:fy|财年|fiscalyear)?{_Y}(?:年度|财年|年|\.0)?")
# 2024.1 may be a number that was 2024.10.
_MONTH = re.compile(rf"(?!.*\.1$){_Y}(?:年|[-./]){_N}(?:月份|月)?|{_Y}([0-9]{{2}})")
_DAY = re.compile(
    rf"{_Y}(?:年|[-./])([0-9]{{1,2}})(?:月|[-./])([0-9]{{1,2}})日?(?:t?00:00:00)?|{_Y}([0-9]{{2}})([0-9]{{2}})"
)
_QUARTER = re.compile(rf"{_Y}年?[-./]?(?:q|第)?{_N}(?:季度|季)|{_Y}年?[-./]?q([1-4])|q([1-4])[-./]?{_Y}")
_HALF = re.compile(rf"{_Y}年?[-./]?(?:h([12])|(上|下)半年)")
_PAIR = re.compile(rf"(?:fy)?{_Y}年?[-/]([0-9]{{2}}|[0-9]{{4}})(?:年度|年)?")
_ENGLISH = re.compile(rf"([a-z]{{3}})[a-z]*[-./]?{_Y}|{_Y}[-./]?([a-z]{{3}})[a-z]*")


def _number(text: str) -> int:
    return _DIGITS[text] if text in _DIGITS else int(text) if text.isdigit() else 0


def period_of(text: str, way: Way = "dates") -> str | None:
    """The period that a text names, as the contract writes it (§1); None where it names none."""
    plain = re.sub(r"\s+", "", text.translate(_FULL_WIDTH)).lower().strip("()（）,，:：")
    plain = _DASHES.sub("-", plain)
    for step in (_pair, _year) if way != "dates" else (_year,):
        if (found := step(plain, way)) is not None:
            return found
    return _dated(plain) or _pair(plain, way)


def _year(text: str, way: Way) -> str | None:
    found = _YEAR.fullmatch(text)
    if found is None:
        return None
    year = int(found[1])
    if way in ("dates", "years"):
        return f"{year}"
    first = year if way == "years_beginning" else year - 1
    return f"{first}/{(first + 1) % 100:02}"


def _pair(text: str, way: Way) -> str | None:
    """A fiscal year or a span: 2011-12, 2018-2021, 2023/24."""
    found = _PAIR.fullmatch(text)
    if found is None:
        return None
    years = (int(found[2]) - int(found[1])) % 100 if len(found[2]) == 2 else int(found[2]) - int(found[1])
    return f"{found[1]}/{int(found[2]) % 100:02}" if 0 < years <= LONGEST_SPAN else None


def _dated(text: str) -> str | None:
    """A half year, quarter, month or day."""
    if found := _HALF.fullmatch(text):
        return f"{found[1]}-H{found[2] or (1 if found[3] == '上' else 2)}"
    if found := _QUARTER.fullmatch(text):
        year, quarter = found[1] or found[3] or found[6], _number(found[2] or found[4] or found[5])
        return f"{year}-Q{quarter}" if 0 < quarter <= 4 else None
    if found := _MONTH.fullmatch(text):
        year, month = found[1] or found[3], _number(found[2] or found[4])
        return f"{year}-{month:02}" if 0 < month <= 12 else None
    if found := _DAY.fullmatch(text):
        year, month, day = (int(found[at] or found[at + 3]) for at in (1, 2, 3))
        return f"{year}-{month:02}-{day:02}" if 0 < month <= 12 and 0 < day <= 31 else None
    if (found := _ENGLISH.fullmatch(text)) and (name := found[1] or found[4]) in _MONTHS:
        return f"{found[2] or found[3]}-{_MONTHS.index(name) + 1:02}"
    return None


def way_of(texts: list[str], *, fiscal: bool) -> tuple[Way | None, bool]:
    """The way in which all these texts are periods, and whether that is sure; None where there is none.

    `fiscal`: the definitions' year does not begin in January. A column in which some texts can only be years
    (2012-13, 2018-21) is of years as a whole.
    """
    plain = [_DASHES.sub("-", re.sub(r"\s+", "", text.translate(_FULL_WIDTH)).lower()) for text in texts]
    if not plain or any(period_of(text, "years") is None and period_of(text) is None for text in plain):
        return None, False
    pairs = [text for text in plain if _PAIR.fullmatch(text) and _pair(text, "years") is not None]
    if pairs:
        only_years = any(_dated(text) is None for text in pairs)
        return ("years", True) if only_years or fiscal else ("dates", all("-" not in text for text in pairs))
    if fiscal and any(_YEAR.fullmatch(text) for text in plain):
        return "years_ending", False
    return "dates", True
