"""The notice (通报) of a cycle: written from its numbers, edited beside its preview, signed, public with the cycle."""

from html import escape
from typing import Literal

import streamlit as st

from data.keys import signer_beside
from data.notices import NUMBERS, Notice, authors, draft, edit, outdated, settled, sign, versions
from data.persons import is_same
from data.stage_checks import Asked
from data.stages import asking
from metrics.problems import InputError
from pages.parts.formats import cycle_words
from pages.parts.i18n import LANGUAGES, language, t
from pages.parts.moments import moment
from pages.parts.noticed_files import files
from pages.parts.pickers import pick_short
from pages.parts.review_acts import act, note, reason, seen_before, signer, wide
from pages.parts.stages import Place
from pages.parts.tables import table, title
from pages.parts.words import literal, told

Lang = Literal["zh", "en"]
HEIGHT = 640


def noticed(at: Place) -> None:
    """Which version there is and whether it is signed and public; its text, or the way to one."""
    lang: Lang = "en" if pick_short(t("语言"), "notice", LANGUAGES, language()) == "en" else "zh"
    every, may = versions(at.store, at.cycle, lang), at.may("run") and at.sees_all
    asked = Asked(asking(at.store), at.known, at.cycle)
    since, why = settled(asked), outdated(asked, every) if every else ""
    title(*_lead(at, every, may, since))
    if why:
        _told_stale(every[-1], why, may)
    if may:
        _drafting(at, lang, every, since, stale=bool(why))
    if not every:
        return
    (_editing if may else _reading)(at, lang, every[-1])
    if may:
        _earlier(every)
    if since and not why and not every[-1].signature and at.may("conclude"):
        _signing(at, lang, every)
    _table(every)
    files(at, every)


def _lead(at: Place, every: tuple[Notice, ...], may: bool, since: str) -> tuple[str, str]:
    """How far the notice is, and what comes next; `since`: the moment since which the results are settled."""
    if not every:
        none = t("{cycle}还没有这个语言的通报", cycle=cycle_words(at.cycle))
        return none, t("先由评分卡的数写成草稿，再修改、签发") if may else t("签发以后随周期公开，才看得到")
    newest = every[-1]
    words = {"number": newest.id, "cycle": cycle_words(at.cycle)}
    if not newest.signature:
        return t("{cycle}通报第 {number} 版，还没有签发", **words), (
            t("由有审定权的人签发最新的一版；签发的随周期公开") if since else t("结果审定以后才能签发"))  # fmt: skip
    if not newest.is_sound:
        return t("! {cycle}通报第 {number} 版的签名与文本不符", **words), t("不公开；请另记一版，重新签发")
    if not since or newest.signed < since:
        return t("{cycle}通报第 {number} 版是为以前的结果签发的", **words), t(
            "结果后来又有变动：审定或再版以后，要另记一版签发"
        )
    by = t("{person}签发于 {moment}", person=newest.signer, moment=moment(newest.signed))
    if at.is_public:
        return t("{cycle}通报第 {number} 版已签发并公开", **words), by
    return t("{cycle}通报第 {number} 版已签发，随周期公开", **words), by


def _told_stale(newest: Notice, why: str, may: bool) -> None:
    """That the newest text tells what is so no more, and what is to be done."""
    words = (t("第 {number} 版取数以后，对比的往期或期限的天数有变动，不能签发。", number=newest.id) if why == "beside"
             else t("第 {number} 版不是由审定的、最新一版的结果写的，不能签发。", number=newest.id))  # fmt: skip
    ways = (t("请由现在的数重新起草；原来的文本留着，改过的可以从下面抄。") if may
            else t("要等评估人员由现在的数重新起草。"))  # fmt: skip
    st.warning(literal(f"{words}{ways}"))


def _drafting(at: Place, lang: Lang, every: tuple[Notice, ...], since: str, *, stale: bool) -> None:
    """A version from the numbers as they are now; at once in sight where there is none, or none that can be signed."""
    form = f"draft {at.cycle} {lang}"
    place = st.container() if stale else st.expander(t("由现在的数起草"), key=f"{form} open", expanded=not every)
    with place, st.form(form, border=False):
        note(t("将由 {cycle}评分卡写成新的一版；以前的版本都留着。", cycle=cycle_words(at.cycle)))
        if not since:
            note(t("结果还没有审定：现在起草的，审定以后要重新起草，才能签发。"))
        label = t("由现在的数重新起草") if stale else t("起草")
        if st.form_submit_button(label, type="secondary" if every and not stale else "primary"):
            with st.spinner(t("正在起草…")):
                act(form, lambda: _drafted(at, lang))


def _drafted(at: Place, lang: Lang) -> str:
    return t("已起草通报第 {number} 版。", number=draft(at.store, at.cycle, lang, person=signer(at.store)))


def _shown(text: str) -> None:
    """The text as it reads; pictures, which would be fetched from elsewhere, stay as they are written."""
    with st.container(key="notice_preview", border=True, height=HEIGHT):
        st.markdown(text.replace("![", "\\!["))


def _earlier(every: tuple[Notice, ...]) -> None:
    """The last text that somebody worded, below one that the numbers made since, to copy from."""
    worded = next((one for one in reversed(every) if one.reason != NUMBERS), None)
    if worded is not None and every[-1].reason == NUMBERS:
        with st.expander(t("改过的第 {number} 版，可以抄", number=worded.id), key=f"earlier {worded.id}"):
            st.code(worded.text, language=None, wrap_lines=True, height=360)


def _reading(at: Place, lang: Lang, newest: Notice) -> None:
    _shown(newest.text)


def _editing(at: Place, lang: Lang, newest: Notice) -> None:
    """The newest text to be changed, with how it reads beside it; what was typed is not lost to a newer version."""
    key = f"notice {at.cycle} {lang}"
    if not _kept(key, newest):
        return
    left, right = st.columns(2)
    with left:
        # A label of its own would be taken off the height.
        words = t("通报文本（Markdown）")
        note(words)
        text = st.text_area(words, key=key, height=HEIGHT, label_visibility="collapsed", persist_state="session") or ""
    with right:
        note(t("预览"))
        _shown(text)
    if text == newest.text:
        note(t("改动文本以后，在这里记为新的一版。"))
        return
    form = f"edit {key}"
    with st.form(form, enter_to_submit=False):
        words = t("将记为新的一版，第 {number} 版留着；", number=newest.id)
        note(words + (t("已签发的第 {number} 版仍然有效，新版要另签。", number=newest.id) if newest.signature
                      else t("签发的只会是最新的一版。")))  # fmt: skip
        why = reason(form)
        if st.form_submit_button(t("记为新的一版"), type="primary"):
            act(form, lambda: _edited(at, lang, text, why))


def _kept(key: str, newest: Notice) -> bool:
    """Whether the text on the screen is based on the newest version; where both were changed, says so and asks."""
    typed, base = st.session_state.get(key), st.session_state.get(f"{key} base")
    if base is not None and base[0] == newest.id and typed is not None:
        return True
    if typed in (None, newest.text) or (base is not None and typed == base[1]):
        st.session_state[key], st.session_state[f"{key} base"] = newest.text, (newest.id, newest.text)
        return True
    words = {"person": newest.person, "number": newest.id, "moment": moment(newest.made)}
    told_so = t("{person}已在 {moment} 记下第 {number} 版。您没有记下的文本在下面，请把要留的抄出来。", **words)
    st.warning(literal(told_so))
    st.code(typed, language=None, wrap_lines=True, height=240)
    if st.button(t("改用第 {number} 版", number=newest.id)):
        del st.session_state[key]
        st.rerun()
    return False


def _edited(at: Place, lang: Lang, text: str, why: str) -> str:
    number = edit(at.store, at.cycle, lang, text, person=signer(at.store), reason=why)
    return t("已记下通报第 {number} 版。", number=number)


def _signing(at: Place, lang: Lang, every: tuple[Notice, ...]) -> None:
    """The signature of whoever approves results and wrote none of the text, with the store's key."""
    newest = every[-1]
    try:
        if signer_beside(at.store) is None:
            note(t("还不能签发：库旁没有签名的密钥。请管理员在服务器上运行 python -m data key --by 姓名。"))
            return
    except InputError as error:
        st.error(literal(told(error.problems[0])))
        return
    if any(is_same(signer(at.store), one) for one in authors(every)):
        note(t("第 {number} 版由您起草或改过，须由另一人签发。", number=newest.id))
        return
    form = f"sign {at.cycle} {lang}"
    number = seen_before(form, newest.id)
    with st.form(form):
        words = {"person": signer(at.store) or t("您"), "number": newest.id}
        promise = t("将由{person}用库的密钥签发第 {number} 版，签发后随周期公开。", **words)
        note(promise + t("改过的数不再与评分卡核对，请先通读。"))
        if st.form_submit_button(t("签发第 {number} 版", number=newest.id), key=f"{form} go", type="primary"):
            act(form, lambda: _signed(at, lang, number))


def _signed(at: Place, lang: Lang, number: int) -> str:
    sign(at.store, at.cycle, lang, number, person=signer(at.store))
    return t("第 {number} 版已签发。", number=number)


def _table(every: tuple[Notice, ...]) -> None:
    title(t("{count} 版通报", count=len(every)), t("只增不改，最新的在前"))
    rows = [
        [
            str(one.id), escape(moment(one.made)), escape(one.person),
            wide(t("由评分卡的数写成") if one.reason == NUMBERS else one.reason),
            escape(f"{one.signer} {moment(one.signed)}" if one.is_sound else t("未签发")),
        ]
        for one in reversed(every)
    ]  # fmt: skip
    st.html(table([t("版本"), t("时间"), t("谁"), t("理由"), t("签发")], rows, kind="words stacked"))
