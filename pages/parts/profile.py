"""One region's figures: headline, pillars against peers, courses, strengths and weaknesses, what is missing."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from metrics.manual.words import Words
from metrics.report import acted, lacking, sentences
from pages.parts.beside import Beside
from pages.parts.certainty import beside_ranks
from pages.parts.charts import scores_span
from pages.parts.courses import band as course
from pages.parts.dots import against_peers
from pages.parts.filters import Choice
from pages.parts.formats import between, cycle_words, points, quantity, rank
from pages.parts.headlines import sentence
from pages.parts.i18n import language, t
from pages.parts.others import band, ends, middle
from pages.parts.rows import of_region, rules_of, unsure, value_cell
from pages.parts.shell import Screen
from pages.parts.sparks import sparkline
from pages.parts.tables import bullets, show, table, title, twin
from pages.parts.url import link

ENDS = ("min", "median", "max")


def interval(screen: Screen, choice: Choice, region: str) -> str:
    """The interval of the region's rank by the composite, as `between` writes it; empty where it has none."""
    root = of_region(screen, region, cycle=choice.cycle).head(1)
    return "" if root["rank"][0] is None else between(beside_ranks(screen, root).row(0, named=True))


def head(screen: Screen, choice: Choice, region: str, sure: str = "") -> None:
    """The grade, rank and coverage in a sentence, with the rules that were applied; `sure` is the rank's interval."""
    root = of_region(screen, region, cycle=choice.cycle).row(0, named=True)
    name, cycle, lang = screen.names()[region], cycle_words(choice.cycle), language()
    grade = screen.grades().get(root["grade"] or "", "")
    more = {"why": acted.why_none(Words(screen.definitions, lang), root), "unlike": _unlike(screen, choice, region)}
    told = sentences.joined(sentences.standing(root, name, cycle, grade=grade, sure=sure, lang=lang, **more), lang)
    if root["score"] is None:
        sentence([escape(told), link(t("看缺什么"), "facts")])
        return
    rules = [escape(words) for words in rules_of(screen, root["flags"])]
    why = link(t("看来历"), "explain", region=region, code=root["code"])
    sentence([escape(told), *rules, why])


def _unlike(screen: Screen, choice: Choice, region: str) -> str:
    """What the composite rests on and that of the cycle before did not, or the other way about."""
    before = screen.periods[: screen.periods.index(choice.cycle)][-1:]
    below = of_region(screen, region).filter(pl.col("parent") == screen.definitions.index.code)
    codes = {code: screen.name(code) for code in below["code"]}
    named = below.with_columns(name=pl.col("code").replace_strict(codes, return_dtype=pl.String))
    now, then = (named.filter(pl.col("period").is_in(cycles)) for cycles in ((choice.cycle,), before))
    return sentences.unlike(now, then, language())


def pillars(screen: Screen, choice: Choice, region: str) -> None:
    """The pillars' scores against the peers' band."""
    rows = of_region(screen, region, cycle=choice.cycle).filter(pl.col("level") == "pillar")
    if rows["score"].count() == 0:
        return
    codes = {code: screen.name(code) for code in rows["code"]}
    every = rows.with_columns(name=pl.col("code").replace_strict(codes))
    beside, titled = sentences.middle(screen.card, language()), every.drop_nulls("score")
    finding = sentences.apart(every, beside, language()) or t("维度")
    what = t("维度得分，{cycle}；灰带为{band}，竖线为{middle}", cycle=cycle_words(choice.cycle), band=band(screen),
             middle=middle(screen))  # fmt: skip
    title(finding, what)
    spoken = t("；").join(f"{name} {points(score)}" for name, score in titled.select("name", "score").iter_rows())
    show(screen, against_peers(titled, screen.names()[region]), "pillars", alt=f"{finding}{t('。')}{spoken}")
    twin(
        screen,
        titled.select(
            pl.col("name").alias(t("名称")),
            pl.col("score").alias(t("得分")),
            *(pl.col(f"score_{end}").alias(head) for end, head in zip(ENDS, ends(screen), strict=True)),
        ),
        "pillars",
    )


def courses(screen: Screen, choice: Choice, region: str) -> None:
    """The composite's and the pillars' courses before the group's range, one small picture each."""
    codes = [row.code for row in screen.definitions.nodes() if row.level != "indicator"][:6]
    every = of_region(screen, region).filter(pl.col("code").is_in(codes))
    known = every.filter(pl.col("code") == codes[0]).drop_nulls("score").sort("period")
    if known.height < 2:
        return
    ends = {"first": known["period"][0], "low": points(known["score"][0]), "last": known["period"][-1]}
    finding = t("综合得分：{first} {low} → {last} {high}", **ends, high=points(known["score"][-1]))
    title(finding, t("得分，各周期；灰带为{band}，点线为{middle}", band=band(screen), middle=middle(screen)))
    span = scores_span(pl.concat([every["score"], every["score_min"], every["score_max"]]))
    for row in (codes[:3], codes[3:]):
        for place, code in zip(st.columns(3), row, strict=False):
            with place:
                st.html(f'<p class="q-small">{escape(screen.name(code))}</p>')
                rows = every.filter(pl.col("code") == code)
                alt = t("{name}各周期得分", name=screen.name(code))
                last = points(rows.sort("period").drop_nulls("score")["score"].last())  # type: ignore[arg-type]
                show(screen, course(rows, last, span=span), f"course-{code}", alt=alt)
    names = pl.col("code").replace_strict({code: screen.name(code) for code in codes})
    wide = every.sort("period").pivot(on="period", index="code", values="score")
    twin(screen, wide.select(names.alias(t("名称")), pl.exclude("code")), "region-courses")


def strengths(screen: Screen, choice: Choice, region: str) -> None:
    """The three indicators furthest above the group's median, and the three furthest below, with whom to learn from."""
    known = of_region(screen, region, cycle=choice.cycle).drop_nulls(["value", "score_gap"])
    rows = known.filter(pl.col("level") == "indicator")
    strong, weak = sentences.strong_and_weak(rows, screen.definitions)
    group, none = middle(screen), t("没有数值，无法比较") if rows.is_empty() else ""
    left, right = st.columns(2, gap="medium")
    with left:
        title(t("强项"), t("得分高于{middle}最多的指标", middle=group))
        least = none or t("没有高于{middle}的指标", middle=group)
        bullets([_strength(screen, row) for row in strong.iter_rows(named=True)] or [least])
    with right:
        what = t("得分低于{middle}最多的指标", middle=group) + (t("，可向谁学") if screen.card.whole else "")
        least = none or t("没有低于{middle}的指标", middle=group)
        title(t("弱项"), what)
        bullets([_weakness(screen, row) for row in weak.iter_rows(named=True)] or [least])


def _strength(screen: Screen, row: dict[str, Any]) -> str:
    words = sentences.beside_median(
        row, screen.definitions.unit_of(row["code"]), sentences.middle(screen.card, language()), language()
    )
    return link(screen.name(row["code"]), "indicator", code=row["code"]) + " " + escape(words)


def _weakness(screen: Screen, row: dict[str, Any]) -> str:
    """The same, and the best of the region's own group."""
    found = _strength(screen, row)
    if row["best"] is None or row["best"] == row["region"]:
        return found
    value = quantity(row["best_value"], screen.definitions.unit_of(row["code"]))
    best = link(screen.names()[row["best"]], "region", region=row["best"])
    return found + escape(t("；可学")) + best + escape(t("（{value}）", value=value))


def missing(screen: Screen, choice: Choice, region: str) -> None:
    """The indicators without a value, a score or a value of their own, and why; what has not been reported."""
    found, lang = lacking.lacking(of_region(screen, region, cycle=choice.cycle)), language()
    facts = screen.by_period.filter(pl.col("region") == region, pl.col("cycle") == choice.cycle, pl.col("absent") > 0)
    told = lacking.lacking_words(found, lang)
    if not told and facts.is_empty():
        return
    title(told or t("缺报"), lacking.rule_words(lang))
    lines = [
        link(screen.name(row["code"]), "explain", region=region, code=row["code"])
        + escape(t("：") + lacking.reason(screen.card, row, lang))
        for row in pl.concat([found.missing, found.unscored, found.imputed]).iter_rows(named=True)
    ]
    for row in facts.iter_rows(named=True):
        named = t("、").join(screen.name(code) for code in row["missing"].split(";"))
        lines.append(escape(t("{period} 缺报：{names}", period=row["period"], names=named)))
    bullets(lines)


def indicators(screen: Screen, choice: Choice, region: str) -> None:
    """Every node: value, score, rank, comparison and course."""
    beside = Beside(screen, choice)
    title(t("全部指标"), t("点得分看来历；走势为得分"))
    every = of_region(screen, region)
    courses_of = {code: part["score"].to_list() for (code,), part in every.partition_by("code", as_dict=True).items()}
    depth = {row.code: row.depth for row in screen.definitions.nodes()}
    rows = every.filter(pl.col("period") == choice.cycle).rows(named=True)
    lines = [
        _line(screen, beside, row, depth[row["code"]], courses_of[row["code"]])
        for row in rows
    ]
    heads = [t("名称"), t("指标值"), t("得分"), t("排名"), beside.head, t("得分走势")]
    st.html(table(heads, lines, kind="tree"))
    unsure(({**row, "called": screen.name(row["code"])} for row in rows), "called")


def _line(screen: Screen, beside: Beside, row: dict[str, Any], depth: int, course: list[float | None]) -> list[str]:
    item, name = screen.definitions.indicators.get(row["code"]), screen.name(row["code"])
    shown = link(name, "indicator", code=row["code"]) if item else f"<b>{escape(name)}</b>"
    indented = f'<span class="q-in" style="--depth:{depth}">{shown}</span>'
    words, found = beside.words(row)
    return [
        indented,
        escape(value_cell(row, item.unit)) if item else "",
        link(points(row["score"]), "explain", region=row["region"], code=row["code"]),
        escape(rank(row["rank"], row["ranked"])),
        f'<span class="{found}">{escape(words)}</span>',
        f'<span class="q-mini">{sparkline(course)}</span>',
    ]
