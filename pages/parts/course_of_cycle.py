"""The course of a cycle: what waits for whoever looks, the ten stages, what may be done now, and each step so far."""

import streamlit as st

from data.persons import is_own
from data.revisions import Revisions
from data.store import Store
from metrics.rollup import calendar_of, cycles_of
from pages.parts.due import two_days
from pages.parts.formats import cycle_words
from pages.parts.i18n import t
from pages.parts.moments import moment
from pages.parts.review_acts import signer
from pages.parts.stages import Place, ledger, named, rail
from pages.parts.stages_doing import doing
from pages.parts.tasks import mine
from pages.parts.words import literal

_UNDER_WAY = """
    SELECT cycle FROM transitions QUALIFY row_number() OVER (PARTITION BY cycle ORDER BY id DESC) = 1
        AND stage <> 'closed' ORDER BY cycle DESC
"""


def cycles_of_process(store: Store, known: Revisions) -> list[str]:
    """The cycles that the store's person has to do with, the latest first: with facts, with steps, and the next one."""
    calendar = cycles_of(known.latest.definitions)
    periods = store.query("SELECT DISTINCT period FROM named ORDER BY period")["period"]
    found = set(calendar_of(periods, calendar)["cycle"])
    found |= {known.place(cycle) for cycle in known.publications}
    found |= {known.place(cycle) for cycle in store.query("SELECT DISTINCT cycle FROM transitions")["cycle"]}
    if found and store.access.may("run"):
        found.add(max(found) + 1)
    names = [calendar.name(place) for place in sorted(found, reverse=True)]
    access = store.access
    return [name for name in names if access.whole or any(grant.covers(name) for grant in access.grants)]


def under_way(store: Store) -> list[str]:
    """The cycles that were moved and are not closed, the latest first."""
    return [str(cycle) for cycle in store.query(_UNDER_WAY)["cycle"]]


def usual_of(store: Store, cycles: list[str]) -> str:
    """The cycle that is shown first: the latest under way, else the latest with facts."""
    begun = [cycle for cycle in under_way(store) if cycle in cycles]
    # The next cycle has no facts yet.
    rest = cycles[1:] if store.access.may("run") and len(cycles) > 1 else cycles
    return (begun or rest)[0]


def course(at: Place) -> None:
    """The tasks, the picture, what may be done now, and the ledger."""
    _moved_meanwhile(at)
    others = [cycle for cycle in under_way(at.store) if cycle != at.cycle]
    mine(at.store, [at.cycle, *others])
    rail(at)
    two_days(at.store, at.cycle)
    doing(at)
    ledger(at)


def _moved_meanwhile(at: Place) -> None:
    """Says that somebody else has moved the cycle since it was last drawn here."""
    key = f"step of {at.cycle}"
    before = st.session_state.get(key)
    st.session_state[key] = at.number
    if before is None or before == at.number:
        return
    step = at.steps[-1]
    if is_own(at.store.access, step.person, person=signer(at.store)):
        return
    words = {"person": step.person, "cycle": cycle_words(at.cycle), "stage": named(step.stage)}
    st.info(literal(t("{person}在 {moment} 把 {cycle}移到了“{stage}”。", **words, moment=moment(step.made))))
