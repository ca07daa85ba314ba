"""Intake: a file → accepted rows in the store, rejected rows and the named rule that each broke."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from data.clock import now
from data.mapping import Mapping as FileMapping
from data.mapping import apply, read_mapping
from data.revisions import revisions_of
from data.store import Store, Writer
from metrics.definitions import Definitions
from metrics.facts import judge
from metrics.files import read_facts
from metrics.problems import Problem, nearest
from metrics.rollup import too_long

SHOWN = 1000
KNOWN = "SELECT id, read, accepted, rejected FROM batches WHERE digest = $digest"


@dataclass(frozen=True)
class Report:
    """What became of a file; accepted + rejected = read, counted in rows.

    `batch` is None where nothing was stored; `already` where the very same file is in the store. `rejections` and
    `warnings` hold a problem a row and rule, the line being the file's row; `left_out` what a mapping passes over on
    purpose, by reason.
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

    def as_dict(self, lang: str = "zh") -> dict[str, Any]:
        """The report as plain data, for JSON."""
        rows = [
            {
                "row": problem.line,
                "column": problem.path,
                "rule": problem.code,
                "message": problem.message(lang),
                **_cell(problem),
            }
            for problem in self.rejections
        ]
        counts = {name: getattr(self, name) for name in ("file", "read", "accepted", "rejected", "batch", "already")}
        warned = [
            {"row": problem.line, "rule": problem.code, "message": problem.message(lang)} for problem in self.warnings
        ]
        return {**counts, "rejections": rows, "warnings": warned, "left_out": dict(self.left_out)}


def _cell(problem: Problem) -> dict[str, Any]:
    return {"value": problem.facts.get("value")}


def import_file(
    store: Store,
    path: Path,
    *,
    mapping: Path | None = None,
    name: str = "",
    sender: str = "",
    accept_valid: bool = False,
) -> Report:
    """The facts of a file into the store, in one transaction: all rows or none.

    With `accept_valid` the rows that break no rule are stored although others do. A file (with the same mapping) that
    is in the store already changes nothing. Raises InputError for what is no table, mapping or store.
    """
    definitions = revisions_of(store).widest
    chosen = None if mapping is None else read_mapping(mapping)
    digest = _digest(path, mapping)
    file = name or path.name
    for known in store.query(KNOWN, digest=digest).iter_rows():
        return _already(file, known)
    judged = judge_file(store, definitions, path, chosen)
    if judged.rejected and not (accept_valid and judged.accepted):
        return Report(file, judged.read, judged.accepted, judged.rejected, None, False, *judged.found)
    with store.transaction(f"import {digest}") as writer:
        # Somebody may have brought in the same file since we looked.
        for known in writer.found(KNOWN, {"digest": digest}):
            return _already(file, known)
        batch = _stored(writer, judged, digest, file, sender)
    return Report(file, judged.read, judged.accepted, judged.rejected, batch, False, *judged.found)


def _already(file: str, known: tuple[Any, ...]) -> Report:
    batch, read, accepted, rejected = known
    return Report(file, read, accepted, rejected, batch, already=True)


def _digest(path: Path, mapping: Path | None) -> str:
    digest = hashlib.sha256(path.read_bytes() if path.is_file() else b"")
    if mapping is not None and mapping.is_file():
        digest.update(b"\0" + mapping.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class JudgedFile:
    """A file's rows, judged against a store's regions and definitions."""

    facts: pl.DataFrame
    refused: pl.DataFrame
    read: int
    found: tuple[tuple[Problem, ...], tuple[Problem, ...], Mapping[str, int]]

    @property
    def rejected(self) -> int:
        """How many rows broke a rule."""
        return self.read - self.facts.height

    @property
    def accepted(self) -> int:
        """How many rows broke none."""
        return self.facts.height


def judge_file(store: Store, definitions: Definitions, path: Path, mapping: FileMapping | None) -> JudgedFile:
    """Every row of a file accepted or rejected, nothing stored."""
    left_out: Mapping[str, int] = {}
    if mapping is None:
        frame, before, read = read_facts(path), None, -1
    else:
        mapped = apply(mapping, path)
        frame, before, left_out, read = mapped.frame, mapped.rejections, mapped.left_out, mapped.read
    regions = store.regions()
    codes = None if regions is None else regions["code"].to_list()
    judged = judge(frame, variables=definitions.raw, regions=codes, fiscal_year_starts=definitions.fiscal_year_starts)
    refused = (
        judged.rejected if before is None else pl.concat([before, judged.rejected]).sort("row", maintain_order=True)
    )
    known = {"region": codes or [], "variable": definitions.raw}
    rejections = tuple(
        Problem(
            rule,
            column,
            row,
            0,
            {"column": column, "value": value, "near": _near(rule, value, known.get(column, []))},
        )
        for row, column, rule, value in refused.head(SHOWN).iter_rows()
    )
    total = frame.height if read < 0 else read
    warnings = (*too_long(definitions, judged.accepted), *_implausible(judged.accepted, definitions))
    return JudgedFile(judged.accepted, refused, total, (rejections, warnings, left_out))


def _near(rule: str, value: str | None, known: Sequence[str]) -> str:
    """What may have been meant by a name that is not known."""
    return nearest(value or "", known) or "" if rule.startswith("unknown_") else ""


def _implausible(facts: pl.DataFrame, definitions: Definitions) -> tuple[Problem, ...]:
    """A warning for every value outside its variable's plausible range."""
    ranges = [
        (code, *variable.plausible)
        for code, variable in definitions.variables.items()
        if variable.plausible is not None
    ]
    schema = {"variable": pl.String, "low": pl.Float64, "high": pl.Float64}
    bounds = pl.DataFrame(ranges, schema=schema, orient="row")
    outside = facts.join(bounds, on="variable").filter(~pl.col("value").is_between("low", "high"))
    return tuple(
        Problem(
            "not_plausible", "value", row["row"], 0, {name: row[name] for name in ("variable", "value", "low", "high")}
        )
        for row in outside.sort("row").head(SHOWN).iter_rows(named=True)
    )


def _stored(writer: Writer, judged: JudgedFile, digest: str, file: str, sender: str) -> int:
    batch = int(writer.found("SELECT coalesce(max(id), 0) + 1 FROM batches")[0][0])
    writer.execute(
        "INSERT INTO batches VALUES ($id, $file, $digest, $sender, $moment, $read, $accepted, $rejected)",
        {
            "id": batch, "file": file, "digest": digest, "sender": sender,
            "read": judged.read, "accepted": judged.accepted, "rejected": judged.rejected,
        },
        moment=now(),
    )  # fmt: skip
    add_facts(writer, judged.facts, batch)
    writer.insert("rejections", judged.refused.with_columns(batch=pl.lit(batch)))
    return batch


def add_facts(writer: Writer, facts: pl.DataFrame, batch: int) -> None:
    """Facts of one batch, and the sites and (where they are learnt) regions that they name."""
    writer.insert("facts", facts.with_columns(batch=pl.lit(batch)))
    writer.execute(
        "INSERT OR IGNORE INTO regions (code, name_zh, name_en) SELECT DISTINCT region, region, region FROM facts"
        " WHERE batch = $batch",
        {"batch": batch},
    )
    # A region in the place of a site is the counterpart of an exchange, and no institution.
    writer.execute(
        "INSERT OR IGNORE INTO sites SELECT DISTINCT region, site, site, site FROM facts"
        " WHERE batch = $batch AND site IS NOT NULL AND site NOT IN (SELECT code FROM regions)",
        {"batch": batch},
    )
