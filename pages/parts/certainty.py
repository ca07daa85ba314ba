"""How sure the ranks are: the trials, made once for all sessions; the sentence, and the ranks with their intervals."""

from dataclasses import dataclass
from functools import cached_property
from html import escape

import polars as pl
import streamlit as st

from metrics.cut import Cut
from metrics.problems import InputError
from metrics.report import sentences
from metrics.report.trials import trials_words
from metrics.robustness import Robustness, rank_bounds
from metrics.scorecard import Scorecard
from pages.parts import trials
from pages.parts.filters import Choice
from pages.parts.formats import between, cycle_words, rank
from pages.parts.headlines import sentence
from pages.parts.i18n import language, t
from pages.parts.ranges import intervals
from pages.parts.shell import Screen, stop_with
from pages.parts.tables import show, title, twin
from pages.parts.url import link

# Nodes searched for each end of a region's exact bounds before an outer bound is given instead: a second or two.
NODES = 200

@st.cache_resource(max_entries=16, show_spinner=False)
def _bounded(_card: Scorecard, period: str, snapshot: str, digest: str) -> pl.DataFrame:
    return rank_bounds(_card, period, nodes=NODES)


def analysed(screen: Screen) -> Robustness:
    """The trials of what the store holds by the definitions in force."""
    return trials.analysed(screen.card, screen.snapshot, screen.definitions.digest)


def beside_ranks(screen: Screen, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of composites with rank_p05, rank_p95, score_p05 and score_p95.

    As they are where that would take long, or where `robustness:` cannot be drawn from: its own page says why.
    """
    own = screen.card
    sure = own.sure() if isinstance(own, Cut) else trials.sure(own, screen.snapshot)
    if sure is None:
        return rows
    ranks = sure.standing.select("period", "region", "rank_p05", "rank_p95")
    return rows.join(ranks, on=["period", "region"], how="left", maintain_order="left").join(
        sure.scores, on=["period", "region"], how="left", maintain_order="left"
    )


@dataclass(frozen=True)
class Certainty:
    """What the page asks: the trials of one cycle's members, with exact bounds where they are wanted."""

    screen: Screen
    choice: Choice
    bounded: bool = False

    @cached_property
    def result(self) -> Robustness:
        """The trials; the page stops where `robustness:` cannot be drawn from."""
        try:
            with st.spinner(t("正在抽样 {trials} 次…", trials=self.screen.definitions.robustness.trials)):
                return analysed(self.screen)
        except InputError as error:
            stop_with(error)
            raise

    @cached_property
    def bounds(self) -> pl.DataFrame | None:
        """The exact bounds; None where they are not asked for or cannot be."""
        if not self.bounded:
            return None
        try:
            with st.spinner(t("正在求解最好与最差名次…")):
                key = (self.screen.snapshot, self.screen.definitions.digest)
                return _bounded(self.screen.card, self.choice.cycle, *key)
        except InputError as error:
            lines = "".join(f"<li>{escape(problem.render('', language()))}</li>" for problem in error.problems[:5])
            st.html(f'<div class="q-stop"><ul>{lines}</ul></div>')
            return None

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The members that have a rank in any trial, tier by tier and by rank, with their names and bounds."""
        here = self.result.standing.filter(
            pl.col("period") == self.choice.cycle,
            pl.col("region").is_in(self.choice.members),
            pl.col("rank_median").is_not_null(),
        )
        named = here.with_columns(name=pl.col("region").replace_strict(self.screen.names(), return_dtype=pl.String))
        if self.bounds is not None:
            named = named.join(self.bounds.drop("period"), on="region", how="left")
        return named.sort("tier", "rank", "region", nulls_last=True)

    @property
    def ranked(self) -> int:
        """How many regions have a rank in the cycle."""
        return self.result.ranks.filter(pl.col("period") == self.choice.cycle)["rank"].count()

    def name(self, region: str) -> str:
        """A region's name as a link to it."""
        return link(self.screen.names()[region], "region", region=region)


def lead(found: Certainty) -> None:
    """How many tiers, which ranks are firm, whose is the least sure; below it what has been drawn."""
    if found.rows.is_empty():
        sentence([escape(t("{cycle}没有名次可谈是否稳固", cycle=cycle_words(found.choice.cycle)))])
        return
    tiers = dict(found.rows.group_by("tier").len().sort("tier").iter_rows())
    words = t("{cycle}{area}：{tiers}", cycle=cycle_words(found.choice.cycle), area=found.choice.area_name,
              tiers=sentences.tiers_told(found.rows.height, tiers, language()))  # fmt: skip
    sentence([escape(words), _firm(found), *_loose(found)])
    st.html(f'<p class="q-sub">{escape(_drawn(found))}</p>')


def _firm(found: Certainty) -> str:
    firm = found.rows.filter("firm").sort("rank_median", "region")
    named = [
        found.name(region) + escape(t("（第 {place}）", place=f"{place:.0f}"))
        for region, place in firm.select("region", "rank_median").iter_rows()
    ]
    # What stands around the names is words and a number, and the names are HTML already.
    return sentences.firm(named, language())


def _loose(found: Certainty) -> list[str]:
    loose = found.rows.filter(pl.col("width") > 0.0).sort("width", "region", descending=[True, False]).head(1)
    return [
        escape(t("最不确定的是")) + found.name(row["region"]) + escape(f" {between(row)}")
        for row in loose.iter_rows(named=True)
    ]


def _drawn(found: Certainty) -> str:
    """What each trial draws, in words."""
    settings = found.result.settings
    told = trials_words(settings, language()) + t("；区间为 5 %–95 % 分位。")
    few = sentences.few(settings.trials, language())
    return told + (sentences.ended(few[:1].upper() + few[1:], language()) if few else "")


def standing(found: Certainty) -> None:
    """The main picture: intervals of the ranks, tiers as bands, and the exact bounds around them."""
    rows, chosen = found.rows, found.choice.regions
    firm = rows.filter("firm").height
    finding = t("{firm} 个名次稳固，{loose} 个会变动", firm=firm, loose=rows.height - firm)
    words = t(
        "名次，{cycle}；点为现名次，粗线为 5 %–95 % 区间，底色为档", cycle=cycle_words(found.choice.cycle).strip()
    )
    if found.bounds is not None:
        words += t("；细线为权重在界内任意取值时的最好与最差名次")
    title(finding, words)
    spoken = t("；").join(
        f"{row['name']} {rank(row['rank'], found.ranked)} {between(row)}" for row in rows.iter_rows(named=True)
    )
    figure = intervals(rows, found.ranked, chosen)
    show(found.screen, figure, "intervals", alt=f"{finding}{t('。')}{spoken}")
    if found.bounds is not None:
        st.html(f'<p class="q-sub">{escape(_exactness(rows))}</p>')
    twin(found.screen, _table(found), "intervals")


def _exactness(rows: pl.DataFrame) -> str:
    outer = rows.filter(~(pl.col("best_exact") & pl.col("worst_exact")))
    if outer.is_empty():
        return t("最好与最差名次都已证明，并有权重能够达到；其余做法不变，得分、加分与能否排名均按评分卡。")
    return t(
        "{count} 个地区的界限偏宽（名次不会超出，但未必达得到）：缺的指标不同、触及 0 或 100 分，或搜索提前停止。",
        count=outer.height,
    )


def _table(found: Certainty) -> pl.DataFrame:
    rows = found.rows
    columns = {
        "rank": t("排名"), "name": t("地区"), "tier": t("档"), "rank_median": t("名次中位数"),
        "rank_p05": t("5 % 分位"), "rank_p95": t("95 % 分位"), "rank_mean": t("名次均值"),
        "top_probability": t("居首的概率"), "improved": t("得分确有提高的概率"),
    }  # fmt: skip
    if "best" in rows.columns:
        columns |= {"best": t("最好名次"), "worst": t("最差名次")}
    return rows.select(pl.col(name).alias(words) for name, words in columns.items())
