"""The typesetter: a template and its data as a PDF, tagged for screen readers (PDF/UA), with the CJK font inside."""

import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from metrics.problems import InputError, Problem

FONTS = "manimgx_fonts_cjk"


# Stands for what no font at hand has a sign for: emoji, control characters, rare scripts.
UNKNOWN = "�"
_NO_SIGN = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")


def pdf(template: Path, data: dict[str, Any]) -> bytes:
    """The PDF that a template makes of plain data, the same bytes for the same data.

    Characters that the fonts have no sign for come as �, and the template is told so: `replaced` is true.
    InputError where typst or its font is not installed, or cannot be used.
    """
    fonts = find_spec(FONTS)
    missing = [name for name in ("typst", FONTS) if find_spec(name) is None]
    if missing or fonts is None:
        raise InputError([Problem("no_typesetting", facts={"packages": ", ".join(missing)})])
    import typst

    def compiled(data: object) -> bytes:
        return typst.compile(
            str(template),
            font_paths=list(fonts.submodule_search_locations or ()),
            # What a machine happens to have would make another file of it.
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=["ua-1"],
        )

    try:
        return compiled({**data, "replaced": False})
    except typst.TypstError as error:
        unknown = {_unescaped(text) for text in _NO_SIGN.findall(error.diagnostic)}
        if not unknown:
            raise
        signs = re.compile(f"(?:{'|'.join(map(re.escape, sorted(unknown)))})+")
        return compiled({**_replaced(data, signs), "replaced": True})


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text)


def _replaced(data: Any, signs: re.Pattern[str]) -> Any:
    """The data with these signs replaced in every text, a run of them by one."""
    if isinstance(data, str):
        return signs.sub(UNKNOWN, data)
    if isinstance(data, dict):
        return {key: _replaced(value, signs) for key, value in data.items()}
    return [_replaced(value, signs) for value in data] if isinstance(data, list | tuple) else data
