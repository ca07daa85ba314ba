"""Others' figures on the page: a file compared with ours cell by cell, kept with the cycle when that is asked for."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from html import escape
from pathlib import Path

import polars as pl
import streamlit as st

from data.agreement import Comparison, Tolerance, compare
from data.assessed import keep
from data.exports import leave
from data.figure_files import ENDINGS, MOST
from data.figures import Figures, read_figures
from metrics.problems import InputError, Problem
from pages.parts.assessed_kept import kept
from pages.parts.filters import Choice
from pages.parts.formats import full
from pages.parts.i18n import language, t
from pages.parts.journalled_exports import noted
from pages.parts.shell import Screen
from pages.parts.tables import bullets, table, title
from pages.parts.words import literal, told

SHOWN = 50


def assessed(screen: Screen, choice: Choice) -> None:
    """A file of figures, what came of comparing it, and what was kept before."""
    words = t(
        "上传复算或调查的结果（CSV、XLSX）：每行一个地区、一个指标，写得分或指标值；或每行一个地区，每个指标一列。"
        "表头中英文都可以。改过并重算存盘的评分卡工作簿可以直接上传。"
    )
    title(t("核对第三方的数字"), words)
    tolerance = _tolerance()
    with st.container(key="theirs"):
        limit = t("或拖到这里，不超过 {most} MB", most=MOST // 1_000_000)
        place = ".st-key-theirs [data-testid=stFileUploaderDropzoneInstructions]::after"
        st.html(f'<style>{place}{{content:"{limit}"}}</style>')
        file = st.file_uploader(
            t("第三方的文件"), type=[ending[1:] for ending in ENDINGS], max_upload_size=MOST // 1_000_000
        )
    if file is not None:
        by = (st.session_state.get("person") or "").strip()
        _shown(screen, choice, by, tolerance, file.name, file.getvalue())
    kept(screen, choice.cycle)


def _tolerance() -> Tolerance:
    usual = Tolerance()
    left, right, _ = st.columns([1, 1, 1.4])
    points = left.number_input(
        t("得分容差（分）"), min_value=0.0, max_value=100.0, value=usual.points, step=0.001, format="%.4f", key="points"
    )
    share = right.number_input(
        t("指标值容差（占本系统值的 %）"), min_value=0.0, max_value=100.0, value=100.0 * usual.share, step=0.01,
        format="%.4f", key="share",
    )  # fmt: skip
    return Tolerance(float(points), float(share) / 100.0)


def _shown(screen: Screen, choice: Choice, by: str, tolerance: Tolerance, name: str, content: bytes) -> None:
    try:
        leave(screen.store, by, [choice.cycle])
        key = sha256(content).hexdigest()
        figures = _read(key, screen.definitions.digest, screen.snapshot, choice.cycle, name, content, screen)
    except InputError as error:
        st.error(literal(told(error.problems[0])))
        return
    found = compare(figures, screen.card, choice.cycle, tolerance)
    (st.success if found.differing.is_empty() else st.warning)(found.sentence(language()))
    _differences(screen, found)
    _lists(screen, found)
    left, right, beside = st.columns([1, 1, 2], vertical_alignment="center")
    taken = f"{Path(name).stem}_{t('核对结果')}.csv"
    left.download_button(
        t("下载核对结果"), noted(screen.store, taken, lambda: found.csv(screen.card, language())), taken,
        "text/csv", on_click="ignore", icon=":material/download:",
    )  # fmt: skip
    if not screen.store.access.may("assess", cycle=choice.cycle):
        beside.caption(t("存入由第三方评估机构进行。"))
        return
    if not by:
        beside.caption(t("存入只增不改，请先在上方“我是”中选择或输入姓名。"))
    if right.button(t("存入 {cycle}", cycle=choice.cycle), key="keep theirs", type="primary", disabled=not by):
        _keep(screen, choice, by, found, name, content)


@st.cache_resource(max_entries=4, show_spinner=False)
def _read(
    key: str, definitions: str, snapshot: str, cycle: str, name: str, _content: bytes, _screen: Screen
) -> Figures:
    """The file's figures, read once however often the page is drawn again."""
    with _on_disk(name, _content) as path:
        return read_figures(path, _screen.definitions, _screen.card.regions, cycle)


@contextmanager
def _on_disk(name: str, content: bytes) -> Iterator[Path]:
    """The file for as long as it is read; of its name only the ending is used."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"theirs{Path(name).suffix.lower()}"
        path.write_bytes(content)
        yield path


def _keep(screen: Screen, choice: Choice, by: str, found: Comparison, name: str, content: bytes) -> None:
    try:
        with _on_disk(name, content) as path:
            keep(screen.store, path, found, screen.card, choice.cycle, by=by, name=name, lang=language())
    except InputError as error:
        st.error(literal(told(error.problems[0])))
        return
    st.success(t("文件和核对结果已存入 {cycle}。", cycle=choice.cycle))


def _differences(screen: Screen, found: Comparison) -> None:
    """What differs, the largest first."""
    rows = found.differing.head(SHOWN)
    if rows.is_empty():
        return
    names, kinds = screen.names(), _kinds()
    lines = [
        [
            escape(names.get(row["region"], row["region"])), escape(screen.name(row["code"])), kinds[row["kind"]],
            full(row["theirs"]), full(row["ours"]), _signed(row["difference"]), str(row["row"]),
        ]
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    words = t("相差最大的在前；只列前 {count} 个，全部在核对结果里", count=SHOWN)
    title(t("不同的数"), words if found.differing.height > SHOWN else t("相差最大的在前"))
    heads = [t("地区"), t("指标"), t("哪个数"), t("对方"), t("本系统"), t("相差"), t("文件的行")]
    st.html(table(heads, lines))


def _signed(difference: float) -> str:
    return f"{'+' if difference > 0.0 else ''}{full(difference)}"


def _kinds() -> dict[str, str]:
    return {"value": t("指标值"), "score": t("得分")}


def _lists(screen: Screen, found: Comparison) -> None:
    """What only one side has, and what cannot be read."""
    for words, frame in (
        (t("只有对方有的 {count} 个"), found.theirs),
        (t("只有本系统有的 {count} 个"), found.ours),
    ):
        if frame.height:
            with st.expander(words.format(count=frame.height)):
                bullets(_named(screen, frame))
    if found.unreadable:
        with st.expander(t("无法读取的 {count} 格", count=len(found.unreadable)), expanded=True):
            bullets([_unread(one) for one in found.unreadable[:SHOWN]])


def _unread(one: Problem) -> str:
    words = t("第 {row} 行“{column}”：{words}", row=one.line, column=one.path, words=one.message(language()))
    return escape(words)


def _named(screen: Screen, frame: pl.DataFrame) -> list[str]:
    """Region by region, the indicators and which number."""
    names, kinds = screen.names(), _kinds()
    lines = []
    for (region,), rows in frame.group_by("region", maintain_order=True):
        what = [f"{screen.name(code)}（{kinds[kind]}）" for code, kind in rows.select("code", "kind").iter_rows()]
        told_what = t("、").join(what[:SHOWN]) + (" …" if len(what) > SHOWN else "")
        lines.append(f"<b>{escape(names.get(str(region), str(region)))}</b> {escape(told_what)}")
    return lines[:SHOWN]
