"""Due: who has not reported what, in time or late, whom to call first, and the deadlines."""

from collections.abc import Mapping
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from data.clock import now
from data.due import Asked, ask, deadline_history, deadlines, differing, missing, set_deadline, silent
from data.due import due as due_of
from data.store import Store
from metrics.completeness import summed
from metrics.periods import parse
from pages.parts.filters import Choice
from pages.parts.formats import cycle_words, nearly, period_words
from pages.parts.headlines import sentence
from pages.parts.heat import HATCHED
from pages.parts.i18n import language, t
from pages.parts.moments import moment
from pages.parts.review_acts import act, field, note, tell
from pages.parts.shell import Screen
from pages.parts.tables import bullets, table, title, twin
from pages.parts.url import link
from pages.parts.workbench import who

FIRST, NAMED = 5, 4


def due(screen: Screen, choice: Choice) -> None:
    """The sentence, the heat table of regions and periods, whom to call first, and the deadlines."""
    asked, rows = _asked(str(screen.store.path), screen.store.snapshot(), choice.cycle, now()[:10])
    rows = rows.filter(pl.col("region").is_in(choice.members))
    if not rows["due"].sum():
        sentence([escape(t("{cycle}还没有到期的应报项", cycle=cycle_words(choice.cycle)))])
    else:
        by_region = summed(rows, "region").sort("late", "absent", "region", descending=[True, True, False])
        _lead(screen, choice, by_region)
        _heat(screen, choice, rows, by_region)
        _call(screen, choice, asked, by_region)
    _deadlines(screen, choice)


@st.cache_resource(max_entries=8, show_spinner=False)
def _asked(db: str, snapshot: str, cycle: str, today: str) -> tuple[Asked, pl.DataFrame]:
    asked = ask(Store(db), cycle, today=today)
    return asked, due_of(asked)


def _lead(screen: Screen, choice: Choice, by_region: pl.DataFrame) -> None:
    """How much is due and has come, how much is late, and where most."""
    whole = by_region.select(pl.col("due", "reported", "absent", "late", "after").sum()).row(0, named=True)
    words = t("{cycle}{area}（{count} 个地区）应报 {due} 项，", cycle=cycle_words(choice.cycle), area=choice.area_name,
              count=by_region.height, due=f"{whole['due']:,}")  # fmt: skip
    if not whole["absent"]:
        parts = [escape(words + t("没有缺项"))]
    else:
        share = nearly(whole["reported"] / whole["due"])
        parts = [escape(words + t("缺 {absent} 项（已报 {share}）", absent=f"{whole['absent']:,}", share=share))]
    if whole["late"]:
        worst = by_region.row(0, named=True)
        most = link(screen.names()[worst["region"]], "region", region=worst["region"])
        parts.append(escape(t("{late} 项已过期限，最多的是", late=f"{whole['late']:,}")) + most)
    elif by_region["deadline"].null_count() == by_region.height:
        parts.append(escape(t("没有设期限，所以没有逾期")))
    elif whole["absent"]:
        parts.append(escape(t("都还没有过期限")))
    sentence(parts)


def _heat(screen: Screen, choice: Choice, rows: pl.DataFrame, by_region: pl.DataFrame) -> None:
    """A line a region, the latest first; a column a period."""
    found = summed(rows, "region", "period")
    starts = screen.definitions.fiscal_year_starts
    read = [parse(period, fiscal_year_starts=starts) for period in found["period"].unique()]
    periods = [one.text for one in sorted(read, key=lambda one: (one.months, one.first))]
    lacking = by_region.filter(pl.col("absent") > 0).height
    finding = t("{count} 个地区有缺项", count=lacking) if lacking else t("各地区都报齐了")
    title(finding, t("每格为应报项中已报的份额；✓ 为报齐，斜线为缺，! 为过了期限还没有报，“迟”为过了期限才报的项数"))
    cells = {(row["region"], row["period"]): row for row in found.iter_rows(named=True)}
    lines = [
        [
            link(screen.names()[row["region"]], "region", region=row["region"]),
            *(_cell(screen, cells.get((row["region"], period))) for period in periods),
            _cell(screen, row),
        ]
        for row in by_region.iter_rows(named=True)
    ]
    heads = [period_words(period, choice.cycle) for period in periods]
    st.html(table([t("地区"), *heads, t("合计")], lines, kind="heat small"))
    _twin(screen, found)


def _twin(screen: Screen, found: pl.DataFrame) -> None:
    words = pl.Series([_named(screen, codes) for codes in found["missing"]], dtype=pl.String)
    shown = found.select(
        pl.col("region").replace_strict(screen.names()).alias(t("地区")),
        pl.col("period").alias(t("期间")),
        pl.col("deadline").alias(t("期限")),
        pl.col("due").alias(t("应报")),
        pl.col("reported").alias(t("已报")),
        pl.col("absent").alias(t("缺")),
        pl.col("late").alias(t("逾期未报")),
        pl.col("after").alias(t("逾期才报")),
        words.alias(t("缺哪些")),
    )
    twin(screen, shown, "due")


def _cell(screen: Screen, row: Mapping[str, Any] | None) -> str:
    """The share; full ones quiet, gaps hatched with how many are missing, late ones with a mark and a word too."""
    if row is None:
        return "<td>·</td>"
    after = f"<small>{escape(t('迟 {count}', count=row['after']))}</small>" if row["after"] else ""
    until = t("；期限 {day}", day=row["deadline"]) if row["deadline"] else ""
    if not row["absent"]:
        return f'<td class="full" title="100 %{escape(until)}">✓{after}</td>'
    what = escape(_named(screen, row["missing"]) + until)
    few = escape(t("缺 {absent}", absent=row["absent"]))
    if not row["late"]:
        shown = f"{nearly(row['share'])}<small>{few}</small>{after}"
        return f'<td class="gap" style="background:{HATCHED}" title="{what}">{shown}</td>'
    style = f"background:{HATCHED};box-shadow:inset 0 0 0 2px var(--worse)"
    late = escape(t("逾期 {late}", late=row["late"]))
    shown = f"<b>!</b> {nearly(row['share'])}<small>{late}</small>{after}"
    return f'<td class="gap" style="{style}" title="{what}">{shown}</td>'


def _named(screen: Screen, codes: str) -> str:
    names = [screen.name(code) for code in codes.split(";") if code]
    more = t(" 等 {count} 项", count=len(names)) if len(names) > NAMED else ""
    return t("、").join(names[:NAMED]) + more


def _call(screen: Screen, choice: Choice, asked: Asked, by_region: pl.DataFrame) -> None:
    """The regions with the most that is late, then with the most that is missing; and what one of them lacks."""
    lacking = by_region.filter(pl.col("absent") > 0)
    quiet = dict(silent(asked).group_by("region").len().iter_rows())
    if lacking.is_empty():
        return
    title(t("先联系谁"), t("逾期最多的在前，其次缺得最多的"))
    lines = []
    for row in lacking.head(FIRST).iter_rows(named=True):
        words = t("逾期 {late} 项，共缺 {absent} 项：{what}", late=f"{row['late']:,}", absent=f"{row['absent']:,}",
                  what=_named(screen, row["missing"]))  # fmt: skip
        words += t("；另有 {count} 个登记机构没有报过", count=quiet[row["region"]]) if row["region"] in quiet else ""
        lines.append(link(screen.names()[row["region"]], "region", region=row["region"]) + " " + escape(words))
    bullets(lines)
    with st.expander(t("缺的是哪些机构的哪些数"), key="due sites"):
        names = screen.names()
        region = st.selectbox(
            t("地区"), lacking["region"].to_list(), key="due region", format_func=names.__getitem__,
            placeholder=t("请选择"),
        )  # fmt: skip
        if region is not None:
            _sites(screen, choice, missing(asked, region))


def _sites(screen: Screen, choice: Choice, found: pl.DataFrame) -> None:
    sites = screen.store.sites().select("code", pl.coalesce(f"name_{language()}", "code").alias("name"))
    names = dict(sites.iter_rows())
    lines = [
        [
            escape(names.get(row["site"], row["site"]) if row["site"] else t("地区本身")),
            escape(period_words(row["period"], choice.cycle)),
            escape(screen.name(row["variable"])),
            escape((row["deadline"] or "—") + (t("（已过）") if row["late"] else "")),
            escape(row["note"] or "—"),
        ]
        for row in found.head(200).iter_rows(named=True)
    ]
    heads = [t("公共机构"), t("期间"), t("变量"), t("期限"), t("空报的说明")]
    st.html(table(heads, lines, kind="words"))
    if found.height > len(lines):
        st.caption(t("只列前 {count} 条，共 {all} 条", count=len(lines), all=f"{found.height:,}"))


def _deadlines(screen: Screen, choice: Choice) -> None:
    """Those that hold, whoever set them; and one set or changed."""
    tell()
    held = deadlines(screen.store)
    head = t("{count} 个期限", count=held.height) if held.height else t("没有设期限")
    title(head, t("没有自己的期限的期间，用包含它的最短期间的期限；日期按协调世界时（UTC）整日计"))
    two_days(screen.store, choice.cycle)
    if held.height:
        lines = [
            [escape(row[name] or "—") for name in ("period", "due", "person")]
            + [escape(moment(row["made"])), escape(row["reason"] or "—")]
            for row in held.iter_rows(named=True)
        ]
        st.html(table([t("期间"), t("期限"), t("谁设的"), t("何时"), t("理由")], lines, kind="words stacked"))
    if screen.store.access.regions("review") is not None:
        # A deadline is everybody's.
        _history(deadline_history(screen.store))
        return
    with st.expander(t("设定或更改期限"), key="due deadline"):
        _form(screen, choice)
        _history(deadline_history(screen.store))


def _form(screen: Screen, choice: Choice) -> None:
    person = who(screen.store, screen.editions.revisions)
    with st.form("deadline", border=False):
        first, second = st.columns(2)
        period = first.text_input(t("期间"), choice.cycle, key=field("deadline", "period")).strip()
        day = second.date_input(t("期限"), None, key=field("deadline", "day"), format="YYYY-MM-DD")
        why = st.text_input(t("理由（更改已设的期限时必填）"), key=field("deadline", "why"))
        sent = st.form_submit_button(t("设定期限"))
    if sent:
        act("deadline", lambda: _set(screen.store, period, day.isoformat() if day else "", person, why))


def _set(store: Store, period: str, day: str, person: str, why: str) -> str:
    set_deadline(store, period, day, person=person, reason=why)
    words = {"period": period, "day": day}
    return t("{period} 的报送期限已定为 {day}。", **words) if day else t("{period} 的报送期限已取消。", **words)


def two_days(store: Store, cycle: str) -> None:
    """Says so where a cycle's facts are due by another day than its stage of reporting is to end."""
    if (found := differing(store, cycle)) is not None:
        reporting, stage = found
        words = {"cycle": cycle_words(cycle), "due": reporting, "stage": stage}
        note(t("! 两个期限不同：{cycle}的数据要在 {due} 以前报齐，“填报”阶段到 {stage} 为止。请改成一致。", **words))


def _history(every: pl.DataFrame) -> None:
    """What was set before, the newest first."""
    if every.height > 1:
        words = {"period": t("期间"), "day": t("期限"), "who": t("谁设的"), "when": t("何时"), "reason": t("理由")}
        told = every.with_columns(made=pl.Series(list(map(moment, every["made"])), dtype=pl.String))
        lines = [[escape(cell or "—") for cell in row] for row in told.iter_rows()]
        st.caption(t("改动的记录，最新的在前；空的期限是取消"))
        st.html(table(list(words.values()), lines, kind="words"))
