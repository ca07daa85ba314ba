"""The journal: whether it is whole, and what people did, saw and were refused, for auditors."""

from data.audit_words import files_of
from data.stages import asking, require_all
from metrics.problems import InputError
from pages.parts.granted import places_of
from pages.parts.i18n import language, t
from pages.parts.journalled import chain, found, listed
from pages.parts.journalled_taken import take
from pages.parts.shell import badge, begin, stop, stop_with

store = begin("audit")
try:
    # It tells of every region and cycle, and of everybody.
    require_all(store, asking(store), "audit", None)
except InputError as error:
    stop(t("没有权限"), error.problems[0].message(language()))
try:
    badge(store.settings().get("label", ""))
    places = places_of(store)
    whole = chain(store)
    rows = found(whole, places)
    listed(rows, {**places, **files_of(store, language())})
    take(store, whole, rows)
except (InputError, OSError) as error:
    stop_with(error)
