"""Roll-up: facts of sites and periods become one value per region and cycle."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from metrics.definitions import Definitions
from metrics.models import MeanBy, Variable
from metrics.over_sites import SAME, combine, over_sites
from metrics.over_time import WHOLE, Shortcuts, over_time
from metrics.periods import Cycles, parse
from metrics.problems import Problem
from metrics.regions import Regions
from metrics.sums import grid_in

PART_FLAGS = (
    "partial_period",
    "mixed_periods",
    "partial_sites",
    "partial_children",
    "differs_from_parts",
    "zero_division",
)


@dataclass(frozen=True)
class RolledUp:
    """One row per cycle (ordinal), region and raw variable: `value`, and a Boolean column a flag."""

    values: pl.DataFrame
    cycles: tuple[int, ...]


@dataclass(frozen=True)
class Own:
    """What facts come to region by region, over time and sites: `values` has region, variable, cycle (ordinal), value
    and flags; `cycles` and `named` are the cycles and the regions that any of the facts is of."""

    values: pl.DataFrame
    cycles: tuple[int, ...]
    named: tuple[str, ...]

    def of(self, regions: Collection[str]) -> "Own":
        """What the facts of some regions come to."""
        values = self.values.filter(pl.col("region").is_in(list(regions)))
        return Own(values, tuple(values["cycle"].unique().sort()), tuple(set(self.named) & set(regions)))


def own_values(definitions: Definitions, facts: pl.DataFrame) -> Own:
    """Facts (accepted by `facts.judge`) rolled up over time and sites (contract §1, `variables:` of §2)."""
    # All at once, by all cores.
    names = facts.select(pl.col("period", "variable", "region").unique().implode())
    periods, variables, regions = (column.explode() for column in names)
    calendar, rules = calendar_of(periods, cycles_of(definitions)), rules_of(definitions)
    rules = rules.filter(pl.col("variable").is_in(variables.to_list()))
    shortcuts, weighs = _shortcuts(calendar, rules), rules["mean_by"].count() > 0
    given = [nw.from_native(frame.lazy()) for frame in (facts, calendar, rules)]
    series: pl.DataFrame = over_time(*given, grid=grid_in(facts, "value"), shortcuts=shortcuts).to_native().collect()
    of_sites = over_sites(nw.from_native(series.lazy()), given[2], grid=grid_in(series, "value"), weighs=weighs)
    values: pl.DataFrame = of_sites.to_native().collect()
    return Own(values, tuple(calendar["cycle"].unique().sort()), tuple(regions.sort()))


def _shortcuts(calendar: pl.DataFrame, rules: pl.DataFrame) -> Shortcuts:
    """What facts of these periods and variables need not have worked out."""
    kinds = calendar.select("cycle", "precedence").unique()
    asked = frozenset(rules["over_time"]) or WHOLE.reductions
    return Shortcuts(one_kind=kinds["cycle"].is_unique().all(), reductions=asked)


def roll_up(definitions: Definitions, own: Own, *, regions: Regions) -> RolledUp:
    """Regions' own values rolled up over children (contract §1, `variables:` of §2)."""
    rules, cycles = rules_of(definitions), own.cycles
    if rules.is_empty() or not cycles:
        return RolledUp(_grid((), regions, rules).with_columns(_no_flags()), cycles)
    grid = _over_children(_dense(own.values, cycles, regions, rules), regions, cycles_of(definitions))
    return RolledUp(_in_force(grid, definitions, cycles), cycles)


def cycles_of(definitions: Definitions) -> Cycles:
    """The calendar of a definitions file."""
    return Cycles(definitions.cycle, definitions.fiscal_year_starts)


def calendar_of(periods: pl.Series, cycles: Cycles) -> pl.DataFrame:
    """Each period's cycle (ordinal), precedence, position and expected; longer periods than a cycle have no row."""
    names = sorted(periods.drop_nulls())
    found = [(name, cycles.place(parse(name, fiscal_year_starts=cycles.fiscal_year_starts))) for name in names]
    rows = [(name, at.ordinal, at.precedence, at.position, at.expected) for name, at in found if at is not None]
    schema = {"period": pl.String, **dict.fromkeys(("cycle", "precedence", "position", "expected"), pl.Int64)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def too_long(definitions: Definitions, facts: pl.DataFrame, periods: pl.Series) -> tuple[Problem, ...]:
    """A warning where facts, which are of these periods, cover more than a cycle, so that no cycle can use them."""
    lost = set(periods) - set(calendar_of(periods, cycles_of(definitions))["period"])
    if not lost:
        return ()
    unused = facts.filter(pl.col("period").is_in(list(lost)))
    row, period = unused.sort("row").select("row", "period").row(0)
    return (Problem("period_too_long", "period", row, 0, {"count": unused.height, "value": period}),)


def rules_of(definitions: Definitions) -> pl.DataFrame:
    """Each raw variable's rules: variable, over_time, over_sites, mean_by, zero (absent means 0), partial (allowed)."""
    rows = [_rules(code, variable) for code, variable in definitions.variables.items() if variable.formula is None]
    text, yes = pl.String, pl.Boolean
    names = {"variable": text, "over_time": text, "over_sites": text, "mean_by": text, "zero": yes, "partial": yes}
    return pl.DataFrame(rows, schema=names, orient="row")


def _rules(code: str, variable: Variable) -> tuple[Any, ...]:
    weighted = isinstance(variable.over_sites, MeanBy)
    mean_by = variable.over_sites.mean_by if isinstance(variable.over_sites, MeanBy) else None
    over_sites = "mean_by" if weighted else variable.over_sites
    zero, partial = variable.absent == "zero", variable.partial == "allow"
    return code, variable.over_time, over_sites, mean_by, zero, partial


def _dense(own: pl.DataFrame, cycles: Sequence[int], regions: Regions, rules: pl.DataFrame) -> pl.DataFrame:
    """Own values on every cycle × region × variable; absent ones are 0 where the variable says so.

    A parent's value comes from its children, so that what it leaves out is no report of 0.
    """
    grid = _grid(cycles, regions, rules).join(own, on=["region", "variable", "cycle"], how="left")
    flags = [name for name in PART_FLAGS if name in own.columns]
    grid = grid.with_columns(pl.col(flags).fill_null(value=False), *_no_flags(except_for=flags))
    rolled = pl.col("region").is_in(regions.frame["parent"].drop_nulls().to_list()) & (pl.col("over_sites") != "none")
    zero = pl.col("zero") & pl.col("value").is_null() & ~pl.any_horizontal(flags) & ~rolled
    return grid.with_columns(value=pl.when(zero).then(0.0).otherwise(pl.col("value")))


def _grid(cycles: Sequence[int], regions: Regions, rules: pl.DataFrame) -> pl.DataFrame:
    cycle = pl.DataFrame({"cycle": list(cycles)}, schema={"cycle": pl.Int64})
    return cycle.join(regions.frame.select(region="code"), how="cross").join(rules, how="cross")


def _no_flags(*, except_for: Sequence[str] = ()) -> list[pl.Expr]:
    return [pl.lit(False).alias(name) for name in PART_FLAGS if name not in except_for]


def _over_children(grid: pl.DataFrame, regions: Regions, calendar: Cycles) -> pl.DataFrame:
    """Parents' values from those children that exist in the cycle, from the deepest generation upwards."""
    key = ["region", "variable", "cycle"]
    absent = regions.absent(grid["cycle"].unique(), calendar)
    for parents in regions.generations():
        children = (
            grid.join(regions.frame.select(region="code", into="parent"), on="region")
            .filter(pl.col("into").is_in(parents))
            .join(absent, on=["region", "cycle"], how="anti")
        )
        if children.is_empty():
            continue
        parts, into = nw.from_native(children.lazy()), ["into", "variable", "cycle"]
        made = combine(parts, [*key, "into"], into, grid=grid_in(children, "value"))
        rolled = made.to_native().collect().rename({"into": "region"})
        grid = _with_rolled(grid, rolled, key)
    return grid


def _with_rolled(grid: pl.DataFrame, rolled: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    both = grid.join(rolled.with_columns(is_parent=True), on=key, how="left", suffix="_rolled", maintain_order="left")
    parent = pl.col("is_parent").fill_null(value=False)
    own, parts = pl.col("value"), pl.col("value_rolled")
    differs = ((own - parts).abs() > pl.max_horizontal(own.abs(), parts.abs()) * SAME).fill_null(value=False)
    flags = dict.fromkeys(PART_FLAGS, pl.lit(False)) | {
        "partial_children": pl.col("part_missing"),
        "differs_from_parts": differs,
        "zero_division": pl.col("zero_division_rolled"),
    }
    return both.with_columns(
        pl.when(parent).then(parts).otherwise(own).alias("value"),
        *(pl.when(parent).then(flag).otherwise(pl.col(name)).alias(name) for name, flag in flags.items()),
    ).select(grid.columns)


def _in_force(grid: pl.DataFrame, definitions: Definitions, cycles: Sequence[int]) -> pl.DataFrame:
    """The grid with `not_in_force`, and without values where it is true (the cycle's last day decides)."""
    calendar = cycles_of(definitions)
    outside = [
        (code, cycle)
        for code, variable in definitions.variables.items()
        for cycle in cycles
        if variable.valid is not None and not variable.valid.holds(calendar.last(cycle))
    ]
    schema = {"variable": pl.String, "cycle": pl.Int64}
    ended = pl.DataFrame(outside, schema=schema, orient="row").with_columns(not_in_force=True)
    marked = grid.join(ended, on=["variable", "cycle"], how="left", maintain_order="left")
    off = pl.col("not_in_force").fill_null(value=False)
    return marked.with_columns(
        pl.when(~off).then(pl.col("value")).alias("value"), *((pl.col(name) & ~off) for name in PART_FLAGS), off
    )
