"""Narrowed: what somebody may see of a store's tables, laid before the tables for one connection."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from data.clock import now
from data.guard import Connection, quoted

# Before main's tables a connection's own views are found, by main's views and macros too (current_facts, facts_at).
_SIGHT = "CREATE TEMP TABLE sight (part INTEGER, region VARCHAR, period VARCHAR, cycle VARCHAR)"
_FILL = "INSERT INTO sight (part, {column}) SELECT $part, unnest($names)"
# A batch is seen by whoever sees a fact of it; what was refused of it only by whoever sees every fact of it.
_OF_BATCHES = {
    "batches": "id IN (SELECT batch FROM facts)",
    "events": "batch IN (SELECT batch FROM facts)",
    "warnings": "batch NOT IN ({hidden}) AND batch IN (SELECT batch FROM facts)",
    "rejections": "batch NOT IN ({hidden}) AND batch IN (SELECT batch FROM facts)",
}
# Rows that may rest on evidence.
_RESTING = " UNION ALL ".join(
    f"SELECT '{name}', id FROM {name}" for name in ("adjustments", "objections", "rectifications")
)
# What belongs to a row of another table.
_OF_ROWS = {
    "adjustment_decisions": "adjustment IN (SELECT id FROM adjustments)",
    "objection_answers": "objection IN (SELECT id FROM objections)",
    "rectification_steps": "rectification IN (SELECT id FROM rectifications)",
    "evidence": f"(kind, number) IN ({_RESTING})",
}
# What is said of a region in a cycle: before publication for whoever sees facts as they come in.
_SAID = ("remarks", "verdicts", "ratings", "adjustments", "objections", "rectifications")

# Results are approved before the first edition alone: notices of older editions stay.
_SIGNED = """
    SELECT s.notice FROM {whole}.notice_signatures AS s JOIN {whole}.notices AS n ON n.id = s.notice
    WHERE s.made >= coalesce((SELECT max(c.made) FROM {whole}.conclusions AS c WHERE c.cycle = n.cycle), '')
"""


@dataclass(frozen=True)
class Part:
    """Facts of these regions, in these periods, that had come in by the event `last`; None: all. What is said beside
    the facts is said of these `cycles`."""

    regions: frozenset[str] | None = None
    periods: frozenset[str] | None = None
    last: int | None = None
    cycles: frozenset[str] | None = None


def narrow(connection: Connection, parts: Sequence[Part]) -> None:
    """From now on this connection sees the facts of these parts only, and what belongs to them."""
    connection.execute(_SIGHT)
    for number, part in enumerate(parts):
        for column, names in (("region", part.regions), ("period", part.periods), ("cycle", part.cycles)):
            if names is not None:
                connection.execute(_FILL.format(column=column), {"part": number, "names": sorted(names)})
    whole = quoted(connection.execute("SELECT current_database()").fetchall()[0][0]) + ".main"
    facts = _any(_condition(number, part, whole) for number, part in enumerate(parts))
    hidden = f"SELECT batch FROM {whole}.facts WHERE NOT ({facts})"
    views = {
        "facts": facts,
        "named": _any(_condition(number, part) for number, part in enumerate(parts) if part.last is None),
        # Kept values are of all facts of a cycle: a part of them is rolled up anew.
        "rolled": "false",
        "settings": "key NOT IN ('rolled', 'rolled rules')",
        "sites": _any(_among(number, "region", part.regions) for number, part in enumerate(parts)),
        **{name: condition.format(hidden=hidden) for name, condition in _OF_BATCHES.items()},
        **dict.fromkeys(_SAID, _said(parts, whole)),
        **_OF_ROWS,
        "notices": _announced(parts, whole),
    }
    for name, condition in views.items():
        connection.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM {whole}.{name} WHERE {condition}")


def _said(parts: Sequence[Part], whole: str) -> str:
    """What is said of a region in a cycle: before that is public for whoever sees its facts as they come in."""
    said = [(part, f"{_among(at, 'region', part.regions)} AND {_of_cycle(at, part)}") for at, part in enumerate(parts)]
    early = _any(one for part, one in said if part.last is None)
    return f"({early}) OR (cycle IN ({_public(whole)}) AND ({_any(one for _, one in said)}))"


def _announced(parts: Sequence[Part], whole: str) -> str:
    """A notice is for everybody once it is signed, for results that were not approved anew since, and its cycle public;
    before, for whoever sees all of its facts."""
    early = [_of_cycle(at, part) for at, part in enumerate(parts) if part.last is None and part.regions is None]
    signed = f"id IN ({_SIGNED.format(whole=whole)}) AND cycle IN ({_public(whole)})"
    return _any([*early, signed])


def _public(whole: str) -> str:
    return f"SELECT cycle FROM {whole}.publications WHERE release <= '{now()}'"


def _of_cycle(number: int, part: Part) -> str:
    return _among(number, "cycle", part.cycles)


def _condition(number: int, part: Part, whole: str = "") -> str:
    found = [_among(number, "region", part.regions), _among(number, "period", part.periods)]
    if part.last is not None:
        received = f"SELECT batch FROM {whole}.events WHERE event = 'received' AND id <= {part.last:d}"
        found.append(f"batch IN ({received})")
    return " AND ".join(found)


def _among(number: int, column: str, names: frozenset[str] | None) -> str:
    if names is None:
        return "true"
    return f"{column} IN (SELECT {column} FROM sight WHERE part = {number:d} AND {column} IS NOT NULL)"


def _any(conditions: Iterable[str]) -> str:
    return " OR ".join(f"({one})" for one in conditions) or "false"
