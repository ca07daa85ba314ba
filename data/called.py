"""Called: the region or area that somebody means: by its code, its name, or the name without its ending."""

import data.process_words  # noqa: F401  (registers the words of the problem below)
from data.naming import known_names, plain
from data.revisions import revisions_of
from data.store import Store
from metrics.problems import InputError, Problem, nearest


def region_called(store: Store, text: str, *, areas: bool = False) -> str:
    """The code of a region, or with `areas` of an area too, that is named as an import names it.

    Raises InputError (`review_region`) for what names none, with the nearest.
    """
    regions = store.query("SELECT * FROM regions ORDER BY code")
    known: dict[str, str] = {
        **(_areas(store) if areas else {}),
        **known_names(revisions_of(store).latest.definitions, regions).regions,
        **{code: code for code in regions["code"]},
    }
    found = known.get(text.strip()) or known.get(plain(text))
    if found is None:
        raise InputError([Problem("review_region", facts={"region": text, "near": nearest(plain(text), known)})])
    return found


def _areas(store: Store) -> dict[str, str]:
    rows = store.query("SELECT area, name_zh, name_en FROM areas ORDER BY area").rows()
    return {plain(name): area for area, *names in rows for name in (*names, area)}
