"""The index on screen: its tree with weights, units, directions, formulas; and the problems of an edited text."""

from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import NoReturn

import streamlit as st

from metrics.consultation import in_force
from metrics.definitions import Definitions, TreeRow
from metrics.models import Node
from metrics.problems import InputError, Problem
from metrics.reader import read
from metrics.terms import term
from metrics.tree import code_of
from pages.parts.formats import better_words, share, unit
from pages.parts.headlines import sentence
from pages.parts.i18n import language, t
from pages.parts.shell import stop_with
from pages.parts.tables import table, title
from pages.parts.url import link
from pages.parts.words import method_words, severity_words

MOST_QUOTED = 300


def tree(definitions: Definitions) -> None:
    """How much is measured in a sentence, then every node and indicator."""
    rows = definitions.nodes()
    pillars = [row for row in rows if row.parent == definitions.index.code and row.level == "pillar"]
    weights = {definitions.index.code: share(1.0)}
    for node in definitions.tree_nodes.values():
        weights |= _weights(node, definitions)
    words = t(
        "{title}：{pillars} 个维度，{indicators} 项指标，{variables} 个变量",
        title=definitions.title.text(language()), pillars=len(pillars), indicators=len(definitions.indicators),
        variables=len(definitions.variables),
    )  # fmt: skip
    sentence([escape(words)])
    title(_heaviest(definitions, pillars), t("权重为同级中的份额；点指标看各地区的数值"))
    heads = [t("名称"), t("权重"), t("计量单位"), t("优劣方向"), t("归一化"), t("公式")]
    st.html(table(heads, [_row(definitions, row, weights.get(row.code, "")) for row in rows], kind="words tree"))
    st.html(f'<p class="q-foot">{escape(t("定义 {digest}", digest=definitions.digest[:8]))}</p>')


def _weights(node: Node, definitions: Definitions) -> dict[str, str]:
    """The shares of a node's children; in their place the method, where only scores can tell them."""
    codes, shares = map(code_of, node.children), in_force(definitions, node)
    if shares is None:
        return dict.fromkeys(codes, term("weights", definitions.weights_of(node).method, language()))
    return dict(zip(codes, map(share, shares), strict=True))


def _heaviest(definitions: Definitions, pillars: list[TreeRow]) -> str:
    """The pillars with the most weight."""
    found = in_force(definitions, definitions.index)
    if not pillars or found is None:
        return definitions.index.name.text(language())
    shares = dict(zip(map(code_of, definitions.index.children), found, strict=True))
    most = max(shares[row.code] for row in pillars)
    names = [definitions.name_of(row.code, language()) for row in pillars if shares[row.code] == most]
    return t("权重最大的维度：{names}（{share}）", names=t("、").join(names), share=share(most))


def _row(definitions: Definitions, row: TreeRow, weight: str) -> list[str]:
    name, item = definitions.name_of(row.code, language()), definitions.indicators.get(row.code)
    indent = f'<span class="q-in" style="--depth:{row.depth}">'
    if item is None:
        return [f"{indent}<b>{escape(name)}</b></span>", f"<b>{escape(weight)}</b>", "", "", "", ""]
    return [
        indent + link(name, "indicator", code=row.code) + "</span>",
        escape(weight),
        escape(unit(item.unit)),
        escape(better_words(item.better)),
        escape(method_words(definitions.normaliser(row.code).method)),
        f"<code>{escape(item.formula.text)}</code>",
    ]


def _quoted(lines: list[str], number: int) -> str:
    """The line of a number, whole unless nobody would read it to its end; empty where there is none."""
    words = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    return words if len(words) <= MOST_QUOTED else f"{words[:MOST_QUOTED]}…"


def _pressing(problem: Problem) -> tuple[int, int]:
    """Errors before warnings before notes, each in the order of the lines."""
    return ("error", "warning", "note").index(problem.severity), problem.line


def found(problems: tuple[Problem, ...], text: str) -> None:
    """Every problem beside its line, the most pressing first."""
    lines = text.splitlines()
    errors = sum(problem.severity == "error" for problem in problems)
    if not problems:
        st.success(t("没有问题，可以使用"))
        return
    title(t("{count} 处错误，共 {total} 条提示", count=errors, total=len(problems)), t("行号是定义文本的行号"))
    rows = [
        [
            str(problem.line),
            f'<span class="{"worse" if problem.severity == "error" else ""}">'
            f"{escape(severity_words(problem.severity))}</span>",
            escape(problem.message(language())),
            f"<code>{escape(_quoted(lines, problem.line))}</code>",
        ]
        for problem in sorted(problems, key=_pressing)
    ]
    st.html(table([t("行"), t("级别"), t("问题"), t("原文")], rows, kind="words wrapped"))


def mend(path: Path, error: InputError) -> NoReturn:
    """A definitions file that cannot be used: its problems beside a text in which they can be mended and taken away."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        stop_with(error)
        st.stop()
    st.caption(t("定义文件有错误，现在无法评分。在这里改好，再保存为定义文件。"))
    edited = st.text_area(t("定义文本"), text, height=480, key="edited")
    checked = read(edited.encode(), path=path.name, today=datetime.now(UTC).date())
    found(tuple(checked.problems), edited)
    st.download_button(
        t("下载修改后的文本"), edited.encode(), path.name, disabled=checked.definitions is None, on_click="ignore"
    )
    st.stop()
