"""A census of facts too many to be judged one by one: which texts they name, and which rows break a rule of intake."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import narwhals as nw
import polars as pl

from data.engines import Engine, engine
from data.parquet import BLANKS, Sources, as_texts, trimmed
from metrics.facts import KEY, STATUSES, period_rules
from metrics.problems import Problem, nearest

SHOWN = 1000
# What a suspect is: a region's variable in a cycle of which some facts are infinite, or two are for one period.
SUSPECT = ("region", "variable")
# Which of these are asked for at once: kinds of periods are told for each variable.
_COUNTED = (("region",), ("period", "variable"), ("status",))


@dataclass(frozen=True)
class Known:
    """What facts may name: regions (None: any), variables, and the month in which a fiscal year starts."""

    regions: Collection[str] | None
    variables: Collection[str]
    fiscal_year_starts: int


@dataclass(frozen=True)
class Census:
    """How many facts name each region, period, variable and status, and which period with which variable.

    `blanks`: some have blanks around their texts.
    """

    counts: dict[str, pl.DataFrame]
    pairs: pl.DataFrame
    blanks: bool

    @property
    def read(self) -> int:
        """How many facts there are."""
        return int(self.counts["region"]["rows"].sum())

    def named(self, column: str) -> list[str]:
        """The texts of a column, sorted."""
        return sorted(self.counts[column][column].drop_nulls())


def census_of(on: Engine, facts: nw.LazyFrame[Any]) -> Census:
    """One look at the columns of facts."""
    found = [on.collected(facts.group_by(*names).agg(rows=nw.len())) for names in _COUNTED]
    counts = {
        name: each.group_by(name).agg(pl.col("rows").sum().cast(pl.Int64))
        for names, each in zip(_COUNTED, found, strict=True)
        for name in names
    }
    site = nw.col("site")
    padded = facts.filter((site != site.str.strip_chars(BLANKS)) | (site == "")).select("site").head(1)
    texts = [text for name, each in counts.items() for text in each[name].drop_nulls()]
    blanks = any(text != text.strip(BLANKS) or not text for text in texts) or on.collected(padded).height > 0
    return Census(counts, found[1].drop_nulls(), blanks)


@dataclass(frozen=True)
class Rules:
    """The rules of `facts.judge` for the texts of a census, as expressions."""

    census: Census
    known: Known

    @cached_property
    def periods(self) -> dict[str, str]:
        """Every text that is no period, and why."""
        return period_rules(pl.Series(self.census.named("period"), dtype=pl.String), self.known.fiscal_year_starts)

    def broken(self) -> list[tuple[str, str, nw.Expr]]:
        """(rule, column, which rows break it), in the order of `facts.judge`; two facts for one period are not here."""
        value, names = nw.col("value"), ("region", "period", "variable")
        found = [("missing_cell", name, nw.col(name).is_null()) for name in names]
        if self.known.regions is not None:
            found.append(("unknown_region", "region", ~nw.col("region").is_in(list(self.known.regions))))
        found.append(("unknown_variable", "variable", ~nw.col("variable").is_in(list(self.known.variables))))
        for rule in sorted(set(self.periods.values())):
            texts = [text for text, code in self.periods.items() if code == rule]
            found.append((rule, "period", nw.col("period").is_in(texts)))
        found.append(("not_finite", "value", ~value.is_finite()))
        found.append(("bad_status", "status", ~nw.col("status").is_in(list(STATUSES))))
        return [(rule, column, broken.fill_null(value=False)) for rule, column, broken in found]

    @property
    def hold(self) -> bool:
        """Whether no text that is named breaks a rule."""
        counts, known = self.census.counts, self.known
        empty = any(counts[name][name].null_count() for name in ("region", "period", "variable"))
        strange = known.regions is not None and set(self.census.named("region")) - set(known.regions)
        strange = strange or set(self.census.named("variable")) - set(known.variables)
        return not (empty or strange or self.periods or set(self.census.named("status")) - set(STATUSES))


@dataclass(frozen=True)
class Rejected:
    """How many rows break a rule, and the first of them: (file, problem)."""

    count: int = 0
    shown: tuple[tuple[str, Problem], ...] = ()


def rejected(sources: Sources, rules: Rules, suspects: pl.DataFrame) -> Rejected:
    """The rows that break rules, with their file, row and cell; looked for where a census or a suspect asks for it."""
    with engine("duckdb", places=True) as on:
        facts = as_texts(on.facts(sources.files, sources.columns), sources)
        facts = trimmed(facts) if rules.census.blanks else facts
        broken = rules.broken()
        anything: nw.Expr = nw.lit(False)
        for _, _, rows in broken:
            anything = anything | rows
        wrong, twice = facts.filter(anything), _twice(facts, suspects)
        found = [wrong.filter(rows).select(*_told(rule, column)) for rule, column, rows in broken]
        found.append(twice.select(*_told("duplicate_fact", "variable")))
        total = sum(_height(on, rows) for rows in (wrong, twice.filter(~anything)))
        first = [on.collected(rows.sort("filename", "file_row_number").head(SHOWN)) for rows in found]
    ordered = pl.concat(first).sort("filename", "row", maintain_order=True).head(SHOWN)
    return Rejected(total, tuple(_problem(*row, known=rules.known) for row in ordered.drop("file_row_number").rows()))


def _twice(facts: nw.LazyFrame[Any], suspects: pl.DataFrame) -> nw.LazyFrame[Any]:
    """The facts among the suspects that have another of the same key."""
    near = [nw.col(name).is_in(suspects[name].unique().sort().to_list()) for name in SUSPECT]
    among = facts.filter(*near) if suspects.height else facts.filter(nw.col("file_row_number") < 0)
    same = nw.len().over([*KEY])
    return among.with_columns(same=same).filter(nw.col("same") > 1).drop("same")


def _told(rule: str, column: str) -> list[nw.Expr]:
    cell = nw.col(column).cast(nw.String)
    row = nw.col("file_row_number") + 2
    names = (nw.lit(rule).alias("rule"), nw.lit(column).alias("column"), cell.alias("cell"))
    return [nw.col("filename"), nw.col("file_row_number"), row.alias("row"), *names]


def _height(on: Engine, rows: nw.LazyFrame[Any]) -> int:
    return int(on.collected(rows.select(rows=nw.len()))["rows"][0])


def _problem(file: str, row: int, rule: str, column: str, cell: str | None, *, known: Known) -> tuple[str, Problem]:
    may = {"region": known.regions or [], "variable": known.variables}.get(column, [])
    near = nearest(cell or "", may) or "" if rule.startswith("unknown_") else ""
    return file, Problem(rule, column, row, 0, {"column": column, "value": cell, "near": near})
