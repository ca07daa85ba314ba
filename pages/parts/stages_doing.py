"""What may be done with a cycle now, for whoever holds the right: on, back, approval, publication."""

from datetime import date
from html import escape

import streamlit as st

from data.cycles import Step, advance, conclude, step_back
from data.keys import unsigned
from data.proposals import publish
from data.rights import ROLE_NAMES
from pages.parts.formats import cycle_words
from pages.parts.i18n import language, t
from pages.parts.releasing import public_from, release_of
from pages.parts.review_acts import act, field, note, reason, seen_before, signer
from pages.parts.stages import ORDER, Place, missing, named
from pages.parts.tables import bullets, title
from pages.parts.url import link


def doing(at: Place) -> None:
    """The steps from here: what each lacks, and a form for whoever may take it."""
    forward = [step for step in at.next if not step.back]
    if not forward:
        return
    title(t("现在可以做什么"), _who(at, forward))
    if {one.code for step in forward for one in step.missing} & {"not_concluded", "concluded_before"}:
        _concluding(at)
    if not at.may("run"):
        _watching(at)
    ahead = [step for step in forward if not step.begins]
    for step in ahead:
        _forward(at, step)
    for step in forward:
        if step.begins and at.may("run"):
            _beginning(at, expanded=any(one.missing for one in ahead))
    for step in at.next:
        if step.back and at.may("run"):
            _back(at, step)


def _watching(at: Place) -> None:
    """For whoever does not move the evaluation on: what is theirs to do, and when."""
    if not at.may("conclude"):
        note(t("这里没有要您做的步骤。要您办的事，有了就列在上面“我的任务”里。"))
    elif at.publication is None and at.stage != "approval":
        note(t("到了“{stage}”阶段、要办的都办完，由您在这里审定结果。", stage=named("approval")))
        if not at.sees_all:
            note(t("审定先要看得到结果：请系统管理员给您加上“查看未公布的结果”。"))


def _who(at: Place, steps: list[Step]) -> str:
    roles = dict.fromkeys(role for step in steps for role in step.who)
    names = t("、").join(ROLE_NAMES[role][language() != "zh"] for role in roles)
    return t("推进由{roles}做，要有全部地区的权利；每一步都记下谁、何时、为什么", roles=names)


def _forward(at: Place, step: Step) -> None:
    if step.missing and at.sees_all:
        note(t("进入“{stage}”以前还差：", stage=named(step.stage)))
        bullets(missing(at, step.missing))
    if step.missing or not at.may("run"):
        return
    if step.stage == "published":
        _publishing(at)
    else:
        _advancing(at, step.stage)


def _advancing(at: Place, stage: str) -> None:
    form = f"advance {at.cycle} on"
    number, to = seen_before(form, (at.number, stage))
    words = {"cycle": cycle_words(at.cycle), "before": named(at.stage), "stage": named(stage)}
    with st.form(form, enter_to_submit=False):
        note(t("将把 {cycle}从“{before}”移到“{stage}”。", **words))
        why, day = _why_until(form)
        if st.form_submit_button(t("推进到“{stage}”", **words), key=f"{form} go", type="primary"):
            act(form, lambda: _advanced(at, to, why, number, day))


def _beginning(at: Place, *, expanded: bool) -> None:
    """The way to the first stage, for a cycle that nobody moved: not a step on from where such cycles are."""
    form, words = f"advance {at.cycle} begin", {"stage": named(ORDER[0]), "now": named(at.stage)}
    number = seen_before(form, at.number)
    told = t("从“{stage}”开始", **words)
    with st.expander(told, key=f"{form} open", expanded=expanded), st.form(form, border=False, enter_to_submit=False):
        note(t("{cycle}还没有推进过，所以可以直接{now}。要先下达目标的，从这里开始；下达以后再推进到“{now}”。",
               cycle=cycle_words(at.cycle), **words))  # fmt: skip
        why, day = _why_until(form)
        if st.form_submit_button(told, key=f"{form} go"):
            act(form, lambda: _advanced(at, ORDER[0], why, number, day))


def _why_until(form: str) -> tuple[str, date | None]:
    """Why, and by which day the new stage is to end."""
    why = reason(form)
    return why, st.date_input(t("新阶段的期限（可不填）"), None, key=field(form, "deadline"), format="YYYY-MM-DD")


def _advanced(at: Place, to: str, why: str, number: int, day: date | None) -> str:
    until = day.isoformat() if day else ""
    advance(at.store, at.cycle, to, person=signer(at.store), reason=why, deadline=until, seen=number)
    words = {"cycle": cycle_words(at.cycle), "stage": named(to)}
    return t("{cycle}已进入“{stage}”", **words) + (t("，期限 {day}。", day=until) if until else t("。"))


def _back(at: Place, step: Step) -> None:
    form = f"back {at.cycle}"
    (number, _), earlier = seen_before(form, (at.number, step.stage)), ORDER[: ORDER.index(at.stage)]
    with st.expander(t("退回阶段"), key=f"{form} open"), st.form(form, enter_to_submit=False):
        words = t("将把 {cycle}退回到选定的阶段；已有的审定作废，以后要重新审定。", cycle=cycle_words(at.cycle))
        note(words)
        to = st.selectbox(t("退回到"), list(reversed(earlier)), key=field(form, "to"), format_func=named,
                          placeholder=t("请选择"))  # fmt: skip
        why = reason(form)
        if st.form_submit_button(t("退回阶段")):
            act(form, lambda: _stepped_back(at, str(to), why, number))


def _stepped_back(at: Place, to: str, why: str, number: int) -> str:
    step_back(at.store, at.cycle, to, person=signer(at.store), reason=why, seen=number)
    return t("{cycle}已退回到“{stage}”。", cycle=cycle_words(at.cycle), stage=named(to))


def _concluding(at: Place) -> None:
    """The approval of the results, as they are on the screen now."""
    if not at.may("conclude"):
        return
    if not at.sees_all:
        note(t("审定先要看得到结果：请系统管理员给您加上“查看未公布的结果”。"))
        return
    form = f"conclude {at.cycle}"
    seen = seen_before(form, at.store.snapshot())
    with st.form(form, enter_to_submit=False):
        told = {"cycle": cycle_words(at.cycle)}
        words = t("将审定 {cycle}的结果：就现在的数据、定义和调整；此后有变动的，要重新审定。", **told)
        st.html(f'<p class="q-sub q-way">{escape(words)} {link(t("先看结果"), "overview", cycle=at.cycle)}</p>')
        why = reason(form, t("审定意见"))
        if st.form_submit_button(t("审定结果"), type="primary"):
            act(form, lambda: _concluded(at, why, seen))


def _concluded(at: Place, why: str, seen: str) -> str:
    conclude(at.store, at.cycle, person=signer(at.store), reason=why, seen=seen)
    return t("{cycle}的结果已审定，可以公布。", cycle=cycle_words(at.cycle))


def _publishing(at: Place) -> None:
    """Publication, at once or held until a moment, which is said before in full."""
    form = f"publish {at.cycle}"
    number = seen_before(form, at.number)
    held = st.toggle(t("到指定时刻才公开（保密期）"), key=f"{form} held")
    release = release_of(form) if held else ""
    lacking = unsigned(at.store)
    if lacking is not None:
        note(lacking.message(language()))
    with st.form(form, enter_to_submit=False):
        words = t("将公布 {cycle}：数据、定义、调整和得分就此定住，不能退回；", cycle=cycle_words(at.cycle))
        words += public_from(release) if release else t("选定日期和时间以后才能公布。") if held else t("立即公开。")
        note(words)
        why = reason(form)
        if st.form_submit_button(t("公布"), type="primary", disabled=held and not release):
            act(form, lambda: _published(at, why, number, release))


def _published(at: Place, why: str, number: int, release: str) -> str:
    publish(at.store, at.cycle, person=signer(at.store), reason=why, release=release, seen=number)
    words = t("{cycle}已公布，", cycle=cycle_words(at.cycle))
    return words + (public_from(release) if release else t("已公开。"))
