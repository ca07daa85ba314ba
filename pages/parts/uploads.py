"""A file brought in: looked at first with nothing stored, then imported, then reported row by row."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path

import polars as pl
import streamlit as st

from data.intake import JudgedFile, Report, import_file, judge_file
from data.mapping import read_mapping
from data.revisions import revisions_of
from data.store import Store
from metrics.problems import InputError, Problem
from pages.parts.formats import full
from pages.parts.i18n import language, spoken, t
from pages.parts.tables import bullets, csv_of, table, title
from pages.parts.words import statuses, told

SHOWN, FIRST = 50, 8


@dataclass(frozen=True)
class Upload:
    """What a person has put in: a data file by name, and the text of a mapping where it needs one."""

    name: str
    content: bytes
    mapping: bytes | None

    @property
    def key(self) -> str:
        """The same for the same two files."""
        return sha256(self.content + b"\0" + (self.mapping or b"")).hexdigest()

    @contextmanager
    def on_disk(self) -> Iterator[tuple[Path, Path | None]]:
        """Both as files, for as long as they are read."""
        with tempfile.TemporaryDirectory() as folder:
            file, described = Path(folder) / (Path(self.name).name or "facts.csv"), Path(folder) / "mapping.yaml"
            file.write_bytes(self.content)
            if self.mapping is not None:
                described.write_bytes(self.mapping)
            yield file, described if self.mapping is not None else None


def bring_in(store: Store, snapshot: str) -> None:
    """Both files, then the preview, or what became of them."""
    title(t("导入一个文件"), t("CSV（UTF-8）、Parquet；Excel 等其他表格须另附映射文件。先预览，确认后才入库。"))
    left, right = st.columns(2)
    with left:
        file = st.file_uploader(t("数据文件"), type=["csv", "parquet", "xlsx", "xls"])
    with right:
        described = st.file_uploader(t("映射文件（可选）"), type=["yaml", "yml"])
    if file is None:
        st.session_state.pop("brought in", None)
        return
    upload = Upload(file.name, file.getvalue(), None if described is None else described.getvalue())
    done = st.session_state.get("brought in")
    if done is not None and done[0] == upload.key:
        _report(done[1], done[2])
        return
    try:
        definitions = revisions_of(store).latest.digest
        with st.spinner(t("正在读取 {name}…", name=upload.name)):
            judged = _judged(str(store.path), snapshot, definitions, upload.key, upload)
    except (InputError, OSError) as error:
        _refused(error)
        return
    _preview(store, upload, judged)


@st.cache_resource(max_entries=4, show_spinner=False)
def _judged(db: str, snapshot: str, definitions: str, key: str, _upload: Upload) -> JudgedFile:
    """The file's rows judged once, however often the page is drawn again."""
    store = Store(db)
    with _upload.on_disk() as (file, described):
        chosen = None if described is None else read_mapping(described)
        return judge_file(store, revisions_of(store).widest, file, chosen)


def _refused(error: Exception) -> None:
    """A file of which nothing can be used, and why."""
    st.error(t("文件不能导入"))
    problems = error.problems if isinstance(error, InputError) else ()
    bullets([escape(told(problem)) for problem in problems[:SHOWN]] or [escape(str(error))])


def _preview(store: Store, upload: Upload, judged: JudgedFile) -> None:
    """What would be accepted and what rejected, the first rows of both; nothing is stored yet."""
    counts = _counts(judged.read, judged.accepted, judged.rejected)
    title(t("预览：{counts}", counts=counts), t("{name}；尚未入库", name=upload.name))
    rejections, warnings, left_out = judged.found
    _left_out(left_out)
    partly = bool(judged.rejected and judged.accepted) and st.toggle(t("只导入可接受的行，被拒绝的除外"))
    ready = judged.accepted > 0 and (not judged.rejected or partly)
    if judged.rejected and not partly:
        st.warning(t("有被拒绝的行：改正文件后重新上传，或只导入可接受的行。"))
    pressed = st.button(t("导入 {count} 行", count=f"{judged.accepted:,}"), type="primary", disabled=not ready)
    if pressed:
        _import(store, upload, judged, partly=partly)
    _problems((*rejections, *warnings))
    if judged.accepted:
        title(t("可接受的前 {count} 行", count=min(FIRST, judged.accepted)), "")
        st.html(_first(judged.facts))


def _import(store: Store, upload: Upload, judged: JudgedFile, *, partly: bool) -> None:
    """Into the store; then the page is drawn anew, with the report in the preview's place."""
    try:
        with upload.on_disk() as (file, described), st.spinner(t("正在导入 {name}…", name=upload.name)):
            done = import_file(store, file, mapping=described, name=upload.name, accept_valid=partly)
    except (InputError, OSError) as error:
        _refused(error)
        return
    st.session_state["brought in"] = (upload.key, done, judged)
    st.rerun()


def _report(done: Report, judged: JudgedFile) -> None:
    """What became of the file, row by row, here and as a file."""
    counts = _counts(done.read, done.accepted, done.rejected)
    if done.already:
        st.info(t("此文件已在批次 {batch} 中，未作改动", batch=done.batch))
    elif done.batch is None:
        st.error(counts + t("；有被拒绝的行，全部未入库"))
    else:
        st.success(counts + t("；已入库，批次 {batch}", batch=done.batch))
    whole = spoken(lambda: csv_of(rows_of(judged)))
    st.download_button(t("下载逐行报告（CSV）"), whole, "report.csv", "text/csv", on_click="ignore")
    _problems((*done.rejections, *done.warnings))


def rows_of(judged: JudgedFile) -> pl.DataFrame:
    """Every row of the file with what became of it: row, result, column, rule, cell, problem."""
    heads = [t("行"), t("结果"), t("列"), t("规则"), t("原值"), t("问题")]
    lines: list[tuple[object, ...]] = [(row, t("接受"), "", "", "", "") for row in judged.facts["row"]]
    for row, column, rule, value in judged.refused.select("row", "column", "rule", "value").iter_rows():
        words = Problem(rule, column, row, 0, {"column": column, "value": value}).message(language())
        lines.append((row, t("拒绝"), column, rule, value, words))
    for problem in judged.found[1]:
        value, words = str(problem.facts.get("value")), problem.message(language())
        lines.append((problem.line, t("提示"), problem.path, problem.code, value, words))
    schema = {heads[0]: pl.Int64, **dict.fromkeys(heads[1:], pl.String)}
    return pl.DataFrame(lines, schema=schema, orient="row").sort(heads[0], maintain_order=True)


def _counts(read: int, accepted: int, rejected: int) -> str:
    return t("读入 {read} 行，接受 {accepted}，拒绝 {rejected}", read=f"{read:,}", accepted=f"{accepted:,}",
             rejected=f"{rejected:,}")  # fmt: skip


def _left_out(left_out: object) -> None:
    if left_out:
        words = t("；").join(f"{reason} {count:,}" for reason, count in left_out.items())  # type: ignore[attr-defined]
        st.html(f'<p class="q-sub">{escape(t("映射文件有意略过的行：") + words)}</p>')


def _problems(problems: tuple[Problem, ...]) -> None:
    """The first problems with their row, column and rule."""
    if not problems:
        return
    title(t("被拒绝和须核对的行"), t("每行每条规则一条；只列前 {count} 条，全部在逐行报告里", count=SHOWN))
    rows = [
        [
            str(problem.line),
            escape(problem.path),
            f"<code>{escape(problem.code)}</code>",
            escape(problem.message(language())),
        ]
        for problem in problems[:SHOWN]
    ]
    st.html(table([t("行"), t("列"), t("规则"), t("问题")], rows, kind="words wrapped"))


def _first(facts: pl.DataFrame) -> str:
    names = {
        "row": t("行"),
        "region": t("地区代码"),
        "site": t("公共机构"),
        "period": t("期间"),
        "variable": t("变量"),
        "value": t("数值"),
        "status": t("状态"),
        "source": t("来源"),
    }
    first = facts.select(*names).head(FIRST)
    worded = first.with_columns(pl.col("status").replace(statuses()))
    rows = [
        [escape("—" if cell is None else full(cell) if isinstance(cell, float) else str(cell)) for cell in row]
        for row in worded.iter_rows()
    ]
    return table(list(names.values()), rows, kind="words")
