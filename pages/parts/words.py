"""Words for what the definitions name by code: methods, severities, rules of intake."""

import re

from metrics.problems import Problem
from metrics.terms import term
from pages.parts.i18n import language, t


def method_words(code: str) -> str:
    """A normalisation by the handbook's name."""
    return term("normalise", code, language())


def severity_words(code: str) -> str:
    """How bad a problem is."""
    return {"error": t("错误"), "warning": t("警告"), "note": t("提示")}.get(code, code)


def told(problem: Problem) -> str:
    """A problem in words, after its row in a sheet or its line, where it has one."""
    words = problem.message(language())
    if "cell" in problem.facts:
        return t("{cell}：{words}", cell=problem.facts["cell"], words=words)
    return t("第 {line} 行：{words}", line=problem.line, words=words) if problem.line else words


def literal(text: str) -> str:
    """A text in which Markdown and HTML mean nothing."""
    return re.sub(r"([\\`*_{}\[\]()#+.!|<>~:$&-])", r"\\\1", text)


def statuses() -> dict[str, str]:
    """How far a fact has been checked, by code."""
    return {"reported": t("已报送"), "reviewed": t("已审核"), "verified": t("已核定")}


def roll_up_words(over_time: str, over_sites: str) -> str:
    """How a variable's facts become one value a region and cycle; `over_sites` is a way, or a weight's name."""
    ways = {
        "sum": t("合计"),
        "mean": t("平均"),
        "last": t("取期末"),
        "first": t("取期初"),
        "max": t("取最大"),
        "min": t("取最小"),
        "none": t("不汇总"),
    }
    across = ways.get(over_sites) or t("按{weight}加权平均", weight=over_sites)
    return t("各期间{time}，各机构与下级地区{sites}", time=ways[over_time], sites=across)
