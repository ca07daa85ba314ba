"""Mappings that people confirmed, by the heads of the tables they are for; they are suggested first the next time."""

from pathlib import Path

from data.clock import now
from data.persons import is_own, signed_by
from data.recognise import Kept, Suggestion, suggest
from data.revisions import revisions_of
from data.store import Store


def suggest_for(store: Store, path: Path, *, sheet: str | int | None = None, person: str = "") -> Suggestion:
    """What a file's table seems to be, by the store's regions and widest definitions, and what was confirmed before.

    Raises InputError for a file that cannot be read.
    """
    return suggest(
        path,
        definitions=revisions_of(store).widest,
        regions=store.regions(),
        sheet=sheet,
        recalled=lambda heads: recall(store, heads, person=person),
    )


def recall(store: Store, heads: str, *, person: str = "") -> Kept | None:
    """The mapping that a person confirmed last for a table with these heads; where there is none, the last one that is
    for all."""
    sql = "SELECT text, person, for_all FROM mappings WHERE heads = $heads ORDER BY made DESC, person"
    found = store.query(sql, heads=heads).rows()
    for text, name, _ in found:
        if is_own(store.access, name, person=person):
            return Kept(text)
    return next((Kept(text, name) for text, name, for_all in found if for_all), None)


def remember(store: Store, heads: str, text: str, *, person: str) -> None:
    """Keeps a mapping for tables with these heads, in place of an earlier one of the same person, and for all where the
    person moves the evaluation on; nobody else's is replaced. Raises InputError without a person."""
    person, for_all = signed_by(store, person), store.access.latest.throughout("run")
    sql = "SELECT text, for_all FROM mappings WHERE heads = $heads AND person = $person"
    if not heads or (text, for_all) in store.query(sql, heads=heads, person=person).rows():
        return
    with store.transaction("mapping", "send") as writer:
        writer.execute(
            "INSERT OR REPLACE INTO mappings VALUES ($heads, $text, $person, $moment, $for_all)",
            {"heads": heads, "text": text, "person": person, "for_all": for_all},
            moment=now(),
        )
