"""Kept: what other windows have left unfinished, and where this one's answers are, to go on with or throw away."""

from dataclasses import replace
from html import escape
from uuid import uuid4

import streamlit as st

from data.drafts import may_write
from data.persons import is_own
from data.sheets import Sheet, Sheets
from data.store import Store
from metrics.problems import InputError
from pages.parts.asked import UNSAVED, Asked, keep, lay, questions, sheet, sheets
from pages.parts.handing import Standing
from pages.parts.i18n import t
from pages.parts.judges import CHOSEN
from pages.parts.moments import moment
from pages.parts.signin import access_at_window
from pages.parts.words import literal, told


def offer(stands: Standing) -> None:
    """The answers that other windows have not written; this one can go on with them."""
    if UNSAVED in st.session_state:
        st.error(literal(told(st.session_state[UNSAVED].problems[0])))
    asked = questions(stands)
    others = [one for one in Sheets(Store()).all() if one.window != sheet().window]
    left = {one.window: (one, words) for one in others if (words := _what(one, asked))}
    if not left:
        return
    with st.expander(t("其他窗口填写、尚未写入草稿的：{count} 份", count=len(left)), expanded=not sheet().answers):
        for one, words in left.values():
            _offered(one, words)


def _what(found: Sheet, asked: list[Asked]) -> str:
    """The nodes and experts that a sheet has news of; of answers that are written there is none."""
    news = [(each.name, list(each.news(found))) for each in asked if each.news(found)]
    return t("；").join(t("{node}（{names}）", node=node, names=t("、").join(names)) for node, names in news)


def _offered(found: Sheet, words: str) -> None:
    text, on, gone = st.columns([3, 1, 1], vertical_alignment="center")
    name = found.person or t("未署名")
    text.text(t("{name}，{saved} 保存：{words}", name=name, saved=moment(found.saved), words=words))
    on.button(t("在本窗口继续"), on_click=_go_on, args=(found,), key=f"go on {found.window}", width="stretch")
    if _may_go(found):
        with gone:
            _discard(found)


def _may_go(found: Sheet) -> bool:
    """Whether a sheet is thrown away from here: this window's, one's own, or any by who may write definitions."""
    if found.window == sheet().window:
        return True
    access = access_at_window()
    return access is not None and (is_own(access, found.person, person=access.person.id) or may_write(access))


def _go_on(found: Sheet) -> None:
    """A sheet's answers in a sheet of this window's own; what it had before stays beside the store, and another's too.

    The judge to speak is the first who has not finished.
    """
    st.session_state.pop(CHOSEN, None)
    keep(replace(found, window=uuid4().hex))
    if UNSAVED not in st.session_state and _may_go(found):
        _remove(found)


def overtaken(asked: Asked) -> None:
    """Who says something else here, while the definitions were changed too; either can be chosen."""
    names = asked.overtaken
    if not names:
        return
    told_names = literal(t("、").join(names))
    st.warning(t("在此填写期间，生效的定义里这些专家的判断也变了：{names}。写入草稿时以此处的为准。", names=told_names))
    st.button(t("改用定义里的"), on_click=_give_way, args=(asked, names), key=f"give way {asked.key}")


def _give_way(asked: Asked, names: list[str]) -> None:
    for by in names:
        asked.answer(by, asked.written.get(by))


def note() -> None:
    """Where this window's answers are kept."""
    found = sheet()
    if not found.saved:
        return
    if UNSAVED not in st.session_state and not Sheets(Store()).holds(found):
        _missed()
        return
    words = t(
        "填写的内容随时存在数据库旁的“{folder}”里（{saved}）：刷新或关掉浏览器不会丢，打开本页可以接着填。",
        folder=Sheets(Store()).folder.name, saved=moment(found.saved),
    )  # fmt: skip
    text, gone = st.columns([4, 1], vertical_alignment="center")
    text.html(f'<p class="q-sub">{escape(words)}</p>')
    with gone:
        _discard(found)


def _missed() -> None:
    """What another window has thrown away or gone on with is here still, and nowhere else."""
    st.warning(
        t("另一个窗口丢弃或接走了这里的判断：现在只有本窗口还有，关掉就没了。再填一处，或点“重新保存”，就又存到数据库旁。")
    )
    again, gone, _ = st.columns([1, 1, 3])
    again.button(t("重新保存"), on_click=_save_again, key="save again", width="stretch")
    with gone:
        _discard(sheet())


def _save_again() -> None:
    keep(sheet())


def _discard(found: Sheet) -> None:
    with st.popover(t("丢弃"), width="stretch", key=f"away {found.window}"):
        st.text(t("丢弃这些判断？不能恢复；已写入草稿的仍在。"))
        st.button(t("确定丢弃"), on_click=_throw, args=(found,), key=f"discard {found.window}")


def _throw(found: Sheet) -> None:
    if not _may_go(found):
        return
    if _remove(found) and found.window == sheet().window:
        st.session_state.pop(UNSAVED, None)
        lay(Sheet(uuid4().hex))


def _remove(found: Sheet) -> bool:
    """Whether a sheet could be thrown away; where it could not, the page is to say so."""
    try:
        sheets().remove(found)
    except InputError as error:
        st.session_state[UNSAVED] = error
        return False
    return True
