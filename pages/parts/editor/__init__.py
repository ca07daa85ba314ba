"""The editor of definitions: what a person types wins, and every problem is marked at its line."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import streamlit as st

from metrics.problems import Problem
from metrics.reader import json_schema
from pages.parts.editor.spoken import editor_words
from pages.parts.i18n import language, t

HERE = Path(__file__).parent
# Built by `make`, never kept with the code; served beside app.py (`server.enableStaticServing`).
BUNDLE = HERE.parent.parent.parent / "static" / "editor.js"
# A person goes on typing while the page runs, so what they look at is not paled meanwhile.
CSS = ".stElementContainer:has(.cm-editor){opacity:1!important}"
# Among the page's own elements: inside a shadow root the library loses the focus of its dialogues.
_mounted = st.components.v2.component(
    "quheng_editor", css=CSS, js=(HERE / "loader.js").read_text("utf-8"), isolate_styles=False
)


def editor(
    text: str,
    *,
    serial: int,
    problems: Sequence[Problem],
    codes: Mapping[str, str],
    key: str,
    base: str | None = None,
    shown: tuple[str, int] = ("", 0),
    height: int = 560,
    label: str,
) -> str:
    """The text as it stands in the editor; where there is no bundle, in a plain text area.

    `text` is shown anew only when `serial` has grown; until then what was typed wins. `problems` are those of
    `standing(text, serial=serial, key=key)`, `codes` names what formulas may name. Another document than before
    has another `key`, and with it a history of its own; `base` is the text that it began with, where
    somebody knows it: by it a browser that held this document for a session that is gone knows it again. `shown` is
    an indicator that is brought into sight, with a number that has grown since when another one was.
    """
    if not BUNDLE.is_file():
        return st.text_area(label, text, height=height, key=_plain(key, serial))
    sent = _sent(key)
    parts = {
        "text": (str(serial), text),
        "schema": _schema(),
        "codes": _part(dict(codes)),
        "words": _part(editor_words(label)),
    }
    _mounted(
        key=key,
        data={
            "key": key,
            "bundle": f"app/static/{BUNDLE.name}?{_version(BUNDLE.stat().st_mtime_ns)}",
            "absent": t("编辑器没有载入，请刷新本页。"),
            "epoch": _epoch(),
            "began": _part(base)[0],
            "fresh": base is None or base == text,
            "serial": serial,
            "number": sent["number"] if sent and sent["serial"] >= serial else None,
            "basis": st.session_state.get(_basis(key), (0, 0)),
            "parts": {name: _unless_held(part, sent.get("held", {}).get(name)) for name, part in parts.items()},
            "shown": shown,
            "problems": [(one.line, one.column, one.severity, one.message(language())) for one in problems],
            "height": height,
        },
        on_sent_change=lambda: None,
        on_at_change=lambda: None,
    )
    return standing(text, serial=serial, key=key)


def standing(text: str, *, serial: int, key: str) -> str:
    """The newest text that the browser has sent of this document, else `text`; can be asked before it is drawn.

    A document with a greater serial is taken to be made of the text that was given here last: the browser brings
    together with it what was typed since.
    """
    if not BUNDLE.is_file():
        return str(st.session_state.get(_plain(key, serial), text))
    sent = _sent(key)
    if not sent or sent["serial"] < serial:
        return text
    st.session_state[_basis(key)] = (sent["serial"], sent["number"])
    return str(sent["text"])


def pointed(key: str) -> tuple[str, int]:
    """The indicator in whose lines the caret came to rest, and how often another one was told; "" and 0 before."""
    at = (st.session_state.get(key) or {}).get("at") if BUNDLE.is_file() else None
    return (str(at["code"]), int(at["count"])) if at and at["epoch"] == _epoch() else ("", 0)


def _plain(key: str, serial: int) -> str:
    """A text area keeps what was typed under its key, so a document that is to replace it has another."""
    return f"{key}/{serial}"


def _basis(key: str) -> str:
    """Where the serial and the number of the text are kept that was read last."""
    return f"{key}/basis"


def _epoch() -> str:
    """What tells this session's numbers from those of one before, which a browser may still hold."""
    return str(st.session_state.setdefault("editor/epoch", uuid4().hex[:8]))


def _sent(key: str) -> dict[str, Any]:
    """What the browser has sent in this session: text, serial, its number, and the parts it holds; else nothing."""
    sent = (st.session_state.get(key) or {}).get("sent")
    return dict(sent) if sent and sent["epoch"] == _epoch() else {}


def _part(value: object) -> tuple[str, object]:
    """A value with the mark it is known by."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:12], value


def _unless_held(part: tuple[str, object], held: str | None) -> dict[str, object]:
    """A part travels once: what the browser says it holds is only named."""
    mark, value = part
    return {"mark": mark} if mark == held else {"mark": mark, "value": value}


@cache
def _schema() -> tuple[str, object]:
    return _part(json_schema())


@cache
def _version(built: int) -> str:
    """The bundle's content in short, so that browsers keep it until it is another."""
    return hashlib.sha256(BUNDLE.read_bytes()).hexdigest()[:12]
