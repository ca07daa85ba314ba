"""Waterfall: from last cycle's composite to this one's, by what the change comes from."""

from collections.abc import Sequence
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from metrics.change import ledger as ledger_of
from metrics.change import named, outcomes
from metrics.scorecard import Scorecard
from pages.parts.charts import BREAK
from pages.parts.filters import Choice
from pages.parts.formats import cycle_words, full, moved, quantity, signed
from pages.parts.i18n import language, t
from pages.parts.rows import of_region
from pages.parts.shell import Screen, whole_of
from pages.parts.tables import bullets, facts_line, show, title, twin
from pages.parts.waterfall_figure import Bar, End, falling

# How many contributions have a bar of their own; the rest is one.
MOST = 10
# A rule's name is a sentence of its own.
_QUOTED = (pl.col("kind") == "rules") & (pl.col("name") != "") & (pl.col("term") != 0.0)
# A term below this is 0.0 as it is written.
SHOWN = 0.05


@st.cache_resource(max_entries=64, show_spinner=False)
def _ledger(
    _cards: tuple[Scorecard, Scorecard], region: str, periods: tuple[str, str], lang: str, snapshot: str, digest: str
) -> pl.DataFrame:
    found = ledger_of(*_cards, region, period_before=periods[0], period_after=periods[1])
    return named(found, *_cards, lang=lang)


def change(screen: Screen, choice: Choice, region: str) -> None:
    """What the region's change on last cycle comes from; nothing where there is no cycle before it."""
    periods = _periods(screen, choice)
    if periods is None:
        return
    first, last = periods
    whole = whole_of(screen)
    cards = (whole.editions.card(first), whole.card)
    outcome = outcomes(*cards, period_before=first, period_after=last, regions=(region,))
    row = outcome.row(0, named=True)
    if row["missing"] is not None:
        cycle = last if row["missing"] == "after" else first
        title(t("较上期的变化"), t("{cycle}没有综合得分，变化无从分解", cycle=cycle_words(cycle)))
        return
    digest = screen.definitions.digest
    terms = _ledger(cards, region, periods, language(), whole.snapshot, digest)
    bars = _bars(screen, terms, region, periods)
    finding = _finding(row["change"], bars)
    words = {"first": cycle_words(first), "last": cycle_words(last)}
    told = t("{first} → {last}，分；未注明的是自身表现，各项之和等于变化", **words)
    framed_by_others = t("；基准框变动：其他地区的数值变了，尺子随之变了") if "frame" in terms["kind"] else ""
    by_rules = t("；引号内为规则") if terms.filter(_QUOTED).height else ""
    title(finding, told + by_rules + framed_by_others)
    facts_line(_kinds(terms))
    ends = (End(first, row["score_before"]), End(last, row["score_after"]))
    spoken = t("；").join(f"{bar.name} {signed(bar.term, 2)}" for bar in bars)
    show(screen, falling(bars, ends), "waterfall", alt=f"{finding}{t('。')}{spoken}")
    _vetoes(screen, terms, row)
    _twin(screen, terms)


def _periods(screen: Screen, choice: Choice) -> tuple[str, str] | None:
    """The cycle before the chosen one, and that one; None where it is not scored, or not seen."""
    rows = screen.card.rows
    names = {cycle: rows.calendar.name(cycle) for cycle in rows.cycles}
    before = [names.get(cycle - 1) for cycle, name in names.items() if name == choice.cycle]
    return (before[0], choice.cycle) if before and before[0] in screen.periods else None


def _bars(screen: Screen, terms: pl.DataFrame, region: str, periods: tuple[str, str]) -> list[Bar]:
    """The largest contributions, gains first, then what else went up, and down, in one bar each."""
    moved = terms.filter(pl.col("term") != 0.0).sort(
        pl.col("term").abs(), "kind", "code", descending=[True, False, False]
    )
    chosen = moved.head(MOST).filter(pl.col("term").abs() >= SHOWN / 5)
    rest = moved.join(chosen, on=["kind", "code"], how="anti", nulls_equal=True)
    values = {
        (row["code"], row["period"]): row["value"]
        for row in screen.rows.filter(pl.col("region") == region, pl.col("period").is_in(periods)).to_dicts()
    }
    bars = [_bar(screen, row, values, periods) for row in chosen.sort("term", descending=True).iter_rows(named=True)]
    up, down = rest.filter(pl.col("term") > 0.0), rest.filter(pl.col("term") < 0.0)
    if up.height:
        bars.append(_rest(t("其余上升的 {count} 项", count=up.height), up))
    if down.height:
        bars.append(_rest(t("其余下降的 {count} 项", count=down.height), down))
    return bars


def _rest(name: str, terms: pl.DataFrame) -> Bar:
    total = float(terms["term"].sum())
    return Bar(name, total, full(total), rest=True)


def _bar(
    screen: Screen, row: dict[str, Any], values: dict[tuple[str, str], float | None], periods: tuple[str, str]
) -> Bar:
    name = _name(row)
    item = screen.definitions.indicators.get(row["code"])
    told = f"{name} {full(row['term'])}"
    if item is not None:
        steps = [quantity(values.get((row["code"], period)), item.unit) for period in periods]
        told += f"{BREAK}{steps[0]} → {steps[1]}"
    return Bar(name, row["term"], told)


def _name(row: dict[str, Any]) -> str:
    """An indicator's name; with the kind where that is not its own performance; a rule's in quotes."""
    if row["kind"] == "own":
        return str(row["name"])
    if row["kind"] == "rules" and row["name"]:
        return t("“{name}”", name=row["name"])
    return t("{name}（{kind}）", name=row["name"], kind=row["kind_name"]) if row["name"] else str(row["kind_name"])


def _finding(change: float, bars: Sequence[Bar]) -> str:
    """The change and its largest gain and loss, in words."""
    own = [bar for bar in bars if abs(bar.term) >= SHOWN and not bar.rest]
    gain = max(own, key=lambda bar: bar.term, default=None)
    loss = min(own, key=lambda bar: bar.term, default=None)
    parts = [t("较上期 {change}", change=moved(change))]
    if gain is not None and gain.term > 0.0:
        parts.append(t("升得最多的是{name}（{term}）", name=gain.name, term=signed(gain.term)))
    if loss is not None and loss.term < 0.0:
        parts.append(t("降得最多的是{name}（{term}）", name=loss.name, term=signed(loss.term)))
    return t("，").join(parts)


def _kinds(terms: pl.DataFrame) -> list[tuple[str, str]]:
    """What each kind comes to."""
    found = terms.group_by("kind_name", maintain_order=True).agg(
        pl.col("term").sum(), pl.col("term").abs().max().alias("top")
    )
    return [(name, signed(term, 2)) for name, term, top in found.iter_rows() if top > 0.0]


def _vetoes(screen: Screen, terms: pl.DataFrame, outcome: dict[str, Any]) -> None:
    """Vetoes that are met in one of the cycles only: a grade and no points."""
    grades = screen.grades()
    before, after = (grades.get(outcome[f"grade_{side}"], "—") for side in ("before", "after"))
    flags = of_region(screen, outcome["region"], cycle=outcome["period_after"]).filter(pl.col("level") == "composite")
    lines = []
    for code, name in terms.filter(pl.col("term") == 0.0).select("code", "name").iter_rows():
        met = t("本期触发") if code in flags["flags"][0].split(";") else t("本期解除")
        words = t("{met}；只限定等级，不计分；等级 {before} → {after}", met=met, before=before, after=after)
        lines.append(escape(f"{name}{t('：')}{words}"))
    if lines:
        bullets(lines)


def _twin(screen: Screen, terms: pl.DataFrame) -> None:
    columns = {"kind_name": t("来源类别"), "name": t("名称"), "term": t("贡献（分）")}
    twin(
        screen,
        terms.sort(pl.col("term").abs(), descending=True).select(
            pl.col(old).alias(new) for old, new in columns.items()
        ),
        "waterfall",
    )
