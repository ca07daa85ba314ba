"""Checkup: the findings about an index in words, and each indicator's distribution."""

from dataclasses import replace
from html import escape

import polars as pl
import streamlit as st

from metrics.diagnostics import Diagnosis, diagnose
from metrics.problems import Problem
from metrics.sample import REASONS
from metrics.scorecard import Scorecard
from pages.parts.filters import Choice
from pages.parts.formats import NONE, cycle_words, number, quantity, share, unit
from pages.parts.headlines import sentence
from pages.parts.i18n import language, t
from pages.parts.shell import Screen
from pages.parts.sparks import sparkline
from pages.parts.tables import bullets, facts_line, table, title, twin
from pages.parts.url import link
from pages.parts.words import severity_words

# So many of a group are named; the table of all pairs has the rest.
MOST = 6
# What a problem's facts hold as codes.
_CODES = ("code", "other", "region")
# The first character that no script uses.
_PRIVATE = 0xE000


def diagnosis(screen: Screen, choice: Choice) -> Diagnosis:
    """`metrics.diagnostics.diagnose` of the chosen cycle and area."""
    return _found(screen.card, choice.cycle, choice.members, screen.snapshot, screen.definitions.digest)


@st.cache_resource(max_entries=16, show_spinner=False)
def _found(_card: Scorecard, cycle: str, members: tuple[str, ...], snapshot: str, digest: str) -> Diagnosis:
    return diagnose(_card, cycle, members=members)


def reason_words(reason: str) -> str:
    """Why there is no figure."""
    return REASONS[reason][language() != "zh"] if reason in REASONS else reason


def lead(screen: Screen, choice: Choice, found: Diagnosis) -> None:
    """How many indicators need a look, how many warnings there are, and what the figures rest on."""
    warnings = [problem for problem in found.findings if problem.severity == "warning"]
    touched = {code for problem in warnings for code in _touched(problem)} & set(screen.definitions.indicators)
    words = t(
        "{cycle}{area}：{total} 项指标中 {count} 项需要看一看",
        cycle=cycle_words(choice.cycle), area=choice.area_name, total=found.indicators.height, count=len(touched),
    )  # fmt: skip
    counted = t("{warnings} 条警告，{notes} 条提示", warnings=len(warnings), notes=len(found.findings) - len(warnings))
    sentence([escape(words), escape(counted)])
    about = t(
        "{n} 个参评地区；相关与权重取规则之前的得分（方向已统一，正相关即同好同差），分布取上报的数值",
        n=found.regions.height,
    )
    st.html(f'<p class="q-sub">{escape(about)}</p>')


def _touched(problem: Problem) -> list[str]:
    named = [str(problem.facts[key]) for key in _CODES if key in problem.facts]
    return [*named, *str(problem.facts.get("codes", "")).split(", ")]


def concerns(screen: Screen, choice: Choice, found: Diagnosis) -> None:
    """Every finding with its question, warnings first."""
    warnings = sum(problem.severity == "warning" for problem in found.findings)
    heading = t("先看 {count} 条警告", count=warnings) if warnings else t("没有警告")
    title(heading, t("每条说明是什么、意味着什么、该问什么；界限是通行做法，不是定论"))
    lines = {
        kind: [_line(screen, problem) for problem in found.findings if (problem.severity == "warning") == (kind == 0)]
        for kind in (0, 1)
    }
    bullets(lines[0])
    if lines[1]:
        with st.expander(t("{count} 条提示", count=len(lines[1])), expanded=not lines[0], key="notes"):
            bullets(lines[1])


def _line(screen: Screen, problem: Problem) -> str:
    """A finding with its severity; the indicators and regions that it names are links."""
    kind = "worse" if problem.severity == "warning" else ""
    told, keys = named(screen, problem), [key for key in _CODES if key in problem.facts]
    # Private-use characters stand in the words until these are escaped: no name is looked for in what is HTML already.
    marks = {key: chr(_PRIVATE + at) for at, key in enumerate(keys)}
    words = escape(replace(told, facts={**told.facts, **marks}).message(language()))
    links = {mark: _linked(screen, str(problem.facts[key])) for key, mark in marks.items()}
    return f'<b class="{kind}">{escape(severity_words(problem.severity))}</b> {words.translate(str.maketrans(links))}'


def _linked(screen: Screen, code: str) -> str:
    """A region's or an indicator's name as a link to its page, any other name as text."""
    name = _name(screen, code)
    if code in screen.names():
        return link(name, "region", region=code)
    return link(name, "indicator", code=code) if code in screen.definitions.indicators else escape(name)


def _name(screen: Screen, code: str) -> str:
    return screen.names().get(code) or screen.name(code)


def named(screen: Screen, problem: Problem) -> Problem:
    """The problem with names in place of codes; of many the first ones."""
    facts = dict(problem.facts)
    facts.update({key: _name(screen, str(facts[key])) for key in _CODES if key in facts})
    if "codes" in facts:
        names = [_name(screen, code) for code in str(facts["codes"]).split(", ")]
        listed = t("、").join(names[:MOST])
        facts["codes"] = listed if len(names) <= MOST else t("{names}等", names=listed)
    return replace(problem, facts=facts)


def table_of_indicators(screen: Screen, found: Diagnosis, node: str) -> None:
    """Availability, spread, shape and ties of the indicators below the node, and how reliable they are together."""
    below = _below(screen, node)
    rows = found.indicators.filter(pl.col("code").is_in(below))
    short = rows.filter(pl.col("availability") < 1.0).height
    heading = t("{count} 项指标有地区未报", count=short) if short else t("所有地区都报了全部指标")
    what = t("{node}的指标；偏度与峰度取上报的数值，|偏度| ≥ 2 且超额峰度 ≥ 3.5 才算异常；曲线为得分由低到高",
             node=screen.name(node))  # fmt: skip
    title(heading, what)
    facts_line(_reliability(screen, found, node))
    st.html(table(_heads(), [_indicator(screen, found, row) for row in rows.iter_rows(named=True)]))
    names = pl.col("code").replace_strict({code: screen.name(code) for code in below}).alias(t("指标"))
    twin(screen, rows.select(names, *_columns()), "distributions")


def _below(screen: Screen, node: str) -> list[str]:
    """The indicators under a node, in the tree's order."""
    parents = {row.code: row.parent for row in screen.definitions.nodes()}

    def inside(code: str | None) -> bool:
        return code is not None and (code == node or inside(parents[code]))

    return [code for code in screen.definitions.indicators if inside(parents.get(code))]


def _heads() -> list[str]:
    shape = [t("偏度"), t("超额峰度")]
    return [t("指标"), t("报数率"), t("最小"), t("最大"), t("平均"), t("标准差"), *shape, t("同分占比"), t("得分分布")]


def _indicator(screen: Screen, found: Diagnosis, row: dict[str, object]) -> list[str]:
    code, name = str(row["code"]), str(row["unit"])
    skewed = any(problem.path == code and problem.code == "skewed" for problem in found.findings)
    mark = ' class="worse"' if skewed else ""
    numbers = [number(row[key]) for key in ("min", "max", "mean", "sd")]  # type: ignore[arg-type]
    shapes = [f"<span{mark}>{escape(number(row[key]))}</span>" for key in ("skewness", "kurtosis")]  # type: ignore[arg-type]
    scores = screen.card.frame.filter(
        pl.col("code") == code,
        pl.col("period") == found.period,
        pl.col("region").is_in(found.regions["region"].to_list()),
    )
    course = scores["score"].drop_nulls().sort().to_list()
    return [
        f"{link(screen.name(code), 'indicator', code=code)}<small>{escape(unit(name))}</small>",
        f"{share(row['availability'])}<small>{row['n']} / {row['due']}</small>",  # type: ignore[arg-type]
        *map(escape, numbers),
        *shapes,
        share(row["tied"]),  # type: ignore[arg-type]
        f'<span class="q-mini">{sparkline(course)}</span>',
    ]


def _columns() -> list[pl.Expr]:
    named = {
        **{"unit": t("计量单位"), "due": t("应报地区"), "n": t("已报地区"), "availability": t("报数率")},
        **{"min": t("最小"), "max": t("最大"), "mean": t("平均"), "sd": t("标准差")},
        **{"skewness": t("偏度"), "kurtosis": t("超额峰度"), "treated_skewness": t("处理后偏度")},
        **{"treated_kurtosis": t("处理后峰度"), "moved": t("离群处理的值"), "imputed": t("插补的值")},
        **{"distinct": t("不同得分数"), "tied": t("同分占比")},
    }
    return [pl.col(code).alias(words) for code, words in named.items()]


def _reliability(screen: Screen, found: Diagnosis, node: str) -> list[tuple[str, str]]:
    """Cronbach's α of the node and of the pillars below it."""
    parents = {row.code: row.parent for row in screen.definitions.nodes()}
    shown = found.reliability.filter(
        pl.col("code").is_in([code for code in parents if code == node or parents[code] == node])
    )
    return [
        (
            t("{name} α", name=screen.name(row["code"])),
            t("{alpha}（{k} 项，{n} 个地区）", alpha=quantity(row["alpha"], "1"), k=row["k"], n=row["n"])
            if row["alpha"] is not None
            else f"{NONE} {reason_words(row['reason'])}",
        )
        for row in shown.iter_rows(named=True)
    ]
