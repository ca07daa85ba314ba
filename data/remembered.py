"""Mappings that people confirmed, by the heads of the tables they are for; they are suggested first the next time."""

from pathlib import Path

from data.clock import now
from data.persons import signed_by
from data.recognise import Suggestion, suggest
from data.revisions import revisions_of
from data.store import Store


def suggest_for(store: Store, path: Path, *, sheet: str | int | None = None) -> Suggestion:
    """What a file's table seems to be, by the store's regions and widest definitions, and what was confirmed before.

    Raises InputError for a file that cannot be read.
    """
    return suggest(
        path,
        definitions=revisions_of(store).widest,
        regions=store.regions(),
        sheet=sheet,
        recalled=lambda heads: recall(store, heads),
    )


def recall(store: Store, heads: str) -> str | None:
    """The mapping that was confirmed last for a table with these heads."""
    found = store.query("SELECT text FROM mappings WHERE heads = $heads", heads=heads)
    return None if found.is_empty() else str(found["text"][0])


def remember(store: Store, heads: str, text: str, *, person: str) -> None:
    """Keeps a mapping for tables with these heads, in place of an earlier one. Raises InputError without a person."""
    person = signed_by(store, person)
    if not heads or recall(store, heads) == text:
        return
    with store.transaction("mapping", "send") as writer:
        writer.execute(
            "INSERT OR REPLACE INTO mappings VALUES ($heads, $text, $person, $moment)",
            {"heads": heads, "text": text, "person": person},
            moment=now(),
        )
