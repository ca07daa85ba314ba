"""Cycles: the evaluation as a state machine: who may move a cycle on, what must hold by then, and why it was moved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from data.dated import told_at
from data.persons import require, signed_by
from data.proposals import publish
from data.revisions import revisions_in
from data.rights import roles_for
from data.stage_checks import Asked, missing_for, unconcluded
from data.stages import (
    STAGES,
    Ask,
    asking,
    moved,
    numbered,
    place,
    refused,
    require_all,
    require_day,
    require_stage,
    stage_of,
    transitions,
)
from data.store import Store
from data.unseen import require_state, require_step
from metrics.problems import InputError, Problem

__all__ = [
    "STAGES", "Step", "advance", "conclude", "conclusions", "next_steps", "stage_of", "standing", "step_back",
    "transitions",
]  # fmt: skip
# From here on nothing goes back: what was published stays.
_FINAL = ("published", "objections", "closed")
_ORDER = tuple(STAGES)


@dataclass(frozen=True)
class Step:
    """A step that a cycle can take: what is missing for it, and which roles may take it.

    One that `begins` a cycle that nobody moved puts it down in the first stage, which is before where such cycles are.
    """

    stage: str
    missing: tuple[Problem, ...]
    who: tuple[str, ...]
    back: bool = False

    @property
    def begins(self) -> bool:
        """Whether it goes not on, but to the first stage of all."""
        return self.stage == _ORDER[0] and not self.back

    def reasons(self, lang: str = "zh", called: Callable[[str], str] = str) -> list[str]:
        """What is missing, in words; regions as they are called, by code unless told."""
        return [replace(problem, facts=_named(problem.facts, lang, called)).message(lang) for problem in self.missing]


def _named(facts: Mapping[str, object], lang: str, called: Callable[[str], str]) -> dict[str, object]:
    comma = "、" if lang == "zh" else ", "
    regions = {"regions": comma.join(map(called, str(facts["regions"]).split(", ")))} if "regions" in facts else {}
    return {**facts, **regions}


def next_steps(store: Store, cycle: str) -> list[Step]:
    """The step forward, where there is one, and the step back, where that is allowed at all."""
    asked = _asked(store.definitions_path(), asking(store), cycle)
    number, stage = place(asked.ask, cycle)
    at, begins = _ORDER.index(stage), not number and stage not in _FINAL
    found = [_step(asked, one) for one in ([_ORDER[0]] if begins else []) + list(_ORDER[at + 1 : at + 2])]
    if stage not in _FINAL and at and number:
        found.append(Step(_ORDER[at - 1], (), roles_for("run"), back=True))
    return found


def _step(asked: Asked, to: str) -> Step:
    return Step(to, tuple(missing_for(asked, to)), roles_for(STAGES[to].right))


def standing(store: Store, cycle: str) -> tuple[int, str]:
    """The number of a cycle's last step (0: none), and where it stands. Raises InputError for what names no cycle."""
    return place(_asked(store.definitions_path(), asking(store), cycle).ask, cycle)


def advance(
    store: Store, cycle: str, to: str, *, person: str, reason: str, deadline: str = "", seen: int | None = None
) -> None:
    """A cycle goes on to its next stage; one that nobody has moved yet may also begin with the first.

    Raises InputError without a reason, for another stage than the next, while something is missing (each told), for
    whoever may not, and where `seen` is not its last step. Into `published` it goes by `data.proposals.publish`, which
    this calls.
    """
    _require(person, reason, to)
    require_day(deadline)
    if to == "published":
        publish(store, cycle, person=person, reason=reason, seen=seen)
        return
    right = STAGES[to].right
    file = store.definitions_path()
    with store.transaction(f"stage {cycle} {to}", right, reason=reason) as writer:
        require_all(store, writer.found, right, cycle)
        person = signed_by(store, person)
        require_step(writer.found, cycle, seen)
        asked = _asked(file, writer.found, cycle)
        number, stage = place(asked.ask, cycle)
        begins = not number and to == _ORDER[0] and stage not in _FINAL
        if not begins and _ORDER.index(to) != _ORDER.index(stage) + 1:
            raise _out_of_order(cycle, stage, to)
        missing = missing_for(asked, to)
        if missing:
            raise InputError(missing)
        moved(writer, cycle, to, person=person, reason=reason, deadline=deadline)


def step_back(
    store: Store, cycle: str, to: str, *, person: str, reason: str, deadline: str = "", seen: int | None = None
) -> None:
    """A cycle goes back to an earlier stage.

    Raises InputError without a reason, once it is published, and where `seen` is not its last step.
    """
    _require(person, reason, to)
    require_day(deadline)
    file = store.definitions_path()
    with store.transaction(f"back {cycle} {to}", "run", reason=reason) as writer:
        require_all(store, writer.found, "run", cycle)
        person = signed_by(store, person)
        require_step(writer.found, cycle, seen)
        asked = _asked(file, writer.found, cycle)
        stage = place(asked.ask, cycle)[1]
        if stage in _FINAL:
            raise refused("stage_final", cycle=cycle)
        if _ORDER.index(to) >= _ORDER.index(stage):
            raise _out_of_order(cycle, stage, to)
        moved(writer, cycle, to, person=person, reason=reason, deadline=deadline)


def conclude(store: Store, cycle: str, *, person: str, reason: str, seen: str | None = None) -> None:
    """The results of a cycle in `approval` are approved as they stand, by whoever sees them; a step back undoes it.

    Raises InputError without a reason, in another stage, while something is missing before it, where that is done
    already, and where the store is not in the state that was `seen`.
    """
    _require(person, reason, "approval")
    file = store.definitions_path()
    with store.transaction(f"conclude {cycle}", "conclude", reason=reason) as writer:
        for right in ("conclude", "see_provisional"):
            require_all(store, writer.found, right, cycle)
        person = signed_by(store, person)
        require_stage(writer.found, cycle, "approval")
        require_state(writer.found, cycle, seen)
        asked = _asked(file, writer.found, cycle)
        if not unconcluded(asked):
            done = asked.numbers("SELECT person FROM conclusions WHERE cycle = $cycle ORDER BY id DESC LIMIT 1")
            raise refused("concluded_already", cycle=cycle, person=done[0])
        if missing := missing_for(asked, "approval"):
            raise InputError(missing)
        values = {
            "id": numbered(writer, "conclusions"), "cycle": cycle, "transition": place(writer.found, cycle)[0],
            "event": writer.found("SELECT coalesce(max(id), 0) FROM events")[0][0],
            "definitions": asked.known.of(cycle).digest, "person": person, "reason": reason.strip(),
        }  # fmt: skip
        writer.execute(
            "INSERT INTO conclusions VALUES"
            " ($id, $cycle, $transition, $event, $definitions, $person, $moment, $reason)",
            values,
            moment=told_at(writer.found),
        )


def conclusions(store: Store, cycle: str) -> list[tuple[str, str, str]]:
    """Each approval of a cycle's results: when, by whom, why; the first first."""
    found = "SELECT made, person, reason FROM conclusions WHERE cycle = $cycle ORDER BY id"
    return store.query(found, cycle=cycle).rows()


def _require(person: str, reason: str, to: str) -> None:
    if to not in STAGES:
        raise refused("no_stage", stage=to, known=", ".join(STAGES))
    for what, given in (("person", person), ("reason", reason)):
        require(what, given)


def _asked(file: Path, ask: Ask, cycle: str) -> Asked:
    """Raises InputError for what names no cycle."""
    known = revisions_in(lambda sql: ask(sql, {}), file)
    known.place(cycle)
    return Asked(ask, known, cycle)


def _out_of_order(cycle: str, stage: str, to: str) -> InputError:
    names = {f"{name}_{lang}": getattr(STAGES[one], lang) for name, one in (("stage", stage), ("to", to))
             for lang in ("zh", "en")}  # fmt: skip
    return refused("stage_order", cycle=cycle, **names)
