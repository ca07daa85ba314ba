"""Texts of a source file → the codes that facts use: patterns, tables of names, regions files."""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from data.mapping_file import Source
from data.patterns import replaced
from data.sources import Read, read_table, squeezed
from data.written import period_of
from metrics.definitions import Definitions
from metrics.problems import InputError, Problem, file_error

# What a region's name may end in that people leave out.
_ENDINGS = re.compile(
    "(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|自治县|地区|省|市|盟|州|县|区|街道|镇|乡)$"
)
_MARKS = re.compile(r"[\s.,'’\-–‐·•()（）、，/]+")


def plain(text: str) -> str:
    """A name as it is compared: without blanks, marks and case; & is and."""
    return _MARKS.sub("", text.replace("&", "and").replace("\ufeff", "")).casefold()


@dataclass(frozen=True)
class Known:
    """What a store knows by name: `regions` and `variables` by their plain names, the variables' `units`, and of
    regions that are no more the last day and the code that follows (`successors`); the month in which its fiscal years
    begin."""

    regions: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    successors: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    fiscal_year_starts: int = 1


def known_names(definitions: Definitions, regions: pl.DataFrame | None) -> Known:
    """The regions of a store by code, name (of any language, short or whole) and the raw variables by code and name."""
    units = {code: definitions.variables[code].unit for code in definitions.raw}
    named = [(name, code) for code in units for name in _names(definitions, code)]
    variables = {**_unique(named), **{plain(code): code for code in units}}
    if regions is None:
        return Known({}, variables, units, {}, definitions.fiscal_year_starts)
    gone, past = _gone(regions)
    current = regions.filter(~pl.col("code").is_in(list(past)))
    table = {**_region_names(regions.filter(pl.col("code").is_in(list(past)))), **_region_names(current)}
    named_regions = {**table, **{plain(code): code for code in regions["code"]}}
    return Known(named_regions, variables, units, gone, definitions.fiscal_year_starts)


def _names(definitions: Definitions, code: str) -> tuple[str, str]:
    name = definitions.variables[code].name
    return name.zh, name.en


def _gone(regions: pl.DataFrame) -> tuple[dict[str, tuple[str, str]], set[str]]:
    """Regions that end: by code the last day and the one that follows; and all of them."""
    if "valid_to" not in regions.columns:
        return {}, set()
    ended = regions.filter(pl.col("valid_to").is_not_null())
    if "successor" not in regions.columns:
        return {}, set(ended["code"])
    followed = ended.filter(pl.col("successor").is_in(regions["code"].to_list()))
    pairs = {code: (day, after) for code, day, after in followed.select("code", "valid_to", "successor").iter_rows()}
    return pairs, set(ended["code"])


def _region_names(regions: pl.DataFrame) -> dict[str, str]:
    columns = [name for name in regions.columns if name.startswith("name")]
    rows = regions.iter_rows(named=True)
    whole = [(name, row["code"]) for row in rows for column in columns if (name := row[column])]
    short = [(_ENDINGS.sub("", name), code) for name, code in whole if len(_ENDINGS.sub("", name)) > 1]
    # A whole name goes before another region's short one.
    return {**_unique(short), **_unique(whole)}


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Plain name → code; a name that stands for two is none."""
    found: dict[str, str | None] = {}
    for name, code in pairs:
        key = plain(name)
        found[key] = code if found.get(key, code) == code else None
    return {name: code for name, code in found.items() if code is not None and name}


@dataclass(frozen=True)
class Naming:
    """What a text of one `Source` means; `names` is None where any text is a code already."""

    source: Source
    names: Table[str, str] | None
    known: Table[str, str] | None = None

    def _code(self, text: str | None) -> str | None:
        """The code that a text stands for; None where no table names it."""
        if text is None:
            return None
        if self.names is not None and (named := self.names.get(squeezed(text))) is not None:
            return named
        if self.source.written is not None:
            return period_of(text, self.source.written)
        if self.known is not None:
            return self.known.get(plain(text))
        return text if self.names is None else None

    def codes(self, texts: pl.Series) -> pl.Series:
        """The code of each text; null where the pattern does not match it or no table names it."""
        distinct = texts.drop_nulls().unique(maintain_order=True)
        meant: Iterable[str | None] = distinct
        if self.source.pattern is not None and self.source.to is not None:
            meant = replaced(distinct, self.source.pattern, self.source.to)
        codes = [self._code(text) for text in meant]
        return texts.replace_strict(distinct, codes, default=None, return_dtype=pl.String)


def naming(source: Source, folder: Path, known: Known | None = None) -> Naming:
    """A source with its table of names. Raises InputError: no such file, one name for two codes, nothing known."""
    table = None
    if source.known is not None:
        if known is None:
            raise InputError([Problem("nothing_known", facts={"known": source.known})])
        table = known.regions if source.known == "regions" else known.variables
    if not source.names and source.names_from is None:
        return Naming(source, None, table)
    listed = () if source.names_from is None else _listed(folder / source.names_from)
    names = _table(listed, path=str(folder / (source.names_from or "")))
    return Naming(source, {**names, **_table(source.names.items(), path="names")}, table)


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
