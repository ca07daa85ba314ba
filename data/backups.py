"""The commands of safety: backup, restore; and what status says of the last backup."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.clock import zoned
from data.recorded import add_by
from data.rescue import last_backup, record
from data.store import Store
from metrics.commands import Add
from metrics.files import content_of
from metrics.problems import InputError, Problem, reason_of
from metrics.visible import visible

if TYPE_CHECKING:
    from data.restore import Restored


def add_backups(commands: Any, command: Add) -> None:
    """The commands with their options; `command` adds one."""
    kept = command(commands, "backup", _backup, "everything that readers see, as Parquet with a manifest")
    kept.add_argument("--out", type=Path, required=True, metavar="FOLDER_OR_.zip")
    add_by(kept)
    back = command(commands, "restore", _restore, "a backup in the store's place; what was there is kept aside")
    back.add_argument("backup", type=Path, metavar="BACKUP")
    back.add_argument("--check", action="store_true", help="check, build and compare only; touch no store")
    add_by(back)


def _backup(options: argparse.Namespace) -> int:
    from data.backup import back_up

    store = Store(options.db)
    made = back_up(store, options.out)
    try:
        record(store.path, made)
        store.record("backup", where=made.where, snapshot=made.snapshot, digest=made.manifest)
    except InputError as error:
        # The backup is good all the same.
        _tell(error.problems, options.lang)
    _tell(_without_definitions(store), options.lang)
    told = visible(made.where)
    if options.lang == "zh":
        print(f"已备份到 {told}：快照 {made.snapshot}，{made.size:,} 字节，清单 SHA-256 {made.manifest}")
    else:
        print(f"Backed up into {told}: snapshot {made.snapshot}, {made.size:,} bytes, manifest SHA-256 {made.manifest}")
    return 0


def _without_definitions(store: Store) -> list[Problem]:
    path = store.definitions_path()
    try:
        content_of(path)
    except OSError as error:
        return [Problem("backup_without_definitions", facts={"path": path, "reason": reason_of(error)})]
    return []


def _restore(options: argparse.Namespace) -> int:
    from data.restore import check, restore

    store, zh = Store(options.db), options.lang == "zh"
    found = check(options.backup) if options.check else restore(store, options.backup)
    if not options.check:
        _note(store, options, found)
    _tell(found.notes, options.lang)
    of = found.manifest
    rows = sum(table.rows for table in found.manifest.tables.values())
    counted = f"{len(of.tables)} 张表、{rows:,} 行，快照" if zh else f"{len(of.tables)} tables, {rows:,} rows, snapshot"
    done = ("备份完好", "The backup is whole") if options.check else ("已恢复并逐表核对", "Restored and compared")
    print(f"{done[not zh]}{'：' if zh else ': '}{counted} {of.snapshot} · {zoned(of.made)}")
    if found.aside is not None:
        print(visible(f"原有的库现为 {found.aside}" if zh else f"The store that was there is now {found.aside}"))
    return 0


def _note(store: Store, options: argparse.Namespace, found: "Restored") -> None:
    """Into the journal that lies beside the store now; where it cannot be written that is said."""
    aside = "" if found.aside is None else found.aside.name
    try:
        store.record("restore", where=str(options.backup), snapshot=found.manifest.snapshot, aside=aside)
    except InputError as error:
        _tell(error.problems, options.lang)


def _tell(problems: Any, lang: str) -> None:
    for problem in problems:
        print(problem.render("", lang), file=sys.stderr)


def backup_of(store: Store) -> dict[str, Any] | None:
    """The last backup as plain data; None where none is recorded."""
    last = last_backup(store.path)
    return None if last is None else asdict(last)


def backup_parts(store: Store, snapshot: str, lang: str) -> tuple[str, ...]:
    """Where the last backup is, when it was made, whether it is there and the store has changed, for a person."""
    last, zh = last_backup(store.path), lang == "zh"
    if last is None:
        return ("没有记录" if zh else "none recorded",)
    if not Path(last.where).exists():
        what = "已不在原处" if zh else "no longer there"
    elif last.snapshot == snapshot:
        what = "即当前快照" if zh else "unchanged since"
    else:
        what = "此后有变化" if zh else "changed since"
    return last.where, zoned(last.made), what
