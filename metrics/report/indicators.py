"""Every indicator of a region or an area as one table: value, target, score, rank, change, course, flags in words."""

from collections.abc import Iterator, Sequence

import polars as pl

from metrics.compare import target_of
from metrics.flags import label
from metrics.manual.blocks import Block, Course, Heading, Paragraph
from metrics.methods import Limits
from metrics.report.asked import Asked, Row
from metrics.report.columns import Column, columns
from metrics.report.members import Area
from metrics.report.sentences import aside, scored_as
from metrics.shown import change, movement, points, quantity, rank, share


def indicators(asked: Asked, rows: pl.DataFrame, every: pl.DataFrame) -> Iterator[Block]:
    """The tree with a region's rows of the cycle; `every` has those of the cycles before as well."""
    pick = asked.words.pick
    yield Heading(1, pick("全部指标", "All indicators"))
    yield Paragraph(
        pick(
            "权重为同级中的份额；目标为定义中的目标值或目标区间的最优端，用限额计分的写其基准值；走势为得分，各周期。",
            "Weight is the share among siblings; target is what the definitions set as target or best goalpost, and "
            "the current limit where limits are set; the trend is that of scores.",
        )
    )
    courses = {code: tuple(part["score"]) for (code,), part in every.partition_by("code", as_dict=True).items()}
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
        Column(pick("走势", "Trend"), 1.5, tuple(course_words(courses[row["code"]]) for row in found)),
        depths=_depths(asked, [row["code"] for row in found]),
        courses=tuple(courses[row["code"]] for row in found),
    )


def _depths(asked: Asked, codes: Sequence[str]) -> tuple[int, ...]:
    """How deep each stands in the tree, an indicator below 0; outside it one is as deep as right below the root."""
    tree = {row.code: row for row in asked.card.definitions.nodes()}
    return tuple(tree[code].depth if tree[code].level != "indicator" else -(tree[code].depth or 1) for code in codes)


def _weight(row: Row) -> str:
    return share(row["weight"]) if row["weight"] is not None and row["parent"] else ""


def _value(asked: Asked, row: Row) -> str:
    """An indicator's value with its unit; nothing for a node."""
    file = asked.card.definitions
    return quantity(row["value"], file.unit_of(row["code"]), asked.lang) if row["code"] in file.indicators else ""


def _target(asked: Asked, row: Row) -> str:
    """What an indicator should reach, where that is set; of a limit, which is no aim, that it is one."""
    file = asked.card.definitions
    goal = target_of(file, row["code"]) if row["code"] in file.indicators else None
    if goal is None:
        return ""
    limit = asked.words.pick("基准 ", "limit ") if isinstance(file.normaliser(row["code"]), Limits) else ""
    return limit + quantity(goal, file.unit_of(row["code"]), asked.lang)


def _named(asked: Asked, row: Row, more: str = "") -> str:
    """The name, with what must be known about the number; `more` where no flag says so."""
    inside = row["code"] == asked.root or row["code"] in asked.card.definitions.standing
    pick = asked.words.pick
    told = [flag_words(asked, row) or more, "" if inside else pick("不计入综合得分", "not in the composite")]
    return asked.words.name(row["code"]) + aside(pick("；", "; ").join(filter(None, told)), asked.lang)


def area_indicators(area: Area) -> Iterator[Block]:
    """The tree with what the regions of an area come to together, in every cycle up to this one: `areas.area`."""
    asked, whole = area.asked, area.whole
    pick, file = asked.words.pick, asked.card.definitions
    yield Heading(1, pick("各项指标", "Indicators"))
    yield Paragraph(
        pick(
            "指标值由各地区的变量汇总后算出，不是各地区指标的平均，有地区缺数的一般没有。得分为各地区得分"
            "的平均，走势亦然，其变化只按两期都有得分的地区；地区数为有得分的地区。",
            "Values are made of the regions' variables taken together and are no means of their indicators; where a "
            "region lacks them there is mostly none. Scores and trends are the means of the regions' scores, "
            "changes those of the regions scored in both cycles; regions are those with a score.",
        )
    )
    parts = whole.sort("period").partition_by("code", as_dict=True)
    courses = {code: tuple(part["score"]) for (code,), part in parts.items()}
    now = {row["code"]: row for row in whole.filter(pl.col("period") == asked.period).iter_rows(named=True)}
    tree = [row for row in file.nodes() if row.code in now]
    found = [now[row.code] for row in tree]
    yield columns(
        Column(pick("名称", "Name"), 4.2, tuple(_named(asked, row, _no_value(asked, row)) for row in found)),
        Column(pick("指标值", "Value"), 2.3, tuple(_value(asked, row) for row in found), right=True),
        Column(pick("目标", "Target"), 2.2, tuple(_target(asked, row) for row in found), right=True),
        Column(pick("较上期", "Change"), 2.6, tuple(change_words(asked, row) for row in found)),
        Column(pick("平均得分", "Mean score"), 1.3, tuple(points(row["score"]) for row in found), right=True),
        Column(pick("地区数", "Regions"), 1.3, tuple(_counted(area, row) for row in found), right=True),
        Column(pick("走势", "Trend"), 1.5, tuple(course_words(courses[row["code"]]) for row in found)),
        depths=_depths(asked, [row.code for row in tree]),
        courses=tuple(courses[row["code"]] for row in found),
    )


def _no_value(asked: Asked, row: Row) -> str:
    """Why an area has no value of an indicator that no flag explains; nothing where it has one."""
    if row["code"] not in asked.card.definitions.indicators or row["value"] is not None:
        return ""
    unsaid = asked.words.pick("不能由各地区的数合成", "cannot be made of the regions' numbers")
    return unsaid if row["n"] else asked.words.pick("未报", "not reported")


def _counted(area: Area, row: Row) -> str:
    """How many regions have a score, and of how many it is imputed."""
    filled, pick = area.imputed.get(row["code"], 0), area.asked.words.pick
    return str(row["n"]) + aside(pick(f"插补 {filled}", f"imputed: {filled}") if filled else "", area.asked.lang)


def change_words(asked: Asked, row: Row) -> str:
    """What changed on the cycle before: an indicator's value, a node's points; why there is nothing to say."""
    item = asked.card.definitions.indicators.get(row["code"])
    if item is None:
        known, told = row["score"], change(row["score_change"], asked.lang)
    else:
        known, told = row["value"], movement(row, item.unit, item.better, asked.lang)[0]
    # Of what is not there now either, the reason stands beside its name.
    return told or (asked.words.pick("上期没有", "none then") if asked.before and known is not None else "")


def flag_words(asked: Asked, row: Row) -> str:
    """A row's flags in words; those that are rules are told elsewhere."""
    rules = {rule.code for rule in asked.card.definitions.rules}
    told = [label(flag, asked.lang) for flag in row["flags"].split(";") if flag and flag not in rules]
    if row["code"] in asked.card.definitions.indicators and (scored := _scored_as(asked, row)):
        told.append(scored)
    return asked.words.pick("；", "; ").join(told)


def _scored_as(asked: Asked, row: Row) -> str:
    """The value that is scored in the place of an indicator's own; of an area, whose regions are scored, nothing."""
    if row.get("treated") is None or row["score"] is None:
        return ""
    return scored_as(row, asked.card.definitions.unit_of(row["code"]), asked.lang)


def course_words(course: Course) -> str:
    """A course from the first number to that of the cycle, which may be missing; empty where there are no two."""
    known = [value for value in course if value is not None]
    return f"{points(known[0])} → {points(course[-1])}" if len(known) > 1 else ""
