"""Figures that others have found: a table of regions, indicators, values and scores, read cell by cell.

Long: a row a region and indicator. Wide: a row a region and a column an indicator, pillar or the composite.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from data.figure_files import grids_of
from data.sources import squeezed
from metrics.definitions import Definitions
from metrics.problems import Problem, file_error

# So many rows of a sheet are looked through for the heads.
TOP = 20
HEADS: Mapping[str, tuple[str, ...]] = {
    "region": ("地区代码", "regioncode", "地区", "region", "地区名称", "regionname", "区域"),
    "code": ("指标代码", "indicatorcode", "代码", "code", "指标", "indicator", "指标名称", "名称", "name"),
    "value": ("指标值", "value", "数值"),
    "score": ("得分", "score", "分数"),
    "period": ("评估周期", "period", "周期", "cycle", "年度", "year"),
}
KINDS = ("value", "score")
FIGURES = {"region": pl.String, "code": pl.String, "kind": pl.String, "theirs": pl.Float64, "row": pl.Int64}
# A head of a wide table may say which number it is of: 用水（指标值）, `water value`.
_KIND = re.compile(r"(.+?)[（(·:：_-]*(得分|分数|score|指标值|数值|value)[）)]*", re.IGNORECASE)
# Before a code as it is written; no cell of a file begins so.
_EXACT = "\0"


@dataclass(frozen=True)
class Figures:
    """region, code, kind (value or score), theirs, row; what cannot be read, each with row and column; `kinds`: the
    columns that there are; `left_out`: rows of other cycles."""

    frame: pl.DataFrame
    unreadable: tuple[Problem, ...]
    kinds: tuple[str, ...]
    left_out: int


def read_figures(path: Path, definitions: Definitions, regions: pl.DataFrame, cycle: str) -> Figures:
    """The figures of a CSV or XLSX file for a cycle.

    Its heads name a region, an indicator or node, and a value, a score or both, in zh or en, by code or by name; or a
    region, and an indicator or node a column, whose scores these are where the head does not say values.
    Raises InputError for a file that is too large, no such table, or without a number of the cycle.
    """
    tables = {"region": _regions(regions), "code": _codes(definitions)}
    headed = _headed(path, tables["code"], definitions.index.code, cycle)
    found = _read(headed, tables, cycle)
    if found.frame.is_empty() and not found.unreadable:
        raise file_error("figures_blank", path, period=cycle)
    return found


@dataclass(frozen=True)
class _Headed:
    """A grid below its heads: these as they are called, which columns are what, and those that hold figures by code
    and kind; the code is "" where the row says which."""

    body: pl.DataFrame
    heads: Sequence[str | None]
    named: Mapping[str, Sequence[int]]
    figures: Mapping[tuple[str, str], Sequence[int]]


def _headed(path: Path, codes: Mapping[str, str | None], root: str, cycle: str) -> _Headed:
    """The first sheet that has the heads of a long table, else the first with those of a wide one."""
    wide: _Headed | None = None
    for grid in grids_of(path, cycle):
        for top, row in enumerate(grid.head(TOP).iter_rows()):
            heads = ["", *("" if cell is None else str(cell) for cell in row[1:])]
            plain = [_plain(text) for text in heads]
            named = {name: [at for word in words for at, text in enumerate(plain) if text == word]
                     for name, words in HEADS.items()}  # fmt: skip
            if not named["region"]:
                continue
            figures = {("", kind): named[kind] for kind in KINDS if named[kind]}
            if named["code"] and figures:
                return _Headed(grid.slice(top + 1), grid.row(top), named, figures)
            figures = _wide(heads, codes, {kind: named[kind] for kind in KINDS}, root)
            if wide is None and figures:
                wide = _Headed(grid.slice(top + 1), grid.row(top), {**named, "code": []}, figures)
    if wide is None:
        raise file_error("figures_without_heads", path)
    return wide


def _wide(
    heads: Sequence[str], codes: Mapping[str, str | None], named: Mapping[str, Sequence[int]], root: str
) -> dict[tuple[str, str], list[int]]:
    """Columns by code and kind of a table that has a column each; 得分 alone is the composite's."""
    found: dict[tuple[str, str], list[int]] = {}
    for at, head in enumerate(heads):
        told = _KIND.fullmatch(squeezed(head))
        code, kind = _found(head, codes), "score"
        if code is None and told is not None:
            code, kind = _found(told[1], codes), next(kind for kind in KINDS if told[2].casefold() in HEADS[kind])
        if code is not None:
            found.setdefault((code, kind), []).append(at)
        elif at in named["score"]:
            found.setdefault((root, "score"), []).append(at)
    return found


def _plain(text: str) -> str:
    return squeezed(text).replace("_", "").replace("'", "").casefold()


def _regions(regions: pl.DataFrame) -> dict[str, str | None]:
    """Codes and names of the regions; None where a name stands for several."""
    names = [name for name in ("name_zh", "name_en") if name in regions.columns]
    pairs = [(row[name], row["code"]) for row in regions.iter_rows(named=True) for name in names if row[name]]
    return _table(pairs, regions["code"].to_list())


def _codes(definitions: Definitions) -> dict[str, str | None]:
    """Codes and names of the composite, the pillars and the indicators."""
    codes = [row.code for row in definitions.nodes()]
    pairs = [(definitions.name_of(code, lang), code) for code in codes for lang in ("zh", "en")]
    return _table(pairs, codes)


def _table(pairs: Iterable[tuple[str, str]], codes: Sequence[str]) -> dict[str, str | None]:
    """What a text may stand for, by `_found`; None where that is several."""
    found: dict[str, str | None] = {}
    folded: dict[str, str | None] = {}
    for table, held in ((found, pairs), (folded, [(code, code) for code in codes])):
        for name, code in held:
            key = squeezed(name).casefold()
            table[key] = code if table.get(key, code) == code else None
    # A code is never taken for another one's name, nor for one that differs from it in capitals.
    return {**found, **folded, **{_EXACT + squeezed(code): code for code in codes}}


def _found(text: str, table: Mapping[str, str | None]) -> str | None:
    """The code that a text stands for: its own, else one by code or name whatever its capitals."""
    plain = squeezed(text)
    return table.get(_EXACT + plain, table.get(plain.casefold()))


@dataclass(frozen=True)
class _Row:
    """A row of the file: its number, the cells, and what the heads are called."""

    number: int
    cells: Sequence[str | None]
    heads: Sequence[str | None]

    def text(self, places: Sequence[int]) -> tuple[str, str]:
        """The first cell with text of some columns, and that column's head."""
        for at in places:
            if self.cells[at]:
                return str(self.cells[at]), str(self.heads[at])
        first = next(iter(places), None)
        return "", "" if first is None else str(self.heads[first])

    def refused(self, rule: str, column: str, value: str) -> Problem:
        return Problem(rule, column, self.number, 0, {"value": value, "column": column})


def _read(headed: _Headed, tables: Mapping[str, Mapping[str, str | None]], cycle: str) -> Figures:
    found: dict[tuple[str, str, str], tuple[float, int]] = {}
    unreadable: list[Problem] = []
    left_out, keys = 0, [name for name in tables if headed.named[name]]
    for cells in headed.body.iter_rows():
        row = _Row(cells[0], cells, headed.heads)
        period, _ = row.text(headed.named["period"])
        if period and period != cycle:
            left_out += 1
            continue
        key = {"code": ""}
        for name in keys:
            text, column = row.text(headed.named[name])
            code = _found(text, tables[name])
            if code is None:
                unreadable.append(row.refused(_rule(name, text, tables[name]), column, text))
            else:
                key[name] = code
        if {"region", *keys} <= key.keys() and (key["code"] or "code" not in keys):
            _cells(row, key, headed.figures, found, unreadable)
    rows = [(*key, theirs, number) for key, (theirs, number) in found.items()]
    kinds = tuple(kind for kind in KINDS if any(kind == other for _, other in headed.figures))
    return Figures(pl.DataFrame(rows, schema=FIGURES, orient="row"), tuple(unreadable), kinds, left_out)


def _rule(name: str, text: str, table: Mapping[str, str | None]) -> str:
    if squeezed(text).casefold() in table:
        return "figure_ambiguous"
    return "unknown_region" if name == "region" else "figure_unknown"


def _cells(
    row: _Row,
    key: Mapping[str, str],
    figures: Mapping[tuple[str, str], Sequence[int]],
    found: dict[tuple[str, str, str], tuple[float, int]],
    unreadable: list[Problem],
) -> None:
    for (code, kind), places in figures.items():
        text, column = row.text(places)
        if not text:
            continue
        number, cell = _number(text), (key["region"], code or key["code"], kind)
        if number is None:
            unreadable.append(row.refused("bad_number", column, text))
        elif cell in found:
            unreadable.append(row.refused("figure_twice", column, text))
        else:
            found[cell] = number, row.number


def _number(text: str) -> float | None:
    """A number as people and programs write it, with a true minus sign too; None for what is none or has no end."""
    try:
        number = float(text.replace("−", "-").replace("_", "x"))
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None
