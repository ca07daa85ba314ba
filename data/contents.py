"""The contents of a store's tables: rows and a digest of them, the same in whatever order they lie."""

from dataclasses import dataclass

from data.guard import Connection, quoted


@dataclass(frozen=True)
class Contents:
    """How many rows a table has, and what they add up to; two tables with the same rows have the same."""

    rows: int
    digest: str

    def __str__(self) -> str:
        return f"{self.rows}/{self.digest[:12]}"


def tables(connection: Connection, database: str) -> list[str]:
    """The names of a database's tables, in order."""
    found = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = $database AND NOT internal ORDER BY ALL",
        {"database": database},
    )
    return [str(name) for (name,) in found.fetchall()]


def columns(connection: Connection, source: str) -> dict[str, str]:
    """The columns of what can be selected from, with their types."""
    return {
        str(name): str(kind) for name, kind, *_ in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    }


def contents(connection: Connection, source: str, *, without: frozenset[str] = frozenset()) -> Contents:
    """What can be selected from, summed up: every row by its MD5, the halves added and combined.

    So neither the order of rows nor a version of the database matters, and no row is held but the one at hand.
    """
    names = [name for name in columns(connection, source) if name not in without]
    # With its length, so that no cell can run into the next.
    cells = [f"coalesce(length({quoted(name)}::VARCHAR) || ':' || {quoted(name)}::VARCHAR, '~')" for name in names]
    row = " || ".join(cells) or "''"
    found = connection.execute(
        "SELECT count(*), sum(md5_number_lower(cells)), bit_xor(md5_number_upper(cells))"
        f" FROM (SELECT {row} AS cells FROM {source})"
    ).fetchone()
    rows, added, combined = found or (0, 0, 0)
    return Contents(int(rows), f"{int(added or 0):x}-{int(combined or 0):x}")


def read_through(connection: Connection, database: str) -> None:
    """Reads every page of a database that holds rows, so that a damaged one shows as the database's error."""
    for table in tables(connection, database):
        connection.execute(f"SELECT sum(hash(rows)) FROM {quoted(database)}.{quoted(table)} AS rows").fetchall()
