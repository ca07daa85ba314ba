"""Tables and pictures in HTML: a figure with its words, its table twin and its CSV."""

from collections.abc import Sequence
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from pages.parts.charts import CONFIG
from pages.parts.i18n import t


def title(words: str, subtitle: str = "") -> None:
    """A figure's finding and what it shows."""
    st.html(f'<p class="q-title">{escape(words)}</p><p class="q-sub">{escape(subtitle)}</p>')


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], own: Sequence[bool] = ()) -> str:
    """An HTML table; cells are HTML already, heads are text."""
    marks = own or [False] * len(rows)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(_row(row, mark) for row, mark in zip(rows, marks, strict=True))
    return (
        '<div class="q-scroll" tabindex="0"><table class="q-table">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(cells: Sequence[str], own: bool) -> str:
    filled = "".join(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in cells)
    return f'<tr class="own">{filled}</tr>' if own else f"<tr>{filled}</tr>"


def twin(frame: pl.DataFrame, key: str) -> None:
    """The figure's numbers as a table, and as a CSV at full precision."""
    with st.expander(t("数据表")):
        cells = [[escape(_cell(value)) for value in row] for row in frame.iter_rows()]
        st.html(table(frame.columns, cells))
        # The mark at the front makes Excel read it as UTF-8.
        st.download_button(
            t("下载 CSV"), frame.write_csv(include_bom=True).encode(), f"{key}.csv", "text/csv", key=f"csv {key}"
        )


def _cell(value: Any) -> str:
    if value is None:
        return "—"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def chart(figure: Any, key: str, alt: str, page: str = "") -> None:
    """A plotly figure with its words for those who cannot see it; a click on a region opens it."""
    found = st.plotly_chart(figure, key=key, alt=alt, config=CONFIG, on_select="rerun", selection_mode="points")
    clicked = [point.get("customdata") for point in found.selection.points]
    if page and clicked and isinstance(clicked[0], str):
        from pages.parts.url import parameters

        st.switch_page(page, query_params=parameters(region=clicked[0]))


def source(definitions_title: str, digest: str, snapshot: str) -> None:
    """Where the numbers are from: definitions and snapshot, by their digests."""
    words = t(
        "来源：{title} · 定义 {digest} · 数据快照 {snapshot}",
        title=definitions_title,
        digest=digest[:8],
        snapshot=snapshot[:8],
    )
    st.html(f'<p class="q-foot">{escape(words)}</p>')
