"""The command status: all that a store holds, and what waits for somebody, in one screen."""

import argparse
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from data.backups import backup_of, backup_parts
from data.batches import LEVELS, STANDING_WARNINGS
from data.clock import zoned
from data.revisions import Revisions, revisions_of
from data.store import Store
from metrics.commands import Add
from metrics.export.paper import width_of
from metrics.facts import STATUSES
from metrics.problems import InputError
from metrics.visible import visible

LABELS = {
    "facts": ("事实", "Facts"),
    "batches": ("批次", "Batches"),
    "regions": ("地区", "Regions"),
    "sites": ("公共机构", "Sites"),
    "periods": ("期间", "Periods"),
    "snapshot": ("快照", "Snapshot"),
    "label": ("标记", "Label"),
    "indicators": ("指标定义", "Definitions"),
    "statuses": ("事实的状态", "Facts by status"),
    "states": ("批次的状态", "Batches by state"),
    "last_batch": ("最近一批", "Last batch"),
    "warnings": ("提示", "Warnings"),
    "rejections": ("拒绝的行", "Rejections"),
    "versions": ("定义版本", "Versions"),
    "published": ("已公布", "Published"),
    "schema": ("结构", "Schema"),
    "rolled_up": ("汇总至事件", "Rolled up to event"),
    "bytes": ("文件大小", "File size"),
    "backup": ("上次备份", "Last backup"),
}
WORDS = {
    "reported": ("已报送", "reported"),
    "reviewed": ("已审核", "reviewed"),
    "verified": ("已核定", "verified"),
    "received": ("已收到", "received"),
    "superseded": ("已被替代", "superseded"),
    "withdrawn": ("已撤回", "withdrawn"),
    "reinstated": ("恢复有效", "holds again"),
    "explained": ("已说明理由", "explained"),
    "open": ("待说明理由", "wanting a reason"),
    "submitted": ("待批准", "waiting for approval"),
}


# What holds moved: a review raises the status of facts and no value.
_MOVED = "SELECT coalesce(max(id), 0) FROM events WHERE event NOT IN ('reviewed', 'verified')"
_DOUBTS = f"SELECT count(*) AS count, count(*) FILTER (reason = '') AS open FROM ({STANDING_WARNINGS})"
# A line has a label, a tab, and what fits beside them on a terminal. Of the parts that somebody has named (a path, a
# file, a person) the middle is left out, and no more than to this width; of counts, moments and words nothing.
_LABEL, _LINE, _PART = 20, 80, 8
_NAMED = {"last_batch": (2, 3), "backup": (0,), "indicators": (0,), "label": (0,), "published": (0,)}


def add_status(commands: Any, command: Add) -> None:
    """The command with its options; `command` adds one."""
    status = command(commands, "status", _status, "what the store holds, and what waits for somebody")
    status.add_argument("--format", choices=("text", "json"), default="text")


def status(store: Store) -> dict[str, Any]:
    """What `Store.status` gives, and: facts by status, batches by state, the last batch, warnings with and without a
    reason, rejections, versions, published cycles, the schema, the event up to which facts are rolled up, the file's
    size, the last backup. Raises InputError where there is no store that can be read."""
    held, rolled = store.status(), int(store.settings().get("rolled", 0))
    counted = dict(store.query("SELECT status, count(*) AS count FROM current_facts GROUP BY status").rows())
    batches = store.batches()
    states = dict(batches.group_by("state").len().rows())
    doubts = store.query(_DOUBTS).row(0)
    return {
        **held,
        "statuses": {name: counted.get(name, 0) for name in STATUSES},
        "states": {name: states.get(name, 0) for name in ("received", *LEVELS, "superseded", "withdrawn")},
        "last_batch": next(batches.select("id", "file", "sender", "received").iter_rows(named=True), None),
        "warnings": {"explained": doubts[0] - doubts[1], "open": doubts[1]},
        "rejections": store.query("SELECT count(*) AS count FROM rejections").item(),
        "versions": _versions(store),
        "published": store.query("SELECT cycle FROM published ORDER BY cycle")["cycle"].to_list(),
        "schema": store.query("SELECT max(version) AS version FROM schema_version").item(),
        "rolled_up": {"event": rolled, "last": max(rolled, store.query(_MOVED).item())},
        "bytes": store.path.stat().st_size,
        "backup": backup_of(store),
    }


def _versions(store: Store) -> dict[str, Any] | None:
    """The version approved last and how many wait; None where the definitions cannot be read."""
    try:
        known: Revisions = revisions_of(store)
    except InputError:
        return None
    return {"latest": known.latest.number, "submitted": sum(one.state == "submitted" for one in known.all)}


def _status(options: argparse.Namespace) -> int:
    store = Store(options.db)
    store.heal()
    found = status(store)
    if options.format == "json":
        print(json.dumps(found, ensure_ascii=False))
        return 0
    for name in found:
        label = LABELS[name][options.lang != "zh"]
        parts = list(map(visible, _parts(store, found, name, options.lang)))
        print(f"{label}{' ' * (_LABEL - width_of(label))}\t{_fitting(parts, _NAMED.get(name, ()))}")
    return 0


def _parts(store: Store, found: Mapping[str, Any], name: str, lang: str) -> tuple[str, ...]:
    """What stands on a line beside one another."""
    value = found[name]
    if name == "backup":
        return backup_parts(store, found["snapshot"], lang)
    if name == "last_batch" and value:
        return str(value["id"]), zoned(value["received"]), value["sender"] or "—", value["file"]
    return (_shown(name, value, lang),)


def _fitting(parts: Sequence[str], named: Collection[int]) -> str:
    """The parts in one line of a screen, the longest of those that are `named` (by their places) cut first.
    `--format json` has them whole."""
    found = list(parts)
    while width_of(" · ".join(found)) > _LINE - _LABEL - 4 and named:
        at = max(named, key=lambda place: width_of(found[place]))
        if width_of(found[at]) <= _PART:
            break
        kept = found[at].replace("…", "")
        middle = len(kept) // 2
        found[at] = f"{kept[: middle - 1]}…{kept[middle + 1 :]}"
    return " · ".join(found)


def _shown(name: str, value: Any, lang: str) -> str:
    """A line's own text: counts with separators, what is 0 left out of lists."""
    if value is None or value == "" or value == []:
        return "—"
    if name == "periods":
        return f"{value['first'] or '—'} – {value['last'] or '—'}"
    if name == "versions":
        file = "定义文件，尚无版本" if lang == "zh" else "the definitions file, no version yet"
        waiting = f"{WORDS['submitted'][lang != 'zh']} {value['submitted']}"
        return " · ".join([str(value["latest"] or file), *[waiting] * bool(value["submitted"])])
    if name == "rolled_up":
        return f"{value['event']} / {value['last']}"
    if name == "bytes":
        return f"{value / 1e6:,.1f} MB"
    if isinstance(value, Mapping):
        named = [f"{WORDS[key][lang != 'zh']} {count:,}" for key, count in value.items() if count]
        return ("，" if lang == "zh" else ", ").join(named) or "0"
    if isinstance(value, list):
        return ("、" if lang == "zh" else ", ").join(value)
    return f"{value:,}" if isinstance(value, int) else str(value)
