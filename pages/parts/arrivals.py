"""What the store holds, and the batches in which it came; one of them with what it changed and what can be done."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from data.batches import LEVELS, STANDING_WARNINGS, explain_warnings, raise_to, withdraw
from data.checks import DERIVED, RULES, VALUES
from data.doubted import plain
from data.revisions import Revisions
from data.store import Store
from data.told import WORDS
from metrics.problems import InputError, Problem
from metrics.terms import unit_words
from pages.parts.corrected import corrected
from pages.parts.headlines import sentence
from pages.parts.i18n import language, t
from pages.parts.moments import moment
from pages.parts.pickers import pick
from pages.parts.previewed import Names, region_names, rule_words, short
from pages.parts.tables import bullets, facts_line, table, title
from pages.parts.words import told
from pages.parts.workbench import who

# So many batches, rejections, and rows of a kind of warnings are listed.
LISTED, LINES, SAMPLE = 100, 50, 5
GONE = ("superseded", "withdrawn")
# What happened to a batch, and which one came to hold again when it was taken back.
_EVENTS = """
    SELECT * FROM events WHERE batch = $batch OR (other = $batch AND event = 'reinstated') ORDER BY id
"""
_REPLACED = "SELECT batch FROM events WHERE other = $batch AND event = 'superseded'"
_REJECTED = 'SELECT row, "column", rule, value FROM rejections WHERE batch = $batch ORDER BY row LIMIT $most'


def stored(status: dict[str, Any]) -> None:
    """How much there is, or that there is nothing yet and what to do."""
    if not status["facts"]:
        sentence([escape(t("还没有事实；请在下面导入一个文件"))])
        return
    words = t(
        "库中共 {facts} 条事实，{regions} 个地区，{sites} 个公共机构，{first} 至 {last}",
        facts=f"{status['facts']:,}", regions=status["regions"], sites=f"{status['sites']:,}",
        first=status["periods"]["first"], last=status["periods"]["last"],
    )  # fmt: skip
    st.html(f'<p class="q-sub">{escape(words)}</p>')


def batches(store: Store, known: Revisions) -> None:
    """Every batch, the newest first, and one of them."""
    every = store.batches()
    if every.is_empty():
        sentence([escape(t("还没有批次"))])
        return
    waiting = _waiting(store)
    states = dict(every.group_by("state").len().iter_rows())
    parts = [t("共 {count} 批", count=every.height)]
    parts += [f"{_state(name)} {states[name]}" for name in ("received", *LEVELS, *GONE) if name in states]
    parts += [t("{count} 批有提示待说明理由", count=len(waiting))] if waiting else []
    sentence(list(map(escape, parts)))
    _table(every, waiting)
    names = {
        str(row["id"]): t("第 {batch} 批 {file}", batch=row["id"], file=short(row["file"]))
        for row in every.iter_rows(named=True)
    }
    chosen = pick(t("查看哪一批"), "batch", names, next(iter(names)), short=True)
    _one(store, known, every.filter(pl.col("id") == int(chosen)).row(0, named=True))


def _waiting(store: Store) -> set[int]:
    return set(store.query(f"SELECT DISTINCT batch FROM ({STANDING_WARNINGS}) WHERE reason = ''")["batch"])


def _state(code: str) -> str:
    return WORDS[code][language() != "zh"]


def _table(every: pl.DataFrame, waiting: set[int]) -> None:
    subtitle = t("最新的在前；现行是现在仍然有效的数")
    more = t("；列前 {count} 批", count=LISTED) if every.height > LISTED else ""
    title(t("所有批次"), subtitle + more)
    lines = [
        [
            str(row["id"]),
            escape(_state(row["state"]) + (t("，待说明") if row["id"] in waiting else "")),
            f'<span title="{escape(row["file"])}">{escape(short(row["file"]))}</span>',
            escape(short(row["sender"] or "—")),
            escape(moment(str(row["received"]))),
            *(f"{row[name]:,}" for name in ("read", "accepted", "rejected", "standing")),
        ]
        for row in every.head(LISTED).iter_rows(named=True)
    ]
    heads = [t("批次"), t("状态"), t("文件"), t("报送人"), t("收到"), t("读入"), t("接受"), t("拒绝"), t("现行")]
    st.html(table(heads, lines, kind="words files"))


def _one(store: Store, known: Revisions, row: dict[str, Any]) -> None:
    """A batch: what happened to it, what it changed, its doubts and rejections, and what can be done about it."""
    batch = int(row["id"])
    facts_line([(t("文件"), row["file"]), (t("状态"), _state(row["state"])),
                (t("摘要"), row["content"][:12] or "—")])  # fmt: skip
    _happened(store, batch)
    person = ""
    if row["state"] not in GONE and any(map(store.access.may, ("send", "review"))):
        person = who(store, known)
        _actions(store, batch, row["state"], person)
    _warnings(store, batch, person, Names(known.widest, region_names(store)))
    _rejections(store, batch)
    if st.toggle(t("看第 {batch} 批改变了什么", batch=batch), key=f"correction of {batch}"):
        corrected(store, store.snapshot(), batch)


def _happened(store: Store, batch: int) -> None:
    lines = []
    for one in store.query(_EVENTS, batch=batch).iter_rows(named=True):
        words = f"{moment(one['made'])} "
        if one["batch"] != batch:
            words += t("第 {batch} 批恢复有效", batch=one["batch"])
        elif one["event"] == "reinstated":
            words += t("恢复有效（替代它的第 {other} 批已撤回）", other=one["other"])
        else:
            words += _state(one["event"])
            words += t("（由第 {other} 批）", other=one["other"]) if one["other"] is not None else ""
        lines.append(t("：").join(filter(None, (f"{words} {one['person']}".strip(), one["reason"]))))
    bullets(list(map(escape, lines)))


def _actions(store: Store, batch: int, state: str, person: str) -> None:
    """Review, verify, take back: each by a person who is named and may."""
    places = st.columns(3)
    higher = LEVELS[LEVELS.index(state) + 1 :] if state in LEVELS else LEVELS
    if not store.access.may("review"):
        higher = ()
    for place, level in zip(places, higher, strict=False):
        words = {"reviewed": t("审核通过"), "verified": t("核定")}[level]
        if place.button(words, key=f"{level} {batch}", disabled=not person, width="stretch"):
            _do(lambda level=level: raise_to(store, batch, level, person=person))  # type: ignore[misc]
    if store.access.may("send"):
        with places[len(higher)].popover(t("撤回这一批"), width="stretch", disabled=not person):
            _taking_back(store, batch, person)
    if not person:
        st.caption(t("先在上面写上姓名，再审核、核定或撤回。") if higher else t("先在上面写上姓名，再撤回。"))


def _taking_back(store: Store, batch: int, person: str) -> None:
    st.text(t("撤回后，这一批的数不再有效，它盖过的数恢复有效。批次本身仍留着。"))
    for (other,) in store.query(_REPLACED, batch=batch).iter_rows():
        st.text(t("它替代的第 {other} 批恢复有效。", other=other))
    reason = st.text_input(t("撤回的理由"), key=f"withdraw reason {batch}")
    if st.button(t("确定撤回"), key=f"withdraw {batch}", disabled=not (reason or "").strip()):
        _do(lambda: withdraw(store, batch, person=person, reason=reason or ""))


def _do(done: Callable[[], object]) -> None:
    """What was asked for; then the page anew, or why it cannot be."""
    try:
        done()
    except (InputError, OSError) as error:
        problems = error.problems if isinstance(error, InputError) else ()
        bullets([escape(told(problem)) for problem in problems] or [escape(str(error))])
        return
    st.rerun()


def _warnings(store: Store, batch: int, person: str, names: Names) -> None:
    """The doubts by rule, the first with what they are about, and the reasons given; one that is missing can be."""
    found = store.warnings(batch)
    if found.is_empty():
        return
    title(t("{count} 条提示", count=f"{found.height:,}"), t("每类都有理由，这一批才能审核"))
    kind = ["rule", "reason", "person"]
    about = pl.struct("row", "region", "period", "variable", "rule", "value")
    first = store.warned(batch, SAMPLE).group_by(kind).agg(first=about)
    counted = found.group_by(kind, maintain_order=True).len().join(first, on=kind, maintain_order="left")
    rows = [
        [
            escape(rule_words(row["rule"]) if row["rule"] in RULES else row["rule"]), f"{row['len']:,}",
            escape(t("；").join(_about(one, names) for one in row["first"]) + " …" * (row["len"] > SAMPLE)),
            escape(row["reason"] or t("待说明")), escape(row["person"] or "—"),
        ]
        for row in counted.iter_rows(named=True)
    ]  # fmt: skip
    st.html(table([t("规则"), t("条数"), t("行与所报的数"), t("理由"), t("说明人")], rows, kind="words wrapped"))
    for rule in counted.filter(pl.col("reason") == "")["rule"].unique(maintain_order=True):
        text, go = st.columns([4, 1], vertical_alignment="bottom")
        reason = text.text_input(t("理由：{rule}", rule=rule_words(rule)), key=f"reason {batch} {rule}")
        if go.button(t("记下理由"), key=f"explain {batch} {rule}", width="stretch",
                     disabled=not person or not (reason or "").strip()):  # fmt: skip
            _do(lambda rule=rule, reason=reason: explain_warnings(store, batch, rule, person=person, reason=reason))  # type: ignore[misc]


def _about(one: Mapping[str, Any], names: Names) -> str:
    """The row of a doubt, region, period and variable of the number there, and that number or an indicator's value."""
    about = (names.of(name, one[name]) for name in ("region", "period", "variable") if one[name])
    unit = unit_words(names.definitions.unit_of(one["variable"] or ""), language())
    value = plain(one["value"])
    number = [] if one["rule"] in DERIVED else [value, unit]
    number += [t("指标的值约 {value}", value=value)] if one["rule"] in VALUES else []
    return " ".join(filter(None, (t("第 {row} 行", row=one["row"]), *about, *number)))


def _rejections(store: Store, batch: int) -> None:
    found = store.query(_REJECTED, batch=batch, most=LINES)
    if found.is_empty():
        return
    with st.expander(t("这一批被拒绝的行（前 {count} 条）", count=found.height), key=f"rejected {batch}"):
        rows = []
        for row, column, rule, value in found.iter_rows():
            words = Problem(rule, column, row, 0, {"column": column, "value": value}).message(language())
            rows.append([str(row), escape(column), escape(words)])
        st.html(table([t("行"), t("列"), t("问题")], rows, kind="words wrapped"))
