"""Exports: who may take a file away, what it must say of itself, and the journal of what was taken."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter, ValidationError

from data.clock import here, now
from data.editions import Editions
from data.keys import signer_beside
from data.recorded import journal_of, record
from data.store import Store
from metrics.export.occasion import Occasion
from metrics.problems import InputError, Problem
from metrics.scorecard import Scorecard
from metrics.states import Standing, State, least
from metrics.verify.within import within

# Of so many regions an entry has the codes, of more how many and the SHA-256 of the sorted codes, a line each: an entry
# of a whole nation would have 30 kB, every time.
NAMED = 200
DEMO = ("示例数据：地区、机构、数字均为虚构", "示例数据 · Example data: regions, sites and numbers are invented")


@dataclass(frozen=True)
class Leave:
    """Whether a person may take a cycle's files away, and how far it is, which they then have to name."""

    allowed: bool
    state: State
    release: str = ""


def may_export(store: Store, person: str, cycle: str, regions: Collection[str] = ()) -> Leave:
    """The one place where it is decided who may take what away: whoever may export, of what they may see, for each of
    the regions where some are named.

    A cycle that is not published, or not public yet, may be taken by those who see provisional results, and its files
    say so. Whoever holds the store's file may take everything.
    """
    found = standing_of(store, cycle)
    limits = (store.access.regions("export", cycle=cycle), store.access.seen(cycle, published=found.is_public))
    held = [limit for limit in limits if limit is not None]
    both = frozenset.intersection(*held) if held else None
    allowed = both is None or (bool(both) and both.issuperset(regions))
    return Leave(allowed, *found)


def standing_of(store: Store, cycle: str) -> Standing:
    """How far a cycle is: open, published and final until its moment of release, or everybody's."""
    found = store.query("SELECT release FROM published WHERE cycle = $cycle", cycle=cycle)["release"].to_list()
    if not found:
        return Standing("open")
    return Standing("published") if found[0] <= now() else Standing("final", here(found[0]))


def bundled(store: Store, card: Scorecard, cycles: Sequence[str]) -> Scorecard:
    """What a bundle of some cycles is made of: all facts of the scorecard, or those of the cycles alone of which the
    store's person sees every region. Raises InputError (`bundle_in_part`) where the scores rest on others too."""
    access = store.access
    seen = [one for one in card.periods if access.seen(one, published=standing_of(store, one).is_public) is None]
    if not card.whole or not set(cycles) <= set(seen):
        raise InputError([Problem("bundle_in_part")])
    return card if access.whole or len(seen) == len(card.periods) else within(card, seen, wanted=cycles)


def leave(store: Store, person: str, cycles: Iterable[str], regions: Collection[str] = ()) -> Standing:
    """How far these cycles are, which a file of them has to name. Raises InputError for one that the person may not
    take, for each of the regions where some are named."""
    given = {cycle: may_export(store, person, cycle, regions) for cycle in cycles}
    refused = [cycle for cycle, one in given.items() if not one.allowed]
    if refused:
        raise InputError([Problem("export_refused", facts={"cycles": ", ".join(refused), "person": person or "—"})])
    return least(Standing(one.state, one.release) for one in given.values())


def notice_of(store: Store, lang: str) -> str:
    """What every file of a demonstration says."""
    return DEMO[lang != "zh"] if store.settings().get("label") == "demo" else ""


def occasion_of(
    store: Store, found: Editions, cycle: str, *, standing: Standing, by: str, made: str = ""
) -> Occasion:
    """Where a cycle's files come from."""
    number = found.of[cycle].revision.number if cycle in found.of else 0
    signer = partial(signer_beside, store)
    state, release = standing
    published = {one: str(publication.edition) for one, publication in found.revisions.publications.items()}
    return Occasion(state, store.snapshot(), str(number or ""), by, made or now(), signer, release, published)


@dataclass(frozen=True)
class Export:
    """One file that was taken away; `way` is page, batch or command, `digest` SHA-256 of its bytes, `made` UTC.

    `state` and `release` are those of `metrics.states.Standing`. `regions` are codes; of more than `NAMED` the journal
    has none, but `count`, and their digest in `regions_digest`.
    """

    way: str
    by: str
    forms: tuple[str, ...]
    regions: tuple[str, ...]
    cycles: tuple[str, ...]
    lang: str
    state: str
    digest: str
    size: int
    file: str = ""
    made: str = ""
    count: int = 0
    regions_digest: str = ""
    release: str = ""

    @property
    def of(self) -> int:
        """How many regions it holds."""
        return self.count or len(self.regions)


_FORM = TypeAdapter(Export)


def note(store: Store, export: Export) -> None:
    """An export into the journal. Raises InputError where it cannot be written; the file is good all the same."""
    entry = {**asdict(export), "made": export.made or now(), "count": len(export.regions)}
    if len(export.regions) > NAMED:
        digest = sha256("\n".join(sorted(export.regions)).encode("utf-8", "replace")).hexdigest()
        entry |= {"regions": (), "regions_digest": digest}
    record(store.path, store.access, "export", **entry)


def exports(store: Store) -> list[Export]:
    """What was taken away, the last first; a line that is no export is passed over."""
    found = [_export(entry) for entry in journal_of(store.path).all() if entry.get("kind") == "export"]
    return [export for export in reversed(found) if export is not None]


def _export(entry: dict[str, Any]) -> Export | None:
    try:
        return _FORM.validate_python(entry)
    except ValidationError:
        return None
