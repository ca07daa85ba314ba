"""Words: Chinese stands in the code, English in locale/en.po, read when the app starts."""

from functools import cache
from pathlib import Path

import streamlit as st
from babel.messages.pofile import read_po

LANGUAGES = {"zh": "中文", "en": "English"}
CATALOGUE = Path(__file__).parent.parent / "locale" / "en.po"


@cache
def english() -> dict[str, str]:
    """Every Chinese text of the pages with its English."""
    with CATALOGUE.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale="en") if message.id}


def language() -> str:
    """The language of this session: what was chosen, else what the address says, else zh."""
    chosen = st.session_state.get("lang") or st.query_params.get("lang")
    return chosen if chosen in LANGUAGES else "zh"


def t(text: str, /, **values: object) -> str:
    """The text in the session's language, with values in its braces."""
    words = text if language() == "zh" else english()[text]
    return words.format_map(values) if values else words
