"""Points: a hundred of them shared out over the children by one judge."""

from html import escape

import streamlit as st

from metrics import consultation
from pages.parts.asked import Asked, say
from pages.parts.formats import full
from pages.parts.i18n import t


def share_out(asked: Asked, by: str) -> None:
    """One field a child, and what is left."""
    words = t("把 100 分分给各项，越重要分越多；留空即 0 分")
    st.html(f'<p class="q-sub">{escape(words)}</p>')
    for place, name in enumerate(asked.names):
        _field(asked, by, place, name)
    _rest(asked, by)


def _field(asked: Asked, by: str, place: int, name: str) -> None:
    widget = f"points {place} {asked.key} {by}"
    left, right = st.columns([1.6, 1], vertical_alignment="center")
    left.html(f'<p class="q-small">{escape(name)}</p>')
    # Kept apart from the widget, which is forgotten with its page.
    st.session_state[widget] = asked.judges[by][place]
    right.number_input(
        t("{name}得几分", name=name), min_value=0.0, max_value=consultation.BUDGET, value=None, step=1.0, format="%.4g",
        key=widget, label_visibility="collapsed", placeholder="0", on_change=say, args=(asked, by, place, widget),
    )  # fmt: skip


def _rest(asked: Asked, by: str) -> None:
    """How many points are left or too many; on demand all are scaled to a hundred."""
    points = asked.judges[by]
    rest = consultation.left(points)
    if rest == 0.0:
        st.html(f'<p class="q-small better">{escape(t("正好 100 分"))}</p>')
        return
    told = t("还剩 {rest} 分", rest=full(rest)) if rest > 0.0 else t("多出 {rest} 分", rest=full(-rest))
    st.html(f'<p class="q-small worse">{escape(told)}{escape(t("；分满 100 分才计入"))}</p>')
    st.button(
        t("按比例折算为 100 分"), on_click=_scale, args=(asked, by), key=f"scale {asked.key}",
        disabled=rest >= consultation.BUDGET, help=t("各项按比例增减，取到 0.01 分"),
    )  # fmt: skip


def _scale(asked: Asked, by: str) -> None:
    asked.answer(by, [*consultation.scaled(asked.judges[by])])
