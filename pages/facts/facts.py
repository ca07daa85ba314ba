"""Facts: what has come in, and a file brought in with a report of every row."""

import tempfile
from html import escape
from pathlib import Path

import streamlit as st

from data.intake import import_file
from data.store import Store
from metrics.problems import InputError
from pages.parts.i18n import language, t
from pages.parts.shell import badge, begin, stop_with
from pages.parts.tables import table, title

SHOWN = 200


def report(store: Store, upload: object, mapping: object) -> None:
    """Imports the uploaded file and says what became of each row."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / Path(upload.name).name  # type: ignore[attr-defined]
        file.write_bytes(upload.getvalue())  # type: ignore[attr-defined]
        described = None
        if mapping is not None:
            described = Path(folder) / "mapping.yaml"
            described.write_bytes(mapping.getvalue())  # type: ignore[attr-defined]
        with st.status(t("正在读取 {name}…", name=file.name)) as status:
            try:
                done = import_file(store, file, mapping=described, name=file.name)
            except InputError as error:
                status.update(label=t("文件不能导入"), state="error", expanded=True)
                st.html(
                    "".join(f"<p>{escape(problem.render('', language()))}</p>" for problem in error.problems[:SHOWN])
                )
                return
            stored = done.already or done.batch is not None
            status.update(label=t("完成"), state="complete" if stored else "error", expanded=False)
    counts = t(
        "读入 {read} 行，接受 {accepted}，拒绝 {rejected}",
        read=done.read,
        accepted=done.accepted,
        rejected=done.rejected,
    )
    if done.already:
        st.info(t("此文件已在批次 {batch} 中，未作改动", batch=done.batch))
    elif done.batch is None:
        st.error(counts + t("；有被拒绝的行，全部未入库"))
    else:
        st.success(counts + t("；批次 {batch}", batch=done.batch))
    rows = [
        [str(problem.line), escape(problem.path), escape(problem.code), escape(problem.message(language()))]
        for problem in (*done.rejections, *done.warnings)[:SHOWN]
    ]
    if rows:
        st.html(table([t("行"), t("列"), t("规则"), t("问题")], rows))


begin()
store = Store()
try:
    status, batches = store.status(), store.batches()
except (InputError, OSError) as error:
    stop_with(error)
badge(status["label"])
words = t(
    "共 {facts} 条事实，{regions} 个地区，{sites} 个公共机构，{first} 至 {last}",
    facts=f"{status['facts']:,}", regions=status["regions"], sites=f"{status['sites']:,}",
    first=status["periods"]["first"] or "—", last=status["periods"]["last"] or "—",
)  # fmt: skip
st.html(f'<p class="q-lead">{escape(words)}{t("。")}</p>')
title(t("导入一个文件"), t("CSV（UTF-8）、Parquet；Excel 等其他表格须另附映射文件。全部入库，或全部不入。"))
upload = st.file_uploader(t("数据文件"), type=["csv", "parquet", "xlsx", "xls"])
mapping = st.file_uploader(t("映射文件（可选）"), type=["yaml", "yml"])
if st.button(t("导入"), type="primary", disabled=upload is None):
    report(store, upload, mapping)
title(t("{count} 个批次", count=batches.height), t("最新的在前"))
lines = [[escape("" if cell is None else str(cell)) for cell in row] for row in batches.drop("digest").iter_rows()]
st.html(table([t("批次"), t("文件"), t("报送人"), t("收到"), t("读入"), t("接受"), t("拒绝")], lines))
