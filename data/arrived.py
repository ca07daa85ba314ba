"""The commands of what has come in: batches, take-back, review, warnings, reason, correction, facts."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from data.batches import LEVELS, explain_warnings, raise_to, withdraw
from data.clock import zoned
from data.corrections import correction, unknown_batch
from data.doubted import Named, plain
from data.recorded import add_by
from data.revisions import revisions_of
from data.saying import places, print_table, say, say_written
from data.store import Store
from data.told import WORDS
from metrics.commands import Add, about
from metrics.files import write_bytes
from metrics.problems import InputError
from metrics.visible import visible

_BATCH = (
    ("批次", "batch"), ("状态", "state"), ("文件", "file"), ("报送人", "sender"), ("时间", "received"),
    ("读入", "read"), ("接受", "accepted"), ("拒绝", "rejected"), ("现在有效", "standing"), ("摘要", "digest"),
)  # fmt: skip
_WARNED = (
    ("行", "row"), ("地区", "region"), ("期间", "period"), ("变量", "variable"), ("规则", "rule"),
    ("值", "value"), ("理由", "reason"), ("说明人", "by"),
)  # fmt: skip


def add_batches(commands: Any, command: Add) -> None:
    """The commands with their options; `command` adds one."""
    command(commands, "batches", _batches, "every batch of facts, the last first")
    back = command(commands, "take-back", _take_back, "a batch holds no more; what it had gone before holds again")
    review = command(commands, "review", _review, "a batch's facts count as reviewed, or verified")
    review.add_argument("--level", choices=LEVELS, default=LEVELS[0])
    for parser in (back, review):
        parser.add_argument("batch", type=int)
        add_by(parser, required=True)
        parser.add_argument("--reason", required=parser is back, default="", metavar="TEXT")
    corrected = command(commands, "correction", _correction, "what a batch changed, in the facts and in the scores")
    corrected.add_argument("batch", type=int)
    warned = command(commands, "warnings", _warnings, "the warnings that a batch came in with, and why they may pass")
    warned.add_argument("batch", type=int)
    explain = command(commands, "reason", _reason, "why the warnings of a rule may pass")
    explain.add_argument("batch", type=int)
    explain.add_argument("rule")
    add_by(explain, required=True)
    explain.add_argument("--reason", required=True, metavar="TEXT")
    facts = command(commands, "facts", _facts, "the facts that hold, or held at a moment, as CSV")
    facts.add_argument("--as-of", default="", metavar="MOMENT", help="a day, or a time (ISO, UTC); default: now")
    facts.add_argument("--out", type=Path, required=True, metavar="OUT.csv")


def _batches(options: argparse.Namespace) -> int:
    rows = []
    for row in Store(options.db).batches().iter_rows(named=True):
        state = WORDS[row["state"]][options.lang != "zh"]
        counts = (row[name] for name in ("read", "accepted", "rejected", "standing"))
        told = (row["id"], state, row["file"], row["sender"], zoned(row["received"]))
        rows.append((*told, *counts, row["content"][:12]))
    print_table(_BATCH, rows, options.lang)
    return 0


def _take_back(options: argparse.Namespace) -> int:
    back = withdraw(Store(options.db), options.batch, person=options.by, reason=options.reason)
    zh, en = f"第 {options.batch} 批已撤回，不再有效", f"Batch {options.batch} was taken back and holds no more"
    if back is not None:
        zh, en = f"{zh}；它替代过的第 {back} 批恢复有效", f"{en}; batch {back}, which it had replaced, holds again"
    return say(options.lang, f"{zh}。", f"{en}.")


def _review(options: argparse.Namespace) -> int:
    raise_to(Store(options.db), options.batch, options.level, person=options.by, reason=options.reason)
    zh, en = WORDS[options.level]
    return say(options.lang, f"第 {options.batch} 批{zh}。", f"Batch {options.batch} is {en}.")


def _correction(options: argparse.Namespace) -> int:
    store, zh = Store(options.db), options.lang == "zh"
    found = correction(store, options.batch)
    words = {"new": ("新增", "new"), "changed": ("更改", "changed"), "same": ("不变", "same"), "gone": ("失效", "gone")}
    counts = [f"{words[what][not zh]} {count}" for what, count in found.counts().items()]
    # Of one that holds no more these are the changes of then.
    states = store.batches().filter(pl.col("id") == options.batch, pl.col("state").is_in(("superseded", "withdrawn")))
    counts += [f"{'现' if zh else 'now '}{WORDS[state][not zh]}" for state in states["state"]]
    print("\t".join(counts))
    named = _named(store, options.lang)
    for row in found.facts.filter(pl.col("what") != "same").iter_rows(named=True):
        region, variable = (named(name, row[name]) for name in ("region", "variable"))
        series = (region, row["site"] or "—", row["period"], variable)
        told = (words[row["what"]][not zh], *series, _number(row["before"]), _number(row["after"]))
        print("\t".join(map(visible, told)))
    for row in found.scores.iter_rows(named=True):
        pairs = [f"{_number(row[f'{name}_before'])} → {_number(row[name])}" for name in ("score", "rank", "grade")]
        print("\t".join(map(visible, (row["period"], named("region", row["region"]), *pairs))))
    return 0


def _warnings(options: argparse.Namespace) -> int:
    store = Store(options.db)
    named = _named(store, options.lang)
    if options.batch not in store.batches()["id"]:
        raise unknown_batch(store, options.batch)
    rows = [
        (row, named("region", region), period, named("variable", variable), rule, plain(value), *why)
        for row, region, period, variable, rule, value, *why in store.warned(options.batch).rows()
    ]
    print_table(_WARNED, rows, options.lang)
    return 0


def _named(store: Store, lang: str) -> Callable[[str, str], str]:
    """What a region or a variable is called, with its code; where the definitions cannot be read a variable's code."""
    called = places(store, lang)
    try:
        return Named(revisions_of(store).widest, called, lang, coded=True).of
    except InputError:
        return lambda column, code: called(code) if column == "region" else code


def _reason(options: argparse.Namespace) -> int:
    count = explain_warnings(Store(options.db), options.batch, options.rule, person=options.by, reason=options.reason)
    print(f"已说明 {count} 条" if options.lang == "zh" else f"{count} explained")
    return 0


def _number(value: object) -> str:
    return "—" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)


def _facts(options: argparse.Namespace) -> int:
    store = Store(options.db)
    with about("--as-of"):
        moment = store.event_at(options.as_of) if options.as_of else None
    found = store.facts(as_of=moment)
    write_bytes(found.write_csv().encode(), options.out)
    return say_written(options.lang, options.out, found.height)
