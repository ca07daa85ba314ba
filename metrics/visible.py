"""Text as a terminal may show it: what it would obey instead is seen."""

import unicodedata


def visible(text: str) -> str:
    """The text on one line: ␛ for an escape, ␊ for a line's end, \\u202e for what else has no sign of its own."""
    return text if text.isprintable() else "".join(map(_sign, text))


def visible_lines(text: str) -> str:
    """The text with its lines, each visible."""
    return "\n".join(map(visible, text.split("\n")))


def _sign(character: str) -> str:
    # Blanks of other widths, as Chinese names have them, are not called printable.
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    if character < " " or character == "\x7f":
        return "␡" if character == "\x7f" else chr(0x2400 + ord(character))
    return f"\\u{ord(character):04x}"
