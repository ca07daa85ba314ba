"""Every indicator of a region or an area as one table: value, target, score, rank, change, course, flags in words."""

from collections.abc import Iterator

import polars as pl

from metrics.compare import target_of
from metrics.flags import label
from metrics.manual.blocks import Block, Course, Heading, Paragraph, Table
from metrics.report.asked import Asked, Row
from metrics.shown import change, movement, points, quantity, rank, share

HUNDRED = (0.0, 100.0)


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
    told = [_line(asked, row, courses[row["code"]]) for row in found]
    # A column that would be empty is none.
    kept = [at for at in range(len(_heads(asked))) if at not in _OPTIONAL or any(line[at] for line in told)]
    yield Table(
        heads=tuple(_heads(asked)[at] for at in kept),
        rows=tuple(tuple(line[at] for at in kept) for line in told),
        widths=tuple(_WIDTHS[asked.lang][at] for at in kept),
        right=frozenset(place for place, at in enumerate(kept) if at in _RIGHT),
        depths=tuple(depth[row["code"]] if row["level"] != "indicator" else -depth[row["code"]] for row in found),
        courses=tuple(courses[row["code"]] for row in found),
    )


# The units of English are longer.
_WIDTHS = {"zh": (4.2, 1.0, 2.0, 1.8, 1.0, 1.3, 2.5, 1.5), "en": (3.9, 1.1, 2.3, 2.2, 0.9, 1.2, 2.6, 1.5)}
_RIGHT, _OPTIONAL = frozenset((1, 2, 3, 4, 5)), frozenset((3, 6, 7))


def _heads(asked: Asked) -> tuple[str, ...]:
    return asked.words.pick(
        ("名称", "权重", "指标值", "目标", "得分", "排名", "较上期", "走势"),
        ("Name", "Weight", "Value", "Target", "Score", "Rank", "Change", "Course"),
    )


def _line(asked: Asked, row: Row, course: Course) -> tuple[str, ...]:
    file = asked.card.definitions
    item, unit = file.indicators.get(row["code"]), file.unit_of(row["code"])
    goal = target_of(file, row["code"]) if item else None
    weight = share(row["weight"]) if row["weight"] is not None and row["parent"] else ""
    return (
        _named(asked, row),
        weight,
        quantity(row["value"], unit, asked.lang) if item else "",
        "" if goal is None else quantity(goal, unit, asked.lang),
        points(row["score"]),
        rank(row["rank"], row["ranked"]),
        change_words(asked, row),
        course_words(course),
    )


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
            "指标值由各地区的变量汇总后算出，不是各地区指标的平均；得分为各地区得分的平均，走势亦然。",
            "Values are made of the regions' variables taken together and are no means of their indicators; scores and "
            "courses are the means of the regions' scores.",
        )
    )
    parts = whole.sort("period").partition_by("code", as_dict=True)
    courses = {code: tuple(part["score"]) for (code,), part in parts.items()}
    now = {row["code"]: row for row in whole.filter(pl.col("period") == asked.period).iter_rows(named=True)}
    tree = [row for row in file.nodes() if row.code in now]
    lines = [_area_line(asked, now[row.code], courses[row.code]) for row in tree]
    heads = pick(
        ("名称", "指标值", "目标", "较上期", "平均得分", "地区数", "走势"),
        ("Name", "Value", "Target", "Change", "Mean score", "Regions", "Course"),
    )
    yield Table(
        heads,
        tuple(lines),
        (4.2, 2.3, 2.2, 2.6, 1.3, 1.3, 1.5),
        frozenset((1, 2, 4, 5)),
        depths=tuple(row.depth if row.level != "indicator" else -row.depth for row in tree),
        courses=tuple(courses[row.code] for row in tree),
    )


def _area_line(asked: Asked, row: Row, course: Course) -> tuple[str, ...]:
    file = asked.card.definitions
    item, unit = file.indicators.get(row["code"]), file.unit_of(row["code"])
    goal = target_of(file, row["code"]) if item else None
    return (
        asked.words.name(row["code"]),
        quantity(row["value"], unit, asked.lang) if item else "",
        "" if goal is None else quantity(goal, unit, asked.lang),
        change_words(asked, row),
        points(row["score"]),
        str(row["n"]),
        course_words(course),
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
    """A course by its ends; empty where there are no two."""
    known = [value for value in course if value is not None]
    return f"{points(known[0])} → {points(known[-1])}" if len(known) > 1 else ""


def score_scale(rows: pl.DataFrame) -> tuple[float, float]:
    """A scale that holds the rows' scores and those of their groups: 0 to 100, and wider where they are."""
    known = [value for name in ("score", "score_min", "score_max") for value in rows[name].drop_nulls()]
    return min([HUNDRED[0], *known]), max([HUNDRED[1], *known])


