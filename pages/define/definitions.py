"""Definitions: what is measured, and what is wrong with an edited text."""

from datetime import UTC, datetime

import streamlit as st

from data.store import Store
from metrics.files import read_reading
from metrics.problems import InputError
from metrics.reader import read
from pages.parts.i18n import t
from pages.parts.measures import found, tree
from pages.parts.shell import badge, begin, stop_with

begin()
store = Store()
try:
    path = store.definitions_path()
    reading, text = read_reading(path), path.read_text(encoding="utf-8", errors="replace")
    badge(store.settings().get("label", ""))
except (InputError, OSError) as error:
    stop_with(error)
shown, edit = st.tabs([t("指标体系"), t("核对修改")])
with shown:
    if reading.definitions is None:
        found(tuple(reading.problems), text)
    else:
        tree(reading.definitions)
with edit:
    st.caption(t("在这里修改不会改变任何已公布的得分；核对无误后，把文本保存为定义文件。"))
    edited = st.text_area(t("定义文本"), text, height=480, key="edited")
    checked = read(edited.encode(), path=path.name, today=datetime.now(UTC).date())
    found(tuple(checked.problems), edited)
    st.download_button(
        t("下载修改后的文本"), edited.encode(), path.name, disabled=checked.definitions is None, on_click="ignore"
    )
