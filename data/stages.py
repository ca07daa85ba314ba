"""Stages: where a cycle stands in the evaluation, and the record of each step from one to another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import data.process_words  # noqa: F401  (registers the words of this part's problems)
from data.clock import is_day, now
from data.store import Store
from data.writer import Writer
from metrics.problems import InputError, Problem

Ask = Callable[[str, Mapping[str, Any]], list[tuple[Any, ...]]]
_LAST = "SELECT id, stage FROM transitions WHERE cycle = $cycle ORDER BY id DESC LIMIT 1"
_PUBLISHED = "SELECT cycle FROM publications WHERE cycle = $cycle LIMIT 1"
# A cycle that nobody has moved is where every cycle was before there were stages.
UNMOVED = "reports"


@dataclass(frozen=True)
class Stage:
    """One stage: its names, the right that moving a cycle into it takes, and the checks (of data/stage_checks.py) that
    must hold by then."""

    zh: str
    en: str
    right: str = "run"
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Transition:
    """One step of a cycle, as it was made; `deadline` is the day by which the stage is to end, '' for none."""

    id: int
    cycle: str
    before: str
    stage: str
    person: str
    made: str
    reason: str
    deadline: str


def asking(store: Store) -> Ask:
    """How to ask a store, as a writer is asked inside a transaction."""
    return lambda sql, values: store.query(sql, **values).rows()


def place(ask: Ask, cycle: str) -> tuple[int, str]:
    """The number of a cycle's last step (0: nobody has moved it), and its stage; one that was published without stages
    is `published`."""
    found = ask(_LAST, {"cycle": cycle})
    if found:
        return int(found[0][0]), str(found[0][1])
    return 0, "published" if ask(_PUBLISHED, {"cycle": cycle}) else UNMOVED


def stage_of(store: Store, cycle: str) -> str:
    """The stage in which a cycle is, a key of `STAGES`."""
    return place(asking(store), cycle)[1]


def transitions(store: Store, cycle: str) -> tuple[Transition, ...]:
    """Every step of a cycle, the first first."""
    found = store.query("SELECT * FROM transitions WHERE cycle = $cycle ORDER BY id", cycle=cycle)
    return tuple(Transition(**row) for row in found.iter_rows(named=True))


def moved(writer: Writer, cycle: str, to: str, *, person: str, reason: str, deadline: str = "") -> None:
    """Writes a step down."""
    number = numbered(writer, "transitions")
    said = {"cycle": cycle, "before": place(writer.found, cycle)[1], "stage": to, "person": person.strip()}
    writer.execute(
        "INSERT INTO transitions VALUES ($id, $cycle, $before, $stage, $person, $moment, $reason, $deadline)",
        {"id": number, **said, "reason": reason.strip(), "deadline": deadline},
        moment=now(),
    )


def numbered(writer: Writer, table: str) -> int:
    """The number of a table's next row."""
    return int(writer.found(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")[0][0])


def require_stage(ask: Ask, cycle: str, *allowed: str) -> str:
    """The cycle's stage. Raises InputError (`wrong_stage`) where it is none of these."""
    found = place(ask, cycle)[1]
    if found not in allowed:
        told = {f"{name}_{lang}": _named(stages, lang) for name, stages in (("stage", (found,)), ("due", allowed))
                for lang in ("zh", "en")}  # fmt: skip
        raise refused("wrong_stage", cycle=cycle, **told)
    return found


def _named(stages: tuple[str, ...], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(getattr(STAGES[one], lang) for one in stages)


def require_all(store: Store, ask: Ask, right: str, cycle: str | None) -> None:
    """Raises InputError (`denied`) for whoever may not do this in every region, and without a cycle in all cycles: what
    is everybody's is not for whoever has a part of it."""
    # Without a cycle a grant of some covers none; and one of every region that there is is none for those to come.
    every = [code for (code,) in ask("SELECT code FROM regions", {})] + ([""] if cycle is None else [])
    store.require(right, regions=every, cycle=cycle or "")


def require_day(day: str) -> None:
    """Raises InputError for what is no day; '' is none and may be."""
    if day and not is_day(day):
        raise refused("deadline_no_day", value=day)


def moment_of(text: str) -> str:
    """A moment as the store writes it (UTC, to the second); '' for none. Raises InputError for what names none."""
    if not text.strip():
        return ""
    try:
        found = datetime.fromisoformat(text.strip())
        # The first and last days of all years lie, in UTC, in a year that there is not.
        moment = found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refused("release_no_moment", value=text) from error
    if found.tzinfo is None:
        raise refused("release_no_moment", value=text)
    return moment.isoformat(timespec="seconds")


def refused(code: str, **facts: object) -> InputError:
    """The error of one problem."""
    return InputError([Problem(code, facts=facts)])


STAGES: Mapping[str, Stage] = {
    "targets": Stage("下达目标", "targets"),
    "reports": Stage("填报", "reports"),
    "self_check": Stage("自查自评", "self-check", checks=("facts",)),
    "audit": Stage("数据会审", "data audit", checks=("facts",)),
    "cross_review": Stage("交叉会审", "cross-review", checks=("warnings",)),
    "third_party": Stage("第三方复核", "third party", checks=("reviews",)),
    "approval": Stage("审定", "approval", checks=("warnings", "adjustments")),
    "published": Stage("已公布", "published", checks=("warnings", "conclusion")),
    "objections": Stage("异议受理", "objections", checks=("release",)),
    "closed": Stage("办结", "closed", checks=("window", "answered", "rectified")),
}
