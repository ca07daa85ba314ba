"""Quality: a card a region or an indicator, the worst first, each number with its sentence."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from data.clock import now
from data.due import ask
from data.quality import MEASURES, Quality
from data.quality import quality as quality_of
from data.quality_words import bounds_words, decided_words, explained, grade_words, number_words, part_words
from data.store import Store
from metrics.scorecard import Scorecard
from pages.parts.filters import Choice
from pages.parts.formats import cycle_words
from pages.parts.headlines import sentence
from pages.parts.heat import HATCHED
from pages.parts.i18n import language, t
from pages.parts.pickers import pick_short
from pages.parts.shell import Screen, whole_of
from pages.parts.tables import bullets, table, title, twin
from pages.parts.url import link


def quality(screen: Screen, choice: Choice) -> None:
    """The sentence, then the table of cards, the thresholds, and every number in words."""
    today = now()[:10]
    found = _found(str(screen.store.path), screen.store.snapshot(), choice.cycle, today, whole_of(screen).card)
    views = {"region": t("按地区"), "indicator": t("按指标")}
    view = pick_short(t("数据质量"), "quality", views, "region")
    cards = found.of_regions(choice.members) if view == "region" else found.of_indicators(choice.members)
    if cards.is_empty():
        sentence([escape(t("{cycle}还没有可评的数据", cycle=cycle_words(choice.cycle)))])
        return
    names = screen.names() if view == "region" else {code: screen.name(code) for code in cards["code"]}
    rows = cards.to_dicts()
    _lead(choice, rows, names, view)
    finding = t("各等级的个数：{counts}", counts=_finding(rows))
    title(finding, t("等级取各项中最低的一项；最差的在前；指向格子可看这个数的来历"))
    heads = [t("名称"), t("等级"), *(part_words(part, language()) for part in MEASURES)]
    st.html(table(heads, [_line(row, names, view) for row in rows], kind="heat small"))
    twin(screen, _long(rows, names), f"quality {view}")
    with st.expander(t("等级的界线"), key="quality bounds"):
        graded = [part for part, one in MEASURES.items() if one.bounds is not None]
        colon = t("：")
        lines = [f"{part_words(part, language())}{colon}{bounds_words(part, language())}" for part in graded]
        bullets([escape(line) for line in lines])
        st.caption(t("界线是本程序自定的，没有哪个标准规定过；低于“偏弱”的为差，没有数可算的不评"))


@st.cache_resource(max_entries=8, show_spinner=False)
def _found(db: str, snapshot: str, cycle: str, today: str, _card: Scorecard) -> Quality:
    return quality_of(ask(Store(db), cycle, today=today), _card)


def _lead(choice: Choice, rows: list[dict[str, Any]], names: dict[str, str], view: str) -> None:
    """How many have which grade, and who is worst and why."""
    low = [row for row in rows if row["grade"] in ("weak", "poor")]
    kind = t("个地区") if view == "region" else t("个指标")
    about = {"cycle": cycle_words(choice.cycle), "area": choice.area_name, "count": len(rows), "kind": kind}
    if not low:
        sentence([escape(t("{cycle}{area} {count} {kind}的数据都可用", **about))])
        return
    worst = rows[0]
    page = {"region": worst["code"]} if view == "region" else {"code": worst["code"]}
    who = link(names[worst["code"]], view, **page) + escape(t("最差：{grade}", grade=decided_words(worst, language())))
    words = t("{cycle}{area} {count} {kind}的数据都偏弱或差", **about)
    if len(low) < len(rows):
        words = t("{cycle}{area} {count} {kind}中 {low} 个的数据偏弱或差", low=len(low), **about)
    sentence([escape(words), who])


def _finding(rows: list[dict[str, Any]]) -> str:
    """How many cards have which grade."""
    counts = {grade: sum(row["grade"] == grade for row in rows) for grade in ("good", "usable", "weak", "poor")}
    return t("、").join(f"{grade_words(grade, language())} {count}" for grade, count in counts.items() if count)


def _line(row: dict[str, Any], names: dict[str, str], view: str) -> list[str]:
    page = {"region": row["code"]} if view == "region" else {"code": row["code"]}
    why, word = escape(decided_words(row, language())), escape(grade_words(row["grade"], language()))
    grade = f'<td title="{why}"><b>{word}</b></td>'
    return [link(names[row["code"]], view, **page), grade, *(_cell(row, part) for part in MEASURES)]


def _cell(row: dict[str, Any], part: str) -> str:
    """The number and the word of its grade: good ones quiet, weak ones edged, poor ones hatched too."""
    grade = row.get(f"{part}_grade")
    number = escape(number_words(part, row[part], language()))
    word = f"<small>{escape(grade_words(grade, language()))}</small>" if grade else ""
    style = "box-shadow:inset 0 0 0 2px var(--worse);" if grade in ("weak", "poor") else ""
    style += f"background:{HATCHED}" if grade == "poor" else ""
    kind = ' class="full"' if grade == "good" else f' style="{style}"' if style else ""
    return f'<td{kind} title="{escape(explained(row, part, language()))}">{number}{word}</td>'


def _long(rows: list[dict[str, Any]], names: dict[str, str]) -> pl.DataFrame:
    """A line a number: what, how much, which grade, why."""
    lang = language()
    lines = [
        (names[row["code"]], part_words(part, lang), row[part], grade_words(row.get(f"{part}_grade"), lang),
         explained(row, part, lang))
        for row in rows for part in MEASURES
    ]  # fmt: skip
    heads = [t("名称"), t("项目"), t("数值"), t("等级"), t("来历")]
    return pl.DataFrame(lines, schema=heads, orient="row", infer_schema_length=None)
