"""The app: which pages there are, and one of them run."""

from pathlib import Path
from typing import Any

import streamlit as st

from data.rights import ACTIONS
from pages.parts.i18n import LANGUAGES, language, settle, t
from pages.parts.signin import access_at_window, arrive_at_window, badge_of_person
from pages.parts.url import arrive, leave

PARTS = Path(__file__).parent / "pages" / "parts"
# The rights that open pages of results, and any right at all.
SEE, ANY = ("see", "see_provisional"), tuple(filter(None, ACTIONS))

st.set_page_config(page_title="区衡 Quheng", page_icon=str(PARTS / "icon.svg"), layout="wide")
st.logo(str(PARTS / "logo.svg"), size="large", icon_image=str(PARTS / "icon.svg"))
arrive("lang", list(LANGUAGES))
settle()
arrive_at_window()
access = access_at_window()


def _page(
    path: str, title: str, icon: str, *rights: str,
    everywhere: bool = False, always: bool = False, default: bool = False,
) -> Any:  # fmt: skip
    """A page, which is listed for those who have one of its rights (everywhere: for all regions; always: and in all
    cycles too); whoever types its address is told who may."""
    may = access is None or any(
        access.throughout(right) if always else access.regions(right) is None if everywhere else access.may(right)
        for right in rights
    )
    return st.Page(
        f"pages/{path}.py", title=title, icon=f":material/{icon}:", default=default,
        visibility="visible" if may else "hidden",
    )  # fmt: skip


chosen = st.navigation(
    {
        t("查看"): [
            _page("view/overview", t("总览"), "leaderboard", *SEE, default=True),
            _page("view/compare", t("对比"), "grid_on", *SEE),
            _page("view/region", t("区域"), "location_city", *SEE),
            _page("view/indicator", t("指标"), "straighten", *SEE),
            _page("view/explain", t("解释"), "account_tree", *SEE),
            _page("view/paths", t("路径"), "route", *SEE),
            _page("view/integration", t("协同"), "hub", *SEE, everywhere=True),
            _page("view/robustness", t("稳健性"), "balance", *SEE, everywhere=True),
            _page("view/efficiency", t("效率核对"), "speed", *SEE, everywhere=True),
        ],
        t("带走"): [_page("take/scorecards", t("评分卡"), "download", *SEE)],
        t("定义"): [
            _page("define/definitions", t("指标体系"), "edit_note", "see", "define"),
            _page("define/diagnostics", t("指标体检"), "stethoscope", *SEE, everywhere=True),
            _page("define/weights", t("权重征询"), "groups", "define"),
        ],
        t("数据"): [_page("facts/facts", t("数据"), "database", "see_facts", "send")],
        t("流程"): [
            _page("process/process", t("流程"), "conversion_path", *ANY),
            _page("process/rights", t("授权"), "badge", "grant", "audit"),
            _page("process/journal", t("审计"), "policy", "audit", always=True),
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
        label_visibility="collapsed",
    )
    badge_of_person()
leave("lang", language(), default="zh")
# After the navigation, whose own icons a browser would fetch from another host for the tab.
st.set_page_config(page_title=f"{chosen.title} · 区衡 Quheng", page_icon=str(PARTS / "icon.svg"))
chosen.run()
