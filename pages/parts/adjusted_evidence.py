"""Evidence on the page: files put in, each under a name that any disk takes, and files to take away with their hash."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from data.evidence import MOST, MOST_FILES, Evidence, Kind, content_of, listed
from data.exports import Export, leave, may_export, note
from data.store import Store
from metrics.problems import InputError
from pages.parts.i18n import language, t
from pages.parts.intake import Upload
from pages.parts.review_acts import called_of, field, signer
from pages.parts.shell import unread
from pages.parts.words import literal, told

_BOX = "[data-testid=stFileUploaderDropzoneInstructions]::after"


def box(form: str) -> list[Any]:
    """Where files are put in; the bounds stand beside it."""
    words = t("或拖到这里，每个不超过 {most} MB", most=MOST >> 20)
    # The page's style tells the bound of other boxes.
    st.html(f'<style>[class*=st-key-evidence] {_BOX}{{content:"{words}"!important}}</style>')
    with st.container(key=f"evidence of {form}"):
        label = t("佐证文件（可选，最多 {count} 个，每个不超过 {most} MB）", count=MOST_FILES, most=MOST >> 20)
        return st.file_uploader(label, accept_multiple_files=True, key=field(form, "evidence"),
                                max_upload_size=MOST >> 20) or []  # fmt: skip


@contextmanager
def on_disk(files: Sequence[Any]) -> Iterator[list[Path]]:
    """The files in a folder of their own, for as long as they are read; two of one name do not meet."""
    with tempfile.TemporaryDirectory(prefix="quheng-evidence-") as folder:
        found = []
        # One more than may be is enough to be refused.
        for at, file in enumerate(files[: MOST_FILES + 1]):
            place = Path(folder) / str(at) / Upload(file.name, b"", "").safe
            place.parent.mkdir()
            place.write_bytes(file.getbuffer()[: MOST + 1])
            found.append(place)
        yield found


def proofs(store: Store, cycle: str, kind: Kind, rows: Sequence[dict[str, Any]], names: dict[str, str]) -> None:
    """The evidence of what is objected to or put right, where there is any."""
    found = [row for row in rows if row["evidence"]]
    if not found:
        return
    count = sum(len(row["evidence"]) for row in found)
    with st.expander(t("佐证文件：{count} 件", count=count), key=f"proofs of {kind}"):
        for row in found:
            st.html(f'<p class="q-sub">{escape(called_of(row, names))}</p>')
            evidence(store, cycle, row["region"], kind, row["id"])


def evidence(store: Store, cycle: str, region: str, kind: Kind, number: int) -> None:
    """Each file on which a row rests, with its size and SHA-256, and a way to take it for whoever may take files away;
    one whose name is unknown is called by its digest."""
    files = listed(store, kind, number)
    if not files:
        st.html(f'<p class="q-sub">{escape(t("没有佐证文件"))}</p>')
        return
    held = store.access.regions("export", cycle=cycle)
    taking = may_export(store, signer(store), cycle).allowed and (held is None or region in held)
    for one in files:
        size = t("{size} 千字节", size=f"{max(1, one.size >> 10):,}")
        st.html(f'<p class="q-code">{escape(_name(one))} · {escape(size)}<br>SHA-256 {escape(one.digest)}</p>')
        if taking:
            _taking(store, cycle, region, one, f"{kind} {number}")


def _name(one: Evidence) -> str:
    return one.name or one.digest[:12]


def _taking(store: Store, cycle: str, region: str, one: Evidence, of: str) -> None:
    """Two steps: the file is read and held against its hash when it is asked for, and then goes; `of` tells apart what
    rests on the same file."""
    key, name = f"evidence {of} {one.digest}", _name(one)
    if not st.button(t("取出{name}", name=literal(name)), key=key):
        return
    try:
        content = content_of(store, one.digest)
        state, release = leave(store, signer(store), [cycle])
        note(store, Export("page", signer(store), ("evidence",), (region,), (cycle,), language(), state,
                           sha256(content).hexdigest(), len(content), name, release=release))  # fmt: skip
    except (InputError, OSError) as error:
        problems = error.problems if isinstance(error, InputError) else ()
        st.error(literal(told(problems[0]) if problems else unread(error)))
        return
    st.download_button(t("下载（摘要相符，已记入日志）"), content, name, "application/octet-stream",
                       key=f"{key} file", on_click="ignore", type="primary")  # fmt: skip
