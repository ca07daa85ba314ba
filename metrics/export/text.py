"""Text of data as formats for readers take it: on one line, with a sign for what cannot be shown, safe in HTML."""

import re
from html import escape

# What no text format may hold, or what HTML and Markdown replace themselves: controls, halves of characters, no signs.
_UNSHOWN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def one_line(text: str) -> str:
    """The text on one line; � for each character that has no sign and no meaning in a text."""
    return _UNSHOWN.sub("�", " ".join(text.split()))


def escaped(text: str) -> str:
    """The text so that HTML and SVG show it as it is, between tags and in attributes, whatever marks it holds."""
    return escape(one_line(text))
