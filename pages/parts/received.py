"""What became of a file: its batch, its rows, the report of each, and the way to what it changed."""

import streamlit as st

from data.intake import JudgedFile, Report
from data.store import Store
from pages.parts.i18n import t
from pages.parts.previewed import counts, rejections, report_button
from pages.parts.url import link


def received(store: Store, done: Report, judged: JudgedFile) -> None:
    """The batch that was made, or why there is none; the rows one by one as a file."""
    rows = counts(done.read, done.accepted, done.rejected)
    if done.already:
        st.info(t("此文件已在批次 {batch} 中，未作改动", batch=done.batch))
    elif done.batch is None:
        st.error(rows + t("；有被拒绝的行，全部未入库"))
    else:
        st.success(rows + t("；已入库，批次 {batch}", batch=done.batch))
    if done.batch is not None:
        way = link(t("看第 {batch} 批改变了什么", batch=done.batch), "facts", part="batches", batch=str(done.batch))
        st.html(f'<p class="q-way">{way}</p>')
    report_button(judged)
    rejections(done.rejections, done.rejected)
