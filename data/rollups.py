"""Roll-ups of more facts than a store should hold: Parquet by site becomes facts by region, on any engine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import narwhals as nw
import polars as pl

from data.census import SUSPECT, Census, Known, Rejected, Rules, census_of, rejected
from data.engines import Engine, engine
from data.parquet import Sources, as_texts, trimmed
from metrics.definitions import Definitions
from metrics.facts import KEY
from metrics.over_sites import over_sites
from metrics.over_time import Shortcuts, over_time
from metrics.periods import Cycles
from metrics.problems import InputError, Problem, file_error
from metrics.rollup import PART_FLAGS, calendar_of, cycles_of, rules_of
from metrics.sums import Grid, extent, grid_of

_FLAGS = tuple(name for name in PART_FLAGS if name != "partial_children")
_ENDS = ("first", "last")
# Of so many facts and fewer sums are exact, and come out the same however often they are made. Of more they are the
# engine's own, which differ in their last digit from one run to the next: exact ones take several times as long.
EXACT = 2_000_000
_VALUES = {
    "region": pl.String, "variable": pl.String, "cycle": pl.Int64, "value": pl.Float64,
    **dict.fromkeys(_FLAGS, pl.Boolean),
}  # fmt: skip


@dataclass(frozen=True)
class RolledUpFiles:
    """Facts by region (the contract's columns §1), and what became of the rows: accepted + rejected = read.

    Where rows are rejected there are no facts. `note` names the flags that tell of a value, or why there is none.
    """

    facts: pl.DataFrame
    read: int
    rejected: Rejected
    warnings: tuple[Problem, ...] = ()

    @property
    def accepted(self) -> int:
        """How many rows break no rule."""
        return self.read - self.rejected.count


def roll_up_files(
    sources: Sources, definitions: Definitions, *, regions: Sequence[str] | None, on: str, **options: Any
) -> RolledUpFiles:
    """The facts of the files rolled up over time and sites by the engine `on`; its options as its module takes them.

    Raises InputError where the engine cannot be had, or does not come to an end, where a file changed meanwhile, where
    there are no rows, and where facts come to more than a number holds.
    """
    source = f"roll-up ({on}) sha256:{sources.digest[:16]}"
    with engine(on, **options) as running:
        facts = as_texts(running.facts(sources.files, sources.columns), sources)
        census = census_of(running, facts)
        if not census.read:
            raise file_error("nothing_reported", sources.files[0])
        if census.blanks:
            facts = trimmed(facts)
            census = replace(census_of(running, facts), blanks=True)
        rules = Rules(census, Known(regions, definitions.raw, definitions.fiscal_year_starts))
        periods = [text for text in census.named("period") if text not in rules.periods]
        calendar = calendar_of(pl.Series(periods, dtype=pl.String), cycles_of(definitions))
        values, suspects = _values(running, facts, census, calendar, rules_of(definitions))
        suspects = pl.concat([suspects, _unplaced(running, facts, census, calendar)])
    found = Rejected() if rules.hold and suspects.is_empty() else rejected(sources, rules, suspects)
    sources.refuse_changed()
    warnings = _too_long(census, [*calendar["period"], *rules.periods])
    if found.count:
        return RolledUpFiles(_as_facts(values.clear(), definitions, ""), census.read, found, warnings)
    _refuse_endless(values, cycles_of(definitions))
    return RolledUpFiles(_as_facts(values, definitions, source), census.read, found, warnings)


def _too_long(census: Census, others: Sequence[str]) -> tuple[Problem, ...]:
    """A warning where facts cover more than a cycle, so that no cycle can use them."""
    unused = census.counts["period"].drop_nulls().filter(~pl.col("period").is_in(others))
    if unused.is_empty():
        return ()
    facts = {"count": int(unused["rows"].sum()), "value": unused["period"].min()}
    return (Problem("period_too_long", "period", 0, 0, facts),)


def _values(
    on: Engine, facts: nw.LazyFrame[Any], census: Census, calendar: pl.DataFrame, rules: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Each region's own value of each variable in each cycle with its flags, and the suspects."""
    rules = rules.filter(pl.col("variable").is_in(census.named("variable")))
    done = [pl.DataFrame(schema=_VALUES | {"suspect": pl.Boolean})]
    if not calendar.is_empty() and not rules.is_empty():
        rules, plans = _plans(census, calendar, rules)
        periods, given, exact = on.table(calendar), on.table(rules), census.read <= EXACT
        grid = _grid(on, facts) if exact else ()
        parts = [
            over_time(facts if only is None else facts.filter(only), periods, given, grid=grid, shortcuts=shortcuts)
            for only, shortcuts in plans
        ]
        series = nw.concat(parts, how="vertical")
        # Of so few facts as are exact the series are worked out once more to know how large they are.
        of_series, weighs = _grid(on, series) if exact else (), rules["mean_by"].count() > 0
        asked = partial(_regional, rules=given, grid=of_series, weighs=weighs)
        for own in on.answered(_portions(series, census, _room(census, calendar, on.rows)), asked):
            done.append(own.select(pl.col(name).cast(kind) for name, kind in done[0].schema.items()))
    found, suspect = pl.concat(done), pl.col("suspect")
    return found.filter(~suspect).drop("suspect"), found.filter(suspect).select(SUSPECT)


def _regional(series: nw.LazyFrame[Any], rules: nw.LazyFrame[Any], *, grid: Grid, weighs: bool) -> nw.LazyFrame[Any]:
    """The regions' own values, and what is suspect among their series: `suspect`, without a value."""
    own = over_sites(series, rules, grid=grid, weighs=weighs)
    suspects = _distinct(series.filter(nw.col("suspect")), *SUSPECT, "cycle")
    nothing = {"value": nw.lit(None).cast(nw.Float64), **dict.fromkeys(_FLAGS, nw.lit(False))}
    suspects = suspects.with_columns(**nothing, suspect=nw.lit(True))
    columns = [*_VALUES, "suspect"]
    return nw.concat([own.with_columns(suspect=nw.lit(False)).select(columns), suspects.select(columns)])


def _grid(on: Engine, frame: nw.LazyFrame[Any]) -> Grid:
    return grid_of(on.collected(frame.select(*extent("value"))))


def _unplaced(on: Engine, facts: nw.LazyFrame[Any], census: Census, calendar: pl.DataFrame) -> pl.DataFrame:
    """The suspects among the facts of periods that no cycle holds, which are not rolled up."""
    others = sorted({*census.named("period")} - {*calendar["period"]})
    if not others:
        return pl.DataFrame(schema=dict.fromkeys(SUSPECT, pl.String))
    wild = nw.when(~nw.col("value").is_finite()).then(nw.lit(1)).otherwise(nw.lit(0))
    mine = facts.filter(nw.col("period").is_in(others)).with_columns(wild=wild)
    found = mine.group_by(*KEY).agg(nw.len().alias("rows"), nw.col("wild").max())
    return on.collected(_distinct(found.filter((nw.col("rows") > 1) | (nw.col("wild") > 0)), *SUSPECT))


def _plans(
    census: Census, calendar: pl.DataFrame, rules: pl.DataFrame
) -> tuple[pl.DataFrame, list[tuple[nw.Expr | None, Shortcuts]]]:
    """Which variables can do without windows, and which cannot; of one fact for a whole cycle the last is the mean."""
    kinds = _kinds(census, calendar)
    parted = calendar.filter(pl.col("expected") > 1)["precedence"].unique()
    seen = [variable for names in kinds.values() for variable in names]
    mixed = pl.col("variable").is_in([name for name in set(seen) if seen.count(name) > 1])
    ends = pl.col("over_time").is_in(_ENDS)
    in_parts = pl.col("variable").is_in([variable for kind in parted for variable in kinds[kind]])
    rules = rules.with_columns(windowed=mixed | (ends & in_parts))
    rules = rules.with_columns(
        over_time=pl.when(ends & ~pl.col("windowed")).then(pl.lit("mean")).otherwise("over_time")
    )
    windowed = rules.filter("windowed")["variable"].to_list()
    positions = int(calendar["expected"].max())  # type: ignore[arg-type]
    plans = []
    # Where there is one plan no row need be asked; where there are two, most rows belong to the first.
    of_windowed = nw.col("variable").is_in(windowed)
    for flag, only in ((False, ~of_windowed if windowed else None), (True, of_windowed)):
        asked = frozenset(rules.filter(pl.col("windowed") == flag)["over_time"])
        shortcuts = Shortcuts(one_kind=not flag, reductions=asked, positions=positions)
        plans += [(only, shortcuts)] if asked else []
    return rules.drop("windowed"), plans


def _kinds(census: Census, calendar: pl.DataFrame) -> dict[int, set[str]]:
    """Which variables have facts for each kind of periods."""
    placed = census.pairs.join(calendar, on="period")
    return {kind: set(names) for kind, names in placed.group_by("precedence").agg("variable").iter_rows()}


def _distinct(rows: nw.LazyFrame[Any], *columns: str) -> nw.LazyFrame[Any]:
    # `unique` numbers all rows on a database.
    return rows.group_by(*columns).agg(nw.len().alias("rows")).select(*columns)


def _room(census: Census, calendar: pl.DataFrame, rows: int | None) -> int | None:
    """How many facts are taken in one go: `rows`, and no more series, which are kept, than an eighth of that."""
    if rows is None:
        return None
    placed = census.pairs.join(calendar, on="period")
    # A series has a fact for each of the periods that make a cycle: of years there are as many series as facts.
    series = float((placed["rows"].cast(pl.Float64) / placed["expected"]).sum())
    return max(round(rows * min(1.0, int(placed["rows"].sum()) / series / 8.0)), 1)


def _portions(frame: nw.LazyFrame[Any], census: Census, rows: int | None) -> Iterator[nw.LazyFrame[Any]]:
    """Some regions at a time, of not more than `rows` facts where regions are small enough."""
    regions = census.counts["region"].drop_nulls().sort("region")
    if rows is None or regions["rows"].sum() <= rows:
        yield frame
        return
    first, last, held = "", "", 0
    for region, count in regions.iter_rows():
        if held and held + count > rows:
            yield _between(frame, first, last)
            held = 0
        first, last, held = (first if held else region), region, held + count
    yield _between(frame, first, last)


def _between(frame: nw.LazyFrame[Any], first: str, last: str) -> nw.LazyFrame[Any]:
    # An engine asks for it where it reads; files are mostly sorted by region, so that it reads only what lies between.
    return frame.filter(nw.col("region") >= first, nw.col("region") <= last)


def _refuse_endless(values: pl.DataFrame, cycles: Cycles) -> None:
    """Raises InputError where finite facts come to more than a number holds."""
    endless = values.filter(~pl.col("value").is_finite()).sort("region", "cycle", "variable")
    for region, variable, cycle in endless.select("region", "variable", "cycle").rows():
        facts = {"region": region, "variable": variable, "period": cycles.name(cycle)}
        raise InputError([Problem("rolled_up_endless", facts=facts)])


def _as_facts(values: pl.DataFrame, definitions: Definitions, source: str) -> pl.DataFrame:
    """The regions' values as facts of the cycles, sorted."""
    calendar = cycles_of(definitions)
    names = {cycle: calendar.name(cycle) for cycle in values["cycle"].unique()}
    flags = [pl.when(pl.col(name)).then(pl.lit(name)) for name in _FLAGS]
    named = values.with_columns(period=pl.col("cycle").replace_strict(names, return_dtype=pl.String))
    return named.sort("region", "cycle", "variable").select(
        "region",
        pl.lit(None, pl.String).alias("site"),
        "period",
        "variable",
        "value",
        pl.lit("reported").alias("status"),
        pl.lit(source).alias("source"),
        pl.concat_str(flags, separator=";", ignore_nulls=True).replace("", None).alias("note"),
    )
