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
    # Thousands of lines are put beside each other for those who open it only.
    with st.expander(t("逐行对照"), key="lines", on_change="rerun") as lines:
        if lines.open:
            side_by_side(before, after, t("改前"), t("改后"))


def side_by_side(before: str, after: str, left: str, right: str) -> None:
    """Both texts side by side, only where they differ, with a line around."""
    rows = sides(before, after).to_dicts()
    near = {at + step for at, row in enumerate(rows) if row["kind"] != "equal" for step in (-1, 0, 1)}
    shown = [_cells(row) for at, row in enumerate(rows) if at in near]
    st.caption(t("− 只在左边 · + 只在右边 · ~ 两边不同"))
    st.html(table(["", t("行号"), left, t("行号"), right], shown, kind="words"))


def _cells(row: dict[str, Any]) -> list[str]:
    sign = _SIGNS[row["kind"]]
    numbers = [str(row[f"line_{side}"] or "") for side in ("before", "after")]
    texts = [_line(row[side], sign != "") for side in ("before", "after")]
    return [f'<td style="min-width:0"><b>{sign}</b></td>', numbers[0], texts[0], numbers[1], texts[1]]


def _line(text: str | None, marked: bool) -> str:
    """A line as it is written, on grey where it is not the same on both sides; nothing for none."""
    ground = "rgba(128,140,155,.22)" if marked else "none"
    looks = "display:block;min-width:15rem;white-space:pre-wrap;overflow-wrap:anywhere;color:inherit"
    return f'<code style="{looks};background:{ground}">{escape(text)}</code>' if text is not None else ""


_SIGNS = {"equal": "", "changed": "~", "removed": "−", "added": "+"}
