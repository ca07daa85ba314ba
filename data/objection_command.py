"""The commands of what follows a publication: object, rectify, overdue."""

import argparse
from collections.abc import Callable
from typing import Any

import polars as pl

from data.called import region_called
from data.objections import OUTCOMES, answer, object_to, objections
from data.rectifications import STATES, accept, demand, overdue, rectifications, report, send_back
from data.store import Store
from metrics.visible import visible

Add = Callable[[Any, str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
KINDS = {"objection": ("异议", "objection"), "rectification": ("整改", "rectification")}
_STEPS = {"report": report, "accept": accept, "return": send_back}


def add_objections(commands: Any, command: Add) -> None:
    """The commands with their options; `command` adds one."""
    objecting = command(commands, "object", _object, "an objection of a region, or its answer; listed with --list")
    objecting.add_argument("--code", default="", help="the node, indicator or variable it is about")
    objecting.add_argument("--answer", type=int, metavar="NUMBER")
    objecting.add_argument("--outcome", choices=[name for name in OUTCOMES if name], default="rejected")
    rectify = command(commands, "rectify", _rectify, "what a region has to put right, and its steps; --list")
    rectify.add_argument("--due", default="", metavar="DAY")
    for name in _STEPS:
        # What is called `report` is a file that is written.
        rectify.add_argument(f"--{name}", dest=f"step_{name}", type=int, metavar="NUMBER")
    for parser in (objecting, rectify):
        parser.add_argument("cycle")
        parser.add_argument("--list", action="store_true")
        parser.add_argument("--region", default="", help="its name or code")
        parser.add_argument("--text", default="", metavar="TEXT")
        parser.add_argument("--by", default="", metavar="NAME", help="who does it; every change wants it")
    command(commands, "overdue", _overdue, "objections and rectifications that are open beyond their day")


def _object(options: argparse.Namespace) -> int:
    store = Store(options.db)
    if options.answer is not None:
        answer(store, options.answer, options.outcome, options.text, person=options.by)
    elif not options.list:
        region = region_called(store, options.region)
        print(object_to(store, options.cycle, region, options.text, code=options.code, person=options.by))
        return 0
    _print(objections(store, options.cycle), "outcome", OUTCOMES, ("code", "text", "answer"), options.lang)
    return 0


def _rectify(options: argparse.Namespace) -> int:
    store = Store(options.db)
    chosen = [name for name in _STEPS if getattr(options, f"step_{name}") is not None]
    for name in chosen:
        _STEPS[name](store, getattr(options, f"step_{name}"), options.text, person=options.by)
    if not chosen and not options.list:
        region = region_called(store, options.region)
        print(demand(store, options.cycle, region, options.text, person=options.by, due=options.due))
        return 0
    _print(rectifications(store, options.cycle), "state", STATES, ("text", "told"), options.lang)
    return 0


def _print(
    rows: pl.DataFrame, state: str, words: dict[str, tuple[str, str]], texts: tuple[str, ...], lang: str
) -> None:
    late = ("逾期", "overdue")[lang != "zh"]
    for row in rows.iter_rows(named=True):
        told = (row["id"], row["region"], words[row[state]][lang != "zh"], row["due"], late if row["overdue"] else "—")
        print("\t".join(visible(str(cell) or "—") for cell in (*told, *(row[name] for name in texts))))


def _overdue(options: argparse.Namespace) -> int:
    for row in overdue(Store(options.db)).iter_rows(named=True):
        told = (KINDS[row["kind"]][options.lang != "zh"], row["id"], row["cycle"], row["region"], row["due"])
        print("\t".join(visible(str(cell)) for cell in told))
    return 0
