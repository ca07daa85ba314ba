"""A source file and its mapping → facts in the contract's long form, with every row that did not become one counted."""

from collections import Counter
from collections.abc import Mapping as Counts
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from data.cells import numbers
from data.mapping_file import HEAD, Mapping, Source, Value, Where, read_mapping
from data.mapping_whole import complete, followed
from data.naming import Known, known_names, naming
from data.sources import ROW, Table, read_tables, squeezed
from metrics.problems import file_error

__all__ = ["Known", "Mapped", "Mapping", "apply", "known_names", "read_mapping"]

# The rules that a text breaks which names nothing are those of metrics.facts.judge.
RULES = {
    "region": "unknown_region",
    "site": "unknown_site",
    "variable": "unknown_variable",
    "period": "bad_period",
    "status": "bad_status",
}
REQUIRED = ("region", "period", "variable")
FACTS = ("region", "site", "period", "variable", "value", "status", "source", "note")
REJECTED = {"row": pl.Int64, "column": pl.String, "rule": pl.String, "value": pl.String}


@dataclass(frozen=True)
class Mapped:
    """What a file gave.

    `frame`: region, site, period, variable, value (Float64, null = not reported), status, source, note, and `row`, the
    row of the file. `rejections`: row, column (as the file heads it), rule, value; sorted by row. `left_out`: what the
    mapping passes over on purpose, by reason: rows of the file for blank, skip, where and complete, cells for others,
    empty, beyond the last head, and of each `column` that it does not name. `read`: the facts that the file offers,
    those of `frame` and the refused ones. `read_as`: cells by the rule of data/cells.py by which they became numbers,
    and `successor`, facts of a region that had gone before their period. `taken`: what was found that nobody named,
    such as the encoding.
    """

    frame: pl.DataFrame
    rejections: pl.DataFrame
    left_out: Counts[str, int]
    read: int
    read_as: Counts[str, int] = field(default_factory=dict)
    taken: Counts[str, str] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()

    def cell(self, row: int, head: str) -> str:
        """What a spreadsheet calls a cell of the file: `表1!D12`; the row alone where the column is none of its own."""
        for table in reversed(self.tables):
            first = table.frame[ROW].first() if table.frame.height else None
            if first is None or int(str(first)) > row:
                continue
            sheet = f"{table.sheet}!" if table.sheet else ""
            return f"{sheet}{table.letters.get(head.split(', ')[0], '')}{row}"
        return str(row)


def apply(mapping: Mapping, path: Path, *, base: Path | None = None, known: Known | None = None) -> Mapped:
    """The facts of the file at `path`; `base` is the folder of the files that the mapping names (default: its own),
    `known` what a store knows by name: without it no text with a unit is a number.

    Raises InputError when the file, a column that the mapping names, or a table of names cannot be read.
    """
    tables = read_tables(path, mapping.read)
    _refuse_absent_columns(mapping, tables, path)
    given = _Given(mapping, base or mapping.folder, known)
    blocks, refused = [], []
    for table in tables:
        given.left_out.update(table.left_out)
        rows = _chosen(mapping.where, table, given.left_out)
        given.left_out.update(_unread(mapping, rows))
        for value in mapping.values:
            for facts, rejected in _facts(given, value, rows):
                blocks.append(facts)
                refused.append(rejected)
    facts = complete(mapping.complete, pl.concat(blocks), given.left_out)
    cells = sum(rejected.select("row", HEAD).unique().height for rejected in refused)
    rejections = pl.concat(refused).select(*REJECTED).unique(maintain_order=True).sort("row", maintain_order=True)
    if known is not None and known.successors and mapping.region.known == "regions":
        facts, given.read_as["successor"] = followed(facts, known)
    counts = dict(+given.left_out), facts.height + cells, dict(+given.read_as), dict(tables[0].taken)
    return Mapped(facts.sort("row", maintain_order=True), rejections, *counts, tuple(tables))


@dataclass(frozen=True)
class _Given:
    """What every cell is read by, and what is counted on the way."""

    mapping: Mapping
    folder: Path
    known: Known | None
    left_out: Counter[str] = field(default_factory=Counter)
    read_as: Counter[str] = field(default_factory=Counter)

    @property
    def units(self) -> Counts[str, str]:
        return {} if self.known is None else self.known.units


def _refuse_absent_columns(mapping: Mapping, tables: list[Table], path: Path) -> None:
    """A column must be in the first table; one of values may stand in a later one instead."""
    values = {name for value in mapping.values for name in value.columns}
    for at, table in enumerate(tables):
        there = tables if at == 0 else [table]
        wanted = [name for name in mapping.columns if at == 0 or name not in values]
        absent = [
            name for name in wanted
            if all(one.column(name) is None for one in (there if name in values else [table]))
        ]  # fmt: skip
        if absent:
            raise file_error("missing_column", path, columns=", ".join(absent), found=", ".join(table.heads))


def _unread(mapping: Mapping, table: Table) -> Counter[str]:
    """How many cells there are in columns that the mapping does not name: by the column's head, and `beyond` the last
    head."""
    if any(value.columns == ("*",) for value in mapping.values):
        return Counter()
    named = {squeezed(name) for name in (*mapping.columns, *mapping.read.down)}
    heads = list(table.letters)
    while heads and heads[-1] == str(len(heads)):
        heads.pop()
    # Where there is no head at all, columns are called by their places.
    heads = heads or list(table.letters)
    found = Counter[str]()
    for name in table.heads:
        if squeezed(name) not in named:
            reason = f"column {name}" if name in heads else "beyond"
            found[reason] += table.frame.height - table.frame[name].null_count()
    return found


def _chosen(conditions: tuple[Where, ...], table: Table, left_out: Counter[str]) -> Table:
    """The rows that meet every condition; the others are counted at the first one that they miss."""
    frame = table.frame
    for where in conditions:
        kept = frame.filter(_met(where, replace(table, frame=frame)).fill_null(value=False))
        left_out[where.text] += frame.height - kept.height
        frame = kept
    return replace(table, frame=frame)


def _met(where: Where, table: Table) -> pl.Expr:
    cell = pl.col(_column(where.column, table))
    if where.above is not None:
        return pl.lit(_numbers(table.frame[_column(where.column, table)])) > where.above
    if where.is_ is not None:
        return cell.cast(pl.String).is_in(list(where.is_))
    return cell.is_not_null() if where.present else cell.is_null()


def _column(name: str, table: Table) -> str:
    """The file's column of that name, which `_refuse_absent_columns` has found."""
    return table.column(name) or name


def _facts(given: _Given, value: Value, table: Table) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
    """The facts of one entry of `values`, and its refused cells: REJECTED and the cell's column; nothing where the
    table has none of its columns."""
    mapping = given.mapping
    sources, heads = mapping.sources_of(value), _heads(mapping, value, table)
    if not heads:
        return []
    cells = pl.concat([_cells(head, value, sources, table) for head in heads])
    cells = cells.with_columns(
        naming(source, given.folder, given.known).codes(cells[name]).alias(f"{name} code")
        for name, source in sources.items()
    )
    for name, source in sources.items():
        if source.others == "leave_out":
            kept = cells.filter(~_unnamed(name))
            given.left_out[f"others {name}"] += cells.height - kept.height
            cells = kept
    cells = _counted(given, value, cells)
    refused = pl.concat([*_misnamed(cells, sources), *_no_numbers(cells), *_wrong_rows(value, cells, table)])
    good = cells.join(refused.select("row", HEAD).unique(), on=["row", HEAD], how="anti", maintain_order="left")
    if mapping.empty == "leave_out":
        given.left_out["empty"] += good["value"].null_count()
        good = good.filter(pl.col("value").is_not_null())
    codes = [pl.col(f"{name} code" if name in sources else name).alias(name) for name in FACTS]
    return [(good.select(*codes, "row"), refused)]


def _heads(mapping: Mapping, value: Value, table: Table) -> list[str]:
    if value.columns != ("*",):
        return [head for name in value.columns if (head := table.column(name)) is not None]
    taken = {squeezed(name) for name in mapping.columns}
    return [head for head in table.heads if squeezed(head) not in taken]


def _cells(head: str, value: Value, sources: Counts[str, Source], table: Table) -> pl.DataFrame:
    """One row a cell of the column `head`: its row, head, and the texts that its fact is read from."""
    by, cell = None if value.by is None else _column(value.by.column, table), pl.col(head)
    second = pl.lit(None, pl.Float64) if by is None else pl.lit(_numbers(table.frame[by]))
    return table.frame.select(
        pl.col(ROW).alias("row"),
        pl.lit(head).alias(HEAD),
        *(
            _text(sources[name], head, table).alias(name) if name in sources else pl.lit(None, pl.String).alias(name)
            for name in FACTS
            if name != "value"
        ),
        cell.cast(pl.String).alias("text"),
        cell.cast(pl.Float64, strict=False).alias("direct"),
        second.alias("second"),
        (pl.lit(None, pl.String) if by is None else pl.col(by).cast(pl.String)).alias("second text"),
    )


def _numbers(cells: pl.Series) -> pl.Series:
    """The numbers that cells write, which are in no variable's unit; null where a cell is none."""
    texts, none = cells.cast(pl.String), pl.Series([None], dtype=pl.String).new_from_index(0, len(cells))
    return numbers(texts, cells.cast(pl.Float64, strict=False), none, {})[0]["cell"]


def _text(source: Source, head: str, table: Table) -> pl.Expr:
    """The source's text with the row's cells in it; null where one of them is blank."""
    parts: list[pl.Expr] = []
    for words, column, width in source.parts:
        parts.append(pl.lit(words))
        if column is not None:
            cell = pl.lit(head) if column == HEAD else pl.col(_column(column, table)).cast(pl.String)
            parts.append(cell.str.zfill(width) if width else cell)
    return pl.concat_str(parts)


def _unnamed(name: str) -> pl.Expr:
    return pl.col(f"{name} code").is_null() & pl.col(name).is_not_null()


def _misnamed(cells: pl.DataFrame, sources: Counts[str, Source]) -> list[pl.DataFrame]:
    """Cells whose region, site, period … is blank where it must not be, or stands for nothing."""
    refused = []
    for name, source in sources.items():
        columns = pl.lit(", ".join(source.columns) or name)
        column = pl.col(HEAD) if source.columns == (HEAD,) else columns
        refused.append(_refused(cells.filter(_unnamed(name)), column, RULES.get(name, "unknown_name"), name))
        if name in REQUIRED:
            refused.append(_refused(cells.filter(pl.col(name).is_null()), column, "missing_cell", name))
    return refused


def _no_numbers(cells: pl.DataFrame) -> list[pl.DataFrame]:
    """Cells that hold a text which is no number, or one in another unit, with too many digits, or no finite one."""
    number = pl.col("value")
    endless = cells.filter(number.is_not_null() & ~number.is_finite())
    wrong = [
        _refused(cells.filter(pl.col("rule") == rule), pl.col(HEAD), rule, "text")
        for rule in ("bad_number", "unit_in_cell", "not_exact")
    ]
    return [*wrong, _refused(endless, pl.col(HEAD), "not_finite", "text")]


def _wrong_rows(value: Value, cells: pl.DataFrame, table: Table) -> list[pl.DataFrame]:
    """Cells of rows that have more cells than they should, or too few; and those whose second factor is a text that is
    no number, and no mark for “not reported”."""
    found = []
    if table.uneven.height:
        places = {name: at for at, name in enumerate(table.letters)}
        place = pl.col(HEAD).replace_strict(places, return_dtype=pl.Int64)
        uneven = cells.join(table.uneven, left_on="row", right_on=ROW).filter(place >= pl.col("ends"))
        # It is the row that is told, once, not each of its cells.
        found.append(_refused(uneven, pl.lit(""), "uneven_row", "cells"))
    if value.by is not None and value.by.otherwise is None:
        unread = cells.filter(pl.col("second text").is_not_null() & pl.col("second").is_null())
        found.append(_refused(unread, pl.lit(value.by.column), "bad_number", "second text"))
    return found


def _refused(cells: pl.DataFrame, column: pl.Expr, rule: str, value: str) -> pl.DataFrame:
    return cells.select("row", column.alias("column"), pl.lit(rule).alias("rule"), pl.col(value).alias("value"), HEAD)


def _counted(given: _Given, value: Value, cells: pl.DataFrame) -> pl.DataFrame:
    """With `value`: the cell's number × `by` × `times`, null where not reported; `rule`: why there is none."""
    marks = list(given.mapping.not_reported)
    unreported = pl.col("text").is_in(marks).fill_null(value=False)
    given.read_as["not_reported"] += cells.filter(unreported).height
    read = cells.with_columns(pl.when(~unreported).then(pl.col(name)).alias(name) for name in ("text", "direct"))
    read = read.with_columns(pl.when(~pl.col("second text").is_in(marks)).then(pl.col("second text")))
    found, counts = numbers(read["text"], read["direct"], read["variable code"], given.units)
    given.read_as.update(counts)
    read = read.with_columns(found)
    product = pl.col("cell")
    if value.by is not None:
        usable = pl.col("second").is_finite().fill_null(value=False)
        product = product * pl.when(usable).then(pl.col("second")).otherwise(pl.lit(value.by.otherwise, pl.Float64))
    if value.times:
        otherwise = value.times.get("", 1.0)
        times = pl.col("variable code").replace_strict(value.times, default=otherwise, return_dtype=pl.Float64)
        # A cell that says its own unit is in the variable's already.
        product = product * pl.when("own").then(1.0).otherwise(times)
    return read.with_columns(product.alias("value"))
