"""The report as it will be taken, read on the page before anything is downloaded."""

import streamlit as st

from metrics.problems import InputError
from pages.parts.i18n import t
from pages.parts.taking import Order
from pages.parts.words import literal, told

HEIGHT = 900


def report(order: Order) -> None:
    """The report of the first region asked for, or of all together, in a frame of its own where it can run nothing.

    It is made when it is opened.
    """
    with st.expander(t("预览报告"), key="report", on_change="rerun") as whole:
        if not whole.open:
            return
        try:
            with st.spinner(t("正在生成报告…")):
                page = _page(order, order.screen.snapshot, order.key(), order.lang)
        except InputError as error:
            st.error(literal(told(error.problems[0])))
            return
        st.iframe(page.decode(), height=HEIGHT, alt=t("预览报告"))


@st.cache_resource(max_entries=4, show_spinner=False)
def _page(_order: Order, snapshot: str, key: tuple[str, ...], lang: str) -> bytes:
    regions = _order.regions[:1] if _order.apart else _order.wanted
    return _order.asked().write("html", regions)
