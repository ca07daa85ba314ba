"""The typesetter: a template and its data as a PDF, tagged for screen readers (PDF/UA), with the CJK font inside."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from metrics.problems import InputError, Problem

FONTS = "manimgx_fonts_cjk"


def pdf(template: Path, data: Any) -> bytes:
    """The PDF that a template makes of plain data, the same bytes for the same data.

    InputError where typst or its font is not installed, or cannot be used.
    """
    fonts = find_spec(FONTS)
    missing = [name for name in ("typst", FONTS) if find_spec(name) is None]
    if missing or fonts is None:
        raise InputError([Problem("no_typesetting", facts={"packages": ", ".join(missing)})])
    import typst

    return typst.compile(
        str(template),
        font_paths=list(fonts.submodule_search_locations or ()),
        # What a machine happens to have would make another file of it.
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["ua-1"],
    )
