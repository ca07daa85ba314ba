"""Access: the store as one person may see and change it."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from data.grants import access_of
from data.narrowed import Part
from data.revisions import Revisions, revisions_of
from data.rights import Access, Grant, Person
from data.stages import refused
from data.store import Store
from metrics.problems import InputError
from metrics.rollup import calendar_of, cycles_of


def opened_for(store: Store, person: Person) -> Store:
    """A store for what a person's grants allow today; rows of others never leave it. Raises as `Store.query` does."""
    return opened_with(store, access_of(store, person))


def opened_with(store: Store, access: Access) -> Store:
    """A store for what an access allows."""
    return store.seen_with(access, parts_of(store, access))


def parts_of(store: Store, access: Access) -> tuple[Part, ...] | None:
    """Of the facts, what may be seen: before publication where that is granted, else as they were published.

    None: all of them.
    """
    if access.whole:
        return None
    known, found = revisions_of(store), list[Part]()
    periods = store.query("SELECT DISTINCT period FROM named ORDER BY period")["period"]
    calendar = calendar_of(periods, cycles_of(known.latest.definitions))
    of_cycle = dict(calendar.group_by("cycle").agg("period").iter_rows())
    for grant in access.grants:
        if "see_facts" in grant.actions:
            regions = access.reach.get(grant.region, frozenset()) if grant.region else None
            found += _parts(grant, regions, known, of_cycle)
    return None if Part() in found else tuple(dict.fromkeys(found))


def _parts(
    grant: Grant, regions: frozenset[str] | None, known: Revisions, of_cycle: dict[int, list[str]]
) -> Iterator[Part]:
    if "see_provisional" in grant.actions:
        periods = _in(_placed(grant.cycles, known), of_cycle)
        yield Part(regions, periods, cycles=frozenset(grant.cycles)) if grant.cycles else Part(regions)
        return
    for cycle, publication in known.publications.items():
        if grant.covers(cycle) and known.is_public(cycle):
            periods = _in([known.place(cycle)], of_cycle)
            yield Part(regions, periods, publication.event, frozenset({cycle}))


def _placed(cycles: Iterable[str], known: Revisions) -> list[int]:
    """Where these cycles stand; a name that is no cycle's opens nothing."""
    found = list[int]()
    for cycle in cycles:
        with suppress(InputError):
            found.append(known.place(cycle))
    return found


def _in(cycles: list[int], of_cycle: dict[int, list[str]]) -> frozenset[str]:
    return frozenset(period for cycle in cycles for period in of_cycle.get(cycle, ()))


def require_numbered(store: Store, right: str, what: str, number: int, *, region: str, cycle: str) -> None:
    """Raises InputError where something of a region (an `objection`, a `rectification`), which was asked for by its
    number, is not this person's to change.

    What they do not see is not there (`no_such_…`): guessed numbers tell nothing of a region. The journal tells it.
    """
    try:
        store.require(right, regions=[region], cycle=cycle)
    except InputError as error:
        if store.query(f"SELECT id FROM {what}s WHERE id = $id", id=number).is_empty():
            raise refused(f"no_such_{what}", number=number) from error
        raise
