"""The ladder under a number: each rung with its arithmetic, its parts below it, the facts at the foot."""

from html import escape

import polars as pl
import streamlit as st

from metrics.explain import Rung, Step
from metrics.flags import label
from metrics.latex import latex
from metrics.workings import WORDS
from pages.parts.formats import cycle_words, full, points, quantity, share
from pages.parts.headlines import sentence
from pages.parts.i18n import language, t
from pages.parts.journalled_exports import noted
from pages.parts.shell import Screen
from pages.parts.tables import csv_of, facts_line, table, title
from pages.parts.url import link
from pages.parts.words import roll_up_words, statuses

SHOWN = 60
# Steps that are arithmetic stand in a box of their own; the others are said in one line.
_ARITHMETIC = ("aggregate", "points", "formula", "treated", "normalise")


def draw(screen: Screen, rung: Rung, region: str, cycle: str) -> None:
    """The number in a sentence, the way to it, its arithmetic, its parts (each a link further down), its facts."""
    name = screen.names()[region]
    words = t("{region} {cycle}{name}：{value}", region=name, cycle=cycle_words(cycle), name=screen.name(rung.code),
              value=shown(rung))  # fmt: skip
    _way(screen, rung, region)
    sentence([escape(words)])
    _said(screen, rung)
    for step in rung.steps:
        if step.name in _ARITHMETIC:
            _arithmetic(screen, rung, step)
    if rung.children:
        _children(screen, rung.children, region, cycle)
    if rung.facts is not None:
        _facts(screen, rung.facts, f"facts-{region}-{cycle}-{rung.code}")


def _way(screen: Screen, rung: Rung, region: str) -> None:
    """The rungs above: the pillars up to the composite, or the indicators that a variable is used by."""
    parent = {row.code: row.parent for row in screen.definitions.nodes()}
    if rung.code in parent:
        above = []
        code = parent[rung.code]
        while code is not None:
            above.insert(0, code)
            code = parent[code]
        words = " › ".join([*(_named(screen, code, region) for code in above), escape(screen.name(rung.code))])
    else:
        users = [code for code, item in screen.definitions.indicators.items() if rung.code in item.formula.codes]
        named = t("、").join(_named(screen, code, region) for code in users)
        words = escape(t("用于：")) + (named or escape(t("其他变量")))
    st.html(f'<p class="q-sub q-way">{words}</p>')


def _named(screen: Screen, code: str, region: str) -> str:
    return link(screen.name(code), "explain", code=code, region=region)


def _said(screen: Screen, rung: Rung) -> None:
    """What is no arithmetic in one line: coverage, rules, rank, grade, roll-up, source, flags."""
    rules = {rule.code: rule.name.text(language()) for rule in screen.definitions.rules if rule.name is not None}
    facts = [(_head(step), _plain(screen, rung, step, rules)) for step in rung.steps if step.name not in _ARITHMETIC]
    facts += [(t("标记"), label(flag, language())) for flag in rung.flags if flag not in rules]
    facts_line(facts)


def _head(step: Step) -> str:
    return WORDS[step.name][language() != "zh"]


def _plain(screen: Screen, rung: Rung, step: Step, rules: dict[str, str]) -> str:
    if step.name == "coverage":
        return share(float(step.text)) if step.text.replace(".", "", 1).isdigit() else step.text
    item = screen.definitions.variables.get(rung.code)
    if step.name == "roll_up" and item is not None:
        weight = getattr(item.over_sites, "mean_by", None)
        return roll_up_words(item.over_time, screen.name(weight) if weight else str(item.over_sites))
    return screen.grades().get(step.text) or rules.get(step.text) or step.text


def _arithmetic(screen: Screen, rung: Rung, step: Step) -> None:
    """One step with its numbers, and a formula in the session's language above it."""
    st.html(f'<p class="q-small">{escape(_head(step))}</p>')
    definitions, text = screen.definitions, step.text
    item = definitions.indicators.get(rung.code) or definitions.variables.get(rung.code)
    if step.name == "formula" and item is not None and item.formula is not None:
        st.latex(latex(item.formula.tree, {code: screen.name(code) for code in item.formula.codes}))
        text = text.removeprefix(f"{item.formula.text} ")
    st.html(f'<p class="q-code">{escape(text)}</p>')


def _facts(screen: Screen, facts: pl.DataFrame, key: str) -> None:
    """The facts with their batch, file and row; the first ones on screen, all of them in the file."""
    files = dict(screen.store.batches().select("id", "file").iter_rows())
    sites = {code: name for code, name in screen.store.sites().select("code", f"name_{language()}").iter_rows() if name}
    title(t("{count} 条事实", count=facts.height), t("数据库中的原始报数及其批次、文件、行号"))
    named = facts.select(
        pl.col("region").replace_strict(screen.names(), default=pl.col("region")).alias(t("地区")),
        pl.col("site").replace(sites).alias(t("公共机构")),
        pl.col("period").alias(t("期间")),
        pl.col("value").alias(t("数值")),
        pl.col("status").replace(statuses()).alias(t("状态")),
        pl.col("batch").alias(t("批次")),
        pl.col("batch").replace_strict(files, default=None, return_dtype=pl.String).alias(t("文件")),
        pl.col("row").alias(t("行")),
        pl.col("source").alias(t("来源")),
    )
    rows = [[escape(_cell(value)) for value in row] for row in named.head(SHOWN).iter_rows()]
    st.html(table(named.columns, rows, kind="words"))
    if named.height > SHOWN:
        st.caption(t("只显示前 {count} 条；全部见下载。", count=SHOWN))
    whole = noted(screen.store, f"{key}.csv", lambda: csv_of(named, screen.notice))
    st.download_button(t("下载 CSV"), whole, f"{key}.csv", "text/csv", on_click="ignore")


def _cell(value: object) -> str:
    if value is None:
        return "—"
    return full(value) if isinstance(value, float) else str(value)


def shown(rung: Rung) -> str:
    """A rung's number: a score in points, a value in its unit."""
    if rung.kind in ("composite", "pillar"):
        return t("{score} 分", score=points(rung.score))
    value = quantity(rung.value, rung.unit)
    return value if rung.kind != "indicator" else t("{value}，{score} 分", value=value, score=points(rung.score))


def _children(screen: Screen, rungs: tuple[Rung, ...], region: str, cycle: str) -> None:
    """The rungs below; a column in which all of them have nothing is left out."""
    title(t("由这些得来"), t("点名称再往下看"))
    heads = [t("名称"), t("数值"), t("得分"), t("权重"), t("贡献的分")]
    lines = [_line(screen, rung, region, cycle) for rung in rungs]
    kept = [place for place in range(len(heads)) if any(line[place] for line in lines)]
    st.html(table([heads[place] for place in kept], [[line[place] for place in kept] for line in lines]))


def _line(screen: Screen, rung: Rung, region: str, cycle: str) -> list[str]:
    """A rung below; one that is read from another cycle says so, and opens there."""
    name = screen.name(rung.code) + (t("（{cycle}）", cycle=rung.period) if rung.period != cycle else "")
    way = escape(name) if rung.kind == "factor" else link(name, "explain", code=rung.code, region=region,
                                                          cycle=rung.period)  # fmt: skip
    value = "" if rung.kind == "pillar" else escape(quantity(rung.value, rung.unit))
    score = points(rung.score) if rung.kind in ("pillar", "indicator") else ""
    given = "" if rung.points is None else points(rung.points)
    return [way, value, score, share(rung.weight) if rung.weight is not None else "", given]
