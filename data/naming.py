"""Texts of a source file → the codes that facts use: patterns, tables of names, regions files."""

import re
from collections.abc import Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from data.mapping_file import Source
from data.sources import Read, read_table, squeezed
from metrics.problems import InputError, Problem, file_error


@dataclass(frozen=True)
class Naming:
    """What a text of one `Source` means; `names` is None where any text is a code already."""

    source: Source
    names: Table[str, str] | None

    def code(self, text: str) -> str | None:
        """The code that a text stands for; None where the pattern does not match it or no table names it."""
        if self.source.pattern is not None and self.source.to is not None:
            found = re.fullmatch(self.source.pattern, text)
            if found is None:
                return None
            text = found.expand(self.source.to)
        return text if self.names is None else self.names.get(squeezed(text))

    def codes(self, texts: pl.Series) -> pl.Series:
        """The code of each text; null where there is none."""
        distinct = texts.drop_nulls().unique(maintain_order=True)
        codes = [self.code(text) for text in distinct]
        return texts.replace_strict(distinct, codes, default=None, return_dtype=pl.String)


def naming(source: Source, folder: Path) -> Naming:
    """A source with its table of names. Raises InputError: no such file, one name for two codes."""
    if not source.names and source.names_from is None:
        return Naming(source, None)
    listed = () if source.names_from is None else _listed(folder / source.names_from)
    table = _table(listed, path=str(folder / (source.names_from or "")))
    return Naming(source, {**table, **_table(source.names.items(), path="names")})


def _listed(path: Path) -> Iterable[tuple[str, str]]:
    """(name, code) for the code itself and each column whose head begins with `name`, such as name_zh, name_short."""
    frame = read_table(path, Read()).frame
    if "code" not in frame.columns:
        raise file_error("missing_column", path, line=1, columns="code", found=", ".join(frame.columns[1:]))
    for column in ("code", *(name for name in frame.columns if name.startswith("name"))):
        yield from ((name, code) for name, code in zip(frame[column], frame["code"], strict=True) if name and code)


def _table(pairs: Iterable[tuple[str, str]], *, path: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for name, code in pairs:
        if table.setdefault(squeezed(name), code) != code:
            facts = {"name": name, "codes": f"{table[squeezed(name)]}, {code}"}
            raise InputError([Problem("ambiguous_name", path=path, facts=facts)])
    return table
