"""The scorecard's first page as it will be in the file: rank, grade, coverage and the pillars' scores."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from metrics.manual.words import Words
from metrics.report import acted
from metrics.report.sentences import aside
from pages.parts.filters import Choice
from pages.parts.formats import cycle_words, points, rank, share
from pages.parts.i18n import language, t
from pages.parts.rows import rows_of
from pages.parts.shell import Screen
from pages.parts.tables import table, title
from pages.parts.url import link


def preview(screen: Screen, choice: Choice) -> None:
    """The shown regions from best to last."""
    codes = [row.code for row in screen.definitions.nodes() if row.level != "indicator"]
    rows = rows_of(screen, choice, *codes).filter(pl.col("region").is_in(choice.shown))
    scores = {(region, code): score for region, code, score in rows.select("region", "code", "score").iter_rows()}
    roots = rows.filter(pl.col("code") == codes[0]).sort("rank", "region", nulls_last=True)
    words, before = Words(screen.definitions, language()), acted.before_vetoes(screen.card)
    title(t("预览"), t("{cycle}，得分 0–100", cycle=cycle_words(choice.cycle)))
    lines = [
        [
            link(row["name"], "region", region=row["region"]),
            escape(rank(row["rank"], row["ranked"])),
            f"<b>{points(row['score'])}</b>",
            escape(screen.grades().get(row["grade"], "—") + _vetoed(words, row, before)),
            escape(share(row["coverage"])),
            *(points(scores[row["region"], code]) for code in codes[1:]),
        ]
        for row in roots.iter_rows(named=True)
    ]
    heads = [t("地区"), t("排名"), screen.name(codes[0]), t("等级"), t("覆盖率"), *(screen.name(c) for c in codes[1:])]
    st.html(table(heads, lines))


def _vetoed(words: Words, row: dict[str, Any], before: acted.Before) -> str:
    """That a veto has lowered the grade."""
    return aside(words.term("kind", "veto"), words.lang) if acted.vetoed(words, row, before) else ""
