"""When a cycle becomes public: the moment that is chosen, and moved while it has not come."""

from datetime import UTC, date, datetime, time
from html import escape

import streamlit as st

from data.clock import zone
from data.embargo import move_release, moves
from pages.parts.formats import cycle_words
from pages.parts.i18n import t
from pages.parts.moments import moment, zoned
from pages.parts.review_acts import act, note, reason, seen_before, signer
from pages.parts.stages import Place
from pages.parts.tables import bullets


def release_of(form: str) -> str:
    """The moment of release that is chosen, by the server's clock, with its offset; '' while none is."""
    left, right = st.columns(2)
    day = left.date_input(t("公开日期"), None, key=f"{form} day", format="YYYY-MM-DD")
    at = right.time_input(t("公开时间"), time(9, 0), key=f"{form} time")
    note(t("按服务器所在地的时间（{zone}）", zone=zone(datetime.now().astimezone())))
    if not isinstance(day, date) or at is None:
        return ""
    return datetime.combine(day, at).astimezone().isoformat(timespec="seconds")


def public_from(release: str) -> str:
    """What follows from a chosen moment, in a sentence."""
    at = datetime.fromisoformat(release).astimezone()
    if at <= datetime.now(UTC):
        return t("选定的时刻已经过去，所以随即公开。")
    return t("{moment}（{zone}）公开，此前只有能看未公布结果的人看得到。", moment=moment(release), zone=zone(at))


def releasing(at: Place) -> None:
    """How the release was moved, and, while it has not come, a form for whoever may move it."""
    told = [
        escape(t("公开时间由 {before} 改为 {after}：{reason}（{person}，{made}）", before=zoned(one.before),
                 after=zoned(one.release), reason=one.reason, person=one.person, made=moment(one.made)))
        for one in moves(at.store, at.cycle)
    ]  # fmt: skip
    if told:
        bullets(told)
    if at.publication is None or at.is_public or not at.may("run"):
        return
    form = f"release {at.cycle}"
    seen = seen_before(form, at.publication.release)
    with st.expander(t("改公开时间，或随即公开"), key=f"{form} part"):
        at_once = st.toggle(t("随即公开"), key=f"{form} at once")
        release = "" if at_once else release_of(form)
        with st.form(form, enter_to_submit=False):
            if at_once:
                words = t("{cycle}将随即公开，不能收回。", cycle=cycle_words(at.cycle))
            else:
                words = public_from(release) if release else t("选定日期和时间以后才能改。")
            note(words)
            why = reason(form)
            if st.form_submit_button(t("改公开时间"), disabled=not (at_once or release)):
                act(form, lambda: _moved(at, release, why, seen))


def _moved(at: Place, release: str, why: str, seen: str) -> str:
    set_to = move_release(at.store, at.cycle, release, person=signer(at.store), reason=why, seen=seen)
    return t("{cycle}的公开时间已改：", cycle=cycle_words(at.cycle)) + public_from(set_to)
