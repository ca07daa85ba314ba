"""Rectifications: what a region has to put right, by when, what it reports, and whether that is accepted."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import polars as pl

from data.access import require_numbered
from data.clock import now
from data.evidence import keep, read_files
from data.objections import objections, public
from data.persons import is_same, require, signed_by
from data.reviews import said
from data.revisions import revisions_in
from data.stage_checks import days, last_day
from data.stages import numbered, refused, require_day, require_stage
from data.store import Store
from data.writer import Writer
from metrics.problems import nearest

State = Literal["reported", "returned", "accepted"]
STATES = {
    "demanded": ("待整改", "to be done"),
    "reported": ("已报告", "reported"),
    "returned": ("已退回", "returned"),
    "accepted": ("已办结", "accepted"),
}
_ALL = """
    SELECT r.*, coalesce(s.state, 'demanded') AS state, coalesce(s.text, '') AS told, coalesce(s.person, '') AS by,
        coalesce(s.made, '') AS moved, coalesce(s.state, '') <> 'accepted' AND r.due < $today AS overdue,
        list_sort(list_distinct(coalesce((
            SELECT flatten(list(evidence ORDER BY id)) FROM rectification_steps WHERE rectification = r.id
        ), []))) AS evidence
    FROM rectifications AS r LEFT JOIN (
        SELECT * FROM rectification_steps QUALIFY row_number() OVER (PARTITION BY rectification ORDER BY id DESC) = 1
    ) AS s ON s.rectification = r.id WHERE cycle = $cycle ORDER BY r.id
"""


def demand(store: Store, cycle: str, region: str, text: str, *, person: str, due: str = "") -> int:
    """A region has to put something right, within `rectification_days` unless a day is named; gives the number.

    Raises InputError for a cycle that is not public or is closed, and for a day that is none or over.
    """
    require("reason", text)
    require_day(due)
    file = store.definitions_path()
    with store.transaction(f"rectify {cycle} {region}", "run") as writer:
        store.require("run", regions=[region], cycle=cycle)
        person = signed_by(store, person)
        known = [row[0] for row in writer.found("SELECT code FROM regions")]
        if region not in known:
            raise refused("review_region", region=region, near=nearest(region, known))
        public(revisions_in(writer.found, file).publications.get(cycle), cycle)
        require_stage(writer.found, cycle, "published", "objections")
        if due and due < now()[:10]:
            raise refused("rectification_past", due=due)
        number = numbered(writer, "rectifications")
        ends = due or last_day(now(), days(writer.found, "rectification_days"))
        values = {"id": number, "cycle": cycle, "region": region, "text": text.strip(), "person": person, "due": ends}
        writer.execute(
            "INSERT INTO rectifications VALUES ($id, $cycle, $region, $text, $person, $moment, $due)",
            values,
            moment=now(),
        )
    return number


def report(store: Store, number: int, text: str, *, person: str, evidence: Sequence[Path] = ()) -> None:
    """The region says what it has done. Raises InputError for evidence that cannot be kept."""
    _move(store, number, "reported", "send", text, person, ("demanded", "returned"), evidence)


def accept(store: Store, number: int, text: str, *, person: str) -> None:
    """What was reported is accepted, by another person: it is done."""
    _move(store, number, "accepted", "run", text, person, ("reported",))


def send_back(store: Store, number: int, text: str, *, person: str) -> None:
    """What was reported is not enough, and why; by another person."""
    _move(store, number, "returned", "run", text, person, ("reported",))


def _move(
    store: Store, number: int, state: State, right: str, text: str, person: str, before: tuple[str, ...],
    evidence: Sequence[Path] = (),
) -> None:  # fmt: skip
    require("reason", text)
    files = read_files(evidence)
    why = "" if state == "reported" else text
    with store.transaction(f"{state} {number}", right, reason=why) as writer:
        cycle, region = _about(writer, number)
        require_numbered(store, right, "rectification", number, region=region, cycle=cycle)
        person = signed_by(store, person)
        steps = "SELECT state, person FROM rectification_steps WHERE rectification = $id ORDER BY id"
        found = writer.found(steps, {"id": number})
        now_at, by = found[-1] if found else ("demanded", "")
        if now_at not in before:
            named = {f"state_{lang}": STATES[now_at][lang != "zh"] for lang in ("zh", "en")}
            raise refused("rectification_state", number=number, **named)
        if state != "reported" and is_same(person, by):
            raise refused("own_rectification", number=number, person=person)
        values = {"id": numbered(writer, "rectification_steps"), "rectification": number, "state": state}
        writer.execute(
            "INSERT INTO rectification_steps VALUES ($id, $rectification, $state, $text, $person, $moment, $evidence)",
            {**values, "text": text.strip(), "person": person, "evidence": list(files)},
            moment=now(),
        )
        keep(store, writer, files, "rectifications", number, person=person)


def _about(writer: Writer, number: int) -> tuple[str, str]:
    found = writer.found("SELECT cycle, region FROM rectifications WHERE id = $id", {"id": number})
    if not found:
        raise refused("no_such_rectification", number=number)
    return found[0][0], found[0][1]


def rectifications(store: Store, cycle: str, *, today: str = "") -> pl.DataFrame:
    """id, cycle, region, text, person, made, due, state, told, by, moved, evidence (digests of all that was reported),
    overdue: what is to be put right."""
    return said(store, cycle, _ALL, today=today or now()[:10])


def overdue(store: Store, *, today: str = "") -> pl.DataFrame:
    """kind (objection, rectification), id, cycle, region, due of all that is open beyond its day, the oldest first."""
    cycles = store.query("SELECT cycle FROM objections UNION SELECT cycle FROM rectifications ORDER BY ALL")["cycle"]
    found = [
        rows.filter("overdue").select(pl.lit(kind).alias("kind"), "id", "cycle", "region", "due")
        for cycle in cycles
        for kind, rows in (
            ("objection", objections(store, cycle, today=today)),
            ("rectification", rectifications(store, cycle, today=today)),
        )
    ]
    schema = {"kind": pl.String, "id": pl.Int32, "cycle": pl.String, "region": pl.String, "due": pl.String}
    return pl.concat([pl.DataFrame(schema=schema), *found]).sort("due", "kind", "id")
