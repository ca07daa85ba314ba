"""Tasks: what waits for somebody in the evaluation: asked of their rights and of what there is, kept nowhere."""

from datetime import date, timedelta

from data.clock import now
from data.cycles import standing, transitions
from data.grants import grants
from data.objections import objections
from data.rectifications import rectifications
from data.revisions import revisions_of
from data.store import Store
from data.waiting import TASKS, Task, Waiting

# So many days before it ends a grant is told.
ENDING = 30


def tasks(store: Store, cycle: str, *, today: str = "") -> tuple[Task, ...]:
    """What waits for the store's person in a cycle: what is overdue first, then by day. Raises as `revisions_of`."""
    stage = standing(store, cycle)[1]
    waiting = Waiting(store, cycle, today or now()[:10], stage, revisions_of(store))
    found = list[Task]()
    for kind, (right, whole, asked) in TASKS.items():
        if may_all(store, right, cycle) if whole else store.access.may(right, cycle=cycle):
            found += asked(waiting, kind)
    return tuple(sorted(found, key=lambda task: (not task.late, task.due or "9")))


def may_all(store: Store, right: str, cycle: str) -> bool:
    """Whether somebody has a right in every region, as what moves a whole cycle takes."""
    held = store.access.regions(right, cycle=cycle)
    return held is None or (bool(held) and set(store.query("SELECT code FROM regions")["code"]) <= held)


def grants_ending(store: Store, *, today: str = "") -> tuple[Task, ...]:
    """The grants that end within `ENDING` days, for whoever may give others."""
    if not store.access.may("grant"):
        return ()
    day = today or now()[:10]
    last = (date.fromisoformat(day) + timedelta(days=ENDING)).isoformat()
    ending = [one for one in grants(store) if one.until and one.holds(day) and one.until <= last]
    return tuple(
        Task("grant", regions=(one.region,) if one.region else (), due=one.until, about=(one.person, one.role))
        for one in sorted(ending, key=lambda one: (one.until, one.number))
    )


def overdue(store: Store, cycle: str, *, today: str = "") -> dict[str, int]:
    """How much of a cycle is over its day, of what somebody sees: stage (0, 1), objection, rectification."""
    day = today or now()[:10]
    steps = transitions(store, cycle)
    deadline = steps[-1].deadline if steps and steps[-1].stage != "closed" else ""
    return {
        "stage": int(bool(deadline) and deadline < day),
        "objection": int(objections(store, cycle, today=day)["overdue"].sum()),
        "rectification": int(rectifications(store, cycle, today=day)["overdue"].sum()),
    }
