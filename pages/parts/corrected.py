"""What a batch changed, or would change: facts before and after, and the scores that moved."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from data.corrections import correction
from data.revisions import revisions_of
from data.shown import sight_of
from data.store import Store
from metrics.problems import InputError
from pages.parts.formats import NONE, full, points, signed
from pages.parts.i18n import language, t
from pages.parts.journalled_exports import noted
from pages.parts.tables import csv_of, facts_line, table, title
from pages.parts.words import told

ROWS = 30


def corrected(store: Store, snapshot: str, batch: int) -> None:
    """What one batch changed when it came in."""
    try:
        with st.spinner(t("正在比较…")):
            facts, scores = _correction((str(store.path), snapshot, sight_of(store)), batch, store)
    except InputError as error:
        st.error(told(error.problems[0]))
        return
    changes(store, facts, scores, key=f"correction {batch}")


@st.cache_resource(max_entries=8, ttl=3600, show_spinner=False)
def _correction(key: tuple[object, ...], batch: int, _store: Store) -> tuple[pl.DataFrame, pl.DataFrame]:
    found = correction(_store, batch)
    return found.facts, found.scores


def changes(store: Store, facts: pl.DataFrame, scores: pl.DataFrame, *, key: str) -> None:
    """The counts, the facts that are not what they were, and the scores that move; both as CSV."""
    count = dict(facts.group_by("what").len().iter_rows())
    words = what_words()
    facts_line([(words[what], f"{count.get(what, 0):,}") for what in words])
    other = facts.filter(pl.col("what").is_in(["changed", "gone", "new"]))
    order = pl.col("what").replace_strict({"changed": 0, "gone": 1, "new": 2})
    _facts(store, other.sort(order, maintain_order=True), key)
    _scores(store, scores, key)


def what_words() -> dict[str, str]:
    """What became of a fact, in words."""
    return {"new": t("新增"), "changed": t("更改"), "same": t("不变"), "gone": t("失效")}


def _facts(store: Store, other: pl.DataFrame, key: str) -> None:
    if other.is_empty():
        return
    names, definitions, words = _regions(store), revisions_of(store).widest, what_words()
    rows = [
        [
            words[row["what"]], escape(names.get(row["region"], row["region"])), escape(row["site"] or NONE),
            escape(row["period"]), escape(definitions.name_of(row["variable"], language())
                                          if row["variable"] in definitions.raw else row["variable"]),
            escape(full(row["before"])), escape(full(row["after"])),
        ]
        for row in other.head(ROWS).iter_rows(named=True)
    ]  # fmt: skip
    subtitle = t("列前 {count} 条，更改的在前", count=ROWS) if other.height > ROWS else ""
    title(t("与原来不同的 {count} 个数", count=f"{other.height:,}"), subtitle)
    heads = [t("变化"), t("地区"), t("公共机构"), t("期间"), t("变量"), t("原来"), t("之后")]
    st.html(table(heads, rows, kind="words"))
    renamed = dict(zip(("what", "region", "site", "period", "variable", "before", "after"), heads, strict=True))
    whole = other.select(*renamed).with_columns(pl.col("what").replace(words)).rename(renamed)
    _download(store, whole, f"{key} facts", t("下载全部（CSV）"))


def _regions(store: Store) -> dict[str, str]:
    return dict(store.query(f"SELECT code, name_{language()} FROM regions").iter_rows())


def _scores(store: Store, scores: pl.DataFrame, key: str) -> None:
    if scores.is_empty():
        st.html(f'<p class="q-sub">{escape(t("没有综合得分因此改变"))}</p>')
        return
    names = _regions(store)
    grades = {one.code: one.name.text(language()) for one in revisions_of(store).latest.definitions.grades}
    few = t("；列前 {count} 处，最近的周期在前", count=ROWS) if scores.height > ROWS else ""
    title(t("综合得分改变的有 {count} 处", count=scores.height), t("按现行定义；已公布的周期不再改变") + few)
    # The latest cycle first, and there what moves most.
    change = (pl.col("score") - pl.col("score_before")).abs()
    ordered = scores.sort("period", change, descending=True, nulls_last=True, maintain_order=True)
    rows = [
        [escape(names.get(row["region"], row["region"])), escape(row["period"]), *map(escape, _moved(row, grades))]
        for row in ordered.head(ROWS).iter_rows(named=True)
    ]
    st.html(table([t("地区"), t("周期"), t("得分"), t("变化"), t("名次"), t("等级")], rows, kind="words"))
    if scores.height > ROWS:
        _download(store, scores, f"{key} scores", t("下载全部（CSV）"))


def _moved(row: dict[str, Any], names: dict[str, str]) -> list[str]:
    """Score, its change, rank and grade: before and after."""
    before, after = row["score_before"], row["score"]
    change = NONE if before is None or after is None else signed(after - before)
    ranks = [NONE if row[name] is None else str(row[name]) for name in ("rank_before", "rank")]
    grades = [names.get(row[name], NONE) for name in ("grade_before", "grade")]
    told = [one if one == other else f"{one} → {other}" for one, other in (ranks, grades)]
    return [f"{points(before)} → {points(after)}", change, *told]


def _download(store: Store, frame: pl.DataFrame, key: str, words: str) -> None:
    name = f"{key.split()[0]}.csv"
    whole = noted(store, name, lambda: csv_of(frame))
    st.download_button(words, whole, name, "text/csv", key=f"csv {key}", on_click="ignore")
