"""Stage checks: what must hold before a cycle enters a stage, each told in words where it does not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from data.batches import GONE
from data.clock import now
from data.revisions import Publication, Revisions
from data.stages import STAGES, Ask, place
from metrics.periods import parse
from metrics.problems import Problem
from metrics.rollup import calendar_of, cycles_of


@dataclass(frozen=True)
class Asked:
    """A cycle about whose next step somebody asks."""

    ask: Ask
    known: Revisions
    cycle: str

    @property
    def publication(self) -> Publication | None:
        """The cycle's newest edition."""
        return self.known.publications.get(self.cycle)

    def numbers(self, sql: str) -> list[str]:
        """The first column of what a question about the cycle gives."""
        return [str(row[0]) for row in self.ask(sql, {"cycle": self.cycle})]

    def holds(self, period: str, *, earlier: bool = False) -> bool:
        """Whether a period lies in the cycle, or in an `earlier` one too."""
        calendar, ordinal = cycles_of(self.known.latest.definitions), self.known.place(self.cycle)
        at = calendar.place(parse(period, fiscal_year_starts=calendar.fiscal_year_starts))
        return at is not None and (at.ordinal == ordinal or (earlier and at.ordinal < ordinal))


def reported_in(ask: Ask, known: Revisions, cycle: str) -> bool:
    """Whether a fact of its version's variables belongs to a cycle."""
    reported = known.of(cycle).definitions.raw
    found = ask("SELECT DISTINCT variable, period FROM current_facts", {})
    periods = pl.Series([period for variable, period in found if variable in reported], dtype=pl.String)
    return known.place(cycle) in calendar_of(periods, cycles_of(known.latest.definitions))["cycle"]


def missing_for(asked: Asked, to: str) -> list[Problem]:
    """What does not hold yet of what must, before a cycle enters a stage."""
    return [problem for name in STAGES[to].checks for problem in CHECKS[name](asked)]


def _facts(asked: Asked) -> list[Problem]:
    there = reported_in(asked.ask, asked.known, asked.cycle)
    return [] if there else [Problem("cycle_without_facts", facts={"cycle": asked.cycle})]


def _batches(asked: Asked, condition: str) -> set[int]:
    """The batches of a condition that have facts of the cycle."""
    found = asked.ask(f"SELECT DISTINCT batch, period FROM facts WHERE {condition} ORDER BY ALL", {})
    return {int(batch) for batch, period in found if asked.holds(period)}


def _warnings(asked: Asked) -> list[Problem]:
    """Warnings without a reason that batches with facts of the cycle came in with, and that hold."""
    within = _batches(asked, f"batch IN (SELECT batch FROM warnings WHERE reason = '') AND batch NOT IN ({GONE})")
    counted: dict[int, int] = dict(
        asked.ask("SELECT batch, count(*) FROM warnings WHERE reason = '' GROUP BY batch", {})
    )
    count = sum(counted[batch] for batch in within)
    facts = {"cycle": asked.cycle, "count": count, "batches": ", ".join(map(str, sorted(within)))}
    return [Problem("cycle_warnings", facts=facts)] if count else []


def _told(asked: Asked, code: str, what: str, found: list[str]) -> list[Problem]:
    facts = {"cycle": asked.cycle, "count": len(found), what: ", ".join(found[:20])}
    return [Problem(code, facts=facts)] if found else []


def stands(asked: Asked) -> str:
    """Which verdicts stand: those given since the stage was entered, as after a step back everybody looks again; an
    agreement and a settlement only while the facts of their region in the cycle are what they were."""
    given = asked.ask(_GIVEN, {"cycle": asked.cycle})
    moved = {event: {region for _, period, region in _differing(asked, event) if asked.holds(period)}
             for event in {event for _, _, event in given}}  # fmt: skip
    touched = sorted(number for number, region, event in given if region in moved[event])
    return (
        "step >= (SELECT coalesce(max(id), 0) FROM transitions WHERE cycle = $cycle AND stage = 'cross_review')"
        f" AND id NOT IN (SELECT unnest({touched}::INTEGER[]))"
    )


# Whatever lets facts hold or not: to be reviewed changes no number.
MOVING = "event IN ('received', 'superseded', 'withdrawn', 'reinstated')"
_GIVEN = "SELECT id, region, event FROM verdicts WHERE cycle = $cycle AND verdict <> 'escalate'"


def _reviews(asked: Asked) -> list[Problem]:
    """Of whoever was drawn to be reviewed each reviewer has given a verdict since the stage was entered."""
    if not asked.numbers("SELECT reviewer FROM assignments WHERE cycle = $cycle LIMIT 1"):
        return [Problem("cycle_undrawn", facts={"cycle": asked.cycle})]
    found = asked.numbers(
        "SELECT DISTINCT reviewed FROM assignments WHERE cycle = $cycle AND (reviewed, reviewer) NOT IN"
        f" (SELECT (region, reviewer) FROM verdicts WHERE cycle = $cycle AND {stands(asked)}) ORDER BY ALL"
    )
    return _told(asked, "reviews_open", "regions", found)


def open_adjustments(asked: Asked) -> list[Problem]:
    escalated = asked.numbers(
        f"SELECT region FROM verdicts WHERE cycle = $cycle AND {stands(asked)} GROUP BY region"
        " HAVING max(id) FILTER (verdict = 'escalate') > coalesce(max(id) FILTER (verdict = 'settle'), 0) ORDER BY ALL"
    )
    found = asked.numbers(
        "SELECT id FROM adjusted WHERE cycle = $cycle AND state IN ('proposed', 'escalated') ORDER BY id"
    )
    return [
        *_told(asked, "escalations_open", "regions", escalated),
        *_told(asked, "adjustments_open", "numbers", found),
    ]


def concluded(asked: Asked) -> tuple[int, str, str] | None:
    """Up to which event the facts are known with which the results were approved in the stage where the cycle is, the
    digest of their definitions, and when that was; None where nobody has."""
    number = place(asked.ask, asked.cycle)[0]
    sql = "SELECT event, definitions, made FROM conclusions WHERE cycle = $cycle AND transition = $number"
    found = asked.ask(f"{sql} ORDER BY id DESC LIMIT 1", {"cycle": asked.cycle, "number": number})
    return (int(found[0][0]), str(found[0][1]), str(found[0][2])) if found else None


def unconcluded(asked: Asked) -> list[Problem]:
    """Whether the results are approved as they are now: the facts of the cycle and of earlier ones, its definitions and
    the editions of earlier cycles that its notice compares to are the same."""
    found = concluded(asked)
    if found is None:
        return [Problem("not_concluded", facts={"cycle": asked.cycle})]
    event, digest, made = found
    moved = moved_since(asked, event)
    if not moved and digest == asked.known.of(asked.cycle).digest and compared(asked) == compared(asked, made):
        return []
    told = ", ".join(map(str, sorted(moved))) or "—"
    return [Problem("concluded_before", facts={"cycle": asked.cycle, "batches": told})]


def moved_since(asked: Asked, event: int) -> set[int]:
    """The batches by which a fact of the cycle, or of an earlier one, that its definitions ask for is not what it was
    after an event: what came and went, or says what held before, is no change."""
    return {batch for batch, period, _ in _differing(asked, event) if asked.holds(period, earlier=True)}


def _differing(asked: Asked, event: int) -> list[tuple[int, str, str]]:
    """Batch, period and region of each fact that the cycle's definitions ask for and that is not what it was."""
    # Asked on every page; mostly nothing has happened.
    if not asked.ask(f"SELECT 1 FROM events WHERE id > $event AND {MOVING} LIMIT 1", {"event": event}):
        return []
    reported, found = asked.known.of(asked.cycle).definitions.raw, asked.ask(_DIFFERING, {"event": event})
    return [(int(batch), period, region) for batch, period, region, variable in found if variable in reported]


# Each fact that has come, or begun or ceased to hold, since an event: whether it held then, whether it does now.
_DIFFERING = f"""
    WITH touched AS (
        SELECT region, site, period, variable, value, batch,
            batch IN (SELECT batch FROM events WHERE event = 'received' AND id <= $event) AND id NOT IN
                (SELECT fact FROM overridden WHERE since <= $event AND (until IS NULL OR until > $event)) AS held,
            id NOT IN (SELECT fact FROM overridden WHERE until IS NULL) AS holds
        FROM facts WHERE batch IN (SELECT batch FROM events WHERE event = 'received' AND id > $event)
            OR id IN (SELECT fact FROM overridden WHERE since > $event OR until > $event)
    ), differing AS (
        SELECT region, period, variable,
            list(batch) FILTER (batch IN (SELECT batch FROM events WHERE id > $event AND {MOVING})) AS batches
        FROM touched WHERE held <> holds
        GROUP BY region, site, period, variable
        HAVING count(*) FILTER (held) <> count(*) FILTER (holds)
            OR max(value) FILTER (held) IS DISTINCT FROM max(value) FILTER (holds)
    )
    SELECT DISTINCT unnest(batches), period, region, variable FROM differing
"""


def compared(asked: Asked, made: str | None = None) -> dict[str, int]:
    """Which editions of earlier cycles a notice compares to now, or of those that there were at a moment: each cycle's
    newest, once everybody may see it. What became public in the second of that moment may have come after it."""
    sql = "SELECT cycle, max(edition), arg_max(release, edition) FROM publications WHERE made <= $made GROUP BY cycle"
    own, moment = asked.known.place(asked.cycle), made or now()
    found = asked.ask(sql, {"made": made or "9999"})
    return {
        cycle: edition
        for cycle, edition, release in found
        if asked.known.place(cycle) < own and (release < made if made and release else release <= moment)
    }


def _release(asked: Asked) -> list[Problem]:
    published = asked.publication
    if published is None:
        return [Problem("cycle_unpublished", facts={"cycle": asked.cycle})]
    facts = {"cycle": asked.cycle, "release": published.release}
    return [] if published.released(now()) else [Problem("cycle_embargoed", facts=facts)]


def _window(asked: Asked) -> list[Problem]:
    published = asked.publication
    if published is None:
        return [Problem("cycle_unpublished", facts={"cycle": asked.cycle})]
    due = last_day(published.day, days(asked.ask, "objection_days"))
    return [Problem("window_open", facts={"cycle": asked.cycle, "due": due})] if now()[:10] <= due else []


def _answered(asked: Asked) -> list[Problem]:
    found = asked.numbers(
        "SELECT id FROM objections WHERE cycle = $cycle AND id NOT IN (SELECT objection FROM objection_answers)"
        " ORDER BY id"
    )
    return _told(asked, "objections_open", "numbers", found)


def _rectified(asked: Asked) -> list[Problem]:
    found = asked.numbers(
        "SELECT id FROM rectifications WHERE cycle = $cycle AND id NOT IN"
        " (SELECT rectification FROM rectification_steps WHERE state = 'accepted') ORDER BY id"
    )
    return _told(asked, "rectifications_open", "numbers", found)


def days(ask: Ask, name: str) -> int:
    """How many days there are to object, to answer or to put something right: a setting, else `DAYS`."""
    found = ask("SELECT value FROM settings WHERE key = $key", {"key": name})
    return int(found[0][0]) if found else DAYS[name]


def days_set(ask: Ask) -> str:
    """When the numbers of days were last set; '' where nobody has."""
    found = ask("SELECT value FROM settings WHERE key = 'days_set'", {})
    return str(found[0][0]) if found else ""


def last_day(since: str, count: int) -> str:
    """The last of so many days after a day."""
    return (date.fromisoformat(since[:10]) + timedelta(days=count)).isoformat()


DAYS: Mapping[str, int] = {"objection_days": 15, "answer_days": 15, "rectification_days": 60}
CHECKS: Mapping[str, Callable[[Asked], list[Problem]]] = {
    "facts": _facts,
    "warnings": _warnings,
    "reviews": _reviews,
    "adjustments": open_adjustments,
    "conclusion": unconcluded,
    "release": _release,
    "window": _window,
    "answered": _answered,
    "rectified": _rectified,
}
