"""The files of a notice: its PDF and text, and for a signed version the signature and the key that checks it."""

from collections.abc import Callable
from hashlib import sha256

import streamlit as st

from data.exports import Export, leave
from data.exports import note as journalled
from data.notice_paper import command_of, file_name, paper
from data.notices import Notice
from metrics.problems import InputError
from pages.parts.i18n import t
from pages.parts.review_acts import note, signer
from pages.parts.stages import Place


def files(at: Place, every: tuple[Notice, ...]) -> None:
    """A version to take away, the newest unless another is chosen, for whoever may export."""
    if not at.store.access.may("export", cycle=at.cycle):
        return
    numbers = {one.id: one for one in reversed(every)}
    number = next(iter(numbers))
    if len(numbers) > 1:
        number = st.selectbox(t("取哪一版"), list(numbers), key="notice version", placeholder=t("请选择"),
                              format_func=lambda one: t("第 {number} 版", number=one))  # fmt: skip
    chosen = numbers[number]
    name = file_name(chosen, "md")
    places = st.columns(4)
    places[0].download_button(t("下载 PDF"), lambda: _paper(at, chosen), file_name(chosen, "pdf"), "application/pdf",
                              key="notice pdf", icon=":material/download:", on_click="ignore")  # fmt: skip
    places[1].download_button(t("下载文本"), lambda: _text(at, chosen), name, "text/markdown", key="notice text",
                              icon=":material/download:", on_click="ignore")  # fmt: skip
    if chosen.is_sound:
        places[2].download_button(t("下载签名"), bytes.fromhex(chosen.signature), f"{name}.sig", key="notice sig",
                                  on_click="ignore")  # fmt: skip
        places[3].download_button(t("下载公钥"), chosen.key.encode(), f"{name}.pem", key="notice key",
                                  on_click="ignore")  # fmt: skip
        note(t("核对签名：{command}", command=command_of(chosen)))


def _text(at: Place, one: Notice) -> bytes:
    return _taken(at, one, "md", one.text.encode)


def _paper(at: Place, one: Notice) -> bytes:
    return _taken(at, one, "pdf", lambda: paper(at.store, one))


def _taken(at: Place, one: Notice, form: str, make: Callable[[], bytes]) -> bytes:
    """The file, journalled; what is public is given whether or not the journal can be written."""
    at.store.require_unmoved()
    by = signer(at.store)
    state, release = leave(at.store, by, [at.cycle])
    content = make()
    what = ("notice", form), (), (at.cycle,), one.lang, state, sha256(content).hexdigest(), len(content)
    try:
        journalled(at.store, Export("page", by, *what, file_name(one, form), release=release))
    except InputError:
        if not (at.is_public and one.is_sound):
            raise
    return content
