"""Intake: a file → accepted rows in the store, rejected rows and the named rule that each broke."""

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from data.batches import GONE, receive, refuse_late, refuse_moving, refuse_unsent
from data.checks import as_row, check, problems, recorded
from data.clock import now
from data.filled import filled
from data.mapping import Mapped, apply, known_names, read_mapping
from data.mapping import Mapping as FileMapping
from data.overlay import Overlay
from data.persons import signed_by
from data.revisions import revisions_of
from data.rolled import Ready, refresh
from data.shown import doubts_shown, whole_of
from data.sight import sight
from data.stages import asking
from data.store import Store
from data.writer import Writer
from metrics.definitions import Definitions
from metrics.facts import judge
from metrics.problems import Problem, file_error, nearest, reason_of
from metrics.rollup import cycles_of, too_long
from metrics.tables import facts_and_rest
from metrics.visible import visible

SHOWN = 1000
# A file that was taken back may come again.
KNOWN = f"SELECT id, read, accepted, rejected FROM batches WHERE digest = $digest AND id NOT IN ({GONE})"


@dataclass(frozen=True)
class Report:
    """What became of a file; accepted + rejected = read, counted in rows.

    `batch` is None where nothing was stored; `already` where the very same file is in the store. `rejections` and
    `warnings` hold a problem a row and rule, the line being the file's row, the first `SHOWN` of each, and `more` tells
    how many there are beyond; `left_out` what is passed over, by reason: by
    a mapping, or cells of columns that no fact has.
    """

    file: str
    read: int
    accepted: int
    rejected: int
    batch: int | None = None
    already: bool = False
    rejections: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    read_as: Mapping[str, int] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self, lang: str = "zh") -> dict[str, Any]:
        """The report as plain data, for JSON."""
        rows = [
            {
                "row": problem.line,
                "column": problem.path,
                "rule": problem.code,
                "message": problem.message(lang),
                **_facts(problem, "cell", "value"),
            }
            for problem in self.rejections
        ]
        counts = {name: getattr(self, name) for name in ("file", "read", "accepted", "rejected", "batch", "already")}
        warned = [
            {
                "row": problem.line,
                "rule": problem.code,
                "message": problem.message(lang),
                "region": problem.facts.get("whose", ""),
                **_facts(problem, "cell"),
            }
            for problem in self.warnings
        ]
        taken = {"left_out": dict(self.left_out), "read_as": dict(self.read_as), "taken": dict(self.taken)}
        return {**counts, "rejections": rows, "warnings": warned, "not_listed": dict(self.more), **taken}


def _facts(problem: Problem, *names: str) -> dict[str, Any]:
    return {name: problem.facts[name] for name in names if name in problem.facts}


def import_file(
    store: Store,
    path: Path,
    *,
    mapping: Path | None = None,
    name: str = "",
    sender: str = "",
    person: str = "",
    accept_valid: bool = False,
    replaces: int | None = None,
    reasons: Mapping[str, str] | None = None,
    look: Callable[["JudgedFile"], None] | None = None,
) -> Report:
    """The facts of a file into the store, in one transaction: all rows or none.

    With `accept_valid` the rows that break no rule are stored although others do; of a batch that it `replaces`
    nothing holds any more. `sender` is who reports, `person` who imports, where it is another, and each stands for the
    other that is not told. `reasons`, that person's: why the warnings of a rule may pass, by the rule's name ('': of
    every rule); until each has one the batch cannot be reviewed. `look` sees what became of every row before anything
    is stored. A file (with the same mapping) that is in the store already changes nothing.
    Raises InputError for what is no table, mapping or store, for a batch to be replaced that does not hold, and as
    `judge_file` does.
    """
    asked = partial(_sent, path, mapping, name=name, replaces=replaces)
    with ThreadPoolExecutor(1) as beside:
        digested = beside.submit(asked)
        definitions, chosen = revisions_of(store).widest, None if mapping is None else read_mapping(mapping)
        sent = digested.result()
    for known in store.query(KNOWN, digest=sent.digest).iter_rows():
        return _already(sent.file, known)
    judged = judge_file(store, definitions, path, chosen, replaces=replaces)
    # A command may leave it open who sends.
    person = person.strip() if store.access.whole else ""
    sender = (sender.strip() or person) if store.access.whole else signed_by(store, sender)
    before, sent = sent.digest, replace(asked(), sender=sender)
    if sent.digest != before:
        # Facts must not be kept under the digest of another file.
        raise file_error("file_changed", path)
    if not judged.read:
        raise file_error("nothing_reported", path)
    if look is not None:
        look(judged)
    if judged.rejected and not (accept_valid and judged.accepted):
        return Report(sent.file, judged.read, judged.accepted, judged.rejected, None, False, *judged.told)
    doubts = recorded(judged.doubts, reasons or {}, person or sender)
    why = " · ".join(dict.fromkeys(doubts.filter(pl.col("reason") != "")["reason"]))
    with store.transaction(f"import {sent.digest}", "send", reason=why) as writer:
        # Somebody may have brought in the same file since we looked.
        for known in writer.found(KNOWN, {"digest": sent.digest}):
            return _already(sent.file, known)
        # A cycle may have moved on since, and a right been taken back.
        refuse_unsent(store, judged.facts, cycles_of(definitions))
        refuse_late(store, writer.found, judged.facts, cycles_of(definitions))
        if replaces is not None:
            refuse_moving(store, writer, replaces)
        newest = writer.found("SELECT coalesce(max(id), 0) FROM events")[0][0]
        # Whatever happened meanwhile, what was rolled up does not know it.
        ready = judged.ready if judged.ready is not None and judged.ready.event == newest else None
        batch = _stored(writer, judged, sent, person or sender)
        writer.insert("warnings", doubts.with_columns(batch=pl.lit(batch)))
        refresh(writer, store.definitions_path(), ready)
    return Report(sent.file, judged.read, judged.accepted, judged.rejected, batch, False, *judged.told)


def _already(file: str, known: tuple[Any, ...]) -> Report:
    batch, read, accepted, rejected = known
    return Report(file, read, accepted, rejected, batch, already=True)


@dataclass(frozen=True)
class _Sent:
    """A file as it was sent; `content` is its own digest, `digest` that of what is made of it, with the mapping."""

    file: str
    content: str
    mapping: str
    digest: str
    replaces: int | None
    sender: str = ""


def _sent(path: Path, mapping: Path | None, *, name: str, replaces: int | None) -> _Sent:
    own = hashlib.sha256()
    try:
        if path.is_file():
            with path.open("rb") as file:
                own = hashlib.file_digest(file, "sha256")
    except OSError as error:
        # What fails while it is read has no name of its own.
        raise file_error("unreadable_file", path, reason=reason_of(error)) from error
    both, text = own.copy(), b""
    if mapping is not None and mapping.is_file():
        text = mapping.read_bytes()
        both.update(b"\0" + text)
    return _Sent(name or visible(path.name), own.hexdigest(), text.decode(), both.hexdigest(), replaces)


@dataclass(frozen=True)
class JudgedFile:
    """A file's rows, judged against a store's regions and definitions.

    `doubts`: what each rule of data/checks.py finds, as far as whoever sends the file may be told it; `read_as`: cells
    by the rule by which a mapping read them; `taken`: what was found that it did not name; `ready`: what the facts are
    rolled up to.
    """

    facts: pl.DataFrame
    refused: pl.DataFrame
    read: int
    found: tuple[tuple[Problem, ...], tuple[Problem, ...], Mapping[str, int]]
    doubts: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    read_as: Mapping[str, int] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    ready: Ready | None = None
    cell: Callable[[int, str], str] = as_row

    @property
    def told(self) -> tuple[Any, ...]:
        """What a report says beside the counts."""
        every = {"rejections": self.refused.height, "warnings": sum(found.height for found in self.doubts.values())}
        beyond = {name: count - SHOWN for name, count in every.items() if count > SHOWN}
        return (*self.found, self.read_as, self.taken, beyond)

    @property
    def rejected(self) -> int:
        """How many rows broke a rule."""
        return self.read - self.facts.height

    @property
    def accepted(self) -> int:
        """How many rows broke none."""
        return self.facts.height


def judge_file(
    store: Store, definitions: Definitions, path: Path, mapping: FileMapping | None, *, replaces: int | None = None
) -> JudgedFile:
    """Every row of a file accepted or rejected, nothing stored.

    It is judged on all facts, whatever the store's person may see of them. Raises InputError (`denied`, `facts_late`)
    for a file with facts that they may not send, or not now: what the rules find in these would tell what they may not
    see.
    """
    whole = whole_of(store).held()
    regions = whole.regions()
    names = known_names(definitions, regions)
    mapped = filled(path, names.units) if mapping is None else apply(mapping, path, known=names)
    if mapped is None:
        frame, rest, trimmed = facts_and_rest(path)
        before, read, left_out = None, -1, {f"column {name}": count for name, count in rest.items()}
    else:
        frame, before, read, left_out = mapped.frame, mapped.rejections, mapped.read, dict(mapped.left_out)
        trimmed = False
    codes = None if regions is None else regions["code"].to_list()
    starts = definitions.fiscal_year_starts
    judged = judge(frame, variables=definitions.raw, regions=codes, fiscal_year_starts=starts, trimmed=trimmed)
    refuse_unsent(store, judged.accepted, cycles_of(definitions))
    refuse_late(store, asking(store), judged.accepted, cycles_of(definitions))
    refused = judged.rejected
    if before is not None:
        # By the names that the file has for its columns, so that the cell can be found.
        heads = {} if mapping is None else mapping.heads
        refused = pl.concat([before, refused.with_columns(pl.col("column").replace(heads))])
        refused = refused.sort("row", maintain_order=True)
    known = {"unknown_region": codes or [], "unknown_variable": definitions.raw}
    rejections = tuple(
        Problem(
            rule,
            column,
            row,
            0,
            {
                "column": column,
                "value": value,
                "near": nearest(value or "", known[rule]) or "" if rule in known else "",
                **_place(mapped, row, column),
            },
        )
        for row, column, rule, value in refused.head(SHOWN).iter_rows()
    )
    total = frame.height if read < 0 else read
    over = Overlay(whole, definitions, judged.accepted, replaces)
    doubts = doubts_shown(store, check(sight(over)), judged.accepted)
    lost = too_long(definitions, judged.accepted, over.cells["period"].unique())
    warnings = _whose((*lost, *problems(doubts, SHOWN, as_row if mapped is None else mapped.cell)), judged.accepted)
    found = rejections, warnings, left_out
    every = judged.accepted, refused, total, found, doubts
    if mapped is None:
        return JudgedFile(*every, ready=over.ready())
    return JudgedFile(*every, mapped.read_as, mapped.taken, over.ready(), mapped.cell)


def _whose(warnings: tuple[Problem, ...], facts: pl.DataFrame) -> tuple[Problem, ...]:
    """Warnings with the region (`whose`) of the row that they are about."""
    told = facts.filter(pl.col("row").is_in([one.line for one in warnings]))
    regions = dict(told.select("row", "region").iter_rows())
    return tuple(
        replace(one, facts={**one.facts, "whose": regions[one.line]}) if one.line in regions else one
        for one in warnings
    )


def _place(mapped: Mapped | None, row: int, column: str) -> dict[str, str]:
    """The cell of a workbook or table, as a spreadsheet calls it."""
    return {} if mapped is None else {"cell": mapped.cell(row, column)}


def _stored(writer: Writer, judged: JudgedFile, sent: _Sent, person: str) -> int:
    batch = int(writer.found("SELECT coalesce(max(id), 0) + 1 FROM batches")[0][0])
    writer.execute(
        "INSERT INTO batches VALUES"
        " ($id, $file, $digest, $sender, $moment, $read, $accepted, $rejected, $content, $mapping)",
        {
            "id": batch, "file": sent.file, "digest": sent.digest, "sender": sent.sender, "read": judged.read,
            "accepted": judged.accepted, "rejected": judged.rejected, "content": sent.content, "mapping": sent.mapping,
        },
        moment=now(),
    )  # fmt: skip
    writer.insert("rejections", judged.refused.with_columns(batch=pl.lit(batch)))
    receive(writer, judged.facts, batch, person=person, replaces=sent.replaces)
    return batch
