"""Judging: the page's first sentence, one judge at work, and what this judge's own weights are."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from metrics import consultation
from metrics.consultation import Consensus
from metrics.semantics import LARGEST_RATIO
from pages.parts.asked import Asked
from pages.parts.formats import share
from pages.parts.headlines import sentence
from pages.parts.i18n import t
from pages.parts.pairwise import compare, reconsider
from pages.parts.points import share_out
from pages.parts.tables import table, title


def lead(asked: Asked) -> None:
    """What the judges come to, whether it can be used, and what they differ on most."""
    found = asked.consensus
    if found is None:
        sentence([escape(_nobody(asked))])
        return
    sentence([escape(part) for part in (_most(asked, found), _usable(found), _differing(asked, found)) if part])


def _nobody(asked: Asked) -> str:
    if asked.way == "ahp":
        return t("{node}：还没有完成的专家意见，每位专家要比较 {size} 对", node=asked.name, size=asked.size)
    return t("{node}：还没有完成的专家意见，每位专家把 100 分分给 {size} 项", node=asked.name, size=asked.size)


def _most(asked: Asked, found: Consensus) -> str:
    words = {"name": asked.first(found.weights), "share": share(max(found.weights))}
    if len(found.by) == 1:
        return t("{by}认为{name}最重要（{share}）", by=found.by[0], **words)
    return t("{count} 位专家合起来，{name}最重要（{share}）", count=len(found.by), **words)


def _usable(found: Consensus) -> str:
    """Whether the judgements agree with themselves; nothing where there is nothing to agree."""
    if found.ratio is None or len(found.weights) < 3:
        return ""
    if found.ratio > LARGEST_RATIO:
        return t("一致性比率 {ratio} 超过 0.1，请先复核", ratio=f"{found.ratio:.2f}")
    own = [by for by, ratio in zip(found.by, found.ratios, strict=True) if (ratio or 0.0) > LARGEST_RATIO]
    if own:
        return t("一致性比率 {ratio}，但{names}的判断有自相矛盾", ratio=f"{found.ratio:.2f}", names=t("、").join(own))
    return t("一致性比率 {ratio}，可以采用", ratio=f"{found.ratio:.2f}")


def _differing(asked: Asked, found: Consensus) -> str:
    split = consultation.split(found)
    if split is None:
        return ""
    low_by, high_by = (t("、").join(names) for names in (split.low_by, split.high_by))
    words = t("分歧最大的是{name}：{low_by} {low}，{high_by} {high}", name=asked.names[split.child],
              low_by=low_by, low=share(split.low), high_by=high_by, high=share(split.high))  # fmt: skip
    # Of two, what one gains the other loses.
    alike = split.alike if asked.count > 2 else 0
    return words + (t("（分歧同样大的另有 {count} 项）", count=alike) if alike else "")


def judge(asked: Asked, by: str) -> None:
    """What one judge is asked, and beside it what it comes to so far."""
    left, right = st.columns([2, 1], gap="large")
    with left:
        title(t("{by}的判断", by=by), asked.name)
        (compare if asked.way == "ahp" else share_out)(asked, by)
    with right, st.container(key="own"):
        _own(asked, by)


def _own(asked: Asked, by: str) -> None:
    """The judge's own weights, and for comparisons how well they agree."""
    said = asked.judges[by]
    if not consultation.finished(asked.way, said):
        rest = consultation.missing(said)
        after = {
            "ahp": t("还差 {count} 对；都判断了，这里给出权重和一致性", count=rest),
            "budget": t("分满 100 分，这里给出权重"),
        }
        title(t("未完成"), after[asked.way])
        return
    weights = consultation.consult(asked.way, {by: said}, asked.count).weights
    title(t("{by}给出的权重", by=by))
    st.html(_weights(asked.names, weights))
    if asked.way == "ahp":
        reconsider(asked, by)


def _weights(names: Sequence[str], weights: Sequence[float]) -> str:
    order = sorted(range(len(names)), key=lambda place: -weights[place])
    return table([t("名称"), t("权重")], [[escape(names[place]), share(weights[place])] for place in order])
