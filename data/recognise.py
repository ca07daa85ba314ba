"""A mapping suggested from a file: what each column is taken for, how sure that is, and what a person looks at."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from data.cells import NOT_REPORTED
from data.mapping_file import Mapping as FileMapping
from data.mapping_file import parse_mapping
from data.naming import Known, known_names, plain
from data.recognise_again import factors_of, renewed
from data.recognise_columns import Column, Looked, look, take_periods, take_regions, take_texts
from data.recognise_layout import TOTALS, Layout, find_layout
from data.recognise_units import doubts_of_shares
from data.recognise_values import Around, doubt_of_way, find_values
from data.recognise_words import Told, listed
from data.sources import FORMATS, Grid, Read, read_grid, read_tables, squeezed, tables_of
from data.workbooks import read_book
from data.written import period_of
from metrics.definitions import Definitions
from metrics.problems import InputError
from metrics.yamlout import pair

FIRST = 8
# Doubts that are of the file itself, whatever was confirmed before.
OWN = ("encoding", "password", "other_sheets", "unknown_regions", "totals_left_out", "unit_mismatch", "mixed_units")
_TITLED = re.compile(
    r"(?:19|20)[0-9]{2}\s*年(?:\s*[0-9]{1,2}\s*月|第?[一二三四]季度|[上下]半年)?|(?<=[(（])(?:19|20)[0-9]{2}(?=[)）])"
)
_FILED = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2}(?:[-_]?(?:0[1-9]|1[0-2]))?)(?![0-9])")


@dataclass(frozen=True)
class Kept:
    """A mapping that was confirmed, and by whom, where that was not whoever asks."""

    text: str
    whose: str = ""


@dataclass(frozen=True)
class Suggestion:
    """`mapping` with its `text` (YAML), None where region, period, variable or values are missing and a person has to
    write them; `columns`: what each was taken for, how sure and why; `doubts`: what is to be looked at; `first`: rows
    of the table with the file's row number; `sheet` and the other `sheets` that hold a table; `heads`: by what the
    confirmed mapping is remembered; `remembered`: that it was, `whose`: by somebody else."""

    mapping: FileMapping | None
    text: str
    columns: tuple[Column, ...]
    doubts: tuple[Told, ...]
    first: pl.DataFrame
    sheet: str
    sheets: tuple[str, ...]
    heads: str
    remembered: bool = False
    whose: str = ""


def suggest(
    path: Path,
    *,
    definitions: Definitions,
    regions: pl.DataFrame | None,
    sheet: str | int | None = None,
    recalled: Callable[[str], Kept | None] = lambda heads: None,
) -> Suggestion:
    """What a file's table seems to be; `sheet`: of a workbook, by name or number (default: the first with a table);
    `recalled`: the mapping that was confirmed for a table with these heads.

    Raises InputError for a file that cannot be read.
    """
    known = known_names(definitions, regions)
    tables = _tables(path, known, sheet)
    if not tables:
        return Suggestion(None, "", (), (Told("no_table"),), pl.DataFrame(), "", (), "")
    (grid, layout), *others = tables
    around = Around(
        (*layout.above, *([grid.sheet] if grid.sheet else [])), path.stem, known, definitions.fiscal_year_starts > 1
    )
    read = _read(path, grid, layout, alone=not others and sheet is None)
    doubts = [Told("other_sheets", {"names": ", ".join(one.sheet for one, _ in others)})] if others else []
    doubts += [Told(name, {"found": text}) for name, text in grid.taken.items() if name in ("encoding", "password")]
    fresh, texts = _suggested(path, grid, read, around, doubts)
    fresh = replace(fresh, sheet=grid.sheet, sheets=tuple(one.sheet for one, _ in others))
    kept = recalled(fresh.heads) if fresh.heads else None
    return fresh if kept is None else _recalled(path, fresh, kept, read, texts)


def _tables(path: Path, known: Known, sheet: str | int | None) -> list[tuple[Grid, Layout]]:
    """The sheets that hold a table, the chosen or first one first."""
    if FORMATS.get(path.suffix.lower()) != "excel":
        grids = [read_grid(path, Read())]
    else:
        book = read_book(path, [] if sheet is None else [sheet])
        taken = {"password": "Excel"} if book.was_encrypted else {}
        grids = [
            Grid(grid, name, taken) for name, grid in book.grids.items() if sheet is not None or name not in book.hidden
        ]
    laid = [(grid, find_layout(grid.frame, known.regions)) for grid in grids if grid.frame.width]
    return [(grid, layout) for grid, layout in laid if layout is not None]


def _read(path: Path, grid: Grid, layout: Layout, *, alone: bool) -> dict[str, Any]:
    """The mapping's `read:`, what is usual left out."""
    read: dict[str, Any] = {name: text for name, text in grid.taken.items() if name in ("encoding", "delimiter")}
    if grid.sheet and not alone:
        read["sheet"] = grid.sheet
    if layout.head != (1,):
        read["head"] = layout.head[0] if len(layout.head) == 1 else list(layout.head)
    if layout.across:
        read["across"] = list(layout.across)
    if layout.last:
        read["last"] = layout.last
    if layout.continued:
        read["continued"] = [
            {
                "head": part.head[0] if len(part.head) == 1 else list(part.head),
                **({"last": part.last} if part.last else {}),
            }
            for part in layout.continued
        ]
    if layout.skip:
        read["skip"] = list(layout.skip)
    return read


def _suggested(
    path: Path, grid: Grid, read: dict[str, Any], around: Around, doubts: list[Told]
) -> tuple[Suggestion, Mapping[str, Sequence[str]]]:
    """What the table seems to be, and the texts of its columns."""
    whole = Read.model_validate(read)
    is_parquet = FORMATS.get(path.suffix.lower()) == "parquet"
    tables = read_tables(path, whole) if is_parquet else tables_of(grid, path, whole)
    parts = [look(table, around.known) for table in tables]
    first = parts[0]
    for seen in parts:
        take_regions(seen, around.known)
    period = take_periods(first, fiscal=around.fiscal)
    for seen in parts:
        take_texts(seen, around.known, frozenset(around.known.units))
    joined = _joined(parts)
    values = find_values(joined, around, period)
    read = _without_totals(joined, read, doubts, around.known)
    data: dict[str, Any] = {"mapping": 1, **({"read": read} if read else {})}
    data["region"] = values.region or _region(joined, around, doubts)
    if sites := joined.of("site"):
        data["site"] = f"{{{sites[0].head}}}"
    if all("period" not in entry for entry in values.entries) or not values.entries:
        data["period"] = values.period or _period(joined, around, period, doubts)
    for role in ("status", "source", "note"):
        if found := joined.of(role):
            data[role] = f"{{{found[0].head}}}"
    if marks := _marks(joined):
        data["not_reported"] = marks
    if values.wide and _has_blanks(joined):
        data["empty"] = "leave_out"
    data["values"] = values.entries
    doubts += [*values.doubts, *doubts_of_shares(joined, around.known)]
    text, mapping = _written(data, path)
    heads = "\n".join([*(squeezed(column.head) for column in joined.columns), *_printed_units(joined, around)])
    shown = first.table.frame.head(FIRST)
    return Suggestion(mapping, text, joined.columns, tuple(doubts), shown, "", (), heads), joined.texts


def _printed_units(seen: Looked, around: Around) -> list[str]:
    """The units that stand above the table or in a column of their own: with others the numbers mean something else."""
    beside = [text for column in seen.of("units") for text in sorted(map(squeezed, seen.texts[column.head]))]
    return [f"[{unit}]" for unit in (around.unit, *beside) if unit]


def _joined(parts: list[Looked]) -> Looked:
    """The parts of a table as one: what stands in several is taken once."""
    first, *others = parts
    columns, texts, numeric = list(first.columns), dict(first.texts), set(first.numeric)
    for seen in others:
        for column in seen.columns:
            if column.head not in texts:
                columns.append(column)
                texts[column.head] = seen.texts[column.head]
                numeric |= {column.head} & seen.numeric
    return Looked(first.table, tuple(columns), texts, frozenset(numeric))


def _without_totals(seen: Looked, read: dict[str, Any], doubts: list[Told], known: Known) -> dict[str, Any]:
    """With a pattern for rows that add others up, where their name is no region's; unknown regions are told."""
    column = next(iter(seen.of("region")), None)
    if column is None or not known.regions:
        return read
    unknown = [text for text in seen.texts[column.head] if plain(text) not in known.regions]
    totals = [text for text in unknown if plain(text) in TOTALS]
    others = [squeezed(text) for text in unknown if text not in totals]
    if others:
        doubts.append(Told("unknown_regions", {"names": listed(others)}))
    if not totals or seen.table.heads[0] != column.head:
        return read
    doubts.append(Told("totals_left_out", {"names": listed(map(squeezed, totals))}))
    patterns = ["^" + r"\s*".join(map(re.escape, squeezed(text))) + "$" for text in totals]
    return {**read, "skip": [*read.get("skip", []), *patterns]}


def _region(seen: Looked, around: Around, doubts: list[Told]) -> object:
    if found := seen.of("region"):
        text = f"{{{found[0].head}}}"
        codes = set(around.known.regions.values())
        are_codes = codes.issuperset(seen.texts[found[0].head]) and not around.known.successors
        return text if not codes or are_codes else {"from": text, "known": "regions"}
    named = around.named(around.known.regions.items())
    if named is None:
        doubts.append(Told("region_missing"))
        return None
    doubts.append(Told("region_from_name", {"found": named[1]}))
    return named[1]


def _period(seen: Looked, around: Around, text: str, doubts: list[Told]) -> object:
    """The column's text and the way in which it is written; else what the title or the file's name says."""
    if text:
        (first, *_) = seen.of("period")
        if text != f"{{{first.head}}}":
            return text
        way: Any = first.means
        if first.sure != "certain":
            doubts.append(doubt_of_way(seen.texts[first.head][0], way))
        plain_ = all(period_of(cell, way) == cell for cell in seen.texts[first.head])
        return text if plain_ else {"from": text, "written": way}
    for code, pattern, texts in (
        ("period_from_title", _TITLED, around.above),
        ("period_from_name", _FILED, (around.stem,)),
    ):
        found = {period_of(one.replace("_", "")) for line in texts for one in pattern.findall(line)}
        if len(found) == 1 and (only := found.pop()) is not None:
            text = f"{only}/{(int(only) + 1) % 100:02}" if around.fiscal and len(only) == 4 else only
            doubts.append(Told(code, {"found": text}))
            return text
    doubts.append(Told("period_missing"))
    return None


def _marks(seen: Looked) -> list[str]:
    """The texts among the numbers that say that there is none."""
    heads = [column.head for column in seen.of("value")]
    texts = [text for head in heads for text in seen.texts[head]]
    return list(dict.fromkeys(text for text in texts if text.lower() in NOT_REPORTED and text.lower() != "nan"))


def _has_blanks(seen: Looked) -> bool:
    heads = [column.head for column in seen.of("value") if column.head in seen.table.frame.columns]
    return any(seen.table.frame[head].null_count() for head in heads)


def _written(data: Mapping[str, Any], path: Path) -> tuple[str, FileMapping | None]:
    """The YAML text; with it the mapping, where nothing is missing."""
    known = {name: value for name, value in data.items() if value not in (None, [], {})}
    text = "\n".join(line for name, value in known.items() for line in pair(name, value, 0)) + "\n"
    try:
        return text, parse_mapping(text.encode(), path)
    except InputError:
        return text, None


def _recalled(
    path: Path, fresh: Suggestion, kept: Kept, read: Mapping[str, Any], texts: Mapping[str, Sequence[str]]
) -> Suggestion:
    """The confirmed mapping with this file's own places, encoding, period …; the fresh one where it does not fit."""
    again = renewed(kept.text, path, fresh=fresh.text, read=read, texts=texts)
    if again is None:
        return replace(fresh, doubts=(Told("kept_unusable"), *fresh.doubts))
    data, told = again
    text, mapping = _written(data, path)
    doubts = [one for one in fresh.doubts if one.code in OWN or _is_applied(one, factors_of(data))]
    columns = tuple(
        column if column.role == "left_out" else replace(column, sure="certain", why=Told("kept"))
        for column in fresh.columns
    )
    return replace(
        fresh, mapping=mapping, text=text, columns=columns, doubts=(*doubts, *told), remembered=True, whose=kept.whose
    )


def _is_applied(doubt: Told, factors: Mapping[str, float]) -> bool:
    """Whether a doubt of a variable's unit is still one: the factor told is the one taken, or there is none."""
    by = factors.get(str(doubt.facts.get("found")))
    if doubt.code == "unit_factor":
        return by is not None and f"{by:.12g}" == doubt.facts["times"]
    return doubt.code in ("maybe_share", "maybe_percent") and by == 1


__all__ = ["Kept", "Suggestion", "suggest"]
