"""Others: in what words a page tells what regions are compared with, which is less where only some are in sight."""

from html import escape

import streamlit as st

from metrics.cut import FEWEST
from pages.parts.i18n import t
from pages.parts.shell import Screen


def middle(screen: Screen) -> str:
    """What scores and values are compared with."""
    return t("可比组中位数") if screen.card.whole else t("其他地区平均")


def band(screen: Screen) -> str:
    """What the grey band is."""
    return t("可比组最低至最高") if screen.card.whole else t("其他地区平均上下各一个标准差")


def ends(screen: Screen) -> tuple[str, str, str]:
    """The heads of the band's lower end, its middle and its upper end."""
    if screen.card.whole:
        return t("最低"), t("中位数"), t("最高")
    return t("其他地区平均减标准差"), t("其他地区平均"), t("其他地区平均加标准差")


def note(screen: Screen) -> None:
    """Says that only some of the regions are in sight, and what is told of the others."""
    if screen.card.whole:
        return
    count = {"count": len(screen.card.regions), "compared": screen.card.compared, "fewest": FEWEST}
    words = t(
        "您看得到 {count} 个地区的结果，名次在全部 {compared} 个参评地区中；"
        "其他地区只列平均和标准差，不足 {fewest} 个的不列",
        **count,
    )
    st.html(f'<p class="q-sub">{escape(words)}</p>')
