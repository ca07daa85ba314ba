"""Paper: which page a sheet's columns are printed on, and how many lines a text takes in one of them."""

import unicodedata
from collections.abc import Sequence
from math import ceil
from typing import Any

# What goes side by side onto a page, in half-width characters, so that letters of 11 points are printed in 7 or more,
# also where a program has to take a wider font: A4 upright, A4 and A3 across.
UPRIGHT, ACROSS, LARGE = 122, 177, 254
_A4, _A3 = 9, 8
EDGE = 0.7
# Margins in inches.
_SIDE, _TOP, _BOTTOM, _HEAD = 0.3, 0.8, 0.7, 0.35


def framed(sheet: Any, notice: str) -> None:
    """A sheet's margins; the notice at the head, and with the sheet's name and page at the foot."""
    told = notice.replace("&", "&&")
    sheet.set_margins(_SIDE, _SIDE, _TOP, _BOTTOM)
    sheet.set_header(f"&L{told}" if told else "", {"margin": _HEAD})
    sheet.set_footer(f"&L{told}&C&A&R&P / &N", {"margin": _HEAD})


def printed(sheet: Any, widths: Sequence[float], *, repeated: int = 0) -> None:
    """The smallest paper that holds the columns so that they can be read; of more than any holds as many pages side by
    side as it takes, each with the first `repeated` columns."""
    # A column is wider by its edges than what it is said to hold.
    whole, before = (sum(widths) + EDGE * len(widths) for widths in (widths, widths[:repeated]))
    sheet.set_portrait() if whole <= UPRIGHT else sheet.set_landscape()
    sheet.set_paper(_A4 if whole <= ACROSS else _A3)
    if whole > LARGE and before * 2 <= LARGE and repeated:
        sheet.repeat_columns(0, repeated - 1)
        whole, before = whole - before, before
    else:
        before = 0
    sheet.fit_to_pages(max(1, ceil(whole / (LARGE - before))), 0)


def seen(value: Any) -> str:
    """A cell about as it is shown."""
    return f"{value:,.2f}" if isinstance(value, float) else str(value if value is not None else "")


def lines(text: str, width: float) -> int:
    """How many lines a text takes in a column so wide."""
    # A Latin word is not broken, so that a line is seldom full.
    widths = (width_of(line) for line in text.split("\n"))
    return sum(1 if wide <= width else ceil(wide / (width * 0.92)) for wide in widths)


def width_of(text: str) -> int:
    """A text's width in half-width characters: Chinese counts double."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
