"""The command `rollup`: facts by site in Parquet become facts by region, in the store like any batch or in a file."""

import argparse
import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from data.batches import receive
from data.checks import check, problems, recorded
from data.clock import now
from data.doubted import Named
from data.engines import MODULES
from data.intake import KNOWN, SHOWN
from data.overlay import Overlay
from data.parquet import Sources, refuse_inside, sources_of
from data.recorded import add_by
from data.revisions import revisions_of
from data.rolled import Ready, refresh
from data.rollups import RolledUpFiles, roll_up_files
from data.saying import places
from data.sight import sight
from data.store import Store
from data.writer import Writer
from metrics.commands import Add
from metrics.definitions import Definitions
from metrics.files import read_definitions, write_frame
from metrics.problems import InputError, Problem
from metrics.rollup import rules_of
from metrics.visible import visible


def add_rollup(commands: Any, command: Add) -> None:
    """The command with its options; `command` adds one."""
    parser = command(commands, "rollup", _rollup, "facts by site (Parquet) rolled up to facts by region")
    parser.add_argument("--facts", type=Path, nargs="+", required=True, metavar="PATH", help="files, folders, patterns")
    parser.add_argument("--engine", choices=tuple(MODULES), default="duckdb")
    parser.add_argument("--master", default="", metavar="URL", help="of Spark: local[*] (default), spark://HOST:PORT")
    parser.add_argument("--remote", default="", metavar="sc://…", help="of Spark Connect")
    parser.add_argument("--memory", type=_megabytes, default=1000, metavar="MB", help="for DuckDB (default: 1000)")
    parser.add_argument("--indicators", type=Path, metavar="FILE", help="with --out: these definitions and no store")
    parser.add_argument("--out", type=Path, metavar="OUT.parquet", help="a file (.parquet, .csv) instead of the store")
    parser.add_argument("--sender", default="", metavar="NAME")
    add_by(parser)


def _megabytes(text: str) -> int:
    """Raises ArgumentTypeError, which is wrong usage, for no memory: to the database less than 0 is without a limit."""
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} (a whole number from 1 on is due)")
    return int(text)


def _rollup(options: argparse.Namespace) -> int:
    if options.indicators is not None and options.out is None:
        raise InputError([Problem("indicators_of_store", "--indicators")])
    sources, store = sources_of(options.facts), Store(options.db)
    own = options.indicators is None
    definitions = revisions_of(store).widest if own else read_definitions(options.indicators)
    regions = store.regions() if own else None
    if options.out is not None:
        refuse_inside(options.out, sources, options.facts)
    digest = _digest(sources, definitions)
    known = store.query(KNOWN, digest=digest).rows() if options.out is None else []
    if known:
        return _already(known[0][0], options.lang)
    made = roll_up_files(
        sources,
        definitions,
        regions=None if regions is None else regions["code"].to_list(),
        on=options.engine,
        master=options.master,
        remote=options.remote,
        memory=options.memory,
    )
    if made.rejected.count:
        return _told(made, options, None)
    if options.out is not None:
        write_frame(made.facts, options.out)
        return _told(made, options, None)
    seen = looked_at(store, definitions, made)
    batch, new = stored(store, seen, sources, digest, sender=options.sender or options.by)
    if not new:
        return _already(batch, options.lang)
    named = Named(definitions, places(store, options.lang), options.lang, coded=True)
    _doubted(seen, named)
    return _told(made, options, batch)


def _digest(sources: Sources, definitions: Definitions) -> str:
    """What the result follows from: the files' content, the rules of the variables and the calendar; not the engine."""
    rules = rules_of(definitions).sort("variable").write_csv()
    calendar = f"{definitions.cycle} {definitions.fiscal_year_starts}"
    return hashlib.sha256("\0".join(("roll-up", sources.digest, rules, calendar)).encode()).hexdigest()


@dataclass(frozen=True)
class Looked:
    """What was rolled up, its facts numbered, with what each rule of data/checks.py finds doubtful in them; `ready`:
    what they come to over what holds."""

    made: RolledUpFiles
    facts: pl.DataFrame
    doubts: Mapping[str, pl.DataFrame]
    ready: Ready | None


def looked_at(store: Store, definitions: Definitions, made: RolledUpFiles) -> Looked:
    """The regions' numbers beside those that the store has, as those of any file are."""
    number, batch = pl.int_range(1, pl.len() + 1, dtype=pl.Int64), pl.lit(None, pl.Int64)
    over = Overlay(store.held(), definitions, made.facts.with_columns(batch=batch, row=number), None)
    return Looked(made, over.facts, check(sight(over)), over.ready())


def _doubted(seen: Looked, named: Named) -> None:
    """Says what is doubtful, each with the region and period of its number: rows of a roll-up are nobody's lines."""
    where = {row: f"{region} {period}" for row, region, period in seen.facts.select("row", "region", "period").rows()}
    for problem in problems(seen.doubts, SHOWN):
        print(visible(f"{where[problem.line]}: ") + named.told(problem).render("", named.lang), file=sys.stderr)


def stored(store: Store, seen: Looked, sources: Sources, digest: str, *, sender: str = "") -> tuple[int, bool]:
    """The batch that holds a roll-up's facts, and whether it is new: of the same input there is one."""
    with store.transaction(f"rollup {digest}", "send") as writer:
        for known in writer.found(KNOWN, {"digest": digest}):
            return int(known[0]), False
        newest = writer.found("SELECT coalesce(max(id), 0) FROM events")[0][0]
        ready = seen.ready if seen.ready is not None and seen.ready.event == newest else None
        batch = _written(writer, seen.made, sources, digest, sender)
        receive(writer, seen.facts, batch, person=sender)
        writer.insert("warnings", recorded(seen.doubts, {}, sender).with_columns(batch=pl.lit(batch)))
        refresh(writer, store.definitions_path(), ready)
        return batch, True


def _written(writer: Writer, made: RolledUpFiles, sources: Sources, digest: str, sender: str) -> int:
    batch = int(writer.found("SELECT coalesce(max(id), 0) + 1 FROM batches")[0][0])
    writer.execute(
        "INSERT INTO batches (id, file, digest, sender, received, read, accepted, rejected, content, mapping)"
        " VALUES ($id, $file, $digest, $sender, $moment, $read, $accepted, $rejected, $content, '')",
        {
            "id": batch, "file": sources.name, "digest": digest, "sender": sender, "read": made.read,
            "accepted": made.accepted, "rejected": made.rejected.count, "content": sources.digest,
        },
        moment=now(),
    )  # fmt: skip
    return batch


def _already(batch: int, lang: str) -> int:
    zh, en = f"同样的数据已在批次 {batch} 中，未作改动", f"The same facts are batch {batch} already; nothing changed"
    print(zh if lang == "zh" else en)
    return 0


def _told(made: RolledUpFiles, options: argparse.Namespace, batch: int | None) -> int:
    """Says what became of the rows; 1 where some are rejected, and nothing is stored or written then."""
    zh = options.lang == "zh"
    for file, problem in made.rejected.shown:
        print(problem.render(file, options.lang), file=sys.stderr)
    for problem in made.warnings:
        print(problem.render(str(options.facts[0]), options.lang), file=sys.stderr)
    counts = (made.read, made.accepted, made.rejected.count, made.facts.height)
    words = (
        ("读入 read", "接受 accepted", "拒绝 rejected", "汇总 facts")
        if zh
        else ("read", "accepted", "rejected", "facts")
    )
    for word, count in zip(words, counts, strict=True):
        print(f"{word}: {count}")
    if made.rejected.count:
        print("有被拒绝的行，什么也没有写入" if zh else "Some rows were rejected, so nothing was written")
        return 1
    where = str(options.out) if batch is None else str(batch)
    word = "" if batch is None else "批次 batch: " if zh else "batch: "
    print(visible(f"{word}{where}"))
    return 0
