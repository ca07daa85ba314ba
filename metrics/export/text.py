"""Text of data as formats for readers take it: on one line, with a sign for what cannot be shown, safe in HTML."""

import re
from html import escape

# What no text format may hold, or what HTML and Markdown replace themselves: controls, halves of characters, no signs.
_UNSHOWN = "\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
# Signs of direction show nothing themselves and turn round what stands behind them, numbers too.
_TURNING = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_NO_TEXT = re.compile(f"[{_UNSHOWN}{_TURNING}]")


def readable(text: str) -> str:
    """The text with � for each character that has no sign and no meaning in a text, and without byte order marks."""
    return _NO_TEXT.sub("�", text.replace("\ufeff", ""))


def one_line(text: str) -> str:
    """The same on one line."""
    return readable(" ".join(text.split()))


def escaped(text: str) -> str:
    """The text so that HTML and SVG show it as it is, between tags and in attributes, whatever marks it holds."""
    return escape(one_line(text))
