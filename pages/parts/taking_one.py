"""One file: made when it is clicked, and where it cannot be made the page says why."""

import time
from dataclasses import dataclass, replace
from html import escape

import streamlit as st

from metrics.export.typesetter import require
from metrics.problems import InputError, Problem
from pages.parts.i18n import spoken, t
from pages.parts.taking import Order
from pages.parts.words import literal, told

LOOK_EVERY, LONGEST = 1.0, 120.0


@dataclass(eq=False)
class _Made:
    """What became of a session's file: it is made beside the page, which the browser does not tell of a refusal."""

    file: str = ""
    clicked: float = 0.0
    ended: float = 0.0
    problem: Problem | None = None

    def make(self, order: Order) -> bytes:
        """The file. Raises InputError, and keeps why."""
        self.problem, self.file = None, order.name(order.forms[0])
        try:
            return order.content()
        except InputError as error:
            self.problem = error.problems[0]
            raise
        finally:
            self.ended = time.monotonic()

    def click(self) -> None:
        """From now on the page looks what becomes of it."""
        self.clicked = time.monotonic()

    @property
    def awaited(self) -> bool:
        """Whether it was clicked and has not come to an end."""
        return self.ended < self.clicked and time.monotonic() < self.clicked + LONGEST


def take(order: Order) -> None:
    """The button that makes and takes the one file; a page in the place of a PDF that cannot be set."""
    settable = _settable(order)
    made = st.session_state.setdefault("one", _Made())
    name = settable.name(settable.forms[0])
    st.download_button(
        t("生成并下载"), spoken(lambda: made.make(settable)), name,
        type="primary", icon=":material/download:", on_click=made.click,
    )  # fmt: skip
    st.html(f'<p class="q-sub">{escape(name)}</p>')
    if made.awaited:
        _look()
    elif made.problem is not None and made.file == name:
        st.error(literal(told(made.problem)))


@st.fragment(run_every=LOOK_EVERY)
def _look() -> None:
    """Until the file is there, or is refused."""
    if not st.session_state["one"].awaited:
        st.rerun()


def _settable(order: Order) -> Order:
    """What can be made here: without a typesetter, which is said, the same report as a page."""
    if order.forms[0] != "pdf":
        return order
    try:
        require()
    except InputError as error:
        words = t("现在下载的是网页报告，内容相同，可在浏览器里打印成 PDF。")
        st.warning(literal(f"{told(error.problems[0])}\n\n{words}"))
        return replace(order, forms=("html",))
    return order
