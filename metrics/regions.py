"""Regions: who is assessed, whose parts they are, and who is ranked."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl
import polars.selectors as cs

from metrics.periods import Cycles
from metrics.problems import InputError, Problem

COLUMNS = ("code", "name_zh", "name_en", "parent")
# Columns that the engine itself puts beside the attributes of regions.
RESERVED = frozenset(("cycle", "period", "region", "compared", "x", "at"))
OWN = tuple(
    f"{name} "
    for name in ("value", "treated", "score", "mean", "coverage", "reported", "imputed", "weight", "moved", "infinite")
)


@dataclass(frozen=True)
class Regions:
    """`frame`: code, name_zh, name_en, parent, attribute columns (text), `compared` (Boolean), sorted by code."""

    frame: pl.DataFrame

    @cached_property
    def _parents(self) -> dict[str, str | None]:
        return dict(self.frame.select("code", "parent").iter_rows())

    def generations(self) -> list[list[str]]:
        """Parents, the deepest first, so that each one's children are done before it."""
        parent = {code: above for code, above in self.frame.select("code", "parent").iter_rows() if above is not None}
        depth: dict[str, int] = {}
        for code in parent.values():
            depth[code] = len(self.ancestors(code))
        return [
            sorted(code for code in depth if depth[code] == level)
            for level in sorted(set(depth.values()), reverse=True)
        ]

    def ancestors(self, code: str) -> list[str]:
        """A region's parents, the nearest first."""
        above: list[str] = []
        while (code := self._parents.get(code)) is not None:  # type: ignore[assignment]
            above.append(code)
        return above

    def absent(self, cycles: Iterable[int], calendar: Cycles) -> pl.DataFrame:
        """The (region, cycle) pairs in which a region does not exist, by its `valid_from` and `valid_to` (dates)."""
        columns = [name for name in ("valid_from", "valid_to") if name in self.frame.columns]
        dated = self.frame.filter(pl.any_horizontal(pl.col(columns).is_not_null())) if columns else self.frame.clear()
        pairs = [
            (row["code"], cycle)
            for row in dated.iter_rows(named=True)
            for cycle in cycles
            if not _exists(row.get("valid_from"), row.get("valid_to"), calendar.last(cycle))
        ]
        return pl.DataFrame(pairs, schema={"region": pl.String, "cycle": pl.Int64}, orient="row")


def _exists(start: str | None, end: str | None, day: date) -> bool:
    return (start is None or start <= day.isoformat()) and (end is None or day.isoformat() <= end)


def regions_of(frame: pl.DataFrame | None, *, named: Iterable[str], compare: str = "leaves") -> Regions:
    """The regions of a regions file, or those that the facts name; `compare` as the contract's key of that name.

    Raises InputError: a code missing or twice, a parent that is none of them, a ring of parents, nobody to compare.
    """
    if frame is None:
        codes = sorted(set(named))
        frame = pl.DataFrame(
            {"code": codes, "name_zh": codes, "name_en": codes}, schema=dict.fromkeys(COLUMNS[:3], pl.String)
        )
    texts = frame.with_columns(cs.datetime().cast(pl.Date)).select(
        pl.all().cast(pl.String).str.strip_chars().replace("", None)
    )
    texts = texts.with_columns(pl.lit(None, pl.String).alias(name) for name in COLUMNS if name not in texts.columns)
    texts = texts.with_columns(pl.col("name_zh", "name_en").fill_null(pl.col("code")))
    reserved = sorted(name for name in texts.columns if name in RESERVED or name.startswith(OWN))
    if reserved:
        raise InputError(
            [Problem("reserved_attribute", path=f"regions.{reserved[0]}", line=1, facts={"name": reserved[0]})]
        )
    _refuse(texts)
    _refuse_dates(texts)
    compared = _compared(texts, compare)
    attributes = [name for name in texts.columns if name not in COLUMNS]
    return Regions(texts.select(*COLUMNS, *attributes, compared.alias("compared")).sort("code"))


def _compared(frame: pl.DataFrame, compare: str) -> pl.Expr:
    if compare == "leaves":
        return ~pl.col("code").is_in(frame["parent"].drop_nulls().to_list())
    levels = frame["level"].drop_nulls().unique().sort().to_list() if "level" in frame.columns else []
    if compare not in levels:
        raise InputError(
            [Problem("unknown_level", path="compare", facts={"level": compare, "known": ", ".join(levels)})]
        )
    return (pl.col("level") == compare).fill_null(value=False)


def _refuse(frame: pl.DataFrame) -> None:
    problems = []
    rows = list(enumerate(frame.select("code", "parent").iter_rows(), start=2))
    count = Counter(code for _, (code, _) in rows)
    parent = dict(frame.select("code", "parent").iter_rows())
    for row, (code, above) in rows:
        if code is None:
            problems.append(Problem("region_without_code", path="regions.code", line=row))
        elif count[code] > 1:
            problems.append(Problem("duplicate_region", path="regions.code", line=row, facts={"region": code}))
        elif above is not None and above not in parent:
            problems.append(
                Problem("unknown_parent", path="regions.parent", line=row, facts={"region": code, "parent": above})
            )
        elif _rings(code, parent):
            problems.append(Problem("ring_of_parents", path="regions.parent", line=row, facts={"region": code}))
    if problems:
        raise InputError(problems)


def _refuse_dates(frame: pl.DataFrame) -> None:
    problems = [
        Problem("date_wanted", path=f"regions.{name}", line=row, facts={"found": text})
        for name in ("valid_from", "valid_to")
        if name in frame.columns
        for row, text in enumerate(frame[name], start=2)
        if text is not None and not _is_date(text)
    ]
    if problems:
        raise InputError(problems)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _rings(code: str, parent: dict[str, str | None]) -> bool:
    seen = {code}
    above = parent.get(code)
    while above is not None:
        if above in seen:
            return True
        seen.add(above)
        above = parent.get(above)
    return False
