"""Drawing: who reviews whom, by a lot that anybody can draw again from its seed."""

from datetime import UTC, datetime

import streamlit as st

from data.reviews import draw, drawn, may_draw, taking_part
from data.stages import STAGES, asking, stage_of
from data.store import Store
from data.tasks import may_all
from metrics.cross_review import Draw, Pair, assign, most, sampled, usual
from metrics.problems import InputError
from pages.parts.formats import cycle_words, share
from pages.parts.i18n import language, t
from pages.parts.moments import moment
from pages.parts.review_acts import act, field, in_sight, note, reason, region_names, signer
from pages.parts.tables import facts_line, title
from pages.parts.words import literal, told

_STAGES = ("audit", "cross_review")
_APART = "apart of {cycle}"


def drawing(store: Store, cycle: str) -> None:
    """Before the draw: why there is none yet, and for whoever moves the whole cycle on the form to draw it."""
    stage = stage_of(store, cycle)
    title(t("{cycle}还没有抽签分配会审对象", cycle=cycle_words(cycle)),
          t("谁会审谁由抽签决定：不审自己，不互审，回避的不审，各方承担的数量相差不超过一"))  # fmt: skip
    if stage not in _STAGES:
        at = getattr(STAGES[stage], language())
        note(t("抽签在数据会审或交叉会审阶段进行；现在是“{stage}”。", stage=at))
    elif not may_all(store, "run", cycle):
        note(t("由管全部地区的评估人员抽签。"))
    else:
        _form(store, cycle)


def _form(store: Store, cycle: str, before: Draw | None = None) -> None:
    """What is drawn, as it was `before` until it is changed."""
    codes, names = taking_part(store, cycle), region_names(store)
    start = before or Draw(0, each=usual(len(codes)))
    first, second, third = st.columns(3)
    part = first.number_input(t("抽查比例（%）"), 1, 100, max(1, round(start.share * 100)), 5, key="draw share")
    most_each = max(1, len(codes) - 1)
    each = second.number_input(t("每个地区由几方会审"), 1, most_each, min(most_each, start.each), key="draw each")
    today = int(datetime.now(UTC).strftime("%Y%m%d"))
    seed = third.number_input(t("种子"), 0, 10**15, today, key="draw seed",
                              help=t("同样的种子抽出同样的结果。最好事先约定，例如抽签当天的日期。"))  # fmt: skip
    note(_means(len(codes), int(each), part / 100.0))
    apart = _apart(cycle, codes, names, [(one, other) for one, other in start.apart if {one, other} <= set(codes)])
    how = Draw(int(seed), part / 100.0, int(each), tuple(apart))
    count = sampled(len(codes), how)
    words = t("将从 {all} 个参评地区抽 {count} 个，每个由 {each} 方会审，共 {pairs} 对；回避 {apart} 对；种子 {seed}。"
              "抽签后不能撤销，除非退回到数据会审；抽完才看得到结果，免得挑种子。", all=len(codes), count=count,
              each=how.each, pairs=count * how.each, apart=len(apart), seed=how.seed)  # fmt: skip
    with st.form(field("draw", "form"), enter_to_submit=False):
        st.markdown(literal(words))
        why = reason("draw", "", t("为什么是这个比例、这几方、这个种子"))
        sure = st.checkbox(t("以上各项已经核对，现在抽签"), key=field("draw", "sure"))
        if st.form_submit_button(t("抽签"), type="primary"):
            if sure:
                act("draw", lambda: _draw(store, cycle, how, why))
            else:
                st.error(t("还没有抽签。抽签后不能撤销，请核对以后勾选，再抽。"))


def _means(regions: int, each: int, part: float) -> str:
    """What a number of reviewers is good for, and where there cannot be as many."""
    above = most(regions, part)
    if each > above:
        return t("{regions} 个参评地区不互审，每个最多由 {most} 方会审，这样抽不成。", regions=regions, most=above)
    if each > 1:
        return t("每个地区有 {each} 方各自评分，可以看出评得是否一致。", each=each)
    if above > 1:
        return t("每个地区只有一方会审，评分没有可比的，看不出是否一致；要比，至少两方。")
    return t("{regions} 个参评地区不互审，每个只能由一方会审，看不出评分是否一致。", regions=regions)


def _apart(cycle: str, codes: list[str], names: dict[str, str], before: list[Pair]) -> list[Pair]:
    """Pairs of which neither reviews the other, put together by name, beside those of `before`."""
    key, called = _APART.format(cycle=cycle), lambda code: names.get(code, code)
    left, right, more = st.columns([2, 2, 1], vertical_alignment="bottom")
    one = left.selectbox(t("回避：一方"), codes, index=None, key="draw one", format_func=called,
                         placeholder=t("请选择"))  # fmt: skip
    right.selectbox(t("回避：另一方"), [code for code in codes if code != one], index=None, key="draw other",
                    format_func=called, placeholder=t("请选择"))  # fmt: skip
    more.button(t("加入"), on_click=_add, args=(key,), width="stretch")
    for name in (f"{key} all", key):
        st.session_state.setdefault(name, before)
    options = list(st.session_state[f"{key} all"])
    if not options:
        return []
    kept = st.multiselect(t("不互相会审的"), options, key=key, placeholder=t("没有"),
                          format_func=lambda pair: " – ".join(map(called, pair)))  # fmt: skip
    return list(kept)


def _add(key: str) -> None:
    one, other = (st.session_state.get(name) for name in ("draw one", "draw other"))
    if one and other and one != other:
        pair = (min(one, other), max(one, other))
        for name in (f"{key} all", key):
            st.session_state[name] = list(dict.fromkeys([*st.session_state.get(name, []), pair]))
        st.session_state["draw one"] = st.session_state["draw other"] = None


def _draw(store: Store, cycle: str, how: Draw, why: str) -> str:
    pairs = draw(store, cycle, how, person=signer(store), reason=why)
    return t("已抽签：{count} 对，种子 {seed}。", count=len(pairs), seed=how.seed)


def drawn_how(store: Store, cycle: str, names: dict[str, str]) -> None:
    """What was drawn from, and the lots that it took the place of; for whoever sees all of the cycle also who was kept
    apart, and the lot drawn again."""
    found = store.query("SELECT * FROM draws WHERE cycle = $cycle ORDER BY number DESC", cycle=cycle)
    if found.is_empty():
        return
    row, *before = found.iter_rows(named=True)
    apart, whole = [tuple(pair.split("/")) for pair in row["apart"]], in_sight(store, cycle) is None
    how = Draw(row["seed"], row["share"], row["each"], apart)
    kept_apart = t("、").join(" – ".join(names.get(code, code) for code in pair) for pair in apart) or t("没有")
    with st.expander(t("怎样抽的签"), key="drawn how"):
        facts_line([
            (t("种子"), str(row["seed"])), (t("抽查比例"), share(row["share"])),
            (t("每个地区由几方会审"), str(row["each"])), *([(t("回避"), kept_apart)] if whole else []),
            (t("抽签人"), row["person"]), (t("时间"), moment(row["made"])), (t("理由"), row["reason"] or "—"),
        ])  # fmt: skip
        for one in before:
            words = {"number": one["number"], "seed": one["seed"], "made": moment(one["made"]), "person": one["person"]}
            note(t("第 {number} 次抽签（种子 {seed}，{made}，{person}：{reason}）已由后来的代替。",
                   **words, reason=one["reason"] or "—"))  # fmt: skip
        note(t("同样的地区、种子、比例和回避，任何人都能抽出同样的结果。"))
        if whole and store.access.may("run", cycle=cycle) and st.button(t("按种子重抽一遍核对"), key="draw again"):
            _again(store, cycle, how)
    if stage_of(store, cycle) not in _STAGES or not may_all(store, "run", cycle):
        return
    if may_draw(asking(store), cycle):
        with st.expander(t("重新抽签"), key="drawing again"):
            note(t("抽签以后退回过，可以重抽一次；以前抽的留在记录里，不再算数。"))
            _form(store, cycle, how)
    else:
        note(t("要重抽（例如漏了回避），先退回到数据会审，在那里抽，再推进。"))


def _again(store: Store, cycle: str, how: Draw) -> None:
    """Whether the lot comes out as it is on record."""
    try:
        same = assign(taking_part(store, cycle), how) == drawn(store, cycle)
    except InputError as error:
        st.error(literal(told(error.problems[0])))
        return
    if same:
        st.success(t("重抽的结果与记录完全一致。"))
    else:
        st.warning(t("重抽的结果与记录不同：参评的地区在抽签以后有变动，或记录被改过。"))
