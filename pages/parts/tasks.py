"""My tasks: what waits for whoever looks, each with its regions, its day and the way to where it is done."""

from collections.abc import Callable
from datetime import date
from html import escape

import streamlit as st

from data.clock import now
from data.rights import ROLE_NAMES
from data.store import Store
from data.tasks import grants_ending, tasks
from data.waiting import Task
from pages.parts.formats import cycle_words
from pages.parts.i18n import LANGUAGES, language, t
from pages.parts.stages import ORDER, named
from pages.parts.tables import title
from pages.parts.url import address

# So many regions are named.
NAMED = 4


def mine(store: Store, cycles: list[str]) -> None:
    """What waits in these cycles, overdue things first; says so where there is nothing."""
    today = now()[:10]
    found = list(_asked(store, tuple(cycles), today, *_sight(store)))
    found.sort(key=lambda task: (not task.late, task.due or "9"))
    late = sum(task.late for task in found)
    if not found:
        title(t("我的任务：现在没有要办的事"), t("按您的授权和各周期的进展列出；有新的事，会出现在这里"))
        return
    words = t("我的任务：{count} 件", count=len(found))
    title(words + (t("，{late} 件逾期", late=late) if late else ""), t("按您的授权列出；逾期的在前，其次按期限"))
    names = _names(store)
    st.html(f'<ul class="q-tasks">{"".join(_line(task, names, today) for task in found)}</ul>')


def _sight(store: Store) -> tuple[str, str, str]:
    """All that what is found rests on: the store's state, and who may see and do what."""
    access = store.access
    return store.snapshot(), f"{access.person}", f"{access.whole} {access.grants} {store.parts}"


@st.cache_resource(max_entries=64, ttl=60, show_spinner=False)
def _asked(_store: Store, cycles: tuple[str, ...], today: str, *sight: str) -> tuple[Task, ...]:
    found = [task for cycle in cycles for task in tasks(_store, cycle, today=today)]
    return (*found, *grants_ending(_store, today=today))


def _names(store: Store) -> dict[str, str]:
    at = language()
    areas = store.query(f"SELECT area, name_{at} FROM areas")
    return dict(areas.iter_rows()) | dict(store.query(f"SELECT code, name_{at} FROM regions").iter_rows())


def _line(task: Task, names: dict[str, str], today: str) -> str:
    words, page, part = SAID[task.kind](task)
    where = t("、").join(names.get(code, code) for code in task.regions[:NAMED])
    if len(task.regions) > NAMED:
        where = t("{names}等 {count} 个地区", names=where, count=len(task.regions))
    about = filter(None, (cycle_words(task.cycle) if task.cycle else "", where))
    way = escape(address(page, part=part, cycle=task.cycle))
    told = f'<a href="{way}">{escape(words)}</a><span>{escape(" · ".join(about))}</span>'
    return f'<li class="{"late" if task.late else ""}">{told}{_until(task, today)}</li>'


def _until(task: Task, today: str) -> str:
    """Until when; what is overdue is marked by word, shape and colour."""
    if not task.due:
        return f"<em>{escape(t('没有期限'))}</em>"
    left = (date.fromisoformat(task.due) - date.fromisoformat(today)).days
    if task.late:
        return f'<em class="worse"><b>!</b> {escape(t("逾期 {days} 天（{day}）", days=-left, day=task.due))}</em>'
    return f"<em>{escape(t('{day} 前，还有 {days} 天', day=task.due, days=left))}</em>"


def _step(task: Task) -> tuple[str, str, str]:
    words = {"stage": named(task.about[0]), "count": task.count}
    if task.about[0] == ORDER[0]:
        return t("还没有推进过，可以从“{stage}”开始", **words), "process", ""
    if task.count:
        return t("推进到“{stage}”，还差 {count} 件事", **words), "process", ""
    return t("可以推进到“{stage}”", **words), "process", ""


def _points(task: Task) -> dict[str, str]:
    return {"number": task.about[0], "points": task.about[1]}


def _written(why: str, edition: str) -> str:
    """That a notice is to be written, and where there was one why another is wanted."""
    if why == "none":
        return t("起草通报")
    if why == "beside":
        return t("重新起草通报：对比的往期或期限的天数有变动")
    if int(edition) > 1:
        return t("重新起草通报：结果已出第 {edition} 版", edition=edition)
    return t("重新起草通报：原稿写在结果审定以前")


def _grant(task: Task) -> tuple[str, str, str]:
    person, role = task.about
    words = {"person": person, "role": ROLE_NAMES[role][language() != "zh"]}
    return t("{person} 的“{role}”授权将到期", **words), "rights", ""


# What each kind of task is in words, and the page and part where it is done.
SAID: dict[str, Callable[[Task], tuple[str, str, str]]] = {
    "facts": lambda task: (t("还缺 {count} 项应报的数据", count=task.count), "facts", "state"),
    "warnings": lambda task: (t("{count} 条提示要说明理由", count=task.count), "facts", "batches"),
    "batches": lambda task: (t("{count} 批数据待审核", count=task.count), "facts", "batches"),
    "draw": lambda task: (t("抽签分配会审对象"), "process", "review"),
    "review": lambda task: (t("会审 {count} 个地区，给出结论", count=task.count), "process", "review"),
    "assess": lambda task: (t("核对本周期的评分，交回核算的数"), "scorecards", ""),
    "settle": lambda task: (t("裁定 {count} 个上报的分歧", count=task.count), "process", "review"),
    "decide": lambda task: (t("决定第 {number} 号调整（{points} 分）", **_points(task)), "process", "adjust"),
    "decide_escalated": lambda task: (
        t("裁定上报的第 {number} 号调整（{points} 分）", **_points(task)), "process", "adjust"),
    "conclude": lambda task: (t("审定结果"), "process", ""),
    "step": _step,
    "write": lambda task: (_written(*task.about), "process", "notice"),
    "sign": lambda task: (t("签发{language}通报", language=LANGUAGES[task.about[0]]), "process", "notice"),
    "answer": lambda task: (t("答复第 {number} 号异议", number=task.about[0]), "process", "object"),
    "rectify": lambda task: (t("完成并报告第 {number} 项整改", number=task.about[0]), "process", "object"),
    "accept": lambda task: (t("验收第 {number} 项整改", number=task.about[0]), "process", "object"),
    "grant": _grant,
}
