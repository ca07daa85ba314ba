"""The typesetter: a template and its data as a PDF, tagged for screen readers (PDF/UA), with the CJK font inside."""

import json
import re
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from metrics.export.text import readable
from metrics.problems import InputError, Problem

FONTS = "manimgx_fonts_cjk"


# Stands for what no font at hand has a sign for: emoji, rare scripts.
UNKNOWN = "�"
_KEPT = 10
_NO_SIGN = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")


def require() -> None:
    """Raises InputError where typst or its font is not installed."""
    missing = [name for name in ("typst", FONTS) if find_spec(name) is None]
    if missing:
        raise InputError([Problem("no_typesetting", facts={"packages": ", ".join(missing)})])


def pdf(template: Path, data: dict[str, Any]) -> bytes:
    """The PDF that a template makes of plain data, the same bytes for the same data.

    Characters that the fonts have no sign for, and those that are no text, come as �, and the template is told so:
    `replaced` is true. InputError where typst or its font is not installed, or the text cannot be set.
    """
    require()
    import typst

    def compiled(told: Any) -> bytes:
        try:
            return typst.compile(
                str(template),
                font_paths=_fonts(),
                sys_inputs={"data": json.dumps({**told, "replaced": told != data}, ensure_ascii=False)},
                pdf_standards=["ua-1"],
            )
        except typst.TypstError as error:
            fewer = _without(told, {_unescaped(text) for text in _NO_SIGN.findall(error.diagnostic)})
            if fewer == told:
                raise InputError([Problem("not_typeset", facts={"reason": " ".join(str(error).split())})]) from error
            return compiled(fewer)

    try:
        return compiled(_mapped(data, readable))
    finally:
        # Typst keeps what it laid out until ten more documents are set, some 30 MB each; empty ones make it forget.
        for _ in range(_KEPT):
            typst.compile(b"", font_paths=_fonts())


@cache
def _fonts() -> Any:
    """Typst's own fonts and the CJK font, read once."""
    import typst

    found = find_spec(FONTS)
    assert found is not None
    # What a machine happens to have would make another file of it.
    return typst.Fonts(include_system_fonts=False, font_paths=list(found.submodule_search_locations or ()))


def _without(data: Any, unknown: set[str]) -> Any:
    """The data with these texts replaced wherever they stand, a run of them by one sign."""
    if not unknown:
        return data
    signs = re.compile(f"(?:{'|'.join(map(re.escape, sorted(unknown)))})+")
    return _mapped(data, lambda text: signs.sub(UNKNOWN, text))


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text)


def _mapped(data: Any, change: Callable[[str], str]) -> Any:
    """The data with every text changed."""
    if isinstance(data, str):
        return change(data)
    if isinstance(data, dict):
        return {key: _mapped(value, change) for key, value in data.items()}
    return type(data)(_mapped(value, change) for value in data) if isinstance(data, list | tuple) else data
