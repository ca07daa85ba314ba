"""What can be taken from the facts page: the form that a region fills in, and the facts as they were on a day."""

from datetime import date

import streamlit as st

from data.clock import now
from data.revisions import Revisions
from data.store import Store
from data.template_command import WAYS, made
from data.template_plan import By
from data.written import period_of
from metrics.periods import PeriodError, parse
from pages.parts.i18n import language, t
from pages.parts.journalled_exports import noted
from pages.parts.tables import csv_of, title

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def forms(store: Store, known: Revisions) -> None:
    """The form for a region and a period, made when it is asked for."""
    title(
        t("填报表"),
        t("按指标定义生成的 Excel 工作簿，每个变量一行，注明计量单位和合理范围，可打印；填好后直接上传，不需要映射"),
    )
    names = _regions(store)
    if not names:
        st.html(f'<p class="q-sub">{t("还没有地区：先导入事实，或用 init --regions 给出地区。")}</p>')
        return
    first, second, third = st.columns(3)
    region = first.selectbox(t("地区"), list(names), format_func=names.__getitem__, key="form region",
                             placeholder=t("请选择"))  # fmt: skip
    typed = second.text_input(t("期间"), str(int(now()[:4])), key="form period", placeholder="2025 / 2025-Q1 / 2025-03")
    ways = {"as_before": t("照以前的报法"), "year": t("按年"), "half": t("按半年"), "quarter": t("按季")}
    ways["month"] = t("按月")
    by: By = third.selectbox(
        t("多久报一次"), WAYS, format_func=ways.__getitem__, key="form by", placeholder=t("请选择")
    )
    period = period_of(typed or "") or ""
    if not _is_period(period, known):
        st.warning(t("“{text}”不是期间：写成 2025、2025-Q1 或 2025-03。", text=typed or ""))
        return
    lang = language()
    st.download_button(
        t("下载 {region} {period} 的填报表", region=names[region], period=period),
        lambda: made(store, region, period, by=by, lang=lang), f"{region}-{period.replace('/', '-')}.xlsx", SPREADSHEET,
        on_click="ignore", type="primary", key="form",
    )  # fmt: skip


def _regions(store: Store) -> dict[str, str]:
    """The names of the regions that somebody sees or sends the facts of, last those that hold others or end."""
    last = "valid_to IS NOT NULL OR code IN (SELECT parent FROM regions WHERE parent IS NOT NULL)"
    named = dict(store.query(f"SELECT code, name_{language()} FROM regions ORDER BY {last}, code").iter_rows())
    own = [store.access.regions(right) for right in ("see_facts", "send")]
    return {code: name for code, name in named.items() if any(one is None or code in one for one in own)}


def _is_period(text: str, known: Revisions) -> bool:
    try:
        parse(text, fiscal_year_starts=known.latest.definitions.fiscal_year_starts)
    except PeriodError:
        return False
    return True


def as_of(store: Store) -> None:
    """The facts that held at the end of a day, as CSV."""
    title(t("某一天的事实"), t("那一天结束时（协调世界时）有效的数，之后的更正、替代和撤回都不算；默认是今天"))
    today = date.fromisoformat(now()[:10])
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    day = left.date_input(t("日期"), today, max_value=today, format="YYYY-MM-DD", key="facts day")
    if not isinstance(day, date):
        return
    text = day.isoformat()
    name = f"facts-{text}.csv"
    facts = noted(store, name, lambda: csv_of(store.facts(as_of=store.event_at(text))))
    right.download_button(
        t("下载 {day} 的事实（CSV）", day=text), facts, name, "text/csv", on_click="ignore", key="facts as of"
    )
