"""Words: Chinese stands in the code, English in locale/en.po, read when the app starts."""

import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path

import streamlit as st
from babel.messages.pofile import read_po

LANGUAGES = {"zh": "中文", "en": "English"}
# "{count} rejected [row|rows]": of one, and of any other number, which stands before it.
_COUNTED = re.compile(r"(\{(\w+)\}[^{}\[\]]*)\[([^{}|]*)\|([^{}|]*?)\]")
# Asked a thousand times while a page is drawn, so it is read once a run.
_SETTLED: ContextVar[str] = ContextVar("language")
CATALOGUE = Path(__file__).parent.parent / "locale" / "en.po"


@cache
def english() -> dict[str, str]:
    """Every Chinese text of the pages with its English."""
    with CATALOGUE.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale="en") if message.id}


def settle() -> None:
    """Reads the language at the start of a run: what was chosen, else what the address says, else zh."""
    chosen = st.session_state.get("lang") or st.query_params.get("lang")
    _SETTLED.set(chosen if chosen in LANGUAGES else "zh")


def language() -> str:
    """The language of this run."""
    if _SETTLED.get(None) is None:
        settle()
    return _SETTLED.get()


def spoken(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """`make` in the language of this run, wherever it is called: a file is made only when it is asked for."""
    chosen = language()

    def made() -> bytes:
        before = _SETTLED.set(chosen)
        try:
            return make()
        finally:
            _SETTLED.reset(before)

    return made


def t(text: str, /, **values: object) -> str:
    """The text in the session's language, with values in its braces."""
    words = text if language() == "zh" else _counted(english()[text], values)
    return words.format_map(values) if values else words


def _counted(words: str, values: Mapping[str, object]) -> str:
    return _COUNTED.sub(lambda found: found[1] + found[3 if str(values[found[2]]) == "1" else 4], words)
