"""What holds in every store, whoever made its backup: what is counted is there, what is named exists, numbers are."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from data.guard import Connection, quoted
from metrics.facts import STATUSES, period_rules

_BATCHES = "NOT IN (SELECT id FROM batches)"
_EVENTS = "NOT IN (SELECT id FROM events)"
_KINDS = ("received", "superseded", "withdrawn", "reinstated", "reviewed", "verified")


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
        ("facts", "variable", "variable = '' OR trim(variable) <> variable"),
        ("facts", "region", "region NOT IN (SELECT code FROM regions)"),
        ("facts", "variable", _twice("facts", "batch, region, site, period, variable")),
        ("batches", "read", "read <> accepted + rejected OR accepted < 0 OR rejected < 0"),
        # Of a roll-up of files there are fewer facts than were accepted.
        ("batches", "accepted", "accepted < (SELECT count(*) FROM facts WHERE batch = batches.id)"),
        ("rejections", "batch", f"batch {_BATCHES}"),
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
        ("warnings", "batch", f"batch {_BATCHES}"),
        ("overridden", "fact", "fact NOT IN (SELECT id FROM facts)"),
        ("overridden", "fact", _twice("overridden", "fact", "WHERE until IS NULL")),
        ("overridden", "since", f"since {_EVENTS}"),
        ("overridden", "until", f"until <= since OR until {_EVENTS}"),
        ("publications", "event", "event > (SELECT coalesce(max(id), 0) FROM events)"),
    ),
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
    for since, rules in _NEVER.items():
        for table, column, never in rules if since <= schema else ():
            # Text of this file alone.
            asked = f"SELECT {quoted(column)}::VARCHAR, count(*) OVER () FROM {quoted(table)} WHERE {never} LIMIT 1"
            for value, rows in connection.execute(asked).fetchall():
                yield Broken(table, column, str(value), int(rows))
    yield from _periods(connection)


def _periods(connection: Connection) -> Iterator[Broken]:
    found = connection.sql("SELECT period, count(*) AS rows FROM facts GROUP BY period ORDER BY period").pl()
    # Whatever month a fiscal year starts in.
    wrong = period_rules(found["period"], 1).keys() & period_rules(found["period"], 4).keys()
    for period, rows in found.filter(pl.col("period").is_in(list(wrong))).head(1).iter_rows():
        yield Broken("facts", "period", period, rows)
