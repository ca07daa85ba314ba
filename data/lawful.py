"""What holds in every store, whoever made its backup: what is counted is there, what is named exists, numbers are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from data.guard import Connection, quoted
from metrics.facts import STATUSES, period_rules

_BATCHES = "NOT IN (SELECT id FROM batches)"
_REGIONS = "NOT IN (SELECT code FROM regions)"
_COMES, _GOES = ("received", "reinstated"), ("superseded", "withdrawn")
_KINDS = (*_COMES, *_GOES, "reviewed", "verified")
_LATER = "> (SELECT coalesce(max(id), 0) FROM"
_EVIDENCE = "(SELECT coalesce(list(digest), []) FROM evidence)"
# What is listed of a row that does not rest on it: nobody would have a right to it, or everybody.
_RESTS = (
    "(kind, number, digest) NOT IN ("
    + " UNION ALL ".join(
        f"SELECT '{kind}', {number}, unnest(evidence) FROM {table}"
        for kind, table, number in (
            ("adjustments", "adjustments", "id"),
            ("objections", "objections", "id"),
            ("rectifications", "rectification_steps", "rectification"),
        )
    )
    + ")"
)
_MORE_REJECTED = """
    SELECT batch FROM (SELECT batch, count(DISTINCT row) AS rows FROM rejections GROUP BY batch)
    JOIN batches ON batch = batches.id WHERE rows > rejected
"""
# A step begins where the one before it ended.
_BROKEN_OFF = """
    SELECT id FROM transitions QUALIFY before <> lag(stage, 1, before) OVER (PARTITION BY cycle ORDER BY id)
"""
_PASSED_OVER = "edition <> 1 AND (cycle, edition - 1) NOT IN (SELECT (cycle, edition) FROM publications)"
_MADE = "SELECT table_name FROM duckdb_columns() WHERE column_name = 'made' AND database_name = current_database()"
_NO_MOMENT = "try_cast(made AS TIMESTAMP) IS NULL"
# Of every fact which batches report the same from its own on, and when it does not hold; so far as facts differ in it.
_COVERED = """
    SELECT min(id), batches, spans, count(*) FROM (
        SELECT id, list(batch) OVER (
            PARTITION BY region, site, period, variable ORDER BY batch ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS batches FROM facts
    )
    LEFT JOIN (SELECT fact AS id, list([since, until] ORDER BY since) AS spans FROM overridden GROUP BY fact) USING (id)
    GROUP BY ALL ORDER BY ALL
"""


def _twice(table: str, key: str, where: str = "") -> str:
    """Rows of which there is another of the same key."""
    return f"rowid IN (SELECT max(rowid) FROM {table} {where} GROUP BY {key} HAVING count(*) > 1)"


# By the schema that has them: a table, the column to be shown, and the rows that may not be.
_NEVER: dict[int, tuple[tuple[str, str, str], ...]] = {
    1: (
        ("settings", "value", "key = 'state' AND NOT regexp_full_match(value, '[0-9a-f]{16}')"),
        ("facts", "value", "NOT isfinite(value)"),
        ("facts", "status", f"status NOT IN {STATUSES}"),
        ("facts", "batch", f"batch {_BATCHES}"),
        ("facts", "region", "region = '' OR trim(region) <> region"),
        ("facts", "site", "site = '' OR trim(site) <> site"),
        ("facts", "variable", "variable = '' OR trim(variable) <> variable"),
        ("facts", "region", f"region {_REGIONS}"),
        ("facts", "variable", _twice("facts", "batch, region, site, period, variable")),
        ("batches", "read", "read <> accepted + rejected OR accepted < 0 OR rejected < 0"),
        # Of a roll-up of files there are fewer facts than were accepted.
        ("batches", "accepted", "accepted < (SELECT count(*) FROM facts WHERE batch = batches.id)"),
        ("rejections", "batch", f"batch {_BATCHES}"),
        ("rejections", "batch", f"batch IN ({_MORE_REJECTED})"),
        ("region_attributes", "region", f"region {_REGIONS}"),
        ("area_regions", "region", f"region {_REGIONS}"),
        ("area_regions", "area", "area NOT IN (SELECT area FROM areas)"),
        ("sites", "region", f"region {_REGIONS}"),
    ),
    2: (
        ("decisions", "revision", "revision NOT IN (SELECT number FROM revisions)"),
        ("publications", "revision", "revision <> 0 AND revision NOT IN (SELECT number FROM revisions)"),
    ),
    3: (
        ("facts", "id", f"id IS NULL OR {_twice('facts', 'id')}"),
        ("events", "event", f"event NOT IN {_KINDS}"),
        ("events", "batch", f"batch {_BATCHES}"),
        ("events", "other", f"other {_BATCHES}"),
        # A batch comes in once, and before anything else happens to it.
        ("events", "id", "(event = 'received') <> (id IN (SELECT min(id) FROM events GROUP BY batch))"),
        ("batches", "id", "id NOT IN (SELECT batch FROM events)"),
        ("warnings", "row", "(batch, row) NOT IN (SELECT batch, row FROM facts)"),
        ("overridden", "fact", "fact NOT IN (SELECT id FROM facts)"),
        ("publications", "event", f"event {_LATER} events)"),
    ),
    5: (
        ("revocations", "number", "number NOT IN (SELECT number FROM grants)"),
        ("assignments", "reviewer", "reviewer = reviewed"),
    ),
    6: (
        ("transitions", "before", f"id IN ({_BROKEN_OFF})"),
        ("conclusions", "transition", "transition NOT IN (SELECT id FROM transitions)"),
        ("conclusions", "event", f"event {_LATER} events)"),
        ("ratings", "rating", "NOT isfinite(rating)"),
        ("adjustments", "points", "NOT isfinite(points)"),
        ("adjustments", "evidence", f"NOT list_has_all({_EVIDENCE}, evidence)"),
        ("adjustment_decisions", "adjustment", "adjustment NOT IN (SELECT id FROM adjustments)"),
        ("publications", "adjusted", f"adjusted {_LATER} adjustment_decisions)"),
        ("publications", "edition", _PASSED_OVER),
        ("objection_answers", "objection", "objection NOT IN (SELECT id FROM objections)"),
        ("rectification_steps", "rectification", "rectification NOT IN (SELECT id FROM rectifications)"),
        ("notice_signatures", "notice", "notice NOT IN (SELECT id FROM notices)"),
    ),
    13: tuple(
        (table, "evidence", f"NOT list_has_all({_EVIDENCE}, evidence)")
        for table in ("objections", "rectification_steps")
    ),
    15: (("evidence", "digest", _RESTS),),
}  # fmt: skip


@dataclass(frozen=True)
class Broken:
    """Rows of a table that may not be: the column by which they are known, one of them, and how many there are."""

    table: str
    column: str
    value: str
    rows: int


def broken(connection: Connection, schema: int) -> Iterator[Broken]:
    """What does not hold in a store of a schema, each rule once."""
    rules = [rule for since, some in _NEVER.items() if since <= schema for rule in some]
    rules += [(table, "made", _NO_MOMENT) for (table,) in connection.execute(_MADE).fetchall()]
    for table, column, never in rules:
        # Text of this file alone.
        asked = f"SELECT {quoted(column)}::VARCHAR, count(*) OVER () FROM {quoted(table)} WHERE {never} LIMIT 1"
        for value, rows in connection.execute(asked).fetchall():
            yield Broken(table, column, str(value), int(rows))
    yield from _periods(connection)
    if schema >= 3:
        yield from _overridden(connection)


def _periods(connection: Connection) -> Iterator[Broken]:
    found = connection.sql("SELECT period, count(*) AS rows FROM facts GROUP BY period ORDER BY period").pl()
    # Whatever month a fiscal year starts in.
    wrong = period_rules(found["period"], 1).keys() & period_rules(found["period"], 4).keys()
    for period, rows in found.filter(pl.col("period").is_in(list(wrong))).head(1).iter_rows():
        yield Broken("facts", "period", period, rows)


def _overridden(connection: Connection) -> Iterator[Broken]:
    """Facts that are not overridden when it follows from the batches and events that they are, or the other way."""
    events = connection.execute("SELECT id, batch, event FROM events ORDER BY id").fetchall()
    for fact, batches, spans, rows in connection.execute(_COVERED).fetchall():
        if (spans or []) != _spans(batches, [one for one in events if one[1] in batches]):
            yield Broken("overridden", "fact", str(fact), rows)
            return


def _spans(batches: Sequence[int], events: Sequence[tuple[int, int, str]]) -> list[list[int | None]]:
    """From which event to which a fact of the first batch does not hold, the others being newer and reporting the same:
    whenever it is taken back itself, or any of those is not."""
    standing, spans = set[int](), list[list[int | None]]()
    for number, batch, event in events:
        if event in _COMES:
            standing.add(batch)
        elif event in _GOES:
            standing.discard(batch)
        holds, held = standing == {batches[0]}, not spans or spans[-1][1] is not None
        if held and not holds:
            spans.append([number, None])
        elif holds and not held:
            spans[-1][1] = number
    return spans
