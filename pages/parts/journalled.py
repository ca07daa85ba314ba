"""Journalled: the state of the chain in a sentence, and its lines as a table with filters, the newest first."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from data.audit_words import told_of, way_words
from data.audited import BEGUN, REFUSED, Audited, Sought, audited, sought
from data.recorded import beyond
from data.store import Store
from pages.parts.headlines import sentence
from pages.parts.i18n import language, t
from pages.parts.moments import moment
from pages.parts.pickers import drawer, pick_any
from pages.parts.review_acts import AGAINST, RAISED, note, state
from pages.parts.tables import bullets, table, title

# So many lines are on a page, and so many broken ones are named.
LINES, NAMED = 50, 10


@st.cache_resource(max_entries=4, show_spinner=False)
def _kept(path: str) -> dict[str, Audited]:
    """What was read of a journal before: of lines that are still what they were the rest is read."""
    return {}


def chain(store: Store) -> Audited:
    """The whole journal; says whether it is whole."""
    kept = _kept(str(store.path))
    with st.spinner(t("正在核对日志…")):
        whole = kept["read"] = audited(store.path, kept.get("read"))
        later = beyond(store)
        cut = later is None
    count, open_ = whole.rows.height, whole.rows.filter(pl.col("kind") == BEGUN, ~pl.col("ended"))
    if whole.broken or cut:
        lines = t("、").join(f"{one:,}" for one in whole.broken[:NAMED]) + (" …" if whole.broken[NAMED:] else "")
        words = t("日志第 {lines} 行断了", lines=lines) if whole.broken else t("日志末尾少了行")
        sentence([f'<span class="worse">{AGAINST} {escape(words)}</span>'])
    else:
        sentence([escape(t("日志完整：{count} 行，每一行都接得上前一行", count=f"{count:,}"))])
    told = [t("断了的行：被改过，或它前面少了行。请封存服务器，与备份里的日志比对。")] if whole.broken else []
    told += [t("末尾少了数据库记得的行，或换成了别的行。")] if cut else []
    if later:
        told.append(t("末尾 {count} 行在数据库最后一次改动以后：截去或重写这几行，看不出。", count=f"{later:,}"))
    if open_.height:
        facts = {"count": open_.height, "lines": t("、").join(map(str, open_["number"].tail(NAMED)))}
        told.append(t("{count} 项改动开始了而没有记下结果（第 {lines} 行）：正在做，或中途断了。", **facts))
    if told:
        bullets(list(map(escape, told)))
    return whole


def found(whole: Audited, places: Mapping[str, str]) -> pl.DataFrame:
    """The lines that are asked for, the newest first; of a change that ended the line of its end stands for both."""
    with drawer():
        asked = _asked(whole, places)
    return sought(whole.rows.filter(~pl.col("ended")), asked)


def _asked(whole: Audited, places: Mapping[str, str]) -> Sought:
    first, second, third, fourth = st.columns([1.6, 1.6, 1.4, 1], vertical_alignment="bottom")
    with first:
        people = whole.rows["person"].unique().sort().to_list()
        person = pick_any(t("谁"), "actor", {one: one for one in people if one})
    with second:
        kind = pick_any(t("什么"), "kind", {name: words for name, (words, _) in _groups().items()})
    with third:
        region = pick_any(t("地区"), "where", places)
    with fourth:
        cycle = st.text_input(t("周期"), key="journal cycle", placeholder=t("全部"))
    left, middle, right = st.columns([1, 1, 2.4], vertical_alignment="bottom")
    since = left.date_input(t("自"), None, key="journal since", format="YYYY-MM-DD")
    until = middle.date_input(t("至"), None, key="journal until", format="YYYY-MM-DD")
    text = right.text_input(t("文字"), key="journal text", placeholder=t("理由、文件名、摘要、批次……行里的任何字"))
    kinds = _groups()[kind][1] if kind else ()
    return Sought(person, kinds, since, until, region, (cycle or "").strip(), (text or "").strip())  # type: ignore[arg-type]


def _groups() -> dict[str, tuple[str, tuple[str, ...]]]:
    return {
        "refused": (t("被拒绝的、没有做成的"), REFUSED),
        "change": (t("改动"), ("begun", "done", "undone")),
        "view": (t("查看未公布的结果"), ("view_provisional",)),
        "export": (t("导出"), ("export",)),
        "sign": (t("登录与退出"), ("sign_in", "sign_out")),
        "alert": (t("发出的提醒"), ("alert",)),
        "safety": (t("备份与恢复"), ("backup", "restore")),
    }


def listed(rows: pl.DataFrame, places: Mapping[str, str]) -> None:
    """One page of the lines."""
    pages = max(1, -(-rows.height // LINES))
    title(t("共 {count} 条", count=f"{rows.height:,}"), t("最新的在前；做完的改动只列结果那一行；时间是服务器所在地的"))
    if rows.is_empty():
        note(t("没有符合的记录，请放宽上面的条件。"))
        return
    page = 1
    if pages > 1:
        with st.columns([1.2, 3])[0]:
            words = t("第几页（共 {count} 页）", count=f"{pages:,}")
            # Another choice begins with its first page.
            page = st.number_input(words, 1, pages, key=f"page {rows.height}")
    shown = rows.slice((int(page) - 1) * LINES, LINES)
    heads = [t("时间"), t("做了什么"), t("谁"), t("详情")]
    st.html(table(heads, [_line(row, places) for row in shown.iter_rows(named=True)], kind="words stacked"))


def _line(row: Mapping[str, Any], places: Mapping[str, str]) -> list[str]:
    entry = _entry(row["text"])
    what, more = told_of(row["kind"], entry, places, language())
    cell = escape(what)
    if row["kind"] in REFUSED:
        cell = state(AGAINST, what, late=True)
    elif row["kind"] == BEGUN:
        cell = state(RAISED, t("{what}（没有记下结果）", what=what), late=True)
    who = escape(row["person"] or "—") + f"<small>{escape(way_words(row['known'], language()))}</small>"
    number = escape(t("第 {number} 行", number=f"{row['number']:,}"))
    return [
        f'<td style="white-space:nowrap">{escape(moment(row["made"]))}<small>{number}</small></td>',
        f'<td style="white-space:normal;min-width:9rem">{cell}</td>', who,
        f'<td style="white-space:normal;min-width:12rem;overflow-wrap:anywhere">{escape(more)}</td>',
    ]  # fmt: skip


def _entry(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
