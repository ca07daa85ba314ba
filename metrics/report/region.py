"""The report of one region: how it stands, what is strong and weak, every indicator, what was missing."""

from collections.abc import Iterator

import polars as pl

from metrics.manual.blocks import Block, Bullets, Figure, Figures, Heading, Paragraph, Range, Ranges, Report, Table
from metrics.manual.outcomes import rule_row
from metrics.report import sentences
from metrics.report.asked import Asked, Row
from metrics.report.columns import Column, columns
from metrics.report.indicators import flag_words, indicators
from metrics.report.origin import about, foot, mark, method, notices
from metrics.report.scale import score_scale
from metrics.report.sentences import ended, joined
from metrics.shown import NONE, between, change, points, quantity, rank, share


def region_report(asked: Asked, region: str) -> Report:
    """One region's report of the cycle. Raises InputError for a region that the scorecard does not have."""
    asked.card.require_region(region)
    every = asked.rows(every_cycle=True).filter(pl.col("region") == region)
    words = asked.words
    title = words.line(asked.card.definitions.title.text(asked.lang))
    return Report(
        title=asked.names[region],
        kind=f"{title} · {words.pick(f'{asked.cycle}地区报告', f'region report {asked.cycle}')}",
        about=about(asked),
        notice=notices(asked),
        lang=asked.lang,
        version=foot(asked),
        blocks=tuple(_blocks(asked, region, every)),
        mark=mark(asked),
    )


def _blocks(asked: Asked, region: str, every: pl.DataFrame) -> Iterator[Block]:
    rows = every.filter(pl.col("period") == asked.period)
    root = rows.filter(pl.col("code") == asked.root).row(0, named=True)
    yield Paragraph(_lead(asked, region, root))
    yield Figures(tuple(_figures(asked, region, root, rows, every)))
    yield from _pillars(asked, rows)
    yield from _strengths(asked, region, rows)
    yield from _rules(asked, root)
    yield from _missing(asked, rows)
    yield from _cycles(asked, every)
    yield from indicators(asked, rows, every)
    yield from method(asked)


def _lead(asked: Asked, region: str, root: Row) -> str:
    """The first sentence."""
    grade, sure = asked.grades.get(root["grade"] or "", ""), between(asked.ranks.get(region, {}))
    parts = sentences.standing(root, asked.names[region], asked.cycle, grade=grade, sure=sure, lang=asked.lang)
    if root["score"] is None:
        parts.append(sentences.covered(root, asked.lang))
    return ended(joined(parts, asked.lang), asked.lang)


def _figures(asked: Asked, region: str, root: Row, rows: pl.DataFrame, every: pl.DataFrame) -> Iterator[Figure]:
    pick, course = asked.words.pick, every.filter(pl.col("code") == asked.root)
    before = sentences.on_last_cycle(root, asked.lang)
    yield Figure(asked.words.name(asked.root), points(root["score"]), before, tuple(course["score"]))
    yield Figure(pick("排名", "Rank"), rank(root["rank"], root["ranked"]), _certainty(asked, region))
    if asked.grades:
        yield Figure(pick("等级", "Grade"), asked.grades.get(root["grade"] or "", NONE), _takes(asked, root))
    known = rows.filter(pl.col("level") == "indicator", pl.col("score").is_not_null()).height
    count = rows.filter(pl.col("level") == "indicator").height
    told = pick(f"{count} 项指标中 {known} 项有得分", f"{known} of {count} indicators have a score")
    yield Figure(pick("覆盖率", "Coverage"), share(root["coverage"]), told)


def _certainty(asked: Asked, region: str) -> str:
    """How sure the rank is."""
    row, drawn = asked.ranks.get(region, {}), asked.shared.drawn
    if region not in asked.card.regions.filter("compared")["code"]:
        return asked.words.pick("不参加排名", "not ranked")
    if not between(row) or drawn is None:
        return ""
    trials = f"{drawn.settings.trials:,}"
    return asked.words.pick(
        f"{trials} 次抽样的 90 % 区间 {between(row)}", f"90 % interval of {trials} trials {between(row)}"
    )


def _takes(asked: Asked, root: Row) -> str:
    """The rules that held the grade or the score, by kind."""
    kinds = {rule.code: rule.kind for rule in asked.card.definitions.rules}
    met = [asked.words.term("kind", kinds[flag]) for flag in root["flags"].split(";") if flag in kinds]
    return sentences.listed(tuple(dict.fromkeys(met)), asked.lang)


def _pillars(asked: Asked, rows: pl.DataFrame) -> Iterator[Block]:
    """The pillars against the peers' range, and what that comes to in a sentence."""
    pillars = rows.filter(pl.col("level") == "pillar")
    if pillars.is_empty():
        return
    pick = asked.words.pick
    yield Heading(1, pick("维度", "Pillars"))
    named = pillars.with_columns(name=pl.Series([asked.words.name(code) for code in pillars["code"]], dtype=pl.String))
    gaps = named.drop_nulls("score_gap").sort("score_gap")
    if gaps.height > 1:
        yield Paragraph(ended(sentences.apart(gaps, asked.lang), asked.lang))
    caption = pick(
        f"维度得分，{asked.cycle}；带为可比组最低至最高，竖线为中位数",
        f"Scores of the pillars, {asked.cycle}; the band runs from the group's lowest to its highest, the line is the "
        "median",
    )
    start, end = score_scale(asked.card.definitions, pillars)
    yield Ranges(caption, tuple(_range(asked, row) for row in named.iter_rows(named=True)), start, end)


def _range(asked: Asked, row: Row) -> Range:
    low, middle, high = (row[f"score_{name}"] for name in ("min", "median", "max"))
    words = points(row["score"])
    if middle is not None:
        words += asked.words.pick(
            f"（{points(low)}–{points(high)}，中位数 {points(middle)}）",
            f" ({points(low)}–{points(high)}, median {points(middle)})",
        )
    return Range(row["name"], row["score"], low, middle, high, words)


def _strengths(asked: Asked, region: str, rows: pl.DataFrame) -> Iterator[Block]:
    """What lies furthest above and below the peers' median, with whom to learn from."""
    pick = asked.words.pick
    strong, weak = sentences.strong_and_weak(rows)
    known = rows.filter(pl.col("level") == "indicator").drop_nulls("score_gap").height
    heads = pick(("强项", "弱项"), ("Strengths", "Weaknesses"))
    none = pick(
        ("没有高于中位数的指标", "没有低于中位数的指标"), ("None is above the median", "None is below the median")
    )
    for head, found, nothing in zip(heads, (strong, weak), none, strict=True):
        lines = tuple(_line(asked, row, learn=found is weak) for row in found.iter_rows(named=True))
        lack = pick("没有数值，无法比较", "No values, so nothing to compare")
        yield Heading(2, head)
        yield Bullets(lines or ((nothing if known else lack),))


def _line(asked: Asked, row: Row, *, learn: bool) -> str:
    """An indicator beside its group's median, and the best of the group where there is something to learn."""
    unit, pick = asked.card.definitions.unit_of(row["code"]), asked.words.pick
    words = sentences.beside_median(row, unit, asked.lang)
    told = f"{asked.words.name(row['code'])}{pick('：', ': ')}{words}"
    if not learn or row["best"] is None or row["best"] == row["region"]:
        return told
    best, value = asked.names[row["best"]], quantity(row["best_value"], unit, asked.lang)
    return told + pick(f"；可学{best}（{value}）", f"; learn from {best} ({value})")


def _rules(asked: Asked, root: Row) -> Iterator[Block]:
    """The vetoes, gates, points that acted."""
    rules = {rule.code: rule for rule in asked.card.definitions.rules}
    if not rules:
        return
    pick = asked.words.pick
    yield Heading(2, pick("否决、门槛、加分与扣分", "Vetoes, gates and points"))
    met = [rule_row(asked.words, rules[flag]) for flag in root["flags"].split(";") if flag in rules]
    if not met:
        yield Paragraph(pick("没有触发任何规则。", "No rule was met."))
        return
    heads = pick(("规则", "条件", "后果", "来源"), ("Rule", "When", "What follows", "Source"))
    yield Table(heads, tuple(met), (3, 2.4, 2, 2.6))


def _missing(asked: Asked, rows: pl.DataFrame) -> Iterator[Block]:
    """The indicators without a value, and why."""
    lacking = rows.filter(pl.col("level") == "indicator", pl.col("value").is_null())
    pick = asked.words.pick
    yield Heading(2, pick("缺项", "What is missing"))
    if lacking.is_empty():
        yield Paragraph(pick("每项指标都有数值。", "Every indicator has a value."))
        return
    count = lacking.height
    yield Paragraph(
        pick(
            f"{count} 项指标没有数值。缺项不按零计，也不补；“不适用”的不影响覆盖率。",
            f"{count} {'indicator has' if count == 1 else 'indicators have'} no value. Missing is not zero and is not "
            "filled in; “not in force” leaves coverage unchanged.",
        )
    )
    reported = pick("未报", "not reported")
    yield Bullets(
        tuple(
            f"{asked.words.name(row['code'])}{pick('：', ': ')}{flag_words(asked, row['flags']) or reported}"
            for row in lacking.iter_rows(named=True)
        )
    )


def _cycles(asked: Asked, every: pl.DataFrame) -> Iterator[Block]:
    """The composite of every cycle up to this one."""
    own = every.filter(pl.col("code") == asked.root)
    if own.height < 2:
        return
    yield Heading(2, asked.words.pick("历次结果", "Cycle by cycle"))
    yield columns(
        Column(asked.words.pick("周期", "Cycle"), 1.2, tuple(own["period"])),
        Column(asked.words.pick("得分", "Score"), 1, tuple(map(points, own["score"])), right=True),
        Column(asked.words.pick("较上期", "Change"), 1, tuple(map(change, own["score_change"])), right=True),
        Column(asked.words.pick("排名", "Rank"), 1, tuple(map(rank, own["rank"], own["ranked"])), right=True),
        Column(asked.words.pick("等级", "Grade"), 1.4, tuple(asked.grades.get(g or "", g or "") for g in own["grade"])),
        Column(asked.words.pick("覆盖率", "Coverage"), 1, tuple(map(share, own["coverage"])), right=True),
    )
