"""The commands of what is reviewed: draw, cross-review, adjust."""

import argparse
from pathlib import Path
from typing import Any

import polars as pl

from data.acts import chosen, require_cycle
from data.adjusting import DECISIONS, adjustments, decide, propose
from data.called import region_called
from data.clock import zoned
from data.rated import agreement
from data.reviews import (
    VERDICTS,
    About,
    Verdict,
    draw,
    drawn,
    give_verdict,
    rate,
    remark,
    remarks,
    require_bounds,
    settle,
    taking_part,
    verdicts,
)
from data.saying import places, print_table, say
from data.stages import refused
from data.store import Store
from metrics.commands import Add
from metrics.cross_review import Draw, usual
from metrics.shown import added
from metrics.visible import visible

_VALID = {True: ("有效", "stands"), False: ("已失效", "lapsed")}
_REMARKS = (
    ("编号", "number"), ("地区", "region"), ("代码", "code"), ("期间", "period"), ("机构", "site"), ("意见", "remark"),
    ("谁", "person"), ("时间", "when"),
)  # fmt: skip
_VERDICTS = (
    ("编号", "number"), ("地区", "region"), ("会审方", "reviewer"), ("结论", "verdict"), ("是否有效", "state"),
    ("理由", "reason"), ("谁", "person"), ("时间", "when"),
)  # fmt: skip
_ADJUSTED = (
    ("编号", "number"), ("地区", "region"), ("代码", "code"), ("分数", "points"), ("状态", "state"), ("理由", "reason"),
    ("提出人", "proposed by"), ("决定人", "decided by"), ("佐证", "evidence"),
)  # fmt: skip
_WHY = ("--reason",)
_DRAW = {"draw": (), "--seed": (*_WHY, "--share", "--each", "--apart")}
_REVIEW = {
    "cross-review": (), "--remark": ("--code", "--fact-period", "--site"), "--rate": ("--for",), "--settle": _WHY,
    "--agree": (*_WHY, "--for"), "--escalate": (*_WHY, "--for"),
}  # fmt: skip
_ADJUST = {
    "adjust": (*_WHY, "--region", "--node", "--points", "--evidence"), "--agree": _WHY, "--refuse": _WHY,
    "--escalate": _WHY, "--list": (),
}  # fmt: skip


def add_reviews(commands: Any, command: Add) -> None:
    """The commands with their options; `command` adds one."""
    drawing = command(commands, "draw", _draw, "who reviews whom, drawn by lot; without --seed what was drawn")
    drawing.add_argument("cycle")
    drawing.add_argument("--seed", type=int)
    drawing.add_argument("--share", type=float, help="of the regions that are reviewed; default: all")
    drawing.add_argument(
        "--each", type=int, help="how many review each; default: 2, where that can be drawn: the least that compare"
    )
    drawing.add_argument("--apart", action="append", default=[], metavar="A/B", help="neither reviews the other")
    review = command(commands, "cross-review", _review, "what reviewers say of a region; without options what was said")
    review.add_argument("cycle")
    review.add_argument("region", nargs="?", default="", help="its name or code")
    whose = "which reviewing region says it, where one may speak for several; its name or code"
    review.add_argument("--for", dest="reviewer", default="", metavar="REGION", help=whose)
    said = review.add_mutually_exclusive_group()
    said.add_argument("--remark", metavar="TEXT")
    said.add_argument("--agree", action="store_true")
    said.add_argument("--escalate", action="store_true")
    said.add_argument("--settle", action="store_true", help="by whoever may approve results")
    said.add_argument("--rate", action="append", default=[], metavar="CODE=RATING")
    for name in ("code", "fact-period", "site"):
        review.add_argument(f"--{name}", default="", help="what the remark is about")
    adjust = command(commands, "adjust", _adjust, "points for a reason: proposed, or decided about; listed with --list")
    adjust.add_argument("cycle")
    adjust.add_argument("--list", action="store_true")
    for name in ("region", "node"):
        adjust.add_argument(f"--{name}", default="", help="its name or code" if name == "region" else None)
    adjust.add_argument("--points", type=float, help="above 0 given, below 0 taken")
    adjust.add_argument("--evidence", type=Path, action="append", default=[], metavar="FILE")
    for name in _DECIDED:
        adjust.add_argument(f"--{name}", type=int, metavar="NUMBER")
    for parser in (drawing, review, adjust):
        parser.add_argument("--by", default="", metavar="NAME", help="who does it; every change wants it")
        parser.add_argument("--reason", default="", metavar="TEXT")


def _draw(options: argparse.Namespace) -> int:
    store = Store(options.db)
    chosen(options, _DRAW)
    if options.seed is not None:
        apart = []
        for pair in options.apart:
            one, stroke, other = pair.partition("/")
            if not stroke:
                raise refused("apart_pair", value=pair)
            apart.append((region_called(store, one), region_called(store, other)))
        each, share = options.each, 1.0 if options.share is None else options.share
        if each is None:
            require_bounds(Draw(options.seed, share))
            each = usual(len(taking_part(store, options.cycle)), share)
        how = Draw(options.seed, share, each, apart)
        draw(store, options.cycle, how, person=options.by, reason=options.reason)
    pairs, called = drawn(store, options.cycle), places(store, options.lang)
    for reviewer, reviewed in pairs:
        print(visible(f"{called(reviewer)} → {called(reviewed)}"))
    cycle, count = options.cycle, len(pairs)
    if not pairs:
        return say(options.lang, f"{cycle} 还没有抽签。", f"Nothing is drawn for {cycle} yet.")
    zh = f"{cycle} 已抽签，共 {count} 对：前为会审方，后为会审对象。"
    return say(options.lang, zh, f"{cycle} is drawn: {count} pairs, the reviewer first.")


def _review(options: argparse.Namespace) -> int:
    store = Store(options.db)
    chosen(options, _REVIEW)
    region = region_called(store, options.region) if options.region or _says(options) else ""
    if not _says(options):
        _print_said(store, options.cycle, region, options.lang)
        return 0
    where, called = (options.cycle, region), places(store, options.lang)
    name = called(region)
    reviewer = region_called(store, options.reviewer) if options.reviewer else ""
    if options.remark is not None:
        about = About(options.code, options.fact_period, options.site)
        number = remark(store, *where, options.remark, about=about, person=options.by)
        return say(options.lang, f"已记下对{name}的意见，第 {number} 号。", f"Remark {number} on {name} is on record.")
    if options.settle:
        settle(store, *where, person=options.by, reason=options.reason)
        return say(options.lang, f"{name}上报的分歧已裁定。", f"What was escalated of {name} is settled.")
    if options.rate:
        ratings = dict(map(_rating, options.rate))
        spoken = rate(store, *where, ratings, person=options.by, reviewer=reviewer)
        zh, en = f"给{name}的 {len(ratings)} 项评分已记下。", f"{len(ratings)} ratings of {name} are on record."
    else:
        verdict: Verdict = "agree" if options.agree else "escalate"
        spoken = give_verdict(store, *where, verdict, person=options.by, reason=options.reason, reviewer=reviewer)
        word = VERDICTS[verdict]
        zh, en = f"已对{name}给出结论：{word[0]}。", f"The verdict on {name} is: {word[1]}."
    return say(options.lang, f"会审方{'、'.join(map(called, spoken))}{zh}", f"{', '.join(map(called, spoken))}: {en}")


def _says(options: argparse.Namespace) -> bool:
    """Whether a reviewer says something, and does not ask what was said."""
    return bool(options.remark is not None or options.agree or options.escalate or options.settle or options.rate)


def _rating(text: str) -> tuple[str, float]:
    code, _, number = text.partition("=")
    try:
        return code.strip(), float(number)
    except ValueError as error:
        raise refused("rating_bounds", value=text) from error


def _print_said(store: Store, cycle: str, region: str, lang: str) -> None:
    """Of one region, or of all ('')."""
    of, called, other = pl.lit(not region) | (pl.col("region") == region), places(store, lang), lang != "zh"
    said = [
        (row["id"], called(row["region"]), *(row[name] for name in ("code", "period", "site", "text", "person")),
         zoned(row["made"]))
        for row in remarks(store, cycle).filter(of).iter_rows(named=True)
    ]  # fmt: skip
    print_table(_REMARKS, said, lang, none=("没有意见", "No remarks"))
    given = [
        (row["id"], called(row["region"]), called(row["reviewer"]), VERDICTS[row["verdict"]][other],
         _VALID[bool(row["stands"])][other], row["reason"], row["person"], zoned(row["made"]))
        for row in verdicts(store, cycle).filter(of).iter_rows(named=True)
    ]  # fmt: skip
    print_table(_VERDICTS, given, lang, none=("没有结论", "No verdicts"))
    found = agreement(store, cycle)
    print(*found.told(lang), f"n = {found.things}", sep="\t")


_DECIDED = {"agree": "agreed", "refuse": "refused", "escalate": "escalated"}


def _adjust(options: argparse.Namespace) -> int:
    store = Store(options.db)
    act, called = chosen(options, _ADJUST), places(store, options.lang)
    decided = [(name, getattr(options, name)) for name in _DECIDED if getattr(options, name) is not None]
    for _, number in decided:
        require_cycle(store, "adjustments", number, options.cycle)
    for name, number in decided:
        decide(store, number, _DECIDED[name], person=options.by, reason=options.reason)  # type: ignore[arg-type]
        zh, en = DECISIONS[_DECIDED[name]]
        say(options.lang, f"第 {number} 号调整{zh}。", f"Adjustment {number} is {en}.")
    if options.list:
        rows = [
            (
                row["id"], called(row["region"]), row["node"], added(row["points"]),
                DECISIONS[row["state"]][options.lang != "zh"], row["reason"], row["person"], row["decider"],
                " ".join(row["evidence"]),
            )
            for row in adjustments(store, options.cycle).iter_rows(named=True)
        ]  # fmt: skip
        print_table(_ADJUSTED, rows, options.lang, none=("没有调整", "No adjustments"))
    elif act == "adjust":
        region = region_called(store, options.region)
        what, more = (region, options.node, options.points or 0.0), {"person": options.by, "evidence": options.evidence}
        number = propose(store, options.cycle, *what, reason=options.reason, **more)
        name, given = called(region), added(options.points or 0.0)
        zh = f"已提出第 {number} 号调整：{name} {options.node} {given} 分，待决定。"
        say(options.lang, zh, f"Adjustment {number} is proposed: {name} {options.node} {given} points, to be decided.")
    return 0
