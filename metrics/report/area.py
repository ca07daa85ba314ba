"""The report of an area: who stands where and how surely, who moved, limits, the regions together."""

from collections.abc import Iterator

import polars as pl

from metrics.adjustments import rules_about
from metrics.manual.blocks import Block, Bullets, Figure, Figures, Heading, Paragraph, Range, Ranges, Report
from metrics.manual.outcomes import cap_words, points_words, rule_name
from metrics.models import Rule
from metrics.report import acted, sentences
from metrics.report.asked import Asked, Row
from metrics.report.columns import Column, columns
from metrics.report.indicators import area_indicators, course_words
from metrics.report.members import Area
from metrics.report.origin import about, foot, mark, method, notices
from metrics.report.sentences import aside, ended, joined, listed, rank_moved
from metrics.report.side_by_side import pillars, side_by_side
from metrics.shown import NONE, between, change, coverage, points, rank, share

# More lines than this are a table and no picture.
MOST_LINES = 60
# Of those who rose, and of those who fell.
MOST_NAMED = 3
# Of those whom a rule applies to, where it is told in short.
MOST_MET = 20


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
    yield from area_indicators(area)
    yield from method(area.asked)


def headlines(area: Area) -> Iterator[Block]:
    """What is told first of an area: the lead, the headline numbers, who moved, which rules acted (of each
    the first regions it applies to, and how many more)."""
    root = area.whole.filter(pl.col("period") == area.asked.period, pl.col("code") == area.asked.root)
    first = root.row(0, named=True)
    yield Paragraph(_lead(area, first))
    yield Figures(tuple(_figures(area, first)))
    yield from _moves(area)
    yield from _rules(area, MOST_MET)


def _lead(area: Area, root: Row) -> str:
    """The mean, its change, who leads, who rose and who fell most."""
    asked, lang = area.asked, area.asked.lang
    if root["score"] is None:
        none = asked.words.pick(f"{asked.cycle}没有综合得分", f"There is no composite score for {asked.cycle}")
        return ended(none, lang)
    mean = points(root["score"])
    zh = f"{asked.cycle}{area.name}综合得分平均 {mean}"
    parts = [asked.words.pick(zh, f"{area.name}, {asked.cycle}: mean composite score {mean}")]
    if root["score_change"] is not None:
        parts.append(sentences.on_last_cycle(root, lang) + aside(asked.redefined, lang))
    told = [joined(parts, lang)]
    first = [row for row in area.roots if row["rank"] is not None and row["rank"] == area.roots[0]["rank"]]
    if first:
        told.append(sentences.leading([asked.names[row["region"]] for row in first], first[0]["score"], lang))
    risen, fallen = _movers(area)
    gap = asked.words.pick("", " ")
    ends = (*risen[:1], *fallen[:1])
    told += [f"{asked.names[row['region']]}{gap}{rank_moved(row, lang)}" for row in ends]
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
    yield Figure(pick("能分出高低的组", "Tiers told apart"), str(len(_tiers(area)) or NONE), sure)
    full = sum(row["coverage"] >= 1.0 - 1e-9 and not row["imputed"] for row in area.roots)
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


def _ranking(area: Area) -> Iterator[Block]:
    """Every member by rank, with interval, grade, tier, change, coverage and course."""
    asked, pick, rows = area.asked, area.asked.words.pick, area.roots
    drawn = [asked.ranks.get(row["region"], {}) if row["rank"] is not None else {} for row in rows]
    courses = tuple(area.courses[row["region"]] for row in rows)
    changes = (change(row["score_change"], asked.lang) for row in rows)
    graded = tuple(_grade(asked, row) for row in rows)
    filled = tuple(share(row["imputed"]) if row["imputed"] else "" for row in rows)
    yield Heading(1, pick("排名", "Ranking"))
    yield columns(
        Column(pick("排名", "Rank"), 1.0, tuple(rank(row["rank"], row["ranked"]) for row in rows)),
        Column(pick("区间", "Interval"), 1.3, tuple(between(one) for one in drawn)),
        Column(pick("地区", "Region"), 2.6, tuple(asked.names[row["region"]] for row in rows), names=True),
        Column(pick("得分", "Score"), 1.1, tuple(points(row["score"]) for row in rows), right=True),
        Column(pick("较上期", "Change"), pick(1.1, 1.5), tuple(changes), right=True),
        Column(pick("名次变化", "Places"), 1.3, tuple(_places(asked, row) for row in rows), right=True),
        Column(pick("等级", "Grade"), 1.6 if len(max(graded, key=len, default="")) < 6 else 2.8, graded),
        Column(pick("档", "Tier"), 0.8, tuple(str(one.get("tier") or "") for one in drawn), right=True),
        Column(pick("覆盖率", "Coverage"), 1.3, tuple(coverage(row["coverage"]) for row in rows), right=True),
        Column(pick("其中插补", "Imputed"), 1.2, filled, right=True),
        Column(pick("走势", "Trend"), 1.5, tuple(course_words(course) for course in courses)),
        courses=courses,
    )


def _grade(asked: Asked, row: Row) -> str:
    """The grade, and that a veto has lowered it."""
    told = asked.words.term("kind", "veto") if acted.vetoed(asked.words, row, asked.shared.before) else ""
    return asked.grades.get(row["grade"] or "", "") + sentences.aside(told, asked.lang)


def _places(asked: Asked, row: Row) -> str:
    """How many places up or down, nothing for none; where another number of regions had a rank then, which it was."""
    places = row["rank_change"]
    if places is not None and row["ranked"] != row["ranked_before"]:
        before = sentences.rank_before(row)
        return asked.words.pick(f"原 {before}", f"was {before}")
    return "" if not places else f"{'▲' if places > 0 else '▼'} {abs(places)}"


def _certainty(area: Area) -> Iterator[Block]:
    """How sure the ranks are: tiers in a sentence, intervals as a picture."""
    asked, pick = area.asked, area.asked.words.pick
    drawn = [row for row in area.roots if between(asked.ranks.get(row["region"], {}))]
    if not drawn:
        return
    yield Heading(2, pick("名次有多稳", "How sure the ranks are"))
    told = [sentences.tiers_told(len(drawn), _tiers(area), asked.lang), sentences.firm(_firm(area), asked.lang)]
    if asked.shared.drawn is not None:
        told.append(sentences.few(asked.shared.drawn.settings.trials, asked.lang))
    yield Paragraph(ended(pick("；", "; ").join(filter(None, told)), asked.lang))
    if len(drawn) > MOST_LINES:
        return
    count = max(row["ranked"] for row in drawn)
    caption = pick(
        f"名次，{asked.cycle.strip()}；点为现名次，带为抽样的 5 %–95 % 区间，竖线为中位数",
        f"Ranks, {asked.cycle}; the dot is the present rank, the band the 5 %–95 % interval of the trials, the line "
        "their median",
    )
    yield Ranges(caption, tuple(_interval(asked, row) for row in drawn), 1.0, float(count))


def _interval(asked: Asked, row: Row) -> Range:
    found = asked.ranks[row["region"]]
    words = f"{rank(row['rank'], row['ranked'])} {between(found)}"
    ends = (found["rank_p05"], found["rank_median"], found["rank_p95"])
    return Range(asked.names[row["region"]], row["rank"], *ends, words)


def _movers(area: Area) -> tuple[list[Row], list[Row]]:
    """Who rose and who fell in rank since the cycle before, the furthest first."""
    moved = [row for row in area.roots if row["rank_change"]]
    moved.sort(key=lambda row: (-abs(row["rank_change"]), row["region"]))
    risen, fallen = ([row for row in moved if (row["rank_change"] > 0) is up] for up in (True, False))
    return risen, fallen


def _moves(area: Area) -> Iterator[Block]:
    """Who moved most, up and down, on the cycle before."""
    asked, pick = area.asked, area.asked.words.pick
    if all(row["rank_change"] is None for row in area.roots):
        return
    risen, fallen = _movers(area)
    yield Heading(2, pick("较上期的名次变动", "Ranks against last cycle"))
    if not (risen or fallen):
        yield Paragraph(pick("名次没有变动。", "No rank changed."))
        return
    lines = [_move(asked, row) for row in (*risen[:MOST_NAMED], *fallen[:MOST_NAMED])]
    more = [
        pick(f"{len(rows) - MOST_NAMED} 个{zh}", f"{len(rows) - MOST_NAMED} {en}")
        for rows, zh, en in ((risen, "上升", "rose"), (fallen, "下降", "fell"))
        if len(rows) > MOST_NAMED
    ]
    lines += [pick("其余 ", "Of the others ") + listed(more, asked.lang)] if more else []
    yield Bullets(tuple(lines))


def _move(asked: Asked, row: Row) -> str:
    places = rank_moved(row, asked.lang)
    placed = rank(row["rank"], row["ranked"])
    score, colon = change(row["score_change"], asked.lang), asked.words.pick("：", ": ")
    told = asked.words.pick(f"现 {placed}，得分 {score}", f"now {placed}, score {score}")
    return f"{asked.names[row['region']]}{colon}{joined((places, told), asked.lang)}"


def _rules(area: Area, most: int | None = None) -> Iterator[Block]:
    """Which rule acted where, and how many points it gave or took; a rule's first so many regions (None: all)."""
    asked, pick = area.asked, area.asked.words.pick
    rules = rules_about(asked.card.definitions, [asked.period], [row["region"] for row in area.roots])
    if not rules:
        return
    yield Heading(2, asked.rules)
    lines, gave = [], False
    for rule in rules:
        rows = [row for row in area.roots if rule.code in row["flags"].split(";")]
        if rows:
            met = [_met(asked, rule, row) for row in rows[:most]]
            more = len(rows) - len(met)
            met += [pick(f"其余 {more:,} 个", f"{more:,} more")] if more else []
            colon, name = pick("：", ": "), rule_name(asked.words, rule)
            does = points_words(asked.words, rule)
            # A rule may be called by its points already.
            does = does if does and does not in name else asked.words.term("kind", rule.kind)
            lines.append(f"{does}{colon}{name}{colon}{listed(met, asked.lang)}")
            gave = gave or rule.kind == "bonus"
    if gave and (cap := cap_words(asked.words)):
        lines.append(cap)
    yield Bullets(tuple(lines)) if lines else Paragraph(pick("没有地区触发规则。", "No rule applies to any region."))


def _met(asked: Asked, rule: Rule, row: Row) -> str:
    """Whom a rule applies to, and that it takes nothing there where that is so."""
    idle = rule.kind == "veto" and not acted.lowered(asked.words, rule, row, asked.shared.before)
    told = asked.words.pick("未降等", "no grade lost") if idle else ""
    if rule.points and row["score"] is None:
        told = asked.words.pick("没有得分", "no score")
    return asked.names[row["region"]] + sentences.aside(told, asked.lang)
