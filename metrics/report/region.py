"""The report of one region: how it stands, what is strong and weak, every indicator, what was missing."""

from collections.abc import Iterator

import polars as pl

from metrics.adjustments import rules_about
from metrics.manual.blocks import Block, Bullets, Figure, Figures, Heading, Paragraph, Range, Ranges, Report, Table
from metrics.manual.outcomes import rule_row
from metrics.models import Rule
from metrics.report import acted, lacking, sentences
from metrics.report.asked import Asked, Row
from metrics.report.columns import Column, columns
from metrics.report.indicators import indicators
from metrics.report.origin import about, foot, mark, method, notices
from metrics.report.scale import score_scale
from metrics.report.sentences import ended, joined
from metrics.shown import NONE, between, change, coverage, points, quantity, rank


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
    yield Paragraph(_lead(asked, region, root, every))
    yield Figures(tuple(_figures(asked, region, root, rows, every)))
    yield from _pillars(asked, rows)
    yield from _strengths(asked, region, rows)
    yield from _rules(asked, root)
    yield from _missing(asked, rows)
    yield from _cycles(asked, every)
    yield from indicators(asked, rows, every)
    yield from method(asked)


def _lead(asked: Asked, region: str, root: Row, every: pl.DataFrame) -> str:
    """The first sentence."""
    grade, sure = asked.grades.get(root["grade"] or "", ""), between(asked.ranks.get(region, {}))
    below = _named(asked, every.filter(pl.col("parent") == asked.root))
    now, then = (below.filter(pl.col("period") == period) for period in (asked.period, asked.before))
    unlike = filter(None, (sentences.unlike(now, then, asked.lang), asked.redefined))
    more = {"why": acted.why_none(asked.words, root), "unlike": asked.words.pick("；", "; ").join(unlike)}
    parts = sentences.standing(root, asked.names[region], asked.cycle, grade=grade, sure=sure, lang=asked.lang, **more)
    return ended(joined(parts, asked.lang), asked.lang)


def _named(asked: Asked, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with what their codes are called."""
    return rows.with_columns(name=pl.Series([asked.words.name(code) for code in rows["code"]], dtype=pl.String))


def _figures(asked: Asked, region: str, root: Row, rows: pl.DataFrame, every: pl.DataFrame) -> Iterator[Figure]:
    pick, course = asked.words.pick, every.filter(pl.col("code") == asked.root)
    before = sentences.on_last_cycle(root, asked.lang)
    yield Figure(asked.words.name(asked.root), points(root["score"]), before, tuple(course["score"]))
    yield Figure(pick("排名", "Rank"), rank(root["rank"], root["ranked"]), _certainty(asked, region))
    if asked.grades:
        yield Figure(pick("等级", "Grade"), asked.grades.get(root["grade"] or "", NONE), _takes(asked, root))
    told = lacking.scored_words(lacking.lacking(rows), asked.lang)
    yield Figure(pick("覆盖率", "Coverage"), coverage(root["coverage"]), told)


def _certainty(asked: Asked, region: str) -> str:
    """How sure the rank is."""
    row, drawn = asked.ranks.get(region, {}), asked.shared.drawn
    if region not in asked.card.regions.filter("compared")["code"]:
        return asked.words.pick("不参加排名", "not ranked")
    if not between(row) or drawn is None:
        return ""
    trials, pick = drawn.settings.trials, asked.words.pick
    told = pick(f"{trials:,} 次抽样的 90 % 区间 {between(row)}", f"90 % interval of {trials:,} trials {between(row)}")
    return told + (pick("，次数太少，只供试算", ", too few to rely on") if sentences.few(trials, asked.lang) else "")


def _takes(asked: Asked, root: Row) -> str:
    """What took the grade, or a better one."""
    pick = asked.words.pick
    if root["grade"] is None:
        return acted.why_none(asked.words, root)
    if not acted.vetoed(asked.words, root, asked.shared.before):
        return ""
    was = asked.grades[asked.shared.before[root["period"], root["region"]] or ""]
    return asked.words.term("kind", "veto") + pick(f"，否则为{was}", f", else {was}")


def _pillars(asked: Asked, rows: pl.DataFrame) -> Iterator[Block]:
    """The pillars against the peers' range, and what that comes to in a sentence."""
    pillars, pick = _named(asked, rows.filter(pl.col("level") == "pillar")), asked.words.pick
    if pillars.is_empty():
        # What follows has to stand under something.
        yield Heading(1, pick("指标比较", "Indicators compared"))
        return
    yield Heading(1, pick("维度", "Pillars"))
    if told := sentences.apart(pillars, asked.middle, asked.lang):
        yield Paragraph(ended(told, asked.lang))
    caption = pick(f"维度得分，{asked.cycle.strip()}；", f"Scores of the pillars, {asked.cycle}; ") + _band(asked)
    start, end = score_scale(asked.card.definitions, pillars)
    yield Ranges(caption, tuple(_range(asked, row) for row in pillars.iter_rows(named=True)), start, end)


def _band(asked: Asked) -> str:
    """What the band and the line are."""
    if asked.card.whole:
        return asked.words.pick(
            "带为可比组最低至最高，竖线为中位数",
            "the band runs from the group's lowest to its highest, the line is the median",
        )
    return asked.words.pick(
        "带为其他地区平均上下各一个标准差，竖线为平均；不足 5 个地区的不列",
        "the band is one standard deviation about the other regions' mean, the line the mean; left out of fewer than 5",
    )


def _range(asked: Asked, row: Row) -> Range:
    low, middle, high = (row[f"score_{name}"] for name in ("min", "median", "max"))
    words = points(row["score"])
    if middle is not None:
        words += asked.words.pick(
            f"（{points(low)}–{points(high)}，{asked.middle} {points(middle)}）",
            f" ({points(low)}–{points(high)}, {asked.middle} {points(middle)})",
        )
    return Range(row["name"], row["score"], low, middle, high, words)


def _strengths(asked: Asked, region: str, rows: pl.DataFrame) -> Iterator[Block]:
    """What lies furthest above and below the peers' median, with whom to learn from."""
    pick = asked.words.pick
    strong, weak = sentences.strong_and_weak(rows, asked.card.definitions)
    known = rows.filter(pl.col("level") == "indicator").drop_nulls(["value", "score_gap"]).height
    heads = pick(("强项", "弱项"), ("Strengths", "Weaknesses"))
    none = pick(
        (f"没有高于{asked.middle}的指标", f"没有低于{asked.middle}的指标"),
        (f"None is above the {asked.middle}", f"None is below the {asked.middle}"),
    )
    for head, found, nothing in zip(heads, (strong, weak), none, strict=True):
        lines = tuple(_line(asked, row, learn=found is weak) for row in found.iter_rows(named=True))
        lack = pick("没有数值，无法比较", "No values, so nothing to compare")
        yield Heading(2, head)
        yield Bullets(lines or ((nothing if known else lack),))


def _line(asked: Asked, row: Row, *, learn: bool) -> str:
    """An indicator beside its group's median, and the best of the group where there is something to learn."""
    unit, pick = asked.card.definitions.unit_of(row["code"]), asked.words.pick
    words = sentences.beside_median(row, unit, asked.middle, asked.lang)
    told = f"{asked.words.name(row['code'])}{pick('：', ': ')}{words}"
    if not learn or row["best"] is None or row["best"] == row["region"]:
        return told
    best, value = asked.names[row["best"]], quantity(row["best_value"], unit, asked.lang)
    return told + pick(f"；可学{best}（{value}）", f"; learn from {best} ({value})")


def _rules(asked: Asked, root: Row) -> Iterator[Block]:
    """The vetoes, gates, points that acted."""
    if not rules_about(asked.card.definitions, [root["period"]], [root["region"]]):
        return
    pick, met = asked.words.pick, acted.met(asked.words, root)
    yield Heading(2, asked.rules)
    if not met:
        yield Paragraph(pick("没有触发任何规则。", "No rule was met."))
        return
    heads = pick(("规则", "条件", "后果", "来源"), ("Rule", "When", "What follows", "Source"))
    yield Table(heads, tuple(_rule(asked, rule, root) for rule in met), (3, 2.4, 2, 2.6))
    if told := acted.summed(asked.card, asked.words, root):
        yield Paragraph(told)


def _rule(asked: Asked, rule: Rule, root: Row) -> tuple[str, ...]:
    """A rule, and that a veto is met but takes nothing where that is so."""
    name, when, follows, source = rule_row(asked.words, rule)
    idle = rule.kind == "veto" and not acted.lowered(asked.words, rule, root, asked.shared.before)
    told = asked.words.pick("触发，未降等", "met, no grade lost") if idle else ""
    return name, when, follows + sentences.aside(told, asked.lang), source


def _missing(asked: Asked, rows: pl.DataFrame) -> Iterator[Block]:
    """The indicators without a value, a score or a value of their own, and why."""
    found, pick, lang = lacking.lacking(rows), asked.words.pick, asked.lang
    yield Heading(2, pick("缺项", "What is missing"))
    told = lacking.lacking_words(found, lang)
    if not told:
        yield Paragraph(pick("每项指标都有数值和得分。", "Every indicator has a value and a score."))
        return
    rule = "" if found.missing.is_empty() and found.unscored.is_empty() else lacking.rule_words(lang)
    yield Paragraph(pick("", " ").join(ended(text, lang) for text in (told, rule) if text))
    lines = pl.concat([found.missing, found.unscored, found.imputed]).iter_rows(named=True)
    yield Bullets(
        tuple(
            f"{asked.words.name(row['code'])}{pick('：', ': ')}{lacking.reason(asked.card, row, lang)}" for row in lines
        )
    )


def _cycles(asked: Asked, every: pl.DataFrame) -> Iterator[Block]:
    """The composite of every cycle up to this one."""
    own = every.filter(pl.col("code") == asked.root)
    if own.height < 2:
        return
    changes = (change(value, asked.lang) for value in own["score_change"])
    yield Heading(2, asked.words.pick("历次结果", "Cycle by cycle"))
    yield columns(
        Column(asked.words.pick("周期", "Cycle"), 1.2, tuple(own["period"])),
        Column(asked.words.pick("得分", "Score"), 1, tuple(map(points, own["score"])), right=True),
        Column(asked.words.pick("较上期", "Change"), 1, tuple(changes), right=True),
        Column(asked.words.pick("排名", "Rank"), 1, tuple(map(rank, own["rank"], own["ranked"])), right=True),
        Column(asked.words.pick("等级", "Grade"), 1.4, tuple(asked.grades.get(g or "", g or "") for g in own["grade"])),
        Column(asked.words.pick("覆盖率", "Coverage"), 1, tuple(map(coverage, own["coverage"])), right=True),
    )
