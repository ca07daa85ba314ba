"""Rights: who may do what, where and until when; given and taken back by whoever may."""

from data.grants import grants
from metrics.problems import InputError
from pages.parts.granted import lead, listed, places_of
from pages.parts.granted_giving import giving, revoking
from pages.parts.granted_looked_up import looked_up, roles
from pages.parts.review_acts import tell
from pages.parts.shell import badge, begin, stop_with

store = begin("grant", "audit")
try:
    badge(store.settings().get("label", ""))
    every, places = grants(store), places_of(store)
    lead(every, here=store.access.whole)
    tell()
    listed(every, places)
    if store.access.may("grant"):
        giving(store, places)
        revoking(store, every, places)
    looked_up(store, every, places)
    roles()
except (InputError, OSError) as error:
    stop_with(error)
