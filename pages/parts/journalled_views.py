"""What people saw before its time, once a day, and what they asked for in vain, once a session, into the journal."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from data.clock import now
from data.recorded import insist
from data.store import NAMED, Store
from metrics.problems import InputError
from pages.parts.url import OVERVIEW, asked

_PAGES = frozenset(file.stem for file in Path(__file__).parent.parent.glob("*/*.py") if file.parent.name != "parts")
# What this session has in the journal already.
_TOLD = "journalled"


def witnessed(store: Store, cycles: Sequence[str], public: Collection[str]) -> Store:
    """The store, once the journal has which of these cycles its person may see although they are not public.

    Where the journal cannot be written the store as it is without them: public results are shown all the same. Raises
    InputError (`journal_shut`) where one of the others is asked for, or there is none else. Whoever holds the store's
    file sees it without the journal too.
    """
    early = [cycle for cycle in cycles if cycle not in public and store.access.seen(cycle, published=False) != set()]
    new = [cycle for cycle in early if (_viewer(store), cycle) not in _viewed(now()[:10])]
    if not new:
        return store
    try:
        insist(store.path, store.access, "view_provisional", cycles=new, page=page())
    except InputError:
        if store.access.whole:
            return store
        if len(early) == len(cycles) or asked("cycle", early, ""):
            raise
        return store.seen_with(replace(store.access, early=False), store.parts)
    _viewed(now()[:10]).update((_viewer(store), cycle) for cycle in new)
    return store


@st.cache_resource(show_spinner=False, max_entries=2)
def _viewed(day: str) -> set[tuple[tuple[str, str, str], str]]:
    """What this server has in the journal of a day (UTC): who saw which cycle. A link opens a new session, which would
    tell it again."""
    return set()


def _viewer(store: Store) -> tuple[str, str, str]:
    return str(store.path), store.access.person.way, store.access.person.id


def require(store: Store, right: str) -> None:
    """Raises InputError (`denied`) as `Store.require` does; the same refusal is recorded once a session."""
    key = ("denied", store.access.person.id, right, page())
    asked_whom = store.access if key in _told() else store
    _told().add(key)
    asked_whom.require(right)


def asked_in_vain(
    store: Store, *, cycles: Collection[str], regions: Collection[str], public: Collection[str], nothing: bool
) -> None:
    """Records that the address names cycles or regions that its reader may not see (these are all), or that there is
    `nothing` for them; they are not shown them, whether or not that can be written down."""
    hidden = sorted(_typed("cycle") & set(cycles)), sorted((_typed("region") | _typed("regions")) & set(regions))
    named = [*hidden[0], *hidden[1], *([""] if nothing else [])]
    new = {("denied", store.access.person.id, one, page()) for one in named} - _told()
    if not new:
        return
    _told().update(new)
    right = "see_provisional" if set(hidden[0]) - set(public) else "see"
    with suppress(InputError):
        store.record("denied", right=right, cycles=hidden[0], regions=hidden[1][:NAMED], page=page())


def page() -> str:
    """The page's name in the address, which whoever asks can write as they like: what is none of ours is not told."""
    named = urlsplit(st.context.url or "").path.rpartition("/")[2]
    return named if named in _PAGES else OVERVIEW


def _typed(name: str) -> set[str]:
    return set(st.query_params.get(name, "").split(",")) - {""}


def _told() -> set[tuple[object, ...]]:
    found: set[tuple[object, ...]] = st.session_state.setdefault(_TOLD, set())
    return found
