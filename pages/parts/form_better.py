"""Which way is better: higher, lower, or inside a band of two numbers."""

from typing import Any

import streamlit as st
from pydantic import ValidationError

from metrics.models import Between, Indicator
from pages.parts.form_methods import number, reason
from pages.parts.form_sheet import Sheet, label_of, say, shown
from pages.parts.formats import better_words
from pages.parts.i18n import t

WAYS = ("higher", "lower", "between")


def better(sheet: Sheet) -> None:
    """The direction, with the ends of the band where it is one."""
    written = sheet.at("better")
    band = written.get("between") if isinstance(written, dict) else None
    label, _ = label_of(Indicator, "better")
    current = "between" if isinstance(written, dict) else shown(written)
    if current not in WAYS and current:
        sheet.text_at(("better",), label)
        sheet.told("better")
        return
    options = WAYS if current else ("", *WAYS)
    found = sheet.choice("better", label, options, current, _words)
    if found == "between":
        _band(sheet, band if isinstance(band, list) and len(band) == 2 else ["", ""])
    elif found != current:
        sheet.write((*sheet.path, "better"), found)
    sheet.told("better")


def _words(way: str) -> str:
    return better_words(way) if way else "—"


def _band(sheet: Sheet, written: list[Any]) -> None:
    ends = []
    for place, name, label, end in zip(
        st.columns(2), ("low", "high"), (t("最好区间的下端"), t("最好区间的上端")), map(shown, written), strict=True
    ):
        slot = sheet.slot(f"better {name}", end)
        ends.append((place.text_input(label, key=slot, persist_state="session") or "", end))
    if all(found == end for found, end in ends):
        return
    if not all(found.strip() for found, _ in ends):
        say(t("还要填：{labels}；填好后写入文本。", labels=label_of(Between, "between")[0]), "note")
        return
    pair = [number(found) for found, _ in ends]
    try:
        Between.model_validate({"between": pair})
    except ValidationError as error:
        say(reason(error.errors(include_url=False)[0], Between))
        return
    sheet.write((*sheet.path, "better"), {"between": pair})
