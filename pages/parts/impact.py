"""The impact of a draft on screen: whom it would touch, in what, how much and why, before anyone adopts it."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from data.prospect import Prospect, prospect
from data.store import Store
from metrics.definitions import Definitions
from metrics.impact import Impact, by_cycle, rows_of
from metrics.problems import InputError
from pages.parts.formats import NONE, arrow, between, cycle_words, polarity, polarity_words, signed
from pages.parts.headlines import sentence
from pages.parts.i18n import t
from pages.parts.impact_figure import shifts
from pages.parts.impact_told import SIDES, Told
from pages.parts.journalled_exports import noted
from pages.parts.journalled_views import witnessed
from pages.parts.screen import early, public_of
from pages.parts.shell import Screen, open_screen
from pages.parts.tables import bullets, csv_of, table, title, twin
from pages.parts.tables import show as draw
from pages.parts.url import link
from pages.parts.words import told as words_of

# So many regions have a line in the picture, so many a row of the table, so many a clause of the sentence.
PICTURED, ROWS, NAMED = 12, 40, 3


@st.cache_resource(max_entries=8, show_spinner=False)
def _looked(_screen: Screen, _after: Definitions, snapshot: str, digests: tuple[str, str]) -> Prospect:
    return prospect(_screen.editions, _after, facts=_screen.facts, regions=_screen.store.regions())


@st.cache_resource(max_entries=8, show_spinner=False)
def _impacts(_found: Prospect, begins: str, snapshot: str, digests: tuple[str, str]) -> list[Impact]:
    return _found.impacts(begins) if _found.held(begins) else [_found.everywhere]


def looked_up(store: Store, after: Definitions) -> Prospect:
    """What other definitions would make of a store's facts, once for all sessions; raises InputError."""
    screen = open_screen(store)
    return _looked(screen, after, screen.snapshot, (screen.definitions.digest, after.digest))


def show(store: Store, after: Definitions, begins: str) -> None:
    """Whom a text would touch, in force from a cycle on: a sentence, who moves most, and every region touched.

    The cycles that keep their scores are named. Where all cycles there are do, the text is tried on each of them. Of
    cycles that are not seen whole before they are public nothing is told.
    """
    screen, seen = open_screen(store), early(store)
    hidden = [cycle for cycle in screen.periods if cycle not in seen]
    if hidden:
        st.info(t("这些周期的影响只给在公布前看得到全部地区的人：{cycles}", cycles=t("、").join(hidden)))
    if hidden and not seen:
        return
    try:
        witnessed(store, sorted(set(seen) - public_of(screen.editions)), ())
        with st.spinner(t("正在比较…")):
            found = looked_up(store, after)
            held = found.held(begins)
            impacts = _impacts(found, begins, screen.snapshot, (screen.definitions.digest, after.digest))
            if hidden:
                impacts = [_of(one, seen) for one in impacts]
            of = by_cycle(impacts)
    except InputError as error:
        bullets([escape(words_of(problem)) for problem in error.problems[:10]])
        return
    if not held:
        st.info(t("自 {cycle} 起施行，现有周期的得分都不改变；下面是用在现有数据上的结果，供参考。", cycle=begins))
    _show(screen, of, [period for period in screen.periods if held and period not in held])
    if of:
        _whole(screen, impacts)


def _of(found: Impact, cycles: list[str]) -> Impact:
    """An impact with these cycles only."""
    return Impact(found.before, found.after, [one for one in cycles if found.periods is None or one in found.periods])


def _show(screen: Screen, of: dict[str, Impact], kept: list[str]) -> None:
    if not of:
        sentence([escape(t("若采用，没有任何得分、名次、等级或规则改变"))])
        _say_kept(kept)
        return
    first = st.container()
    period = _cycle(list(reversed(of)))
    told = Told(screen, of[period], period)
    with first:
        sentence(_lead(told))
        _say_kept(kept)
    if told.rows.height:
        _picture(told)
        _regions(told)


def _say_kept(kept: list[str]) -> None:
    if kept:
        cycles = t("、").join(kept)
        st.caption(t("得分不受影响的周期（已经公布，或在施行之前）：{cycles}", cycles=cycles))


def _cycle(periods: list[str]) -> str:
    """The cycle that is looked at: the latest, until another one is chosen."""
    if len(periods) == 1:
        return periods[0]
    if st.session_state.get("impact cycle") not in periods:
        st.session_state["impact cycle"] = periods[0]
    chosen = st.selectbox(
        t("评估周期"), periods, key="impact cycle", placeholder=t("请选择"), width=240, persist_state="session"
    )
    return str(chosen)


def _lead(told: Told) -> list[str]:
    """How many regions change in what, and whose grade becomes another one, and through what."""
    rows = told.rows
    if rows.is_empty():
        count = told.found.rows.filter(pl.col("period") == told.period)["code"].n_unique()
        words = t("若采用：{cycle}综合得分、名次、等级都不变", cycle=cycle_words(told.period))
        return [escape(words), escape(t("改变的只是 {count} 项维度或指标", count=count))]
    changed = {name: rows[f"{name}_before"].ne_missing(rows[f"{name}_after"]) for name in ("score", "rank", "rules")}
    counts = {name: int(flags.sum()) for name, flags in changed.items()}
    parts = [t("若采用：{cycle} {count} 个地区得分改变", cycle=cycle_words(told.period).strip(), count=counts["score"])]
    parts.append(_ranks(told, counts["rank"]))
    if counts["rules"]:
        parts.append(t("{count} 个地区适用的规则改变", count=counts["rules"]))
    return [*map(escape, parts), *_graded(told)]


def _ranks(told: Told, count: int) -> str:
    """How many ranks change, and how many of them by more than the ranks were unsure."""
    if not count:
        return t("名次不变")
    words = t("{count} 个名次改变", count=count)
    known = told.rows["outside"].drop_nulls()
    if known.is_empty():
        return words
    beyond = int(known.sum())
    return words + (t("，{count} 个超出原来的名次区间", count=beyond) if beyond else t("，都在原来的名次区间内"))


def _graded(told: Told) -> list[str]:
    """The regions with another grade; HTML."""
    rows = told.rows.filter(pl.col("grade_before").ne_missing(pl.col("grade_after")))
    parts = []
    for row in rows.head(NAMED).iter_rows(named=True):
        cause = told.cause(row)
        words = f" {told.grades(row)}" + (t("（{cause}）", cause=cause) if cause else "")
        parts.append(link(row["name"], "region", region=row["region"]) + escape(words))
    if rows.height > NAMED:
        parts.append(escape(t("另有 {count} 个地区等级改变", count=rows.height - NAMED)))
    return parts


def _picture(told: Told) -> None:
    """The regions whose scores move most, before and after."""
    moved = told.rows.drop_nulls("change").filter(pl.col("change") != 0.0)
    if moved.is_empty():
        return
    most = moved.sort(pl.col("change").abs(), "region", descending=[True, False]).head(PICTURED)
    first = most.row(0, named=True)
    scores = told.scores(first)
    finding = t("变化最大的是{name}：{before} → {after}", name=first["name"], before=scores[0], after=scores[1])
    words = t("{cycle}综合得分采用后比现行多或少几分", cycle=cycle_words(told.period))
    if moved.height > PICTURED:
        words += t("；只画变化最大的 {count} 个地区", count=PICTURED)
    title(finding, words)
    said = t("；").join(f"{row['name']} {' → '.join(told.scores(row))}" for row in most.iter_rows(named=True))
    draw(
        told.screen,
        shifts(most.sort("change", "region", descending=[True, False])),
        "impact",
        alt=f"{finding}{t('。')}{said}",
    )
    twin(told.screen, _table(told), "impact")


def _table(told: Told) -> pl.DataFrame:
    """Every region that is touched, at full precision."""
    rows = list(told.rows.iter_rows(named=True))
    texts = {
        t("等级（现行）"): [told.grade(row, "before") for row in rows],
        t("等级（采用后）"): [told.grade(row, "after") for row in rows],
        t("规则"): [t("；").join(told.rules(row)) for row in rows],
        t("原因（分）"): [t("；").join(told.why(row["region"])) for row in rows],
    }
    columns = {
        "name": t("地区"), "score_before": t("得分（现行）"), "score_after": t("得分（采用后）"), "change": t("变化"),
        "rank_before": t("名次（现行）"), "rank_after": t("名次（采用后）"), "rank_p05": t("原区间下限"),
        "rank_p95": t("原区间上限"),
    }  # fmt: skip
    numbers = told.rows.select(pl.col(name).alias(words) for name, words in columns.items())
    return numbers.with_columns(pl.Series(name, cells, dtype=pl.String) for name, cells in texts.items())


def _regions(told: Told) -> None:
    """A row for each region that is touched."""
    rows = told.rows
    changed = rows["grade_before"].ne_missing(rows["grade_after"])
    finding = t("{count} 个地区受影响，{grades} 个等级改变", count=rows.height, grades=int(changed.sum()))
    title(
        finding, t("现行 → 采用后；等级改变的在前，其余按变化大小；括号内为现行名次的区间；原因为得分变化中最大的几项")
    )
    ruled = any(told.rules(row) for row in rows.iter_rows(named=True))
    heads = [t("地区"), t("得分"), t("变化"), t("名次"), t("等级"), *([t("规则")] if ruled else []), t("原因")]
    lines = [_line(told, row, ruled=ruled) for row in rows.head(ROWS).iter_rows(named=True)]
    st.html(table(heads, lines, kind="words"))
    if rows.height > ROWS:
        st.caption(t("另有 {count} 个地区，见图下的数据表。", count=rows.height - ROWS))


def _line(told: Told, row: dict[str, Any], *, ruled: bool) -> list[str]:
    scores, grades = told.scores(row), escape(told.grades(row))
    name = link(row["name"], "region", region=row["region"])
    rules, why = (escape(t("；").join(found)) for found in (told.rules(row), told.why(row["region"])))
    return [
        # On a phone the row is wider than the screen.
        f'<td style="position:sticky;left:0;background:var(--q-page)"><div class="q-first">{name}</div></td>',
        escape(" → ".join(scores) if row["score_before"] != row["score_after"] else scores[1]),
        _changed(row["change"]),
        _rank(row),
        grades if row["grade_before"] == row["grade_after"] else f"<b>{grades}</b>",
        *([_wrapped(rules, 13)] if ruled else []),
        _wrapped(why, 18),
    ]


def _wrapped(words: str, width: int) -> str:
    return f'<td style="white-space:normal;min-width:{width}rem">{words}</td>'


def _changed(change: float | None) -> str:
    """A change with its sign and whether that is better."""
    way = polarity(change, "higher")
    if not way:
        return NONE
    # As many decimals as show that it is not nothing.
    decimals = next((count for count in range(2, 9) if abs(change or 0.0) >= 0.5 * 0.1**count), 9)
    return f'<span class="{way}">{arrow(change)} {signed(change, decimals)} {escape(polarity_words(way))}</span>'


def _rank(row: dict[str, Any]) -> str:
    """The rank, before → after where it is another one, with the interval it had and whether it leaves that."""
    before, after = (NONE if row[f"rank_{side}"] is None else str(row[f"rank_{side}"]) for side in SIDES)
    if before == after:
        return after
    interval = between(row)
    told = escape(f"{before} → {after} {interval}".strip())
    return told + (f"<br><b>{escape(t('超出原区间'))}</b>" if row["outside"] and interval else "")


def _whole(screen: Screen, impacts: list[Impact]) -> None:
    """Every row that changes, pillars and indicators among them, as a file."""
    rows = rows_of(impacts)
    whole = noted(screen.store, "impact-rows.csv", lambda: csv_of(rows, screen.notice))
    words = t("下载全部改变（{count} 行，含维度和指标）", count=rows.height)
    st.download_button(words, whole, "impact-rows.csv", "text/csv", key="csv impact rows", on_click="ignore")
