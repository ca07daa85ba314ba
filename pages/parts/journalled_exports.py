"""Files that are taken from a page: made when they are clicked, and in the journal once they are given."""

from collections.abc import Callable
from hashlib import sha256

from data.recorded import insist
from data.store import Store
from metrics.problems import InputError
from pages.parts.i18n import spoken
from pages.parts.journalled_views import page


def noted(store: Store, name: str, make: Callable[[], bytes]) -> Callable[[], bytes]:
    """`make` in the language of this run, wherever it is called, with an entry of what it made and for whom.

    Where no entry can be written it raises InputError (`journal_shut`) for whoever may see what is not public, and
    (`rights_moved`) where these are not the rights any more with which the page was drawn.
    """
    at, spoken_make = page(), spoken(make)

    def made() -> bytes:
        store.require_unmoved()
        content, access = spoken_make(), store.access
        told = {"file": name, "size": len(content), "digest": sha256(content).hexdigest(), "page": at}
        try:
            insist(store.path, access, "export", what="table", **told)
        except InputError:
            if access.early and not access.whole and access.may("see_provisional"):
                raise
        return content

    return made
