"""What became of a file: its batch, its rows, the report of each, and the way to what it changed."""

import streamlit as st

from data.intake import JudgedFile, Report
from pages.parts.i18n import t
from pages.parts.previewed import counts, rejections, report_button

# Of so many files a session keeps the rows, for their reports.
KEPT = 3
DONE, ROWS = "brought in", "brought in rows"


def keep(key: str, done: Report, judged: JudgedFile) -> None:
    """What became of the file with this digest, until the window is closed."""
    st.session_state.setdefault(DONE, {})[key] = done
    rows = {**st.session_state.get(ROWS, {}), key: judged}
    st.session_state[ROWS] = dict(list(rows.items())[-KEPT:])


def reports() -> dict[str, Report]:
    """What became of this window's files, by their digests."""
    return dict(st.session_state.get(DONE, {}))


def received(key: str, done: Report) -> None:
    """The batch that was made, or why there is none; the rows one by one as a file."""
    rows = counts(done.read, done.accepted, done.rejected)
    if done.already:
        st.info(t("此文件已在批次 {batch} 中，未作改动", batch=done.batch))
    elif done.batch is None:
        st.error(rows + t("；有被拒绝的，全部未入库"))
    else:
        st.success(rows + t("；已入库，批次 {batch}", batch=done.batch))
    if done.batch is not None and st.button(t("看第 {batch} 批改变了什么", batch=done.batch), key=f"to {done.batch}"):
        st.query_params.update({"part": "batches", "batch": str(done.batch)})
        st.session_state[f"correction of {done.batch}"] = True
        st.rerun()
    if key in st.session_state.get(ROWS, {}):
        report_button(st.session_state[ROWS][key])
    rejections(done.rejections, done.rejected)
