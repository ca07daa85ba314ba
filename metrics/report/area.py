"""The report of an area: who stands where and how surely, who moved, limits, the regions together."""

from collections.abc import Iterator

import polars as pl

from metrics.manual.blocks import Block, Bullets, Figure, Figures, Heading, Paragraph, Range, Ranges, Report
from metrics.report import sentences
from metrics.report.asked import Asked, Row
from metrics.report.columns import Column, columns
from metrics.report.indicators import area_indicators, course_words
from metrics.report.members import Area
from metrics.report.origin import about, foot, mark, method, notices
from metrics.report.sentences import ended, joined, listed, places_moved
from metrics.report.side_by_side import pillars, side_by_side
from metrics.shown import NONE, between, change, points, rank, share

# More lines than this are a table and no picture.
MOST_DRAWN = 60
# Of those who rose, and of those who fell; and of those whose rank is firm.
MOST_NAMED, MOST_FIRM = 3, 10


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
    yield from side_by_side(area)
    yield from pillars(area)
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
    firm = len(_firm(area))
    sure = pick(f"名次稳固的 {firm} 个", f"firm ranks: {firm}") if _tiers(area) else ""
    yield Figure(pick("分得开的档", "Tiers told apart"), str(len(_tiers(area)) or NONE), sure)
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


def _firm(area: Area) -> list[str]:
    """Whose rank is the same in nine of ten trials."""
    asked = area.asked
    return [asked.names[row["region"]] for row in area.roots if asked.ranks.get(row["region"], {}).get("firm")]


def _tier_words(area: Area) -> str:
    pick = area.asked.words.pick
    told = [pick(f"第 {tier} 档 {count} 个", f"tier {tier}: {count}") for tier, count in _tiers(area).items()]
    return listed(told, area.asked.lang)


def _ranking(area: Area) -> Iterator[Block]:
    """Every member by rank, with interval, grade, tier, change, coverage and course."""
    asked, pick, rows = area.asked, area.asked.words.pick, area.roots
    drawn = [asked.ranks.get(row["region"], {}) if row["rank"] is not None else {} for row in rows]
    courses = tuple(area.courses[row["region"]] for row in rows)
    yield Heading(1, pick("排名", "Ranking"))
    yield columns(
        Column(pick("排名", "Rank"), 1.0, tuple(rank(row["rank"], row["ranked"]) for row in rows)),
        Column(pick("区间", "Interval"), 1.3, tuple(between(one) for one in drawn)),
        Column(pick("地区", "Region"), 2.6, tuple(asked.names[row["region"]] for row in rows), names=True),
        Column(pick("得分", "Score"), 1.1, tuple(points(row["score"]) for row in rows), right=True),
        Column(pick("较上期", "Change"), 1.1, tuple(change(row["score_change"]) for row in rows), right=True),
        Column(pick("名次变化", "Places"), 1.3, tuple(_places(row["rank_change"]) for row in rows), right=True),
        Column(pick("等级", "Grade"), 1.6, tuple(asked.grades.get(row["grade"] or "", "") for row in rows)),
        Column(pick("档", "Tier"), 0.8, tuple(str(one.get("tier") or "") for one in drawn), right=True),
        Column(pick("覆盖率", "Coverage"), 1.3, tuple(share(row["coverage"]) for row in rows), right=True),
        Column(pick("走势", "Course"), 1.5, tuple(course_words(course) for course in courses)),
        courses=courses,
    )


def _places(places: int | None) -> str:
    """How many places up or down; nothing for none."""
    return "" if not places else f"{'▲' if places > 0 else '▼'} {abs(places)}"


def _certainty(area: Area) -> Iterator[Block]:
    """How sure the ranks are: tiers in a sentence, intervals as a picture."""
    asked, pick = area.asked, area.asked.words.pick
    drawn = [row for row in area.roots if between(asked.ranks.get(row["region"], {}))]
    if not drawn:
        return
    yield Heading(2, pick("名次有多稳", "How sure the ranks are"))
    firm = _firm(area)
    told = pick(
        f"{len(drawn)} 个地区分得开的只有 {len(_tiers(area))} 档（{_tier_words(area)}）",
        f"{len(drawn)} regions in {len(_tiers(area))} tiers that can be told apart ({_tier_words(area)})",
    )
    sure = pick("没有一个名次是稳固的", "no rank is firm")
    if firm:
        more = pick("等", " and others") if len(firm) > MOST_FIRM else ""
        named = listed(firm[:MOST_FIRM], asked.lang) + more
        sure = pick(f"名次稳固的有 {len(firm)} 个：", f"firm ranks ({len(firm)}): ") + named
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
