"""Small stores for tests."""

from pathlib import Path

from data.store import Store


def store_of(definitions: str, folder: Path) -> Store:
    """An empty store of these definitions, which lie beside it."""
    file = folder / "d.yaml"
    file.write_text(definitions, encoding="utf-8")
    made = Store(folder / "s.duckdb")
    with made.created("init") as writer:
        writer.setting("indicators", str(file))
    return made
