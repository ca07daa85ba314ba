"""The ladder under a number: each rung with its arithmetic, its parts below it, the facts at the foot."""

from html import escape

import streamlit as st

from metrics.explain import Rung
from metrics.flags import label
from metrics.workings import WORDS
from pages.parts.formats import points, quantity, share
from pages.parts.i18n import language, t
from pages.parts.shell import Screen
from pages.parts.tables import table, title
from pages.parts.url import link

SHOWN = 60


def draw(screen: Screen, rung: Rung, region: str, cycle: str) -> None:
    """The number in a sentence, its arithmetic, its parts (each a link further down), and its facts."""
    words = t(
        "{region} {cycle} {name}：{value}", region=region, cycle=cycle, name=screen.name(rung.code), value=shown(rung)
    )
    st.html(f'<p class="q-lead">{escape(words)}</p>')
    for step in rung.steps:
        st.html(f'<p class="q-sub">{escape(WORDS[step.name][language() != "zh"])}</p>')
        if step.latex:
            st.latex(step.latex)
        st.code(words_of(screen).get(step.text, step.text), language=None, wrap_lines=True)
    for flag in rung.flags:
        st.html(f'<p class="worse">⚑ {escape(words_of(screen).get(flag) or label(flag, language()))}</p>')
    if rung.children:
        title(t("由这些得来"), t("点名称再往下看"))
        st.html(table([t("名称"), t("数值"), t("得分"), t("权重")], [_line(screen, child) for child in rung.children]))
    if rung.facts is not None:
        title(t("{count} 条事实", count=rung.facts.height), t("数据库中的原始报数及其批次、行号"))
        heads = [
            name
            for name in ("region", "site", "period", "value", "status", "batch", "row", "source")
            if name in rung.facts.columns
        ]
        rows = [
            [escape("—" if cell is None else str(cell)) for cell in row]
            for row in rung.facts.select(heads).head(SHOWN).iter_rows()
        ]
        names = {
            "region": t("地区"),
            "site": t("公共机构"),
            "period": t("期间"),
            "value": t("数值"),
            "status": t("状态"),
            "batch": t("批次"),
            "row": t("行"),
            "source": t("来源"),
        }
        st.html(table([names[name] for name in heads], rows))
        if rung.facts.height > SHOWN:
            st.caption(t("只显示前 {count} 条；全文见下载。", count=SHOWN))


def words_of(screen: Screen) -> dict[str, str]:
    """Grades and rules by code, in words."""
    named = [*screen.definitions.grades, *screen.definitions.rules]
    return {item.code: item.name.text(language()) for item in named if item.name is not None}


def shown(rung: Rung) -> str:
    """A rung's number: a score in points, a value in its unit."""
    if rung.kind in ("composite", "pillar"):
        return t("{score} 分", score=points(rung.score))
    return quantity(rung.value, rung.unit)


def _line(screen: Screen, rung: Rung) -> list[str]:
    name = screen.name(rung.code)
    way = (
        escape(name)
        if rung.kind == "factor"
        else link(name, "explain", code=rung.code, region=str(st.query_params.get("region", "")))
    )
    value = "" if rung.kind == "pillar" else escape(quantity(rung.value, rung.unit))
    score = points(rung.score) if rung.kind in ("pillar", "indicator") else ""
    return [way, value, score, share(rung.weight) if rung.weight is not None else ""]
