"""Every indicator of a region or an area as one table: value, target, score, rank, change, course, flags in words."""

from collections.abc import Iterator

import polars as pl

from metrics.compare import target_of
from metrics.flags import label
from metrics.manual.blocks import Block, Course, Heading, Paragraph, Table
from metrics.report.asked import Asked, Row
from metrics.shown import movement, points, quantity, rank, share, signed

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


def change_words(asked: Asked, row: Row) -> str:
    """What changed on the cycle before: an indicator's value, a node's points; empty where nothing can be said."""
    item = asked.card.definitions.indicators.get(row["code"])
    if item is not None:
        return movement(row, item.unit, item.better, asked.lang)[0]
    return "" if row["score_change"] is None else signed(row["score_change"])


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


