"""The commands of what follows a publication: object, rectify, overdue."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from data.acts import chosen, filled, require_cycle
from data.called import region_called
from data.objections import OUTCOMES, answer, object_to, objections, set_all_days
from data.rectifications import STATES, accept, demand, overdue, rectifications, report, send_back
from data.saying import Pair, places, print_table, say
from data.stage_checks import DAYS, days
from data.stages import asking, refused
from data.store import Store
from metrics.commands import Add

KINDS = {"objection": ("异议", "objection"), "rectification": ("整改", "rectification")}
_STEPS = {"report": report, "accept": accept, "return": send_back}
_LIMITS = {
    "objection_days": ("提出异议", "to object"), "answer_days": ("答复异议", "to answer"),
    "rectification_days": ("完成整改", "to put right"),
}  # fmt: skip
_STEPPED = {
    "report": ("已报告完成，待验收", "is reported as done, to be judged"),
    "accept": ("已通过验收，已办结", "is accepted and closed"),
    "return": ("已退回，要继续整改", "was sent back, to be put right"),
}
_HEADS = (("编号", "number"), ("地区", "region"), ("状态", "state"), ("期限", "due"), ("逾期", "overdue"))
_OBJECTED = {"code": ("针对", "about"), "text": ("异议", "objection"), "answer": ("答复", "answer")}
_TO_RIGHT = {"text": ("要求", "demanded"), "told": ("最近的说明", "said last")}
_OBJECT = {
    "object": ("--region", "--code", "--text", "--evidence"),
    "--answer": ("--outcome", "--text"),
    "--list": ("--list",),
}
_RECTIFY = {
    "rectify": ("--region", "--text", "--due"),
    "--report": ("--text", "--evidence"),
    "--accept": ("--text",),
    "--return": ("--text",),
    "--list": (),
}
_OVER = (("事项", "what"), ("编号", "number"), ("周期", "cycle"), ("地区", "region"), ("期限", "due"))


def add_objections(commands: Any, command: Add) -> None:
    """The commands with their options; `command` adds one."""
    objecting = command(commands, "object", _object, "an objection of a region, or its answer; listed with --list")
    objecting.add_argument("--code", default="", help="the node, indicator or variable it is about")
    objecting.add_argument("--answer", type=int, metavar="NUMBER")
    objecting.add_argument("--outcome", choices=[name for name in OUTCOMES if name], help="wanted by --answer")
    rectify = command(commands, "rectify", _rectify, "what a region has to put right, and its steps; --list")
    rectify.add_argument("--due", type=filled, metavar="DAY")
    for name in _STEPS:
        # What is called `report` is a file that is written.
        rectify.add_argument(f"--{name}", dest=f"step_{name}", type=int, metavar="NUMBER")
    for parser in (objecting, rectify):
        parser.add_argument("cycle")
        parser.add_argument("--list", action="store_true")
        parser.add_argument("--region", default="", help="its name or code")
        parser.add_argument("--text", default="", metavar="TEXT")
        parser.add_argument("--evidence", type=Path, action="append", default=[], metavar="FILE")
        parser.add_argument("--by", default="", metavar="NAME", help="who does it; every change wants it")
    limits = command(commands, "days", _days, "how many days there are for what; each is set by a number")
    for name in DAYS:
        limits.add_argument(f"--{name.removesuffix('_days')}", dest=name, type=int, metavar="DAYS")
    limits.add_argument("--by", default="", metavar="NAME", help="who does it; every change wants it")
    command(commands, "overdue", _overdue, "objections and rectifications that are open beyond their day")


def _object(options: argparse.Namespace) -> int:
    store = Store(options.db)
    chosen(options, _OBJECT)
    if options.answer is not None:
        if options.outcome is None:
            raise refused("outcome_wanted", known=", ".join(filter(None, OUTCOMES)))
        require_cycle(store, "objections", options.answer, options.cycle)
        answer(store, options.answer, options.outcome, options.text, person=options.by)
        zh, en = OUTCOMES[options.outcome]
        return say(options.lang, f"第 {options.answer} 号异议已答复：{zh}。", f"Objection {options.answer}: {en}.")
    if options.list:
        return _print(store, objections(store, options.cycle), "outcome", OUTCOMES, _OBJECTED, options.lang)
    region = region_called(store, options.region)
    said: dict[str, Any] = {"code": options.code, "evidence": options.evidence}
    number = object_to(store, options.cycle, region, options.text, person=options.by, **said)
    due = _due(objections(store, options.cycle), number)
    name, cycle = places(store, options.lang)(region), options.cycle
    zh = f"已记下{name}对 {cycle} 的异议，第 {number} 号，{due} 以前答复。"
    return say(options.lang, zh, f"Objection {number} of {name} to {cycle} is on record, to be answered by {due}.")


def _rectify(options: argparse.Namespace) -> int:
    store, act = Store(options.db), chosen(options, _RECTIFY)
    steps = {name: number for name in _STEPS if (number := getattr(options, f"step_{name}")) is not None}
    for number in steps.values():
        require_cycle(store, "rectifications", number, options.cycle)
    for name, number in steps.items():
        more = {"evidence": options.evidence} if name == "report" else {}
        _STEPS[name](store, number, options.text, person=options.by, **more)
        zh, en = _STEPPED[name]
        say(options.lang, f"第 {number} 项整改{zh}。", f"Rectification {number} {en}.")
    if options.list:
        return _print(store, rectifications(store, options.cycle), "state", STATES, _TO_RIGHT, options.lang)
    if act != "rectify":
        return 0
    region = region_called(store, options.region)
    number = demand(store, options.cycle, region, options.text, person=options.by, due=options.due or "")
    due = _due(rectifications(store, options.cycle), number)
    name = places(store, options.lang)(region)
    zh, en = f"已要求{name}整改，第 {number} 项，{due} 以前完成。", f"Rectification {number}: {name} has until {due}."
    return say(options.lang, zh, en)


def _due(rows: pl.DataFrame, number: int) -> str:
    return str(rows.filter(pl.col("id") == number)["due"].item())


def _print(
    store: Store, rows: pl.DataFrame, state: str, words: dict[str, Pair], more: Mapping[str, Pair], lang: str
) -> int:
    """What a cycle has of one kind, with `more` columns."""
    late, called, other = ("逾期", "overdue")[lang != "zh"], places(store, lang), lang != "zh"
    lines = [
        (
            row["id"], called(row["region"]), words[row[state]][other], row["due"], late if row["overdue"] else "",
            *(row[name] for name in more),
        )
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    print_table((*_HEADS, *more.values()), lines, lang)
    return 0


def _days(options: argparse.Namespace) -> int:
    store = Store(options.db)
    given = {name: getattr(options, name) for name in DAYS}
    set_all_days(store, {name: count for name, count in given.items() if count is not None}, person=options.by)
    rows = [(_LIMITS[name][options.lang != "zh"], days(asking(store), name)) for name in DAYS]
    print_table((("做什么", "what"), ("天数", "days")), rows, options.lang)
    return 0


def _overdue(options: argparse.Namespace) -> int:
    store, other = Store(options.db), options.lang != "zh"
    called = places(store, options.lang)
    rows = [
        (KINDS[row["kind"]][other], row["id"], row["cycle"], called(row["region"]), row["due"])
        for row in overdue(store).iter_rows(named=True)
    ]
    print_table(_OVER, rows, options.lang, none=("没有逾期的异议和整改", "No objection or rectification is overdue"))
    return 0
