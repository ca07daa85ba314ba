"""The steps of a store's schema: numbered, from an empty database to this version's."""

from pathlib import Path

from data.guard import Connection
from metrics.problems import InputError, Problem

SCHEMA = Path(__file__).parent / "schema"


def migrate(connection: Connection, before: int, version: int) -> None:
    """The steps of the schema from one version to another; 0 is an empty database."""
    connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER)")
    for number, file in enumerate(_steps()[before:version], start=before + 1):
        connection.execute(file.read_text(encoding="utf-8"))
        connection.execute("INSERT INTO schema_version VALUES ($version)", {"version": number})


def newest_schema() -> int:
    """The version of the schema that this program makes."""
    return len(_steps())


def bring_up(connection: Connection, path: Path) -> None:
    """The migrations that the store has not seen, in order, all in one transaction."""
    files = _steps()
    connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER)")
    found = connection.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchone()
    version = int(found[0]) if found else 0
    if version > len(files):
        facts = {"path": path, "found": version, "known": len(files)}
        raise InputError([Problem("store_newer", facts=facts)])
    if version == len(files):
        return
    connection.execute("BEGIN")
    migrate(connection, version, len(files))
    connection.execute("COMMIT")


def _steps() -> list[Path]:
    """The steps from an empty store to this version's, in order."""
    return sorted(SCHEMA.glob("*.sql"))
