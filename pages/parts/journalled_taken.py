"""Taken: the lines that are asked for, or the whole journal, as a file; each taking is journalled itself."""

from collections.abc import Callable
from hashlib import sha256
from html import escape

import polars as pl
import streamlit as st

from data.audited import Audited
from data.recorded import insist, journal_of
from data.store import Store
from metrics.problems import InputError
from pages.parts.i18n import spoken, t
from pages.parts.tables import csv_of, title
from pages.parts.words import literal, told

_REFUSED = "refused export"


def take(store: Store, whole: Audited, rows: pl.DataFrame) -> None:
    """Three buttons, and how the whole is verified by whoever has it."""
    title(t("带走"), t("每次导出也记入日志；无法记入日志的不予导出"))
    journal = journal_of(store.path)
    if not journal.writable():
        st.warning(literal(t("日志现在写不进去，不能导出。请管理员检查磁盘和权限。")))
        return
    first, second, third = st.columns(3)
    _button(store, first, t("筛选出的 {count} 条（CSV）", count=f"{rows.height:,}"), "journal.csv",
            lambda: csv_of(_plain(rows)))  # fmt: skip
    _button(store, second, t("筛选出的 {count} 条（JSONL）", count=f"{rows.height:,}"), "journal-part.jsonl",
            lambda: "".join(f"{line}\n" for line in rows["text"]).encode())  # fmt: skip
    _button(store, third, t("全部 {count} 行（JSONL）", count=f"{whole.rows.height:,}"), "journal.jsonl",
            journal.content)  # fmt: skip
    words = t("全部日志可以离开本系统核对：每行的 before 是前一行字节的 SHA-256。末行摘要：")
    digest = f'<code style="overflow-wrap:anywhere">{sha256(whole.last).hexdigest()}</code>'
    st.html(f'<p class="q-sub">{escape(words)} {digest}</p>')
    st.code("python -m data journal verify --file journal.jsonl", language=None)
    if words := st.session_state.get(_REFUSED, {}).pop("words", ""):
        st.error(literal(words))


def _button(store: Store, place: object, words: str, name: str, make: Callable[[], bytes]) -> None:
    # It is made beside the page, which the browser does not tell of a refusal.
    path, access, refused = store.path, store.access, st.session_state.setdefault(_REFUSED, {})

    def made() -> bytes:
        try:
            store.require_unmoved()
            content = make()
            digest = sha256(content).hexdigest()
            insist(path, access, "export", what="journal", file=name, size=len(content), digest=digest)
        except InputError as error:
            refused["words"] = told(error.problems[0])
            raise
        return content

    place.download_button(  # type: ignore[attr-defined]
        words, spoken(made), name, key=f"take {name}", on_click="ignore", width="stretch"
    )


def _plain(rows: pl.DataFrame) -> pl.DataFrame:
    heads = {
        "number": t("行"), "made": t("时间（UTC）"), "kind": t("种类"), "person": t("谁"), "known": t("方式"),
        "change": t("改动"), "reason": t("理由"), "text": t("全文"),
    }  # fmt: skip
    return rows.select(*heads).rename(heads)
