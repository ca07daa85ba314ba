"""Adjusted: the adjustments of a cycle, each with reason and evidence, and what is proposed and decided of them."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from data.adjusting import DECISIONS, STAGES_OPEN, Decision, adjustments, decide
from data.persons import is_same
from data.stages import STAGES, stage_of
from data.store import Store
from pages.parts.adjusted_effect import effect
from pages.parts.adjusted_evidence import evidence
from pages.parts.adjusted_proposing import proposing
from pages.parts.formats import cycle_words, signed
from pages.parts.i18n import language, t
from pages.parts.pickers import pick
from pages.parts.review_acts import (
    AGAINST,
    DONE,
    OPEN,
    RAISED,
    act,
    approvers,
    behalf,
    by,
    definitions_of,
    entry,
    field,
    node_names,
    note,
    organisers,
    reason,
    region_names,
    signer,
    state,
    wide,
)
from pages.parts.tables import table, title
from pages.parts.words import literal

MARKS = {"proposed": OPEN, "escalated": RAISED, "agreed": DONE, "refused": AGAINST}


def adjusted(store: Store, cycle: str) -> None:
    """The list, one of them with its evidence and the ways to decide, and the form to propose another."""
    found, names, nodes = adjustments(store, cycle), region_names(store), node_names(definitions_of(store, cycle))
    _lead(cycle, found)
    if found.height:
        rows = found.iter_rows(named=True)
        heads = [t("地区"), t("状态"), t("分数"), t("针对"), t("理由"), t("提出人"), t("决定"), t("佐证（件）")]
        st.html(table(heads, [_line(row, names, nodes) for row in rows], kind="words stacked"))
        _one(store, cycle, found, names, nodes)
    stage = stage_of(store, cycle)
    if stage in STAGES_OPEN:
        proposing(store, cycle, stage, names, nodes)
    else:
        due, at = (t("、").join(getattr(STAGES[one], language()) for one in some) for some in (STAGES_OPEN, (stage,)))
        words = t("交叉会审期间由会审人员对自己抽到的地区提出，以后由评估人员提出；评估人员决定，上报的由领导决定。")
        note(t("调整在这些阶段提出和决定：{due}；现在是“{stage}”。", due=due, stage=at) + words)


def _lead(cycle: str, found: pl.DataFrame) -> None:
    """How many there are, how many count, how many wait for whom."""
    subtitle = t("调整是规则，不改事实：同意以后加减综合得分，写进评分卡；提出的人不能自己决定")
    if found.is_empty():
        title(t("{cycle}没有调整", cycle=cycle_words(cycle)), subtitle)
        return
    count = {name: found.filter(pl.col("state") == name).height for name in DECISIONS}
    words = t("{cycle}有 {count} 项调整，{agreed} 项已同意", cycle=cycle_words(cycle), count=found.height,
              agreed=count["agreed"])  # fmt: skip
    words += t("，{count} 项待决定", count=count["proposed"]) if count["proposed"] else ""
    words += t("，{count} 项已上报待审定", count=count["escalated"]) if count["escalated"] else ""
    title(words, subtitle)


def _state(row: dict[str, Any]) -> str:
    return state(MARKS[row["state"]], DECISIONS[row["state"]][language() != "zh"], late=row["state"] == "escalated")


def _line(row: dict[str, Any], names: dict[str, str], nodes: dict[str, str]) -> list[str]:
    decided = t("{person}：{answer}", person=row["decider"], answer=row["answer"]) if row["decider"] else ""
    return [
        entry(row["id"], names.get(row["region"], row["region"])),
        _state(row),
        f"<b>{escape(signed(row['points']))}</b>",
        escape(nodes.get(row["node"], row["node"])),
        wide(row["reason"]),
        by(row["person"], row["made"]),
        wide(decided),
        str(len(row["evidence"])),
    ]


def _one(store: Store, cycle: str, found: pl.DataFrame, names: dict[str, str], nodes: dict[str, str]) -> None:
    """One adjustment: what it would do, or does; its evidence; and what the person may decide."""
    rows = {str(row["id"]): row for row in found.iter_rows(named=True)}
    called = {
        number: t("{number} · {region} · {points} 分", number=number, region=names.get(row["region"], row["region"]),
                  points=signed(row["points"]))
        for number, row in rows.items()
    }  # fmt: skip
    usual = next(
        (number for number, row in rows.items() if row["state"] in ("proposed", "escalated")), next(iter(rows))
    )
    row = rows[pick(t("看哪一项"), "adjustment", called, usual)]
    about = {"node": nodes.get(row["node"], row["node"]), "state": DECISIONS[row["state"]][language() != "zh"]}
    title(t("第 {number} 号：{node}，{state}", number=row["id"], **about), row["reason"])
    takes_back = row["state"] == "agreed"
    if row["state"] != "refused":
        words = effect(store, cycle, row["region"], row["node"], 0.0 if takes_back else row["points"], number=row["id"])
        st.markdown(literal((t("撤销以后：") if takes_back else t("同意以后：")) + words))
    evidence(store, cycle, row["region"], "adjustments", row["id"])
    _deciding(store, cycle, row)


def _ways(store: Store, cycle: str, row: dict[str, Any]) -> dict[Decision, str]:
    """What the person may decide of an adjustment; nothing of their own."""
    right = "run" if row["state"] == "proposed" else "conclude"
    if is_same(signer(store), row["person"]) or not store.access.may(right, region=row["region"], cycle=cycle):
        return {}
    ways: dict[str, dict[Decision, str]] = {
        "proposed": {"agreed": t("同意"), "refused": t("不同意"), "escalated": t("上报，由有审定权的人决定")},
        "escalated": {"agreed": t("同意"), "refused": t("不同意")},
        "agreed": {"refused": t("撤销")},
    }
    return ways.get(row["state"], {})


def _deciding(store: Store, cycle: str, row: dict[str, Any]) -> None:
    ways, form = _ways(store, cycle, row), f"adjustment {row['id']}"
    if not ways or stage_of(store, cycle) not in STAGES_OPEN:
        _why_not(store, row)
        return
    with st.form(field(form, "form")):
        behalf(store, organisers() if row["state"] == "proposed" else approvers())
        decision = st.radio(t("决定"), list(ways), index=None, key=field(form, "decision"), horizontal=True,
                            format_func=ways.__getitem__)  # fmt: skip
        why = reason(form)
        if st.form_submit_button(t("作出决定"), type="primary"):
            if decision is None:
                st.error(t("请先选一个决定。"))
            else:
                act(form, lambda: _decided(store, row["id"], decision, why, ways))


def _why_not(store: Store, row: dict[str, Any]) -> None:
    if row["state"] in ("proposed", "escalated") and is_same(signer(store), row["person"]):
        note(t("这一项由您提出，须由另一人决定。"))


def _decided(store: Store, number: int, decision: Decision, why: str, ways: dict[Decision, str]) -> str:
    decide(store, number, decision, person=signer(store), reason=why)
    return t("第 {number} 号调整：{decision}。", number=number, decision=ways[decision])
