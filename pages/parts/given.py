"""Given: what each part below gives to a score, as a waterfall from nothing to the whole."""

import polars as pl

from metrics.contributions import contributions
from metrics.explain import Rung
from pages.parts.formats import full, points, signed
from pages.parts.i18n import t
from pages.parts.shell import Screen
from pages.parts.tables import show, title, twin
from pages.parts.waterfall_figure import Bar, End, falling

# So many parts have a bar of their own; what is left is one.
MOST = 10


def given(screen: Screen, rung: Rung, region: str) -> None:
    """The points of a node's children, and for the composite those of rules; nothing for other numbers."""
    if rung.kind not in ("composite", "pillar") or rung.score is None:
        return
    parts = _parts(screen, rung, region)
    if parts.is_empty():
        return
    called = {code: screen.name(code) for code in parts["code"].drop_nulls()}
    names = parts.with_columns(name=pl.col("code").replace_strict(called, default=t("规则"), return_dtype=pl.String))
    most = names.row(0, named=True)
    finding = t("给分最多的是{name}：{points} 分", name=most["name"], points=points(most["points"]))
    title(finding, t("各部分贡献的分，从 0 起相加等于得分；{cycle}", cycle=rung.period))
    shown, rest = names.head(MOST), names.slice(MOST)
    bars = [Bar(name, term, f"{name} {full(term)}") for name, term in shown.select("name", "points").iter_rows()]
    if rest.height:
        total = float(rest["points"].sum())
        bars.append(Bar(t("其余 {count} 项", count=rest.height), total, full(total), rest=True))
    spoken = t("；").join(f"{bar.name} {signed(bar.term)}" for bar in bars)
    show(
        screen, falling(bars, (End(t("起点"), 0.0), End(rung.period, rung.score))), "given", alt=f"{finding}。{spoken}"
    )
    twin(screen, names.select(pl.col("name").alias(t("名称")), pl.col("points").alias(t("贡献（分）"))), "given")


def _parts(screen: Screen, rung: Rung, region: str) -> pl.DataFrame:
    """code (null for the rules) and points, the most first."""
    found = contributions(screen.card, region, rung.period).filter(pl.col("parent") == rung.code)
    parts = found.select("code", points="to_parent").filter(pl.col("points") != 0.0)
    return parts.sort("points", "code", descending=[True, False])
