"""Comparisons that were kept with a cycle: whose, when, what came of them, and both files to take again."""

from functools import partial
from html import escape

import streamlit as st

from data.assessed import Assessment, Assessments
from pages.parts.formats import cycle_words
from pages.parts.i18n import t
from pages.parts.journalled_exports import noted
from pages.parts.moments import moment
from pages.parts.shell import Screen
from pages.parts.tables import table, title

SHOWN = 20


def kept(screen: Screen, cycle: str) -> None:
    """The cycle's comparisons, the last first; one of them can be taken again. They may be of any region, so that
    they are for whoever sees all of them."""
    if not screen.card.whole:
        return
    found = [one for one in Assessments(screen.store).all() if one.cycle == cycle][:SHOWN]
    if not found:
        return
    title(t("{cycle}存下的核对", cycle=cycle_words(cycle)), t("只增不改"))
    heads = [
        *(t("时间"), t("谁"), t("文件"), t("已核对"), t("不同"), t("只有对方有"), t("只有本系统有")),
        *(t("无法读取"), t("容差")),
    ]
    st.html(table(heads, [_line(one) for one in found], kind="words"))
    _again(screen, found)


def _line(one: Assessment) -> list[str]:
    counts = [str(one.counts.get(name, 0)) for name in ("compared", "differ", "theirs", "ours", "unreadable")]
    tolerance = t("{points} 分、{share} %", points=f"{one.points:g}", share=f"{100.0 * one.share:g}")
    when = f'<td style="white-space:nowrap">{escape(moment(one.made))}</td>'
    return [when, *(escape(text) for text in (one.by or "—", one.file, *counts, tolerance))]


def _again(screen: Screen, found: list[Assessment]) -> None:
    left, middle, right = st.columns([2, 1, 1], vertical_alignment="bottom")
    place = left.selectbox(
        t("取回哪一次"), range(len(found)), key="kept", placeholder=t("请选择"),
        format_func=lambda at: f"{moment(found[at].made)} {found[at].file}",
    )  # fmt: skip
    one, held = found[place or 0], Assessments(screen.store)
    for column, words, digest, name in (
        (middle, t("对方的文件"), one.content, one.file),
        (right, t("核对结果"), one.comparison, f"{one.file}.csv"),
    ):
        content = held.bytes_of(digest)
        taken = noted(screen.store, name, partial(bytes, content or b""))
        column.download_button(
            words, taken, name, on_click="ignore", disabled=content is None, key=f"again {name}", width="stretch",
            help=None if content is not None else t("文件不在了，或被改过。"),
        )  # fmt: skip
