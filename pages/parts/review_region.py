"""One region under review: its figures, what was said of it, and the forms with which a reviewer speaks."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from data.grants import reaches
from data.persons import is_own
from data.reviews import About, Verdict, give_verdict, rate, remark, remarks, said, speaks_for
from data.stages import asking
from data.store import Store
from metrics.definitions import Definitions
from pages.parts.formats import points, quantity, rank, share
from pages.parts.i18n import language, t
from pages.parts.moments import moment
from pages.parts.pickers import pick_short
from pages.parts.review_acts import (
    act,
    behalf,
    definitions_of,
    field,
    in_sight,
    node_names,
    note,
    reason,
    region_names,
    signer,
    whole_card,
    wide,
)
from pages.parts.tables import table, title
from pages.parts.url import link

_OWN = "SELECT person, region, code, rating FROM ratings WHERE cycle = $cycle AND region = $region ORDER BY id"
_FACTS = "SELECT DISTINCT period, site FROM current_facts WHERE variable = $variable AND region IN (SELECT unnest($of))"


def look(store: Store, cycle: str, region: str) -> None:
    """The region's scores, each a link to where it comes from, and the remarks on it."""
    ways = [
        link(t("打开地区页"), "region", region=region, cycle=cycle),
        link(t("打开数据页"), "facts", cycle=cycle),
    ]
    st.html(f'<p class="q-way">{" · ".join(ways)}</p>')
    _figures(store, cycle, region)
    _remarks(store, cycle, region)


def _figures(store: Store, cycle: str, region: str) -> None:
    card, seen = whole_card(store, cycle), in_sight(store, cycle)
    if card is None or cycle not in card.periods or not (seen is None or region in seen):
        note(t("这个周期没有可看的得分。"))
        return
    now = card.frame.filter(pl.col("period") == cycle)
    ranked = dict(now.filter(pl.col("rank").is_not_null()).group_by("code").len().iter_rows())
    rows = now.filter(pl.col("region") == region)
    heads = [t("名称"), t("得分"), t("排名"), t("指标值"), t("覆盖率")]
    upper, lower = rows.filter(pl.col("level") != "indicator"), rows.filter(pl.col("level") == "indicator")
    st.html(table(heads[:3] + heads[4:], [_line(card.definitions, row, ranked, cycle, short=True)
                                         for row in upper.iter_rows(named=True)]))  # fmt: skip
    with st.expander(t("{count} 个指标", count=lower.height), key="review indicators"):
        lines = [_line(card.definitions, row, ranked, cycle) for row in lower.iter_rows(named=True)]
        st.html(table(heads, lines))


def _line(definitions: Definitions, row: dict[str, Any], ranked: dict[str, int], cycle: str, *, short: bool = False
) -> list[str]:  # fmt: skip
    name = definitions.name_of(row["code"], language())
    cells = [
        link(name, "explain", region=row["region"], code=row["code"], cycle=cycle),
        escape(points(row["score"])),
        escape(rank(row["rank"], ranked.get(row["code"], 0))),
    ]
    if not short:
        cells.append(escape(quantity(row["value"], definitions.indicators[row["code"]].unit)))
    return [*cells, escape(share(row["coverage"]))]


def _remarks(store: Store, cycle: str, region: str) -> None:
    found = remarks(store, cycle).filter(pl.col("region") == region)
    if found.is_empty():
        note(t("还没有人写意见。"))
        return
    definitions = definitions_of(store, cycle)
    title(t("{count} 条意见", count=found.height))
    rows = [
        [
            escape(row["person"]),
            escape(moment(row["made"])),
            escape(" · ".join(filter(None, (_called(definitions, row["code"]), row["period"], row["site"])))),
            wide(row["text"]),
        ]
        for row in found.iter_rows(named=True)
    ]
    st.html(table([t("谁"), t("时间"), t("针对"), t("意见")], rows, kind="words stacked"))


def _called(definitions: Definitions, code: str) -> str:
    if not code:
        return t("整个地区")
    return definitions.name_of(code, language()) if code in definitions.codes else code


def write(store: Store, cycle: str, region: str, name: str) -> None:
    """What a reviewer says: remarks, own ratings, and the verdict."""
    title(t("我对{region}的会审", region=name), t("意见和评分随时可写、可改；最后给出结论：同意，或者上报"))
    names = region_names(store)
    reviewers = speaks_for(store, asking(store), cycle, region, signer(store))
    behalf(store, t("会审方{names}", names=t("、").join(names.get(code, code) for code in reviewers)))
    ways = {"remark": t("写意见"), "rate": t("我的评分"), "verdict": t("给出结论")}
    way = pick_short(t("做什么"), "review way", ways, "remark")
    {"remark": _remark, "rate": _rate, "verdict": _verdict}[way](store, cycle, region, name)


def _remark(store: Store, cycle: str, region: str, name: str) -> None:
    form, definitions = "review remark", definitions_of(store, cycle)
    kinds = {"region": t("整个地区"), "score": t("某个得分"), "fact": t("某个事实")}
    kind = st.segmented_control(t("针对什么"), list(kinds), key="review about", default="score",
                                format_func=kinds.__getitem__, required=True)  # fmt: skip
    about = {"score": _score, "fact": _fact}.get(str(kind), _nothing)(store, definitions, region)
    with st.form(field(form, "form")):
        text = reason(form, t("意见"), t("写清楚哪里不对、依据什么"))
        if st.form_submit_button(t("写下意见"), type="primary"):
            act(form, lambda: _remarked(store, cycle, region, text, about, name))


def _nothing(store: Store, definitions: Definitions, region: str) -> About:
    return About()


def _score(store: Store, definitions: Definitions, region: str) -> About:
    names = node_names(definitions)
    return About(str(st.selectbox(t("得分"), list(names), key="review node", format_func=names.__getitem__,
                                  placeholder=t("请选择"))))  # fmt: skip


def _fact(store: Store, definitions: Definitions, region: str) -> About:
    """A variable, and of the facts that there are of it the period and the institution."""
    left, middle, right = st.columns([2, 1, 1.6])
    names = {code: definitions.name_of(code, language()) for code in definitions.raw}
    code = left.selectbox(t("变量"), list(names), key="review variable", format_func=names.__getitem__,
                          placeholder=t("请选择"))  # fmt: skip
    reach = sorted(reaches(store).get(region, {region}))
    found = store.query(_FACTS, variable=code, of=reach)
    sites = dict(store.sites().select("code", pl.coalesce(f"name_{language()}", "code")).iter_rows())
    period = middle.selectbox(t("期间"), sorted(found["period"].unique(), reverse=True), index=None,
                              key=f"review period {code} {region}", placeholder=t("全部期间"))  # fmt: skip
    site = right.selectbox(t("公共机构"), sorted(found["site"].drop_nulls().unique()), index=None,
                           key=f"review site {code} {region}", placeholder=t("全部机构"),
                           format_func=lambda one: sites.get(one) or one)  # fmt: skip
    return About(str(code), period or "", site or "")


def _remarked(store: Store, cycle: str, region: str, text: str, about: About, name: str) -> str:
    count = remark(store, cycle, region, text, about=about, person=signer(store))
    return t("已记下对{region}的意见，第 {number} 号。", region=name, number=count)


def _rate(store: Store, cycle: str, region: str, name: str) -> None:
    """The reviewer's own ratings of the root's children; what others gave is not shown, so that each judges alone."""
    form, definitions, known = "review rate", definitions_of(store, cycle), _own(store, cycle, region)
    root = definitions.index.code
    codes = [row.code for row in definitions.nodes() if row.parent == root]
    note(t("照您自己的判断给以下各项打分，0 到 100；空着的不评。别人的评分不在这里显示，各评各的。"))
    with st.form(field(form, "form"), enter_to_submit=False):
        places, given = st.columns(min(3, len(codes))), {}
        for at, code in enumerate(codes):
            given[code] = places[at % len(places)].number_input(
                definitions.name_of(code, language()), 0.0, 100.0, known.get(code), 1.0, format="%.1f",
                key=field(form, f"{region} {code}"), placeholder=t("不评"),
            )  # fmt: skip
        if st.form_submit_button(t("记下评分"), type="primary"):
            changed = {code: value for code, value in given.items() if value is not None and value != known.get(code)}
            if changed:
                act(form, lambda: _rated(store, cycle, region, changed, name))
            else:
                st.warning(t("评分没有改动。"))


def _own(store: Store, cycle: str, region: str) -> dict[str, float]:
    """What the signer gave before, the newest of each."""
    rows = said(store, cycle, _OWN, region=region).iter_rows(named=True)
    own = signer(store)
    return {row["code"]: row["rating"] for row in rows if is_own(store.access, row["person"], person=own)}


def _rated(store: Store, cycle: str, region: str, given: dict[str, float], name: str) -> str:
    rate(store, cycle, region, given, person=signer(store))
    return t("已记下您对{region} {count} 项的评分。", region=name, count=len(given))


def _verdict(store: Store, cycle: str, region: str, name: str) -> None:
    form = "review verdict"
    words = {"agree": t("同意：数据和得分可信"), "escalate": t("上报：有分歧，请有审定权的人裁定")}
    with st.form(field(form, "form")):
        verdict = st.radio(t("结论"), list(words), index=None, key=field(form, "verdict"), format_func=words.get)
        why = reason(form)
        if st.form_submit_button(t("给出结论"), type="primary"):
            if verdict is None:
                st.error(t("请先选同意或上报。"))
            else:
                act(form, lambda: _given(store, cycle, region, verdict, why, name))


def _given(store: Store, cycle: str, region: str, verdict: Verdict, why: str, name: str) -> str:
    give_verdict(store, cycle, region, verdict, person=signer(store), reason=why)
    if verdict == "agree":
        return t("已对{region}给出结论：同意。", region=name)
    return t("已上报{region}，等有审定权的人裁定。", region=name)
