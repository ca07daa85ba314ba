"""One indicator's figures: what it is, all regions over the cycles by peer group, and how they stand."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from metrics.compare import target_of
from metrics.latex import latex
from metrics.methods import Band, Limits
from metrics.syntax import codes_of
from pages.parts.beside import Beside
from pages.parts.charts import around
from pages.parts.filters import Choice
from pages.parts.formats import better_words, cycle_words, points, quantity, rank, unit
from pages.parts.headlines import sentence
from pages.parts.i18n import t
from pages.parts.others import middle
from pages.parts.rows import rows_of, unsure, value_cell
from pages.parts.shell import Screen
from pages.parts.strips import Limit, strip
from pages.parts.tables import facts_line, show, source, table, title, twin
from pages.parts.url import link
from pages.parts.words import method_words

# So many inputs of a formula still fit beside the value.
INPUTS = 3


def about(screen: Screen, choice: Choice, code: str) -> None:
    """The finding, then the definition: why, formula, unit, direction, limits, source."""
    item = screen.definitions.indicators[code]
    rows = rows_of(screen, choice, code).drop_nulls("score").sort("score", "region", descending=[True, False])
    name, cycle = screen.name(code), cycle_words(choice.cycle)
    if rows.is_empty():
        sentence([escape(t("{cycle}没有地区有“{name}”的得分", cycle=cycle, name=name))])
    else:
        sentence([escape(t("{cycle}{name}", cycle=cycle, name=name) + t("：")) + _ends(rows, item.unit)])
    if item.why:
        st.html(f"<p>{escape(item.why)}</p>")
    st.latex(latex(item.formula.tree, {named: screen.name(named) for named in item.formula.codes}))
    facts = [
        (t("计量单位"), unit(item.unit) or t("无量纲")),
        (t("优劣方向"), better_words(item.better)),
        (t("归一化"), method_words(screen.definitions.normaliser(code).method)),
        *((limit.name, quantity(limit.value, item.unit)) for limit in limits_of(screen, code)),
        *([(t("责任单位"), item.owner)] if item.owner else []),
        (t("来源"), item.source or "—"),
    ]
    facts_line(facts)


def _ends(rows: pl.DataFrame, name: str) -> str:
    """The best and the last with their values, each a link."""
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    best, worst = (link(row["name"], "region", region=row["region"]) for row in (first, last))
    if rows.height == 1 or first["score"] == last["score"]:
        return best + escape(t("（{value}）", value=quantity(first["value"], name)))
    high = best + escape(t("最好（{value}）", value=quantity(first["value"], name)))
    return high + escape(t("，")) + worst + escape(t("最差（{value}）", value=quantity(last["value"], name)))


def limits_of(screen: Screen, code: str) -> list[Limit]:
    """The indicator's limits by the names of their roles; else its target, where one is set."""
    method = screen.definitions.normaliser(code)
    if isinstance(method, Limits):
        roles = (
            (t("约束值"), method.binding, "worse"),
            (t("基准值"), method.current, "soft"),
            (t("引导值"), method.leading, "better"),
        )
        return [Limit(*role) for role in roles if role[1] is not None]
    if isinstance(method, Band):
        low, high = method.best
        return [Limit(t("适宜下限"), low, "better"), Limit(t("适宜上限"), high, "better")]
    wanted = target_of(screen.definitions, code)
    return [] if wanted is None else [Limit(t("目标"), wanted, "better")]


def over_time(screen: Screen, choice: Choice, code: str) -> None:
    """All regions' values over the cycles, a panel for each peer group, the limits as lines."""
    item, attribute = screen.definitions.indicators[code], screen.definitions.indicators[code].peers
    rows = rows_of(screen, choice, code, every_cycle=True)
    known = rows["value"].drop_nulls()
    if known.is_empty():
        title(t("没有数值"), t("本区域各周期都没有报这项指标所需的数据；到“数据”页看缺什么。"))
        return
    limits = limits_of(screen, code)
    span = around([*known, *(limit.value for limit in limits)])
    what = {"name": screen.name(code), "unit": unit(item.unit) or t("无量纲")}
    words = t("{name}（{unit}），各周期；横短线为{middle}，灰点为其余地区", **what, middle=middle(screen))
    title(_finding(screen, choice, rows, code), words)
    groups = rows["group"].unique().sort(nulls_last=True).to_list()
    for start in range(0, len(groups), 2):
        for place, group in zip(st.columns(min(len(groups), 2)), groups[start : start + 2], strict=False):
            with place:
                own = rows.filter(pl.col("group").eq_missing(group))
                if attribute is not None:
                    words = t(
                        "可比组 {group}（{count} 个地区）", group=group or t("未分组"), count=len(set(own["region"]))
                    )
                    st.html(f'<p class="q-small">{escape(words)}</p>')
                medians = own.select("period", "median").unique().sort("period")
                named = _named(choice, own)
                figure = strip(own, medians, named, limits=limits, span=span, unit=item.unit)
                show(screen, figure, f"strip-{group}", alt=_spoken(own, choice.cycle, item.unit))
    wide = rows.sort("group", "region", "period").pivot(on="period", index=["name", "group"], values="value")
    wide = wide.rename({"name": t("地区"), "group": t("可比组")})
    twin(screen, wide if attribute is not None else wide.drop(t("可比组")), f"indicator-{code}")


def _finding(screen: Screen, choice: Choice, rows: pl.DataFrame, code: str) -> str:
    """How the group's median moved from the first cycle to the chosen one."""
    item = screen.definitions.indicators[code]
    biggest = rows.filter(pl.col("period") == choice.cycle).sort("n", descending=True)["group"].head(1)
    own = rows.filter(pl.col("group").eq_missing(biggest[0] if len(biggest) else None)).drop_nulls("median")
    course = own.filter(pl.col("period") <= choice.cycle).unique("period").sort("period")
    if course.height < 2:
        return t("各地区数值")
    first, last = course.row(0, named=True), course.row(-1, named=True)
    ends = {"first": first["period"], "low": quantity(first["median"], item.unit), "last": last["period"]}
    return middle(screen) + t("：{first} {low} → {last} {high}", **ends, high=quantity(last["median"], item.unit))


def _named(choice: Choice, own: pl.DataFrame) -> list[str]:
    """The chosen regions of a group; where none is chosen, its best and its last."""
    if choice.regions:
        return [region for region in choice.regions if region in own["region"]]
    now = own.filter(pl.col("period") == choice.cycle).drop_nulls("score")
    ordered = now.sort("score", "region", descending=[True, False])["region"]
    return list(dict.fromkeys([*ordered.head(1), *ordered.tail(1)]))


def _spoken(own: pl.DataFrame, cycle: str, name: str) -> str:
    now = own.filter(pl.col("period") == cycle).sort("score", "region", descending=[True, False], nulls_last=True)
    return t("；").join(f"{row['name']} {quantity(row['value'], name)}" for row in now.iter_rows(named=True))


def standings(screen: Screen, choice: Choice, code: str) -> None:
    """Every region's value, what it is made of, its comparison, score and rank in the cycle."""
    item, beside = screen.definitions.indicators[code], Beside(screen, choice)
    rows = rows_of(screen, choice, code).sort("score", "region", descending=[True, False], nulls_last=True)
    named = dict.fromkeys(code.name for code in codes_of(item.formula.tree))
    inputs = [code for code in named if code in screen.definitions.variables][:INPUTS]
    known = _inputs(screen, choice, inputs)
    title(t("{cycle}各地区", cycle=cycle_words(choice.cycle)), t("点得分看来历"))
    lines = [_standing(screen, beside, row, inputs, known) for row in rows.iter_rows(named=True)]
    own = [region in choice.regions for region in rows["region"]]
    heads = [t("地区"), t("指标值"), *(screen.name(code) for code in inputs), beside.head, t("得分"), t("排名")]
    st.html(table(heads, lines, own))
    unsure(rows.iter_rows(named=True), "name")
    source(screen)


def _inputs(screen: Screen, choice: Choice, codes: list[str]) -> dict[tuple[str, str], float | None]:
    """What the value is made of: each input of each region in the cycle."""
    wanted = pl.col("variable").is_in(codes), pl.col("period") == choice.cycle
    rows = screen.card.variables.filter(*wanted).select("region", "variable", "value")
    return {(region, code): value for region, code, value in rows.iter_rows()}


def _standing(
    screen: Screen,
    beside: Beside,
    row: dict[str, Any],
    inputs: list[str],
    known: dict[tuple[str, str], float | None],
) -> list[str]:
    words, found = beside.words(row)
    shown = [
        link(quantity(known.get((row["region"], code)), screen.definitions.unit_of(code)), "explain",
             region=row["region"], code=code)
        for code in inputs
    ]  # fmt: skip
    return [
        link(row["name"], "region", region=row["region"]),
        escape(value_cell(row, screen.definitions.unit_of(row["code"]))),
        *shown,
        f'<span class="{found}">{escape(words)}</span>',
        link(points(row["score"]), "explain", region=row["region"], code=row["code"]),
        escape(rank(row["rank"], row["ranked"])),
    ]
