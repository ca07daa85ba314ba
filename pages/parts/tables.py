"""Tables and pictures: a figure with its words, its source, its table twin and its CSV."""

from collections.abc import Sequence
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from metrics.export.csv import plain_text
from pages.parts.charts import config
from pages.parts.formats import number
from pages.parts.i18n import t
from pages.parts.journalled_exports import noted
from pages.parts.shell import Screen
from pages.parts.url import parameters

REGION = "pages/view/region.py"


def title(words: str, subtitle: str = "") -> None:
    """A figure's finding and what it shows."""
    st.html(f'<p class="q-title">{escape(words)}</p><p class="q-sub">{escape(subtitle)}</p>')


def bullets(lines: Sequence[str]) -> None:
    """A list; the lines are HTML already."""
    st.html('<ul class="q-list">' + "".join(f"<li>{line}</li>" for line in lines) + "</ul>")


def facts_line(facts: Sequence[tuple[str, str]]) -> None:
    """A few facts, each with its head, in one line."""
    found = "".join(f"<span>{escape(head)}<b>{escape(text)}</b></span>" for head, text in facts)
    if found:
        st.html(f'<p class="q-facts">{found}</p>')


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], own: Sequence[bool] = (), *, kind: str = "") -> str:
    """An HTML table; cells are HTML already (a whole `<td …>` where they have a style), heads are text.

    Of kind `stacked` each cell has its head with it, since on a narrow screen rows become paragraphs.
    """
    marks = own or [False] * len(rows)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    said = heads if "stacked" in kind.split() else ()
    body = "".join(_row(row, mark, said) for row, mark in zip(rows, marks, strict=True))
    return (
        f'<div class="q-scroll" tabindex="0"><table class="q-table {kind}">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(cells: Sequence[str], own: bool, heads: Sequence[str]) -> str:
    first, *others = cells
    # In a block of its own a name keeps some width where all columns press on it.
    named = first if first.startswith("<td") else f'<td><div class="q-first">{first}</div></td>'
    whole = [named, *(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in others)]
    if heads:
        whole = [_headed(cell, head) for cell, head in zip(whole, heads, strict=True)]
    filled = "".join(whole)
    return f'<tr class="own">{filled}</tr>' if own else f"<tr>{filled}</tr>"


def _headed(cell: str, head: str) -> str:
    return cell.replace("<td", f'<td data-head="{escape(head)}"', 1)


def show(screen: Screen, figure: Any, key: str, *, alt: str, page: str = REGION) -> None:
    """A plotly figure with its words for those who cannot see it; a click on a region opens it."""
    found = st.plotly_chart(figure, key=key, alt=alt, config=config(key), on_select="rerun", selection_mode="points")
    clicked = [point.get("customdata") for point in found.selection.points]
    code = clicked[0] if clicked and isinstance(clicked[0], str) else None
    if code in screen.names():
        st.switch_page(page, query_params=parameters(region=code))


def twin(screen: Screen, frame: pl.DataFrame, key: str) -> None:
    """Under a figure: its source, and its numbers as a table and as a CSV at full precision."""
    source(screen)
    with st.expander(t("数据表"), key=f"twin {key}"):
        cells = [[escape(_cell(value)) for value in row] for row in frame.iter_rows()]
        st.html(table(frame.columns, cells))
        whole = noted(screen.store, f"{key}.csv", lambda: csv_of(frame, screen.notice))
        st.download_button(t("下载 CSV"), whole, f"{key}.csv", "text/csv", key=f"csv {key}", on_click="ignore")
        st.caption(t("图片：把指针移到图的右上角，点相机。"))


def csv_of(frame: pl.DataFrame, notice: str = "") -> bytes:
    """A table as a CSV that spreadsheets read as UTF-8, with nothing in it that they would take for a formula."""
    noticed = frame.with_columns(pl.lit(notice).alias(t("声明"))) if notice else frame
    return plain_text(noticed).write_csv(include_bom=True, line_terminator="\r\n").encode()


def _cell(value: Any) -> str:
    if value is None:
        return "—"
    return number(value) if isinstance(value, float) else str(value)


def source(screen: Screen) -> None:
    """Where the numbers are from: definitions and snapshot, by their digests."""
    words = t(
        "来源：{title} · 定义 {digest} · 数据快照 {snapshot}",
        title=screen.title,
        digest=screen.definitions.digest[:8],
        snapshot=screen.snapshot[:8],
    )
    notice = f" · {screen.notice}" if screen.notice else ""
    st.html(f'<p class="q-foot">{escape(words + notice)}</p>')
