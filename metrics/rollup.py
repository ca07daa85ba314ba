"""Roll-up: facts of sites and periods become one value per region and cycle."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from metrics.definitions import Definitions
from metrics.models import MeanBy, Variable
from metrics.periods import Cycles, parse
from metrics.problems import Problem
from metrics.regions import Regions
from metrics.sums import in_parts, sums, total

SERIES = ("region", "site", "variable", "cycle")
PART_FLAGS = (
    "partial_period",
    "mixed_periods",
    "partial_sites",
    "partial_children",
    "differs_from_parts",
    "zero_division",
)
_SAME = 1e-9


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
    calendar, rules = calendar_of(facts["period"].unique(), cycles_of(definitions)), rules_of(definitions)
    sites = over_time(*(nw.from_native(frame.lazy()) for frame in (facts, calendar, rules)))
    values: pl.DataFrame = over_sites(sites, nw.from_native(rules.lazy())).to_native().collect()
    return Own(values, tuple(calendar["cycle"].unique().sort()), tuple(facts["region"].unique().sort()))


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


def too_long(definitions: Definitions, facts: pl.DataFrame) -> tuple[Problem, ...]:
    """A warning where facts cover more than a cycle, so that no cycle can use them."""
    periods = calendar_of(facts["period"].unique(), cycles_of(definitions))["period"]
    unused = facts.filter(~pl.col("period").is_in(periods.to_list()))
    if unused.is_empty():
        return ()
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


@dataclass(frozen=True)
class Shortcuts:
    """What need not be worked out, since it is known of the facts or not asked for, and what is told beside.

    `one_kind`: no series has periods of two kinds in a cycle. `reductions`: those of `over_time` that variables have.
    `exact`: sums are the same to the last digit in any order (`metrics.sums`), and not only nearly. `positions`: the
    most periods that make a cycle, where `suspect` is to tell of a series with two facts for one period, or an
    infinite one.
    """

    one_kind: bool = False
    reductions: frozenset[str] = frozenset(("sum", "mean", "min", "max", "first", "last"))
    exact: bool = True
    positions: int = 0


WHOLE = Shortcuts()
# One number for a cycle and a precedence in it is grouped by faster than two.
_SLOTS = 1_000_000
_PLACE = ("cycle", "precedence", "position", "expected")


def over_time(
    facts: nw.LazyFrame[Any], calendar: nw.LazyFrame[Any], rules: nw.LazyFrame[Any], *, shortcuts: Shortcuts = WHOLE
) -> nw.LazyFrame[Any]:
    """Each series' value in each cycle: region, site, variable, cycle, value, partial_period, mixed_periods.

    Of what is reported, facts that cover the cycle go before longer spans, these before the finest kind of shorter
    periods. With `shortcuts.positions` there is `suspect` too.
    """
    kind = ["region", "site", "variable", "slot"]
    calendar = calendar.with_columns(slot=nw.col("cycle") * _SLOTS + nw.col("precedence"))
    places = calendar.select("slot", "period", *_PLACE, *_bits(shortcuts.positions))
    bits = [f"bits {word}" for word in range(_words(shortcuts.positions))]
    placed = facts.select("region", "site", "period", "variable", "value").join(
        places.select("period", "slot", "position", *bits), on="period"
    )
    placed = _with_ends(placed, kind) if shortcuts.reductions & {"first", "last"} else placed
    parts = in_parts(placed, ["value"], kind) if shortcuts.exact else placed
    reductions = [made for name, made in _reductions().items() if name in shortcuts.reductions]
    grouped = parts.group_by(kind).agg(
        *([nw.len().alias("rows")] if shortcuts.positions else []),
        nw.col("value").count().alias("count"),
        *sums("value", exact=shortcuts.exact),
        *(made for each in reductions for made in each),
        *(nw.col(name).sum() for name in bits),
    )
    slots = places.group_by("slot").agg(
        *(nw.col(name).max() for name in ("cycle", "precedence", "expected")),
        nw.len().alias("periods"),
        *(nw.col(name).sum().alias(f"all {name}") for name in bits),
    )
    grouped = grouped.with_columns(sum=total("value", exact=shortcuts.exact)).join(slots, on="slot")
    told = grouped.with_columns(suspect=_suspect(shortcuts.positions)) if shortcuts.positions else grouped
    chosen = told.with_columns(mixed_periods=nw.lit(False)) if shortcuts.one_kind else _first_kind(told, shortcuts)
    return _time_value(chosen.join(rules, on="variable"), shortcuts)


def _with_ends(placed: nw.LazyFrame[Any], kind: Sequence[str]) -> nw.LazyFrame[Any]:
    """The facts with `starts` and `ends`: the first and last position that is reported in the series' cycle."""
    at = nw.when(~nw.col("value").is_null()).then(nw.col("position"))
    return placed.with_columns(at=at).with_columns(
        starts=nw.col("at").min().over([*kind]), ends=nw.col("at").max().over([*kind])
    )


def _reductions() -> dict[str, list[nw.Expr]]:
    """What a series' facts of one kind come to, beside their count and sum."""
    value, at = nw.col("value"), nw.col("at")
    return {
        "min": [value.min().alias("min")],
        "max": [value.max().alias("max")],
        "first": [nw.when(at == nw.col("starts")).then(value).max().alias("first"), nw.col("starts").max()],
        "last": [nw.when(at == nw.col("ends")).then(value).max().alias("last"), nw.col("ends").max()],
    }


def _first_kind(grouped: nw.LazyFrame[Any], shortcuts: Shortcuts) -> nw.LazyFrame[Any]:
    """Of each series in each cycle the kind of periods that counts, and whether others are reported beside it."""
    series = [*SERIES]
    # An empty cell is not reported: it neither goes before what is, nor stands beside it.
    known = nw.when(nw.col("count") > 0).then(nw.col("precedence"))
    ranked = grouped.with_columns(known=known).with_columns(
        best=nw.col("known").min().over(series),
        worst=nw.col("known").max().over(series),
        any=nw.col("precedence").min().over(series),
    )
    if shortcuts.positions:
        ranked = ranked.with_columns(suspect=nw.col("suspect").max().over(series))
    best = ranked.filter(nw.col("precedence") == nw.coalesce("best", "any"))
    return best.with_columns(mixed_periods=(nw.col("worst") != nw.col("best")).fill_null(value=False))


# A double holds sums of so many different powers of two.
_WORD = 50


def _words(positions: int) -> int:
    return -(-positions // _WORD)


def _bits(positions: int) -> list[nw.Expr]:
    """A power of two for each position, in as many columns as are needed."""
    position = nw.col("position")
    return [
        nw.when((position >= word * _WORD) & (position < (word + 1) * _WORD))
        .then(nw.lit(2.0) ** (position - word * _WORD))
        .otherwise(nw.lit(0.0))
        .alias(f"bits {word}")
        for word in range(_words(positions))
    ]


def _suspect(positions: int) -> nw.Expr:
    """Whether the values have no finite sum, or some of the positions are the same.

    Powers of two are all different exactly where their sum n has as many binary ones as there are powers: these are
    n - [n/2] - [n/4] - … (Legendre). Where n outgrows the word more are counted, still fewer than there are powers.
    """
    ones: nw.Expr = nw.lit(0.0)
    # Most series have every period that anybody reports, and once.
    whole = nw.col("rows") == nw.col("periods")
    for word in range(_words(positions)):
        bits = nw.col(f"bits {word}")
        ones, whole = ones + bits, whole & (bits == nw.col(f"all bits {word}"))
        for place in range(1, min(positions - word * _WORD, _WORD) + 1):
            ones = ones - (bits * 0.5**place).floor()
    twice = nw.when(whole).then(nw.lit(False)).otherwise(ones < nw.col("rows"))
    return twice | ~nw.col("sum").is_finite()


def _time_value(grouped: nw.LazyFrame[Any], shortcuts: Shortcuts) -> nw.LazyFrame[Any]:
    """What the rules make of a series; where what is absent means 0, a fact that is empty or not there is a 0."""
    zero, count, expected = nw.col("zero"), nw.col("count"), nw.col("expected")
    short, zeros = count < expected, nw.lit(0.0)
    mean = nw.when(count > 0).then(nw.col("sum") / nw.when(count > 0).then(count))
    reduced = {
        "sum": nw.when(zero | ((count > 0) & (~short | nw.col("partial")))).then(nw.col("sum")),
        "mean": nw.when(zero).then(nw.col("sum") / expected).otherwise(mean),
        "min": nw.when(zero & short).then(nw.min_horizontal("min", zeros)).otherwise(nw.col("min")),
        "max": nw.when(zero & short).then(nw.max_horizontal("max", zeros)).otherwise(nw.col("max")),
        "first": nw.when(zero & (nw.col("starts").fill_null(1) > 0)).then(zeros).otherwise(nw.col("first")),
        "last": nw.when(zero & (nw.col("ends").fill_null(-1) < expected - 1)).then(zeros).otherwise(nw.col("last")),
    }
    refused = (nw.col("over_time") == "sum") & (count > 0) & short & ~nw.col("partial") & ~zero
    chosen = _by_name("over_time", {name: made for name, made in reduced.items() if name in shortcuts.reductions})
    suspect = ["suspect"] if shortcuts.positions else []
    return grouped.select(
        *SERIES, chosen.alias("value"), refused.alias("partial_period"), nw.col("mixed_periods"), *suspect
    )


def _by_name(column: str, choices: dict[str, nw.Expr]) -> nw.Expr:
    """The choice that a column names; nothing where it names none."""
    (name, first), *others = choices.items()
    chosen: nw.Expr = nw.when(nw.col(column) == name).then(first)
    for name, choice in others:
        chosen = nw.when(nw.col(column) == name).then(choice).otherwise(chosen)
    return chosen


def over_sites(series: nw.LazyFrame[Any], rules: nw.LazyFrame[Any], *, exact: bool = True) -> nw.LazyFrame[Any]:
    """Each region's own value: sites combined where there are any, else what the region reports itself.

    Columns: region, variable, cycle, value, and the flags; region and sites that disagree are `differs_from_parts`.
    `exact` as in `Shortcuts`.
    """
    key = ["region", "variable", "cycle"]
    of_site = ~nw.col("site").is_null()
    region = series.filter(~of_site).select(
        *key, nw.col("value").alias("own"), nw.col("partial_period"), nw.col("mixed_periods")
    )
    parts = series.filter(of_site).join(rules, on="variable")
    sites = combine(_weighted(parts, [*SERIES]), key, extra=("partial_period", "mixed_periods"), exact=exact)
    both = region.join(sites, on=key, how="full", suffix="_sites")
    has_sites = ~nw.col("part_missing").is_null()
    value = nw.col("value")
    either = {
        name: nw.when(has_sites).then(nw.col(f"{name}_sites")).otherwise(nw.col(name))
        for name in ("partial_period", "mixed_periods")
    }
    return both.select(
        *(nw.coalesce(name, f"{name}_sites").alias(name) for name in key),
        nw.when(has_sites).then(value).otherwise(nw.col("own")).alias("value"),
        *(flag.alias(name) for name, flag in either.items()),
        nw.when(has_sites).then(nw.col("part_missing")).otherwise(nw.lit(False)).alias("partial_sites"),
        nw.when(has_sites).then(_differs(nw.col("own"), value)).otherwise(nw.lit(False)).alias("differs_from_parts"),
        nw.when(has_sites).then(nw.col("zero_division")).otherwise(nw.lit(False)).alias("zero_division"),
    )


def _differs(own: nw.Expr, parts: nw.Expr) -> nw.Expr:
    larger = nw.max_horizontal(own.abs(), parts.abs())
    return ((own - parts).abs() > larger * _SAME).fill_null(value=False)


def _weighted(parts: nw.LazyFrame[Any], key: Sequence[str]) -> nw.LazyFrame[Any]:
    """The parts that are combined, with the `weight` that `{mean_by: variable}` names: its value there and then.

    A weight need not be combined itself (`over_sites: none`).
    """
    on = [name for name in key if name != "variable"]
    weighted = parts.filter(nw.col("over_sites") == "mean_by")
    weights = parts.select(*on, nw.col("variable").alias("mean_by"), nw.col("value").alias("weight"))
    # Only what is weighed looks for its weight, and only among weights.
    asked = weighted.group_by("mean_by").agg(nw.len().alias("rows"))
    weights = weights.join(asked, on="mean_by", how="semi")
    others = parts.filter((nw.col("over_sites") != "none") & (nw.col("over_sites") != "mean_by"))
    others = others.with_columns(weight=nw.when(nw.lit(False)).then(nw.col("value")))
    found = weighted.join(weights, on=[*on, "mean_by"], how="left")
    columns = others.collect_schema().names()
    return nw.concat([others.select(columns), found.select(columns)], how="vertical")


def combine(
    parts: nw.LazyFrame[Any], key: Sequence[str], *, extra: Sequence[str] = (), exact: bool = True
) -> nw.LazyFrame[Any]:
    """Parts (sites, or children) combined by each variable's `over_sites`.

    `parts`: key columns, value (0 already where absent means that), weight, over_sites, partial. Gives key, value,
    `part_missing` (a part without a value where that is refused), `zero_division` (weights that sum to 0) and the
    Boolean columns `extra`, any of them. `exact` as in `Shortcuts`.
    """
    by_weight = nw.col("over_sites") == "mean_by"
    usable = parts.with_columns(value=nw.when(~by_weight | ~nw.col("weight").is_null()).then(nw.col("value")))
    weight = nw.when(~nw.col("value").is_null()).then(nw.col("weight"))
    weighed = usable.with_columns(weight=weight, product=nw.col("value") * weight)
    terms = ("value", "weight", "product")
    grouped = (
        (in_parts(weighed, terms, key) if exact else weighed)
        .group_by([*key])
        .agg(
            nw.col("over_sites").any_value(),
            nw.col("partial").any_value(),
            nw.len().alias("parts"),
            nw.col("value").count().alias("count"),
            *(part for name in terms for part in sums(name, exact=exact)),
            nw.col("value").min().alias("min"),
            nw.col("value").max().alias("max"),
            *(nw.col(name).max() for name in extra),
        )
        .with_columns(**{name: total(term, exact=exact) for name, term in zip(_TOTALS, terms, strict=True)})
    )
    count = nw.col("count")
    grouped = grouped.with_columns(mean=nw.when(count > 0).then(nw.col("sum") / nw.when(count > 0).then(count)))
    missing = nw.col("count") < nw.col("parts")
    complete = (nw.col("count") > 0) & (~missing | nw.col("partial"))
    no_weight = complete & (nw.col("over_sites") == "mean_by") & (nw.col("weights") == 0.0)
    reduced: dict[str, nw.Expr] = {name: nw.when(complete).then(nw.col(name)) for name in ("sum", "mean", "min", "max")}
    reduced["mean_by"] = nw.when(complete & ~no_weight).then(
        nw.col("products") / nw.when(nw.col("weights") != 0.0).then(nw.col("weights"))
    )
    return grouped.select(
        *key,
        _by_name("over_sites", reduced).alias("value"),
        (missing & ~nw.col("partial")).alias("part_missing"),
        no_weight.alias("zero_division"),
        *extra,
    )


_TOTALS = ("sum", "weights", "products")


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
        weighted = _weighted(nw.from_native(children.lazy()), [*key, "into"])
        rolled = combine(weighted, ["into", "variable", "cycle"]).to_native().collect().rename({"into": "region"})
        grid = _with_rolled(grid, rolled, key)
    return grid


def _with_rolled(grid: pl.DataFrame, rolled: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    both = grid.join(rolled.with_columns(is_parent=True), on=key, how="left", suffix="_rolled", maintain_order="left")
    parent = pl.col("is_parent").fill_null(value=False)
    own, parts = pl.col("value"), pl.col("value_rolled")
    differs = ((own - parts).abs() > pl.max_horizontal(own.abs(), parts.abs()) * _SAME).fill_null(value=False)
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
