"""Scorecards: what an assessor takes away, as a file at full precision."""

import streamlit as st

from metrics.export import FORMATS
from pages.parts.filters import choose
from pages.parts.i18n import language, t
from pages.parts.shell import require
from pages.parts.tables import source, title

screen = require()
choice = choose(screen)
title(
    t("{area} {cycle}：{count} 个地区", area=choice.area_name, cycle=choice.cycle, count=len(choice.shown)),
    t("得分、指标、定义、数据各一页；数字为全精度，可逐项复核。要单个地区，请在上面选择。"),
)
form = st.segmented_control(t("格式"), list(FORMATS), default="xlsx", format_func=str.upper, required=True)
every = st.toggle(t("全部评估周期"))
notice = t("示例数据：地区、机构、数字均为虚构") if screen.label == "demo" else ""


def _made() -> bytes:
    periods = None if every else [choice.cycle]
    return FORMATS[form](screen.card, regions=choice.shown, periods=periods, lang=language(), notice=notice)


st.download_button(
    t("生成并下载"),
    _made,
    f"scorecard-{choice.cycle}.{form}",
    type="primary",
    icon=":material/download:",
    on_click="ignore",
)
source(screen.definitions.title.text("zh"), screen.definitions.digest, screen.snapshot)
