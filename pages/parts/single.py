"""One indicator's figures: what it is, all regions over the cycles, and how they stand."""

from html import escape

import streamlit as st

from metrics.latex import latex
from pages.parts.charts import strip
from pages.parts.filters import Choice
from pages.parts.formats import movement, points, quantity, rank, unit
from pages.parts.i18n import language, t
from pages.parts.rows import rows_of
from pages.parts.shell import Screen
from pages.parts.tables import chart, table, title, twin
from pages.parts.url import link

LIMITS = {"target": "目标", "binding": "约束值", "current": "基准值", "leading": "引导值"}


def about(screen: Screen, choice: Choice, code: str) -> None:
    """The finding, then the definition: why, formula, unit, direction, source."""
    item = screen.definitions.indicators[code]
    rows = rows_of(screen, choice, code).drop_nulls("score").sort("score", descending=True)
    name = item.name.text(language())
    if rows.is_empty():
        st.html(
            f'<p class="q-lead">{escape(t("{cycle} 没有地区有“{name}”的得分。", cycle=choice.cycle, name=name))}</p>'
        )
    else:
        first, last = rows.row(0, named=True), rows.row(-1, named=True)
        words = t(
            "{name}：{best}最好（{high}），{worst}最差（{low}）",
            name=name,
            best=first["name"],
            high=quantity(first["value"], item.unit),
            worst=last["name"],
            low=quantity(last["value"], item.unit),
        )
        st.html(f'<p class="q-lead">{escape(words)}</p>')
    if item.why:
        st.html(f"<p>{escape(item.why)}</p>")
    names = {named: screen.name(named) for named in item.formula.codes}
    st.latex(latex(item.formula.tree, names))
    better = {"higher": t("越高越好"), "lower": t("越低越好")}.get(str(item.better), t("区间内最好"))
    facts = [
        (t("计量单位"), unit(item.unit) or t("无量纲")),
        (t("优劣方向"), better),
        (t("归一化"), screen.definitions.normaliser(code).method),
        (t("来源"), item.source or "—"),
    ]
    st.html('<p class="q-sub">' + " · ".join(f"{escape(head)} {escape(text)}" for head, text in facts) + "</p>")


def over_time(screen: Screen, choice: Choice, code: str) -> None:
    """All regions' values over the cycles, with the limits as lines."""
    item, method = screen.definitions.indicators[code], screen.definitions.normaliser(code)
    limits = {t(words): getattr(method, name) for name, words in LIMITS.items() if hasattr(method, name)}
    rows = rows_of(screen, choice, code, every_cycle=True).sort("region", "period")
    title(t("各地区数值"), f"{screen.name(code)}{t('，')}{unit(item.unit)}{t('，')}{t('各周期')}")
    chart(
        strip(rows, choice.regions, limits),
        "strip",
        t("{name}各周期数值", name=screen.name(code)),
        "pages/view/region.py",
    )
    twin(rows.pivot(on="period", index="name", values="value").rename({"name": t("地区")}), f"indicator-{code}")


def standings(screen: Screen, choice: Choice, code: str) -> None:
    """Every region's value, change, score and rank in the cycle."""
    item = screen.definitions.indicators[code]
    rows = rows_of(screen, choice, code).sort("score", "region", descending=[True, False], nulls_last=True)
    count = rows["rank"].count()
    title(t("{cycle} 各地区", cycle=choice.cycle), t("点得分看来历"))
    lines = [
        [
            link(row["name"], "region", region=row["region"]),
            escape(quantity(row["value"], item.unit)),
            escape(movement(row, item.unit, item.better)[0]),
            link(points(row["score"]), "explain", region=row["region"], code=code),
            escape(rank(row["rank"], count)),
        ]
        for row in rows.iter_rows(named=True)
    ]
    own = [region in choice.regions for region in rows["region"]]
    st.html(table([t("地区"), t("指标值"), t("较上期"), t("得分"), t("排名")], lines, own))
