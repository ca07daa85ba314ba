"""Two definitions texts compared: what changed, in sentences and side by side."""

from html import escape
from typing import Any

import streamlit as st

from metrics.definitions import Definitions
from metrics.differences import sentences, sides
from pages.parts.i18n import language, t
from pages.parts.tables import bullets, table


def said(before: Definitions, after: Definitions) -> list[str]:
    """What is another in the second file, a sentence each."""
    return sentences(before, after, language())


def changes(before: str, after: str, old: Definitions, new: Definitions) -> None:
    """What a text changes, in sentences and side by side."""
    if before == after:
        st.info(t("没有改动。"))
        return
    bullets([escape(one) for one in said(old, new)] or [escape(t("只改了注释或写法，得分不受影响。"))])
    with st.expander(t("逐行对照")):
        side_by_side(before, after, t("原文"), t("新文本"))


def side_by_side(before: str, after: str, left: str, right: str) -> None:
    """Both texts side by side, only where they differ, with a line around."""
    rows = sides(before, after).to_dicts()
    near = {at + step for at, row in enumerate(rows) if row["kind"] != "equal" for step in (-1, 0, 1)}
    lines = [
        [cell for side in ("before", "after") for cell in (str(row[f"line_{side}"] or ""), _line(row, side))]
        for at, row in enumerate(rows)
        if at in near
    ]
    st.html(table([t("行"), left, t("行"), right], lines, kind="words"))


def _line(row: dict[str, Any], side: str) -> str:
    kind = _CLASS[row["kind"]][side == "after"]
    return f'<code class="{kind}" style="white-space:pre-wrap">{escape(row[side] or "")}</code>'


_CLASS = {"equal": ("", ""), "changed": ("worse", "better"), "removed": ("worse", ""), "added": ("", "better")}
