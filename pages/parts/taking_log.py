"""What was taken away before: the last exports, who took them, and the digest by which a file is recognised."""

from dataclasses import asdict
from html import escape

import polars as pl
import streamlit as st

from data.exports import Export, exports
from data.recorded import journal_of
from data.store import Store
from metrics.states import state_words
from metrics.verify.tables import to_csv
from pages.parts.formats import cycle_words
from pages.parts.i18n import LANGUAGES, language, t
from pages.parts.journalled_exports import noted
from pages.parts.moments import moment
from pages.parts.shell import Screen
from pages.parts.tables import table, title

SHOWN = 20


def unwritable(store: Store) -> None:
    """Says beforehand where an export will leave no entry."""
    if not journal_of(store.path).writable():
        words = t("这里只能读：已公布的可以导出，但不会记入台账；未公布的只有本机才能导出。")
        st.html(f'<p class="q-draft">{escape(words)}</p>')


def log(screen: Screen) -> None:
    """The last exports, the newest first; the journal is read when it is asked for, since it only grows."""
    if not journal_of(screen.store.path).file.exists():
        return
    with st.expander(t("导出台账"), key="exports", on_change="rerun") as whole:
        if not whole.open:
            return
        found = [one for one in exports(screen.store) if _in_sight(screen, one)]
        broken = journal_of(screen.store.path).broken()
        if broken:
            st.warning(t("台账第 {lines} 行与前一行对不上，可能被改过或删过。", lines=t("、").join(map(str, broken))))
        words = t("只增不改；摘要是文件的 SHA-256，这里只写前 16 位，全部 64 位见下载的台账")
        title(t("最近 {count} 次", count=min(len(found), SHOWN)), words)
        heads = [
            *(t("时间"), t("谁"), t("方式"), t("格式"), t("地区"), t("周期"), t("语言"), t("状态")),
            t("文件和摘要（前 16 位）"),
        ]
        st.html(table(heads, [_line(screen, one) for one in found[:SHOWN]], kind="words"))
        st.download_button(
            t("下载台账（{count} 次）", count=len(found)), noted(screen.store, "exports.csv", lambda: _csv(found)),
            "exports.csv", "text/csv", key="journal", on_click="ignore",
        )  # fmt: skip


def _in_sight(screen: Screen, one: Export) -> bool:
    """Whether it was of nobody else's regions than those in sight; of very many the journal does not say which."""
    return screen.card.whole or (bool(one.regions) and set(one.regions) <= set(screen.card.regions["code"]))


def _csv(found: list[Export]) -> bytes:
    """Every export, the last first, with all of its digest."""
    entries = [{name: _text(value) for name, value in asdict(one).items()} for one in found]
    return to_csv(pl.DataFrame(entries))


def _text(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _line(screen: Screen, one: Export) -> list[str]:
    ways = {"page": t("页面"), "batch": t("批量"), "command": t("命令")}
    names, count = screen.names(), one.of
    several = t("{count} 个地区", count=count) if count else "—"
    regions = names.get(one.regions[0], one.regions[0]) if count == 1 else several
    cycles = "–".join(dict.fromkeys(cycle_words(cycle) for cycle in (*one.cycles[:1], *one.cycles[-1:])))
    texts = [
        *(one.by or "—", ways.get(one.way, one.way), t("、").join(form.upper() for form in one.forms), regions),
        *(cycles, LANGUAGES.get(one.lang, one.lang), state_words(one.state, one.release, language())),
    ]
    # A cell with a style of its own is not broken into lines as a first one is.
    when = f'<td style="white-space:nowrap">{escape(moment(one.made))}</td>'
    digest = f'<code title="{escape(one.digest)}">{escape(one.digest[:16])}</code>'
    file = f'<span style="overflow-wrap:anywhere">{escape(one.file)}</span>'
    return [when, *map(escape, texts), f"{file}<br>{digest}"]
