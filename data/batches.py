"""Batches: how facts come in and are taken back, so that none is ever changed and any past moment can be asked for."""

from typing import Any

import polars as pl

from data.clock import now, zoned
from data.persons import require, signed_by
from data.revisions import revisions_in
from data.rolled import refresh
from data.stages import STAGES, Ask, place
from data.store import Store
from data.writer import Writer
from metrics.periods import Cycles
from metrics.problems import InputError, Problem
from metrics.rollup import calendar_of, cycles_of

# What a batch can be raised to, the higher the more has been looked at.
LEVELS = ("reviewed", "verified")
# While others look at a cycle, and until it is published, its facts are changed by whoever moves the evaluation on.
LOOKED_AT = ("cross_review", "third_party", "approval")
_KEY = "region, site, period, variable"
# Only a site may be absent. What is compared by = lets the database skip parts of the table.
_SAME = " AND ".join(
    f"older.{name} {'IS NOT DISTINCT FROM' if name == 'site' else '='} newer.{name}" for name in _KEY.split(", ")
)
_OLDER = ", ".join(f"older.{name}" for name in _KEY.split(", "))
_OPEN = "SELECT fact FROM overridden WHERE until IS NULL"
# Taken back, and not brought back since.
GONE = """
    SELECT batch FROM events WHERE event IN ('superseded', 'withdrawn', 'reinstated')
    GROUP BY batch HAVING arg_max(event, id) <> 'reinstated'
"""
# Warnings of batches that hold: those of others wait for nobody.
STANDING_WARNINGS = f"SELECT * FROM warnings WHERE batch NOT IN ({GONE})"
_UNEXPLAINED = "batch = $batch AND reason = ''"
# Where a batch reports. A table tells how large it is: told by a statement, it would be taken for a third of all facts.
_NEWER = f"CREATE OR REPLACE TEMP TABLE newer AS SELECT {_KEY} FROM facts WHERE batch = $batch"
# Facts of other batches that stand where the new batch reports too.
_OVERRIDE = f"""
    INSERT INTO overridden SELECT DISTINCT older.id, $event, NULL FROM facts AS older JOIN newer ON {_SAME}
    WHERE older.batch <> $batch AND older.id NOT IN ({_OPEN})
"""
# Where a batch reports, the newest fact of one that is not gone holds …
_HOLDS = f"""
    SELECT older.id FROM facts AS older JOIN newer ON {_SAME} WHERE older.batch NOT IN ({GONE})
    QUALIFY row_number() OVER (PARTITION BY {_OLDER} ORDER BY older.batch DESC) = 1
"""
_RESTORE = f"UPDATE overridden SET until = $event WHERE until IS NULL AND fact IN ({_HOLDS})"
# … and no other.
_END = f"""
    INSERT INTO overridden SELECT older.id, $event, NULL FROM facts AS older JOIN newer ON {_SAME}
    WHERE older.id NOT IN ({_OPEN}) AND older.id NOT IN ({_HOLDS})
"""
_REPLACED = "SELECT batch FROM events WHERE event = 'superseded' AND other = $batch"


def receive(
    writer: Writer, facts: pl.DataFrame, batch: int, *, person: str = "", moment: str = "", replaces: int | None = None
) -> None:
    """The facts of a batch that has been recorded, and the sites and (where they are learnt) regions that they name.

    Where it `replaces` another batch, nothing of that holds any more. `moment` is when it came in: now, unless told.
    """
    first = int(writer.found("SELECT coalesce(max(id), -1) + 1 FROM facts")[0][0])
    ids = pl.int_range(first, first + facts.height, dtype=pl.Int64, eager=True)
    writer.insert("facts", facts.with_columns(batch=pl.lit(batch), id=ids))
    writer.execute(
        "INSERT OR IGNORE INTO regions (code, name_zh, name_en) SELECT code, code, code FROM unnest($codes) AS a(code)",
        {"codes": facts["region"].unique().sort().to_list()},
    )
    # A region in the place of a site is the counterpart of an exchange, and no institution.
    writer.execute(
        "INSERT OR IGNORE INTO sites SELECT DISTINCT region, site, site, site FROM facts"
        " WHERE batch = $batch AND site IS NOT NULL AND site NOT IN (SELECT code FROM regions)",
        {"batch": batch},
    )
    event = happened(writer, batch, "received", person=person, moment=moment)
    # The first facts of all stand in the place of none.
    if first:
        writer.execute(_NEWER, {"batch": batch})
        writer.execute(_OVERRIDE, {"batch": batch, "event": event})
    if replaces is not None:
        _moved(writer, replaces, "superseded", person=person, other=batch)


def happened(
    writer: Writer,
    batch: int,
    event: str,
    *,
    person: str,
    reason: str = "",
    other: int | None = None,
    moment: str = "",
) -> int:
    """Records what happened to a batch; gives the event's number."""
    number = int(writer.found("SELECT coalesce(max(id), 0) + 1 FROM events")[0][0])
    values: dict[str, Any] = {"id": number, "batch": batch, "event": event, "other": other, "person": person.strip()}
    writer.execute(
        "INSERT INTO events VALUES ($id, $batch, $event, $other, $person, $moment, $reason)",
        {**values, "reason": reason.strip()},
        moment=moment or now(),
    )
    return number


def _moved(writer: Writer, batch: int, event: str, *, person: str, reason: str = "", other: int | None = None) -> None:
    """A batch is taken back, or brought back: with its facts, what holds where it reports changes."""
    number = happened(writer, batch, event, person=person, reason=reason, other=other)
    writer.execute(_NEWER, {"batch": batch})
    for statement in (_RESTORE, _END):
        writer.execute(statement, {"event": number})


def withdraw(store: Store, batch: int, *, person: str, reason: str) -> int | None:
    """A batch holds no more; what it had gone before holds again, and so does the batch that it replaced, whose number
    is given. Published cycles stay what they are.

    Raises InputError without a person or a reason, for a batch that is not there or was taken back already, and as
    `refuse_late` does.
    """
    require("person", person)
    require("reason", reason)
    with store.transaction(f"withdraw batch {batch}", "send", reason=reason) as writer:
        refuse_moving(store, writer, batch)
        person = signed_by(store, person)
        # At most one: a batch replaces one other, which could not be replaced a second time.
        back = next((row[0] for row in writer.found(_REPLACED, {"batch": batch})), None)
        if back is not None:
            _refuse_touching(store, writer, back)
        _moved(writer, batch, "withdrawn", person=person, reason=reason)
        if back is not None:
            _moved(writer, back, "reinstated", person=person, reason=reason, other=batch)
        refresh(writer, store.definitions_path())
    return back


def raise_to(store: Store, batch: int, level: str, *, person: str, reason: str = "") -> None:
    """A batch's facts count as `reviewed` or `verified`; the value of none changes.

    Raises InputError without a person, for a batch that is not there or taken back, where it is so high already, and
    while a warning that it came in with has no reason.
    """
    require("person", person)
    with store.transaction(f"{level} batch {batch}", "review", reason=reason) as writer:
        refuse_others(store, writer, "review", batch)
        person = signed_by(store, person)
        refuse_taken_back(writer, batch)
        had = {row[0] for row in writer.found("SELECT event FROM events WHERE batch = $batch", {"batch": batch})}
        if had & set(LEVELS[LEVELS.index(level) :]):
            told = {"batch": batch, "level": level, "level_zh": {"reviewed": "已审核", "verified": "已核定"}[level]}
            raise InputError([Problem("batch_level_held", facts=told)])
        asked = f"SELECT DISTINCT rule FROM warnings WHERE {_UNEXPLAINED} ORDER BY rule"
        unexplained = [row[0] for row in writer.found(asked, {"batch": batch})]
        if unexplained:
            rules = ", ".join(unexplained)
            raise InputError([Problem("warnings_unexplained", facts={"batch": batch, "rules": rules})])
        happened(writer, batch, level, person=person, reason=reason)


def explain_warnings(store: Store, batch: int, rule: str, *, person: str, reason: str) -> int:
    """Why the warnings of a rule that a batch came in with may pass; gives how many there are.

    Raises InputError without a person or a reason, and where there is no such warning without a reason.
    """
    require("person", person)
    require("reason", reason)
    bound: dict[str, Any] = {"batch": batch, "rule": rule}
    with store.transaction(f"explain {batch} {rule}", "send", reason=reason) as writer:
        refuse_others(store, writer, "send", batch)
        person = signed_by(store, person)
        where = f"WHERE {_UNEXPLAINED} AND rule = $rule"
        count = int(writer.found(f"SELECT count(*) FROM warnings {where}", bound)[0][0])
        if not count:
            refuse_taken_back(writer, batch)
            raise InputError([Problem("no_such_warning", facts=bound)])
        told = {**bound, "reason": reason.strip(), "person": person}
        writer.execute(f"UPDATE warnings SET reason = $reason, person = $person {where}", told)
    return count


def refuse_moving(store: Store, writer: Writer, batch: int) -> None:
    """Raises InputError for a batch that holds no more, or that the store's person may not take back, or not now."""
    _refuse_touching(store, writer, batch)
    refuse_taken_back(writer, batch)


def _refuse_touching(store: Store, writer: Writer, batch: int) -> None:
    """Raises InputError where what a batch reports may not come or go by the store's person, or not now."""
    refuse_others(store, writer, "send", batch)
    refuse_late(store, writer.found, *_of_batch(store, writer, batch))


def refuse_others(store: Store, writer: Writer, action: str, batch: int) -> None:
    """Raises InputError (`denied`) for a batch of which the store's person may not do this with every fact."""
    refuse_strange(store, action, *_of_batch(store, writer, batch))


def _of_batch(store: Store, writer: Writer, batch: int) -> tuple[pl.DataFrame, Cycles]:
    """Where a batch has facts, and the calendar."""
    facts = writer.frame("SELECT DISTINCT region, period FROM facts WHERE batch = $batch", batch=batch)
    return facts, cycles_of(revisions_in(writer.found, store.definitions_path()).latest.definitions)


def refuse_strange(store: Store, action: str, facts: pl.DataFrame, calendar: Cycles) -> None:
    """Raises InputError (`denied`) for facts of regions, or in cycles, for which the store's person may not do this."""
    if store.access.whole:
        return
    # Those of periods that no cycle holds among them.
    store.require(action, regions=facts["region"].unique())
    for cycle, regions in _by_cycle(facts, calendar):
        store.require(action, regions=regions, cycle=cycle)


def refuse_unsent(store: Store, facts: pl.DataFrame, calendar: Cycles) -> None:
    """Raises InputError (`denied`) for facts that the store's person may not send, or not as reviewed or verified."""
    refuse_strange(store, "send", facts, calendar)
    above = facts.filter(pl.col("status") != "reported")
    if not above.is_empty():
        refuse_strange(store, "review", above, calendar)


def refuse_late(store: Store, ask: Ask, facts: pl.DataFrame, calendar: Cycles) -> None:
    """Raises InputError (`facts_late`) for facts in cycles that others look at already, and that are not published yet,
    where the store's person does not move the evaluation on too."""
    if store.access.whole:
        return
    for cycle, regions in _by_cycle(facts, calendar):
        stage, own = place(ask, cycle)[1], store.access.latest.regions("run", cycle=cycle)
        if stage in LOOKED_AT and own is not None and not own.issuperset(regions):
            words = {f"stage_{lang}": getattr(STAGES[stage], lang) for lang in ("zh", "en")}
            raise InputError([Problem("facts_late", facts={"cycle": cycle, **words})])


def _by_cycle(facts: pl.DataFrame, calendar: Cycles) -> list[tuple[str, list[str]]]:
    """The regions of facts in each cycle."""
    cycles = calendar_of(facts["period"].unique(), calendar)
    named = facts.select("region", "period").unique().join(cycles, on="period").group_by("cycle").agg("region")
    return [(calendar.name(cycle), regions) for cycle, regions in named.sort("cycle").iter_rows()]


def refuse_taken_back(writer: Writer, batch: int) -> None:
    """Raises InputError for a batch that is not there, or does not hold any more."""
    found = writer.found("SELECT event, other, made FROM events WHERE batch = $batch ORDER BY id", {"batch": batch})
    if not found:
        last = writer.found("SELECT coalesce(max(id), 0) FROM batches")[0][0]
        raise InputError([Problem("unknown_batch", facts={"batch": batch, "last": last})])
    for event, other, made in reversed(found):
        if event == "reinstated":
            return
        if event in ("superseded", "withdrawn"):
            code = "batch_taken_back" if event == "withdrawn" else "batch_replaced"
            raise InputError([Problem(code, facts={"batch": batch, "other": other, "made": zoned(made)})])
