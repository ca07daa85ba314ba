"""Waiting: each kind of thing that may wait for somebody in a cycle, and how it is told from what there is."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from data.adjusting import STAGES_OPEN, adjustments
from data.assessed import Assessments
from data.cycles import next_steps, transitions
from data.due import ask, due
from data.notices import authors, outdated, settled, versions
from data.objections import objections
from data.persons import is_same
from data.rectifications import rectifications
from data.reviews import SETTLED_IN, drawn, verdicts
from data.revisions import Revisions
from data.stage_checks import CHECKS, Asked, unconcluded
from data.stages import asking
from data.store import Store
from metrics.rollup import calendar_of, cycles_of
from metrics.shown import added

_UNREVIEWED = "SELECT DISTINCT batch, region, period FROM current_facts WHERE status = 'reported' ORDER BY ALL"
_REPORTING = ("targets", "reports", "self_check", "audit")


@dataclass(frozen=True)
class Task:
    """One thing that somebody may and should do: a key of `TASKS`, for which regions ((): the cycle as a whole), how
    many, by which day ('' : none named) and whether that is over; `about` names what else there is to say."""

    kind: str
    cycle: str = ""
    regions: tuple[str, ...] = ()
    count: int = 1
    due: str = ""
    late: bool = False
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Waiting:
    """A cycle as somebody sees it who asks what to do."""

    store: Store
    cycle: str
    today: str
    stage: str
    known: Revisions

    @cached_property
    def asked(self) -> Asked:
        """For the checks of stages."""
        return Asked(asking(self.store), self.known, self.cycle)

    @cached_property
    def deadline(self) -> str:
        """The day by which the stage is to end."""
        steps = transitions(self.store, self.cycle)
        return steps[-1].deadline if steps else ""

    @property
    def edition(self) -> int:
        """The number of the cycle's newest edition; 0 while there is none."""
        return self.known.publications[self.cycle].edition if self.is_published else 0

    @property
    def is_published(self) -> bool:
        """Whether the cycle has an edition."""
        return self.cycle in self.known.publications

    def regions(self, right: str) -> frozenset[str] | None:
        """For which regions somebody has a right; None for all."""
        return self.store.access.regions(right, cycle=self.cycle)

    def wanted(self, rows: pl.DataFrame, right: str) -> pl.DataFrame:
        """The rows of regions for which somebody has a right."""
        mine = self.regions(right)
        return rows if mine is None else rows.filter(pl.col("region").is_in(mine))

    def is_mine(self, name: str) -> bool:
        """Whether a name is that of whoever asks: nobody decides about their own."""
        person = self.store.access.person
        return any(is_same(name, own) for own in (person.id, person.name) if own)

    def told(self, kind: str, check: str, *wanted: str) -> Iterator[Task]:
        """What a check of stages misses, by the codes of its problems, as tasks."""
        for problem in CHECKS[check](self.asked):
            if problem.code in wanted:
                regions = tuple(str(problem.facts.get("regions", "")).split(", "))
                yield self.task(kind, regions=regions if regions != ("",) else (), count=_count(problem.facts))

    def task(
        self, kind: str, *, regions: tuple[str, ...] = (), count: int = 1, due: str | None = None,
        about: tuple[str, ...] = (),
    ) -> Task:  # fmt: skip
        """A task of the cycle; due with its stage unless a day is told."""
        day = self.deadline if due is None else due
        return Task(kind, self.cycle, regions, count, day, bool(day) and day < self.today, about)


def _count(facts: Mapping[str, object]) -> int:
    return int(str(facts.get("count", 1)))


def _facts(at: Waiting, kind: str) -> Iterator[Task]:
    """What is due of one's regions and has not come."""
    if at.stage not in _REPORTING or at.is_published:
        return
    rows = at.wanted(due(ask(at.store, at.cycle, today=at.today)), "send").filter(pl.col("absent") > 0)
    if rows.height:
        regions = rows.group_by("region").agg(pl.col("late", "absent").sum())
        regions = regions.sort("late", "absent", "region", descending=[True, True, False])
        first = rows["deadline"].drop_nulls().min()
        yield at.task(kind, regions=tuple(regions["region"]), count=int(rows["absent"].sum()), due=str(first or ""))


def _warnings(at: Waiting, kind: str) -> Iterator[Task]:
    return iter(()) if at.is_published else at.told(kind, "warnings", "cycle_warnings")


def _batches(at: Waiting, kind: str) -> Iterator[Task]:
    """Batches with facts of one's regions that nobody has reviewed."""
    if at.stage not in _REPORTING or at.is_published:
        return
    calendar = cycles_of(at.known.of(at.cycle).definitions)
    facts = at.wanted(at.store.query(_UNREVIEWED), "review")
    periods = calendar_of(facts["period"].unique(), calendar).filter(pl.col("cycle") == at.known.place(at.cycle))
    found = facts.join(periods, on="period", how="semi")
    if found.height:
        yield at.task(kind, regions=tuple(found["region"].unique().sort()), count=found["batch"].n_unique())


def _draw(at: Waiting, kind: str) -> Iterator[Task]:
    return at.told(kind, "reviews", "cycle_undrawn") if at.stage == "cross_review" else iter(())


def _review(at: Waiting, kind: str) -> Iterator[Task]:
    """Regions that one was drawn to review and has given no verdict on; for whoever may do all, those that lack one."""
    if at.stage != "cross_review":
        return
    wanted = [reviewed for _, reviewed in drawn(at.store, at.cycle)]
    mine, every = at.regions("cross_review"), verdicts(at.store, at.cycle)
    said = every.filter("stands", pl.col("verdict") != "settle")
    if mine is None:
        judged = dict(said.group_by("region").agg(pl.col("reviewer").n_unique()).iter_rows())
        open_ = [region for region in dict.fromkeys(wanted) if judged.get(region, 0) < wanted.count(region)]
    else:
        # One of several who speak for a reviewing region speaks for all of them.
        own = {(cycle, one, region) for cycle, one, region in at.store.access.pairs if cycle == at.cycle}
        left = {region for _, one, region in own if (region, one) not in set(said.select("region", "reviewer").rows())}
        open_ = [region for region in dict.fromkeys(wanted) if region in mine & left]
    if open_:
        yield at.task(kind, regions=tuple(open_), count=len(open_))


def _assess(at: Waiting, kind: str) -> Iterator[Task]:
    kept = Assessments(at.store).all() if at.stage == "third_party" else ()
    if at.stage == "third_party" and not any(one.cycle == at.cycle and at.is_mine(one.by) for one in kept):
        yield at.task(kind)


def _settle(at: Waiting, kind: str) -> Iterator[Task]:
    if at.stage in SETTLED_IN:
        yield from at.told(kind, "adjustments", "escalations_open")


def _adjust(at: Waiting, kind: str) -> Iterator[Task]:
    """Adjustments to decide: the proposed, and for whoever approves results the escalated ones."""
    state = "proposed" if kind == "decide" else "escalated"
    right = "run" if kind == "decide" else "conclude"
    if at.stage in STAGES_OPEN:
        for row in at.wanted(adjustments(at.store, at.cycle), right).iter_rows(named=True):
            # Nobody decides what they proposed, or escalated.
            if row["state"] == state and not any(at.is_mine(row[own]) for own in ("person", "decider")):
                yield at.task(kind, regions=(row["region"],), about=(str(row["id"]), added(row["points"])))


def _conclude(at: Waiting, kind: str) -> Iterator[Task]:
    if at.stage == "approval" and unconcluded(at.asked) and not CHECKS["adjustments"](at.asked):
        yield at.task(kind)


def _step(at: Waiting, kind: str) -> Iterator[Task]:
    """The step that may be taken, and one that is late though something is missing."""
    forward = [step for step in next_steps(at.store, at.cycle) if not step.back]
    late = bool(at.deadline) and at.deadline < at.today
    # One does not begin with the first stage what may go on.
    for step in sorted(forward, key=lambda step: (bool(step.missing), step.begins))[:1]:
        if not step.missing or late:
            yield at.task(kind, count=len(step.missing), about=(step.stage,))


def _notice(at: Waiting, kind: str) -> Iterator[Task]:
    """A notice to write, or its newest version to sign, once the results are approved, and anew for a new edition."""
    since = settled(at.asked)
    if at.stage not in ("approval", "published", "objections") or not since:
        return
    for lang in ("zh", "en"):
        known = versions(at.store, at.cycle, lang)
        # What is older than the results is not signed, and one that was is not theirs.
        why = outdated(at.asked, known) or ("results" if "" < known[-1].signed < since else "") if known else "none"
        if kind == "write" and lang == "zh" and why:
            yield at.task(kind, due="", about=(why, str(at.edition)))
        elif kind == "sign" and not (why or known[-1].signature or any(map(at.is_mine, authors(known)))):
            yield at.task(kind, due="", about=(lang, str(known[-1].id)))


def _answer(at: Waiting, kind: str) -> Iterator[Task]:
    for row in at.wanted(objections(at.store, at.cycle, today=at.today), "run").iter_rows(named=True):
        if not row["outcome"] and not at.is_mine(row["person"]):
            yield at.task(kind, regions=(row["region"],), due=row["due"], about=(str(row["id"]),))


def _accept(at: Waiting, kind: str) -> Iterator[Task]:
    for row in at.wanted(rectifications(at.store, at.cycle, today=at.today), "run").iter_rows(named=True):
        if row["state"] == "reported" and not at.is_mine(row["by"]):
            yield at.task(kind, regions=(row["region"],), due=row["due"], about=(str(row["id"]),))


def _rectify(at: Waiting, kind: str) -> Iterator[Task]:
    for row in at.wanted(rectifications(at.store, at.cycle, today=at.today), "send").iter_rows(named=True):
        if row["state"] in ("demanded", "returned"):
            yield at.task(kind, regions=(row["region"],), due=row["due"], about=(str(row["id"]),))


# What there is to do: the right that it takes, whether in every region, and what asks whether it waits.
TASKS: Mapping[str, tuple[str, bool, Callable[[Waiting, str], Iterable[Task]]]] = {
    "facts": ("send", False, _facts),
    "warnings": ("send", False, _warnings),
    "batches": ("review", False, _batches),
    "draw": ("run", True, _draw),
    "review": ("cross_review", False, _review),
    "assess": ("assess", False, _assess),
    "settle": ("conclude", False, _settle),
    "decide": ("run", False, _adjust),
    "decide_escalated": ("conclude", False, _adjust),
    "conclude": ("conclude", True, _conclude),
    "step": ("run", True, _step),
    "write": ("run", True, _notice),
    "sign": ("conclude", True, _notice),
    "answer": ("run", False, _answer),
    "rectify": ("send", False, _rectify),
    "accept": ("run", False, _accept),
}
