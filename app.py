"""The app: which pages there are, and one of them run."""

from pathlib import Path

import streamlit as st

from pages.parts.i18n import LANGUAGES, language, settle, t
from pages.parts.signin import badge_of_person
from pages.parts.url import arrive, leave

PARTS = Path(__file__).parent / "pages" / "parts"

st.set_page_config(page_title="区衡 Quheng", page_icon=str(PARTS / "icon.svg"), layout="wide")
st.logo(str(PARTS / "logo.svg"), size="large", icon_image=str(PARTS / "icon.svg"))
arrive("lang", list(LANGUAGES))
settle()
chosen = st.navigation(
    {
        t("查看"): [
            st.Page("pages/view/overview.py", title=t("总览"), icon=":material/leaderboard:", default=True),
            st.Page("pages/view/compare.py", title=t("对比"), icon=":material/grid_on:"),
            st.Page("pages/view/region.py", title=t("区域"), icon=":material/location_city:"),
            st.Page("pages/view/indicator.py", title=t("指标"), icon=":material/straighten:"),
            st.Page("pages/view/explain.py", title=t("解释"), icon=":material/account_tree:"),
            st.Page("pages/view/paths.py", title=t("路径"), icon=":material/route:"),
            st.Page("pages/view/integration.py", title=t("协同"), icon=":material/hub:"),
            st.Page("pages/view/robustness.py", title=t("稳健性"), icon=":material/balance:"),
            st.Page("pages/view/efficiency.py", title=t("效率核对"), icon=":material/speed:"),
        ],
        t("带走"): [st.Page("pages/take/scorecards.py", title=t("评分卡"), icon=":material/download:")],
        t("定义"): [
            st.Page("pages/define/definitions.py", title=t("指标体系"), icon=":material/edit_note:"),
            st.Page("pages/define/diagnostics.py", title=t("指标体检"), icon=":material/stethoscope:"),
            st.Page("pages/define/weights.py", title=t("权重征询"), icon=":material/groups:"),
        ],
        t("数据"): [st.Page("pages/facts/facts.py", title=t("数据"), icon=":material/database:")],
        t("流程"): [
            st.Page("pages/process/process.py", title=t("流程"), icon=":material/conversion_path:"),
            st.Page("pages/process/rights.py", title=t("授权"), icon=":material/badge:"),
            st.Page("pages/process/journal.py", title=t("审计"), icon=":material/policy:"),
        ],
    },
    expanded=True,
)
with st.sidebar:
    st.segmented_control(
        "语言 Language",
        list(LANGUAGES),
        key="lang",
        format_func=LANGUAGES.__getitem__,
        default=None if "lang" in st.session_state else language(),
        required=True,
        persist_state="session",
    )
    badge_of_person()
leave("lang", language(), default="zh")
# After the navigation, whose own icons a browser would fetch from another host for the tab.
st.set_page_config(page_title=f"{chosen.title} · 区衡 Quheng", page_icon=str(PARTS / "icon.svg"))
chosen.run()
