"""Grants: who may do what where and until when, given and taken back for a reason, never changed."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import product
from string import whitespace
from typing import Any

import data.messages  # noqa: F401  (registers the words of this part's problems)
from data.clock import now
from data.persons import is_same, is_seen_whole, require, signed_by
from data.revisions import revisions_of
from data.rights import ROLES, Access, Grant, Person
from data.stages import require_day
from data.store import Store
from metrics.problems import InputError, Problem, nearest

_FIELDS = ("number", "person", "role", "region", "cycles", "provisional", "since", "until", "giver", "made", "reason")
_ALL = f"""
    SELECT {", ".join(f"g.{name}" for name in _FIELDS)}, coalesce(r.made, '') FROM grants AS g
    LEFT JOIN revocations AS r USING (number) ORDER BY g.number
"""


def identity(name: str) -> str:
    """The one way to write who somebody is: width and case do not tell persons apart, nor blanks around."""
    return unicodedata.normalize("NFKC", name).strip(whitespace).lower()


def grants(store: Store) -> tuple[Grant, ...]:
    """Every grant there ever was, the first first."""
    return tuple(
        Grant(**{**dict(zip(_FIELDS, row[:-1], strict=True)), "cycles": tuple(row[4]), "revoked": row[-1]})
        for row in store.query(_ALL).iter_rows()
    )


def access_of(store: Store, person: Person) -> Access:
    """What a person may do today, with whom their region was drawn to review."""
    found = access_by(store, person, held_by(store, person))
    return replace(found, again=lambda: access_of(store, person))


def held_by(store: Store, person: Person) -> list[Grant]:
    """The grants that a person has today."""
    today = now()[:10]
    return [one for one in grants(store) if one.person == person.id and one.holds(today)]


def access_by(store: Store, person: Person, held: Iterable[Grant]) -> Access:
    """What a person may do by these grants."""
    reach, held = reaches(store), tuple(held)
    # Nobody reviews what they report, or a region for which they review others.
    own = {
        code
        for one in held
        if "send" in one.actions or one.role == "reviewer"
        for code in (reach.get(one.region, ()) if one.region else reach)
    }
    drawn = store.query("SELECT cycle, reviewer, reviewed FROM assignments ORDER BY ALL").rows()
    given, pairs = [one for one in held if one.role != "reviewer"], set[tuple[str, str, str]]()
    for one in (one for one in held if one.role == "reviewer"):
        mine = [
            (cycle, reviewer, reviewed)
            for cycle, reviewer, reviewed in drawn
            if one.covers(cycle) and reviewer in reach.get(one.region, ()) and reviewed not in own
        ]
        given += [replace(one, region=reviewed, cycles=(cycle,)) for cycle, _, reviewed in mine]
        pairs.update(mine)
    return Access(person, tuple(given), reach, frozenset(pairs))


def reaches(store: Store) -> dict[str, frozenset[str]]:
    """For every region its code and all below it, for every area its members and all below them."""
    below: dict[str, list[str]] = {}
    codes = []
    for code, parent in store.query("SELECT code, parent FROM regions ORDER BY code").iter_rows():
        codes.append(code)
        below.setdefault(parent or "", []).append(code)
    found = {code: _under(code, below) for code in codes}
    members: dict[str, set[str]] = {}
    for area, region in store.query("SELECT area, region FROM area_regions ORDER BY ALL").iter_rows():
        members.setdefault(area, set()).update(found.get(region, ()))
    return {**{area: frozenset(own) for area, own in members.items()}, **found}


def _under(code: str, below: Mapping[str, list[str]]) -> frozenset[str]:
    found, next_ones = {code}, [code]
    while next_ones:
        next_ones = [one for parent in next_ones for one in below.get(parent, ()) if one not in found]
        found.update(next_ones)
    return frozenset(found)


def give(store: Store, grant: Grant) -> int:
    """A new grant, whose `number`, `made` and `revoked` are not looked at; gives its number.

    Raises InputError for a role, region, cycle or day that is none, no person or reason, for whoever would grant to
    themselves, and (`denied`) for whoever would grant more than their own right to grant reaches.
    """
    person, since = identity(grant.person), grant.since or now()[:10]
    _require_sound(replace(grant, person=person, since=since))
    if grant.cycles:
        known = revisions_of(store)
        for cycle in grant.cycles:
            known.place(cycle)
    every = reaches(store)
    whom = f"{person} {grant.region}".strip()
    with store.transaction(f"grant {grant.role} {whom}", "grant", reason=grant.reason) as writer:
        giver = signed_by(store, grant.giver)
        if is_same(person, giver):
            raise _refused("own_grant", person=person)
        places = {row[0] for row in writer.found("SELECT code FROM regions UNION SELECT area FROM areas")}
        if grant.region and grant.region not in places:
            raise _refused("grant_region", region=grant.region, near=nearest(grant.region, sorted(places)))
        _require_within(store, grant, every)
        _refuse_longer(store, grant, every)
        number = int(writer.found("SELECT coalesce(max(number), 0) + 1 FROM grants")[0][0])
        values: dict[str, Any] = {
            **{name: getattr(grant, name) for name in _FIELDS},
            **{"number": number, "person": person, "since": since, "cycles": list(grant.cycles), "made": now()},
            **{"giver": giver, "reason": grant.reason.strip()},
        }
        writer.execute(f"INSERT INTO grants VALUES ({', '.join(f'${name}' for name in _FIELDS)})", values)
    return number


def _require_sound(grant: Grant) -> None:
    """Raises InputError for what is wrong with a grant whatever the store holds."""
    for what, given in (("person", grant.person), ("reason", grant.reason)):
        require(what, given)
    if not is_seen_whole(grant.person):
        raise _refused("person_unseen", person=grant.person)
    if grant.role not in ROLES:
        raise _refused("unknown_role", role=grant.role, known=", ".join(ROLES))
    if grant.provisional and "see" not in ROLES[grant.role]:
        raise _refused("provisional_unseen", role=grant.role)
    for day in filter(None, (grant.since, grant.until)):
        require_day(day)
    if grant.until and grant.until < grant.since:
        raise _refused("grant_ends_first", since=grant.since, until=grant.until)
    if grant.role == "reviewer" and not grant.region:
        raise _refused("reviewer_region")


def revoke(store: Store, number: int, *, person: str, reason: str) -> None:
    """A grant ends now. Raises InputError without a reason, where there is none that holds, and as `give` does."""
    require("reason", reason)
    held, every = {one.number: one for one in grants(store)}, reaches(store)
    with store.transaction(f"revoke {number}", "grant", reason=reason) as writer:
        person = signed_by(store, person)
        found = writer.found(
            "SELECT number FROM grants WHERE number = $number AND number NOT IN (SELECT number FROM revocations)",
            {"number": number},
        )
        if not found or number not in held:
            raise _refused("no_such_grant", number=number)
        _require_within(store, held[number], every)
        said = {"number": number, "giver": person, "made": now(), "reason": reason.strip()}
        writer.execute("INSERT INTO revocations VALUES ($number, $giver, $made, $reason)", said)


def _require_within(store: Store, grant: Grant, every: Mapping[str, frozenset[str]]) -> None:
    """Raises InputError (`denied`) where the grant is for a region or a cycle beyond the store's person's own right."""
    inside = _inside(grant, every)
    # A right that names cycles holds in none that has no name.
    for cycle in grant.cycles or ("",):
        store.require("grant", regions=inside, cycle=cycle)


def _inside(grant: Grant, every: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The regions that a grant is for; one of all is for those to come too, which no part of them is ('')."""
    return every.get(grant.region, frozenset()) if grant.region else frozenset({""}).union(*every.values())


def _refuse_longer(store: Store, grant: Grant, every: Mapping[str, frozenset[str]]) -> None:
    """Raises InputError where the grant outlasts the store's person's own right to grant, wherever it is for."""
    if store.access.whole:
        return
    held = [one for one in store.access.latest.grants if "grant" in one.actions]
    inside = _inside(grant, every)
    ends = set[str]()
    for region, cycle in product(inside or {""}, grant.cycles or ("",)):
        here = [
            one.until
            for one in held
            if one.covers(cycle) and (not one.region or region in every.get(one.region, frozenset()))
        ]
        if here and all(here):
            ends.add(max(here))
    if ends and not "" < grant.until <= min(ends):
        raise _refused("grant_outlasts", until=min(ends))


def _refused(code: str, **facts: object) -> InputError:
    return InputError([Problem(code, facts=facts)])
