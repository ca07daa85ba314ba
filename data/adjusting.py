"""Adjusting: points that are proposed for a region with reason and evidence, and what is decided about them."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import polars as pl

from data.clock import now
from data.evidence import keep, read_files
from data.persons import is_same, require, signed_by
from data.reviews import require_reviewer, said
from data.revisions import revisions_of
from data.stages import numbered, refused, require_stage, stage_of
from data.store import Store
from data.writer import Writer
from metrics.problems import nearest

Decision = Literal["agreed", "refused", "escalated"]
DECISIONS = {
    "proposed": ("待决定", "proposed"),
    "escalated": ("已上报", "escalated"),
    "agreed": ("已同意", "agreed"),
    "refused": ("不同意", "refused"),
}
# Where adjustments are proposed and decided; after publication they count from the next edition on.
STAGES_OPEN = ("cross_review", "third_party", "published", "objections")


def propose(
    store: Store, cycle: str, region: str, node: str, points: float, *, reason: str, person: str,
    evidence: Sequence[Path] = (),
) -> int:  # fmt: skip
    """Points (below 0: taken) for a region in a cycle, about a node or indicator; gives the adjustment's number.

    In cross-review by whoever was drawn to review the region, later by whoever moves the evaluation on. Raises
    InputError without a reason, for points or a node that are none, and for evidence that cannot be kept.
    """
    require("reason", reason)
    if not math.isfinite(points) or points == 0.0 or abs(points) > 100.0:
        raise refused("adjustment_points", value=points)
    known = [row.code for row in revisions_of(store).of(cycle).definitions.nodes()]
    if node not in known:
        raise refused("review_code", value=node, near=nearest(node, known))
    files = read_files(evidence)
    right = "cross_review" if stage_of(store, cycle) == "cross_review" else "run"
    with store.transaction(f"adjust {cycle} {region}", right, reason=reason) as writer:
        person = _proposer(store, writer, right, cycle, region, person)
        number = numbered(writer, "adjustments")
        values = {"id": number, "cycle": cycle, "region": region, "node": node, "points": points, "person": person}
        writer.execute(
            "INSERT INTO adjustments VALUES"
            " ($id, $cycle, $region, $node, $points, $reason, $evidence, $person, $moment)",
            {**values, "reason": reason.strip(), "evidence": list(files)},
            moment=now(),
        )
        keep(store, writer, files, "adjustments", number, person=person)
    return number


def _proposer(store: Store, writer: Writer, right: str, cycle: str, region: str, person: str) -> str:
    if right == "cross_review":
        return require_reviewer(store, writer, cycle, region, person)
    store.require(right, regions=[region], cycle=cycle)
    require_stage(writer.found, cycle, *STAGES_OPEN)
    known = [code for (code,) in writer.found("SELECT code FROM regions")]
    if region not in known:
        raise refused("review_region", region=region, near=nearest(region, known))
    return signed_by(store, person)


def decide(store: Store, number: int, decision: Decision, *, person: str, reason: str) -> None:
    """An adjustment is agreed to, refused or escalated; what is escalated or agreed only by whoever approves results.

    Raises InputError without a reason, for whoever proposed or escalated it, where it is refused already or said to be
    what it is.
    """
    require("reason", reason)
    right = "run" if _state(store.query(_STATE, id=number).rows(), number)[2] == "proposed" else "conclude"
    with store.transaction(f"{decision} {number}", right, reason=reason) as writer:
        cycle, region, state, proposer, decider = _state(writer.found(_STATE, {"id": number}), number)
        # Somebody may have decided since the right was chosen.
        store.require("run" if state == "proposed" else "conclude", regions=[region], cycle=cycle)
        person = signed_by(store, person)
        require_stage(writer.found, cycle, *STAGES_OPEN)
        if is_same(person, proposer):
            raise refused("own_adjustment", number=number, person=person)
        if state == "escalated" and is_same(person, decider):
            raise refused("own_escalation", region=region, person=person)
        if state in (decision, "refused") or (state == "agreed" and decision == "escalated"):
            raise refused("adjustment_decided", number=number, **_words(state))
        values = {"id": numbered(writer, "adjustment_decisions"), "adjustment": number, "decision": decision}
        writer.execute(
            "INSERT INTO adjustment_decisions VALUES ($id, $adjustment, $decision, $person, $moment, $reason)",
            {**values, "person": person, "reason": reason.strip()},
            moment=now(),
        )


_STATE = "SELECT cycle, region, state, person, decider FROM adjusted WHERE id = $id"


def _state(found: Sequence[tuple[str, ...]], number: int) -> tuple[str, ...]:
    if not found:
        raise refused("no_such_adjustment", number=number)
    return found[0]


def _words(state: str) -> dict[str, str]:
    return {f"state_{lang}": DECISIONS[state][lang != "zh"] for lang in ("zh", "en")}


def adjustments(store: Store, cycle: str) -> pl.DataFrame:
    """id, cycle, region, node, points, reason, evidence, person, made, state, decided, decider, answer."""
    return said(store, cycle, "SELECT * FROM adjusted WHERE cycle = $cycle ORDER BY id")
