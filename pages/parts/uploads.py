"""A file brought in: what is in it, how it is read, what would become of it; then imported, and what became of it."""

from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from data.intake import JudgedFile
from data.remembered import remember
from data.revisions import Revisions
from data.store import Store
from metrics.problems import InputError
from pages.parts.headlines import sentence
from pages.parts.i18n import language, t
from pages.parts.intake import Found, Place, Upload, bring, found_in, judged, refused, uploaded
from pages.parts.mapped import mapped
from pages.parts.mapped_choices import parsed
from pages.parts.previewed import (
    FIRST,
    Names,
    beside,
    counts,
    facts_table,
    reasons_for,
    region_names,
    rejections,
    report_button,
    rule_words,
    short,
    taken,
)
from pages.parts.previewed_effect import effect, replaced
from pages.parts.received import keep, received, reports
from pages.parts.tables import bullets, title
from pages.parts.workbench import who

TYPES = ["csv", "tsv", "txt", "parquet", "xlsx", "xls"]


def bring_in(store: Store, known: Revisions) -> None:
    """Who sends, the files, and of one of them what is in it, the preview, or what became of it."""
    sentence([escape(t("先看清文件会变成什么，确认后才入库"))])
    left, right = st.columns([1, 1])
    with left:
        person = who(store, known)
        files = st.file_uploader(t("数据文件（CSV、Excel、Parquet，可多选）"), type=TYPES, accept_multiple_files=True)
    with right:
        described = st.file_uploader(t("映射文件（可选；不给就由系统建议）"), type=["yaml", "yml"])
    upload = _one(files)
    if upload is None:
        return
    if (done := reports().get(upload.key)) is not None:
        received(upload.key, done)
        return
    place = Place(store, store.snapshot(), known.latest.digest)
    try:
        text = None if described is None else described.getvalue().decode("utf-8-sig", "replace")
        _look(place, known, upload, text, person)
    except (InputError, OSError) as error:
        refused(error)


def _one(files: Any) -> Upload | None:
    """The file that is looked at; of several, when they are put in, the first that nothing was done about yet."""
    uploads = [uploaded(file.name, file.getvalue(), file.file_id) for file in files or []]
    if len(uploads) < 2:
        return uploads[0] if uploads else None
    done = reports()

    def named(at: int) -> str:
        state = t("已处理") if uploads[at].key in done else t("待处理")
        return f"{at + 1}. {short(uploads[at].name)}（{state}）"

    waiting = next((at for at, one in enumerate(uploads) if one.key not in done), len(uploads) - 1)
    at = st.selectbox(
        t("{count} 个文件，逐个来：现在看", count=len(uploads)), range(len(uploads)), waiting, format_func=named,
        key=f"which file {len(uploads)}", placeholder=t("请选择"),
    )  # fmt: skip
    return uploads[at]


def _look(place: Place, known: Revisions, upload: Upload, text: str | None, person: str) -> None:
    """How the file is read: by a mapping that was given, as it is, or by one that is suggested and confirmed."""
    _known_already(place, upload)
    found: Found | None = None
    if text is not None:
        _refuse_names_of_files(text)
    else:
        direct = judged(place, upload, None)
        if isinstance(direct, InputError) and direct.problems[0].code == "denied":
            # However its columns are read, the facts stay others'.
            raise direct
        if _is_plain(upload, direct) and not st.toggle(t("逐列核对"), key=f"{upload.key[:16]} columns"):
            st.html(f'<p class="q-sub">{escape(t("列名与规定的一致（或是本系统的填报表），不需要映射。"))}</p>')
        else:
            found, text = _suggested(place, known, upload, person)
            if found is None or text is None:
                return
    _preview(place, upload, text, found, person, Names(known.widest, region_names(place.store)))


def _is_plain(upload: Upload, direct: JudgedFile | InputError) -> bool:
    """Whether the file is facts as they should be, or a form, whatever was filled into it."""
    is_form = upload.safe.endswith((".xlsx", ".xls"))
    return isinstance(direct, JudgedFile) and (direct.accepted > 0 or direct.read == 0 or is_form)


def _suggested(place: Place, known: Revisions, upload: Upload, person: str) -> tuple[Found | None, str | None]:
    """What was found and the mapping that a person chose; None where there is none yet."""
    found = found_in(place, upload, person)
    if isinstance(found, InputError):
        refused(found)
        return None, None
    sheets = [found.suggestion.sheet, *found.suggestion.sheets]
    if len(sheets) > 1:
        chosen = st.selectbox(
            t("工作表（每张各导入一次）"), sheets, key=f"{upload.key[:16]} sheet", placeholder=t("请选择")
        )
        found = found_in(place, upload, person, chosen)
        if isinstance(found, InputError):
            refused(found)
            return None, None
    if not found.suggestion.columns:
        st.error(t("文件不能导入"))
        bullets([escape(doubt.text(language())) for doubt in found.suggestion.doubts])
        return None, None
    names = region_names(place.store)
    key = f"{upload.key[:16]} {found.suggestion.sheet}"
    return found, mapped(found, known.widest, names, key)


def _refuse_names_of_files(text: str) -> None:
    """A mapping that was put in may not name files of the machine that serves the page."""
    mapping = parsed(text)
    if isinstance(mapping, InputError):
        raise mapping
    sources = [one for value in mapping.values for one in mapping.sources_of(value).values()]
    if any(one.names_from is not None for one in sources):
        st.error(t("网页上的映射不能用 names_from：请改写 known: regions（库里的地区名）或 names，或用命令行导入。"))
        st.stop()


def _known_already(place: Place, upload: Upload) -> None:
    """Says where the very same content has come in before."""
    sql = "SELECT id FROM batches WHERE content = $content ORDER BY id DESC LIMIT 1"
    for (batch,) in place.store.query(sql, content=upload.key).iter_rows():
        st.info(t("内容相同的文件曾作为第 {batch} 批收到。", batch=batch))


def _preview(place: Place, upload: Upload, text: str | None, found: Found | None, person: str, names: Names) -> None:
    """What would become of the file, what it would change, and the button, which says what it waits for."""
    first = judged(place, upload, text)
    if isinstance(first, InputError):
        refused(first)
        return
    title(t("预览：{counts}", counts=counts(first.read, first.accepted, first.rejected)),
          t("{name}；尚未入库", name=short(upload.name)))  # fmt: skip
    taken(first)
    if found is not None and found.suggestion.first.width > 1:
        beside(found, first, names)
    elif first.accepted:
        title(t("可接受的前 {count} 条", count=min(FIRST, first.accepted)))
        st.html(facts_table(first.facts.head(FIRST), names))
    rejections(first.found[0], first.rejected)
    replaces = replaced(place, upload, first, person) if first.accepted else None
    whole = first if replaces is None else judged(place, upload, text, replaces=replaces)
    if isinstance(whole, InputError):
        refused(whole)
        return
    if whole.accepted:
        effect(place, whole, upload, text, replaces)
    reasons, missing = reasons_for(whole, upload.key[:16], names)
    partly = bool(whole.rejected and whole.accepted) and st.toggle(
        t("只导入可接受的，被拒绝的除外"), key=f"{upload.key[:16]} partly"
    )
    waits = _waits(whole, missing, partly=partly, person=person)
    bullets(list(map(escape, waits)))
    left, right = st.columns([1, 3])
    with left:
        pressed = st.button(t("导入 {count} 条", count=f"{whole.accepted:,}"), type="primary", disabled=bool(waits))
    with right:
        report_button(whole)
    if pressed:
        how = {"sender": person, "accept_valid": partly, "replaces": replaces, "reasons": reasons}
        _import(place, upload, text, found, whole, how)


def _waits(whole: JudgedFile, missing: Sequence[str], *, partly: bool, person: str) -> list[str]:
    """Why the button is closed, in sentences."""
    rules = t("、").join(map(rule_words, missing))
    return [
        words
        for words, is_so in (
            (t("没有可接受的行。"), not whole.accepted),
            (
                t("有被拒绝的行：改正文件后重新上传，或选择只导入可接受的行。"),
                whole.accepted and whole.rejected and not partly,
            ),
            (t("还缺理由：{rules}。", rules=rules), missing),
            (t("先在上面写上姓名。"), not person),
        )
        if is_so
    ]


def _import(
    place: Place, upload: Upload, text: str | None, found: Found | None, whole: JudgedFile, how: dict[str, Any]
) -> None:
    """Into the store, and the mapping is remembered; then the page is drawn anew, with what became of the file."""
    try:
        done = bring(place, upload, text, **how)
        if found is not None and text is not None and done.batch is not None:
            remember(place.store, found.suggestion.heads, text, person=how["sender"])
    except (InputError, OSError) as error:
        refused(error)
        return
    keep(upload.key, done, whole)
    st.rerun()
