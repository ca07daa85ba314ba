"""The report of an area: who stands where and how surely, who moved, limits, the regions together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from metrics import apart, coupling, integration
from metrics.manual.blocks import (
    Bar,
    Bars,
    Block,
    Bullets,
    Figure,
    Figures,
    Heading,
    Paragraph,
    Range,
    Ranges,
    Report,
    Table,
)
from metrics.report import sentences, together
from metrics.report.asked import Asked, Row
from metrics.report.indicators import area_indicators, course_words
from metrics.report.origin import about, foot, mark, method, notices
from metrics.report.sentences import ended, joined, listed, places_moved
from metrics.shown import NONE, between, change, points, rank, share

# More lines than this are a table and no picture.
MOST_DRAWN = 60
# Of those who rose, and of those who fell.
MOST_NAMED = 3


@dataclass(frozen=True)
class Area:
    """Some compared regions, what they are called together, and what a report asks of them."""

    asked: Asked
    members: tuple[str, ...]
    name: str

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The members' rows of every cycle up to this one."""
        return self.asked.rows(every_cycle=True).filter(pl.col("region").is_in(self.members))

    @cached_property
    def roots(self) -> list[Row]:
        """The members' composites of the cycle, the best first, those without a rank last."""
        now = self.rows.filter(pl.col("period") == self.asked.period, pl.col("code") == self.asked.root)
        return list(now.sort("rank", "region", nulls_last=True).iter_rows(named=True))

    @property
    def whole(self) -> pl.DataFrame:
        """The members as one region, in every cycle up to this one."""
        return self.asked.shared.whole(self.members, self.asked.period)

    def course(self, region: str) -> tuple[float | None, ...]:
        """A member's composites over the cycles."""
        own = pl.col("region") == region
        return tuple(self.rows.filter(own, pl.col("code") == self.asked.root)["score"])


def area_of(asked: Asked, regions: Sequence[str] | None) -> Area:
    """The compared regions among those named and below them (None: all).

    Raises InputError for one that the scorecard does not have.
    """
    for region in regions or ():
        asked.card.require_region(region)
    compared = asked.card.regions.filter("compared")["code"].to_list()
    if regions is None:
        return Area(asked, tuple(compared), asked.words.pick("全部参评地区", "All regions compared"))
    chosen, above = set(regions), asked.card.rows.regions.ancestors
    members = tuple(code for code in compared if {code, *above(code)} & chosen)
    if not members:
        # Those named have no rank and none below them has one: they are told as they are.
        members = tuple(code for code in asked.card.regions["code"] if code in chosen)
    # The nearest region that holds just these.
    for parent in dict.fromkeys(code for member in members for code in above(member)):
        if set(members) == {code for code in compared if parent in above(code)}:
            return Area(asked, members, asked.names[parent])
    whole = asked.words.pick("全部参评地区", "All regions compared")
    some = asked.words.pick(f"{len(members)} 个地区", f"{len(members)} regions")
    return Area(asked, members, whole if len(members) == len(compared) else some)


def area_report(area: Area) -> Report:
    """The area's report of the cycle."""
    asked = area.asked
    pick, title = asked.words.pick, asked.words.line(asked.card.definitions.title.text(asked.lang))
    return Report(
        title=area.name,
        kind=f"{title} · {pick(f'{asked.cycle}区域报告', f'area report {asked.cycle}')}",
        about=(*about(asked), (pick("地区", "Regions"), str(len(area.members)))),
        notice=notices(asked),
        lang=asked.lang,
        version=foot(asked),
        blocks=tuple(_blocks(area)),
        mark=mark(asked),
    )


def _blocks(area: Area) -> Iterator[Block]:
    whole = area.whole.filter(pl.col("period") == area.asked.period)
    root = whole.filter(pl.col("code") == area.asked.root).row(0, named=True)
    yield Paragraph(_lead(area, root))
    yield Figures(tuple(_figures(area, root)))
    yield from _ranking(area)
    yield from _certainty(area)
    yield from _moves(area)
    yield from _rules(area)
    yield from _together(area)
    yield from _pillars(area)
    yield from area_indicators(area.asked, area.whole)
    yield from method(area.asked)


def _lead(area: Area, root: Row) -> str:
    """The mean, its change, who leads, who rose most."""
    asked, lang = area.asked, area.asked.lang
    if root["score"] is None:
        none = asked.words.pick(f"{asked.cycle}没有综合得分", f"There is no composite score for {asked.cycle}")
        return ended(none, lang)
    mean = points(root["score"])
    zh = f"{asked.cycle}{area.name}综合得分平均 {mean}"
    parts = [asked.words.pick(zh, f"{area.name}, {asked.cycle}: mean composite score {mean}")]
    told = [joined([*parts, *filter(None, [sentences.on_last_cycle(root, lang)])], lang)]
    for row in area.roots[:1]:
        name, score = asked.names[row["region"]], points(row["score"])
        told.append(asked.words.pick(f"{name}居首（{score}）", f"{name} leads ({score})"))
    risen = [row for row in _movers(area) if row["rank_change"] > 0][:1]
    gap = asked.words.pick("", " ")
    told += [f"{asked.names[row['region']]}{gap}{places_moved(row['rank_change'], lang)}" for row in risen]
    return ended(asked.words.pick("；", "; ").join(told), lang)


def _figures(area: Area, root: Row) -> Iterator[Figure]:
    asked, pick = area.asked, area.asked.words.pick
    course = area.whole.filter(pl.col("code") == asked.root).sort("period")["score"]
    before = sentences.on_last_cycle(root, asked.lang)
    yield Figure(pick("综合得分平均", "Mean composite"), points(root["score"]), before, tuple(course))
    ranked = sum(row["rank"] is not None for row in area.roots)
    yield Figure(pick("有名次的地区", "Regions with a rank"), f"{ranked} / {len(area.members)}", _graded(area))
    yield Figure(pick("分得开的档", "Tiers told apart"), str(len(_tiers(area)) or NONE), _tier_words(area))
    full = sum(row["coverage"] >= 1.0 - 1e-9 for row in area.roots)
    told = pick(f"{len(area.members)} 个地区中", f"of {len(area.members)} regions")
    yield Figure(pick("数据齐全的地区", "Regions with all data"), str(full), told)


def _graded(area: Area) -> str:
    """How many regions have each grade, the best first."""
    found = [row["grade"] for row in area.roots]
    counts = [f"{name} {found.count(code)}" for code, name in area.asked.grades.items() if code in found]
    return listed(counts, area.asked.lang)


def _tiers(area: Area) -> dict[int, int]:
    """How many of the members are in each tier, the best first."""
    found = [tier for code in area.members if (tier := area.asked.ranks.get(code, {}).get("tier")) is not None]
    return {tier: found.count(tier) for tier in sorted(set(found))}


def _tier_words(area: Area) -> str:
    pick = area.asked.words.pick
    told = [pick(f"第 {tier} 档 {count} 个", f"tier {tier}: {count}") for tier, count in _tiers(area).items()]
    return listed(told, area.asked.lang)


def _ranking(area: Area) -> Iterator[Block]:
    """Every member by rank, with interval, grade, tier, change, coverage and course."""
    asked, pick = area.asked, area.asked.words.pick
    yield Heading(1, pick("排名", "Ranking"))
    heads = pick(
        ("排名", "区间", "地区", "得分", "较上期", "名次变化", "等级", "档", "覆盖率", "走势"),
        ("Rank", "Interval", "Region", "Score", "Change", "Places", "Grade", "Tier", "Coverage", "Course"),
    )
    courses = tuple(area.course(row["region"]) for row in area.roots)
    lines = [(*_place(asked, row), course_words(course)) for row, course in zip(area.roots, courses, strict=True)]
    widths = (1, 1.3, 2.6, 1.1, 1.1, 1.3, 1.6, 0.8, 1.3, 1.5)
    yield Table(heads, tuple(lines), widths, frozenset((3, 4, 5, 7, 8)), courses=courses)


def _place(asked: Asked, row: Row) -> tuple[str, ...]:
    drawn = asked.ranks.get(row["region"], {})
    tier, places = drawn.get("tier"), row["rank_change"]
    return (
        rank(row["rank"], row["ranked"]),
        between(drawn) if row["rank"] is not None else "",
        asked.names[row["region"]],
        points(row["score"]),
        change(row["score_change"]),
        "" if not places else f"{'▲' if places > 0 else '▼'} {abs(places)}",
        asked.grades.get(row["grade"] or "", NONE),
        "" if tier is None else str(tier),
        share(row["coverage"]),
    )


def _certainty(area: Area) -> Iterator[Block]:
    """How sure the ranks are: tiers in a sentence, intervals as a picture."""
    asked, pick = area.asked, area.asked.words.pick
    drawn = [row for row in area.roots if between(asked.ranks.get(row["region"], {}))]
    if not drawn:
        return
    yield Heading(2, pick("名次有多稳", "How sure the ranks are"))
    firm = [asked.names[row["region"]] for row in drawn if asked.ranks[row["region"]]["firm"]]
    told = pick(
        f"{len(drawn)} 个地区分得开的只有 {len(_tiers(area))} 档（{_tier_words(area)}）",
        f"{len(drawn)} regions in {len(_tiers(area))} tiers that can be told apart ({_tier_words(area)})",
    )
    sure = pick("没有一个名次是稳固的", "no rank is firm")
    if firm:
        sure = pick(f"名次稳固的有 {len(firm)} 个：", f"firm ranks ({len(firm)}): ") + listed(firm, asked.lang)
    yield Paragraph(ended(pick("；", "; ").join((told, sure)), asked.lang))
    if len(drawn) > MOST_DRAWN:
        return
    count = max(row["ranked"] for row in drawn)
    caption = pick(
        f"名次，{asked.cycle}；点为现名次，带为抽样的 5 %–95 % 区间，竖线为中位数",
        f"Ranks, {asked.cycle}; the dot is the present rank, the band the 5 %–95 % interval of the trials, the line "
        "their median",
    )
    yield Ranges(caption, tuple(_interval(asked, row) for row in drawn), 1.0, float(count))


def _interval(asked: Asked, row: Row) -> Range:
    found = asked.ranks[row["region"]]
    words = f"{rank(row['rank'], row['ranked'])} {between(found)}"
    ends = (found["rank_p05"], found["rank_median"], found["rank_p95"])
    return Range(asked.names[row["region"]], row["rank"], *ends, words)


def _movers(area: Area) -> list[Row]:
    """Who has another rank than in the cycle before, the furthest risen first."""
    found = [row for row in area.roots if row["rank_change"]]
    return sorted(found, key=lambda row: (-row["rank_change"], row["region"]))


def _moves(area: Area) -> Iterator[Block]:
    """Who moved most, up and down, on the cycle before."""
    asked, pick = area.asked, area.asked.words.pick
    if all(row["rank_change"] is None for row in area.roots):
        return
    found = _movers(area)
    yield Heading(2, pick("较上期的名次变动", "Ranks against last cycle"))
    if not found:
        yield Paragraph(pick("名次没有变动。", "No rank changed."))
        return
    risen = [row for row in found if row["rank_change"] > 0][:MOST_NAMED]
    fallen = [row for row in reversed(found) if row["rank_change"] < 0][:MOST_NAMED]
    yield Bullets(tuple(_move(asked, row) for row in (*risen, *fallen)))


def _move(asked: Asked, row: Row) -> str:
    places = places_moved(row["rank_change"], asked.lang)
    placed = rank(row["rank"], row["ranked"])
    score, colon = change(row["score_change"]), asked.words.pick("：", ": ")
    told = asked.words.pick(f"现 {placed}，得分 {score}", f"now {placed}, score {score}")
    return f"{asked.names[row['region']]}{colon}{joined((places, told), asked.lang)}"


def _rules(area: Area) -> Iterator[Block]:
    """Which rule acted where."""
    asked, pick = area.asked, area.asked.words.pick
    rules = asked.card.definitions.rules
    if not rules:
        return
    yield Heading(2, pick("超限、否决、加分与扣分", "Limits, vetoes and points"))
    lines = []
    for rule in rules:
        met = [asked.names[row["region"]] for row in area.roots if rule.code in row["flags"].split(";")]
        name = asked.words.line(rule.name.text(asked.lang)) if rule.name is not None else rule.code
        if met:
            colon = pick("：", ": ")
            lines.append(f"{asked.words.term('kind', rule.kind)}{colon}{name}{colon}{listed(met, asked.lang)}")
    yield Bullets(tuple(lines)) if lines else Paragraph(pick("没有地区触发规则。", "No rule applies to any region."))


def _together(area: Area) -> Iterator[Block]:
    """Spread, convergence, coordination, and what holds the area apart."""
    asked, pick = area.asked, area.asked.words.pick
    if len(area.members) < 2:
        return
    card, period, lang = asked.card, asked.period, asked.lang
    yield Heading(1, pick("区域协同", "The regions together"))
    found = integration.dispersion(card, area.members, codes=[asked.root])
    now = found.filter(pl.col("period") == period, pl.col("measure") == "cv").row(0, named=True)
    row = integration.convergence(card, area.members, codes=[asked.root], last=period).row(0, named=True)
    names = {"name": asked.words.name(asked.root), "area": area.name, "cycle": asked.cycle}
    coupled = coupling.coupling_of(coupling.coupling(card), area.members).filter(pl.col("period") == period)
    degree = "".join(together.coupling_words(line, lang) for line in coupled.iter_rows(named=True))
    held = apart.held_apart(card, area.members, periods=[period]).drop_nulls("share")
    shares = held.filter(pl.col("level") == "pillar").sort("share", "code", descending=[True, False])
    told = [
        together.spread_words(now, row, **names, lang=lang),
        together.verdict_words(row, lang),
        degree,
        *_apart(asked, held),
    ]
    yield Paragraph(ended(pick("；", "; ").join(filter(None, told)), lang))
    if shares.height:
        caption = pick("各维度占综合得分方差的份额", "Each pillar's share of the variance of the composite")
        parts = shares.select("code", "share").iter_rows()
        bars = tuple(Bar(asked.words.name(code), part, share(part)) for code, part in parts)
        yield Bars(caption, bars, max(1.0, *shares["share"]))


def _apart(asked: Asked, held: pl.DataFrame) -> Iterator[str]:
    """The pillar and the indicator that hold the area apart most."""
    for level in ("pillar", "indicator"):
        most = held.filter(pl.col("level") == level, pl.col("share") > 0.0)
        for row in most.sort("share", "code", descending=[True, False]).head(1).iter_rows(named=True):
            yield together.apart_words(level, asked.words.name(row["code"]), row["share"], asked.lang)


def _pillars(area: Area) -> Iterator[Block]:
    """Each member's score in each pillar."""
    asked, pick = area.asked, area.asked.words.pick
    codes = [row.code for row in asked.card.definitions.nodes() if row.parent == asked.root]
    now = area.rows.filter(pl.col("period") == asked.period, pl.col("code").is_in(codes))
    scores = {(region, code): score for region, code, score in now.select("region", "code", "score").iter_rows()}
    if not 1 < len(codes) < 9:
        return
    yield Heading(1, pick("各地区各维度得分", "Scores by region and pillar"))
    heads = (pick("地区", "Region"), *(asked.words.name(code) for code in codes))
    lines = [
        (asked.names[row["region"]], *(points(scores[row["region"], code]) for code in codes)) for row in area.roots
    ]
    yield Table(heads, tuple(lines), (1.6, *(1.0 for _ in codes)), frozenset(range(1, len(codes) + 1)))

