"""Every indicator of a region or an area as one table: value, target, score, rank, change, course, flags in words."""

from collections.abc import Iterator

import polars as pl

from metrics.compare import target_of
from metrics.flags import label
from metrics.manual.blocks import Block, Course, Heading, Paragraph
from metrics.report.asked import Asked, Row
from metrics.report.columns import Column, columns
from metrics.shown import change, movement, points, quantity, rank, share


def indicators(asked: Asked, rows: pl.DataFrame, every: pl.DataFrame) -> Iterator[Block]:
    """The tree with a region's rows of the cycle; `every` has those of the cycles before as well."""
    pick = asked.words.pick
    yield Heading(1, pick("全部指标", "All indicators"))
    yield Paragraph(
        pick(
            "权重为同级中的份额；目标为定义中的目标值、目标区间的最优端或基准值；走势为得分，各周期。",
            "Weight is the share among siblings; target is what the definitions set as target, best goalpost or "
            "current limit; the course is that of scores.",
        )
    )
    courses = {code: tuple(part["score"]) for (code,), part in every.partition_by("code", as_dict=True).items()}
    depth = {row.code: row.depth for row in asked.card.definitions.nodes()}
    found = list(rows.iter_rows(named=True))
    # The units of English are longer.
    wide = pick((4.2, 2.0, 1.8), (3.9, 2.3, 2.2))
    yield columns(
        Column(pick("名称", "Name"), wide[0], tuple(_named(asked, row) for row in found)),
        Column(pick("权重", "Weight"), 1.0, tuple(_weight(row) for row in found), right=True),
        Column(pick("指标值", "Value"), wide[1], tuple(_value(asked, row) for row in found), right=True),
        Column(pick("目标", "Target"), wide[2], tuple(_target(asked, row) for row in found), right=True),
        Column(pick("得分", "Score"), 1.0, tuple(points(row["score"]) for row in found), right=True),
        Column(pick("排名", "Rank"), 1.3, tuple(rank(row["rank"], row["ranked"]) for row in found), right=True),
        Column(pick("较上期", "Change"), 2.5, tuple(change_words(asked, row) for row in found)),
        Column(pick("走势", "Course"), 1.5, tuple(course_words(courses[row["code"]]) for row in found)),
        depths=tuple(depth[row["code"]] if row["level"] != "indicator" else -depth[row["code"]] for row in found),
        courses=tuple(courses[row["code"]] for row in found),
    )


def _weight(row: Row) -> str:
    return share(row["weight"]) if row["weight"] is not None and row["parent"] else ""


def _value(asked: Asked, row: Row) -> str:
    """An indicator's value with its unit; nothing for a node."""
    file = asked.card.definitions
    return quantity(row["value"], file.unit_of(row["code"]), asked.lang) if row["code"] in file.indicators else ""


def _target(asked: Asked, row: Row) -> str:
    """What an indicator should reach, where that is set."""
    file = asked.card.definitions
    goal = target_of(file, row["code"]) if row["code"] in file.indicators else None
    return "" if goal is None else quantity(goal, file.unit_of(row["code"]), asked.lang)


def _named(asked: Asked, row: Row) -> str:
    """The name, with what must be known about the number."""
    name, flags = asked.words.name(row["code"]), flag_words(asked, row["flags"])
    return asked.words.pick(f"{name}（{flags}）", f"{name} ({flags})") if flags else name


def area_indicators(asked: Asked, whole: pl.DataFrame) -> Iterator[Block]:
    """The tree with what the regions of an area come to together, in every cycle up to this one: `areas.area`."""
    pick, file = asked.words.pick, asked.card.definitions
    yield Heading(1, pick("各项指标", "Indicators"))
    yield Paragraph(
        pick(
            "指标值由各地区的变量汇总后算出，不是各地区指标的平均，有地区缺数的一般没有。得分为各地区得分"
            "的平均，走势亦然。",
            "Values are made of the regions' variables taken together and are no means of their indicators; where a "
            "region lacks them there is mostly none. Scores and courses are the means of the regions' scores.",
        )
    )
    parts = whole.sort("period").partition_by("code", as_dict=True)
    courses = {code: tuple(part["score"]) for (code,), part in parts.items()}
    now = {row["code"]: row for row in whole.filter(pl.col("period") == asked.period).iter_rows(named=True)}
    tree = [row for row in file.nodes() if row.code in now]
    found = [now[row.code] for row in tree]
    yield columns(
        Column(pick("名称", "Name"), 4.2, tuple(asked.words.name(row.code) for row in tree)),
        Column(pick("指标值", "Value"), 2.3, tuple(_value(asked, row) for row in found), right=True),
        Column(pick("目标", "Target"), 2.2, tuple(_target(asked, row) for row in found), right=True),
        Column(pick("较上期", "Change"), 2.6, tuple(change_words(asked, row) for row in found)),
        Column(pick("平均得分", "Mean score"), 1.3, tuple(points(row["score"]) for row in found), right=True),
        Column(pick("地区数", "Regions"), 1.3, tuple(str(row["n"]) for row in found), right=True),
        Column(pick("走势", "Course"), 1.5, tuple(course_words(courses[row["code"]]) for row in found)),
        depths=tuple(row.depth if row.level != "indicator" else -row.depth for row in tree),
        courses=tuple(courses[row["code"]] for row in found),
    )


def change_words(asked: Asked, row: Row) -> str:
    """What changed on the cycle before: an indicator's value, a node's points; empty where nothing can be said."""
    item = asked.card.definitions.indicators.get(row["code"])
    if item is not None:
        return movement(row, item.unit, item.better, asked.lang)[0]
    return change(row["score_change"])


def flag_words(asked: Asked, flags: str) -> str:
    """Flags in words; those that are rules are told elsewhere."""
    rules = {rule.code for rule in asked.card.definitions.rules}
    told = [label(flag, asked.lang) for flag in flags.split(";") if flag and flag not in rules]
    return asked.words.pick("；", "; ").join(told)


def course_words(course: Course) -> str:
    """A course from the first number to that of the cycle, which may be missing; empty where there are no two."""
    known = [value for value in course if value is not None]
    return f"{points(known[0])} → {points(course[-1])}" if len(known) > 1 else ""


