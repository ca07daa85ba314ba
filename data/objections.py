"""Objections: what a region objects to in a published result, by when, and what was answered."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import polars as pl

from data.access import require_numbered
from data.clock import now
from data.dated import told_at
from data.evidence import keep, read_files
from data.persons import is_same, require, signed_by
from data.reviews import said
from data.revisions import Publication, revisions_in, revisions_of
from data.stage_checks import DAYS, Asked, concluded, days, last_day
from data.stages import Ask, asking, numbered, place, refused, require_all, require_stage
from data.store import Store
from metrics.problems import nearest

Outcome = Literal["upheld", "partly", "rejected"]
OUTCOMES = {
    "": ("未答复", "not answered"),
    "upheld": ("成立", "upheld"),
    "partly": ("部分成立", "upheld in part"),
    "rejected": ("不成立", "rejected"),
}
_ALL = """
    SELECT o.*, coalesce(a.outcome, '') AS outcome, coalesce(a.text, '') AS answer,
        coalesce(a.person, '') AS answered_by, coalesce(a.made, '') AS answered,
        a.outcome IS NULL AND o.due < $today AS overdue
    FROM objections AS o LEFT JOIN objection_answers AS a ON a.objection = o.id WHERE cycle = $cycle ORDER BY id
"""


def object_to(
    store: Store, cycle: str, region: str, text: str, *, person: str, code: str = "", evidence: Sequence[Path] = ()
) -> int:
    """A region objects to its published result, or to a node, indicator or variable of it; gives the number.

    Within `objection_days` of the day on which the newest edition became public. Raises InputError outside them, for a
    cycle that is not public or is closed, for whoever may not speak for the region, and for evidence that cannot be
    kept.
    """
    require("reason", text)
    file, known_codes = store.definitions_path(), revisions_of(store).of(cycle).definitions.codes
    if code and code not in known_codes:
        raise refused("review_code", value=code, near=nearest(code, known_codes))
    files = read_files(evidence)
    with store.transaction(f"object {cycle} {region}", "object") as writer:
        store.require("object", regions=[region], cycle=cycle)
        person = signed_by(store, person)
        known = [row[0] for row in writer.found("SELECT code FROM regions")]
        if region not in known:
            raise refused("review_region", region=region, near=nearest(region, known))
        published = public(revisions_in(writer.found, file).publications.get(cycle), cycle)
        require_stage(writer.found, cycle, "published", "objections")
        ends = last_day(published.day, days(writer.found, "objection_days"))
        if now()[:10] > ends:
            raise refused("objection_late", cycle=cycle, due=ends)
        number, due = numbered(writer, "objections"), last_day(now(), days(writer.found, "answer_days"))
        values = {"id": number, "cycle": cycle, "region": region, "code": code, "text": text.strip(), "person": person}
        writer.execute(
            "INSERT INTO objections VALUES"
            " ($id, $cycle, $region, $code, $text, $person, $moment, $due, $edition, $evidence)",
            {**values, "due": due, "edition": published.edition, "evidence": list(files)},
            moment=now(),
        )
        keep(store, writer, files, "objections", number, person=person)
    return number


def public(published: Publication | None, cycle: str) -> Publication:
    """The newest edition of a cycle that everybody may see. Raises InputError where there is none yet."""
    if published is None:
        raise refused("cycle_unpublished", cycle=cycle)
    if not published.released(now()):
        raise refused("cycle_embargoed", cycle=cycle, release=published.release)
    return published


def answer(store: Store, number: int, outcome: Outcome, text: str, *, person: str) -> None:
    """An objection is answered, once, by another person. Raises InputError where that cannot be."""
    require("reason", text)
    if outcome not in OUTCOMES or not outcome:
        raise ValueError(outcome)
    with store.transaction(f"answer {number} {outcome}", "run") as writer:
        found = writer.found("SELECT cycle, region, person FROM objections WHERE id = $id", {"id": number})
        if not found:
            raise refused("no_such_objection", number=number)
        cycle, region, filer = found[0]
        require_numbered(store, "run", "objection", number, region=region, cycle=cycle)
        person = signed_by(store, person)
        if is_same(person, filer):
            raise refused("own_objection", number=number, person=person)
        if writer.found("SELECT outcome FROM objection_answers WHERE objection = $id", {"id": number}):
            raise refused("objection_answered", number=number)
        values = {"objection": number, "outcome": outcome, "text": text.strip(), "person": person}
        writer.execute(
            "INSERT INTO objection_answers VALUES ($objection, $outcome, $text, $person, $moment)", values, moment=now()
        )


def objections(store: Store, cycle: str, *, today: str = "") -> pl.DataFrame:
    """id, cycle, region, code, text, person, made, due, edition, evidence (digests), outcome ('': none), answer,
    answered_by, answered, overdue."""
    return said(store, cycle, _ALL, today=today or now()[:10])


def set_days(store: Store, name: str, count: int, *, person: str, seen: int | None = None) -> None:
    """How many days there are to object, to answer or to put something right (a key of `DAYS`).

    Raises InputError where they are not the number that was `seen` any more, and for fewer days to object, or to put
    something right, than some cycle's regions were told.
    """
    require("person", person)
    file = store.definitions_path()
    with store.transaction(f"{name} {count}", "run") as writer:
        require_all(store, writer.found, "run", None)
        signed_by(store, person)
        _refuse_days(writer.found, file, name, count, seen)
        writer.setting(name, str(count))
        writer.setting("days_set", told_at(writer.found))


def set_all_days(
    store: Store, counts: Mapping[str, int], *, person: str, seen: Mapping[str, int] | None = None
) -> None:
    """Several numbers of days, or none of them where `set_days` would refuse one."""
    ask, file, before = asking(store), store.definitions_path(), seen or {}
    # Whoever may not set them is refused by the first, and told nothing of what was promised.
    for name, count in counts.items() if store.access.regions("run") is None else ():
        _refuse_days(ask, file, name, count, before.get(name))
    for name, count in counts.items():
        set_days(store, name, count, person=person, seen=before.get(name))


def _refuse_days(ask: Ask, file: Path, name: str, count: int, seen: int | None) -> None:
    if name not in DAYS:
        raise refused("no_such_days", name=name, known=", ".join(DAYS))
    if not 1 <= count <= 366:
        raise refused("days_bounds", value=count)
    before = days(ask, name)
    if seen is not None and seen != before:
        raise refused("days_moved", before=seen, now=before, value=count)
    if count < before and (promised := _promised(ask, file, name)):
        raise refused(_PROMISED[name], cycles=", ".join(promised), before=before, value=count)


# What days of some cycle's regions may not be cut, and what is said of it.
_PROMISED = {"objection_days": "days_promised", "rectification_days": "rectification_promised"}


def _promised(ask: Ask, file: Path, name: str) -> list[str]:
    """The cycles whose regions were told how many days they have, and still have them."""
    if name not in _PROMISED:
        return []
    known = revisions_in(lambda sql: ask(sql, {}), file)
    told = {cycle for (cycle,) in ask("SELECT cycle FROM notices JOIN notice_signatures ON notice = id", {})}
    asked = [Asked(ask, known, cycle) for cycle in sorted(told | set(known.publications))]
    return [one.cycle for one in asked if _is_promised(one, name, announced=one.cycle in told)]


def _is_promised(asked: Asked, name: str, *, announced: bool) -> bool:
    """Whether regions have the days, or will: a notice may be signed before what it announces is public. The days to
    put something right only a notice tells, and they count from a request, which may come until the cycle is closed."""
    published = asked.publication
    if published is None or not published.released(now()):
        return announced and (published is not None or concluded(asked) is not None)
    if place(asked.ask, asked.cycle)[1] == "closed":
        return False
    if name == "rectification_days":
        return announced
    return now()[:10] <= last_day(published.day, days(asked.ask, name))
