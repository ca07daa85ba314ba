"""Process: where the evaluation is, what one has to do, and each step of it for whoever may take it."""

import streamlit as st

from data.revisions import revisions_of
from data.rights import ACTIONS
from metrics.problems import InputError
from pages.parts.adjusted import adjusted
from pages.parts.course_of_cycle import course, cycles_of_process, usual_of
from pages.parts.formats import cycle_words
from pages.parts.i18n import t
from pages.parts.journalled_views import witnessed
from pages.parts.noticed import noticed
from pages.parts.objected import objected
from pages.parts.pickers import pick, pick_short
from pages.parts.publishing import publishing
from pages.parts.review_acts import tell
from pages.parts.reviewing import reviewing
from pages.parts.shell import badge, begin, stop, stop_with
from pages.parts.stages import lead, place_of
from pages.parts.tasks import mine
from pages.parts.workbench import who

REGIONAL = {"review": reviewing, "adjust": adjusted, "object": objected}

store = begin(*filter(None, ACTIONS))
try:
    badge(store.settings().get("label", ""))
    known = revisions_of(store)
    cycles = cycles_of_process(store, known)
    if not cycles:
        if store.access.may("grant"):
            mine(store, [])
        words = t("已公布、正在推进、或您看得到数据的周期都列在这里；在您的授权之内现在一个也没有。")
        words += t("评估人员推进或公布一个周期以后，它就出现在这里。")
        stop(t("没有看得到的周期"), words)
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        usual = usual_of(store, cycles)
        cycle = pick(t("评估周期"), "cycle", {one: cycle_words(one) for one in cycles}, usual, short=True)
    if store.access.person.way == "local":
        with right:
            who(store, known)
    place = place_of(store, known, cycle)
    lead(place)
    names = {
        "course": t("阶段与任务"),
        "review": t("交叉会审"),
        "adjust": t("调整"),
        "notice": t("通报"),
        "editions": t("版本与公众网页"),
        "object": t("异议与整改"),
    }
    part = pick_short(t("流程"), "part", names, "course")
    if part != "course":
        # The other parts show numbers, before publication too.
        witnessed(store, [cycle], [cycle] if place.is_public else [])
    tell()
    if part in REGIONAL:
        REGIONAL[part](store, cycle)
    else:
        {"course": course, "notice": noticed, "editions": publishing}[part](place)
except (InputError, OSError) as error:
    stop_with(error)
