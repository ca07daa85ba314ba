"""Judged: what all judges come to beside what is in force, who differs from whom, and the way into the text."""

from html import escape

import polars as pl
import streamlit as st

from metrics import consultation
from metrics.consultation import Consensus
from metrics.problems import InputError
from metrics.semantics import LARGEST_RATIO
from metrics.terms import term
from pages.parts.asked import Asked
from pages.parts.charts import config
from pages.parts.formats import NONE, moved, share
from pages.parts.handing import Standing, draft, hand_over, with_weights
from pages.parts.i18n import language, spoken, t
from pages.parts.judged_figure import dots_of
from pages.parts.tables import csv_of, table, title
from pages.parts.words import literal, told

# The definitions that were on the page when its button was pressed.
_SEEN = "weights seen"


def picture(asked: Asked, found: Consensus, by: str | None) -> None:
    """Every judge's weight of each child as a dot, all together as a line across."""
    far = consultation.farthest(found)
    finding = t("只有一位专家的意见") if len(found.by) == 1 else t("各位专家意见相同")
    if far is not None:
        finding = t("彼此最远：{one}与{other}，{moved} 的权重不同", one=far[0], other=far[1], moved=share(far[2]))
        finding += t("（同样远的另有 {count} 对）", count=far[3]) if far[3] else ""
    marked = by if by in found.by else None
    what = t("{node}各项的权重，从大到小：竖线为合成权重，圆点为各位专家，横线由最低到最高", node=asked.name)
    title(finding, what + (t("，◆ 为{by}", by=marked) if marked else ""))
    alt = t("；").join(f"{name} {share(weight)}" for name, weight in zip(asked.names, found.weights, strict=True))
    figure = dots_of(asked.names, found, marked)
    st.plotly_chart(figure, key="judged", alt=alt, config=config("judged"))


def result(asked: Asked, found: Consensus, stands: Standing) -> None:
    """Before and after, judge by judge, and the button that writes it."""
    before = consultation.in_force(asked.definitions, asked.node)
    method = term("weights", getattr(asked.definitions.weights_of(asked.node), "method", ""), language())
    title(_largest(asked, found, before), t("在“{node}”中的份额；现在的权重来源：{method}", node=asked.name,
                                            method=method))  # fmt: skip
    heads = [t("名称"), t("现在"), t("征询后"), t("变化（百分点）"), *([t("最低–最高")] if len(found.by) > 1 else [])]
    st.html(table(heads, [_child(asked, found, before, child) for child in range(asked.count)]))
    if found.is_outside:
        words = t("合成权重由各人的判断逐格取几何平均后再算，不是各人权重的平均，所以可能落在最低与最高之外。")
        st.html(f'<p class="q-sub">{escape(words)}</p>')
    _judges(asked, found)
    _writing(asked, found, before, stands)


def _largest(asked: Asked, found: Consensus, before: tuple[float, ...] | None) -> str:
    """The child whose share changes most."""
    if before is None:
        return t("现在的权重由数据得出，与专家意见不逐项相比")
    child = max(range(asked.count), key=lambda place: round(abs(found.weights[place] - before[place]), 9))
    if abs(found.weights[child] - before[child]) < 5e-4:
        return t("与现在的权重相同")
    return t("改动最大：{name}由 {before} 到 {after}", name=asked.names[child], before=share(before[child]),
             after=share(found.weights[child]))  # fmt: skip


def _child(asked: Asked, found: Consensus, before: tuple[float, ...] | None, child: int) -> list[str]:
    after, (low, high) = found.weights[child], found.span(child)
    change = None if before is None else 100.0 * (after - before[child])
    return [
        escape(asked.names[child]),
        NONE if before is None else share(before[child]),
        f"<b>{share(after)}</b>",
        NONE if change is None else moved(change),
        *([f"{share(low)}–{share(high)}"] if len(found.by) > 1 else []),
    ]


def _judges(asked: Asked, found: Consensus) -> None:
    """Each judge: how consistent, what comes first, how far from all together; and who is not counted."""
    rows = []
    for by, weights, ratio in zip(found.by, found.each, found.ratios, strict=True):
        kind = ' class="worse"' if ratio is not None and ratio > LARGEST_RATIO else ""
        rows.append([
            escape(by),
            f"{escape(asked.first(weights))} {share(max(weights))}",
            share(consultation.distance(weights, found.weights)),
            *([] if ratio is None else [NONE if asked.count < 3 else f"<span{kind}>{ratio:.2f}</span>"]),
        ])  # fmt: skip
    heads = [t("专家"), t("最看重"), t("与合成权重相差"), *([] if found.ratio is None else [t("一致性比率")])]
    st.html(table(heads, rows))
    waiting = [by for by in asked.judges if by not in found.by]
    if waiting:
        st.html(f'<p class="q-sub">{escape(t("未完成，不计入：{names}", names=t("、").join(waiting)))}</p>')


def _csv(asked: Asked, found: Consensus, before: tuple[float, ...] | None) -> pl.DataFrame:
    """The weights now, by all and by each, a row a weight."""
    sources = [(t("现在"), "", before or ()), (t("征询后"), "", found.weights)]
    sources += [(t("专家"), by, weights) for by, weights in zip(found.by, found.each, strict=True)]
    rows = [
        (kind, by, name, weight)
        for kind, by, weights in sources
        for name, weight in zip(asked.names, weights, strict=False)
    ]
    return pl.DataFrame(rows, schema=[t("来源"), t("专家"), t("名称"), t("权重")], orient="row")


def _writing(asked: Asked, found: Consensus, before: tuple[float, ...] | None, stands: Standing) -> None:
    """Into the draft, with who said what, or into a table to take away; before that what should give one pause."""
    doubted = [by for by, ratio in zip(found.by, found.ratios, strict=True) if (ratio or 0.0) > LARGEST_RATIO]
    if doubted:
        names = literal(t("、").join(doubted))
        st.warning(t("这些专家的一致性比率超过 0.1，建议先请他们复核：{names}", names=names))
    whole = spoken(lambda: csv_of(_csv(asked, found, before), t("示例数据") if stands.label == "demo" else ""))
    with st.container(horizontal=True):
        wanted = st.button(t("写入定义草稿"), type="primary", key="write weights")
        st.download_button(t("下载 CSV"), whole, "weights.csv", "text/csv", key="csv judged", on_click="ignore")
        taken = st.empty()
    if wanted and _may_write(stands):
        _write(asked, stands)
    st.session_state[_SEEN] = stands.definitions.digest
    text = draft()
    if text is not None:
        taken.download_button(t("下载草稿"), text.encode(), "indicators.yaml", key="draft file", on_click="ignore")


def _may_write(stands: Standing) -> bool:
    """Nothing is written that was not shown, nor into a draft that has been overtaken; says why not."""
    if st.session_state[_SEEN] != stands.definitions.digest:
        st.warning(t("生效的定义刚刚变了，本页已照新的重算，还没有写入。请看过再写入。"))
        return False
    if stands.overtaken:
        st.error(t("没有写入：草稿动笔之后，生效的定义变了。请先在“指标体系”页把它并入草稿，再回来写入。"))
    return not stands.overtaken


def _write(asked: Asked, stands: Standing) -> None:
    weights = consultation.written(asked.way, asked.finished, asked.count)
    try:
        hand_over(with_weights(stands, asked.node, weights))
    except LookupError:
        st.error(t("草稿里“{node}”的下级已经不同，不能写入。请先在“指标体系”页处理草稿。", node=literal(asked.name)))
    except InputError as error:
        st.error(literal(t("；").join(told(problem) for problem in error.problems[:3])))
    else:
        st.success(t("已写入草稿：“{node}”的权重取自 {count} 位专家，其余一字未动。生效前还要在“指标体系”页核对。",
                     node=literal(asked.name), count=len(asked.finished)))  # fmt: skip


def source(stands: Standing) -> None:
    """Which definitions the page is about."""
    words = t("定义 {digest}", digest=stands.definitions.digest[:8])
    notice = f" · {t('示例数据')}" if stands.label == "demo" else ""
    text = f"{stands.definitions.title.text(language())} · {words}{notice}"
    st.html(f'<p class="q-foot">{escape(text)}</p>')
