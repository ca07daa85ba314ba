"""Judges: who is asked, one added by name, one taken away, one chosen to speak."""

import streamlit as st

from metrics import consultation
from pages.parts.asked import Asked
from pages.parts.i18n import t

CHOSEN, _TYPED, _REFUSED = "judge chosen", "judge typed", "judge refused"
LONGEST = 40


def choose_judge(asked: Asked) -> str | None:
    """Draws who is there and who may be added; the name of the one who speaks, None where there is nobody."""
    names = list(asked.judges)
    if not names:
        with st.columns(2)[0]:
            _new(asked)
        return None
    chosen, typed, gone = st.columns([1.6, 2, 1], vertical_alignment="bottom")
    with typed:
        _new(asked)
    with chosen:
        by = _choice(asked, names)
    with gone:
        _removal(asked, by)
    return by


def _choice(asked: Asked, names: list[str]) -> str:
    kept = st.session_state.setdefault(CHOSEN, {})
    if kept.get(asked.key) not in names:
        kept[asked.key] = next((name for name in names if name not in asked.finished), names[0])
    widget = f"judge {asked.key}"
    st.session_state[widget] = kept[asked.key]
    said = {name: _progress(asked, name) for name in names}
    st.selectbox(t("专家"), names, key=widget, placeholder=t("请选择"), format_func=lambda name: f"{name}{said[name]}",
                 on_change=_chosen, args=(asked, widget))  # fmt: skip
    return str(kept[asked.key])


def _progress(asked: Asked, by: str) -> str:
    return "" if consultation.finished(asked.way, asked.judges[by]) else t("（未完成）")


def _chosen(asked: Asked, widget: str) -> None:
    st.session_state[CHOSEN][asked.key] = st.session_state[widget]


def _new(asked: Asked) -> None:
    """A name and who has it becomes a judge who has said nothing yet."""
    with st.form("new judge", border=False, clear_on_submit=True):
        left, right = st.columns([2, 1], vertical_alignment="bottom")
        left.text_input(t("新的专家"), key=_TYPED, max_chars=LONGEST, placeholder=t("姓名或称呼"))
        right.form_submit_button(t("加入"), on_click=_add, args=(asked,), width="stretch")
    refused = st.session_state.pop(_REFUSED, "")
    if refused:
        st.warning({"empty": t("请先写下姓名或称呼。"), "twice": t("这个名字已经有了，请换一个能区分的。")}[refused])


def _add(asked: Asked) -> None:
    name = " ".join(st.session_state[_TYPED].split())
    if not name or name in asked.judges:
        st.session_state[_REFUSED] = "twice" if name else "empty"
        return
    asked.answer(name, [None] * asked.size)
    st.session_state.setdefault(CHOSEN, {})[asked.key] = name


def _removal(asked: Asked, by: str) -> None:
    with st.popover(t("移除"), width="stretch", key=f"gone {asked.key}"):
        st.text(t("移除{name}及其全部判断？", name=by))
        st.button(t("确定移除"), on_click=_remove, args=(asked, by), key=f"remove {asked.key}")


def _remove(asked: Asked, by: str) -> None:
    asked.answer(by, None)
