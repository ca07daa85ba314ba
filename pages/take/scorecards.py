"""Scorecards: what an assessor takes away, seen first, as a file at full precision."""

from html import escape

import streamlit as st

from metrics.export import FORMATS
from pages.parts.filters import choose
from pages.parts.formats import cycle_words
from pages.parts.headlines import sentence
from pages.parts.i18n import language, spoken, t
from pages.parts.pickers import pick_flag, pick_short
from pages.parts.preview import file_name, preview
from pages.parts.shell import require
from pages.parts.tables import source

screen = require()
choice = choose(screen, comparing=False)
sentence([
    escape(t("{area} {cycle}评分卡：{count} 个地区", area=choice.area_name, cycle=cycle_words(choice.cycle),
             count=len(choice.shown)))
])  # fmt: skip
words = t("得分、指标、定义、数据各一页；数字为全精度，可逐项复核。要单个地区，请在上面选择。")
st.html(f'<p class="q-sub">{escape(words)}</p>')
left, middle, right = st.columns([1.2, 1.2, 1], vertical_alignment="bottom")
with left:
    form = pick_short(t("格式"), "form", {name: name.upper() for name in FORMATS}, "xlsx")
with middle:
    every = pick_flag(t("全部评估周期"), "every")
alike = screen.editions.beside(screen.card)
if every and len(alike) < len(screen.periods):
    words = t("只含按同一版定义评分的周期：{cycles}；其余周期请分别下载。", cycles=t("、").join(alike))
    st.html(f'<p class="q-sub">{escape(words)}</p>')
notice = t("示例数据：地区、机构、数字均为虚构") if screen.label == "demo" else ""


def _made() -> bytes:
    periods = alike if every else [choice.cycle]
    return FORMATS[form](screen.card, regions=choice.shown, periods=periods, lang=language(), notice=notice)


with right:
    st.download_button(
        t("生成并下载"),
        spoken(_made),
        file_name(choice, "all" if every else choice.cycle, form),
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )
preview(screen, choice)
source(screen)
